//! What a service account reaches: through bindings that name it, and through its groups.

use super::grants::{Power, Rule};
use super::index::{Binding, Index, Role, Subject};
use super::{names_cluster_admin, texts};
use crate::facts::kind::{CLUSTER_ROLE_BINDING, ROLE_BINDING};
use crate::facts::unknown::{Answer, Draft, Fact, Reads, exists, open_question};
use crate::model::node::Node;

/// Where rights over the cluster's own workloads are rights over the cluster.
const SYSTEM: &str = "kube-system";

/// Most effective rules that are listed for one account.
const MAX_RULES: usize = 5_000;

/// What is said of powers, in their order.
pub(crate) fn reasons(powers: &[Power]) -> Vec<&'static str> {
    powers.iter().map(|power| power.reason()).collect()
}

/// `facts.rbac` of a service account. `grants` and `bindings` are about bindings that name it;
/// `clusterAdmin`, `takeover` and `rules` are effective and count its groups.
pub(crate) fn account(index: &Index, reads: &Reads, account: &Subject) -> Fact {
    let own: Vec<&Binding> = index.of_subject(account).collect();
    let mut effective = own.clone();
    for group in groups(account) {
        effective.extend(index.of_subject(&Subject::Group(group.into())));
    }
    let mut draft = Draft::default();
    let granting = granting(index, reads, &own);
    draft.put("grants", granting.as_ref().map(|list| !list.is_empty()).map_err(Clone::clone));
    draft.put("clusterAdmin", cluster_admin(index, reads, &effective));
    draft.put("takeover", takeover(index, reads, &effective));
    draft.put("bindings", granting.map(|list| texts(&list)));
    draft.put("rules", rules(index, reads, &effective));
    draft.finish()
}

/// The `rules` of a subject of a binding, each with where it holds. Rights that come
/// with a group do not count for its members, who would all be named for one binding.
pub(crate) fn holder(index: &Index, reads: &Reads, subject: &Subject) -> Fact {
    let bindings: Vec<&Binding> = index.of_subject(subject).collect();
    let mut draft = Draft::default();
    draft.put("rules", rules(index, reads, &bindings));
    draft.finish()
}

fn groups(account: &Subject) -> Vec<String> {
    let mut groups = vec!["system:authenticated".to_owned(), "system:serviceaccounts".to_owned()];
    if let Subject::Account { namespace, .. } = account {
        groups.push(format!("system:serviceaccounts:{namespace}"));
    }
    groups
}

pub(super) fn everywhere(reads: &Reads) -> Answer<()> {
    reads.lists([&*CLUSTER_ROLE_BINDING, &*ROLE_BINDING], None)
}

/// The bindings among these whose role exists and allows something; empty only when proven.
fn granting<'a>(
    index: &'a Index,
    reads: &Reads,
    bindings: &[&'a Binding],
) -> Answer<Vec<&'a Binding>> {
    let mut unread = None;
    let mut found = Vec::new();
    for binding in bindings {
        match index.role_of(reads, binding) {
            Ok(Some(role)) if !role.rules().is_empty() => found.push(*binding),
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

fn cluster_admin(index: &Index, reads: &Reads, bindings: &[&Binding]) -> Answer<bool> {
    let mut unread = None;
    let mut seen = false;
    for binding in bindings.iter().filter(|binding| binding.is_cluster_wide()) {
        match index.role_of(reads, binding) {
            _ if names_cluster_admin(binding) => seen = true,
            Ok(role) => {
                let rules = role.map(Role::rules).unwrap_or_default();
                seen = seen || rules.iter().any(|rule| Rule(rule).is_everything());
                unread = unread.or_else(|| role?.whole(reads).err());
            }
            Err(missing) => unread = unread.or(Some(missing)),
        }
    }
    exists(seen, || {
        unread.map_or(Ok(()), Err)?;
        reads.list(&CLUSTER_ROLE_BINDING, None)
    })
}

/// Ways to the whole cluster, through rules that hold cluster-wide or in kube-system. What is seen
/// is listed; an empty list needs the reads that prove it.
fn takeover(index: &Index, reads: &Reads, bindings: &[&Binding]) -> Answer<Vec<String>> {
    let mut unread = None;
    let mut found: Vec<(Power, bool)> = Vec::new();
    let bearing = bindings.iter().filter(|b| b.is_cluster_wide() || b.object.namespace() == SYSTEM);
    for binding in bearing {
        match index.role_of(reads, binding) {
            Ok(role) => {
                let held = role.map(Role::powers).unwrap_or_default();
                found.extend(held.iter().map(|power| (*power, !binding.is_cluster_wide())));
                unread = unread.or_else(|| role?.whole(reads).err());
            }
            Err(missing) => unread = unread.or(Some(missing)),
        }
    }
    if found.is_empty() {
        unread.map_or(Ok(()), Err)?;
        reads.list(&CLUSTER_ROLE_BINDING, None)?;
        reads.list(&ROLE_BINDING, Some(SYSTEM))?;
    }
    found.sort_unstable();
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

/// Every effective rule with where it holds: `cluster` or a namespace. Needs everything.
fn rules(index: &Index, reads: &Reads, bindings: &[&Binding]) -> Answer<Vec<Node>> {
    everywhere(reads)?;
    let mut list = Vec::new();
    for binding in bindings {
        let role = index.role_of(reads, binding)?;
        role.map_or(Ok(()), |role| role.whole(reads))?;
        let scope = match binding.object.namespace() {
            "" => "cluster",
            namespace => namespace,
        };
        for rule in role.map(Role::rules).unwrap_or_default() {
            if list.len() == MAX_RULES {
                let reason = format!("the account holds more than {MAX_RULES} rules");
                return Err(open_question("rules", None, reason));
            }
            list.push(Node::map([("scope", Node::str(scope)), ("rule", rule.clone())]));
        }
    }
    Ok(list)
}
