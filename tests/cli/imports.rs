//! Results of other tools: brought into a session, judged with, refused.

use plimsoll::session::{Session, SessionMeta, SessionStore};
use serde_json::Value;

use super::document::validate;
use super::sandbox::Sandbox;
use super::sessions;

const NOW: &str = "2026-01-01T00:00:00Z";
const CP: &[u8] = include_bytes!("../imports/cp-1.json");
const WORKER: &[u8] = include_bytes!("../imports/worker-1.json");
const LOGS: &[u8] = include_bytes!("../imports/kube-bench-logs.txt");
const TRIVY: &str = include_str!("../imports/trivy-operator.yaml");

/// What the scanner of the fixture said so many days ago.
pub fn trivy(days_ago: i64) -> String {
    let then = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days_ago);
    let then = jiff::Timestamp::from_second(then.as_second()).unwrap();
    let text = TRIVY.replace("2026-05-29T04:00:00Z", &then.to_string());
    assert_ne!(text, TRIVY);
    text
}

const NODES: &str = "\
apiVersion: v1
kind: Node
metadata: {name: cp-1, labels: {node-role.kubernetes.io/control-plane: \"\", kubernetes.io/os: linux}}
---
apiVersion: v1
kind: Node
metadata: {name: worker-1, labels: {kubernetes.io/os: linux}}
---
apiVersion: v1
kind: Node
metadata: {name: win-1, labels: {kubernetes.io/os: windows}}
";

/// A report of Kyverno's that says no time: that of its file counts.
pub const KYVERNO: &str = "\
apiVersion: wgpolicyk8s.io/v1alpha2
kind: PolicyReport
metadata: {name: r, namespace: pay}
scope: {apiVersion: apps/v1, kind: Deployment, name: web, namespace: pay}
results:
- {policy: disallow-privileged-containers, rule: autogen-privileged-containers, result: pass, source: kyverno}
- {policy: disallow-host-ports, rule: x, result: pass, source: kyverno, message: \"red \\e[31m\"}
";

pub fn empty(sandbox: &Sandbox) -> Session {
    let store = SessionStore::new(&sandbox.data());
    store
        .create(SessionMeta { title: "prod".into(), ..SessionMeta::default() }, "ada", NOW)
        .unwrap()
}

pub fn bench(sandbox: &Sandbox, imports: &[&str]) -> Value {
    let files: Vec<&str> = imports.iter().flat_map(|file| ["--import", file]).collect();
    let base = ["-f", "nodes.yaml", "--complete", "--kube-version", "1.35"];
    let args = [&base[..], &["--framework", "cis-kubernetes-2.0.1:L2"], &files].concat();
    let scan = sandbox.run(&[&["scan", "-o", "json"], &args[..]].concat()).json();
    validate(&scan);
    scan
}

/// Status and first reason of a control.
pub fn control(scan: &Value, id: &str) -> (String, String) {
    let controls = scan["frameworks"][0]["controls"].as_array().unwrap();
    let found = controls.iter().find(|c| c["id"] == id).unwrap();
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    (text(&found["status"]), text(&found["reasons"][0]))
}

pub fn with_nodes() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("nodes.yaml", NODES);
    sandbox.write("cp-1.json", CP);
    sandbox.write("worker-1.json", WORKER);
    sandbox
}

#[test]
fn rows_of_kube_bench_decide_over_all_nodes() {
    let sandbox = with_nodes();
    let none = bench(&sandbox, &[]);
    let (status, reason) = control(&none, "4.1.1");
    assert_eq!(status, "not-assessed");
    assert_eq!(reason, "needs kube-bench results with row 4.1.1: nothing was imported");

    let some = bench(&sandbox, &["cp-1.json"]);
    assert_eq!(control(&some, "1.1.1").0, "pass");
    let (status, reason) = control(&some, "4.1.1");
    assert_eq!((&*status, &*reason), ("not-assessed", "4.1.1 has no result of node worker-1"));

    let all = bench(&sandbox, &["cp-1.json", "worker-1.json"]);
    let (status, reason) = control(&all, "4.1.1");
    assert_eq!(status, "pass", "{reason}");
    assert_eq!(
        reason,
        "4.1.1 passes on every node it is about by cis-1.12 (made today, from cp-1.json, worker-1.json)"
    );
    let (status, reason) = control(&all, "4.1.5");
    assert_eq!(status, "fail");
    assert!(reason.contains("fails on worker-1 by cis-1.12, and passes on cp-1: "), "{reason}");
    assert_eq!(control(&all, "1.1.9").0, "not-assessed");
    assert_eq!(all["imports"].as_array().unwrap().len(), 2);
}

#[test]
fn files_of_nodes_become_findings() {
    let sandbox = with_nodes();
    let scan = |imports: &[&str]| {
        let files: Vec<&str> = imports.iter().flat_map(|file| ["--import", file]).collect();
        let base = ["-f", "nodes.yaml", "--complete", "--check", "node-file-permissions"];
        sandbox.json(&[&base[..], &files].concat())
    };
    let found = scan(&["cp-1.json", "worker-1.json"]);
    let findings = found["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1);
    assert_eq!(findings[0]["object"]["name"], "worker-1.4.1.5");
    let message = findings[0]["message"].as_str().unwrap();
    assert!(message.starts_with("on node worker-1 row 4.1.5 fails: "), "{message}");
    // A name before the file goes before the name of the file.
    let other = scan(&["cp-1=worker-1.json"]);
    assert_eq!(other["findings"][0]["object"]["name"], "cp-1.4.1.5");
}

#[test]
fn imported_scans_of_images_are_judged_by_the_checks() {
    let sandbox = Sandbox::new();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: pay}\nspec:\n  containers:\n  - {name: app, image: \"registry.example/pay/web:1.4\"}\n  - {name: side, image: \"registry.example/pay/other:1\"}\n";
    sandbox.write("pod.yaml", pod);
    sandbox.write("trivy.yaml", trivy(2));
    let checks = "image-known-vulnerabilities,image-embedded-secret";
    let args = ["-f", "pod.yaml", "--check", checks];
    let without = sandbox.json(&args);
    assert!(without["findings"].as_array().unwrap().is_empty());
    let with = sandbox.json(&[&args[..], &["--import", "trivy.yaml"]].concat());
    let findings = with["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 1, "{findings:?}");
    assert_eq!(findings[0]["container"], "app");
    // The other image is in no report: that is no pass.
    let gaps: Vec<&str> = with["notAssessed"]
        .as_array()
        .unwrap()
        .iter()
        .map(|g| g["reason"].as_str().unwrap())
        .collect();
    assert!(gaps.iter().any(|g| g.contains("registry.example/pay/other:1")), "{gaps:?}");
}

#[test]
fn imports_are_saved_shown_and_compared() {
    let sandbox = with_nodes();
    let id = sessions::session(&sandbox, "prod").id().to_owned();
    sandbox.write("kyverno.yaml", KYVERNO);
    let run = sandbox.run(&["import", "cp-1.json", "worker-1.json", "--session", &id]);
    assert_eq!((run.status, &*run.err), (0, ""));
    assert!(run.out.contains("cp-1.json: kube-bench cis-1.12, made today"), "{}", run.out);
    assert!(run.out.contains("33 results: 1 error, 1 warn, 31 pass"), "{}", run.out);
    assert!(run.out.contains("nodes: worker-1"), "{}", run.out);
    assert!(run.out.contains("cis-kubernetes-2.0.1 ("), "{}", run.out);
    assert!(run.out.contains("nsa-cisa (1)"), "{}", run.out);

    let run =
        sandbox.run(&["import", "kyverno.yaml", "--session", "last", "--as", "policy-report"]);
    assert_eq!((run.status, &*run.err), (0, ""));
    let run = sandbox.run(&["import", "cp-1.json", "--session", "last"]);
    let twice = format!(
        "cp-1.json: in the session already, not taken twice\nnothing changes in session {id}\n"
    );
    assert_eq!((run.status, run.out), (0, twice));
    let show = sandbox.run(&["sessions", "show", &id]);
    assert_eq!((show.status, &*show.err), (0, ""));
    assert!(show.out.contains("IMPORT") && show.out.contains("NODES"), "{}", show.out);
    assert!(show.out.contains("worker-1  "), "{}", show.out);
    let differs = show.out.split("DIFFERS").nth(1).unwrap();
    assert!(differs.contains("privileged-container"), "{differs}");
    assert!(differs.contains("Deployment/pay/web"), "{differs}");
    // Alike here and there: nothing to tell.
    assert!(!differs.contains("host-port"), "{differs}");

    let report = sandbox.run(&["sessions", "report", &id, "-o", "json"]);
    let report = report.json();
    validate(&report);
    assert_eq!(report["imports"].as_array().unwrap().len(), 3);
    let differs = report["disagreements"].as_array().unwrap();
    assert_eq!(differs.len(), 1);
    assert_eq!(
        (&differs[0]["ours"], &differs[0]["theirs"]),
        (&Value::from("fail"), &Value::from("pass"))
    );
}

#[test]
fn a_report_on_an_object_that_is_not_there_is_named_and_no_pass() {
    let sandbox = Sandbox::with_web();
    let report = |name: &str, objects: &[&str]| {
        let result = |object: &&str| {
            format!(
                "- {{policy: p, result: pass, resources: [{{apiVersion: apps/v1, kind: Deployment, name: {object}}}]}}\n"
            )
        };
        let results: String = objects.iter().map(result).collect();
        let now = jiff::Timestamp::now();
        let text = format!(
            "apiVersion: wgpolicyk8s.io/v1alpha2\nkind: PolicyReport\nmetadata: {{name: r, namespace: pay, \
             creationTimestamp: \"{now}\"}}\nresults:\n{results}"
        );
        sandbox.write(name, &text);
    };
    report("some.yaml", &["web", "gone"]);
    report("none.yaml", &["gone", "lost"]);
    let scan = |file: &str| {
        let check = "policy-violations-reported";
        let run = sandbox.run(&[
            "scan",
            "-f",
            "web.yaml",
            "--complete",
            "--import",
            file,
            "--check",
            check,
            "-o",
            "json",
        ]);
        let json: Value = serde_json::from_str(&run.out).unwrap();
        let passed = json["checks"][0]["pass"].as_u64().unwrap();
        (run.err, passed, json["reads"].to_string())
    };
    let told =
        "1 object that it is about is not here (Deployment/pay/gone); no result on it is a pass";
    let (err, passed, reads) = scan("some.yaml");
    assert!(err.contains(told) && reads.contains(told), "{err} {reads}");
    assert_eq!(passed, 1, "of what is there");
    let (err, passed, _) = scan("none.yaml");
    assert!(err.contains("2 objects that it is about are not here"), "{err}");
    assert_eq!(passed, 0);
}

#[test]
fn a_file_that_is_no_result_leaves_everything_as_it_was() {
    let sandbox = with_nodes();
    let id = empty(&sandbox).id().to_owned();
    let import = |args: &[&str]| sandbox.run(&[&["import"], args, &["--session", &id]].concat());
    import(&["cp-1.json", "nodes.yaml"]).refuses(
        2,
        &[
            "nodes.yaml, document 1: Node (v1) is no result of a tool that Plimsoll reads",
            "kube-bench",
        ],
    );
    let damaged = String::from_utf8_lossy(CP).replacen("\"PASS\"", "\"FINE\"", 1);
    sandbox.write("damaged.json", damaged);
    import(&["damaged.json"]).refuses(
        2,
        &["damaged.json, Controls[0].tests[0].results[0].status: expected PASS, FAIL, WARN or INFO"],
    );
    sandbox.write("torn.json", &CP[..CP.len() / 2]);
    import(&["torn.json"]).refuses(2, &["torn.json:", "nothing was imported"]);
    import(&["none.json"]).refuses(3, &["none.json: "]);
    import(&["cp-1.json", "--as", "kubescape"])
        .refuses(2, &["it is of kube-bench, not of kubescape"]);
    let wrong = sandbox.run(&["import", "cp-1.json", "--session", "ZZ"]);
    wrong.refuses(2, &["no session `ZZ`"]);
    sandbox.run(&["import", "cp-1.json"]).refuses(2, &["--session"]);
    sandbox
        .run(&["scan", "-f", "nodes.yaml", "--import", "nodes.yaml"])
        .refuses(2, &["is no result"]);

    let session = SessionStore::new(&sandbox.data()).open(&id).unwrap();
    assert!(session.imports().unwrap().is_empty());
}

#[test]
fn a_session_that_somebody_holds_takes_nothing() {
    let sandbox = with_nodes();
    let session = empty(&sandbox);
    let run = sandbox.run(&["import", "cp-1.json", "--session", session.id()]);
    run.refuses(2, &["open in another process"]);
    assert!(session.imports().unwrap().is_empty());
}

#[test]
fn results_without_a_node_say_so() {
    let sandbox = Sandbox::new();
    let id = empty(&sandbox).id().to_owned();
    sandbox.write("kube-bench-logs.txt", LOGS);
    let run = sandbox.run(&["import", "kube-bench-logs.txt", "--session", &id]);
    assert_eq!(run.status, 0);
    assert!(run.err.contains("does not say on which node it ran"), "{}", run.err);
    let named = sandbox.run(&["import", "kube-bench-logs.txt", "--node", "a", "--session", &id]);
    assert_eq!((named.status, &*named.err), (0, ""));
    let piped = sandbox.pipe(&["import", "-", "--node", "b", "--session", &id], WORKER);
    assert_eq!((piped.status, &*piped.err), (0, ""));
    assert!(piped.out.starts_with("standard input: kube-bench cis-1.12"), "{}", piped.out);
}

#[test]
fn nothing_of_an_import_reaches_the_terminal_raw() {
    let sandbox = Sandbox::new();
    let id = empty(&sandbox).id().to_owned();
    let json = "{\"apiVersion\":\"wgpolicyk8s.io/v1alpha2\",\"kind\":\"PolicyReport\",\"metadata\":{\"name\":\"r\"},\"results\":[{\"policy\":\"p\\u001b[31m\",\"result\":\"fail\",\"message\":\"\\u202e\",\"resources\":[{\"kind\":\"Pod\",\"name\":\"\\u001b]0;x\"}]}]}";
    sandbox.write("hostile.json", json);
    let run = sandbox.run(&["import", "hostile.json", "--session", &id]);
    let show = sandbox.run(&["sessions", "show", &id]);
    for text in [run.out, run.err, show.out, show.err] {
        assert!(text.chars().all(|c| c == '\n' || plimsoll::text::is_safe(c)), "{text:?}");
    }
}

#[test]
fn the_table_names_what_fails_by_the_word_of_another_tool() {
    let sandbox = with_nodes();
    let base = ["scan", "-f", "nodes.yaml", "--complete", "--kube-version", "1.35"];
    let framework = ["--framework", "cis-kubernetes-2.0.1:L2"];
    let without = sandbox.run(&[&base[..], &framework].concat());
    assert!(!without.out.contains("Failing by what"), "{}", without.out);
    let with = sandbox.run(&[&base[..], &framework, &["--import", "worker-1.json"]].concat());
    let (_, part) = with.out.split_once("Failing by what people or other tools say:").unwrap();
    assert!(part.contains("cis-kubernetes-2.0.1 4.1.5: 4.1.5 fails on worker-1"), "{part}");
}

#[test]
fn a_damaged_import_is_named_and_what_rests_on_it_is_not_assessed() {
    let sandbox = with_nodes();
    let id = sessions::session(&sandbox, "prod").id().to_owned();
    assert_eq!(sandbox.run(&["import", "cp-1.json", "--session", &id]).status, 0);
    let file = sandbox.data().join("sessions").join(&id).join("imports/1.json.zst");
    std::fs::write(&file, "x").unwrap();
    for format in ["json", "markdown", "html", "table"] {
        let report = sandbox.run(&["sessions", "report", &id, "-o", format]);
        assert_eq!(report.status, 0, "{}", report.err);
        assert!(
            report.err.contains("damaged: ") && report.err.contains("1.json.zst"),
            "{}",
            report.err
        );
    }
    let report = sandbox.run(&["sessions", "report", &id, "-o", "json"]).json();
    validate(&report);
    let problems = report["problems"].as_array().unwrap();
    let import = problems.iter().find(|p| p["kind"] == "import").expect("the damage is a problem");
    let said = import["message"].as_str().unwrap();
    assert!(said.contains("kube-bench from cp-1.json cannot be read"), "{said}");
    // The rest of the session is shown and compared; a bundle of it is not made.
    assert_eq!(sandbox.run(&["sessions", "show", &id]).status, 0);
    let bundle = ["sessions", "bundle", &id, "--output-file", "b.tar"];
    sandbox.run(&bundle).refuses(2, &["1.json.zst"]);
    // Brought in again, it is whole.
    let again = sandbox.run(&["import", "cp-1.json", "--session", &id]);
    assert!(again.out.contains("import 2: 33 results"), "{}", again.out);
    let report = sandbox.run(&["sessions", "report", &id, "-o", "json"]).json();
    assert!(report["problems"].as_array().unwrap().iter().all(|p| p["kind"] != "import"));
}

#[test]
fn a_node_that_nobody_saw_is_told_with_those_that_are_there() {
    let sandbox = with_nodes();
    let args =
        ["-f", "nodes.yaml", "--complete", "--kube-version", "1.35", "--import", "nope=cp-1.json"];
    let run = sandbox.run(&[&["scan"], &args[..]].concat());
    assert_eq!(run.status, 0);
    let said = "nope=cp-1.json: there is no node nope; the nodes that were seen are cp-1, worker-1";
    assert!(run.err.contains(&said["nope=".len()..]), "{}", run.err);
    let known =
        sandbox.run(&["scan", "-f", "nodes.yaml", "--complete", "--import", "cp-1=cp-1.json"]);
    assert_eq!(known.err, "");
}

#[test]
fn an_import_is_taken_back_by_its_number_or_its_file() {
    let sandbox = with_nodes();
    let id = empty(&sandbox).id().to_owned();
    let import = ["import", "cp-1.json", "worker-1.json", "--session", &id];
    assert_eq!(sandbox.run(&import).status, 0);
    let withdraw = |what: &str| sandbox.run(&["sessions", "withdraw", &id, what, "--by", "grace"]);
    withdraw("7").refuses(2, &["no import `7` that counts"]);
    let run = withdraw("1");
    assert_eq!((run.status, &*run.out), (0, ""), "{}", run.err);
    assert_eq!(run.err, "import 1 (kube-bench from cp-1.json) counts no more\n");
    withdraw("cp-1.json").refuses(2, &["no import `cp-1.json` that counts"]);
    assert_eq!(withdraw("worker-1.json").status, 0);
    let shown = sandbox.run(&["sessions", "show", &id]).out;
    let history = shown.lines().filter(|l| l.contains("grace") && l.contains("taken back"));
    assert_eq!(history.count(), 2, "{shown}");
    assert!(!shown.contains("TOOL"), "none counts: {shown}");
    assert!(sandbox.run(&import).out.contains("import 3: "), "a number is given once");
    assert_eq!(sandbox.run(&["sessions", "bundle", &id, "--output-file", "b.tar"]).status, 0);
    assert_eq!(sandbox.run(&["verify", "b.tar"]).status, 0);
}

/// One pod whose image the fixture of trivy-operator is about.
pub const SCANNED: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: pay}\nspec:\n  containers:\n  - {name: app, image: \"registry.example/pay/web:1.4\"}\n";

#[test]
fn a_scan_of_an_image_that_runs_nowhere_is_named() {
    let sandbox = Sandbox::new();
    sandbox.write("pod.yaml", SCANNED.replace("web:1.4", "web:2.0"));
    sandbox.write("t.yaml", trivy(2));
    let said = "t.yaml: no container that was looked at runs registry.example/pay/web:1.4";
    let scan = sandbox.run(&["scan", "-f", "pod.yaml", "--import", "t.yaml", "--session", "new"]);
    assert!(scan.err.contains(said), "{}", scan.err);
    sandbox.write("u.yaml", trivy(3).replace("pay/web", "pay/other"));
    let import = sandbox.run(&["import", "u.yaml", "--session", "last"]);
    assert_eq!(import.status, 0);
    let said = said.replace("t.yaml", "u.yaml").replace("pay/web:1.4", "pay/other:1.4");
    assert!(import.err.contains(&said), "{}", import.err);
}

#[test]
fn a_result_of_another_cluster_is_told_and_so_are_its_objects_that_are_not_here() {
    let sandbox = Sandbox::new();
    let of = |cluster: &str, name: &str| {
        format!(
            r#"{{"clusterName":"{cluster}","generationTime":"{}","summaryDetails":{{"controls":{{"C-0057":{{"name":"Privileged container","scoreFactor":8}}}}}},"resources":[{{"resourceID":"x","object":{{"apiVersion":"apps/v1","kind":"Deployment","metadata":{{"name":"{name}","namespace":"nowhere"}}}}}}],"results":[{{"resourceID":"x","controls":[{{"controlID":"C-0057","status":{{"status":"failed"}}}}]}}]}}"#,
            jiff::Timestamp::now()
        )
    };
    sandbox.write("other.json", of("other-prod", "zap"));
    sandbox.write("own.json", of("demo", "zap"));
    let scan = |file: &str| {
        let args = ["scan", "--demo", "--check", "privileged-container", "--import", file];
        sandbox.run(&args).err
    };
    let told = scan("other.json");
    assert!(told.contains("ran on cluster other-prod, and this is demo"), "{told}");
    assert!(
        told.contains("1 object that it is about is not here (Deployment/nowhere/zap)"),
        "{told}"
    );
    assert!(!scan("own.json").contains("and this is demo"));
    let demo = ["scan", "--demo", "--check", "privileged-container", "--session", "new"];
    assert_eq!(sandbox.run(&demo).status, 0);
    let brought = sandbox.run(&["import", "other.json", "--session", "last"]);
    assert_eq!(brought.status, 0, "{}", brought.err);
    assert!(brought.err.contains("ran on cluster other-prod, and this is demo"), "{}", brought.err);
    assert!(brought.out.contains("it is about 1 object"), "{}", brought.out);
}
