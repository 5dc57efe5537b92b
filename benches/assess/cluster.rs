//! A made-up cluster for the benchmarks: the same objects for the same number of pods, handed out
//! as the pages of lists that an API server would send.

mod access;
pub mod workload;

use plimsoll::model::kinds::{self, Builtin};
use serde_json::{Value, json};

/// Items on a page: what the program asks servers for.
const PAGE: usize = 500;
/// Pods on one node.
const PODS_PER_NODE: usize = 100;
/// Roles in one namespace.
const ROLES: usize = 3;

/// Makes the object with a number, in a cluster of a shape.
type Make = fn(&Cluster, usize) -> Value;

/// A cluster with so many pods, and with how much beside them.
#[derive(Clone, Copy, Hash)]
pub struct Cluster {
    pods: usize,
    /// Pods that one Deployment runs.
    replicas: usize,
    /// Namespaces of the tenants.
    namespaces: usize,
    /// Bindings of roles to people in one namespace.
    people: usize,
    /// Pods belong to nothing, and are all that runs.
    bare: bool,
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
    /// Fifty pods to a Deployment, fifty namespaces whatever its size: most pods are like others.
    pub fn uniform(pods: usize) -> Self {
        Self { pods, replicas: 50, namespaces: 50, people: ROLES, bare: false }
    }

    /// Four pods to a Deployment, and everything else grows with the pods: 20,000 of them have 5,000
    /// Deployments, 10,000 `ReplicaSets` and `RoleBindings`, 500 namespaces.
    pub fn wide(pods: usize) -> Self {
        Self { pods, replicas: 4, namespaces: pods.div_ceil(40).max(4), people: 10, bare: false }
    }

    /// Pods that belong to nothing and say little of themselves, so that each has findings of its own.
    pub fn bare(pods: usize) -> Self {
        Self { pods, replicas: 1, namespaces: 20, people: ROLES, bare: true }
    }

    /// How many pods there are.
    pub fn pods(self) -> usize {
        self.pods
    }

    /// How many Deployments there are.
    pub fn templates(self) -> usize {
        if self.bare { 0 } else { self.pods.div_ceil(self.replicas) }
    }

    /// The namespace of a tenant, or of a template.
    pub fn namespace(self, at: usize) -> String {
        namespace_name(at % self.namespaces)
    }

    /// Namespace and name of a pod.
    pub fn pod_name(self, at: usize) -> (String, String) {
        let template = at / self.replicas;
        (self.namespace(template), workload::pod_name(template, at))
    }

    /// A pod.
    fn pod(&self, at: usize) -> Value {
        if self.bare {
            return workload::bare_pod(self, at);
        }
        workload::pod(self, at / self.replicas, at)
    }

    /// Every page of every list, one after the other.
    pub fn pages(self) -> impl Iterator<Item = Page> {
        let (templates, namespaces) = (self.templates(), self.namespaces);
        let lists: [(&str, usize, Make); 13] = [
            ("Namespace", namespaces, namespace),
            ("Node", self.pods.div_ceil(PODS_PER_NODE), node),
            ("ServiceAccount", templates + namespaces, service_account),
            ("Deployment", templates, workload::deployment),
            ("ReplicaSet", templates * 2, workload::replica_set),
            ("Pod", self.pods, Self::pod),
            ("Service", templates, workload::service),
            ("NetworkPolicy", templates + namespaces, access::network_policy),
            ("Role", namespaces * ROLES, access::role),
            ("RoleBinding", namespaces * self.people + templates, access::role_binding),
            ("ClusterRole", 60, access::cluster_role),
            ("ClusterRoleBinding", 60, access::cluster_role_binding),
            ("ConfigMap", templates, config_map),
        ];
        lists
            .into_iter()
            .filter_map(move |(kind, count, make)| {
                kinds::lookup(kind).map(|kind| pages(self, kind, count, make))
            })
            .flatten()
    }
}

fn pages(
    cluster: Cluster,
    kind: &'static Builtin,
    count: usize,
    make: Make,
) -> impl Iterator<Item = Page> {
    (0..count).step_by(PAGE).map(move |from| {
        let item = |at| make(&cluster, at);
        let items: Vec<Value> = (from..count.min(from + PAGE)).map(item).collect();
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

fn namespace_name(at: usize) -> String {
    format!("team-{at:02}")
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

fn namespace(_: &Cluster, at: usize) -> Value {
    let name = namespace_name(at);
    let mut metadata = metadata(&name, None, at, 11);
    metadata["labels"] = json!({"kubernetes.io/metadata.name": name});
    if one_of(at, 12, 30) {
        metadata["labels"]["pod-security.kubernetes.io/enforce"] = "baseline".into();
    }
    json!({"metadata": metadata, "spec": {"finalizers": ["kubernetes"]}, "status": {"phase": "Active"}})
}

fn node(_: &Cluster, at: usize) -> Value {
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

fn service_account(cluster: &Cluster, at: usize) -> Value {
    let template = at.checked_sub(cluster.namespaces);
    let name = template.map_or_else(|| "default".to_owned(), workload::name);
    let namespace = cluster.namespace(template.unwrap_or(at));
    let mut account = json!({"metadata": metadata(&name, Some(&namespace), at, 31)});
    if one_of(at, 32, 40) {
        account["automountServiceAccountToken"] = false.into();
    }
    account
}

fn config_map(cluster: &Cluster, at: usize) -> Value {
    let name = format!("{}-settings", workload::name(at));
    json!({
        "metadata": metadata(&name, Some(&cluster.namespace(at)), at, 41),
        "data": {"settings.properties": "cache.size=128\nlog.level=info\nretry.limit=5\n".repeat(8)},
    })
}
