//! Constraints of Gatekeeper.

use std::sync::Arc;

use super::share::{Place, Share, of_objects};
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::Object;

/// The label by which a namespace is out of sight of Gatekeeper's webhook, as that is installed.
const IGNORED: &str = "admission.gatekeeper.sh/ignore";

/// The enforcement point that stands before the API.
const POINTS: [&str; 2] = ["validation.gatekeeper.sh", "*"];

/// Whether objects of a kind are constraints: there is one kind for each template.
pub(super) fn is_constraint(kind: &Kind) -> bool {
    &*kind.group == "constraints.gatekeeper.sh"
}

/// What a constraint takes in, if it denies.
pub(super) fn constraint(constraint: &Object, configs: &[Arc<Object>], place: &Place<'_>) -> Share {
    let spec = constraint.body().get("spec").unwrap_or(&Node::Null);
    let exempt = configs.iter().any(|config| exempts(config, place));
    if !denies(spec) || exempt || place.has_label(IGNORED) {
        return Share::Nothing;
    }
    spec.get("match").map_or(Share::All, |wanted| taken(wanted, place))
}

fn taken(wanted: &Node, place: &Place<'_>) -> Share {
    let kinds = wanted.list_at(&["kinds"]);
    let namespaces = wanted.list_at(&["namespaces"]);
    let name = wanted.str_at(&["name"]).filter(|name| !matches!(*name, "" | "*"));
    Share::all_if(kinds.is_empty() || kinds.iter().any(names_pods))
        .and(Share::all_if(namespaces.is_empty() || place.is_named(namespaces)))
        .and(Share::all_if(!place.is_named(wanted.list_at(&["excludedNamespaces"]))))
        .and(Share::all_if(wanted.str_at(&["scope"]) != Some("Cluster")))
        .and(Share::all_if(wanted.str_at(&["source"]) != Some("Generated")))
        .and(place.selected(wanted.get("namespaceSelector")))
        .and(of_objects(wanted.get("labelSelector")))
        .and(Share::unless(name.is_some()))
}

fn names_pods(entry: &Node) -> bool {
    let lists = |field: &str, words: &[&str]| {
        let items = entry.list_at(&[field]);
        items.is_empty() || items.iter().filter_map(Node::as_str).any(|item| words.contains(&item))
    };
    lists("apiGroups", &["", "*"]) && lists("kinds", &["Pod", "*"])
}

/// Whether it refuses what breaks it: that is what it does unless it says otherwise.
fn denies(spec: &Node) -> bool {
    let scoped = |action: &Node| {
        let at = |point: &Node| point.str_at(&["name"]).is_some_and(|name| POINTS.contains(&name));
        action.str_at(&["action"]) == Some("deny")
            && action.list_at(&["enforcementPoints"]).iter().any(at)
    };
    match spec.str_at(&["enforcementAction"]) {
        None | Some("" | "deny") => true,
        Some("scoped") => spec.list_at(&["scopedEnforcementActions"]).iter().any(scoped),
        Some(_) => false,
    }
}

/// Whether Gatekeeper is told to leave a namespace alone.
fn exempts(config: &Object, place: &Place<'_>) -> bool {
    config.body().list_at(&["spec", "match"]).iter().any(|entry| {
        let mut processes = entry.list_at(&["processes"]).iter().filter_map(Node::as_str);
        place.is_named(entry.list_at(&["excludedNamespaces"]))
            && processes.any(|process| matches!(process, "*" | "webhook"))
    })
}
