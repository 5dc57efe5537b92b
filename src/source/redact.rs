//! Secrets stay secret: what is masked or dropped before an object is kept.

use crate::model::key::Key;
use crate::model::node::{Map, Node};
use crate::text::clean::{MASK, names_a_credential};
use crate::text::mask;

const LAST_APPLIED: &str = "kubectl.kubernetes.io/last-applied-configuration";

/// Masks the values of a Secret, keeping key names and sizes, and drops the copy of the whole
/// object that `kubectl apply` leaves in an annotation. Other objects lose only that copy.
#[must_use]
pub fn object(node: Node) -> Node {
    let secret =
        node.str_at(&["kind"]) == Some("Secret") && node.str_at(&["apiVersion"]) == Some("v1");
    map_entries(node, |key, value| match key {
        "metadata" => Some(map_entries(value, |key, value| match key {
            "annotations" => {
                Some(map_entries(value, |key, value| (key != LAST_APPLIED).then_some(value)))
            }
            _ => Some(value),
        })),
        "data" | "stringData" if secret => {
            Some(map_entries(value, |_, value| Some(sized_mask(&value))))
        }
        _ => Some(value),
    })
}

/// As [`object`], and every text that looks like a credential is masked, whatever the kind: for
/// what leaves the process.
#[must_use]
pub fn for_capture(node: Node) -> Node {
    mask_all(object(node))
}

fn sized_mask(value: &Node) -> Node {
    let size = value.as_str().map_or(0, str::len);
    Node::str(&format!("{MASK} ({size} bytes)"))
}

fn mask_all(node: Node) -> Node {
    match node {
        Node::Str(text) => match mask(&text) {
            std::borrow::Cow::Borrowed(_) => Node::Str(text),
            std::borrow::Cow::Owned(masked) => Node::str(&masked),
        },
        Node::List(items) => Node::list(items.into_vec().into_iter().map(mask_all).collect()),
        Node::Map(map) => {
            let named = map.get("name").and_then(Node::as_str).is_some_and(names_a_credential);
            Node::Map(Map::new(
                map.into_entries()
                    .into_iter()
                    .map(|(key, value)| match value {
                        // `{name: DB_PASSWORD, value: …}`: the value is the credential.
                        Node::Str(_) if named && key.as_str() == "value" => (key, Node::str(MASK)),
                        value => (key, mask_all(value)),
                    })
                    .collect(),
            ))
        }
        other => other,
    }
}

fn map_entries(node: Node, change: impl Fn(&str, Node) -> Option<Node>) -> Node {
    match node {
        Node::Map(map) => {
            let entries = map.into_entries().into_iter().filter_map(|(key, value): (Key, Node)| {
                let value = change(key.as_str(), value)?;
                Some((key, value))
            });
            Node::Map(Map::new(entries.collect()))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_keeps_its_keys_and_loses_its_values() {
        let secret = br#"{"apiVersion":"v1","kind":"Secret","data":{"dsn":"aGVsbG8="},"metadata":{"name":"a","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}","x":"y"}}}"#;
        let node = object(Node::from_json(secret).unwrap());
        assert_eq!(node.str_at(&["data", "dsn"]), Some("•••••• (8 bytes)"));
        assert_eq!(
            node.at(&["metadata", "annotations"]).unwrap().to_json(),
            serde_json::json!({"x": "y"})
        );
    }

    #[test]
    fn captured_environment_variables_named_like_credentials_are_masked() {
        let pod = br#"{"apiVersion":"v1","kind":"Pod","env":[{"name":"DB_PASSWORD","value":"x"},{"name":"URL","value":"http://u:p@h"}]}"#;
        let node = for_capture(Node::from_json(pod).unwrap());
        let values: Vec<_> =
            node.list_at(&["env"]).iter().map(|e| e.str_at(&["value"]).unwrap()).collect();
        assert_eq!(values, [MASK, "http://••••••@h"]);
    }
}
