//! The table: a row for each measurement, a column for each size, how it grows, and what it must
//! reach.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use super::bounds;
use super::figure::Figure;
use super::part::Rows;

/// Growth that is told apart from linear, as an exponent: what is measured is not exact.
const WORSE: f64 = 1.15;

/// Rows in the order of their first cell; columns by size.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Table {
    /// What the sizes count.
    pub unit: String,
    rows: Vec<Row>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Row {
    name: String,
    cells: BTreeMap<usize, Figure>,
}

impl Table {
    /// An empty table.
    pub fn new(unit: &str) -> Self {
        Self { unit: unit.to_owned(), rows: Vec::new() }
    }

    /// Sets a cell.
    pub fn set(&mut self, row: &str, size: usize, figure: Figure) {
        self.row(row).cells.insert(size, figure);
    }

    /// Sets cells.
    pub fn take(&mut self, size: usize, rows: Rows) {
        for (row, figure) in rows {
            self.set(&row, size, figure);
        }
    }

    /// Sets cells that may be there from an earlier round: the lesser stays, as it was measured.
    pub fn least(&mut self, size: usize, rows: Rows) {
        for (row, figure) in rows {
            let least = self.get(&row, size).map_or_else(|| figure.clone(), |f| figure.least(f));
            self.set(&row, size, least);
        }
    }

    /// A cell.
    pub fn get(&self, row: &str, size: usize) -> Option<&Figure> {
        self.rows.iter().find(|known| known.name == row)?.cells.get(&size)
    }

    fn row(&mut self, name: &str) -> &mut Row {
        let at = self.rows.iter().position(|row| row.name == name).unwrap_or(self.rows.len());
        if at == self.rows.len() {
            self.rows.push(Row { name: name.to_owned(), cells: BTreeMap::new() });
        }
        &mut self.rows[at]
    }

    /// Takes over rows of another measurement; its cells win.
    pub fn merge(&mut self, other: Self) {
        for row in other.rows {
            row.cells.into_iter().for_each(|(size, figure)| self.set(&row.name, size, figure));
        }
    }

    /// Where its figures are from.
    pub fn origins(&self) -> impl Iterator<Item = usize> {
        self.rows.iter().flat_map(|row| row.cells.values()).map(|figure| figure.origin)
    }

    /// Says anew where its figures are from, by what was the place before.
    pub fn move_origins(&mut self, places: &[usize]) {
        for figure in self.rows.iter_mut().flat_map(|row| row.cells.values_mut()) {
            figure.origin = places[figure.origin];
        }
    }

    /// As Markdown, beside an earlier measurement if there is one; with the origins of each row if
    /// there are several.
    pub fn text(&self, before: Option<&Self>, several: bool) -> String {
        let sizes: BTreeSet<usize> =
            self.rows.iter().flat_map(|row| row.cells.keys().copied()).collect();
        let mut lines = vec![self.head(&sizes, several)];
        for row in &self.rows {
            let mut line = vec![row.name.clone()];
            line.extend(sizes.iter().map(|size| {
                let Some(figure) = row.cells.get(size) else { return String::new() };
                let then = before.and_then(|table| table.get(&row.name, *size));
                figure.to_string() + &then.map(|then| change(then, figure)).unwrap_or_default()
            }));
            line.push(growth(&row.cells).unwrap_or_default());
            line.push(bounds::verdict(&row.name, &row.cells).unwrap_or_default());
            if several {
                let places: BTreeSet<usize> = row.cells.values().map(|f| f.origin + 1).collect();
                line.push(places.iter().map(usize::to_string).collect::<Vec<_>>().join(", "));
            }
            lines.push(line);
        }
        markdown(&lines)
    }

    fn head(&self, sizes: &BTreeSet<usize>, several: bool) -> Vec<String> {
        let mut head = vec![String::new()];
        head.extend(sizes.iter().map(|size| format!("{size} {}", self.unit)));
        head.extend(["growth", "must reach"].map(str::to_owned));
        head.extend(several.then(|| "run".to_owned()));
        head
    }
}

/// From the smallest to the largest size: how many times as much, and the power of the size that
/// fits. Linear is 1. Figures of different origins do not tell it.
fn growth(cells: &BTreeMap<usize, Figure>) -> Option<String> {
    let ((small, first), (large, last)) = (cells.first_key_value()?, cells.last_key_value()?);
    if !first.grows() || !last.grows() || small == large || first.origin != last.origin {
        return None;
    }
    let times = last.essence() / first.essence();
    #[allow(clippy::cast_precision_loss, reason = "no cluster has so many pods")]
    let power = times.ln() / (*large as f64 / *small as f64).ln();
    let sign = if power > WORSE { " (!)" } else { "" };
    Some(format!("×{times:.1}, n^{power:.2}{sign}"))
}

/// How much more or less than before.
fn change(before: &Figure, now: &Figure) -> String {
    if before.unit != now.unit || before.essence() == 0.0 || before.about != now.about {
        return String::new();
    }
    let percent = (now.essence() / before.essence() - 1.0) * 100.0;
    let sign = if percent < 0.0 { '−' } else { '+' };
    format!(" {sign}{:.0} %", percent.abs())
}

/// A table, the first line of which is its head.
pub fn markdown(lines: &[Vec<String>]) -> String {
    let columns = lines.first().map_or(0, Vec::len);
    let width = |column: usize| {
        lines.iter().filter_map(|line| Some(line.get(column)?.chars().count())).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(|column| width(column).max(4)).collect();
    let mut text = String::new();
    for (nth, line) in lines.iter().enumerate() {
        for (cell, width) in line.iter().zip(&widths) {
            // Writing to a String cannot fail.
            let _ = write!(text, "| {cell:<width$} ");
        }
        text.push_str("|\n");
        if nth == 0 {
            for (column, width) in widths.iter().enumerate() {
                let dashes = "-".repeat(width - 1);
                let _ =
                    write!(text, "| {} ", if column == 0 { dashes + "-" } else { dashes + ":" });
            }
            text.push_str("|\n");
        }
    }
    text
}
