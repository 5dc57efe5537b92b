//! `facts.refs` and `facts.account`: what refers to a service account, and whether it is there.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::by_namespace::ByNamespace;
use super::inputs::PodInputs;
use super::kind::{NAMESPACE, POD, SERVICE_ACCOUNT, required_workloads};
use super::owner;
use super::rbac::Subject;
use super::unknown::{Answer, Draft, Fact, Reads, exists};
use super::workload::Workload;
use crate::model::inventory::Inventory;
use crate::model::kinds::workloads;
use crate::model::node::Node;
use crate::model::object::Object;

/// The variable that EKS Pod Identity injects into live pods.
const POD_IDENTITY: &str = "AWS_CONTAINER_CREDENTIALS_FULL_URI";

/// Who runs as which account, built once per inventory.
#[derive(Debug)]
pub(crate) struct Users(ByNamespace<Accounts>);

/// The accounts of one namespace that something runs as.
type Accounts = FxHashMap<Box<str>, Account>;

#[derive(Debug, Default, PartialEq)]
struct Account {
    /// Identities of the pods and templates that run as it.
    users: BTreeSet<String>,
    /// Whether a live pod carries the marks of EKS Pod Identity.
    pod_identity: bool,
}

impl Users {
    pub(crate) fn of(inventory: &Inventory) -> Self {
        Self(ByNamespace::of(inventory, |namespace| accounts(inventory, namespace)))
    }

    /// The same after something changed in some namespaces; none if that changed nothing of it.
    pub(crate) fn moved(&self, inventory: &Inventory, namespaces: &BTreeSet<&str>) -> Option<Self> {
        self.0.moved(namespaces, |namespace| accounts(inventory, namespace)).map(Self)
    }

    /// The namespaces in which something else is known than before.
    pub(crate) fn moved_since(&self, before: &Self) -> Vec<&str> {
        self.0.differing(&before.0)
    }

    fn get(&self, namespace: &str, name: &str) -> Option<&Account> {
        self.0.get(namespace)?.get(name)
    }

    /// `facts.refs` of a `ServiceAccount`.
    pub(crate) fn refs(&self, reads: &Reads, account: &Object) -> Fact {
        let found = self.get(account.namespace(), &account.id.name);
        let users = found.map(|account| &account.users);
        let seen = users.is_some_and(|users| !users.is_empty());
        let names: Vec<String> = users.into_iter().flatten().cloned().collect();
        let used = exists(seen, || all_users(reads, account.namespace()));
        let mut draft = Draft::default();
        draft.put("used", used.clone());
        draft.put("usedBy", used.map(|_| names));
        draft.finish()
    }

    /// `facts.account` of a pod or template: the account it runs as.
    pub(crate) fn account(
        &self,
        inventory: &Inventory,
        reads: &Reads,
        pod: &PodInputs<'_>,
    ) -> Fact {
        let (namespace, name) = (pod.namespace, pod.account);
        let found = inventory.get(&SERVICE_ACCOUNT, namespace, name);
        let here = exists(found.is_some(), || reads.list(&SERVICE_ACCOUNT, Some(namespace)));
        if let Err(missing) = here {
            return Fact::Unknown(missing);
        }
        let annotations = found.and_then(|a| a.body().at(&["metadata", "annotations"]));
        let identity = self.get(namespace, name).is_some_and(|account| account.pod_identity);
        let mut draft = Draft::default();
        draft.set("name", name);
        draft.put("exists", here);
        let map = annotations.filter(|node| node.as_map().is_some()).cloned();
        draft.set("annotations", map.unwrap_or_else(|| Node::map([])));
        draft.put("podIdentity", exists(identity, || reads.list(&POD, Some(namespace))));
        draft.finish()
    }
}

fn accounts(inventory: &Inventory, namespace: &str) -> Accounts {
    let mut of = Accounts::default();
    let mut last: Option<(&Object, String)> = None;
    for object in workloads().flat_map(|kind| inventory.in_namespace(&kind.kind(), namespace)) {
        let Some(workload) = Workload::of(object) else { continue };
        if object.is_mirror_pod() {
            continue;
        }
        let account = of.entry(workload.account().into()).or_default();
        // Pods of one controller are read one after the other.
        let known = last.as_ref().is_some_and(|(last, _)| owner::are_siblings(last, object));
        if !known {
            last = Some((&**object, owner::identity(inventory, object).to_string()));
        }
        if let Some((_, user)) = last.as_ref().filter(|(_, user)| !account.users.contains(user)) {
            account.users.insert(user.clone());
        }
        let live = workload.is_pod() && !workload.is_finished();
        account.pod_identity = account.pod_identity || live && has_pod_identity(workload);
    }
    of
}

/// Whether nothing that could use an account is unread. `PodTemplate`s run nothing: they are
/// looked at if they were read, never required.
fn all_users(reads: &Reads, namespace: &str) -> Answer<()> {
    required_workloads().try_for_each(|kind| reads.list(&kind, Some(namespace)))
}

fn has_pod_identity(pod: Workload<'_>) -> bool {
    pod.containers().any(|container| {
        let env = container.list_at(&["env"]);
        env.iter().any(|variable| variable.str_at(&["name"]) == Some(POD_IDENTITY))
    })
}

/// Whether a subject's account and its namespace are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Existence {
    pub(crate) account: bool,
    pub(crate) namespace: bool,
}

/// Whether what a subject names exists. Users and groups always do: the API server keeps none.
pub(crate) fn account_exists(
    inventory: &Inventory,
    reads: &Reads,
    subject: &Subject,
) -> Answer<Existence> {
    let Subject::Account { namespace, name } = subject else {
        let there = *subject != Subject::Invalid;
        return Ok(Existence { account: there, namespace: there });
    };
    if inventory.get(&SERVICE_ACCOUNT, namespace, name).is_some() {
        return Ok(Existence { account: true, namespace: true });
    }
    let named = inventory.get(&NAMESPACE, "", namespace).is_some()
        || inventory.kinds().any(|kind| !inventory.in_namespace(kind, namespace).is_empty());
    if !named && reads.list(&NAMESPACE, None).is_ok() {
        return Ok(Existence { account: false, namespace: false });
    }
    reads.list(&SERVICE_ACCOUNT, Some(namespace))?;
    Ok(Existence { account: false, namespace: true })
}

/// `facts.refs` of a subject.
pub(crate) fn subject(
    inventory: &Inventory,
    reads: &Reads,
    binding: &Object,
    index: usize,
) -> Fact {
    let parsed = binding
        .body()
        .list_at(&["subjects"])
        .get(index)
        .map(|node| Subject::parse(node, binding.namespace()));
    match account_exists(inventory, reads, &parsed.unwrap_or(Subject::Invalid)) {
        Err(missing) => Fact::Unknown(missing),
        Ok(found) => {
            let mut draft = Draft::default();
            draft.set("exists", found.account);
            draft.set("namespaceExists", found.namespace);
            draft.finish()
        }
    }
}
