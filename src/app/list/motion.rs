//! Moving the cursor, folding groups.

use std::collections::BTreeSet;

use super::super::item::Item;
use super::{List, RowReader};

/// Moving, folding.
impl List {
    /// Moves the cursor by so many rows; headings are stepped over.
    pub fn step(&mut self, by: isize) {
        self.moved = true;
        let last = self.shown.len().saturating_sub(1);
        self.cursor = self.cursor.saturating_add_signed(by).min(last);
        if by >= 0 {
            self.settle();
        } else {
            self.settle_back();
        }
    }

    /// Moves the cursor by so many screens.
    pub fn page(&mut self, by: isize) {
        let height = isize::try_from(self.height.get().saturating_sub(1).max(1)).unwrap_or(1);
        self.step(by.saturating_mul(height));
    }

    /// Moves the cursor by so many halves of a screen.
    pub fn half_page(&mut self, by: isize) {
        let height = isize::try_from((self.height.get() / 2).max(1)).unwrap_or(1);
        self.step(by.saturating_mul(height));
    }

    /// To the first row.
    pub fn top(&mut self) {
        self.cursor = 0;
        self.settle();
        self.offset.set(0);
    }

    /// To where a list begins: the first row, or the first control of a framework, whose parts only
    /// hold their controls together.
    pub(super) fn begin(&mut self) {
        self.top();
        let part =
            |at: usize| self.row(at).is_some_and(|row| matches!(row.item, Item::Part { .. }));
        if part(self.cursor) {
            let first = (self.cursor..self.shown.len()).find(|at| !part(*at));
            self.cursor = first.unwrap_or(self.cursor);
        }
    }

    /// Puts the cursor on a row, unless somebody moved it.
    pub fn begin_at(&mut self, id: u64) {
        if !self.moved {
            self.go_to(id);
            self.moved = false;
        }
    }

    /// To the last row.
    pub fn bottom(&mut self) {
        self.moved = true;
        self.cursor = self.shown.len().saturating_sub(1);
        self.settle_back();
    }

    /// Off a heading: to the next row that can be chosen, or else the last one before it.
    pub(super) fn settle(&mut self) {
        let place = self.choice_ahead().or_else(|| self.choice_behind());
        self.cursor = place.unwrap_or(self.cursor);
    }

    /// The same the other way round.
    pub(super) fn settle_back(&mut self) {
        let place = self.choice_behind().or_else(|| self.choice_ahead());
        self.cursor = place.unwrap_or(self.cursor);
    }

    fn choice_ahead(&self) -> Option<usize> {
        (self.cursor..self.shown.len()).find(|at| self.is_choice(*at))
    }

    fn choice_behind(&self) -> Option<usize> {
        (0..=self.cursor).rev().find(|at| self.is_choice(*at))
    }

    fn is_choice(&self, at: usize) -> bool {
        self.row(at).is_some_and(|row| row.item.is_choice())
    }

    /// To the first row under the next heading, round to the first.
    pub fn next_section(&mut self) {
        self.moved = true;
        let heading = |at: &usize| self.row(*at).is_some_and(|r| !r.item.is_choice());
        let next = (self.cursor..self.shown.len()).find(heading);
        self.cursor = next.unwrap_or(0);
        self.settle();
        // Its heading comes first on the screen, so that there is room for as much of it as can be.
        let heading =
            |at: &usize| self.row(*at).is_some_and(|r| matches!(r.item, Item::Heading(_)));
        let first = (0..self.cursor).rev().find(heading);
        self.offset.set(first.unwrap_or(self.cursor));
    }

    /// Whether the cursor can go from under one heading to under another: under two of them stands more than
    /// a sentence.
    #[must_use]
    pub fn has_sections(&self) -> bool {
        let mut rows = self.shown().skip_while(|row| !matches!(row.item, Item::Heading(_)));
        let mut parts = 0;
        let mut counted = true;
        rows.any(|row| {
            if matches!(row.item, Item::Heading(_)) {
                counted = false;
            } else if row.item.is_choice() && !counted {
                counted = true;
                parts += 1;
            }
            parts > 1
        })
    }

    /// Puts the cursor on a row, if it is shown.
    pub fn go_to(&mut self, id: u64) -> bool {
        self.moved = true;
        let place = self.shown().position(|r| r.id == id);
        self.cursor = place.unwrap_or(self.cursor);
        place.is_some()
    }

    /// Puts the cursor on the row at a place, if it can be chosen. Says whether it is there.
    pub fn point(&mut self, place: usize) -> bool {
        let choice = self.row(place).is_some_and(|row| row.item.is_choice());
        if choice {
            self.moved = true;
            self.cursor = place;
        }
        choice
    }

    /// Whether a group is folded.
    #[must_use]
    pub fn is_folded(&self, id: u64) -> bool {
        self.folded.contains(&id) && self.filter.is_empty()
    }

    /// Folds a group before its rows are there.
    pub fn shut(&mut self, group: u64) {
        self.folded.insert(group);
    }

    /// Folds or unfolds the group under the cursor; on a row within a group, folding goes to the
    /// group. `None` turns it round.
    pub fn fold(&mut self, shut: Option<bool>, source: &dyn RowReader) {
        let Some(row) = self.current() else { return };
        let (id, depth) = (row.id, row.depth);
        if row.item.is_group() {
            let shut = shut.unwrap_or_else(|| !self.folded.contains(&id));
            if shut == self.folded.contains(&id) && shut {
                return self.go_to_parent(depth);
            }
            if shut {
                self.folded.insert(id);
            } else {
                self.folded.remove(&id);
            }
            self.arrange(source);
        } else if shut == Some(true) {
            self.go_to_parent(depth);
        }
    }

    pub(super) fn go_to_parent(&mut self, depth: u8) {
        self.moved = true;
        let above = (0..self.cursor).rev();
        let parent = above
            .into_iter()
            .find(|at| self.row(*at).is_some_and(|r| r.depth < depth && r.item.is_group()));
        self.cursor = parent.unwrap_or(self.cursor);
    }

    /// Folds every group, or unfolds all when every one is folded.
    pub fn fold_all(&mut self, source: &dyn RowReader) {
        let groups: BTreeSet<u64> =
            self.rows.iter().filter(|r| r.item.is_group()).map(|r| r.id).collect();
        let shut = !groups.is_subset(&self.folded);
        if let Some(depth) = self.current().map(|row| row.depth).filter(|depth| shut && *depth > 0)
        {
            // The row under the cursor goes into its group, and so does the cursor.
            self.go_to_parent(depth);
        }
        self.folded = if shut { groups } else { BTreeSet::new() };
        self.arrange(source);
    }
}
