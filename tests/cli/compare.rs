//! Runs compared: within a session, between sessions, with a baseline, and over time.

use std::sync::Arc;

use std::collections::BTreeSet;

use plimsoll::model::attestation::{Attestation, AttestationAnswer};
use plimsoll::model::decision::{Decision, DecisionState};
use plimsoll::session::{Session, SessionMeta, SessionStore};
use serde_json::Value;

use super::sandbox::{Sandbox, WEB, snapshot};
use super::sessions::assessed_text;

const DAYS: [&str; 4] = [
    "2026-01-01T00:00:00Z",
    "2026-01-02T00:00:00Z",
    "2026-01-03T00:00:00Z",
    "2026-01-04T00:00:00Z",
];

/// The container is no longer privileged; the host's network is still used.
fn mended() -> String {
    WEB.replace("privileged: true", "privileged: false")
}

/// A session with one run of `web.yaml` for each text.
fn session(sandbox: &Sandbox, title: &str, texts: &[&str]) -> Session {
    let meta = SessionMeta { title: title.into(), ..SessionMeta::default() };
    let mut session = SessionStore::new(&sandbox.data()).create(meta, "ada", DAYS[0]).unwrap();
    for (text, day) in texts.iter().zip(DAYS) {
        let mut run = assessed_text(text);
        day.clone_into(&mut run.finished);
        session.record_judged(run, Vec::new(), "ada").unwrap();
    }
    session
}

/// `change check` of every finding, in their order.
fn told(diff: &Value) -> Vec<String> {
    let text = |v: &Value| v.as_str().unwrap().to_owned();
    let all = diff["findings"].as_array().unwrap().iter();
    all.map(|f| format!("{} {}", text(&f["change"]), text(&f["check"]))).collect()
}

#[test]
fn two_runs_of_a_session_are_compared() {
    let sandbox = Sandbox::new();
    drop(session(&sandbox, "web \u{1b}[31m", &[WEB, &mended()]));
    let run = sandbox.run(&["sessions", "diff", "last", "-o", "json"]);
    assert_eq!((run.status, &*run.err), (0, ""));
    let diff = run.json();
    assert_eq!(diff["schema"], "plimsoll.diff/v1");
    assert_eq!((&diff["before"]["run"], &diff["after"]["run"]), (&1.into(), &2.into()));
    assert_eq!(told(&diff), ["fixed privileged-container", "unchanged host-network-namespace"]);
    assert_eq!(diff["totals"]["all"]["fixed"], 1);
    let framework = &diff["frameworks"][0];
    assert_eq!(framework["id"], "pss-baseline");
    let control = &framework["controls"][0];
    assert_eq!((&control["id"], &control["before"]), (&"privileged".into(), &"fail".into()));
    assert_ne!(control["after"], "fail");
    assert!(!run.out.contains('\u{1b}'));
    // The same, asked for by number, and the other way round.
    let named = sandbox.run(&["sessions", "diff", "last#1", "last#2", "-o", "json"]);
    assert_eq!(named.out, run.out);
    let back = sandbox.run(&["sessions", "diff", "last#2", "last#1", "-o", "json"]).json();
    assert_eq!(told(&back), ["new privileged-container", "unchanged host-network-namespace"]);

    let table = sandbox.run(&["sessions", "diff", "last"]);
    let id = diff["before"]["session"].as_str().unwrap();
    snapshot("sessions-diff", &table.out.replace(id, "ID"));
    let args = ["sessions", "diff", "last", "-o", "markdown", "--output-file", "diff.md"];
    let file = sandbox.run(&args);
    assert_eq!((file.status, &*file.out), (0, ""), "{}", file.err);
    let markdown = std::fs::read_to_string(sandbox.path("diff.md")).unwrap();
    assert!(markdown.contains("## Fixed") && !markdown.contains("## New"), "{markdown}");
    assert!(!markdown.contains('\u{1b}'), "{markdown}");
    sandbox.run(&args).refuses(2, &["diff.md exists"]);
}

#[test]
fn what_was_decided_and_answered_between_two_runs_is_told() {
    let sandbox = Sandbox::new();
    let mut session = session(&sandbox, "web", &[WEB]);
    let run = session.latest_run().unwrap().unwrap();
    let print = |check: &str| {
        let found = run.result.findings.iter().find(|f| &*f.check == check).unwrap();
        found.fingerprint.clone()
    };
    let decide = |state| Decision { state, reason: Some("known".into()), ..Decision::default() };
    let host = print("host-network-namespace");
    session.decide(&[host], &decide(DecisionState::FalsePositive), "ada", DAYS[1]).unwrap();
    let answer = Attestation {
        framework: "nsa-cisa".into(),
        control: "NSA-POD-03".into(),
        answer: AttestationAnswer::Yes,
        reviewer: "grace".into(),
        date: "2026-01-02".into(),
        expires: None,
        evidence: None,
        link: None,
        file: None,
    };
    let key = answer.key();
    session.attest(&[(key, Some(answer))], "ada", DAYS[1]).unwrap();
    let mut again = assessed_text(WEB);
    DAYS[2].clone_into(&mut again.finished);
    session.record_judged(again, Vec::new(), "ada").unwrap();
    // What comes after the later run is not between them.
    let privileged = print("privileged-container");
    session.decide(&[privileged], &decide(DecisionState::Accepted), "ada", DAYS[3]).unwrap();
    drop(session);

    let diff = sandbox.run(&["sessions", "diff", "last", "-o", "json"]).json();
    let [decided] = &diff["decided"]["findings"].as_array().unwrap()[..] else { panic!("{diff}") };
    assert_eq!(decided["check"], "host-network-namespace");
    assert_eq!((&decided["before"], &decided["after"]), (&"open".into(), &"false-positive".into()));
    assert_eq!((&decided["by"], &decided["time"]), (&"ada".into(), &DAYS[1].into()));
    assert_eq!(decided["reason"], "known");
    let [answer] = &diff["decided"]["answers"].as_array().unwrap()[..] else { panic!("{diff}") };
    assert_eq!((&answer["control"], &answer["after"]), (&"NSA-POD-03".into(), &"yes".into()));
    assert_eq!(answer["before"], Value::Null);
    let words = "1 false positive, 1 question answered";
    let table = sandbox.run(&["sessions", "diff", "last"]).out;
    assert!(table.contains(&format!("Decided between them: {words}")), "{table}");
    assert!(table.contains("NSA-POD-03") && table.contains("false-positive"), "{table}");
    let markdown = sandbox.run(&["sessions", "diff", "last", "-o", "markdown"]).out;
    assert!(markdown.contains("## Decided between them"), "{markdown}");
    assert!(markdown.contains(words) && markdown.contains("| known |"), "{markdown}");
    // The other way round nothing of it holds any more.
    let back = sandbox.run(&["sessions", "diff", "last#2", "last#1"]).out;
    assert!(back.contains("1 open again, 1 answer withdrawn"), "{back}");
}

#[test]
fn a_threshold_looks_at_what_is_new_and_open() {
    let sandbox = Sandbox::new();
    let mut session = session(&sandbox, "web", &[&mended(), WEB]);
    let args = ["sessions", "diff", "last", "--fail-on-new"];
    assert_eq!(sandbox.run(&args).status, 1);
    assert_eq!(sandbox.run(&args[..3]).status, 0, "without the threshold nothing trips");
    assert_eq!(sandbox.run(&["sessions", "diff", "last#2", "last#1", "--fail-on-new"]).status, 0);
    let run = sandbox.run(&["sessions", "diff", "last", "-o", "json"]).json();
    let print = run["findings"][0]["fingerprint"].as_str().unwrap().to_owned();
    let accepted = Decision {
        state: DecisionState::Accepted,
        reason: Some("until March".into()),
        ..Decision::default()
    };
    session.decide(&[print], &accepted, "ada", DAYS[2]).unwrap();
    assert_eq!(sandbox.run(&args).status, 0, "the risk was accepted");
}

#[test]
fn a_finding_that_comes_back_has_regressed_and_the_session_says_so() {
    let sandbox = Sandbox::new();
    drop(session(&sandbox, "web", &[WEB, &mended(), WEB]));
    let diff = sandbox.run(&["sessions", "diff", "last", "--fail-on-new", "-o", "json"]);
    assert_eq!(diff.status, 1);
    assert_eq!(told(&diff.json())[0], "regressed privileged-container");
    // Of the first two runs it was not known yet.
    let first = sandbox.run(&["sessions", "diff", "last#2", "last#1", "-o", "json"]).json();
    assert_eq!(told(&first)[0], "new privileged-container");
    let show = sandbox.run(&["sessions", "show", "last"]);
    assert!(
        show.out.contains("regressed") && show.out.contains("found again by run 3"),
        "{}",
        show.out
    );
    let report = sandbox.run(&["sessions", "report", "last", "-o", "json"]).json();
    assert_eq!(report["findings"][0]["decision"], "regressed");
    assert_eq!(super::sandbox::status(&report, "pss-baseline", "privileged"), "fail");
}

#[test]
fn sessions_are_compared_and_what_one_could_not_see_is_not_called_fixed() {
    let sandbox = Sandbox::new();
    let a = session(&sandbox, "whole", &[WEB]).id().to_owned();
    let meta = SessionMeta { title: "narrow".into(), ..SessionMeta::default() };
    let mut narrow = SessionStore::new(&sandbox.data()).create(meta, "ada", DAYS[1]).unwrap();
    let mut run = assessed_text(&mended());
    run.selection.namespaces = vec!["shop".into()];
    Arc::make_mut(&mut run.result).findings.clear();
    narrow.record_judged(run, Vec::new(), "ada").unwrap();
    let b = narrow.id().to_owned();
    drop(narrow);
    let diff = sandbox.run(&["sessions", "diff", &a, &b, "-o", "json"]).json();
    let changes: BTreeSet<String> = told(&diff).into_iter().collect();
    assert!(changes.iter().all(|c| c.starts_with("incomparable ")), "{changes:?}");
    assert_eq!(diff["findings"][0]["reason"], "only namespaces shop were looked at");
    assert_eq!(diff["findings"][0]["side"], "before");
    assert!(diff["notes"][0].as_str().unwrap().contains("namespaces shop"));
    // What only the later one shows and the earlier one could not see trips: nothing shows that it
    // is old.
    let args = ["sessions", "diff", &b, &a, "--fail-on-new"];
    let run = sandbox.run(&args);
    assert_eq!(run.status, 1);
    assert!(
        run.out.contains("in the first run: only namespaces shop were looked at"),
        "{}",
        run.out
    );
}

#[test]
fn mistakes_about_runs_are_told() {
    let sandbox = Sandbox::new();
    drop(session(&sandbox, "web", &[WEB]));
    sandbox.run(&["sessions", "diff", "last"]).refuses(2, &["has no run before run 1"]);
    sandbox
        .run(&["sessions", "diff", "last#9", "last"])
        .refuses(2, &["has no run 9", "from 1 to 1"]);
    sandbox.run(&["sessions", "diff", "last#x"]).refuses(2, &["`last#x` names no run"]);
    sandbox.run(&["sessions", "diff", "ZZZZ", "last"]).refuses(2, &["no session `ZZZZ`"]);
    sandbox.run(&["scan", "--demo", "--fail-on-new"]).refuses(2, &["--baseline"]);
    sandbox.run(&["scan", "--demo", "--baseline", "ZZZZ"]).refuses(2, &["no session `ZZZZ`"]);
}

#[test]
fn a_scan_says_what_is_new_since_its_baseline() {
    let sandbox = Sandbox::new();
    drop(session(&sandbox, "web", &[&mended()]));
    sandbox.write("web.yaml", WEB);
    let scan = ["scan", "-f", "web.yaml", "--framework", "pss-baseline", "--baseline", "last"];
    let with = |more: &[&'static str]| sandbox.run(&[&scan[..], more].concat());
    let table = with(&["--fail-on-new"]);
    let named =
        "plimsoll: --fail-on-new: privileged-container on Deployment/pay/web (web.yaml:18)\n";
    assert_eq!((table.status, &*table.err), (1, named));
    for line in ["Since web, run 1", "1 new, 1 unchanged", "New:"] {
        assert!(table.out.contains(line), "no `{line}` in {}", table.out);
    }
    assert_eq!(with(&[]).status, 0, "only asked for does it trip");
    let json = with(&["-o", "json"]).json();
    let change = |json: &Value, check: &str| {
        let all = json["findings"].as_array().unwrap();
        all.iter().find(|f| f["check"] == check).map(|f| f["change"].clone())
    };
    assert_eq!(change(&json, "privileged-container"), Some("new".into()));
    assert_eq!(change(&json, "host-network-namespace"), Some("unchanged".into()));
    assert_eq!(json["baseline"]["run"], 1);
    assert_eq!(json["baseline"]["totals"]["new"], 1);
    // What is gone stands beside the findings, never among them.
    sandbox.write("web.yaml", mended().replace("hostNetwork: true", "hostNetwork: false"));
    let json = with(&["-o", "json", "--fail-on-new"]);
    assert_eq!(json.status, 0);
    let json = json.json();
    assert_eq!(json["findings"].as_array().unwrap().len(), 0);
    assert_eq!(json["baseline"]["gone"][0]["change"], "fixed");
    // Without a baseline nothing of it appears.
    let plain = sandbox.json(&["-f", "web.yaml", "--framework", "pss-baseline"]);
    assert_eq!(plain["baseline"], Value::Null);
    assert!(!plain.to_string().contains("\"change\""));
}

#[test]
fn a_scan_says_what_is_decided_already_of_what_is_new() {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", WEB);
    let mut session = session(&sandbox, "web", &[&mended(), WEB]);
    let scan = ["scan", "-f", "web.yaml", "--framework", "pss-baseline", "--baseline", "last#1"];
    let with = |more: &[&'static str]| sandbox.run(&[&scan[..], more].concat());
    let told = |out: &str| {
        let line = out.lines().find(|line| line.starts_with("  Of 1 new"));
        line.map(str::to_owned)
    };
    assert_eq!(told(&with(&[]).out), None, "nothing was decided anywhere");
    let json = with(&["-o", "json"]).json();
    let all = json["findings"].as_array().unwrap();
    let new = all.iter().find(|finding| finding["change"] == "new").unwrap();
    let print = new["fingerprint"].as_str().unwrap().to_owned();
    let accepted = Decision {
        state: DecisionState::Accepted,
        reason: Some("until March".into()),
        ..Decision::default()
    };
    session.decide(&[print], &accepted, "ada", DAYS[2]).unwrap();
    drop(session);
    let table = with(&["--fail-on-new"]);
    let there =
        "  Of 1 new or regressed finding, 1 is decided: 1 accepted in the session of that run only";
    assert_eq!((table.status, told(&table.out).as_deref()), (1, Some(there)));
    // Other formats have no place for it.
    assert!(with(&["-o", "csv"]).err.contains(there), "it is said beside them");
    let table = with(&["--fail-on-new", "--session", "last"]);
    let here = "  Of 1 new or regressed finding, 1 is decided: 1 accepted";
    assert_eq!((table.status, told(&table.out).as_deref()), (0, Some(here)), "{}", table.err);
}

#[test]
fn a_baseline_that_could_not_see_a_finding_does_not_make_it_old() {
    let sandbox = Sandbox::new();
    let mut run = assessed_text(WEB);
    let result = Arc::make_mut(&mut run.result);
    result.checks.retain(|id, _| &**id != "privileged-container");
    result.findings.retain(|f| &*f.check != "privileged-container");
    let mut session =
        SessionStore::new(&sandbox.data()).create(SessionMeta::default(), "ada", DAYS[0]).unwrap();
    session.record_judged(run, Vec::new(), "ada").unwrap();
    drop(session);
    sandbox.write("web.yaml", WEB);
    let args = ["scan", "-f", "web.yaml", "--framework", "pss-baseline", "--baseline", "last"];
    let run = sandbox.run(&[&args[..], &["--fail-on-new"]].concat());
    assert_eq!(run.status, 1);
    assert!(run.out.contains("1 incomparable, 1 unchanged"), "{}", run.out);
    assert!(run.out.contains("Not compared") && run.out.contains("1 of this scan"), "{}", run.out);
}

#[test]
fn a_finding_in_a_new_file_of_the_same_directory_is_new_and_named() {
    let sandbox = Sandbox::new();
    sandbox.write("rn/a.yaml", WEB);
    let args = ["scan", "-f", "rn", "--check", "privileged-container"];
    sandbox.run(&[&args[..], &["--session", "new"]].concat());
    let gate = ["--baseline", "last", "--fail-on-new"];
    std::fs::rename(sandbox.path("rn/a.yaml"), sandbox.path("rn/c.yaml")).unwrap();
    let moved = sandbox.run(&[&args[..], &gate].concat());
    assert_eq!(moved.status, 0, "{}{}", moved.out, moved.err);
    sandbox.write("rn/b.yaml", WEB.replace("name: web", "name: other"));
    let run = sandbox.run(&[&args[..], &gate].concat());
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(run.out.contains("1 new, 1 unchanged"), "{}", run.out);
    let line = "--fail-on-new: privileged-container on Deployment/pay/other (rn/b.yaml:";
    assert!(run.err.contains(line), "{}", run.err);
    // A file that no directory of the baseline holds may be old: that is said.
    sandbox.write("else.yaml", WEB.replace("name: web", "name: third"));
    let other = ["scan", "-f", "else.yaml", "--check", "privileged-container"];
    let run = sandbox.run(&[&other[..], &gate].concat());
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(run.err.contains("else.yaml was not among the files"), "{}", run.err);
}

#[test]
fn what_another_selection_left_out_is_counted_and_not_listed() {
    let sandbox = Sandbox::new();
    let saved = sandbox.run(&["scan", "--demo", "--framework", "pss-baseline", "--session", "new"]);
    assert_eq!(saved.status, 0, "{}", saved.err);
    let run = sandbox.run(&["scan", "--demo", "-n", "shop", "--baseline", "last"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let (_, since) = run.out.split_once("\nSince ").expect(&run.out);
    let line = since.lines().find(|line| line.starts_with("Not compared")).expect(since);
    assert!(line.contains("of this scan") && line.contains("of the baseline"), "{line}");
    assert!(line.contains("selection of the baseline"), "says what to do: {line}");
    assert!(since.lines().count() < 12, "nothing of it is listed: {since}");
    let counted: usize = line.split([' ', ',']).filter_map(|word| word.parse::<usize>().ok()).sum();
    let json = sandbox.json(&["--demo", "-n", "shop", "--baseline", "last"]);
    let totals = json["baseline"]["totals"]["incomparable"].as_u64().unwrap();
    assert_eq!(counted as u64, totals, "{line}");
    assert!(counted > 20, "{line}");
}

#[test]
fn what_people_answered_is_told_apart_in_a_comparison() {
    let sandbox = Sandbox::with_web();
    let scan = |to: &str| {
        let args = ["scan", "-f", "web.yaml", "--framework", "nsa-cisa", "--session", to];
        assert_eq!(sandbox.run(&args).status, 0);
    };
    scan("new");
    sandbox.write("web.yaml", mended());
    scan("last");
    let shown = sandbox.run(&["frameworks", "show", "nsa-cisa", "--json"]).json();
    let all = shown["controls"].as_array().unwrap();
    let manual = all.iter().find(|c| c["assessment"] == "manual").expect("one that asks");
    let control = format!("nsa-cisa/{}", manual["id"].as_str().unwrap());
    let attest = ["sessions", "attest", "last", &control, "--answer", "yes"];
    assert_eq!(sandbox.run(&attest).status, 0);
    for format in ["table", "markdown"] {
        let diff = sandbox.run(&["sessions", "diff", "last", "-o", format]).out;
        // The answer itself has a row, too.
        let of = |l: &&str| l.contains("nsa-cisa") && l.contains('%');
        let row = diff.lines().find(of).expect("the framework");
        assert_eq!(row.matches("(1 attested)").count(), 2, "before and after: {row}");
    }
}

#[test]
fn trends_of_different_files_are_told_apart() {
    let sandbox = Sandbox::with_web();
    sandbox.write("m/db.yaml", WEB);
    for file in ["web.yaml", "./m"] {
        let scan = ["scan", "-f", file, "--framework", "pss-baseline", "--session", "new"];
        assert_eq!(sandbox.run(&scan).status, 0);
    }
    let table = sandbox.run(&["sessions", "trend"]).out;
    for head in ["manifests of web.yaml: ", "manifests of m: "] {
        assert!(table.contains(head), "no `{head}` in {table}");
    }
    let trends = sandbox.run(&["sessions", "trend", "--json"]).json();
    let files: Vec<&Value> =
        trends["trends"].as_array().unwrap().iter().map(|t| &t["files"][0]).collect();
    assert_eq!(files, ["m", "web.yaml"]);
}

#[test]
fn a_trend_shows_every_run_of_the_same_thing() {
    let sandbox = Sandbox::new();
    let none = sandbox.run(&["sessions", "trend"]);
    assert_eq!((none.status, &*none.out), (0, ""));
    let id = session(&sandbox, "web", &[WEB, &mended(), WEB]).id().to_owned();
    let trend = sandbox.run(&["sessions", "trend", "--json"]).json();
    assert_eq!(trend["schema"], "plimsoll.trend/v1");
    let of = &trend["trends"][0];
    assert_eq!((&of["place"], &of["files"][0]), (&"manifests".into(), &"web.yaml".into()));
    let points = trend["trends"][0]["points"].as_array().unwrap();
    let open: Vec<u64> = points
        .iter()
        .map(|p| p["open"].as_object().unwrap().values().map(|n| n.as_u64().unwrap()).sum())
        .collect();
    assert_eq!(open, [2, 1, 2]);
    assert_eq!(points[0]["session"].as_str().unwrap(), id);
    let table = sandbox.run(&["sessions", "trend"]);
    assert_eq!((table.status, &*table.err), (0, ""));
    assert!(
        table.out.contains("manifests of web.yaml: everything; frameworks pss-baseline"),
        "{}",
        table.out
    );
    assert!(table.out.contains("█▅█"), "{}", table.out);
    let plain = sandbox.run(&["sessions", "trend", "--ascii"]).out;
    assert!(plain.is_ascii() && plain.contains("#=#"), "{plain}");
    sandbox
        .run(&["sessions", "trend", "--framework", "bogus"])
        .refuses(2, &["`bogus`", "scores of"]);
    sandbox.run(&["sessions", "trend", "--context", "prod"]).refuses(2, &["no saved run"]);
    sandbox.run(&["sessions", "trend", "--cluster", "u1"]).refuses(2, &["no saved run"]);
}

#[test]
fn sarif_says_what_became_of_each_result_since_the_baseline() {
    let sandbox = Sandbox::new();
    drop(session(&sandbox, "web", &[WEB]));
    let states = |text: &str| {
        sandbox.write("web.yaml", text);
        let base = ["scan", "-f", "web.yaml", "--framework", "pss-baseline", "-o", "sarif"];
        let log = sandbox.run(&[&base[..], &["--baseline", "last"]].concat()).json();
        let results = log["runs"][0]["results"].as_array().unwrap().iter();
        let text = |v: &Value| v.as_str().unwrap_or("none").to_owned();
        results.map(|r| (text(&r["ruleId"]), text(&r["baselineState"]))).collect::<BTreeSet<_>>()
    };
    let expected = |rows: &[(&str, &str)]| -> BTreeSet<(String, String)> {
        rows.iter().map(|(rule, state)| ((*rule).to_owned(), (*state).to_owned())).collect()
    };
    let mended = states(&mended());
    assert_eq!(
        mended,
        expected(&[("host-network-namespace", "unchanged"), ("privileged-container", "absent")])
    );
    let more = WEB.replace("hostNetwork: true", "hostNetwork: true\n      hostPID: true");
    assert!(states(&more).contains(&("host-pid-namespace".to_owned(), "new".to_owned())));
}

#[test]
fn a_plan_of_action_lists_what_is_fixed_as_closed() {
    let sandbox = Sandbox::new();
    drop(session(&sandbox, "web", &[WEB, &mended()]));
    let plan = |which: &str| {
        let run = sandbox.run(&["sessions", "report", which, "-o", "oscal-poam"]);
        assert_eq!((run.status, &*run.err), (0, ""));
        let plan = run.json()["plan-of-action-and-milestones"].clone();
        let items = plan["poam-items"].as_array().unwrap().clone();
        let closed = |item: &&Value| {
            item["props"].as_array().unwrap().iter().any(|p| p["value"] == "closed")
        };
        items.iter().filter(closed).cloned().collect::<Vec<_>>()
    };
    let closed = plan("last");
    assert_eq!(closed.len(), 1, "{closed:?}");
    let text = closed[0]["description"].as_str().unwrap();
    assert_eq!(text, "Deployment/pay/web: not found any more by run 2");
    assert!(closed[0]["title"].as_str().unwrap().starts_with("Closed: "));
    assert!(closed[0]["props"].as_array().unwrap().iter().any(|p| p["value"] == DAYS[1]));
    assert_eq!(plan("last#1"), Vec::<Value>::new(), "there it was still found");
}

/// The demo is judged twice, the second time with other parameters, and reported in every format.
#[test]
fn parameters_leave_a_trace_in_runs_reports_bundles_and_comparisons() {
    let sandbox = Sandbox::new();
    let config = "policy-version = \"1.34\"\n[params.replicas-below-minimum]\nmin_replicas = 3\n";
    sandbox.write("config.toml", config);
    let check = ["--check", "replicas-below-minimum"];
    let scan = |args: &[&[&str]]| {
        let run =
            sandbox.run(&[&["scan", "-o", "json", "--demo"], &check[..], &args.concat()].concat());
        assert_eq!(run.status, 0, "{}", run.err);
        run.json()
    };
    let first = scan(&[&["--session", "new"]]);
    assert_eq!(first["settings"], serde_json::json!({ "podSecurity": 35 }));
    let set = ["--config", "config.toml"];
    let second = scan(&[&["--session", "last"], &set]);
    let digest = second["settings"]["digest"].as_str().unwrap();
    let expected = serde_json::json!({
        "params": { "replicas-below-minimum/min_replicas": 3 }, "podSecurity": 34,
        "podSecuritySet": true, "digest": digest
    });
    assert_eq!(second["settings"], expected);
    assert_ne!(first["findings"], second["findings"]);
    for format in ["json", "markdown", "html", "sarif", "oscal-ar", "junit", "csv-run", "table"] {
        let report = sandbox.run(&["sessions", "report", "last", "-o", format]);
        assert_eq!(report.status, 0, "{format}: {}", report.err);
        // Markdown escapes the underscore.
        let text = report.out.replace('\\', "");
        assert!(
            text.contains("replicas-below-minimum/min_replicas"),
            "{format} names no parameter"
        );
        let version = if format == "json" { "\"podSecurity\": 34" } else { "1.34" };
        assert!(text.contains(version), "{format} names no Pod Security policy");
        assert!(format == "table" || report.out.contains(digest), "{format} has no digest");
    }
    let diff = sandbox.run(&["sessions", "diff", "last", "-o", "json"]).json();
    let changes: BTreeSet<String> =
        told(&diff).iter().map(|t| t.split(' ').next().unwrap().to_owned()).collect();
    assert!(changes.is_subset(&["incomparable".into(), "unchanged".into()].into()), "{changes:?}");
    assert!(changes.contains("incomparable"), "{changes:?}");
    let notes = diff["notes"].to_string();
    assert!(notes.contains("min_replicas went from its default to 3"), "{notes}");
    assert!(notes.contains("the Pod Security policy went from v1.35 to v1.34, as set"), "{notes}");
}

#[test]
fn a_comparison_says_what_was_asked_for_otherwise() {
    let sandbox = Sandbox::with_web();
    let scan = |more: &[&str]| {
        let run = sandbox.run(&[&["scan", "-f", "web.yaml"], more].concat());
        assert_eq!(run.status, 0, "{}", run.err);
        let diff = sandbox.run(&["sessions", "diff", "last", "-o", "json"]);
        if diff.status == 0 { diff.json()["notes"].to_string() } else { String::new() }
    };
    scan(&["--session", "new"]);
    let notes = scan(&["--session", "last", "--check", "privileged-container"]);
    assert!(notes.contains("the second for check privileged-container"), "{notes}");
    let notes = scan(&["--session", "last", "--check", "privileged-container", "--complete"]);
    assert!(notes.contains("only the second run took its manifests for everything"), "{notes}");
    assert!(!notes.contains("asked for"), "{notes}");
}
