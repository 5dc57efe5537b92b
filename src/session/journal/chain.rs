//! The chain: what makes an entry follow the one before, and the canonical form that is hashed.

use std::fmt::Write as _;
use std::io::Write;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

use crate::text::hex;

/// Longest line accepted, in bytes: a bulk decision on 200,000 findings is about 40 MB.
pub const MAX_LINE: usize = 256 << 20;

/// One acknowledged event.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct JournalEntry {
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
    /// What happened, as JSON text: a decision on many findings is large, and is read once.
    pub body: Box<RawValue>,
    /// Hash of the entry before, empty for the first.
    pub prev: String,
    /// sha256, in hex, of `prev` and the canonical JSON of this entry without `hash`.
    pub hash: String,
}

/// What a person or Plimsoll did, before it has a place in the journal.
#[derive(Clone, Debug)]
pub struct JournalEvent {
    /// RFC 3339.
    pub time: String,
    /// Who.
    pub by: String,
    /// Kind of event.
    pub kind: &'static str,
    /// What.
    pub body: Value,
}

/// How far a journal was followed.
#[derive(Clone, Debug, Default)]
pub struct JournalChain {
    last: String,
    seq: u64,
}

impl JournalChain {
    /// Number of the last entry, 0 before the first.
    #[must_use]
    pub fn seq(&self) -> u64 {
        self.seq
    }

    /// Hash of the last entry, empty before the first.
    #[must_use]
    pub fn head(&self) -> &str {
        &self.last
    }

    /// Takes a line, without its line feed, as the next entry.
    ///
    /// # Errors
    /// Why it is not.
    pub fn follow(&mut self, line: &[u8]) -> Result<JournalEntry, String> {
        let entry: JournalEntry = serde_json::from_slice(line).map_err(|e| e.to_string())?;
        if entry.seq != self.seq + 1 || entry.prev != self.last {
            return Err("the entry does not follow the one before".to_owned());
        }
        if digest(&entry, entry.body.get()) != entry.hash {
            return Err("the entry was changed after it was written".to_owned());
        }
        // The hash says nothing of what stands beside the members of an entry.
        let mut written = Beginning(line);
        if serde_json::to_writer(&mut written, &entry).is_err() || !written.0.is_empty() {
            let why = "the line is not as its entry is written: something was added to it";
            return Err(why.to_owned());
        }
        self.advance(&entry);
        Ok(entry)
    }

    /// The entry that an event becomes after the last one.
    ///
    /// # Errors
    /// When the body is not JSON, which canonical text always is.
    pub fn entry(&self, event: JournalEvent) -> serde_json::Result<JournalEntry> {
        let mut entry = JournalEntry {
            seq: self.seq + 1,
            time: event.time,
            by: event.by,
            kind: event.kind.to_owned(),
            body: RawValue::from_string(canonical(&event.body))?,
            prev: self.last.clone(),
            hash: String::new(),
        };
        entry.hash = digest(&entry, entry.body.get());
        Ok(entry)
    }

    /// Goes on from an entry that was made here.
    pub fn advance(&mut self, entry: &JournalEntry) {
        self.seq = entry.seq;
        self.last.clone_from(&entry.hash);
    }
}

/// Takes what is written as long as it is what the text begins with.
struct Beginning<'a>(&'a [u8]);

impl Write for Beginning<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self.0.strip_prefix(bytes) {
            Some(rest) => self.0 = rest,
            None => return Err(std::io::ErrorKind::InvalidData.into()),
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The hash of an entry whose body has this canonical text.
fn digest(entry: &JournalEntry, body: &str) -> String {
    let mut rest = String::new();
    for (name, value) in [("by", &entry.by), ("prev", &entry.prev)] {
        member(name, value, &mut rest);
    }
    // Writing to a string cannot fail.
    let _ = write!(rest, ",\"seq\":{}", entry.seq);
    for (name, value) in [("time", &entry.time), ("type", &entry.kind)] {
        member(name, value, &mut rest);
    }
    rest.push('}');
    let mut sum = Sha256::new();
    for part in [&*entry.prev, "{\"body\":", body, &rest] {
        sum.update(part.as_bytes());
    }
    hex(&sum.finalize())
}

fn member(name: &str, value: &str, out: &mut String) {
    out.push_str(",\"");
    out.push_str(name);
    out.push_str("\":");
    canonical_text(value, out);
}

/// Canonical JSON: no spaces, keys sorted, whatever features the JSON library was built with.
fn canonical(value: &Value) -> String {
    let mut out = String::new();
    write_canonical(value, &mut out);
    out
}

fn write_canonical(value: &Value, out: &mut String) {
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
                write_canonical(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write_canonical(item, out);
            }
            out.push(']');
        }
        Value::String(text) => canonical_text(text, out),
        scalar => {
            let _ = write!(out, "{scalar}");
        }
    }
}

fn canonical_text(text: &str, out: &mut String) {
    // Most texts are fingerprints, words and names: nothing in them needs an escape.
    let plain = |b: u8| (0x20..0x7f).contains(&b) && b != b'"' && b != b'\\';
    if text.bytes().all(plain) {
        out.push('"');
        out.push_str(text);
        out.push('"');
    } else {
        out.push_str(&Value::from(text).to_string());
    }
}
