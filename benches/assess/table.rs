//! The table: a row for each measurement, a column for each size, how it grows, and what it must
//! reach.

use std::collections::BTreeMap;
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

    /// Sets cells that may be there from an earlier round: the lesser stays.
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

    /// As Markdown, beside an earlier measurement if there is one.
    pub fn text(&self, before: Option<&Self>) -> String {
        let sizes: std::collections::BTreeSet<usize> =
            self.rows.iter().flat_map(|row| row.cells.keys().copied()).collect();
        let mut lines = vec![self.head(&sizes)];
        for row in &self.rows {
            let mut line = vec![row.name.clone()];
            line.extend(sizes.iter().map(|size| {
                let Some(figure) = row.cells.get(size) else { return String::new() };
                let then = before.and_then(|table| table.get(&row.name, *size));
                figure.to_string() + &then.map(|then| change(then, figure)).unwrap_or_default()
            }));
            line.push(growth(&row.cells).unwrap_or_default());
            line.push(bounds::verdict(&row.name, &row.cells).unwrap_or_default());
            lines.push(line);
        }
        markdown(&lines)
    }

    fn head(&self, sizes: &std::collections::BTreeSet<usize>) -> Vec<String> {
        let mut head = vec![String::new()];
        head.extend(sizes.iter().map(|size| format!("{size} {}", self.unit)));
        head.extend(["growth".to_owned(), "must reach".to_owned()]);
        head
    }
}

/// From the smallest to the largest size: how many times as much, and the power of the size that
/// fits. Linear is 1.
fn growth(cells: &BTreeMap<usize, Figure>) -> Option<String> {
    let ((small, first), (large, last)) = (cells.first_key_value()?, cells.last_key_value()?);
    if !first.grows() || !last.grows() || small == large {
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

fn markdown(lines: &[Vec<String>]) -> String {
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
