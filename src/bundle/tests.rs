use std::collections::BTreeSet;

use sha2::{Digest as _, Sha256};

use super::about::RunHead;
use super::archive::{ArchiveReader, header};
use super::*;
use crate::fresh::NewFileError;
use crate::model::decision::{Decision, DecisionState};
use crate::model::import::{Import, ImportTool};
use crate::model::inventory::{SourceInfo, SourceKind};
use crate::session::journal::{JournalChain, JournalEvent};
use crate::session::run::RunRecord;
use crate::session::{Session, SessionMeta, SessionStore};
use crate::text::hex;

mod hostile;

const NOW: &str = "2026-01-01T00:00:00Z";

/// A session in a directory of its own, and a key beside it.
struct World {
    dir: tempfile::TempDir,
    session: Session,
    key: SigningKey,
}

fn run() -> RunRecord {
    let source = SourceInfo {
        kind: SourceKind::Live,
        context: Some("prod".into()),
        cluster_uid: Some("11111111-2222".into()),
        kubernetes: Some("v1.35.2".into()),
        ..SourceInfo::default()
    };
    RunRecord {
        started: NOW.into(),
        finished: NOW.into(),
        tool: "0".into(),
        content: "sha256:0".into(),
        source,
        ..RunRecord::default()
    }
}

fn accepted(reason: &str) -> Decision {
    Decision { state: DecisionState::Accepted, reason: Some(reason.into()), ..Decision::default() }
}

fn world() -> World {
    let dir = tempfile::tempdir().unwrap();
    let meta = SessionMeta { title: "prod".into(), ..SessionMeta::default() };
    let mut session = SessionStore::new(dir.path()).create(meta, "ada", NOW).unwrap();
    session.record_run(run(), "ada").unwrap();
    session.decide(&["p1:a".into(), "p1:b".into()], &accepted("known"), "ada", NOW).unwrap();
    session.note("p1:a", "look here", "ada", NOW).unwrap();
    let import = Import {
        tool: ImportTool::KubeBench,
        version: None,
        origin: "bench.json".into(),
        taken: None,
        clusters: Vec::new(),
        imported: NOW.into(),
        sha256: "0".repeat(64),
        results: Vec::new(),
        objects: Vec::new(),
    };
    session.record_imports(&[import], "ada").unwrap();
    let key = SigningKey::of(dir.path()).unwrap();
    World { dir, session, key }
}

impl World {
    fn made(&self) -> Vec<u8> {
        let path = self.dir.path().join(format!("{}.tar", ulid::Ulid::generate()));
        let report =
            ExtraMember { path: "reports/report.md".into(), bytes: b"# Report\n".to_vec() };
        save(&self.session, "sha256:1", vec![report], &self.key, &path).unwrap();
        std::fs::read(path).unwrap()
    }
}

/// The members of a bundle, as they lie in it.
fn unpack(bytes: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut reader = ArchiveReader::new(bytes);
    let mut members = Vec::new();
    while let Some((name, size)) = reader.next_member().unwrap() {
        let mut content = Vec::new();
        std::io::Read::read_to_end(&mut reader.content(size), &mut content).unwrap();
        members.push((name, content));
    }
    members
}

fn pack(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut out = Vec::new();
    for (name, content) in members {
        archive::add(&mut out, name, content).unwrap();
    }
    archive::finish(&mut out).unwrap();
    out
}

/// The same members under a manifest that names them as they are, signed with this key: what
/// somebody makes who changes a bundle with care.
fn forged(
    bundle: &[u8],
    key: &SigningKey,
    change: impl Fn(&mut BundleManifest, &mut Members),
) -> Vec<u8> {
    let mut members = unpack(bundle);
    let mut manifest: BundleManifest = serde_json::from_slice(&members[0].1).unwrap();
    members.drain(..3);
    change(&mut manifest, &mut members);
    manifest.signer = Signer::of(key.public());
    manifest.members = members
        .iter()
        .map(|(path, bytes)| BundleMember {
            path: path.clone(),
            size: bytes.len() as u64,
            sha256: hex(&Sha256::digest(bytes)),
        })
        .collect();
    let text = serde_json::to_vec(&manifest).unwrap();
    let signature = key.sign(&text);
    let pem = key.public().to_pem().into_bytes();
    let head = [(MANIFEST, text), (SIGNATURE, signature), (SIGNER, pem)];
    let head = head.map(|(name, bytes)| (name.to_owned(), bytes));
    pack(&head.into_iter().chain(members).collect::<Vec<_>>())
}

type Members = Vec<(String, Vec<u8>)>;

#[track_caller]
fn unfit(bytes: &[u8], trusted: Option<PublicKey>) -> Unfit {
    match verify(bytes, trusted) {
        Err(VerifyError::Unfit(unfit)) => unfit,
        other => panic!("it fits, or cannot be read: {other:?}"),
    }
}

/// The journal written anew, with another text in it and every hash made to fit.
fn rehashed(journal: &[u8], entries: usize, from: &str, to: &str) -> Vec<u8> {
    let (mut chain, mut out) = (JournalChain::default(), Vec::new());
    for line in journal.split_inclusive(|b| *b == b'\n').take(entries) {
        let old: serde_json::Value = serde_json::from_slice(line).unwrap();
        let text = |key: &str| old[key].as_str().unwrap().to_owned();
        let kind = ["created", "run", "decided", "noted", "imported"]
            .into_iter()
            .find(|k| text("type") == *k);
        let body = old["body"].to_string().replace(from, to);
        let entry = chain.entry(JournalEvent {
            time: text("time"),
            by: text("by"),
            kind: kind.unwrap(),
            body: serde_json::from_str(&body).unwrap(),
        });
        let entry = entry.unwrap();
        chain.advance(&entry);
        out.extend(serde_json::to_vec(&entry).unwrap());
        out.push(b'\n');
    }
    out
}

#[test]
fn a_bundle_says_what_it_is_about_and_who_signed() {
    let world = world();
    let bytes = world.made();
    let verified = verify(&*bytes, Some(world.key.public())).unwrap();
    assert_eq!(verified.signer, Some(world.key.public().fingerprint()));
    assert!(verified.trusted && !verify(&*bytes, None).unwrap().trusted);
    let about = verified.about;
    assert_eq!((&*about.title, about.entries, about.notes), ("prod", 5, 1));
    assert_eq!(about.session, world.session.id());
    assert_eq!(about.decisions.into_iter().collect::<Vec<_>>(), [("accepted".to_owned(), 2)]);
    assert_eq!(about.source.cluster_uid.as_deref(), Some("11111111-2222"));
    assert_eq!((about.runs.len(), about.runs[0].number, about.runs[0].findings), (1, 1, 0));
    // Nothing of it depends on when and where it was made.
    assert_eq!(world.made(), bytes);
}

#[test]
fn a_bundle_is_a_tar_archive_for_everybody_else() {
    let world = world();
    let bytes = world.made();
    let out = tempfile::tempdir().unwrap();
    tar::Archive::new(&*bytes).unpack(out.path()).unwrap();
    let root = out.path().join("plimsoll-bundle");
    for (name, content) in unpack(&bytes) {
        assert_eq!(std::fs::read(root.join(&name)).unwrap(), content, "{name}");
    }
    let header = header("reports/report.md", 9).unwrap();
    let theirs = tar::Header::from_byte_slice(&header);
    assert_eq!((theirs.size().unwrap(), theirs.mode().unwrap()), (9, 0o600));
    assert_eq!(theirs.path_bytes(), b"plimsoll-bundle/reports/report.md".as_slice());
}

#[test]
fn no_bit_can_be_changed() {
    let bytes = world().made();
    let mut changed = bytes.clone();
    let mut found = 0;
    for at in 0..bytes.len() {
        for bit in 0..8 {
            changed[at] = bytes[at] ^ (1 << bit);
            assert!(verify(&*changed, None).is_err(), "bit {bit} of byte {at} was changed");
            found += 1;
        }
        changed[at] = bytes[at];
    }
    assert_eq!(found, bytes.len() * 8);
    assert!(verify(&*changed, None).is_ok());
}

#[test]
fn no_byte_can_be_cut_off_or_added() {
    let bytes = world().made();
    for length in 0..bytes.len() {
        assert!(verify(&bytes[..length], None).is_err(), "cut to {length} bytes");
    }
    let rest: Vec<&[u8]> = vec![&[0], &[0; 512], b"x", &bytes];
    for more in rest {
        let longer = [&bytes, more].concat();
        assert!(unfit(&longer, None).why.contains("after its end"));
    }
}

#[test]
fn members_cannot_be_removed_repeated_or_moved() {
    let bytes = world().made();
    let members = unpack(&bytes);
    for at in 0..members.len() {
        let mut fewer = members.clone();
        fewer.remove(at);
        assert!(verify(&*pack(&fewer), None).is_err(), "without {}", members[at].0);
        let mut more = members.clone();
        more.insert(at, members[at].clone());
        assert!(verify(&*pack(&more), None).is_err(), "{} twice", members[at].0);
        for other in 0..at {
            let mut moved = members.clone();
            moved.swap(at, other);
            assert!(verify(&*pack(&moved), None).is_err(), "{other} and {at} swapped");
        }
    }
}

#[test]
fn a_changed_journal_is_named_by_its_entry() {
    let bytes = world().made();
    let at = unpack(&bytes).iter().position(|(name, _)| name == JOURNAL).unwrap();
    let mut members = unpack(&bytes);
    let text = String::from_utf8(members[at].1.clone()).unwrap();
    members[at].1 = text.replacen("known", "knowm", 1).into_bytes();
    let found = unfit(&pack(&members), None);
    assert_eq!((&*found.member, found.entry), (JOURNAL, Some(3)), "{found}");
    assert!(found.why.contains("changed after it was written"), "{found}");
}

#[test]
fn a_journal_that_was_hashed_anew_does_not_fit_the_signed_manifest() {
    let world = world();
    let bytes = world.made();
    let members = unpack(&bytes);
    let at = members.iter().position(|(name, _)| name == JOURNAL).unwrap();
    for entries in 1..=5 {
        let mut older = members.clone();
        older[at].1 = rehashed(&members[at].1, entries, "known", "owned");
        if older[at].1 == members[at].1 {
            continue;
        }
        let found = unfit(&pack(&older), Some(world.key.public()));
        assert_eq!(found.member, JOURNAL, "{entries} entries: {found}");
    }
    // Whoever makes a new manifest for it has to sign with another key.
    let thief = SigningKey::of(&world.dir.path().join("thief")).unwrap();
    let older = |manifest: &mut BundleManifest, members: &mut Members| {
        members[0].1 = rehashed(&members[0].1, 3, "known", "owned");
        let text = String::from_utf8(members[0].1.clone()).unwrap();
        let last: serde_json::Value = serde_json::from_str(text.lines().last().unwrap()).unwrap();
        members.retain(|(name, _)| !name.starts_with(IMPORTS));
        manifest.about.entries = 3;
        manifest.about.notes = 0;
        manifest.about.imports.clear();
        manifest.about.head = last["hash"].as_str().unwrap().to_owned();
    };
    let forged_bundle = forged(&bytes, &thief, older);
    let alone = verify(&*forged_bundle, None).unwrap();
    assert_eq!(alone.signer, Some(thief.public().fingerprint()));
    assert!(!alone.trusted, "nobody vouches for that key");
    let found = unfit(&forged_bundle, Some(world.key.public()));
    assert!(found.why.contains("not with the one given"), "{found}");
    // With the old signature and key the new manifest does not fit.
    let mut mixed = unpack(&forged_bundle);
    mixed[1] = members[1].clone();
    mixed[2] = members[2].clone();
    assert_eq!(unfit(&pack(&mixed), None).member, SIGNATURE);
}

#[test]
fn a_signed_bundle_whose_parts_contradict_each_other_does_not_fit() {
    let world = world();
    let bytes = world.made();
    let refused = |change: &dyn Fn(&mut BundleManifest, &mut Members)| {
        unfit(&forged(&bytes, &world.key, change), Some(world.key.public())).to_string()
    };
    let is_run = |(name, _): &(String, Vec<u8>)| name.starts_with(RUNS);
    let without = refused(&|_, members| members.retain(|m| !is_run(m)));
    assert!(without.contains("runs/1.json.zst: the journal names it"), "{without}");
    let other = refused(&|_, members| {
        let packed = zstd::encode_all(&b"{}"[..], 3).unwrap();
        members.iter_mut().filter(|m| is_run(m)).for_each(|m| m.1.clone_from(&packed));
    });
    assert!(other.contains("not the one in the journal"), "{other}");
    let extra = refused(&|_, members| members.push((format!("{RUNS}2.json.zst"), Vec::new())));
    assert!(extra.contains("not the run that the journal names next"), "{extra}");
    let is_import = |m: &(String, Vec<u8>)| m.0.starts_with(IMPORTS);
    let without = refused(&|_, members| members.retain(|m| !is_import(m)));
    assert!(without.contains("imports/1.json.zst: the journal names it"), "{without}");
    let other = refused(&|_, members| {
        members.iter_mut().filter(|m| is_import(m)).for_each(|m| m.1.push(0));
    });
    assert!(other.contains("not the one in the journal"), "{other}");
    let said = refused(&|manifest, _| {
        manifest.about.decisions.insert("accepted".into(), 1);
    });
    assert!(said.contains("decisions is {\"accepted\":1}"), "{said}");
    let cluster = refused(&|manifest, _| manifest.about.source.cluster_uid = Some("x".into()));
    assert!(cluster.contains("source is"), "{cluster}");
    let format = refused(&|manifest, _| manifest.schema = "plimsoll.bundle/v9".into());
    assert!(format.contains("this version reads `plimsoll.bundle/v1`"), "{format}");
    let torn = refused(&|_, members| {
        members[0].1.pop();
    });
    assert!(torn.contains("entry 5: the line was not written to its end"), "{torn}");
    let empty = refused(&|_, members| members[0].1.clear());
    assert!(empty.contains("it is empty"), "{empty}");
    let twice = refused(&|_, members| {
        let last = members.last().unwrap().clone();
        members.push(last);
    });
    assert!(twice.contains("reports/report.md twice"), "{twice}");
}

#[test]
fn a_damaged_session_gets_no_bundle() {
    let world = world();
    let run = world.session.dir().join("runs/1.json.zst");
    let path = world.dir.path().join("b.tar");
    std::fs::write(&run, "x").unwrap();
    let error = save(&world.session, "", Vec::new(), &world.key, &path).unwrap_err();
    assert!(error.to_string().contains("1.json.zst: the file was changed"), "{error}");
    assert!(!path.exists());
    std::fs::remove_file(&run).unwrap();
    assert!(save(&world.session, "", Vec::new(), &world.key, &path).is_err());
}

#[test]
fn nothing_is_overwritten() {
    let world = world();
    let path = world.dir.path().join("b.tar");
    std::fs::write(&path, "mine").unwrap();
    let error = save(&world.session, "", Vec::new(), &world.key, &path).unwrap_err();
    assert!(matches!(error, BundleError::NewFile(NewFileError::Exists(_))));
    assert_eq!(std::fs::read(&path).unwrap(), b"mine");
}

#[test]
fn a_session_directory_is_checked_too() {
    let world = world();
    let dir = world.session.dir().to_owned();
    let verified = directory(&dir).unwrap();
    assert_eq!((verified.about.entries, verified.signer), (5, None));
    assert_eq!(verified.about.session, world.session.id());
    let journal = dir.join("journal.jsonl");
    let bytes = std::fs::read(&journal).unwrap();
    let mut changed = bytes.clone();
    for at in 0..bytes.len() {
        changed[at] ^= 1;
        std::fs::write(&journal, &changed).unwrap();
        let found = directory(&dir);
        // A run's digest in the journal is chained like everything else.
        assert!(matches!(found, Err(VerifyError::Unfit(_))), "byte {at}: {found:?}");
        changed[at] = bytes[at];
    }
    std::fs::write(&journal, &bytes).unwrap();
    std::fs::write(dir.join("runs/1.json.zst"), "x").unwrap();
    let found = directory(&dir).unwrap_err().to_string();
    assert!(found.starts_with("runs/1.json.zst: its sha256"), "{found}");
    assert!(matches!(directory(world.dir.path()), Err(VerifyError::Unreadable(_))));
}
