//! The rules that subjects hold, as lists. Whoever holds the same has the same list: of thousands of
//! subjects, most are bound in one of a few ways.

use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::index::{Index, Place, Role};
use crate::facts::unknown::{Answer, Reads, open_question};
use crate::model::node::Node;
use crate::model::read::Missing;

/// Most effective rules that are listed for one subject.
const MAX_RULES: usize = 5_000;

/// Most entries of lists that are kept for whoever asks next: about 60 MB. Where many subjects are bound
/// each in a way of its own, lists are made again rather than all held at once.
const MAX_KEPT: usize = 500_000;

/// The rules that come with some bindings, role by role.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Held {
    /// Which role by its place in the index, and where it holds. Those without rules are left out.
    parts: Vec<(usize, Place)>,
    /// How many rules the parts have.
    rules: usize,
    /// Why it is not known what follows these.
    open: Option<Missing>,
}

impl Held {
    /// What bindings give, by where they stand. It ends where more is held than is listed.
    pub(super) fn by(index: &Index, reads: &Reads, bindings: &[usize]) -> Self {
        let mut held = Self::default();
        for at in bindings {
            let (Some(binding), Some(place)) =
                (index.bindings.get(*at), index.place_of_binding(*at))
            else {
                continue;
            };
            let found = index.role_place(reads, binding).and_then(|at| {
                let role = at.and_then(|at| index.roles.get(at));
                role.map_or(Ok(()), |role| role.whole(reads))?;
                Ok(at.zip(role))
            });
            match found {
                Ok(Some((at, role))) if !role.rules().is_empty() => {
                    held.rules += role.rules().len();
                    held.parts.push((at, Arc::clone(place)));
                }
                Ok(_) => {}
                Err(missing) => held.open = Some(missing),
            }
            if held.open.is_some() || held.rules > MAX_RULES {
                break;
            }
        }
        held
    }

    /// Whether all that is held by these together is known, and can be listed.
    pub(super) fn whole<'h>(all: impl IntoIterator<Item = &'h Self>) -> Answer<()> {
        let mut rules = 0;
        for held in all {
            rules += held.rules;
            if rules > MAX_RULES {
                let reason = format!("the account holds more than {MAX_RULES} rules");
                return Err(open_question("rules", None, reason));
            }
            if let Some(missing) = &held.open {
                return Err(missing.clone());
            }
        }
        Ok(())
    }

    /// Each rule with where it holds.
    pub(super) fn entries<'h>(&'h self, index: &'h Index) -> impl Iterator<Item = Node> + 'h {
        self.parts.iter().flat_map(|(at, place)| {
            let rules = index.roles.get(*at).map(Role::rules).unwrap_or_default();
            let scope = Node::str(place);
            rules
                .iter()
                .map(move |rule| Node::map([("scope", scope.clone()), ("rule", rule.clone())]))
        })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.parts.is_empty()
    }

    /// What a list is known by that has these and, for accounts, what comes with their groups: those that
    /// all accounts are in, and that of the namespace if one is named.
    pub(super) fn profile(&self, groups: Option<&str>) -> Profile {
        Profile { own: self.parts.as_slice().into(), groups: groups.map(Into::into) }
    }
}

/// What a subject holds.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Profile {
    own: Box<[(usize, Place)]>,
    groups: Option<Box<str>>,
}

impl Profile {
    /// Whether what comes with groups is part of it.
    pub(super) fn has_groups(&self) -> bool {
        self.groups.is_some()
    }
}

/// The lists of those who hold the same.
#[derive(Debug, Default)]
pub(super) struct Lists(RwLock<Made>);

#[derive(Debug, Default)]
struct Made {
    profiles: FxHashSet<Arc<Profile>>,
    /// By where the profile lies, which is kept with it.
    lists: FxHashMap<usize, (Arc<Profile>, Node)>,
    /// How many entries all of them have.
    entries: usize,
}

impl Lists {
    /// A profile as it is known here already.
    pub(super) fn known(&self, profile: Profile) -> Arc<Profile> {
        // A poisoned lock only means that another thread died; entries are written whole.
        let mut made = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = made.profiles.get(&profile) {
            return Arc::clone(known);
        }
        let profile = Arc::new(profile);
        made.profiles.insert(Arc::clone(&profile));
        profile
    }

    /// The list of a profile, made if it is not kept.
    pub(super) fn list(&self, profile: &Arc<Profile>, make: impl FnOnce() -> Vec<Node>) -> Node {
        let at = Arc::as_ptr(profile).addr();
        let made = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, list)) = made.lists.get(&at) {
            return list.clone();
        }
        drop(made);
        let entries = make();
        let count = entries.len();
        let mut made = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if made.entries + count > MAX_KEPT {
            made.lists.clear();
            made.entries = 0;
        }
        let (_, list) =
            made.lists.entry(at).or_insert_with(|| (Arc::clone(profile), Node::list(entries)));
        let list = list.clone();
        made.entries += count;
        list
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_made_again_rather_than_held_without_end() {
        let lists = Lists::default();
        let profile =
            |name: &str| lists.known(Profile { own: Box::default(), groups: Some(name.into()) });
        let (one, other) = (profile("one"), profile("other"));
        assert!(Arc::ptr_eq(&one, &profile("one")));
        let made = std::cell::Cell::new(0);
        let get = |profile: &Arc<Profile>, count: usize| {
            lists.list(profile, || {
                made.set(made.get() + 1);
                vec![Node::Null; count]
            })
        };
        get(&one, MAX_KEPT - 1);
        get(&one, MAX_KEPT - 1);
        assert_eq!(made.get(), 1, "kept");
        get(&other, 2);
        get(&other, 2);
        assert_eq!(made.get(), 2, "there is room for it once the first is gone");
        assert_eq!(get(&one, 3).as_list().unwrap().len(), 3, "made anew");
    }
}
