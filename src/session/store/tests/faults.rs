//! Every step that a session takes on the disk fails once, in every way: what was acknowledged is
//! there, what was refused is not, and the session can be opened.

use std::collections::BTreeMap;
use std::io::ErrorKind;

use super::faulty::{Fault, Faulty};
use super::*;
use crate::model::finding::{CheckCounts, Finding, RunResult};

type Step = Box<dyn Fn(&mut Session) -> Result<(), SessionError>>;

/// A run that found these, each under the name that it had before, if it had one.
fn found(names: &[(&str, Option<&str>)]) -> RunRecord {
    let finding = |(print, before): &(&str, Option<&str>)| {
        let value = json!({ "fingerprint": print, "formerly": before, "check": "c",
            "severity": "high", "form": "rule", "scope": "cluster", "object": null, "owner": null,
            "instances": 0, "stale": 0, "origin": null, "container": null, "path": "",
            "missing": false, "value": null, "message": "m", "note": null, "platform": false,
            "file": null, "line": null });
        Arc::new(serde_json::from_value::<Finding>(value).unwrap())
    };
    let result = RunResult {
        findings: names.iter().map(finding).collect(),
        checks: [("c".into(), CheckCounts::default())].into(),
        ..RunResult::default()
    };
    RunRecord { result: Arc::new(result), ..record() }
}

/// Everything that a session can be asked to save.
fn script() -> Vec<Step> {
    vec![
        Box::new(|s| s.decide(&prints(&["a", "b"]), &accepted("one"), "ada", NOW)),
        Box::new(|s| s.record_run(found(&[("a", None), ("gone", None)]), "ada").map(|_| ())),
        Box::new(|s| s.note("a", "look here", "ada", NOW)),
        Box::new(|s| s.decide(&prints(&["b", "c"]), &accepted("two"), "ada", NOW)),
        Box::new(|s| s.undo("ada", NOW).map(|_| ())),
        Box::new(|s| s.redo("ada", NOW).map(|_| ())),
        Box::new(|s| s.record_imports(&[import("x.json"), import("y.json")], "ada").map(|_| ())),
        Box::new(|s| s.attest(&[answer("1"), answer("2")], "ada", NOW)),
        // One is gone, and the other goes by a name that says more.
        Box::new(|s| s.record_run(found(&[("a2", Some("a"))]), "ada").map(|_| ())),
        Box::new(|s| s.withdraw(&[1], "ada", NOW)),
        // And back.
        Box::new(|s| s.record_run(found(&[("a2", Some("a")), ("gone", None)]), "ada").map(|_| ())),
    ]
}

/// What a session holds, to compare.
fn view(session: &Session) -> String {
    let state = session.state();
    let decisions: BTreeMap<_, _> = state.ledger.decisions.iter().collect();
    let answers = &state.ledger.attestations;
    let fixed = state.fixed_before(u32::MAX);
    let (notes, runs) = (&state.notes, &state.runs);
    format!("{decisions:?} {answers:?} {notes:?} {runs:?} {:?} {fixed:?}", state.imports)
}

/// What it holds after each step when nothing goes wrong; the first is that it exists.
fn views() -> Vec<String> {
    let (_dir, store) = store();
    let mut session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    let mut views = vec![view(&session)];
    for step in script() {
        step(&mut session).unwrap();
        views.push(view(&session));
    }
    let ledger = &session.state().ledger;
    let state = |print: &str| ledger.decision(print).map(|d| d.state);
    assert_eq!(state("gone"), Some(DecisionState::Regressed), "it was fixed, and came back");
    assert_eq!(state("a2"), Some(DecisionState::Accepted), "what was decided went along");
    views
}

/// Plays the script on a disk, and returns what it held after the last step that was acknowledged,
/// and how many were, the creation among them. It stops where a process would be dead.
fn play(dir: &Path, disk: &Faulty, stops: bool) -> (String, usize) {
    let store = SessionStore::on(dir, Arc::new(disk.clone()));
    let Ok(mut session) = store.create(SessionMeta::default(), "ada", NOW) else {
        return (String::new(), 0);
    };
    let (mut held, mut acknowledged) = (view(&session), 1);
    for step in script() {
        if step(&mut session).is_ok() {
            held = view(&session);
            acknowledged += 1;
        } else {
            assert_eq!(view(&session), held, "what was refused changes nothing");
            if stops {
                break;
            }
        }
    }
    (held, acknowledged)
}

/// Opens the only session again, looks at every file of it, and goes on with it.
fn reopened(dir: &Path) -> Option<String> {
    let store = SessionStore::new(dir);
    let list = store.list().unwrap();
    for summary in &list {
        assert!(summary.state.is_ok(), "it cannot be opened: {:?}", summary.state);
        assert!(summary.holder.is_none(), "a dead process holds it");
    }
    let id = list.first()?.id.clone();
    let mut session = store.open(&id).unwrap();
    assert!(session.holder().is_none(), "{:?}", session.holder());
    let held = view(&session);
    for run in session.state().runs.clone() {
        session.run(run.number).unwrap().unwrap();
    }
    session.imports().unwrap();
    let left = |name: &str| {
        let entries = std::fs::read_dir(session.dir().join(name)).into_iter().flatten();
        entries.filter(|e| e.as_ref().unwrap().path().to_string_lossy().ends_with(".part")).count()
    };
    assert_eq!(left("runs") + left("imports"), 0, "half a file was left");
    session.note("z", "after", "ada", NOW).unwrap();
    session.record_run(record(), "ada").unwrap();
    let after = view(&session);
    drop(session);
    assert_eq!(view(&store.open(&id).unwrap()), after);
    Some(held)
}

#[test]
fn killed_at_any_step_nothing_acknowledged_is_lost_and_nothing_else_is_there() {
    let views = views();
    for fault in [Fault::Killed, Fault::Torn, Fault::Power, Fault::Zeros] {
        let mut struck = 0;
        loop {
            let dir = tempfile::tempdir().unwrap();
            let disk = Faulty::at(struck, fault);
            let (held, acknowledged) = play(dir.path(), &disk, true);
            disk.restart();
            let found = reopened(dir.path());
            // The step under way may be there or not: nobody was told about it.
            let next = views.get(acknowledged).filter(|_| disk.struck());
            let fits = match &found {
                None => acknowledged == 0,
                Some(found) => (acknowledged > 0 && *found == held) || Some(found) == next,
            };
            assert!(fits, "{fault:?} at step {struck}, {acknowledged} acknowledged: {found:?}");
            if !disk.struck() {
                assert_eq!(acknowledged, views.len());
                break;
            }
            struck += 1;
        }
        assert!(struck > 40, "the script has {struck} steps only");
    }
}

#[test]
fn what_a_full_disk_refuses_is_not_there_and_the_rest_is() {
    for kind in [ErrorKind::StorageFull, ErrorKind::Other] {
        for step in 0.. {
            let dir = tempfile::tempdir().unwrap();
            let disk = Faulty::at(step, Fault::Refused(kind));
            let (held, acknowledged) = play(dir.path(), &disk, false);
            let found = reopened(dir.path());
            if acknowledged > 0 {
                assert_eq!(found.as_ref(), Some(&held), "{kind:?} at step {step}");
            }
            if !disk.struck() {
                break;
            }
        }
    }
}

#[test]
fn a_disk_that_stays_broken_loses_nothing_that_was_acknowledged() {
    let views = views();
    let kinds =
        [ErrorKind::StorageFull, ErrorKind::ReadOnlyFilesystem, ErrorKind::PermissionDenied];
    for kind in kinds {
        for step in 0.. {
            let dir = tempfile::tempdir().unwrap();
            let disk = Faulty::at(step, Fault::Broken(kind));
            let (held, acknowledged) = play(dir.path(), &disk, false);
            let found = reopened(dir.path());
            // A line that could be written, but neither synced nor taken back, may be there.
            let fits = found == Some(held) || found.as_ref() == views.get(acknowledged);
            assert!(fits || acknowledged == 0, "{kind:?} at step {step}: {found:?}");
            if !disk.struck() {
                break;
            }
        }
    }
}

#[test]
fn a_session_is_read_from_a_disk_that_takes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (held, _) = play(dir.path(), &Faulty::at(usize::MAX, Fault::Killed), true);
    for (kind, says) in [
        (ErrorKind::PermissionDenied, "not writable"),
        (ErrorKind::ReadOnlyFilesystem, "not writable"),
        (ErrorKind::StorageFull, "full"),
    ] {
        // From the lock file on, and from the journal on.
        for step in [0, 1] {
            let disk = Arc::new(Faulty::at(step, Fault::Broken(kind)));
            let store = SessionStore::on(dir.path(), disk);
            let mut session = store.open("last").unwrap();
            assert_eq!(view(&session), held);
            let holder = session.holder().unwrap().to_owned();
            assert!(step > 0 || holder.contains(says), "{kind:?}: {holder}");
            let refused = session.note("a", "b", "ada", NOW);
            assert!(matches!(refused, Err(SessionError::Barred(_))), "{refused:?}");
            let said = refused.unwrap_err().to_string();
            assert!(!said.contains("process"), "nobody else has it: {said}");
            let place = session.dir().display().to_string();
            assert!(step > 0 || said.contains(&place), "{said}");
        }
    }
    assert_eq!(reopened(dir.path()), Some(held));
}

#[test]
fn a_torn_line_is_no_obstacle_even_when_it_cannot_be_set_aside() {
    let dir = tempfile::tempdir().unwrap();
    let (held, _) = play(dir.path(), &Faulty::at(usize::MAX, Fault::Killed), true);
    let id = SessionStore::new(dir.path()).list().unwrap().remove(0).id;
    let journal = dir.path().join("sessions").join(&id).join("journal.jsonl");
    let whole = std::fs::read(&journal).unwrap();
    let torn = [&*whole, b"{\"seq\":99"].concat();
    for step in 0.. {
        std::fs::write(&journal, &torn).unwrap();
        let disk = Faulty::at(step, Fault::Refused(ErrorKind::StorageFull));
        let session = SessionStore::on(dir.path(), Arc::new(disk.clone())).open(&id).unwrap();
        assert_eq!(view(&session), held, "step {step}");
        if session.holder().is_none() {
            assert!(session.notice().unwrap().contains("never acknowledged"), "step {step}");
            assert_eq!(std::fs::read(&journal).unwrap(), whole, "step {step}");
        }
        drop(session);
        if !disk.struck() {
            break;
        }
    }
    let aside = journal.with_extension("torn");
    assert!(std::fs::read_to_string(aside).unwrap().ends_with("{\"seq\":99"));
}
