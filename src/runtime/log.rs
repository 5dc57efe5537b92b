//! The log: a file, bounded and rotated. What repeats itself is written once, so that a cluster that
//! is gone for days leaves two lines.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::clock::timestamp;
use crate::app::event::{Event, RunEvent, SessionEvent, SourceEvent, UserError};
use crate::fresh;
use crate::text::{clean, counted, cut, mask, times};

/// Largest size of the file, in bytes.
const LARGEST: u64 = 256 * 1024;
/// How many older files are kept.
const KEPT: usize = 2;
/// Longest line, in cells.
const WIDEST: usize = 500;

/// Where the log of a data directory is.
#[must_use]
pub fn path(data: &Path) -> PathBuf {
    data.join("log").join("plimsoll.log")
}

/// A log file. A log that cannot be written is no reason to stop anything.
#[derive(Debug)]
pub struct Log {
    path: PathBuf,
    largest: u64,
    file: Option<File>,
    size: u64,
    last: String,
    repeats: u64,
}

impl Log {
    /// The log of a data directory. Nothing is written yet.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self::bounded(path(data), LARGEST)
    }

    fn bounded(path: PathBuf, largest: u64) -> Self {
        Self { path, largest, file: None, size: 0, last: String::new(), repeats: 0 }
    }

    /// Writes what an event says, if it is worth keeping.
    pub fn event(&mut self, event: &Event) {
        if let Some((kind, text)) = line(event) {
            self.note(kind, &text);
        }
    }

    /// Writes a line. Of lines of one kind that follow each other with the same text, the first is
    /// written; how often they came stands before the next one.
    pub fn note(&mut self, kind: &str, text: &str) {
        let text = cut(&clean(&mask(text)), WIDEST).into_owned();
        let line = format!("{kind}: {text}");
        // Why a connection is lost may be worded differently at each try.
        let same =
            if kind == "stale" { self.last.starts_with("stale: ") } else { self.last == line };
        if same {
            self.repeats += 1;
            return;
        }
        let repeats = std::mem::take(&mut self.repeats);
        if repeats > 0 {
            self.write(&format!(
                "the same again, {}",
                times(usize::try_from(repeats).unwrap_or(usize::MAX))
            ));
        }
        self.write(&line);
        self.last = line;
    }

    fn write(&mut self, line: &str) {
        let line = format!("{} {line}\n", timestamp());
        let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
        if self.file.is_none() {
            self.open();
        }
        if self.size.saturating_add(length) > self.largest {
            self.rotate();
        }
        if let Some(file) = &mut self.file
            && file.write_all(line.as_bytes()).is_ok()
        {
            self.size += length;
        }
    }

    fn open(&mut self) {
        if let Some(parent) = self.path.parent() {
            let _ = fresh::private_dir(parent);
        }
        self.file = fresh::private().append(true).create(true).open(&self.path).ok();
        let size = self.file.as_ref().and_then(|file| file.metadata().ok()).map(|meta| meta.len());
        self.size = size.unwrap_or(0);
    }

    fn rotate(&mut self) {
        self.file = None;
        let older = |n: usize| self.path.with_extension(format!("log.{n}"));
        for n in (1..KEPT).rev() {
            let _ = std::fs::rename(older(n), older(n + 1));
        }
        // If it cannot be moved, it is not written to any more: bounded comes first.
        let moved = std::fs::rename(&self.path, older(1)).is_ok();
        self.size = if moved { 0 } else { self.largest };
        if moved {
            self.open();
        }
    }
}

fn failed(error: &UserError) -> String {
    let parts = [&error.what, &error.why];
    parts.into_iter().filter(|p| !p.is_empty()).cloned().collect::<Vec<_>>().join(": ")
}

/// What is worth keeping of an event: its kind, and what it says.
fn line(event: &Event) -> Option<(&'static str, String)> {
    Some(match event {
        Event::Failed(error)
        | Event::Source(SourceEvent::Failed(error) | SourceEvent::NotReadAgain(error))
        | Event::Run(RunEvent::Failed { error, .. })
        | Event::Session(SessionEvent::Failed(error)) => ("error", failed(error)),
        Event::Source(SourceEvent::Connecting { context }) => ("connecting", context.clone()),
        Event::Source(SourceEvent::Notice(text)) => ("notice", text.clone()),
        Event::Source(SourceEvent::Live) => ("live", "changes are watched".to_owned()),
        Event::Source(SourceEvent::NotWatched { reason }) => ("not watched", reason.clone()),
        Event::Source(SourceEvent::Stale(lost)) => ("stale", lost.reason.clone()),
        Event::Run(RunEvent::Finished { result, millis, .. }) => {
            ("run", format!("{} in {millis} ms", counted(result.findings.len(), "finding")))
        }
        Event::Run(RunEvent::Cancelled { .. }) => ("run", "stopped".to_owned()),
        Event::Session(SessionEvent::Opened { info, .. }) => ("session", info.id.clone()),
        Event::Session(SessionEvent::ReadOnly { holder: why } | SessionEvent::Barred { why }) => {
            ("read-only", why.clone())
        }
        Event::Done(text) => ("done", text.clone()),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::event::LostConnection;

    fn read(path: &Path) -> String {
        std::fs::read_to_string(path).unwrap_or_default()
    }

    #[test]
    fn it_is_bounded_and_rotated() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("log/plimsoll.log");
        let mut log = Log::bounded(file.clone(), 1_000);
        for n in 0..500 {
            log.note("done", &format!("report {n}"));
        }
        let mut names: Vec<_> = std::fs::read_dir(file.parent().unwrap())
            .unwrap()
            .map(|e| e.unwrap())
            .map(|e| (e.file_name().into_string().unwrap(), e.metadata().unwrap().len()))
            .collect();
        names.sort();
        let only: Vec<&str> = names.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(only, ["plimsoll.log", "plimsoll.log.1", "plimsoll.log.2"]);
        assert!(names.iter().all(|(_, size)| *size <= 1_000), "{names:?}");
        assert!(read(&file).contains("report 499"), "the newest line is there");
        // Another process goes on where it was.
        Log::bounded(file.clone(), 1_000).note("done", "another");
        assert!(read(&file).contains("another"));
    }

    #[test]
    fn a_cluster_that_is_gone_for_days_leaves_two_lines() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = Log::new(dir.path());
        for n in 0..100_000 {
            let reason = format!("connection refused, try {n}");
            let lost = LostConnection { reason, ..LostConnection::default() };
            log.event(&Event::Source(SourceEvent::Stale(lost)));
        }
        assert_eq!(read(&path(dir.path())).lines().count(), 1);
        log.event(&Event::Source(SourceEvent::Live));
        let text = read(&path(dir.path()));
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.contains("the same again, 99999 times"), "{text}");
    }

    #[test]
    #[cfg(unix)]
    fn it_is_the_owners_and_holds_nothing_that_a_terminal_would_obey() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let mut log = Log::new(dir.path());
        log.note("error", "evil \x1b]0;x\x07 password=hunter2hunter2\nsecond line");
        let file = path(dir.path());
        let text = read(&file);
        assert!(text.lines().count() == 1 && !text.contains('\x1b'), "{text:?}");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_place_where_nothing_can_be_written_stops_nothing() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("log"), "a file").unwrap();
        Log::new(dir.path()).note("error", "nobody hears it");
        assert_eq!(read(&dir.path().join("log")), "a file");
    }
}
