//! What a long JSON text says again and again, word for word: the environment, probes and conditions of
//! pods that one controller made stand side by side in a list. Such a part is found by its text, which
//! takes a fraction of reading it.

use std::cell::RefCell;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::parts::{Known, Part};
use super::wire::NodeSeed;
use super::{Key, Node};

/// Deepest map of which a part is looked for. A part that is read for itself may be as deep as a text
/// as a whole may be.
const DEEPEST: u8 = 12;

/// The parts that were met so far in one text.
#[derive(Default)]
pub(super) struct Met<'de>(RefCell<Known<'de>>);

impl<'de> Met<'de> {
    /// Whether what stands under a key is likely to have been said before.
    pub(super) fn is_worth_while(key: &Key, depth: u8) -> bool {
        let often = matches!(
            key.as_str(),
            "affinity"
                | "annotations"
                | "args"
                | "command"
                | "conditions"
                | "env"
                | "envFrom"
                | "labels"
                | "lifecycle"
                | "livenessProbe"
                | "ownerReferences"
                | "ports"
                | "projected"
                | "readinessProbe"
                | "resources"
                | "rules"
                | "securityContext"
                | "startupProbe"
                | "subjects"
                | "tolerations"
                | "topologySpreadConstraints"
                | "volumeMounts"
        );
        often && depth <= DEEPEST
    }

    /// The part that this text says.
    pub(super) fn part<E: Error>(&self, text: &'de RawValue) -> Result<Part, E> {
        let text = text.get();
        if let Some(part) = self.0.borrow().part(0, text.as_bytes()) {
            return Ok(part);
        }
        let mut json = serde_json::Deserializer::from_str(text);
        let part = NodeSeed::plain().deserialize(&mut json).map_err(E::custom)?;
        self.0.borrow_mut().keep(0, text.as_bytes(), &part);
        Ok(part)
    }
}

impl Node {
    /// The trees of a list in a JSON text; none where it says `null`.
    ///
    /// # Errors
    /// What the text does wrong.
    pub fn list_of<'de, D: Deserializer<'de>>(json: D) -> Result<Vec<Self>, D::Error> {
        json.deserialize_any(Trees)
    }
}

struct Trees;

impl<'de> Visitor<'de> for Trees {
    type Value = Vec<Node>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a list")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
        let met = Met::default();
        let mut trees = Vec::new();
        while let Some(part) = seq.next_element_seed(NodeSeed::of(&met))? {
            trees.push(part.node);
        }
        Ok(trees)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Vec<Node>, serde_json::Error> {
        Node::list_of(&mut serde_json::Deserializer::from_str(json))
    }

    #[test]
    fn what_is_said_again_is_read_as_if_it_were_said_once() {
        let env = r#"[{"name":"A","value":"x\u00e9\n"},{"name":"B","value":null,"n":1.50}]"#;
        let item = |image: &str, env: &str| {
            format!(
                r#"{{"spec":{{"containers":[{{"image":"{image}","env":{env},"ports" : [ ] }}]}}}}"#
            )
        };
        let other = env.replace('A', "C");
        let items = [item("a", env), item("b", env), item("c", &other), item("d", env)];
        let trees = read(&format!("[{}]", items.join(","))).unwrap();
        let alone: Vec<Node> =
            items.iter().map(|item| Node::from_json(item.as_bytes()).unwrap()).collect();
        assert_eq!(trees, alone);
        let json = |trees: &[Node]| serde_json::to_string(trees).unwrap();
        assert_eq!(json(&trees), json(&alone));
        let env = |tree: &Node| tree.list_at(&["spec", "containers"])[0].get("env").cloned();
        let list = |tree: &Node| env(tree).and_then(|env| env.as_list().map(<[Node]>::as_ptr));
        assert_eq!(list(&trees[0]), list(&trees[3]));
        assert_ne!(list(&trees[0]), list(&trees[2]));
    }

    #[test]
    fn broken_parts_and_deep_ones_are_errors_as_elsewhere() {
        let deep = |n: usize| format!("{}1{}", "[".repeat(n), "]".repeat(n));
        for value in ["[1,]", "{\"a\":}", "\"\\ud800\"", "01", &deep(200)] {
            let json = format!(r#"[{{"env":{value}}}]"#);
            assert!(read(&json).is_err(), "{json}");
        }
        assert!(read(&format!(r#"[{{"env":{}}}]"#, deep(100))).is_ok());
        assert!(read("{}").is_err() && read("7").is_err());
        assert_eq!(read("null").unwrap(), Vec::<Node>::new());
    }
}
