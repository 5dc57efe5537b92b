//! Deployments with their `ReplicaSets`, pods and Services. A pod takes about 9.5 KB of JSON.

use serde_json::{Value, json};

use super::{Cluster, metadata, one_of, scatter, uid};

/// Salts of the choices that make templates differ.
mod salt {
    pub const PRIVILEGED: usize = 101;
    pub const HOST_NETWORK: usize = 102;
    pub const HOST_PATH: usize = 103;
    pub const NON_ROOT: usize = 104;
    pub const READ_ONLY: usize = 105;
    pub const DROP_ALL: usize = 106;
    pub const SECCOMP: usize = 107;
    pub const LIMITS: usize = 108;
    pub const AUTOMOUNT: usize = 109;
    pub const ESCALATION: usize = 110;
    pub const HOST_PORT: usize = 111;
    pub const DEFAULT_ACCOUNT: usize = 112;
}

/// The name of a Deployment and of what belongs to it.
pub fn name(template: usize) -> String {
    format!("service-{template:04}")
}

/// Ten letters as Kubernetes makes them of a template.
fn hash(template: usize, revision: usize) -> String {
    format!("{:010x}", scatter(template, 200 + revision) & 0xff_ffff_ffff)
}

/// The name of a pod of a template. Numbers of pods stand in it, so that no two are the same.
pub fn pod_name(template: usize, at: usize) -> String {
    let tail = scatter(at, 304) & 0xfff;
    format!("{}-{}-{tail:03x}{at:x}", name(template), hash(template, 2))
}

/// The labels that select a template's pods.
pub fn selector(template: usize) -> Value {
    json!({"app.kubernetes.io/name": name(template), "app.kubernetes.io/instance": format!("{}-prod", name(template))})
}

fn labels(template: usize) -> Value {
    let mut labels = selector(template);
    labels["app.kubernetes.io/component"] = "backend".into();
    labels["app.kubernetes.io/part-of"] = "shop".into();
    labels["app.kubernetes.io/version"] = format!("3.{}.1", template % 17).into();
    labels["topology.example.com/tier"] = format!("tier-{}", template % 4).into();
    labels
}

fn annotations(template: usize) -> Value {
    json!({
        "checksum/config": format!("{:016x}{:016x}{:016x}{:016x}", scatter(template, 1), scatter(template, 2), scatter(template, 3), scatter(template, 4)),
        "prometheus.io/scrape": "true",
        "prometheus.io/port": "9090",
        "prometheus.io/path": "/metrics",
        "example.com/owner": format!("group-{}@example.com", template % 30),
        "example.com/runbook": format!("https://runbooks.example.com/services/{}/index.html", name(template)),
    })
}

fn security(template: usize, container: usize) -> Value {
    let seed = template * 4 + container;
    let mut context = json!({});
    if one_of(seed, salt::PRIVILEGED, 2) {
        context["privileged"] = true.into();
    }
    if one_of(seed, salt::ESCALATION, 55) {
        context["allowPrivilegeEscalation"] = one_of(seed, salt::PRIVILEGED, 2).into();
    }
    if one_of(seed, salt::NON_ROOT, 55) {
        context["runAsNonRoot"] = true.into();
        context["runAsUser"] = 10_001.into();
    }
    if one_of(seed, salt::READ_ONLY, 45) {
        context["readOnlyRootFilesystem"] = true.into();
    }
    if one_of(seed, salt::DROP_ALL, 50) {
        context["capabilities"] = json!({"drop": ["ALL"]});
    } else {
        context["capabilities"] = json!({"drop": ["NET_RAW"], "add": ["NET_BIND_SERVICE"]});
    }
    context
}

fn environment(cluster: &Cluster, template: usize, container: usize) -> Value {
    let mut list = vec![
        json!({"name": "POD_NAME", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}),
        json!({"name": "POD_NAMESPACE", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}}),
        json!({"name": "DATABASE_PASSWORD", "valueFrom": {"secretKeyRef": {"name": format!("{}-database", name(template)), "key": "password"}}}),
    ];
    for at in 0..7 {
        list.push(json!({
            "name": format!("SETTING_{at}_OF_CONTAINER_{container}"),
            "value": format!("http://backend-{at}.{}.svc.cluster.local:8080/v1", cluster.namespace(template)),
        }));
    }
    list.into()
}

fn container(cluster: &Cluster, template: usize, at: usize, role: &str) -> Value {
    let mut container = json!({
        "name": role,
        "image": format!("registry.example.com/shop/{}-{role}:3.{}.1", name(template), template % 17),
        "imagePullPolicy": "IfNotPresent",
        "args": ["--listen=0.0.0.0:8080", "--log-format=json", "--config=/etc/service/settings.properties"],
        "env": environment(cluster, template, at),
        "securityContext": security(template, at),
        "terminationMessagePath": "/dev/termination-log",
        "terminationMessagePolicy": "File",
        "volumeMounts": [
            {"name": "settings", "mountPath": "/etc/service", "readOnly": true},
            {"name": "scratch", "mountPath": "/var/cache/service"},
            {"name": "certificates", "mountPath": "/etc/tls", "readOnly": true},
        ],
    });
    container["resources"] = if one_of(template, salt::LIMITS, 80) {
        json!({"limits": {"cpu": "500m", "memory": "512Mi"}, "requests": {"cpu": "100m", "memory": "256Mi"}})
    } else {
        json!({"requests": {"cpu": "100m"}})
    };
    if role != "migrate" {
        let port = 8080 + at;
        container["ports"] = json!([
            {"name": "http", "containerPort": port, "protocol": "TCP"},
            {"name": "metrics", "containerPort": 9090 + at, "protocol": "TCP"},
        ]);
        if one_of(template, salt::HOST_PORT, 3) {
            container["ports"][0]["hostPort"] = port.into();
        }
        for probe in ["livenessProbe", "readinessProbe"] {
            container[probe] = json!({
                "httpGet": {"path": "/healthz", "port": "http", "scheme": "HTTP"},
                "initialDelaySeconds": 10, "timeoutSeconds": 2, "periodSeconds": 10,
                "successThreshold": 1, "failureThreshold": 3,
            });
        }
    }
    container
}

/// The pod spec as written in a template.
fn spec(cluster: &Cluster, template: usize) -> Value {
    let account = if one_of(template, salt::DEFAULT_ACCOUNT, 15) {
        "default".to_owned()
    } else {
        name(template)
    };
    let mut spec = json!({
        "initContainers": [container(cluster, template, 2, "migrate")],
        "containers": [container(cluster, template, 0, "app"), container(cluster, template, 1, "proxy")],
        "volumes": [
            {"name": "settings", "configMap": {"name": format!("{}-settings", name(template)), "defaultMode": 420}},
            {"name": "scratch", "emptyDir": {"sizeLimit": "1Gi"}},
            {"name": "certificates", "secret": {"secretName": format!("{}-tls", name(template)), "defaultMode": 288}},
        ],
        "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
        "serviceAccountName": account, "serviceAccount": account,
        "securityContext": {"fsGroup": 10_001},
        "schedulerName": "default-scheduler",
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 100, "podAffinityTerm": {"labelSelector": {"matchLabels": selector(template)}, "topologyKey": "kubernetes.io/hostname"}},
        ]}},
    });
    if one_of(template, salt::SECCOMP, 40) {
        spec["securityContext"]["seccompProfile"] = json!({"type": "RuntimeDefault"});
    }
    if one_of(template, salt::HOST_NETWORK, 2) {
        spec["hostNetwork"] = true.into();
    }
    if one_of(template, salt::AUTOMOUNT, 35) {
        spec["automountServiceAccountToken"] = false.into();
    }
    if one_of(template, salt::HOST_PATH, 5) {
        push(
            &mut spec["volumes"],
            json!({"name": "host", "hostPath": {"path": "/var/log", "type": ""}}),
        );
    }
    spec
}

fn push(list: &mut Value, item: Value) {
    if let Some(list) = list.as_array_mut() {
        list.push(item);
    }
}

fn owner(api_version: &str, kind: &str, name: &str, uid: &str) -> Value {
    json!([{"apiVersion": api_version, "kind": kind, "name": name, "uid": uid, "controller": true, "blockOwnerDeletion": true}])
}

fn template_of(cluster: &Cluster, template: usize) -> Value {
    json!({"metadata": {"labels": labels(template), "annotations": annotations(template)}, "spec": spec(cluster, template)})
}

/// The Deployment of a template.
pub fn deployment(cluster: &Cluster, template: usize) -> Value {
    let mut metadata = metadata(&name(template), Some(&cluster.namespace(template)), template, 301);
    metadata["labels"] = labels(template);
    metadata["annotations"] = json!({"deployment.kubernetes.io/revision": "2"});
    metadata["generation"] = 2.into();
    json!({
        "metadata": metadata,
        "spec": {"replicas": cluster.replicas, "revisionHistoryLimit": 10, "selector": {"matchLabels": selector(template)}, "template": template_of(cluster, template)},
        "status": {"observedGeneration": 2, "replicas": cluster.replicas, "readyReplicas": cluster.replicas, "availableReplicas": cluster.replicas},
    })
}

/// The `ReplicaSets` of a template: two each, of which the second is in use.
pub fn replica_set(cluster: &Cluster, at: usize) -> Value {
    let (template, revision) = (at / 2, at % 2 + 1);
    let hash = hash(template, revision);
    let mut metadata = metadata(
        &format!("{}-{hash}", name(template)),
        Some(&cluster.namespace(template)),
        at,
        302,
    );
    metadata["labels"] = labels(template);
    metadata["labels"]["pod-template-hash"] = hash.into();
    metadata["annotations"] = json!({"deployment.kubernetes.io/revision": revision.to_string()});
    metadata["ownerReferences"] =
        owner("apps/v1", "Deployment", &name(template), &uid(template, 301));
    let replicas = if revision == 2 { cluster.replicas } else { 0 };
    json!({
        "metadata": metadata,
        "spec": {"replicas": replicas, "selector": {"matchLabels": selector(template)}, "template": template_of(cluster, template)},
        "status": {"observedGeneration": 1, "replicas": replicas},
    })
}

/// The Service of a template.
pub fn service(cluster: &Cluster, template: usize) -> Value {
    json!({
        "metadata": metadata(&name(template), Some(&cluster.namespace(template)), template, 303),
        "spec": {"type": "ClusterIP", "selector": selector(template), "ports": [{"name": "http", "port": 80, "targetPort": "http", "protocol": "TCP"}]},
    })
}

/// A pod of a template, as a server sends it.
pub fn pod(cluster: &Cluster, template: usize, at: usize) -> Value {
    let hash = hash(template, 2);
    let set = format!("{}-{hash}", name(template));
    let mut metadata =
        metadata(&pod_name(template, at), Some(&cluster.namespace(template)), at, 305);
    metadata["generateName"] = format!("{set}-").into();
    metadata["labels"] = labels(template);
    metadata["labels"]["pod-template-hash"] = hash.into();
    metadata["annotations"] = annotations(template);
    metadata["ownerReferences"] = owner("apps/v1", "ReplicaSet", &set, &uid(template * 2 + 1, 302));
    metadata["managedFields"] = managed_fields(template);
    let mut spec = spec(cluster, template);
    admit(&mut spec, at);
    json!({"metadata": metadata, "spec": spec, "status": status(template, at)})
}

/// A pod that belongs to nothing and says no more than what it runs.
pub fn bare_pod(cluster: &Cluster, at: usize) -> Value {
    let metadata = metadata(&pod_name(at, at), Some(&cluster.namespace(at)), at, 305);
    let mut spec = json!({
        "containers": [{"name": "app", "image": "registry.example.com/shop/app:latest",
            "securityContext": {"privileged": false}}],
        "restartPolicy": "Always",
    });
    admit(&mut spec, at);
    json!({"metadata": metadata, "spec": spec, "status": status(at, at)})
}

/// What the server and the scheduler add to a pod.
fn admit(spec: &mut Value, at: usize) {
    spec["nodeName"] = format!("node-{:03}", scatter(at, 306) % 100).into();
    spec["enableServiceLinks"] = true.into();
    spec["preemptionPolicy"] = "PreemptLowerPriority".into();
    spec["priority"] = 0.into();
    spec["tolerations"] = json!([
        {"key": "node.kubernetes.io/not-ready", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
        {"key": "node.kubernetes.io/unreachable", "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": 300},
    ]);
    if spec["automountServiceAccountToken"] == false {
        return;
    }
    let volume = format!("kube-api-access-{:05x}", scatter(at, 307) & 0xf_ffff);
    for list in ["containers", "initContainers"] {
        for container in spec[list].as_array_mut().into_iter().flatten() {
            let mount = json!({"name": volume, "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount", "readOnly": true});
            push(&mut container["volumeMounts"], mount);
        }
    }
    push(
        &mut spec["volumes"],
        json!({"name": volume, "projected": {"defaultMode": 420, "sources": [
            {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
            {"configMap": {"name": "kube-root-ca.crt", "items": [{"key": "ca.crt", "path": "ca.crt"}]}},
            {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"}}]}},
        ]}}),
    );
}

fn status(template: usize, at: usize) -> Value {
    let ip = format!("10.{}.{}.{}", 100 + at / 62_500, at / 250 % 250, at % 250 + 1);
    let condition = |kind: &str| json!({"type": kind, "status": "True", "lastProbeTime": null, "lastTransitionTime": "2026-03-14T09:27:12Z"});
    let container = |role: &str, salt: usize| {
        let digest =
            format!("{:016x}{:016x}", scatter(template, salt), scatter(template, salt + 1))
                .repeat(2);
        json!({
            "name": role, "ready": true, "started": true, "restartCount": scatter(at, salt) % 3,
            "image": format!("registry.example.com/shop/{}-{role}:3.{}.1", name(template), template % 17),
            "imageID": format!("registry.example.com/shop/{}-{role}@sha256:{digest}", name(template)),
            "containerID": format!("containerd://{:016x}{:016x}{:016x}{:016x}", scatter(at, salt), scatter(at, salt + 1), scatter(at, salt + 2), scatter(at, salt + 3)),
            "lastState": {},
            "state": {"running": {"startedAt": "2026-03-14T09:27:10Z"}},
        })
    };
    json!({
        "phase": "Running", "qosClass": "Burstable",
        "hostIP": format!("192.168.0.{}", scatter(at, 306) % 100), "podIP": ip, "podIPs": [{"ip": ip}],
        "startTime": "2026-03-14T09:26:55Z",
        "conditions": [condition("PodReadyToStartContainers"), condition("Initialized"), condition("Ready"), condition("ContainersReady"), condition("PodScheduled")],
        "containerStatuses": [container("app", 401), container("proxy", 411)],
        "initContainerStatuses": [container("migrate", 421)],
    })
}

/// Field ownership: about 1.4 KB that the program leaves out while it reads.
fn managed_fields(template: usize) -> Value {
    let leaf = || json!({".": {}, "f:name": {}, "f:value": {}});
    let mut env = json!({".": {}});
    for at in 0..7 {
        env[format!("k:{{\"name\":\"SETTING_{at}_OF_CONTAINER_0\"}}")] = leaf();
    }
    json!([
        {"manager": "kube-controller-manager", "operation": "Update", "apiVersion": "v1", "time": "2026-03-14T09:26:53Z", "fieldsType": "FieldsV1",
            "fieldsV1": {"f:metadata": {"f:generateName": {}, "f:labels": {".": {}, "f:app.kubernetes.io/name": {}}},
                "f:spec": {"f:containers": {format!("k:{{\"name\":\"{}\"}}", name(template)): {".": {}, "f:env": env, "f:image": {}}}}}},
        {"manager": "kubelet", "operation": "Update", "apiVersion": "v1", "time": "2026-03-14T09:27:12Z", "fieldsType": "FieldsV1", "subresource": "status",
            "fieldsV1": {"f:status": {"f:conditions": {"k:{\"type\":\"Ready\"}": {".": {}, "f:lastTransitionTime": {}, "f:status": {}}}, "f:containerStatuses": {}, "f:phase": {}, "f:podIP": {}}}},
    ])
}
