//! Policy reports, held against the schemas of their kinds.

use std::collections::BTreeSet;

use plimsoll::model::attestation::AttestationAnswer;
use plimsoll::report::Format;
use plimsoll::session::run::Selection;
use serde_json::{Value, json};

use super::assessed::{Assessed, harmless, hostile};
use super::schemas::{fits, text, validator};

/// The most bytes that a server takes for one object.
const ETCD: usize = 1_500_000;

/// The schema of a version of a kind, such that fields it does not know are wrong: a server would
/// drop them unseen.
fn schema(file: &str, version: &str) -> Value {
    fn strict(schema: &mut Value) {
        match schema {
            Value::Object(map) => {
                map.values_mut().for_each(strict);
                if map.contains_key("properties") && !map.contains_key("additionalProperties") {
                    map.insert("additionalProperties".into(), false.into());
                }
            }
            Value::Array(items) => items.iter_mut().for_each(strict),
            _ => {}
        }
    }
    let crd: Value = serde_saphyr::from_str(&text(file)).unwrap();
    let versions = crd["spec"]["versions"].as_array().unwrap();
    let found = versions.iter().find(|v| v["name"] == version).unwrap();
    let mut schema = found["schema"]["openAPIV3Schema"].clone();
    strict(&mut schema["properties"]);
    schema["additionalProperties"] = false.into();
    schema
}

/// The reports of both dialects are the same but for kinds; those of this one, checked.
#[track_caller]
fn reports(assessed: &Assessed, format: Format) -> Vec<Value> {
    let (version, namespaced, cluster) = match format {
        Format::PolicyReport => {
            ("v1alpha2", "wgpolicyk8s-policyreports.yaml", "wgpolicyk8s-clusterpolicyreports.yaml")
        }
        _ => ("v1alpha1", "openreports-reports.yaml", "openreports-clusterreports.yaml"),
    };
    let schemas = [namespaced, cluster].map(|file| validator(&schema(file, version)));
    let yaml = assessed.render(format).unwrap();
    harmless(&yaml);
    let reports: Vec<Value> = serde_saphyr::from_multiple(&yaml).unwrap();
    let mut names = BTreeSet::new();
    for report in &reports {
        let inside = report["metadata"]["namespace"].is_string();
        fits(&schemas[usize::from(!inside)], report, format.word());
        assert_eq!(report["kind"].as_str().unwrap().starts_with("Cluster"), !inside);
        assert!(report.to_string().len() < ETCD / 2, "{}", report["metadata"]);
        let results = report["results"].as_array().unwrap();
        for (word, count) in report["summary"].as_object().unwrap() {
            let of = results.iter().filter(|result| result["result"] == **word).count();
            assert_eq!(count, of, "{word} of {}", report["metadata"]);
        }
        let name = (report["metadata"]["namespace"].clone(), report["metadata"]["name"].clone());
        assert!(names.insert(format!("{name:?}")), "two reports of one name");
    }
    reports
}

fn results(reports: &[Value]) -> Vec<&Value> {
    reports.iter().filter_map(|report| report["results"].as_array()).flatten().collect()
}

#[test]
fn the_demo_fits_the_schemas() {
    let assessed = Assessed::demo(&[]);
    for format in [Format::PolicyReport, Format::OpenReports] {
        let reports = reports(&assessed, format);
        let all = results(&reports);
        let found: Vec<&&Value> =
            all.iter().filter(|r| r["properties"]["fingerprint"].is_string()).collect();
        assert_eq!(found.len(), assessed.result.findings.len());
        let finding = &assessed.result.findings[0];
        let same = |r: &&&&Value| r["properties"]["fingerprint"] == *finding.fingerprint;
        let result = found.iter().find(same).unwrap();
        assert_eq!(result["policy"], *finding.check);
        assert_eq!(result["severity"], finding.severity.word());
        assert_eq!(result["result"], "fail");
        assert_eq!(result["resources"][0]["name"], *finding.object.as_ref().unwrap().name);
        assert_eq!(result["properties"]["path"], finding.path.to_string());
        let serves = result["properties"]["controls"].as_str().unwrap();
        let text = |part: &str| result[part].as_str().unwrap();
        assert!(serves.starts_with(&format!("{}/{}", text("category"), text("rule"))), "{serves}");
        // In the report of a namespace stands what is in that namespace.
        for report in &reports {
            for result in report["results"].as_array().unwrap() {
                let own = &result["resources"][0]["namespace"];
                assert!(own.is_null() || *own == report["metadata"]["namespace"], "{result}");
            }
        }
        let cluster = reports.iter().find(|r| r["scope"]["kind"] == "Cluster").unwrap();
        let notes = &cluster["metadata"]["annotations"];
        assert_eq!(notes["plimsoll/source"], "demo");
        assert!(notes["plimsoll/reads"].as_str().unwrap().contains("not-asked (v1/secrets"));
    }
}

#[test]
fn only_what_passes_is_called_pass() {
    let mut assessed = Assessed::demo(&["nsa-cisa"]);
    let before = reports(&assessed, Format::PolicyReport);
    let waiting = results(&before);
    let waiting = waiting.iter().find(|r| r["properties"]["status"] == "manual").unwrap();
    assert_eq!((&waiting["result"], &waiting["policy"]), (&json!("skip"), &json!("nsa-cisa")));
    let control = waiting["rule"].as_str().unwrap().to_owned();
    assessed.attest("nsa-cisa", &control, AttestationAnswer::Yes, false);
    let after = reports(&assessed, Format::PolicyReport);
    let all = results(&after);
    let answered = all.iter().find(|r| r["rule"] == *control && r["policy"] == "nsa-cisa").unwrap();
    assert_eq!(
        (&answered["result"], &answered["properties"]["reviewer"]),
        (&json!("pass"), &json!("grace"))
    );
    for result in all {
        let message = result["message"].as_str().unwrap();
        let undecided = message.starts_with("not assessed:");
        match result["result"].as_str().unwrap() {
            "pass" => {
                let counts = assessed.result.checks.get(result["policy"].as_str().unwrap());
                let settled = counts.is_none_or(|c| c.pass > 0 && c.error + c.not_assessed == 0);
                assert!(settled && !undecided, "{result}");
                assert!(result["properties"]["fingerprint"].is_null());
            }
            "error" | "skip" => assert_eq!(result["scored"], false),
            _ => assert!(!undecided, "{result}"),
        }
    }
}

#[test]
fn decisions_change_the_result_and_stand_beside_it() {
    let mut assessed = Assessed::demo(&["pss-baseline"]);
    let decided = assessed.decide_all();
    let reports = reports(&assessed, Format::OpenReports);
    let all = results(&reports);
    let of =
        |at: usize| *all.iter().find(|r| r["properties"]["fingerprint"] == *decided[at]).unwrap();
    let told: Vec<&str> = (0..5).map(|at| of(at)["result"].as_str().unwrap()).collect();
    assert_eq!(told, ["warn", "warn", "fail", "fail", "skip"]);
    assert_eq!(of(0)["properties"]["decision"], "accepted");
    assert_eq!(of(0)["properties"]["expires"], "2026-12-31");
    assert_eq!(of(2)["properties"]["decision"], "open");
}

#[test]
fn what_is_empty_and_what_is_hostile_fits_too() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let none = Selection { checks: vec!["host-port".into()], ..Selection::default() };
    let empty = reports(&Assessed::manifest(map, &none), Format::PolicyReport);
    assert_eq!(empty.len(), 1);
    assert_eq!(empty[0]["kind"], "ClusterPolicyReport");

    let assessed = Assessed::manifest(&hostile(), &Selection::default());
    let reports = reports(&assessed, Format::PolicyReport);
    let all = results(&reports);
    let odd = all.iter().find(|r| r["policy"] == "privileged-container").unwrap();
    assert_eq!(odd["properties"]["namespace"], "x\\ty\\u{2066}", "no server has this namespace");
    assert!(reports.iter().all(|r| r["metadata"]["namespace"].is_null()));
}

#[test]
fn two_scans_are_equal_but_for_times() {
    let render = || Assessed::demo(&["pss-baseline"]).render(Format::PolicyReport).unwrap();
    assert_eq!(render(), render());
}
