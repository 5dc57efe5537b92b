//! Bindings and subjects that Kubernetes and its distributions create themselves.
//!
//! Source of the names: the bootstrap policy of the API server, the phases of kubeadm, and the
//! manifests of the distributions.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use super::roles;
use crate::facts::rbac::grants::Power;
use crate::facts::rbac::{Binding, Subject};

/// A binding that is created by a platform: namespace, name, role and subject must all fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltinBinding {
    /// Which platform creates it.
    pub platform: &'static str,
    /// Namespace of a `RoleBinding`, empty for a `ClusterRoleBinding`.
    pub namespace: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The role it refers to.
    pub role: &'static str,
    /// Its subjects: `Group/x`, `User/x`, `ServiceAccount/ns/x`.
    pub subjects: &'static [&'static str],
}

macro_rules! bindings {
    ($($platform:literal $namespace:literal $name:literal $role:literal [$($subject:literal)*];)*) => {
        &[$(BuiltinBinding {
            platform: $platform,
            namespace: $namespace,
            name: $name,
            role: $role,
            subjects: &[$($subject),*],
        }),*]
    };
}

/// The bindings that are recognised, beside those named `system:controller:<x>`, which bind the
/// account `<x>` of kube-system to the role of the same name.
pub const BINDINGS: &[BuiltinBinding] = bindings! {
    "kubernetes" "" "cluster-admin" "cluster-admin" ["Group/system:masters"];
    "kubernetes" "" "system:basic-user" "system:basic-user" ["Group/system:authenticated"];
    "kubernetes" "" "system:discovery" "system:discovery" ["Group/system:authenticated"];
    "kubernetes" "" "system:public-info-viewer" "system:public-info-viewer" ["Group/system:authenticated" "Group/system:unauthenticated"];
    "kubernetes" "" "system:service-account-issuer-discovery" "system:service-account-issuer-discovery" ["Group/system:serviceaccounts"];
    "kubernetes" "" "system:kube-controller-manager" "system:kube-controller-manager" ["User/system:kube-controller-manager"];
    "kubernetes" "" "system:kube-scheduler" "system:kube-scheduler" ["User/system:kube-scheduler"];
    "kubernetes" "" "system:volume-scheduler" "system:volume-scheduler" ["User/system:kube-scheduler"];
    "kubernetes" "" "system:node-proxier" "system:node-proxier" ["User/system:kube-proxy"];
    "kubernetes" "" "system:kube-dns" "system:kube-dns" ["ServiceAccount/kube-system/kube-dns"];
    "kubernetes" "" "system:monitoring" "system:monitoring" ["Group/system:monitoring"];
    "kubernetes" "" "system:node" "system:node" [];
    "kubernetes" "kube-system" "system::extension-apiserver-authentication-reader" "extension-apiserver-authentication-reader" ["User/system:kube-controller-manager" "User/system:kube-scheduler"];
    "kubernetes" "kube-system" "system::leader-locking-kube-controller-manager" "system::leader-locking-kube-controller-manager" ["User/system:kube-controller-manager" "ServiceAccount/kube-system/kube-controller-manager"];
    "kubernetes" "kube-system" "system::leader-locking-kube-scheduler" "system::leader-locking-kube-scheduler" ["User/system:kube-scheduler" "ServiceAccount/kube-system/kube-scheduler"];
    "kubeadm" "" "kubeadm:cluster-admins" "cluster-admin" ["Group/kubeadm:cluster-admins"];
    "kubeadm" "" "kubeadm:get-nodes" "kubeadm:get-nodes" ["Group/system:bootstrappers:kubeadm:default-node-token"];
    "kubeadm" "" "kubeadm:kubelet-bootstrap" "system:node-bootstrapper" ["Group/system:bootstrappers:kubeadm:default-node-token"];
    "kubeadm" "" "kubeadm:node-autoapprove-bootstrap" "system:certificates.k8s.io:certificatesigningrequests:nodeclient" ["Group/system:bootstrappers:kubeadm:default-node-token"];
    "kubeadm" "" "kubeadm:node-autoapprove-certificate-rotation" "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient" ["Group/system:nodes"];
    "kubeadm" "" "kubeadm:node-proxier" "system:node-proxier" ["ServiceAccount/kube-system/kube-proxy"];
    "kubeadm" "" "system:coredns" "system:coredns" ["ServiceAccount/kube-system/coredns"];
    "kubeadm" "kube-system" "kubeadm:kubelet-config" "kubeadm:kubelet-config" ["Group/system:nodes" "Group/system:bootstrappers:kubeadm:default-node-token"];
    "kubeadm" "kube-system" "kubeadm:nodes-kubeadm-config" "kubeadm:nodes-kubeadm-config" ["Group/system:nodes" "Group/system:bootstrappers:kubeadm:default-node-token"];
    "kubeadm" "kube-system" "kube-proxy" "kube-proxy" ["Group/system:bootstrappers:kubeadm:default-node-token"];
    "kubeadm" "kube-public" "kubeadm:bootstrap-signer-clusterinfo" "kubeadm:bootstrap-signer-clusterinfo" ["User/system:anonymous"];
    "kind" "" "kindnet" "kindnet" ["ServiceAccount/kube-system/kindnet"];
    "kind" "" "local-path-provisioner-bind" "local-path-provisioner-role" ["ServiceAccount/local-path-storage/local-path-provisioner-service-account"];
    "k3s" "" "k3s-cloud-controller-manager" "k3s-cloud-controller-manager" ["User/k3s-cloud-controller-manager"];
    "k3s" "" "system:k3s-controller" "system:k3s-controller" ["User/system:k3s-controller"];
    "k3s" "" "kube-apiserver-kubelet-admin" "system:kubelet-api-admin" ["User/kube-apiserver" "User/system:apiserver"];
    "k3s" "" "clustercidrs-node" "clustercidrs-node" ["Group/system:nodes"];
    "k3s" "" "helm-kube-system-traefik" "cluster-admin" ["ServiceAccount/kube-system/helm-traefik"];
    "k3s" "" "helm-kube-system-traefik-crd" "cluster-admin" ["ServiceAccount/kube-system/helm-traefik-crd"];
    "rke2" "" "rke2-cloud-controller-manager" "rke2-cloud-controller-manager" ["User/rke2-cloud-controller-manager"];
    "rke2" "" "system:rke2-controller" "system:rke2-controller" ["User/system:rke2-controller"];
    "rke2" "" "helm-kube-system-rke2-canal" "cluster-admin" ["ServiceAccount/kube-system/helm-rke2-canal"];
    "rke2" "" "helm-kube-system-rke2-coredns" "cluster-admin" ["ServiceAccount/kube-system/helm-rke2-coredns"];
    "rke2" "" "helm-kube-system-rke2-ingress-nginx" "cluster-admin" ["ServiceAccount/kube-system/helm-rke2-ingress-nginx"];
    "rke2" "" "helm-kube-system-rke2-metrics-server" "cluster-admin" ["ServiceAccount/kube-system/helm-rke2-metrics-server"];
    "eks" "" "aws-node" "aws-node" ["ServiceAccount/kube-system/aws-node"];
    "eks" "" "eks:kube-proxy" "system:node-proxier" ["ServiceAccount/kube-system/kube-proxy"];
    "eks" "" "eks:node-bootstrapper" "eks:node-bootstrapper" ["Group/system:bootstrappers" "Group/system:nodes"];
    "eks" "" "eks:kube-proxy-fargate" "system:node-proxier" ["Group/system:node-proxier"];
    "aks" "" "aks-cluster-admin-binding" "cluster-admin" ["User/clusterAdmin"];
    "aks" "" "aks-service-rolebinding" "cluster-admin" ["User/aks-support"];
    "aks" "" "cloud-node-manager" "cloud-node-manager" ["ServiceAccount/kube-system/cloud-node-manager"];
    "gke" "" "gce:beta:kubelet-certificate-bootstrap" "gce:beta:kubelet-certificate-bootstrap" ["User/kubelet"];
    "gke" "" "gce:beta:kubelet-certificate-rotation" "gce:beta:kubelet-certificate-rotation" ["Group/system:nodes"];
    "gke" "" "system:gke-common-webhooks" "system:gke-common-webhooks" ["User/system:gke-common-webhooks"];
    "gke" "" "system:gcp-controller-manager" "system:gcp-controller-manager" ["User/system:gcp-controller-manager"];
};

/// The recognised bindings by namespace and name: all subjects of a cluster are held against them.
static BY_NAME: LazyLock<FxHashMap<(&str, &str), Vec<&BuiltinBinding>>> = LazyLock::new(|| {
    let mut by_name: FxHashMap<_, Vec<_>> = FxHashMap::default();
    for known in BINDINGS {
        by_name.entry((known.namespace, known.name)).or_default().push(known);
    }
    by_name
});

fn named<'n>(namespace: &'n str, name: &'n str) -> &'n [&'static BuiltinBinding] {
    BY_NAME.get(&(namespace, name)).map(Vec::as_slice).unwrap_or_default()
}

/// Users and groups that only the control plane can be. They are built-in wherever they are bound
/// to less than full administration, which no platform gives them.
pub const CONTROL_PLANE: &[&str] = &[
    "User/system:kube-controller-manager",
    "User/system:kube-scheduler",
    "User/system:kube-proxy",
    "Group/system:nodes",
    "Group/system:monitoring",
];

/// Whether a subject is on the exclusion list: it is, in this binding, what a platform puts
/// there. `held` are the powers of the role. Subjects that stand for everybody are excluded in
/// the platform's own bindings only.
pub(crate) fn is_builtin_subject(binding: &Binding, subject: &Subject, held: &[Power]) -> bool {
    if is_platform_subject(binding, subject) {
        return true;
    }
    let is = |text: &&str| subject.is_written(text);
    !subject.is_broad()
        && (is(&"Group/system:masters")
            || CONTROL_PLANE.iter().any(is) && !held.contains(&Power::All))
}

/// Whether the platform itself bound this subject here.
pub(crate) fn is_platform_subject(binding: &Binding, subject: &Subject) -> bool {
    let id = &binding.object.id;
    let namespace = binding.object.namespace();
    let Some((role_namespace, role)) = &binding.role else { return false };
    let known = named(namespace, &id.name).iter().any(|known| {
        known.role == &**role && known.subjects.iter().any(|text| subject.is_written(text))
    });
    // The role itself must be one that a platform creates: a Role of the same name is not.
    known && roles::is_known(role_namespace, role)
        || is_controller(namespace, &id.name, role_namespace, role, subject)
}

/// Whether a binding is made by the platform: name, role and all subjects fit.
pub(crate) fn is_builtin_binding(binding: &Binding) -> bool {
    let object = &binding.object;
    let named = !named(object.namespace(), &object.id.name).is_empty();
    let controller = object.id.name.starts_with("system:controller:");
    let empty = binding.subjects.is_empty();
    (named || controller)
        && !(empty && controller)
        && binding.subjects.iter().all(|subject| is_platform_subject(binding, subject))
}

/// The binding of a built-in controller: `system:controller:x` gives the account `x` of
/// kube-system the role of the same name, which must be a known one.
fn is_controller(
    namespace: &str,
    name: &str,
    role_namespace: &str,
    role: &str,
    subject: &Subject,
) -> bool {
    let Some(controller) = name.strip_prefix("system:controller:") else { return false };
    let account = matches!(subject, Subject::Account { namespace, name }
        if &**namespace == "kube-system" && &**name == controller);
    account && role == name && namespace == role_namespace && roles::is_known(role_namespace, role)
}
