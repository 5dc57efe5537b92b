//! `facts.rbac`: who may do what, seen from a rule, a subject, a pod, an account, a role or a
//! binding. Rules of aggregated `ClusterRole`s are taken as stored: a controller has filled them in.
//! In manifests there may be more of them, unless every `ClusterRole` is there.

mod after;
mod bearers;
pub mod grants;
mod holding;
mod index;
mod labellers;
mod lists;
mod origins;
mod reach;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::kind::{CLUSTER_ROLE, CLUSTER_ROLE_BINDING, ROLE_BINDING};
use super::platform::bindings::is_builtin_subject;
use super::refs::account_exists;
use super::unknown::{Answer, Draft, Fact, Reads, exists};
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::Missing;
pub(crate) use after::Concerned;
use bearers::AllBearers;
use grants::Power;
pub use index::Subject;
pub(crate) use index::{Binding, Index, Role};
use lists::Lists;
use origins::Origins;
use reach::{OfGroup, Told};

/// Most names of strong accounts that are told beside a subject: where very many of a namespace are bound
/// to very much, each would be told all the others.
const MAX_STRONG: usize = 500;

/// What is known of subjects.
type Memory<T> = RwLock<FxHashMap<Subject, Arc<T>>>;

/// What is known of a subject, made once.
fn remembered<T>(memory: &Memory<T>, subject: &Subject, make: impl FnOnce() -> T) -> Arc<T> {
    // A poisoned lock only means that another thread died; entries are written whole.
    let cached = memory.read().unwrap_or_else(PoisonError::into_inner).get(subject).cloned();
    cached.unwrap_or_else(|| {
        let made = Arc::new(make());
        let mut memory = memory.write().unwrap_or_else(PoisonError::into_inner);
        memory.insert(subject.clone(), Arc::clone(&made));
        made
    })
}

/// Everything about rights, joined once per inventory.
#[derive(Debug)]
pub(crate) struct Rbac {
    pub(crate) index: Index,
    accounts: Memory<Told>,
    holders: Memory<Told>,
    groups: Memory<OfGroup>,
    lists: Arc<Lists>,
    bearers: AllBearers,
    origins: Origins,
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
            groups: RwLock::default(),
            lists: Arc::default(),
            bearers: AllBearers::default(),
            origins: Origins::default(),
            strong: OnceLock::new(),
            labellers: OnceLock::new(),
        }
    }

    /// All rules that a subject of a binding holds, through whichever binding that names it; none when
    /// the binding is not of this inventory.
    fn holder(&self, reads: &Reads, object: &Object, at: usize) -> Option<Fact> {
        let binding = self.index.binding_at(object)?;
        let subject = binding.subjects.get(at).unwrap_or(&Subject::Invalid);
        let told = remembered(&self.holders, subject, || self.holder_told(reads, subject));
        Some(self.with_rules(reads, subject, &told))
    }

    /// The accounts of a namespace, but for one subject, that could take over the cluster. Empty only when
    /// there is none.
    pub(super) fn strong_accounts(
        &self,
        reads: &Reads,
        namespace: &str,
        but: &Subject,
    ) -> Answer<impl Iterator<Item = &str>> {
        let strong = self.strong(reads);
        let here = strong.by_namespace.get(namespace).map(Vec::as_slice).unwrap_or_default();
        let own = |name: &str| match but {
            Subject::Account { namespace: ns, name: n } => **ns == *namespace && **n == *name,
            _ => false,
        };
        let mut found = here.iter().map(|name| &**name).filter(move |name| !own(name)).peekable();
        match &strong.unread {
            Some(missing) if found.peek().is_none() => Err(missing.clone()),
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
            match self.takes_over(reads, subject) {
                Ok(false) => {}
                Ok(true) => {
                    let here = strong.by_namespace.entry(namespace.clone()).or_default();
                    here.push(name.clone());
                }
                Err(missing) => strong.unread = Some(missing),
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
        let told = remembered(&self.accounts, &key, || self.account_told(reads, &key));
        self.with_rules(reads, &key, &told)
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
        role.has_aggregation() && self.origins.has(&self.index, at, copied)
    }

    fn rule_fact(&self, reads: &Reads, at: usize, role: &Role, inherited: bool) -> Fact {
        let bearers = self.bearers.of(&self.index, at);
        let held = bearers.held(&self.index);
        let cluster_lists = || reads.lists([&*CLUSTER_ROLE_BINDING, &*CLUSTER_ROLE], None);
        let complete = || Self::all_bindings(reads, role);
        let mut draft = Draft::default();
        let wide = exists(held.wide, || {
            if role.object.namespace().is_empty() { cluster_lists() } else { Ok(()) }
        });
        let foreign = held.is_foreign(role);
        let builtin_only = if foreign { Ok(false) } else { complete().map(|()| held.any) };
        let known = if held.any { Ok(()) } else { complete() };
        draft.put("bound", exists(held.any, complete));
        draft.put("clusterWide", wide);
        draft.put("broad", exists(held.broad, complete));
        draft.put("bindings", known.clone().map(|()| held.bindings.clone()));
        draft.put("subjects", known.map(|()| held.subjects.clone()));
        draft.put("builtinOnly", builtin_only);
        let aggregated = Node::Bool(role.has_aggregation() || !role.into.is_empty());
        let inherited = Node::Bool(inherited);
        draft.set("role", Node::map([("aggregated", aggregated), ("inherited", inherited)]));
        draft.finish()
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
            let names = strong.map(|all| all.take(MAX_STRONG).collect::<Vec<_>>());
            draft.put("strongAccounts", names);
        }
        let named_admin = names_cluster_admin(binding);
        let strong = binding.is_cluster_wide() || object.namespace() == "kube-system";
        match self.index.role_of(reads, binding) {
            Ok(role) => {
                let held = role.map(Role::powers).unwrap_or_default();
                let everything = held.contains(&Power::All);
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
                draft.put("rules", whole().map(|()| rule_list(role)));
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
        let bearers = self.bearers.of(&self.index, at);
        let complete = || Self::all_bindings(reads, role);
        let cluster_role = object.namespace().is_empty();
        let source = exists(!role.into.is_empty() || is_taken_in(object), || {
            if cluster_role { reads.list(&CLUSTER_ROLE, None) } else { Ok(()) }
        });
        let mut draft = Draft::default();
        draft.put("bound", exists(bearers.any(), complete));
        let aggregated = if role.has_aggregation() { Ok(true) } else { source.clone() };
        draft.put("aggregated", aggregated);
        draft.put("source", source);
        let known = if bearers.any() { Ok(()) } else { complete() };
        draft.put("bindings", known.map(|()| bearers.all.clone()));
        Some(draft.finish())
    }

    /// A binding as an object; none when it is not of this inventory.
    pub(crate) fn binding(&self, reads: &Reads, object: &Object) -> Option<Fact> {
        let role = self.index.role_of(reads, self.index.binding_at(object)?);
        let mut draft = Draft::default();
        draft.put("roleExists", role.as_ref().map(Option::is_some).map_err(Clone::clone));
        let rules = role.and_then(|role| {
            role.map_or(Ok(()), |role| role.whole(reads))?;
            Ok(rule_list(role))
        });
        draft.put("rules", rules);
        Some(draft.finish())
    }
}

/// The rules of a role, none of one that does not exist.
fn rule_list(role: Option<&Role>) -> Node {
    role.map_or_else(|| Node::list(Vec::new()), Role::rule_list)
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

/// Whether a role is labelled for one that every cluster has and that takes such roles in, so that it need not be in
/// hand.
fn is_taken_in(role: &Object) -> bool {
    const LABELS: [&str; 3] = [
        "rbac.authorization.k8s.io/aggregate-to-admin",
        "rbac.authorization.k8s.io/aggregate-to-edit",
        "rbac.authorization.k8s.io/aggregate-to-view",
    ];
    role.namespace().is_empty() && LABELS.iter().any(|label| role.label(label) == Some("true"))
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
