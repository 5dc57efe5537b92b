//! Where distributions and cloud providers publish the images of what they install.
//!
//! The name of an image without its registry is the choice of whoever writes the manifest, so that only an
//! image from one of these belongs to the platform itself. One from a mirror does not: what it runs is
//! counted as anybody's.
//!
//! Sources: `add-ons-images` of the EKS user guide for its accounts; the manifests named in
//! [`super::addons`] for the others.

use crate::model::image::Image;
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

/// Whether an image comes from where a platform publishes its own.
pub(super) fn is_published(image: &str) -> bool {
    let image = Image::parse(image);
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
            assert_eq!(is_published(image), expected, "{image}");
        }
    }
}
