//! What a watch told of since its list was last read, by name: enough to see that it tells of more
//! than there can be.

use std::collections::HashMap;
use std::hash::{BuildHasher as _, RandomState};

use super::store::ObjectName;

/// The objects that one watch told of, each by its name, and what they cost; the watch has it. A name is kept as its hash: of two that collide one goes
/// uncounted, and nobody can make them collide on purpose.
#[derive(Default)]
pub(super) struct ToldObjects {
    hasher: RandomState,
    costs: HashMap<u64, usize>,
    bytes: usize,
}

impl ToldObjects {
    /// An object is there, and costs this many bytes.
    pub(super) fn there(&mut self, name: &ObjectName, bytes: usize) {
        let before = self.costs.insert(self.hasher.hash_one(name), bytes).unwrap_or_default();
        self.bytes = self.bytes.saturating_sub(before).saturating_add(bytes);
    }

    /// An object is gone.
    pub(super) fn gone(&mut self, name: &ObjectName) {
        let before = self.costs.remove(&self.hasher.hash_one(name)).unwrap_or_default();
        self.bytes = self.bytes.saturating_sub(before);
    }

    /// The list was read: it begins anew, and what it took is given back.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// How many objects it told of that are still there.
    pub(super) fn len(&self) -> usize {
        self.costs.len()
    }

    /// What they cost together.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_counts_once_however_often_it_changes_and_not_when_it_is_gone() {
        let name = |name: &str| -> ObjectName { (Box::from("n"), Box::from(name)) };
        let mut brought = ToldObjects::default();
        for bytes in 1..=10 {
            brought.there(&name("a"), bytes);
        }
        brought.there(&name("b"), 5);
        assert_eq!((brought.len(), brought.bytes()), (2, 15));
        brought.gone(&name("a"));
        brought.gone(&name("never"));
        assert_eq!((brought.len(), brought.bytes()), (1, 5));
        brought.clear();
        assert_eq!((brought.len(), brought.bytes()), (0, 0));
    }
}
