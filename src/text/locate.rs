//! Reads YAML and JSON documents with the line and column of every field. A broken document does
//! not take the others with it.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle, Span};

use crate::model::key::Key;
use crate::model::lines::{self, LineIndex};
use crate::model::node::{Map, Node};
use crate::model::path::Seg;

/// Deepest nesting accepted.
const MAX_DEPTH: usize = 128;
/// Most nodes of one document, aliases counted as often as they are used.
const MAX_NODES: usize = 5_000_000;

/// One document of a stream.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its tree, or why there is none.
    pub node: Result<Node, LocateError>,
    /// Where its fields stand; empty when it is broken.
    pub lines: LineIndex,
    /// Line on which it starts, from 1.
    pub first_line: u32,
}

/// Why a document could not be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct LocateError {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What is wrong.
    pub message: String,
}

/// Reads every document of a text. Documents that hold nothing (comments only) are left out.
#[must_use]
pub fn documents(text: &str) -> Vec<Document> {
    documents_within(text, MAX_NODES)
}

/// As [`documents`], where none may hold more than so many values, aliases counted as often as they
/// are used: a text of a hundred bytes can stand for millions.
#[must_use]
pub fn documents_within(text: &str, values: usize) -> Vec<Document> {
    let options =
        granit_parser::options! { emit_comments: false, simple_key_max_lookahead: 65_536 };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser::new_from_str_with_options(text, options);
    let mut documents = Vec::new();
    let mut builder: Option<Builder> = None;
    let mut first_line = 1;
    loop {
        let step = match parser.next() {
            None | Some(Ok((Event::StreamEnd, _))) => break,
            Some(Ok((Event::DocumentStart(..), span))) => {
                first_line = line_column(&span).0;
                builder = Some(Builder { most: values.min(MAX_NODES), ..Builder::default() });
                continue;
            }
            Some(Ok((Event::DocumentEnd, _))) => {
                documents.extend(builder.take().and_then(|b| b.finish(first_line)));
                continue;
            }
            Some(Ok((event, span))) => match &mut builder {
                Some(builder) => builder.event(event, &span),
                None => Ok(()),
            },
            Some(Err(error)) => Err(LocateError {
                line: u32::try_from(error.marker().line()).unwrap_or(u32::MAX).max(1),
                column: u32::try_from(error.marker().col() + 1).unwrap_or(u32::MAX),
                message: error.info(),
            }),
        };
        if let Err(error) = step {
            builder = None;
            let line = error.line;
            documents.push(Document {
                node: Err(error),
                lines: LineIndex::default(),
                first_line: first_line.min(line),
            });
            if !parser.proceed_next_document().unwrap_or(false) {
                break;
            }
        }
    }
    documents
}

/// What is said of a document with more values than this.
#[must_use]
pub fn too_many(values: usize) -> String {
    format!("more than {values} values (aliases counted)")
}

fn line_column(span: &Span) -> (u32, u32) {
    let line = u32::try_from(span.start.line()).unwrap_or(u32::MAX).max(1);
    (line, u32::try_from(span.start.col() + 1).unwrap_or(u32::MAX))
}

enum Frame {
    List {
        items: Vec<Node>,
        anchor: usize,
    },
    Map {
        entries: Vec<(Key, Node)>,
        key: Option<Key>,
        /// Whether the key was written without quotes: then `<<` merges.
        plain: bool,
        merges: Vec<Node>,
        anchor: usize,
    },
}

#[derive(Default)]
struct Builder {
    stack: Vec<Frame>,
    /// The numbers in `lines` of the fields that lead here.
    path: Vec<usize>,
    lines: LineIndex,
    anchors: HashMap<usize, (Node, usize)>,
    root: Option<Node>,
    nodes: usize,
    most: usize,
}

impl Builder {
    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), LocateError> {
        let fail = |message: String| {
            let (line, column) = line_column(span);
            LocateError { line, column, message }
        };
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                if self.wants_key() {
                    return self.key(&text, style == ScalarStyle::Plain, span);
                }
                // A tag says what it is, quotes or not.
                let plain = match tag.as_ref().and_then(|t| t.core_suffix()) {
                    Some("str") => false,
                    Some("bool" | "int" | "float" | "null") => true,
                    _ => style == ScalarStyle::Plain,
                };
                let node = if plain { resolve(&text) } else { Node::str(&text) };
                self.count(1).map_err(fail)?;
                self.locate_item(span);
                self.value(node, anchor);
            }
            Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) => {
                if self.wants_key() {
                    return Err(fail("a map key must be plain text".to_owned()));
                }
                if self.stack.len() >= MAX_DEPTH {
                    return Err(fail(format!("nested deeper than {MAX_DEPTH} levels")));
                }
                self.count(1).map_err(fail)?;
                self.locate_item(span);
                self.stack.push(if matches!(event, Event::SequenceStart(..)) {
                    Frame::List { items: Vec::new(), anchor }
                } else {
                    Frame::Map {
                        entries: Vec::new(),
                        key: None,
                        plain: false,
                        merges: Vec::new(),
                        anchor,
                    }
                });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close().map_err(fail)?,
            Event::Alias(id) => {
                let found = self.anchors.get(&id).cloned();
                let (node, size) =
                    found.ok_or_else(|| fail("the alias has no anchor".to_owned()))?;
                self.count(size).map_err(fail)?;
                self.locate_item(span);
                self.value(node, 0);
            }
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, nodes: usize) -> Result<(), String> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > self.most {
            return Err(too_many(self.most));
        }
        Ok(())
    }

    fn wants_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame::Map { key: None, .. }))
    }

    fn key(&mut self, text: &str, unquoted: bool, span: &Span) -> Result<(), LocateError> {
        let (line, column) = line_column(span);
        let Some(Frame::Map { entries, key, plain, .. }) = self.stack.last_mut() else {
            return Ok(());
        };
        *plain = unquoted;
        let name = if unquoted { key_name(text) } else { Cow::Borrowed(text) };
        let text = &*name;
        // Large maps are not scanned for repeats; the last one wins there as in JSON.
        if entries.len() < 1024 && entries.iter().any(|(k, _)| k.as_str() == text) {
            return Err(LocateError {
                line,
                column,
                message: format!("`{text}` stands here twice"),
            });
        }
        *key = Some(Key::new(text));
        self.step(Seg::Field(text.into()), line, column);
        Ok(())
    }

    /// A list item or the root begins here; a map value's place is that of its key.
    fn locate_item(&mut self, span: &Span) {
        let (line, column) = line_column(span);
        match self.stack.last() {
            Some(Frame::List { items, .. }) => {
                let seg = Seg::Index(items.len());
                self.step(seg, line, column);
            }
            Some(Frame::Map { .. }) => {}
            None => self.lines.begin(line, column),
        }
    }

    fn step(&mut self, seg: Seg, line: u32, column: u32) {
        let parent = self.path.last().copied().unwrap_or(lines::ROOT);
        self.path.push(self.lines.insert(parent, seg, line, column));
    }

    fn close(&mut self) -> Result<(), String> {
        match self.stack.pop() {
            Some(Frame::List { items, anchor }) => self.value(Node::list(items), anchor),
            Some(Frame::Map { mut entries, merges, anchor, .. }) => {
                merge_into(&mut entries, merges)?;
                self.value(Node::Map(Map::new(entries)), anchor);
            }
            None => {}
        }
        Ok(())
    }

    fn value(&mut self, node: Node, anchor: usize) {
        if anchor != 0 {
            let size = size(&node);
            self.anchors.insert(anchor, (node.clone(), size));
        }
        match self.stack.last_mut() {
            None => self.root = Some(node),
            Some(Frame::List { items, .. }) => {
                items.push(node);
                self.path.pop();
            }
            Some(Frame::Map { entries, key, plain, merges, .. }) => {
                if let Some(key) = key.take() {
                    if *plain && key.as_str() == "<<" && !matches!(node, Node::Str(_)) {
                        merges.push(node);
                    } else {
                        entries.push((key, node));
                    }
                }
                self.path.pop();
            }
        }
    }

    fn finish(self, first_line: u32) -> Option<Document> {
        match self.root {
            None | Some(Node::Null) => None,
            Some(node) => Some(Document { node: Ok(node), lines: self.lines, first_line }),
        }
    }
}

fn size(node: &Node) -> usize {
    match node {
        Node::List(items) => 1 + items.iter().map(size).sum::<usize>(),
        Node::Map(map) => 1 + map.iter().map(|(_, v)| size(v)).sum::<usize>(),
        _ => 1,
    }
}

/// YAML 1.1's `<<`: entries of the merged maps that are not given here, the first of them first.
fn merge_into(entries: &mut Vec<(Key, Node)>, merges: Vec<Node>) -> Result<(), String> {
    if merges.is_empty() {
        return Ok(());
    }
    let mut given: HashSet<String> = entries.iter().map(|(key, _)| key.as_str().into()).collect();
    for merge in merges {
        let maps = match merge {
            Node::List(items) => items.to_vec(),
            map => vec![map],
        };
        for map in maps {
            let Node::Map(map) = map else { return Err("`<<` merges maps only".to_owned()) };
            let new = map.into_entries().into_iter();
            entries.extend(new.filter(|(key, _)| given.insert(key.as_str().to_owned())));
        }
    }
    Ok(())
}

/// What a plain key is called. kubectl turns YAML into JSON, where all keys are text, once it has read what
/// they stand for: `on` and `y` become `true`, and `0x10` becomes `16`. Decimal fractions stay as written.
fn key_name(text: &str) -> Cow<'_, str> {
    match special(text) {
        Some(Node::Bool(value)) => if value { "true" } else { "false" }.into(),
        Some(Node::Int(number)) => number.to_string().into(),
        Some(Node::UInt(number)) => number.to_string().into(),
        _ => text.into(),
    }
}

/// What a plain scalar stands for, as kubectl reads it: by YAML 1.1, octals and all words for booleans
/// included, whatever the field is that it stands in. (Servers refuse a boolean where a text is due, so
/// that no object of a cluster differs by it.)
fn resolve(text: &str) -> Node {
    special(text).unwrap_or_else(|| Node::str(text))
}

/// What a plain scalar stands for where that is no text.
fn special(text: &str) -> Option<Node> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Some(Node::Null),
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" | "y" | "Y" => {
            return Some(Node::Bool(true));
        }
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" | "n" | "N" => {
            return Some(Node::Bool(false));
        }
        ".nan" | ".NaN" | ".NAN" => return Some(Node::Float(f64::NAN)),
        _ => {}
    }
    let first = text.trim_start_matches(['-', '+']);
    first.starts_with(|c: char| c.is_ascii_digit() || c == '.').then(|| number(text))?
}

fn number(text: &str) -> Option<Node> {
    let digits = text.replace('_', "");
    let (negative, body) = match digits.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, digits.strip_prefix('+').unwrap_or(&digits)),
    };
    let radix = |prefix: &str, radix| {
        let (head, rest) = body.split_at_checked(prefix.len())?;
        head.eq_ignore_ascii_case(prefix).then(|| u64::from_str_radix(rest, radix).ok())?
    };
    let octal = || {
        let rest = body.strip_prefix('0').filter(|r| !r.is_empty())?;
        u64::from_str_radix(rest, 8).ok()
    };
    let whole =
        radix("0x", 16).or_else(|| radix("0o", 8)).or_else(|| radix("0b", 2)).or_else(octal);
    let decimal = || body.bytes().all(|b| b.is_ascii_digit()).then(|| body.parse::<u64>().ok())?;
    if let Some(value) = whole.or_else(decimal) {
        return Some(match (i64::try_from(value), negative) {
            (Ok(value), true) => Node::Int(-value),
            (Ok(value), false) => Node::Int(value),
            (Err(_), false) => Node::UInt(value),
            (Err(_), true) if value == 1 << 63 => Node::Int(i64::MIN),
            (Err(_), true) => Node::Float(body.parse::<f64>().map_or(f64::NEG_INFINITY, |v| -v)),
        });
    }
    if matches!(body, ".inf" | ".Inf" | ".INF") {
        return Some(Node::Float(if negative { f64::NEG_INFINITY } else { f64::INFINITY }));
    }
    let shape =
        body.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'e' | b'E' | b'+' | b'-'));
    let value: f64 = shape.then(|| body.parse().ok())??;
    Some(Node::Float(if negative { -value } else { value }))
}

#[cfg(test)]
mod tests;
