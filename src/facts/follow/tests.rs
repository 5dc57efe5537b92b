//! Small clusters that change at random: what is taken over is what would be worked out from nothing,
//! and what says something else was named.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::facts::testing::{World, object};
use crate::facts::{Fact, FactName, Facts, Options, Target};
use crate::model::changes::{Changes, home};
use crate::model::inventory::Inventory;
use crate::model::object::{Object, ObjectRef};
use std::sync::Arc;

const API: &str = "rbac.authorization.k8s.io/v1";
const NAMESPACES: [&str; 3] = ["a", "b", "kube-system"];
/// How many states an object can be in.
const STATES: usize = 6;

fn labels(state: usize) -> Value {
    let all = [json!({}), json!({"team": "x"}), json!({"team": "y", "app": "1"})];
    all[state % all.len()].clone()
}

fn namespace(name: &str, state: usize) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name,
        "labels": labels(state), "annotations": {"note": state.to_string()}}})
}

fn pod(namespace: &str, name: &str, state: usize) -> Value {
    let account = ["default", "one", "two"][state % 3];
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": name, "namespace": namespace, "labels": labels(state)},
        "spec": {"serviceAccountName": account, "containers": [{"name": "c"}]},
        "status": {"phase": if state == 5 { "Succeeded" } else { "Running" }, "note": state}});
    if state == 2 {
        pod["metadata"]["ownerReferences"] =
            json!([{"apiVersion": "v1", "kind": "Service", "name": "web", "uid": "1"}]);
    }
    if state % 2 == 1 {
        pod["metadata"]["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "name": "set", "uid": "1", "controller": true}]);
    }
    if state == 4 {
        pod["spec"]["containers"][0]["env"] =
            json!([{"name": "AWS_CONTAINER_CREDENTIALS_FULL_URI", "value": "x"}]);
        pod["spec"]["hostNetwork"] = json!(true);
    }
    pod
}

/// Nothing that a controller would make, but what anybody can: a Service as a link in a chain of owners.
fn service(namespace: &str, state: usize) -> Value {
    let mut service = json!({"apiVersion": "v1", "kind": "Service",
        "metadata": {"name": "web", "namespace": namespace, "labels": labels(state)}});
    if state > 2 {
        service["metadata"]["ownerReferences"] = json!([{"apiVersion": "example.com/v1",
            "kind": "App", "name": format!("app-{state}"), "uid": "1", "controller": true}]);
    }
    service
}

fn replica_set(namespace: &str, state: usize) -> Value {
    let mut set = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": "set", "namespace": namespace, "labels": labels(state),
            "annotations": {"deployment.kubernetes.io/revision": (state % 2).to_string()}},
        "spec": {"template": {"metadata": {"labels": labels(state + 1)}, "spec": {"containers": []}}}});
    if state > 2 {
        set["metadata"]["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "Deployment",
            "name": "web", "uid": "1", "controller": true}]);
    }
    set
}

fn rules(state: usize) -> Value {
    match state % 3 {
        0 => json!([{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}]),
        1 => json!([{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]),
        _ => json!([]),
    }
}

fn role(namespace: &str, name: &str, state: usize) -> Value {
    let kind = if namespace.is_empty() { "ClusterRole" } else { "Role" };
    let mut role = json!({"apiVersion": API, "kind": kind, "rules": rules(state),
        "metadata": {"name": name, "namespace": namespace, "labels": labels(state)}});
    if namespace.is_empty() && state > 3 {
        role["aggregationRule"] = json!({"clusterRoleSelectors": [{"matchLabels": {"team": "x"}}]});
    }
    role
}

fn binding(namespace: &str, name: &str, state: usize) -> Value {
    let cluster = namespace.is_empty();
    let kind = if cluster { "ClusterRoleBinding" } else { "RoleBinding" };
    let subjects = [
        json!([{"kind": "ServiceAccount", "namespace": "a", "name": "one"}]),
        json!([{"kind": "Group", "name": "system:serviceaccounts:b"}]),
        json!([{"kind": "Group", "name": "system:authenticated"}, {"kind": "User", "name": "u"}]),
        json!([{"kind": "User", "name": "u"},
            {"kind": "ServiceAccount", "namespace": "b", "name": "two"}]),
        json!([{"kind": "User", "name": "system:serviceaccount:kube-system:one"}]),
        json!([]),
    ];
    let role = match state % 4 {
        0 => json!({"kind": "ClusterRole", "name": "wide"}),
        1 => json!({"kind": "ClusterRole", "name": "sum"}),
        2 => json!({"kind": "Role", "name": "own"}),
        _ => json!({"kind": "ClusterRole", "name": "cluster-admin"}),
    };
    json!({"apiVersion": API, "kind": kind, "subjects": subjects[state],
        "metadata": {"name": name, "namespace": namespace},
        "roleRef": if state == 5 { json!(null) } else { role }})
}

fn policy(namespace: &str, name: &str, state: usize) -> Value {
    let select = |key: &str, value: &str| json!({"matchLabels": {key: value}});
    let peers = [
        json!([{"podSelector": select("app", "1")}]),
        json!([{"namespaceSelector": select("team", "x"), "podSelector": select("team", "y")}]),
        json!([{"namespaceSelector": select("kubernetes.io/metadata.name", "b")}]),
        json!([{"namespaceSelector": {"matchExpressions": [{"key": "team", "operator": "Exists"}]},
            "podSelector": select("app", "1")}]),
        json!([{"namespaceSelector": {}, "podSelector": select("team", "x")}]),
        json!([]),
    ];
    json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"podSelector": if state > 3 { json!({}) } else { select("team", "x") },
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": peers[state]}], "egress": [{"to": peers[(state + 1) % 6]}]}})
}

fn guard(state: usize) -> Value {
    let action = if state.is_multiple_of(2) { "Enforce" } else { "Audit" };
    json!({"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "guard"},
        "spec": {"validationFailureAction": action, "rules": [{"name": "r", "validate": {"deny": {}},
            "match": {"any": [{"resources": {"kinds": ["Pod"],
                "namespaceSelector": {"matchLabels": {"team": "x"}}}}]}}]}})
}

fn account(namespace: &str, name: &str, state: usize) -> Value {
    json!({"apiVersion": "v1", "kind": "ServiceAccount",
        "metadata": {"name": name, "namespace": namespace, "labels": labels(state)},
        "automountServiceAccountToken": state.is_multiple_of(2)})
}

/// Everything that there can be, in some state.
fn all(state: &dyn Fn(usize) -> usize) -> Vec<Value> {
    let mut all = Vec::new();
    for name in NAMESPACES {
        all.push(namespace(name, state(all.len())));
        for pod_name in ["p", "q"] {
            all.push(pod(name, pod_name, state(all.len())));
        }
        all.push(replica_set(name, state(all.len())));
        all.push(service(name, state(all.len())));
        for account_name in ["one", "two"] {
            all.push(account(name, account_name, state(all.len())));
        }
        all.push(role(name, "own", state(all.len())));
        for binding_name in ["first", "second"] {
            all.push(binding(name, binding_name, state(all.len())));
            all.push(policy(name, binding_name, state(all.len())));
        }
    }
    for name in ["wide", "sum", "other"] {
        all.push(role("", name, state(all.len())));
        all.push(binding("", name, state(all.len())));
    }
    all.push(guard(state(all.len())));
    all
}

/// How many objects there can be.
fn count() -> usize {
    all(&|_| 0).len()
}

/// What is asked of an object: the fact, the scope, the place of a rule or subject.
fn questions(object: &Object) -> Vec<(FactName, &'static str, usize)> {
    use FactName as F;
    let elements = |key: &str| 0..object.body().list_at(&[key]).len();
    match &*object.id.kind {
        "Pod" | "ReplicaSet" => {
            let of = [F::Rbac, F::Account, F::Netpol, F::Token, F::Owner, F::Namespace, F::Mesh];
            of.map(|fact| (fact, "pod", 0)).to_vec()
        }
        "Namespace" => {
            let of = [F::Netpol, F::Psa, F::Namespace, F::Admission];
            of.map(|fact| (fact, "namespace", 0)).to_vec()
        }
        "NetworkPolicy" => vec![(F::Netpol, "object", 0)],
        "ServiceAccount" => [F::Rbac, F::Refs].map(|fact| (fact, "object", 0)).to_vec(),
        "Role" | "ClusterRole" => {
            let rules = elements("rules").map(|at| (F::Rbac, "rule", at));
            rules.chain([(F::Rbac, "object", 0)]).collect()
        }
        "Service" => vec![(F::Owner, "object", 0)],
        _ => {
            let facts = [F::Rbac, F::Refs, F::Holder];
            let subjects =
                elements("subjects").flat_map(|at| facts.map(|fact| (fact, "subject", at)));
            subjects.chain([(F::Rbac, "object", 0)]).collect()
        }
    }
}

fn ask(facts: &Facts, object: &Object, (fact, scope, index): (FactName, &str, usize)) -> Fact {
    let target = match scope {
        "rule" => Target::Rule { role: object, index },
        "subject" => Target::Subject { binding: object, index },
        _ => Target::Object(object),
    };
    facts.get(fact, &target)
}

fn ask_all(facts: &Facts, inventory: &Inventory) {
    for object in inventory.objects() {
        for question in questions(object) {
            drop(ask(facts, object, question));
        }
    }
}

/// Some objects become others, or go.
type Step = Vec<(usize, Option<usize>)>;

fn steps() -> impl Strategy<Value = (Vec<usize>, Vec<Step>)> {
    let state = prop::option::weighted(0.8, 0..STATES);
    let step = prop::collection::vec((0..count(), state), 1..4);
    (prop::collection::vec(0..STATES, count()), prop::collection::vec(step, 1..6))
}

fn after(inventory: &Inventory, step: &Step) -> Arc<Inventory> {
    let changes = step.iter().map(|(at, state)| {
        let new = object(&all(&|_| state.unwrap_or_default())[*at]);
        (new.id.clone(), state.map(|_| Arc::new(new)))
    });
    Arc::new(inventory.changed(changes.collect::<Vec<(ObjectRef, Option<Arc<Object>>)>>()))
}

/// What is said of objects that did not change, taken over and from nothing, and whether what says
/// something else than before was named.
fn hold(before: &Facts, now: &Facts, changes: &Changes) {
    let inventory = Arc::clone(now.inventory());
    let news = now.news(before, changes);
    let anew = Facts::new(Arc::clone(&inventory), Options::default());
    for object in inventory.objects() {
        let kind = object.kind();
        let same = |old: &Arc<Object>| Arc::ptr_eq(old, object);
        if !before.inventory().get(&kind, object.namespace(), &object.id.name).is_some_and(same) {
            continue;
        }
        for question @ (fact, scope, _) in questions(object) {
            let bearing = now.bearing(before, &news, fact, scope, &kind);
            let (said, says) = (ask(before, object, question), ask(now, object, question));
            assert_eq!(says, ask(&anew, object, question), "{question:?} of {}", object.id);
            if said != says {
                let what = format!("{question:?} of {}: {said:?}, {says:?}", object.id);
                assert!(bearing.takes(home(object)), "{bearing:?}: {what}");
                assert!(scope == "subject" || news.may_concern(fact, object), "{what}");
            }
        }
        let bearing = Facts::bearing_on_standing(&news, &kind);
        if !now.stands_as(before, object) {
            assert!(bearing.takes(home(object)), "{} stands otherwise", object.id);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    #[test]
    fn what_is_taken_over_is_true_and_what_is_not_is_named((start, rounds) in steps()) {
        let mut world = World::complete();
        for body in all(&|at| start[at]) {
            world.add(&body);
        }
        let mut inventory = world.inventory();
        let mut before = Facts::new(Arc::clone(&inventory), Options::default());
        for step in rounds {
            ask_all(&before, &inventory);
            let next = after(&inventory, &step);
            let changes = Changes::between(&inventory, &next);
            let now = before.after(Arc::clone(&next), &changes);
            hold(&before, &now, &changes);
            (before, inventory) = (now, next);
        }
    }
}
