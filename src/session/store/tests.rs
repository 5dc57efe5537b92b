use super::*;
use crate::model::attestation::{Attestation, AttestationAnswer, ControlKey};
use crate::model::decision::{Decision, DecisionState};
use crate::model::import::{Import, ImportTool};
use crate::model::inventory::{SourceInfo, SourceKind};
use crate::model::trend::FrameworkScore;
use crate::session::RunRecord;
use crate::session::act::DecisionChange;

mod damage;
mod faults;
mod faulty;

const NOW: &str = "2026-01-01T00:00:00Z";

fn store() -> (tempfile::TempDir, SessionStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = SessionStore::new(dir.path());
    (dir, store)
}

fn accepted(reason: &str) -> Decision {
    Decision {
        state: DecisionState::Accepted,
        reason: Some(reason.into()),
        approver: Some("ada".into()),
        expires: Some("2026-06-01".into()),
        ..Decision::default()
    }
}

fn prints(names: &[&str]) -> Vec<String> {
    names.iter().map(|n| (*n).to_owned()).collect()
}

fn record() -> RunRecord {
    RunRecord {
        started: NOW.into(),
        finished: NOW.into(),
        tool: "0".into(),
        content: "sha256:0".into(),
        ..RunRecord::default()
    }
}

#[test]
fn decisions_notes_and_runs_survive_reopening() {
    let (_dir, store) = store();
    let mut session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    session.decide(&prints(&["a", "b"]), &accepted("why"), "ada", NOW).unwrap();
    session.note("a", "look here", "ada", NOW).unwrap();
    session.record_run(record(), "ada").unwrap();
    let id = session.id().to_owned();
    drop(session);
    let session = store.open(id.get(..10).unwrap()).unwrap();
    assert_eq!(session.state().ledger.decisions["b"], Arc::new(accepted("why")));
    assert_eq!(session.state().notes[0].text, "look here");
    assert_eq!(session.latest_run().unwrap().unwrap().number, 1);
}

#[test]
fn the_summary_of_a_run_survives_reopening() {
    let (_dir, store) = store();
    let mut session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    // Thirds and sevenths are no finite fractions.
    let score = |applicable, pass| FrameworkScore {
        framework: "f".into(),
        level: None,
        applicable,
        pass,
        failing: 1,
    };
    let scores = vec![score(3, 1), score(7, 4)];
    session.record_judged(record(), scores.clone(), "ada").unwrap();
    let id = session.id().to_owned();
    drop(session);
    let session = store.open(&id).unwrap();
    assert_eq!(session.state().runs[0].summary.as_ref().unwrap().scores, scores);
}

#[test]
fn what_a_run_settled_is_not_taken_back_and_goes_before_what_was_decided() {
    let (_dir, store) = store();
    let mut session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    let working = Decision { state: DecisionState::InProgress, ..Decision::default() };
    session.decide(&prints(&["a", "b"]), &working, "ada", NOW).unwrap();
    session.note("a", "soon", "ada", NOW).unwrap();
    session.record_run(record(), "ada").unwrap();
    let fixed = Decision { state: DecisionState::Fixed, ..Decision::default() };
    let change = DecisionChange {
        fingerprint: "a".into(),
        before: Some(Arc::new(working.clone())),
        after: Some(Arc::new(fixed.clone())),
    };
    // As earlier versions wrote it, beside the run.
    session.append("settled", "plimsoll", NOW, json!({ "changes": [change] })).unwrap();
    let id = session.id().to_owned();
    drop(session);
    let mut session = store.open(&id).unwrap();
    assert_eq!(session.state().fixed_before(1).len(), 0, "it was this run that did not find it");
    assert!(session.state().fixed_before(2).contains("a"));
    session.undo("ada", NOW).unwrap();
    session.undo("ada", NOW).unwrap();
    let decisions = &session.state().ledger.decisions;
    assert_eq!((decisions.get("a"), decisions.get("b")), (Some(&Arc::new(fixed)), None));
    assert!(matches!(session.undo("ada", NOW), Err(SessionError::Nothing(_))));
}

#[test]
fn undo_and_redo_survive_too() {
    let (_dir, store) = store();
    let mut session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    session.decide(&prints(&["a"]), &accepted("one"), "ada", NOW).unwrap();
    session.decide(&prints(&["a"]), &accepted("two"), "ada", NOW).unwrap();
    session.undo("ada", NOW).unwrap();
    assert_eq!(session.state().ledger.decisions["a"], Arc::new(accepted("one")));
    let id = session.id().to_owned();
    drop(session);
    let mut session = store.open(&id).unwrap();
    session.undo("ada", NOW).unwrap();
    assert!(session.state().ledger.decisions.is_empty());
    session.redo("ada", NOW).unwrap();
    session.redo("ada", NOW).unwrap();
    assert_eq!(session.state().ledger.decisions["a"], Arc::new(accepted("two")));
    assert!(matches!(session.redo("ada", NOW), Err(SessionError::Nothing("redo"))));
}

fn import(origin: &str) -> Import {
    Import {
        tool: ImportTool::KubeBench,
        version: None,
        origin: origin.into(),
        taken: None,
        clusters: Vec::new(),
        imported: NOW.into(),
        sha256: String::new(),
        results: Vec::new(),
        objects: Vec::new(),
    }
}

fn answer(control: &str) -> (ControlKey, Option<Attestation>) {
    let answer = Attestation {
        framework: "f".into(),
        control: control.into(),
        answer: AttestationAnswer::Yes,
        reviewer: "grace".into(),
        date: "2026-01-01".into(),
        expires: None,
        evidence: None,
        link: None,
        file: None,
    };
    (answer.key(), Some(answer))
}

#[test]
fn what_is_done_in_one_act_is_one_entry_and_taken_back_as_one() {
    let (_dir, store) = store();
    let mut session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    let begun = session.journal().chain().seq();
    session.attest(&[answer("1"), answer("2")], "ada", NOW).unwrap();
    session.note_each(&prints(&["a", "b"]), "look", "ada", NOW).unwrap();
    session.record_imports(&[import("x.json"), import("y.json")], "ada").unwrap();
    assert_eq!(session.journal().chain().seq(), begun + 3);
    let all = |session: &Session| {
        let state = session.state();
        (state.ledger.attestations.len(), state.notes.len(), state.imports.len())
    };
    let id = session.id().to_owned();
    drop(session);
    let mut session = store.open(&id).unwrap();
    assert_eq!(all(&session), (2, 2, 2));
    let mut counts = Vec::new();
    for _ in 0..3 {
        session.undo("ada", NOW).unwrap();
        counts.push(all(&session));
    }
    assert_eq!(counts, [(2, 2, 0), (2, 0, 0), (0, 0, 0)]);
    session.redo("ada", NOW).unwrap();
    assert_eq!(all(&session), (2, 0, 0));
}

#[test]
fn an_import_is_taken_back_and_its_number_and_history_stay() {
    let (_dir, store) = store();
    let mut session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    session.record_imports(&[import("x.json"), import("y.json")], "ada").unwrap();
    session.withdraw(&[1], "bob", NOW).unwrap();
    assert!(matches!(session.withdraw(&[1], "bob", NOW), Err(SessionError::NoImport { .. })));
    assert_eq!(session.record_imports(&[import("z.json")], "ada").unwrap(), [3]);
    let id = session.id().to_owned();
    drop(session);
    let mut session = store.open(&id).unwrap();
    let origins = |session: &Session| -> Vec<String> {
        session.imports().unwrap().into_iter().map(|import| import.origin).collect()
    };
    assert_eq!(origins(&session), ["y.json", "z.json"]);
    let past = &session.state().imported;
    let past: Vec<_> = past.iter().map(|p| (p.number, &*p.by, p.counts)).collect();
    assert_eq!(past, [(1, "ada", true), (2, "ada", true), (1, "bob", false), (3, "ada", true)]);
    session.undo("ada", NOW).unwrap();
    session.undo("ada", NOW).unwrap();
    assert_eq!(origins(&session), ["x.json", "y.json"], "withdrawing is an act as well");
}

#[test]
fn entries_of_earlier_versions_mean_what_they_meant() {
    let (_dir, store) = store();
    let mut session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    let (key, after) = answer("1");
    let old = json!({ "framework": key.0, "control": key.1, "before": null, "after": after });
    session.append("attested", "ada", NOW, old).unwrap();
    let note = json!({ "fingerprint": "a", "text": "look" });
    session.append("noted", "ada", NOW, note).unwrap();
    let import = json!({ "number": 1, "file": "1.json.zst", "sha256": "", "tool": "kube-bench",
        "origin": "x.json", "taken": null, "results": 0 });
    session.append("imported", "ada", NOW, import).unwrap();
    let state = session.state();
    assert_eq!((state.ledger.attestations.len(), state.notes.len()), (1, 1));
    assert_eq!((state.imports.len(), state.last_import), (1, 1));
    // Taking back went past an import, and still does in a journal of that time.
    session.undo("ada", NOW).unwrap();
    assert_eq!((session.state().notes.len(), session.state().imports.len()), (0, 1));
}

#[test]
fn a_run_of_something_else_is_refused() {
    let (_dir, store) = store();
    let of = |uid: &str| {
        let source = SourceInfo {
            kind: SourceKind::Live,
            context: Some(uid.into()),
            cluster_uid: Some(uid.into()),
            ..SourceInfo::default()
        };
        RunRecord { source, ..record() }
    };
    let meta = |source| SessionMeta { source, ..SessionMeta::default() };
    let mut session = store.create(meta(of("prod").source), "ada", NOW).unwrap();
    session.record_run(of("prod"), "ada").unwrap();
    let entries = session.journal().chain().seq();
    let error = session.record_run(of("test"), "ada").unwrap_err().to_string();
    assert!(error.contains("assesses prod, and this is test"), "{error}");
    assert_eq!((session.state().runs.len(), session.journal().chain().seq()), (1, entries));
    let mut empty = store.create(meta(of("prod").source), "ada", NOW).unwrap();
    assert!(empty.record_run(of("test"), "ada").is_err(), "it was begun for prod");
    let mut open = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    open.record_run(of("test"), "ada").unwrap();
}

#[test]
fn the_last_session_is_one_with_something_in_it() {
    let (_dir, store) = store();
    let mut first = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    first.record_run(record(), "ada").unwrap();
    let mut second = store.create(SessionMeta::default(), "ada", "2026-01-02T00:00:00Z").unwrap();
    second.note("a", "b", "ada", "2026-01-02T00:00:00Z").unwrap();
    let third = store.create(SessionMeta::default(), "ada", "2026-01-03T00:00:00Z").unwrap();
    let (first, second, third) =
        (first.id().to_owned(), second.id().to_owned(), third.id().to_owned());
    assert_eq!(store.open("last").unwrap().id(), second, "the third was begun, and nothing more");
    assert_eq!(store.open_with_run("last").unwrap().id(), first);
    assert!(matches!(store.open_with_run(&third), Err(SessionError::NoRun(_))));
}

#[test]
fn the_second_one_reads_only_and_knows_who_writes() {
    let (_dir, store) = store();
    let first = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    let mut second = store.open(first.id()).unwrap();
    assert!(second.holder().unwrap().starts_with("pid "));
    let refused = second.decide(&prints(&["a"]), &accepted("x"), "bob", NOW);
    assert!(matches!(refused, Err(SessionError::ReadOnly(_))));
    assert!(matches!(store.remove(first.id()), Err(SessionError::ReadOnly(_))));
    drop(first);
    assert!(store.open(second.id()).unwrap().holder().is_none());
}

#[test]
fn a_changed_run_is_noticed() {
    let (_dir, store) = store();
    let mut session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    session.record_run(record(), "ada").unwrap();
    let path = session.dir().join("runs/1.json.zst");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    assert!(session.latest_run().unwrap_err().to_string().contains("changed"));
}

#[test]
fn a_broken_session_is_listed_with_the_reason_and_the_others_stay() {
    let (_dir, store) = store();
    let good = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    let mut bad = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    bad.note("a", "b", "ada", NOW).unwrap();
    let path = bad.dir().join("journal.jsonl");
    let text = std::fs::read_to_string(&path).unwrap().replacen("ada", "eve", 1);
    std::fs::write(&path, text).unwrap();
    drop(bad);
    let list = store.list().unwrap();
    assert_eq!(list.len(), 2);
    assert!(list.iter().any(|s| s.id == good.id() && s.state.is_ok()));
    assert!(list.iter().any(|s| s.state.as_ref().is_err_and(|e| e.contains("line 1"))));
}

#[test]
fn only_the_user_can_read_what_is_kept() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let (_dir, store) = store();
        let session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(session.dir()), 0o700);
        assert_eq!(mode(&session.dir().join("journal.jsonl")), 0o600);
    }
}
