//! What is kept up to date is what a run from nothing gives.

use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::checks::{Following, LabelSelector, Monitor};
use crate::model::inventory::{Inventory, SourceInfo};
use crate::model::node::Node;
use crate::source::demo;

/// Every check of the library, opt-in ones too.
fn plan() -> &'static Arc<Plan> {
    static PLAN: OnceLock<Arc<Plan>> = OnceLock::new();
    PLAN.get_or_init(|| {
        let library = Library::builtin();
        let ids: Vec<&str> = library.checks.keys().map(|id| &**id).collect();
        Arc::new(Plan::new(&library, &ids, &Params::default()))
    })
}

fn from_nothing(inventory: &Arc<Inventory>, scope: &RunScope) -> RunResult {
    let facts = Facts::new(Arc::clone(inventory), Options::default());
    run(plan(), &facts, scope, &Silent)
}

fn following(inventory: &Arc<Inventory>, scope: &RunScope) -> Following {
    let facts = Arc::new(Facts::new(Arc::clone(inventory), Options::default()));
    Following::start(Arc::clone(plan()), facts, scope.clone(), &Silent).unwrap()
}

/// Says where two results differ, which the whole of them would hide.
#[track_caller]
fn assert_same(ours: &RunResult, theirs: &RunResult, what: &str) {
    for (one, other) in ours.findings.iter().zip(&theirs.findings) {
        assert_eq!(one, other, "{what}");
    }
    let prints = |r: &RunResult| r.findings.iter().map(|f| f.message.clone()).collect::<Vec<_>>();
    assert_eq!(prints(ours), prints(theirs), "{what}");
    assert_eq!(ours.checks, theirs.checks, "{what}");
    assert_eq!(ours.not_assessed, theirs.not_assessed, "{what}");
    assert_eq!(ours, theirs, "{what}");
}

/// The demo as a live cluster would show it: nothing captured.
fn live() -> Arc<Inventory> {
    let mut inventory = demo::inventory(plan().kinds());
    inventory.captured = None;
    inventory.source.kind = crate::model::inventory::SourceKind::Live;
    Arc::new(inventory)
}

/// The demo as its manifests would show it, which may not be all there is.
fn manifests(complete: bool) -> Arc<Inventory> {
    let live = live();
    let kind = crate::model::inventory::SourceKind::Files;
    let source = SourceInfo { kind, closed_world: complete, ..live.source.clone() };
    Arc::new(Inventory::new(source, live.objects().cloned().collect(), Vec::new()))
}

/// The same with an object of which there is another under its name.
fn with_twin(inventory: &Inventory, at: prop::sample::Index) -> Arc<Inventory> {
    let mut all: Vec<Arc<Object>> = inventory.objects().cloned().collect();
    let mut json = at.get(&all).body().to_json();
    json["metadata"]["labels"] = json!({"app": "other", "tier": "x"});
    all.push(object(&json));
    Arc::new(Inventory::new(inventory.source.clone(), all, inventory.reads.clone()))
}

fn object(json: &Value) -> Arc<Object> {
    Arc::new(Object::new(Node::from(json)).unwrap())
}

fn changed(inventory: &Inventory, objects: &[Arc<Object>], gone: &[Arc<Object>]) -> Arc<Inventory> {
    let gone = gone.iter().map(|object| (object.id.clone(), None));
    let new = objects.iter().map(|object| (object.id.clone(), Some(Arc::clone(object))));
    Arc::new(inventory.changed(gone.chain(new).collect()))
}

#[test]
fn the_start_is_a_run() {
    let (inventory, scope) = (live(), RunScope::default());
    assert_same(following(&inventory, &scope).result(), &from_nothing(&inventory, &scope), "start");
}

#[test]
fn every_object_can_go_and_come_back() {
    let (inventory, scope) = (live(), RunScope::default());
    let whole = from_nothing(&inventory, &scope);
    let mut following = following(&inventory, &scope);
    // One object of each kind goes, some kinds at a time, then all of them come back.
    let mut seen = std::collections::BTreeSet::new();
    let firsts: Vec<Arc<Object>> =
        inventory.objects().filter(|o| seen.insert(o.kind())).cloned().collect();
    for objects in firsts.chunks(6) {
        let without = changed(&inventory, &[], objects);
        let what =
            format!("without {}", objects.iter().map(|o| o.id.to_string()).collect::<String>());
        assert!(following.update(Arc::clone(&without), &Silent));
        assert_same(following.result(), &from_nothing(&without, &scope), &what);
        assert!(following.update(Arc::clone(&inventory), &Silent));
        assert_same(following.result(), &whole, &format!("back after: {what}"));
    }
}

#[test]
fn a_change_that_says_nothing_keeps_every_finding() {
    let (inventory, scope) = (live(), RunScope::default());
    let mut following = following(&inventory, &scope);
    let before = following.result().clone();
    let pod = inventory.of(&Kind::new("", "Pod")).first().unwrap();
    let mut json = pod.body().to_json();
    json["metadata"]["resourceVersion"] = json!("999999");
    let next = changed(&inventory, &[object(&json)], &[]);
    assert!(following.update(next, &Silent));
    assert!(following.judged() * 5 < inventory.len(), "{}", following.judged());
    let after = following.result();
    assert_eq!(before.findings.len(), after.findings.len());
    let same = before.findings.iter().zip(&after.findings);
    let kept = same.filter(|(one, other)| Arc::ptr_eq(one, other)).count();
    assert_eq!(kept, before.findings.len());
}

#[test]
fn another_answer_of_the_server_begins_anew() {
    let (inventory, scope) = (live(), RunScope::default());
    let mut following = following(&inventory, &scope);
    let mut next = Inventory::clone(&inventory);
    for read in &mut next.reads {
        if read.resource.ends_with("/rolebindings") {
            read.status = ReadStatus::Forbidden;
        }
    }
    let next = Arc::new(next);
    let before = following.result().clone();
    assert!(following.update(Arc::clone(&next), &Silent));
    assert_same(following.result(), &from_nothing(&next, &scope), "forbidden");
    // What says the same as before is the same: nobody holds it twice.
    let known: std::collections::HashMap<&str, &Arc<Finding>> =
        before.findings.iter().map(|f| (f.fingerprint.as_str(), f)).collect();
    let mut count = 0;
    for finding in &following.result().findings {
        if let Some(old) = known.get(finding.fingerprint.as_str()).filter(|old| **old == finding) {
            assert!(Arc::ptr_eq(old, finding), "{}", finding.fingerprint);
            count += 1;
        }
    }
    assert!(count > 100, "{count}");
}

#[test]
fn when_a_whole_list_was_read_last_is_no_reason_to_begin_anew() {
    let (inventory, scope) = (live(), RunScope::default());
    let mut following = following(&inventory, &scope);
    let pod = inventory.of(&Kind::new("", "Pod")).first().unwrap();
    let mut json = pod.body().to_json();
    json["metadata"]["resourceVersion"] = json!("999999");
    let mut next = Inventory::clone(&changed(&inventory, &[object(&json)], &[]));
    let read = next.reads.iter_mut().find(|read| read.status == ReadStatus::Complete).unwrap();
    read.message = Some("as of 2026-11-28T12:00:00Z; read again every 60 s".to_owned());
    let next = Arc::new(next);
    assert!(following.update(Arc::clone(&next), &Silent));
    assert!(following.judged() * 5 < inventory.len(), "{}", following.judged());
    assert_same(following.result(), &from_nothing(&next, &scope), "another moment");
    // What is said of a list that is not whole is a reason why something was not assessed.
    let partly = |message: &str| {
        let mut partly = Inventory::clone(&next);
        partly.reads[0].status = ReadStatus::Partial;
        partly.reads[0].message = Some(message.to_owned());
        partly
    };
    assert!(partly("cut off").rests_on_the_same(&partly("cut off")));
    // That it was read again and is the same is none.
    let read = |second: u8, said: &str| {
        let moment = format!("as of 2026-11-28T12:00:0{second}Z");
        partly(&format!("{moment}; no watch; read again every 60 s; {said}"))
    };
    assert!(read(0, "cut off").rests_on_the_same(&read(1, "cut off")));
    assert!(!read(0, "cut off").rests_on_the_same(&read(0, "too large")));
    assert!(!partly("cut off").rests_on_the_same(&partly("too large")));
}

struct Ended;

impl Monitor for Ended {
    fn cancelled(&self) -> bool {
        true
    }

    fn progress(&self, _: usize, _: usize) {}
}

#[test]
fn an_update_that_is_cancelled_leaves_the_last_result_and_is_made_up_for() {
    let (inventory, scope) = (live(), RunScope::default());
    let mut following = following(&inventory, &scope);
    let before = following.result().clone();
    let gone = inventory.of(&Kind::new("apps", "Deployment")).first().cloned().unwrap();
    let next = changed(&inventory, &[], &[gone]);
    assert!(!following.update(Arc::clone(&next), &Ended));
    assert_eq!(following.result(), &before);
    assert!(following.update(Arc::clone(&next), &Silent));
    assert_same(following.result(), &from_nothing(&next, &scope), "after a cancelled update");
}

/// What can be done to an object of the demo.
#[derive(Clone, Debug)]
enum Step {
    /// It goes.
    Gone(prop::sample::Index),
    /// A copy of it comes, under another name.
    Twin(prop::sample::Index, u8),
    /// A copy of it comes to another namespace.
    Moved(prop::sample::Index, u8),
    /// A field becomes another.
    Set(prop::sample::Index, &'static str, Value),
}

type Field = (&'static str, Value);

/// Fields that decide what an object is and who stands behind it.
fn plain_fields() -> Vec<Field> {
    vec![
        ("/metadata/labels", json!({"app": "other", "tier": "x"})),
        ("/metadata/labels", json!({"pod-security.kubernetes.io/enforce": "restricted"})),
        ("/metadata/ownerReferences", json!([])),
        (
            "/metadata/ownerReferences",
            json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "name": "gone-1234", "uid": "u", "controller": true}]),
        ),
        ("/metadata/annotations", json!({"deployment.kubernetes.io/revision": "99"})),
        ("/spec/template/spec/serviceAccountName", json!("default")),
        ("/spec/template/spec/hostNetwork", json!(true)),
        ("/spec/template/spec/containers/0/securityContext", json!({"privileged": true})),
        ("/spec/containers/0/securityContext", json!({"privileged": true})),
        ("/spec/containers/0/name", json!("istio-proxy")),
        ("/spec/hostPID", json!(true)),
        ("/spec/nodeName", json!("elsewhere")),
        ("/spec/podSelector", json!({})),
        ("/spec/selector", json!({"app": "other"})),
        ("/status/phase", json!("Succeeded")),
        ("/metadata/labels", json!({"kubernetes.io/metadata.name": "payments", "team": "one"})),
        (
            "/spec/ingress",
            json!([{"from": [{"namespaceSelector": {"matchLabels": {"team": "one"}},
                "podSelector": {"matchLabels": {"app": "other"}}}]}]),
        ),
        (
            "/spec/ingress",
            json!([{"from": [{"namespaceSelector": {"matchExpressions":
                [{"key": "team", "operator": "DoesNotExist"}]},
                "podSelector": {"matchLabels": {"tier": "x"}}}]}]),
        ),
        ("/spec/ingress", json!([{"from": [{"podSelector": {"matchLabels": {"app": "other"}}}]}])),
        ("/metadata/annotations", json!({"kubernetes.io/config.mirror": "x"})),
        ("/status/updateRevision", json!("web-77")),
        ("/status/conditions", json!([{"type": "Ready", "status": "False"}])),
        ("/spec/volumes", json!([{"name": "s", "csi": {"driver": "secrets-store.csi.k8s.io"}}])),
        ("/spec/serviceAccountName", json!("default")),
        ("/data", json!({"a": "b"})),
        ("/automountServiceAccountToken", json!(false)),
    ]
}

/// Fields of roles and bindings.
fn fields_of_rights() -> Vec<Field> {
    vec![
        (
            "/subjects",
            json!([{"kind": "Group", "name": "system:authenticated",
            "apiGroup": "rbac.authorization.k8s.io"}]),
        ),
        ("/subjects", json!([])),
        ("/roleRef/name", json!("cluster-admin")),
        ("/rules", json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}])),
        (
            "/subjects",
            json!([{"kind": "Group", "name": "system:serviceaccounts:payments",
            "apiGroup": "rbac.authorization.k8s.io"}]),
        ),
        (
            "/subjects",
            json!([{"kind": "ServiceAccount", "name": "default", "namespace": "payments"}]),
        ),
        ("/roleRef", json!({"kind": "ClusterRole", "name": "edit", "apiGroup": "x"})),
        ("/aggregationRule", json!({"clusterRoleSelectors": [{"matchLabels": {"tier": "x"}}]})),
    ]
}

fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let fields = prop::sample::select([plain_fields(), fields_of_rights()].concat());
    let step = prop_oneof![
        2 => any::<prop::sample::Index>().prop_map(Step::Gone),
        2 => (any::<prop::sample::Index>(), 0_u8..3).prop_map(|(at, n)| Step::Twin(at, n)),
        1 => (any::<prop::sample::Index>(), 0_u8..3).prop_map(|(at, n)| Step::Moved(at, n)),
        5 => (any::<prop::sample::Index>(), fields).prop_map(|(at, (path, v))| Step::Set(at, path, v)),
    ];
    prop::collection::vec(prop::collection::vec(step, 1..6), 1..4)
}

fn set(json: &mut Value, path: &str, value: &Value) -> bool {
    let (parent, key) = path.rsplit_once('/').unwrap();
    let Some(parent) = json.pointer_mut(parent).filter(|p| p.is_object()) else { return false };
    parent[key] = value.clone();
    true
}

fn apply(inventory: &Inventory, step: &Step) -> (Vec<Arc<Object>>, Vec<Arc<Object>>) {
    let all: Vec<Arc<Object>> = inventory.objects().cloned().collect();
    match step {
        Step::Gone(at) => (Vec::new(), vec![Arc::clone(at.get(&all))]),
        Step::Twin(at, n) => {
            let mut json = at.get(&all).body().to_json();
            json["metadata"]["name"] = json!(format!("twin-{n}"));
            (vec![object(&json)], Vec::new())
        }
        Step::Moved(at, n) => {
            let mut json = at.get(&all).body().to_json();
            json["metadata"]["namespace"] =
                json!(["default", "kube-system", "brand-new"][usize::from(*n)]);
            (vec![object(&json)], Vec::new())
        }
        Step::Set(at, path, value) => {
            // The next object that has such a place.
            let from = at.index(all.len());
            let found = (0..all.len()).map(|i| &all[(from + i) % all.len()]).find_map(|o| {
                let mut json = o.body().to_json();
                set(&mut json, path, value).then(|| object(&json))
            });
            (found.into_iter().collect(), Vec::new())
        }
    }
}

proptest! {
    // Each case runs everything several times: few of them, unless somebody asks for more.
    #![proptest_config(ProptestConfig {
        cases: std::env::var("PROPTEST_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(4),
        max_shrink_iters: 20,
        ..ProptestConfig::default()
    })]

    #[test]
    fn whatever_changes_it_is_what_a_run_from_nothing_gives(rounds in steps()) {
        let scope = RunScope::default();
        let mut inventory = live();
        let mut following = following(&inventory, &scope);
        for round in rounds {
            for step in &round {
                let (new, gone) = apply(&inventory, step);
                inventory = changed(&inventory, &new, &gone);
            }
            prop_assert!(following.update(Arc::clone(&inventory), &Silent));
            assert_same(following.result(), &from_nothing(&inventory, &scope), &format!("{round:?}"));
        }
    }

    #[test]
    fn manifests_that_are_read_again_are_followed_as_well(
        rounds in steps(),
        complete in any::<bool>(),
        twin in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let scope = RunScope::default();
        let mut inventory = manifests(complete);
        let mut following = following(&inventory, &scope);
        for (at, round) in rounds.iter().enumerate() {
            for step in round {
                let (new, gone) = apply(&inventory, step);
                inventory = changed(&inventory, &new, &gone);
            }
            // Of one of the moments two objects have one name.
            let moment = match twin.filter(|_| at == 0) {
                Some(twin) => with_twin(&inventory, twin),
                None => Arc::clone(&inventory),
            };
            prop_assert!(following.update(Arc::clone(&moment), &Silent));
            assert_same(following.result(), &from_nothing(&moment, &scope), &format!("{round:?}"));
        }
    }

    #[test]
    fn a_selection_is_followed_as_well(rounds in steps(), narrow in 0..3_usize) {
        let namespaces = Some(["payments", "kube-system"].map(str::to_owned).into());
        let selector = LabelSelector::parse("app=other").ok();
        let scope = match narrow {
            0 => RunScope { namespaces, ..RunScope::default() },
            1 => RunScope { selector, ..RunScope::default() },
            _ => RunScope { namespaces, selector, ..RunScope::default() },
        };
        let mut inventory = live();
        let mut following = following(&inventory, &scope);
        for step in rounds.iter().flatten().take(4) {
            let (new, gone) = apply(&inventory, step);
            inventory = changed(&inventory, &new, &gone);
            prop_assert!(following.update(Arc::clone(&inventory), &Silent));
            assert_same(following.result(), &from_nothing(&inventory, &scope), &format!("{step:?}"));
        }
    }
}
