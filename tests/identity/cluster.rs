//! A cluster of many kinds of owners, and what may differ in it without being a change.

use std::sync::Arc;

use plimsoll::model::inventory::{Inventory, SourceInfo, SourceKind};
use plimsoll::model::kinds::BUILTINS;
use plimsoll::model::node::Node;
use plimsoll::model::object::Object;
use plimsoll::model::read::{Read, ReadStatus};
use serde_json::{Value, json};

/// What differs.
pub struct Shape {
    /// Order of lists; 0 leaves them as they are written.
    pub seed: u64,
    /// Hash of the templates of Deployments and rollouts.
    pub hash: String,
    /// Pods of an older revision are still there.
    pub old: bool,
    /// Ends of the names of pods; how many there are.
    pub pods: Vec<String>,
    /// When the `CronJob` ran last, in minutes since 1970.
    pub run: u32,
    /// What uids begin with.
    pub uids: &'static str,
    /// The server.
    pub server: &'static str,
    /// A sidecar in the Deployment, before (true) or after the other containers.
    pub sidecar: Option<bool>,
    /// Kinds that may not be listed.
    pub unread: Vec<&'static str>,
    /// Whether there are workloads beside the Deployment.
    pub others: bool,
}

impl Default for Shape {
    fn default() -> Self {
        Self {
            seed: 0,
            hash: "7d9c8f5b6".into(),
            old: false,
            pods: vec!["x7k2p".into(), "q4z9w".into()],
            run: 28_123_456,
            uids: "a",
            server: "https://prod.example:6443",
            sidecar: None,
            unread: Vec::new(),
            others: true,
        }
    }
}

/// Puts the lists of a tree in another order, but for those whose order means something.
fn shuffle(value: &mut Value, seed: &mut u64) {
    match value {
        Value::Array(items) => {
            for item in items.iter_mut() {
                shuffle(item, seed);
            }
            for at in (1..items.len()).rev() {
                *seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                let other = usize::try_from(*seed >> 33).unwrap() % (at + 1);
                items.swap(at, other);
            }
        }
        Value::Object(map) => {
            // The order of init containers and of a command line is what they mean.
            for (key, item) in map.iter_mut() {
                if !matches!(key.as_str(), "initContainers" | "command" | "args") {
                    shuffle(item, seed);
                }
            }
        }
        _ => {}
    }
}

impl Shape {
    /// Everything there is.
    pub fn inventory(&self) -> Inventory {
        let mut objects = self.deployment();
        if self.others {
            objects.extend(self.workloads());
            objects.extend(self.custom());
        }
        objects.extend(rights());
        objects.extend(surroundings());
        let mut seed = self.seed;
        let mut made = Vec::new();
        for mut object in objects {
            if self.unread.contains(&object["kind"].as_str().unwrap()) {
                continue;
            }
            if self.seed != 0 {
                shuffle(&mut object, &mut seed);
            }
            made.push(Arc::new(Object::new(Node::from(&object)).unwrap()));
        }
        let source = SourceInfo {
            kind: SourceKind::Live,
            context: Some("c".into()),
            server: Some(self.server.into()),
            cluster_uid: Some(format!("{}-cluster", self.uids)),
            kubernetes: Some("v1.34.1".into()),
            read_at: Some("2026-01-01T00:00:00Z".into()),
            ..SourceInfo::default()
        };
        let reads = BUILTINS.iter().map(|builtin| {
            let kind = builtin.kind();
            let refused = self.unread.contains(&&*kind.kind);
            Read {
                resource: kind.to_string(),
                namespace: None,
                status: if refused { ReadStatus::Forbidden } else { ReadStatus::Complete },
                items: 0,
                message: None,
                millis: None,
                kind: Some(kind),
            }
        });
        Inventory::new(source, made, reads.collect())
    }

    fn uid(&self, name: &str) -> String {
        format!("{}-{name}", self.uids)
    }

    fn owner(&self, api: &str, kind: &str, name: &str) -> Value {
        json!([{"apiVersion": api, "kind": kind, "name": name, "uid": self.uid(name), "controller": true}])
    }

    fn meta(&self, name: &str, labels: &Value) -> Value {
        json!({"name": name, "namespace": "pay", "uid": self.uid(name), "labels": labels,
            "creationTimestamp": "2025-06-01T00:00:00Z"})
    }

    /// A pod of an owner, from the owner's template.
    fn pod(&self, name: &str, labels: &Value, owner: Value, template: &Value) -> Value {
        let mut meta = self.meta(name, labels);
        meta["ownerReferences"] = owner;
        if let Some((base, _)) = name.rsplit_once('-') {
            meta["generateName"] = json!(format!("{base}-"));
        }
        let mut spec = template["spec"].clone();
        spec["nodeName"] = json!("n1");
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec,
            "status": {"phase": "Running"}})
    }

    fn replica_set(
        &self,
        base: &str,
        hash: &str,
        revision: u8,
        owner: &Value,
        template: &Value,
    ) -> Value {
        let labels = json!({"app": base, hash_label(owner): hash});
        let mut meta = self.meta(&format!("{base}-{hash}"), &labels);
        meta["ownerReferences"] = owner.clone();
        meta["annotations"] = json!({"deployment.kubernetes.io/revision": revision.to_string()});
        let mut template = template.clone();
        template["metadata"]["labels"] = labels.clone();
        json!({"apiVersion": "apps/v1", "kind": "ReplicaSet", "metadata": meta,
            "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": template}})
    }

    /// A `ReplicaSet` with its pods, and the one before it.
    fn revisions(&self, base: &str, owner: &Value, template: &Value) -> Vec<Value> {
        let mut hashes = vec![(self.hash.as_str(), 7)];
        if self.old {
            hashes.push(("6c5d4b3f2", 6));
        }
        let mut all = Vec::new();
        for (hash, revision) in hashes {
            let labels = json!({"app": base, hash_label(owner): hash});
            all.push(self.replica_set(base, hash, revision, owner, template));
            for end in &self.pods {
                let set = self.owner("apps/v1", "ReplicaSet", &format!("{base}-{hash}"));
                all.push(self.pod(&format!("{base}-{hash}-{end}"), &labels, set, template));
            }
        }
        all
    }

    fn deployment(&self) -> Vec<Value> {
        let mut template = template("web");
        if let Some(first) = self.sidecar {
            let containers = template["spec"]["containers"].as_array_mut().unwrap();
            let proxy = json!({"name": "proxy", "image": "envoy"});
            containers.insert(if first { 0 } else { containers.len() }, proxy);
        }
        let mut all = vec![json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": self.meta("web", &json!({"app": "web"})),
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template}})];
        all.extend(self.revisions("web", &self.owner("apps/v1", "Deployment", "web"), &template));
        all
    }

    fn workloads(&self) -> Vec<Value> {
        let mut all = Vec::new();
        for (kind, name) in [("StatefulSet", "db"), ("DaemonSet", "agent")] {
            let labels = json!({"app": name});
            let template = template(name);
            let mut spec = json!({"selector": {"matchLabels": labels}, "template": template});
            if kind == "StatefulSet" {
                spec["replicas"] = json!(2);
                spec["serviceName"] = json!("db");
            }
            all.push(json!({"apiVersion": "apps/v1", "kind": kind, "metadata": self.meta(name, &labels), "spec": spec}));
            for (at, end) in self.pods.iter().enumerate() {
                let end = if kind == "StatefulSet" { at.to_string() } else { end.clone() };
                let owner = self.owner("apps/v1", kind, name);
                all.push(self.pod(&format!("{name}-{end}"), &labels, owner, &template));
            }
        }
        let job = |template: &Value| json!({"template": template, "backoffLimit": 1});
        let mut batch = template("nightly");
        batch["spec"]["restartPolicy"] = json!("Never");
        all.push(json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": self.meta("nightly", &json!({"app": "nightly"})),
            "spec": {"schedule": "0 3 * * *", "jobTemplate": {"spec": job(&batch)}}}));
        let scheduled = format!("nightly-{}", self.run);
        for (name, owner) in [
            (scheduled.as_str(), self.owner("batch/v1", "CronJob", "nightly")),
            ("once", Value::Null),
        ] {
            let mut meta = self.meta(name, &json!({"app": "nightly"}));
            if !owner.is_null() {
                meta["ownerReferences"] = owner;
            }
            all.push(json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": meta, "spec": job(&batch)}));
            for end in &self.pods {
                let owner = self.owner("batch/v1", "Job", name);
                let labels = json!({"app": "nightly", "job-name": name});
                all.push(self.pod(&format!("{name}-{end}"), &labels, owner, &batch));
            }
        }
        let mut lone = self.pod("lone", &json!({"app": "lone"}), Value::Null, &template("lone"));
        lone["metadata"].as_object_mut().unwrap().remove("ownerReferences");
        all.push(lone);
        all
    }

    /// Owners of kinds that are nobody's but their operator's.
    fn custom(&self) -> Vec<Value> {
        let rollout = self.owner("argoproj.io/v1alpha1", "Rollout", "canary");
        let mut all = self.revisions("canary", &rollout, &template("canary"));
        for end in &self.pods {
            let owner = self.owner("postgresql.cnpg.io/v1", "Cluster", "pg");
            let labels = json!({"app": "pg"});
            all.push(self.pod(&format!("pg-{end}"), &labels, owner, &template("pg")));
        }
        all
    }
}

/// The label in which the maker of a `ReplicaSet` keeps the hash of its template.
fn hash_label(owner: &Value) -> &'static str {
    if owner[0]["kind"] == "Rollout" { "rollouts-pod-template-hash" } else { "pod-template-hash" }
}

/// A template with much that is wrong.
fn template(app: &str) -> Value {
    json!({
        "metadata": {"labels": {"app": app}},
        "spec": {
            "hostPID": true,
            "hostNetwork": true,
            "securityContext": {"sysctls": [
                {"name": "kernel.msgmax", "value": "1"}, {"name": "net.core.somaxconn", "value": "1"}]},
            "volumes": [
                {"name": "root", "hostPath": {"path": "/"}},
                {"name": "sock", "hostPath": {"path": "/var/run/docker.sock"}},
                {"name": "tmp", "emptyDir": {}}
            ],
            "initContainers": [{"name": "prepare", "image": "busybox:latest",
                "securityContext": {"privileged": true}}],
            "containers": [
                {"name": "app", "image": "nginx:latest",
                 "securityContext": {"privileged": true, "capabilities": {"add": ["SYS_ADMIN", "NET_RAW", "BPF"]}},
                 "ports": [{"containerPort": 80, "hostPort": 80}, {"containerPort": 53, "protocol": "UDP", "hostPort": 53}],
                 "env": [{"name": "DB_PASSWORD", "value": "correct-horse"}, {"name": "API_TOKEN", "value": "battery-staple"},
                     {"name": "KEY", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}],
                 "envFrom": [{"secretRef": {"name": "s"}}, {"configMapRef": {"name": "c"}}],
                 "volumeMounts": [{"name": "root", "mountPath": "/host"}, {"name": "sock", "mountPath": "/var/run/docker.sock"}]},
                {"name": "helper", "image": "registry.example/helper:v1", "securityContext": {"runAsUser": 0},
                 "volumeMounts": [{"name": "root", "mountPath": "/root"}]}
            ]
        }
    })
}

fn rights() -> Vec<Value> {
    let meta = |name: &str| json!({"name": name, "namespace": "pay"});
    let rbac = "rbac.authorization.k8s.io/v1";
    let rules = json!([
        {"apiGroups": [""], "resources": ["secrets", "pods"], "verbs": ["get", "list", "watch"]},
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]},
        {"apiGroups": [""], "resources": ["pods/exec", "pods/attach"], "verbs": ["create", "get"]}
    ]);
    let subjects = json!([
        {"kind": "ServiceAccount", "name": "default", "namespace": "pay"},
        {"kind": "Group", "name": "system:authenticated", "apiGroup": "rbac.authorization.k8s.io"},
        {"kind": "User", "name": "ada", "apiGroup": "rbac.authorization.k8s.io"}
    ]);
    let reference = |kind: &str, name: &str| json!({"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name});
    vec![
        json!({"apiVersion": rbac, "kind": "Role", "metadata": meta("reader"), "rules": rules}),
        json!({"apiVersion": rbac, "kind": "ClusterRole", "metadata": {"name": "wide"}, "rules": rules}),
        json!({"apiVersion": rbac, "kind": "RoleBinding", "metadata": meta("readers"), "subjects": subjects,
            "roleRef": reference("Role", "reader")}),
        json!({"apiVersion": rbac, "kind": "ClusterRoleBinding", "metadata": {"name": "wides"}, "subjects": subjects,
            "roleRef": reference("ClusterRole", "wide")}),
    ]
}

fn surroundings() -> Vec<Value> {
    let meta = |name: &str| json!({"name": name, "namespace": "pay"});
    vec![
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "pay"}}),
        json!({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}}),
        json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta("default")}),
        json!({"apiVersion": "v1", "kind": "Service", "metadata": meta("web"), "spec": {"type": "NodePort",
            "selector": {"app": "web"}, "ports": [{"name": "a", "port": 80, "nodePort": 30080}, {"name": "b", "port": 9999, "nodePort": 30999}]}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta("open"),
            "spec": {"podSelector": {}, "policyTypes": ["Ingress", "Egress"],
                "ingress": [{"from": [{"ipBlock": {"cidr": "0.0.0.0/0"}}, {"namespaceSelector": {}}, {"podSelector": {"matchExpressions": [
                    {"key": "a", "operator": "In", "values": ["y", "x"]}, {"key": "b", "operator": "Exists"}]}}],
                    "ports": [{"port": 80}, {"port": 443, "protocol": "TCP"}, {"port": 9000, "endPort": 9100}]}, {}],
                "egress": [{}, {"to": [{"ipBlock": {"cidr": "0.0.0.0/0"}}]}]}}),
        json!({"apiVersion": "networking.k8s.io/v1", "kind": "Ingress", "metadata": meta("web"),
        "spec": {"rules": [
            {"host": "a.example", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}]}},
            {"host": "*.example", "http": {"paths": [{"path": "/c", "pathType": "Prefix", "backend": {"service": {"name": "web", "port": {"number": 80}}}}, {"path": "/b", "pathType": "Prefix", "backend": {"service": {"name": "none", "port": {"number": 80}}}}]}}
        ]}}),
    ]
}
