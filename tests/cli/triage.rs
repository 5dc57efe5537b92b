//! Decisions as code: files applied to a scan, exported, imported; bulk decisions, answers to
//! controls, the board of exceptions, annotations of other tools.

use plimsoll::session::{Session, SessionMeta, SessionStore};

use super::document::validate;
use super::sandbox::{Sandbox, status};
use super::sessions::{NOW, assessed};

const HEAD: &str = "schema = \"plimsoll.decisions/v1\"\n";

fn entry(what: &str) -> String {
    format!(
        "{HEAD}\n[[decision]]\n{what}\nstate = \"accepted\"\nreason = \"the mesh needs it\"\napprover = \"grace\"\n"
    )
}

/// A session with a run of the manifest, and nothing decided.
fn session(sandbox: &Sandbox) -> Session {
    let store = SessionStore::new(&sandbox.data());
    let mut session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    session.record_judged(assessed(), Vec::new(), "ada").unwrap();
    session
}

/// The finding of a check.
fn found<'a>(scan: &'a serde_json::Value, check: &str) -> &'a serde_json::Value {
    let all = scan["findings"].as_array().unwrap();
    all.iter().find(|f| f["check"] == check).expect("it is listed")
}

fn scan(sandbox: &Sandbox, more: &[&str]) -> serde_json::Value {
    let scan = sandbox.json(&[&["-f", "web.yaml", "--framework", "pss-baseline"], more].concat());
    validate(&scan);
    scan
}

#[test]
fn a_file_of_decisions_is_applied_to_a_scan() {
    let sandbox = Sandbox::with_web();
    sandbox.write("d.toml", entry("check = \"privileged-container\"\nnamespace = \"pa*\""));
    let scan = scan(&sandbox, &["--decisions", "d.toml"]);
    let finding = found(&scan, "privileged-container");
    assert_eq!(finding["decision"], "accepted");
    assert_eq!(finding["decisionDetail"]["origin"], "file d.toml");
    assert_eq!(finding["decisionDetail"]["approver"], "grace");
    assert_eq!(status(&scan, "pss-baseline", "privileged"), "accepted");
    let fail = ["scan", "-f", "web.yaml", "--check", "privileged-container", "--fail-on", "low"];
    assert_eq!(sandbox.run(&fail).status, 1);
    assert_eq!(sandbox.run(&[&fail[..], &["--decisions", "d.toml"]].concat()).status, 0);
    // An acceptance that has ended is open again.
    sandbox.write("d.toml", entry("check = \"privileged-container\"\nexpires = \"2020-01-01\""));
    let again = sandbox.run(&[&fail[..], &["--decisions", "d.toml"]].concat());
    assert_eq!(again.status, 1);
    let words = "file d.toml:3: what was decided about check privileged-container ran out on \
                 2020-01-01: 1 finding is open again";
    assert!(again.err.contains(words), "{}", again.err);
    // What something else excepts is not open by it.
    let both = [
        entry("check = \"privileged-container\"\nexpires = \"2020-01-01\""),
        entry("check = \"privileged-container\"\nnamespace = \"pay\"").replace(HEAD, ""),
    ];
    sandbox.write("d.toml", both.concat());
    let held = sandbox.run(&[&fail[..], &["--decisions", "d.toml"]].concat());
    assert_eq!((held.status, held.err.contains("ran out")), (0, false), "{}", held.err);
}

#[test]
fn the_configuration_names_files_too_and_is_checked() {
    let sandbox = Sandbox::with_web();
    sandbox.write("d.toml", entry("check = \"privileged-container\""));
    sandbox.write("config/config.toml", "decisions = [\"d.toml\"]\n");
    assert_eq!(status(&scan(&sandbox, &[]), "pss-baseline", "privileged"), "accepted");
    assert_eq!(sandbox.run(&["config", "check"]).status, 0);
    sandbox.write("d.toml", "schema = 1");
    sandbox.run(&["config", "check"]).refuses(2, &["d.toml:1:10"]);
    sandbox.write("config/config.toml", "\nhonour-annotations = [\"sonar\"]\n");
    sandbox.run(&["config", "check"]).refuses(2, &["config.toml:2:1", "there is no `sonar`"]);
}

#[test]
fn what_is_wrong_with_a_file_is_told_by_place_and_nothing_is_scanned() {
    let sandbox = Sandbox::with_web();
    let refuses = |body: &str, words: &[&str]| {
        sandbox.write("d.toml", body);
        let run = sandbox.run(&["scan", "-f", "web.yaml", "--decisions", "d.toml"]);
        assert_eq!(run.out, "");
        run.refuses(2, words);
    };
    refuses(&entry("check = \"privileged-containr\""), &["d.toml:4:9", "privileged-container"]);
    refuses(&entry("namespace = \"*\""), &["d.toml:3:1", "matches every finding"]);
    refuses(&entry("chek = \"a\""), &["d.toml:4:1", "unknown field `chek`"]);
    refuses(
        &format!("{HEAD}[[decision]]\ncheck = \"host-port\"\nstate = \"accepted\"\n"),
        &["d.toml:2:1", "no reason"],
    );
    sandbox.run(&["scan", "-f", "web.yaml", "--decisions", "none.toml"]).refuses(2, &["none.toml"]);
}

#[test]
fn what_is_exported_is_imported_as_it_was() {
    let sandbox = Sandbox::new();
    let first = session(&sandbox).id().to_owned();
    let decide = [
        "sessions",
        "decide",
        &first,
        "--namespace",
        "pay",
        "--owner",
        "deploy/we*",
        "--state",
        "accepted",
        "--reason",
        "tab\t\"quoted\" \u{202e}",
        "--until",
        "2999-12-31",
        "--link",
        "https://t/1",
        "--by",
        "grace",
    ];
    let run = sandbox.run(&decide);
    assert_eq!((run.status, &*run.out), (0, ""), "{}", run.err);
    let export = sandbox.run(&["sessions", "decisions", "export", &first]);
    assert_eq!((export.status, &*export.err), (0, ""));
    assert!(export.out.starts_with(HEAD), "{}", export.out);
    assert!(export.out.contains("# privileged-container  Deployment/pay/web  "), "{}", export.out);
    assert!(!export.out.contains('\u{202e}'), "{}", export.out);
    assert_eq!(export.out, sandbox.run(&["sessions", "decisions", "export", &first]).out);
    let to = ["sessions", "decisions", "export", &first, "--output-file", "d.toml"];
    assert_eq!(sandbox.run(&to).status, 0);
    sandbox.run(&to).refuses(2, &["d.toml exists"]);
    assert_eq!(std::fs::read_to_string(sandbox.path("d.toml")).unwrap(), export.out);

    let second = session(&sandbox).id().to_owned();
    let import = ["sessions", "decisions", "import", &second, "d.toml", "--by", "linus"];
    let run = sandbox.run(&import);
    assert_eq!((run.status, &*run.out), (0, ""), "{}", run.err);
    assert_eq!(sandbox.run(&["sessions", "decisions", "export", &second]).out, export.out);
    let show = sandbox.run(&["sessions", "show", &second]).out;
    assert!(show.contains("linus") && show.contains("2999-12-31"), "{show}");
    assert!(sandbox.run(&import).err.contains("nothing changes"));
    // One act: what is imported is one line of the journal.
    let journal = sandbox.data().join("sessions").join(&second).join("journal.jsonl");
    let text = std::fs::read_to_string(journal).unwrap();
    assert_eq!(text.matches("\"type\":\"decided\"").count(), 1, "{text}");
}

#[test]
fn a_matcher_is_imported_as_decisions_about_what_it_matches() {
    let sandbox = Sandbox::new();
    session(&sandbox);
    let two = [
        entry("check = \"privileged-container\""),
        "\n[[decision]]\ncheck = \"host-port\"\nstate = \"in-progress\"\n".to_owned(),
    ];
    sandbox.write("d.toml", two.concat());
    let run = sandbox.run(&["sessions", "decisions", "import", "last", "d.toml"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.err.contains("d.toml:9: matches no finding"), "{}", run.err);
    assert!(run.err.contains("saved: 1 decision"), "{}", run.err);
    let report = sandbox.run(&["sessions", "report", "last", "-o", "json"]).json();
    assert_eq!(status(&report, "pss-baseline", "privileged"), "accepted");
    // Reports of a session take files too, after what the session itself says.
    sandbox.write(
        "f.toml",
        format!(
            "{HEAD}[[decision]]\nnamespace = \"pay\"\nstate = \"false-positive\"\nreason = \"r\"\n"
        ),
    );
    let args = ["sessions", "report", "last", "-o", "json", "--decisions", "f.toml"];
    let report = sandbox.run(&args).json();
    assert_eq!(found(&report, "privileged-container")["decision"], "accepted");
    assert_eq!(found(&report, "host-network-namespace")["decision"], "false-positive");
    // A broken entry keeps the sound one out.
    sandbox.write("e.toml", format!("{}\n[[decision]]\nstate = 3\n", two[0]));
    sandbox.run(&["sessions", "decisions", "import", "last", "e.toml"]).refuses(2, &["e.toml:10"]);
}

#[test]
fn decisions_in_bulk_say_what_they_lack() {
    let sandbox = Sandbox::new();
    session(&sandbox);
    let decide = |args: &[&str]| sandbox.run(&[&["sessions", "decide", "last"], args].concat());
    let accept = ["--state", "accepted", "--reason", "r"];
    decide(&accept).refuses(2, &["--check", "--owner"]);
    decide(&["--check", "host-port", "--state", "fixed"]).refuses(2, &["fixed"]);
    decide(&["--image", "nginx", "--state", "accepted"]).refuses(2, &["needs --reason"]);
    let until = |state: &str, day: &str| {
        decide(&["--image", "*", "--state", state, "--reason", "r", "--until", day])
    };
    until("accepted", "soon").refuses(2, &["`soon` is no day"]);
    until("accepted", "2020-01-01").refuses(2, &["is over"]);
    until("false-positive", "90d").refuses(2, &["belongs to `accepted`"]);
    let with = |more: &[&'static str]| decide(&[more, &accept[..]].concat());
    with(&["--check", "privileged"]).refuses(2, &["no check"]);
    with(&["--namespace", "none"]).refuses(2, &["no finding of the last run fits"]);
    with(&["--owner", "web"]).refuses(2, &["KIND/NAME"]);
    with(&["--finding", "p1:"]).refuses(2, &["several findings begin"]);
    with(&["--finding", "zz"]).refuses(2, &["has no finding `zz`"]);
    let image = with(&["--image", "ngi*"]);
    assert_eq!((image.status, &*image.err), (0, "saved: 1 finding accepted\n"));
    let open = decide(&["--image", "nginx", "--state", "open"]);
    assert_eq!((open.status, &*open.err), (0, "saved: 1 finding open\n"));
    let again = decide(&["--image", "nginx", "--state", "open"]);
    assert_eq!((again.status, &*again.err), (0, "nothing changes: 1 finding without a decision\n"));
    let show = sandbox.run(&["sessions", "show", "last"]).out;
    assert!(show.contains("SINCE THEN") && show.contains("ada"), "{show}");
    let empty =
        SessionStore::new(&sandbox.data()).create(SessionMeta::default(), "ada", NOW).unwrap();
    let id = empty.id().to_owned();
    drop(empty);
    let run = sandbox.run(&["sessions", "decide", &id, "--image", "*", "--state", "open"]);
    run.refuses(2, &["has no run yet"]);
}

#[test]
fn a_control_is_answered_with_its_evidence_and_the_answer_withdrawn() {
    let sandbox = Sandbox::new();
    session(&sandbox);
    sandbox.write("minutes.txt", "abc");
    let attest = |args: &[&str]| sandbox.run(&[&["sessions", "attest", "last"], args].concat());
    let run = attest(&[
        "nist-800-53/AC-1",
        "--answer",
        "yes",
        "--reviewer",
        "grace",
        "--evidence",
        "policy 7 \u{1b}[31m",
        "--file",
        "minutes.txt",
        "--until",
        "2999-01-01",
    ]);
    assert_eq!((run.status, &*run.out), (0, ""), "{}", run.err);
    let show = sandbox.run(&["sessions", "show", "last"]).out;
    let words = [
        "nist-800-53-r5 AC-1",
        "yes",
        "grace",
        "2999-01-01",
        "minutes.txt (3 bytes, sha256 ba7816bf",
    ];
    for word in words {
        assert!(show.contains(word), "no `{word}` in {show}");
    }
    assert!(!show.contains('\u{1b}'));
    let report = sandbox.run(&["sessions", "report", "last", "-o", "json"]).json();
    assert_eq!(report["attestations"][0]["file"]["name"], "minutes.txt");
    assert_eq!(attest(&["nist-800-53/AC-1", "--withdraw"]).status, 0);
    attest(&["nist-800-53/AC-1", "--withdraw"]).refuses(2, &["has no answer"]);
    let show = sandbox.run(&["sessions", "show", "last"]).out;
    assert!(show.contains("no answer") && !show.contains("minutes.txt"), "{show}");
}

#[test]
fn an_answer_that_changes_nothing_says_what_decides() {
    let sandbox = Sandbox::with_web();
    let scan =
        ["scan", "-f", "web.yaml", "--framework", "cis-kubernetes-2.0.1", "--session", "new"];
    assert_eq!(sandbox.run(&scan).status, 0);
    let attest = |answer: &str| {
        let control = "cis-kubernetes-2.0.1/5.2.2";
        sandbox.run(&["sessions", "attest", "last", control, "--answer", answer])
    };
    let yes = attest("yes");
    assert_eq!(yes.status, 0, "{}", yes.err);
    let words = "cis-kubernetes-2.0.1 5.2.2: the control still fails: 1 finding decides it";
    assert!(yes.err.contains(words), "{}", yes.err);
    assert!(attest("no").err.lines().all(|l| !l.contains("still fails")));
}

#[test]
fn only_what_a_person_decides_can_be_answered() {
    let sandbox = Sandbox::new();
    session(&sandbox);
    let attest = |control: &str, more: &[&str]| {
        sandbox.run(&[&["sessions", "attest", "last", control, "--answer", "yes"], more].concat())
    };
    attest("pss-baseline/privileged", &[]).refuses(2, &["checks decide it alone"]);
    // Results of kube-bench decide the first; nothing that is read here decides the second.
    attest("cis-kubernetes-2.0.1/1.1.1", &[]).refuses(2, &["results of another tool decide it"]);
    let asked = attest("pci-dss/10.6.1", &[]);
    assert_eq!(asked.status, 0, "{}", asked.err);
    assert!(asked.err.contains("synchronise their clocks"), "{}", asked.err);
    attest("pss-baseline", &[]).refuses(2, &["FRAMEWORK/CONTROL"]);
    attest("nist/AC-1", &[]).refuses(2, &["no framework"]);
    attest("cis-kubernetes/1.1.1", &[]).refuses(2, &["an answer is to one edition"]);
    attest("mitre-attack/T1610", &[]).refuses(2, &["a technique of attackers"]);
    attest("nist-800-53/AC-1", &["--reviewer", " "]).refuses(2, &["--reviewer is empty"]);
    attest("nist-800-53/AC-0", &[]).refuses(2, &["has no control `AC-0`"]);
    attest("nist-800-53/AC-1", &["--file", "none.txt"]).refuses(2, &["none.txt"]);
    attest("nist-800-53/AC-1", &["--until", "x"]).refuses(2, &["no day"]);
    let evidence = ["sessions", "attest", "last", "nist-800-53/AC-1", "--evidence", "policy 7"];
    sandbox.run(&evidence).refuses(2, &["--answer"]);
}

#[test]
fn the_board_tells_what_to_look_at() {
    let sandbox = Sandbox::new();
    session(&sandbox);
    let none = sandbox.run(&["sessions", "exceptions", "last"]);
    assert_eq!((none.status, &*none.out, &*none.err), (0, "", "no exceptions\n"));
    let entries = [
        entry("check = \"privileged-container\"\nexpires = \"2020-01-01\""),
        "\n[[decision]]\nnamespace = \"pay\"\nstate = \"accepted\"\nreason = \"r\"\n".to_owned(),
        "\n[[decision]]\nnamespace = \"gone\"\nstate = \"false-positive\"\nreason = \"r\"\n"
            .to_owned(),
    ];
    sandbox.write("d.toml", entries.concat());
    let board = sandbox.run(&["sessions", "exceptions", "last", "--decisions", "d.toml"]);
    assert_eq!((board.status, &*board.err), (0, ""));
    let line = |word: &str| {
        board
            .out
            .lines()
            .find(|l| l.contains(word))
            .unwrap_or_else(|| panic!("{word}: {}", board.out))
    };
    assert!(line("d.toml:3").contains("expired"), "{}", board.out);
    assert!(line("d.toml:3").contains("too broad: all namespaces"), "{}", board.out);
    assert!(line("d.toml:10").contains("namespace pay"), "{}", board.out);
    assert!(line("d.toml:15").contains("unused"), "{}", board.out);
    let list = sandbox.run(&["sessions", "list"]).out;
    let open = list.lines().nth(1).unwrap().split_whitespace().nth(3).unwrap().to_owned();
    let total = line("that count are excepted");
    assert!(total.contains(&format!(" of {open} findings")), "{total}: {list}");
    let review = ["sessions", "exceptions", "last", "--decisions", "d.toml", "--review"];
    assert!(!sandbox.run(&review).out.contains("d.toml:10"));
    sandbox.run(&["sessions", "exceptions", "last", "--within", "soon"]).refuses(2, &["30d"]);
}

#[test]
fn annotations_of_other_tools_are_offered_and_taken_when_asked() {
    let sandbox = Sandbox::with_web();
    let annotated = super::sandbox::WEB.replacen(
        "  labels: {app: web}\n",
        "  labels: {app: web}\n  annotations: {checkov.io/skip1: CKV_K8S_16=a mesh, polaris.fairwinds.com/exempt: 'true'}\n",
        1,
    );
    sandbox.write("web.yaml", annotated);
    let args = ["scan", "-f", "web.yaml", "--framework", "pss-baseline", "-o", "json"];
    let off = sandbox.run(&args);
    assert_eq!(status(&off.json(), "pss-baseline", "privileged"), "fail");
    assert!(off.err.contains("tell checkov to leave them alone"), "{}", off.err);
    let on = sandbox.run(&[&args[..], &["--honour-annotations", "checkov,polaris"]].concat());
    assert_eq!(on.err, "");
    let scan = on.json();
    validate(&scan);
    assert_eq!(status(&scan, "pss-baseline", "privileged"), "accepted");
    let finding = found(&scan, "privileged-container");
    assert_eq!(finding["decisionDetail"]["origin"], "annotation checkov.io/skip1");
    assert_eq!(finding["decisionDetail"]["reason"], "a mesh");
    sandbox.run(&[&args[..], &["--honour-annotations", "sonar"]].concat()).refuses(2, &["sonar"]);
}

#[test]
fn what_was_decided_in_one_act_is_too_broad_as_one() {
    let sandbox = Sandbox::new();
    let id = session(&sandbox).id().to_owned();
    let decide = |namespace: &str, why: &str| {
        let args = ["sessions", "decide", &id, "--namespace", namespace, "--state", "accepted"];
        let run = sandbox.run(&[&args[..], &["--reason", why]].concat());
        assert_eq!(run.status, 0, "{}", run.err);
    };
    decide("pay", "all of it");
    let rows = |more: &[&str]| {
        let run = sandbox.run(&[&["sessions", "exceptions", &id], more].concat());
        assert_eq!(run.status, 0, "{}", run.err);
        let told = |l: &&str| l.starts_with("accepted");
        run.out.lines().filter(told).map(str::to_owned).collect::<Vec<_>>()
    };
    let single = rows(&[]);
    assert!(single.len() > 1 && single.iter().all(|r| !r.contains("too broad")), "{single:?}");
    let (count, broad) = (single.len(), (single.len() - 1).to_string());
    let [one] = &rows(&["--broad", &broad, "--review"])[..] else { panic!("one act is one row") };
    assert!(one.contains(&format!("too broad: {count} findings")), "{one}");
    assert!(one.contains(&format!("{count} findings of {count} checks in pay")), "{one}");
    assert!(one.contains("decided together on "), "{one}");
    // What was decided by itself since then is no part of it.
    let again = ["sessions", "decide", &id, "--check", "privileged-container", "--state"];
    let again = sandbox.run(&[&again[..], &["accepted", "--reason", "mine"]].concat());
    assert_eq!(again.status, 0, "{}", again.err);
    assert_eq!(rows(&["--broad", &broad]).len(), count);
}

#[test]
fn exceptions_of_kubescape_are_applied() {
    let sandbox = Sandbox::with_web();
    let policy = r#"[{"name": "mesh", "policyType": "postureExceptionPolicy", "actions": ["disable"],
        "resources": [{"designatorType": "Attributes", "attributes": {"kind": "Deployment", "name": "we."}}],
        "posturePolicies": [{"controlID": "C-0057"}], "createdBy": "grace"}]"#;
    sandbox.write("e.json", policy);
    let scan = scan(&sandbox, &["--exceptions-kubescape", "e.json"]);
    assert_eq!(status(&scan, "pss-baseline", "privileged"), "accepted");
    sandbox.write("e.json", policy.replace("we.", "we"));
    let ran = sandbox.run(&[
        "scan",
        "-f",
        "web.yaml",
        "--framework",
        "pss-baseline",
        "-o",
        "json",
        "--exceptions-kubescape",
        "e.json",
    ]);
    let fails = status(&ran.json(), "pss-baseline", "privileged");
    assert_eq!(fails, "fail", "a pattern fits whole names");
    assert_eq!(ran.err, "plimsoll: file e.json:1: covers no finding (Kubescape exception mesh)\n");
    sandbox.write("e.json", "{");
    sandbox
        .run(&["scan", "-f", "web.yaml", "--exceptions-kubescape", "e.json"])
        .refuses(2, &["e.json:1"]);
}

#[test]
fn annotations_are_known_of_a_saved_run() {
    let sandbox = Sandbox::new();
    let annotated = super::sandbox::WEB.replacen(
        "  labels: {app: web}\n",
        "  labels: {app: web}\n  annotations: {checkov.io/skip1: CKV_K8S_16=a mesh, other: not kept}\n",
        1,
    );
    let store = SessionStore::new(&sandbox.data());
    let mut session = store.create(SessionMeta::default(), "ada", "2026-01-01T00:00:00Z").unwrap();
    let run = super::sessions::assessed_text(&annotated);
    let kept = run.result.beside.exempt.as_ref().unwrap();
    assert_eq!(kept.len(), 1, "{kept:?}");
    assert_eq!(kept[0].annotations.len(), 1, "{kept:?}");
    session.record_judged(run, Vec::new(), "ada").unwrap();
    drop(session);
    let args = ["sessions", "report", "last", "-o", "json"];
    let off = sandbox.run(&args).json();
    assert_eq!(status(&off, "pss-baseline", "privileged"), "fail");
    let on = sandbox.run(&[&args[..], &["--honour-annotations", "checkov"]].concat());
    assert_eq!(on.err, "");
    assert_eq!(status(&on.json(), "pss-baseline", "privileged"), "accepted");
    let board = ["sessions", "exceptions", "last", "--honour-annotations", "checkov"];
    assert!(sandbox.run(&board).out.contains("checkov.io/skip1 on Deployment/pay/web"));
}

#[test]
fn a_kind_that_no_object_has_is_told() {
    let sandbox = Sandbox::with_web();
    let file = |kind: &str| {
        let text = format!(
            "schema = \"plimsoll.decisions/v1\"\n\n[[decision]]\ncheck = \"privileged-container\"\n\
             kind = \"{kind}\"\nstate = \"false-positive\"\nreason = \"r\"\n"
        );
        sandbox.write("d.toml", text);
        sandbox.run(&["scan", "-f", "web.yaml", "--decisions", "d.toml"])
    };
    file("deployment")
        .refuses(2, &["d.toml:5:8: no kind is written `deployment`", "`Deployment`?"]);
    let near = file("Deploymnt");
    assert_eq!(near.status, 0);
    assert!(near.err.contains("d.toml:5:8: `Deploymnt` is no built-in kind"), "{}", near.err);
    for kind in ["Deployment", "Rollout", "Cluster", "Component"] {
        let run = file(kind);
        assert!(!run.err.contains("did you mean"), "{kind}: {}", run.err);
    }
}

#[test]
fn entries_that_match_nothing_are_why_nothing_changes() {
    let sandbox = Sandbox::with_web();
    session(&sandbox);
    sandbox.write(
        "d.toml",
        "schema = \"plimsoll.decisions/v1\"\n\n[[decision]]\ncheck = \"privileged-container\"\n\
         name = \"nobody\"\nstate = \"false-positive\"\nreason = \"r\"\n",
    );
    let run = sandbox.run(&["sessions", "decisions", "import", "last", "d.toml"]);
    assert!(run.err.contains("no entry of the file matches a finding"), "{}", run.err);
    assert!(!run.err.contains("already"), "{}", run.err);
}

#[test]
fn an_entry_about_nothing_is_told_where_all_was_looked_at() {
    let sandbox = Sandbox::with_web();
    let one = |what: &str| {
        format!(
            "\n[[decision]]\n{what}\nstate = \"accepted\"\nreason = \"r\"\napprover = \"grace\"\n"
        )
    };
    let print = "fingerprint = \"p1:00000000000000000000000000000000\"";
    let place = "check = \"host-port\"\nnamespace = \"nowhere\"";
    let file = format!("{HEAD}{}{}", one(print), one(place));
    sandbox.write("dec.toml", file);
    let scan = |more: &[&str]| {
        let run =
            sandbox.run(&[&["scan", "-f", "web.yaml", "--decisions", "dec.toml"], more].concat());
        assert_eq!(run.status, 0, "{}", run.err);
        run.err
    };
    let told = scan(&[]);
    assert!(told.contains("dec.toml:3: covers no finding (fingerprint p1:0"), "{told}");
    assert!(
        told.contains("dec.toml:9: covers no finding (check host-port, namespace nowhere"),
        "{told}"
    );
    let some = scan(&["--check", "host-port"]);
    assert!(!some.contains("dec.toml:3:") && some.contains("dec.toml:9:"), "{some}");
    for narrow in [&["--check", "host-pid-namespace"][..], &["-n", "pay"]] {
        assert!(!scan(narrow).contains("covers no finding"), "{narrow:?}");
    }
    session(&sandbox);
    let import = sandbox.run(&["sessions", "decisions", "import", "last", "dec.toml"]);
    assert!(import.err.contains("dec.toml:3: matches no finding"), "{}", import.err);
}
