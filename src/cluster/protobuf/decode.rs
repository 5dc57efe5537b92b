//! From the bytes of a message to the tree that its JSON would give, by the table of fields.
//!
//! A server writes every field that its JSON has to have, also if it is empty, and leaves out what is
//! not set. So a field that is not there is left out here too: whoever wrote this does not know it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::table::{FieldTable, Many, Message, MessageField, Type};
use super::values::{boolean, int_or_string, int32, quantity, time};
use super::wire::{Run, Wire, Written};
use super::{JsonItem, Unread};
use crate::model::key::Key;
use crate::model::node::Node;
use crate::model::node::parts::{self, Known, Part};

/// Fewest bytes that are looked for among those met before: reading fewer is as quick.
const LEAST: usize = 24;
/// So often in vain, and then only where one in so many was met before.
const IN_VAIN: u32 = 64;
const ONE_IN: u32 = 6;

/// What stands in JSON while it is put together.
#[derive(Default)]
struct Entries {
    of: Vec<(Key, Node)>,
    /// The place of each, ascending.
    places: Vec<u8>,
    /// Whether all of them are held once.
    shared: bool,
}

impl Entries {
    /// An entry at its place in JSON; what is written in another order finds it too.
    fn put(&mut self, place: u8, key: &Key, part: Part) {
        self.shared &= part.shared && matches!(key, Key::Sym(_));
        let entry = (key.clone(), part.node);
        if self.places.last().is_none_or(|last| *last <= place) {
            self.places.push(place);
            self.of.push(entry);
        } else {
            let at = self.places.partition_point(|before| *before <= place);
            self.places.insert(at, place);
            self.of.insert(at, entry);
        }
    }

    fn has(&self, place: u8) -> bool {
        match self.places.last() {
            Some(last) if *last < place => false,
            _ => self.places.binary_search(&place).is_ok(),
        }
    }
}

/// How often a field was looked for among what was met before, and found; the decoder has two for each
/// field: as a whole and for its items.
#[derive(Clone, Copy, Default)]
struct HitCount {
    met: u32,
    in_vain: u32,
}

impl HitCount {
    fn is_worth_while(self, bytes: usize) -> bool {
        bytes >= LEAST && self.in_vain < IN_VAIN + self.met.saturating_mul(ONE_IN)
    }
}

/// Reads the messages of one page.
pub(super) struct Decoder<'a> {
    table: &'static FieldTable,
    known: Known<'a>,
    /// Of each field, as a whole and for what is in it: pods of one template have equal containers,
    /// and each has a status of its own.
    hits: Vec<[HitCount; 2]>,
    /// For the next messages and lists: most are known already, and a vector would be made in vain.
    entries: Vec<Entries>,
    items: Vec<Vec<Node>>,
}

impl<'a> Decoder<'a> {
    pub(super) fn new(table: &'static FieldTable) -> Self {
        let hits = vec![[HitCount::default(); 2]; table.fields];
        let (entries, items) = (Vec::new(), Vec::new());
        Self { table, known: Known::default(), hits, entries, items }
    }

    /// What JSON has of an item, in its order.
    pub(super) fn item(
        &mut self,
        of: &'static Message,
        bytes: &'a [u8],
    ) -> Result<JsonItem, Unread> {
        let mut entries = self.entries(of, bytes)?;
        let item = entries.of.drain(..).collect();
        self.entries.push(entries);
        Ok(item)
    }

    /// What JSON has of a message, in its order.
    fn entries(&mut self, of: &'static Message, bytes: &'a [u8]) -> Result<Entries, Unread> {
        let mut entries = self.entries.pop().unwrap_or_default();
        entries.of.clear();
        entries.places.clear();
        entries.shared = true;
        let mut left = Wire(bytes);
        while !left.is_empty() {
            let begin = left.0;
            let (number, written) = left.tag()?;
            let unknown = Unread::Unknown { of: of.name, number };
            let (place, field) = of.field(number).ok_or(unknown)?;
            if entries.has(place) {
                return Err(Unread::Twice { of: of.name, number });
            }
            if field.is_inline {
                let inner = self.message(field).ok_or(Unread::Written)?;
                let inner = self.entries(inner, left.bytes_of(written)?)?;
                self.put_all(&mut entries, place, inner);
                continue;
            }
            let part = match field.many {
                Many::One => self.one(field, written, &mut left)?,
                Many::List | Many::Map => {
                    let run = left.run(begin, written)?;
                    // Who manages which field is passed over.
                    if field.of == Type::Skip { None } else { Some(self.run(field, &run)?) }
                }
            };
            if let Some(part) = part {
                entries.put(place, &field.key, part);
            }
        }
        Ok(entries)
    }

    fn put_all(&mut self, entries: &mut Entries, place: u8, mut inner: Entries) {
        let shared = inner.shared;
        for (key, node) in inner.of.drain(..) {
            entries.put(place, &key, Part { node, shared });
        }
        self.entries.push(inner);
    }

    fn message(&self, field: &MessageField) -> Option<&'static Message> {
        if let Type::Message(at) = field.of { self.table.messages.get(at) } else { None }
    }

    /// A field that is there once. None if JSON does not have it.
    fn one(
        &mut self,
        field: &MessageField,
        written: Written,
        left: &mut Wire<'a>,
    ) -> Result<Option<Part>, Unread> {
        let part = match written {
            Written::Number => number(field, left.number()?)?,
            Written::Bytes => self.bytes(field, left.bytes()?)?,
        };
        let empty = match &part.node {
            Node::Null => true,
            _ if field.keeps_empty => false,
            Node::Str(text) => text.is_empty(),
            Node::Bool(value) => !value,
            Node::Int(value) => *value == 0,
            _ => false,
        };
        Ok(Some(part).filter(|_| !empty))
    }

    /// What a field says in these bytes.
    fn bytes(&mut self, field: &MessageField, bytes: &'a [u8]) -> Result<Part, Unread> {
        match field.of {
            Type::Text => text(bytes),
            Type::Bytes => Ok(parts::text(&STANDARD.encode(bytes))),
            Type::Texts => texts(bytes),
            Type::Time => time(bytes, false).map(Part::plain),
            Type::MicroTime => time(bytes, true).map(Part::plain),
            Type::Quantity => quantity(bytes),
            Type::IntOrString => int_or_string(bytes),
            Type::Skip => Ok(Part::plain(Node::Null)),
            Type::Message(at) => self.tree(field, at, bytes),
            Type::Bool | Type::Int32 | Type::Int64 => Err(Unread::Written),
        }
    }

    /// The tree of the message at that place of the table.
    fn tree(&mut self, field: &MessageField, at: usize, bytes: &'a [u8]) -> Result<Part, Unread> {
        let of = self.table.messages.get(at).ok_or(Unread::Written)?;
        // What says its kind is read as something else.
        let beyond = self.table.messages.len() + self.table.fields;
        let read_as = if field.says.is_some() { beyond + at } else { at };
        self.again(field, 0, read_as, bytes, |this| {
            let mut entries = this.entries(of, bytes)?;
            if let Some([kind, version]) = field.says {
                let says = [("kind", kind), ("apiVersion", version)];
                let says = says.map(|(key, text)| (Key::new(key), Node::str(text)));
                entries.shared &= says.iter().all(|(key, _)| matches!(key, Key::Sym(_)));
                entries.of.splice(0..0, says);
            }
            let part = parts::map(&mut entries.of, entries.shared);
            this.entries.push(entries);
            Ok(part)
        })
    }

    /// A part that may have been met before, or else is read now.
    fn again(
        &mut self,
        field: &MessageField,
        sort: usize,
        read_as: usize,
        bytes: &'a [u8],
        read: impl FnOnce(&mut Self) -> Result<Part, Unread>,
    ) -> Result<Part, Unread> {
        let hits = self.hits.get_mut(field.at).and_then(|hits| hits.get_mut(sort));
        let Some(hits) = hits.filter(|hits| hits.is_worth_while(bytes.len())) else {
            return read(self);
        };
        if let Some(part) = self.known.part(read_as, bytes) {
            hits.met += 1;
            return Ok(part);
        }
        hits.in_vain += 1;
        let part = read(self)?;
        self.known.keep(read_as, bytes, &part);
        Ok(part)
    }

    /// A list or map: all fields of one number in a row.
    fn run(&mut self, field: &MessageField, run: &Run<'a>) -> Result<Part, Unread> {
        // Behind the messages, which have these numbers when they are read as such.
        let read_as = self.table.messages.len() + field.at;
        self.again(field, 1, read_as, run.bytes, |this| match field.many {
            Many::Map => this.map(field, run),
            _ => this.list(field, run),
        })
    }

    fn list(&mut self, field: &MessageField, run: &Run<'a>) -> Result<Part, Unread> {
        let mut items = self.items.pop().unwrap_or_default();
        items.clear();
        let mut shared = true;
        let mut left = Wire(run.bytes);
        for _ in 0..run.count {
            let (_, written) = left.tag()?;
            let part = match written {
                Written::Number => number(field, left.number()?)?,
                Written::Bytes => self.bytes(field, left.bytes()?)?,
            };
            shared &= part.shared;
            items.push(part.node);
        }
        let part = parts::list(&mut items, shared);
        self.items.push(items);
        Ok(part)
    }

    /// A map is a list of messages with a key and a value. JSON has it by key.
    fn map(&mut self, field: &MessageField, run: &Run<'a>) -> Result<Part, Unread> {
        let mut entries = self.entries.pop().unwrap_or_default();
        entries.of.clear();
        entries.places.clear();
        let mut shared = true;
        let mut left = Wire(run.bytes);
        for _ in 0..run.count {
            let (_, written) = left.tag()?;
            let (key, part) = self.entry(field, left.bytes_of(written)?)?;
            shared &= part.shared && matches!(key, Key::Sym(_));
            // Absent, as everywhere in the model; and what is left out of every tree.
            if !matches!(part.node, Node::Null) && key.as_str() != "managedFields" {
                entries.of.push((key, part.node));
            }
        }
        if !entries.of.is_sorted_by(|(a, _), (b, _)| a.as_str() < b.as_str()) {
            entries.of.sort_by(|(a, _), (b, _)| a.as_str().cmp(b.as_str()));
            if entries.of.windows(2).any(|pair| matches!(pair, [(a, _), (b, _)] if a.is(b))) {
                return Err(Unread::Value("map with a key twice"));
            }
        }
        let part = parts::map(&mut entries.of, shared);
        self.entries.push(entries);
        Ok(part)
    }

    fn entry(&mut self, field: &MessageField, bytes: &'a [u8]) -> Result<(Key, Part), Unread> {
        let mut left = Wire(bytes);
        let (mut key, mut value) = (None, None);
        while !left.is_empty() {
            match left.tag()? {
                (1, written) if key.is_none() => key = Some(Key::new(left.text_of(written)?)),
                (2, written) if value.is_none() => {
                    value = Some(self.bytes(field, left.bytes_of(written)?)?);
                }
                (number, _) => return Err(Unread::Unknown { of: "a map", number }),
            }
        }
        // No bytes are not written, as a value.
        let value = value.or_else(|| (field.of == Type::Bytes).then(|| parts::text("")));
        key.zip(value).ok_or(Unread::Value("map"))
    }
}

/// A message of texts, which JSON has as a list.
fn texts(bytes: &[u8]) -> Result<Part, Unread> {
    let mut items = Vec::new();
    let mut shared = true;
    let mut left = Wire(bytes);
    while !left.is_empty() {
        let (1, written) = left.tag()? else { return Err(Unread::Value("list of texts")) };
        let part = text(left.bytes_of(written)?)?;
        shared &= part.shared;
        items.push(part.node);
    }
    Ok(parts::list(&mut items, shared))
}

fn text(bytes: &[u8]) -> Result<Part, Unread> {
    std::str::from_utf8(bytes).map(parts::text).map_err(|_| Unread::Text)
}

/// What a field says with a number.
fn number(field: &MessageField, number: u64) -> Result<Part, Unread> {
    let node = match field.of {
        Type::Bool => Node::Bool(boolean(number)?),
        Type::Int32 => Node::Int(int32(number)?),
        Type::Int64 => Node::Int(number.cast_signed()),
        _ => return Err(Unread::Written),
    };
    Ok(Part::plain(node))
}
