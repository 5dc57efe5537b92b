//! Policy reports given to a server that has their kinds: it takes every one as it is.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use crate::fixture::{Admin, Fixture};

/// The kinds of both dialects: file of the definition, group and version, plural, whether in namespaces.
const KINDS: [(&str, &str, &str, &str); 4] = [
    ("wgpolicyk8s-policyreports", "wgpolicyk8s.io/v1alpha2", "policyreports", "PolicyReport"),
    (
        "wgpolicyk8s-clusterpolicyreports",
        "wgpolicyk8s.io/v1alpha2",
        "clusterpolicyreports",
        "ClusterPolicyReport",
    ),
    ("openreports-reports", "openreports.io/v1alpha1", "reports", "Report"),
    ("openreports-clusterreports", "openreports.io/v1alpha1", "clusterreports", "ClusterReport"),
];

fn definition(file: &str) -> Value {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas");
    let packed = std::fs::read(dir.join(format!("{file}.yaml.zst"))).unwrap();
    let text = String::from_utf8(zstd::decode_all(&*packed).unwrap()).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

/// Waits until the server serves a kind that was just defined: discovery tells of it a moment before
/// requests for it are answered.
async fn served(admin: &Admin, group: &str, plural: &str) {
    for _ in 0..300 {
        if admin.found(&format!("/apis/{group}/{plural}")).await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("{group} {plural} is not served");
}

fn scan(format: &str) -> Vec<Value> {
    let done = Command::new(env!("CARGO_BIN_EXE_plimsoll"))
        .args(["scan", "--demo", "-o", format])
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    serde_saphyr::from_multiple(std::str::from_utf8(&done.stdout).unwrap()).unwrap()
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn every_report_is_taken_as_it_is() {
    let fixture = Fixture::start();
    let admin = fixture.admin().await;
    for (file, group, plural, _) in KINDS {
        let path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
        admin.create(path, &definition(file)).await;
        served(&admin, group, plural).await;
    }
    let there = ["default", "kube-system", "kube-public", "kube-node-lease"];
    let mut known: Vec<String> = there.map(str::to_owned).into();
    for format in ["policyreport", "openreports"] {
        let reports = scan(format);
        assert!(reports.len() > 15, "{}", reports.len());
        for report in reports {
            let kind = report["kind"].as_str().unwrap();
            let (_, group, plural, _) = KINDS.into_iter().find(|(.., k)| *k == kind).unwrap();
            let mut path = format!("/apis/{group}/{plural}");
            if let Some(namespace) = report["metadata"]["namespace"].as_str() {
                if !known.iter().any(|name| name == namespace) {
                    admin.namespace(namespace).await;
                    known.push(namespace.to_owned());
                }
                path = format!("/apis/{group}/namespaces/{namespace}/{plural}");
            }
            // Strict: a field that the kind does not have is refused instead of dropped.
            admin.create(&format!("{path}?fieldValidation=Strict"), &report).await;
            let name = report["metadata"]["name"].as_str().unwrap();
            let kept = admin.get(&format!("{path}/{name}")).await;
            for part in ["results", "summary", "scope", "source"] {
                assert_eq!(kept[part], report[part], "{path}/{name}: {part}");
            }
        }
    }
}
