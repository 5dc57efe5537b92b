//! What is replayed is what looking again would have given.

use std::sync::OnceLock;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::checks::replay::{Tier, View};
use crate::checks::run::run_each;
use crate::model::node::Node;
use crate::source::demo;

/// Every check of the library, opt-in ones too.
fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| {
        let library = Library::builtin();
        let ids: Vec<&str> = library.checks.keys().map(|id| &**id).collect();
        Plan::new(&library, &ids, &Params::default())
    })
}

fn both(plan: &Plan, inventory: Inventory) -> (RunResult, RunResult) {
    let facts = Facts::new(Arc::new(inventory), Options::default());
    let scope = RunScope::default();
    (run(plan, &facts, &scope, &Silent), run_each(plan, &facts, &scope))
}

fn world(objects: Vec<Value>) -> World {
    let objects = objects.into_iter().map(|json| Arc::new(Object::new(Node::from(&json)).unwrap()));
    World { objects: objects.collect(), ..World::of("") }
}

fn spec() -> Value {
    json!({
        "hostPID": true,
        "securityContext": {"fsGroup": 1, "sysctls": [{"name": "kernel.msgmax", "value": "1"}]},
        "initContainers": [{"name": "init", "image": "example.com/a/init:1", "restartPolicy": "Always"}],
        "containers": [
            {
                "name": "app",
                "image": "docker.io/library/app",
                "args": ["--password=hunter2hunter2", "--verbose"],
                "env": [
                    {"name": "API_TOKEN", "value": "Zx81kq02LmvT77wq"},
                    {"name": "DB", "valueFrom": {"secretKeyRef": {"name": "db", "key": "password"}}},
                ],
                "envFrom": [{"secretRef": {"name": "all"}}],
                "ports": [{"containerPort": 22, "hostPort": 22}, {"containerPort": 8080}],
                "securityContext": {"privileged": true, "capabilities": {"add": ["SYS_ADMIN", "BPF"]}},
                "volumeMounts": [{"name": "sock", "mountPath": "/run"}],
            },
            {"name": "proxy", "image": "example.com/a/proxy@sha256:00", "resources": {"limits": {"memory": "1Gi"}}},
        ],
        "volumes": [{"name": "sock", "hostPath": {"path": "/var/run/docker.sock"}}],
    })
}

/// Where one pod may differ from the others, and by what.
const CHANGES: [(&str, &str); 44] = [
    ("/status/containerStatuses", r#"[{"name": "app", "imageID": "a@sha256:01", "ready": true}]"#),
    ("/status/containerStatuses", r#"[{"name": "app", "imageID": "a@sha256:02", "state": {}}]"#),
    ("/status/initContainerStatuses", r#"[{"name": "init", "imageID": "b@sha256:03"}]"#),
    ("/spec/hostPID", "false"),
    ("/spec/hostNetwork", "true"),
    ("/spec/nodeName", "\"other\""),
    ("/spec/restartPolicy", "\"Never\""),
    ("/spec/serviceAccountName", "\"admin\""),
    ("/spec/securityContext/runAsNonRoot", "true"),
    ("/spec/securityContext/sysctls/0/name", "\"net.ipv4.tcp_syncookies\""),
    ("/spec/initContainers/0/restartPolicy", "\"Never\""),
    ("/spec/initContainers/0/name", "\"setup\""),
    ("/spec/containers/0/name", "\"main\""),
    ("/spec/containers/0/image", "\"docker.io/library/app:1\""),
    ("/spec/containers/0/args/0", "\"--quiet\""),
    ("/spec/containers/0/env/0/value", "\"\""),
    ("/spec/containers/0/env/0/name", "\"COLOUR\""),
    ("/spec/containers/0/env/1/valueFrom/secretKeyRef/name", "\"other\""),
    ("/spec/containers/0/envFrom/0", "{\"configMapRef\":{\"name\":\"c\"}}"),
    ("/spec/containers/0/ports/0/hostPort", "null"),
    ("/spec/containers/0/ports/1/containerPort", "2222"),
    ("/spec/containers/0/securityContext/privileged", "false"),
    ("/spec/containers/0/securityContext/capabilities/add/0", "\"CHOWN\""),
    ("/spec/containers/0/volumeMounts/0/readOnly", "true"),
    ("/spec/containers/1/securityContext", "{\"runAsUser\":0}"),
    ("/spec/containers/0/volumeMounts/0/mountPath", "\"/srv\""),
    ("/spec/containers/0/volumeMounts/0/name", "\"other\""),
    ("/spec/containers/0/command", "[\"sh\", \"-c\", \"curl -u me:Zx81kq02LmvT https://x\"]"),
    ("/spec/volumes/0/hostPath/path", "\"/\""),
    ("/spec/volumes/0/name", "\"other\""),
    (
        "/spec/volumes/0",
        "{\"name\":\"sock\",\"secret\":{\"secretName\":\"all\",\"items\":[{\"key\":\"none\"}]}}",
    ),
    ("/spec/volumes/0", "{\"name\":\"sock\",\"emptyDir\":{}}"),
    ("/spec/volumes/1/projected/sources/0/serviceAccountToken/expirationSeconds", "90000"),
    ("/spec/volumes", "{\"name\":\"x\"}"),
    ("/spec/containers/0/envFrom", "\"x\""),
    ("/spec/runtimeClassName", "\"gvisor\""),
    ("/spec/automountServiceAccountToken", "false"),
    ("/spec/serviceAccount", "\"admin\""),
    ("/spec/volumes/0", "{\"name\":\"sock\",\"secret\":{\"secretName\":\"of-admin\"}}"),
    (
        "/spec/volumes/0",
        "{\"name\":\"sock\",\"projected\":{\"sources\":[{\"secret\":{\"name\":\"of-admin\"}}]}}",
    ),
    (
        "/spec/volumes/0",
        "{\"name\":\"sock\",\"projected\":{\"sources\":[{\"serviceAccountToken\":{\"audience\":\"x\"}}]}}",
    ),
    ("/metadata/labels/app", "\"db\""),
    ("/metadata/annotations/kubernetes.io~1config.mirror", "\"x\""),
    ("/metadata/annotations/container.apparmor.security.beta.kubernetes.io~1app", "\"unconfined\""),
];

/// Sets a value, and maps on the way that are not there; nothing where an earlier change left a plain value
/// on the way.
fn set(tree: &mut Value, path: &str, value: &str) {
    let mut at = tree;
    for step in path.trim_start_matches('/').split('/') {
        let step = step.replace("~1", "/");
        at = match at {
            Value::Array(items) => &mut items[step.parse::<usize>().unwrap()],
            other @ (Value::Object(_) | Value::Null) => &mut other[step],
            _ => return,
        };
    }
    *at = serde_json::from_str(value).unwrap();
}

/// A pod as a server sends it: with a node and a token of its own.
fn pod(nth: usize, namespace: &str, owner: Option<&str>, changes: &[usize]) -> Value {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {
            "name": format!("web-{nth}"), "namespace": namespace, "uid": format!("u-{nth}"),
            "labels": {"app": "web"}, "annotations": {"a": "b"},
        },
        "spec": spec(),
        "status": {"phase": "Running"},
    });
    if let Some(owner) = owner {
        pod["metadata"]["ownerReferences"] = json!([{"apiVersion": "apps/v1", "kind": "StatefulSet", "name": owner, "controller": true}]);
    }
    let token = format!("kube-api-access-{nth:05}");
    pod["spec"]["nodeName"] = format!("node-{}", nth % 3).into();
    let mount =
        json!({"name": token, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"});
    pod["spec"]["containers"][1]["volumeMounts"] = json!([mount]);
    let volumes = pod["spec"]["volumes"].as_array_mut().unwrap();
    volumes.push(json!({"name": token, "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}));
    for (path, value) in changes.iter().map(|at| CHANGES[*at]) {
        set(&mut pod, path, value);
    }
    pod
}

/// What stands around the pods: some may do more than others, and some are covered by a policy.
fn around() -> Vec<Value> {
    let mut all = Vec::new();
    for namespace in ["pay", "ops"] {
        all.push(json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": namespace, "labels": {"pod-security.kubernetes.io/enforce": "restricted"}}}));
        for account in ["default", "admin"] {
            all.push(json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": account, "namespace": namespace}}));
        }
    }
    all.push(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "all"},
        "rules": [{"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}],
    }));
    all.push(json!({
        "apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRoleBinding", "metadata": {"name": "all"},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": "all"},
        "subjects": [{"kind": "ServiceAccount", "name": "admin", "namespace": "pay"}],
    }));
    all.push(json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "web", "namespace": "pay"},
        "spec": {"podSelector": {"matchLabels": {"app": "web"}}, "policyTypes": ["Ingress", "Egress"]},
    }));
    all.push(json!({
        "apiVersion": "v1", "kind": "Secret", "type": "Opaque",
        "metadata": {"name": "all", "namespace": "pay"}, "data": {"a": "eA=="},
    }));
    all.push(json!({
        "apiVersion": "v1", "kind": "Secret", "type": "kubernetes.io/service-account-token",
        "metadata": {
            "name": "of-admin", "namespace": "pay",
            "annotations": {"kubernetes.io/service-account.name": "admin"},
        },
    }));
    all
}

fn set_of(name: &str, namespace: &str) -> Value {
    json!({
        "apiVersion": "apps/v1", "kind": "StatefulSet",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"template": {"metadata": {"labels": {"app": "web"}}, "spec": spec()}},
    })
}

#[test]
fn the_demo_comes_to_the_same() {
    let (replayed, each) = both(plan(), demo::inventory(plan().kinds()));
    assert!(each.findings.len() > 100, "{}", each.findings.len());
    assert_eq!(replayed, each);
}

/// Each change alone, beside a pod without it and in either order; as pods of nobody, and of one controller.
#[test]
fn one_changed_field_is_seen() {
    let mut told = 0;
    for (at, change) in CHANGES.iter().enumerate() {
        for (first, second) in [(vec![], vec![at]), (vec![at], vec![])] {
            for owner in [None, Some("web")] {
                let pods = [pod(1, "pay", owner, &first), pod(2, "pay", owner, &second)];
                let objects = around().into_iter().chain(pods).collect();
                let (replayed, each) = both(plan(), world(objects).inventory());
                assert_eq!(replayed, each, "{}, owned by {owner:?}", change.0);
                told += usize::from(owner.is_none() && differ(&each, ["web-1", "web-2"]));
            }
        }
    }
    // Most of these changes make a difference, so that replaying across one of them would show.
    assert!(told > CHANGES.len(), "{told}");
}

/// Whether other places fail in the one object than in the other.
fn differ(result: &RunResult, names: [&str; 2]) -> bool {
    let [one, other] = names.map(|name| {
        let mine = |f: &&Arc<Finding>| f.object.as_ref().is_some_and(|o| &*o.name == name);
        let all = result.findings.iter().filter(mine);
        all.map(|f| (f.check.clone(), f.path.to_string())).collect::<Vec<_>>()
    });
    one != other
}

#[test]
fn pods_of_one_controller_are_one_sight() {
    let checks = plan().checks.len();
    let facts =
        |pods: Vec<Value>| Facts::new(Arc::new(world(pods).inventory()), Options::default());
    let same = facts(vec![pod(1, "pay", Some("web"), &[]), pod(2, "pay", Some("web"), &[])]);
    let view = View::of(plan(), &same);
    assert!(view.count() > 110, "{} of {checks}", view.count());
    let pods =
        |facts: &Facts| -> Vec<Arc<Object>> { facts.inventory().objects().cloned().collect() };
    let hashes = |facts: &Facts| -> Vec<Option<u64>> {
        pods(facts).iter().map(|pod| view.hash_of(Tier::Common, pod)).collect()
    };
    let [Some(a), Some(b)] = hashes(&same)[..] else { panic!("no sight") };
    assert_eq!(a, b);
    let other = facts(vec![pod(1, "pay", None, &[]), pod(2, "ops", None, &[])]);
    let [Some(a), Some(b)] = hashes(&other)[..] else { panic!("no sight") };
    assert_ne!(a, b, "another namespace");
    // What a network plug-in writes about each pod matters only to checks that look at it.
    let mut told = pod(2, "pay", Some("web"), &[]);
    told["metadata"]["annotations"]["cni.projectcalico.org/podIP"] = "10.0.0.2/32".into();
    let told = facts(vec![pod(1, "pay", Some("web"), &[]), told]);
    let [Some(a), Some(b)] = hashes(&told)[..] else { panic!("no sight") };
    assert_eq!(a, b);
    let whole: Vec<_> = pods(&told).iter().map(|pod| view.hash_of(Tier::OfSome, pod)).collect();
    assert_ne!(whole[0], whole[1]);
}

/// Servers give a pod a token and a node that its template does not have, and most rules do not look there.
#[test]
fn a_pod_and_its_template_are_one_sight_to_most_rules() {
    let objects = vec![set_of("web", "pay"), pod(1, "pay", Some("web"), &[])];
    let facts = Facts::new(Arc::new(world(objects).inventory()), Options::default());
    let view = View::of(plan(), &facts);
    let hashes = |tier| -> Vec<_> {
        facts.inventory().objects().map(|object| view.hash_of(tier, object)).collect()
    };
    let [common, alike] = [Tier::Common, Tier::Alike].map(hashes);
    assert_eq!(alike[0], alike[1]);
    assert_ne!(common[0], common[1], "volumes differ");
    let alike = (0..plan().checks.len()).filter_map(|at| view.steady(u32::try_from(at).unwrap()));
    let count = alike.filter(|steady| steady.tier == Tier::Alike).count();
    assert!(count > 35, "{count}");
}

/// A place is called by where it stands in the object, unless that is in the pod.
#[test]
fn what_fails_in_a_pod_and_in_its_template_is_one_finding_where_it_was_before() {
    for (scope, rest) in [
        ("container", "fail = \"container.name == 'app'\""),
        ("pod", "fail = \"pod.hostPID\"\nat = \"hostPID\""),
        ("pod", "fail = \"pod.hostPID\"\nat = \"object:metadata.labels\""),
        ("container", "each = \"ports\"\nfail = \"item.containerPort == 22\""),
    ] {
        let rule = format!("[target]\nscope = \"{scope}\"\n[rule]\nmessage = \"x\"\n{rest}");
        let plan = Plan::of(&check(&rule), &Params::default()).unwrap();
        let objects = vec![
            set_of("web", "pay"),
            pod(1, "pay", Some("web"), &[]),
            pod(2, "pay", Some("web"), &[]),
            pod(3, "pay", None, &[]),
        ];
        let (replayed, each) = both(&plan, world(objects).inventory());
        assert!(!each.findings.is_empty(), "{rule}");
        assert_eq!(replayed, each, "{rule}");
    }
}

#[test]
fn names_in_messages_are_those_of_the_object_shown() {
    let named = check(
        "[target]\nscope = \"container\"\n[rule]\nfail = \"true\"\nmessage = \"{container.name} of {metadata.name}\"",
    );
    let world = world(vec![pod(1, "pay", None, &[]), pod(2, "pay", None, &[])]);
    let messages: Vec<String> =
        world.run(&named).findings.iter().map(|f| f.message.clone()).collect();
    for message in ["app of web-1", "proxy of web-1", "app of web-2", "init of web-2"] {
        assert!(messages.iter().any(|m| m == message), "{messages:?}");
    }
}

#[test]
fn a_rule_that_reads_what_each_pod_has_of_its_own_looks_at_each() {
    for fail in [
        "metadata.name == 'web-2'",
        "podMetadata.name == 'web-2'",
        "object.metadata.name == 'web-2'",
        "pod.nodeName == 'node-2'",
        "pod.volumes.exists(v, v.name == 'kube-api-access-00002')",
        "pod['volumes'].exists(v, v.name == 'kube-api-access-00002')",
        "['volumes'].exists(k, pod[k].exists(v, v.name == 'kube-api-access-00002'))",
        "[pod].exists(p, p.nodeName == 'node-2')",
        "pod.containers.exists(c, c.?volumeMounts.orValue([]).exists(m, m.name == 'kube-api-access-00002'))",
        "container.?volumeMounts.orValue([]).exists(m, m.name == 'kube-api-access-00002')",
    ] {
        let own = check(&format!(
            "[target]\nscope = \"container\"\n[rule]\nfail = \"{fail}\"\nmessage = \"x\""
        ));
        let world = world(vec![pod(1, "pay", None, &[]), pod(2, "pay", None, &[])]);
        let found = places(&world.run(&own));
        assert!(
            !found.is_empty() && found.iter().all(|p| p.contains("web-2")),
            "{fail}: {found:?}"
        );
    }
}

/// What is left open, and what is said of a place, may name what each pod has of its own.
#[test]
fn words_that_name_a_pod_are_said_of_each() {
    let open = check(
        "[target]\nscope = \"container\"\n[rule]\nfail = \"false\"\nmessage = \"x\"\n\
         [[rule.unknown]]\nwhen = \"true\"\nreason = \"nothing is known of {container.image} in {metadata.name}\"",
    );
    let noted = check(
        "[target]\nscope = \"container\"\n[rule]\nfail = \"true\"\nmessage = \"x\"\n\
         [[rule.case]]\nwhen = \"metadata.name == 'web-2'\"\nseverity = \"low\"",
    );
    for check in [open, noted] {
        let plan = Plan::of(&check, &Params::default()).unwrap();
        let pods = vec![pod(1, "pay", None, &[]), pod(2, "pay", None, &[])];
        let (replayed, each) = both(&plan, world(pods).inventory());
        assert!(each.findings.len() + each.not_assessed.len() > 1, "{each:?}");
        assert_eq!(replayed, each);
    }
}

/// Objects of a kind of which there were none may bring a check to look at what it did not.
#[test]
fn elements_of_lists_that_are_not_empty_count() {
    let named = check(
        "[target]\nscope = \"pod\"\nreads = [\"configmaps\"]\n[rule]\n\
         fail = \"lists.configmaps.exists(c, c.metadata.name == metadata.name)\"\nmessage = \"x\"",
    );
    let plan = Plan::of(&named, &Params::default()).unwrap();
    let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "web-2", "namespace": "pay"}});
    let pods = || vec![pod(1, "pay", None, &[]), pod(2, "pay", None, &[])];
    let count = |objects: Vec<Value>| {
        let facts = Facts::new(Arc::new(world(objects.clone()).inventory()), Options::default());
        let (replayed, each) = both(&plan, world(objects).inventory());
        assert_eq!(replayed, each);
        (View::of(&plan, &facts).count(), each.findings.len())
    };
    assert_eq!(count(pods()), (1, 0));
    assert_eq!(count([pods(), vec![config]].concat()), (0, 1));
}

/// Whose a pod is, where it lives, and in what it differs.
fn drawn() -> impl Strategy<Value = Vec<(bool, bool, Vec<usize>)>> {
    let changes = prop_oneof![
        3 => Just(Vec::new()),
        2 => prop::collection::vec(0..CHANGES.len(), 1..3),
    ];
    prop::collection::vec((any::<bool>(), prop::bool::weighted(0.3), changes), 2..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn pods_that_differ_here_and_there_come_to_the_same(drawn in drawn()) {
        let mut objects = around();
        objects.extend([set_of("web", "pay"), set_of("web", "ops")]);
        for (nth, (owned, elsewhere, changes)) in drawn.iter().enumerate() {
            let namespace = if *elsewhere { "ops" } else { "pay" };
            let owner = owned.then_some("web");
            objects.push(pod(nth, namespace, owner, changes));
        }
        let (replayed, each) = both(plan(), world(objects).inventory());
        prop_assert_eq!(replayed, each);
    }
}
