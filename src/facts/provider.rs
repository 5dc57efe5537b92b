//! `facts.platform`: which distribution or cloud the cluster runs on.

use super::kind::NODE;
use super::nodes::is_control_plane;
use super::unknown::{Draft, Fact, Reads};
use crate::model::inventory::{Inventory, PROVIDERS};
use crate::model::node::{Map, Node};
use crate::model::object::Object;
use crate::model::read::Missing;

/// Parts of version strings that only one provider writes.
const VERSIONS: [(&str, &str); 4] =
    [("-eks-", "eks"), ("-gke.", "gke"), ("+k3s", "k3s"), ("+rke2", "rke2")];

/// Node labels that only one provider sets; a `/` at the end stands for any name of that prefix.
const LABELS: [(&str, &str); 10] = [
    ("eks.amazonaws.com/", "eks"),
    ("alpha.eksctl.io/", "eks"),
    ("cloud.google.com/gke-nodepool", "gke"),
    ("kubernetes.azure.com/", "aks"),
    ("node.openshift.io/", "openshift"),
    ("k3s.io/", "k3s"),
    ("node.k3s.io/", "k3s"),
    ("node.rke2.io/", "rke2"),
    ("io.x-k8s.kind.", "kind"),
    ("minikube.k8s.io/", "self-managed"),
];

/// Schemes of `spec.providerID` that name a distribution.
const SCHEMES: [(&str, &str); 3] = [("kind", "kind"), ("k3s", "k3s"), ("rke2", "rke2")];

/// Schemes of `spec.providerID` that name a cloud with a metadata service.
const CLOUDS: [(&str, &str); 23] = [
    ("aws", "aws"),
    ("gce", "gcp"),
    ("azure", "azure"),
    ("digitalocean", "other"),
    ("openstack", "other"),
    ("alicloud", "other"),
    ("oci", "other"),
    ("ocid1", "other"),
    ("ibm", "other"),
    ("ibmcloud", "other"),
    ("ibmpowervs", "other"),
    ("hcloud", "other"),
    ("linode", "other"),
    ("vultr", "other"),
    ("scaleway", "other"),
    ("exoscale", "other"),
    ("civo", "other"),
    ("huaweicloud", "other"),
    ("equinixmetal", "other"),
    ("qcloud", "other"),
    ("tencentcloud", "other"),
    ("ovh", "other"),
    ("yandex", "other"),
];

/// Schemes of `spec.providerID` that rule a cloud out.
const NO_CLOUD: [&str; 6] = ["kind", "vsphere", "metal3", "baremetalhost", "proxmox", "libvirt"];

/// What is known of the platform.
#[derive(Debug, PartialEq)]
pub(crate) struct Platform {
    /// The provider's word, once it is named by something or ruled out by a read.
    pub(crate) provider: Option<&'static str>,
    /// `aws`, `gcp`, `azure`, `other`, or empty for none recognised.
    pub(crate) cloud: &'static str,
    /// Whether `cloud` is the last word.
    cloud_known: bool,
    /// Why nodes could not be looked at.
    unread: Option<Missing>,
}

impl Platform {
    pub(crate) fn of(inventory: &Inventory, reads: &Reads) -> Self {
        let nodes = inventory.of(&NODE);
        let unread = reads.list(&NODE, None).err();
        let named = known_word(&inventory.source.provider);
        let version = inventory.source.kubernetes.as_deref().unwrap_or_default();
        let by_node = || nodes.iter().find_map(|node| by_node(node));
        let provider = named.or_else(|| by_version(version)).or_else(by_node).or_else(|| {
            let own = nodes.iter().any(|node| is_control_plane(node));
            if own { Some("self-managed") } else { unread.is_none().then_some("unknown") }
        });
        let by_provider = match provider {
            Some("eks") => "aws",
            Some("gke") => "gcp",
            Some("aks") => "azure",
            _ => "",
        };
        let by_scheme = nodes.iter().find_map(|n| word_of(scheme(n), &CLOUDS)).unwrap_or_default();
        let cloud = if by_provider.is_empty() { by_scheme } else { by_provider };
        let ruled_out = !nodes.is_empty() && nodes.iter().all(|n| NO_CLOUD.contains(&scheme(n)));
        let cloud_known = !cloud.is_empty() || ruled_out && unread.is_none();
        Self { provider, cloud, cloud_known, unread }
    }

    /// `facts.platform`.
    pub(crate) fn fact(&self) -> Fact {
        let mut draft = Draft::default();
        match (self.provider, &self.unread) {
            (Some(provider), _) => draft.set("provider", provider),
            (None, Some(missing)) => draft.put("provider", Err::<bool, _>(missing.clone())),
            (None, None) => {}
        }
        let blind = self.unread.as_ref().filter(|_| self.cloud.is_empty());
        match blind {
            None => {
                draft.set("cloud", !self.cloud.is_empty());
                draft.set("cloudKnown", self.cloud_known);
                draft.set("cloudProvider", self.cloud);
            }
            Some(missing) => {
                for member in ["cloud", "cloudKnown", "cloudProvider"] {
                    draft.put(member, Err::<bool, _>(missing.clone()));
                }
            }
        }
        draft.finish()
    }
}

fn known_word(word: &str) -> Option<&'static str> {
    PROVIDERS.into_iter().chain(["unknown"]).find(|known| *known == word)
}

fn by_version(version: &str) -> Option<&'static str> {
    VERSIONS.iter().find(|(part, _)| version.contains(part)).map(|(_, word)| *word)
}

fn by_node(node: &Object) -> Option<&'static str> {
    let labels = node.body().at(&["metadata", "labels"]).and_then(Node::as_map);
    let by_label = || {
        labels.into_iter().flat_map(Map::iter).find_map(|(key, value)| {
            let fits = |pattern: &str| key == pattern || any_of(pattern, key);
            let instance = || match (key, value.as_str()) {
                ("node.kubernetes.io/instance-type", Some("k3s")) => Some("k3s"),
                ("node.kubernetes.io/instance-type", Some("rke2")) => Some("rke2"),
                _ => None,
            };
            LABELS.iter().find(|(p, _)| fits(p)).map(|(_, word)| *word).or_else(instance)
        })
    };
    let version = node.body().str_at(&["status", "nodeInfo", "kubeletVersion"]);
    word_of(scheme(node), &SCHEMES).or_else(|| version.and_then(by_version)).or_else(by_label)
}

/// Whether a label key has the prefix that a pattern ends in.
fn any_of(pattern: &str, key: &str) -> bool {
    pattern.ends_with(['/', '.']) && key.starts_with(pattern)
}

fn word_of(name: &str, words: &[(&str, &'static str)]) -> Option<&'static str> {
    words.iter().find(|(known, _)| *known == name).map(|(_, word)| *word)
}

/// The scheme of a node's providerID; empty when it has none.
fn scheme(node: &Object) -> &str {
    let id = node.body().str_at(&["spec", "providerID"]).unwrap_or_default();
    id.split_once("://").map_or_else(|| id.split('.').next().unwrap_or_default(), |(s, _)| s)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::testing::World;
    use crate::facts::{FactName, Target};
    use serde_json::{Value, json};

    fn platform(world: &World) -> (Value, bool) {
        let fact = world.facts().get(FactName::Platform, &Target::Cluster);
        (fact.node().map_or(Value::Null, |n| n.to_json()), fact.missing().is_some())
    }

    fn node(world: &mut World, labels: &Value, spec: &Value, kubelet: &str) {
        world.add(&json!({"apiVersion": "v1", "kind": "Node",
            "metadata": {"name": format!("n{}", world.objects.len()), "labels": labels},
            "spec": spec, "status": {"nodeInfo": {"kubeletVersion": kubelet}}}));
    }

    #[test]
    fn providers_are_told_by_nodes() {
        for (labels, id, kubelet, provider, cloud, known) in [
            (
                json!({"eks.amazonaws.com/nodegroup": "a"}),
                "aws:///eu/i-1",
                "v1.30.2",
                "eks",
                "aws",
                true,
            ),
            (
                json!({"cloud.google.com/gke-nodepool": "a"}),
                "gce://p/z/n",
                "v1.30.2-gke.15",
                "gke",
                "gcp",
                true,
            ),
            (
                json!({"kubernetes.azure.com/cluster": "a"}),
                "azure:///x",
                "v1.30.2",
                "aks",
                "azure",
                true,
            ),
            (json!({"node.openshift.io/os_id": "rhcos"}), "", "v1.30.2", "openshift", "", false),
            (json!({}), "k3s://n", "v1.30.2+k3s1", "k3s", "", false),
            (json!({}), "", "v1.30.2+rke2r1", "rke2", "", false),
            (json!({}), "kind://docker/a/b", "v1.30.2", "kind", "", true),
            (
                json!({"node-role.kubernetes.io/control-plane": ""}),
                "",
                "v1.30.2",
                "self-managed",
                "",
                false,
            ),
            (
                json!({"node-role.kubernetes.io/control-plane": ""}),
                "vsphere://1",
                "v1.30.2",
                "self-managed",
                "",
                true,
            ),
            (json!({}), "hcloud://1", "v1.30.2", "unknown", "other", true),
            (json!({}), "", "", "unknown", "", false),
        ] {
            let mut world = World::complete();
            node(&mut world, &labels, &json!({"providerID": id}), kubelet);
            let expected = json!({"provider": provider, "cloud": !cloud.is_empty(),
                "cloudKnown": known, "cloudProvider": cloud});
            assert_eq!(platform(&world), (expected, false), "{provider} {id}");
        }
    }

    #[test]
    fn unread_nodes_leave_open_what_the_version_does_not_say() {
        let mut world = World::complete();
        world.forbid(&NODE);
        assert_eq!(platform(&world), (Value::Null, true));
        world.source.kubernetes = Some("v1.31.1-eks-abc".to_owned());
        let expected =
            json!({"provider": "eks", "cloud": true, "cloudKnown": true, "cloudProvider": "aws"});
        assert_eq!(platform(&world), (expected, false));
        world.source.kubernetes = Some("v1.31.1+k3s1".to_owned());
        assert_eq!(platform(&world), (json!({"provider": "k3s"}), true));
        world.source.provider = "gke".to_owned();
        assert_eq!(platform(&world).0["cloudProvider"], "gcp");
    }

    #[test]
    fn malformed_nodes_say_nothing() {
        let mut world = World::complete();
        node(&mut world, &json!(["x"]), &json!({"providerID": 3}), "");
        assert_eq!(platform(&world).0["provider"], "unknown");
    }
}
