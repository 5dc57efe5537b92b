//! Which line of a text a field stands on.

use std::collections::HashMap;

use super::path::{FieldPath, Seg};

/// Line (from 1) and column (from 1) of the fields of one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LineIndex {
    spots: HashMap<FieldPath, (u32, u32)>,
}

impl LineIndex {
    /// Notes where a field stands.
    pub fn insert(&mut self, path: FieldPath, line: u32, column: u32) {
        self.spots.insert(path, (line, column));
    }

    /// Line and column of a field, or of its nearest existing ancestor.
    #[must_use]
    pub fn find(&self, path: &FieldPath) -> Option<(u32, u32)> {
        let mut path = path.clone();
        loop {
            if let Some(spot) = self.spots.get(&path) {
                return Some(*spot);
            }
            path = path.parent()?;
        }
    }

    /// The index of each item of the list under `field` of the root, its paths made relative to the
    /// item, with the line on which the item starts.
    #[must_use]
    pub fn split_list(&self, field: &str) -> Vec<(Option<u32>, Self)> {
        let mut items: Vec<(Option<u32>, Self)> = Vec::new();
        for (path, (line, column)) in &self.spots {
            let [Seg::Field(name), Seg::Index(at), tail @ ..] = &*path.0 else { continue };
            if &**name != field {
                continue;
            }
            if items.len() <= *at {
                items.resize_with(at + 1, Default::default);
            }
            if let Some((first, index)) = items.get_mut(*at) {
                if tail.is_empty() {
                    *first = Some(*line);
                }
                index.insert(FieldPath(tail.into()), *line, *column);
            }
        }
        items
    }

    /// How many fields are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.spots.len()
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.spots.is_empty()
    }
}
