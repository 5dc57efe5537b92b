//! Writing trees: a literal for nodes, and laying one tree over another.

use crate::model::key::Key;
use crate::model::node::{Map, Node};

/// A tree written as it looks: maps with `{ "key": value }`, lists with `[value]`, and any
/// expression that becomes a node in parentheses. A key is a literal or the name of a variable.
macro_rules! node {
    ({ $($key:tt : $value:tt),* $(,)? }) => {
        $crate::model::node::Node::Map($crate::model::node::Map::new(vec![
            $(($crate::model::key::Key::new($key), $crate::source::demo::tree::node!($value))),*
        ]))
    };
    ([ $($value:tt),* $(,)? ]) => {
        $crate::model::node::Node::list(vec![$($crate::source::demo::tree::node!($value)),*])
    };
    ($value:expr) => {
        $crate::source::demo::tree::IntoNode::into_node($value)
    };
}
pub(crate) use node;

/// What can stand as a value in [`node!`]. An absent option is null, which maps leave out.
pub(crate) trait IntoNode {
    /// The value as a node.
    fn into_node(self) -> Node;
}

impl IntoNode for Node {
    fn into_node(self) -> Node {
        self
    }
}

impl IntoNode for &str {
    fn into_node(self) -> Node {
        Node::str(self)
    }
}

impl IntoNode for &String {
    fn into_node(self) -> Node {
        Node::str(self)
    }
}

impl IntoNode for String {
    fn into_node(self) -> Node {
        Node::str(&self)
    }
}

impl IntoNode for bool {
    fn into_node(self) -> Node {
        Node::Bool(self)
    }
}

impl IntoNode for i64 {
    fn into_node(self) -> Node {
        Node::Int(self)
    }
}

impl<T: IntoNode> IntoNode for Option<T> {
    fn into_node(self) -> Node {
        self.map_or(Node::Null, T::into_node)
    }
}

impl<T: IntoNode> IntoNode for Vec<T> {
    fn into_node(self) -> Node {
        Node::list(self.into_iter().map(T::into_node).collect())
    }
}

/// A list, or nothing when it is empty: the API leaves empty lists out.
pub(crate) fn some_list(items: Vec<Node>) -> Node {
    if items.is_empty() { Node::Null } else { Node::list(items) }
}

/// A map of texts, or nothing when it is empty.
pub(crate) fn texts<'a>(entries: impl IntoIterator<Item = (&'a String, &'a String)>) -> Node {
    let entries: Vec<_> =
        entries.into_iter().map(|(key, value)| (Key::new(key), Node::str(value))).collect();
    if entries.is_empty() { Node::Null } else { Node::Map(Map::new(entries)) }
}

/// Lays `over` on `base`: maps key by key, lists of named maps element by element, everything else
/// is replaced.
pub(crate) fn merge(base: Node, over: &Node) -> Node {
    match (base, over) {
        (Node::Map(base), Node::Map(over)) => {
            let mut entries = base.into_entries();
            for (key, value) in over.entries() {
                match entries.iter_mut().find(|(known, _)| known.is(key)) {
                    Some((_, known)) => *known = merge(std::mem::take(known), value),
                    None => entries.push((key.clone(), value.clone())),
                }
            }
            Node::Map(Map::new(entries))
        }
        (Node::List(base), Node::List(over)) if is_named(&base) && is_named(over) => {
            let mut items = base.to_vec();
            for value in over.iter() {
                let name = value.get("name");
                match items.iter_mut().find(|known| known.get("name") == name) {
                    Some(known) => *known = merge(std::mem::take(known), value),
                    None => items.push(value.clone()),
                }
            }
            Node::list(items)
        }
        (base, Node::Null) => base,
        (_, over) => over.clone(),
    }
}

fn is_named(items: &[Node]) -> bool {
    !items.is_empty() && items.iter().all(|item| item.get("name").is_some())
}

/// `base` with the value at `key` replaced; a null value takes the key away.
pub(crate) fn with(base: Node, key: &str, value: Node) -> Node {
    change(base, key, |_| value)
}

/// `base` with the value at `key` changed, null if there is none; a null result takes it away.
pub(crate) fn change(base: Node, key: &str, change: impl FnOnce(Node) -> Node) -> Node {
    let Node::Map(map) = base else { return base };
    let mut entries = map.into_entries();
    match entries.iter_mut().find(|(known, _)| known.as_str() == key) {
        Some((_, known)) => *known = change(std::mem::take(known)),
        None => entries.push((Key::new(key), change(Node::Null))),
    }
    Node::Map(Map::new(entries))
}

/// `base` with `extra` at the end of the list at `key`.
pub(crate) fn append(base: Node, key: &str, extra: Vec<Node>) -> Node {
    if extra.is_empty() {
        return base;
    }
    change(base, key, |list| {
        let mut items = items(list);
        items.extend(extra);
        Node::list(items)
    })
}

/// `base` with every element of the list at `key` changed.
pub(crate) fn each(base: Node, key: &str, one: impl Fn(Node) -> Node) -> Node {
    change(base, key, |list| some_list(items(list).into_iter().map(one).collect()))
}

fn items(list: Node) -> Vec<Node> {
    if let Node::List(items) = list { items.to_vec() } else { Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_elements_are_merged_and_others_replaced() {
        let base = node!({ "a": [{ "name": "x", "n": 1 }], "b": [1, 2], "c": { "d": true } });
        let over = node!({ "a": [{ "name": "x", "m": 2 }, { "name": "y" }], "b": [3] });
        let expected = node!({
            "a": [{ "name": "x", "n": 1, "m": 2 }, { "name": "y" }],
            "b": [3],
            "c": { "d": true },
        });
        assert_eq!(merge(base, &over), expected);
    }

    #[test]
    fn absent_options_leave_no_key() {
        assert_eq!(node!({ "a": (None::<&str>), "b": (Some("x")) }), node!({ "b": "x" }));
    }
}
