//! What stands on the terminal, so that cells that did not change are written along where that takes fewer
//! bytes than to move the cursor over them: two texts in one place have every few letters one in common.

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use crate::text::width;

/// Most cells that are written along: to move the cursor within a row takes four bytes, and six beside a list.
const GAP: u16 = 5;

/// A cell and its place: column and row.
pub(super) type PlacedCell<'a> = (u16, u16, &'a Cell);

/// The cells of the terminal as they were written last, row by row; what is not in it is blank.
#[derive(Debug, Default)]
pub(super) struct WrittenCells(Vec<Vec<Cell>>);

impl WrittenCells {
    /// The terminal was cleared.
    pub fn clear(&mut self) {
        self.0.clear();
    }

    /// From which column on a row is blank.
    pub fn end(&self, row: u16) -> u16 {
        let cells = self.0.get(usize::from(row)).map(Vec::as_slice).unwrap_or_default();
        let last = cells.iter().rposition(|cell| !is_blank(cell));
        last.map_or(0, |last| u16::try_from(last + 1).unwrap_or(u16::MAX))
    }

    /// Changed cells with those between them that are worth to be written along.
    pub fn bridged<'a>(&'a self, changed: &[PlacedCell<'a>]) -> Vec<PlacedCell<'a>> {
        let mut out: Vec<PlacedCell<'a>> = Vec::with_capacity(changed.len() + changed.len() / 4);
        for (x, y, cell) in changed.iter().copied() {
            if let Some((before, row, last)) = out.last().copied()
                && row == y
                && x > before + 1
                && x - before - 1 <= GAP
            {
                out.extend(self.between((before, last), x, y).unwrap_or_default());
            }
            out.push((x, y, cell));
        }
        out
    }

    /// The cells between a cell and a column, if all of them are as narrow as letters and look alike.
    fn between(&self, (before, last): (u16, &Cell), x: u16, y: u16) -> Option<Vec<PlacedCell<'_>>> {
        let row = self.0.get(usize::from(y))?;
        let alike = |cell: &Cell| {
            (cell.fg, cell.bg, cell.modifier) == (last.fg, last.bg, last.modifier)
                && width(cell.symbol()) == 1
        };
        let one = |at: u16| {
            let cell = row.get(usize::from(at))?;
            alike(cell).then_some((at, y, cell))
        };
        let narrow = width(last.symbol()) == 1;
        (before + 1..x).map(one).collect::<Option<Vec<_>>>().filter(|_| narrow)
    }

    /// Remembers what was written.
    pub fn take(&mut self, changed: &[PlacedCell<'_>]) {
        for (x, y, cell) in changed {
            self.put(*x, *y, (*cell).clone());
            if width(cell.symbol()) > 1 {
                // Its right half: no letter of its own.
                let mut half = Cell::default();
                half.set_symbol("");
                self.put(x.saturating_add(1), *y, half);
            }
        }
    }

    fn put(&mut self, x: u16, y: u16, cell: Cell) {
        let (x, y) = (usize::from(x), usize::from(y));
        if self.0.len() <= y {
            self.0.resize_with(y + 1, Vec::new);
        }
        let Some(row) = self.0.get_mut(y) else { return };
        if row.len() <= x {
            row.resize(x + 1, Cell::default());
        }
        if let Some(slot) = row.get_mut(x) {
            *slot = cell;
        }
    }
}

/// Whether nothing is seen of a cell but the terminal's own ground.
fn is_blank(cell: &Cell) -> bool {
    let drawn = Modifier::REVERSED | Modifier::UNDERLINED | Modifier::CROSSED_OUT;
    cell.symbol() == " " && cell.bg == Color::Reset && !cell.modifier.intersects(drawn)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> Vec<Cell> {
        let cell = |letter: char| {
            let mut cell = Cell::default();
            cell.set_char(letter);
            cell
        };
        text.chars().map(cell).collect()
    }

    /// Shows `before`, and says which letters are written where `after` differs from it.
    fn written(before: &[Cell], after: &[Cell]) -> String {
        let mut shown = WrittenCells::default();
        let all: Vec<PlacedCell<'_>> = (0..).zip(before).map(|(x, cell)| (x, 0, cell)).collect();
        shown.take(&all);
        let changed: Vec<PlacedCell<'_>> = (0..)
            .zip(after)
            .zip(before)
            .filter(|((_, new), old)| new != old)
            .map(|((x, cell), _)| (x, 0, cell))
            .collect();
        shown.bridged(&changed).iter().map(|(_, _, cell)| cell.symbol()).collect()
    }

    #[test]
    fn a_few_cells_that_stay_are_written_along_and_many_are_not() {
        assert_eq!(written(&cells("a cat sat"), &cells("b cat lay")), "b cat lay");
        assert_eq!(written(&cells("a...... x"), &cells("b...... y")), "by");
        assert_eq!(written(&cells("same"), &cells("same")), "");
    }

    #[test]
    fn cells_of_another_look_or_width_are_left_alone() {
        let mut red = cells("a b c");
        red[2].set_fg(Color::Red);
        let mut after = red.clone();
        after[0].set_char('x');
        after[4].set_char('z');
        assert_eq!(written(&red, &after), "xz");
        let mut shown = WrittenCells::default();
        let wide = cells("日");
        shown.take(&[(1, 0, &wide[0])]);
        let ends = cells("ab");
        assert_eq!(shown.bridged(&[(0, 0, &ends[0]), (3, 0, &ends[1])]).len(), 2);
        // What was never written is not known to be there.
        assert_eq!(shown.bridged(&[(0, 9, &ends[0]), (3, 9, &ends[1])]).len(), 2);
    }

    #[test]
    fn a_row_ends_with_the_last_cell_that_is_seen() {
        let mut shown = WrittenCells::default();
        let mut line = cells("ab  c   ");
        let put = |shown: &mut WrittenCells, line: &[Cell]| {
            let all: Vec<PlacedCell<'_>> = (0..).zip(line).map(|(x, cell)| (x, 3, cell)).collect();
            shown.take(&all);
        };
        put(&mut shown, &line);
        assert_eq!((shown.end(3), shown.end(2), shown.end(9)), (5, 0, 0));
        line[6].set_bg(Color::Blue);
        put(&mut shown, &line);
        assert_eq!(shown.end(3), 7);
    }

    #[test]
    fn after_a_clearing_nothing_is_known_to_stand_there() {
        let mut shown = WrittenCells::default();
        let line = cells("abcdef");
        let all: Vec<PlacedCell<'_>> = (0..).zip(&line).map(|(x, cell)| (x, 0, cell)).collect();
        shown.take(&all);
        shown.clear();
        assert_eq!(shown.bridged(&[(0, 0, &line[0]), (2, 0, &line[2])]).len(), 2);
    }
}
