//! A pane of lines beside a list or a text, or over it: how far it is scrolled, and how much of it fits.

use std::cell::Cell;

/// A pane of lines. Only drawing knows how many there are and how many fit, and it only reads the state
/// otherwise.
#[derive(Clone, Debug, Default)]
pub struct Pane {
    /// First line on the screen.
    top: usize,
    /// The row that was scrolled in, where the lines are about the row under the cursor.
    of: Option<u64>,
    /// The same, the lines and how many of them fit, as last drawn.
    drawn_of: Cell<Option<u64>>,
    lines: Cell<usize>,
    height: Cell<usize>,
}

impl Pane {
    /// The first of so many lines to show in `height` rows. `of` is the row that they are about, if they go
    /// by the one under the cursor: about another one they begin at the top.
    #[must_use]
    pub fn first(&self, of: Option<u64>, lines: usize, height: usize) -> usize {
        self.drawn_of.set(of);
        self.lines.set(lines);
        self.height.set(height);
        self.place()
    }

    /// Nothing is drawn in it.
    pub fn clear(&self) {
        self.lines.set(0);
    }

    /// Whether it has more lines than fit.
    #[must_use]
    pub fn is_longer(&self) -> bool {
        self.lines.get() > self.height.get()
    }

    /// Half of what fits.
    #[must_use]
    pub fn half(&self) -> isize {
        isize::try_from(self.height.get() / 2).unwrap_or(1).max(1)
    }

    /// All of what fits, but a line to find one's place by.
    #[must_use]
    pub fn page(&self) -> isize {
        isize::try_from(self.height.get()).unwrap_or(2).max(2) - 1
    }

    /// Scrolls by so many lines, as far as there are any. Says whether it moved.
    pub fn scroll(&mut self, by: isize) -> bool {
        let before = self.place();
        self.of = self.drawn_of.get();
        self.top = before.saturating_add_signed(by).min(self.last());
        self.top != before
    }

    /// The first line on the screen.
    fn place(&self) -> usize {
        if self.of == self.drawn_of.get() { self.top.min(self.last()) } else { 0 }
    }

    fn last(&self) -> usize {
        self.lines.get().saturating_sub(self.height.get())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_scrolls_as_far_as_there_are_lines_and_no_further() {
        let mut pane = Pane::default();
        assert!(!pane.is_longer() && !pane.scroll(1), "nothing is drawn");
        assert_eq!(pane.first(None, 12, 5), 0);
        assert!(pane.is_longer());
        assert!(pane.scroll(5) && pane.scroll(isize::MAX));
        assert_eq!(pane.first(None, 12, 5), 7);
        assert!(!pane.scroll(1), "that was the end");
        // No step is lost at the end: one back is one back.
        assert!(pane.scroll(-1));
        assert_eq!(pane.first(None, 12, 5), 6);
        assert_eq!(pane.first(None, 12, 9), 3, "more fits");
    }

    #[test]
    fn what_is_said_of_another_row_begins_at_the_top() {
        let mut pane = Pane::default();
        let _ = pane.first(Some(1), 12, 5);
        assert!(pane.scroll(4));
        assert_eq!(pane.first(Some(1), 12, 5), 4);
        assert_eq!(pane.first(Some(2), 12, 5), 0);
        assert!(pane.scroll(2));
        assert_eq!(pane.first(Some(2), 12, 5), 2, "it goes on from the top");
    }
}
