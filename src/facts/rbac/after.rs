//! Rights after bindings changed: whom that concerns, and what stays as it was.

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::index::{Binding, Index, RoleName, Subject};
use super::{Memory, Rbac, Strong};
use crate::facts::kind::{CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE, ROLE_BINDING};
use crate::facts::unknown::Reads;
use crate::model::changes::Changes;
use crate::model::inventory::Inventory;
use crate::model::object::Object;

/// The group of all service accounts of a namespace, before its name.
const CROWD: &str = "system:serviceaccounts:";

/// Whose rights may be other ones than they were. Where only bindings changed, that is who is named
/// by one of them before or after, and the roles that they refer to.
#[derive(Debug, Default)]
pub(crate) struct Concerned {
    /// Anybody's: a role changed.
    all: bool,
    /// Whether any binding changed.
    any: bool,
    subjects: FxHashSet<Subject>,
    /// Service accounts by namespace and name.
    accounts: FxHashMap<Box<str>, FxHashSet<Box<str>>>,
    /// Namespaces all of whose service accounts are concerned.
    crowds: BTreeSet<Box<str>>,
    /// Every service account, through a group that all of them are in.
    everybody: bool,
    roles: FxHashSet<RoleName>,
}

impl Concerned {
    /// Whom changes concern. `index` is that of before, or of after: where it is looked at, no role
    /// changed.
    pub(crate) fn by(changes: &Changes, index: &Index) -> Self {
        let mut found = Self { all: changes.touches([&*ROLE, &*CLUSTER_ROLE]), ..Self::default() };
        let bindings = [&*ROLE_BINDING, &*CLUSTER_ROLE_BINDING];
        let pairs = bindings.into_iter().filter_map(|kind| changes.of(kind)).flat_map(|k| &k.pairs);
        for object in pairs.flat_map(|(one, other)| [one, other]).flatten() {
            found.any = true;
            found.add(&Binding::of(object), index);
        }
        found
    }

    fn add(&mut self, binding: &Binding, index: &Index) {
        for subject in &binding.subjects {
            match subject {
                Subject::Account { namespace, name } => {
                    let here = self.accounts.entry(namespace.clone()).or_default();
                    here.insert(name.clone());
                }
                Subject::Group(name) => match &**name {
                    "system:authenticated" | "system:serviceaccounts" => self.everybody = true,
                    name => self.crowds.extend(name.strip_prefix(CROWD).map(Into::into)),
                },
                Subject::User(_) | Subject::Invalid => {}
            }
            self.subjects.insert(subject.clone());
        }
        let Some(name) = &binding.role else { return };
        self.roles.insert(name.clone());
        // Roles whose rules flow into it are held through it.
        let at = index.place_of(name);
        let sources = at.map(|at| index.closure(at, |role| &role.sources)).unwrap_or_default();
        self.roles.extend(
            sources
                .into_iter()
                .map(|role| (role.object.namespace().into(), role.object.id.name.clone())),
        );
    }

    /// Whether anybody is.
    pub(crate) fn is_any(&self) -> bool {
        self.all || self.any
    }

    /// Whether everything is.
    pub(crate) fn is_all(&self) -> bool {
        self.all
    }

    /// Whether whoever is in some group of service accounts is.
    pub(crate) fn is_of_groups(&self) -> bool {
        self.everybody || !self.crowds.is_empty()
    }

    /// Whether a service account is.
    pub(crate) fn takes_account(&self, namespace: &str, name: &str) -> bool {
        self.all
            || self.everybody
            || self.crowds.contains(namespace)
            || self.accounts.get(namespace).is_some_and(|names| names.contains(name))
    }

    /// Whether a role is.
    pub(crate) fn takes_role(&self, role: &Object) -> bool {
        self.all || self.roles.contains(&(role.namespace().into(), role.id.name.clone()))
    }

    /// The namespaces of the accounts; none for all.
    pub(crate) fn homes_of_accounts(&self) -> Option<BTreeSet<Box<str>>> {
        let some = !self.all && !self.everybody;
        some.then(|| self.accounts.keys().chain(&self.crowds).cloned().collect())
    }

    /// The namespaces of the roles, empty for those of the cluster.
    pub(crate) fn homes_of_roles(&self) -> BTreeSet<Box<str>> {
        self.roles.iter().map(|(namespace, _)| namespace.clone()).collect()
    }

    /// Whether what is remembered of a subject may be wrong.
    fn takes(&self, subject: &Subject) -> bool {
        match subject {
            Subject::Account { namespace, name } => self.takes_account(namespace, name),
            subject => self.all || self.subjects.contains(subject),
        }
    }
}

impl Rbac {
    /// The same after changes that concern these; what is remembered of the others is taken over.
    pub(crate) fn after(&self, inventory: &Inventory, concerned: &Concerned) -> Self {
        let mut next = Self::of(inventory);
        if concerned.all {
            return next;
        }
        // No role changed: they stand at the same places.
        for (role, before) in next.index.roles.iter_mut().zip(&self.index.roles) {
            let same = Arc::ptr_eq(&role.object, &before.object);
            if same {
                role.take_powers(before);
            }
            if same && !concerned.takes_role(&role.object) {
                role.rule_facts.clone_from(&before.rule_facts);
            }
        }
        next.accounts = left(&self.accounts, concerned);
        next.holders = left(&self.holders, concerned);
        next.groups = left(&self.groups, concerned);
        // What lists are known by are places of roles, and the groups of accounts.
        if !concerned.everybody && concerned.crowds.is_empty() {
            next.lists = Arc::clone(&self.lists);
        }
        next
    }

    /// The namespaces in which other accounts than before could take over the cluster; none if it
    /// may be anywhere. What nobody asked for before has told nobody anything.
    pub(crate) fn stronger_than(&self, before: &Self, reads: &Reads) -> Option<BTreeSet<Box<str>>> {
        let Some(then) = before.strong.get() else { return Some(BTreeSet::new()) };
        let now = self.strong(reads);
        (now.unread == then.unread).then(|| now.differing(then))
    }

    /// The namespaces of the bindings that name one of these subjects, empty for those of the
    /// cluster.
    pub(crate) fn homes_of(&self, concerned: &Concerned) -> BTreeSet<Box<str>> {
        let bindings = concerned.subjects.iter().flat_map(|subject| self.index.of_subject(subject));
        bindings.map(|binding| binding.object.namespace().into()).collect()
    }
}

impl Strong {
    fn differing(&self, other: &Self) -> BTreeSet<Box<str>> {
        let names = self.by_namespace.keys().chain(other.by_namespace.keys());
        let moved =
            names.filter(|name| self.by_namespace.get(*name) != other.by_namespace.get(*name));
        moved.cloned().collect()
    }
}

/// What is remembered, without what is said of those concerned.
fn left<T>(memory: &Memory<T>, concerned: &Concerned) -> Memory<T> {
    // A poisoned lock only means that another thread died; entries are written whole.
    let known = memory.read().unwrap_or_else(PoisonError::into_inner);
    let left = known.iter().filter(|(subject, _)| !concerned.takes(subject));
    RwLock::new(left.map(|(subject, fact)| (subject.clone(), Arc::clone(fact))).collect())
}
