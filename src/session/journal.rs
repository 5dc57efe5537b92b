//! The journal: one JSON object a line, each carrying the hash of the one before.

mod chain;
mod replay;

use std::fmt::Display;
use std::io::BufReader;
use std::path::{Path, PathBuf};

pub use chain::{JournalChain, JournalEntry, JournalEvent, MAX_LINE};
pub use replay::{JournalReplay, LineFault, ReplayStop, replay};

use super::disk::{Disk, DiskFile};

/// Why a journal could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The system refuses.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// An entry could not be written: the system refuses.
    #[error("{path}: {source}; nothing of it was saved")]
    Unsaved {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// An entry does not fit the one before, or its own hash.
    #[error(
        "{path}, line {line}: {reason}; bring the file back from a copy that is whole, or begin a new \
         session: only what stands before that line is known to be as it was written"
    )]
    Broken {
        /// The file.
        path: String,
        /// From 1.
        line: u64,
        /// What does not fit.
        reason: String,
    },
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Option<Box<dyn DiskFile>>,
    chain: JournalChain,
    /// Bytes of the entries: everything that counts.
    length: u64,
    /// Something may stand after these bytes that was refused.
    unsure: bool,
    notice: Option<String>,
}

impl Journal {
    /// Begins an empty journal.
    ///
    /// # Errors
    /// When the file exists or cannot be made.
    pub fn create(disk: &dyn Disk, path: &Path) -> Result<Self, JournalError> {
        let file = disk.create(path).map_err(|e| io(path, e))?;
        Ok(Self { file: Some(file), ..Self::empty(path) })
    }

    fn empty(path: &Path) -> Self {
        Self {
            path: path.into(),
            file: None,
            chain: JournalChain::default(),
            length: 0,
            unsure: false,
            notice: None,
        }
    }

    /// Reads a journal. A torn last line (the process was killed while writing, before anything
    /// was acknowledged) is ignored; with a disk to write to it is cut off into `journal.torn`.
    /// When that disk refuses, the journal is open for reading only.
    ///
    /// # Errors
    /// When the file cannot be read, or an entry before the last line does not fit.
    pub fn open<E: Display>(
        path: &Path,
        disk: Option<&dyn Disk>,
        each: impl FnMut(JournalEntry) -> Result<(), E>,
    ) -> Result<Self, JournalError> {
        let file = crate::fresh::open(path).map_err(|e| io(path, e))?;
        let JournalReplay { chain, length, stop } = replay(BufReader::new(file), each);
        let torn = match stop.map(|stop| (stop.entry, stop.why)) {
            None => Vec::new(),
            Some((_, LineFault::Torn(line))) => line,
            Some((_, LineFault::Unreadable(source))) => return Err(io(path, source)),
            Some((line, LineFault::Unfit(reason))) => {
                return Err(JournalError::Broken {
                    path: path.display().to_string(),
                    line,
                    reason,
                });
            }
        };
        let mut journal = Self { chain, length, ..Self::empty(path) };
        if let Some(disk) = disk {
            journal.make_writable(disk, &torn);
        }
        Ok(journal)
    }

    /// Opens the file for writing, and first cuts off what is torn.
    fn make_writable(&mut self, disk: &dyn Disk, torn: &[u8]) {
        match self.writable(disk, torn) {
            Ok(file) => self.file = Some(file),
            Err(error) => self.notice = Some(format!("the journal cannot be written ({error})")),
        }
    }

    fn writable(&mut self, disk: &dyn Disk, torn: &[u8]) -> std::io::Result<Box<dyn DiskFile>> {
        let mut file = disk.append(&self.path)?;
        if !torn.is_empty() {
            let aside = self.path.with_extension("torn");
            // What is torn was never acknowledged: that it cannot be kept is no reason to stop.
            let kept = disk.append(&aside).and_then(|mut out| {
                out.write(torn)?;
                out.sync()
            });
            file.cut(self.length)?;
            file.sync()?;
            let place = if kept.is_ok() { "set aside in journal.torn" } else { "cut off" };
            self.notice = Some(format!(
                "the last line had not been written to its end when the process or the computer \
                 stopped; it was never acknowledged, and was {place}"
            ));
        }
        Ok(file)
    }

    /// Whether entries can be added.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.file.is_some()
    }

    /// What was found on opening, for a person: a torn line, or why it cannot be written.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.notice.as_deref()
    }

    /// How far it goes.
    #[must_use]
    pub fn chain(&self) -> &JournalChain {
        &self.chain
    }

    /// Bytes of its entries.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Adds an entry; it is written, flushed and synced when this returns.
    ///
    /// # Errors
    /// When the disk refuses. The journal is then as it was before.
    pub fn append(&mut self, event: JournalEvent) -> Result<JournalEntry, JournalError> {
        let Some(file) = &mut self.file else {
            return Err(unsaved(&self.path, std::io::Error::other("opened for reading only")));
        };
        let entry = self.chain.entry(event).map_err(|e| unsaved(&self.path, e.into()))?;
        let mut line = serde_json::to_vec(&entry).map_err(|e| unsaved(&self.path, e.into()))?;
        if line.len() > MAX_LINE {
            let why = "more than 256 MiB in one entry: decide about fewer findings at a time";
            return Err(unsaved(&self.path, std::io::Error::other(why)));
        }
        line.push(b'\n');
        if self.unsure {
            cut_back(file.as_mut(), self.length).map_err(|e| unsaved(&self.path, e))?;
            self.unsure = false;
        }
        let written = file.write(&line).and_then(|()| file.sync());
        if let Err(error) = written {
            // What was written of the line must not stand before the next one, nor come back.
            self.unsure = cut_back(file.as_mut(), self.length).is_err();
            return Err(unsaved(&self.path, error));
        }
        self.length += line.len() as u64;
        self.chain.advance(&entry);
        Ok(entry)
    }
}

fn cut_back(file: &mut dyn DiskFile, length: u64) -> std::io::Result<()> {
    file.cut(length)?;
    file.sync()
}

fn unsaved(path: &Path, source: std::io::Error) -> JournalError {
    JournalError::Unsaved { path: path.display().to_string(), source }
}

fn io(path: &Path, source: std::io::Error) -> JournalError {
    JournalError::Io { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use sha2::{Digest as _, Sha256};

    use super::*;
    use crate::session::disk::LocalDisk;

    fn open(
        path: &Path,
        disk: Option<&dyn Disk>,
    ) -> Result<(Journal, Vec<JournalEntry>), JournalError> {
        let mut entries = Vec::new();
        let journal = Journal::open(path, disk, |entry| {
            entries.push(entry);
            Ok::<(), String>(())
        })?;
        Ok((journal, entries))
    }

    fn event(text: &str) -> JournalEvent {
        JournalEvent {
            time: "2026-01-01T00:00:00Z".into(),
            by: "ada".into(),
            kind: "noted",
            body: serde_json::json!({"text": text, "a": 1}),
        }
    }

    fn written(count: usize) -> (tempfile::TempDir, PathBuf, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        let mut journal = Journal::create(&LocalDisk, &path).unwrap();
        for at in 0..count {
            journal.append(event(&format!("n{at}"))).unwrap();
        }
        let bytes = std::fs::read(&path).unwrap();
        (dir, path, bytes)
    }

    #[test]
    fn a_known_entry_has_a_known_hash() {
        let (_dir, path, _) = written(1);
        let (_, entries) = open(&path, None).unwrap();
        // sha256 of {"body":{"a":1,"text":"n0"},"by":"ada","prev":"","seq":1,"time":…,"type":"noted"}
        let text = r#"{"body":{"a":1,"text":"n0"},"by":"ada","prev":"","seq":1,"time":"2026-01-01T00:00:00Z","type":"noted"}"#;
        assert_eq!(entries[0].hash, crate::text::hex(&Sha256::digest(text)));
    }

    #[test]
    fn cut_at_any_byte_only_the_torn_line_is_lost() {
        let (_dir, path, bytes) = written(3);
        for cut in 0..bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let whole = bytes[..cut].split(|b| *b == b'\n').count() - 1;
            let (mut journal, entries) = open(&path, Some(&LocalDisk)).unwrap();
            assert_eq!(entries.len(), whole, "cut at {cut}");
            journal.append(event("after")).unwrap();
            let (_, again) = open(&path, None).unwrap();
            assert_eq!(again.len(), whole + 1, "cut at {cut}");
        }
    }

    #[test]
    fn a_read_only_journal_is_not_cut() {
        let (_dir, path, bytes) = written(2);
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let (mut journal, entries) = open(&path, None).unwrap();
        assert_eq!(entries.len(), 1);
        assert!(journal.append(event("x")).is_err());
        assert_eq!(std::fs::read(&path).unwrap().len(), bytes.len() - 3);
    }

    #[test]
    fn a_line_that_says_more_than_its_entry_is_refused() {
        let (_dir, path, bytes) = written(2);
        let text = String::from_utf8(bytes).unwrap();
        for (from, to) in [
            ("{\"seq\":1", "{\"approvedBy\":\"auditor\",\"seq\":1"),
            ("{\"seq\":2", "{ \"seq\":2"),
            ("\"by\":\"ada\"", "\"by\":\"\\u0061da\""),
            ("{\"a\":1,", "{\"a\":2,\"a\":1,"),
            ("{\"a\":1,", "{\"a\": 1,"),
            ("\"}\n", "\",\"ok\":true}\n"),
            ("\"}\n", "\"} \n"),
            ("\"}\n", "\"}\r\n"),
        ] {
            assert!(text.contains(from), "{from}");
            std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
            let error = open(&path, None).unwrap_err().to_string();
            assert!(error.contains("line 1") || from.contains('2'), "{to}: {error}");
            assert!(
                error.contains("added to it") || error.contains("was changed"),
                "{to}: {error}"
            );
        }
    }

    /// Two entries as the first version wrote them.
    const FIRST: &str = r#"{"seq":1,"time":"2026-11-24T10:00:00Z","by":"ada é","type":"created","body":{"schema":"plimsoll.session/v1","title":"a \"b\"\\c\n","tool":"0.1.0"},"prev":"","hash":"a5fe840c388a808ff7f64c3cf55437e8261844770b789e37b4200a702447af90"}
{"seq":2,"time":"2026-11-24T10:00:00Z","by":"ada é","type":"noted","body":{"fingerprint":"p1:00","text":"x"},"prev":"a5fe840c388a808ff7f64c3cf55437e8261844770b789e37b4200a702447af90","hash":"ddb0ed2c4550401655a512a451c1d732b6a5c9e225cf353bbaf3b88b67013c91"}
"#;

    #[test]
    fn a_journal_of_the_first_version_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        std::fs::write(&path, FIRST).unwrap();
        let (journal, entries) = open(&path, None).unwrap();
        assert_eq!((journal.chain().seq(), entries.len()), (2, 2));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn a_changed_byte_never_goes_unnoticed(at in 0usize..400, to in 32u8..127) {
            let (_dir, path, mut bytes) = written(3);
            let at = at % bytes.len();
            prop_assume!(bytes[at] != to);
            bytes[at] = to;
            std::fs::write(&path, &bytes).unwrap();
            // Either it is refused, or it is taken for a torn last line and its entry is gone.
            if let Ok((_, entries)) = open(&path, None) {
                prop_assert!(entries.len() < 3);
            }
        }
    }
}
