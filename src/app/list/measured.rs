//! How wide the columns of a list are: measured once, and kept while what it shows changes.

use super::Section;
use crate::text::Lean;

/// How many cells a column needs for all it holds, and for the names in it alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ColumnNeed {
    /// For all it holds.
    pub full: usize,
    /// For the names in it.
    pub bare: usize,
    /// For their namespaces, each with the few cells that a name keeps beside it.
    pub floor: usize,
    /// How they are cut, so that most of them are told apart.
    pub cut: NameCut,
}

/// How names that are too long are cut.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NameCut {
    /// Where a namespace is cut.
    pub namespace: Lean,
    /// Where a name is cut.
    pub name: Lean,
    /// The fewest cells that a name keeps beside the namespace it is in.
    pub least: usize,
}

/// What the columns of each kind of row need.
pub type ColumnNeeds = Vec<(Option<Section>, Vec<ColumnNeed>)>;

/// What columns are measured of.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct MeasuredOf {
    /// Of which width, order and so on.
    pub(super) of: u64,
    /// All rows are there; others may still come otherwise.
    pub(super) known: bool,
    /// How many there are; none before anything was measured.
    pub(super) rows: usize,
}

/// What was measured last, and of what.
#[derive(Clone, Debug, Default)]
pub(super) struct Measured {
    last: MeasuredOf,
    cells: ColumnNeeds,
}

impl Measured {
    /// What holds for a list as it is now.
    pub(super) fn at(
        &mut self,
        now: MeasuredOf,
        measure: impl FnOnce() -> ColumnNeeds,
    ) -> ColumnNeeds {
        let last = self.last;
        let grown = !last.known && (now.known || now.rows >= 2 * last.rows);
        if last.of != now.of || last.rows == 0 || grown {
            *self = Self { last: now, cells: measure() };
        }
        self.cells.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_measured_anew_while_rows_come_and_when_something_else_is_asked() {
        let mut measured = Measured::default();
        let mut at = |(of, known, rows), cells: usize| {
            let now = MeasuredOf { of, known, rows };
            let need = ColumnNeed { full: cells, bare: cells, ..ColumnNeed::default() };
            measured.at(now, || vec![(None, vec![need])])[0].1[0].full
        };
        assert_eq!(at((1, false, 10), 5), 5);
        assert_eq!(at((1, false, 19), 6), 5, "a few more");
        assert_eq!(at((1, false, 20), 7), 7, "twice as many");
        assert_eq!(at((1, true, 21), 8), 8, "the last ones");
        assert_eq!(at((1, true, 99), 9), 8, "all were there");
        assert_eq!(at((2, true, 99), 10), 10, "another order");
    }
}
