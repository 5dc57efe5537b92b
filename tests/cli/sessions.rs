//! Saved sessions: listed, shown, reported, removed; broken ones and those that somebody holds.

use plimsoll::assess::Content;
use plimsoll::model::decision::{Decision, DecisionState};
use plimsoll::session::run::{RunRecord, Selection};
use plimsoll::session::{Session, SessionMeta, SessionStore};
use plimsoll::source::files;

use super::document::validate;
use super::run::run;
use super::sandbox::{Sandbox, WEB};

pub const NOW: &str = "2026-01-01T00:00:00Z";

pub fn assessed() -> RunRecord {
    assessed_text(WEB)
}

/// One assessment of a manifest, by what the program itself does it with.
pub fn assessed_text(text: &str) -> RunRecord {
    let selection = Selection { frameworks: vec!["pss-baseline".into()], ..Selection::default() };
    let inventory = files::from_text("web.yaml", text, &files::Options::default());
    run(&Content::builtin(), inventory, &selection, (NOW, NOW)).2
}

/// A session with a run, a decision on its worst finding and a note.
pub fn session(sandbox: &Sandbox, title: &str) -> Session {
    let store = SessionStore::new(&sandbox.data());
    let meta = SessionMeta { title: title.into(), ..SessionMeta::default() };
    let mut session = store.create(meta, "ada", NOW).unwrap();
    let run = assessed();
    let worst = run.result.findings[0].fingerprint.clone();
    session.record_judged(run, Vec::new(), "ada").unwrap();
    let decision = Decision {
        state: DecisionState::Accepted,
        reason: Some("needed by the CNI \u{1b}[31m".into()),
        approver: Some("grace".into()),
        expires: Some("2999-01-01".into()),
        ..Decision::default()
    };
    session.decide(std::slice::from_ref(&worst), &decision, "ada", NOW).unwrap();
    session.note(&worst, "ask again \u{202e}", "ada", NOW).unwrap();
    session
}

#[test]
fn sessions_are_listed_and_shown() {
    let sandbox = Sandbox::new();
    let none = sandbox.run(&["sessions", "list"]);
    assert_eq!((none.status, &*none.out), (0, ""));
    assert!(none.err.contains("no sessions yet"), "{}", none.err);

    let id = session(&sandbox, "prod \u{1b}[31m").id().to_owned();
    let list = sandbox.run(&["sessions", "list"]);
    assert_eq!((list.status, &*list.err), (0, ""));
    assert!(list.out.contains(&id), "{}", list.out);
    assert!(list.out.contains("prod \\u{1b}[31m"), "{}", list.out);
    let show = sandbox.run(&["sessions", "show", "last"]);
    assert_eq!((show.status, &*show.err), (0, ""));
    for word in
        ["accepted", "grace", "2999-01-01", "needed by the CNI \\u{1b}", "ask again \\u{202e}"]
    {
        assert!(show.out.contains(word), "no `{word}` in {}", show.out);
    }
    assert_eq!(sandbox.run(&["sessions", "show", &id[..12]]).out, show.out);
    assert_eq!(sandbox.run(&["sessions", "show", &id.to_lowercase()]).out, show.out);
    sandbox.run(&["sessions", "show", "ZZZZ"]).refuses(2, &["no session `ZZZZ`"]);
}

#[test]
fn a_beginning_that_fits_several_sessions_is_ambiguous() {
    let sandbox = Sandbox::new();
    let (a, b) = (session(&sandbox, "a"), session(&sandbox, "b"));
    assert_eq!(a.id()[..4], b.id()[..4], "both began in the same year");
    let begin = &a.id()[..4];
    sandbox.run(&["sessions", "show", begin]).refuses(2, &["several sessions begin with"]);
}

#[test]
fn a_report_holds_run_and_decisions() {
    let sandbox = Sandbox::new();
    session(&sandbox, "prod");
    let json = sandbox.run(&["sessions", "report", "last", "-o", "json"]);
    assert_eq!((json.status, &*json.err), (0, ""));
    let scan = json.json();
    validate(&scan);
    let finding = &scan["findings"][0];
    assert_eq!(finding["decision"], "accepted");
    assert_eq!(finding["decisionDetail"]["approver"], "grace");
    assert_eq!(scan["findings"][1]["decision"], "open");
    assert_eq!(super::sandbox::status(&scan, "pss-baseline", "privileged"), "accepted");
    // The same run without the decision.
    sandbox.write("web.yaml", WEB);
    let fresh = sandbox.json(&["-f", "web.yaml", "--framework", "pss-baseline"]);
    assert_eq!(super::sandbox::findings(&fresh), super::sandbox::findings(&scan));
    assert_eq!(super::sandbox::status(&fresh, "pss-baseline", "privileged"), "fail");

    let table = sandbox.run(&["sessions", "report", "last", "-o", "table"]).out;
    assert!(!table.contains("privileged-container"), "what was accepted is not open: {table}");
    assert!(table.contains("1 more accepted"), "{table}");
    let args = ["sessions", "report", "last", "--output-file", "report.md"];
    let file = sandbox.run(&args);
    assert_eq!((file.status, &*file.out), (0, ""), "{}", file.err);
    let markdown = std::fs::read_to_string(sandbox.path("report.md")).unwrap();
    assert!(markdown.contains("grace") && !markdown.contains('\u{1b}'), "{markdown}");
    sandbox.run(&args).refuses(2, &["report.md exists"]);
}

#[test]
fn an_expired_acceptance_is_open_again() {
    let sandbox = Sandbox::new();
    let mut session = session(&sandbox, "prod");
    let print = session.state().ledger.decisions.keys().next().unwrap().to_string();
    let expired = Decision {
        state: DecisionState::Accepted,
        reason: Some("for now".into()),
        approver: Some("grace".into()),
        expires: Some("2020-01-01".into()),
        ..Decision::default()
    };
    session.decide(&[print], &expired, "ada", NOW).unwrap();
    drop(session);
    let scan = sandbox.run(&["sessions", "report", "last", "-o", "json"]).json();
    assert_eq!(scan["findings"][0]["decision"], "open");
    assert_eq!(super::sandbox::status(&scan, "pss-baseline", "privileged"), "fail");
}

#[test]
fn a_session_without_a_run_has_no_report() {
    let sandbox = Sandbox::new();
    SessionStore::new(&sandbox.data()).create(SessionMeta::default(), "ada", NOW).unwrap();
    sandbox.run(&["sessions", "report", "last"]).refuses(2, &["has no run yet"]);
}

#[test]
fn another_run_than_the_last_is_reported_when_the_last_is_damaged() {
    let sandbox = Sandbox::new();
    let mut session = session(&sandbox, "prod");
    session.record_judged(assessed(), Vec::new(), "ada").unwrap();
    let (id, dir) = (session.id().to_owned(), session.dir().to_owned());
    drop(session);
    std::fs::write(dir.join("runs/2.json.zst"), "nothing").unwrap();
    sandbox.run(&["sessions", "report", "last"]).refuses(2, &["2.json.zst", "changed"]);
    let first = sandbox.run(&["sessions", "report", &format!("{id}#1")]);
    assert_eq!(first.status, 0, "{}", first.err);
    assert!(first.out.contains("privileged-container"), "{}", first.out);
    sandbox.run(&["sessions", "report", &format!("{id}#7")]).refuses(2, &["no run 7"]);
}

#[test]
fn last_says_why_no_session_opens() {
    let sandbox = Sandbox::new();
    sandbox.run(&["sessions", "show", "last"]).refuses(2, &["no session `last`"]);
    let session = session(&sandbox, "prod");
    let (id, journal) = (session.id().to_owned(), session.dir().join("journal.jsonl"));
    drop(session);
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, text.replacen("grace", "grape", 1)).unwrap();
    sandbox
        .run(&["sessions", "show", "last"])
        .refuses(2, &["no session can be opened", &id, "line"]);
}

#[test]
fn a_corrupted_session_is_listed_with_the_reason_and_hides_no_other() {
    let sandbox = Sandbox::new();
    let whole = session(&sandbox, "whole").id().to_owned();
    let broken = session(&sandbox, "broken");
    let (id, journal) = (broken.id().to_owned(), broken.dir().join("journal.jsonl"));
    drop(broken);
    let text = std::fs::read_to_string(&journal).unwrap();
    std::fs::write(&journal, text.replacen("grace", "mallo", 1)).unwrap();
    let list = sandbox.run(&["sessions", "list"]);
    assert_eq!(list.status, 0);
    let row = list.out.lines().find(|l| l.contains(&id)).expect("it is listed");
    assert!(row.contains("cannot be opened"), "{row}");
    assert!(!row.contains("line 3"), "{row}");
    let why = "line 3: the entry was changed after it was written";
    assert!(list.err.contains(&id) && list.err.contains(why), "{}", list.err);
    let columns = |line: &str| line.find("RUNS").or_else(|| line.find(" 1 ")).unwrap();
    let head = list.out.lines().next().unwrap();
    assert!(columns(head) < 110, "the reason pushes nothing away: {head}");
    assert!(list.out.lines().any(|l| l.contains(&whole) && l.contains("whole")), "{}", list.out);
    sandbox.run(&["sessions", "show", &id]).refuses(2, &["journal.jsonl, line 3"]);
    // A run that was changed is refused as well.
    let run = sandbox.data().join("sessions").join(&whole).join("runs/1.json.zst");
    let mut bytes = std::fs::read(&run).unwrap();
    bytes[20] ^= 1;
    std::fs::write(&run, bytes).unwrap();
    let report = sandbox.run(&["sessions", "report", &whole]);
    report.refuses(2, &["1.json.zst", "changed after it was written"]);
}

#[test]
fn a_torn_last_line_is_no_reason_not_to_open() {
    let sandbox = Sandbox::new();
    let opened = session(&sandbox, "torn");
    let journal = opened.dir().join("journal.jsonl");
    drop(opened);
    let bytes = std::fs::read(&journal).unwrap();
    std::fs::write(&journal, &bytes[..bytes.len() - 9]).unwrap();
    let show = sandbox.run(&["sessions", "show", "last"]);
    assert_eq!(show.status, 0, "{}", show.err);
    assert!(show.out.contains("grace") && !show.out.contains("ask again"), "{}", show.out);
}

#[test]
fn a_second_process_reads_what_another_one_holds_and_removes_nothing() {
    let sandbox = Sandbox::new();
    let held = session(&sandbox, "held");
    let id = held.id().to_owned();
    let holder = format!("pid {}", std::process::id());
    let list = sandbox.run(&["sessions", "list"]);
    assert!(list.out.contains(&format!("open ({holder}")), "{}", list.out);
    let show = sandbox.run(&["sessions", "show", &id]);
    assert!(show.out.contains(&holder) && show.out.contains("grace"), "{}", show.out);
    assert_eq!(sandbox.run(&["sessions", "report", &id]).status, 0);
    sandbox.run(&["sessions", "rm", &id, "--yes"]).refuses(2, &[&holder]);
    assert!(held.dir().exists());
    drop(held);
    let removed = sandbox.run(&["sessions", "rm", &id, "--yes"]);
    assert_eq!((removed.status, &*removed.out), (0, ""), "{}", removed.err);
    assert!(removed.err.contains(&id));
    assert!(!sandbox.data().join("sessions").join(&id).exists());
}

#[test]
fn nothing_is_removed_without_a_yes() {
    let sandbox = Sandbox::new();
    let id = session(&sandbox, "kept").id().to_owned();
    sandbox.run(&["sessions", "rm", &id]).refuses(2, &["--yes"]);
    sandbox.run(&["sessions", "rm", "ZZZZ", "--yes"]).refuses(2, &["no session `ZZZZ`"]);
    sandbox.run(&["sessions", "rm", "", "--yes"]).refuses(2, &["no session"]);
    sandbox.run(&["sessions", "rm", "../..", "--yes"]).refuses(2, &["no session"]);
    assert!(sandbox.data().join("sessions").join(&id).exists());
}
