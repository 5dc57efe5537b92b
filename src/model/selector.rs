//! Label selectors: `matchLabels` and `matchExpressions`.

use crate::model::node::Node;

/// The label that every Namespace carries: its own name.
pub const NAMESPACE_NAME: &str = "kubernetes.io/metadata.name";

/// What selectors are written in: a tree, or a value of an expression.
pub trait Written: Sized {
    /// The value of a key, if it is a map.
    fn member(&self, key: &str) -> Option<Self>;

    /// The text, if it is one.
    fn text(&self) -> Option<&str>;

    /// Whether it is a map from keys to texts which all pass.
    fn every_entry(&self, passes: impl FnMut(&str, &str) -> bool) -> bool;

    /// Whether it is a list of elements which all pass.
    fn every_element(&self, passes: impl FnMut(&Self) -> bool) -> bool;
}

/// What selectors look at.
pub trait Labelled {
    /// Whether the value of a label, none if it is not there, passes.
    fn label(&self, key: &str, passes: impl FnOnce(Option<&str>) -> bool) -> bool;
}

impl Written for &Node {
    fn member(&self, key: &str) -> Option<Self> {
        self.get(key)
    }

    fn text(&self) -> Option<&str> {
        self.as_str()
    }

    fn every_entry(&self, mut passes: impl FnMut(&str, &str) -> bool) -> bool {
        self.as_map().is_some_and(|map| {
            map.iter().all(|(key, value)| value.as_str().is_some_and(|value| passes(key, value)))
        })
    }

    fn every_element(&self, passes: impl FnMut(&Self) -> bool) -> bool {
        self.as_list().is_some_and(|list| list.iter().collect::<Vec<_>>().iter().all(passes))
    }
}

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
        Self { map, implied: Some((NAMESPACE_NAME, name)) }
    }
}

impl Labelled for Labels<'_> {
    fn label(&self, key: &str, passes: impl FnOnce(Option<&str>) -> bool) -> bool {
        let implied = self.implied.filter(|(name, _)| *name == key).map(|(_, value)| value);
        passes(self.map.get(key).and_then(Node::as_str).or(implied))
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
pub fn matches<S: Written>(selector: &S, labels: &impl Labelled) -> bool {
    let equal = selector.member("matchLabels").is_none_or(|wanted| {
        wanted.every_entry(|key, value| labels.label(key, |label| label == Some(value)))
    });
    let fits = |expression: &S| expression_fits(expression, labels);
    equal && selector.member("matchExpressions").is_none_or(|list| list.every_element(fits))
}

fn expression_fits<S: Written>(expression: &S, labels: &impl Labelled) -> bool {
    let (key, operator) = (expression.member("key"), expression.member("operator"));
    let Some(key) = key.as_ref().and_then(Written::text) else { return false };
    let listed = |label: Option<&str>| {
        let mut found = false;
        if let (Some(label), Some(values)) = (label, expression.member("values")) {
            values.every_element(|value| {
                found |= value.text() == Some(label);
                !found
            });
        }
        found
    };
    match operator.as_ref().and_then(Written::text) {
        Some("In") => labels.label(key, listed),
        Some("NotIn") => labels.label(key, |label| !listed(label)),
        Some("Exists") => labels.label(key, |label| label.is_some()),
        Some("DoesNotExist") => labels.label(key, |label| label.is_none()),
        _ => false,
    }
}

/// Whether a selector of a tree, which has to be a map, matches.
pub(crate) fn selects(selector: &Node, labels: Labels<'_>) -> bool {
    selector.as_map().is_some() && matches(&selector, &labels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn fits(selector: &Value, labels: &Value) -> bool {
        selects(&Node::from(selector), Labels::of(&Node::from(labels)))
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
        assert!(selects(&selector, Labels::of_namespace(&Node::Null, "pay")));
        assert!(!selects(&selector, Labels::of_namespace(&Node::Null, "other")));
    }
}
