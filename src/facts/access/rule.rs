//! A policy rule in words.

use crate::facts::access::Power;
use crate::facts::rbac::grants::{Rule, powers};
use crate::model::node::Node;

/// Verbs that look and do nothing else.
const LOOKING: [&str; 3] = ["get", "list", "watch"];
/// API groups whose objects only ask about the asker: creating them changes nothing.
const ASKING: [&str; 2] = ["authorization.k8s.io", "authentication.k8s.io"];

/// What a rule of a role allows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allowed {
    /// `get, list`.
    pub verbs: String,
    /// `secrets`, `deployments.apps`, `/metrics`.
    pub what: String,
    /// Names of the only objects it is about; empty for all of them.
    pub names: String,
    /// Ways to more that it opens.
    pub powers: Vec<Power>,
    /// It changes something, rather than reads it.
    pub changes: bool,
    /// It names only what is no resource, such as `/metrics`: a `RoleBinding` grants nothing of that.
    pub cluster_only: bool,
}

impl Allowed {
    pub(super) fn of(rule: &Node) -> Self {
        let verbs = words(rule, "verbs");
        let groups = words(rule, "apiGroups");
        let resources = words(rule, "resources");
        let asking = !groups.is_empty() && groups.iter().all(|group| ASKING.contains(group));
        let urls = words(rule, "nonResourceURLs");
        let changes = !asking && urls.is_empty() && verbs.iter().any(|v| !LOOKING.contains(v));
        let what =
            if urls.is_empty() { resource_text(&groups, &resources) } else { urls.join(", ") };
        Self {
            verbs: verbs.join(", "),
            what,
            names: words(rule, "resourceNames").join(", "),
            powers: powers(std::slice::from_ref(rule)),
            changes,
            cluster_only: !urls.is_empty() && resources.is_empty(),
        }
    }
}

impl Allowed {
    /// Whether a binding that holds at a place grants it; none is the whole cluster.
    #[must_use]
    pub fn holds_in(&self, place: Option<&str>) -> bool {
        place.is_none() || !self.cluster_only
    }
}

fn words<'a>(rule: &'a Node, field: &str) -> Vec<&'a str> {
    rule.list_at(&[field]).iter().filter_map(Node::as_str).collect()
}

/// Resources with their group behind them, as kubectl writes them.
fn resource_text(groups: &[&str], resources: &[&str]) -> String {
    let plain = resources.join(", ");
    match groups {
        [] | [""] => plain,
        ["*"] if resources == ["*"] => "everything".to_owned(),
        [group] => {
            let full: Vec<String> = resources.iter().map(|r| format!("{r}.{group}")).collect();
            full.join(", ")
        }
        many => {
            let named = many.iter().map(|group| if group.is_empty() { "core" } else { group });
            format!("{plain} of {}", named.collect::<Vec<_>>().join(", "))
        }
    }
}

/// Whether a rule lets a verb be done to what is not a resource, such as `/metrics`.
pub(super) fn allows_url(rule: &Node, url: &str, verb: &str) -> bool {
    let rule_of = Rule(rule);
    let verbs = rule_of.holds("verbs", verb) || rule_of.holds("verbs", "*");
    verbs
        && rule.list_at(&["nonResourceURLs"]).iter().filter_map(Node::as_str).any(|allowed| {
            match allowed.strip_suffix('*') {
                Some(start) => url.starts_with(start),
                None => allowed == url,
            }
        })
}
