//! Writing to stdout and stderr. Only what was asked for goes to stdout.

use std::io::{BufWriter, IsTerminal as _, Write};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::CommandError;
use crate::fresh;
use crate::report::harmless;
use crate::report::sheet::Layout;
pub use crate::text::ascii::prose as ascii;
use crate::text::clean;

/// Whether output is told line by line: set once, when the command line and the configuration are
/// read.
static PLAIN: AtomicBool = AtomicBool::new(false);

/// From now on output is told line by line, or not.
pub fn set_plain(plain: bool) {
    PLAIN.store(plain, Ordering::Relaxed);
}

/// Whether output is told line by line.
#[must_use]
pub fn is_plain() -> bool {
    PLAIN.load(Ordering::Relaxed)
}

/// Writes to stdout. A reader that went away is no error: `plimsoll … | head` is common.
///
/// # Errors
/// When stdout refuses for another reason.
pub fn print(text: &str) -> Result<(), CommandError> {
    deliver(text, None)
}

/// Writes JSON to stdout, indented, with nothing in it that a terminal obeys.
///
/// # Errors
/// When stdout refuses.
pub fn json(value: &serde_json::Value) -> Result<(), CommandError> {
    let text =
        serde_json::to_string_pretty(value).map_err(|e| CommandError::Other(e.to_string()))?;
    print(&format!("{}\n", harmless(text)))
}

/// Writes a message of one line to stderr; nobody is left to tell if that fails.
pub fn complain(line: &str) {
    complain_lines(&[line]);
}

/// Writes a message of several lines to stderr.
pub fn complain_lines<S: AsRef<str>>(lines: &[S]) {
    let _ = std::io::stderr().lock().write_all(in_lines(lines).as_bytes());
}

/// Lines below each other, each made safe to show as a whole. Messages quote files and servers: what a
/// terminal would obey in them is shown escaped, and so are line breaks, as CI systems take what begins a
/// line for a command.
#[must_use]
pub fn in_lines<S: AsRef<str>>(lines: &[S]) -> String {
    lines.iter().flat_map(|line| [clean(line.as_ref()), "\n".into()]).collect()
}

/// A text whose lines are its author's, such as that of a check file, with every line made safe to show.
#[must_use]
pub fn by_line(text: &str) -> String {
    let tidy = |line: &str| line.split('\t').map(|p| clean(p).into_owned()).collect::<Vec<_>>();
    text.split('\n').map(|line| tidy(line).join("\t")).collect::<Vec<_>>().join("\n")
}

/// That a file to be written does not exist yet, and its directory does: said before the work, not after it.
///
/// # Errors
/// When that is not so.
pub fn vacant(file: Option<&Path>) -> Result<(), CommandError> {
    match file {
        Some(path) if path.symlink_metadata().is_ok() && !is_device(path) => Err(taken(path)),
        Some(path) => match directory_of(path).map(std::fs::metadata) {
            Some(Err(error)) => Err(unwritten(path, &error)),
            _ => Ok(()),
        },
        None => Ok(()),
    }
}

/// The directory of a file, where it has a name.
fn directory_of(path: &Path) -> Option<&Path> {
    path.parent().filter(|parent| !parent.as_os_str().is_empty())
}

fn unwritten(path: &Path, error: &std::io::Error) -> CommandError {
    let next = match directory_of(path) {
        Some(parent) if error.kind() == std::io::ErrorKind::NotFound => {
            format!("; make the directory {} first", parent.display())
        }
        _ => String::new(),
    };
    CommandError::Usage(format!("cannot write {}: {error}{next}", path.display()))
}

/// Whether a path is a device such as `/dev/null`, which holds nothing that could be lost.
#[cfg(unix)]
fn is_device(path: &Path) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    path.metadata().is_ok_and(|found| found.file_type().is_char_device())
}

/// Devices are no files elsewhere.
#[cfg(not(unix))]
fn is_device(_: &Path) -> bool {
    false
}

fn taken(path: &Path) -> CommandError {
    CommandError::Usage(format!(
        "{} exists; choose another name, nothing is overwritten",
        path.display()
    ))
}

/// Writes to a new file, or to stdout.
///
/// # Errors
/// When the file exists or cannot be written.
pub fn deliver(text: &str, file: Option<&Path>) -> Result<(), CommandError> {
    deliver_as(file, |out| out.write_all(text.as_bytes()))
}

/// Writes what `write` makes to a new file, or to stdout.
///
/// # Errors
/// As [`deliver`], and what `write` says.
pub fn deliver_as(
    file: Option<&Path>,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), CommandError> {
    let Some(path) = file else {
        let mut out = BufWriter::with_capacity(1 << 16, std::io::stdout().lock());
        return match write(&mut out).and_then(|()| out.flush()) {
            // A reader that went away is no error: `plimsoll … | head` is common.
            Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
                Err(CommandError::Other(format!("cannot write to standard output: {error}")))
            }
            _ => Ok(()),
        };
    };
    if is_device(path) {
        let device = std::fs::OpenOptions::new().write(true).open(path);
        return device.and_then(|mut device| write(&mut device)).map_err(|error| {
            CommandError::Usage(format!("cannot write {}: {error}", path.display()))
        });
    }
    fresh::create(path, fresh::PRIVATE, |out| write(out)).map_err(|error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => taken(path),
        _ => unwritten(path, &error),
    })
}

/// A line of progress on stderr, rewritten in place, when that is a terminal.
pub struct ProgressLine {
    shown: bool,
}

impl ProgressLine {
    /// Shows nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self { shown: false }
    }

    /// Shows a line in place of the last one.
    pub fn show(&mut self, line: &str) {
        let mut err = std::io::stderr().lock();
        if err.is_terminal() && !is_plain() {
            self.shown = true;
            let line = crate::text::cut(line, 78);
            // Progress is the first thing to go without.
            let _ = write!(err, "\r\x1b[K{line}").and_then(|()| err.flush());
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr().lock(), "\r\x1b[K");
        }
    }
}

/// How tables are laid out.
#[must_use]
pub fn layout() -> Layout {
    if is_plain() { Layout::Sentences } else { Layout::Columns }
}

/// Rows as aligned columns under a head; in plain mode as sentences, each value with its name.
#[must_use]
pub fn columns(head: &[&str], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<String>> =
        rows.iter().map(|row| row.iter().map(|cell| clean(cell).into_owned()).collect()).collect();
    let mut out = String::new();
    layout().lay(head, &rows, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn no_name_makes_a_line_of_its_own(
            names in prop::collection::vec("(\n|\r|\t|\u{85}|\u{2028}|::error::|##vso|a|\\PC){0,12}", 0..4),
        ) {
            let shown = in_lines(&names);
            prop_assert_eq!(shown.matches('\n').count(), names.len());
            prop_assert!(shown.ends_with('\n') || names.is_empty());
            let breaks = ['\r', '\u{85}', '\u{2028}'];
            prop_assert!(!shown.contains(breaks));
        }
    }
}
