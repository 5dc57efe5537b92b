//! A process that saves, and is killed or refused while it does: the operating system's own word on
//! what the faults of `session::store` promise.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "helpers of tests may panic, and the child prints"
)]

use std::collections::BTreeSet;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use plimsoll::model::decision::{Decision, DecisionState};
use plimsoll::session::{RunRecord, Session, SessionMeta, SessionStore};

const NOW: &str = "2026-01-01T00:00:00Z";
const DATA: &str = "PLIMSOLL_TEST_DATA";
const NAME: &str = "PLIMSOLL_TEST_NAME";

fn run() -> RunRecord {
    RunRecord {
        started: NOW.into(),
        finished: NOW.into(),
        tool: "0".into(),
        content: "sha256:0".into(),
        ..RunRecord::default()
    }
}

/// One thing that is saved, and the word that acknowledges it.
fn save(session: &mut Session, name: &str, count: usize) -> Result<String, String> {
    let word = format!("{name}-{count}");
    let decision = Decision {
        state: DecisionState::Accepted,
        reason: Some("r".repeat(count % 700)),
        ..Decision::default()
    };
    match count % 5 {
        0 => session
            .record_judged(run(), Vec::new(), "ada")
            .map(|saved| format!("run-{}", saved.number)),
        1 | 2 => session.decide(std::slice::from_ref(&word), &decision, "ada", NOW).map(|()| word),
        _ => session.note(&word, "note", "ada", NOW).map(|()| word),
    }
    .map_err(|error| error.to_string())
}

/// Everything that a session says was saved.
fn saved(session: &Session) -> BTreeSet<String> {
    let state = session.state();
    let decisions = state.ledger.decisions.keys().map(ToString::to_string);
    let notes = state.notes.iter().map(|note| note.fingerprint.clone());
    let runs = state.runs.iter().map(|run| format!("run-{}", run.number));
    decisions.chain(notes).chain(runs).collect()
}

/// What the tests below start and end: saves until it is stopped or refused, and says what is saved.
#[test]
#[ignore = "saves until it is killed: run by the other tests"]
fn saver() {
    let data = std::env::var_os(DATA).unwrap();
    let name = std::env::var(NAME).unwrap();
    let mut session = SessionStore::new(Path::new(&data)).open("last").unwrap();
    let mut out = std::io::stdout();
    assert!(session.holder().is_none(), "held by {:?}", session.holder());
    for count in 0.. {
        match save(&mut session, &name, count) {
            Ok(word) => writeln!(out, "saved {word}").unwrap(),
            Err(error) => {
                writeln!(out, "refused {error}").unwrap();
                break;
            }
        }
        out.flush().unwrap();
    }
}

fn begun() -> (tempfile::TempDir, SessionStore) {
    let dir = tempfile::tempdir().unwrap();
    let store = SessionStore::new(dir.path());
    store.create(SessionMeta::default(), "ada", NOW).unwrap();
    (dir, store)
}

fn child(mut command: Command, data: &Path, name: &str) -> Child {
    command
        .args(["--ignored", "--exact", "--nocapture", "saver"])
        .env(DATA, data)
        .env(NAME, name)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

/// Reads what the child says, kills it after so many words and so many turns more, and reads the
/// rest of what it had said.
fn until(mut child: Child, words: usize, turns: u64) -> (BTreeSet<String>, Option<String>) {
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let (mut told, mut refused) = (BTreeSet::new(), None);
    let mut take = |line: String| {
        if let Some(word) = line.strip_prefix("saved ") {
            told.insert(word.to_owned());
        } else if let Some(why) = line.strip_prefix("refused ") {
            refused = Some(why.to_owned());
        }
        told.len()
    };
    for line in lines.by_ref() {
        if take(line.unwrap()) >= words {
            break;
        }
    }
    (0..turns).for_each(|_| std::hint::spin_loop());
    let _ = child.kill();
    lines.for_each(|line| {
        take(line.unwrap());
    });
    child.wait().unwrap();
    (told, refused)
}

#[test]
fn killed_again_and_again_it_loses_nothing_that_it_said_was_saved() {
    const KILLS: u64 = 60;
    let (dir, store) = begun();
    let mut told = BTreeSet::new();
    let mut chance: u64 = 0x9e37_79b9_7f4a_7c15;
    for kill in 0..KILLS {
        chance = chance.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let words = usize::try_from(chance >> 60).unwrap() + 1;
        let turns = (chance >> 40) % 60_000;
        let command = Command::new(std::env::current_exe().unwrap());
        let (more, refused) = until(child(command, dir.path(), &format!("k{kill}")), words, turns);
        assert_eq!(refused, None);
        assert!(more.len() >= words, "the child said {} words only", more.len());
        told.extend(more);
        // Whoever opens it now is not held up by the dead, and finds everything, and at most one
        // thing per kill that was saved and not yet said.
        let session = store.open("last").unwrap();
        assert!(session.holder().is_none(), "{:?}", session.holder());
        assert!(session.damaged().is_empty(), "{:?}", session.damaged());
        let found = saved(&session);
        let lost: Vec<&String> = told.difference(&found).collect();
        assert!(lost.is_empty(), "lost after kill {kill}: {lost:?}");
        let untold = found.difference(&told).count();
        assert!(untold <= usize::try_from(kill + 1).unwrap(), "{untold} things nobody said");
    }
    assert!(told.len() > 200, "only {} things were saved", told.len());
}

#[test]
fn a_file_that_may_not_grow_any_more_refuses_and_stays_whole() {
    let (dir, store) = begun();
    let this = std::env::current_exe().unwrap();
    let mut command = Command::new("sh");
    // In blocks of 512 or 1024 bytes. Without the trap the system would end the process.
    let script = "trap '' XFSZ; ulimit -f 24; exec \"$0\" \"$@\"";
    command.args(["-c", script]).arg(&this);
    let (told, refused) = until(child(command, dir.path(), "full"), usize::MAX, 0);
    let why = refused.expect("it went on for ever");
    assert!(why.contains("journal.jsonl"), "{why}");
    assert!(told.len() > 10, "only {} things were saved", told.len());
    let mut session = store.open("last").unwrap();
    assert_eq!(session.notice(), None, "half a line was left");
    assert_eq!(saved(&session), told);
    // Where there is room again it goes on.
    session.note("more", "room", "ada", NOW).unwrap();
    drop(session);
    assert!(saved(&store.open("last").unwrap()).contains("more"));
}

#[test]
fn a_second_process_reads_and_knows_who_writes() {
    let (dir, store) = begun();
    let command = Command::new(std::env::current_exe().unwrap());
    let mut child = child(command, dir.path(), "first");
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    lines.find(|line| line.as_ref().unwrap().starts_with("saved ")).unwrap().unwrap();
    for _ in 0..20 {
        let mut session = store.open("last").unwrap();
        let holder = session.holder().expect("the child holds it").to_owned();
        assert!(holder.starts_with(&format!("pid {} on ", child.id())), "{holder}");
        assert!(session.note("a", "b", "eve", NOW).is_err());
        assert!(store.list().unwrap()[0].state.is_ok());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let mut session = store.open("last").unwrap();
    assert_eq!(session.holder(), None);
    session.note("a", "b", "eve", NOW).unwrap();
    assert!(!saved(&session).is_empty());
}
