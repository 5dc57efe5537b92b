//! Snapshots: a capture of inventory and reads, redacted, as zstd-compressed JSON lines.

mod lines;

use std::collections::HashSet;
use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::lines::{LineSays, TextFault};
use super::{agree, redact};
use crate::fresh::{self, NewFileError};
use crate::model::captured::{Captured, Match};
use crate::model::inventory::{Inventory, Problem, ProblemKind, SourceInfo, SourceKind};
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::{Object, ObjectRef};
use crate::model::path::FieldPath;
use crate::model::read::Read;
use crate::packed;
use crate::text::{grouped, safe};

/// The format this version writes and reads.
pub const SCHEMA: &str = "plimsoll.snapshot/v1";
/// Level of compression: pods repeat, higher levels gain little.
const LEVEL: i32 = 3;
/// Longest line accepted, in bytes. API objects are at most a few MiB.
const MAX_LINE: usize = 64 << 20;
/// Most text that a snapshot unpacks to, in bytes: the largest clusters have a tenth of it.
const MAX_TEXT: u64 = 4 << 30;

/// Most reads that a snapshot tells of: every kind in each of two thousand namespaces. What is missing is
/// told check by check.
const MAX_READS: usize = 100_000;

/// Why a snapshot could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The system refuses.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The file is no snapshot, or broken.
    #[error("{path}, line {line}: {message}; a snapshot is written by `plimsoll snapshot`")]
    Broken {
        /// The file.
        path: String,
        /// Line of the uncompressed text, from 1.
        line: usize,
        /// What is wrong.
        message: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase")]
enum Record {
    Header {
        schema: String,
        created: String,
        tool: String,
        source: SourceInfo,
        /// What the first versions kept beside the source.
        #[serde(flatten, skip_serializing)]
        beside: HeaderBeside,
    },
    Read {
        group: Option<String>,
        kind: Option<String>,
        #[serde(flatten)]
        read: Read,
    },
    Object {
        body: Node,
    },
    /// A check that looked for secrets before values were masked, with the digest of its rule.
    Rule {
        check: String,
        digest: String,
    },
    /// What such a check found.
    Match {
        object: ObjectRef,
        found: Match,
    },
}

/// What stood in the header before the source kept it itself.
#[derive(Default, Deserialize)]
#[serde(default)]
struct HeaderBeside {
    provider: String,
    complete: bool,
    read_at: Option<String>,
}

/// Writes an inventory, redacted, and what was found in it before. Never overwrites.
///
/// # Errors
/// When the file exists or cannot be written; a half-written file is removed.
pub fn save(
    inventory: &Inventory,
    captured: &Captured,
    path: &Path,
    created: &str,
) -> Result<(), NewFileError> {
    fresh::create_private(path, |out| write(inventory, captured, out, created))
}

fn write(
    inventory: &Inventory,
    captured: &Captured,
    file: &mut impl Write,
    created: &str,
) -> std::io::Result<()> {
    let mut out = zstd::Encoder::new(file, LEVEL)?;
    // Without it a flipped bit unpacks to other names and rights, and nothing would say so.
    out.include_checksum(true)?;
    let mut line = |record: &Record| -> std::io::Result<()> {
        serde_json::to_writer(&mut out, record)?;
        out.write_all(b"\n")
    };
    line(&Record::Header {
        schema: SCHEMA.to_owned(),
        created: created.to_owned(),
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        source: inventory.source.clone(),
        beside: HeaderBeside::default(),
    })?;
    for read in &inventory.reads {
        let (group, kind) = match &read.kind {
            Some(kind) => (Some(kind.group.to_string()), Some(kind.kind.to_string())),
            None => (None, None),
        };
        line(&Record::Read { group, kind, read: read.clone() })?;
    }
    for (check, digest) in &captured.rules {
        line(&Record::Rule { check: check.clone(), digest: digest.clone() })?;
    }
    let mut before: Option<&ObjectRef> = None;
    for object in inventory.objects() {
        let found = captured.of(&object.id);
        // Manifests may hold several objects of one name, one after the other: what was found is told once.
        for found in found.iter().filter(|_| before != Some(&object.id)) {
            line(&Record::Match { object: object.id.clone(), found: found.clone() })?;
        }
        before = Some(&object.id);
        let places: Vec<_> =
            found.iter().filter_map(|found| FieldPath::parse(&found.path).ok()).collect();
        line(&Record::Object { body: redact::shown(object.body(), &places) })?;
    }
    out.finish()?;
    Ok(())
}

/// Reads a snapshot back: its reads answer as the source did. Those that its objects contradict are not
/// whole, and a problem of the inventory each.
///
/// # Errors
/// When the file cannot be read, is no snapshot, or is of a newer format.
pub fn load(path: &Path) -> Result<Inventory, SnapshotError> {
    load_within(path, packed::SNAPSHOT)
}

fn load_within(path: &Path, within: packed::Within) -> Result<Inventory, SnapshotError> {
    let name = path.display().to_string();
    let io = |source| SnapshotError::Io { path: name.clone(), source };
    let file = std::fs::File::open(path).map_err(io)?;
    read(&name, packed::unpack(file, within).map_err(io)?)
}

/// Reads the text of a snapshot; `name` is what errors and reports call it.
///
/// # Errors
/// As [`load`].
pub fn read(name: &str, text: impl std::io::Read + Send) -> Result<Inventory, SnapshotError> {
    read_with(name, text, MAX_READS)
}

fn read_with(
    name: &str,
    text: impl std::io::Read + Send,
    most_reads: usize,
) -> Result<Inventory, SnapshotError> {
    let mut found = Found { most_reads, ..Found::default() };
    lines::each(text, |told| found.take(told, name)).map_err(|(line, fault)| match fault {
        TextFault::System(source) => SnapshotError::Io { path: name.to_owned(), source },
        TextFault::Damaged(error) => broken(name, line, damage(&error)),
        TextFault::Line(message) => broken(name, line, message),
    })?;
    let Found { source, reads, objects, captured, .. } = found;
    let source = source.ok_or_else(|| broken(name, 1, "no snapshot header".to_owned()))?;
    let mut inventory = Inventory::new(source, objects, reads);
    inventory.captured = Some(Arc::new(captured));
    compare(&mut inventory, name);
    Ok(inventory)
}

fn broken(name: &str, line: usize, message: String) -> SnapshotError {
    SnapshotError::Broken { path: name.to_owned(), line, message }
}

/// What the lines of a snapshot brought so far.
#[derive(Default)]
struct Found {
    source: Option<SourceInfo>,
    reads: Vec<Read>,
    /// How many there may be.
    most_reads: usize,
    objects: Vec<Arc<Object>>,
    captured: Captured,
    known: ReadSoFar,
}

/// What was told already: nothing is in a snapshot twice, but for objects of manifests, which may say
/// different things of one.
#[derive(Default)]
struct ReadSoFar {
    reads: HashSet<Read>,
    objects: HashSet<ObjectRef>,
    matches: HashSet<(ObjectRef, Match)>,
}

impl Found {
    /// Takes in what the next line says; `name` is what reports call the file.
    fn take(&mut self, told: LineSays, name: &str) -> Result<(), String> {
        match told {
            LineSays::Object(object) => {
                let written = self.source.as_ref().is_some_and(|s| s.kind == SourceKind::Files);
                let new = written || self.known.objects.insert(object.id.clone());
                once(new, || object.id.to_string())?;
                self.objects.push(object);
            }
            LineSays::Beside(record) => return self.take_beside(*record, name),
        }
        Ok(())
    }

    fn take_beside(&mut self, record: Record, name: &str) -> Result<(), String> {
        match record {
            Record::Header { .. } if self.source.is_some() => {
                return Err("another snapshot begins here".to_owned());
            }
            Record::Header { schema, created, source, beside, .. } => {
                if schema != SCHEMA {
                    return Err(format!("format `{schema}`; this version reads `{SCHEMA}`"));
                }
                self.source = Some(of_header(source, beside, created, name));
            }
            Record::Read { .. } if self.reads.len() >= self.most_reads => {
                return Err(format!(
                    "it tells of more than {} reads, which is the most; Plimsoll writes none such",
                    grouped(self.most_reads)
                ));
            }
            Record::Read { group, kind, mut read } => {
                read.kind = kind.map(|kind| Kind::new(&group.unwrap_or_default(), &kind));
                once(self.known.reads.insert(read.clone()), || {
                    format!("the read of {}", read.resource)
                })?;
                self.reads.push(read);
            }
            Record::Rule { check, digest } => drop(self.captured.rules.insert(check, digest)),
            Record::Match { object, found } => {
                let new = self.known.matches.insert((object.clone(), found.clone()));
                once(new, || format!("the match of {} in {object}", found.check))?;
                self.captured.add(&object, found);
            }
            // Lines of objects are made objects of while they are taken apart.
            Record::Object { .. } => {}
        }
        Ok(())
    }
}

/// Refuses what is not new.
fn once(new: bool, what: impl FnOnce() -> String) -> Result<(), String> {
    if new { Ok(()) } else { Err(format!("{} stands here a second time", safe(&what()))) }
}

/// Where the objects come from, as the header of a snapshot says it.
fn of_header(
    mut source: SourceInfo,
    beside: HeaderBeside,
    created: String,
    name: &str,
) -> SourceInfo {
    // A capture of manifests stays the open world that manifests are.
    if source.kind != SourceKind::Files {
        source.kind = SourceKind::Snapshot;
    }
    if source.provider.is_empty() {
        source.provider = beside.provider;
    }
    source.closed_world |= beside.complete;
    // Captures of earlier versions know only when they were written.
    let written =
        Some(created).filter(|created| !created.is_empty() && source.kind != SourceKind::Files);
    source.read_at = source.read_at.take().or(beside.read_at).or(written);
    source.files = vec![name.to_owned()];
    source
}

/// Makes problems of what objects and reads of a snapshot say against each other.
fn compare(inventory: &mut Inventory, name: &str) {
    let told = agree::agree(inventory).into_iter();
    inventory.problems.extend(told.map(|message| Problem {
        kind: ProblemKind::Document,
        file: Some(name.to_owned()),
        line: None,
        column: None,
        object: None,
        check: None,
        message,
    }));
}

/// What keeps a file from being unpacked, in words that say what to make of it.
fn damage(error: &std::io::Error) -> String {
    let told = error.to_string();
    if told.contains("checksum") {
        return "the file was damaged or changed after it was written; take it again".to_owned();
    }
    if told.contains("incomplete frame") {
        return "the file ends before its end; take it again".to_owned();
    }
    if told.contains("frame descriptor") {
        return "it does not begin as a snapshot does".to_owned();
    }
    told
}

#[cfg(test)]
mod tests;
