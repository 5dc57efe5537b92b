//! Cilium: where its policies demand mutual authentication.

use crate::facts::kind::{CILIUM_CLUSTER_POLICY, CILIUM_POLICY};
use crate::facts::unknown::{Answer, Reads, open_question};
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::Missing;

/// Whether any policy says anything of mutual authentication.
pub(super) fn is_there(inventory: &Inventory) -> bool {
    policies(inventory).any(|policy| {
        ingress_rules(policy).any(|rule| rule.str_at(&["authentication", "mode"]).is_some())
    })
}

/// Whether a namespace has policies of its own, or none that could be for it.
pub(super) fn member(inventory: &Inventory, reads: &Reads, namespace: &str) -> Answer<bool> {
    if !inventory.in_namespace(&CILIUM_POLICY, namespace).is_empty() {
        return Ok(true);
    }
    reads.list(&CILIUM_POLICY, Some(namespace))?;
    reads.list(&CILIUM_CLUSTER_POLICY, None)?;
    let wide = inventory.of(&CILIUM_CLUSTER_POLICY).iter();
    let open = wide.flat_map(|policy| ingress_rules(policy)).any(authenticates);
    if open { Err(cluster_wide(namespace)) } else { Ok(false) }
}

fn policies(inventory: &Inventory) -> impl Iterator<Item = &Object> {
    let kinds = [&*CILIUM_POLICY, &*CILIUM_CLUSTER_POLICY];
    kinds.into_iter().flat_map(|kind| inventory.of(kind)).map(|object| &**object)
}

/// `spec` and each of `specs` of a Cilium policy.
fn specs(policy: &Object) -> impl Iterator<Item = &Node> {
    let body: &Node = policy.body();
    body.get("spec").into_iter().chain(body.list_at(&["specs"]))
}

/// Ingress rules of a Cilium policy.
fn ingress_rules(policy: &Object) -> impl Iterator<Item = &Node> {
    specs(policy).flat_map(|spec| spec.list_at(&["ingress"]))
}

fn authenticates(rule: &Node) -> bool {
    rule.str_at(&["authentication", "mode"]) == Some("required")
}

/// Whether every pod of a namespace takes authenticated traffic alone: each rule that lets traffic in
/// demands it, and one of them is for all pods. Where no rule says anything about traffic in, all of it
/// comes in as it is.
pub(super) fn strict(inventory: &Inventory, reads: &Reads, namespace: &str) -> Answer<bool> {
    reads.list(&CILIUM_POLICY, Some(namespace))?;
    reads.list(&CILIUM_CLUSTER_POLICY, None)?;
    let own = || inventory.in_namespace(&CILIUM_POLICY, namespace).iter();
    let wide = || inventory.of(&CILIUM_CLUSTER_POLICY).iter().flat_map(|p| ingress_rules(p));
    if !own().flat_map(|policy| ingress_rules(policy)).all(authenticates) {
        return Ok(false);
    }
    let rules = own().flat_map(|policy| specs(policy));
    let mut rules = rules.filter(|spec| !spec.list_at(&["ingress"]).is_empty()).peekable();
    if rules.peek().is_none() && !wide().any(authenticates) {
        return Ok(false);
    }
    let everyone = |spec: &Node| {
        let selector = spec.get("endpointSelector").and_then(Node::as_map);
        selector.is_none_or(|map| map.iter().next().is_none())
    };
    let all = rules.any(everyone);
    if all && wide().all(authenticates) { Ok(true) } else { Err(cluster_wide(namespace)) }
}

/// Which pods a policy selects by their labels, or one of the cluster by the labels of their namespace,
/// is not worked out.
fn cluster_wide(namespace: &str) -> Missing {
    let reason = format!(
        "which pods of {namespace} are under the Cilium policies that demand authentication is not \
         worked out"
    );
    open_question("Cilium policies", Some(namespace), reason)
}
