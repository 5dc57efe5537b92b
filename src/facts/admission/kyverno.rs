//! Policies of Kyverno: those with rules, and those written as the API server's are.

use std::sync::Arc;

use super::constraints::validated;
use super::share::{Place, Share, is_filled, of_objects};
use crate::model::node::Node;
use crate::model::object::Object;
use crate::text::glob_match;

/// What the rules of a policy that validate refuse.
pub(super) fn policy(policy: &Object, exceptions: &[Arc<Object>], place: &Place<'_>) -> Share {
    let Some(spec) = policy.body().get("spec") else { return Share::Nothing };
    // Without admission it only reports on what is there.
    if spec.get("admission").and_then(Node::as_bool) == Some(false) {
        return Share::Nothing;
    }
    let conditional = is_filled(spec.at(&["webhookConfiguration", "matchConditions"]))
        || is_filled(spec.get("matchConditions"));
    let of_rule = |rule: &Node| {
        let excepted = exceptions.iter().any(|e| excepts(e, policy, rule, place));
        rule_share(spec, rule, place).and(Share::unless(excepted))
    };
    let rules = spec.list_at(&["rules"]).iter().map(of_rule);
    Share::any(rules).and(Share::unless(conditional))
}

fn rule_share(spec: &Node, rule: &Node, place: &Place<'_>) -> Share {
    let Some(validate) = rule.get("validate").filter(|node| node.as_map().is_some()) else {
        return Share::Nothing;
    };
    if !enforces(spec, validate, place) {
        return Share::Nothing;
    }
    let conditional =
        is_filled(rule.get("preconditions")) || is_filled(rule.get("celPreconditions"));
    block(rule.get("match"), place)
        .less(block(rule.get("exclude"), place))
        .and(Share::unless(conditional))
}

/// Whether what breaks a rule is refused in a namespace. The rule's own word comes before the policy's,
/// and what is said of single namespaces before either.
fn enforces(spec: &Node, validate: &Node, place: &Place<'_>) -> bool {
    let action = overridden(validate.list_at(&["failureActionOverrides"]), place)
        .or_else(|| validate.str_at(&["failureAction"]))
        .or_else(|| overridden(spec.list_at(&["validationFailureActionOverrides"]), place))
        .or_else(|| spec.str_at(&["validationFailureAction"]));
    action.is_some_and(|action| action.eq_ignore_ascii_case("enforce"))
}

/// The action that the first entry for a namespace names.
fn overridden<'n>(entries: &'n [Node], place: &Place<'_>) -> Option<&'n str> {
    let here = |entry: &&Node| {
        let names = entry.list_at(&["namespaces"]);
        (names.is_empty() || place.is_named(names))
            && place.selected(entry.get("namespaceSelector")) == Share::All
    };
    entries.iter().find(here)?.str_at(&["action"])
}

/// What `match` or `exclude` takes in; nothing if it says nothing.
fn block(block: Option<&Node>, place: &Place<'_>) -> Share {
    let Some(block) = block else { return Share::Nothing };
    let (any, all) = (block.list_at(&["any"]), block.list_at(&["all"]));
    let of = |filters: &[Node]| filters.iter().map(|f| filter(f, place)).collect::<Vec<_>>();
    match (any.is_empty(), all.is_empty()) {
        (false, _) => Share::any(of(any)),
        (true, false) => of(all).into_iter().min().unwrap_or(Share::Nothing),
        (true, true) => filter(block, place),
    }
}

fn filter(filter: &Node, place: &Place<'_>) -> Share {
    let people = ["subjects", "roles", "clusterRoles"];
    let people = people.iter().any(|field| is_filled(filter.get(field)));
    let resources = filter.get("resources").filter(|node| is_filled(Some(node)));
    if resources.is_none() && !people {
        return Share::Nothing;
    }
    resources.map_or(Share::All, |r| resources_share(r, place)).and(Share::unless(people))
}

fn resources_share(resources: &Node, place: &Place<'_>) -> Share {
    let list = |field: &str| resources.list_at(&[field]);
    let none_or = |field: &str, fits: &dyn Fn(&str) -> bool| {
        let items = list(field);
        items.is_empty() || items.iter().filter_map(Node::as_str).any(fits)
    };
    let named = !none_or("names", &|name| name == "*")
        || resources.str_at(&["name"]).is_some_and(|name| !matches!(name, "" | "*"));
    let namespaces = list("namespaces");
    Share::all_if(none_or("kinds", &names_pods))
        .and(Share::all_if(none_or("operations", &|operation| operation == "CREATE")))
        .and(Share::all_if(namespaces.is_empty() || place.is_named(namespaces)))
        .and(selected(resources.get("namespaceSelector"), place))
        .and(of_objects(resources.get("selector")))
        .and(Share::unless(named || is_filled(resources.get("annotations"))))
}

/// As [`Place::selected`]; Kyverno also takes patterns for labels, which are left undecided.
fn selected(selector: Option<&Node>, place: &Place<'_>) -> Share {
    let labels = selector.and_then(|selector| selector.get("matchLabels")).and_then(Node::as_map);
    let is_pattern = |text: &str| text.contains(['*', '?']);
    let patterns = labels.is_some_and(|labels| {
        labels.iter().any(|(key, value)| is_pattern(key) || value.as_str().is_some_and(is_pattern))
    });
    if patterns { Share::Some } else { place.selected(selector) }
}

/// Whether a selector of kinds, `group/version/Kind/subresource` with patterns and most of it left out,
/// means pods.
fn names_pods(selector: &str) -> bool {
    let parts: Vec<&str> = selector.split('/').collect();
    let is_name = |part: &&str| part.starts_with(|c: char| c.is_ascii_uppercase());
    let at = parts.iter().position(is_name).unwrap_or(parts.len().saturating_sub(1));
    let (before, rest) = parts.split_at(at);
    let (Some(kind), below) = (rest.first(), rest.get(1)) else { return false };
    let (kind, dotted) = kind.split_once('.').map_or((*kind, None), |(k, sub)| (k, Some(sub)));
    let home = match before {
        [] => true,
        [version] => glob_match("v1", version),
        [group, version] => *group == "*" && glob_match("v1", version),
        _ => false,
    };
    home && glob_match("Pod", kind)
        && below.copied().or(dotted).is_none_or(|below| glob_match("", below))
}

/// Whether an exception may lift a rule for some pods of a namespace. That Kyverno heeds exceptions is
/// one of its settings, which is not read.
fn excepts(exception: &Object, policy: &Object, rule: &Node, place: &Place<'_>) -> bool {
    let (home, name) = (policy.namespace(), &policy.id.name);
    let full = if home.is_empty() { name.to_string() } else { format!("{home}/{name}") };
    let rule = rule.str_at(&["name"]).unwrap_or_default();
    let means = |entry: &Node| {
        let mut rules = entry.list_at(&["ruleNames"]).iter().filter_map(Node::as_str);
        entry.str_at(&["policyName"]).is_some_and(|pattern| glob_match(&full, pattern))
            && rules.any(|pattern| glob_match(rule, pattern))
    };
    let body = exception.body();
    body.list_at(&["spec", "exceptions"]).iter().any(means)
        && block(body.at(&["spec", "match"]), place) != Share::Nothing
}

/// What a policy that is written as the API server's are refuses.
pub(super) fn validating(policy: &Object, exceptions: &[Arc<Object>], place: &Place<'_>) -> Share {
    let spec = policy.body().get("spec").unwrap_or(&Node::Null);
    let actions = spec.list_at(&["validationActions"]);
    let denies = actions.is_empty() || actions.iter().any(|a| a.as_str() == Some("Deny"));
    let admission = spec.at(&["evaluation", "admission", "enabled"]).and_then(Node::as_bool);
    let of_requests = spec.str_at(&["evaluation", "mode"]).is_none_or(|mode| mode == "Kubernetes");
    let means = |exception: &Arc<Object>| {
        let named = exception.body().list_at(&["spec", "policyRefs"]).iter();
        let mut named = named.filter(|r| r.str_at(&["kind"]).is_none_or(|k| k == &*policy.id.kind));
        named.any(|reference| reference.str_at(&["name"]) == Some(&policy.id.name))
    };
    Share::all_if(denies && admission != Some(false) && of_requests)
        .and(validated(policy, place))
        .and(Share::unless(exceptions.iter().any(means)))
}
