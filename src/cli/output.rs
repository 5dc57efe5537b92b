//! Writing to stdout and stderr. Only what was asked for goes to stdout.

use std::io::{IsTerminal as _, Write as _};
use std::path::Path;

use super::Fail;
use crate::runtime::reports;

/// Writes to stdout. A reader that went away is no error: `plimsoll … | head` is common.
///
/// # Errors
/// When stdout refuses for another reason.
pub fn print(text: &str) -> Result<(), Fail> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Writes a line to stderr; nobody is left to tell if that fails.
pub fn complain(line: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}

/// Writes to a new file, or to stdout.
///
/// # Errors
/// When the file exists or cannot be written.
pub fn deliver(text: &str, file: Option<&Path>) -> Result<(), Fail> {
    let Some(path) = file else { return print(text) };
    reports::create(path, text).map_err(|error| {
        let hint = match error.kind() {
            std::io::ErrorKind::AlreadyExists => "; nothing is overwritten, choose another name",
            _ => "",
        };
        Fail::Usage(format!("cannot write {}: {error}{hint}", path.display()))
    })
}

/// A line of progress on stderr, rewritten in place, when that is a terminal.
pub struct Progress {
    shown: bool,
}

impl Progress {
    /// Shows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { shown: false }
    }

    /// Shows a line in place of the last one.
    pub fn show(&mut self, line: &str) {
        let mut err = std::io::stderr().lock();
        if err.is_terminal() {
            self.shown = true;
            let line = crate::text::cut(line, 78);
            // Progress is the first thing to go without.
            let _ = write!(err, "\r\x1b[K{line}").and_then(|()| err.flush());
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }
}

/// Rows as aligned columns under a head.
#[must_use]
pub fn columns(head: &[&str], rows: &[Vec<String>]) -> String {
    use crate::text::{clean, width};
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| clean(cell).into_owned()).collect()).collect();
    let mut widths: Vec<usize> = head.iter().map(|h| width(h)).collect();
    for row in &rows {
        for (wide, cell) in widths.iter_mut().zip(row) {
            *wide = (*wide).max(width(cell));
        }
    }
    let head: Vec<String> = head.iter().map(|h| (*h).to_owned()).collect();
    let mut out = String::new();
    for row in std::iter::once(&head).chain(&rows) {
        let mut line = String::new();
        for (cell, wide) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', wide.saturating_sub(width(cell)) + 2));
        }
        out.push_str(line.trim_end());
        out.push('\n');
    }
    out
}
