//! Which line of a text a field stands on.

use std::collections::HashMap;

use super::path::{FieldPath, Seg};

/// The document itself, in whose index every path begins.
pub const ROOT: usize = 0;

/// Line (from 1) and column (from 1) of the fields of one document: a tree of steps, so that what
/// it takes grows with the number of fields and not with how deep they stand or how long the names
/// above them are.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    root: Option<(u32, u32)>,
    /// Every step with the field it starts from, in the order in which they were met.
    steps: Vec<(usize, Seg, (u32, u32))>,
    /// The place of a step, by where it starts from.
    places: HashMap<(usize, Seg), usize>,
}

impl PartialEq for LineIndex {
    /// By the steps, from which their places follow.
    fn eq(&self, other: &Self) -> bool {
        self.root == other.root && self.steps == other.steps
    }
}

impl Eq for LineIndex {}

impl LineIndex {
    /// Notes where the document begins.
    pub fn begin(&mut self, line: u32, column: u32) {
        self.root = Some((line, column));
    }

    /// Notes where a field of `parent` stands, and gives it the number by which its own fields are
    /// noted. The document is [`ROOT`].
    pub fn insert(&mut self, parent: usize, seg: Seg, line: u32, column: u32) -> usize {
        let next = self.steps.len() + 1;
        let place = *self.places.entry((parent, seg.clone())).or_insert(next);
        if place == next {
            self.steps.push((parent, seg, (line, column)));
        } else if let Some(step) = self.steps.get_mut(place - 1) {
            step.2 = (line, column);
        }
        place
    }

    /// Line and column of a field, or of its nearest existing ancestor.
    #[must_use]
    pub fn find(&self, path: &FieldPath) -> Option<(u32, u32)> {
        let mut place = ROOT;
        let mut spot = self.root;
        for seg in &*path.0 {
            let Some(next) = self.places.get(&(place, seg.clone())) else { break };
            place = *next;
            spot = self.steps.get(place - 1).map(|(_, _, spot)| *spot);
        }
        spot
    }

    /// The index of each item of the list under `field` of the root, its paths made relative to the
    /// item, with the line on which the item starts.
    #[must_use]
    pub fn split_list(&self, field: &str) -> Vec<(Option<u32>, Self)> {
        self.split(self.places.get(&(ROOT, Seg::Field(field.into()))).copied())
    }

    /// The same where the document itself is the list.
    #[must_use]
    pub fn split_root(&self) -> Vec<(Option<u32>, Self)> {
        self.split(Some(ROOT))
    }

    fn split(&self, list: Option<usize>) -> Vec<(Option<u32>, Self)> {
        let mut items: Vec<(Option<u32>, Self)> = Vec::new();
        // Where each step has gone: the item, and its number there.
        let mut gone: HashMap<usize, (usize, usize)> = HashMap::new();
        for (at, (parent, seg, spot)) in self.steps.iter().enumerate() {
            let place = at + 1;
            if let (Some(parent), Seg::Index(item)) = (list.filter(|list| list == parent), seg) {
                debug_assert!(parent < place, "what is above is met first");
                if items.len() <= *item {
                    items.resize_with(item + 1, Default::default);
                }
                if let Some((first, index)) = items.get_mut(*item) {
                    *first = Some(spot.0);
                    index.begin(spot.0, spot.1);
                    gone.insert(place, (*item, ROOT));
                }
            } else if let Some((item, into)) = gone.get(parent).copied()
                && let Some((_, index)) = items.get_mut(item)
            {
                gone.insert(place, (item, index.insert(into, seg.clone(), spot.0, spot.1)));
            }
        }
        items
    }

    /// How many fields are known.
    #[must_use]
    pub fn len(&self) -> usize {
        self.steps.len() + usize::from(self.root.is_some())
    }

    /// Whether nothing is known.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index(paths: &[&str]) -> LineIndex {
        let mut index = LineIndex::default();
        index.begin(1, 1);
        for (at, path) in paths.iter().enumerate() {
            let line = u32::try_from(at).unwrap() + 2;
            let path = FieldPath::parse(path).unwrap();
            path.0.iter().fold(ROOT, |parent, seg| index.insert(parent, seg.clone(), line, 1));
        }
        index
    }

    #[test]
    fn a_field_that_is_missing_has_the_line_of_what_would_hold_it() {
        let index = index(&["a", "a.b[0]", "a.b[0].c"]);
        let at = |path: &str| index.find(&FieldPath::parse(path).unwrap()).unwrap().0;
        assert_eq!([at("a.b[0].c"), at("a.b[0].d.e"), at("x"), at("")], [4, 4, 1, 1]);
        assert_eq!(LineIndex::default().find(&FieldPath::default()), None);
    }

    #[test]
    fn items_of_a_list_get_indexes_of_their_own() {
        let split = index(&["kind", "items[0]", "items[0].a.b", "items[1].a", "other[0].a"])
            .split_list("items");
        assert_eq!(split.iter().map(|(first, _)| *first).collect::<Vec<_>>(), [Some(4), Some(5)]);
        let path = FieldPath::parse("a.b.c").unwrap();
        assert_eq!(split[0].1.find(&path), Some((4, 1)));
        assert_eq!(split[1].1.find(&path), Some((5, 1)));
        assert_eq!(split[1].1.len(), 2);
        assert!(index(&["kind"]).split_list("items").is_empty());
        let split = index(&["[0].a", "[1].a", "[1].a.b"]).split_root();
        assert_eq!(split.iter().map(|(first, _)| *first).collect::<Vec<_>>(), [Some(2), Some(4)]);
        assert_eq!(split[1].1.find(&path), Some((4, 1)));
    }
}
