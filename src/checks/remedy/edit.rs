//! Edits of a tree. Trees are shared, so an edit makes a changed copy.

use crate::model::key::Key;
use crate::model::node::{Map, Node};
use crate::model::path::{FieldPath, Seg};

/// The tree with a value at a path; maps on the way are made.
pub(super) fn set(tree: &Node, path: &FieldPath, value: &Node) -> Node {
    put(tree, &path.0, Some(value))
}

/// The tree without what stands at a path.
pub(super) fn remove(tree: &Node, path: &FieldPath) -> Node {
    if path.walk(tree).is_none() { tree.clone() } else { put(tree, &path.0, None) }
}

/// The tree with an element added to a list, unless the list holds it.
pub(super) fn add(tree: &Node, path: &FieldPath, value: Node) -> Node {
    let mut list = path.walk(tree).and_then(Node::as_list).unwrap_or_default().to_vec();
    if list.contains(&value) {
        return tree.clone();
    }
    list.push(value);
    set(tree, path, &Node::list(list))
}

/// A role without the rules that were left with no verb or no resource; those that were so before
/// stay.
pub(super) fn without_emptied(before: &Node, after: &Node) -> Node {
    let was = before.list_at(&["rules"]);
    let empty = |rule: &Node, field: &str| {
        rule.get(field).and_then(Node::as_list).is_some_and(<[Node]>::is_empty)
    };
    let mut kept = Vec::new();
    for (at, rule) in after.list_at(&["rules"]).iter().enumerate() {
        let emptied = empty(rule, "verbs") || empty(rule, "resources");
        if !emptied || was.get(at) == Some(rule) {
            kept.push(rule.clone());
        }
    }
    set(after, &FieldPath([Seg::Field("rules".into())].into()), &Node::list(kept))
}

fn put(tree: &Node, path: &[Seg], value: Option<&Node>) -> Node {
    let Some((first, rest)) = path.split_first() else {
        return value.cloned().unwrap_or(Node::Null);
    };
    match first {
        Seg::Field(name) => {
            let mut entries = tree.as_map().map(|map| map.entries().to_vec()).unwrap_or_default();
            let at = entries.iter().position(|(key, _)| key.as_str() == &**name);
            let child = at.and_then(|at| entries.get(at)).map_or(&Node::Null, |(_, child)| child);
            let changed = put(child, rest, value);
            match at.and_then(|at| entries.get_mut(at)) {
                Some(entry) => entry.1 = changed,
                None => entries.push((Key::new(name), changed)),
            }
            // Null entries are dropped: this is how a field goes away.
            Node::Map(Map::new(entries))
        }
        Seg::Index(index) => {
            let mut items = tree.as_list().unwrap_or_default().to_vec();
            if rest.is_empty() && value.is_none() {
                if *index < items.len() {
                    items.remove(*index);
                }
            } else if let Some(item) = items.get_mut(*index) {
                *item = put(item, rest, value);
            }
            Node::list(items)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edited(json: &str, path: &str, work: impl Fn(&Node, &FieldPath) -> Node) -> String {
        let tree = Node::from_json(json.as_bytes()).unwrap();
        work(&tree, &FieldPath::parse(path).unwrap()).to_json().to_string()
    }

    #[test]
    fn edits() {
        let no = Node::Bool(false);
        let set_no = |tree: &Node, path: &FieldPath| set(tree, path, &no);
        assert_eq!(
            edited(r#"{"a":[{"b":1}]}"#, "a[0].c.d", set_no),
            r#"{"a":[{"b":1,"c":{"d":false}}]}"#
        );
        assert_eq!(edited(r#"{"a":{"b":true}}"#, "a.b", set_no), r#"{"a":{"b":false}}"#);
        assert_eq!(edited(r#"{"a":{"b":1,"c":2}}"#, "a.b", remove), r#"{"a":{"c":2}}"#);
        assert_eq!(edited(r#"{"a":[1,2]}"#, "a[0]", remove), r#"{"a":[2]}"#);
        assert_eq!(edited(r#"{"a":1}"#, "b.c", remove), r#"{"a":1}"#);
        let all = |tree: &Node, path: &FieldPath| add(tree, path, Node::str("ALL"));
        assert_eq!(edited("{}", "a.drop", all), r#"{"a":{"drop":["ALL"]}}"#);
        assert_eq!(edited(r#"{"a":["ALL"]}"#, "a", all), r#"{"a":["ALL"]}"#);
    }
}
