//! Scans that are saved in a session.

use super::document::validate;
use super::sandbox::{Sandbox, WEB};

const SCAN: &[&str] = &["scan", "-f", "web.yaml", "--framework", "pss-baseline"];

fn scan(sandbox: &Sandbox, more: &[&str]) -> super::sandbox::Run {
    sandbox.run(&[SCAN, more].concat())
}

#[test]
fn what_became_of_findings_is_said_since_the_run_that_it_was_compared_with() {
    let sandbox = Sandbox::with_web();
    let check = |name: &str| {
        let run = sandbox.run(&["scan", "-f", "web.yaml", "--session", name]);
        run.err
    };
    assert!(!check("new").contains("since run"));
    sandbox.write("web.yaml", WEB.replace("privileged: true", "privileged: false"));
    let second = check("last");
    assert!(second.contains("; since run 1 (20"), "{second}");
    assert!(second.contains("fixed") && !second.contains("earlier runs"), "{second}");

    // A run in between that could not look: what it is compared with is said as well.
    sandbox.write("web.yaml", WEB);
    let other = ["scan", "-f", "web.yaml", "--check", "host-port", "--session", "last"];
    assert!(!sandbox.run(&other).err.contains("since run"));
    let fourth = check("last");
    let told = ", and since earlier runs where that one did not look: ";
    assert!(fourth.contains("; since run 3 (20") && fourth.contains(told), "{fourth}");
    assert!(fourth.contains("1 fixed, 2 regressed"), "{fourth}");
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
    sandbox.run(&demo).refuses(2, &["assesses manifests of web.yaml", "--session new"]);
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

const OPEN: &str = "\
apiVersion: v1
kind: ServiceAccount
metadata: {name: reader, namespace: pay}
automountServiceAccountToken: false
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: reader, namespace: pay}
rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]
";

/// What a run is judged by is saved with it: a report says what the scan said.
#[test]
fn what_is_saved_is_judged_as_it_was() {
    let sandbox = Sandbox::with_web();
    sandbox.write("man/roles.yaml", OPEN);
    std::fs::rename(sandbox.path("web.yaml"), sandbox.path("man/web.yaml")).unwrap();
    let sources: [&[&str]; 4] = [
        &["-f", "man", "--complete"],
        &["-f", "man"],
        &["-f", "man", "--complete", "--kube-version", "1.31"],
        &["--demo"],
    ];
    let frameworks = "nsa-cisa,microsoft-threat-matrix,nist-800-53,pss-restricted";
    for source in sources {
        let base = ["-o", "json", "--session", "new", "--framework", frameworks];
        let scan = sandbox.run(&[&["scan"], source, &base].concat()).json();
        let report = sandbox.run(&["sessions", "report", "last", "-o", "json"]).json();
        validate(&report);
        for part in ["frameworks", "source", "reads", "findings", "checks"] {
            assert_eq!(report[part], scan[part], "{part} of {source:?}");
        }
    }
}

#[test]
fn runs_of_other_manifests_are_refused_and_those_of_the_same_directory_are_not() {
    let sandbox = Sandbox::new();
    sandbox.write("a/web.yaml", WEB);
    sandbox.write("b/web.yaml", WEB);
    let scan = |dir: &str, session: &str| {
        sandbox.run(&["scan", "-f", dir, "--framework", "pss-baseline", "--session", session])
    };
    let first = scan("a", "new");
    assert_eq!(first.status, 0, "{}", first.err);
    let id = first.err.split_whitespace().last().unwrap();
    scan("b", "last").refuses(2, &["manifests of a, and this is manifests of b", "--session new"]);
    std::fs::rename(sandbox.path("a/web.yaml"), sandbox.path("a/other.yaml")).unwrap();
    assert_eq!(scan("./a/", "last").status, 0, "files come and go");
    assert_eq!(scan("b", "new").status, 0);
    let diff = sandbox.run(&["sessions", "diff", id, "last"]).out;
    assert!(diff.contains("different manifests (manifests of a and manifests of b)"), "{diff}");
}

#[test]
fn between_manifests_and_a_cluster_nothing_is_fixed() {
    let sandbox = Sandbox::with_web();
    let check = ["--check", "privileged-container,host-network-namespace", "--session", "new"];
    sandbox.run(&[&["scan", "-f", "web.yaml"], &check[..]].concat());
    let id = session_dir(&sandbox).rsplit('/').next().unwrap().to_owned();
    sandbox.run(&[&["scan", "--demo"], &check[..]].concat());
    for pair in [[&*id, "last"], ["last", &id]] {
        let args = [&["sessions", "diff"], &pair[..], &["-o", "json"]].concat();
        let diff = sandbox.run(&args).json();
        let count = |word: &str| diff["totals"]["all"][word].as_u64();
        assert_eq!((count("fixed"), count("new")), (Some(0), Some(0)), "{diff}");
        assert!(count("incomparable") > Some(0), "{diff}");
        let said = diff["notes"].to_string();
        assert!(said.contains("are different sources"), "{said}");
    }
}

#[test]
fn a_session_without_a_run_is_passed_over_where_a_run_is_needed() {
    let sandbox = Sandbox::with_web();
    scan(&sandbox, &["--session", "new"]);
    let store = plimsoll::session::SessionStore::new(&sandbox.data());
    let meta = plimsoll::session::SessionMeta::default();
    drop(store.create(meta, "ada", "2999-01-01T00:00:00Z").unwrap());
    let run = scan(&sandbox, &["--baseline", "last", "--fail-on-new"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let decide = ["sessions", "decide", "last", "--check", "privileged-container"];
    let run = sandbox.run(&[&decide[..], &["--state", "in-progress"]].concat());
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(scan(&sandbox, &["--session", "last"]).err.contains("saved as run 2"));
}

#[test]
fn a_session_is_shown_by_what_findings_are_about_and_why_they_were_decided() {
    let sandbox = Sandbox::with_web();
    scan(&sandbox, &["--session", "new"]);
    let decide = ["sessions", "decide", "last", "--check", "privileged-container"];
    let why = ["--state", "accepted", "--reason", "the CNI needs it", "--approver", "grace"];
    assert_eq!(sandbox.run(&[&decide[..], &why].concat()).status, 0);
    let shown = sandbox.run(&["sessions", "show", "last"]).out;
    let lines: Vec<&str> = shown.lines().filter(|l| l.contains("the CNI needs it")).collect();
    assert_eq!(lines.len(), 2, "as it is, and how it came: {shown}");
    for line in lines {
        for word in ["privileged-container", "web", "accepted", "grace"] {
            assert!(line.contains(word), "no {word} in {line}");
        }
    }
    // What the last run has no more is still called by its name.
    sandbox.write("web.yaml", WEB.replace("privileged: true", "privileged: false"));
    scan(&sandbox, &["--session", "last"]);
    let shown = sandbox.run(&["sessions", "show", "last"]).out;
    assert!(shown.contains("privileged-container"), "{shown}");
}
