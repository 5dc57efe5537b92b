use serde_json::{Value, json};

use super::addons::image_fits;
use crate::facts::testing::{World, object};
use crate::facts::{Facts, Options};
use crate::model::mirror::Mirror;

const API: &str = "rbac.authorization.k8s.io/v1";

fn workload(kind: &str, namespace: &str, name: &str, images: &[&str]) -> Value {
    let containers: Vec<Value> =
        images.iter().map(|image| json!({"name": "c", "image": image})).collect();
    json!({"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name, "namespace": namespace},
        "spec": {"template": {"spec": {"containers": containers}}}})
}

fn is_platform(body: &Value) -> bool {
    World::open().facts().is_platform(&object(body))
}

#[test]
fn add_ons_need_namespace_kind_name_and_every_image() {
    let good = "registry.k8s.io/coredns/coredns:v1.11.1";
    let metrics = "gke.gcr.io/metrics-server:v0.7.1";
    for (kind, namespace, name, images, expected) in [
        ("Deployment", "kube-system", "coredns", vec![good], true),
        (
            "Deployment",
            "kube-system",
            "coredns",
            vec!["602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/coredns:v1"],
            true,
        ),
        ("Deployment", "kube-system", "coredns", vec!["evil.io/miner"], false),
        ("Deployment", "kube-system", "coredns", vec!["evil.io/coredns/coredns:v1.11.1"], false),
        ("Deployment", "kube-system", "metrics-server-mine", vec![metrics], false),
        ("Deployment", "kube-system", "metrics-server-v1.30.3", vec![metrics], true),
        ("Deployment", "kube-system", "coredns", vec![good, "evil.io/miner"], false),
        ("Deployment", "kube-system", "coredns", vec![], false),
        ("Deployment", "team", "coredns", vec![good], false),
        ("DaemonSet", "kube-system", "coredns", vec![good], false),
        ("Deployment", "kube-system", "coredns2", vec![good], false),
        (
            "DaemonSet",
            "kube-system",
            "calico-node",
            vec!["docker.io/calico/node:v3", "quay.io/calico/cni:v3"],
            true,
        ),
        ("DaemonSet", "kube-system", "calico-node", vec!["docker.io/node:20"], false),
        ("DaemonSet", "kube-system", "svclb-traefik-1", vec!["rancher/klipper-lb:v0.4"], true),
    ] {
        assert_eq!(
            is_platform(&workload(kind, namespace, name, &images)),
            expected,
            "{name} {images:?}"
        );
    }
}

#[test]
fn a_pod_is_recognised_by_its_owner_and_its_own_images() {
    let pod = |image: &str, debug: bool| {
        let extra = if debug { json!([{"name": "d", "image": "busybox"}]) } else { json!([]) };
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "coredns-1-x", "namespace": "kube-system",
            "labels": {"pod-template-hash": "1"}, "ownerReferences": [{"apiVersion": "apps/v1", "kind": "ReplicaSet", "name": "coredns-1", "controller": true}]},
            "spec": {"containers": [{"name": "c", "image": image}], "ephemeralContainers": extra}})
    };
    assert!(is_platform(&pod("registry.k8s.io/coredns@sha256:aa", false)));
    assert!(!is_platform(&pod("registry.k8s.io/coredns@sha256:aa", true)), "somebody debugs in it");
    assert!(!is_platform(&pod("other", false)));
    let mut bare = pod("registry.k8s.io/coredns", false);
    bare["metadata"]["ownerReferences"] = json!([]);
    assert!(!is_platform(&bare));
}

#[test]
fn static_pods_need_their_node_their_name_and_their_image() {
    let pod = |name: &str, image: &str, owner: &str, mirror: bool| {
        let annotations =
            if mirror { json!({"kubernetes.io/config.mirror": "x"}) } else { json!({}) };
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "kube-system", "annotations": annotations,
            "ownerReferences": [{"apiVersion": "v1", "kind": owner, "name": "n1", "controller": true}]},
            "spec": {"nodeName": "n1", "containers": [{"name": "c", "image": image}]}})
    };
    let image = "registry.k8s.io/kube-apiserver:v1.35.2";
    assert!(is_platform(&pod("kube-apiserver-n1", image, "Node", true)));
    assert!(is_platform(&pod(
        "cloud-controller-manager-n1",
        "registry.k8s.io/provider-aws/cloud-controller-manager:v1.35.0",
        "Node",
        true
    )));
    for other in [
        pod("kube-apiserver-n2", image, "Node", true),
        pod("kube-apiserver-n1", "evil/proxy", "Node", true),
        pod("kube-apiserver-n1", "evil.io/kube-apiserver:v1.35.2", "Node", true),
        pod("kube-apiserver-n1", image, "Job", true),
        pod("kube-apiserver-n1", image, "Node", false),
        pod("backdoor-n1", image, "Node", true),
    ] {
        assert!(!is_platform(&other), "{other}");
    }
}

/// Facts about this world, with these mirrors.
fn with_mirrors(world: &World, mirrors: &[&str]) -> Facts {
    let mirrors = mirrors.iter().map(|name| Mirror::parse(name).unwrap()).collect();
    Facts::new(world.inventory(), Options { mirrors, ..Options::default() })
}

#[test]
fn a_mirror_changes_where_images_come_from_and_nothing_else() {
    let facts = with_mirrors(&World::open(), &["mirror.corp.example/k8s"]);
    let own = "mirror.corp.example/k8s/coredns/coredns:v1";
    for (kind, namespace, name, images, expected) in [
        ("Deployment", "kube-system", "coredns", vec![own], true),
        ("Deployment", "kube-system", "coredns", vec![own, "registry.k8s.io/coredns:v1"], true),
        ("Deployment", "kube-system", "coredns", vec![own, "mirror.corp.example/k8s/miner"], false),
        ("Deployment", "kube-system", "coredns", vec![own, "mirror.corp.example/coredns"], false),
        ("Deployment", "kube-system", "coredns", vec!["mirror.corp.example/k8s/etcd"], false),
        ("Deployment", "team", "coredns", vec![own], false),
        ("DaemonSet", "kube-system", "coredns", vec![own], false),
        ("Deployment", "kube-system", "coredns-2", vec![own], false),
    ] {
        let object = object(&workload(kind, namespace, name, &images));
        assert_eq!(facts.is_platform(&object), expected, "{kind} {namespace} {name} {images:?}");
    }
    assert!(!is_platform(&workload("Deployment", "kube-system", "coredns", &[own])), "none is set");
}

#[test]
fn what_counts_only_by_a_mirror_is_told_by_mirror() {
    let mut world = World::open();
    let own = "mirror.corp.example/k8s/kube-proxy:v1";
    world.add(&workload("DaemonSet", "kube-system", "kube-proxy", &[own]));
    world.add(&workload("Deployment", "kube-system", "coredns", &["registry.k8s.io/coredns:v1"]));
    world.add(&workload("Deployment", "pay", "web", &["mirror.corp.example/k8s/coredns:v1"]));
    for node in ["n1", "n2"] {
        world.add(&json!({"apiVersion": "v1", "kind": "Pod",
            "metadata": {"name": format!("etcd-{node}"), "namespace": "kube-system",
                "annotations": {"kubernetes.io/config.mirror": "x"},
                "ownerReferences": [{"apiVersion": "v1", "kind": "Node", "name": node, "controller": true}]},
            "spec": {"nodeName": node, "containers": [
                {"name": "c", "image": "b.example/etcd:3"}, {"name": "d", "image": "b.example/etcd:4"}]}}));
    }
    let facts = with_mirrors(&world, &["b.example", "mirror.corp.example/k8s", "unused.example"]);
    let told: Vec<String> = facts.mirrored().iter().map(ToString::to_string).collect();
    let expected = [
        "b.example: Pod/kube-system/etcd-<node>",
        "mirror.corp.example/k8s: DaemonSet/kube-system/kube-proxy",
    ];
    assert_eq!(told, expected);
    assert!(world.facts().mirrored().is_empty());
}

fn role(namespace: &str, name: &str, labelled: bool, rule: &Value) -> Value {
    let kind = if namespace.is_empty() { "ClusterRole" } else { "Role" };
    let labels =
        if labelled { json!({"kubernetes.io/bootstrapping": "rbac-defaults"}) } else { json!({}) };
    json!({"apiVersion": API, "kind": kind, "metadata": {"name": name, "namespace": namespace, "labels": labels}, "rules": [rule]})
}

#[test]
fn built_in_roles_need_name_label_and_no_new_power() {
    let all = json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]});
    let secrets = json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]});
    let pods = json!({"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]});
    for (namespace, name, labelled, rule, expected) in [
        ("", "cluster-admin", true, &all, true),
        ("", "cluster-admin", false, &all, false),
        ("", "view", true, &pods, true),
        ("", "view", true, &secrets, false),
        ("", "system:discovery", true, &all, false),
        ("", "system:something-new", true, &pods, false),
        ("", "team-admin", true, &all, false),
        ("", "system:controller:persistent-volume-binder", true, &secrets, true),
        ("", "kubeadm:get-nodes", false, &pods, true),
        ("", "kubeadm:get-nodes", false, &all, false),
        ("kube-system", "system:controller:token-cleaner", true, &secrets, true),
        ("team", "system:controller:token-cleaner", true, &secrets, false),
    ] {
        assert_eq!(
            is_platform(&role(namespace, name, labelled, rule)),
            expected,
            "{namespace}/{name}"
        );
    }
}

fn binding(namespace: &str, name: &str, role: &str, subjects: &Value) -> Value {
    let kind = if namespace.is_empty() { "ClusterRoleBinding" } else { "RoleBinding" };
    let (role_kind, role) = role.split_once('/').unwrap();
    json!({"apiVersion": API, "kind": kind, "metadata": {"name": name, "namespace": namespace},
        "roleRef": {"kind": role_kind, "name": role}, "subjects": subjects})
}

/// Namespace, name, role and subjects of bindings that are the platform's.
const BUILT_IN: &str = "
|cluster-admin|ClusterRole/cluster-admin|Group/system:masters
|system:discovery|ClusterRole/system:discovery|Group/system:authenticated
|system:controller:job-controller|ClusterRole/system:controller:job-controller|Account/job-controller
kube-public|kubeadm:bootstrap-signer-clusterinfo|Role/kubeadm:bootstrap-signer-clusterinfo|User/system:anonymous";

/// The same of bindings that only look like it.
const LOOKALIKES: &str = "
|cluster-admin|ClusterRole/cluster-admin|Group/system:masters,Group/team
|cluster-admins|ClusterRole/cluster-admin|Group/system:masters
|system:discovery|ClusterRole/cluster-admin|Group/system:authenticated
|system:discovery|ClusterRole/system:discovery|Group/system:unauthenticated
|system:controller:job-controller|ClusterRole/system:controller:job-controller|Account/other
|system:controller:job-controller|ClusterRole/cluster-admin|Account/job-controller
|system:controller:mine|ClusterRole/system:controller:mine|Account/mine
team|kubeadm:bootstrap-signer-clusterinfo|Role/kubeadm:bootstrap-signer-clusterinfo|User/system:anonymous
kube-public|kubeadm:bootstrap-signer-clusterinfo|ClusterRole/kubeadm:bootstrap-signer-clusterinfo|User/system:anonymous
|odd|ClusterRole/x|";

/// The bindings of such a table; `Account/x` is an account of kube-system.
fn bindings(table: &str) -> impl Iterator<Item = Value> {
    table.trim().lines().map(|line| {
        let cells: Vec<&str> = line.split('|').collect();
        let subjects = cells[3].split(',').filter_map(|text| text.split_once('/'));
        let subjects: Vec<Value> = subjects
            .map(|(kind, name)| match kind {
                "Account" => {
                    json!({"kind": "ServiceAccount", "namespace": "kube-system", "name": name})
                }
                kind => json!({"kind": kind, "name": name}),
            })
            .collect();
        binding(cells[0], cells[1], cells[2], &json!(subjects))
    })
}

#[test]
fn built_in_bindings_need_name_role_and_subjects() {
    let facts = World::open().facts();
    for body in bindings(BUILT_IN) {
        assert!(is_platform(&body), "{body}");
        assert!(facts.is_platform_subject(&object(&body), 0), "{body}");
        assert!(!facts.is_platform_subject(&object(&body), 7), "{body}");
    }
    for body in bindings(LOOKALIKES) {
        assert!(!is_platform(&body), "{body}");
    }
    let malformed = binding("", "cluster-admin", "ClusterRole/cluster-admin", &json!("x"));
    assert!(!facts.is_platform_subject(&object(&malformed), 0));
}

#[test]
fn subjects_are_recognised_one_by_one() {
    let group = |name: &str| json!({"kind": "Group", "name": name});
    let masters = json!([group("system:masters")]);
    let mixed = binding(
        "",
        "cluster-admin",
        "ClusterRole/cluster-admin",
        &json!([group("system:masters"), group("team")]),
    );
    let facts = World::open().facts();
    assert!(facts.is_platform_subject(&object(&mixed), 0));
    assert!(!facts.is_platform_subject(&object(&mixed), 1));
    let elsewhere = binding("", "mine", "ClusterRole/cluster-admin", &masters);
    assert!(!facts.is_platform_subject(&object(&elsewhere), 0), "not the platform's binding");
}

#[test]
fn accounts_of_built_in_controllers_are_known_by_their_binding() {
    let account = |namespace: &str, name: &str| json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": name, "namespace": namespace}});
    let name = "system:controller:job-controller";
    let subject =
        json!([{"kind": "ServiceAccount", "namespace": "kube-system", "name": "job-controller"}]);
    let mut world = World::open();
    world.add(&binding("", name, &format!("ClusterRole/{name}"), &subject));
    let facts = world.facts();
    assert!(facts.is_platform(&object(&account("kube-system", "job-controller"))));
    assert!(!facts.is_platform(&object(&account("team", "job-controller"))));
    assert!(!facts.is_platform(&object(&account("kube-system", "default"))));
    assert!(!is_platform(&account("kube-system", "job-controller")), "its binding is not in hand");
}

#[test]
fn images_are_compared_by_the_end_of_their_repository() {
    for (pattern, image, expected) in [
        ("coredns", "coredns", true),
        ("coredns", "a/b/coredns:1@sha256:x", true),
        ("coredns", "localhost:5000/coredns", true),
        ("coredns", "coredns/other", false),
        ("calico/node", "quay.io/calico/node:v3", true),
        ("calico/node", "calico/node", true),
        ("calico/node", "notcalico/node", false),
        ("kube-proxy*", "k8s.gcr.io/kube-proxy-amd64:v1", true),
        ("*cloud-controller-manager", "x/aws-cloud-controller-manager:v1", true),
        ("coredns", "", false),
    ] {
        assert_eq!(image_fits(pattern, image), expected, "{pattern} {image}");
    }
}

#[test]
fn every_rule_can_be_listed() {
    let rules = super::rules();
    for (what, name) in [
        ("static pod", "Pod/kube-system/etcd-<node>"),
        ("add-on", "Deployment/kube-system/coredns"),
        ("role", "ClusterRole/cluster-admin"),
        ("binding", "RoleBinding/kube-public/kubeadm:bootstrap-signer-clusterinfo"),
    ] {
        assert!(rules.iter().any(|rule| rule.what == what && rule.name == name), "{name}");
    }
    let mut names: Vec<_> = super::roles::ROLES.iter().map(|r| (r.namespace, r.name)).collect();
    let count = names.len();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), count, "no role is listed twice");
}
