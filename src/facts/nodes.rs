//! `facts.nodes`: addresses of the nodes.

use std::net::IpAddr;

use super::kind::NODE;
use super::unknown::{Answer, Draft, Fact, Reads};
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::Object;

/// Labels of nodes that run the control plane or etcd.
const CONTROL_PLANE: [&str; 3] = [
    "node-role.kubernetes.io/control-plane",
    "node-role.kubernetes.io/master",
    "node-role.kubernetes.io/etcd",
];

/// The addresses of an inventory's nodes.
#[derive(Debug, PartialEq)]
pub(crate) struct Nodes {
    /// Whether all nodes were read.
    pub(crate) known: Answer<()>,
    /// Internal and external addresses of all nodes.
    pub(crate) addresses: Vec<IpAddr>,
    /// Those of nodes that run the control plane.
    pub(crate) control_plane: Vec<IpAddr>,
}

impl Nodes {
    pub(crate) fn of(inventory: &Inventory, reads: &Reads) -> Self {
        let nodes = inventory.of(&NODE);
        let control = nodes.iter().filter(|node| is_control_plane(node));
        Self {
            known: reads.list(&NODE, None),
            addresses: nodes.iter().flat_map(|node| addresses(node)).collect(),
            control_plane: control.flat_map(|node| addresses(node)).collect(),
        }
    }

    /// `facts.nodes`.
    pub(crate) fn fact(&self) -> Fact {
        let texts = |list: &[IpAddr]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
        let mut draft = Draft::default();
        draft.put("addresses", self.known.clone().map(|()| texts(&self.addresses)));
        draft.put("controlPlane", self.known.clone().map(|()| texts(&self.control_plane)));
        draft.finish()
    }
}

/// Whether a node runs the control plane, by its role labels.
pub(crate) fn is_control_plane(node: &Object) -> bool {
    let labels = node.body().at(&["metadata", "labels"]);
    CONTROL_PLANE.iter().any(|label| labels.and_then(|l| l.get(label)).is_some())
}

fn addresses(node: &Object) -> impl Iterator<Item = IpAddr> {
    let is_ip = |kind: &str| matches!(kind, "InternalIP" | "ExternalIP");
    let list: Vec<IpAddr> = node
        .body()
        .list_at(&["status", "addresses"])
        .iter()
        .filter(|entry: &&Node| entry.str_at(&["type"]).is_some_and(is_ip))
        .filter_map(|entry| entry.str_at(&["address"])?.parse().ok())
        .collect();
    list.into_iter()
}
