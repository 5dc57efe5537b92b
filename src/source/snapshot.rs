//! Snapshots: a capture of inventory and reads, redacted, as zstd-compressed JSON lines.

mod lines;

use std::io::Write;
use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use self::lines::{Fault, Told};
use super::{agree, redact};
use crate::fresh;
use crate::model::captured::{Captured, Match};
use crate::model::inventory::{Inventory, Problem, ProblemKind, SourceInfo, SourceKind};
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::{Object, ObjectRef};
use crate::model::path::FieldPath;
use crate::model::read::Read;

/// The format this version writes and reads.
pub const SCHEMA: &str = "plimsoll.snapshot/v1";
/// Level of compression: pods repeat, higher levels gain little.
const LEVEL: i32 = 3;
/// Longest line accepted, in bytes. API objects are at most a few MiB.
const MAX_LINE: usize = 64 << 20;
/// Most text that a snapshot unpacks to, in bytes: the largest clusters have a tenth of it.
const MAX_TEXT: u64 = 4 << 30;

/// Why a snapshot could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// The file exists already.
    #[error("{0} exists; choose another name, nothing is overwritten")]
    Exists(String),
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
        beside: Beside,
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
struct Beside {
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
) -> Result<(), SnapshotError> {
    let name = path.display().to_string();
    let written =
        fresh::create(path, fresh::PRIVATE, |out| write(inventory, captured, out, created));
    written.map_err(|source| match source.kind() {
        std::io::ErrorKind::AlreadyExists => SnapshotError::Exists(name),
        _ => SnapshotError::Io { path: name, source },
    })
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
        beside: Beside::default(),
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
    let name = path.display().to_string();
    let io = |source| SnapshotError::Io { path: name.clone(), source };
    let file = std::fs::File::open(path).map_err(io)?;
    let decoder = zstd::Decoder::new(file).map_err(io)?;
    read(&name, decoder)
}

/// Reads the text of a snapshot; `name` is what errors and reports call it.
///
/// # Errors
/// As [`load`].
pub fn read(name: &str, text: impl std::io::Read + Send) -> Result<Inventory, SnapshotError> {
    let mut found = Found::default();
    lines::each(text, |told| found.take(told, name)).map_err(|(line, fault)| match fault {
        Fault::System(source) => SnapshotError::Io { path: name.to_owned(), source },
        Fault::Damaged(error) => broken(name, line, damage(&error)),
        Fault::Line(message) => broken(name, line, message),
    })?;
    let Found { source, reads, objects, captured } = found;
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
    objects: Vec<Arc<Object>>,
    captured: Captured,
}

impl Found {
    /// Takes in what the next line says; `name` is what reports call the file.
    fn take(&mut self, told: Told, name: &str) -> Result<(), String> {
        match told {
            Told::Object(object) => self.objects.push(object),
            Told::Beside(record) => return self.take_beside(*record, name),
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
            Record::Read { group, kind, mut read } => {
                read.kind = kind.map(|kind| Kind::new(&group.unwrap_or_default(), &kind));
                self.reads.push(read);
            }
            Record::Rule { check, digest } => drop(self.captured.rules.insert(check, digest)),
            Record::Match { object, found } => self.captured.add(&object, found),
            // Lines of objects are made objects of while they are taken apart.
            Record::Object { .. } => {}
        }
        Ok(())
    }
}

/// Where the objects come from, as the header of a snapshot says it.
fn of_header(mut source: SourceInfo, beside: Beside, created: String, name: &str) -> SourceInfo {
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
mod tests {
    use super::*;
    use crate::model::inventory::Knowledge;
    use crate::model::read::ReadStatus;
    use crate::source::files;

    fn inventory() -> Inventory {
        let text = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: x}\nspec:\n  containers:\n  - name: c\n    env: [{name: API_TOKEN, value: abc}]\n";
        let mut inventory = files::from_text("a.yaml", text, &files::Options::default());
        inventory.reads = vec![Read {
            resource: "v1/pods".into(),
            kind: Some(Kind::new("", "Pod")),
            namespace: Some("x".into()),
            status: ReadStatus::Complete,
            items: 1,
            message: None,
            millis: Some(3),
        }];
        inventory
    }

    #[test]
    fn comes_back_with_its_reads_and_without_credentials() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.plim");
        save(&inventory(), &Captured::default(), &path, "2026-01-01T00:00:00Z").unwrap();
        let loaded = load(&path).unwrap();
        let kind = Kind::new("", "Pod");
        assert_eq!(loaded.knows(&kind, Some("x")), Knowledge::Complete);
        assert_ne!(loaded.knows(&kind, Some("y")), Knowledge::Complete);
        let text = format!("{:?}", loaded.of(&kind)[0].body());
        assert!(!text.contains("abc"), "{text}");
        assert!(matches!(
            save(&loaded, &Captured::default(), &path, ""),
            Err(SnapshotError::Exists(_))
        ));
    }

    #[test]
    fn captures_of_the_first_version_are_read_as_they_were_meant() {
        let header = r#"{"type":"header","schema":"plimsoll.snapshot/v1","created":"2026-02-01T00:00:00Z",
            "tool":"0.1.0","source":{"kind":"files","context":null,"server":null,"clusterUid":null,
            "kubernetes":null,"files":["a.yaml"]},"provider":"gke","complete":true,
            "read_at":"2026-01-01T00:00:00Z"}"#;
        let loaded = read("old.plim", header.replace('\n', "").as_bytes()).unwrap();
        assert!(loaded.source.closed_world);
        assert_eq!(loaded.source.provider, "gke");
        assert_eq!(loaded.source.read_at.as_deref(), Some("2026-01-01T00:00:00Z"));
        let mut inventory = inventory();
        inventory.source = loaded.source.clone();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.plim");
        save(&inventory, &Captured::default(), &path, "2026-03-01T00:00:00Z").unwrap();
        let again = load(&path).unwrap();
        let files = again.source.files.clone();
        assert_eq!(SourceInfo { files, ..loaded.source }, again.source);
    }

    #[test]
    fn what_is_no_snapshot_is_refused_with_a_place() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.plim");
        let text = zstd::encode_all(&b"{\"type\":\"header\"}\n"[..], 1).unwrap();
        std::fs::write(&path, text).unwrap();
        assert!(load(&path).unwrap_err().to_string().contains("line 1"));
        std::fs::write(&path, "plain").unwrap();
        assert!(load(&path).is_err());
    }
    /// Every byte of a small file in turn: some other reading of the cluster must never come out.
    #[test]
    fn what_was_damaged_or_cut_is_never_read_as_something_else() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("s.plim");
        save(&inventory(), &Captured::default(), &path, "2026-01-01T00:00:00Z").unwrap();
        let whole = std::fs::read(&path).unwrap();
        let text = |loaded: &Inventory| {
            let all: Vec<_> = loaded.objects().map(|o| format!("{:?}", o.body())).collect();
            format!("{:?} {:?} {all:?}", loaded.source, loaded.reads)
        };
        let sound = text(&load(&path).unwrap());
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            std::fs::write(&path, &bytes).unwrap();
            if let Ok(loaded) = load(&path) {
                assert_eq!(text(&loaded), sound, "byte {at}");
            }
            std::fs::write(&path, &whole[..at]).unwrap();
            assert!(load(&path).is_err(), "cut at {at}");
        }
        let mut last = whole.clone();
        *last.last_mut().unwrap() ^= 1;
        std::fs::write(&path, &last).unwrap();
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains("damaged or changed"), "{error}");
        std::fs::write(&path, [whole.clone(), whole].concat()).unwrap();
        let error = load(&path).unwrap_err().to_string();
        assert!(error.contains("another snapshot begins"), "{error}");
        let error = load(dir.path()).unwrap_err().to_string();
        assert!(!error.contains("line 1"), "{error}");
    }
}
