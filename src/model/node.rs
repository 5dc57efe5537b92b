//! The compact tree in which objects are held: ordered maps with interned keys, short texts in
//! place, everything else behind counted pointers, so that a copy costs nothing and equal parts of
//! different objects can be one (`pool`).

mod again;
pub(crate) mod parts;
mod pool;
mod wire;

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash as _, Hasher};
use std::sync::Arc;

use smol_str::SmolStr;

use super::key::Key;

/// One value of an object's tree. Integers stay integers: Kubernetes treats every whole number as
/// a signed 64-bit one, and only what does not fit becomes unsigned or floating.
#[derive(Clone, Default)]
pub enum Node {
    /// JSON null. Never stored as a map value: null means absent in Kubernetes.
    #[default]
    Null,
    /// A boolean.
    Bool(bool),
    /// A whole number that fits in 64 bits, signed.
    Int(i64),
    /// A whole number above `i64::MAX`.
    UInt(u64),
    /// Any other number.
    Float(f64),
    /// A string; up to 23 bytes need no memory of their own.
    Str(SmolStr),
    /// A list.
    List(Arc<[Self]>),
    /// A map in the order of the document.
    Map(Map),
}

/// An ordered map. Lookups are linear: maps of Kubernetes objects have a dozen entries.
#[derive(Clone, Default)]
pub struct Map(Arc<[(Key, Node)]>);

impl Map {
    /// A map of these entries; null values are dropped, a repeated key keeps its last value.
    #[must_use]
    pub fn new(entries: Vec<(Key, Node)>) -> Self {
        Self(clean(entries).into())
    }

    /// The value of `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.0.iter().find(|(k, _)| k.as_str() == key).map(|(_, v)| v)
    }

    /// The value of an interned key, compared by address.
    #[must_use]
    pub fn get_key(&self, key: &Key) -> Option<&Node> {
        self.0.iter().find(|(k, _)| k.is(key)).map(|(_, v)| v)
    }

    /// The entries in document order.
    #[must_use]
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &Node)> + ExactSizeIterator {
        self.0.iter().map(|(k, v)| (k.as_str(), v))
    }

    /// The entries with their keys as stored.
    #[must_use]
    pub fn entries(&self) -> &[(Key, Node)] {
        &self.0
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no entry.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The entries, for rebuilding a changed map. What stands in them is shared, not copied.
    #[must_use]
    pub fn into_entries(self) -> Vec<(Key, Node)> {
        self.0.to_vec()
    }
}

/// Entries without null values, the last one of each key.
fn clean(mut entries: Vec<(Key, Node)>) -> Vec<(Key, Node)> {
    if entries.len() > 32 {
        return clean_many(entries);
    }
    if is_clean(&entries) {
        return entries;
    }
    let mut kept: Vec<(Key, Node)> = Vec::with_capacity(entries.len());
    for (key, value) in entries.drain(..) {
        if let Some(at) = kept.iter().position(|(k, _)| k.is(&key)) {
            kept.remove(at);
        }
        if value != Node::Null {
            kept.push((key, value));
        }
    }
    kept
}

/// Whether they are without null values, and each key is there once, as nearly always. Of many
/// entries nothing is said.
fn is_clean(entries: &[(Key, Node)]) -> bool {
    let again = |at: usize, key: &Key| entries.iter().skip(at + 1).any(|(k, _)| k.is(key));
    let fine =
        |(at, (key, value)): (usize, &(Key, Node))| !matches!(value, Node::Null) && !again(at, key);
    entries.len() <= 32 && entries.iter().enumerate().all(fine)
}

fn clean_many(entries: Vec<(Key, Node)>) -> Vec<(Key, Node)> {
    let mut last = HashMap::with_capacity(entries.len());
    for (at, (key, _)) in entries.iter().enumerate() {
        last.insert(key.as_str().to_owned(), at);
    }
    let numbered = entries.into_iter().enumerate();
    let kept = numbered
        .filter(|(at, (key, value))| last.get(key.as_str()) == Some(at) && *value != Node::Null);
    kept.map(|(_, entry)| entry).collect()
}

impl Node {
    /// A string node.
    #[must_use]
    pub fn str(text: &str) -> Self {
        Self::Str(SmolStr::new(text))
    }

    /// A list node.
    #[must_use]
    pub fn list(items: Vec<Self>) -> Self {
        Self::List(items.into())
    }

    /// A map node from plain names.
    #[must_use]
    pub fn map<'a>(entries: impl IntoIterator<Item = (&'a str, Self)>) -> Self {
        Self::Map(Map::new(entries.into_iter().map(|(k, v)| (Key::new(k), v)).collect()))
    }

    /// The value of a map's key; none for anything that is no map.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_map().and_then(|map| map.get(key))
    }

    /// The value at a chain of map keys.
    #[must_use]
    pub fn at(&self, keys: &[&str]) -> Option<&Self> {
        keys.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The string at a chain of map keys.
    #[must_use]
    pub fn str_at(&self, keys: &[&str]) -> Option<&str> {
        self.at(keys).and_then(Self::as_str)
    }

    /// The list at a chain of map keys, empty when absent.
    #[must_use]
    pub fn list_at(&self, keys: &[&str]) -> &[Self] {
        self.at(keys).and_then(Self::as_list).unwrap_or_default()
    }

    /// The text of a string node.
    #[must_use]
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Str(text) = self { Some(text) } else { None }
    }

    /// The value of a boolean node.
    #[must_use]
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(value) = self { Some(*value) } else { None }
    }

    /// The value of a signed whole number.
    #[must_use]
    pub fn as_int(&self) -> Option<i64> {
        if let Self::Int(value) = self { Some(*value) } else { None }
    }

    /// The items of a list node.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Self]> {
        if let Self::List(items) = self { Some(items) } else { None }
    }

    /// The map of a map node.
    #[must_use]
    pub fn as_map(&self) -> Option<&Map> {
        if let Self::Map(map) = self { Some(map) } else { None }
    }

    /// Feeds a hasher with the value: equal trees feed it alike. Floating numbers go by their bits.
    pub fn hash_into(&self, hasher: &mut impl Hasher) {
        std::mem::discriminant(self).hash(hasher);
        match self {
            Self::Null => {}
            Self::Bool(v) => v.hash(hasher),
            Self::Int(v) => v.hash(hasher),
            Self::UInt(v) => v.hash(hasher),
            Self::Float(v) => v.to_bits().hash(hasher),
            Self::Str(v) => v.hash(hasher),
            Self::List(items) => {
                items.len().hash(hasher);
                items.iter().for_each(|item| item.hash_into(hasher));
            }
            Self::Map(map) => {
                map.len().hash(hasher);
                for (key, value) in map.iter() {
                    key.hash(hasher);
                    value.hash_into(hasher);
                }
            }
        }
    }

    /// Parses JSON, leaving `metadata.managedFields` out while reading.
    ///
    /// # Errors
    /// What `serde_json` says of the text, with line and column.
    pub fn from_json(bytes: &[u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(bytes)
    }

    /// How many bytes the tree takes as JSON, without writing it.
    #[must_use]
    pub fn json_size(&self) -> usize {
        let mut size = Size(0);
        // Counting cannot fail, and a tree has no key that is no string.
        let _ = serde_json::to_writer(&mut size, self);
        size.0
    }

    /// The same value as a `serde_json::Value`, for reports.
    #[must_use]
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or(serde_json::Value::Null)
    }
}

impl PartialEq for Map {
    /// By content; what is the same memory need not be looked at.
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0 == other.0
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Int(a), Self::Int(b)) => a == b,
            (Self::UInt(a), Self::UInt(b)) => a == b,
            (Self::Float(a), Self::Float(b)) => a == b,
            (Self::Str(a), Self::Str(b)) => a == b,
            (Self::List(a), Self::List(b)) => Arc::ptr_eq(a, b) || a == b,
            (Self::Map(a), Self::Map(b)) => a == b,
            _ => false,
        }
    }
}

impl From<&serde_json::Value> for Node {
    fn from(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::Null => Self::Null,
            Value::Bool(b) => Self::Bool(*b),
            Value::Number(n) => n.as_i64().map_or_else(
                || n.as_u64().map_or_else(|| Self::Float(n.as_f64().unwrap_or(0.0)), Self::UInt),
                Self::Int,
            ),
            Value::String(s) => Self::str(s),
            Value::Array(items) => Self::list(items.iter().map(Self::from).collect()),
            Value::Object(map) => Self::map(map.iter().map(|(k, v)| (k.as_str(), Self::from(v)))),
        }
    }
}

impl fmt::Debug for Map {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(v) => write!(f, "{v}"),
            Self::Int(v) => write!(f, "{v}"),
            Self::UInt(v) => write!(f, "{v}u"),
            Self::Float(v) => write!(f, "{v:?}"),
            Self::Str(v) => write!(f, "{v:?}"),
            Self::List(v) => f.debug_list().entries(v.iter()).finish(),
            Self::Map(v) => f.debug_map().entries(v.iter()).finish(),
        }
    }
}

/// Counts what is written to it.
struct Size(usize);

impl std::io::Write for Size {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// A shared tree.
pub type Tree = Arc<Node>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nulls_in_maps_are_absent_and_the_last_of_two_keys_wins() {
        let node = Node::from_json(br#"{"a":null,"b":1,"b":2,"c":[null]}"#).unwrap();
        assert_eq!(node.get("a"), None);
        assert_eq!(node.get("b"), Some(&Node::Int(2)));
        assert_eq!(node.list_at(&["c"]), [Node::Null]);
    }

    #[test]
    fn whole_numbers_stay_whole() {
        let node = Node::from_json(br"[1, -1, 18446744073709551615, 1.5]").unwrap();
        assert_eq!(
            node.as_list().unwrap(),
            [Node::Int(1), Node::Int(-1), Node::UInt(u64::MAX), Node::Float(1.5)]
        );
    }

    /// Reading rounds to the nearest number, so that writing and reading again changes nothing.
    #[test]
    fn numbers_beyond_whole_ones_come_back_as_they_were() {
        for digits in ["4".repeat(108), "0.1e-300".to_owned(), "1.7976931348623157e308".to_owned()]
        {
            let node = Node::from_json(digits.as_bytes()).unwrap();
            assert_eq!(node, Node::Float(digits.parse().unwrap()));
            let again = serde_json::to_vec(&node).unwrap();
            assert_eq!(Node::from_json(&again).unwrap(), node, "{digits}");
        }
    }

    #[test]
    fn equal_trees_hash_alike_and_one_changed_leaf_tells() {
        let hash = |json: &str| {
            let mut hasher = std::hash::DefaultHasher::new();
            Node::from_json(json.as_bytes()).unwrap().hash_into(&mut hasher);
            hasher.finish()
        };
        let plain = r#"{"a":[1,"x",{"b":true}],"c":1.5}"#;
        assert_eq!(hash(plain), hash(plain));
        for other in ["1.5", "true", "\"x\"", "{}"] {
            let changed = plain.replacen("1,", &format!("{other},"), 1);
            assert_ne!(hash(plain), hash(&changed), "{changed}");
        }
        assert_ne!(hash(r#"[["a"],["b"]]"#), hash(r#"[["a","b"],[]]"#));
    }

    #[test]
    fn managed_fields_never_enter_the_tree() {
        let node =
            Node::from_json(br#"{"metadata":{"name":"a","managedFields":[{"x":1}]}}"#).unwrap();
        assert_eq!(node.to_json(), serde_json::json!({"metadata": {"name": "a"}}));
    }
}
