//! Reads YAML and JSON documents with the line and column of every field. A broken document does
//! not take the others with it.

mod scalar;
mod stream;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle, Span};

use self::scalar::{key_name, resolve};
use self::stream::Start;
use crate::model::key::Key;
use crate::model::lines::{self, LineIndex};
use crate::model::node::{Map, Node};
use crate::model::path::Seg;

/// Deepest nesting accepted.
const MAX_DEPTH: usize = 128;
/// Most nodes of one document, aliases counted as often as they are used.
const MAX_NODES: usize = 5_000_000;
/// What aliases of a text may always stand for together, in bytes.
const ALIASED: usize = 4 << 20;
/// Beyond it, so many times the text itself.
const ALIASED_TIMES: usize = 8;

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
    /// Whether it stands for more than is read of one: nothing else is wrong with it.
    pub too_much: bool,
}

/// Reads every document of a text. Documents that hold nothing (comments only) are left out.
#[must_use]
pub fn documents(text: &str) -> Vec<Document> {
    let aliased = text.len().saturating_mul(ALIASED_TIMES).saturating_add(ALIASED);
    documents_within(text, Most { values: MAX_NODES, aliased })
}

/// What may be made of a text. One of a hundred bytes can stand for millions of values, or for a
/// long one many times over: aliases share it, and whatever looks at the fields does not.
#[derive(Clone, Copy, Debug)]
pub struct Most {
    /// Values of a document, aliases counted as often as they are used.
    pub values: usize,
    /// Bytes for which the aliases of all documents stand together.
    pub aliased: usize,
}

/// As [`documents`], within other limits.
#[must_use]
pub fn documents_within(text: &str, most: Most) -> Vec<Document> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut documents = Vec::new();
    let mut left = most.aliased;
    for (start, part) in stream::parts(text) {
        documents.extend(read(part, start, most, &mut left));
    }
    documents
}

/// Reads the documents of a part that begins at `start`. `left` is what its aliases may stand for yet.
fn read(part: &str, start: Start, most: Most, left: &mut usize) -> Vec<Document> {
    let options =
        granit_parser::options! { emit_comments: false, simple_key_max_lookahead: 65_536 };
    let mut parser = Parser::new_from_str_with_options(part, options);
    let mut documents = Vec::new();
    let mut builder: Option<Builder> = None;
    let mut first_line = start.place(1, 1).0;
    loop {
        let step = match parser.next() {
            None | Some(Ok((Event::StreamEnd, _))) => break,
            Some(Ok((Event::DocumentStart(..), span))) => {
                first_line = line_column(start, &span).0;
                builder = Some(Builder::new(start, Most { aliased: *left, ..most }));
                continue;
            }
            Some(Ok((Event::DocumentEnd, _))) => {
                *left -= builder.as_ref().map_or(0, |builder| builder.aliased.min(*left));
                documents.extend(builder.take().and_then(|b| b.finish(first_line)));
                continue;
            }
            Some(Ok((event, span))) => match &mut builder {
                Some(builder) => builder.event(event, &span),
                None => Ok(()),
            },
            Some(Err(error)) => {
                let marker = error.marker();
                let (line, column) = place(start, marker.line(), marker.col());
                Err(LocateError { line, column, message: error.info(), too_much: false })
            }
        };
        if let Err(error) = step {
            *left -= builder.take().map_or(0, |builder| builder.aliased.min(*left));
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

fn line_column(start: Start, span: &Span) -> (u32, u32) {
    place(start, span.start.line(), span.start.col())
}

/// A place of the parser, which counts columns from 0, in the whole text.
fn place(start: Start, line: usize, column: usize) -> (u32, u32) {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).max(1);
    start.place(number(line), number(column + 1))
}

/// How much a part of a document stands for.
#[derive(Clone, Copy, Default)]
struct Size {
    values: usize,
    /// About what it takes as text.
    bytes: usize,
}

impl Size {
    /// Of a value that is written so, without what it holds.
    fn of(text: &str) -> Self {
        Self { values: 1, bytes: text.len().saturating_add(1) }
    }

    fn add(&mut self, other: Self) {
        self.values = self.values.saturating_add(other.values);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}

/// A list or map that is not closed yet.
struct Frame {
    held: Held,
    anchor: usize,
    size: Size,
}

enum Held {
    List(Vec<Node>),
    Map {
        entries: Vec<(Key, Node)>,
        key: Option<Key>,
        /// Whether the key was written without quotes: then `<<` merges.
        plain: bool,
        merges: Vec<Node>,
    },
}

struct Builder {
    /// Where the text begins whose places it is told.
    start: Start,
    stack: Vec<Frame>,
    /// The numbers in `lines` of the fields that lead here.
    path: Vec<usize>,
    lines: LineIndex,
    anchors: HashMap<usize, (Node, Size)>,
    root: Option<Node>,
    values: usize,
    aliased: usize,
    most: Most,
}

impl Builder {
    fn new(start: Start, most: Most) -> Self {
        Self {
            start,
            stack: Vec::new(),
            path: Vec::new(),
            lines: LineIndex::default(),
            anchors: HashMap::new(),
            root: None,
            values: 0,
            aliased: 0,
            most,
        }
    }

    fn event(&mut self, event: Event<'_>, span: &Span) -> Result<(), LocateError> {
        let start = self.start;
        let fail = |message: String| error(start, span, message, false);
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
                self.count(1, 0, span)?;
                self.locate_item(span);
                self.value(node, anchor, Size::of(&text));
            }
            Event::SequenceStart(_, anchor, _) | Event::MappingStart(_, anchor, _) => {
                if self.wants_key() {
                    return Err(fail("a map key must be plain text".to_owned()));
                }
                if self.stack.len() >= MAX_DEPTH {
                    return Err(fail(format!("nested deeper than {MAX_DEPTH} levels")));
                }
                self.count(1, 0, span)?;
                self.locate_item(span);
                let held = if matches!(event, Event::SequenceStart(..)) {
                    Held::List(Vec::new())
                } else {
                    let (entries, merges) = (Vec::new(), Vec::new());
                    Held::Map { entries, key: None, plain: false, merges }
                };
                self.stack.push(Frame { held, anchor, size: Size::of("") });
            }
            Event::SequenceEnd | Event::MappingEnd => self.close().map_err(fail)?,
            Event::Alias(id) => {
                let found = self.anchors.get(&id).cloned();
                let (node, size) =
                    found.ok_or_else(|| fail("the alias has no anchor".to_owned()))?;
                self.count(size.values, size.bytes, span)?;
                self.locate_item(span);
                self.value(node, 0, size);
            }
            _ => {}
        }
        Ok(())
    }

    /// Counts what comes, and how much of it an alias stands for.
    fn count(&mut self, values: usize, aliased: usize, span: &Span) -> Result<(), LocateError> {
        self.values = self.values.saturating_add(values);
        self.aliased = self.aliased.saturating_add(aliased);
        let most = self.most;
        if self.values > most.values {
            let message = format!("more than {} values (aliases counted)", most.values);
            return Err(error(self.start, span, message, true));
        }
        if self.aliased > most.aliased {
            let message = "its aliases stand for far more text than it holds; write it out, or \
                           split it";
            return Err(error(self.start, span, message.to_owned(), true));
        }
        Ok(())
    }

    fn wants_key(&self) -> bool {
        let held = self.stack.last().map(|frame| &frame.held);
        matches!(held, Some(Held::Map { key: None, .. }))
    }

    fn key(&mut self, text: &str, unquoted: bool, span: &Span) -> Result<(), LocateError> {
        let Some(Frame { held: Held::Map { entries, key, plain, .. }, size, .. }) =
            self.stack.last_mut()
        else {
            return Ok(());
        };
        *plain = unquoted;
        let name = if unquoted { key_name(text) } else { Cow::Borrowed(text) };
        let text = &*name;
        // Large maps are not scanned for repeats; the last one wins there as in JSON.
        if entries.len() < 1024 && entries.iter().any(|(k, _)| k.as_str() == text) {
            let message = format!("`{text}` stands here twice");
            return Err(error(self.start, span, message, false));
        }
        *key = Some(Key::new(text));
        size.bytes = size.bytes.saturating_add(text.len());
        let (line, column) = line_column(self.start, span);
        self.step(Seg::Field(text.into()), line, column);
        Ok(())
    }

    /// A list item or the root begins here; a map value's place is that of its key.
    fn locate_item(&mut self, span: &Span) {
        let (line, column) = line_column(self.start, span);
        match self.stack.last().map(|frame| &frame.held) {
            Some(Held::List(items)) => {
                let seg = Seg::Index(items.len());
                self.step(seg, line, column);
            }
            Some(Held::Map { .. }) => {}
            None => self.lines.begin(line, column),
        }
    }

    fn step(&mut self, seg: Seg, line: u32, column: u32) {
        let parent = self.path.last().copied().unwrap_or(lines::ROOT);
        self.path.push(self.lines.insert(parent, seg, line, column));
    }

    fn close(&mut self) -> Result<(), String> {
        let Some(Frame { held, anchor, size }) = self.stack.pop() else { return Ok(()) };
        let node = match held {
            Held::List(items) => Node::list(items),
            Held::Map { mut entries, merges, .. } => {
                merge_into(&mut entries, merges)?;
                Node::Map(Map::new(entries))
            }
        };
        self.value(node, anchor, size);
        Ok(())
    }

    fn value(&mut self, node: Node, anchor: usize, size: Size) {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), size));
        }
        let Some(frame) = self.stack.last_mut() else {
            self.root = Some(node);
            return;
        };
        frame.size.add(size);
        match &mut frame.held {
            Held::List(items) => items.push(node),
            Held::Map { entries, key, plain, merges } => {
                if let Some(key) = key.take() {
                    if *plain && key.as_str() == "<<" && !matches!(node, Node::Str(_)) {
                        merges.push(node);
                    } else {
                        entries.push((key, node));
                    }
                }
            }
        }
        self.path.pop();
    }

    fn finish(self, first_line: u32) -> Option<Document> {
        match self.root {
            None | Some(Node::Null) => None,
            Some(node) => Some(Document { node: Ok(node), lines: self.lines, first_line }),
        }
    }
}

fn error(start: Start, span: &Span, message: String, too_much: bool) -> LocateError {
    let (line, column) = line_column(start, span);
    LocateError { line, column, message, too_much }
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

#[cfg(test)]
mod tests;
