//! A filter on its way through the rows of a list. A long list is gone through in parts, so that what
//! is typed meanwhile is not kept waiting.

use super::{Row, Source};
use crate::app::filter::{Facets, Field, Filter, matcher};
use crate::app::item::Item;
use crate::model::finding::Severity;

/// Rows that are gone through in a few milliseconds.
pub const SLICE: usize = 5_000;

/// One row, as a filter asks it.
struct Facet<'a> {
    source: &'a dyn Source,
    item: &'a Item,
}

impl Facets for Facet<'_> {
    fn any(&self, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
        self.source.any(self.item, field, test)
    }

    fn severity(&self) -> Option<Severity> {
        self.source.severity(self.item)
    }
}

/// How far a filter is, and which rows it kept: those it accepts, what stands above them, and what
/// stands under a group that it accepts.
#[derive(Clone, Debug)]
pub(super) struct Sieve {
    pub(super) keep: Vec<bool>,
    at: usize,
    /// The rows above the next one: depth, place, and whether it or one above it was accepted.
    above: Vec<(u8, usize, bool)>,
}

impl Sieve {
    pub(super) fn new(rows: &[Row]) -> Self {
        Self { keep: vec![false; rows.len()], at: 0, above: Vec::new() }
    }

    /// Goes through so many more rows; tells whether it is through.
    pub(super) fn pass(
        &mut self,
        rows: &[Row],
        filter: &Filter,
        source: &dyn Source,
        count: usize,
    ) -> bool {
        if filter.is_empty() {
            self.keep.fill(true);
            return true;
        }
        let matcher = matcher();
        for row in rows.iter().skip(self.at).take(count) {
            self.above.retain(|(depth, ..)| *depth < row.depth);
            let inherited = self.above.last().is_some_and(|(.., accepted)| *accepted);
            let facets = Facet { source, item: &row.item };
            let own = row.item.is_choice() && filter.accepts(&facets, &matcher);
            if own || inherited {
                let parents = self.above.iter().map(|(_, place, _)| *place);
                for place in parents.chain([self.at]) {
                    if let Some(slot) = self.keep.get_mut(place) {
                        *slot = true;
                    }
                }
            }
            self.above.push((row.depth, self.at, own || inherited));
            self.at += 1;
        }
        self.at >= rows.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::item::SortKey;
    use crate::app::list::List;

    struct Names;

    impl Source for Names {
        fn any(&self, item: &Item, field: Field, test: &mut dyn FnMut(&str) -> bool) -> bool {
            matches!((item, field), (Item::Namespace(name), Field::Name) if test(name))
        }

        fn severity(&self, _: &Item) -> Option<Severity> {
            None
        }

        fn sort_key(&self, _: &Item, _: usize) -> SortKey {
            SortKey::Nothing
        }
    }

    fn rows(names: impl Iterator<Item = String>) -> Vec<Row> {
        names.map(|name| Row::new(Item::Namespace(name.into()))).collect()
    }

    #[test]
    fn a_long_list_is_filtered_in_parts_and_comes_to_the_same() {
        let mut list = List::default();
        list.set_rows(rows((0..3 * SLICE).map(|at| format!("name-{at}"))), &Names);
        list.begin_filter(Filter::new("name-7"), &Names);
        assert!(list.is_sifting());
        assert_eq!(list.len(), 3 * SLICE, "the rows before stay");
        let mut parts = 1;
        while list.is_sifting() {
            list.sift(&Names, SLICE);
            parts += 1;
        }
        assert_eq!(parts, 3);
        let found: Vec<u64> = list.shown().map(|row| row.id).collect();
        list.set_filter(Filter::new("name-7"), &Names);
        assert!(!found.is_empty() && found.len() < SLICE);
        assert_eq!(list.shown().map(|row| row.id).collect::<Vec<_>>(), found);
    }

    #[test]
    fn what_is_typed_next_begins_anew_and_no_filter_takes_no_parts() {
        let mut list = List::default();
        list.set_rows(rows((0..3 * SLICE).map(|at| format!("name-{at}"))), &Names);
        list.begin_filter(Filter::new("name-7"), &Names);
        list.begin_filter(Filter::new("name-70"), &Names);
        list.sift(&Names, usize::MAX);
        let first = list.row(0).map(|row| row.id);
        assert_eq!(first, Some(Item::Namespace("name-70".into()).id()));
        list.begin_filter(Filter::new(""), &Names);
        assert!(!list.is_sifting());
        assert_eq!(list.matched(), 3 * SLICE);
    }

    #[test]
    fn rows_that_come_while_a_filter_is_on_its_way_are_filtered() {
        let mut list = List::default();
        list.set_rows(rows((0..3 * SLICE).map(|at| format!("name-{at}"))), &Names);
        list.begin_filter(Filter::new("other"), &Names);
        list.set_rows(rows(["name".to_owned(), "other".to_owned()].into_iter()), &Names);
        assert!(!list.is_sifting());
        assert_eq!(list.len(), 1);
    }

    #[test]
    fn the_cursor_stays_on_its_row_when_others_come_above_it() {
        let mut list = List::default();
        list.set_rows(rows(["b", "d"].map(str::to_owned).into_iter()), &Names);
        list.step(1);
        let on = list.current().map(|row| row.id);
        list.set_rows(rows(["a", "b", "c", "d"].map(str::to_owned).into_iter()), &Names);
        assert_eq!(list.current().map(|row| row.id), on);
    }
}
