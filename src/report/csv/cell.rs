//! One row and one cell.

use std::borrow::Cow;

use crate::text::{clean, mask};

/// A cell of a row.
pub enum Cell<'a> {
    /// Text as it was read.
    Text(Cow<'a, str>),
    /// As [`written`] made it, or a word of ours that stands for itself.
    Written(&'a str),
}

/// A cell as it is written, for one that stands in many rows.
pub fn written(text: &str) -> String {
    let mut out = String::new();
    write(text, &mut out);
    out
}

/// Writes a row of such cells.
pub fn cells(cells: &[Cell<'_>], out: &mut String) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        match cell {
            Cell::Text(text) => write(text, out),
            Cell::Written(text) => out.push_str(text),
        }
    }
    out.push_str("\r\n");
}

/// Writes a row. It ends as RFC 4180 has it.
pub fn row<T: AsRef<str>>(cells: &[T], out: &mut String) {
    for (at, cell) in cells.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        write(cell.as_ref(), out);
    }
    out.push_str("\r\n");
}

/// What a reader finds in a cell: the text masked, control characters shown, and a `'` before what a
/// spreadsheet would compute.
pub fn content(text: &str) -> String {
    let text = clean(&mask(text)).into_owned();
    // Spreadsheets skip leading blanks, and take the wide forms of East Asian keyboards too.
    let first = text.trim_start().chars().next();
    let formula = matches!(first, Some('=' | '+' | '-' | '@' | '＝' | '＋' | '－' | '＠'))
        || text.starts_with(['\t', '\r', '\n']);
    if formula { format!("'{text}") } else { text }
}

fn write(text: &str, out: &mut String) {
    let text = content(text);
    let quoted = text.contains([',', '"', '\r', '\n', ';', '\t'])
        || text.starts_with(' ')
        || text.ends_with(' ');
    if !quoted {
        return out.push_str(&text);
    }
    out.push('"');
    out.push_str(&text.replace('"', "\"\""));
    out.push('"');
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What a cell may hold to do harm, and anything else.
    const CELL: &str = "\\PC*|[=+@\\-,;\"'\t\r\n＝ a|\u{0}-\u{1f}\u{202e}]{0,20}";

    proptest! {
        #[test]
        fn another_reader_finds_every_cell(cells in prop::collection::vec(prop::collection::vec(CELL, 3), 1..5)) {
            let mut out = String::new();
            row(&["a", "b", "c"], &mut out);
            for cells in &cells {
                row(cells, &mut out);
            }
            let mut reader = csv::ReaderBuilder::new().from_reader(out.as_bytes());
            let found: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
            prop_assert_eq!(found.len(), cells.len());
            for (found, given) in found.iter().zip(&cells) {
                let expected: Vec<String> = given.iter().map(|c| content(c)).collect();
                prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected);
                for cell in found {
                    prop_assert!(!cell.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']), "{cell}");
                    prop_assert!(cell.chars().all(crate::text::is_safe), "{cell:?}");
                }
            }
        }
    }

    #[test]
    fn rows_are_those_of_the_standard() {
        let mut out = String::new();
        row(&["a", "b,\"c\"", "=1+1", " -2", "x-1"], &mut out);
        assert_eq!(out, "a,\"b,\"\"c\"\"\",'=1+1,' -2,x-1\r\n");
    }
}
