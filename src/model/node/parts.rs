//! What readers of other encodings put trees together from, so that equal parts are held once however
//! they came: texts, lists and maps, from the leaves up.

use std::collections::HashMap;

use super::Node;
use super::pool::{self, Seed};
pub(crate) use super::pool::{Part, list, map, text};

/// Most parts that are remembered; with more, it begins anew.
const MOST: usize = 16_384;

/// The parts that were met so far in one page, by the bytes that say them and what these are read as.
#[derive(Default)]
pub(crate) struct Known<'a>(HashMap<u64, (usize, &'a [u8], Node, bool), Seed>);

impl<'a> Known<'a> {
    /// The part that these bytes say.
    pub(crate) fn part(&self, read_as: usize, bytes: &[u8]) -> Option<Part> {
        let (of, known, node, shared) = self.0.get(&Self::place(read_as, bytes))?;
        let same = *of == read_as && *known == bytes;
        same.then(|| Part { node: node.clone(), shared: *shared })
    }

    /// Remembers it. Of two parts with the same number the later one is remembered.
    pub(crate) fn keep(&mut self, read_as: usize, bytes: &'a [u8], part: &Part) {
        if self.0.len() >= MOST {
            self.0.clear();
        }
        let kept = (read_as, bytes, part.node.clone(), part.shared);
        self.0.insert(Self::place(read_as, bytes), kept);
    }

    fn place(read_as: usize, bytes: &[u8]) -> u64 {
        pool::content(bytes).wrapping_add(read_as as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_known_by_its_bytes_and_what_they_are_read_as() {
        let mut known = Known::default();
        known.keep(1, b"abc", &text("one"));
        assert_eq!(known.part(1, b"abc").map(|part| part.node), Some(Node::str("one")));
        assert!(known.part(2, b"abc").is_none() && known.part(1, b"abd").is_none());
    }

    #[test]
    fn no_more_than_so_many_are_remembered() {
        let bytes: Vec<[u8; 8]> = (0..MOST as u64 + 10).map(u64::to_le_bytes).collect();
        let mut known = Known::default();
        for bytes in &bytes {
            known.keep(0, bytes, &Part::plain(Node::Null));
            assert!(known.0.len() <= MOST);
        }
        assert!(known.part(0, bytes.last().unwrap()).is_some());
        assert!(known.part(0, bytes.first().unwrap()).is_none());
    }
}
