//! Objects of as many kinds as a server without controllers takes, with much in them.

use serde_json::{Value, json};

/// Where each is created, and it.
#[allow(clippy::too_many_lines, reason = "one object after the other")]
pub fn objects() -> Vec<(&'static str, Value)> {
    let labels = json!({"app": "full", "a.b/c": "d"});
    let probe = |what: Value| {
        let mut probe = json!({"periodSeconds": 5, "timeoutSeconds": 3, "successThreshold": 1});
        probe.as_object_mut().unwrap().extend(what.as_object().unwrap().clone());
        probe
    };
    let spec = json!({
        "serviceAccountName": "full", "automountServiceAccountToken": false, "hostNetwork": true,
        "hostPID": false, "nodeSelector": {"z": "1", "a": "2"}, "terminationGracePeriodSeconds": 0,
        "securityContext": {"runAsNonRoot": false, "runAsUser": 0, "fsGroup": 7,
            "supplementalGroups": [1, 2], "sysctls": [{"name": "kernel.shm_rmid_forced", "value": "1"}],
            "seccompProfile": {"type": "RuntimeDefault"}},
        "tolerations": [{"operator": "Exists", "tolerationSeconds": 7, "effect": "NoExecute"}],
        "hostAliases": [{"ip": "10.0.0.1", "hostnames": ["a", "b"]}],
        "affinity": {"podAntiAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
            {"weight": 1, "podAffinityTerm": {"topologyKey": "zone",
                "labelSelector": {"matchExpressions": [{"key": "k", "operator": "In", "values": ["v"]}]}}}]}},
        "topologySpreadConstraints": [{"maxSkew": 1, "topologyKey": "zone",
            "whenUnsatisfiable": "ScheduleAnyway", "labelSelector": {"matchLabels": labels}}],
        "volumes": [
            {"name": "host", "hostPath": {"path": "/x", "type": ""}},
            {"name": "none", "emptyDir": {}},
            {"name": "some", "emptyDir": {"medium": "Memory", "sizeLimit": "1.5Gi"}},
            {"name": "map", "configMap": {"name": "full", "items": [{"key": "k", "path": "p", "mode": 0}]}},
            {"name": "all", "projected": {"sources": [
                {"serviceAccountToken": {"path": "t", "expirationSeconds": 3600}},
                {"downwardAPI": {"items": [{"path": "l", "fieldRef": {"fieldPath": "metadata.labels"}}]}}]}},
            {"name": "secret", "secret": {"secretName": "s", "optional": true}}],
        "initContainers": [{"name": "i", "image": "registry.invalid/i:1", "restartPolicy": "Always"}],
        "containers": [
            {"name": "plain", "image": "registry.invalid/a:1"},
            {"name": "full", "image": "registry.invalid/b@sha256:00", "command": ["a", ""], "args": ["b"],
             "ports": [{"containerPort": 80, "hostPort": 80, "name": "http"}],
             "env": [{"name": "A", "value": ""}, {"name": "B", "value": "\u{e9} <&> \u{2028}"},
                {"name": "C", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k", "optional": false}}}],
             "envFrom": [{"prefix": "P", "configMapRef": {"name": "full"}}],
             "resources": {"limits": {"memory": "128Mi", "cpu": "0.5"}, "requests": {"cpu": "100m"}},
             "securityContext": {"privileged": true, "capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
                "readOnlyRootFilesystem": false, "procMount": "Default"},
             "livenessProbe": probe(json!({"httpGet": {"path": "/", "port": "http",
                "httpHeaders": [{"name": "h", "value": ""}]}})),
             "readinessProbe": probe(json!({"tcpSocket": {"port": 80}})),
             "startupProbe": probe(json!({"exec": {"command": ["true"]}})),
             "lifecycle": {"preStop": {"exec": {"command": ["sleep", "1"]}}},
             "volumeMounts": [{"name": "host", "mountPath": "/h", "readOnly": true, "subPath": "s"}]}],
    });
    let template = json!({"metadata": {"labels": labels, "annotations": {"long": "x".repeat(2000)}},
        "spec": spec});
    let mut job = template.clone();
    job["spec"]["restartPolicy"] = "Never".into();
    let of = |api: &str, kind: &str, more: Value| {
        let mut object = json!({"apiVersion": api, "kind": kind,
            "metadata": {"name": "full", "labels": labels, "annotations": {"n": "1", "m": ""}}});
        object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        object
    };
    let selector = json!({"matchLabels": labels});
    let rbac = "rbac.authorization.k8s.io";
    let subjects = json!([{"kind": "ServiceAccount", "name": "full", "namespace": "both"},
        {"kind": "Group", "name": "g", "apiGroup": rbac}]);
    let role_ref = json!({"apiGroup": rbac, "kind": "ClusterRole", "name": "view"});
    let rules = json!([{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
        {"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"], "resourceNames": ["x"]}]);
    let webhooks = json!([{"name": "a.b.invalid", "sideEffects": "None", "failurePolicy": "Ignore",
        "admissionReviewVersions": ["v1"], "clientConfig": {"url": "https://a.invalid/"},
        "rules": [{"operations": ["DELETE"], "apiGroups": ["a.invalid"], "apiVersions": ["v1"],
            "resources": ["things"]}]}]);
    let param = json!({"policyName": "full", "validationActions": ["Audit", "Warn"],
        "matchResources": {"namespaceSelector": {"matchLabels": {"no": "one"}}}});
    let constraints = json!({"resourceRules": [{"apiGroups": ["a.invalid"], "apiVersions": ["v1"],
        "operations": ["CREATE"], "resources": ["things"]}]});
    vec![
        (
            "/api/v1/namespaces/both/serviceaccounts",
            of(
                "v1",
                "ServiceAccount",
                json!({"automountServiceAccountToken": false, "imagePullSecrets": [{"name": "x"}]}),
            ),
        ),
        ("/api/v1/namespaces/both/pods", of("v1", "Pod", json!({"spec": spec}))),
        (
            "/api/v1/namespaces/both/podtemplates",
            of("v1", "PodTemplate", json!({"template": template})),
        ),
        (
            "/api/v1/namespaces/both/replicationcontrollers",
            of(
                "v1",
                "ReplicationController",
                json!({"spec": {"replicas": 0, "selector": labels, "template": template}}),
            ),
        ),
        (
            "/api/v1/namespaces/both/configmaps",
            of(
                "v1",
                "ConfigMap",
                json!({"immutable": true,
            "data": {"z": "1", "a": ""}, "binaryData": {"b": "AAEC/w==", "e": ""}}),
            ),
        ),
        (
            "/api/v1/namespaces/both/services",
            of(
                "v1",
                "Service",
                json!({"spec": {"type": "NodePort",
            "selector": labels, "externalIPs": ["10.9.9.9"], "ports": [
                {"port": 80, "targetPort": "http", "name": "a"}, {"port": 81, "targetPort": 8, "name": "b"}]}}),
            ),
        ),
        (
            "/api/v1/namespaces/both/limitranges",
            of(
                "v1",
                "LimitRange",
                json!({"spec": {"limits": [
            {"type": "PersistentVolumeClaim", "max": {"storage": "1e12"}, "min": {"storage": "1"}}]}}),
            ),
        ),
        (
            "/api/v1/namespaces/both/resourcequotas",
            of(
                "v1",
                "ResourceQuota",
                json!({"spec": {
            "hard": {"count/things.a.invalid": "4", "pods": "100k"}}}),
            ),
        ),
        (
            "/api/v1/persistentvolumes",
            of(
                "v1",
                "PersistentVolume",
                json!({"spec": {
            "capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"],
            "csi": {"driver": "a.invalid", "volumeHandle": "h", "volumeAttributes": {"b": "1", "a": "2"}},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [
                {"key": "k", "operator": "Exists"}]}]}}}}),
            ),
        ),
        (
            "/api/v1/namespaces/both/persistentvolumeclaims",
            of(
                "v1",
                "PersistentVolumeClaim",
                json!({"spec": {
            "accessModes": ["ReadWriteOnce"], "storageClassName": "",
            "resources": {"requests": {"storage": "1Gi"}}}}),
            ),
        ),
        (
            "/api/v1/nodes",
            of(
                "v1",
                "Node",
                json!({"spec": {"podCIDR": "10.1.0.0/24", "unschedulable": true,
            "taints": [{"key": "k", "effect": "NoSchedule"}]}, "status": {
                "capacity": {"cpu": "4"}, "daemonEndpoints": {"kubeletEndpoint": {"Port": 10250}},
                "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}], "conditions": [
                    {"type": "Ready", "status": "True", "lastHeartbeatTime": "2026-01-01T00:00:00Z"}],
                "images": [{"names": ["a", "b"], "sizeBytes": 1_234_567_890_123_i64}]}}),
            ),
        ),
        (
            "/apis/apps/v1/namespaces/both/deployments",
            of(
                "apps/v1",
                "Deployment",
                json!({"spec": {
            "replicas": 0, "selector": selector, "template": template, "strategy": {
                "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}}}}),
            ),
        ),
        (
            "/apis/apps/v1/namespaces/both/replicasets",
            of(
                "apps/v1",
                "ReplicaSet",
                json!({"spec": {"selector": selector, "template": template}}),
            ),
        ),
        (
            "/apis/apps/v1/namespaces/both/statefulsets",
            of(
                "apps/v1",
                "StatefulSet",
                json!({"spec": {
            "selector": selector, "template": template, "serviceName": "", "volumeClaimTemplates": [
                {"metadata": {"name": "c"}, "spec": {"accessModes": ["ReadWriteOnce"],
                    "resources": {"requests": {"storage": "1Gi"}}}}]}}),
            ),
        ),
        (
            "/apis/apps/v1/namespaces/both/daemonsets",
            of(
                "apps/v1",
                "DaemonSet",
                json!({"spec": {"selector": selector, "template": template}}),
            ),
        ),
        (
            "/apis/batch/v1/namespaces/both/jobs",
            of(
                "batch/v1",
                "Job",
                json!({"spec": {
            "template": job, "backoffLimit": 0, "podFailurePolicy": {"rules": [
                {"action": "Ignore", "onPodConditions": [{"type": "DisruptionTarget"}]}]}}}),
            ),
        ),
        (
            "/apis/batch/v1/namespaces/both/cronjobs",
            of(
                "batch/v1",
                "CronJob",
                json!({"spec": {
            "schedule": "@daily", "suspend": true, "jobTemplate": {"spec": {"template": job}}}}),
            ),
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1/namespaces/both/roles",
            of("rbac.authorization.k8s.io/v1", "Role", json!({"rules": rules})),
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1/clusterroles",
            of(
                "rbac.authorization.k8s.io/v1",
                "ClusterRole",
                json!({"rules": null, "aggregationRule": {"clusterRoleSelectors": [selector]}}),
            ),
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1/namespaces/both/rolebindings",
            of(
                "rbac.authorization.k8s.io/v1",
                "RoleBinding",
                json!({"roleRef": role_ref, "subjects": subjects}),
            ),
        ),
        (
            "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
            of("rbac.authorization.k8s.io/v1", "ClusterRoleBinding", json!({"roleRef": role_ref})),
        ),
        (
            "/apis/networking.k8s.io/v1/namespaces/both/networkpolicies",
            of(
                "networking.k8s.io/v1",
                "NetworkPolicy",
                json!({"spec": {"podSelector": {},
                "policyTypes": ["Ingress", "Egress"], "ingress": [{}], "egress": [{
                    "to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.1.0.0/16"]}},
                        {"namespaceSelector": {}}],
                    "ports": [{"port": "http"}, {"port": 1, "endPort": 9}]}]}}),
            ),
        ),
        (
            "/apis/networking.k8s.io/v1/namespaces/both/ingresses",
            of(
                "networking.k8s.io/v1",
                "Ingress",
                json!({"spec": {"ingressClassName": "full", "tls": [{"hosts": ["a.invalid"], "secretName": "s"}],
                "rules": [{"host": "a.invalid", "http": {"paths": [{"path": "/", "pathType": "Prefix",
                    "backend": {"service": {"name": "full", "port": {"number": 80}}}}]}}]}}),
            ),
        ),
        (
            "/apis/networking.k8s.io/v1/ingressclasses",
            of(
                "networking.k8s.io/v1",
                "IngressClass",
                json!({"spec": {"controller": "a.invalid/c"}}),
            ),
        ),
        (
            "/apis/discovery.k8s.io/v1/namespaces/both/endpointslices",
            of(
                "discovery.k8s.io/v1",
                "EndpointSlice",
                json!({"addressType": "IPv4", "endpoints": [
                {"addresses": ["10.0.0.1"], "conditions": {"ready": false}}],
                "ports": [{"name": "", "port": 80}]}),
            ),
        ),
        (
            "/apis/node.k8s.io/v1/runtimeclasses",
            of(
                "node.k8s.io/v1",
                "RuntimeClass",
                json!({"handler": "h", "overhead": {"podFixed": {"cpu": "250m"}}}),
            ),
        ),
        (
            "/apis/policy/v1/namespaces/both/poddisruptionbudgets",
            of(
                "policy/v1",
                "PodDisruptionBudget",
                json!({"spec": {"minAvailable": "50%", "selector": {}}}),
            ),
        ),
        (
            "/apis/autoscaling/v2/namespaces/both/horizontalpodautoscalers",
            of(
                "autoscaling/v2",
                "HorizontalPodAutoscaler",
                json!({"spec": {"maxReplicas": 3,
                "scaleTargetRef": {"kind": "Deployment", "name": "full", "apiVersion": "apps/v1"},
                "metrics": [{"type": "Resource", "resource": {"name": "cpu",
                    "target": {"type": "AverageValue", "averageValue": "0.5"}}}]}}),
            ),
        ),
        (
            "/apis/storage.k8s.io/v1/storageclasses",
            of(
                "storage.k8s.io/v1",
                "StorageClass",
                json!({"provisioner": "a.invalid", "parameters": {"b": "", "a": "1"}, "mountOptions": ["ro"]}),
            ),
        ),
        (
            "/apis/storage.k8s.io/v1/csidrivers",
            of(
                "storage.k8s.io/v1",
                "CSIDriver",
                json!({"spec": {"attachRequired": false, "tokenRequests": [{"audience": ""}]}}),
            ),
        ),
        (
            "/apis/scheduling.k8s.io/v1/priorityclasses",
            of("scheduling.k8s.io/v1", "PriorityClass", json!({"value": -5, "description": "d"})),
        ),
        (
            "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations",
            of(
                "admissionregistration.k8s.io/v1",
                "ValidatingWebhookConfiguration",
                json!({"webhooks": webhooks}),
            ),
        ),
        (
            "/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations",
            of(
                "admissionregistration.k8s.io/v1",
                "MutatingWebhookConfiguration",
                json!({"webhooks": webhooks}),
            ),
        ),
        (
            "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
            of(
                "admissionregistration.k8s.io/v1",
                "ValidatingAdmissionPolicy",
                json!({"spec": {
                "matchConstraints": constraints, "validations": [{"expression": "true"}]}}),
            ),
        ),
        (
            "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
            of(
                "admissionregistration.k8s.io/v1",
                "ValidatingAdmissionPolicyBinding",
                json!({"spec": param}),
            ),
        ),
        (
            "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicies",
            of(
                "admissionregistration.k8s.io/v1",
                "MutatingAdmissionPolicy",
                json!({"spec": {
                "matchConstraints": constraints, "reinvocationPolicy": "Never", "mutations": [
                    {"patchType": "JSONPatch", "jsonPatch": {"expression": "[JSONPatch{op: 'add', path: '/x', value: 'y'}]"}}]}}),
            ),
        ),
        (
            "/apis/admissionregistration.k8s.io/v1/mutatingadmissionpolicybindings",
            of(
                "admissionregistration.k8s.io/v1",
                "MutatingAdmissionPolicyBinding",
                json!({"spec": {"policyName": "full"}}),
            ),
        ),
    ]
}
