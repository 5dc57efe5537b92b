//! The custom kinds that the cluster's add-ons registered.

use super::stamp::metadata;
use super::tree::{merge, node};
use super::world::World;
use crate::model::kinds::Kind;

/// Group, version, kind, plural, whether namespaced.
const DEFINITIONS: [(&str, &str, &str, &str, bool); 14] = [
    ("crd.projectcalico.org", "v1", "NetworkPolicy", "networkpolicies", true),
    ("crd.projectcalico.org", "v1", "GlobalNetworkPolicy", "globalnetworkpolicies", false),
    ("crd.projectcalico.org", "v1", "IPPool", "ippools", false),
    ("crd.projectcalico.org", "v1", "FelixConfiguration", "felixconfigurations", false),
    ("crd.projectcalico.org", "v1", "BlockAffinity", "blockaffinities", false),
    ("cert-manager.io", "v1", "Certificate", "certificates", true),
    ("cert-manager.io", "v1", "CertificateRequest", "certificaterequests", true),
    ("cert-manager.io", "v1", "Issuer", "issuers", true),
    ("cert-manager.io", "v1", "ClusterIssuer", "clusterissuers", false),
    ("monitoring.coreos.com", "v1", "Prometheus", "prometheuses", true),
    ("monitoring.coreos.com", "v1", "Alertmanager", "alertmanagers", true),
    ("monitoring.coreos.com", "v1", "ServiceMonitor", "servicemonitors", true),
    ("monitoring.coreos.com", "v1", "PrometheusRule", "prometheusrules", true),
    ("backup.corp.example", "v1", "Backup", "backups", true),
];

/// `cert-manager.io/v1/certificates`, if the cluster serves the kind.
pub(super) fn resource(kind: &Kind) -> Option<String> {
    let (group, version, _, plural, _) = DEFINITIONS
        .iter()
        .find(|(group, _, name, ..)| *group == &*kind.group && *name == &*kind.kind)?;
    Some(format!("{group}/{version}/{plural}"))
}

/// Adds their definitions.
pub(crate) fn add(world: &mut World) {
    let kind_of_kind = "CustomResourceDefinition";
    for (group, version, kind, plural, namespaced) in DEFINITIONS {
        let singular = kind.to_ascii_lowercase();
        let names = node!({
            "kind": kind,
            "listKind": (format!("{kind}List")),
            "plural": plural,
            "singular": singular,
        });
        let schema = node!({ "openAPIV3Schema": {
            "type": "object",
            "x-kubernetes-preserve-unknown-fields": true,
        }});
        let established = node!({ "type": "Established", "status": "True" });
        world.add(node!({
            "apiVersion": "apiextensions.k8s.io/v1",
            "kind": kind_of_kind,
            "metadata": (merge(
                metadata(kind_of_kind, "", &format!("{plural}.{group}"), 400),
                &node!({ "generation": 1 }),
            )),
            "spec": {
                "group": group,
                "names": (names.clone()),
                "scope": (if namespaced { "Namespaced" } else { "Cluster" }),
                "versions": [{ "name": version, "served": true, "storage": true, "schema": schema }],
                "conversion": { "strategy": "None" },
            },
            "status": {
                "acceptedNames": names,
                "conditions": [established],
                "storedVersions": [version],
            },
        }));
    }
}
