//! Results of other tools that are too old, or dated in the future.

use super::document::validate;
use super::imports::{KYVERNO, SCANNED, bench, control, empty, trivy, with_nodes};
use super::sandbox::Sandbox;
use super::sessions;

#[test]
fn how_old_an_import_may_be_is_configured() {
    let sandbox = with_nodes();
    let stale = std::fs::File::options().write(true).open(sandbox.path("cp-1.json")).unwrap();
    let day = std::time::Duration::from_secs(24 * 3600);
    stale.set_modified(std::time::SystemTime::now() - day * 40).unwrap();
    let old = bench(&sandbox, &["cp-1.json"]);
    let (status, reason) = control(&old, "1.1.1");
    assert_eq!(status, "not-assessed");
    assert!(reason.starts_with("stale: 1.1.1 on cp-1, 40 days old"), "{reason}");
    sandbox.write("config/config.toml", "[params.imports]\nmax-age = 60\n");
    assert_eq!(control(&bench(&sandbox, &["cp-1.json"]), "1.1.1").0, "pass");
    sandbox.write("config/config.toml", "[params.imports]\nmax-age = 0\n");
    sandbox.run(&["config", "check"]).refuses(2, &["config.toml:2:", "days from 1 to 3650"]);
}

#[test]
fn what_is_young_enough_to_decide_is_young_enough_to_differ() {
    let sandbox = with_nodes();
    let id = sessions::session(&sandbox, "prod").id().to_owned();
    sandbox.write("kyverno.yaml", KYVERNO);
    let file = std::fs::File::options().write(true).open(sandbox.path("kyverno.yaml")).unwrap();
    let day = std::time::Duration::from_secs(24 * 3600);
    file.set_modified(std::time::SystemTime::now() - day * 40).unwrap();
    assert_eq!(sandbox.run(&["import", "kyverno.yaml", "--session", &id]).status, 0);
    let differ = || {
        let report = sandbox.run(&["sessions", "report", &id, "-o", "json"]).json();
        report["disagreements"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(differ(), 0, "too old");
    sandbox.write("config/config.toml", "[params.imports]\nmax-age = 60\n");
    assert_eq!(differ(), 1);
}

#[test]
fn a_scan_of_an_image_that_is_too_old_settles_nothing_and_says_so() {
    let sandbox = Sandbox::new();
    sandbox.write("pod.yaml", SCANNED);
    let checks = "image-known-vulnerabilities,image-scan-missing";
    let args = ["scan", "-f", "pod.yaml", "--check", checks, "-o", "json", "--import", "t.yaml"];
    sandbox.write("t.yaml", trivy(31));
    let old = sandbox.run(&args);
    assert_eq!(old.status, 0);
    let said = "t.yaml: 8 of 8 results are more than 30 days old (the newest 31 days old) and settle nothing";
    assert!(old.err.contains(said), "{}", old.err);
    let scan = old.json();
    validate(&scan);
    assert!(scan["findings"].as_array().unwrap().is_empty(), "{scan:#}");
    let gaps = scan["notAssessed"].to_string();
    assert!(gaps.contains(said), "{gaps}");
    // A day later than that it counts by configuration, and a fresh one does by itself, manifests or not.
    sandbox.write("config/config.toml", "[params.imports]\nmax-age = 40\n");
    let found = |run: &super::sandbox::Run| -> Vec<String> {
        let all = run.json()["findings"].as_array().unwrap().clone();
        all.iter().map(|f| f["check"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(found(&sandbox.run(&args)), ["image-known-vulnerabilities"]);
    sandbox.write("config/config.toml", "");
    sandbox.write("t.yaml", trivy(2));
    let fresh = sandbox.run(&args);
    assert_eq!((fresh.status, &*fresh.err), (0, ""));
    assert_eq!(found(&fresh), ["image-known-vulnerabilities"]);
    let counts = &fresh.json()["checks"];
    let missing = counts.as_array().unwrap().iter().find(|c| c["id"] == "image-scan-missing");
    assert_eq!(missing.unwrap()["pass"], 1, "{counts:#}");
    assert!(fresh.json()["problems"].as_array().unwrap().is_empty());
}

#[test]
fn a_result_that_is_dated_in_the_future_settles_nothing_and_goes_before_none() {
    let sandbox = Sandbox::with_web();
    let image = "apiVersion: v1\nkind: Pod\nmetadata: {name: web, namespace: pay}\nspec: {containers: [{name: app, image: \"registry.example/team/app:1.4\"}]}\n";
    sandbox.write("pod.yaml", image);
    let report = |days_ago: i64, critical: u32| {
        let then = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24 * days_ago);
        let then = jiff::Timestamp::from_second(then.as_second()).unwrap();
        format!(
            "apiVersion: aquasecurity.github.io/v1alpha1\nkind: VulnerabilityReport\nmetadata: {{name: r, namespace: pay}}\nreport:\n  registry: {{server: registry.example}}\n  artifact: {{repository: team/app, tag: \"1.4\"}}\n  updateTimestamp: \"{then}\"\n  scanner: {{name: Trivy, vendor: Aqua, version: \"0.5\"}}\n  summary: {{criticalCount: {critical}, highCount: 0, mediumCount: 0, lowCount: 0, unknownCount: 0}}\n  vulnerabilities: []\n"
        )
    };
    sandbox.write("future.yaml", report(-3650, 0));
    sandbox.write("honest.yaml", report(2, 3));
    let scan = |imports: &[&str]| {
        let files: Vec<&str> = imports.iter().flat_map(|file| ["--import", file]).collect();
        let checks = "image-scan-missing,image-known-vulnerabilities";
        let args = ["scan", "-o", "json", "-f", "pod.yaml", "--check", checks];
        sandbox.run(&[&args[..], &files].concat())
    };
    let run = scan(&["future.yaml"]);
    assert!(run.err.contains("dated 3650 days in the future and settles nothing"), "{}", run.err);
    for check in run.json()["checks"].as_array().unwrap() {
        assert_eq!((&check["pass"], &check["notAssessed"]), (&0.into(), &1.into()), "{check}");
    }
    for order in [["future.yaml", "honest.yaml"], ["honest.yaml", "future.yaml"]] {
        let found = scan(&order).json();
        assert_eq!(found["findings"][0]["check"], "image-known-vulnerabilities", "{order:?}");
    }
    empty(&sandbox);
    let brought = sandbox.run(&["import", "future.yaml", "--session", "last"]);
    assert!(brought.out.contains("dated 3650 days in the future"), "{}", brought.out);
}

#[test]
fn a_row_of_a_benchmark_from_the_future_decides_nothing() {
    let sandbox = with_nodes();
    let future = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 400);
    let file = std::fs::File::options().write(true).open(sandbox.path("worker-1.json")).unwrap();
    file.set_modified(future.into()).unwrap();
    let (status, reason) = control(&bench(&sandbox, &["cp-1.json", "worker-1.json"]), "4.1.1");
    assert_eq!(status, "not-assessed");
    assert!(reason.contains("on worker-1: dated 400 days in the future"), "{reason}");
}
