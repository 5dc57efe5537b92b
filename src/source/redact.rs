//! Secrets stay secret: what is masked or dropped before an object is kept.

use crate::model::applied::{self, LAST_APPLIED};
use crate::model::key::Key;
use crate::model::node::{Map, Node};
use crate::model::path::{FieldPath, Seg};
use crate::text::mask_tree;
use crate::text::masking::MASK;
use crate::text::masking::names::is_mask;

/// What is kept of the metadata of a Secret; of annotations only the names, of `managedFields` only when
/// the data changed.
const OF_METADATA: &[&str] = &[
    "name",
    "generateName",
    "namespace",
    "uid",
    "labels",
    "annotations",
    "ownerReferences",
    "finalizers",
    "creationTimestamp",
    "deletionTimestamp",
    "managedFields",
];

/// The annotation of a token's Secret that names the account it is of, which is no secret.
const ACCOUNT: &str = "kubernetes.io/service-account.name";

/// What is kept of an object from a file. Of a Secret that is what it is called, of which type it is, who
/// owns it, how old it is, and its keys with the sizes of what they hold. In other objects Secrets that
/// stand in them, alone or in lists, lose their values, however deep; of the copy that `kubectl apply`
/// leaves in an annotation version and kind stay; keys of an `EncryptionConfiguration` are masked.
#[must_use]
pub fn object(node: Node) -> Node {
    if is_secret(&node) {
        return secret(node);
    }
    let keys = node.str_at(&["kind"]) == Some("EncryptionConfiguration");
    let node = map_entries(node, |key, value| match key {
        "metadata" => Some(map_entries(value, |key, value| match key {
            "annotations" => Some(map_entries(value, |key, value| match key {
                LAST_APPLIED => applied::compact(&value),
                _ => Some(value),
            })),
            _ => Some(value),
        })),
        "resources" if keys => Some(without_keys(value)),
        _ => Some(value),
    });
    if holds_secret(&node) { without_secrets(node) } else { node }
}

/// As [`object`], and every text that looks like a credential is masked, whatever the kind: for
/// what leaves the process. What checks found besides is hidden by [`shown`].
#[must_use]
pub fn for_capture(node: Node) -> Node {
    mask_tree(object(node))
}

/// An object as it may be seen outside of the process: on a screen, on the clipboard, in a capture. What
/// looks like a credential is masked, and what checks found to be one, at these places.
#[must_use]
pub fn shown<'p>(body: &Node, places: impl IntoIterator<Item = &'p FieldPath>) -> Node {
    let masked = for_capture(body.clone());
    places.into_iter().fold(masked, |masked, path| hide(masked, body, path))
}

fn is_secret(node: &Node) -> bool {
    node.str_at(&["kind"]) == Some("Secret") && node.str_at(&["apiVersion"]) == Some("v1")
}

/// A Secret, reduced to what may be known of it.
fn secret(node: Node) -> Node {
    map_entries(node, |key, value| match key {
        "apiVersion" | "kind" | "type" | "immutable" => Some(value),
        "data" | "stringData" => Some(sized(value)),
        "metadata" => Some(map_entries(value, |key, value| match key {
            "annotations" => Some(names_only(value)),
            "managedFields" => Some(changes_of_data(&value)),
            key => OF_METADATA.contains(&key).then_some(value),
        })),
        _ => None,
    })
}

/// Annotations without their values, which may hold what the Secret holds.
fn names_only(annotations: Node) -> Node {
    map_entries(annotations, |key, value| match key {
        LAST_APPLIED => None,
        ACCOUNT => Some(value),
        _ => Some(Node::str("")),
    })
}

/// Of each change of a Secret when it was made, and whether it was one of the data.
fn changes_of_data(managed: &Node) -> Node {
    let changes = managed.as_list().unwrap_or_default().iter().map(|entry| {
        let text = |key| entry.get(key).filter(|value| value.as_str().is_some()).cloned();
        let texts = ["manager", "operation", "time"].map(|key| Some((key, text(key)?)));
        let fields = entry.get("fieldsV1").map(|fields| {
            let none = || Node::map(std::iter::empty::<(&str, Node)>());
            let data = ["f:data", "f:stringData"].into_iter();
            Node::map(data.filter(|key| fields.get(key).is_some()).map(|key| (key, none())))
        });
        Node::map(texts.into_iter().flatten().chain(fields.map(|fields| ("fieldsV1", fields))))
    });
    Node::list(changes.collect())
}

/// Whether what stands within another object is a Secret. Parts of manifests, as templates have them,
/// may leave the version out.
fn is_inner(node: &Node) -> bool {
    is_secret(node) || node.str_at(&["kind"]) == Some("Secret") && node.get("apiVersion").is_none()
}

/// Whether it is a list of nothing but Secrets, whose items do not say what they are.
fn is_secrets(node: &Node) -> bool {
    node.str_at(&["kind"]) == Some("SecretList")
}

/// Whether a Secret with values, or with annotations, stands anywhere within.
fn holds_secret(node: &Node) -> bool {
    match node {
        Node::List(items) => items.iter().any(holds_secret),
        Node::Map(map) => {
            is_inner(node) || is_secrets(node) || map.iter().any(|(_, value)| holds_secret(value))
        }
        _ => false,
    }
}

/// Secrets within another object without their values. Who reads the object may judge the rest, so that
/// it stays; what only refers to a Secret has none.
fn without_secrets(node: Node) -> Node {
    match node {
        Node::List(items) => Node::list(items.iter().cloned().map(without_secrets).collect()),
        Node::Map(_) if is_inner(&node) => without_values(node),
        Node::Map(_) if is_secrets(&node) => map_entries(node, |key, value| match (key, value) {
            ("items", Node::List(items)) => {
                Some(Node::list(items.iter().cloned().map(without_values).collect()))
            }
            (_, value) => Some(without_secrets(value)),
        }),
        Node::Map(_) => map_entries(node, |_, value| Some(without_secrets(value))),
        other => other,
    }
}

/// A Secret within another object without its values.
fn without_values(secret: Node) -> Node {
    map_entries(secret, |key, value| match key {
        "data" | "stringData" => Some(sized(value)),
        "metadata" => Some(map_entries(value, |key, value| match key {
            "annotations" => Some(names_only(value)),
            "managedFields" => None,
            _ => Some(value),
        })),
        _ => Some(without_secrets(value)),
    })
}

/// Masks every text within, however deep, and tells how long it was.
fn sized(node: Node) -> Node {
    match node {
        Node::List(items) => Node::list(items.iter().cloned().map(sized).collect()),
        Node::Map(_) => map_entries(node, |_, value| Some(sized(value))),
        Node::Str(text) if is_mask(&text) => Node::Str(text),
        Node::Null => Node::Null,
        Node::Str(text) => Node::str(&format!("{MASK} ({} bytes)", text.len())),
        // Digits and truths are values as well.
        _ => Node::str(MASK),
    }
}

/// Masks every `secret`, however deep.
fn without_keys(node: Node) -> Node {
    match node {
        Node::List(items) => Node::list(items.iter().cloned().map(without_keys).collect()),
        Node::Map(_) => map_entries(node, |key, value| match (key, &value) {
            ("secret", Node::Str(_)) => Some(sized(value)),
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
mod tests;
