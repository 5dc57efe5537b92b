//! The check files of the Pod Security Standards and the native function agree on every control,
//! pod and policy version.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use plimsoll::checks::{Library, Params, Plan, RunScope, Silent, run};
use plimsoll::facts::psa::{self, Level};
use plimsoll::facts::{Facts, Options};
use plimsoll::frameworks::{Framework, Set, Strength};
use plimsoll::model::inventory::{Inventory, SourceInfo};
use plimsoll::model::node::Node;
use plimsoll::model::object::Object;
use serde_json::{Value, json};

/// Policy versions at which something changes, and their neighbours.
const MINORS: [u32; 21] =
    [0, 7, 8, 18, 19, 21, 22, 23, 24, 25, 26, 27, 29, 30, 31, 32, 33, 34, 35, 36, 37];

/// What is changed in a pod: a JSON pointer and the new value.
fn changes() -> Vec<(String, Value)> {
    let mut all: Vec<(String, Value)> = Vec::new();
    let mut add = |pointer: &str, values: &[Value]| {
        all.extend(values.iter().map(|value| (pointer.to_owned(), value.clone())));
    };
    let profile = |kind: &str| json!({"type": kind});
    for field in ["hostNetwork", "hostPID", "hostIPC", "hostUsers"] {
        add(&format!("/spec/{field}"), &[json!(true), json!(false)]);
    }
    add("/spec/os", &[json!({"name": "windows"}), json!({"name": "linux"})]);
    let sources = ["hostPath", "emptyDir", "csi", "image", "nfs", "gitRepo", "brandNew"];
    for source in sources {
        add("/spec/volumes", &[json!([{"name": "v", source: {}}])]);
    }
    add("/spec/volumes", &[json!([{"name": "only-a-name"}])]);
    for name in [
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_notsent_lowat",
        "kernel.x",
    ] {
        add("/spec/securityContext/sysctls", &[json!([{"name": name, "value": "1"}])]);
    }
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        let at = |field: &str| format!("/spec/{list}/0/{field}");
        add(
            &at("ports"),
            &[json!([{"hostPort": 0}]), json!([{"containerPort": 1, "hostPort": 8080}])],
        );
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            let host = |host: &str| json!({"httpGet": {"host": host, "port": 1}});
            add(&at(probe), &[host("127.0.0.1"), host("")]);
        }
        add(&at("lifecycle"), &[json!({"preStop": {"tcpSocket": {"host": "h"}}})]);
    }
    let owners = [
        "/spec/securityContext",
        "/spec/containers/0/securityContext",
        "/spec/initContainers/0/securityContext",
        "/spec/ephemeralContainers/0/securityContext",
    ];
    for owner in owners {
        let mut set = |field: &str, values: &[Value]| add(&format!("{owner}/{field}"), values);
        for field in ["seccompProfile", "appArmorProfile"] {
            set(
                field,
                &[
                    profile("RuntimeDefault"),
                    profile("Localhost"),
                    profile("Unconfined"),
                    json!({}),
                ],
            );
        }
        set(
            "seLinuxOptions",
            &[
                json!({"level": "s0"}),
                json!({"type": "container_t"}),
                json!({"type": "container_engine_t"}),
                json!({"type": "spc_t"}),
                json!({"user": "u"}),
                json!({"role": "r"}),
            ],
        );
        set("windowsOptions", &[json!({"hostProcess": true}), json!({"hostProcess": false})]);
        set("runAsNonRoot", &[json!(true), json!(false), Value::Null]);
        set("runAsUser", &[json!(0), json!(1000)]);
        if owner != "/spec/securityContext" {
            set("privileged", &[json!(true), json!(false)]);
            set("allowPrivilegeEscalation", &[json!(true), json!(false), Value::Null]);
            set("procMount", &[json!("Default"), json!("Unmasked")]);
            for capabilities in [
                json!({}),
                json!({"drop": ["ALL"]}),
                json!({"drop": ["all"]}),
                json!({"drop": ["ALL"], "add": ["NET_BIND_SERVICE"]}),
                json!({"drop": ["ALL"], "add": ["CHOWN"]}),
                json!({"drop": ["ALL"], "add": ["NET_RAW"]}),
                json!({"drop": ["ALL"], "add": ["CAP_CHOWN"]}),
            ] {
                set("capabilities", &[capabilities]);
            }
        }
    }
    for (key, value) in [
        ("container.apparmor.security.beta.kubernetes.io/x", "unconfined"),
        ("container.apparmor.security.beta.kubernetes.io/x", "localhost/y"),
        ("seccomp.security.alpha.kubernetes.io/pod", "unconfined"),
        ("seccomp.security.alpha.kubernetes.io/pod", "docker/default"),
        ("container.seccomp.security.alpha.kubernetes.io/containers", "unconfined"),
        ("container.seccomp.security.alpha.kubernetes.io/nobody", "unconfined"),
    ] {
        add("/metadata/annotations", &[json!({key: value})]);
    }
    all
}

/// Pods to start from: bare, hardened, hardened on Windows, hardened in a user namespace.
fn bases() -> Vec<Value> {
    let hardened = |list: &str| {
        json!([{"name": list, "securityContext": {
        "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}}])
    };
    let mut bare = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": {}});
    let mut good = bare.clone();
    good["spec"]["securityContext"] =
        json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}});
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        bare["spec"][list] = json!([{"name": list}]);
        good["spec"][list] = hardened(list);
    }
    let (mut windows, mut inside) = (good.clone(), good.clone());
    windows["spec"]["os"] = json!({"name": "windows"});
    inside["spec"]["hostUsers"] = json!(false);
    vec![bare, good, windows, inside]
}

fn change(pod: &mut Value, pointer: &str, value: &Value) {
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let at = parent.split('/').skip(1).fold(pod, |at, part| match part.parse::<usize>() {
        Ok(index) => &mut at[index],
        Err(_) => &mut at[part],
    });
    at[key] = value.clone();
}

/// Every base with every change, and each of those with a second one.
fn pods() -> Vec<Value> {
    let (bases, changes) = (bases(), changes());
    let mut pods = bases.clone();
    for (at, (pointer, value)) in changes.iter().enumerate() {
        for (base_at, base) in bases.iter().enumerate() {
            let mut pod = base.clone();
            change(&mut pod, pointer, value);
            pods.push(pod.clone());
            let (pointer, value) = &changes[(at * 37 + base_at * 11 + 5) % changes.len()];
            change(&mut pod, pointer, value);
            pods.push(pod);
        }
    }
    for (at, pod) in pods.iter_mut().enumerate() {
        pod["metadata"]["name"] = json!(format!("p{at}"));
        pod["metadata"]["namespace"] = json!("ns");
    }
    pods
}

/// Deciding checks of every control that holds at a policy version.
fn controls(framework: &Framework, minor: u32) -> BTreeMap<&str, Vec<&str>> {
    let active = framework.controls.iter().filter(|c| c.kubernetes.contains(Some(minor)));
    active
        .map(|control| {
            let deciding = control.checks.iter().filter(|m| m.strength != Strength::Supporting);
            (&*control.id, deciding.map(|mapping| &*mapping.id).collect())
        })
        .collect()
}

#[test]
fn check_files_and_function_agree() {
    let library = Library::builtin();
    let set = Set::builtin();
    let levels = [("pss-baseline", Level::Baseline), ("pss-restricted", Level::Restricted)]
        .map(|(id, level)| (set.get(id).unwrap(), level));
    let ids: BTreeSet<&str> = levels
        .iter()
        .flat_map(|(framework, _)| &framework.controls)
        .flat_map(|control| control.checks.iter().map(|mapping| &*mapping.id))
        .collect();
    let ids: Vec<&str> = ids.into_iter().collect();
    let plan = Plan::new(&library, &ids, &Params::default());
    let objects: Vec<Arc<Object>> =
        pods().iter().map(|pod| Arc::new(Object::new(Node::from(pod)).unwrap())).collect();
    let source = SourceInfo { closed_world: true, ..SourceInfo::default() };
    let inventory = Arc::new(Inventory::new(source, objects.clone(), Vec::new()));
    let mut wrong = BTreeSet::new();
    for minor in MINORS {
        let facts = Facts::new(Arc::clone(&inventory), Options { policy_minor: Some(minor) });
        let result = run(&plan, &facts, &RunScope::default(), &Silent);
        assert_eq!(result.problems, []);
        let found: BTreeSet<(&str, &str)> = result
            .findings
            .iter()
            .filter_map(|finding| Some((&*finding.check, &*finding.object.as_ref()?.name)))
            .collect();
        for (framework, level) in &levels {
            let controls = controls(framework, minor);
            let active: BTreeSet<&str> = psa::checks(*level, minor).into_iter().collect();
            assert_eq!(controls.keys().copied().collect::<BTreeSet<_>>(), active, "1.{minor}");
            for object in &objects {
                let body = object.body();
                let spec = body.get("spec").unwrap();
                let broken: BTreeSet<&str> =
                    psa::judge(*level, minor, body.get("metadata").unwrap(), spec)
                        .into_iter()
                        .map(|violation| violation.check)
                        .collect();
                for (control, checks) in &controls {
                    // On a live pod of the node's network the API server copies the ports: the
                    // check leaves them to hostNamespaces, which fails for the same pod.
                    if *control == "hostPorts" && spec.get("hostNetwork") == Some(&Node::Bool(true))
                    {
                        continue;
                    }
                    let fails = checks.iter().any(|id| found.contains(&(id, &*object.id.name)));
                    if fails != broken.contains(control) {
                        wrong.insert(format!("{control} 1.{minor}: files {fails}, {body:?}"));
                    }
                }
            }
        }
    }
    let some: Vec<&String> = wrong.iter().take(20).collect();
    assert!(wrong.is_empty(), "{} disagreements, such as {some:#?}", wrong.len());
}
