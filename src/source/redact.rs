//! Secrets stay secret: what is masked or dropped before an object is kept.

use crate::model::applied::{self, LAST_APPLIED};
use crate::model::key::Key;
use crate::model::node::{Map, Node};
use crate::model::path::{FieldPath, Seg};
use crate::text::clean::{MASK, names_a_credential};
use crate::text::{assigned, mask_assigned};

/// Masks the values of a Secret, keeping key names and sizes, and drops the copy of the whole
/// object that `kubectl apply` leaves in an annotation. Other objects keep version and kind of
/// that copy. Keys of an `EncryptionConfiguration` are masked as well.
#[must_use]
pub fn object(node: Node) -> Node {
    let secret =
        node.str_at(&["kind"]) == Some("Secret") && node.str_at(&["apiVersion"]) == Some("v1");
    let keys = node.str_at(&["kind"]) == Some("EncryptionConfiguration");
    map_entries(node, |key, value| match key {
        "metadata" => Some(map_entries(value, |key, value| match key {
            "annotations" => Some(map_entries(value, |key, value| match key {
                LAST_APPLIED if secret => None,
                LAST_APPLIED => applied::compact(&value),
                _ => Some(value),
            })),
            _ => Some(value),
        })),
        "resources" if keys => Some(without_keys(value)),
        "data" | "stringData" if secret => {
            Some(map_entries(value, |_, value| Some(sized_mask(&value))))
        }
        _ => Some(value),
    })
}

/// As [`object`], and every text that looks like a credential is masked, whatever the kind: for
/// what leaves the process. What checks found besides is hidden by [`shown`].
#[must_use]
pub fn for_capture(node: Node) -> Node {
    mask_all(object(node))
}

/// An object as it may be seen outside of the process: on a screen, on the clipboard, in a capture. What
/// looks like a credential is masked, and what checks found to be one, at these places.
#[must_use]
pub fn shown<'p>(body: &Node, places: impl IntoIterator<Item = &'p FieldPath>) -> Node {
    let masked = for_capture(body.clone());
    places.into_iter().fold(masked, |masked, path| hide(masked, body, path))
}

fn sized_mask(value: &Node) -> Node {
    let size = value.as_str().map_or(0, str::len);
    Node::str(&format!("{MASK} ({size} bytes)"))
}

/// Masks every `secret`, however deep.
fn without_keys(node: Node) -> Node {
    match node {
        Node::List(items) => Node::list(items.iter().cloned().map(without_keys).collect()),
        Node::Map(_) => map_entries(node, |key, value| match (key, &value) {
            ("secret", Node::Str(_)) => Some(sized_mask(&value)),
            _ => Some(without_keys(value)),
        }),
        other => other,
    }
}

/// Masks the text at a path, unless a part of it is masked already.
#[must_use]
fn hide(node: Node, original: &Node, path: &FieldPath) -> Node {
    let text = |node: &Node| path.walk(node).and_then(Node::as_str).map(str::to_owned);
    if text(&node).is_none() || text(&node) != text(original) {
        return node;
    }
    hide_at(node, &path.0)
}

fn hide_at(node: Node, path: &[Seg]) -> Node {
    let Some((first, rest)) = path.split_first() else { return Node::str(MASK) };
    match (node, first) {
        (Node::Map(map), Seg::Field(field)) => Node::Map(Map::new(
            map.into_entries()
                .into_iter()
                .map(|(key, value)| {
                    let value = if key.as_str() == &**field { hide_at(value, rest) } else { value };
                    (key, value)
                })
                .collect(),
        )),
        (Node::List(items), Seg::Index(index)) => Node::list(
            items
                .iter()
                .cloned()
                .enumerate()
                .map(|(at, item)| if at == *index { hide_at(item, rest) } else { item })
                .collect(),
        ),
        (other, _) => other,
    }
}

fn mask_all(node: Node) -> Node {
    match node {
        Node::Str(text) => match mask_assigned(&text) {
            std::borrow::Cow::Borrowed(_) => Node::Str(text),
            std::borrow::Cow::Owned(masked) => Node::str(&masked),
        },
        Node::List(items) => Node::list(masked_list(&items)),
        Node::Map(map) => {
            let named = map.get("name").and_then(Node::as_str).is_some_and(names_one);
            Node::Map(Map::new(
                map.into_entries()
                    .into_iter()
                    .map(|(key, value)| match value {
                        // `{name: DB_PASSWORD, value: …}`: the value is the credential.
                        Node::Str(_) if named && key.as_str() == "value" => (key, Node::str(MASK)),
                        // The keys of these are words of people, not of an API.
                        Node::Map(_) if ["annotations", "data"].contains(&key.as_str()) => {
                            (key, mask_all(masked_entries(value)))
                        }
                        value => (key, mask_all(value)),
                    })
                    .collect(),
            ))
        }
        other => other,
    }
}

/// Names of variables, and of headers of HTTP.
fn names_one(name: &str) -> bool {
    let header = ["authorization", "proxy-authorization", "cookie"];
    names_a_credential(name) || header.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// A list in which what follows on a flag for a credential is masked.
fn masked_list(items: &[Node]) -> Vec<Node> {
    let before = std::iter::once(None).chain(items.iter().map(Some));
    let flag =
        |node: Option<&Node>| node.and_then(Node::as_str).is_some_and(assigned::is_flag_of_one);
    let masked = items.iter().zip(before).map(|(item, before)| match item {
        Node::Str(text) if flag(before) && !text.starts_with('-') && assigned::may_be_one(text) => {
            Node::str(MASK)
        }
        item => mask_all(item.clone()),
    });
    masked.collect()
}

/// A map in which what stands under the name of a credential is masked.
fn masked_entries(node: Node) -> Node {
    map_entries(node, |key, value| match &value {
        Node::Str(text)
            if assigned::is_name_of_one(key) && !text.contains(MASK) && is_a_credential(text) =>
        {
            Some(Node::str(MASK))
        }
        _ => Some(value),
    })
}

/// Whether what stands under the name of a credential is one. A file that was made into an entry ends with a new
/// line; of several lines one that is a single word may be it.
fn is_a_credential(text: &str) -> bool {
    let text = text.trim();
    let word = |line: &str| {
        let line = line.trim();
        !line.contains(char::is_whitespace) && assigned::may_be_one(line)
    };
    if text.contains('\n') { text.lines().any(word) } else { assigned::may_be_one(text) }
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
    fn other_objects_keep_what_was_applied_and_encryption_keys_go() {
        let job = br#"{"apiVersion":"batch/v1","kind":"CronJob","metadata":{"name":"a","annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"batch/v1beta1\",\"kind\":\"CronJob\",\"spec\":{}}"}}}"#;
        let kept = object(Node::from_json(job).unwrap());
        let kept = kept.str_at(&["metadata", "annotations", LAST_APPLIED]);
        assert_eq!(kept, Some(r#"{"apiVersion":"batch/v1beta1","kind":"CronJob"}"#));
        let keys = br#"{"apiVersion":"apiserver.config.k8s.io/v1","kind":"EncryptionConfiguration","resources":[{"providers":[{"aescbc":{"keys":[{"name":"k","secret":"aGVsbG8="}]}}]}]}"#;
        let text = format!("{:?}", object(Node::from_json(keys).unwrap()));
        assert!(!text.contains("aGVsbG8=") && text.contains("aescbc"), "{text}");
    }

    #[test]
    fn a_place_is_hidden_unless_it_is_masked_already() {
        let original = Node::from_json(br#"{"a":[{"b":"hunter2"},{"b":"x"}]}"#).unwrap();
        let path = FieldPath::parse("a[0].b").unwrap();
        let hidden = hide(original.clone(), &original, &path);
        assert_eq!(hidden.to_json(), serde_json::json!({"a": [{"b": MASK}, {"b": "x"}]}));
        let masked = Node::from_json(br#"{"a":[{"b":"u:***@h"},{"b":"x"}]}"#).unwrap();
        assert_eq!(hide(masked.clone(), &original, &path), masked);
    }

    #[test]
    fn captured_environment_variables_named_like_credentials_are_masked() {
        let pod = br#"{"apiVersion":"v1","kind":"Pod","env":[{"name":"DB_PASSWORD","value":"x"},{"name":"URL","value":"http://u:p@h"}]}"#;
        let node = for_capture(Node::from_json(pod).unwrap());
        let values: Vec<_> =
            node.list_at(&["env"]).iter().map(|e| e.str_at(&["value"]).unwrap()).collect();
        assert_eq!(values, [MASK, "http://••••••@h"]);
    }

    #[test]
    fn a_credential_that_ends_with_its_line_is_masked_too() {
        let values = [
            ("S3cr3tPassw0rd-01", true),
            ("S3cr3tPassw0rd-01\n", true),
            ("S3cr3tPassw0rd-01\r\nx", true),
            ("\nsecond line\nS3cr3tPassw0rd-01", true),
            ("the password is\nin the vault\n", false),
            ("${PASSWORD}\n", false),
        ];
        for (value, masked) in values {
            for place in ["data", "annotations"] {
                let entries = Node::map([("password", Node::str(value))]);
                let shown = for_capture(Node::map([("metadata", Node::map([(place, entries)]))]));
                let found = shown.str_at(&["metadata", place, "password"]).unwrap();
                assert_eq!(found == MASK, masked, "{place}: {value:?} became {found:?}");
            }
        }
    }

    #[test]
    fn what_checks_for_credentials_find_is_nowhere_in_what_is_shown() {
        let pod = br#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","annotations":{"note":"password: AnnSecret55","api-token":"TokSecret77","x":"OddSecret99"}},"spec":{"containers":[{"name":"c","args":["--password=ArgSecret33","--token","TokSecret44","-pPwdSecret66","--token-auth-file=/etc/x"],"livenessProbe":{"httpGet":{"httpHeaders":[{"name":"Authorization","value":"Bearer HdrSecret88"}]}}}]}}"#;
        let pod = Node::from_json(pod).unwrap();
        let place = FieldPath::parse("metadata.annotations.x").unwrap();
        let shown = shown(&pod, [&place]).to_json().to_string();
        assert!(!shown.contains("Secret"), "{shown}");
        for kept in ["--password=", "--token", "--token-auth-file=/etc/x", "Authorization", "note"]
        {
            assert!(shown.contains(kept), "{kept}: {shown}");
        }
    }
}
