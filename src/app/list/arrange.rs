//! Which rows are shown, and in which order: those that are put in, as filter and order have them.

use std::cmp::Ordering;
use std::ops::Range;
use std::sync::Arc;

use super::sieve::{SLICE, Sieve};
use super::{List, ListOrder, Row, RowReader};
use crate::app::filter::Filter;
use crate::app::item::SortKey;

/// Rows, filter and order.
impl List {
    /// Puts other rows in; cursor, marks and folds stay with the rows that are still there. In a list that
    /// is scrolled down the row under the cursor stays on its line of the screen; at its top, what is new
    /// above stays in sight.
    pub fn set_rows(&mut self, rows: Vec<Row>, source: &dyn RowReader) {
        self.sieve = Some(Sieve::new(Arc::new(rows)));
        self.sift(source, usize::MAX);
    }

    /// As [`Self::set_rows`]. Where a long list is filtered or ordered, a part of it is gone through at once
    /// and the rest by [`Self::sift`]: until then the rows before stay.
    pub fn renew(&mut self, rows: Arc<Vec<Row>>, source: &dyn RowReader) {
        let plain = self.filter.is_empty() && self.sort.is_none();
        self.sieve = Some(Sieve::new(rows));
        self.sift(source, if plain { usize::MAX } else { SLICE });
    }

    /// Puts the rows in that were gone through.
    fn take(&mut self, sieve: Sieve) {
        let (under, was) = (self.row(self.cursor).map(|row| row.id), self.cursor);
        let Sieve { rows, keep, keys, kept, .. } = sieve;
        self.kept = kept;
        self.outdated = false;
        if Arc::ptr_eq(&self.rows, &rows) {
            return self.arrange_kept(under, &keep, &keys);
        }
        let first = self.rows.is_empty() || !(self.moved || self.known);
        self.total = rows.iter().filter(|r| r.item.is_leaf()).count();
        self.rows = rows;
        self.marked_at.take();
        if !self.marks.is_empty() {
            let marked = self.rows.iter().map(|row| row.id).filter(|id| self.marks.contains(id));
            self.marks = marked.collect();
        }
        self.arrange_kept(under, &keep, &keys);
        if first {
            self.begin();
        } else if self.offset.get() > 0 && self.row(self.cursor).map(|row| row.id) == under {
            self.offset.set((self.offset.get() + self.cursor).saturating_sub(was));
        }
    }

    /// From now on the cursor stays with its row, though it be the first and something come above it.
    pub fn stay(&mut self) {
        self.known = true;
    }

    /// The rows are about to be put together in another way: a cursor that nobody moved begins at the top.
    pub fn begin_anew(&mut self) {
        self.known = false;
    }

    /// Another filter.
    pub fn set_filter(&mut self, filter: Filter, source: &dyn RowReader) {
        self.moved = true;
        self.filter = filter;
        self.arrange(source);
    }

    /// Another filter, applied to a part of a long list at once and to the rest by [`Self::sift`]:
    /// until then the rows of the filter before stay.
    pub fn begin_filter(&mut self, filter: Filter, source: &dyn RowReader) {
        self.moved = true;
        self.filter = filter;
        // Rows that are on their way are the ones to go through.
        let rows = self.sieve.take().map_or_else(|| Arc::clone(&self.rows), |sieve| sieve.rows);
        self.sieve = Some(Sieve::new(rows));
        self.outdated = true;
        self.sift(source, SLICE);
    }

    /// Whether the filter in force is still on its way, so that nobody knows yet how many rows it leaves.
    #[must_use]
    pub fn is_outdated(&self) -> bool {
        self.outdated
    }

    /// Whether a filter is not applied to every row yet.
    #[must_use]
    pub fn is_sifting(&self) -> bool {
        self.sieve.is_some()
    }

    /// Applies the filter to so many more rows, [`SLICE`] if it is to be short.
    pub fn sift(&mut self, source: &dyn RowReader, rows: usize) {
        let Some(mut sieve) = self.sieve.take() else { return };
        if sieve.pass(&self.filter, self.sort, source, rows) {
            self.take(sieve);
        } else {
            self.sieve = Some(sieve);
        }
    }

    /// Another order.
    pub fn set_sort(&mut self, sort: Option<ListOrder>, source: &dyn RowReader) {
        self.sort = sort;
        self.arrange(source);
    }

    /// Arranges the rows anew, those that are on their way if there are any.
    pub(super) fn arrange(&mut self, source: &dyn RowReader) {
        let rows = self.sieve.take().map_or_else(|| Arc::clone(&self.rows), |sieve| sieve.rows);
        self.sieve = Some(Sieve::new(rows));
        self.sift(source, usize::MAX);
    }

    /// Shows the rows that are kept, in the order of their keys.
    fn arrange_kept(&mut self, under: Option<u64>, keep: &[bool], keys: &[SortKey]) {
        self.matched =
            self.rows.iter().zip(keep).filter(|(r, keep)| **keep && r.item.is_leaf()).count();
        let order = self.ordered(keys);
        let mut folded: Option<u8> = None;
        let (mut shown, mut choices) = (Vec::new(), 0);
        for at in order {
            let Some(row) = self.rows.get(at as usize) else { continue };
            if folded.is_some_and(|depth| row.depth > depth)
                || !keep.get(at as usize).copied().unwrap_or(false)
            {
                continue;
            }
            let shut = self.folded.contains(&row.id) && self.filter.is_empty();
            folded = shut.then_some(row.depth);
            choices += usize::from(row.item.is_choice());
            shown.push(at);
        }
        (self.shown, self.choices) = (shown, choices);
        self.follow(under);
    }

    /// Puts the cursor back on the row it was on, or keeps its place.
    fn follow(&mut self, under: Option<u64>) {
        let place = under.and_then(|id| self.shown().position(|r| r.id == id));
        self.cursor = place.unwrap_or(self.cursor).min(self.shown.len().saturating_sub(1));
        self.settle();
    }

    /// Row numbers in the order in force; in trees, each level within its parent.
    fn ordered(&self, keys: &[SortKey]) -> Vec<u32> {
        let count = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let Some(sort) = self.sort else { return (0..count).collect() };
        let mut out = Vec::with_capacity(self.rows.len());
        self.order_level(0..self.rows.len(), keys, sort, &mut out);
        out
    }

    fn order_level(
        &self,
        range: Range<usize>,
        keys: &[SortKey],
        sort: ListOrder,
        out: &mut Vec<u32>,
    ) {
        let mut blocks: Vec<Range<usize>> = Vec::new();
        let depth = self.rows.get(range.start).map_or(0, |r| r.depth);
        for at in range {
            match blocks.last_mut() {
                Some(block) if self.rows.get(at).is_some_and(|r| r.depth > depth) => {
                    block.end = at + 1;
                }
                _ => blocks.push(at..at + 1),
            }
        }
        let key = |block: &Range<usize>| keys.get(block.start);
        // Headings keep their place: only what stands under them is ordered.
        let fixed =
            blocks.iter().any(|b| self.rows.get(b.start).is_some_and(|r| !r.item.is_choice()));
        if !fixed {
            blocks.sort_by(|a, b| {
                let order = key(a).partial_cmp(&key(b)).unwrap_or(Ordering::Equal);
                if sort.down { order.reverse() } else { order }
            });
        }
        for block in blocks {
            out.push(u32::try_from(block.start).unwrap_or(u32::MAX));
            if block.len() > 1 {
                self.order_level(block.start + 1..block.end, keys, sort, out);
            }
        }
    }
}
