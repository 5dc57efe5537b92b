//! What a finding is called does not change with what a cluster does by itself. The whole library
//! runs over generated clusters that differ in nothing a person would call a change, and the
//! fingerprints are compared as sets.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets what it does not expect shall fail"
)]

#[path = "identity/cluster.rs"]
mod cluster;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use plimsoll::checks::{Library, Params, Plan, RunScope, Silent, run};
use plimsoll::facts::{Facts, Options};
use plimsoll::model::finding::Finding;
use plimsoll::model::inventory::Inventory;
use proptest::prelude::*;

use cluster::Shape;

/// Every check of the library, opt-in ones too, ready to run.
fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| {
        let library = Library::builtin();
        let ids: Vec<&str> = library.checks.keys().map(|id| &**id).collect();
        Plan::new(&library, &ids, &Params::default())
    })
}

/// Findings and evidence by fingerprint.
type Prints = BTreeMap<String, Arc<Finding>>;

fn assess(shape: &Shape) -> Prints {
    let inventory: Arc<Inventory> = Arc::new(shape.inventory());
    let facts = Facts::new(inventory, Options::default());
    let result = run(plan(), &facts, &RunScope::default(), &Silent);
    let all = result.findings.into_iter().chain(result.evidence);
    all.map(|f| (f.fingerprint.clone(), f)).collect()
}

/// The plain cluster, assessed once.
fn plain() -> &'static Prints {
    static PLAIN: OnceLock<Prints> = OnceLock::new();
    PLAIN.get_or_init(|| assess(&Shape::default()))
}

fn words(finding: &Finding) -> String {
    let owner = finding.owner.as_ref().map(ToString::to_string).unwrap_or_default();
    format!("{} {owner} {:?} {}", finding.check, finding.container, finding.path)
}

/// What is in one and not in the other, in words.
fn only<'a>(a: &'a Prints, b: &'a Prints) -> Vec<String> {
    a.iter().filter(|(print, _)| !b.contains_key(*print)).map(|(_, f)| words(f)).collect()
}

/// Nothing is lost, and nothing is new.
#[track_caller]
fn same(what: &str, a: &Prints, b: &Prints) {
    assert_eq!((only(a, b), only(b, a)), (Vec::new(), Vec::new()), "{what}: (lost, new)");
}

/// Only those on what a name begins with.
fn of(prints: &Prints, name: &str) -> Prints {
    let mine = |f: &Finding| f.owner.as_ref().is_some_and(|o| o.name.starts_with(name));
    prints.iter().filter(|(_, f)| mine(f)).map(|(p, f)| (p.clone(), Arc::clone(f))).collect()
}

#[test]
fn the_plain_cluster_gives_every_owner_findings() {
    let prints = plain();
    let owners: BTreeSet<String> =
        prints.values().filter_map(|f| f.owner.as_ref()).map(ToString::to_string).collect();
    for owner in [
        "Deployment/pay/web",
        "StatefulSet/pay/db",
        "DaemonSet/pay/agent",
        "CronJob/pay/nightly",
        "Job/pay/once",
        "ReplicaSet/pay/canary",
        "Cluster/pay/pg",
        "Pod/pay/lone",
        "Role/pay/reader",
        "RoleBinding/pay/readers",
        "Service/pay/web",
    ] {
        assert!(owners.contains(owner), "no finding on {owner}: {owners:#?}");
    }
    let no_pod = |owner: &&String| owner.starts_with("Pod/") && *owner != "Pod/pay/lone";
    assert_eq!(owners.iter().filter(no_pod).count(), 0, "{owners:#?}");
    assert!(prints.len() > 100, "{}", prints.len());
}

#[test]
fn rights_never_change_identity() {
    // Only what needs no such list is judged the same: here every pod, through its owners.
    for unread in ["ReplicaSet", "Job"] {
        let blind = assess(&Shape { unread: vec![unread], ..Shape::default() });
        assert_eq!(only(&blind, plain()), Vec::<String>::new(), "new names without {unread}");
        let owner = if unread == "Job" { "nightly" } else { "web" };
        same(unread, &of(plain(), owner), &of(&blind, owner));
    }
}

#[test]
fn nor_does_losing_the_deployment_itself() {
    let blind = assess(&Shape { unread: vec!["Deployment", "ReplicaSet"], ..Shape::default() });
    let pods = |prints: &Prints| -> Prints {
        let live = |f: &Finding| f.scope.as_ref() == "container";
        let all = of(prints, "web");
        all.into_iter().filter(|(_, f)| live(f)).collect()
    };
    same("only pods", &pods(plain()), &pods(&blind));
}

#[test]
fn a_deployment_takes_its_findings_along_to_another_cluster() {
    let other = Shape {
        uids: "other",
        server: "https://staging.example:6443",
        others: false,
        hash: "5b8c7d9f64".to_owned(),
        ..Shape::default()
    };
    let there = assess(&other);
    assert!(of(plain(), "web").len() > 20);
    same("moved", &of(plain(), "web"), &of(&there, "web"));
}

#[test]
fn an_added_sidecar_leaves_what_was_there() {
    for first in [false, true] {
        let with = assess(&Shape { sidecar: Some(first), ..Shape::default() });
        assert_eq!(only(plain(), &with), Vec::<String>::new(), "lost");
        let new = with.iter().filter(|(print, _)| !plain().contains_key(*print));
        let strange: Vec<String> = new
            .filter(|(_, f)| f.container.as_deref() != Some("proxy"))
            .map(|(_, f)| words(f))
            .collect();
        assert_eq!(strange, Vec::<String>::new(), "new, and not of the sidecar");
    }
}

fn suffix() -> impl Strategy<Value = String> {
    "[bcdfghjklmnpqrstvwxz2456789]{5}"
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    /// Pods come and go, are renamed, and there are more or fewer of them.
    #[test]
    fn pod_churn(pods in prop::collection::btree_set(suffix(), 1..5)) {
        let shape = Shape { pods: pods.into_iter().collect(), ..Shape::default() };
        same("churn", plain(), &assess(&shape));
    }

    /// A rollout: a new `ReplicaSet`, a new template hash, while the old one is still there or not.
    #[test]
    fn rollout(
        hash in "[bcdfghjklmnpqrstvwxz2456789]{8,10}",
        old in any::<bool>(),
        runs in 28_000_000..30_000_000_u32,
    ) {
        let shape = Shape { hash, old, run: runs, ..Shape::default() };
        same("rollout", plain(), &assess(&shape));
    }

    /// Lists in another order: containers, env, volumes, mounts, ports, rules, verbs, subjects, and
    /// what stands inside of a rule: peers, ports, paths, expressions.
    #[test]
    fn order(seed in 1..u64::MAX) {
        same("order", plain(), &assess(&Shape { seed, ..Shape::default() }));
    }

    /// All of it at once.
    #[test]
    fn everything_at_once(
        seed in 1..u64::MAX,
        hash in "[bcdfghjklmnpqrstvwxz2456789]{9}",
        old in any::<bool>(),
        pods in prop::collection::btree_set(suffix(), 1..4),
        runs in 28_000_000..30_000_000_u32,
    ) {
        let pods = pods.into_iter().collect();
        let shape =
            Shape { seed, hash, old, pods, run: runs, uids: "new", ..Shape::default() };
        same("everything", plain(), &assess(&shape));
    }
}
