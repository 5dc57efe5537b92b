//! Pod Security as the API server's own admission plugin decides it: pods that break or meet every control, in
//! namespaces of both levels and many versions.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::StreamExt as _;
use plimsoll::facts::psa::{self, Level};
use plimsoll::facts::{FactName, Facts, Options, Target};
use plimsoll::model::inventory::{Inventory, SourceInfo};
use plimsoll::model::node::Node;
use plimsoll::model::object::Object;
use serde_json::{Value, json};

use crate::fixture::{Admin, Fixture};

/// Versions at which something changes, those before them, and one that the server does not know yet.
const MINORS: [u32; 17] = [0, 7, 8, 18, 19, 22, 23, 24, 25, 26, 27, 29, 31, 32, 34, 35, 99];
const PREFIX: &str = "pod-security.kubernetes.io";
/// Requests on their way at the same time.
const AT_ONCE: usize = 16;

/// One pod: whole, or a change of the ephemeral containers of one that is there.
struct Case {
    name: String,
    pod: Value,
    ephemeral: bool,
}

/// A container that meets every level at every version.
fn container(name: &str) -> Value {
    json!({"name": name, "image": "registry.invalid/a:1", "securityContext": {
        "allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}}})
}

/// A pod that meets every level at every version.
fn hardened() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p", "annotations": {}}, "spec": {
        "automountServiceAccountToken": false,
        "securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container("app")]}})
}

/// What Windows leaves of a hardened pod: the API server refuses the rest.
fn windows() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {
        "automountServiceAccountToken": false, "os": {"name": "windows"},
        "securityContext": {"runAsNonRoot": true},
        "containers": [{"name": "app", "image": "registry.invalid/a:1"}]}})
}

/// The value with others set at JSON pointers.
fn with(mut value: Value, changes: &[(&str, Value)]) -> Value {
    for (pointer, new) in changes {
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        let at =
            parent.split('/').skip(1).fold(&mut value, |at, part| match part.parse::<usize>() {
                Ok(index) => &mut at[index],
                Err(_) => &mut at[part],
            });
        at[key] = new.clone();
    }
    value
}

/// Changes of the securityContext of a pod or of a container.
fn of_both() -> Vec<(&'static str, Value)> {
    vec![
        ("seccompProfile", json!({"type": "Unconfined"})),
        ("seccompProfile", json!({"type": "Localhost", "localhostProfile": "a.json"})),
        ("appArmorProfile", json!({"type": "Unconfined"})),
        ("appArmorProfile", json!({"type": "RuntimeDefault"})),
        ("seLinuxOptions", json!({"type": "spc_t"})),
        ("seLinuxOptions", json!({"type": "container_t", "level": "s0"})),
        ("seLinuxOptions", json!({"type": "container_engine_t"})),
        ("seLinuxOptions", json!({"user": "system_u"})),
        ("seLinuxOptions", json!({"role": "system_r"})),
        ("runAsNonRoot", json!(false)),
        ("runAsUser", json!(0)),
        ("runAsUser", json!(1000)),
    ]
}

/// Changes of the securityContext of a container.
fn of_containers() -> Vec<(&'static str, Value)> {
    let add = |name: &str| json!({"drop": ["ALL"], "add": [name]});
    let mut all = of_both();
    all.extend([
        ("allowPrivilegeEscalation", json!(true)),
        ("allowPrivilegeEscalation", Value::Null),
        ("capabilities", Value::Null),
        ("capabilities", json!({"drop": ["NET_RAW"]})),
        ("capabilities", add("NET_BIND_SERVICE")),
        ("capabilities", add("CHOWN")),
        ("capabilities", add("NET_ADMIN")),
        ("procMount", json!("Default")),
        ("procMount", json!("Unmasked")),
    ]);
    all
}

/// Changes of a pod's spec or annotations.
fn of_pods() -> Vec<(&'static str, Value)> {
    let mut all = vec![
        ("/spec/hostNetwork", json!(true)),
        ("/spec/hostPID", json!(true)),
        ("/spec/hostIPC", json!(true)),
        ("/spec/hostUsers", json!(false)),
        ("/spec/securityContext/runAsNonRoot", Value::Null),
        ("/spec/securityContext/seccompProfile", Value::Null),
        ("/spec/volumes", json!([{"name": "v"}])),
        ("/spec/containers/0/ports", json!([{"containerPort": 80, "hostPort": 80}])),
        ("/spec/containers/0/ports", json!([{"containerPort": 80}])),
        ("/spec/containers/0/livenessProbe", json!({"httpGet": {"host": "127.0.0.1", "port": 1}})),
        ("/spec/containers/0/livenessProbe", json!({"httpGet": {"port": 1}})),
        (
            "/spec/containers/0/lifecycle",
            json!({"preStop": {"tcpSocket": {"host": "h", "port": 1}}}),
        ),
    ];
    for source in [
        json!({"hostPath": {"path": "/srv"}}),
        json!({"emptyDir": {}}),
        json!({"csi": {"driver": "a.example"}}),
        json!({"nfs": {"server": "a", "path": "/a"}}),
        json!({"image": {"reference": "registry.invalid/a:1"}}),
        json!({"configMap": {"name": "a"}}),
        json!({"iscsi": {"targetPortal": "10.0.0.1", "iqn": "iqn.2001-04.com.example:a", "lun": 0}}),
    ] {
        let mut volume = source;
        volume["name"] = "v".into();
        all.push(("/spec/volumes", json!([volume])));
    }
    for name in [
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_slow_start_after_idle",
        "kernel.msgmax",
    ] {
        all.push(("/spec/securityContext/sysctls", json!([{"name": name, "value": "1"}])));
    }
    for (key, value) in [
        ("seccomp.security.alpha.kubernetes.io/pod", "unconfined"),
        ("container.seccomp.security.alpha.kubernetes.io/app", "unconfined"),
        ("container.apparmor.security.beta.kubernetes.io/app", "runtime/default"),
        ("container.apparmor.security.beta.kubernetes.io/app", "unconfined"),
    ] {
        all.push(("/metadata/annotations", json!({key: value})));
    }
    all
}

fn cases() -> Vec<Case> {
    let mut pods = vec![hardened(), windows()];
    pods.extend(of_pods().into_iter().map(|change| with(hardened(), &[change])));
    let inside = || with(hardened(), &[("/spec/hostUsers", json!(false))]);
    for (field, value) in of_both() {
        let at = format!("/spec/securityContext/{field}");
        pods.push(with(hardened(), &[(&at, value.clone())]));
        pods.push(with(inside(), &[(&at, value)]));
    }
    for (field, value) in of_containers() {
        for list in ["containers", "initContainers"] {
            let at = format!("/spec/{list}/0/securityContext/{field}");
            for base in [hardened(), inside()] {
                let lists = [("/spec/initContainers", json!([container("init")]))];
                pods.push(with(with(base, &lists), &[(&at, value.clone())]));
            }
        }
    }
    // With what hardens it the API server would not take a privileged container.
    let privileged = json!({"privileged": true});
    pods.push(with(hardened(), &[("/spec/containers/0/securityContext", privileged.clone())]));
    let process = json!({"runAsNonRoot": true, "windowsOptions": {"hostProcess": true}});
    pods.extend([
        with(windows(), &[("/spec/securityContext", json!({"runAsNonRoot": false}))]),
        with(windows(), &[("/spec/securityContext", Value::Null)]),
        with(windows(), &[("/spec/volumes", json!([{"name": "v", "hostPath": {"path": "/a"}}]))]),
        with(windows(), &[("/spec/securityContext", process), ("/spec/hostNetwork", json!(true))]),
    ]);
    let mut all: Vec<Case> = pods
        .into_iter()
        .enumerate()
        .map(|(at, pod)| Case { name: format!("p{at}"), pod, ephemeral: false })
        .collect();
    let mut debug =
        vec![json!({"name": "debug", "image": "registry.invalid/a:1"}), container("debug")];
    debug.push(with(container("debug"), &[("/securityContext", privileged)]));
    for (field, value) in of_containers() {
        let at = format!("/securityContext/{field}");
        debug.push(with(container("debug"), &[(&at, value)]));
    }
    all.extend(debug.into_iter().enumerate().map(|(at, debug)| {
        let pod = with(hardened(), &[("/spec/ephemeralContainers", json!([debug]))]);
        Case { name: format!("e{at}"), pod, ephemeral: true }
    }));
    for case in &mut all {
        case.pod["metadata"]["name"] =
            if case.ephemeral { "base".into() } else { case.name.clone().into() };
    }
    all
}

/// A namespace that enforces a level by a version.
struct Space {
    name: String,
    level: Level,
    minor: u32,
    object: Value,
}

async fn spaces(admin: &Admin) -> Vec<Space> {
    let mut all = Vec::new();
    for level in [Level::Baseline, Level::Restricted] {
        for minor in MINORS {
            let name = format!("psa-{}-{minor}", level.word());
            let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name,
                "labels": {format!("{PREFIX}/enforce"): level.word(),
                    format!("{PREFIX}/enforce-version"): format!("v1.{minor}")}}});
            admin.create("/api/v1/namespaces", &object).await;
            let account = json!({"apiVersion": "v1", "kind": "ServiceAccount",
                "metadata": {"name": "default"}});
            admin.create(&format!("/api/v1/namespaces/{name}/serviceaccounts"), &account).await;
            let base = with(hardened(), &[("/metadata/name", json!("base"))]);
            admin.create(&format!("/api/v1/namespaces/{name}/pods"), &base).await;
            all.push(Space { name, level, minor, object });
        }
    }
    all
}

/// Whether the server takes a pod; none where it is no valid pod whatever the namespace enforces.
async fn taken(admin: &Admin, space: &Space, case: &Case) -> Option<bool> {
    let pods = format!("/api/v1/namespaces/{}/pods", space.name);
    let (status, text) = if case.ephemeral {
        let path = format!("{pods}/base/ephemeralcontainers?dryRun=All");
        let body =
            json!({"spec": {"ephemeralContainers": case.pod["spec"]["ephemeralContainers"]}});
        let kind = "application/strategic-merge-patch+json";
        admin.answer("PATCH", &path, kind, body.to_string()).await
    } else {
        let path = format!("{pods}?dryRun=All");
        admin.answer("POST", &path, "application/json", case.pod.to_string()).await
    };
    match status.as_u16() {
        200 | 201 => Some(true),
        403 if text.contains("violates PodSecurity") => Some(false),
        422 => None,
        _ => panic!("{} in {}: {status} {text}", case.name, space.name),
    }
}

/// Whether a pod meets what its namespace enforces, as `facts.psa` says.
fn meets(server: &str, space: &Space, pod: &Value) -> bool {
    let mut pod = pod.clone();
    pod["metadata"]["namespace"] = space.name.clone().into();
    let object = |value: &Value| Arc::new(Object::new(Node::from(value)).unwrap());
    let namespace = object(&space.object);
    let source = SourceInfo {
        kubernetes: Some(server.to_owned()),
        closed_world: true,
        ..SourceInfo::default()
    };
    let inventory = Inventory::new(source, vec![Arc::clone(&namespace), object(&pod)], Vec::new());
    let facts = Facts::new(Arc::new(inventory), Options::default());
    let fact = facts.get(FactName::Psa, &Target::Object(&namespace));
    fact.node().unwrap().list_at(&["unmet"]).is_empty()
}

/// The controls that a pod breaks.
fn broken(server: u32, space: &Space, pod: &Value) -> BTreeSet<&'static str> {
    let (metadata, spec) = (Node::from(&pod["metadata"]), Node::from(&pod["spec"]));
    let found = psa::judge(space.level, space.minor.min(server), &metadata, &spec);
    found.into_iter().map(|violation| violation.check).collect()
}

#[tokio::test]
#[ignore = "needs a real API server"]
async fn pods_meet_what_their_namespace_enforces_where_the_server_takes_them() {
    let fixture = Fixture::shared();
    let admin = fixture.admin().await;
    let version = admin.get("/version").await;
    let server = version["gitVersion"].as_str().unwrap();
    let minor: u32 = server.split('.').nth(1).unwrap().parse().unwrap();
    let (spaces, cases) = (spaces(&admin).await, cases());
    let cells = spaces.iter().flat_map(|space| cases.iter().map(move |case| (space, case)));
    let admin = &admin;
    let answers: Vec<_> = futures::stream::iter(cells)
        .map(|(space, case)| async move { (space, case, taken(admin, space, case).await) })
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let mut wrong = Vec::new();
    let (mut alone, mut refused, mut invalid) = (BTreeSet::new(), 0, BTreeSet::new());
    for (space, case, answer) in &answers {
        let Some(taken) = answer else {
            invalid.insert(&*case.name);
            continue;
        };
        if meets(server, space, &case.pod) != *taken {
            wrong.push(format!("{} in {}: taken {taken}, {}", case.name, space.name, case.pod));
        }
        let broken = broken(minor, space, &case.pod);
        refused += usize::from(!taken);
        if let (false, [one]) = (taken, &broken.iter().copied().collect::<Vec<_>>()[..]) {
            alone.insert(*one);
        }
    }
    let some: Vec<&String> = wrong.iter().take(10).collect();
    assert!(
        wrong.is_empty(),
        "{} of {} cells differ, such as {some:#?}",
        wrong.len(),
        answers.len()
    );
    assert!(refused > answers.len() / 4, "{refused} of {} refused", answers.len());
    // Each control alone is why some pod was refused; a process of the host has to be on its network too.
    let controls = spaces.iter().flat_map(|space| psa::checks(space.level, space.minor.min(minor)));
    let missed: BTreeSet<&str> = controls.filter(|control| !alone.contains(control)).collect();
    assert_eq!(missed, BTreeSet::from(["windowsHostProcess"]));
    assert!(invalid.len() < 10, "the server takes too few of the pods for pods: {invalid:?}");
}
