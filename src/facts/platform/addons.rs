//! Workloads that Kubernetes distributions and cloud providers install themselves.
//!
//! Source of the names: the manifests that kubeadm, kind, k3s, RKE2, EKS, GKE and AKS install,
//! and the standard manifests of the network plug-ins.

use super::registries::{Origin, origin};
use crate::facts::workload::Workload;
use crate::model::mirror::Mirror;
use crate::model::node::Node;
use crate::model::object::ObjectRef;
use crate::text::star_match;

/// A workload that a platform installs: all of namespace, kind, name and images must fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Addon {
    /// Which platform installs it.
    pub platform: &'static str,
    /// The namespace it lives in.
    pub namespace: &'static str,
    /// The kind of its top workload.
    pub kind: &'static str,
    /// Its name; a `*` at the end stands for any ending.
    pub name: &'static str,
    /// Base names that the images of all its containers must have; `*` as in `name`. They must come from
    /// where a platform publishes its images or from a mirror of these, too.
    pub images: &'static [&'static str],
}

/// A control-plane part that a kubelet runs from a file: a mirror pod named
/// `<component>-<node>` in kube-system, kept by its Node, whose images fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StaticPod {
    /// The component.
    pub component: &'static str,
    /// Base names that its images must have.
    pub images: &'static [&'static str],
}

const KS: &str = "kube-system";
const DEP: &str = "Deployment";
const DS: &str = "DaemonSet";

macro_rules! addons {
    ($($platform:literal $namespace:tt $kind:tt $name:literal [$($image:literal)+];)*) => {
        &[$(Addon {
            platform: $platform,
            namespace: $namespace,
            kind: $kind,
            name: $name,
            images: &[$($image),+],
        }),*]
    };
}

/// The static pods that are recognised.
pub const STATIC_PODS: &[StaticPod] = &[
    StaticPod { component: "kube-apiserver", images: &["kube-apiserver", "hardened-kubernetes"] },
    StaticPod {
        component: "kube-controller-manager",
        images: &["kube-controller-manager", "hardened-kubernetes"],
    },
    StaticPod { component: "kube-scheduler", images: &["kube-scheduler", "hardened-kubernetes"] },
    StaticPod { component: "kube-proxy", images: &["kube-proxy*", "hardened-kubernetes"] },
    StaticPod { component: "etcd", images: &["etcd", "hardened-etcd"] },
    StaticPod {
        component: "cloud-controller-manager",
        images: &["*cloud-controller-manager", "rke2-cloud-provider"],
    },
];

/// The add-ons that are recognised.
pub const ADDONS: &[Addon] = addons! {
    "kubernetes" KS DS "kube-proxy" ["kube-proxy*" "hardened-kubernetes"];
    "kubernetes" KS DEP "coredns" ["coredns" "mirrored-coredns-coredns"];
    "kubernetes" KS DEP "metrics-server" ["metrics-server" "mirrored-metrics-server" "addon-resizer"];
    "gke" KS DEP "metrics-server-v*" ["metrics-server" "addon-resizer"];
    "kind" KS DS "kindnet" ["kindnetd"];
    "kind" "local-path-storage" DEP "local-path-provisioner" ["local-path-provisioner"];
    "k3s" KS DEP "local-path-provisioner" ["local-path-provisioner"];
    "k3s" KS DEP "traefik" ["traefik" "mirrored-library-traefik"];
    "k3s" KS DS "svclb-*" ["klipper-lb"];
    "k3s" KS "Job" "helm-install-*" ["klipper-helm"];
    "rke2" KS DS "rke2-canal" ["hardened-calico" "hardened-flannel"];
    "rke2" KS DEP "rke2-coredns-rke2-coredns" ["hardened-coredns"];
    "rke2" KS DEP "rke2-coredns-rke2-coredns-autoscaler" ["hardened-cluster-autoscaler"];
    "rke2" KS DEP "rke2-metrics-server" ["hardened-k8s-metrics-server"];
    "rke2" KS DS "rke2-ingress-nginx-controller" ["nginx-ingress-controller"];
    "rke2" KS DEP "rke2-snapshot-controller" ["mirrored-sig-storage-snapshot-controller" "hardened-snapshot-controller"];
    "eks" KS DS "aws-node" ["amazon-k8s-cni" "amazon-k8s-cni-init" "aws-network-policy-agent" "network-policy-agent"];
    "eks" KS DS "ebs-csi-node" ["aws-ebs-csi-driver" "csi-node-driver-registrar" "livenessprobe"];
    "eks" KS DEP "ebs-csi-controller" ["aws-ebs-csi-driver" "csi-provisioner" "csi-attacher" "csi-snapshotter" "csi-resizer" "livenessprobe"];
    "eks" KS DS "efs-csi-node" ["aws-efs-csi-driver" "csi-node-driver-registrar" "livenessprobe"];
    "eks" KS DEP "efs-csi-controller" ["aws-efs-csi-driver" "csi-provisioner" "livenessprobe"];
    "eks" KS DS "eks-pod-identity-agent" ["eks-pod-identity-agent"];
    "eks" KS DS "eks-node-monitoring-agent" ["eks-node-monitoring-agent"];
    "gke" KS DEP "kube-dns" ["k8s-dns-kube-dns*" "k8s-dns-dnsmasq-nanny*" "k8s-dns-sidecar*" "prometheus-to-sd"];
    "gke" KS DEP "kube-dns-autoscaler" ["cluster-proportional-autoscaler*"];
    "gke" KS DEP "konnectivity-agent" ["proxy-agent"];
    "gke" KS DEP "konnectivity-agent-autoscaler" ["cluster-proportional-autoscaler*"];
    "gke" KS DEP "l7-default-backend" ["ingress-gce-404-server-with-metrics*"];
    "gke" KS DEP "event-exporter-gke" ["event-exporter" "prometheus-to-sd"];
    "gke" KS DS "fluentbit-gke*" ["fluent-bit" "fluent-bit-gke-exporter" "gke-metrics-collector*"];
    "gke" KS DS "gke-metrics-agent*" ["gke-metrics-agent" "core-metrics-exporter" "prometheus-metric-collector" "gke-metrics-collector*"];
    "gke" KS DS "gke-metadata-server" ["gke-metadata-server"];
    "gke" KS DS "netd" ["netd" "netd-init"];
    "gke" KS DS "anetd" ["cilium" "cilium-agent" "anetd" "netd-init"];
    "gke" KS DS "pdcsi-node" ["gcp-compute-persistent-disk-csi-driver" "csi-node-driver-registrar"];
    "gke" KS DS "ip-masq-agent" ["ip-masq-agent*"];
    "aks" KS DS "azure-cns" ["azure-cns" "azure-cni" "azure-ipam"];
    "aks" KS DS "azure-npm" ["azure-npm"];
    "aks" KS DS "azure-ip-masq-agent*" ["ip-masq-agent-v2"];
    "aks" KS DS "cloud-node-manager" ["azure-cloud-node-manager"];
    "aks" KS DS "csi-azuredisk-node" ["azuredisk-csi" "csi-node-driver-registrar" "livenessprobe"];
    "aks" KS DS "csi-azurefile-node" ["azurefile-csi" "csi-node-driver-registrar" "livenessprobe"];
    "aks" KS DEP "coredns-autoscaler" ["cluster-proportional-autoscaler"];
    "aks" KS DEP "konnectivity-agent" ["apiserver-network-proxy-agent" "proxy-agent"];
    "aks" KS DEP "azure-wi-webhook-controller-manager" ["azure-workload-identity/webhook"];
    "calico" KS DS "calico-node" ["calico/node" "calico/cni" "calico/pod2daemon-flexvol"];
    "calico" KS DEP "calico-kube-controllers" ["calico/kube-controllers"];
    "calico" "calico-system" DS "calico-node" ["calico/node" "calico/cni" "calico/pod2daemon-flexvol"];
    "calico" "calico-system" DEP "calico-kube-controllers" ["calico/kube-controllers"];
    "calico" "calico-system" DEP "calico-typha" ["calico/typha"];
    "canal" KS DS "canal" ["calico/node" "calico/cni" "calico/pod2daemon-flexvol" "flannel"];
    "cilium" KS DS "cilium" ["cilium/cilium"];
    "cilium" KS DS "cilium-envoy" ["cilium-envoy"];
    "cilium" KS DEP "cilium-operator" ["cilium/operator*"];
    "flannel" "kube-flannel" DS "kube-flannel-ds" ["flannel" "flannel-cni-plugin"];
    "antrea" KS DS "antrea-agent" ["antrea-agent-ubuntu" "antrea-ubuntu"];
};

impl StaticPod {
    /// What it is called, on whichever node.
    #[must_use]
    pub fn name(&self) -> String {
        format!("Pod/{KS}/{}-<node>", self.component)
    }
}

/// The known static pod that a mirror pod is, with the mirrors that its images come from.
pub(super) fn static_pod<'m>(
    pod: Workload<'_>,
    mirrors: &'m [Mirror],
) -> Option<(&'static StaticPod, Vec<&'m Mirror>)> {
    let object = pod.object;
    let kept_by_node = object.controller().is_some_and(|owner| &*owner.kind == "Node");
    let node = pod.spec.str_at(&["nodeName"]).unwrap_or_default();
    let name = object.id.name.strip_suffix(node).and_then(|name| name.strip_suffix('-'))?;
    if !kept_by_node || node.is_empty() || object.namespace() != KS {
        return None;
    }
    let known = STATIC_PODS.iter().find(|one| one.component == name)?;
    Some((known, images_from(pod, known.images, mirrors)?))
}

/// The mirrors that the images of a pod or template of this identity come from; none where it is no known
/// add-on.
pub(super) fn addon<'m>(
    workload: Workload<'_>,
    identity: &ObjectRef,
    mirrors: &'m [Mirror],
) -> Option<Vec<&'m Mirror>> {
    let namespace = identity.namespace.as_deref().unwrap_or_default();
    let mut known = ADDONS.iter().filter(|addon| {
        addon.namespace == namespace
            && addon.kind == &*identity.kind
            && star_match(&identity.name, addon.name)
    });
    known.find_map(|addon| images_from(workload, addon.images, mirrors))
}

/// The mirrors that the images of all containers (init and ephemeral ones too) come from, each once; none where
/// there is no container, or one runs anything but these images from where they may come from.
fn images_from<'m>(
    workload: Workload<'_>,
    images: &[&str],
    mirrors: &'m [Mirror],
) -> Option<Vec<&'m Mirror>> {
    let mut found = Vec::new();
    let mut seen = false;
    for container in workload.containers() {
        seen = true;
        let image = container.get("image").and_then(Node::as_str).unwrap_or_default();
        match origin(image, images, mirrors)? {
            Origin::Mirrored(mirror) if !found.contains(&mirror) => found.push(mirror),
            Origin::Mirrored(_) | Origin::Published => {}
        }
    }
    seen.then_some(found)
}

/// An image's repository without tag and digest: `registry.k8s.io/coredns/coredns`.
pub(crate) fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or_default();
    match image.rsplit_once(':') {
        // A colon before a slash is the port of a registry.
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

/// Whether the end of an image's repository fits a pattern such as `coredns` or `calico/node`.
pub(crate) fn image_fits(pattern: &str, image: &str) -> bool {
    star_match(split_name(repository(image), pattern).1, pattern)
}

/// A repository as the directory before it and as many segments at its end as a pattern has.
pub(super) fn split_name<'r>(repository: &'r str, pattern: &str) -> (&'r str, &'r str) {
    let depth = pattern.matches('/').count();
    let slash = repository.rmatch_indices('/').nth(depth);
    slash
        .and_then(|(at, _)| Some((repository.get(..at)?, repository.get(at + 1..)?)))
        .unwrap_or(("", repository))
}
