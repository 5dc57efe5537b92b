//! Lists that are shown as grids: what their cells show, which part of them is on the screen, and
//! where the arrow keys lead.

use std::cell::Cell;
use std::ops::Range;

use super::action::Action;
use super::item::Item;
use super::list::List;

/// What the cells of a matrix show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum MatrixLens {
    /// What an attacker finds: open preconditions.
    #[default]
    Exposure,
    /// What stands in the way.
    Mitigations,
}

impl MatrixLens {
    /// The other one.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Exposure => Self::Mitigations,
            Self::Mitigations => Self::Exposure,
        }
    }

    /// The word on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Exposure => "exposure",
            Self::Mitigations => "mitigations",
        }
    }
}

/// What a grid shows of itself.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    /// What its cells show.
    pub lens: MatrixLens,
    /// The column under the cursor, where rows are things and columns say something of them.
    pub column: usize,
    /// First column on the screen, as last drawn.
    left: Cell<usize>,
    /// First row on the screen, as last drawn.
    top: Cell<usize>,
}

impl Grid {
    /// The columns that fit, with the one under the cursor among them; remembers the place.
    pub fn columns(&self, cursor: usize, fit: usize, all: usize) -> Range<usize> {
        slide(&self.left, cursor, fit, all)
    }

    /// The rows that fit, with the one under the cursor among them; remembers the place.
    pub fn rows(&self, cursor: usize, fit: usize, all: usize) -> Range<usize> {
        slide(&self.top, cursor, fit, all)
    }
}

/// A window of `fit` places over `all`, moved as little as the cursor needs.
fn slide(first: &Cell<usize>, cursor: usize, fit: usize, all: usize) -> Range<usize> {
    let mut start = first.get().min(cursor);
    start = start.max((cursor + 1).saturating_sub(fit));
    start = start.min(all.saturating_sub(fit));
    first.set(start);
    start..(start + fit).min(all)
}

/// A column of a list whose rows are columns one after the other: each begins with a row that the
/// cursor cannot stand on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GridColumn {
    /// Place of what stands over it.
    pub heading: usize,
    /// Places of its cells.
    pub cells: Range<usize>,
}

/// The columns of a list, without those of which the filter leaves nothing.
#[must_use]
pub fn columns(list: &List) -> Vec<GridColumn> {
    let mut columns: Vec<GridColumn> = Vec::new();
    for (place, row) in list.shown().enumerate() {
        if matches!(row.item, Item::Tactic { .. }) {
            columns.push(GridColumn { heading: place, cells: place + 1..place + 1 });
        } else if let Some(column) = columns.last_mut() {
            column.cells.end = place + 1;
        }
    }
    columns.retain(|column| !column.cells.is_empty());
    columns
}

/// Column and row of a place of the list.
#[must_use]
pub fn position(columns: &[GridColumn], place: usize) -> Option<(usize, usize)> {
    let column = columns.iter().position(|column| column.cells.contains(&place))?;
    Some((column, place - columns.get(column)?.cells.start))
}

/// Where an arrow key leads in a grid; none where it leads nowhere. A page is ten rows, half a page five.
#[must_use]
pub fn target(list: &List, action: Action) -> Option<usize> {
    let columns = columns(list);
    let (column, row) = position(&columns, list.cursor())?;
    let (column, row) = match action {
        Action::Left => (column.checked_sub(1)?, row),
        Action::Right => (column + 1, row),
        Action::Up => (column, row.checked_sub(1)?),
        Action::Down => (column, row + 1),
        Action::PageUp => (column, row.saturating_sub(10)),
        Action::PageDown => (column, row + 10),
        Action::HalfUp => (column, row.saturating_sub(5)),
        Action::HalfDown => (column, row + 5),
        Action::Top => (column, 0),
        Action::Bottom => (column, usize::MAX),
        _ => return None,
    };
    let cells = columns.get(column)?.cells.clone();
    let last = cells.end.checked_sub(1)?;
    Some(cells.start.saturating_add(row).min(last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_moves_no_more_than_it_must() {
        let grid = Grid::default();
        assert_eq!(grid.columns(0, 3, 8), 0..3);
        assert_eq!(grid.columns(4, 3, 8), 2..5);
        assert_eq!(grid.columns(3, 3, 8), 2..5, "it is there already");
        assert_eq!(grid.columns(1, 3, 8), 1..4);
        assert_eq!(grid.columns(7, 3, 8), 5..8);
        assert_eq!(grid.columns(7, 20, 8), 0..8, "all fit");
        assert_eq!(grid.rows(0, 0, 0), 0..0);
    }
}
