//! Interned map keys. Kubernetes objects repeat a few thousand field names millions of times; an
//! interned key is one pointer and compares by address.

use std::cell::Cell;
use std::fmt;
use std::hash::Hasher as _;
use std::sync::{OnceLock, RwLock};

use rustc_hash::{FxHashMap, FxHasher};

/// Most names the process will intern. Label keys are chosen by whoever can create an object, so
/// the table must not grow with them.
const MAX_NAMES: usize = 32_768;
/// Longest name that is interned, in bytes.
const MAX_LEN: usize = 128;

/// An interned field name.
#[derive(Clone, Copy)]
pub struct Sym(&'static Name);

struct Name {
    text: Box<str>,
}

impl Sym {
    /// The name itself.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        &self.0.text
    }
}

impl PartialEq for Sym {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.0, other.0)
    }
}

impl Eq for Sym {}

impl fmt::Debug for Sym {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// A map key: interned where the table has room, owned otherwise. Both kinds compare by text.
#[derive(Clone)]
pub enum Key {
    /// A name of the process-wide table.
    Sym(Sym),
    /// A name that was too long or came after the table was full.
    Own(Box<str>),
}

impl Key {
    /// Interns `text`, or keeps a copy when the table is full or the text too long.
    #[must_use]
    pub fn new(text: &str) -> Self {
        intern(text).map_or_else(|| Self::Own(text.into()), Self::Sym)
    }

    /// The key's text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Sym(sym) => sym.as_str(),
            Self::Own(text) => text,
        }
    }

    /// Whether this key is `other`; two interned keys compare by address.
    #[must_use]
    pub fn is(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Sym(a), Self::Sym(b)) => a == b,
            _ => self.as_str() == other.as_str(),
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.is(other)
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Names that a thread met last, a power of two of them: most names come again at once, and then no
/// other thread has to be asked.
const NEAR: usize = 512;

thread_local! {
    static NEAR_NAMES: [Cell<Option<Sym>>; NEAR] = const { [const { Cell::new(None) }; NEAR] };
}

type Table = RwLock<FxHashMap<&'static str, Sym>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(Table::default)
}

fn intern(text: &str) -> Option<Sym> {
    if text.len() > MAX_LEN {
        return None;
    }
    let mut hasher = FxHasher::default();
    hasher.write(text.as_bytes());
    let place = usize::try_from(hasher.finish() >> 20).unwrap_or_default() % NEAR;
    // A thread that is about to end has no names left.
    let near = NEAR_NAMES.try_with(|names| names.get(place).and_then(Cell::get)).ok().flatten();
    if let Some(sym) = near.filter(|sym| sym.as_str() == text) {
        return Some(sym);
    }
    let found = of_all(text);
    let _ = NEAR_NAMES.try_with(|names| names.get(place).map(|name| name.set(found)));
    found
}

/// The name in the table of the process.
fn of_all(text: &str) -> Option<Sym> {
    // A poisoned lock only means that another thread died; the map is never half-written.
    let read = table().read().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(sym) = read.get(text) {
        return Some(*sym);
    }
    drop(read);
    let mut write = table().write().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(sym) = write.get(text) {
        return Some(*sym);
    }
    if write.len() >= MAX_NAMES {
        return None;
    }
    // Bounded by MAX_NAMES * MAX_LEN: the names live as long as the process.
    let name: &'static Name = Box::leak(Box::new(Name { text: text.into() }));
    let sym = Sym(name);
    write.insert(&name.text, sym);
    Some(sym)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_names_are_one_symbol() {
        let (a, b) = (Key::new("securityContext"), Key::new("securityContext"));
        assert!(matches!((&a, &b), (Key::Sym(x), Key::Sym(y)) if x == y));
        assert!(!a.is(&Key::new("spec")));
    }

    #[test]
    fn a_long_name_is_kept_as_its_own_and_still_equal() {
        let long = "x".repeat(MAX_LEN + 1);
        let key = Key::new(&long);
        assert!(matches!(key, Key::Own(_)));
        assert!(key.is(&Key::new(&long)));
    }
}
