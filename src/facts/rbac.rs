//! `facts.rbac`: who may do what, seen from a rule, a subject, a pod, an account, a role or a
//! binding. Rules of aggregated `ClusterRole`s are taken as stored: a controller has filled them in.
//! In manifests there may be more of them, unless every `ClusterRole` is there.

mod after;
pub mod grants;
mod holding;
mod index;
mod labellers;
mod reach;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::kind::{CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE_BINDING};
use super::platform::bindings::is_builtin_subject;
use super::platform::roles::is_builtin_role;
use super::refs::account_exists;
use super::unknown::{Answer, Draft, Fact, Reads, exists};
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::Missing;
pub(crate) use after::Concerned;
use grants::{Rule, same_rule};
pub use index::Subject;
pub(crate) use index::{Binding, Index, Role};

/// A fact about a subject, made once.
fn remembered(
    memory: &RwLock<FxHashMap<Subject, Arc<Fact>>>,
    subject: &Subject,
    make: impl FnOnce() -> Fact,
) -> Fact {
    // A poisoned lock only means that another thread died; entries are written whole.
    let cached = memory.read().unwrap_or_else(PoisonError::into_inner).get(subject).cloned();
    let fact = cached.unwrap_or_else(|| {
        let fact = Arc::new(make());
        let mut memory = memory.write().unwrap_or_else(PoisonError::into_inner);
        memory.insert(subject.clone(), Arc::clone(&fact));
        fact
    });
    Fact::clone(&fact)
}

/// Everything about rights, joined once per inventory.
#[derive(Debug)]
pub(crate) struct Rbac {
    pub(crate) index: Index,
    accounts: RwLock<FxHashMap<Subject, Arc<Fact>>>,
    holders: RwLock<FxHashMap<Subject, Arc<Fact>>>,
    strong: OnceLock<Strong>,
    labellers: OnceLock<Fact>,
}

/// Accounts that could take over the cluster, by namespace, and why there may be more of them.
#[derive(Debug, Default, PartialEq)]
struct Strong {
    by_namespace: BTreeMap<Box<str>, Vec<Box<str>>>,
    unread: Option<Missing>,
}

impl Rbac {
    pub(crate) fn of(inventory: &Inventory) -> Self {
        Self {
            index: Index::of(inventory),
            accounts: RwLock::default(),
            holders: RwLock::default(),
            strong: OnceLock::new(),
            labellers: OnceLock::new(),
        }
    }

    /// All rules that a subject of a binding holds, through whichever binding that names it; none when
    /// the binding is not of this inventory.
    fn holder(&self, reads: &Reads, object: &Object, at: usize) -> Option<Fact> {
        let binding = self.index.binding_at(object)?;
        let subject = binding.subjects.get(at).unwrap_or(&Subject::Invalid);
        Some(remembered(&self.holders, subject, || reach::holder(&self.index, reads, subject)))
    }

    /// The accounts of a namespace, but for one subject, that could take over the cluster.
    pub(super) fn strong_accounts(
        &self,
        reads: &Reads,
        namespace: &str,
        but: &Subject,
    ) -> Answer<Vec<String>> {
        let strong = self.strong(reads);
        let here = strong.by_namespace.get(namespace).map(Vec::as_slice).unwrap_or_default();
        let own = |name: &str| match but {
            Subject::Account { namespace: ns, name: n } => **ns == *namespace && **n == *name,
            _ => false,
        };
        let found = here.iter().filter(|name| !own(name));
        let found: Vec<String> = found.map(ToString::to_string).collect();
        match &strong.unread {
            Some(missing) if found.is_empty() => Err(missing.clone()),
            _ => Ok(found),
        }
    }

    fn strong(&self, reads: &Reads) -> &Strong {
        self.strong.get_or_init(|| self.find_strong(reads))
    }

    fn find_strong(&self, reads: &Reads) -> Strong {
        let mut strong = Strong::default();
        for subject in self.index.subjects() {
            let Subject::Account { namespace, name } = subject else { continue };
            let fact = self.account(reads, namespace, name);
            if let Some(missing) = fact.missing_member("takeover") {
                strong.unread = Some(missing.clone());
            }
            let takeover = fact.node().map_or(0, |node| node.list_at(&["takeover"]).len());
            if takeover > 0 {
                strong.by_namespace.entry(namespace.clone()).or_default().push(name.clone());
            }
        }
        for names in strong.by_namespace.values_mut() {
            names.sort();
        }
        let bindings = || reads.lists([&*CLUSTER_ROLE_BINDING, &*ROLE_BINDING], None).err();
        strong.unread = strong.unread.or_else(bindings);
        strong
    }

    /// What the account of a pod, or an account itself, may do.
    pub(crate) fn account(&self, reads: &Reads, namespace: &str, name: &str) -> Fact {
        let key = Subject::Account { namespace: namespace.into(), name: name.into() };
        let make = || reach::account(&self.index, reads, &key);
        remembered(&self.accounts, &key, make)
    }

    /// One rule of a role; none when the role is not of this inventory.
    pub(crate) fn rule(&self, reads: &Reads, role: &Object, index: usize) -> Option<Fact> {
        let at = self.index.role_at(role)?;
        let found = self.index.roles.get(at)?;
        let inherited = found.rules().get(index).is_some_and(|rule| self.inherits(at, found, rule));
        let cell = found.rule_facts.get(usize::from(inherited))?;
        Some(cell.get_or_init(|| self.rule_fact(reads, at, found, inherited)).clone())
    }

    /// Whether a rule was copied by aggregation from a role that is not built-in: the fault, if
    /// it is one, is that role's.
    fn inherits(&self, at: usize, role: &Role, copied: &Node) -> bool {
        role.has_aggregation()
            && self.index.closure(at, |role| &role.sources).into_iter().skip(1).any(|source| {
                !is_builtin_role(&source.object)
                    && source.rules().iter().any(|other| same_rule(copied, other))
            })
    }

    fn rule_fact(&self, reads: &Reads, at: usize, role: &Role, inherited: bool) -> Fact {
        let holders = self.holders(at, true);
        let cluster_lists = || reads.lists([&*CLUSTER_ROLE_BINDING, &*CLUSTER_ROLE], None);
        let complete = || Self::all_bindings(reads, role);
        let mut draft = Draft::default();
        let bound = exists(!holders.is_empty(), complete);
        let wide = exists(holders.iter().any(|b| b.is_cluster_wide()), || {
            if role.object.namespace().is_empty() { cluster_lists() } else { Ok(()) }
        });
        let subjects = || holders.iter().flat_map(|b| b.subjects.iter().map(move |s| (*b, s)));
        let broad = exists(subjects().any(|(_, s)| s.is_broad()), complete);
        let foreign = subjects().any(|(binding, subject)| {
            *subject != Subject::Invalid && !is_builtin_subject(binding, subject, role.powers())
        });
        let builtin_only =
            if foreign { Ok(false) } else { complete().map(|()| !holders.is_empty()) };
        let mut names: Vec<String> =
            subjects().map(|(_, s)| s.text()).filter(|text| !text.is_empty()).collect();
        names.sort();
        names.dedup();
        let known = if holders.is_empty() { complete() } else { Ok(()) };
        draft.put("bound", bound);
        draft.put("clusterWide", wide);
        draft.put("broad", broad);
        draft.put("bindings", known.clone().map(|()| texts(&holders)));
        draft.put("subjects", known.map(|()| names));
        draft.put("builtinOnly", builtin_only);
        let aggregated = Node::Bool(role.has_aggregation() || !role.into.is_empty());
        let inherited = Node::Bool(inherited);
        draft.set("role", Node::map([("aggregated", aggregated), ("inherited", inherited)]));
        draft.finish()
    }

    /// The bindings of a role and of the roles that aggregate it.
    fn holders(&self, at: usize, with_subject: bool) -> Vec<&Binding> {
        let roles = self.index.closure(at, |role| &role.into);
        let bindings = roles.iter().flat_map(|role| &role.bindings);
        bindings
            .filter_map(|at| self.index.bindings.get(*at))
            .filter(|binding| !with_subject || binding.has_subject())
            .collect()
    }

    /// Whether every binding of a role is in hand, with the roles that may aggregate it.
    fn all_bindings(reads: &Reads, role: &Role) -> Answer<()> {
        let namespace = role.object.namespace();
        if !namespace.is_empty() {
            return reads.list(&ROLE_BINDING, Some(namespace));
        }
        reads.lists([&*CLUSTER_ROLE_BINDING, &*ROLE_BINDING, &*CLUSTER_ROLE], None)
    }

    /// One subject of a binding; none when the binding is not of this inventory. It rests on the
    /// role alone, never on other bindings.
    pub(crate) fn subject(
        &self,
        inventory: &Inventory,
        reads: &Reads,
        object: &Object,
        at: usize,
    ) -> Option<Fact> {
        let binding = self.index.binding_at(object)?;
        let subject = binding.subjects.get(at).unwrap_or(&Subject::Invalid);
        let mut draft = Draft::default();
        draft.set("clusterWide", binding.is_cluster_wide());
        draft.set("broad", subject.is_broad());
        if !object.namespace().is_empty() {
            let strong = self.strong_accounts(reads, object.namespace(), subject);
            draft.put("strongAccounts", strong);
        }
        let named_admin = names_cluster_admin(binding);
        let strong = binding.is_cluster_wide() || object.namespace() == "kube-system";
        match self.index.role_of(reads, binding) {
            Ok(role) => {
                let held = role.map(Role::powers).unwrap_or_default();
                let rules = role.map(Role::rules).unwrap_or_default();
                let everything = rules.iter().any(|rule| Rule(rule).is_everything());
                let admin = strong && (named_admin || held.iter().any(|power| power.is_admin()));
                let whole = || role.map_or(Ok(()), |role| role.whole(reads));
                draft.set("roleExists", role.is_some());
                draft.set("builtin", is_builtin_subject(binding, subject, held));
                draft.put("clusterAdmin", exists(named_admin || everything, whole));
                draft.put(
                    "adminEquivalent",
                    exists(admin, || if strong { whole() } else { Ok(()) }),
                );
                draft.put("reasons", whole().map(|()| reach::reasons(held)));
                draft.put("rules", whole().map(|()| rules.to_vec()));
            }
            Err(missing) => {
                let unread = || Err::<bool, _>(missing.clone());
                for member in ["roleExists", "builtin", "reasons", "rules"] {
                    draft.put(member, unread());
                }
                draft.put("clusterAdmin", if named_admin { Ok(true) } else { unread() });
                draft.put("adminEquivalent", if named_admin { Ok(strong) } else { unread() });
            }
        }
        // No gap of this fact: `facts.refs` says why accounts are unknown.
        if let Ok(exists) = account_exists(inventory, reads, subject) {
            draft.set("accountExists", exists.account);
        }
        Some(draft.finish())
    }

    /// A Role or `ClusterRole` as an object.
    pub(crate) fn role(&self, reads: &Reads, object: &Object) -> Option<Fact> {
        let at = self.index.role_at(object)?;
        let role = self.index.roles.get(at)?;
        let holders = self.holders(at, false);
        let complete = || Self::all_bindings(reads, role);
        let cluster_role = object.namespace().is_empty();
        let source = exists(!role.into.is_empty(), || {
            if cluster_role { reads.list(&CLUSTER_ROLE, None) } else { Ok(()) }
        });
        let mut draft = Draft::default();
        draft.put("bound", exists(!holders.is_empty(), complete));
        let aggregated = if role.has_aggregation() { Ok(true) } else { source.clone() };
        draft.put("aggregated", aggregated);
        draft.put("source", source);
        let known = if holders.is_empty() { complete() } else { Ok(()) };
        draft.put("bindings", known.map(|()| texts(&holders)));
        Some(draft.finish())
    }

    /// A binding as an object; none when it is not of this inventory.
    pub(crate) fn binding(&self, reads: &Reads, object: &Object) -> Option<Fact> {
        let role = self.index.role_of(reads, self.index.binding_at(object)?);
        let mut draft = Draft::default();
        draft.put("roleExists", role.as_ref().map(Option::is_some).map_err(Clone::clone));
        let rules = role.and_then(|role| {
            role.map_or(Ok(()), |role| role.whole(reads))?;
            Ok(role.map(Role::rules).unwrap_or_default().to_vec())
        });
        draft.put("rules", rules);
        Some(draft.finish())
    }
}

/// The rights of a mirror pod, which cannot have an account: none.
pub(crate) fn nobody() -> Fact {
    let mut draft = Draft::default();
    draft.set("grants", false);
    draft.set("clusterAdmin", false);
    for list in ["takeover", "bindings", "rules"] {
        draft.set(list, Node::list(Vec::new()));
    }
    draft.finish()
}

/// Whether a binding refers to `ClusterRole` cluster-admin, whatever is known of that role.
pub(crate) fn names_cluster_admin(binding: &Binding) -> bool {
    binding.role.as_ref().is_some_and(|(ns, name)| ns.is_empty() && &**name == "cluster-admin")
}

/// The bindings' names, sorted.
fn texts(bindings: &[&Binding]) -> Vec<String> {
    let mut texts: Vec<String> = bindings.iter().map(|binding| binding.text()).collect();
    texts.sort();
    texts.dedup();
    texts
}

#[cfg(test)]
mod tests;
