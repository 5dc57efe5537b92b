//! Scans that are saved in a session.

use super::document::validate;
use super::sandbox::{Sandbox, WEB};

const SCAN: &[&str] = &["scan", "-f", "web.yaml", "--framework", "pss-baseline"];

fn scan(sandbox: &Sandbox, more: &[&str]) -> super::sandbox::Run {
    sandbox.run(&[SCAN, more].concat())
}

#[test]
fn a_scan_goes_into_a_session_and_the_next_one_knows_what_was_decided() {
    let sandbox = Sandbox::with_web();
    let first = scan(&sandbox, &["--session", "new", "--fail-on", "high"]);
    assert_eq!(first.status, 1, "{}", first.err);
    assert!(first.err.contains("saved as run 1 of session"), "{}", first.err);
    assert!(sandbox.run(&["sessions", "list"]).out.contains("web.yaml"));

    for check in ["privileged-container", "host-network-namespace"] {
        let decide = ["sessions", "decide", "last", "--check", check, "--state", "accepted"];
        let decide = sandbox.run(&[&decide[..], &["--reason", "known"]].concat());
        assert_eq!(decide.status, 0, "{}", decide.err);
    }
    let open = scan(&sandbox, &["--fail-on", "high"]);
    assert_eq!(open.status, 1, "without the session nothing is decided");
    let second = scan(&sandbox, &["--session", "last", "--fail-on", "high", "-o", "json"]);
    assert_eq!(second.status, 0, "{}", second.err);
    let document: serde_json::Value = serde_json::from_str(&second.out).unwrap();
    validate(&document);
    let session = &document["session"];
    assert!(session_dir(&sandbox).ends_with(session["id"].as_str().unwrap()), "{session}");
    assert_eq!((&session["run"], &session["title"]), (&2.into(), &"web.yaml".into()));
    assert!(sandbox.json(&["-f", "web.yaml"])["session"].is_null(), "none without one");
    let since = document["findings"][0]["since"].as_str().expect("first seen in the first run");
    let csv = scan(&sandbox, &["--baseline", "last", "-o", "csv"]);
    assert!(csv.out.lines().nth(1).unwrap().ends_with(since), "{}", csv.out);
    let html = scan(&sandbox, &["--baseline", "last", "-o", "html"]);
    assert!(html.out.contains(&format!("<time datetime=\"{since}\">")), "{since}");
    let plan = scan(&sandbox, &["--baseline", "last", "-o", "oscal-poam"]).json();
    let props = plan.to_string();
    assert!(props.contains("\"name\":\"since\",\"ns\"") && props.contains(since), "{since}");

    let again =
        ["sessions", "decide", "last", "--check", "privileged-container", "--state", "open"];
    assert_eq!(sandbox.run(&again).status, 0);
    sandbox.write("web.yaml", WEB.replace("privileged: true", "privileged: false"));
    let third = scan(&sandbox, &["--session", "last"]);
    assert!(third.err.contains("run 3") && third.err.contains("fixed"), "{}", third.err);
    let diff = sandbox.run(&["sessions", "diff", "last"]);
    assert!(diff.out.contains("fixed"), "{}", diff.out);
    assert_eq!(sandbox.run(&["verify", &session_dir(&sandbox)]).status, 0);
}

fn session_dir(sandbox: &Sandbox) -> String {
    let dir = std::fs::read_dir(sandbox.data().join("sessions")).unwrap();
    let first = dir.map(|e| e.unwrap().path()).find(|p| p.is_dir()).unwrap();
    first.to_str().unwrap().to_owned()
}

#[test]
fn a_session_of_something_else_is_refused_before_anything_is_saved() {
    let sandbox = Sandbox::with_web();
    scan(&sandbox, &["--session", "nope"]).refuses(2, &["no session"]);
    assert_eq!(scan(&sandbox, &["--session", "new"]).status, 0);
    let demo = ["scan", "--demo", "--check", "privileged-container", "--session", "last"];
    sandbox.run(&demo).refuses(2, &["assesses web.yaml", "--session new"]);
    let show = sandbox.run(&["sessions", "show", "last"]);
    assert!(!show.out.contains("run 2"), "{}", show.out);
}

#[test]
fn a_run_that_cannot_be_saved_is_told_all_the_same() {
    let sandbox = Sandbox::with_web();
    let told = scan(&sandbox, &["-o", "json"]).out;
    std::fs::create_dir_all(sandbox.data()).unwrap();
    std::fs::write(sandbox.data().join("sessions"), "no directory").unwrap();
    let run = scan(&sandbox, &["-o", "json", "--session", "new"]);
    assert_eq!(run.status, 2, "{}", run.err);
    assert!(run.err.contains("was not saved in the session: "), "{}", run.err);
    let count = |text: &str| {
        let document: serde_json::Value = serde_json::from_str(text).unwrap();
        document["findings"].as_array().unwrap().len()
    };
    assert_eq!(count(&run.out), count(&told));
}
