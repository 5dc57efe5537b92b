//! The journal: one JSON object a line, each carrying the hash of the one before.

use std::fs::File;
use std::io::{Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Longest line accepted, in bytes: a bulk decision on 200,000 findings is about 30 MB.
const MAX_LINE: usize = 256 << 20;

/// One acknowledged event.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// From 1, without gaps.
    pub seq: u64,
    /// RFC 3339.
    pub time: String,
    /// Who did it.
    pub by: String,
    /// What kind of event: `created`, `run`, `imported`, `decided`, `settled`, `attested`, `noted`,
    /// `undone`, `redone`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What happened.
    pub body: Value,
    /// Hash of the entry before, empty for the first.
    pub prev: String,
    /// sha256, in hex, of `prev` and the canonical JSON of this entry without `hash`.
    pub hash: String,
}

/// What a person or Plimsoll did, before it has a place in the journal.
#[derive(Clone, Debug)]
pub struct Event {
    /// RFC 3339.
    pub time: String,
    /// Who.
    pub by: String,
    /// Kind of event.
    pub kind: &'static str,
    /// What.
    pub body: Value,
}

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
    /// An entry does not fit the one before, or its own hash.
    #[error("{path}, line {line}: {reason}")]
    Broken {
        /// The file.
        path: String,
        /// From 1.
        line: usize,
        /// What does not fit.
        reason: String,
    },
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    file: Option<File>,
    last: String,
    seq: u64,
    length: u64,
}

impl Journal {
    /// Begins an empty journal.
    ///
    /// # Errors
    /// When the file exists or cannot be made.
    pub fn create(path: &Path) -> Result<Self, JournalError> {
        let file = private().create_new(true).open(path).map_err(|e| io(path, e))?;
        Ok(Self { path: path.into(), file: Some(file), last: String::new(), seq: 0, length: 0 })
    }

    /// Reads a journal. A torn last line (the process was killed while writing, before anything
    /// was acknowledged) is cut off into `journal.torn` when `writable`, and ignored otherwise.
    ///
    /// # Errors
    /// When the file cannot be read, or an entry before the last line does not fit.
    pub fn open(path: &Path, writable: bool) -> Result<(Self, Vec<Entry>), JournalError> {
        let bytes = std::fs::read(path).map_err(|e| io(path, e))?;
        let mut journal =
            Self { path: path.into(), file: None, last: String::new(), seq: 0, length: 0 };
        let mut entries = Vec::new();
        let mut rest: &[u8] = &bytes;
        while !rest.is_empty() {
            let Some(end) = rest.iter().position(|b| *b == b'\n') else {
                journal.cut_torn(rest, writable)?;
                break;
            };
            let line = rest.get(..end).unwrap_or(rest);
            let after = rest.get(end + 1..).unwrap_or(&[]);
            match journal.check(line, entries.len() + 1) {
                Ok(entry) => {
                    journal.length += line.len() as u64 + 1;
                    entries.push(entry);
                }
                // A power cut may leave a last line of the right length without its bytes.
                Err(_) if after.is_empty() && !is_json(line) => {
                    journal.cut_torn(rest, writable)?;
                    break;
                }
                Err(error) => return Err(error),
            }
            rest = after;
        }
        if writable {
            let file = private().append(true).open(path).map_err(|e| io(path, e))?;
            journal.file = Some(file);
        }
        Ok((journal, entries))
    }

    fn check(&mut self, line: &[u8], number: usize) -> Result<Entry, JournalError> {
        let broken = |reason: String| JournalError::Broken {
            path: self.path.display().to_string(),
            line: number,
            reason,
        };
        if line.len() > MAX_LINE {
            return Err(broken("the line is longer than 256 MiB".to_owned()));
        }
        let entry: Entry = serde_json::from_slice(line).map_err(|e| broken(e.to_string()))?;
        if entry.seq != self.seq + 1 || entry.prev != self.last {
            return Err(broken("the entry does not follow the one before".to_owned()));
        }
        if digest(&entry) != entry.hash {
            return Err(broken("the entry was changed after it was written".to_owned()));
        }
        self.seq = entry.seq;
        self.last.clone_from(&entry.hash);
        Ok(entry)
    }

    fn cut_torn(&self, torn: &[u8], writable: bool) -> Result<(), JournalError> {
        if !writable {
            return Ok(());
        }
        let aside = self.path.with_extension("torn");
        let mut file =
            private().create(true).append(true).open(&aside).map_err(|e| io(&aside, e))?;
        file.write_all(torn).and_then(|()| file.sync_all()).map_err(|e| io(&aside, e))?;
        let file = private().open(&self.path).map_err(|e| io(&self.path, e))?;
        file.set_len(self.length).and_then(|()| file.sync_all()).map_err(|e| io(&self.path, e))
    }

    /// Whether entries can be added.
    #[must_use]
    pub fn is_writable(&self) -> bool {
        self.file.is_some()
    }

    /// Hash of the last entry.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.last
    }

    /// Adds an entry; it is written, flushed and synced when this returns.
    ///
    /// # Errors
    /// When the disk refuses. The journal is then as it was before.
    pub fn append(&mut self, event: Event) -> Result<Entry, JournalError> {
        let Some(file) = &mut self.file else {
            return Err(io(&self.path, std::io::Error::other("opened for reading only")));
        };
        let mut entry = Entry {
            seq: self.seq + 1,
            time: event.time,
            by: event.by,
            kind: event.kind.to_owned(),
            body: event.body,
            prev: self.last.clone(),
            hash: String::new(),
        };
        entry.hash = digest(&entry);
        let mut line = serde_json::to_vec(&entry).map_err(|e| io(&self.path, e.into()))?;
        line.push(b'\n');
        let written = file.write_all(&line).and_then(|()| file.sync_data());
        if let Err(error) = written {
            // What was written of the line must not stand before the next one.
            let _ = file.set_len(self.length).and_then(|()| file.seek(SeekFrom::End(0)));
            return Err(io(&self.path, error));
        }
        self.length += line.len() as u64;
        self.seq = entry.seq;
        self.last.clone_from(&entry.hash);
        Ok(entry)
    }
}

fn is_json(line: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(line).is_ok()
}

fn io(path: &Path, source: std::io::Error) -> JournalError {
    JournalError::Io { path: path.display().to_string(), source }
}

/// Options for files that only the user may read.
pub(super) fn private() -> std::fs::OpenOptions {
    let mut options = std::fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

fn digest(entry: &Entry) -> String {
    let mut sum = Sha256::new();
    sum.update(entry.prev.as_bytes());
    let mut fields = String::from("{");
    let text = |value: &str| Value::String(value.to_owned());
    let parts = [
        ("body", entry.body.clone()),
        ("by", text(&entry.by)),
        ("prev", text(&entry.prev)),
        ("seq", Value::from(entry.seq)),
        ("time", text(&entry.time)),
        ("type", text(&entry.kind)),
    ];
    for (at, (name, value)) in parts.iter().enumerate() {
        if at > 0 {
            fields.push(',');
        }
        canonical_text(name, &mut fields);
        fields.push(':');
        canonical(value, &mut fields);
    }
    fields.push('}');
    sum.update(fields.as_bytes());
    hex(&sum.finalize())
}

/// Canonical JSON: no spaces, keys sorted, whatever features the JSON library was built with.
fn canonical(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| *key);
            out.push('{');
            for (at, (key, value)) in entries.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                canonical_text(key, out);
                out.push(':');
                canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                canonical(item, out);
            }
            out.push(']');
        }
        Value::String(text) => canonical_text(text, out),
        scalar => out.push_str(&scalar.to_string()),
    }
}

fn canonical_text(text: &str, out: &mut String) {
    out.push_str(&Value::String(text.to_owned()).to_string());
}

/// Lower-case hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn event(text: &str) -> Event {
        Event {
            time: "2026-01-01T00:00:00Z".into(),
            by: "ada".into(),
            kind: "noted",
            body: serde_json::json!({"text": text, "a": 1}),
        }
    }

    fn written(count: usize) -> (tempfile::TempDir, PathBuf, Vec<u8>) {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("journal.jsonl");
        let mut journal = Journal::create(&path).unwrap();
        for at in 0..count {
            journal.append(event(&format!("n{at}"))).unwrap();
        }
        let bytes = std::fs::read(&path).unwrap();
        (dir, path, bytes)
    }

    #[test]
    fn a_known_entry_has_a_known_hash() {
        let (_dir, path, _) = written(1);
        let (_, entries) = Journal::open(&path, false).unwrap();
        // sha256 of {"body":{"a":1,"text":"n0"},"by":"ada","prev":"","seq":1,"time":…,"type":"noted"}
        let text = r#"{"body":{"a":1,"text":"n0"},"by":"ada","prev":"","seq":1,"time":"2026-01-01T00:00:00Z","type":"noted"}"#;
        assert_eq!(entries[0].hash, hex(&Sha256::digest(text)));
    }

    #[test]
    fn cut_at_any_byte_only_the_torn_line_is_lost() {
        let (_dir, path, bytes) = written(3);
        for cut in 0..bytes.len() {
            std::fs::write(&path, &bytes[..cut]).unwrap();
            let whole = bytes[..cut].split(|b| *b == b'\n').count() - 1;
            let (mut journal, entries) = Journal::open(&path, true).unwrap();
            assert_eq!(entries.len(), whole, "cut at {cut}");
            journal.append(event("after")).unwrap();
            let (_, again) = Journal::open(&path, false).unwrap();
            assert_eq!(again.len(), whole + 1, "cut at {cut}");
        }
    }

    #[test]
    fn a_read_only_journal_is_not_cut() {
        let (_dir, path, bytes) = written(2);
        std::fs::write(&path, &bytes[..bytes.len() - 3]).unwrap();
        let (mut journal, entries) = Journal::open(&path, false).unwrap();
        assert_eq!(entries.len(), 1);
        assert!(journal.append(event("x")).is_err());
        assert_eq!(std::fs::read(&path).unwrap().len(), bytes.len() - 3);
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
            if let Ok((_, entries)) = Journal::open(&path, false) {
                prop_assert!(entries.len() < 3);
            }
        }
    }
}
