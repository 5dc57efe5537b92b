//! Which addresses outside the pods a set of policies lets through: the cloud's metadata service,
//! the kubelets, the control plane.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::policy::{Blind, Endpoint, Policy};
use crate::facts::kind::ENDPOINT_SLICE;
use crate::facts::nodes::Nodes;
use crate::facts::unknown::{Answer, Reads, open_question};
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::object::Object;

/// Ports of the kubelet: its API and, on old nodes, the read-only one.
const KUBELET_PORTS: [u16; 2] = [10250, 10255];
/// Ports of etcd.
const ETCD_PORTS: [u16; 2] = [2379, 2380];
/// Ports on which API servers listen when nothing says otherwise.
const API_PORTS: [u16; 2] = [6443, 443];

/// The addresses whose reach is asked about.
#[derive(Debug, PartialEq)]
pub(crate) struct Addresses {
    metadata: Vec<Endpoint>,
    kubelets: Answer<Vec<Endpoint>>,
    etcd: Answer<Vec<Endpoint>>,
    api: Answer<Vec<Endpoint>>,
}

impl Addresses {
    /// Collects them. `cloud` is the cloud provider: `aws`, `gcp`, `azure`, `other`, empty for
    /// none or unknown.
    pub(crate) fn of(inventory: &Inventory, reads: &Reads, nodes: &Nodes, cloud: &str) -> Self {
        let on = |addresses: &[IpAddr], ports: &[u16]| -> Vec<Endpoint> {
            addresses.iter().flat_map(|a| ports.iter().map(move |p| (*a, *p))).collect()
        };
        // Every cluster has nodes: where none is among the objects, they were not shown.
        let known = match nodes.known.clone() {
            Ok(()) if nodes.addresses.is_empty() => {
                let reason = "no node is among the objects, so that no address of a kubelet or of the \
                              control plane is known";
                Err(open_question("nodes", None, reason.to_owned()))
            }
            known => known,
        };
        let etcd = known.clone().map(|()| on(&nodes.control_plane, &ETCD_PORTS));
        let api = api_endpoints(inventory, reads).and_then(|found| match found {
            Some(found) => Ok(found),
            None => known.clone().and_then(|()| match on(&nodes.control_plane, &[6443]) {
                // Every cluster has an API server.
                none if none.is_empty() => {
                    let reason = "neither a node of the control plane nor an EndpointSlice of the Service \
                                  kubernetes is among the objects, so that no address of the API server is known";
                    Err(open_question("endpointslices", Some("default"), reason.to_owned()))
                }
                found => Ok(found),
            }),
        });
        Self {
            metadata: metadata(cloud),
            kubelets: known.map(|()| on(&nodes.addresses, &KUBELET_PORTS)),
            etcd,
            api,
        }
    }

    /// Whether the cloud's metadata service is let through.
    #[allow(clippy::unnecessary_wraps, reason = "one shape for the three answers")]
    pub(crate) fn metadata(&self, policies: &[&Policy]) -> Answer<bool> {
        Ok(any_admits(policies, &self.metadata))
    }

    /// Which addresses of the metadata service are let through; all of them where no policy says.
    pub(crate) fn metadata_open(&self, policies: &[&Policy]) -> String {
        let open = |endpoint: &&Endpoint| policies.iter().any(|policy| policy.admits(**endpoint));
        let said: Vec<&Endpoint> = self.metadata.iter().filter(open).collect();
        let all = if said.is_empty() { self.metadata.iter().collect() } else { said };
        let mut addresses: Vec<String> = all.iter().map(|(ip, _)| ip.to_string()).collect();
        addresses.dedup();
        addresses.join(", ")
    }

    /// Whether some kubelet is let through.
    pub(crate) fn kubelet(&self, policies: &[&Policy]) -> Answer<bool> {
        admitted(policies, &self.kubelets, &KUBELET_PORTS)
    }

    /// Whether etcd or the API server is let through.
    pub(crate) fn control_plane(&self, policies: &[&Policy]) -> Answer<bool> {
        let etcd = admitted(policies, &self.etcd, &ETCD_PORTS);
        let api = admitted(policies, &self.api, &API_PORTS);
        match (etcd, api) {
            (Ok(true), _) | (_, Ok(true)) => Ok(true),
            (Err(missing), _) | (_, Err(missing)) => Err(missing),
            (Ok(false), Ok(false)) => Ok(false),
        }
    }
}

/// The metadata service of AWS, Google, Azure and others, AWS over IPv6, and Azure's wire server.
fn metadata(cloud: &str) -> Vec<Endpoint> {
    let mut list = vec![(IpAddr::V4(Ipv4Addr::new(169, 254, 169, 254)), 80)];
    if matches!(cloud, "aws" | "") {
        list.push((IpAddr::V6(Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)), 80));
    }
    if matches!(cloud, "azure" | "") {
        let wire_server = IpAddr::V4(Ipv4Addr::new(168, 63, 129, 16));
        list.extend([(wire_server, 80), (wire_server, 32526)]);
    }
    list
}

fn any_admits(policies: &[&Policy], endpoints: &[Endpoint]) -> bool {
    endpoints.iter().any(|endpoint| policies.iter().any(|policy| policy.admits(*endpoint)))
}

/// Whether some of these addresses is let through. Without addresses only rules that let
/// everything or nothing through decide.
fn admitted(
    policies: &[&Policy],
    endpoints: &Answer<Vec<Endpoint>>,
    ports: &[u16],
) -> Answer<bool> {
    let blind = || policies.iter().map(|policy| policy.blind(ports)).max().unwrap_or(Blind::Shut);
    match endpoints {
        Ok(endpoints) if !endpoints.is_empty() => Ok(any_admits(policies, endpoints)),
        Ok(_) => Ok(blind() == Blind::Open),
        Err(missing) => match blind() {
            Blind::Open => Ok(true),
            Blind::Shut => Ok(false),
            Blind::Depends => Err(missing.clone()),
        },
    }
}

/// Where the API server listens, from the slices of the Service default/kubernetes; none when
/// there is proven to be no slice.
fn api_endpoints(inventory: &Inventory, reads: &Reads) -> Answer<Option<Vec<Endpoint>>> {
    let slices = inventory.in_namespace(&ENDPOINT_SLICE, "default").iter();
    let found: Vec<Endpoint> =
        slices.filter(|slice| is_api_slice(slice)).flat_map(|slice| endpoints(slice)).collect();
    if found.is_empty() {
        return reads.list(&ENDPOINT_SLICE, Some("default")).map(|()| None);
    }
    Ok(Some(found))
}

fn is_api_slice(slice: &Object) -> bool {
    slice.label("kubernetes.io/service-name").unwrap_or(&slice.id.name) == "kubernetes"
}

fn endpoints(slice: &Object) -> Vec<Endpoint> {
    let body = slice.body();
    let ports: Vec<u16> = body
        .list_at(&["ports"])
        .iter()
        .filter_map(|port| port.get("port").and_then(Node::as_int))
        .filter_map(|port| u16::try_from(port).ok())
        .collect();
    body.list_at(&["endpoints"])
        .iter()
        .flat_map(|endpoint| endpoint.list_at(&["addresses"]))
        .filter_map(|address| address.as_str()?.parse().ok())
        .flat_map(|address: IpAddr| ports.iter().map(move |port| (address, *port)))
        .collect()
}
