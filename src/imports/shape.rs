//! Reading a tree that ought to have a shape, and saying where it has not.

use crate::model::finding::Severity;
use crate::model::node::Node;
use crate::text::{mask, safe};

/// What is wrong with a document.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Wrong {
    /// A value is not what belongs there.
    Unexpected {
        /// The way to it, innermost first.
        steps: Vec<String>,
        expected: String,
        found: String,
    },
    /// It cannot be taken, for a reason of its own.
    Refused(String),
}

impl Wrong {
    pub(super) fn new(expected: &str, found: String) -> Self {
        Self::Unexpected { steps: Vec::new(), expected: expected.to_owned(), found }
    }

    /// The same, one level further out.
    pub(super) fn inside(mut self, step: &str) -> Self {
        if let Self::Unexpected { steps, .. } = &mut self {
            steps.push(step.to_owned());
        }
        self
    }
}

/// The path that steps make, innermost first, in a document if there are several.
pub(super) fn place(document: Option<&String>, steps: &[String]) -> String {
    let mut path = String::new();
    for step in steps.iter().rev() {
        if !path.is_empty() && !step.starts_with('[') {
            path.push('.');
        }
        path.push_str(step);
    }
    if path.is_empty() {
        path.push_str("top level");
    }
    match document {
        Some(document) => format!("{document}, {path}"),
        None => path,
    }
}

/// What stands somewhere, in a few safe words.
pub(super) fn describe(node: &Node) -> String {
    match node {
        Node::Null => "nothing".to_owned(),
        Node::Bool(value) => format!("`{value}`"),
        Node::Int(value) => format!("`{value}`"),
        Node::UInt(value) => format!("`{value}`"),
        Node::Float(value) => format!("`{value:?}`"),
        Node::Str(text) => format!("`{}`", cut(text, 40)),
        Node::List(items) if items.is_empty() => "an empty list".to_owned(),
        Node::List(_) => "a list".to_owned(),
        Node::Map(map) => match (node.str_at(&["apiVersion"]), node.str_at(&["kind"])) {
            (Some(version), Some(kind)) => format!("{} ({})", cut(kind, 60), cut(version, 60)),
            _ if map.is_empty() => "an empty object".to_owned(),
            _ => {
                let keys: Vec<String> = map.iter().take(4).map(|(key, _)| cut(key, 30)).collect();
                format!("an object with {}", keys.join(", "))
            }
        },
    }
}

/// The start of a text, safe to print.
fn cut(text: &str, chars: usize) -> String {
    let start: String = text.chars().take(chars).collect();
    safe(&start)
}

/// A text that must be there.
pub(super) fn text<'n>(node: &'n Node, key: &str) -> Result<&'n str, Wrong> {
    match node.get(key) {
        Some(Node::Str(text)) => Ok(text),
        Some(other) => Err(Wrong::new("a text", describe(other)).inside(key)),
        None => Err(Wrong::new("a text", "nothing".to_owned()).inside(key)),
    }
}

/// A text that may be missing.
pub(super) fn text_if<'n>(node: &'n Node, key: &str) -> Result<Option<&'n str>, Wrong> {
    node.get(key).map(|_| text(node, key)).transpose().map(|text| text.filter(|t| !t.is_empty()))
}

/// A list; one that is missing is empty, as Go writes it.
pub(super) fn list<'n>(node: &'n Node, key: &str) -> Result<&'n [Node], Wrong> {
    match node.get(key) {
        None => Ok(&[]),
        Some(Node::List(items)) => Ok(items),
        Some(other) => Err(Wrong::new("a list", describe(other)).inside(key)),
    }
}

/// A map that must be there.
pub(super) fn map<'n>(node: &'n Node, key: &str) -> Result<&'n Node, Wrong> {
    match node.get(key) {
        Some(map @ Node::Map(_)) => Ok(map),
        Some(other) => Err(Wrong::new("an object", describe(other)).inside(key)),
        None => Err(Wrong::new("an object", "nothing".to_owned()).inside(key)),
    }
}

/// Does something with every item of a list, and says in which one it went wrong.
pub(super) fn each(
    node: &Node,
    key: &str,
    mut act: impl FnMut(&Node) -> Result<(), Wrong>,
) -> Result<(), Wrong> {
    for (at, item) in list(node, key)?.iter().enumerate() {
        let step = |wrong: Wrong| wrong.inside(&format!("{key}[{at}]"));
        if item.as_map().is_none() {
            return Err(step(Wrong::new("an object", describe(item))));
        }
        act(item).map_err(step)?;
    }
    Ok(())
}

/// A severity by its word; what says none (`UNKNOWN`, empty) has none.
pub(super) fn severity(word: Option<&str>) -> Option<Severity> {
    word.and_then(Severity::parse)
}

/// A message of a tool: one line, no longer than is of use, credentials masked.
pub(super) fn brief(text: &str) -> String {
    const LONGEST: usize = 600;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let masked = mask(&line);
    if masked.chars().count() <= LONGEST {
        return masked.into_owned();
    }
    let start: String = masked.chars().take(LONGEST).collect();
    format!("{start}…")
}

/// The items of a `List`; those of a typed one (`PolicyReportList`) get its version and kind.
pub(super) fn filled_items(list: &Node) -> Vec<Node> {
    let kind =
        list.str_at(&["kind"]).and_then(|kind| kind.strip_suffix("List")).unwrap_or_default();
    let version = list.str_at(&["apiVersion"]).unwrap_or_default();
    let fill = |item: &Node| match item {
        Node::Map(map) if !kind.is_empty() && map.get("kind").is_none() => {
            let head = [("apiVersion", Node::str(version)), ("kind", Node::str(kind))];
            Node::map(head.into_iter().chain(map.iter().map(|(k, v)| (k, v.clone()))))
        }
        other => other.clone(),
    };
    list.list_at(&["items"]).iter().map(fill).collect()
}
