//! Lists of objects, as `kubectl get -o yaml` writes them.

use super::likely;
use crate::model::kinds::Kind;
use crate::model::node::Node;

/// Whether a tree is a list of objects. One of a built-in kind without items is an empty one.
pub(super) fn is_list(node: &Node) -> bool {
    match node.get("items") {
        Some(items) => listed(node).is_some() && items.as_list().is_some(),
        None => is_builtin(node),
    }
}

/// What a list holds that is said to be one of built-in kinds, and has something else for its items.
pub(super) fn without_items(node: &Node) -> Option<&Node> {
    node.get("items").filter(|items| items.as_list().is_none() && is_builtin(node))
}

/// The kind of the items of a list; empty of one that may hold any.
fn listed(node: &Node) -> Option<&str> {
    node.str_at(&["kind"])?.strip_suffix("List")
}

fn is_builtin(node: &Node) -> bool {
    let version = node.str_at(&["apiVersion"]).unwrap_or_default();
    listed(node).is_some_and(|kind| {
        kind.is_empty() && version == "v1" || Kind::of(version, kind).builtin().is_some()
    })
}

/// The items of a document that is a list of objects itself.
pub(super) fn bare(node: &Node) -> Option<&[Node]> {
    node.as_list().filter(|items| !items.is_empty() && items.iter().all(likely::is_typed))
}

/// Why a list is not all that was listed, if it says so itself: it is one page of several.
pub(super) fn is_a_page(node: &Node) -> Option<String> {
    let next = node.str_at(&["metadata", "continue"]).is_some_and(|token| !token.is_empty());
    let left =
        node.at(&["metadata", "remainingItemCount"]).and_then(Node::as_int).filter(|n| *n > 0);
    let how_many = left.map_or_else(String::new, |left| format!(" {left}"));
    (next || left.is_some()).then(|| {
        format!(
            "the list is one page of several: the server has{how_many} more, which are not assessed; get all of \
             them, with --chunk-size=0 or without a limit"
        )
    })
}

/// The items of a `List`; items of a typed list (`PodList`) that say no kind get it from the list.
pub(super) fn items(node: &Node) -> Vec<Node> {
    let kind = listed(node).unwrap_or_default().to_owned();
    let version = node.str_at(&["apiVersion"]).unwrap_or_default().to_owned();
    let items = node.get("items").and_then(Node::as_list).unwrap_or_default();
    let fill = |item: &Node| match item {
        Node::Map(map) if !kind.is_empty() && map.get("kind").is_none() => {
            let head = [("apiVersion", Node::str(&version)), ("kind", Node::str(&kind))];
            Node::map(head.into_iter().chain(map.iter().map(|(k, v)| (k, v.clone()))))
        }
        other => other.clone(),
    };
    items.iter().map(fill).collect()
}
