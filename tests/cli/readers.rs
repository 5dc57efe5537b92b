//! Commands that only read a session: they hold nobody up, touch nothing, and show what there is.

use plimsoll::model::decision::{Decision, DecisionState};
use plimsoll::session::{Session, SessionStore};

use super::sandbox::Sandbox;
use super::sessions::{NOW, assessed, session};

/// Every command that writes nothing, with the words that follow the session.
const READERS: &[&[&str]] = &[
    &["show"],
    &["show", "--json"],
    &["report", "-o", "oscal-ar"],
    &["diff"],
    &["exceptions"],
    &["trend"],
    &["decisions", "export"],
    &["bundle", "--output-file", "b.tar"],
];

fn of(words: &'static [&'static str], id: &str) -> Vec<String> {
    let words: Vec<&str> = match words {
        ["trend"] => vec!["trend"],
        ["decisions", verb] => vec!["decisions", verb, id],
        [verb, rest @ ..] => [&[*verb, id], rest].concat(),
        [] => Vec::new(),
    };
    ["sessions"].into_iter().chain(words).map(str::to_owned).collect()
}

#[test]
fn what_only_reads_takes_no_lock_and_tidies_nothing() {
    let sandbox = Sandbox::new();
    let mut written = session(&sandbox, "prod");
    written.record_judged(assessed(), Vec::new(), "ada").unwrap();
    let (id, dir) = (written.id().to_owned(), written.dir().to_owned());
    drop(written);
    // Whoever opened it to write would make the one again, and take the other away.
    std::fs::remove_file(dir.join("lock")).unwrap();
    let part = dir.join("runs/3.json.zst.part");
    std::fs::write(&part, "half").unwrap();
    for words in READERS {
        let words = of(words, &id);
        let run = sandbox.run(&words.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(run.status, 0, "{words:?}: {}", run.err);
        assert!(!dir.join("lock").exists() && part.exists(), "{words:?}");
    }
    // A scan that only compares reads as well.
    sandbox.write("web.yaml", super::sandbox::WEB);
    assert_eq!(sandbox.run(&["scan", "-f", "web.yaml", "--baseline", &id]).status, 0);
    assert!(!dir.join("lock").exists());
}

#[test]
fn whoever_reads_keeps_nobody_from_deciding() {
    let sandbox = Sandbox::new();
    let id = session(&sandbox, "prod").id().to_owned();
    let store = SessionStore::new(&sandbox.data());
    let mut reader = store.open_to_read(&id).unwrap();
    let decide = ["sessions", "decide", &id, "--namespace", "*", "--state", "in-progress"];
    let decided = sandbox.run(&decide);
    assert_eq!(decided.status, 0, "{}", decided.err);
    let refused = reader.note("p1:0", "x", "ada", NOW).unwrap_err().to_string();
    assert!(refused.contains("opened to be read"), "{refused}");
    // Whoever writes meanwhile is named to those who read, and keeps out those who write.
    let writer = store.open(&id).unwrap();
    let holder = format!("pid {}", std::process::id());
    assert!(store.open_to_read(&id).unwrap().holder().unwrap().starts_with(&holder));
    sandbox.run(&decide).refuses(2, &["open in another process", &holder]);
    drop(writer);
}

#[test]
fn a_scan_is_saved_in_the_session_that_it_is_compared_with() {
    let sandbox = Sandbox::with_web();
    let scan = |more: &[&str]| {
        sandbox.run(&[&["scan", "-f", "web.yaml", "--framework", "pss-baseline"], more].concat())
    };
    assert_eq!(scan(&["--session", "new"]).status, 0);
    let nightly = ["--session", "last", "--baseline", "last", "--fail-on-new"];
    let same = scan(&nightly);
    assert_eq!(same.status, 0, "{}", same.err);
    assert!(same.err.contains("saved as run 2"), "{}", same.err);
    let worse =
        super::sandbox::WEB.replace("hostNetwork: true", "hostNetwork: true\n      hostPID: true");
    sandbox.write("web.yaml", worse);
    let new = scan(&nightly);
    assert_eq!(new.status, 1, "{}", new.err);
    assert!(new.err.contains("saved as run 3"), "{}", new.err);
}

#[test]
fn a_command_about_the_whole_session_takes_no_run() {
    let sandbox = Sandbox::new();
    drop(session(&sandbox, "prod"));
    for words in [
        &["show", "last#1"][..],
        &["decide", "last#1", "--check", "privileged-container", "--state", "open"],
        &["bundle", "last#1", "--output-file", "b.tar"],
        &["decisions", "export", "last#1"],
    ] {
        let run = sandbox.run(&[&["sessions"], words].concat());
        run.refuses(2, &["`last#1` names one run", "write `last`"]);
    }
    sandbox.write("web.yaml", super::sandbox::WEB);
    sandbox.run(&["scan", "-f", "web.yaml", "--session", "last#1"]).refuses(2, &["names one run"]);
}

fn decided(session: &mut Session, count: u32) {
    let decision = Decision {
        state: DecisionState::FalsePositive,
        reason: Some("all of them".into()),
        ..Decision::default()
    };
    let prints: Vec<String> = (0..count).map(|n| format!("p1:{n:032x}")).collect();
    session.decide(&prints, &decision, "ada", NOW).unwrap();
}

#[test]
fn a_long_session_is_shown_in_part_and_says_how_all_of_it_is() {
    let sandbox = Sandbox::new();
    let mut long = session(&sandbox, "prod");
    decided(&mut long, 60);
    drop(long);
    let show = sandbox.run(&["sessions", "show", "last"]).out;
    // The newest decision is that of the session itself.
    assert_eq!(show.matches("false-positive").count(), 50 + 49, "{show}");
    for line in ["11 more decisions; --all shows them", "11 older changes; --all shows them"] {
        assert!(show.lines().any(|l| l == line), "no `{line}` in {show}");
    }
    let all = sandbox.run(&["sessions", "show", "last", "--all"]).out;
    assert_eq!(all.matches("false-positive").count(), 60 + 60, "{all}");
    assert!(!all.contains("--all"), "{all}");
    let json = sandbox.run(&["sessions", "show", "last", "--json"]).json();
    assert_eq!(json["schema"], "plimsoll.session-record/v1");
    assert_eq!(json["decisions"].as_array().unwrap().len(), 61);
    assert_eq!(json["history"].as_array().unwrap().len(), 61);
    let known = |row: &&serde_json::Value| row["finding"]["check"] == "privileged-container";
    let row = json["decisions"].as_array().unwrap().iter().find(known).expect("it is named");
    assert_eq!(row["decision"]["approver"], "grace");
    assert_eq!(json["runs"][0]["number"], 1);
    assert_eq!(json["notes"].as_array().unwrap().len(), 1);
}

#[test]
fn a_question_is_shown_with_its_evidence_before_it_is_answered() {
    let sandbox = Sandbox::with_web();
    let scan = ["scan", "-f", "web.yaml", "--framework", "nsa-cisa", "--session", "new"];
    assert_eq!(sandbox.run(&scan).status, 0);
    let shown = sandbox.run(&["frameworks", "show", "nsa-cisa", "--json"]).json();
    let all = shown["controls"].as_array().unwrap();
    let partial = all
        .iter()
        .find(|c| {
            c["assessment"] == "partial" && c["evidence"].as_str().is_some_and(|e| !e.is_empty())
        })
        .expect("one with evidence");
    let id = format!("nsa-cisa/{}", partial["id"].as_str().unwrap());
    let asked = sandbox.run(&["sessions", "attest", "last", &id]);
    assert_eq!(asked.status, 0, "{}", asked.err);
    for part in ["question", "evidence"] {
        assert!(asked.out.contains(partial[part].as_str().unwrap()), "{part}: {}", asked.out);
    }
    assert!(asked.out.contains("LAST RUN"), "{}", asked.out);
    assert!(asked.err.contains("nothing was answered"), "{}", asked.err);
    sandbox.run(&["sessions", "attest", "last", &id, "--reviewer", "g"]).refuses(2, &["--answer"]);
    let answered = sandbox.run(&["sessions", "attest", "last", &id, "--answer", "yes"]);
    assert!(answered.err.contains(partial["evidence"].as_str().unwrap()), "{}", answered.err);
    let again = sandbox.run(&["sessions", "attest", "last", &id]);
    assert!(again.out.contains("answer    yes, by ada"), "{}", again.out);
}
