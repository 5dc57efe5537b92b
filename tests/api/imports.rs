//! Results of other tools that stand in a cluster, read from a real server: policy reports of both groups
//! and a report on vulnerabilities, by definitions that say no more than that the kinds are there.

use std::process::Command;
use std::time::Duration;

use plimsoll::cluster::ReadRequest;
use plimsoll::imports;
use plimsoll::model::import::{ImportOutcome, ImportTool};
use plimsoll::model::kinds::Kind;
use plimsoll::model::read::ReadStatus;
use serde_json::{Value, json};

use crate::events::find;
use crate::fixture::{Admin, Fixture};

/// Group, version, kind and plural.
const KINDS: [(&str, &str, &str, &str); 3] = [
    ("wgpolicyk8s.io", "v1beta1", "PolicyReport", "policyreports"),
    ("openreports.io", "v1alpha1", "Report", "reports"),
    ("aquasecurity.github.io", "v1alpha1", "VulnerabilityReport", "vulnerabilityreports"),
];

/// Defines a kind whose objects may hold anything, and waits until it is served.
async fn define(admin: &Admin, (group, version, kind, plural): (&str, &str, &str, &str)) {
    let open = json!({"type": "object", "x-kubernetes-preserve-unknown-fields": true});
    let body = json!({
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": format!("{plural}.{group}"), "annotations": {
            // Of groups that the project reviews the server asks for this.
            "api-approved.kubernetes.io": "unapproved, for a test"}},
        "spec": {"group": group, "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.to_lowercase()},
            "versions": [{"name": version, "served": true, "storage": true,
                "schema": {"openAPIV3Schema": open}}]}});
    admin.create("/apis/apiextensions.k8s.io/v1/customresourcedefinitions", &body).await;
    for _ in 0..300 {
        if admin.found(&format!("/apis/{group}/{version}/{plural}")).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{group} {plural} is not served");
}

/// The reports, each with what tells it apart.
async fn report(admin: &Admin) {
    let web = json!({"apiVersion": "apps/v1", "kind": "Deployment", "name": "web",
        "namespace": "reported"});
    let result = |policy: &str, word: &str| {
        json!({"policy": policy, "rule": "r", "source": "kyverno", "result": word,
            "message": "as the engine says", "resources": [web]})
    };
    let policy = json!([result("disallow-privileged-containers", "fail")]);
    let open = json!([result("disallow-host-ports", "pass"), result("my-own", "fail")]);
    let trivy = json!({"scanner": {"name": "Trivy", "vendor": "Aqua", "version": "0.60.0"},
        "updateTimestamp": jiff::Timestamp::now().to_string(),
        "registry": {"server": "registry.invalid"},
        "artifact": {"repository": "a", "tag": "1"},
        "summary": {"criticalCount": 1, "highCount": 0, "mediumCount": 0, "lowCount": 0},
        "vulnerabilities": [{"vulnerabilityID": "CVE-2026-0001", "severity": "CRITICAL"}]});
    let fields = [("results", policy), ("results", open), ("report", trivy)];
    for ((group, version, kind, plural), (field, content)) in KINDS.into_iter().zip(fields) {
        let mut body = json!({"apiVersion": format!("{group}/{version}"), "kind": kind,
            "metadata": {"name": "r", "labels": {"trivy-operator.resource.kind": "Deployment",
                "trivy-operator.resource.name": "web",
                "trivy-operator.resource.namespace": "reported"}}});
        body[field] = content;
        let path = format!("/apis/{group}/{version}/namespaces/reported/{plural}");
        admin.create(&path, &body).await;
    }
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn reports_of_other_tools_are_read_from_the_server() {
    let fixture = Fixture::start();
    let admin = fixture.admin().await;
    for kind in KINDS {
        define(&admin, kind).await;
    }
    admin.namespace("reported").await;
    admin.deployment("reported", "web").await;
    report(&admin).await;

    let kinds = KINDS.iter().map(|(group, _, kind, _)| Kind::new(group, kind)).collect();
    let request = ReadRequest { kinds, ..ReadRequest::default() };
    let inventory = crate::capture(&fixture.options(), &request).await;
    for (_, _, kind, _) in KINDS {
        let read = find(&inventory, kind, None);
        assert_eq!((&read.status, read.items), (&ReadStatus::Complete, 1), "{read:?}");
    }
    let live = imports::live(&inventory, "2026-06-01T00:00:00Z");
    let of = |tool| live.iter().find(|import| import.tool == tool).expect("it is told");
    let policy = of(ImportTool::PolicyReport);
    assert_eq!((policy.count(ImportOutcome::Fail), policy.count(ImportOutcome::Pass)), (2, 1));
    let trivy = of(ImportTool::TrivyOperator);
    assert_eq!(trivy.results[0].message, "1 critical, 0 high, 0 medium, 0 low: CVE-2026-0001");

    // The program judges by them, and shows where they say something else.
    let done = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["scan", "-n", "reported", "-o", "json", "--kubeconfig"])
        .arg(&fixture.kubeconfig)
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let scan: Value = serde_json::from_slice(&done.stdout).unwrap();
    let tools: Vec<(&str, u64)> = scan["imports"]
        .as_array()
        .unwrap()
        .iter()
        .map(|import| (import["tool"].as_str().unwrap(), import["results"].as_u64().unwrap()))
        .collect();
    for tool in [(ImportTool::PolicyReport.word(), 3), (ImportTool::TrivyOperator.word(), 1)] {
        assert!(tools.contains(&tool), "{tool:?} is not among {tools:?}");
    }
    let all = |list: &str| scan[list].as_array().unwrap().clone();
    let vulnerable = |f: &Value| f["check"] == "image-known-vulnerabilities";
    assert!(all("findings").iter().any(vulnerable), "by the report in the cluster");
    let differs = |d: &Value| {
        d["check"] == "privileged-container" && d["theirs"] == "fail" && d["ours"] == "pass"
    };
    assert!(all("disagreements").iter().any(differs), "{:?}", scan["disagreements"]);
}
