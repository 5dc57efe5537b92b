//! What differs between two inventories of one source.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::inventory::Inventory;
use super::kinds::Kind;
use super::object::Object;

/// One object before and after: came, went, or became another.
pub type ObjectPair = (Option<Arc<Object>>, Option<Arc<Object>>);

/// The namespace that an object is or lives in; empty for the others.
#[must_use]
pub fn home(object: &Object) -> &str {
    let id = &object.id;
    if &*id.kind == "Namespace" && &*id.api_version == "v1" { &id.name } else { object.namespace() }
}

/// What came of the objects of one kind.
#[derive(Clone, Debug, Default)]
pub struct KindChanges {
    /// Objects that are not the same allocation before and after.
    pub pairs: Vec<ObjectPair>,
    /// The namespaces that these are or live in; the empty one for those of the cluster.
    pub homes: BTreeSet<Box<str>>,
}

/// What differs between two inventories, kind by kind. Objects are told apart by their allocation:
/// whoever reads a cluster keeps those of which nothing changed.
#[derive(Clone, Debug, Default)]
pub struct Changes {
    kinds: BTreeMap<Kind, KindChanges>,
    /// Whether a namespace is in use that was not, or no longer.
    places: bool,
}

impl KindChanges {
    fn add(&mut self, pair: ObjectPair) {
        for object in [&pair.0, &pair.1].into_iter().flatten() {
            if !self.homes.contains(home(object)) {
                self.homes.insert(home(object).into());
            }
        }
        self.pairs.push(pair);
    }

    /// Whether any object came or went.
    #[must_use]
    pub fn in_number(&self) -> bool {
        self.pairs.iter().any(|(one, other)| one.is_none() || other.is_none())
    }
}

impl Changes {
    /// What came of the objects of `before`.
    #[must_use]
    pub fn between(before: &Inventory, after: &Inventory) -> Self {
        let mut changes = Self::default();
        let kinds: BTreeSet<&Kind> = before.kinds().chain(after.kinds()).collect();
        for kind in kinds {
            let of_kind = differing(before.of(kind), after.of(kind));
            if !of_kind.pairs.is_empty() {
                changes.kinds.insert(kind.clone(), of_kind);
            }
        }
        let moved = changes.kinds.iter().any(|(kind, of_kind)| {
            let here =
                |inventory: &Inventory, ns: &str| !inventory.in_namespace(kind, ns).is_empty();
            of_kind.homes.iter().any(|ns| here(before, ns) != here(after, ns))
        });
        changes.places = moved && before.namespaces() != after.namespaces();
        changes
    }

    /// The changes without those that are none to somebody who does not look at all of an object.
    #[must_use]
    pub fn but_for(&self, same: impl Fn(Option<&Object>, Option<&Object>) -> bool) -> Self {
        let mut rest = Self { kinds: BTreeMap::new(), places: self.places };
        for (kind, of_kind) in &self.kinds {
            let mut left = KindChanges::default();
            for pair in &of_kind.pairs {
                if !same(pair.0.as_deref(), pair.1.as_deref()) {
                    left.add(pair.clone());
                }
            }
            if !left.pairs.is_empty() {
                rest.kinds.insert(kind.clone(), left);
            }
        }
        rest
    }

    /// Whether anything of these kinds came or went.
    pub fn in_number<'k>(&self, kinds: impl IntoIterator<Item = &'k Kind>) -> bool {
        kinds.into_iter().filter_map(|kind| self.of(kind)).any(KindChanges::in_number)
    }

    /// Whether nothing changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kinds.is_empty()
    }

    /// What came of the objects of a kind; none if nothing did.
    #[must_use]
    pub fn of(&self, kind: &Kind) -> Option<&KindChanges> {
        self.kinds.get(kind)
    }

    /// The kinds of which something changed.
    pub fn kinds(&self) -> impl Iterator<Item = (&Kind, &KindChanges)> {
        self.kinds.iter()
    }

    /// Whether anything of these kinds changed.
    pub fn touches<'k>(&self, kinds: impl IntoIterator<Item = &'k Kind>) -> bool {
        kinds.into_iter().any(|kind| self.kinds.contains_key(kind))
    }

    /// Whether a namespace is in use that was not, or no longer.
    #[must_use]
    pub fn places(&self) -> bool {
        self.places
    }

    /// How many objects differ.
    #[must_use]
    pub fn len(&self) -> usize {
        self.kinds.values().map(|of_kind| of_kind.pairs.len()).sum()
    }
}

/// Two lists in the same order, walked side by side.
fn differing(before: &[Arc<Object>], after: &[Arc<Object>]) -> KindChanges {
    let mut found = KindChanges::default();
    if std::ptr::eq(before, after) {
        return found;
    }
    let (mut old, mut new) = (before.iter().peekable(), after.iter().peekable());
    loop {
        // Most are the same, which is told without looking at them.
        while let (Some(one), Some(other)) = (old.peek(), new.peek())
            && Arc::ptr_eq(one, other)
        {
            old.next();
            new.next();
        }
        let order = match (old.peek(), new.peek()) {
            (None, None) => return found,
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (Some(one), Some(other)) => {
                let place = (one.namespace(), &*one.id.name);
                place.cmp(&(other.namespace(), &*other.id.name))
            }
        };
        let pair = match order {
            std::cmp::Ordering::Less => (old.next().cloned(), None),
            std::cmp::Ordering::Greater => (None, new.next().cloned()),
            std::cmp::Ordering::Equal => (old.next().cloned(), new.next().cloned()),
        };
        found.add(pair);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::inventory::SourceInfo;
    use crate::model::node::Node;
    use serde_json::json;

    fn object(kind: &str, namespace: &str, name: &str, note: &str) -> Arc<Object> {
        let body = json!({"apiVersion": "v1", "kind": kind,
            "metadata": {"name": name, "namespace": namespace, "labels": {"note": note}}});
        Arc::new(Object::new(Node::from(&body)).unwrap())
    }

    fn inventory(objects: Vec<Arc<Object>>) -> Inventory {
        Inventory::new(SourceInfo::default(), objects, Vec::new())
    }

    #[test]
    fn what_came_went_and_changed_is_found_and_nothing_else() {
        let stays = object("Pod", "a", "stays", "");
        let before = inventory(vec![
            Arc::clone(&stays),
            object("Pod", "a", "goes", ""),
            object("Pod", "b", "changes", "1"),
            object("Secret", "a", "s", ""),
        ]);
        let secret = Arc::clone(&before.of(&Kind::new("", "Secret"))[0]);
        let after = inventory(vec![
            stays,
            object("Pod", "b", "changes", "2"),
            object("Pod", "c", "comes", ""),
            secret,
        ]);
        let changes = Changes::between(&before, &after);
        assert_eq!(changes.len(), 3);
        let pods = changes.of(&Kind::new("", "Pod")).unwrap();
        assert_eq!(pods.homes.iter().map(|ns| &**ns).collect::<Vec<_>>(), ["a", "b", "c"]);
        let sides = pods.pairs.iter().map(|(old, new)| (old.is_some(), new.is_some()));
        assert_eq!(sides.collect::<Vec<_>>(), [(true, false), (true, true), (false, true)]);
        assert!(changes.of(&Kind::new("", "Secret")).is_none());
        assert!(changes.places(), "namespace c was not in use");
        assert!(Changes::between(&after, &after.clone()).is_empty());
    }

    #[test]
    fn what_is_the_same_to_somebody_is_left_out() {
        let before = inventory(vec![
            object("Pod", "a", "goes", ""),
            object("Pod", "b", "changes", "1"),
            object("Secret", "a", "s", "1"),
        ]);
        let after =
            inventory(vec![object("Pod", "b", "changes", "2"), object("Secret", "a", "s", "2")]);
        let changes = Changes::between(&before, &after);
        let rest = changes.but_for(|one, other| one.map(|o| &o.id) == other.map(|o| &o.id));
        let pod = Kind::new("", "Pod");
        assert_eq!((rest.len(), rest.kinds().count()), (1, 1));
        assert!(rest.of(&pod).unwrap().homes.contains("a"));
        assert!(!rest.of(&pod).unwrap().homes.contains("b"));
        assert!(changes.in_number([&pod]) && !changes.in_number([&Kind::new("", "Secret")]));
        assert_eq!(changes.but_for(|_, _| false).len(), 3);
    }

    #[test]
    fn a_namespace_is_its_own_home() {
        let namespace = object("Namespace", "", "team", "");
        assert_eq!(home(&namespace), "team");
        let changes = Changes::between(&inventory(Vec::new()), &inventory(vec![namespace]));
        let homes = &changes.of(&Kind::new("", "Namespace")).unwrap().homes;
        assert!(homes.contains("team"));
    }
}
