//! A session whose last run was lost or changed: the newest whole run is taken, or the way out is named.

use super::sandbox::Sandbox;
use super::sessions::{assessed, session};

/// A session with two runs, the later one or both of them damaged.
fn damaged(sandbox: &Sandbox, runs: &[&str]) -> String {
    let mut session = session(sandbox, "prod");
    session.record_judged(assessed(), Vec::new(), "ada").unwrap();
    for run in runs {
        std::fs::write(session.dir().join(format!("runs/{run}.json.zst")), "nothing").unwrap();
    }
    sandbox.write("web.yaml", super::sandbox::WEB);
    session.id().to_owned()
}

#[test]
fn what_goes_on_takes_the_newest_run_that_is_whole() {
    let sandbox = Sandbox::new();
    let id = damaged(&sandbox, &["2"]);
    let decide = ["decide", "last", "--check", "host-network-namespace", "--state", "in-progress"];
    for words in [&decide[..], &["exceptions", "last"], &["decisions", "export", "last"]] {
        let run = sandbox.run(&[&["sessions"], words].concat());
        assert_eq!(run.status, 0, "{words:?}: {}", run.err);
        assert!(run.err.contains("damaged: ") && run.err.contains("2.json.zst"), "{}", run.err);
        assert!(run.err.contains("run 1, the newest that is whole, is taken"), "{}", run.err);
    }
    let nightly = ["--framework", "pss-baseline", "--session", "last", "--baseline", "last"];
    let scan = sandbox.run(&[&["scan", "-f", "web.yaml", "--fail-on-new"], &nightly[..]].concat());
    assert_eq!(scan.status, 0, "nothing is new since run 1: {}", scan.err);
    assert!(scan.err.contains("damaged: ") && scan.err.contains("saved as run 3"), "{}", scan.err);
    // The session goes on from there, with what was decided and the ages of findings.
    let report = sandbox.run(&["sessions", "report", &id, "-o", "json"]).json();
    assert_eq!(report["findings"][0]["since"], super::sessions::NOW);
    let diff = sandbox.run(&["sessions", "diff", &format!("{id}#1"), &id]);
    assert_eq!(diff.status, 0, "{}", diff.err);
}

#[test]
fn a_report_of_a_damaged_run_is_refused_with_the_way_out() {
    let sandbox = Sandbox::new();
    let id = damaged(&sandbox, &["2"]);
    let whole = format!("run 1 is whole: {id}#1");
    for words in [&["report", "last"][..], &["diff", "last"], &["exceptions", "last#2"]] {
        let run = sandbox.run(&[&["sessions"], words].concat());
        run.refuses(2, &["2.json.zst", "changed after it was written", &whole, "run again"]);
    }
    sandbox
        .run(&["sessions", "bundle", "last", "--output-file", "b.tar"])
        .refuses(2, &["2.json.zst", "bring the file back"]);
}

#[test]
fn a_session_without_a_whole_run_goes_on_all_the_same() {
    let sandbox = Sandbox::new();
    let id = damaged(&sandbox, &["1", "2"]);
    let decide = ["sessions", "decide", "last", "--check", "host-port", "--state", "in-progress"];
    let next = format!("scan --session {id}");
    sandbox.run(&decide).refuses(2, &["has no run that can be read", &next]);
    let scan = ["scan", "-f", "web.yaml", "--framework", "pss-baseline", "--session", "last"];
    let run = sandbox.run(&scan);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.err.contains("no run of the session is whole"), "{}", run.err);
    assert!(run.err.contains("saved as run 3"), "{}", run.err);
    assert_eq!(sandbox.run(&["sessions", "report", "last"]).status, 0);
}
