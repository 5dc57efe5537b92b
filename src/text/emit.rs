//! A tree as YAML, laid out as kubectl does, with the line of every field; or as somebody wrote it.

mod scalar;
mod written;

use std::ops::Range;

use crate::model::lines::{self, LineIndex};
use crate::model::node::{Map, Node};
use crate::model::path::{FieldPath, Seg};

pub use scalar::{plain_or_quoted, quoted};

use scalar::{float, is_block};

/// What a span of a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Token {
    /// A map key.
    Key,
    /// A string value.
    Str,
    /// A number.
    Number,
    /// `true` or `false`.
    Bool,
    /// `null`.
    Null,
    /// `-`, `:` and the marks of block and flow notation.
    Punct,
}

/// One line of YAML.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// The line without its end.
    pub text: String,
    /// What its bytes are, in order, without overlap; indentation is in no span.
    pub spans: Vec<(Range<usize>, Token)>,
}

/// A tree as lines of YAML.
#[derive(Clone, Debug, Default)]
pub struct Yaml {
    /// The lines.
    pub lines: Vec<Line>,
    index: LineIndex,
    numbers: Numbers,
}

/// Which numbers the lines of a text have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Numbers {
    /// From 1.
    #[default]
    Own,
    /// Those of a file in which so many lines stand above.
    After(usize),
    /// None: nobody can find the lines by them.
    None,
}

impl Yaml {
    /// Lays a tree out.
    #[must_use]
    pub fn of(node: &Node) -> Self {
        let mut emitter = Emitter::default();
        emitter.root(node);
        Self { lines: emitter.lines, index: emitter.index, numbers: Numbers::Own }
    }

    /// The lines of a file as they stand there after so many others, with an index of their fields
    /// that counts from the first line of the file.
    #[must_use]
    pub fn written(lines: &[&str], after: usize, index: LineIndex) -> Self {
        let lines = lines.iter().map(|line| written::line(line)).collect();
        Self { lines, index, numbers: Numbers::After(after) }
    }

    /// The same without numbers: what is laid out anew has none that anybody could look for.
    #[must_use]
    pub fn without_numbers(self) -> Self {
        Self { numbers: Numbers::None, ..self }
    }

    /// The number of a line that is counted from 0 here.
    #[must_use]
    pub fn number(&self, line: usize) -> Option<usize> {
        match self.numbers {
            Numbers::Own => Some(line + 1),
            Numbers::After(above) => Some(above + line + 1),
            Numbers::None => None,
        }
    }

    /// The highest number of a line; 0 when they have none.
    #[must_use]
    pub fn last_number(&self) -> usize {
        self.lines.len().checked_sub(1).and_then(|last| self.number(last)).unwrap_or(0)
    }

    /// The line of a field, from 0; of its nearest existing ancestor when it is missing.
    #[must_use]
    pub fn line_of(&self, path: &FieldPath) -> usize {
        let above = if let Numbers::After(above) = self.numbers { above } else { 0 };
        let line = self.index.find(path).map_or(0, |(line, _)| (line as usize).saturating_sub(1));
        line.saturating_sub(above).min(self.lines.len().saturating_sub(1))
    }

    /// The whole text, ending in a newline.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines.iter().flat_map(|line| [line.text.as_str(), "\n"]).collect()
    }

    /// The text of a tree alone: the same as of [`Self::text`], without telling where its fields are
    /// and what its words mean, which costs several times as much.
    #[must_use]
    pub fn text_of(node: &Node) -> String {
        let mut emitter = Emitter { written: Some(String::new()), ..Emitter::default() };
        emitter.root(node);
        emitter.written.unwrap_or_default()
    }
}

#[derive(Default)]
struct Emitter {
    lines: Vec<Line>,
    current: Line,
    /// The numbers in `index` of the fields that lead here.
    path: Vec<usize>,
    index: LineIndex,
    /// Only the text is wanted: the lines so far.
    written: Option<String>,
}

impl Emitter {
    fn root(&mut self, node: &Node) {
        self.index.begin(1, 1);
        match node {
            Node::Map(map) if !map.is_empty() => self.map(map, 0),
            Node::List(items) if !items.is_empty() => self.list(items, 0),
            scalar => {
                self.scalar(scalar);
                self.end_line();
            }
        }
    }

    /// A field of the one that was entered last begins on the current line.
    fn enter(&mut self, seg: impl FnOnce() -> Seg) {
        if self.written.is_some() {
            return;
        }
        let line = u32::try_from(self.lines.len() + 1).unwrap_or(u32::MAX);
        let column = u32::try_from(self.current.text.len() + 1).unwrap_or(u32::MAX);
        let parent = self.path.last().copied().unwrap_or(lines::ROOT);
        self.path.push(self.index.insert(parent, seg(), line, column));
    }

    fn push(&mut self, text: &str, token: Token) {
        let from = self.current.text.len();
        self.current.text.push_str(text);
        if self.written.is_some() {
            return;
        }
        self.current.spans.push((from..self.current.text.len(), token));
    }

    fn end_line(&mut self) {
        match &mut self.written {
            Some(written) => {
                written.push_str(&self.current.text);
                written.push('\n');
                self.current.text.clear();
            }
            None => self.lines.push(std::mem::take(&mut self.current)),
        }
    }

    fn indent(&mut self, indent: usize) {
        if self.current.text.is_empty() {
            self.current.text.extend(std::iter::repeat_n(' ', indent));
        }
    }

    fn map(&mut self, map: &Map, indent: usize) {
        for (key, value) in map.iter() {
            self.indent(indent);
            self.enter(|| Seg::Field(key.into()));
            self.push(&plain_or_quoted(key), Token::Key);
            self.push(":", Token::Punct);
            self.value(value, indent);
            self.path.pop();
        }
    }

    fn value(&mut self, value: &Node, indent: usize) {
        match value {
            Node::Map(map) if !map.is_empty() => {
                self.end_line();
                self.map(map, indent + 2);
            }
            Node::List(items) if !items.is_empty() => {
                self.end_line();
                self.list(items, indent);
            }
            Node::Str(text) if is_block(text) => self.block(text, indent + 2),
            scalar => {
                self.current.text.push(' ');
                self.scalar(scalar);
                self.end_line();
            }
        }
    }

    fn list(&mut self, items: &[Node], indent: usize) {
        for (at, item) in items.iter().enumerate() {
            self.indent(indent);
            self.enter(|| Seg::Index(at));
            self.push("-", Token::Punct);
            self.current.text.push(' ');
            match item {
                Node::Map(map) if !map.is_empty() => self.map(map, indent + 2),
                Node::List(items) if !items.is_empty() => self.list(items, indent + 2),
                Node::Str(text) if is_block(text) => {
                    self.current.text.pop();
                    self.block(text, indent + 2);
                }
                scalar => {
                    self.scalar(scalar);
                    self.end_line();
                }
            }
            self.path.pop();
        }
    }

    fn block(&mut self, text: &str, indent: usize) {
        self.current.text.push(' ');
        let (mark, body) = match text.strip_suffix('\n') {
            Some(body) => ("|", body),
            None => ("|-", text),
        };
        self.push(mark, Token::Punct);
        self.end_line();
        for line in body.split('\n') {
            if !line.is_empty() {
                self.indent(indent);
                self.push(line, Token::Str);
            }
            self.end_line();
        }
    }

    fn scalar(&mut self, node: &Node) {
        match node {
            Node::Null => self.push("null", Token::Null),
            Node::Bool(value) => self.push(if *value { "true" } else { "false" }, Token::Bool),
            Node::Int(value) => self.push(&value.to_string(), Token::Number),
            Node::UInt(value) => self.push(&value.to_string(), Token::Number),
            Node::Float(value) => self.push(&float(*value), Token::Number),
            Node::Str(text) => self.push(&plain_or_quoted(text), Token::Str),
            Node::List(_) => self.push("[]", Token::Punct),
            Node::Map(_) => self.push("{}", Token::Punct),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::locate;
    use super::*;
    use proptest::prelude::*;

    fn yaml(json: &str) -> Yaml {
        Yaml::of(&Node::from_json(json.as_bytes()).unwrap())
    }

    #[test]
    fn lays_out_as_kubectl_does() {
        let yaml = yaml(
            r#"{"spec":{"containers":[{"name":"app","args":["-v","1"],"env":[]}],"x":{}},"t":"a\nb\n"}"#,
        );
        let expected = "spec:\n  containers:\n  - name: app\n    args:\n    - \"-v\"\n    - \"1\"\n    env: []\n  x: {}\nt: |\n  a\n  b\n";
        assert_eq!(yaml.text(), expected);
        let path = FieldPath::parse("spec.containers[0].securityContext.privileged").unwrap();
        assert_eq!(yaml.line_of(&path), 2);
    }

    #[test]
    fn hostile_strings_are_quoted_and_escaped() {
        let node = Node::map([("a\u{1b}", Node::str("x\u{202e}\u{1b}[2Jy"))]);
        assert_eq!(Yaml::of(&node).text(), "\"a\\u001b\": \"x\\u202e\\u001b[2Jy\"\n");
    }

    #[test]
    fn what_yaml_refuses_is_escaped_and_read_back() {
        let node = Node::map([("\u{ffff}", Node::str("\u{fffe}\u{1ffff}"))]);
        let yaml = Yaml::of(&node);
        assert_eq!(yaml.text(), "\"\\uffff\": \"\\ufffe\\U0001ffff\"\n");
        assert_eq!(locate::documents(&yaml.text())[0].node.as_ref(), Ok(&node));
    }

    fn tree() -> impl Strategy<Value = Node> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Node::Bool),
            any::<i64>().prop_map(Node::Int),
            "\\PC{0,12}".prop_map(|s| Node::str(&s)),
            "[ -~\n\t]{0,16}".prop_map(|s| Node::str(&s)),
            prop_oneof![
                Just("yes"),
                Just("0777"),
                Just("1e3"),
                Just("<<"),
                Just("~"),
                Just("- a"),
                Just("2001-01-01"),
                Just("1:30"),
                Just("#x"),
                Just("")
            ]
            .prop_map(Node::str),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Node::list),
                proptest::collection::btree_map("[a-z./ :#<-]{1,8}|<<", inner, 0..4)
                    .prop_map(|m| Node::map(m.iter().map(|(k, v)| (k.as_str(), v.clone())))),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_back_equal(node in tree()) {
            let yaml = Yaml::of(&node);
            let read = locate::documents(&yaml.text());
            prop_assert_eq!(read.len(), 1, "{}", yaml.text());
            prop_assert_eq!(read[0].node.as_ref().unwrap(), &node, "{}", yaml.text());
            prop_assert_eq!(Yaml::text_of(&node), yaml.text());
        }
    }
}
