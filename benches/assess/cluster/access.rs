//! Roles, bindings and network policies.

use serde_json::{Value, json};

use super::{Cluster, ROLES, metadata, one_of, scatter, workload};

/// A role's rules: mostly narrow, some as careless as real ones.
fn rules(seed: usize) -> Value {
    let narrow = json!({"apiGroups": [""], "resources": ["configmaps", "endpoints", "services"], "verbs": ["get", "list", "watch"]});
    let second = match scatter(seed, 51) % 20 {
        0 => json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]}),
        1 | 2 => {
            json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list", "watch"]})
        }
        3 => {
            json!({"apiGroups": [""], "resources": ["pods", "pods/exec"], "verbs": ["create", "get", "list"]})
        }
        4 => {
            json!({"apiGroups": ["rbac.authorization.k8s.io"], "resources": ["roles", "rolebindings"], "verbs": ["*"]})
        }
        5 => {
            json!({"apiGroups": [""], "resources": ["secrets"], "resourceNames": ["tls"], "verbs": ["get"]})
        }
        _ => {
            json!({"apiGroups": ["apps"], "resources": ["deployments", "replicasets"], "verbs": ["get", "list", "watch", "update", "patch"]})
        }
    };
    json!([narrow, second, {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["get", "create", "update"]}])
}

/// Three roles in each namespace.
pub fn role(cluster: &Cluster, at: usize) -> Value {
    let (place, nth) = (at / ROLES, at % ROLES);
    json!({
        "metadata": metadata(&format!("role-{nth}"), Some(&cluster.namespace(place)), at, 52),
        "rules": rules(at),
    })
}

/// Each role is bound to a group; each template's account to a role of its namespace.
pub fn role_binding(cluster: &Cluster, at: usize) -> Value {
    let people = cluster.people;
    let (place, nth, subject, name) = match at.checked_sub(cluster.namespaces * people) {
        None => {
            let group = json!({"kind": "Group", "apiGroup": "rbac.authorization.k8s.io", "name": format!("people-{}", at % 40)});
            (at / people, at % people % ROLES, group, format!("people-{}", at % people))
        }
        Some(template) => {
            let account = json!({"kind": "ServiceAccount", "name": workload::name(template), "namespace": cluster.namespace(template)});
            (template, template % ROLES, account, workload::name(template))
        }
    };
    json!({
        "metadata": metadata(&name, Some(&cluster.namespace(place)), at, 53),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": format!("role-{nth}")},
        "subjects": [subject],
    })
}

/// A cluster role.
pub fn cluster_role(_: &Cluster, at: usize) -> Value {
    json!({"metadata": metadata(&format!("cluster-role-{at}"), None, at, 54), "rules": rules(at + 10_000)})
}

/// A binding of each cluster role to three accounts.
pub fn cluster_role_binding(cluster: &Cluster, at: usize) -> Value {
    let account = |nth: usize| {
        // Twenty templates are there in the smallest cluster, too.
        let template = (at * 3 + nth) % 20;
        json!({"kind": "ServiceAccount", "name": workload::name(template), "namespace": cluster.namespace(template)})
    };
    json!({
        "metadata": metadata(&format!("cluster-role-{at}"), None, at, 55),
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": format!("cluster-role-{at}")},
        "subjects": [account(0), account(1), account(2)],
    })
}

/// A default policy in some namespaces, and one policy for each template.
pub fn network_policy(cluster: &Cluster, at: usize) -> Value {
    let Some(template) = at.checked_sub(cluster.namespaces) else {
        let types =
            if one_of(at, 56, 50) { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) };
        // Without a policy for all pods the other namespaces still need a distinct object.
        let pods =
            if one_of(at, 57, 60) { json!({}) } else { json!({"matchLabels": {"none": "such"}}) };
        return json!({
            "metadata": metadata("default", Some(&cluster.namespace(at)), at, 58),
            "spec": {"podSelector": pods, "policyTypes": types},
        });
    };
    json!({
        "metadata": metadata(&workload::name(template), Some(&cluster.namespace(template)), at, 59),
        "spec": {
            "podSelector": {"matchLabels": workload::selector(template)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [{"from": [
                {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": cluster.namespace(template + 1)}}},
                {"podSelector": {}},
            ], "ports": [{"protocol": "TCP", "port": 8080}]}],
            "egress": [{"to": [{"ipBlock": {"cidr": "10.0.0.0/8", "except": ["10.9.0.0/16"]}}]},
                {"ports": [{"protocol": "UDP", "port": 53}]}],
        },
    })
}
