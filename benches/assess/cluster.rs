//! A made-up cluster for the benchmarks: the same objects for the same number of pods, handed out
//! as the pages of lists that an API server would send.

mod access;
pub mod workload;

use plimsoll::model::kinds::{self, Builtin};
use serde_json::{Value, json};

/// Items on a page: what the program asks servers for.
const PAGE: usize = 500;
/// Pods that one Deployment runs.
const REPLICAS: usize = 50;
/// Namespaces of the tenants.
const NAMESPACES: usize = 50;
/// Pods on one node.
const PODS_PER_NODE: usize = 100;

/// Makes the object with a number.
type Make = fn(usize) -> Value;

/// A cluster with so many pods, fifty to a Deployment.
#[derive(Clone, Copy)]
pub struct Cluster {
    pods: usize,
}

/// One page of a list.
pub struct Page {
    /// What is listed.
    pub kind: &'static Builtin,
    /// How many items it has.
    pub items: usize,
    /// The body of the answer.
    pub bytes: Vec<u8>,
}

impl Cluster {
    /// A cluster with this many pods.
    pub fn new(pods: usize) -> Self {
        Self { pods }
    }

    fn templates(self) -> usize {
        self.pods.div_ceil(REPLICAS)
    }

    /// Every page of every list, one after the other.
    pub fn pages(self) -> impl Iterator<Item = Page> {
        let templates = self.templates();
        let lists: [(&str, usize, Make); 13] = [
            ("Namespace", NAMESPACES, namespace),
            ("Node", self.pods.div_ceil(PODS_PER_NODE), node),
            ("ServiceAccount", templates + NAMESPACES, service_account),
            ("Deployment", templates, workload::deployment),
            ("ReplicaSet", templates * 2, workload::replica_set),
            ("Pod", self.pods, |at| workload::pod(at / REPLICAS, at)),
            ("Service", templates, workload::service),
            ("NetworkPolicy", templates + NAMESPACES, access::network_policy),
            ("Role", NAMESPACES * 3, access::role),
            ("RoleBinding", NAMESPACES * 3 + templates, access::role_binding),
            ("ClusterRole", 60, access::cluster_role),
            ("ClusterRoleBinding", 60, access::cluster_role_binding),
            ("ConfigMap", templates, config_map),
        ];
        lists
            .into_iter()
            .filter_map(|(kind, count, make)| {
                kinds::lookup(kind).map(|kind| pages(kind, count, make))
            })
            .flatten()
    }
}

fn pages(kind: &'static Builtin, count: usize, make: Make) -> impl Iterator<Item = Page> {
    (0..count).step_by(PAGE).map(move |from| {
        let items: Vec<Value> = (from..count.min(from + PAGE)).map(make).collect();
        let next = if from + PAGE < count { "b3BhcXVlIHBsYWNl" } else { "" };
        // Items of a list carry neither apiVersion nor kind, and the head comes first.
        let head = json!({"resourceVersion": "81723645", "continue": next});
        let version = if kind.group.is_empty() {
            kind.version.to_owned()
        } else {
            format!("{}/{}", kind.group, kind.version)
        };
        let bytes = format!(
            r#"{{"kind":"{}List","apiVersion":"{version}","metadata":{head},"items":{}}}"#,
            kind.kind,
            Value::from(items),
        );
        Page { kind, items: count.min(from + PAGE) - from, bytes: bytes.into_bytes() }
    })
}

/// A number that looks random and is always the same for the same two numbers.
pub fn scatter(seed: usize, salt: usize) -> u64 {
    let mut x = (seed as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (salt as u64) << 17;
    x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ (x >> 31)
}

/// True for about so many of a hundred seeds.
pub fn one_of(seed: usize, salt: usize, percent: u64) -> bool {
    scatter(seed, salt) % 100 < percent
}

/// A uid.
pub fn uid(seed: usize, salt: usize) -> String {
    let (a, b) = (scatter(seed, salt), scatter(seed, salt + 7919));
    format!(
        "{:08x}-{:04x}-4{:03x}-a{:03x}-{:012x}",
        a >> 32,
        a >> 16 & 0xffff,
        a & 0xfff,
        b >> 52,
        b & 0xffff_ffff_ffff
    )
}

/// The name of a namespace.
pub fn namespace_name(at: usize) -> String {
    format!("team-{:02}", at % NAMESPACES)
}

/// Metadata without labels.
pub fn metadata(name: &str, namespace: Option<&str>, seed: usize, salt: usize) -> Value {
    let mut metadata = json!({
        "name": name,
        "uid": uid(seed, salt),
        "resourceVersion": (70_000_000 + seed * 13).to_string(),
        "creationTimestamp": "2026-03-14T09:26:53Z",
    });
    if let Some(namespace) = namespace {
        metadata["namespace"] = namespace.into();
    }
    metadata
}

fn namespace(at: usize) -> Value {
    let name = namespace_name(at);
    let mut metadata = metadata(&name, None, at, 11);
    metadata["labels"] = json!({"kubernetes.io/metadata.name": name});
    if one_of(at, 12, 30) {
        metadata["labels"]["pod-security.kubernetes.io/enforce"] = "baseline".into();
    }
    json!({"metadata": metadata, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}})
}

fn node(at: usize) -> Value {
    let name = format!("node-{at:03}");
    let mut metadata = metadata(&name, None, at, 21);
    metadata["labels"] = json!({
        "kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64",
    });
    json!({
        "metadata": metadata,
        "spec": {"podCIDR": format!("10.{}.{}.0/24", 100 + at / 256, at % 256)},
        "status": {
            "addresses": [{"type": "InternalIP", "address": format!("192.168.{}.{}", at / 250, at % 250)}],
            "capacity": {"cpu": "32", "memory": "131072000Ki", "pods": "250"},
            "nodeInfo": {"kubeletVersion": "v1.35.2", "osImage": "Debian GNU/Linux 13",
                "containerRuntimeVersion": "containerd://2.1.4", "operatingSystem": "linux"},
        },
    })
}

fn service_account(at: usize) -> Value {
    let name = match at.checked_sub(NAMESPACES) {
        None => "default".to_owned(),
        Some(template) => workload::name(template),
    };
    let namespace = namespace_name(at.checked_sub(NAMESPACES).unwrap_or(at));
    let mut account = json!({"metadata": metadata(&name, Some(&namespace), at, 31)});
    if one_of(at, 32, 40) {
        account["automountServiceAccountToken"] = false.into();
    }
    account
}

fn config_map(at: usize) -> Value {
    let name = format!("{}-settings", workload::name(at));
    json!({
        "metadata": metadata(&name, Some(&namespace_name(at)), at, 41),
        "data": {"settings.properties": "cache.size=128\nlog.level=info\nretry.limit=5\n".repeat(8)},
    })
}
