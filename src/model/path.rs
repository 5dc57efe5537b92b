//! Field paths: `spec.containers[0].securityContext`, `metadata.annotations["a.b/c"]`.

use std::fmt;
use std::sync::Arc;

use super::node::Node;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Seg {
    /// A key of a map; copies share it, because a hostile one may be long and stand above much.
    Field(Arc<str>),
    /// A place in a list.
    Index(usize),
}

/// Where in an object's tree something stands. The empty path is the object itself. Copies share the
/// steps.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FieldPath(pub Arc<[Seg]>);

/// Why a text is no path.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is no field path: {reason} at character {at}")]
pub struct PathError {
    text: String,
    at: usize,
    reason: &'static str,
}

impl FieldPath {
    /// Reads a path as it is printed.
    ///
    /// # Errors
    /// Names the character at which the text stops being a path.
    pub fn parse(text: &str) -> Result<Self, PathError> {
        let fail = |at, reason| PathError { text: text.to_owned(), at, reason };
        let mut segs = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let at = text.len() - rest.len();
            if let Some(after) = rest.strip_prefix("[\"") {
                let end = quoted_end(after).ok_or_else(|| fail(at, "`[\"` without `\"]`"))?;
                let quoted = rest.get(1..end + 3).unwrap_or_default();
                let name: String =
                    serde_json::from_str(quoted).map_err(|_| fail(at + 1, "broken escape"))?;
                segs.push(Seg::Field(name.into()));
                rest = after.get(end + 2..).unwrap_or_default();
            } else if let Some(after) = rest.strip_prefix('[') {
                let end = after.find(']').ok_or_else(|| fail(at, "`[` without `]`"))?;
                let number = after.get(..end).unwrap_or_default();
                let index = number.parse().map_err(|_| fail(at + 1, "expected a number"))?;
                segs.push(Seg::Index(index));
                rest = after.get(end + 1..).unwrap_or_default();
            } else {
                let name = match (rest.strip_prefix('.'), segs.is_empty()) {
                    (Some(after), false) => after,
                    (None, true) => rest,
                    _ => return Err(fail(at, "unexpected character")),
                };
                let end = name.find(['.', '[']).unwrap_or(name.len());
                if end == 0 {
                    return Err(fail(at, "empty name"));
                }
                segs.push(Seg::Field(name.get(..end).unwrap_or_default().into()));
                rest = name.get(end..).unwrap_or_default();
            }
        }
        Ok(Self(segs.into()))
    }

    /// This path followed by a map key.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        self.then(Seg::Field(name.into()))
    }

    /// This path followed by a list index.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        self.then(Seg::Index(index))
    }

    fn then(&self, last: Seg) -> Self {
        let mut segs = Vec::with_capacity(self.0.len() + 1);
        segs.extend_from_slice(&self.0);
        segs.push(last);
        Self(segs.into())
    }

    /// This path followed by another.
    #[must_use]
    pub fn join(&self, tail: &Self) -> Self {
        Self(self.0.iter().chain(&*tail.0).cloned().collect())
    }

    /// Whether it is the object itself.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The path without its last step; none for the empty path.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        let (_, head) = self.0.split_last()?;
        Some(Self(head.into()))
    }

    /// The value at this path.
    #[must_use]
    pub fn walk<'a>(&self, root: &'a Node) -> Option<&'a Node> {
        walk(&self.0, root)
    }

    /// The longest leading part of this path that exists in `root`.
    #[must_use]
    pub fn nearest(&self, root: &Node) -> Self {
        let mut node = root;
        let mut depth = 0;
        for seg in &*self.0 {
            let Some(next) = step(node, seg) else { break };
            node = next;
            depth += 1;
        }
        Self(self.0.iter().take(depth).cloned().collect())
    }
}

/// The value to which some steps lead.
pub(crate) fn walk<'a>(steps: &[Seg], root: &'a Node) -> Option<&'a Node> {
    steps.iter().try_fold(root, |node, seg| step(node, seg))
}

fn step<'a>(node: &'a Node, seg: &Seg) -> Option<&'a Node> {
    match seg {
        Seg::Field(name) => node.get(name),
        Seg::Index(index) => node.as_list()?.get(*index),
    }
}

fn needs_quotes(name: &str) -> bool {
    let special = |byte: u8| matches!(byte, b'.' | b'[' | b']' | b'"' | b'/');
    name.is_empty()
        || name.bytes().any(|byte| special(byte) || byte.is_ascii_control())
        || !name.is_ascii() && name.contains(char::is_control)
}

/// Where the quote that closes a JSON string stands, if `]` follows it.
fn quoted_end(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return text.get(at + 1..)?.starts_with(']').then_some(at),
            _ => {}
        }
    }
    None
}

impl fmt::Display for FieldPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, seg) in self.0.iter().enumerate() {
            match seg {
                Seg::Index(index) => write!(f, "[{index}]")?,
                Seg::Field(name) if needs_quotes(name) => {
                    write!(f, "[{}]", serde_json::Value::from(&**name))?;
                }
                Seg::Field(name) if at == 0 => f.write_str(name)?,
                Seg::Field(name) => {
                    f.write_str(".")?;
                    f.write_str(name)?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_read() {
        for text in [
            "",
            "spec",
            "spec.containers[0].securityContext.privileged",
            "metadata.annotations[\"a.b/c\"]",
            "a[0][1]",
            r#"metadata.labels["a\"]b\\c"]"#,
        ] {
            assert_eq!(FieldPath::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn refuses_what_is_no_path() {
        for text in [".a", "a.", "a[", "a[x]", "a..b", "a[\"b"] {
            assert!(FieldPath::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn finds_the_nearest_ancestor() {
        let root = Node::from_json(br#"{"spec":{"containers":[{"name":"a"}]}}"#).unwrap();
        let path = FieldPath::parse("spec.containers[0].securityContext.privileged").unwrap();
        assert_eq!(path.walk(&root), None);
        assert_eq!(path.nearest(&root).to_string(), "spec.containers[0]");
    }
}
