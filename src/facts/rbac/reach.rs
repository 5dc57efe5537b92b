//! What a service account reaches: through bindings that name it, and through its groups.

use std::sync::Arc;

use super::grants::Power;
use super::index::{Binding, Index, Role, Subject};
use super::lists::{Held, Profile};
use super::{Rbac, names_cluster_admin, texts};
use crate::facts::kind::{CLUSTER_ROLE_BINDING, ROLE_BINDING};
use crate::facts::unknown::{Answer, Draft, Fact, Reads, exists};
use crate::model::node::Node;
use crate::model::read::Missing;

/// Where rights over the cluster's own workloads are rights over the cluster.
const SYSTEM: &str = "kube-system";

/// The groups that all service accounts are in.
const ALL_ACCOUNTS: [&str; 2] = ["system:authenticated", "system:serviceaccounts"];

/// What is said of powers, in their order.
pub(crate) fn reasons(powers: &[Power]) -> Vec<&'static str> {
    powers.iter().map(|power| power.reason()).collect()
}

/// A fact about a subject, but for the rules that it holds, which it shares with others.
#[derive(Debug)]
pub(super) struct Told {
    draft: Draft,
    rules: Answer<Arc<Profile>>,
}

/// What comes with a group for everybody in it.
#[derive(Debug)]
pub(super) struct OfGroup {
    admin: Seen,
    ways: Ways,
    held: Held,
}

impl Rbac {
    /// `facts.rbac` of a service account. `grants` and `bindings` are about bindings that name it;
    /// `clusterAdmin`, `takeover` and `rules` are effective and count its groups.
    pub(super) fn account_told(&self, reads: &Reads, account: &Subject) -> Told {
        let index = &self.index;
        let own = index.places_of(account);
        let groups = self.groups(reads, account);
        let mut draft = Draft::default();
        let granting = granting(index, reads, own);
        draft.put("grants", granting.as_ref().map(|list| !list.is_empty()).map_err(Clone::clone));
        draft.put("clusterAdmin", cluster_admin(reads, &Seen::by(index, reads, own), &groups));
        draft.put("takeover", takeover(reads, &Ways::by(index, reads, own), &groups));
        draft.put("bindings", granting.map(|list| texts(&list)));
        let held = Held::by(index, reads, own);
        let rules = everywhere(reads)
            .and_then(|()| Held::whole([&held].into_iter().chain(groups.iter().map(|g| &g.held))));
        let home = match (account, groups.last()) {
            (Subject::Account { namespace, .. }, Some(last)) if !last.held.is_empty() => namespace,
            _ => "",
        };
        let rules = rules.map(|()| self.lists.known(held.profile(Some(home))));
        Told { draft, rules }
    }

    /// What a subject holds by bindings that name it: `rules`, each with where it holds. Rights that come
    /// with a group do not count for its members, who would all be named for one binding.
    pub(super) fn holder_told(&self, reads: &Reads, subject: &Subject) -> Told {
        let held = Held::by(&self.index, reads, self.index.places_of(subject));
        let rules = everywhere(reads).and_then(|()| Held::whole([&held]));
        let rules = rules.map(|()| self.lists.known(held.profile(None)));
        Told { draft: Draft::default(), rules }
    }

    /// What is told of a subject with the rules that it holds.
    pub(super) fn with_rules(&self, reads: &Reads, subject: &Subject, told: &Told) -> Fact {
        let mut draft = told.draft.clone();
        let list = |profile| self.lists.list(profile, || self.entries(reads, subject, profile));
        draft.put("rules", told.rules.as_ref().map(list).map_err(Clone::clone));
        draft.finish()
    }

    fn entries(&self, reads: &Reads, subject: &Subject, profile: &Profile) -> Vec<Node> {
        let own = Held::by(&self.index, reads, self.index.places_of(subject));
        let mut entries: Vec<Node> = own.entries(&self.index).collect();
        if profile.has_groups() {
            for group in self.groups(reads, subject) {
                entries.extend(group.held.entries(&self.index));
            }
        }
        entries
    }

    /// What comes with the groups of an account; that of its namespace is the last.
    fn groups(&self, reads: &Reads, account: &Subject) -> Vec<Arc<OfGroup>> {
        let Subject::Account { namespace, .. } = account else { return Vec::new() };
        let home = format!("system:serviceaccounts:{namespace}");
        let names = ALL_ACCOUNTS.into_iter().chain([&*home]);
        names.map(|name| self.group(reads, &Subject::Group(name.into()))).collect()
    }

    fn group(&self, reads: &Reads, group: &Subject) -> Arc<OfGroup> {
        let index = &self.index;
        super::remembered(&self.groups, group, || {
            let bindings = index.places_of(group);
            OfGroup {
                admin: Seen::by(index, reads, bindings),
                ways: Ways::by(index, reads, bindings),
                held: Held::by(index, reads, bindings),
            }
        })
    }

    /// Whether an account could take over the cluster, as far as that is known.
    pub(super) fn takes_over(&self, reads: &Reads, account: &Subject) -> Answer<bool> {
        let own = Ways::by(&self.index, reads, self.index.places_of(account));
        takeover(reads, &own, &self.groups(reads, account)).map(|ways| !ways.is_empty())
    }
}

pub(super) fn everywhere(reads: &Reads) -> Answer<()> {
    reads.lists([&*CLUSTER_ROLE_BINDING, &*ROLE_BINDING], None)
}

/// The bindings among these whose role exists and allows something; empty only when proven.
fn granting<'a>(index: &'a Index, reads: &Reads, bindings: &[usize]) -> Answer<Vec<&'a Binding>> {
    let mut unread = None;
    let mut found = Vec::new();
    for binding in bindings.iter().filter_map(|at| index.bindings.get(*at)) {
        match index.role_of(reads, binding) {
            Ok(Some(role)) if !role.rules().is_empty() => found.push(binding),
            Ok(role) => unread = unread.or_else(|| role?.whole(reads).err()),
            Err(missing) => unread = unread.or(Some(missing)),
        }
    }
    if found.is_empty() {
        unread.map_or(Ok(()), Err)?;
        everywhere(reads)?;
    }
    Ok(found)
}

/// Whether some bindings make a subject an administrator.
#[derive(Debug, Default)]
struct Seen {
    admin: bool,
    /// Why there may be more to it.
    unread: Option<Missing>,
}

impl Seen {
    fn by(index: &Index, reads: &Reads, bindings: &[usize]) -> Self {
        let mut seen = Self::default();
        let bindings = bindings.iter().filter_map(|at| index.bindings.get(*at));
        for binding in bindings.filter(|binding| binding.is_cluster_wide()) {
            match index.role_of(reads, binding) {
                _ if names_cluster_admin(binding) => seen.admin = true,
                Ok(role) => {
                    let held = role.map(Role::powers).unwrap_or_default();
                    seen.admin |= held.contains(&Power::All);
                    let unread = || role?.whole(reads).err();
                    seen.unread = seen.unread.or_else(unread);
                }
                Err(missing) => seen.unread = seen.unread.or(Some(missing)),
            }
        }
        seen
    }
}

fn cluster_admin(reads: &Reads, own: &Seen, groups: &[Arc<OfGroup>]) -> Answer<bool> {
    let all = || [own].into_iter().chain(groups.iter().map(|group| &group.admin));
    exists(all().any(|seen| seen.admin), || {
        all().find_map(|seen| seen.unread.clone()).map_or(Ok(()), Err)?;
        reads.list(&CLUSTER_ROLE_BINDING, None)
    })
}

/// Ways to the whole cluster, through rules that hold cluster-wide or in kube-system.
#[derive(Debug, Default)]
struct Ways {
    /// Each once; true where it holds in kube-system alone.
    found: Vec<(Power, bool)>,
    /// Why there may be more of them.
    unread: Option<Missing>,
}

impl Ways {
    fn by(index: &Index, reads: &Reads, bindings: &[usize]) -> Self {
        let mut ways = Self::default();
        let bindings = bindings.iter().filter_map(|at| index.bindings.get(*at));
        let bearing = bindings.filter(|b| b.is_cluster_wide() || b.object.namespace() == SYSTEM);
        for binding in bearing {
            match index.role_of(reads, binding) {
                Ok(role) => {
                    let held = role.map(Role::powers).unwrap_or_default();
                    ways.add(held.iter().map(|power| (*power, !binding.is_cluster_wide())));
                    let unread = || role?.whole(reads).err();
                    ways.unread = ways.unread.or_else(unread);
                }
                Err(missing) => ways.unread = ways.unread.or(Some(missing)),
            }
        }
        ways
    }

    fn add(&mut self, found: impl Iterator<Item = (Power, bool)>) {
        for way in found {
            if let Err(at) = self.found.binary_search(&way) {
                self.found.insert(at, way);
            }
        }
    }
}

/// The ways that are open to an account. What is seen is listed; an empty list needs the reads that
/// prove it.
fn takeover(reads: &Reads, own: &Ways, groups: &[Arc<OfGroup>]) -> Answer<Vec<String>> {
    let all = || [own].into_iter().chain(groups.iter().map(|group| &group.ways));
    let mut found = Ways::default();
    all().for_each(|ways| found.add(ways.found.iter().copied()));
    let mut found = found.found;
    if found.is_empty() {
        all().find_map(|ways| ways.unread.clone()).map_or(Ok(()), Err)?;
        reads.list(&CLUSTER_ROLE_BINDING, None)?;
        reads.list(&ROLE_BINDING, Some(SYSTEM))?;
    }
    // Cluster-wide comes first and says more than the same power in kube-system alone.
    found.dedup_by_key(|(power, _)| *power);
    Ok(found
        .into_iter()
        .map(|(power, in_system)| {
            let place = if in_system { " in kube-system" } else { "" };
            format!("{}{place}", power.reason())
        })
        .collect())
}
