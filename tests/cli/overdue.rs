//! Findings that are past their deadline: what a scan says with and without a session, and what a
//! session of several runs says.

use plimsoll::assess::{Before, Content};
use plimsoll::model::decision::{Decision, DecisionState};
use plimsoll::session::run::Selection;
use plimsoll::session::{Session, SessionMeta, SessionStore};
use plimsoll::source::files;
use serde_json::Value;

use super::document::validate;
use super::run::run;
use super::sandbox::{Sandbox, WEB, status};

const OVERDUE: &str = "finding-overdue";
/// A control that the check decides, and no other does here.
const FLAWS: &str = "nist-800-53-r5/SI-2";

/// The container is no longer privileged; the host's network is still used.
fn mended() -> String {
    WEB.replace("privileged: true", "privileged: false")
}

fn mine<'a>(scan: &'a Value, list: &str) -> Vec<&'a Value> {
    scan[list].as_array().unwrap().iter().filter(|f| f["check"] == OVERDUE).collect()
}

fn reasons(scan: &Value) -> String {
    mine(scan, "notAssessed").iter().map(|gap| gap["reason"].as_str().unwrap()).collect()
}

/// Adds a run of a manifest to a session, as the workbench does.
fn assess(session: &mut Session, text: &str, time: &str) {
    let content = Content::builtin();
    let selection = Selection {
        frameworks: vec!["pss-baseline".into()],
        checks: vec![OVERDUE.into()],
        ..Selection::default()
    };
    let inventory = files::from_text("web.yaml", text, &files::Options::default());
    let (chosen, _, mut record) = run(&content, inventory, &selection, (time, time));
    let last = session.latest_run().unwrap();
    let before = last.as_ref().map_or(Before::Begun, Before::Run);
    content.look_back(&chosen, &mut record, before, &session.ledger().unwrap());
    session.record_judged(record, Vec::new(), "ada").unwrap();
}

fn session(sandbox: &Sandbox) -> Session {
    SessionStore::new(&sandbox.data())
        .create(SessionMeta::default(), "ada", "2026-01-01T00:00:00Z")
        .unwrap()
}

fn scan(sandbox: &Sandbox, more: &[&str]) -> Value {
    let args = ["-f", "web.yaml", "--framework", "pss-baseline", "--check", OVERDUE];
    let scan = sandbox.json(&[&args[..], more].concat());
    if !more.contains(&"--baseline") {
        validate(&scan);
    }
    scan
}

#[test]
fn without_a_session_it_is_not_assessed_and_says_what_to_do() {
    let sandbox = Sandbox::with_web();
    let scan = scan(&sandbox, &[]);
    assert!(mine(&scan, "findings").is_empty());
    let counts = scan["checks"].as_array().unwrap().iter().find(|c| c["id"] == OVERDUE).unwrap();
    assert_eq!((&counts["pass"], &counts["notAssessed"]), (&0.into(), &2.into()));
    assert!(reasons(&scan).contains("--baseline"), "{}", reasons(&scan));
    assert!(scan["findings"].as_array().unwrap().iter().all(|f| f.get("since").is_none()));
    let control = sandbox.json(&["-f", "web.yaml", "--control", FLAWS]);
    assert_eq!(status(&control, "nist-800-53-r5", "SI-2"), "not-assessed");
}

#[test]
fn a_scan_takes_the_ages_from_the_session_that_it_is_compared_with() {
    let sandbox = Sandbox::with_web();
    assess(&mut session(&sandbox), WEB, "2026-01-01T00:00:00Z");
    let scan = scan(&sandbox, &["--baseline", "last"]);
    let late = mine(&scan, "findings");
    let messages: Vec<&str> = late.iter().map(|f| f["message"].as_str().unwrap()).collect();
    assert_eq!(
        messages,
        [
            "host-network-namespace on Deployment/pay/web: open since 2026-01-01",
            "privileged-container on Deployment/pay/web, container app: open since 2026-01-01",
        ]
    );
    let worst = late[1];
    assert!(worst["value"].as_u64().unwrap() > 15, "{worst}");
    assert!(worst["note"].as_str().unwrap().contains("critical findings have 15 days"));
    assert_eq!((&worst["file"], &worst["line"]), (&"web.yaml".into(), &18.into()));
    // Which one is late is known by its fingerprint, which is stable.
    let names: Vec<&Value> = late.iter().map(|f| &f["object"]["name"]).collect();
    let others = scan["findings"].as_array().unwrap().iter().filter(|f| f["check"] != OVERDUE);
    for finding in others {
        assert!(names.contains(&&finding["fingerprint"]), "{finding}");
        assert_eq!(finding["since"], "2026-01-01T00:00:00Z");
    }
    let again = self::scan(&sandbox, &["--baseline", "last"]);
    assert_eq!(mine(&again, "findings")[0]["fingerprint"], late[0]["fingerprint"]);
    // The threshold looks at it, and the control fails by it.
    let args = ["-f", "web.yaml", "--framework", "nist-800-53-r5:all", "--baseline", "last"];
    let whole = sandbox.json(&args);
    assert_eq!(status(&whole, "nist-800-53-r5", "SI-2"), "fail");
    // Only some findings are looked for: what is not found is not in time for that.
    let alone = sandbox.json(&["-f", "web.yaml", "--check", OVERDUE, "--baseline", "last"]);
    assert!(reasons(&alone).contains("the selection leaves checks out"), "{}", reasons(&alone));
}

#[test]
fn the_deadlines_are_those_of_the_configuration() {
    let sandbox = Sandbox::with_web();
    assess(&mut session(&sandbox), WEB, "2026-01-01T00:00:00Z");
    let config = "[params.finding-overdue]\ncritical_days = 0\nhigh_days = 0\n";
    sandbox.write("config/config.toml", config);
    let scan = scan(&sandbox, &["--baseline", "last"]);
    assert!(mine(&scan, "findings").is_empty(), "{scan}");
    assert!(mine(&scan, "notAssessed").is_empty(), "{scan}");
}

#[test]
fn what_a_run_of_today_did_not_find_is_in_time() {
    let sandbox = Sandbox::with_web();
    let now = jiff::Timestamp::now().to_string();
    assess(&mut session(&sandbox), &mended(), &now);
    let scan = scan(&sandbox, &["--baseline", "last"]);
    let counts = scan["checks"].as_array().unwrap().iter().find(|c| c["id"] == OVERDUE).unwrap();
    assert_eq!((&counts["pass"], &counts["fail"]), (&1.into(), &0.into()), "{counts}");
    assert_eq!(counts["notAssessed"], 1, "the other was there when the session began");
    assert!(reasons(&scan).contains("no run shortly before"), "{}", reasons(&scan));
}

#[test]
fn two_runs_on_two_days_show_what_is_late() {
    let sandbox = Sandbox::new();
    let mut session = session(&sandbox);
    assess(&mut session, WEB, "2026-01-01T00:00:00Z");
    let first = sandbox.run(&["sessions", "report", "last#1", "-o", "json"]).json();
    assert!(mine(&first, "findings").is_empty(), "{first}");
    assert!(reasons(&first).contains("first found on 2026-01-01"), "{}", reasons(&first));
    assess(&mut session, WEB, "2026-01-17T00:00:00Z");
    let second = sandbox.run(&["sessions", "report", "last", "-o", "json"]).json();
    validate(&second);
    let late = mine(&second, "findings");
    assert_eq!(late.len(), 1, "thirty days are allowed for the other: {second}");
    assert_eq!(late[0]["value"], 16);
    // Mended: the finding about its age goes with it, and the session says so.
    assess(&mut session, &mended(), "2026-01-18T00:00:00Z");
    let diff = sandbox.run(&["sessions", "diff", "last", "-o", "json"]).json();
    let fixed = diff["findings"].as_array().unwrap().iter().filter(|f| f["change"] == "fixed");
    let fixed: Vec<&str> = fixed.map(|f| f["check"].as_str().unwrap()).collect();
    assert_eq!(fixed, ["privileged-container", OVERDUE]);
}

#[test]
fn an_acceptance_that_expired_is_late() {
    let sandbox = Sandbox::new();
    let mut session = session(&sandbox);
    assess(&mut session, WEB, "2026-01-01T00:00:00Z");
    let run = session.latest_run().unwrap().unwrap();
    let prints: Vec<String> = run.result.findings.iter().map(|f| f.fingerprint.clone()).collect();
    let accepted = Decision {
        state: DecisionState::Accepted,
        reason: Some("needed by the CNI".into()),
        approver: Some("grace".into()),
        expires: Some("2026-02-01".into()),
        ..Decision::default()
    };
    session.decide(&prints, &accepted, "ada", "2026-01-02T00:00:00Z").unwrap();
    assess(&mut session, WEB, "2026-02-01T12:00:00Z");
    let until = sandbox.run(&["sessions", "report", "last", "-o", "json"]).json();
    assert!(mine(&until, "findings").is_empty(), "its last day still counts: {until}");
    assess(&mut session, WEB, "2026-02-02T00:00:00Z");
    let after = sandbox.run(&["sessions", "report", "last", "-o", "json"]).json();
    let late = mine(&after, "findings");
    assert_eq!(late.len(), 2, "{after}");
    assert!(late.iter().all(|f| f["path"] == "spec.decision.expires"), "{late:?}");
    let message = late[0]["message"].as_str().unwrap();
    assert!(message.ends_with("the acceptance of its risk ended on 2026-02-01"), "{message}");
}

#[test]
fn an_acceptance_of_a_file_needs_a_day_that_is_not_over_and_a_name_where_policy_asks_for_it() {
    let sandbox = Sandbox::with_web();
    let file = |more: &str| {
        sandbox.write(
            "d.toml",
            format!(
                "schema = \"plimsoll.decisions/v1\"\n[[decision]]\ncheck = \"privileged-container\"\n\
                 state = \"accepted\"\nreason = \"the mesh needs it\"\n{more}"
            ),
        );
        let args = ["-f", "web.yaml", "--framework", "pss-baseline", "--check", OVERDUE];
        let run =
            sandbox.run(&[&["scan", "-o", "json"], &args[..], &["--decisions", "d.toml"]].concat());
        assert_eq!(run.status, 0, "{}", run.err);
        let over = more.contains("2020-");
        assert_eq!(run.err.contains("ran out on 2020-01-01"), over, "{}", run.err);
        let scan = run.json();
        let found = mine(&scan, "findings");
        found.iter().map(|f| f["path"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(file("expires = \"2999-01-01\"\n").is_empty());
    let asks = "[params.finding-overdue]\napprover_required = true\n";
    sandbox.write("config/config.toml", asks);
    assert_eq!(file("expires = \"2999-01-01\"\n"), ["spec.decision.approver"]);
    assert_eq!(file("approver = \"grace\"\nexpires = \"2020-01-01\"\n"), ["spec.decision.expires"]);
    assert!(file("approver = \"grace\"\nexpires = \"2999-01-01\"\n").is_empty());
}
