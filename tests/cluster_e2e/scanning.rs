//! Assessments with full rights.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::binary::{Audited, Scan, plimsoll, scan};
use crate::fixture::Fixture;
use crate::world::{World, go, hardened, privileged, shared};

/// Checks that find something even in the clean namespace, and why that is so.
const LEFT_OVER: &[(&str, &str)] = &[
    ("gitops-absent", "the fixture serves no kind of Argo CD or Flux that could deploy it"),
    ("workload-unmanaged", "no tool applied what the fixture is filled with"),
];

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn faults_are_found_where_they_would_be_mended() {
    let fixture = shared();
    let audited = Audited::new(fixture);
    let scan = scan(&fixture.kubeconfig, &[]);
    let short = |f: &Value| {
        let place = |o: &Value| format!("{} {}/{}", o["kind"], o["namespace"], o["name"]);
        (place(&f["object"]).replace('"', ""), f["instances"].clone(), f["origin"].clone())
    };
    // The template and its three pods are one finding.
    let web = scan.only("privileged-container");
    assert_eq!(short(web), ("Deployment shop/web".into(), json!(3), json!("both")));
    assert_eq!(web["container"], "app");
    assert_eq!(web["path"], "spec.template.spec.containers[0].securityContext.privileged");
    assert_eq!((&web["value"], &web["stale"]), (&json!(true), &json!(0)));
    // What only the running pod has is found there, and belongs to its Deployment.
    let edge = scan.only("capability-sys-admin-added");
    assert_eq!(short(edge), ("Pod shop/edge-77f6b-x9x9x".into(), json!(1), json!("live")));
    assert_eq!(
        (&edge["owner"]["kind"], &edge["owner"]["name"]),
        (&json!("Deployment"), &json!("edge"))
    );
    let idle = scan.only("hostpath-volume");
    assert_eq!(short(idle), ("Deployment shop/idle".into(), json!(0), json!("template")));
    let ops = scan.only("rbac-cluster-admin-binding");
    assert_eq!(ops["object"]["name"], "ops-cluster-admin");
    assert_eq!(scan.only("rbac-read-secrets")["object"]["name"], "secret-reader");
    // ReplicaSets of a Deployment are not judged beside it.
    assert!(scan.list("findings").iter().all(|f| f["object"]["kind"] != "ReplicaSet"));
    let pay = |f: &&Value| {
        let object = &f["object"];
        object["namespace"] == "pay" || (object["kind"] == "Namespace" && object["name"] == "pay")
    };
    let rest: BTreeSet<&str> =
        scan.list("findings").iter().filter(pay).filter_map(|f| f["check"].as_str()).collect();
    let expected: BTreeSet<&str> = LEFT_OVER.iter().map(|(check, _)| *check).collect();
    assert_eq!(rest, expected, "in the clean namespace");
    // A live object shows the version it was applied in, though nothing else of the copy is kept.
    let old = scan.only("deprecated-api-version");
    assert_eq!((&old["object"]["name"], &old["severity"]), (&json!("old"), &json!("medium")));
    let bare = scan.of("netpol-namespace-without-policy");
    let bare: BTreeSet<&str> = bare.iter().filter_map(|f| f["object"]["name"].as_str()).collect();
    assert!(bare.contains("shop") && !bare.contains("pay"), "{bare:?}");
    // By default nobody asks for Secrets, and the one check that wants them says so.
    assert_eq!(scan.gaps("service-account-token-long-lived").len(), 1);
    assert_eq!(scan.list("problems"), &[] as &[Value]);
    drop(audited);
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn two_scans_are_equal_but_for_times() {
    let fixture = shared();
    let _audited = Audited::new(fixture);
    let [one, two] = [(); 2].map(|()| scan(&fixture.kubeconfig, &[]).timeless());
    assert_eq!(one.to_string(), two.to_string());
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn pod_security_is_judged_at_the_version_of_the_server() {
    let fixture = shared();
    let _audited = Audited::new(fixture);
    let live = scan(&fixture.kubeconfig, &[]);
    let version = live.0["source"]["kubernetes"].as_str().unwrap();
    assert!(version.starts_with("v1.36."), "this test knows what 1.36 asks for, not {version}");
    // 1.34 brought the rule on hosts of probes, 1.35 moved procMount to restricted.
    let probes = "pss-baseline/hostProbesAndHostLifecycle";
    assert_eq!(live.control(probes)["status"], "fail");
    assert_eq!(live.control("pss-restricted/procMount")["status"], "not-applicable");
    assert_eq!(live.control("pss-restricted/procMount_restricted")["status"], "pass");
    // The same object, judged for an older server.
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("probed.json");
    let object = go(async {
        fixture.admin().await.get("/apis/apps/v1/namespaces/shop/deployments/probed").await
    });
    std::fs::write(&file, object.to_string()).unwrap();
    let judged = |minor: &str| {
        let file = file.to_str().unwrap();
        let args = ["scan", "-f", file, "--complete", "--kube-version", minor, "-o", "json"];
        let done = plimsoll(&args);
        assert_eq!(done.status, 0, "{}", done.stderr);
        Scan(serde_json::from_str(&done.stdout).unwrap()).control(probes)["status"].clone()
    };
    assert_eq!([judged("1.33"), judged("1.36")], ["not-applicable", "fail"]);
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn a_snapshot_answers_as_the_cluster_did() {
    let fixture = shared();
    let _audited = Audited::new(fixture);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("cluster.snapshot");
    let file = file.to_str().unwrap();
    let kubeconfig = fixture.kubeconfig.to_str().unwrap();
    let saved = plimsoll(&["snapshot", "--kubeconfig", kubeconfig, "--output-file", file]);
    assert_eq!(saved.status, 0, "{}", saved.stderr);
    let done = plimsoll(&["scan", "--snapshot", file, "-o", "json"]);
    assert_eq!(done.status, 0, "{}", done.stderr);
    let then = Scan(serde_json::from_str(&done.stdout).unwrap());
    let now = scan(&fixture.kubeconfig, &[]);
    for check in
        ["credential-in-configmap", "credential-in-command-args", "credential-literal-in-env"]
    {
        assert_eq!(now.of(check).len(), 1, "{check}");
    }
    for part in ["findings", "evidence", "notAssessed", "checks", "frameworks"] {
        assert_eq!(then.0[part], now.0[part], "{part}");
    }
}

#[test]
#[ignore = "needs the API server fixture; tests/run runs it"]
fn fingerprints_outlive_pods_revisions_and_sidecars() {
    let fixture = Fixture::start();
    let _audited = Audited::new(&fixture);
    let world = go(async {
        let world = World(fixture.admin().await);
        world.fill().await;
        world
    });
    let look = || scan(&fixture.kubeconfig, &[]);
    let of_web = |scan: &Scan| -> BTreeSet<String> {
        let own = |f: &&Value| f["owner"]["name"] == "web" && f["container"] != "proxy";
        let print = |f: &Value| f["fingerprint"].as_str().unwrap().to_owned();
        scan.list("findings").iter().filter(own).map(print).collect()
    };
    let before = look();
    let known = of_web(&before);
    assert!(known.len() > 5, "{known:?}");

    // A new revision with a sidecar in front; for a while pods of both run.
    let mut spec = privileged();
    let proxy = hardened("proxy")["containers"][0].clone();
    spec["containers"].as_array_mut().unwrap().insert(0, proxy);
    let pods = "/api/v1/namespaces/shop/pods";
    go(async {
        let path = "/apis/apps/v1/namespaces/shop/deployments/web";
        let template = json!({"spec": {"template": {"spec": spec}}});
        world.0.patch(path, &template).await;
        let uid = world.0.get(path).await["metadata"]["uid"].as_str().unwrap().to_owned();
        let set = world.replica_set("shop", "web", &uid, (2, "8f2aa"), &spec).await;
        for pod in ["q1q1q", "r2r2r"] {
            world.pod("shop", &format!("web-8f2aa-{pod}"), Some(("web-8f2aa", &set)), &spec).await;
        }
    });
    let during = look();
    let web = during.only("privileged-container");
    assert_eq!((&web["instances"], &web["stale"]), (&json!(5), &json!(3)));
    assert_eq!(web["fingerprint"], before.only("privileged-container")["fingerprint"]);
    assert_eq!(web["path"], "spec.template.spec.containers[1].securityContext.privileged");

    go(async {
        for pod in ["a1b2c", "d3e4f", "g5h6i"] {
            world.0.delete(&format!("{pods}/web-5c9d8-{pod}?gracePeriodSeconds=0")).await;
        }
    });
    let after = look();
    let web = after.only("privileged-container");
    assert_eq!((&web["instances"], &web["stale"]), (&json!(2), &json!(0)));
    assert_eq!(web["origin"], "both");
    assert_eq!(of_web(&after), known);

    // The whole Deployment anew: other uids everywhere, the same identity.
    go(async {
        world.0.delete("/apis/apps/v1/namespaces/shop/deployments/web").await;
        for set in ["web-5c9d8", "web-8f2aa"] {
            world.0.delete(&format!("/apis/apps/v1/namespaces/shop/replicasets/{set}")).await;
        }
        for pod in ["q1q1q", "r2r2r"] {
            world.0.delete(&format!("{pods}/web-8f2aa-{pod}?gracePeriodSeconds=0")).await;
        }
        world.deployment("shop", "web", &spec).await;
    });
    let anew = look();
    assert_eq!(of_web(&anew), known);
    assert_eq!(anew.only("privileged-container")["origin"], "template");
}
