//! What Plimsoll wrote itself, and what somebody may have made of it since.

use std::io::Read as _;

use plimsoll::bundle::archive::{ArchiveReader, is_plain};
use plimsoll::bundle::{PublicKey, verify};
use plimsoll::packed::{self, Within};
use plimsoll::session::journal::{JournalChain, JournalEvent};
use plimsoll::session::{JournalState, RunRecord};
use plimsoll::source::snapshot;

/// The text of a snapshot, as it is once it is unpacked; and the packed file itself.
pub fn snapshot(data: &[u8]) {
    match snapshot::read("s.plim", data) {
        Ok(inventory) => super::bounded(super::held(&inventory), data.len(), 0),
        Err(error) => assert!(error.to_string().starts_with("s.plim"), "{error}"),
    }
    let within = Within { free: 1 << 16, times: 100, lines: 1000 };
    if let Ok(unpacked) = packed::unpack(data, within) {
        let mut given = Given { inner: unpacked, bytes: 0 };
        let _ = snapshot::read("s.plim", &mut given);
        assert!(given.bytes <= (1 << 16) + 100 * data.len(), "{} of {}", given.bytes, data.len());
    }
}

/// Counts what is given.
struct Given<R> {
    inner: R,
    bytes: usize,
}

impl<R: std::io::Read> std::io::Read for Given<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let count = self.inner.read(into)?;
        self.bytes += count;
        Ok(count)
    }
}

/// The kinds of entries that a journal has.
const KINDS: [&str; 11] = [
    "created",
    "run",
    "imported",
    "withdrawn",
    "decided",
    "noted",
    "attested",
    "settled",
    "renamed",
    "undone",
    "redone",
];

/// Lines of a journal. Hashes cannot be guessed: a line that follows no other is chained here, its
/// first word being the kind of the entry and the rest what it says.
pub fn journal(data: &[u8]) {
    let (mut chain, mut state) = (JournalChain::default(), JournalState::default());
    for line in data.split(|byte| *byte == b'\n') {
        if let Ok(entry) = chain.follow(line) {
            let _ = state.apply(&entry);
            continue;
        }
        let Some((kind, body)) = super::text(line).and_then(|line| line.split_once(' ')) else {
            continue;
        };
        let Some(kind) = KINDS.into_iter().find(|known| *known == kind) else { continue };
        let Ok(body) = serde_json::from_str(body) else { continue };
        let event = JournalEvent {
            time: "2026-11-24T12:00:00Z".to_owned(),
            by: "ada".to_owned(),
            kind,
            body,
        };
        let entry = chain.entry(event).expect("a body that was parsed is JSON");
        if state.apply(&entry).is_err() {
            return;
        }
        let line = serde_json::to_vec(&entry).expect("an entry is JSON");
        chain.follow(&line).expect("what was chained follows");
    }
    let _ = (state.next_undo().map(plimsoll::session::Act::describe), state.fixed_before(3));
}

/// A run. What is read is written and read again the same.
pub fn run(data: &[u8]) {
    let Ok(record) = RunRecord::from_text(data) else { return };
    let text = record.to_text().expect("a run is JSON");
    let again = RunRecord::from_text(&text).expect("what was written is read");
    assert_eq!(again.result.findings, record.result.findings);
    assert_eq!(again.reads, record.reads);
}

/// A bundle: its archive, and the whole of it. Nobody signs what a fuzzer makes.
pub fn bundle(data: &[u8]) {
    let mut archive = ArchiveReader::new(data);
    while let Ok(Some((name, size))) = archive.next_member() {
        assert!(is_plain(&name), "{name}");
        let read = archive.content(size).take(1 << 20).read_to_end(&mut Vec::new());
        if read.is_err() {
            break;
        }
    }
    if let Err(error) = verify(data, None) {
        assert!(!error.to_string().is_empty());
    }
    if let Some(key) = super::text(data).and_then(PublicKey::from_pem) {
        assert_eq!(PublicKey::from_pem(&key.to_pem()).map(PublicKey::to_pem), Some(key.to_pem()));
    }
}
