//! What is written as the webhooks and admission policies of the API server are: by rules on resources,
//! selectors and conditions.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Guard;
use super::share::{Place, Share, is_filled, of_objects};
use crate::facts::kind::{ADMISSION_BINDING, ADMISSION_POLICY};
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::Object;

/// The policies that deny what breaks them, each with a binding that has them do so.
pub(super) fn denying(inventory: &Inventory) -> Vec<Guard> {
    let policies: BTreeMap<&str, &Arc<Object>> =
        inventory.of(&ADMISSION_POLICY).iter().map(|policy| (&*policy.id.name, policy)).collect();
    let deny = |binding: &&Arc<Object>| {
        let actions = binding.body().list_at(&["spec", "validationActions"]);
        actions.iter().any(|action| action.as_str() == Some("Deny"))
    };
    let guard = |binding: &Arc<Object>| {
        let policy = policies.get(binding.body().str_at(&["spec", "policyName"])?)?;
        Some(Guard::Native(Arc::clone(policy), Arc::clone(binding)))
    };
    inventory.of(&ADMISSION_BINDING).iter().filter(deny).filter_map(guard).collect()
}

/// What a policy takes in through a binding.
pub(super) fn native(policy: &Object, binding: &Object, place: &Place<'_>) -> Share {
    let bound = binding.body().at(&["spec", "matchResources"]);
    validated(policy, place).and(bound.map_or(Share::All, |bound| {
        let named = bound.list_at(&["resourceRules"]);
        let named = if named.is_empty() { Share::All } else { rules(named) };
        narrowed(bound, place).and(named)
    }))
}

/// What a policy with validations takes in, whatever it does with what breaks them.
pub(super) fn validated(policy: &Object, place: &Place<'_>) -> Share {
    let Some(spec) = policy.body().get("spec") else { return Share::Nothing };
    let Some(constraints) = spec.get("matchConstraints") else { return Share::Nothing };
    Share::all_if(!spec.list_at(&["validations"]).is_empty())
        .and(rules(constraints.list_at(&["resourceRules"])))
        .and(narrowed(constraints, place))
        .and(conditions(spec))
}

/// What a policy of Kubewarden refuses.
pub(super) fn kubewarden(policy: &Object, place: &Place<'_>) -> Share {
    let Some(spec) = policy.body().get("spec") else { return Share::Nothing };
    let protects = spec.str_at(&["mode"]).is_none_or(|mode| mode == "protect");
    Share::all_if(protects).and(webhook(spec, place))
}

/// What a webhook sees.
pub(super) fn webhook(webhook: &Node, place: &Place<'_>) -> Share {
    rules(webhook.list_at(&["rules"])).and(narrowed(webhook, place)).and(conditions(webhook))
}

/// What is left by selectors, and by rules that exclude.
fn narrowed(constraints: &Node, place: &Place<'_>) -> Share {
    place
        .selected(constraints.get("namespaceSelector"))
        .and(of_objects(constraints.get("objectSelector")))
        .less(rules(constraints.list_at(&["excludeResourceRules"])))
}

/// Conditions are expressions over the request.
fn conditions(spec: &Node) -> Share {
    Share::unless(is_filled(spec.get("matchConditions")))
}

/// Which creations of pods rules on resources take in.
fn rules(rules: &[Node]) -> Share {
    Share::any(rules.iter().map(|rule| {
        let lists = |field: &str, words: &[&str]| {
            let mut items = rule.list_at(&[field]).iter().filter_map(Node::as_str);
            items.any(|item| words.contains(&item))
        };
        let pods = lists("apiGroups", &["", "*"])
            && lists("apiVersions", &["v1", "*"])
            && lists("operations", &["CREATE", "*"])
            && lists("resources", &["pods", "pods/*", "*", "*/*"])
            && rule.str_at(&["scope"]) != Some("Cluster");
        Share::all_if(pods).and(Share::unless(is_filled(rule.get("resourceNames"))))
    }))
}
