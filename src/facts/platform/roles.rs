//! Roles that Kubernetes and its distributions create themselves.
//!
//! Source of the names: the bootstrap policy of the API server, the phases of kubeadm, and the
//! manifests of the distributions. A role is built-in when its name is here and its rules open no
//! way to the whole cluster beyond those that are known of it: an edited default is a finding.

use std::sync::LazyLock;

use rustc_hash::FxHashMap;

use crate::facts::kind::{CLUSTER_ROLE, ROLE};
use crate::facts::rbac::grants::{Power, powers};
use crate::model::object::Object;

/// A role that is created by a platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BuiltinRole {
    /// Which platform creates it.
    pub platform: &'static str,
    /// Namespace of a Role, empty for a `ClusterRole`.
    pub namespace: &'static str,
    /// Its name.
    pub name: &'static str,
    /// The ways to the whole cluster that its rules open by default, at most.
    pub powers: &'static [Power],
}

use Power::{
    Approval, Escalate, Exec, Impersonate, NodesProxy, Secrets, Tokens, Webhooks, Workloads,
};

/// What `get` on everything opens.
const READ: &[Power] = &[Secrets, Exec, NodesProxy];
/// What `update` on everything adds.
const REWRITE: &[Power] = &[Secrets, Exec, NodesProxy, Approval, Webhooks];
const EDIT: &[Power] = &[Impersonate, Secrets, Workloads, Exec, Tokens];
const NONE: &[Power] = &[];

macro_rules! roles {
    ($($platform:literal $namespace:literal { $($powers:expr => [$($name:literal)+];)* })*) => {
        &[$($($(BuiltinRole {
            platform: $platform,
            namespace: $namespace,
            name: $name,
            powers: $powers,
        }),+),*),*]
    };
}

/// The roles that are recognised. Those of `kubernetes` must also carry the label
/// `kubernetes.io/bootstrapping: rbac-defaults`.
pub const ROLES: &[BuiltinRole] = roles! {
    "kubernetes" "" {
        &Power::ALL => ["cluster-admin"];
        EDIT => ["admin" "edit" "system:aggregate-to-admin" "system:aggregate-to-edit"];
        NONE => [
            "view" "system:aggregate-to-view" "system:auth-delegator" "system:basic-user"
            "system:discovery" "system:public-info-viewer" "system:monitoring" "system:heapster"
            "system:service-account-issuer-discovery" "system:cluster-trust-bundle-discovery"
            "system:kube-aggregator" "system:kube-dns" "system:kube-scheduler"
            "system:volume-scheduler" "system:node-bootstrapper" "system:node-problem-detector"
            "system:node-proxier" "system:persistent-volume-provisioner"
            "system:certificates.k8s.io:certificatesigningrequests:nodeclient"
            "system:certificates.k8s.io:certificatesigningrequests:selfnodeclient"
            "system:certificates.k8s.io:kube-apiserver-client-approver"
            "system:certificates.k8s.io:kube-apiserver-client-kubelet-approver"
            "system:certificates.k8s.io:kubelet-serving-approver"
            "system:certificates.k8s.io:legacy-unknown-approver"
            "system:controller:disruption-controller" "system:controller:endpoint-controller"
            "system:controller:endpointslice-controller"
            "system:controller:endpointslicemirroring-controller"
            "system:controller:ephemeral-volume-controller"
            "system:controller:horizontal-pod-autoscaler" "system:controller:node-controller"
            "system:controller:pod-garbage-collector" "system:controller:pv-protection-controller"
            "system:controller:pvc-protection-controller"
            "system:controller:vac-protection-controller"
            "system:controller:resource-claim-controller"
            "system:controller:root-ca-cert-publisher" "system:controller:route-controller"
            "system:controller:selinux-warning-controller"
            "system:controller:service-account-controller"
            "system:controller:service-ca-cert-publisher"
            "system:controller:service-cidrs-controller" "system:controller:service-controller"
            "system:controller:storage-version-garbage-collector"
            "system:controller:device-taint-eviction-controller"
            "system:controller:taint-eviction-controller" "system:controller:ttl-controller"
            "system:controller:ttl-after-finished-controller"
            "system:controller:validatingadmissionpolicy-status-controller"
            "system:controller:kube-apiserver-serving-clustertrustbundle-publisher"
            "system:controller:podcertificaterequestcleaner"
        ];
        &[Secrets, Exec, NodesProxy, Tokens] => ["system:kube-controller-manager"];
        &[NodesProxy] => ["system:kubelet-api-admin"];
        &[Secrets, Workloads, Tokens] => ["system:node"];
        &[Approval] => ["system:controller:certificate-controller"];
        &[Escalate] => ["system:controller:clusterrole-aggregation-controller"];
        &[Secrets] => [
            "system:controller:attachdetach-controller" "system:controller:expand-controller"
            "system:controller:legacy-service-account-token-cleaner"
        ];
        &[Workloads] => [
            "system:controller:cronjob-controller" "system:controller:daemon-set-controller"
            "system:controller:deployment-controller" "system:controller:job-controller"
            "system:controller:replicaset-controller" "system:controller:replication-controller"
            "system:controller:statefulset-controller"
        ];
        &[Secrets, Workloads] => ["system:controller:persistent-volume-binder"];
        READ => [
            "system:controller:namespace-controller" "system:controller:resourcequota-controller"
        ];
        REWRITE => [
            "system:controller:generic-garbage-collector"
            "system:controller:storage-version-migrator-controller"
        ];
    }
    "kubernetes" "kube-system" {
        NONE => [
            "extension-apiserver-authentication-reader"
            "system::leader-locking-kube-controller-manager"
            "system::leader-locking-kube-scheduler" "system:controller:cloud-provider"
        ];
        &[Secrets] => ["system:controller:bootstrap-signer" "system:controller:token-cleaner"];
    }
    "kubernetes" "kube-public" { NONE => ["system:controller:bootstrap-signer"]; }
    "kubeadm" "" { NONE => ["kubeadm:get-nodes" "system:coredns"]; }
    "kubeadm" "kube-system" {
        NONE => ["kubeadm:kubelet-config" "kubeadm:nodes-kubeadm-config" "kube-proxy"];
    }
    "kubeadm" "kube-public" { NONE => ["kubeadm:bootstrap-signer-clusterinfo"]; }
    "kind" "" { NONE => ["kindnet" "local-path-provisioner-role"]; }
    "k3s" "" {
        NONE => ["k3s-cloud-controller-manager" "clustercidrs-node"];
        &[NodesProxy] => ["system:k3s-controller"];
    }
    "rke2" "" {
        NONE => ["rke2-cloud-controller-manager"];
        &[NodesProxy] => ["system:rke2-controller"];
    }
    "eks" "" { NONE => ["aws-node" "eks:node-bootstrapper" "eks:certificate-controller"]; }
    "aks" "" { NONE => ["cloud-node-manager"]; }
    "gke" "" {
        NONE => [
            "gce:beta:kubelet-certificate-bootstrap" "gce:beta:kubelet-certificate-rotation"
            "system:gke-common-webhooks" "system:gcp-controller-manager"
        ];
    }
};

/// The recognised roles by namespace and name.
static BY_NAME: LazyLock<FxHashMap<(&str, &str), &BuiltinRole>> =
    LazyLock::new(|| ROLES.iter().map(|known| ((known.namespace, known.name), known)).collect());

/// Whether a platform creates a role of this name, whatever is in it now.
pub(super) fn is_known(namespace: &str, name: &str) -> bool {
    BY_NAME.contains_key(&(namespace, name))
}

/// Whether a role is one that the platform created, with no more power than it was created with.
pub(crate) fn is_builtin_role(object: &Object) -> bool {
    is_builtin_with(object, || powers(object.body().list_at(&["rules"])))
}

/// As [`is_builtin_role`], given the powers of the role.
pub(crate) fn is_builtin_with(object: &Object, powers: impl FnOnce() -> Vec<Power>) -> bool {
    if !object.is(&CLUSTER_ROLE) && !object.is(&ROLE) {
        return false;
    }
    let known = BY_NAME.get(&(object.namespace(), &*object.id.name));
    known.is_some_and(|role| {
        let labelled = object.label("kubernetes.io/bootstrapping") == Some("rbac-defaults");
        (role.platform != "kubernetes" || labelled)
            && powers().iter().all(|power| role.powers.contains(power))
    })
}
