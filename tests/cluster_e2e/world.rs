//! A small cluster as controllers would leave it: Deployments with their `ReplicaSet`s and pods,
//! rights, and network policies. One namespace has faults, one has none.

use std::future::Future;
use std::sync::OnceLock;

use plimsoll::model::kinds::BUILTINS;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

use crate::fixture::{Admin, Fixture};

/// Runs what the administrator does; one runtime, because clients live in theirs.
pub fn go<T>(work: impl Future<Output = T>) -> T {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let runtime = RUNTIME.get_or_init(|| Runtime::new().unwrap());
    runtime.block_on(work)
}

/// The cluster that tests share which change nothing.
pub fn shared() -> &'static Fixture {
    static FILLED: OnceLock<()> = OnceLock::new();
    let fixture = Fixture::shared();
    FILLED.get_or_init(|| {
        go(async {
            let world = World(fixture.admin().await);
            world.fill().await;
            world.people().await;
        });
    });
    fixture
}

/// Kinds whose right is taken away from one user each: all that are built in, but for Secrets,
/// which nobody here may list.
pub fn kinds() -> Vec<(&'static str, &'static str)> {
    let named = BUILTINS.iter().filter(|b| b.kind != "Secret");
    named.map(|b| (b.group, b.plural)).collect()
}

/// What somebody reads who reads everything but Secrets: leases, too, which are no kind that is browsed.
fn readable() -> Vec<(&'static str, &'static str)> {
    [kinds(), vec![("coordination.k8s.io", "leases")]].concat()
}

pub struct World(pub Admin);

impl World {
    /// Objects of both namespaces.
    pub async fn fill(&self) {
        for name in ["shop", "pay", "lab"] {
            self.0.namespace(name).await;
            self.account(name, "default").await;
        }
        self.account("shop", "web").await;
        self.account("pay", "api").await;
        self.web().await;
        self.edge().await;
        // A template that never ran.
        let mut idle = hardened("idle");
        idle["volumes"] = json!([{"name": "host", "hostPath": {"path": "/srv/data"}}]);
        self.deployment("shop", "idle", &idle).await;
        let mut probed = hardened("probed");
        probed["containers"][0]["livenessProbe"] =
            json!({"httpGet": {"host": "10.0.0.9", "port": 80}});
        self.deployment("shop", "probed", &probed).await;
        self.api().await;
        self.probe().await;
        self.leaks().await;
        self.rights().await;
    }

    /// A privileged Deployment with three pods.
    async fn web(&self) {
        let spec = privileged();
        let uid = self.deployment("shop", "web", &spec).await;
        let set = self.replica_set("shop", "web", &uid, (1, "5c9d8"), &spec).await;
        for pod in ["a1b2c", "d3e4f", "g5h6i"] {
            self.pod("shop", &format!("web-5c9d8-{pod}"), Some(("web-5c9d8", &set)), &spec).await;
        }
    }

    /// A clean template whose pod was given more on its way in.
    async fn edge(&self) {
        let mut spec = hardened("edge");
        let uid = self.deployment("shop", "edge", &spec).await;
        let set = self.replica_set("shop", "edge", &uid, (1, "77f6b"), &spec).await;
        spec["containers"][0]["securityContext"]["capabilities"]["add"] = json!(["SYS_ADMIN"]);
        self.pod("shop", "edge-77f6b-x9x9x", Some(("edge-77f6b", &set)), &spec).await;
    }

    /// The clean namespace.
    async fn api(&self) {
        self.bounds().await;
        let mut spec = complete("api");
        spec["serviceAccountName"] = "api".into();
        let uid = self.deployment("pay", "api", &spec).await;
        let path = "/apis/apps/v1/namespaces/pay/deployments/api";
        self.0.patch(path, &json!({"spec": {"replicas": 2}})).await;
        let set = self.replica_set("pay", "api", &uid, (1, "64d7c"), &spec).await;
        for pod in ["k2k2k", "m3m3m"] {
            self.pod("pay", &format!("api-64d7c-{pod}"), Some(("api-64d7c", &set)), &spec).await;
        }
        let policies = "/apis/networking.k8s.io/v1/namespaces/pay/networkpolicies";
        let deny = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "default-deny"},
            "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}});
        self.0.create(policies, &deny).await;
        let allow = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "api"}, "spec": {"podSelector": {"matchLabels": {"app": "api"}},
            "policyTypes": ["Ingress"], "ingress": [{"ports": [{"port": 8443}],
            "from": [{"podSelector": {"matchLabels": {"app": "api"}}}]}]}});
        self.0.create(policies, &allow).await;
    }

    /// What the clean namespace says of itself, and how much its pods may take.
    async fn bounds(&self) {
        let labels = json!({"metadata": {"labels": {"team": "payments",
            "pod-security.kubernetes.io/enforce": "restricted",
            "pod-security.kubernetes.io/enforce-version": "latest",
            "pod-security.kubernetes.io/audit": "restricted",
            "pod-security.kubernetes.io/warn": "restricted"}}});
        self.0.patch("/api/v1/namespaces/pay", &labels).await;
        let quota = json!({"apiVersion": "v1", "kind": "ResourceQuota", "metadata": {"name": "all"},
            "spec": {"hard": {"requests.cpu": "4", "requests.memory": "4Gi", "limits.cpu": "8",
                "limits.memory": "8Gi", "pods": "20"}}});
        self.0.create("/api/v1/namespaces/pay/resourcequotas", &quota).await;
        let range = json!({"apiVersion": "v1", "kind": "LimitRange", "metadata": {"name": "each"},
            "spec": {"limits": [{"type": "Container", "max": {"cpu": "2", "memory": "2Gi"},
                "default": {"cpu": "1", "memory": "512Mi"},
                "defaultRequest": {"cpu": "100m", "memory": "128Mi"}}]}});
        self.0.create("/api/v1/namespaces/pay/limitranges", &range).await;
        let budget = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": "api"}, "spec": {"maxUnavailable": 1,
            "unhealthyPodEvictionPolicy": "AlwaysAllow",
            "selector": {"matchLabels": {"app": "api"}}}});
        let budgets = "/apis/policy/v1/namespaces/pay/poddisruptionbudgets";
        self.0.create(budgets, &budget).await;
    }

    /// Credentials in plain sight, and an object that was applied in a version that is gone.
    pub async fn leaks(&self) {
        let map = json!({"apiVersion": "v1", "kind": "ConfigMap",
            "metadata": {"name": "settings"}, "data": {"db.password": "tr0ub4dor3"}});
        self.0.create("/api/v1/namespaces/lab/configmaps", &map).await;
        let copy = r#"{"apiVersion":"policy/v1beta1","kind":"PodDisruptionBudget","spec":{}}"#;
        let budget = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": "old", "annotations":
                {"kubectl.kubernetes.io/last-applied-configuration": copy}},
            "spec": {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "probe"}}}});
        let budgets = "/apis/policy/v1/namespaces/lab/poddisruptionbudgets";
        self.0.create(budgets, &budget).await;
        let mut spec = hardened("leaky");
        spec["containers"][0]["env"] = json!([{"name": "DB_PASSWORD", "value": "tr0ub4dor3"}]);
        spec["containers"][0]["args"] = json!(["--api-token=q8w7e6r5t4y3"]);
        self.deployment("lab", "leaky", &spec).await;
    }

    /// A workload that uses its token and the network, but neither much: whether that is well
    /// depends on roles, bindings, accounts, nodes and endpoints.
    async fn probe(&self) {
        let account = json!({"apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": "probe"}});
        self.0.create("/api/v1/namespaces/lab/serviceaccounts", &account).await;
        let mut spec = hardened("probe");
        spec["serviceAccountName"] = "probe".into();
        spec.as_object_mut().unwrap().remove("automountServiceAccountToken");
        self.deployment("lab", "probe", &spec).await;
        let rbac = "/apis/rbac.authorization.k8s.io/v1/namespaces/lab";
        let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": "probe"}, "rules": [{"apiGroups": [""],
            "resources": ["configmaps"], "resourceNames": ["probe"], "verbs": ["get"]}]});
        self.0.create(&format!("{rbac}/roles"), &role).await;
        let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": "probe"}, "roleRef": {"kind": "Role", "name": "probe",
            "apiGroup": "rbac.authorization.k8s.io"},
            "subjects": [{"kind": "ServiceAccount", "name": "probe", "namespace": "lab"}]});
        self.0.create(&format!("{rbac}/rolebindings"), &binding).await;
        let policy = json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
            "metadata": {"name": "probe"}, "spec": {"podSelector": {},
            "policyTypes": ["Ingress", "Egress"],
            "egress": [{"to": [{"ipBlock": {"cidr": "10.77.0.0/24"}}]}]}});
        let policies = "/apis/networking.k8s.io/v1/namespaces/lab/networkpolicies";
        self.0.create(policies, &policy).await;
    }

    async fn rights(&self) {
        let rbac = "/apis/rbac.authorization.k8s.io/v1";
        let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "Role",
            "metadata": {"name": "secret-reader"}, "rules": [{"apiGroups": [""],
            "resources": ["secrets"], "verbs": ["get", "list"]}]});
        self.0.create(&format!("{rbac}/namespaces/shop/roles"), &role).await;
        let binding = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding",
            "metadata": {"name": "web-secrets"}, "roleRef": {"kind": "Role", "name": "secret-reader",
            "apiGroup": "rbac.authorization.k8s.io"},
            "subjects": [{"kind": "ServiceAccount", "name": "web", "namespace": "shop"}]});
        self.0.create(&format!("{rbac}/namespaces/shop/rolebindings"), &binding).await;
        self.0.bind("cluster-admin", "ops", None).await;
    }

    /// `only-shop` reads one namespace, `all-but-pay` everything but one, and `no-PLURAL`
    /// everything but that kind.
    pub async fn people(&self) {
        self.0.role("reader", &readable()).await;
        self.0.bind("reader", "only-shop", Some("shop")).await;
        self.0.bind("reader", "auditor", None).await;
        let wide = BUILTINS.iter().filter(|b| !b.namespaced).map(|b| (b.group, b.plural));
        self.0.role("wide", &wide.collect::<Vec<_>>()).await;
        self.0.bind("wide", "all-but-pay", None).await;
        for name in ["shop", "lab", "default", "kube-system", "kube-public", "kube-node-lease"] {
            self.0.bind("reader", "all-but-pay", Some(name)).await;
        }
        for (group, plural) in kinds() {
            let rest: Vec<_> = readable().into_iter().filter(|k| *k != (group, plural)).collect();
            let name = format!("no-{plural}");
            self.0.role(&name, &rest).await;
            self.0.bind(&name, &name, None).await;
        }
    }

    pub async fn account(&self, namespace: &str, name: &str) {
        let body = json!({"apiVersion": "v1", "kind": "ServiceAccount",
            "metadata": {"name": name}, "automountServiceAccountToken": false});
        self.0.create(&format!("/api/v1/namespaces/{namespace}/serviceaccounts"), &body).await;
    }

    /// Creates a Deployment and returns its uid.
    pub async fn deployment(&self, namespace: &str, name: &str, spec: &Value) -> String {
        let path = format!("/apis/apps/v1/namespaces/{namespace}/deployments");
        let body = json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": name}, "spec": {"selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": {"app": name}}, "spec": spec}}});
        uid_of(&self.0.create(&path, &body).await)
    }

    /// Creates a revision of a Deployment and returns its uid.
    pub async fn replica_set(
        &self,
        namespace: &str,
        owner: &str,
        uid: &str,
        (revision, hash): (u32, &str),
        spec: &Value,
    ) -> String {
        let path = format!("/apis/apps/v1/namespaces/{namespace}/replicasets");
        let labels = json!({"app": owner, "pod-template-hash": hash});
        let body = json!({"apiVersion": "apps/v1", "kind": "ReplicaSet",
            "metadata": {"name": format!("{owner}-{hash}"), "labels": labels,
                "annotations": {"deployment.kubernetes.io/revision": revision.to_string()},
                "ownerReferences": [owner_ref("apps/v1", "Deployment", owner, uid)]},
            "spec": {"selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": spec}}});
        uid_of(&self.0.create(&path, &body).await)
    }

    /// Creates a running pod, of a `ReplicaSet` if one is given by name and uid.
    pub async fn pod(&self, namespace: &str, name: &str, set: Option<(&str, &str)>, spec: &Value) {
        let path = format!("/api/v1/namespaces/{namespace}/pods");
        let mut metadata = json!({"name": name, "labels": {"app": "bare"}});
        if let Some((set, uid)) = set {
            let (app, hash) = set.rsplit_once('-').unwrap();
            metadata["labels"] = json!({"app": app, "pod-template-hash": hash});
            metadata["ownerReferences"] = json!([owner_ref("apps/v1", "ReplicaSet", set, uid)]);
        }
        let body = json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec});
        self.0.create(&path, &body).await;
        let status = json!({"status": {"phase": "Running"}});
        self.0.patch(&format!("{path}/{name}/status"), &status).await;
    }
}

fn uid_of(object: &Value) -> String {
    object["metadata"]["uid"].as_str().unwrap().to_owned()
}

fn owner_ref(version: &str, kind: &str, name: &str, uid: &str) -> Value {
    json!({"apiVersion": version, "kind": kind, "name": name, "uid": uid, "controller": true})
}

/// The pod spec of `web`.
pub fn privileged() -> Value {
    json!({"serviceAccountName": "web", "containers": [{"name": "app",
        "image": "registry.invalid/web:1", "securityContext": {"privileged": true}}]})
}

/// A pod spec that leaves nothing to find.
pub fn hardened(name: &str) -> Value {
    json!({"automountServiceAccountToken": false,
        "securityContext": {"runAsNonRoot": true, "runAsUser": 10001, "runAsGroup": 10001,
            "seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [{"name": name, "image": format!("registry.invalid/{name}:1"),
            "securityContext": {"allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true,
                "capabilities": {"drop": ["ALL"]}}}]})
}

/// A pod spec that leaves nothing to find even to those who look for good housekeeping.
pub fn complete(name: &str) -> Value {
    let mut spec = hardened(name);
    spec["hostUsers"] = false.into();
    spec["securityContext"]["appArmorProfile"] = json!({"type": "RuntimeDefault"});
    spec["topologySpreadConstraints"] = json!([{"maxSkew": 1, "topologyKey": "kubernetes.io/hostname",
        "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {"matchLabels": {"app": name}}}]);
    let probe = json!({"tcpSocket": {"port": 8443}});
    let container = &mut spec["containers"][0];
    container["image"] = format!("registry.invalid/{name}:1@sha256:{}", "0f".repeat(32)).into();
    container["imagePullPolicy"] = "Always".into();
    container["ports"] = json!([{"containerPort": 8443, "name": "https"}]);
    container["livenessProbe"] = probe.clone();
    container["readinessProbe"] =
        json!({"httpGet": {"port": 8443, "path": "/ready", "scheme": "HTTPS"}});
    container["resources"] = json!({
        "requests": {"cpu": "100m", "memory": "128Mi", "ephemeral-storage": "64Mi"},
        "limits": {"cpu": "1", "memory": "128Mi", "ephemeral-storage": "64Mi"}});
    spec
}
