//! Where the rules of aggregated roles come from: which other roles have a rule that allows the same.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use rustc_hash::{FxHashMap, FxHashSet};

use super::index::Index;
use crate::model::node::Node;

/// The fields of a rule, each of them a set.
const FIELDS: [&str; 5] = ["apiGroups", "resources", "verbs", "resourceNames", "nonResourceURLs"];

/// What a rule allows, whatever the order of its lists: two rules allow the same if this is equal.
fn content(rule: &Node) -> String {
    let mut out = String::new();
    for field in FIELDS {
        // Counting on JSON to tell a number from a text; a tree has no key that is no string.
        let text = |item| serde_json::to_string(item).unwrap_or_default();
        let mut items: Vec<String> = rule.list_at(&[field]).iter().map(text).collect();
        items.sort_unstable();
        items.dedup();
        out.push_str(&items.join(","));
        out.push('\n');
    }
    out
}

/// Rules of roles that flow into others, and which of them each role gets.
#[derive(Debug, Default)]
pub(super) struct Origins {
    /// The roles that have a rule and are not the platform's, in order.
    by_rule: OnceLock<FxHashMap<String, Vec<usize>>>,
    /// All roles that flow into one.
    sources: RwLock<FxHashMap<usize, Arc<FxHashSet<usize>>>>,
}

impl Origins {
    /// Whether another role that is not built-in has a rule of a role, and flows into that.
    pub(super) fn has(&self, index: &Index, role: usize, rule: &Node) -> bool {
        let by_rule = self.by_rule.get_or_init(|| by_rule(index));
        let Some(having) = by_rule.get(&content(rule)) else { return false };
        let sources = self.sources(index, role);
        if having.len() <= sources.len() {
            return having.iter().any(|at| sources.contains(at));
        }
        sources.iter().any(|at| having.binary_search(at).is_ok())
    }

    fn sources(&self, index: &Index, role: usize) -> Arc<FxHashSet<usize>> {
        // A poisoned lock only means that another thread died; entries are written whole.
        let known = self.sources.read().unwrap_or_else(PoisonError::into_inner).get(&role).cloned();
        known.unwrap_or_else(|| {
            let all = index.closure_places(role, |role| &role.sources);
            let found: Arc<FxHashSet<usize>> = Arc::new(all.into_iter().skip(1).collect());
            let mut sources = self.sources.write().unwrap_or_else(PoisonError::into_inner);
            sources.insert(role, Arc::clone(&found));
            found
        })
    }
}

fn by_rule(index: &Index) -> FxHashMap<String, Vec<usize>> {
    let mut by_rule: FxHashMap<String, Vec<usize>> = FxHashMap::default();
    let flowing = index.roles.iter().enumerate().filter(|(_, role)| !role.into.is_empty());
    for (at, role) in flowing.filter(|(_, role)| !role.is_builtin()) {
        for rule in role.rules() {
            let having = by_rule.entry(content(rule)).or_default();
            if having.last() != Some(&at) {
                having.push(at);
            }
        }
    }
    by_rule
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::content;
    use crate::model::node::Node;

    #[test]
    fn rules_are_compared_as_sets() {
        let rule = |groups: serde_json::Value, resources: &[&str]| {
            let rule = json!({"apiGroups": groups, "resources": resources, "verbs": ["get"]});
            content(&Node::from(&rule))
        };
        let one = rule(json!([""]), &["pods", "secrets"]);
        assert_eq!(one, rule(json!([""]), &["secrets", "pods", "secrets"]));
        for (groups, resources) in [
            (json!([""]), &["pods"][..]),
            (json!(["apps"]), &["pods", "secrets"]),
            (json!([1]), &["pods", "secrets"]),
            (json!(["1"]), &["pods", "secrets"]),
            (json!([]), &["pods", "secrets"]),
            (json!([""]), &["pods,secrets"]),
        ] {
            assert_ne!(one, rule(groups.clone(), resources), "{groups} {resources:?}");
        }
        assert_ne!(rule(json!([1]), &[]), rule(json!(["1"]), &[]), "a number is no text");
    }
}
