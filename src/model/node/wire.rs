//! Trees from and to what serde reads and writes.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, SerializeSeq, Serializer};
use serde::{Deserialize, Deserializer};

use super::again::Met;
use super::pool::{self, Part};
use super::{Key, Node, clean, is_clean};

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(v) => serializer.serialize_bool(*v),
            Self::Int(v) => serializer.serialize_i64(*v),
            Self::UInt(v) => serializer.serialize_u64(*v),
            Self::Float(v) => serializer.serialize_f64(*v),
            Self::Str(v) => serializer.serialize_str(v),
            Self::List(v) => {
                let mut seq = serializer.serialize_seq(Some(v.len()))?;
                for item in v.iter() {
                    seq.serialize_element(item)?;
                }
                seq.end()
            }
            Self::Map(v) => {
                let mut map = serializer.serialize_map(Some(v.len()))?;
                for (key, value) in v.iter() {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        NodeSeed::plain().deserialize(deserializer).map(|part| part.node)
    }
}

/// Builds a [`Node`] straight from a deserializer, out of parts that were read before where they
/// are equal.
#[derive(Clone, Copy)]
pub(super) struct NodeSeed<'m, 'de> {
    /// What was met before in the same text, if it is JSON.
    met: Option<&'m Met<'de>>,
    /// Maps and lists around it.
    depth: u8,
}

impl<'m, 'de> NodeSeed<'m, 'de> {
    /// Of any text.
    pub(super) fn plain() -> Self {
        Self { met: None, depth: 0 }
    }

    /// Of a JSON text that says some things again and again.
    pub(super) fn of(met: &'m Met<'de>) -> Self {
        Self { met: Some(met), depth: 0 }
    }

    fn inside(self) -> Self {
        Self { depth: self.depth.saturating_add(1), ..self }
    }
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_, 'de> {
    type Value = Part;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Part, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_, 'de> {
    type Value = Part;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON or YAML value")
    }

    fn visit_unit<E>(self) -> Result<Part, E> {
        Ok(Part::plain(Node::Null))
    }

    fn visit_none<E>(self) -> Result<Part, E> {
        Ok(Part::plain(Node::Null))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Part, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Part, E> {
        Ok(Part::plain(Node::Bool(value)))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Part, E> {
        Ok(Part::plain(Node::Int(value)))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Part, E> {
        Ok(Part::plain(i64::try_from(value).map_or(Node::UInt(value), Node::Int)))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Part, E> {
        Ok(Part::plain(Node::Float(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Part, E> {
        Ok(pool::text(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Part, A::Error> {
        let mut items = Spare::take(&ITEMS);
        let mut shared = true;
        while let Some(item) = seq.next_element_seed(self.inside())? {
            shared &= item.shared;
            items.of.push(item.node);
        }
        Ok(pool::list(&mut items.of, shared))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Part, A::Error> {
        let mut entries = Spare::take(&ENTRIES);
        let mut shared = true;
        while let Some(key) = access.next_key_seed(KeySeed)? {
            if key.as_str() == "managedFields" {
                access.next_value::<serde::de::IgnoredAny>()?;
            } else {
                let value = match self.met.filter(|_| Met::is_worth_while(&key, self.depth)) {
                    Some(met) => met.part(access.next_value()?)?,
                    None => access.next_value_seed(self.inside())?,
                };
                shared &= value.shared && matches!(key, Key::Sym(_));
                entries.of.push((key, value.node));
            }
        }
        if is_clean(&entries.of) {
            return Ok(pool::map(&mut entries.of, shared));
        }
        Ok(pool::map(&mut clean(std::mem::take(&mut entries.of)), shared))
    }
}

/// Vectors in which parts are gathered before they become one. Most maps and lists are known already,
/// so that a vector of their own would be made for nothing.
type Spares<T> = std::thread::LocalKey<RefCell<Vec<Vec<T>>>>;

thread_local! {
    static ITEMS: RefCell<Vec<Vec<Node>>> = const { RefCell::new(Vec::new()) };
    static ENTRIES: RefCell<Vec<Vec<(Key, Node)>>> = const { RefCell::new(Vec::new()) };
}

/// Most vectors that a thread keeps for later, and the largest, in parts.
const MOST_SPARES: usize = 64;
const LARGEST_SPARE: usize = 256;

/// A vector that goes back to where it came from.
struct Spare<T: 'static> {
    of: Vec<T>,
    home: &'static Spares<T>,
}

impl<T> Spare<T> {
    fn take(home: &'static Spares<T>) -> Self {
        // A thread that is about to end has none left.
        let of = home.try_with(|spares| spares.borrow_mut().pop()).ok().flatten();
        Self { of: of.unwrap_or_default(), home }
    }
}

impl<T> Drop for Spare<T> {
    fn drop(&mut self) {
        let mut of = std::mem::take(&mut self.of);
        // Before anything is borrowed: what is dropped here may be anything.
        of.clear();
        let _ = self.home.try_with(|spares| {
            let mut spares = spares.borrow_mut();
            if spares.len() < MOST_SPARES && (1..=LARGEST_SPARE).contains(&of.capacity()) {
                spares.push(of);
            }
        });
    }
}

/// Reads a map key; YAML keys may be numbers or booleans and become their text.
struct KeySeed;

impl<'de> DeserializeSeed<'de> for KeySeed {
    type Value = Key;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Key, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for KeySeed {
    type Value = Key;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a map key")
    }

    fn visit_str<E>(self, value: &str) -> Result<Key, E> {
        Ok(Key::new(value))
    }
}
