//! The built-in kinds that are listed, browsed and judged.

use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};

/// A kind with its group: `Deployment.apps`, `Pod`. The version is the source's business.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Kind {
    /// API group, empty for the core group.
    pub group: Box<str>,
    /// Kind name as in manifests.
    pub kind: Box<str>,
}

impl Kind {
    /// A kind of a group.
    #[must_use]
    pub fn new(group: &str, kind: &str) -> Self {
        Self { group: group.into(), kind: kind.into() }
    }

    /// From `apiVersion` and `kind` of a manifest.
    #[must_use]
    pub fn of(api_version: &str, kind: &str) -> Self {
        Self::new(api_version.split_once('/').map_or("", |(group, _)| group), kind)
    }

    /// Whether `apiVersion` and `kind` of a manifest are of this kind.
    #[must_use]
    pub fn is_of(&self, api_version: &str, kind: &str) -> bool {
        let group = api_version.split_once('/').map_or("", |(group, _)| group);
        *self.kind == *kind && *self.group == *group
    }

    /// Whether a list of the API brings its objects; the answers of `/flagz` and configz come
    /// from end points of their own, results about the files of nodes from imports,
    /// and the ages of findings from the runs of a session.
    #[must_use]
    pub fn is_list(&self) -> bool {
        self.end_point().is_none()
    }

    /// Where the objects of a kind come from that no list brings, as reads name it.
    #[must_use]
    pub fn end_point(&self) -> Option<&'static str> {
        match (&*self.group, &*self.kind) {
            ("config.k8s.io", "Flagz") => Some(FLAGZ),
            ("kubelet.config.k8s.io", "KubeletConfiguration") => Some(CONFIGZ),
            ("imports.plimsoll", "NodeFileResult") => Some(NODE_FILES),
            ("history.plimsoll", "FindingAge") => Some(HISTORY),
            _ => None,
        }
    }

    /// What is known of it, if it is built in.
    #[must_use]
    pub fn builtin(&self) -> Option<&'static Builtin> {
        BUILTINS.iter().find(|b| b.kind == &*self.kind && b.group == &*self.group)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.kind)?;
        if self.group.is_empty() || self.builtin().is_some() {
            return Ok(());
        }
        write!(f, ".{}", self.group)
    }
}

/// A built-in kind, with what kubectl calls it.
#[derive(Debug, PartialEq, Eq)]
pub struct Builtin {
    /// API group, empty for core.
    pub group: &'static str,
    /// Preferred version.
    pub version: &'static str,
    /// Kind name.
    pub kind: &'static str,
    /// Resource name in URLs and RBAC.
    pub plural: &'static str,
    /// kubectl's short name, empty if none.
    pub short: &'static str,
    /// Whether its objects live in namespaces.
    pub namespaced: bool,
    /// Where its pod spec stands, empty if it has none.
    pub pod_spec: &'static [&'static str],
}

impl Builtin {
    /// `apps/v1`, or `v1` for the core group.
    #[must_use]
    pub fn api_version(&self) -> String {
        if self.group.is_empty() {
            self.version.to_owned()
        } else {
            format!("{}/{}", self.group, self.version)
        }
    }

    /// `apps/v1/deployments`, as in the reads of a report.
    #[must_use]
    pub fn resource(&self) -> String {
        format!("{}/{}", self.api_version(), self.plural)
    }

    /// The kind with its group.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::new(self.group, self.kind)
    }
}

macro_rules! builtin {
    ($group:literal, $version:literal, $kind:literal, $plural:literal, $short:literal, $ns:literal, $spec:expr) => {
        Builtin {
            group: $group,
            version: $version,
            kind: $kind,
            plural: $plural,
            short: $short,
            namespaced: $ns,
            pod_spec: $spec,
        }
    };
}

const NONE: &[&str] = &[];
const SPEC: &[&str] = &["spec"];
const TEMPLATE: &[&str] = &["spec", "template", "spec"];
const CRON: &[&str] = &["spec", "jobTemplate", "spec", "template", "spec"];
const POD_TEMPLATE: &[&str] = &["template", "spec"];
const RBAC: &str = "rbac.authorization.k8s.io";

/// Every built-in kind that Plimsoll knows, workloads first.
pub const BUILTINS: &[Builtin] = &[
    builtin!("", "v1", "Pod", "pods", "po", true, SPEC),
    builtin!("apps", "v1", "Deployment", "deployments", "deploy", true, TEMPLATE),
    builtin!("apps", "v1", "StatefulSet", "statefulsets", "sts", true, TEMPLATE),
    builtin!("apps", "v1", "DaemonSet", "daemonsets", "ds", true, TEMPLATE),
    builtin!("apps", "v1", "ReplicaSet", "replicasets", "rs", true, TEMPLATE),
    builtin!("", "v1", "ReplicationController", "replicationcontrollers", "rc", true, TEMPLATE),
    builtin!("batch", "v1", "Job", "jobs", "", true, TEMPLATE),
    builtin!("batch", "v1", "CronJob", "cronjobs", "cj", true, CRON),
    builtin!("", "v1", "PodTemplate", "podtemplates", "", true, POD_TEMPLATE),
    builtin!("", "v1", "Namespace", "namespaces", "ns", false, NONE),
    builtin!("", "v1", "Node", "nodes", "no", false, NONE),
    builtin!("", "v1", "Service", "services", "svc", true, NONE),
    builtin!("", "v1", "ServiceAccount", "serviceaccounts", "sa", true, NONE),
    builtin!("", "v1", "ConfigMap", "configmaps", "cm", true, NONE),
    builtin!("", "v1", "Secret", "secrets", "", true, NONE),
    builtin!("", "v1", "LimitRange", "limitranges", "limits", true, NONE),
    builtin!("", "v1", "ResourceQuota", "resourcequotas", "quota", true, NONE),
    builtin!("", "v1", "PersistentVolume", "persistentvolumes", "pv", false, NONE),
    builtin!("", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", "pvc", true, NONE),
    builtin!("rbac.authorization.k8s.io", "v1", "Role", "roles", "", true, NONE),
    builtin!("rbac.authorization.k8s.io", "v1", "ClusterRole", "clusterroles", "", false, NONE),
    builtin!("rbac.authorization.k8s.io", "v1", "RoleBinding", "rolebindings", "", true, NONE),
    builtin!(
        "rbac.authorization.k8s.io",
        "v1",
        "ClusterRoleBinding",
        "clusterrolebindings",
        "",
        false,
        NONE
    ),
    builtin!("networking.k8s.io", "v1", "NetworkPolicy", "networkpolicies", "netpol", true, NONE),
    builtin!("networking.k8s.io", "v1", "Ingress", "ingresses", "ing", true, NONE),
    builtin!("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices", "", true, NONE),
    builtin!("node.k8s.io", "v1", "RuntimeClass", "runtimeclasses", "", false, NONE),
    builtin!("policy", "v1", "PodDisruptionBudget", "poddisruptionbudgets", "pdb", true, NONE),
    builtin!(
        "autoscaling",
        "v2",
        "HorizontalPodAutoscaler",
        "horizontalpodautoscalers",
        "hpa",
        true,
        NONE
    ),
    builtin!("storage.k8s.io", "v1", "StorageClass", "storageclasses", "sc", false, NONE),
    builtin!("storage.k8s.io", "v1", "CSIDriver", "csidrivers", "", false, NONE),
    builtin!("scheduling.k8s.io", "v1", "PriorityClass", "priorityclasses", "pc", false, NONE),
    builtin!("networking.k8s.io", "v1", "IngressClass", "ingressclasses", "", false, NONE),
    builtin!(
        "certificates.k8s.io",
        "v1",
        "CertificateSigningRequest",
        "certificatesigningrequests",
        "csr",
        false,
        NONE
    ),
    builtin!(
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingWebhookConfiguration",
        "validatingwebhookconfigurations",
        "",
        false,
        NONE
    ),
    builtin!(
        "admissionregistration.k8s.io",
        "v1",
        "MutatingWebhookConfiguration",
        "mutatingwebhookconfigurations",
        "",
        false,
        NONE
    ),
    builtin!(
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingAdmissionPolicy",
        "validatingadmissionpolicies",
        "",
        false,
        NONE
    ),
    builtin!(
        "admissionregistration.k8s.io",
        "v1",
        "ValidatingAdmissionPolicyBinding",
        "validatingadmissionpolicybindings",
        "",
        false,
        NONE
    ),
    builtin!(
        "admissionregistration.k8s.io",
        "v1",
        "MutatingAdmissionPolicy",
        "mutatingadmissionpolicies",
        "",
        false,
        NONE
    ),
    builtin!(
        "admissionregistration.k8s.io",
        "v1",
        "MutatingAdmissionPolicyBinding",
        "mutatingadmissionpolicybindings",
        "",
        false,
        NONE
    ),
    builtin!("apiregistration.k8s.io", "v1", "APIService", "apiservices", "", false, NONE),
    builtin!("flowcontrol.apiserver.k8s.io", "v1", "FlowSchema", "flowschemas", "", false, NONE),
    builtin!(
        "flowcontrol.apiserver.k8s.io",
        "v1",
        "PriorityLevelConfiguration",
        "prioritylevelconfigurations",
        "",
        false,
        NONE
    ),
    builtin!(
        "apiextensions.k8s.io",
        "v1",
        "CustomResourceDefinition",
        "customresourcedefinitions",
        "crd",
        false,
        NONE
    ),
];

/// The workload kinds of design vocabulary: those with a pod spec.
pub fn workloads() -> impl Iterator<Item = &'static Builtin> {
    BUILTINS.iter().filter(|b| !b.pod_spec.is_empty())
}

/// The end point of [`flagz`], as reads name it.
pub const FLAGZ: &str = "/flagz";
/// The end point of [`kubelet_configuration`], as reads name it.
pub const CONFIGZ: &str = "nodes/proxy/configz";

/// What the API server's `/flagz` says, kept as an object named after the component.
#[must_use]
pub fn flagz() -> Kind {
    Kind::new("config.k8s.io", "Flagz")
}

/// The running configuration of a kubelet (configz), kept as an object named after its node.
#[must_use]
pub fn kubelet_configuration() -> Kind {
    KUBELET_CONFIGURATION.clone()
}

/// The same, to compare with.
pub static KUBELET_CONFIGURATION: LazyLock<Kind> =
    LazyLock::new(|| Kind::new("kubelet.config.k8s.io", "KubeletConfiguration"));

/// Where objects of [`node_file_result`] come from, as reads name it.
pub const NODE_FILES: &str = "imports of kube-bench";

/// What an imported benchmark says of files on one node, one object per node and row.
#[must_use]
pub fn node_file_result() -> Kind {
    Kind::new("imports.plimsoll", "NodeFileResult")
}

/// Where objects of [`finding_age`] come from, as reads name it.
pub const HISTORY: &str = "findings of the run";

/// How long one finding of a run is there and what was decided about it, one object per finding.
#[must_use]
pub fn finding_age() -> Kind {
    Kind::new("history.plimsoll", "FindingAge")
}

/// The four RBAC kinds.
pub fn rbac() -> impl Iterator<Item = &'static Builtin> {
    BUILTINS.iter().filter(|b| b.group == RBAC)
}

/// Finds a built-in kind by kind, plural, singular or short name, any case: what a user types.
#[must_use]
pub fn lookup(word: &str) -> Option<&'static Builtin> {
    let word = word.to_ascii_lowercase();
    let bare = word.split('.').next().unwrap_or_default();
    BUILTINS.iter().find(|b| {
        b.plural == bare || b.short == bare && !bare.is_empty() || b.kind.eq_ignore_ascii_case(bare)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kubectl_words_are_understood() {
        for (word, kind) in [("deploy", "Deployment"), ("Pods", "Pod"), ("sa", "ServiceAccount")] {
            assert_eq!(lookup(word).unwrap().kind, kind);
        }
        assert!(lookup("").is_none());
        assert!(lookup("nonsense").is_none());
    }

    #[test]
    fn four_kinds_come_from_places_of_their_own() {
        assert_eq!(flagz().end_point(), Some("/flagz"));
        assert!(!node_file_result().is_list() && !finding_age().is_list());
        assert!(!flagz().is_list() && !kubelet_configuration().is_list());
        assert!(Kind::new("argoproj.io", "Application").is_list());
        assert!(BUILTINS.iter().all(|builtin| builtin.kind().is_list()));
    }

    #[test]
    fn nine_kinds_carry_pods() {
        assert_eq!(workloads().count(), 9);
        assert_eq!(rbac().count(), 4);
    }
}
