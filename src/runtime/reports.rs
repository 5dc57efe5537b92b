//! Reports written from the workbench.

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::assess::Content;
use crate::frameworks::NotJudged;
use crate::model::finding::Finding;
use crate::model::ledger::Ledger;
use crate::report::{self, Format, Judged, RenderError};
use crate::session::RunRecord;

/// What a report is made of.
pub struct Assessed<'a> {
    /// The run.
    pub run: &'a RunRecord,
    /// Frameworks that were judged.
    pub judged: &'a [Judged],
    /// Frameworks that were not, and why.
    pub not_judged: &'a [NotJudged],
    /// Decisions, answers and imports.
    pub ledger: &'a Ledger,
    /// The session, once there is one.
    pub session: Option<&'a report::SessionRef>,
    /// Findings of its earlier runs that are fixed, as far as they are asked for.
    pub gone: &'a [Arc<Finding>],
}

/// Renders a run with its decisions.
///
/// # Errors
/// When the result cannot be written in the format.
pub fn render(
    content: &Content,
    assessed: &Assessed<'_>,
    today: &str,
    format: Format,
) -> Result<String, RenderError> {
    let Assessed { run, judged, not_judged, ledger, session, gone } = *assessed;
    let check = |id: &str| content.text_of(id);
    let input = report::Input {
        content: &run.content,
        source: &run.source,
        reads: &run.reads,
        result: &run.result,
        gone,
        frameworks: judged,
        not_judged,
        ledger,
        session,
        today,
        selection: &run.selection,
        profile: None,
        started: &run.started,
        finished: &run.finished,
        check: &check,
    };
    format.render(&input)
}

/// Writes a text to a new file of this name, or of the name with a number: nothing is overwritten.
///
/// # Errors
/// What the system says.
pub fn write_new(dir: &Path, stem: &str, ending: &str, text: &str) -> std::io::Result<PathBuf> {
    for number in 1..1000 {
        let name = if number == 1 {
            format!("{stem}.{ending}")
        } else {
            format!("{stem}-{number}.{ending}")
        };
        let path = dir.join(name);
        match create(&path, text) {
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
            Ok(()) => return Ok(path),
        }
    }
    Err(std::io::Error::other(format!("too many files named {stem}")))
}

/// Writes a text to a file that must not exist yet, for its owner only.
///
/// # Errors
/// When it exists, or what the system says.
pub fn create(path: &Path, text: &str) -> std::io::Result<()> {
    create_with(path, |file| file.write_all(text.as_bytes()))
}

/// Writes what `write` makes to a file that must not exist yet, for its owner only.
///
/// # Errors
/// When it exists, or what the system or `write` says.
pub fn create_with(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = BufWriter::with_capacity(1 << 16, options.open(path)?);
    let written = write(&mut file).and_then(|()| file.flush());
    written.and_then(|()| file.get_ref().sync_all()).inspect_err(|_| {
        // Half a report reads like a short one, and its name would be taken; the error is what matters.
        let _ = std::fs::remove_file(path);
    })
}
