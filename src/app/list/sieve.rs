//! A filter on its way through the rows of a list. A long list is gone through in parts, so that what
//! is typed meanwhile is not kept waiting.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{GroupKept, ListOrder, Row, RowReader};
use crate::app::filter::{Facets, Filter, FilterField, matcher};
use crate::app::item::{Item, SortKey};
use crate::model::finding::Severity;

/// Rows that are gone through in a few milliseconds.
pub const SLICE: usize = 2_500;

/// One row, as a filter asks it.
struct Facet<'a> {
    source: &'a dyn RowReader,
    item: &'a Item,
}

impl Facets for Facet<'_> {
    fn any(&self, field: FilterField, test: &mut dyn FnMut(&str) -> bool) -> bool {
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
    /// The rows that it goes through: those of the list, or others that are to take their place.
    pub(super) rows: Arc<Vec<Row>>,
    pub(super) keep: Vec<bool>,
    /// What an order looks at, row by row; nothing where none is in force.
    pub(super) keys: Vec<SortKey>,
    /// What the filter leaves of each group.
    pub(super) kept: BTreeMap<u64, GroupKept>,
    at: usize,
    /// The rows above the next one.
    above: Vec<RowAbove>,
}

/// A row above others.
#[derive(Clone, Copy, Debug)]
struct RowAbove {
    depth: u8,
    place: usize,
    /// It was accepted, or one above it.
    accepted: bool,
}

impl Sieve {
    pub(super) fn new(rows: Arc<Vec<Row>>) -> Self {
        let keep = vec![false; rows.len()];
        Self { rows, keep, keys: Vec::new(), kept: BTreeMap::new(), at: 0, above: Vec::new() }
    }

    /// Goes through so many more rows; tells whether it is through.
    pub(super) fn pass(
        &mut self,
        filter: &Filter,
        sort: Option<ListOrder>,
        source: &dyn RowReader,
        count: usize,
    ) -> bool {
        let rows = Arc::clone(&self.rows);
        if let Some(sort) = sort {
            let part = rows.iter().skip(self.keys.len()).take(count);
            self.keys.extend(part.map(|row| source.sort_key(&row.item, sort.column)));
        }
        let ordered = sort.is_none() || self.keys.len() >= rows.len();
        if filter.is_empty() {
            self.keep.fill(true);
            return ordered;
        }
        let matcher = matcher();
        for row in rows.iter().skip(self.at).take(count) {
            self.above.retain(|above| above.depth < row.depth);
            let inherited = self.above.last().is_some_and(|above| above.accepted);
            let facets = Facet { source, item: &row.item };
            let own = row.item.is_choice() && filter.accepts(&facets, &matcher);
            if row.item.is_leaf() {
                self.count(row, own || inherited, source);
            }
            if own || inherited {
                let parents = self.above.iter().map(|above| above.place);
                for place in parents.chain([self.at]) {
                    if let Some(slot) = self.keep.get_mut(place) {
                        *slot = true;
                    }
                }
            }
            let (depth, accepted) = (row.depth, own || inherited);
            self.above.push(RowAbove { depth, place: self.at, accepted });
            self.at += 1;
        }
        ordered && self.at >= rows.len()
    }
}

impl Sieve {
    /// Counts a row in the groups that it is in.
    fn count(&mut self, row: &Row, left: bool, source: &dyn RowReader) {
        for RowAbove { place, .. } in &self.above {
            let Some(group) = self.rows.get(*place).filter(|row| row.item.is_group()) else {
                continue;
            };
            let kept = self.kept.entry(group.id).or_default();
            kept.of += 1;
            kept.rows += usize::from(left);
            if let Some(severity) = source.severity(&row.item).filter(|_| left) {
                kept.tally.add(severity);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::list::List;
    use crate::model::severities::BySeverity;

    struct Names;

    impl RowReader for Names {
        fn any(&self, item: &Item, field: FilterField, test: &mut dyn FnMut(&str) -> bool) -> bool {
            matches!((item, field), (Item::Namespace(name), FilterField::Name) if test(name))
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
        assert!(list.is_outdated(), "and are not what the filter leaves");
        let mut parts = 1;
        while list.is_sifting() {
            list.sift(&Names, SLICE);
            parts += 1;
        }
        assert_eq!(parts, 3);
        assert!(!list.is_outdated());
        let found: Vec<u64> = list.shown().map(|row| row.id).collect();
        list.set_filter(Filter::new("name-7"), &Names);
        assert!(!found.is_empty() && found.len() < SLICE);
        assert_eq!(list.shown().map(|row| row.id).collect::<Vec<_>>(), found);
    }

    #[test]
    fn a_group_says_how_many_of_its_rows_a_filter_leaves() {
        let group = Row::new(Item::Group {
            label: "group".into(),
            tally: BySeverity::default(),
            changes: None,
        });
        let id = group.id;
        let under = ["one", "two", "three"].map(|name| Row::deep(Item::Namespace(name.into()), 1));
        let mut list = List::default();
        list.set_rows(std::iter::once(group).chain(under).collect(), &Names);
        assert_eq!(list.kept(id), None, "nothing is filtered");
        list.set_filter(Filter::new("t"), &Names);
        let kept = list.kept(id).unwrap();
        assert_eq!((kept.rows, kept.of), (2, 3));
        assert_eq!(kept.words().as_deref(), Some("(2 of 3)"));
        list.set_filter(Filter::new(""), &Names);
        assert_eq!(list.kept(id), None);
    }

    #[test]
    fn a_long_list_says_where_the_cursor_is() {
        let mut list = List::default();
        list.set_rows(rows((0..30).map(|at| format!("name-{at}"))), &Names);
        list.window(30);
        assert_eq!(list.position(), None, "all rows are in sight");
        list.window(10);
        list.step(16);
        assert_eq!(list.position(), Some((17, 30)));
        list.set_filter(Filter::new("name-2"), &Names);
        list.window(10);
        assert_eq!(list.position().map(|(_, all)| all), Some(11));
        list.set_filter(Filter::new("other"), &Names);
        list.window(0);
        assert_eq!(list.position(), None, "there is none");
        let heading = Row::new(Item::Heading(crate::app::item::Section::Namespaces));
        let under = rows((0..3).map(|at| format!("name-{at}")));
        list.set_filter(Filter::new(""), &Names);
        list.set_rows(std::iter::once(heading).chain(under).collect(), &Names);
        list.top();
        list.window(2);
        assert_eq!(list.position(), Some((1, 3)), "the cursor never stands on a heading");
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
    fn rows_that_take_the_place_of_a_long_filtered_list_come_in_parts_and_the_cursor_stays() {
        let mut list = List::default();
        let named = |from: usize| Arc::new(rows((from..3 * SLICE).map(|at| format!("name-{at}"))));
        list.renew(named(1), &Names);
        assert!(!list.is_sifting(), "nothing is filtered");
        list.set_filter(Filter::new("name-7"), &Names);
        list.step(5);
        let (on, before) = (list.current().map(|row| row.id), list.len());
        list.renew(named(0), &Names);
        assert!(list.is_sifting());
        assert_eq!((list.len(), list.total()), (before, 3 * SLICE - 1), "the rows before stay");
        assert!(!list.is_outdated(), "it is the same filter");
        while list.is_sifting() {
            list.sift(&Names, SLICE);
        }
        assert_eq!(list.total(), 3 * SLICE);
        assert_eq!(list.current().map(|row| row.id), on);
    }

    #[test]
    fn an_order_that_is_chosen_while_rows_are_on_their_way_is_about_these() {
        let mut list = List::default();
        list.set_rows(rows(["b".to_owned()].into_iter()), &Names);
        list.set_filter(Filter::new("name"), &Names);
        list.renew(Arc::new(rows((0..2 * SLICE).map(|at| format!("name-{at}")))), &Names);
        assert!(list.is_sifting());
        list.set_sort(Some(ListOrder { column: 0, down: true }), &Names);
        assert!(!list.is_sifting());
        assert_eq!(list.len(), 2 * SLICE);
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
