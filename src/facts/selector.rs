//! Label selectors: `matchLabels` and `matchExpressions`.

use crate::model::node::Node;

/// Labels as selectors see them: those of an object, and one more that the API server implies.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Labels<'a> {
    map: &'a Node,
    implied: Option<(&'static str, &'a str)>,
}

impl<'a> Labels<'a> {
    /// The labels of a `metadata.labels` map.
    pub(crate) fn of(map: &'a Node) -> Self {
        Self { map, implied: None }
    }

    /// The labels of a Namespace, which always carries its own name as a label.
    pub(crate) fn of_namespace(map: &'a Node, name: &'a str) -> Self {
        Self { map, implied: Some(("kubernetes.io/metadata.name", name)) }
    }

    fn get(&self, key: &str) -> Option<&'a str> {
        let implied = self.implied.filter(|(name, _)| *name == key).map(|(_, value)| value);
        self.map.get(key).and_then(Node::as_str).or(implied)
    }
}

/// Whether a selector is `{}` or has nothing in it: it selects everything.
pub(crate) fn is_empty(selector: &Node) -> bool {
    let labels = selector.get("matchLabels").and_then(Node::as_map);
    labels.is_none_or(crate::model::node::Map::is_empty)
        && selector.list_at(&["matchExpressions"]).is_empty()
}

/// Whether a selector matches these labels. What is malformed matches nothing, as the API server
/// would not have taken it.
pub(crate) fn matches(selector: &Node, labels: Labels<'_>) -> bool {
    if selector.as_map().is_none() {
        return false;
    }
    let equal = match selector.get("matchLabels") {
        None => true,
        Some(wanted) => wanted.as_map().is_some_and(|wanted| {
            wanted
                .iter()
                .all(|(key, value)| value.as_str().is_some() && labels.get(key) == value.as_str())
        }),
    };
    let expressions = match selector.get("matchExpressions") {
        None => true,
        Some(list) => list
            .as_list()
            .is_some_and(|list| list.iter().all(|expression| expression_fits(expression, labels))),
    };
    equal && expressions
}

fn expression_fits(expression: &Node, labels: Labels<'_>) -> bool {
    let Some(key) = expression.str_at(&["key"]) else { return false };
    let value = labels.get(key);
    let listed = || {
        let values = expression.list_at(&["values"]);
        value.is_some_and(|value| values.iter().any(|item| item.as_str() == Some(value)))
    };
    match expression.str_at(&["operator"]) {
        Some("In") => listed(),
        Some("NotIn") => !listed(),
        Some("Exists") => value.is_some(),
        Some("DoesNotExist") => value.is_none(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn fits(selector: &Value, labels: &Value) -> bool {
        matches(&Node::from(selector), Labels::of(&Node::from(labels)))
    }

    #[test]
    fn labels_and_expressions_must_all_fit() {
        let web = json!({"app": "web", "tier": "front"});
        let expression = |operator: &str, key: &str, values: &[&str]| json!({"matchExpressions": [{"key": key, "operator": operator, "values": values}]});
        let cases = [
            (json!({}), true),
            (json!({"matchLabels": {"app": "web"}}), true),
            (json!({"matchLabels": {"app": "web", "x": "y"}}), false),
            (expression("In", "app", &["db", "web"]), true),
            (expression("In", "app", &[]), false),
            (expression("NotIn", "app", &["db"]), true),
            (expression("NotIn", "app", &["web"]), false),
            (expression("NotIn", "other", &["web"]), true),
            (expression("Exists", "tier", &[]), true),
            (expression("Exists", "other", &[]), false),
            (expression("DoesNotExist", "other", &[]), true),
            (expression("DoesNotExist", "tier", &[]), false),
            (expression("in", "app", &["web"]), false),
            (
                json!({"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}),
                false,
            ),
        ];
        for (selector, expected) in cases {
            assert_eq!(fits(&selector, &web), expected, "{selector}");
        }
    }

    #[test]
    fn what_is_malformed_matches_nothing() {
        let web = json!({"app": "web"});
        for selector in [
            json!([]),
            json!("app=web"),
            json!({"matchLabels": ["app"]}),
            json!({"matchLabels": {"app": 1}}),
            json!({"matchExpressions": {"key": "app"}}),
            json!({"matchExpressions": [{"operator": "Exists"}]}),
            json!({"matchExpressions": ["app"]}),
        ] {
            assert!(!fits(&selector, &web), "{selector}");
        }
        assert!(!fits(&json!({"matchLabels": {"app": "web"}}), &json!(["app"])));
    }

    #[test]
    fn a_namespace_carries_its_name() {
        let selector = Node::from(&json!({"matchLabels": {"kubernetes.io/metadata.name": "pay"}}));
        assert!(matches(&selector, Labels::of_namespace(&Node::Null, "pay")));
        assert!(!matches(&selector, Labels::of_namespace(&Node::Null, "other")));
    }
}
