//! Snapshots of some namespaces: they hold only what was asked for, and say of the rest that it is not known.

use plimsoll::model::inventory::Inventory;
use plimsoll::source::snapshot;

use super::cluster::{Made, kubeconfig};
use super::gates::reasons;
use super::sandbox::{Sandbox, findings, status};

fn load(sandbox: &Sandbox, name: &str) -> Inventory {
    snapshot::load(&sandbox.path(name)).unwrap()
}

fn take(sandbox: &Sandbox, source: &[&str], namespace: &str, name: &str) -> String {
    let args = ["-n", namespace, "--output-file", name];
    let run = sandbox.run(&[&["snapshot"], source, &args].concat());
    assert_eq!(run.status, 0, "{}", run.err);
    run.err
}

#[test]
fn a_snapshot_of_a_namespace_holds_no_object_of_another() {
    let sandbox = Sandbox::with_web();
    let err = take(&sandbox, &["--demo"], "pay", "pay.plim");
    for says in ["in pay alone", "left out", "Of the cluster it keeps: ", "ClusterRole "] {
        assert!(err.contains(says), "no `{says}` in {err}");
    }
    take(&sandbox, &["--snapshot", "pay.plim"], "pay", "again.plim");
    take(&sandbox, &["-f", "web.yaml"], "shop", "shop.plim");
    for (name, own) in [("pay.plim", "pay"), ("again.plim", "pay"), ("shop.plim", "shop")] {
        let inventory = load(&sandbox, name);
        assert!(!inventory.is_empty(), "{name}");
        for object in inventory.objects() {
            assert!(matches!(object.namespace(), "" | "pay" | "shop"), "{name}: {}", object.id);
            assert!(object.namespace().is_empty() || object.namespace() == own, "{}", object.id);
        }
        let names: Vec<&str> = inventory.namespaces().into_iter().collect();
        assert_eq!(names, [own], "{name}: Namespace objects of others are left out too");
    }
    assert_eq!(load(&sandbox, "pay.plim").len(), load(&sandbox, "again.plim").len());
}

#[test]
fn a_live_cluster_is_narrowed_too() {
    let sandbox = Sandbox::new();
    let live = Made::new("v1.35.1").deployment("web", true).start();
    sandbox.write("kc", kubeconfig(&[("prod", &*live.server)], "{token: sekrit-token}"));
    let source = ["--kubeconfig", "kc", "--context", "prod", "--request-timeout", "20s"];
    take(&sandbox, &source, "pay", "pay.plim");
    let inventory = load(&sandbox, "pay.plim");
    // kube-system is there, and is not in the file.
    assert_eq!(inventory.namespaces().into_iter().collect::<Vec<_>>(), ["pay"]);
    assert_eq!(inventory.source.namespaces, ["pay"]);
    let args = ["-n", "nosuch", "--output-file", "x.plim"];
    let run = sandbox.run(&[&["snapshot"], &source[..], &args].concat());
    run.refuses(2, &["there is no namespace `nosuch`: nothing was saved"]);
}

#[test]
fn a_snapshot_of_a_namespace_judges_it_as_the_cluster_did() {
    let sandbox = Sandbox::new();
    take(&sandbox, &["--demo"], "ci", "ci.plim");
    let args = ["--framework", "pss-baseline,pss-restricted", "-n", "ci"];
    let whole = sandbox.json(&[&["--demo"], &args[..]].concat());
    let part = sandbox.json(&[&["--snapshot", "ci.plim"], &args[..]].concat());
    assert!(findings(&whole).len() > 5);
    assert_eq!(findings(&whole), findings(&part));
    for control in whole["frameworks"][0]["controls"].as_array().unwrap() {
        let id = control["id"].as_str().unwrap();
        assert_eq!(status(&part, "pss-baseline", id), control["status"], "{id}");
    }
}

#[test]
fn what_a_snapshot_left_out_is_not_assessed() {
    let sandbox = Sandbox::with_web();
    take(&sandbox, &["--demo"], "pay", "pay.plim");
    let all = sandbox.json(&["--snapshot", "pay.plim", "--framework", "pss-baseline"]);
    assert_eq!(all["source"]["namespaces"], serde_json::json!(["pay"]));
    assert!(reasons(&all).iter().any(|r| r.contains("the snapshot holds those of pay alone")));
    for control in all["frameworks"][0]["controls"].as_array().unwrap() {
        assert_ne!(control["status"], "pass", "{control}");
    }
    let scan = |more: &[&str]| {
        sandbox.run(&[&["scan", "--snapshot", "pay.plim", "--check", "host-port"], more].concat())
    };
    let lacks = scan(&["--require-complete"]);
    assert_eq!(lacks.status, 4, "{}", lacks.err);
    assert!(lacks.err.contains("holds pay alone; judge that with -n pay"), "{}", lacks.err);
    let whole = scan(&["--require-complete", "-n", "pay"]);
    assert_eq!(whole.status, 0, "{}", whole.err);
    let other = scan(&["--fail-on", "low", "-n", "shop"]);
    assert_eq!(other.status, 2, "{}", other.err);
    assert!(other.err.contains("holds pay alone, not `shop`"), "{}", other.err);
    // Manifests, which are read by file.
    take(&sandbox, &["-f", "web.yaml"], "shop", "shop.plim");
    let scan = |more: &[&str]| {
        let args = ["--snapshot", "shop.plim", "--framework", "pss-baseline"];
        sandbox.json(&[&args[..], more].concat())
    };
    assert_eq!(status(&scan(&["-n", "shop"]), "pss-baseline", "privileged"), "pass");
    assert_eq!(status(&scan(&[]), "pss-baseline", "privileged"), "not-assessed");
}

#[test]
fn no_snapshot_is_taken_of_a_namespace_that_is_not_there() {
    let sandbox = Sandbox::with_web();
    take(&sandbox, &["--demo"], "pay", "pay.plim");
    for source in [&["--demo"][..], &["-f", "web.yaml"], &["--snapshot", "pay.plim"]] {
        let args = ["-n", "nosuch", "--output-file", "x.plim"];
        let run = sandbox.run(&[&["snapshot"], source, &args].concat());
        run.refuses(2, &["`nosuch`", "nothing was saved"]);
        assert!(!sandbox.path("x.plim").exists());
    }
}
