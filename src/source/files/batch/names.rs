//! The names of objects in manifests: those that a file or a server gives, and those that several have.

use std::path::Path;
use std::sync::Arc;

use super::Batch;
use crate::model::kinds::Kind;
use crate::model::node::{Map, Node};
use crate::model::object::Object;
use crate::model::served;

/// An object that was met.
pub(super) struct SeenObject {
    file: Arc<str>,
    line: u32,
    body: Arc<Node>,
}

/// Kinds whose objects others are judged by, found by their names.
const REFERRED: [&str; 7] = [
    "ClusterRole",
    "ClusterRoleBinding",
    "Namespace",
    "Role",
    "RoleBinding",
    "RuntimeClass",
    "ServiceAccount",
];

impl Batch {
    /// Configuration files of components have no name: that of the file serves, and where two
    /// would get the same, its path and the line.
    pub(super) fn named(&self, file: &str, node: Node, line: u32) -> Node {
        if !is_configuration(&node) || node.str_at(&["metadata", "name"]).is_some() {
            return node;
        }
        let Node::Map(map) = node else { return node };
        let kind = Kind::of(text(&map, "apiVersion"), text(&map, "kind"));
        let stem = Path::new(file).file_stem().and_then(|stem| stem.to_str());
        let stem = stem.filter(|stem| !stem.is_empty() && *stem != "-").unwrap_or("stdin");
        let taken = self.seen.contains_key(&(kind, String::new(), stem.to_owned()));
        let name = if taken { format!("{file}:{line}") } else { stem.to_owned() };
        let metadata = Node::map([("name", Node::str(&name))]);
        let rest = map.iter().filter(|(key, _)| *key != "metadata");
        let entries = rest.map(|(key, value)| (key, value.clone()));
        Node::map(entries.chain([("metadata", metadata)]).collect::<Vec<_>>())
    }

    /// A server makes up a name for each object that has but the beginning of one: they are never the same.
    pub(super) fn made_up(&self, object: &mut Object) {
        if object.body().str_at(&["metadata", "name"]).is_some_and(|name| !name.is_empty()) {
            return;
        }
        let start = object.id.name.to_string();
        let taken = |name: &str| {
            let key = (object.kind(), object.namespace().to_owned(), name.to_owned());
            self.seen.contains_key(&key)
        };
        let mut name = start.clone();
        let mut number = 1;
        while taken(&name) {
            number += 1;
            name = format!("{start}#{number}");
        }
        object.id.name = name.into();
    }

    /// Objects with one name are all judged, and told; what refers to one by its name could mean any of them.
    pub(super) fn unlike_the_others(&mut self, file: &Arc<str>, line: u32, object: &Object) {
        let key = (object.kind(), object.namespace().to_owned(), object.id.name.to_string());
        let here = SeenObject { file: Arc::clone(file), line, body: Arc::clone(object.body()) };
        let Some(other) = self.seen.insert(key, here) else { return };
        let open = REFERRED.contains(&&*object.id.kind) && other.body != *object.body();
        let follows = if open {
            self.lose(&other.file);
            "what refers to it is not assessed: give one of them"
        } else {
            "each is assessed, and a finding on both is told once"
        };
        let message = format!("{} stands here and in {file}:{line}; {follows}", object.id);
        self.problem(&other.file, Some(other.line), Some(1), message);
    }
}

fn is_configuration(node: &Node) -> bool {
    let version = node.str_at(&["apiVersion"]).unwrap_or_default();
    let kind = node.str_at(&["kind"]).unwrap_or_default();
    let group = version.split('/').next().unwrap_or_default();
    served::is_file(group, kind)
}

fn text<'a>(map: &'a Map, key: &str) -> &'a str {
    map.get(key).and_then(Node::as_str).unwrap_or_default()
}
