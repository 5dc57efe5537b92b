//! Sentences and tables of text: aligned under a head, or each value with its name for screen readers.

use crate::text::{clean, cut_middle, mask, width};

/// Widest name in a table, in cells: all rows are as wide as the widest.
const NAME: usize = 120;
/// Widest list or sentence in a table, in cells.
const CELL: usize = 400;
/// Columns of names.
const NAMES: [&str; 8] =
    ["BINDING", "HOLDS-IN", "NAMESPACE", "POLICY", "ROLE", "SUBJECT", "WHERE", "WORKLOAD"];

/// A part of what is printed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// A line by itself.
    Line(String),
    /// A line with an empty one before it.
    Heading(String),
    /// A table.
    Table {
        /// What the columns are called.
        head: Vec<&'static str>,
        /// Cells as they were read: whoever lays them out makes them safe to show.
        rows: Vec<Vec<String>>,
    },
}

impl Part {
    /// A line by itself.
    #[must_use]
    pub fn line(text: impl Into<String>) -> Self {
        Self::Line(text.into())
    }

    /// A line with an empty one before it.
    #[must_use]
    pub fn heading(text: impl Into<String>) -> Self {
        Self::Heading(text.into())
    }

    /// A table.
    #[must_use]
    pub fn table(head: &[&'static str], rows: Vec<Vec<String>>) -> Self {
        Self::Table { head: head.to_vec(), rows }
    }
}

/// How rows are laid out under a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// Aligned, each column as wide as its widest cell.
    Columns,
    /// A sentence for each row, each value with its name: for screen readers.
    Sentences,
}

impl Layout {
    /// Lays rows out. The cells are safe to show.
    pub fn lay<R: AsRef<[String]>>(self, head: &[&str], rows: &[R], out: &mut String) {
        match self {
            Self::Columns => aligned(head, rows, out),
            Self::Sentences => said(head, rows, out),
        }
    }
}

/// Everything as text, with nothing that a terminal would obey and credentials masked. Cells of tables are
/// cut in the middle where they are longer than anything that is read there.
#[must_use]
pub fn text(parts: &[Part], layout: Layout) -> String {
    let safe = |text: &String| clean(&mask(text)).into_owned();
    let mut out = String::new();
    for part in parts {
        match part {
            Part::Line(text) | Part::Heading(text) => {
                if matches!(part, Part::Heading(_)) && !out.is_empty() {
                    out.push('\n');
                }
                out.push_str(&safe(text));
                out.push('\n');
            }
            Part::Table { head, rows } => {
                let cell = |(name, text): (&&str, &String)| {
                    let most = if NAMES.contains(name) { NAME } else { CELL };
                    cut_middle(&safe(text), most).into_owned()
                };
                let cells = |row: &Vec<String>| head.iter().zip(row).map(cell).collect();
                let rows: Vec<Vec<String>> = rows.iter().map(cells).collect();
                layout.lay(head, &rows, &mut out);
            }
        }
    }
    out
}

fn aligned<R: AsRef<[String]>>(head: &[&str], rows: &[R], out: &mut String) {
    let mut widths: Vec<usize> = head.iter().map(|cell| width(cell)).collect();
    for row in rows {
        for (wide, cell) in widths.iter_mut().zip(row.as_ref()) {
            *wide = (*wide).max(width(cell));
        }
    }
    let mut row = |cells: &mut dyn Iterator<Item = &str>| {
        let start = out.len();
        for (cell, wide) in cells.zip(&widths) {
            out.push_str(cell);
            out.extend(std::iter::repeat_n(' ', wide.saturating_sub(width(cell)) + 2));
        }
        let end = out.trim_end_matches(' ').len().max(start);
        out.truncate(end);
        out.push('\n');
    };
    row(&mut head.iter().copied());
    for cells in rows {
        row(&mut cells.as_ref().iter().map(String::as_str));
    }
}

fn said<R: AsRef<[String]>>(head: &[&str], rows: &[R], out: &mut String) {
    for row in rows {
        let named = head.iter().zip(row.as_ref()).filter(|(_, cell)| !cell.is_empty());
        let parts = named.map(|(name, cell)| format!("{}: {cell}", name.to_lowercase()));
        out.push_str(&parts.collect::<Vec<_>>().join("; "));
        out.push_str(".\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(cells: &[&str]) -> Vec<String> {
        cells.iter().map(|cell| (*cell).to_owned()).collect()
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut out = String::new();
        Layout::Columns.lay(&["A", "LONGER"], &[row(&["日本", "x"]), row(&["b", ""])], &mut out);
        assert_eq!(out, "A     LONGER\n日本  x\nb\n");
    }

    #[test]
    fn a_sentence_leaves_out_what_is_empty() {
        let mut out = String::new();
        Layout::Sentences.lay(
            &["WHO", "WHERE"],
            &[row(&["ada", ""]), row(&["bo", "pay"])],
            &mut out,
        );
        assert_eq!(out, "who: ada.\nwho: bo; where: pay.\n");
    }

    #[test]
    fn no_name_makes_a_table_wider_than_can_be_read() {
        let long = "x".repeat(50_000);
        let rows = vec![row(&["User/a", "get"]), row(&[&long, &long])];
        let parts = [Part::line(long.as_str()), Part::table(&["SUBJECT", "VERBS"], rows)];
        for layout in [Layout::Columns, Layout::Sentences] {
            let text = text(&parts, layout);
            let mut lines = text.lines();
            assert_eq!(lines.next(), Some(&*long));
            assert!(lines.all(|line| width(line) < NAME + CELL + 30), "{}", text.len());
            assert!(text.contains("xx…xx"));
        }
    }

    #[test]
    fn what_a_terminal_obeys_is_shown_escaped() {
        let parts = [Part::line("a\u{1b}[31m"), Part::table(&["N"], vec![row(&["\u{202e}x"])])];
        assert_eq!(text(&parts, Layout::Columns), "a\\u{1b}[31m\nN\n\\u{202e}x\n");
    }
}
