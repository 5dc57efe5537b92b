//! One item of a page, or of an event, as an object.

use std::sync::Arc;

use super::METADATA;
use crate::cluster::api_resource::ApiResource;
use crate::model::applied::{self, LAST_APPLIED};
use crate::model::key::Key;
use crate::model::node::{Map, Node};
use crate::model::object::Object;

/// Whether an item, if it says what it is, is of the kind and version that was asked for.
fn fits(item: &Node, target: &ApiResource) -> bool {
    let own = target.api_version();
    let fits = |key: &str, wanted: &str, metadata: &str| {
        let told = item.str_at(&[key]).unwrap_or_default();
        told.is_empty() || told == wanted || (target.is_secret() && told == metadata)
    };
    fits("kind", &target.kind.kind, METADATA.0) && fits("apiVersion", &own, METADATA.1)
}

/// Makes an object of an item: fills in what lists leave out, drops what is never looked at. None if
/// it is no object, or one of another kind.
pub(in crate::cluster) fn object(
    item: Node,
    target: &ApiResource,
    secret_type: Option<&str>,
) -> Option<Arc<Object>> {
    if !fits(&item, target) {
        return None;
    }
    let Node::Map(map) = item else { return None };
    whole(map.into_entries(), target, secret_type)
}

/// An object of what a list says of it.
pub(super) fn whole(
    item: Vec<(Key, Node)>,
    target: &ApiResource,
    secret_type: Option<&str>,
) -> Option<Arc<Object>> {
    let mut entries = Vec::with_capacity(item.len() + 3);
    entries.push((Key::new("apiVersion"), Node::str(&target.api_version())));
    entries.push((Key::new("kind"), Node::str(&target.kind.kind)));
    if let Some(name) = secret_type {
        entries.push((Key::new("type"), Node::str(name)));
    }
    let secret = target.is_secret();
    for (key, value) in item {
        match key.as_str() {
            "apiVersion" | "kind" => {}
            "metadata" if secret => entries.push((key, without_values(value))),
            // The rest was never asked for; a server that sends it all the same is not believed.
            _ if secret => {}
            "metadata" => entries.push((key, with_compact_copy(value))),
            _ => entries.push((key, value)),
        }
    }
    Object::new(Node::Map(Map::new(entries))).ok().map(Arc::new)
}

fn annotations(metadata: Node, change: impl FnOnce(Map) -> Node) -> Node {
    let Node::Map(map) = metadata else { return metadata };
    let mut change = Some(change);
    let entries = map
        .into_entries()
        .into_iter()
        .map(|(key, value)| match (key.as_str(), value) {
            ("annotations", Node::Map(inner)) => match change.take() {
                Some(change) => (key, change(inner)),
                None => (key, Node::Map(inner)),
            },
            (_, value) => (key, value),
        })
        .collect();
    Node::Map(Map::new(entries))
}

/// The copy that kubectl keeps is large and repeats what is there: its version and kind stay.
fn with_compact_copy(metadata: Node) -> Node {
    if metadata.at(&["annotations", LAST_APPLIED]).is_none() {
        return metadata;
    }
    annotations(metadata, |map| {
        let kept = map.into_entries().into_iter().filter_map(|(key, value)| match key.as_str() {
            LAST_APPLIED => applied::compact(&value).map(|value| (key, value)),
            _ => Some((key, value)),
        });
        Node::Map(Map::new(kept.collect()))
    })
}

/// Annotations of Secrets may hold what the Secret holds: their names stay, their values go.
fn without_values(metadata: Node) -> Node {
    annotations(metadata, |map| {
        let kept = map.into_entries().into_iter().map(|(key, _)| (key, Node::str("")));
        Node::Map(Map::new(kept.collect()))
    })
}
