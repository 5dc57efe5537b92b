//! Interned map keys. Kubernetes objects repeat a few thousand field names millions of times; an
//! interned key is one pointer and compares by address.

use std::cell::RefCell;
use std::fmt;
use std::sync::{OnceLock, RwLock};

use rustc_hash::FxHashMap;

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

type Table = RwLock<FxHashMap<&'static str, Sym>>;

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(Table::default)
}

thread_local! {
    /// Names that this thread has met: they are found here without waiting for other threads.
    static MET: RefCell<FxHashMap<&'static str, Sym>> = RefCell::default();
}

fn intern(text: &str) -> Option<Sym> {
    if text.len() > MAX_LEN {
        return None;
    }
    // Where the thread is ending, the table does.
    let met = MET.try_with(|met| met.borrow().get(text).copied());
    if let Ok(Some(sym)) = met {
        return Some(sym);
    }
    let sym = intern_in_table(text)?;
    let _ = MET.try_with(|met| met.borrow_mut().insert(sym.as_str(), sym));
    Some(sym)
}

fn intern_in_table(text: &str) -> Option<Sym> {
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
