use super::*;
use crate::facts::kind::DEPLOYMENT;
use crate::facts::testing::{World, object};
use serde_json::{Value, json};

fn owned(api: &str, kind: &str, name: &str, by: &Value) -> Value {
    json!({"apiVersion": api, "kind": kind,
        "metadata": {"name": name, "namespace": "ns", "ownerReferences": [by]}})
}

fn by(api: &str, kind: &str, name: &str) -> Value {
    json!({"apiVersion": api, "kind": kind, "name": name, "uid": "1", "controller": true})
}

fn labelled(mut body: Value, key: &str, value: &str) -> Value {
    body["metadata"]["labels"][key] = json!(value);
    body
}

fn set(name: &str, owner: &Value) -> Value {
    labelled(owned("apps/v1", "ReplicaSet", name, owner), "pod-template-hash", "6d4f")
}

fn identity_of(world: &World, body: &Value) -> String {
    world.facts().identity(&object(body)).to_string()
}

#[test]
fn siblings_are_pods_of_one_controller() {
    let set = by("apps/v1", "ReplicaSet", "web-6d4f");
    let pod =
        |name: &str| object(&labelled(owned("v1", "Pod", name, &set), "pod-template-hash", "6d4f"));
    assert!(are_siblings(&pod("a"), &pod("b")));
    let other = owned("v1", "Pod", "b", &by("apps/v1", "ReplicaSet", "web-77aa"));
    let relabelled = labelled(owned("v1", "Pod", "b", &set), "pod-template-hash", "77aa");
    let of_node = owned("v1", "Pod", "b", &by("v1", "Node", "n"));
    let deployment = owned("apps/v1", "Deployment", "b", &set);
    for body in [other, relabelled, of_node.clone(), deployment] {
        assert!(!are_siblings(&pod("a"), &object(&body)), "{body}");
    }
    assert!(!are_siblings(&object(&of_node), &object(&of_node)), "each is itself");
}

#[test]
fn of_a_ring_of_owners_each_is_judged_as_itself() {
    for ring in [1, 2, 3, 16, 17, 40] {
        let mut world = World::open();
        let name = |at: usize| format!("set-{}", at % ring);
        let sets: Vec<Value> = (0..ring)
            .map(|at| {
                let above = by("apps/v1", "ReplicaSet", &name(at + 1));
                owned("apps/v1", "ReplicaSet", &name(at), &above)
            })
            .collect();
        for set in &sets {
            world.add(set);
        }
        for (at, set) in sets.iter().enumerate() {
            assert_eq!(standing_of(&world, set), Standing::Judged, "{at} of {ring}");
            assert_eq!(identity_of(&world, set), format!("ReplicaSet/ns/{}", name(at)));
        }
        let pod = owned("v1", "Pod", "p", &by("apps/v1", "ReplicaSet", "set-0"));
        assert_eq!(identity_of(&world, &pod), "ReplicaSet/ns/set-0", "{ring}");
    }
}

#[test]
fn what_kubernetes_does_not_make_of_its_owner_is_judged_itself() {
    let mut world = World::open();
    let web = by("apps/v1", "Deployment", "web");
    world.add(&json!({"apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "ns"}}));
    for kind in ["DaemonSet", "StatefulSet", "Deployment"] {
        let other = owned("apps/v1", kind, "other", &web);
        assert_eq!(standing_of(&world, &other), Standing::Judged, "{kind}");
    }
    let job = owned("batch/v1", "Job", "up", &web);
    assert_eq!(standing_of(&world, &job), Standing::Judged);
    assert!(matches!(standing_of(&world, &set("web-6d4f", &web)), Standing::Skipped(_)));
    let custom = owned("apps/v1", "ReplicaSet", "web-1", &by("my.io/v1", "Deployment", "web"));
    assert_eq!(standing_of(&world, &custom), Standing::Judged, "another group's Deployment");
}

#[test]
fn owners_of_other_kinds_in_a_ring_give_one_identity() {
    let mut world = World::open();
    let app =
        |name: &str, above: &str| owned("my.io/v1", "App", name, &by("my.io/v1", "App", above));
    for (name, above) in [("a", "b"), ("b", "c"), ("c", "a")] {
        world.add(&app(name, above));
    }
    let pod = owned("v1", "Pod", "p", &by("my.io/v1", "App", "a"));
    assert_eq!(identity_of(&world, &pod), "App/ns/a");
}

#[test]
fn a_pod_of_a_deployment_has_one_identity_whatever_was_read() {
    let web = by("apps/v1", "Deployment", "web");
    let pod = owned("v1", "Pod", "web-6d4f-x", &by("apps/v1", "ReplicaSet", "web-6d4f"));
    let pod = labelled(pod, "pod-template-hash", "6d4f");
    let mut world = World::open();
    assert_eq!(identity_of(&world, &pod), "Deployment/ns/web", "nothing read");
    world.add(&set("web-6d4f", &web));
    assert_eq!(identity_of(&world, &pod), "Deployment/ns/web", "ReplicaSet read");
    let deployment = owned("apps/v1", "Deployment", "web", &by("my.io/v1", "App", "shop"));
    world.add(&deployment);
    assert_eq!(identity_of(&world, &pod), "Deployment/ns/web", "all read, custom owner on top");
    assert_eq!(identity_of(&world, &deployment), "Deployment/ns/web");
    assert_eq!(identity_of(&world, &set("web-6d4f", &web)), "Deployment/ns/web");
    let id = world.facts().identity(&object(&pod));
    assert_eq!(id.group_kind(), *DEPLOYMENT);
}

#[test]
fn a_pod_of_a_custom_rollout_goes_by_its_replica_set_without_the_hash() {
    let rollout = by("argoproj.io/v1alpha1", "Rollout", "web");
    let mut rs = owned("apps/v1", "ReplicaSet", "web-77aa", &rollout);
    rs["metadata"]["labels"] = json!({"rollouts-pod-template-hash": "77aa"});
    let pod = owned("v1", "Pod", "web-77aa-x", &by("apps/v1", "ReplicaSet", "web-77aa"));
    let pod = labelled(pod, "rollouts-pod-template-hash", "77aa");
    let mut world = World::open();
    assert_eq!(identity_of(&world, &pod), "ReplicaSet/ns/web");
    world.add(&rs);
    assert_eq!(identity_of(&world, &pod), "ReplicaSet/ns/web");
    assert_eq!(identity_of(&world, &rs), "ReplicaSet/ns/web");
}

#[test]
fn jobs_of_a_schedule_go_by_it() {
    let mut world = World::open();
    let pod = |job: &str| owned("v1", "Pod", "p", &by("batch/v1", "Job", job));
    assert_eq!(identity_of(&world, &pod("backup-29384756")), "CronJob/ns/backup");
    assert_eq!(identity_of(&world, &pod("backup-20240101")), "Job/ns/backup-20240101");
    assert_eq!(identity_of(&world, &pod("backup")), "Job/ns/backup");
    world.add(&json!({"apiVersion": "batch/v1", "kind": "Job",
        "metadata": {"name": "backup-29384756", "namespace": "ns"}}));
    assert_eq!(identity_of(&world, &pod("backup-29384756")), "Job/ns/backup-29384756");
}

#[test]
fn without_a_built_in_workload_the_topmost_owner_counts_even_unread() {
    let mut world = World::open();
    let pod = owned("v1", "Pod", "kafka-0", &by("strimzi.io/v1", "StrimziPodSet", "kafka"));
    assert_eq!(identity_of(&world, &pod), "StrimziPodSet/ns/kafka");
    world.add(&owned(
        "strimzi.io/v1",
        "StrimziPodSet",
        "kafka",
        &by("strimzi.io/v1", "Kafka", "k"),
    ));
    assert_eq!(identity_of(&world, &pod), "Kafka/ns/k");
    let loose = json!({"apiVersion": "x.io/v1", "kind": "Flow", "name": "f", "uid": "1"});
    assert_eq!(identity_of(&world, &owned("v1", "Pod", "p", &loose)), "Flow/ns/f");
}

#[test]
fn what_nobody_owns_is_itself_and_so_are_mirror_pods_and_named_things() {
    let world = World::open();
    let bare =
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "ns"}});
    assert_eq!(identity_of(&world, &bare), "Pod/ns/a");
    let node = by("v1", "Node", "n1");
    let mut mirror = owned("v1", "Pod", "etcd-n1", &node);
    assert_eq!(identity_of(&world, &mirror), "Pod/ns/etcd-n1");
    mirror["metadata"]["annotations"] = json!({"kubernetes.io/config.mirror": "x"});
    assert_eq!(identity_of(&world, &mirror), "Pod/ns/etcd-n1");
    let account = owned("v1", "ServiceAccount", "a", &by("my.io/v1", "App", "shop"));
    assert_eq!(identity_of(&world, &account), "ServiceAccount/ns/a");
}

#[test]
fn cycles_and_malformed_owners_end() {
    let mut world = World::open();
    let a = owned("my.io/v1", "A", "a", &by("my.io/v1", "B", "b"));
    world.add(&a).add(&owned("my.io/v1", "B", "b", &by("my.io/v1", "A", "a")));
    let pod = owned("v1", "Pod", "p", &by("my.io/v1", "A", "a"));
    assert!(!identity_of(&world, &pod).is_empty());
    let selfish = owned("apps/v1", "Deployment", "d", &by("apps/v1", "Deployment", "d"));
    world.add(&selfish);
    assert_eq!(identity_of(&world, &selfish), "Deployment/ns/d");
    let odd = owned("v1", "Pod", "p", &json!({"kind": 3, "controller": "yes"}));
    assert_eq!(identity_of(&world, &odd), "Pod/ns/p");
}

fn standing_of(world: &World, body: &Value) -> Standing {
    world.facts().standing(&object(body))
}

#[test]
fn top_templates_are_judged_and_the_rest_is_browsed() {
    let mut world = World::complete();
    let web = by("apps/v1", "Deployment", "web");
    let orphan = set("web-6d4f", &web);
    assert_eq!(standing_of(&world, &orphan), Standing::Judged, "its Deployment is proven gone");
    world.add(&json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "ns"}}));
    assert!(matches!(standing_of(&world, &orphan), Standing::Skipped(_)));
    assert!(matches!(standing_of(&World::open(), &orphan), Standing::Skipped(_)), "unread");
    let job = owned("batch/v1", "Job", "j", &by("batch/v1", "CronJob", "c"));
    assert!(matches!(standing_of(&World::open(), &job), Standing::Skipped(_)));
    let custom = owned("apps/v1", "ReplicaSet", "r", &by("argoproj.io/v1alpha1", "Rollout", "r"));
    assert_eq!(standing_of(&world, &custom), Standing::Judged);
    let account = owned("v1", "ServiceAccount", "a", &web);
    assert_eq!(standing_of(&world, &account), Standing::Judged);
}

#[test]
fn pods_are_instances_unless_finished_or_bare() {
    let world = World::open();
    let mut pod = owned("v1", "Pod", "p", &by("apps/v1", "StatefulSet", "s"));
    assert_eq!(standing_of(&world, &pod), Standing::Instance { current: true });
    for phase in ["Succeeded", "Failed"] {
        pod["status"]["phase"] = json!(phase);
        assert!(matches!(standing_of(&world, &pod), Standing::Skipped(_)));
    }
    let bare = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "status": {"phase": "Pending"}});
    assert_eq!(standing_of(&world, &bare), Standing::Judged);
    let mirror = owned("v1", "Pod", "etcd-n1", &by("v1", "Node", "n1"));
    assert_eq!(standing_of(&world, &mirror), Standing::Judged);
}

#[test]
fn pods_of_an_older_revision_are_stale() {
    let mut world = World::complete();
    let web = by("apps/v1", "Deployment", "web");
    for (name, revision) in [("web-1", "9"), ("web-2", "10")] {
        let mut body = owned("apps/v1", "ReplicaSet", name, &web);
        body["metadata"]["annotations"] = json!({"deployment.kubernetes.io/revision": revision});
        world.add(&body);
    }
    let of = |set: &str| owned("v1", "Pod", "p", &by("apps/v1", "ReplicaSet", set));
    assert_eq!(standing_of(&world, &of("web-1")), Standing::Instance { current: false });
    assert_eq!(standing_of(&world, &of("web-2")), Standing::Instance { current: true });
    assert_eq!(standing_of(&world, &of("unread")), Standing::Instance { current: true });

    let mut stateful = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db", "namespace": "ns"}});
    stateful["status"]["updateRevision"] = json!("db-5f6");
    let mut daemon = json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "log", "namespace": "ns"}});
    daemon["metadata"]["annotations"] = json!({"deprecated.daemonset.template.generation": "4"});
    world.add(&stateful).add(&daemon);
    for (kind, owner, label, value, current) in [
        ("StatefulSet", "db", "controller-revision-hash", "db-5f6", true),
        ("StatefulSet", "db", "controller-revision-hash", "db-111", false),
        ("StatefulSet", "db", "other", "x", true),
        ("DaemonSet", "log", "pod-template-generation", "4", true),
        ("DaemonSet", "log", "pod-template-generation", "3", false),
    ] {
        let pod = labelled(owned("v1", "Pod", "p", &by("apps/v1", kind, owner)), label, value);
        assert_eq!(standing_of(&world, &pod), Standing::Instance { current }, "{kind} {value}");
    }
}
