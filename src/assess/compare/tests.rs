//! Runs of the real engine over the demo cluster, changed as clusters change.

use std::sync::{Arc, OnceLock};

use serde_json::{Value, json};

use super::*;
use crate::checks::Silent;
use crate::model::comparison::{FindingChange, RunSide};
use crate::model::kinds::lookup;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::ReadStatus;
use crate::session::run::Selection;
use crate::session::settle;
use crate::source::demo;

fn content() -> &'static Content {
    static CONTENT: OnceLock<Content> = OnceLock::new();
    CONTENT.get_or_init(Content::builtin)
}

fn run_of(inventory: Inventory, selection: &Selection) -> RunRecord {
    let content = content();
    let chosen = content.choose(selection).unwrap();
    let inventory = Arc::new(inventory);
    let facts = content.facts(Arc::clone(&inventory));
    let chosen = content.fit(chosen, crate::assess::cluster(&facts));
    let plan = content.plan(&chosen);
    let result = content.run(&plan, &chosen, &facts, &Silent);
    let finished = "2026-01-01T00:00:00Z".to_owned();
    let times = crate::assess::RunTimes { finished, ..Default::default() };
    RunRecord { number: 1, ..content.record(&chosen, &inventory, times, result) }
}

fn demo() -> Inventory {
    demo::inventory(crate::assess::held(content()).unwrap())
}

fn demo_run() -> &'static RunRecord {
    static RUN: OnceLock<RunRecord> = OnceLock::new();
    RUN.get_or_init(|| run_of(demo(), &Selection::default()))
}

/// The demo with every object changed by `change`, or left out where it gives nothing.
fn changed(change: impl Fn(&Object, Value) -> Option<Value>) -> Inventory {
    let demo = self::demo();
    let objects = demo.objects().filter_map(|object| {
        let before = object.body().to_json();
        let after = change(object, before.clone())?;
        if after == before {
            return Some(Arc::clone(object));
        }
        let node = Node::from_json(after.to_string().as_bytes()).unwrap();
        Some(Arc::new(Object::new(node).unwrap()))
    });
    let objects = objects.collect();
    Inventory::new(demo.source.clone(), objects, demo.reads)
}

fn since_demo(now: &RunRecord) -> Comparison {
    compare(demo_run(), now, &BTreeSet::new())
}

#[test]
fn pods_that_are_replaced_by_a_rollout_change_nothing() {
    // Another ReplicaSet hash, other pod names, other uids.
    let rolled = |text: &str| format!("{text}x9");
    let now = run_of(
        changed(|object, mut body| {
            let kind = &*object.id.kind;
            let owned = object.controller().map(|o| &*o.kind);
            let replaced = kind == "ReplicaSet" && owned == Some("Deployment")
                || kind == "Pod" && matches!(owned, Some("ReplicaSet" | "DaemonSet" | "Job"));
            if !replaced || object.is_mirror_pod() {
                return Some(body);
            }
            let metadata = &mut body["metadata"];
            let hash = metadata["labels"]["pod-template-hash"].as_str().map(str::to_owned);
            metadata["name"] = json!(rolled(&object.id.name));
            metadata["uid"] = json!("other");
            if let Some(hash) = hash {
                metadata["labels"]["pod-template-hash"] = json!(rolled(&hash));
                if kind == "ReplicaSet" {
                    let name = object.id.name.strip_suffix(&hash).unwrap_or(&object.id.name);
                    metadata["name"] = json!(format!("{name}{}", rolled(&hash)));
                } else if let Some(owners) = metadata["ownerReferences"].as_array_mut() {
                    for owner in owners {
                        owner["name"] = json!(rolled(owner["name"].as_str().unwrap()));
                    }
                }
            }
            Some(body)
        }),
        &Selection::default(),
    );
    let comparison = since_demo(&now);
    let moved: Vec<_> = comparison
        .entries
        .iter()
        .filter(|e| e.change != FindingChange::Unchanged)
        .map(|e| (e.change, e.finding.fingerprint.clone(), e.finding.message.clone()))
        .collect();
    assert_eq!(moved, []);
    assert!(comparison.entries.len() > 100, "the demo has findings");
}

#[test]
fn a_sidecar_adds_its_own_findings_and_leaves_the_others_alone() {
    let sidecar = json!({"name": "added", "image": "proxy:latest",
        "securityContext": {"privileged": true}});
    let now = run_of(
        changed(|object, mut body| {
            if &*object.id.kind == "Deployment" {
                let spec = &mut body["spec"]["template"]["spec"];
                // In front: a finding is not known by the place of its container.
                spec["containers"].as_array_mut().unwrap().insert(0, sidecar.clone());
            }
            Some(body)
        }),
        &Selection::default(),
    );
    let comparison = since_demo(&now);
    let moved: Vec<_> =
        comparison.entries.iter().filter(|e| e.change != FindingChange::Unchanged).collect();
    assert!(
        moved
            .iter()
            .any(|e| e.change == FindingChange::New && &*e.finding.check == "privileged-container")
    );
    let others: Vec<_> = moved
        .iter()
        .filter(|e| e.change != FindingChange::New)
        .map(|e| (e.change, &e.finding.check, e.finding.object.as_ref().map(ToString::to_string)))
        .collect();
    assert_eq!(others, []);
}

/// Kinds that findings rest on, each of them forbidden in turn: nothing of what is not seen any
/// more may be called fixed, and no session may say so.
#[test]
fn what_may_no_longer_be_read_is_never_fixed() {
    let kinds = [
        "Pod",
        "Deployment",
        "Namespace",
        "ServiceAccount",
        "RoleBinding",
        "ClusterRoleBinding",
        "NetworkPolicy",
    ];
    for kind in kinds {
        let builtin = lookup(kind).unwrap();
        let mut less = changed(|object, body| (object.kind() != builtin.kind()).then_some(body));
        let read = less.reads.iter_mut().find(|r| r.kind == Some(builtin.kind())).unwrap();
        (read.status, read.items) = (ReadStatus::Forbidden, 0);
        let now = run_of(less, &Selection::default());
        never_fixed(&now, kind);
    }
}

/// The same with lists that are read namespace by namespace, one of them forbidden.
#[test]
fn what_may_no_longer_be_read_in_one_namespace_is_never_fixed() {
    for kind in ["Pod", "RoleBinding", "NetworkPolicy"] {
        let builtin = lookup(kind).unwrap();
        let mut less = changed(|object, body| {
            let hidden = object.kind() == builtin.kind() && object.namespace() == "shop";
            (!hidden).then_some(body)
        });
        let namespaces: Vec<String> = less.namespaces().into_iter().map(str::to_owned).collect();
        let at = less.reads.iter().position(|r| r.kind == Some(builtin.kind())).unwrap();
        let whole = less.reads.remove(at);
        for namespace in namespaces {
            let mut read = whole.clone();
            if namespace == "shop" {
                (read.status, read.items) = (ReadStatus::Forbidden, 0);
            }
            read.namespace = Some(namespace);
            less.reads.push(read);
        }
        never_fixed(&run_of(less, &Selection::default()), kind);
    }
}

#[track_caller]
fn never_fixed(now: &RunRecord, kind: &str) {
    let comparison = since_demo(now);
    let fixed: Vec<_> = comparison
        .entries
        .iter()
        .filter(|e| e.change == FindingChange::Fixed)
        .map(|e| (&e.finding.check, e.finding.object.as_ref().map(ToString::to_string)))
        .collect();
    assert_eq!(fixed, [], "{kind}");
    assert!(settle(demo_run(), now, &Ledger::default()).changes.is_empty(), "{kind}");
    let totals = comparison.totals;
    let hidden = totals.all.incomparable + totals.platform.incomparable;
    assert!(hidden > 0, "{kind}: the list decides nothing");
}

#[test]
fn a_run_of_one_namespace_fixes_nothing_elsewhere() {
    let selection = Selection { namespaces: vec!["shop".to_owned()], ..Selection::default() };
    let now = run_of(demo(), &selection);
    let comparison = since_demo(&now);
    let fixed = comparison.entries.iter().filter(|e| e.change == FindingChange::Fixed).count();
    assert_eq!(fixed, 0);
    let hidden: Vec<_> =
        comparison.entries.iter().filter(|e| e.change == FindingChange::Incomparable).collect();
    assert!(!hidden.is_empty());
    assert!(hidden.iter().all(|e| e.side == RunSide::Before && e.finding.namespace() != "shop"));
}

#[test]
fn controls_change_with_their_findings() {
    // Every privileged container is mended.
    let now = run_of(
        changed(|_, body| {
            let text = body.to_string().replace("\"privileged\":true", "\"privileged\":false");
            serde_json::from_str(&text).ok()
        }),
        &Selection::default(),
    );
    let ledger = Ledger::default();
    let [old, new] = [demo_run(), &now].map(|run| Compared { run, ledger: &ledger });
    let (comparison, frameworks) = content().compare(&old, &new, &BTreeSet::new(), "2026-01-01");
    let checks: BTreeSet<&str> = comparison
        .entries
        .iter()
        .filter(|e| e.change == FindingChange::Fixed)
        .map(|e| &*e.finding.check)
        .collect();
    assert!(checks.contains("privileged-container"), "{checks:?}");
    let baseline = frameworks.iter().find(|f| f.id == "pss-baseline").unwrap();
    let control = baseline.controls.iter().find(|c| c.id == "privileged").unwrap();
    assert_eq!(control.before, Some(crate::frameworks::Status::Fail));
    assert_ne!(control.after, control.before);
    assert!(control.findings.fixed > 0);
    assert!(frameworks.iter().all(|f| f.before.is_some() && f.after.is_some()));
}
