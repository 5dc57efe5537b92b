//! Equal parts of trees, held once. The pods of one controller share nearly everything: containers,
//! environment, probes, tolerations, labels; so do the template and the pods made of it.
//!
//! While a tree is read, from its leaves up, each part is looked for among those read before. Parts
//! inside it were looked for already, so that what is the same is the same memory, and comparing two
//! maps takes no more than comparing their entries' addresses. What was not met for a while is
//! forgotten, which costs memory and nothing else.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use rustc_hash::FxHasher;
use smol_str::SmolStr;

use super::{Key, Map, Node};

/// Parts of the pool, so that threads hardly wait for each other.
const SHARDS: usize = 16;
/// Most parts that a generation of a shard remembers.
const MOST: usize = 7_168;
/// Longest text that is remembered, in bytes. Longer ones are few, and held on to for nothing.
const LONGEST: usize = 1_024;
/// Most items of a list or map that is remembered.
const WIDEST: usize = 64;

/// A part of a tree that was just read.
pub(crate) struct Part {
    pub(crate) node: Node,
    /// Equal parts that were read before are the same memory, as far as they are remembered.
    pub(crate) shared: bool,
}

impl Part {
    /// A value that needs no memory of its own.
    pub(crate) fn plain(node: Node) -> Self {
        Self { node, shared: true }
    }
}

/// A text.
pub(crate) fn text(text: &str) -> Part {
    if text.len() <= SmolStr::INLINE_CAP {
        return Part::plain(Node::str(text));
    }
    if text.len() > LONGEST {
        return Part { node: Node::str(text), shared: false };
    }
    let same = |known: &Node| known.as_str() == Some(text);
    Part::plain(one(content(text.as_bytes()), same, || Node::str(text)))
}

/// A list of parts, which it takes; `shared` if all of them are.
pub(crate) fn list(items: &mut Vec<Node>, shared: bool) -> Part {
    if !shared || items.len() > WIDEST {
        return Part { node: Node::List(items.drain(..).collect()), shared: false };
    }
    let hash = items.iter().fold(1, |hash, item| mix(hash, trace(item)));
    let same = |known: &Node| {
        let known = known.as_list().filter(|known| known.len() == items.len());
        known.is_some_and(|known| known.iter().zip(&*items).all(|(a, b)| is_same(a, b)))
    };
    let known = lock(hash).find(hash, same);
    Part::plain(known.unwrap_or_else(|| keep(hash, Node::List(items.drain(..).collect()))))
}

/// A map of parts, each key once, which it takes; `shared` if all parts are and all keys are
/// interned.
pub(crate) fn map(entries: &mut Vec<(Key, Node)>, shared: bool) -> Part {
    if !shared || entries.len() > WIDEST {
        return Part { node: Node::Map(Map(entries.drain(..).collect())), shared: false };
    }
    let key = |key: &Key| key.as_str().as_ptr().addr() as u64;
    let hash = entries.iter().fold(2, |hash, (k, value)| mix(mix(hash, key(k)), trace(value)));
    let same = |known: &Node| {
        let known = known.as_map().filter(|known| known.len() == entries.len());
        let entry = |((a, x), (b, y)): (&(Key, Node), &(Key, Node))| a.is(b) && is_same(x, y);
        known.is_some_and(|known| known.entries().iter().zip(&*entries).all(entry))
    };
    let known = lock(hash).find(hash, same);
    Part::plain(known.unwrap_or_else(|| keep(hash, Node::Map(Map(entries.drain(..).collect())))))
}

/// The part with this hash that is the same, or a new one.
fn one(hash: u64, same: impl Fn(&Node) -> bool, make: impl FnOnce() -> Node) -> Node {
    let known = lock(hash).find(hash, same);
    known.unwrap_or_else(|| keep(hash, make()))
}

/// Whether two values are equal, told without looking into lists and maps.
fn is_same(a: &Node, b: &Node) -> bool {
    match (a, b) {
        (Node::List(a), Node::List(b)) => Arc::ptr_eq(a, b),
        (Node::Map(a), Node::Map(b)) => Arc::ptr_eq(&a.0, &b.0),
        // 0.0 equals -0.0, and is written otherwise.
        (Node::Float(a), Node::Float(b)) => a.to_bits() == b.to_bits(),
        (a, b) => a == b,
    }
}

/// A number that is the same for values that are [`is_same`].
fn trace(node: &Node) -> u64 {
    match node {
        Node::Null => 3,
        Node::Bool(value) => 4 + u64::from(*value),
        Node::Int(value) => mix(6, value.cast_unsigned()),
        Node::UInt(value) => mix(7, *value),
        Node::Float(value) => mix(8, value.to_bits()),
        Node::Str(value) => content(value.as_bytes()),
        Node::List(items) => items.as_ptr().addr() as u64,
        Node::Map(map) => map.0.as_ptr().addr() as u64,
    }
}

/// A number that is the same for equal bytes.
pub(super) fn content(bytes: &[u8]) -> u64 {
    let mut hasher = FxHasher::default();
    hasher.write(bytes);
    hasher.finish()
}

fn mix(hash: u64, more: u64) -> u64 {
    let mixed = (hash.rotate_left(5) ^ more).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    mixed ^ (mixed >> 32)
}

/// Parts by their hash. Of two parts with the same hash the later one is remembered: whoever makes
/// such parts on purpose gains nothing but that they are held twice.
#[derive(Default)]
struct Shard {
    young: Remembered,
    old: Remembered,
}

type Remembered = HashMap<u64, Node, Seed>;

/// Spreads hashes over a table, by a secret of this process: parts are looked for millions of times,
/// and nobody shall be able to make many of them fall into one place.
#[derive(Clone, Copy)]
pub(super) struct Seed(u64, u64);

impl Default for Seed {
    fn default() -> Self {
        static SEED: OnceLock<Seed> = OnceLock::new();
        *SEED.get_or_init(|| {
            let random = RandomState::new();
            Self(random.hash_one(1), random.hash_one(2) | 1)
        })
    }
}

impl BuildHasher for Seed {
    type Hasher = Spread;

    fn build_hasher(&self) -> Spread {
        Spread { seed: *self, hash: 0 }
    }
}

pub(super) struct Spread {
    seed: Seed,
    hash: u64,
}

impl Hasher for Spread {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.write_u64(u64::from(*byte));
        }
    }

    fn write_u64(&mut self, value: u64) {
        let product = u128::from(value ^ self.hash ^ self.seed.0) * u128::from(self.seed.1);
        let (low, high) = (product & u128::from(u64::MAX), product >> 64);
        self.hash = u64::try_from(low ^ high).unwrap_or_default();
    }

    fn finish(&self) -> u64 {
        self.hash
    }
}

impl Shard {
    fn find(&mut self, hash: u64, same: impl Fn(&Node) -> bool) -> Option<Node> {
        if let Some(node) = self.young.get(&hash).filter(|node| same(node)) {
            return Some(node.clone());
        }
        let node = self.old.remove(&hash).filter(same)?;
        self.keep(hash, node.clone());
        Some(node)
    }

    /// Remembers a part; gives what is forgotten for it.
    fn keep(&mut self, hash: u64, node: Node) -> Remembered {
        let full = self.young.len() >= MOST;
        let forgotten = if full { std::mem::take(&mut self.old) } else { Remembered::default() };
        if full {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(hash, node);
        forgotten
    }
}

fn keep(hash: u64, node: Node) -> Node {
    // Dropped without the lock: a part may be the last that holds a large tree.
    let forgotten = lock(hash).keep(hash, node.clone());
    drop(forgotten);
    node
}

fn lock(hash: u64) -> std::sync::MutexGuard<'static, Shard> {
    static POOL: OnceLock<[Mutex<Shard>; SHARDS]> = OnceLock::new();
    let pool = POOL.get_or_init(Default::default);
    // The upper bits: the maps take the lower ones.
    let [first, ..] = pool;
    let at = usize::try_from(hash >> 56).unwrap_or_default() % SHARDS;
    // A thread that died here has left whole parts behind.
    pool.get(at).unwrap_or(first).lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Node {
        Node::from_json(json.as_bytes()).unwrap()
    }

    fn is_one(a: Option<&Node>, b: Option<&Node>) -> bool {
        match (a.unwrap(), b.unwrap()) {
            (Node::List(a), Node::List(b)) => Arc::ptr_eq(a, b),
            (Node::Map(a), Node::Map(b)) => Arc::ptr_eq(&a.0, &b.0),
            (Node::Str(a), Node::Str(b)) => std::ptr::eq(a.as_ptr(), b.as_ptr()),
            _ => false,
        }
    }

    #[test]
    fn equal_parts_of_different_trees_are_one_and_others_are_not() {
        let tree = |name: &str| {
            read(&format!(
                r#"{{"name":"{name}","spec":{{"containers":[{{"image":"registry.example.com/pool/test:1",
                    "probe":{{"port":8080,"ratio":0.5}},"tty":false}}]}}}}"#
            ))
        };
        let (a, b) = (tree("pool-a"), tree("pool-b"));
        assert!(is_one(a.get("spec"), b.get("spec")));
        assert_ne!(a, b);
        let other =
            read(r#"{"spec":{"containers":[{"image":"registry.example.com/pool/test:2"}]}}"#);
        assert!(!is_one(a.get("spec"), other.get("spec")));
        let image = |node: &Node| node.list_at(&["spec", "containers"])[0].get("image").cloned();
        assert!(is_one(image(&a).as_ref(), image(&b).as_ref()));
    }

    #[test]
    fn what_is_written_otherwise_stays_otherwise() {
        for (a, b) in [
            ("[[0.0]]", "[[-0.0]]"),
            ("[[1]]", "[[1.0]]"),
            ("[[true]]", r#"[["true"]]"#),
            ("[{}]", "[[]]"),
            (r#"[{"pool-x":1,"pool-y":2}]"#, r#"[{"pool-y":2,"pool-x":1}]"#),
        ] {
            for json in [a, b] {
                assert_eq!(serde_json::to_string(&read(json)).unwrap(), json);
            }
        }
    }

    #[test]
    fn long_and_wide_parts_and_what_is_around_them_are_not_remembered() {
        let long = "x".repeat(LONGEST + 1);
        let wide: Vec<usize> = (0..=WIDEST).collect();
        for json in [format!(r#"[{{"pool-long":"{long}"}}]"#), format!("[[{wide:?}]]")] {
            let (a, b) = (read(&json), read(&json));
            assert_eq!(a, b);
            assert!(!is_one(a.as_list().unwrap().first(), b.as_list().unwrap().first()), "{json}");
        }
    }

    #[test]
    fn a_shard_remembers_two_generations_and_what_was_met_in_between() {
        let mut shard = Shard::default();
        let hot = Node::str("hot");
        shard.keep(0, hot.clone());
        for hash in 1..5 * MOST as u64 {
            shard.keep(hash, Node::Null);
            if hash % 100 == 0 {
                assert_eq!(shard.find(0, |node| *node == hot), Some(hot.clone()));
            }
            assert!(shard.young.len() <= MOST && shard.old.len() <= MOST);
        }
        assert_eq!(shard.find(1, |_| true), None, "forgotten");
        assert_eq!(shard.find(0, |_| false), None, "another one with the same hash");
    }
}
