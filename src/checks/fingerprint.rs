//! Fingerprints: what a finding is called, the same after pod churn, rollouts, reordered lists
//! and added sidecars.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::model::node::Node;
use crate::model::object::ObjectRef;
use crate::model::path::{FieldPath, Seg};
use crate::text::hex;

use super::cel::Role;

/// `p1:` and the first 16 bytes of the digest of check, identity and normalised path.
#[must_use]
pub fn fingerprint(check: &str, identity: Option<&ObjectRef>, path: &str) -> String {
    let digest = Sha256::digest(format!("{check}\n{}\n{path}", identity_line(identity)));
    format!("p1:{}", hex(digest.get(..16).unwrap_or_default()))
}

/// `group/Kind/namespace/name`, without group for core kinds; `Cluster//cluster` for none.
#[must_use]
pub fn identity_line(identity: Option<&ObjectRef>) -> String {
    let Some(id) = identity else { return "Cluster//cluster".to_owned() };
    let kind = id.group_kind();
    let namespace = id.namespace.as_deref().unwrap_or_default();
    let core = format!("{}/{namespace}/{}", kind.kind, id.name);
    if kind.group.is_empty() { core } else { format!("{}/{core}", kind.group) }
}

/// The role of a container by the list it stands in.
#[must_use]
pub fn role_of(list: &str, container: &Node) -> Role {
    match list {
        "ephemeralContainers" => Role::Ephemeral,
        "initContainers" if container.str_at(&["restartPolicy"]) == Some("Always") => Role::Sidecar,
        "initContainers" => Role::Init,
        _ => Role::App,
    }
}

/// A path in which list elements are named by their natural key and pod specs start at `pod/`,
/// whatever the kind. `pod_spec` is where the object's pod spec stands, empty without one.
#[must_use]
pub fn normalise(root: &Node, pod_spec: &[&str], path: &FieldPath) -> String {
    let mut out = String::new();
    let skip = if let Some(rest) = strip(path, pod_spec) {
        out.push_str("pod");
        path.0.len() - rest
    } else if let Some(rest) = metadata_of(path, pod_spec) {
        out.push_str("podmeta");
        path.0.len() - rest
    } else {
        0
    };
    let mut node = FieldPath(path.0.iter().take(skip).cloned().collect()).walk(root);
    let mut list = path.0.iter().take(skip).rev().find_map(name);
    for seg in path.0.iter().skip(skip) {
        match seg {
            Seg::Field(field) => {
                push_field(&mut out, field);
                node = node.and_then(|n| n.get(field));
                list = Some(field);
            }
            Seg::Index(index) => {
                node = node.and_then(|n| n.as_list()?.get(*index));
                let key = node.map(|n| element_key(list.unwrap_or_default(), n));
                push_element(&mut out, key.as_deref().unwrap_or("missing"));
            }
        }
    }
    out
}

/// As [`normalise`], for a place that holds a secret: a text in a list is named by its place, since
/// its content is the secret, and masked in captures.
pub(super) fn normalise_secret(root: &Node, pod_spec: &[&str], path: &FieldPath) -> String {
    let text = path.walk(root).is_some_and(|node| node.as_str().is_some());
    match path.0.split_last() {
        Some((Seg::Index(index), above)) if text => {
            let mut out = normalise(root, pod_spec, &FieldPath(above.into()));
            push_element(&mut out, &index.to_string());
            out
        }
        _ => normalise(root, pod_spec, path),
    }
}

fn name(seg: &Seg) -> Option<&str> {
    match seg {
        Seg::Field(name) => Some(name),
        Seg::Index(_) => None,
    }
}

/// How many steps follow the pod spec, if the path leads through it.
fn strip(path: &FieldPath, pod_spec: &[&str]) -> Option<usize> {
    let starts = path.0.len() >= pod_spec.len()
        && path.0.iter().zip(pod_spec).all(|(seg, key)| name(seg) == Some(key));
    (!pod_spec.is_empty() && starts).then(|| path.0.len() - pod_spec.len())
}

fn metadata_of(path: &FieldPath, pod_spec: &[&str]) -> Option<usize> {
    let (_, above) = pod_spec.split_last()?;
    let keys: Vec<&str> = above.iter().copied().chain(["metadata"]).collect();
    strip(path, &keys)
}

/// Adds a field to a normalised path.
pub(super) fn push_field(out: &mut String, field: &str) {
    if !out.is_empty() {
        out.push('/');
    }
    if field.contains(['/', '[', ']', '"', '\n']) {
        let _ = write!(out, "{}", Node::str(field).to_json());
    } else {
        out.push_str(field);
    }
}

/// Adds a list element to a normalised path.
pub(super) fn push_element(out: &mut String, key: &str) {
    out.push('[');
    out.push_str(key);
    out.push(']');
}

/// What an element of a list is called, wherever it stands in the list.
#[must_use]
pub fn element_key(list: &str, element: &Node) -> String {
    let quoted = |text: &str| Node::str(text).to_json().to_string();
    match (list, element) {
        ("containers" | "initContainers" | "ephemeralContainers", Node::Map(_)) => {
            let name = element.str_at(&["name"]).unwrap_or_default();
            format!("{}:{}", role_of(list, element).word(), quoted(name))
        }
        ("ports", Node::Map(_)) => {
            let number = element.get("containerPort").or_else(|| element.get("port"));
            let protocol = element.str_at(&["protocol"]).unwrap_or("TCP");
            match number {
                Some(number) => format!("{}/{protocol}", number.to_json()),
                None => content(element),
            }
        }
        ("volumeMounts", Node::Map(_)) => match element.str_at(&["mountPath"]) {
            Some(path) => quoted(path),
            None => content(element),
        },
        ("rules" | "subjects", _) => content(element),
        (_, Node::Map(map)) => match map.get("name").and_then(Node::as_str) {
            Some(name) => quoted(name),
            None => content(element),
        },
        (_, scalar) => content(scalar),
    }
}

/// JSON with sorted keys and sorted lists of strings.
#[must_use]
pub fn content(node: &Node) -> String {
    let mut out = String::new();
    write_content(node, &mut out);
    out
}

fn write_content(node: &Node, out: &mut String) {
    match node {
        Node::Map(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (at, (key, value)) in entries.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                let _ = write!(out, "{}:", Node::str(key).to_json());
                write_content(value, out);
            }
            out.push('}');
        }
        Node::List(items) => {
            let mut sorted: Vec<&Node> = items.iter().collect();
            if items.iter().all(|i| i.as_str().is_some()) {
                sorted.sort_by_key(|i| i.as_str());
            }
            out.push('[');
            for (at, item) in sorted.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_content(item, out);
            }
            out.push(']');
        }
        scalar => {
            let _ = write!(out, "{}", scalar.to_json());
        }
    }
}
