//! The check files of the Pod Security Standards and the native function agree on every control,
//! pod and policy version.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of a test may fail like the test itself"
)]

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

/// A change of a pod: a JSON pointer and the new value.
type Change = (String, Value);

fn to(pointer: &str, values: &[Value]) -> impl Iterator<Item = Change> {
    values.iter().map(|value| (pointer.to_owned(), value.clone())).collect::<Vec<_>>().into_iter()
}

/// Every source of a volume that the API knows.
fn volume_sources() -> impl Iterator<Item = &'static str> {
    let all = include_str!("../src/cluster/protobuf/fields.txt");
    let (_, ours) = all.split_once("\ncore.v1.VolumeSource\n").unwrap();
    ours.lines().take_while(|line| !line.is_empty()).filter_map(|line| line.split(' ').next())
}

/// Changes of the pod as a whole.
fn pod_changes() -> Vec<Change> {
    let mut all = Vec::new();
    for field in ["hostNetwork", "hostPID", "hostIPC", "hostUsers"] {
        all.extend(to(&format!("/spec/{field}"), &[json!(true), json!(false)]));
    }
    all.extend(to("/spec/os", &[json!({"name": "windows"}), json!({"name": "linux"})]));
    for source in volume_sources().chain(["brandNew"]) {
        all.extend(to("/spec/volumes", &[json!([{"name": "v", source: {}}])]));
    }
    all.extend(to("/spec/volumes", &[json!([{"name": "only-a-name"}])]));
    for name in [
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_notsent_lowat",
        "kernel.x",
    ] {
        let list = json!([{"name": name, "value": "1"}]);
        all.extend(to("/spec/securityContext/sysctls", &[list]));
    }
    for (key, value) in [
        ("container.apparmor.security.beta.kubernetes.io/x", "unconfined"),
        ("container.apparmor.security.beta.kubernetes.io/x", "localhost/y"),
        ("seccomp.security.alpha.kubernetes.io/pod", "unconfined"),
        ("seccomp.security.alpha.kubernetes.io/pod", "docker/default"),
        ("container.seccomp.security.alpha.kubernetes.io/containers", "unconfined"),
        ("container.seccomp.security.alpha.kubernetes.io/nobody", "unconfined"),
    ] {
        all.extend(to("/metadata/annotations", &[json!({key: value})]));
    }
    all
}

/// Changes of a securityContext, of the pod or of a container.
fn security_changes(owner: &str) -> Vec<Change> {
    let mut all = Vec::new();
    let mut set =
        |field: &str, values: &[Value]| all.extend(to(&format!("{owner}/{field}"), values));
    let profile = |kind: &str| json!({"type": kind});
    for field in ["seccompProfile", "appArmorProfile"] {
        let kinds = ["RuntimeDefault", "Localhost", "Unconfined"].map(profile);
        set(field, &kinds);
        set(field, &[json!({})]);
    }
    set("seLinuxOptions", &["container_t", "container_engine_t", "spc_t"].map(profile));
    set("seLinuxOptions", &[json!({"level": "s0"}), json!({"user": "u"}), json!({"role": "r"})]);
    set("windowsOptions", &[json!({"hostProcess": true}), json!({"hostProcess": false})]);
    set("runAsNonRoot", &[json!(true), json!(false), Value::Null]);
    set("runAsUser", &[json!(0), json!(1000)]);
    if owner == "/spec/securityContext" {
        return all;
    }
    set("privileged", &[json!(true), json!(false)]);
    set("allowPrivilegeEscalation", &[json!(true), json!(false), Value::Null]);
    set("procMount", &[json!("Default"), json!("Unmasked")]);
    set("capabilities", &[json!({}), json!({"drop": ["ALL"]}), json!({"drop": ["all"]})]);
    for added in ["NET_BIND_SERVICE", "CHOWN", "NET_RAW", "CAP_CHOWN"] {
        set("capabilities", &[json!({"drop": ["ALL"], "add": [added]})]);
    }
    all
}

fn changes() -> Vec<Change> {
    let mut all = pod_changes();
    all.extend(security_changes("/spec/securityContext"));
    for list in ["containers", "initContainers", "ephemeralContainers"] {
        let at = |field: &str| format!("/spec/{list}/0/{field}");
        let ports = [json!([{"hostPort": 0}]), json!([{"containerPort": 1, "hostPort": 8080}])];
        all.extend(to(&at("ports"), &ports));
        for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
            let host = |host: &str| json!({"httpGet": {"host": host, "port": 1}});
            all.extend(to(&at(probe), &["127.0.0.1", ""].map(host)));
        }
        all.extend(to(&at("lifecycle"), &[json!({"preStop": {"tcpSocket": {"host": "h"}}})]));
        all.extend(security_changes(&at("securityContext")));
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

/// The controls on which the check files and the function differ at one level and version.
/// `found` are the checks with a finding and the pods they are on.
fn differences(
    (framework, level): (&Framework, Level),
    minor: u32,
    objects: &[Arc<Object>],
    found: &BTreeSet<(&str, &str)>,
) -> Vec<String> {
    let controls = controls(framework, minor);
    let active: BTreeSet<&str> = psa::checks(level, minor).into_iter().collect();
    assert_eq!(controls.keys().copied().collect::<BTreeSet<_>>(), active, "1.{minor}");
    let mut wrong = Vec::new();
    for object in objects {
        let (metadata, spec) =
            (object.body().get("metadata").unwrap(), object.body().get("spec").unwrap());
        let violations = psa::judge(level, minor, metadata, spec);
        for (control, checks) in &controls {
            let files = checks.iter().any(|id| found.contains(&(id, &*object.id.name)));
            if files != violations.iter().any(|violation| violation.check == *control) {
                wrong.push(format!("{control} 1.{minor}: files {files}, {:?}", object.body()));
            }
        }
    }
    wrong
}

#[test]
fn check_files_and_function_agree() {
    let (library, set) = (Library::builtin(), Set::builtin());
    let levels = [("pss-baseline", Level::Baseline), ("pss-restricted", Level::Restricted)]
        .map(|(id, level)| (set.get(id).unwrap(), level));
    let ids: BTreeSet<&str> = levels
        .iter()
        .flat_map(|(framework, _)| &framework.controls)
        .flat_map(|control| control.checks.iter().map(|mapping| &*mapping.id))
        .collect();
    let plan = Plan::new(&library, &ids.into_iter().collect::<Vec<_>>(), &Params::default());
    let objects: Vec<Arc<Object>> =
        pods().iter().map(|pod| Arc::new(Object::new(Node::from(pod)).unwrap())).collect();
    let source = SourceInfo { closed_world: true, ..SourceInfo::default() };
    let inventory = Arc::new(Inventory::new(source, objects.clone(), Vec::new()));
    let mut wrong = Vec::new();
    for minor in MINORS {
        let facts = Facts::new(
            Arc::clone(&inventory),
            Options { policy_minor: Some(minor), ..Options::default() },
        );
        let result = run(&plan, &facts, &RunScope::default(), &Silent);
        assert_eq!(result.problems, []);
        let found: BTreeSet<(&str, &str)> = result
            .findings
            .iter()
            .filter_map(|finding| Some((&*finding.check, &*finding.object.as_ref()?.name)))
            .collect();
        for level in &levels {
            wrong.extend(differences((&level.0, level.1), minor, &objects, &found));
        }
    }
    let some: Vec<&String> = wrong.iter().take(20).collect();
    assert!(wrong.is_empty(), "{} disagreements, such as {some:#?}", wrong.len());
}
