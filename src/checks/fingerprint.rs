//! Fingerprints: what a finding is called, the same after pod churn, rollouts, reordered lists
//! and added sidecars.

use std::fmt::Write;

use sha2::{Digest, Sha256};

use crate::model::node::Node;
use crate::model::object::ObjectRef;
use crate::model::path::{FieldPath, Seg, walk};
use crate::text::hex;

use super::cel::Role;

/// What a finding is called, and what earlier versions called it where that was another name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Print {
    /// The fingerprint.
    pub now: String,
    /// The name of versions that took the order of nested lists for a difference.
    pub formerly: Option<String>,
}

/// The fingerprint of a check at a place of an identity: `p1:`, or `p2:` where lists of objects are
/// part of the name of the place, and the first 16 bytes of the digest of check, identity and
/// normalised path. Which of them it is depends on what the lists hold, never on their order.
#[must_use]
pub fn print(check: &str, identity: Option<&ObjectRef>, place: &NormalPath) -> Print {
    match &place.formerly {
        None => Print { now: fingerprint(check, identity, &place.path), formerly: None },
        Some(formerly) => Print {
            now: format!("p2:{}", digest(check, identity, &place.path)),
            formerly: Some(fingerprint(check, identity, formerly)),
        },
    }
}

/// `p1:` and the first 16 bytes of the digest of check, identity and normalised path.
#[must_use]
pub fn fingerprint(check: &str, identity: Option<&ObjectRef>, path: &str) -> String {
    format!("p1:{}", digest(check, identity, path))
}

fn digest(check: &str, identity: Option<&ObjectRef>, path: &str) -> String {
    let digest = Sha256::digest(format!("{check}\n{}\n{path}", identity_line(identity)));
    hex(digest.get(..16).unwrap_or_default())
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

/// A place by its normalised path.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NormalPath {
    /// The path in which no order counts.
    pub path: String,
    /// The path as earlier versions wrote it, where elements are named by lists of objects: those
    /// stood in it in the order of the cluster.
    pub formerly: Option<String>,
}

impl From<String> for NormalPath {
    fn from(path: String) -> Self {
        Self { path, formerly: None }
    }
}

/// The place of a path in an object. `pod_spec` is where the object's pod spec stands, empty without
/// one. At a place that holds a `secret`, a text in a list is named by its place, since its content
/// is the secret, and masked in captures.
#[must_use]
pub fn place(root: &Node, pod_spec: &[&str], path: &FieldPath, secret: bool) -> NormalPath {
    let text = || path.walk(root).is_some_and(|node| node.as_str().is_some());
    let (named, end) = match path.0.split_last() {
        Some((Seg::Index(index), above)) if secret && text() => {
            (FieldPath(above.into()), Some(index.to_string()))
        }
        _ => (path.clone(), None),
    };
    let spell = |lists| {
        let (mut out, sets) = spell(root, pod_spec, &named, lists);
        if let Some(end) = &end {
            push_element(&mut out, end);
        }
        (out, sets)
    };
    let (path, sets) = spell(Lists::Sorted);
    NormalPath { path, formerly: sets.then(|| spell(Lists::AsWritten).0) }
}

/// A path in which list elements are named by their natural key and pod specs start at `pod/`,
/// whatever the kind. `pod_spec` is where the object's pod spec stands, empty without one.
#[must_use]
pub fn normalise(root: &Node, pod_spec: &[&str], path: &FieldPath) -> String {
    spell(root, pod_spec, path, Lists::Sorted).0
}

/// As [`normalise`], for a place that holds a secret.
pub(super) fn normalise_secret(root: &Node, pod_spec: &[&str], path: &FieldPath) -> String {
    place(root, pod_spec, path, true).path
}

/// The normalised path, and whether the order of a list of objects could show in it.
fn spell(root: &Node, pod_spec: &[&str], path: &FieldPath, lists: Lists) -> (String, bool) {
    let mut out = String::new();
    let mut sets = false;
    let skip = if let Some(rest) = strip(path, pod_spec) {
        out.push_str("pod");
        path.0.len() - rest
    } else if let Some(rest) = metadata_of(path, pod_spec) {
        out.push_str("podmeta");
        path.0.len() - rest
    } else {
        0
    };
    let (above, below) = path.0.split_at_checked(skip).unwrap_or((&path.0, &[]));
    let mut node = walk(above, root);
    let mut list = above.iter().rev().find_map(name);
    for seg in below {
        match seg {
            Seg::Field(field) => {
                push_field(&mut out, field);
                node = node.and_then(|n| n.get(field));
                list = Some(field);
            }
            Seg::Index(index) => {
                node = node.and_then(|n| n.as_list()?.get(*index));
                let list = list.unwrap_or_default();
                out.push('[');
                match node {
                    Some(node) if push_natural_key(&mut out, list, node) => {}
                    Some(node) => {
                        let mut content = Content::new(lists);
                        content.write(node);
                        sets |= content.sets;
                        out.push_str(&content.out);
                    }
                    None => out.push_str("missing"),
                }
                out.push(']');
            }
        }
    }
    (out, sets)
}

fn name(seg: &Seg) -> Option<&str> {
    match seg {
        Seg::Field(name) => Some(name),
        Seg::Index(_) => None,
    }
}

/// How many steps follow the pod spec, if the path leads through it.
fn strip(path: &FieldPath, pod_spec: &[&str]) -> Option<usize> {
    let rest = path.0.len().checked_sub(pod_spec.len())?;
    let starts = path.0.iter().zip(pod_spec).all(|(seg, key)| name(seg) == Some(key));
    (!pod_spec.is_empty() && starts).then_some(rest)
}

fn metadata_of(path: &FieldPath, pod_spec: &[&str]) -> Option<usize> {
    let (_, above) = pod_spec.split_last()?;
    let rest = path.0.len().checked_sub(pod_spec.len())?;
    let keys = above.iter().chain(&["metadata"]);
    path.0.iter().zip(keys).all(|(seg, key)| name(seg) == Some(key)).then_some(rest)
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
    let mut key = String::new();
    if push_natural_key(&mut key, list, element) { key } else { content(element) }
}

/// Adds the name, number or place that tells an element from its neighbours. False where only the whole of
/// it does.
fn push_natural_key(out: &mut String, list: &str, element: &Node) -> bool {
    let name = match (list, element) {
        ("containers" | "initContainers" | "ephemeralContainers", Node::Map(_)) => {
            out.push_str(role_of(list, element).word());
            out.push(':');
            Some(element.str_at(&["name"]).unwrap_or_default())
        }
        ("ports", Node::Map(_)) => {
            let number = element.get("containerPort").or_else(|| element.get("port"));
            let Some(number) = number else { return false };
            let protocol = element.str_at(&["protocol"]).unwrap_or("TCP");
            let _ = write!(out, "{}/{protocol}", number.to_json());
            return true;
        }
        ("volumeMounts", Node::Map(_)) => element.str_at(&["mountPath"]),
        ("rules" | "subjects", _) => None,
        (_, Node::Map(map)) => map.get("name").and_then(Node::as_str),
        _ => None,
    };
    let Some(name) = name else { return false };
    push_quoted(out, name);
    true
}

/// Adds a text as JSON writes it. Hardly any holds something that has to be escaped.
fn push_quoted(out: &mut String, text: &str) {
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        let _ = write!(out, "{}", Node::str(text).to_json());
    }
}

/// JSON with sorted keys and sorted lists. A name is no copy: it leaves out the order of lists even
/// where that means something, because two neighbours that differ in nothing else are one place to
/// a person.
#[must_use]
pub fn content(node: &Node) -> String {
    let mut content = Content::new(Lists::Sorted);
    content.write(node);
    content.out
}

/// How lists are written where the content of an element is its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lists {
    /// All of them sorted.
    Sorted,
    /// Those of strings sorted and others as they stand: the names that begin with `p1:`.
    AsWritten,
}

/// Content in the making.
struct Content {
    out: String,
    lists: Lists,
    /// Whether it holds a list of which [`Lists::AsWritten`] keeps the order.
    sets: bool,
}

impl Content {
    fn new(lists: Lists) -> Self {
        Self { out: String::new(), lists, sets: false }
    }

    fn write(&mut self, node: &Node) {
        match node {
            Node::Map(map) => {
                let mut entries: Vec<_> = map.iter().collect();
                entries.sort_by_key(|(key, _)| *key);
                self.out.push('{');
                for (at, (key, value)) in entries.into_iter().enumerate() {
                    if at > 0 {
                        self.out.push(',');
                    }
                    push_quoted(&mut self.out, key);
                    self.out.push(':');
                    self.write(value);
                }
                self.out.push('}');
            }
            Node::List(items) => {
                let items = self.items(items);
                let _ = write!(self.out, "[{}]", items.join(","));
            }
            Node::Str(text) => push_quoted(&mut self.out, text),
            scalar => {
                let _ = write!(self.out, "{}", scalar.to_json());
            }
        }
    }

    fn items(&mut self, items: &[Node]) -> Vec<String> {
        let mut sorted: Vec<&Node> = items.iter().collect();
        let strings = items.iter().all(|i| i.as_str().is_some());
        if strings {
            sorted.sort_by_key(|i| i.as_str());
        }
        self.sets |= !strings && items.len() > 1;
        let mut written: Vec<String> = sorted.into_iter().map(|item| self.apart(item)).collect();
        if !strings && self.lists == Lists::Sorted {
            written.sort_unstable();
        }
        written
    }

    /// The content of an item by itself.
    fn apart(&mut self, item: &Node) -> String {
        let mut content = Self::new(self.lists);
        content.write(item);
        self.sets |= content.sets;
        content.out
    }
}
