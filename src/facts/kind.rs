//! The kinds that facts rest on.

use std::sync::LazyLock;

use crate::model::kinds::{Kind, workloads};

macro_rules! kinds {
    ($($name:ident = $group:literal $kind:literal;)*) => {
        $(
            #[doc = concat!("`", $kind, "` of group `", $group, "`.")]
            pub static $name: LazyLock<Kind> = LazyLock::new(|| Kind::new($group, $kind));
        )*
    };
}

kinds! {
    POD = "" "Pod";
    NAMESPACE = "" "Namespace";
    NODE = "" "Node";
    SERVICE_ACCOUNT = "" "ServiceAccount";
    CONFIG_MAP = "" "ConfigMap";
    SECRET = "" "Secret";
    DEPLOYMENT = "apps" "Deployment";
    REPLICA_SET = "apps" "ReplicaSet";
    STATEFUL_SET = "apps" "StatefulSet";
    DAEMON_SET = "apps" "DaemonSet";
    JOB = "batch" "Job";
    CRON_JOB = "batch" "CronJob";
    ROLE = "rbac.authorization.k8s.io" "Role";
    CLUSTER_ROLE = "rbac.authorization.k8s.io" "ClusterRole";
    ROLE_BINDING = "rbac.authorization.k8s.io" "RoleBinding";
    CLUSTER_ROLE_BINDING = "rbac.authorization.k8s.io" "ClusterRoleBinding";
    NETWORK_POLICY = "networking.k8s.io" "NetworkPolicy";
    ENDPOINT_SLICE = "discovery.k8s.io" "EndpointSlice";
    RUNTIME_CLASS = "node.k8s.io" "RuntimeClass";
    CILIUM_POLICY = "cilium.io" "CiliumNetworkPolicy";
    CILIUM_CLUSTER_POLICY = "cilium.io" "CiliumClusterwideNetworkPolicy";
    CALICO_POLICY = "crd.projectcalico.org" "NetworkPolicy";
    CALICO_GLOBAL_POLICY = "crd.projectcalico.org" "GlobalNetworkPolicy";
    CALICO_API_POLICY = "projectcalico.org" "NetworkPolicy";
    CALICO_API_GLOBAL_POLICY = "projectcalico.org" "GlobalNetworkPolicy";
    ADMIN_POLICY = "policy.networking.k8s.io" "AdminNetworkPolicy";
    BASELINE_ADMIN_POLICY = "policy.networking.k8s.io" "BaselineAdminNetworkPolicy";
    CLUSTER_POLICY = "policy.networking.k8s.io" "ClusterNetworkPolicy";
    PEER_AUTHENTICATION = "security.istio.io" "PeerAuthentication";
    AUDIT_POLICY = "audit.k8s.io" "Policy";
    ADMISSION_POLICY = "admissionregistration.k8s.io" "ValidatingAdmissionPolicy";
    ADMISSION_BINDING = "admissionregistration.k8s.io" "ValidatingAdmissionPolicyBinding";
    VALIDATING_WEBHOOK = "admissionregistration.k8s.io" "ValidatingWebhookConfiguration";
    KYVERNO_CLUSTER_POLICY = "kyverno.io" "ClusterPolicy";
    KYVERNO_POLICY = "kyverno.io" "Policy";
    KYVERNO_EXCEPTION = "kyverno.io" "PolicyException";
    VALIDATING_POLICY = "policies.kyverno.io" "ValidatingPolicy";
    NAMESPACED_VALIDATING_POLICY = "policies.kyverno.io" "NamespacedValidatingPolicy";
    VALIDATING_EXCEPTION = "policies.kyverno.io" "PolicyException";
    KUBEWARDEN_CLUSTER_POLICY = "policies.kubewarden.io" "ClusterAdmissionPolicy";
    KUBEWARDEN_POLICY = "policies.kubewarden.io" "AdmissionPolicy";
    GATEKEEPER_CONFIG = "config.gatekeeper.sh" "Config";
}

/// The workload kinds whose lists must be read before absence can be concluded: all but
/// `PodTemplate`, which runs nothing.
pub fn required_workloads() -> impl Iterator<Item = Kind> {
    workloads().filter(|b| b.kind != "PodTemplate").map(crate::model::kinds::Builtin::kind)
}

/// Whether this kind is a built-in one with a pod spec.
#[must_use]
pub fn is_workload(kind: &Kind) -> bool {
    kind.builtin().is_some_and(|b| !b.pod_spec.is_empty())
}
