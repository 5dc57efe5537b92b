//! Objects of manifests that no server takes: kinds that do not exist, and names that are none. What
//! cannot be understood must not look like something that passes.

use crate::model::kinds::{self, Kind};
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::path::{FieldPath, Seg};
use crate::text::nearest::nearest;

/// Every kind of the groups that Kubernetes itself has ever served or reads from files, without those
/// of configuration files that nobody assesses.
const KINDS: &[(&str, &[&str])] = &[
    (
        "",
        &[
            "Binding",
            "ComponentStatus",
            // A kubeconfig.
            "Config",
            "ConfigMap",
            "Endpoints",
            "Event",
            "LimitRange",
            "List",
            "Namespace",
            "Node",
            "PersistentVolume",
            "PersistentVolumeClaim",
            "Pod",
            "PodStatusResult",
            "PodTemplate",
            "RangeAllocation",
            "ReplicationController",
            "ResourceQuota",
            "Secret",
            "SerializedReference",
            "Service",
            "ServiceAccount",
            "Status",
        ],
    ),
    (
        "admissionregistration.k8s.io",
        &[
            "InitializerConfiguration",
            "MutatingAdmissionPolicy",
            "MutatingAdmissionPolicyBinding",
            "MutatingWebhookConfiguration",
            "ValidatingAdmissionPolicy",
            "ValidatingAdmissionPolicyBinding",
            "ValidatingWebhookConfiguration",
        ],
    ),
    ("apiextensions.k8s.io", &["ConversionReview", "CustomResourceDefinition"]),
    ("apiregistration.k8s.io", &["APIService"]),
    (
        "apps",
        &[
            "ControllerRevision",
            "DaemonSet",
            "Deployment",
            "DeploymentRollback",
            "ReplicaSet",
            "Scale",
            "StatefulSet",
        ],
    ),
    ("audit.k8s.io", &["Event", "Policy"]),
    ("authentication.k8s.io", &["SelfSubjectReview", "TokenRequest", "TokenReview"]),
    (
        "authorization.k8s.io",
        &[
            "LocalSubjectAccessReview",
            "SelfSubjectAccessReview",
            "SelfSubjectRulesReview",
            "SubjectAccessReview",
        ],
    ),
    ("autoscaling", &["HorizontalPodAutoscaler", "Scale"]),
    ("batch", &["CronJob", "Job", "JobTemplate", "ScheduledJob"]),
    (
        "certificates.k8s.io",
        &["CertificateSigningRequest", "ClusterTrustBundle", "PodCertificateRequest"],
    ),
    ("coordination.k8s.io", &["Lease", "LeaseCandidate"]),
    ("discovery.k8s.io", &["EndpointSlice"]),
    ("events.k8s.io", &["Event"]),
    (
        "extensions",
        &[
            "DaemonSet",
            "Deployment",
            "DeploymentRollback",
            "HorizontalPodAutoscaler",
            "Ingress",
            "Job",
            "NetworkPolicy",
            "PodSecurityPolicy",
            "ReplicaSet",
            "Scale",
            "ThirdPartyResource",
        ],
    ),
    ("flowcontrol.apiserver.k8s.io", &["FlowSchema", "PriorityLevelConfiguration"]),
    ("internal.apiserver.k8s.io", &["StorageVersion"]),
    (
        "kubelet.config.k8s.io",
        &[
            "CredentialProviderConfig",
            "ImagePullIntent",
            "ImagePulledRecord",
            "KubeletConfiguration",
            "SerializedNodeConfigSource",
        ],
    ),
    ("kubeproxy.config.k8s.io", &["KubeProxyConfiguration"]),
    (
        "networking.k8s.io",
        &["ClusterCIDR", "IPAddress", "Ingress", "IngressClass", "NetworkPolicy", "ServiceCIDR"],
    ),
    ("node.k8s.io", &["RuntimeClass"]),
    ("policy", &["Eviction", "PodDisruptionBudget", "PodSecurityPolicy"]),
    ("rbac.authorization.k8s.io", &["ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"]),
    (
        "resource.k8s.io",
        &[
            "DeviceClass",
            "DeviceTaintRule",
            "PodScheduling",
            "PodSchedulingContext",
            "ResourceClaim",
            "ResourceClaimParameters",
            "ResourceClaimTemplate",
            "ResourceClass",
            "ResourceClassParameters",
            "ResourcePoolStatusRequest",
            "ResourceSlice",
        ],
    ),
    ("scheduling.k8s.io", &["PodGroup", "PriorityClass", "Workload"]),
    ("settings.k8s.io", &["PodPreset"]),
    (
        "storage.k8s.io",
        &[
            "CSIDriver",
            "CSINode",
            "CSIStorageCapacity",
            "StorageClass",
            "VolumeAttachment",
            "VolumeAttributesClass",
        ],
    ),
    ("storagemigration.k8s.io", &["StorageVersionMigration"]),
];

/// Why an object is of no kind that any server has, and what was probably meant; none where it may be
/// one: custom kinds have groups with a dot, and any of these may exist.
pub(super) fn unknown(api_version: &str, kind: &str) -> Option<String> {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    if let Some((_, all)) = KINDS.iter().find(|(known, _)| *known == group) {
        if all.contains(&kind) {
            return None;
        }
        let hint = match elsewhere(kind) {
            Some(there) => format!("; it is in {there}"),
            None => meant(kind, all),
        };
        return Some(format!("{api_version} has no kind `{kind}`{hint}"));
    }
    // Kubernetes asks for a dot in the group of a custom kind.
    let short = group.strip_suffix(".k8s.io").unwrap_or(group);
    if short.contains('.') || group != short && !is_group(short) {
        return None;
    }
    let hint = if let Some(there) = elsewhere(kind) {
        format!("; {kind} is in {there}")
    } else {
        // Files of other tools look alike; only what is nearly one of ours is taken for it.
        let groups = KINDS.iter().map(|(known, _)| *known).filter(|known| !known.is_empty());
        format!("; did you mean `{}`?", nearest(short, groups)?)
    };
    Some(format!("there is no API group `{group}`{hint}"))
}

fn is_group(name: &str) -> bool {
    KINDS.iter().any(|(group, _)| *group == name)
}

fn meant(kind: &str, all: &[&str]) -> String {
    let every = KINDS.iter().flat_map(|(_, kinds)| kinds.iter().copied());
    let near = nearest(kind, all.iter().copied()).or_else(|| nearest(kind, every));
    near.map(|name| format!("; did you mean `{name}`?")).unwrap_or_default()
}

/// The group and version in which a kind really is.
fn elsewhere(kind: &str) -> Option<String> {
    kinds::BUILTINS.iter().find(|b| b.kind == kind).map(kinds::Builtin::api_version)
}

/// Why the pods of an object cannot be judged although its kind is known: no server has its version any
/// more, and its fields are not read.
pub(super) fn outdated(object: &Object) -> Option<String> {
    let Kind { group, kind } = object.kind();
    let is_old =
        &*group == "extensions" && matches!(&*kind, "DaemonSet" | "Deployment" | "ReplicaSet");
    is_old.then(|| {
        format!(
            "{} has served no {kind} since Kubernetes 1.16, and its pods are not assessed; write \
             apps/v1",
            object.id.api_version
        )
    })
}

/// A name or namespace that is no text, and what to do about it: a server refuses the object, and without it
/// there would be another one of that name, or one in another namespace.
pub(super) fn no_text(node: &Node) -> Option<(FieldPath, String)> {
    ["name", "namespace"].into_iter().find_map(|key| {
        let quotes = "put it in quotes";
        let (shown, advice) = match node.at(&["metadata", key])? {
            Node::Str(_) | Node::Null => return None,
            Node::Bool(value) => (value.to_string(), quotes),
            Node::Int(number) => (number.to_string(), quotes),
            Node::UInt(number) => (number.to_string(), quotes),
            Node::Float(number) => (number.to_string(), quotes),
            Node::List(_) => ("a list".to_owned(), "write a name there"),
            Node::Map(_) => ("a map".to_owned(), "write a name there"),
        };
        let path = FieldPath([Seg::Field("metadata".into()), Seg::Field(key.into())].into());
        let why = format!(
            "metadata.{key} is {shown} by YAML and no text, which a server refuses: {advice}; it is not \
             assessed"
        );
        Some((path, why))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_is_judged_is_known() {
        for builtin in kinds::BUILTINS {
            assert_eq!(unknown(&builtin.api_version(), builtin.kind), None, "{}", builtin.kind);
        }
        for (group, kind) in
            [("apps/v1beta2", "Deployment"), ("policy/v1beta1", "PodSecurityPolicy")]
        {
            assert_eq!(unknown(group, kind), None);
        }
    }

    #[test]
    fn custom_kinds_and_files_of_other_tools_may_exist() {
        for (version, kind) in [
            ("argoproj.io/v1alpha1", "Rollout"),
            ("serving.knative.dev/v1", "Service"),
            ("snapshot.storage.k8s.io/v1", "VolumeSnapshot"),
            ("gateway.networking.k8s.io/v1", "Gateway"),
            ("kustomize.config.k8s.io/v1beta1", "Kustomization"),
            ("metrics.k8s.io/v1beta1", "PodMetrics"),
            ("skaffold/v4beta6", "Config"),
            ("scale.example/v1", "Deployment"),
        ] {
            assert_eq!(unknown(version, kind), None, "{version} {kind}");
        }
    }

    #[test]
    fn what_no_server_has_is_told_with_what_was_meant() {
        for (version, kind, says) in [
            ("apps/v1", "Deploymnt", "did you mean `Deployment`?"),
            ("apps/v1", "deployment", "did you mean `Deployment`?"),
            ("v1", "Pods", "did you mean `Pod`?"),
            ("v1", "Deployment", "v1 has no kind `Deployment`; it is in apps/v1"),
            ("apps", "Deployment", "it is in apps/v1"),
            ("batch/v1", "CronJobb", "did you mean `CronJob`?"),
            ("app/v1", "Deployment", "there is no API group `app`; Deployment is in apps/v1"),
            ("app/v1", "Deploymnt", "there is no API group `app`; did you mean `apps`?"),
            ("apps.k8s.io/v1", "Deployment", "Deployment is in apps/v1"),
            ("apps/v1", "Zebra", "apps/v1 has no kind `Zebra`"),
        ] {
            let told = unknown(version, kind).unwrap_or_default();
            assert!(told.contains(says), "{version} {kind}: {told}");
        }
    }
}
