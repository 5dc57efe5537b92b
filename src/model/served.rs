//! What is known of a kind without asking a server: what its resource is called, whether its objects
//! live in namespaces, and whether any server serves it at all.

use super::kinds::Kind;

/// Kinds of the files that components are started with. The API serves none of them.
const FILES: [(&str, &str); 5] = [
    ("apiserver.config.k8s.io", "EncryptionConfiguration"),
    ("apiserver.config.k8s.io", "AdmissionConfiguration"),
    ("audit.k8s.io", "Policy"),
    ("kubelet.config.k8s.io", "KubeletConfiguration"),
    ("kubeproxy.config.k8s.io", "KubeProxyConfiguration"),
];

/// Custom kinds whose objects a cluster has once, as their definitions say; beside these, those
/// whose names begin with `Cluster` or `Global`.
const WIDE: &[(&str, &str)] = &[
    ("cilium.io", "CiliumClusterwideNetworkPolicy"),
    ("cilium.io", "CiliumEgressGatewayPolicy"),
    ("config.openshift.io", "Proxy"),
    ("constraints.gatekeeper.sh", "RatifyVerification"),
    ("crd.projectcalico.org", "FelixConfiguration"),
    ("crd.projectcalico.org", "IPPool"),
    ("crd.projectcalico.org", "Tier"),
    ("k3s.cattle.io", "ETCDSnapshotFile"),
    ("extensions", "PodSecurityPolicy"),
    ("policies.kyverno.io", "ImageValidatingPolicy"),
    ("policies.kyverno.io", "ValidatingPolicy"),
    ("policy", "PodSecurityPolicy"),
    ("policy.networking.k8s.io", "AdminNetworkPolicy"),
    ("policy.networking.k8s.io", "BaselineAdminNetworkPolicy"),
    ("projectcalico.org", "FelixConfiguration"),
    ("projectcalico.org", "IPPool"),
    ("projectcalico.org", "Tier"),
    ("security.openshift.io", "SecurityContextConstraints"),
    ("snapshot.storage.k8s.io", "VolumeSnapshotClass"),
];

/// Whether it is the kind of a configuration file that no server serves.
#[must_use]
pub fn is_file(group: &str, kind: &str) -> bool {
    FILES.contains(&(group, kind))
}

/// The name of its resource in URLs and rights. Of a custom kind it is the one that tools guess,
/// unless its definition is known to say another.
#[must_use]
pub fn plural(kind: &Kind) -> String {
    match (kind.builtin(), &*kind.group, &*kind.kind) {
        (Some(builtin), ..) => builtin.plural.to_owned(),
        // Every constraint of Gatekeeper is registered under the name of its template.
        (None, "constraints.gatekeeper.sh", name) => name.to_lowercase(),
        (None, "security.openshift.io", "SecurityContextConstraints") => {
            "securitycontextconstraints".to_owned()
        }
        (None, _, name) => guessed(name),
    }
}

/// Whether its objects live in namespaces, as far as that is known without a server.
#[must_use]
pub fn namespaced(kind: &Kind) -> bool {
    if let Some(builtin) = kind.builtin() {
        return builtin.namespaced;
    }
    let wide = ["Cluster", "Global"].iter().any(|word| kind.kind.starts_with(word));
    !wide && !WIDE.contains(&(&*kind.group, &*kind.kind))
}

/// Whether a person who types this word means a kind: its name or its plural, any case, with or without
/// its group.
#[must_use]
pub fn is_called(kind: &Kind, word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let (bare, group) = word.split_once('.').map_or((&*word, None), |(b, group)| (b, Some(group)));
    let named = kind.kind.eq_ignore_ascii_case(bare) || plural(kind) == bare;
    named && group.is_none_or(|group| group == &*kind.group)
}

/// The plural that tools guess for a kind when they write its definition.
fn guessed(kind: &str) -> String {
    let lower = kind.to_lowercase();
    let vowel = |stem: &&str| stem.ends_with(['a', 'e', 'i', 'o', 'u']);
    if let Some(stem) = lower.strip_suffix('y').filter(|stem| !vowel(stem)) {
        return format!("{stem}ies");
    }
    if lower.ends_with('s') || lower.ends_with('x') || lower.ends_with("ch") {
        return format!("{lower}es");
    }
    format!("{lower}s")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::BUILTINS;

    #[test]
    fn built_in_kinds_are_what_their_table_says() {
        for builtin in BUILTINS {
            let kind = builtin.kind();
            assert_eq!(plural(&kind), builtin.plural);
            assert_eq!(namespaced(&kind), builtin.namespaced);
            // The guess is right for all of them, so it may well be for others.
            assert_eq!(guessed(builtin.kind), builtin.plural);
        }
    }

    #[test]
    fn custom_kinds_are_guessed_unless_they_are_known_to_differ() {
        for (group, kind, name, inside) in [
            ("kyverno.io", "Policy", "policies", true),
            ("kyverno.io", "ClusterPolicy", "clusterpolicies", false),
            ("gateway.networking.k8s.io", "HTTPRoute", "httproutes", true),
            ("gateway.networking.k8s.io", "Gateway", "gateways", true),
            (
                "security.openshift.io",
                "SecurityContextConstraints",
                "securitycontextconstraints",
                false,
            ),
            ("constraints.gatekeeper.sh", "RatifyVerification", "ratifyverification", false),
            ("crd.projectcalico.org", "GlobalNetworkPolicy", "globalnetworkpolicies", false),
            ("projectcalico.org", "IPPool", "ippools", false),
        ] {
            let custom = Kind::new(group, kind);
            assert_eq!((&*plural(&custom), namespaced(&custom)), (name, inside), "{kind}");
        }
    }

    #[test]
    fn configuration_files_are_no_resources() {
        assert!(is_file("audit.k8s.io", "Policy") && !is_file("kyverno.io", "Policy"));
    }
}
