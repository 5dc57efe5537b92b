//! Looking at certain places of a tree, and at nothing else of it.

use std::hash::{Hash as _, Hasher};

use crate::checks::cel::reads::{Extent, Step};
use crate::model::key::Key;
use crate::model::node::Node;

/// Which places of a tree are looked at.
#[derive(Debug, Default)]
pub(in crate::checks) struct ReadTree {
    /// Everything there is.
    whole: bool,
    /// How many elements or entries there are.
    count: bool,
    fields: Vec<(Key, Self)>,
    /// Each element, and how many there are.
    each: Option<Box<Self>>,
}

impl ReadTree {
    /// Looks at one place more.
    pub(in crate::checks) fn add(&mut self, steps: &[Step], extent: Extent) {
        let Some((step, rest)) = steps.split_first() else {
            self.whole |= extent == Extent::Whole;
            self.count |= extent == Extent::Count;
            return;
        };
        let next = match step {
            Step::Each => &mut **self.each.get_or_insert_default(),
            Step::Field(key) => {
                let known = self.fields.iter().position(|(known, _)| known.is(key));
                let at = known.unwrap_or_else(|| {
                    self.fields.push((key.clone(), Self::default()));
                    self.fields.len() - 1
                });
                let Some((_, next)) = self.fields.get_mut(at) else { return };
                next
            }
        };
        next.add(rest, extent);
    }

    /// Whether there is the same to see at two trees.
    pub(in crate::checks) fn sees_the_same(&self, one: &Node, other: &Node) -> bool {
        let (mut left, mut right) = (Vec::new(), Vec::new());
        self.at(Some(one), &mut left);
        self.at(Some(other), &mut right);
        left == right
    }

    /// What there is to see at a tree. Of what is neither the map nor the list that it is taken
    /// for, everything.
    pub(super) fn at<'a>(&self, tree: Option<&'a Node>, seen: &mut Vec<SeenNode<'a>>) {
        let Some(tree) = tree else {
            seen.push(SeenNode::Nothing);
            return;
        };
        let (is_list, is_map) = (self.each.is_some(), !self.fields.is_empty());
        match tree {
            _ if self.whole => seen.push(SeenNode::All(tree)),
            Node::Map(map) if !is_list => {
                seen.push(if self.count {
                    SeenNode::Elements(map.len())
                } else {
                    SeenNode::Something
                });
                self.fields.iter().for_each(|(key, look)| look.at(map.get_key(key), seen));
            }
            Node::List(items) if !is_map && (is_list || self.count) => {
                seen.push(SeenNode::Elements(items.len()));
                if let Some(each) = &self.each {
                    items.iter().for_each(|item| each.at(Some(item), seen));
                }
            }
            _ if !is_list && !is_map && !self.count => seen.push(SeenNode::Something),
            _ => seen.push(SeenNode::All(tree)),
        }
    }
}

/// What is seen at one place.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum SeenNode<'a> {
    Nothing,
    /// A map of which fields follow, or anything where only that counts.
    Something,
    /// So many elements or entries, of which some may follow.
    Elements(usize),
    All(&'a Node),
}

impl SeenNode<'_> {
    pub(super) fn hash_into(&self, hasher: &mut impl Hasher) {
        std::mem::discriminant(self).hash(hasher);
        match self {
            Self::Nothing | Self::Something => {}
            Self::Elements(count) => count.hash(hasher),
            Self::All(tree) => tree.hash_into(hasher),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn field(name: &str) -> Step {
        Step::Field(Key::new(name))
    }

    fn look() -> ReadTree {
        let mut look = ReadTree::default();
        look.add(&[field("a")], Extent::Whole);
        look.add(&[field("b"), field("c")], Extent::Presence);
        look.add(&[field("l"), Step::Each, field("x")], Extent::Whole);
        look.add(&[field("n")], Extent::Count);
        look
    }

    /// Whether two trees are the same to a look; equal ones are hashed alike.
    fn same(look: &ReadTree, one: &serde_json::Value, other: &serde_json::Value) -> bool {
        let (one, other) = (Node::from(one), Node::from(other));
        let (mut left, mut right) = (Vec::new(), Vec::new());
        look.at(Some(&one), &mut left);
        look.at(Some(&other), &mut right);
        let hash = |seen: &[SeenNode<'_>]| {
            let mut hasher = rustc_hash::FxHasher::default();
            for seen in seen {
                seen.hash_into(&mut hasher);
            }
            hasher.finish()
        };
        let equal = left == right;
        assert_eq!(equal, hash(&left) == hash(&right), "{one:?} {other:?}");
        equal
    }

    #[test]
    fn what_is_not_looked_at_makes_no_difference() {
        let tree = json!({"a": 1, "b": {"c": 1}, "l": [{"x": 1, "y": 1}, {}], "z": 1});
        for other in [
            json!({"a": 1, "b": {"c": 2}, "l": [{"x": 1}, {"y": 3}]}),
            json!({"a": 1, "b": {"c": 2}, "l": [{"x": 1}, {}], "z": {}}),
            json!({"z": 2, "l": [{"x": 1}, {}], "b": {"d": 1, "c": "t"}, "a": 1}),
        ] {
            assert!(same(&look(), &tree, &other), "{other}");
        }
    }

    #[test]
    fn what_is_looked_at_does() {
        let tree = json!({"a": 1, "b": {"c": 1}, "l": [{"x": 1, "y": 1}, {}]});
        for other in [
            json!({"a": 2, "b": {"c": 1}, "l": [{"x": 1}, {}]}),
            json!({"b": {"c": 1}, "l": [{"x": 1}, {}]}),
            json!({"a": 1, "b": {}, "l": [{"x": 1}, {}]}),
            json!({"a": 1, "l": [{"x": 1}, {}]}),
            json!({"a": 1, "b": {"c": 1}, "l": [{"x": 2}, {}]}),
            json!({"a": 1, "b": {"c": 1}, "l": [{}, {"x": 1}]}),
            json!({"a": 1, "b": {"c": 1}, "l": [{"x": 1}]}),
            json!({"a": 1, "b": {"c": 1}, "l": [{"x": 1}, {}, {}]}),
            json!({"a": 1, "b": {"c": 1}}),
        ] {
            assert!(!same(&look(), &tree, &other), "{other}");
        }
    }

    #[test]
    fn what_has_another_form_is_looked_at_as_a_whole() {
        for (one, other) in [
            (json!({"b": "text"}), json!({"b": "other"})),
            (json!({"b": [1]}), json!({"b": [2]})),
            (json!({"l": {"k": 1}}), json!({"l": {"k": 2}})),
            (json!({"l": ["s"]}), json!({"l": ["t"]})),
            (json!({"l": [1]}), json!({"l": [{}]})),
            (json!("text"), json!("other")),
            (json!({"n": [1]}), json!({"n": [1, 2]})),
            (json!({"n": {"a": 1}}), json!({"n": {}})),
            (json!({"n": "ab"}), json!({"n": "cd"})),
            (json!({"n": []}), json!({})),
        ] {
            assert!(!same(&look(), &one, &other), "{one} {other}");
            assert!(same(&look(), &one, &one), "{one}");
        }
        assert!(same(&look(), &json!({"n": [1, 2]}), &json!({"n": [3, 4]})));
        assert!(same(&look(), &json!({"n": {"a": 1}}), &json!({"n": {"b": 2}})));
        assert!(same(&look(), &json!({"n": {"a": 1}}), &json!({"n": [2]})));
        let mut both = look();
        both.add(&[field("l"), field("x")], Extent::Whole);
        assert!(!same(&both, &json!({"l": [{"y": 1}]}), &json!({"l": [{"y": 2}]})));
    }
}
