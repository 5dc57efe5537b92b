//! Where distributions and cloud providers publish the images of what they install.
//!
//! The name of an image without its registry is the choice of whoever writes the manifest, so that only an
//! image from one of these, or from a mirror that the user set, belongs to the platform itself.
//!
//! A mirror may pass on what others publish (a cache of Docker Hub does), so that an image there must be called as
//! a publisher calls it: by its own name alone, in a directory that a publisher has, or with the publisher's host
//! before it.
//!
//! Sources: `add-ons-images` of the EKS user guide for its accounts; the manifests named in
//! [`super::addons`] for the others.

use super::addons::{image_fits, split_name};
use crate::model::image::Image;
use crate::model::mirror::Mirror;
use crate::text::star_match;

/// Registries, each with what the repositories there begin with; a `*` in a registry stands for anything.
pub(super) const PUBLISHERS: &[(&str, &str)] = &[
    ("registry.k8s.io", ""),
    ("k8s.gcr.io", ""),
    ("gcr.io", "google-containers/"),
    ("gcr.io", "google_containers/"),
    ("gcr.io", "gke-release/"),
    ("gke.gcr.io", ""),
    ("*-artifactregistry.gcr.io", "gke-release/"),
    ("mcr.microsoft.com", ""),
    ("mcr.azure.cn", ""),
    ("public.ecr.aws", "eks/"),
    ("public.ecr.aws", "eks-distro/"),
    ("public.ecr.aws", "ebs-csi-driver/"),
    ("public.ecr.aws", "efs-csi-driver/"),
    ("public.ecr.aws", "csi-components/"),
    ("docker.io", "kindest/"),
    ("docker.io", "coredns/"),
    ("docker.io", "library/traefik"),
    ("docker.io", "rancher/"),
    ("registry.rancher.com", "rancher/"),
    ("docker.io", "calico/"),
    ("quay.io", "calico/"),
    ("docker.io", "cilium/"),
    ("quay.io", "cilium/"),
    ("docker.io", "flannel/"),
    ("ghcr.io", "flannel-io/"),
    ("quay.io", "coreos/flannel"),
    ("docker.io", "antrea/"),
    ("projects.registry.vmware.com", "antrea/"),
];

/// Directories of the images of [`super::addons`] at publishers of which [`PUBLISHERS`] names the registry alone.
const DIRECTORIES: &[&str] = &[
    // registry.k8s.io
    "autoscaling",
    "cloud-provider-gcp",
    "coredns",
    "cpa",
    "dns",
    "kas-network-proxy",
    "metrics-server",
    "networking",
    "provider-aws",
    "provider-os",
    "sig-storage",
    // mcr.microsoft.com
    "aks",
    "containernetworking",
    "oss/kubernetes",
    "oss/kubernetes/autoscaler",
    "oss/kubernetes-csi",
    "oss/v2/kubernetes",
    "oss/v2/kubernetes/autoscaler",
    "oss/v2/kubernetes-csi",
    // public.ecr.aws and the accounts of EKS
    "amazon",
    "eks-distro/coredns",
    "eks-distro/etcd-io",
    "eks-distro/kubernetes",
    "eks-distro/kubernetes-csi",
    "eks-distro/kubernetes-sigs",
    // gke.gcr.io
    "gke-release/gke-release",
    // quay.io
    "coreos",
];

/// Accounts whose private registries EKS reads, `<account>.dkr.ecr.<region>.amazonaws.com`, whatever the
/// region.
pub(super) const EKS_ACCOUNTS: &[&str] = &[
    "013241004608",
    "066635153087",
    "121268973566",
    "151742754352",
    "296578399912",
    "333609536671",
    "455263428931",
    "491585149902",
    "533267051163",
    "558608220178",
    "590381155156",
    "602401143452",
    "730335286997",
    "759879836304",
    "761377655185",
    "800184023465",
    "877085696533",
    "900612956339",
    "900889452093",
    "918309763551",
    "961992271922",
];

/// Where an image comes from that is the platform's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin<'m> {
    /// From where a platform publishes its own.
    Published,
    /// From a mirror that the user set.
    Mirrored(&'m Mirror),
}

/// Where an image comes from, if it is one of these and comes from where the platform's own do.
pub(super) fn origin<'m>(image: &str, names: &[&str], mirrors: &'m [Mirror]) -> Option<Origin<'m>> {
    let of = Image::parse(image);
    if is_published(&of) {
        return names.iter().any(|name| image_fits(name, image)).then_some(Origin::Published);
    }
    let known = |mirror: &&Mirror| {
        mirror.behind(&of).is_some_and(|rest| names.iter().any(|name| is_known(rest, name)))
    };
    mirrors.iter().find(known).map(Origin::Mirrored)
}

/// Whether what stands behind a mirror is an image of this name as a publisher calls it.
fn is_known(rest: &str, name: &str) -> bool {
    let (directory, last) = split_name(rest, name);
    let is_directory = |(_, start): &(&str, &str)| start.strip_suffix('/') == Some(directory);
    star_match(last, name)
        && (directory.is_empty() && last == rest
            || DIRECTORIES.contains(&directory)
            || PUBLISHERS.iter().any(is_directory)
            || is_published(&Image::parse(rest)))
}

/// Whether an image comes from where a platform publishes its own.
fn is_published(image: &Image<'_>) -> bool {
    PUBLISHERS.iter().any(|(registry, start)| {
        star_match(image.registry, registry) && image.repository.starts_with(start)
    }) || is_of_eks(image.registry)
}

fn is_of_eks(registry: &str) -> bool {
    let Some((account, rest)) = registry.split_once(".dkr.ecr.") else { return false };
    let china = rest.strip_suffix(".amazonaws.com.cn");
    let region = china.or_else(|| rest.strip_suffix(".amazonaws.com"));
    let one_label = |region: &str| !region.is_empty() && !region.contains('.');
    EKS_ACCOUNTS.contains(&account) && region.is_some_and(one_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_is_the_platforms_where_its_registry_is() {
        for (image, expected) in [
            ("registry.k8s.io/coredns/coredns:v1.11.1", true),
            ("602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/coredns:v1", true),
            ("918309763551.dkr.ecr.cn-north-1.amazonaws.com.cn/eks/coredns:v1", true),
            ("111122223333.dkr.ecr.eu-west-1.amazonaws.com/eks/coredns:v1", false),
            ("602401143452.dkr.ecr.evil.example.com/eks/coredns", false),
            ("602401143452.dkr.ecr.x.evil.amazonaws.com/eks/coredns", false),
            ("us-central1-artifactregistry.gcr.io/gke-release/gke-release/x:1", true),
            ("gcr.io/somebody/coredns", false),
            ("gke.gcr.io.evil.example.com/x", false),
            ("rancher/klipper-lb:v0.4", true),
            ("docker.io/rancher/klipper-lb:v0.4", true),
            ("evil.example.com/rancher/klipper-lb", false),
            ("localhost:5000/calico/node", false),
            ("coredns", false),
            ("", false),
        ] {
            assert_eq!(is_published(&Image::parse(image)), expected, "{image}");
        }
    }

    fn mirrored(mirror: &str, image: &str, name: &str) -> bool {
        let mirrors = [Mirror::parse(mirror).unwrap()];
        origin(image, &[name], &mirrors) == Some(Origin::Mirrored(&mirrors[0]))
    }

    #[test]
    fn in_a_mirror_an_image_is_called_as_a_publisher_calls_it() {
        for (image, name, expected) in [
            ("kube-proxy:v1.35.0", "kube-proxy*", true),
            ("coredns/coredns:v1.12.0", "coredns", true),
            ("registry.k8s.io/coredns/coredns:v1.12.0", "coredns", true),
            ("quay.io/calico/node:v3", "calico/node", true),
            ("calico/node:v3", "calico/node", true),
            ("rancher/mirrored-coredns-coredns:1.12.0", "mirrored-coredns-coredns", true),
            ("eks-distro/kubernetes/kube-proxy:v1", "kube-proxy*", true),
            ("602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/coredns:v1", "coredns", true),
            ("oss/v2/kubernetes-csi/livenessprobe:v1", "livenessprobe", true),
            ("coredns-backdoor:v1", "coredns", false),
            ("evil/coredns:v1", "coredns", false),
            ("docker.io/evil/coredns:v1", "coredns", false),
            ("docker.io/coredns:v1", "coredns", false),
            ("evil.example.com/coredns/coredns:v1", "coredns", false),
            ("evil/calico/node:v3", "calico/node", false),
            ("node:v3", "calico/node", false),
            ("/coredns", "coredns", false),
            ("../coredns", "coredns", false),
            ("evil/coredns/coredns", "coredns", false),
            ("", "coredns", false),
        ] {
            let image = format!("mirror.corp.example/k8s/{image}");
            assert_eq!(mirrored("mirror.corp.example/k8s", &image, name), expected, "{image}");
        }
        let own = "mirror.corp.example/calico/node:v3";
        assert!(!mirrored("mirror.corp.example/calico", own, "calico/node"), "no part of the name");
        assert!(mirrored("mirror.corp.example", own, "calico/node"));
    }

    #[test]
    fn names_that_look_like_a_mirror_are_none() {
        for image in [
            "evil.example.com/mirror.corp.example/coredns",
            "mirror.corp.example.evil.com/coredns",
            "mirror.corp.example.evil.com/mirror.corp.example/coredns",
            "evilmirror.corp.example/coredns",
            "MIRROR.corp.example/coredns",
            "mirror.corp.example/CoreDNS",
            "mirror.corp.example:5000/coredns",
            "mirror.corp.example:443/coredns",
            "mirror.corp.example@evil.com/coredns",
            "user:word@mirror.corp.example/coredns",
            "mirror.corp.example/coredns@sha256:zz",
            "mirror.corp.example/coredns@evil.com/coredns",
            "mirror.corp.example\\coredns",
            "mirror.corp.example/coredns:v1/other",
            "//mirror.corp.example/coredns",
            "mirror.corp.example.//coredns",
        ] {
            assert!(!mirrored("mirror.corp.example", image, "coredns"), "{image}");
        }
        let digest = format!("mirror.corp.example/coredns:v1@sha256:{}", "0f".repeat(32));
        assert!(mirrored("mirror.corp.example", &digest, "coredns"), "a digest is no other name");
    }

    #[test]
    fn what_a_platform_publishes_needs_no_mirror() {
        let mirrors = [Mirror::parse("registry.k8s.io/coredns").unwrap()];
        let image = "registry.k8s.io/coredns/coredns:v1";
        assert_eq!(origin(image, &["coredns"], &mirrors), Some(Origin::Published));
        assert_eq!(origin(image, &["etcd"], &mirrors), None);
        for (registry, _) in PUBLISHERS {
            let host = registry.replace('*', "europe-docker");
            assert!(Mirror::parse(&host).is_err(), "{host} alone is no mirror");
        }
    }
}
