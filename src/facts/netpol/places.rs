//! The namespaces that peers of policies may be in, found by their labels.

use rustc_hash::FxHashMap;

use crate::facts::kind::NAMESPACE;
use crate::model::inventory::Inventory;
use crate::model::node::{Map, Node};
use crate::model::selector::{self, Labels};

/// The label that every Namespace has, with its own name.
const NAME: &str = "kubernetes.io/metadata.name";

static NOTHING: Node = Node::Null;

/// Every namespace that is listed or lived in, with its labels.
#[derive(Debug)]
pub(crate) struct LabelledNamespaces {
    /// In order of their names.
    all: Vec<(Box<str>, Node)>,
    /// Places among all of them, by label and value; the implied label is left out.
    by_label: FxHashMap<(Box<str>, Box<str>), Vec<usize>>,
}

impl LabelledNamespaces {
    pub(crate) fn of(inventory: &Inventory) -> Self {
        let labels = |name: &str| {
            let namespace = inventory.get(&NAMESPACE, "", name);
            namespace.and_then(|ns| ns.body().at(&["metadata", "labels"])).cloned()
        };
        let all: Vec<(Box<str>, Node)> = inventory
            .namespaces()
            .into_iter()
            .map(|name| (name.into(), labels(name).unwrap_or(Node::Null)))
            .collect();
        let mut by_label: FxHashMap<(Box<str>, Box<str>), Vec<usize>> = FxHashMap::default();
        for (at, (_, labels)) in all.iter().enumerate() {
            for (key, value) in labels.as_map().into_iter().flat_map(Map::iter) {
                if let Some(value) = value.as_str() {
                    by_label.entry((key.into(), value.into())).or_default().push(at);
                }
            }
        }
        Self { all, by_label }
    }

    /// The labels of a namespace; null where there are none.
    pub(crate) fn labels(&self, name: &str) -> &Node {
        let at = self.all.binary_search_by(|(known, _)| (**known).cmp(name)).ok();
        at.and_then(|at| self.all.get(at)).map_or(&NOTHING, |(_, labels)| labels)
    }

    /// The namespaces that a selector matches, in order.
    pub(crate) fn matching(&self, selector: &Node) -> Vec<&str> {
        let fits = |(name, labels): &&(Box<str>, Node)| selects_place(selector, name, labels);
        // The first label narrows the search. The one of its name may be missing from its labels.
        let wanted = selector.get("matchLabels").and_then(Node::as_map);
        let mut wanted = wanted.into_iter().flat_map(Map::iter).filter(|(key, _)| *key != NAME);
        match wanted.find_map(|(key, value)| Some((key, value.as_str()?))) {
            Some((key, value)) => {
                let found = self.by_label.get(&(key.into(), value.into()));
                let found = found.into_iter().flatten().filter_map(|at| self.all.get(*at));
                found.filter(fits).map(|(name, _)| &**name).collect()
            }
            None => self.all.iter().filter(fits).map(|(name, _)| &**name).collect(),
        }
    }

    /// Namespaces whose labels are other ones than before, with both; where other namespaces are in
    /// use, more than these may differ.
    pub(crate) fn renamed_since(&self, before: &Self) -> Vec<(Box<str>, Node, Node)> {
        let differing = self.all.iter().filter_map(|(name, labels)| {
            let then = before.labels(name);
            (then != labels).then(|| (name.clone(), then.clone(), labels.clone()))
        });
        differing.collect()
    }
}

/// Whether a selector matches a namespace of these labels.
pub(crate) fn selects_place(selector: &Node, name: &str, labels: &Node) -> bool {
    selector::selects(selector, Labels::of_namespace(labels, name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::facts::testing::World;

    #[test]
    fn a_selector_finds_the_namespaces_that_it_matches_one_by_one() {
        let mut world = World::complete();
        for (name, labels) in [
            ("a", json!({"team": "x", "kubernetes.io/metadata.name": "a"})),
            ("b", json!({"team": "x", "tier": "1"})),
            ("c", json!({})),
            ("d", json!({"team": "y"})),
        ] {
            world.add(&json!({"apiVersion": "v1", "kind": "Namespace",
                "metadata": {"name": name, "labels": labels}}));
        }
        world.pod("lived-in", "p", &json!({"containers": []}));
        let places = LabelledNamespaces::of(&world.inventory());
        for (selector, expected) in [
            (json!({"matchLabels": {"team": "x"}}), vec!["a", "b"]),
            (json!({"matchLabels": {"tier": "1", "team": "x"}}), vec!["b"]),
            (json!({"matchLabels": {"team": "x", "kubernetes.io/metadata.name": "b"}}), vec!["b"]),
            (json!({"matchLabels": {"kubernetes.io/metadata.name": "lived-in"}}), vec!["lived-in"]),
            (json!({"matchLabels": {"team": "z"}}), vec![]),
            (
                json!({"matchExpressions": [{"key": "team", "operator": "DoesNotExist"}]}),
                vec!["c", "lived-in"],
            ),
            (json!({}), vec!["a", "b", "c", "d", "lived-in"]),
            (json!("team"), vec![]),
        ] {
            assert_eq!(places.matching(&Node::from(&selector)), expected, "{selector}");
        }
        assert_eq!(places.labels("d"), &Node::from(&json!({"team": "y"})));
        assert_eq!(places.labels("nowhere"), &Node::Null);
    }
}
