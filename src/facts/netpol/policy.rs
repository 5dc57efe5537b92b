//! One `NetworkPolicy`: whom it selects, which directions it isolates, what it lets pass.

use std::net::IpAddr;
use std::sync::Arc;

use crate::model::cidr::Cidr;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::selector::{self, Labels};

/// Ports of DNS and multicast DNS.
const DNS_PORTS: [i64; 2] = [53, 5353];

/// A direction of traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Ingress,
    Egress,
}

impl Direction {
    /// The field that holds its rules.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }

    /// The field of a rule that holds its peers.
    pub(crate) fn peers(self) -> &'static str {
        match self {
            Self::Ingress => "from",
            Self::Egress => "to",
        }
    }
}

/// A policy of networking.k8s.io.
#[derive(Clone, Debug)]
pub(crate) struct Policy(pub(crate) Arc<Object>);

/// An address and a TCP port.
pub(crate) type Endpoint = (IpAddr, u16);

impl Policy {
    pub(crate) fn spec(&self) -> Option<&Node> {
        self.0.body().get("spec")
    }

    /// Whether it isolates pods in a direction: as `policyTypes` says, else ingress always and
    /// egress when there are egress rules.
    pub(crate) fn isolates(&self, direction: Direction) -> bool {
        let Some(spec) = self.spec() else { return direction == Direction::Ingress };
        let types = spec.list_at(&["policyTypes"]);
        if !types.is_empty() {
            let word = match direction {
                Direction::Ingress => "Ingress",
                Direction::Egress => "Egress",
            };
            return types.iter().any(|item| item.as_str() == Some(word));
        }
        direction == Direction::Ingress || !spec.list_at(&["egress"]).is_empty()
    }

    /// The rules of a direction; none for a direction that it does not isolate.
    pub(crate) fn rules(&self, direction: Direction) -> &[Node] {
        let spec = self.spec().filter(|_| self.isolates(direction));
        spec.map(|spec| spec.list_at(&[direction.field()])).unwrap_or_default()
    }

    /// Whether its podSelector is empty, so that it selects every pod of its namespace.
    pub(crate) fn selects_all(&self) -> bool {
        self.spec().and_then(|s| s.get("podSelector")).is_none_or(selector::is_empty)
    }

    /// Whether it selects a pod with these labels.
    pub(crate) fn selects(&self, labels: &Node) -> bool {
        let selector = self.spec().and_then(|s| s.get("podSelector"));
        selector.is_none_or(|selector| selector::selects(selector, Labels::of(labels)))
    }

    /// Whether it shuts a direction for every pod: nothing passes, or nothing but DNS going out.
    pub(crate) fn denies_all(&self, direction: Direction) -> bool {
        let dns = |rule: &Node| direction == Direction::Egress && is_dns_only(rule);
        self.selects_all() && self.isolates(direction) && self.rules(direction).iter().all(dns)
    }

    /// Whether some egress rule lets a TCP connection to this address and port pass. Peers by
    /// labels never match addresses outside the cluster's pods.
    pub(crate) fn admits(&self, (address, port): Endpoint) -> bool {
        self.rules(Direction::Egress).iter().any(|rule| {
            ports_admit(rule, port)
                && (is_open(rule) || blocks(rule).any(|block| block_admits(block, address)))
        })
    }

    /// What its egress rules say about one of these ports when the addresses are not known.
    pub(crate) fn blind(&self, ports: &[u16]) -> Blind {
        let rules = self.rules(Direction::Egress).iter();
        rules
            .filter(|rule| ports.iter().any(|port| ports_admit(rule, *port)))
            .map(|rule| {
                let everything = |block: &Node| {
                    block.list_at(&["except"]).is_empty()
                        && cidr_of(block).is_some_and(Cidr::is_everything)
                };
                if is_open(rule) || blocks(rule).any(everything) {
                    Blind::Open
                } else if blocks(rule).next().is_some() {
                    Blind::Depends
                } else {
                    Blind::Shut
                }
            })
            .max()
            .unwrap_or(Blind::Shut)
    }
}

/// What a policy says about addresses that are not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Blind {
    /// No address outside the pods can be reached.
    Shut,
    /// Some blocks can; whether the address lies in one is not known.
    Depends,
    /// Every address can.
    Open,
}

/// Whether a rule names no peer: everything passes.
fn is_open(rule: &Node) -> bool {
    rule.list_at(&["to"]).is_empty()
}

fn blocks(rule: &Node) -> impl Iterator<Item = &Node> {
    rule.list_at(&["to"]).iter().filter_map(|peer| peer.get("ipBlock"))
}

pub(crate) fn cidr_of(block: &Node) -> Option<Cidr> {
    block.str_at(&["cidr"]).and_then(Cidr::parse)
}

fn block_admits(block: &Node, address: IpAddr) -> bool {
    let excepted = || {
        block
            .list_at(&["except"])
            .iter()
            .filter_map(|item| item.as_str().and_then(Cidr::parse))
            .any(|except| except.contains(address))
    };
    cidr_of(block).is_some_and(|cidr| cidr.contains(address)) && !excepted()
}

/// Whether a rule lets TCP through to a port number. A named port is a port of a pod and never
/// one of these.
fn ports_admit(rule: &Node, port: u16) -> bool {
    let ports = rule.list_at(&["ports"]);
    ports.is_empty()
        || ports.iter().any(|entry| {
            let tcp = entry.str_at(&["protocol"]).unwrap_or("TCP") == "TCP";
            let number = match entry.get("port") {
                None => true,
                Some(from) => from.as_int().is_some_and(|from| {
                    let to = entry.get("endPort").and_then(Node::as_int).unwrap_or(from);
                    (from..=to).contains(&i64::from(port))
                }),
            };
            tcp && number
        })
}

/// Whether a rule names ports, and only those of DNS.
fn is_dns_only(rule: &Node) -> bool {
    let ports = rule.list_at(&["ports"]);
    let dns = |entry: &Node| {
        let port = entry.get("port").and_then(Node::as_int);
        entry.get("endPort").is_none() && port.is_some_and(|port| DNS_PORTS.contains(&port))
    };
    !ports.is_empty() && ports.iter().all(dns)
}
