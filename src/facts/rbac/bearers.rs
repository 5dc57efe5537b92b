//! Who is bound to a role, by its own bindings and those of the roles that it is aggregated into. Roles
//! that flow into the same ones and are bound by nothing else have one answer.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::grants::Power;
use super::index::{Binding, Index, Role, Subject};
use super::texts;
use crate::facts::platform::bindings::is_builtin_subject;
use crate::model::node::Node;

/// What the bindings of some roles come to.
#[derive(Debug)]
pub(super) struct Bearers {
    /// Where the bindings stand.
    at: Vec<usize>,
    /// The names of all of them.
    pub(super) all: Node,
    /// Of those with a subject in them.
    pub(super) held: OnceLock<HeldBy>,
}

/// What the bindings with subjects come to.
#[derive(Debug)]
pub(super) struct HeldBy {
    pub(super) any: bool,
    /// One of them grants in the whole cluster.
    pub(super) wide: bool,
    /// One of them names everybody.
    pub(super) broad: bool,
    /// Somebody in them was not put there by the platform: bound to a role without full administration, and
    /// to one with it.
    foreign: [bool; 2],
    /// Their names.
    pub(super) bindings: Node,
    /// Whom they name.
    pub(super) subjects: Node,
}

impl Bearers {
    fn of(index: &Index, roles: &[usize]) -> Self {
        let roles = roles.iter().filter_map(|at| index.roles.get(*at));
        let at: Vec<usize> = roles.flat_map(|role| role.bindings.iter().copied()).collect();
        let all: Vec<&Binding> = at.iter().filter_map(|at| index.bindings.get(*at)).collect();
        Self { all: list(&texts(&all)), at, held: OnceLock::new() }
    }

    /// Whether there is any binding.
    pub(super) fn any(&self) -> bool {
        !self.at.is_empty()
    }

    /// What those with subjects come to.
    pub(super) fn held(&self, index: &Index) -> &HeldBy {
        let bindings = || self.at.iter().filter_map(|at| index.bindings.get(*at));
        self.held
            .get_or_init(|| HeldBy::of(&bindings().filter(|b| b.has_subject()).collect::<Vec<_>>()))
    }
}

impl HeldBy {
    fn of(holders: &[&Binding]) -> Self {
        let subjects = || holders.iter().flat_map(|b| b.subjects.iter().map(move |s| (*b, s)));
        let foreign = |held: &[Power]| {
            let mut named = subjects().filter(|(_, subject)| **subject != Subject::Invalid);
            named.any(|(binding, subject)| !is_builtin_subject(binding, subject, held))
        };
        let mut names: Vec<String> =
            subjects().map(|(_, s)| s.text()).filter(|text| !text.is_empty()).collect();
        names.sort_unstable();
        names.dedup();
        Self {
            any: !holders.is_empty(),
            wide: holders.iter().any(|b| b.is_cluster_wide()),
            broad: subjects().any(|(_, s)| s.is_broad()),
            foreign: [foreign(&[]), foreign(&[Power::All])],
            bindings: list(&texts(holders)),
            subjects: list(&names),
        }
    }

    /// Whether the role is bound to somebody whom the platform did not bind to it.
    pub(super) fn is_foreign(&self, role: &Role) -> bool {
        let [plain, all] = self.foreign;
        if role.powers().contains(&Power::All) { all } else { plain }
    }
}

fn list(texts: &[String]) -> Node {
    Node::list(texts.iter().map(|text| Node::str(text)).collect())
}

/// The answers, by the roles whose bindings they are about.
#[derive(Debug, Default)]
pub(super) struct AllBearers(RwLock<FxHashMap<Vec<usize>, Arc<Bearers>>>);

impl AllBearers {
    /// Who is bound to a role, by its place.
    pub(super) fn of(&self, index: &Index, role: usize) -> Arc<Bearers> {
        let bound = |at: &usize| index.roles.get(*at).is_some_and(|role| !role.bindings.is_empty());
        let mut roles = index.closure_places(role, |role| &role.into);
        roles.retain(bound);
        // The order of bindings shows nowhere.
        roles.sort_unstable();
        // A poisoned lock only means that another thread died; entries are written whole.
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner).get(&roles).cloned();
        known.unwrap_or_else(|| {
            let made = Arc::new(Bearers::of(index, &roles));
            let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(all.entry(roles).or_insert(made))
        })
    }
}
