//! Marking rows, and taking marks back.

use std::collections::{BTreeSet, VecDeque};

use super::{List, Row};

/// How many steps can be taken back.
const STEPS: usize = 16;

/// Marks as they were, for who marked too many or too few.
#[derive(Clone, Debug, Default)]
pub(super) struct Steps {
    back: VecDeque<BTreeSet<u64>>,
    again: Vec<BTreeSet<u64>>,
}

/// Marking.
impl List {
    /// Marks the row under the cursor, or takes its mark away, and moves on. Says whether it was one to mark.
    pub fn toggle_mark(&mut self) -> bool {
        let Some(id) = self.current().filter(|r| r.item.is_leaf()).map(|r| r.id) else {
            self.step(1);
            return false;
        };
        self.keep();
        self.marked_at.take();
        if !self.marks.remove(&id) {
            self.marks.insert(id);
        }
        self.anchor = Some(id);
        self.step(1);
        true
    }

    /// Marks every row from the last one marked to the cursor. Says whether one of them was not.
    pub fn mark_range(&mut self) -> bool {
        let from = self.anchor.and_then(|id| self.shown().position(|r| r.id == id));
        let from = from.unwrap_or(self.cursor);
        let range = from.min(self.cursor)..=from.max(self.cursor);
        let ids: Vec<u64> = range
            .filter_map(|at| self.row(at).filter(|r| r.item.is_leaf()).map(|r| r.id))
            .collect();
        self.mark_these(ids)
    }

    /// Marks every row shown. Says whether one of them was not.
    pub fn mark_all(&mut self) -> bool {
        let ids: Vec<u64> = self.shown().filter(|r| r.item.is_leaf()).map(|r| r.id).collect();
        self.mark_these(ids)
    }

    fn mark_these(&mut self, ids: Vec<u64>) -> bool {
        let fresh = ids.iter().any(|id| !self.marks.contains(id));
        if fresh {
            self.keep();
            self.marked_at.take();
            self.marks.extend(ids);
        }
        fresh
    }

    /// Takes all marks away. Says whether there were any.
    pub fn clear_marks(&mut self) -> bool {
        self.anchor = None;
        if self.marks.is_empty() {
            return false;
        }
        self.keep();
        self.marked_at.take();
        self.marks.clear();
        true
    }

    /// How many rows are marked.
    #[must_use]
    pub fn marked(&self) -> usize {
        self.marks.len()
    }

    /// Whether a row is marked.
    #[must_use]
    pub fn is_marked(&self, id: u64) -> bool {
        self.marks.contains(&id)
    }

    /// The marked rows, or the one under the cursor when none is.
    pub fn chosen(&self) -> impl Iterator<Item = &Row> {
        let none = self.marks.is_empty();
        let marked = self.marked_at().iter().filter_map(|at| self.rows.get(*at as usize));
        self.current().filter(|_| none).into_iter().chain(marked)
    }

    /// The numbers of the marked rows.
    fn marked_at(&self) -> &[u32] {
        self.marked_at.get_or_init(|| {
            let rows = if self.marks.is_empty() { &[] } else { self.rows.as_slice() };
            let marked = (0_u32..).zip(rows).filter(|(_, row)| self.marks.contains(&row.id));
            marked.map(|(at, _)| at).collect()
        })
    }

    /// Remembers the marks before they change.
    fn keep(&mut self) {
        self.steps.again.clear();
        if self.steps.back.len() == STEPS {
            self.steps.back.pop_front();
        }
        self.steps.back.push_back(self.marks.clone());
    }

    /// Whether there are marks to take back.
    #[must_use]
    pub fn can_unmark(&self) -> bool {
        !self.steps.back.is_empty()
    }

    /// Whether there are marks to make again.
    #[must_use]
    pub fn can_mark_again(&self) -> bool {
        !self.steps.again.is_empty()
    }

    /// Takes the last change of marks back. Says whether there was one.
    pub fn unmark(&mut self) -> bool {
        let Some(before) = self.steps.back.pop_back() else { return false };
        let now = self.put_marks(&before);
        self.steps.again.push(now);
        true
    }

    /// Marks again what was taken back. Says whether there was something.
    pub fn mark_again(&mut self) -> bool {
        let Some(after) = self.steps.again.pop() else { return false };
        let now = self.put_marks(&after);
        self.steps.back.push_back(now);
        true
    }

    /// Something else was done since: that is what is taken back next, and marks no more.
    pub fn forget_marking(&mut self) {
        self.steps = Steps::default();
    }

    /// Puts other marks in, as far as their rows are still there.
    fn put_marks(&mut self, marks: &BTreeSet<u64>) -> BTreeSet<u64> {
        let there = self.rows.iter().map(|row| row.id).filter(|id| marks.contains(id)).collect();
        self.anchor = None;
        self.marked_at.take();
        std::mem::replace(&mut self.marks, there)
    }
}
