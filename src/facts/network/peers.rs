//! What the rules of a policy let through, with selectors resolved to what they match now.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Way, place};
use crate::facts::Facts;
use crate::facts::kind::NAMESPACE;
use crate::facts::netpol::{Direction, Rules};
use crate::model::node::{Map, Node};
use crate::model::object::ObjectRef;
use crate::model::path::FieldPath;
use crate::model::selector::{self, Labels};

/// Most names that are kept of what a selector matches; the rest is counted.
const NAMED: usize = 40;

/// One peer of a rule, with the rule's ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// The policy.
    pub policy: ObjectRef,
    /// Which direction.
    pub way: Way,
    /// Where in the policy it stands.
    pub at: FieldPath,
    /// `TCP 443, 8443`; empty for every port.
    pub ports: String,
    /// Who it is.
    pub kind: PeerKind,
}

/// Who a peer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PeerKind {
    /// The rule names nobody: everything.
    Anything,
    /// Addresses.
    Addresses(Block),
    /// Pods by labels.
    Pods {
        /// The selectors in words: `app=web in namespaces team=pay`.
        selector: String,
        /// Every pod of the cluster.
        everything: bool,
        /// The namespaces that fit, in order, as many as are named.
        namespaces: Arc<[Box<str>]>,
        /// How many namespaces fit in all.
        spaces: usize,
        /// Workloads that fit, in order, as many as are named.
        workloads: Arc<[ObjectRef]>,
        /// How many workloads fit in all.
        matches: usize,
        /// Whether it takes every pod of its namespaces.
        whole: bool,
    },
}

impl Peer {
    /// Who it is, in words.
    #[must_use]
    pub fn name(&self) -> String {
        match &self.kind {
            PeerKind::Anything => "anything".to_owned(),
            PeerKind::Addresses(block) if block.everything => {
                format!("every address ({})", block.cidr)
            }
            PeerKind::Addresses(block) => format!("addresses {}", block.cidr),
            PeerKind::Pods { selector, .. } => selector.clone(),
        }
    }
}

/// A block of addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// `10.0.0.0/8`.
    pub cidr: String,
    /// Blocks that are left out of it.
    pub except: Vec<String>,
    /// Every address.
    pub everything: bool,
}

/// A label: key and value.
type Label = (Box<str>, Box<str>);

/// A namespace, and which of its sets of labels.
type NamespaceLabels = (Box<str>, usize);

/// Workloads by namespace and label, to look peers up in.
pub(super) struct Population {
    /// By namespace, each distinct set of labels with the workloads that carry it.
    sets: BTreeMap<Box<str>, Vec<(Node, BTreeSet<ObjectRef>)>>,
    /// By namespace, how many workloads are peers at all.
    heads: FxHashMap<Box<str>, usize>,
    /// By a label, where it is carried: namespace and place.
    by_label: FxHashMap<Label, Vec<NamespaceLabels>>,
    /// Labels of namespaces.
    namespaces: BTreeMap<Box<str>, Node>,
    /// By a label, the namespaces that carry it.
    spaces: FxHashMap<Label, Vec<Box<str>>>,
    /// What was looked up before, by namespace (where only the own one counts) and selectors.
    known: FxHashMap<String, Arc<Found>>,
}

/// What a pair of selectors matches. Peers share the names: there may be thousands of peers.
struct Found {
    namespaces: Arc<[Box<str>]>,
    spaces: usize,
    workloads: Arc<[ObjectRef]>,
    matches: usize,
}

impl Population {
    pub(super) fn of(facts: &Facts) -> Self {
        let mut namespaces = BTreeMap::new();
        let mut spaces: FxHashMap<_, Vec<Box<str>>> = FxHashMap::default();
        for name in facts.inventory().namespaces() {
            let object = facts.inventory().get(&NAMESPACE, "", name);
            let labels = object.and_then(|ns| ns.body().at(&["metadata", "labels"]));
            let labels = labels.cloned().unwrap_or(Node::Null);
            for (key, value) in pairs(&labels) {
                spaces.entry((key.into(), value.into())).or_default().push(name.into());
            }
            let implied = ("kubernetes.io/metadata.name".into(), name.into());
            let own = spaces.entry(implied).or_default();
            if own.is_empty() {
                own.push(name.into());
            }
            namespaces.insert(name.into(), labels);
        }
        let sets = BTreeMap::new();
        Self {
            sets,
            heads: FxHashMap::default(),
            by_label: FxHashMap::default(),
            namespaces,
            spaces,
            known: FxHashMap::default(),
        }
    }

    /// Takes workloads in: their labels and who they belong to, all of one namespace.
    pub(super) fn add(&mut self, namespace: &str, sets: Vec<(Node, BTreeSet<ObjectRef>)>) {
        for (at, (labels, _)) in sets.iter().enumerate() {
            for (key, value) in pairs(labels) {
                let places = self.by_label.entry((key.into(), value.into())).or_default();
                places.push((namespace.into(), at));
            }
        }
        let heads: BTreeSet<&ObjectRef> = sets.iter().flat_map(|(_, owners)| owners).collect();
        self.heads.insert(namespace.into(), heads.len());
        self.sets.insert(namespace.into(), sets);
    }

    /// The peers of a policy's rules in one direction.
    pub(super) fn peers(&mut self, policy: &Rules, way: Way) -> Vec<Arc<Peer>> {
        let direction = match way {
            Way::In => Direction::Ingress,
            Way::Out => Direction::Egress,
        };
        let id = &policy.0.id;
        let own = id.namespace.as_deref().unwrap_or_default();
        let mut found = Vec::new();
        for (at, rule) in policy.rules(direction).iter().enumerate() {
            let ports = ports(rule);
            let mut push = |peer: Option<usize>, kind| {
                let at = place(way, at, peer);
                let (policy, ports) = (id.clone(), ports.clone());
                found.push(Arc::new(Peer { policy, way, at, ports, kind }));
            };
            let peers = rule.list_at(&[direction.peers()]);
            if peers.is_empty() {
                push(None, PeerKind::Anything);
            }
            for (nth, peer) in peers.iter().enumerate() {
                push(Some(nth), self.kind(own, peer));
            }
        }
        found
    }

    fn kind(&mut self, own: &str, peer: &Node) -> PeerKind {
        if let Some(block) = peer.get("ipBlock") {
            return PeerKind::Addresses(address_block(block));
        }
        let (spaces, pods) = (peer.get("namespaceSelector"), peer.get("podSelector"));
        let whole = pods.is_none_or(selector::is_empty);
        let all = spaces.is_some_and(selector::is_empty);
        let found = self.find(own, spaces, pods);
        PeerKind::Pods {
            selector: words(own, spaces, pods),
            everything: all && whole,
            namespaces: Arc::clone(&found.namespaces),
            spaces: found.spaces,
            workloads: Arc::clone(&found.workloads),
            matches: found.matches,
            whole,
        }
    }

    fn find(&mut self, own: &str, spaces: Option<&Node>, pods: Option<&Node>) -> Arc<Found> {
        let text = |node: Option<&Node>| {
            node.map(|node| serde_json::to_string(node).unwrap_or_default()).unwrap_or_default()
        };
        let place = if spaces.is_none() { own } else { "" };
        let key = format!("{place}\0{}\0{}", text(spaces), text(pods));
        if let Some(found) = self.known.get(&key) {
            return Arc::clone(found);
        }
        let found = Arc::new(self.look(own, spaces, pods));
        self.known.insert(key, Arc::clone(&found));
        found
    }

    fn look(&self, own: &str, spaces: Option<&Node>, pods: Option<&Node>) -> Found {
        let namespaces: Vec<&str> = match spaces {
            None => vec![own],
            Some(selector) => self.namespaces_of(selector),
        };
        let Some(selector) = pods.filter(|selector| !selector::is_empty(selector)) else {
            // Every pod of these namespaces: their names say it.
            let heads = namespaces.iter().filter_map(|name| self.heads.get(*name));
            return Found {
                matches: heads.sum(),
                spaces: namespaces.len(),
                namespaces: named(namespaces).map(Into::into).collect(),
                workloads: Arc::default(),
            };
        };
        let wanted: BTreeSet<&str> = namespaces.into_iter().collect();
        let mut ids: BTreeSet<&ObjectRef> = BTreeSet::new();
        let mut places: BTreeSet<&str> = BTreeSet::new();
        let mut take = |namespace: &'_ str, at: usize| {
            let Some((name, sets)) = self.sets.get_key_value(namespace) else { return };
            let Some((labels, owners)) = sets.get(at) else { return };
            if selector::selects(selector, Labels::of(labels)) {
                ids.extend(owners);
                places.insert(name);
            }
        };
        match first_pair(selector) {
            Some((key, value)) => {
                let carried = self.by_label.get(&(key.into(), value.into()));
                for (namespace, at) in carried.into_iter().flatten() {
                    if wanted.contains(&**namespace) {
                        take(namespace, *at);
                    }
                }
            }
            None => {
                for namespace in &wanted {
                    for at in 0..self.sets.get(*namespace).map_or(0, Vec::len) {
                        take(namespace, at);
                    }
                }
            }
        }
        Found {
            matches: ids.len(),
            spaces: places.len(),
            workloads: named(ids).cloned().collect(),
            namespaces: named(places).map(Into::into).collect(),
        }
    }

    /// The namespaces that a selector matches, in order.
    fn namespaces_of(&self, selector: &Node) -> Vec<&str> {
        let fits = |name: &str| {
            let labels = self.namespaces.get(name).unwrap_or(&Node::Null);
            selector::selects(selector, Labels::of_namespace(labels, name))
        };
        match first_pair(selector) {
            Some((key, value)) => {
                let carried = self.spaces.get(&(key.into(), value.into()));
                carried
                    .into_iter()
                    .flatten()
                    .map(|name| &**name)
                    .filter(|name| fits(name))
                    .collect()
            }
            None => self.namespaces.keys().map(|name| &**name).filter(|name| fits(name)).collect(),
        }
    }
}

/// As many as are named.
fn named<T>(all: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
    all.into_iter().take(NAMED)
}

fn pairs(labels: &Node) -> impl Iterator<Item = (&str, &str)> {
    let map = labels.as_map().into_iter().flat_map(Map::iter);
    map.filter_map(|(key, value)| Some((key, value.as_str()?)))
}

/// The first label that a selector insists on: it narrows the search.
fn first_pair(selector: &Node) -> Option<(&str, &str)> {
    selector.get("matchLabels").and_then(|labels| pairs(labels).next())
}

fn address_block(block: &Node) -> Block {
    let cidr = block.str_at(&["cidr"]).unwrap_or_default().to_owned();
    let except = block.list_at(&["except"]).iter().filter_map(Node::as_str);
    let except: Vec<String> = except.map(str::to_owned).collect();
    let everything = except.is_empty() && matches!(&*cidr, "0.0.0.0/0" | "::/0");
    Block { cidr, except, everything }
}

/// The ports of a rule: `TCP 443, 8000-8100; UDP 53`.
fn ports(rule: &Node) -> String {
    let mut by_protocol: Vec<(&str, Vec<String>)> = Vec::new();
    for entry in rule.list_at(&["ports"]) {
        let protocol = entry.str_at(&["protocol"]).unwrap_or("TCP");
        let port = match entry.get("port") {
            None => "any port".to_owned(),
            Some(Node::Int(from)) => match entry.get("endPort").and_then(Node::as_int) {
                Some(to) => format!("{from}-{to}"),
                None => from.to_string(),
            },
            Some(named) => named.as_str().unwrap_or("?").to_owned(),
        };
        match by_protocol.iter_mut().find(|(known, _)| *known == protocol) {
            Some((_, ports)) => ports.push(port),
            None => by_protocol.push((protocol, vec![port])),
        }
    }
    let parts =
        by_protocol.iter().map(|(protocol, ports)| format!("{protocol} {}", ports.join(", ")));
    parts.collect::<Vec<_>>().join("; ")
}

const EVERY_POD: &str = "every pod";

/// A peer's selectors in words.
fn words(own: &str, spaces: Option<&Node>, pods: Option<&Node>) -> String {
    let pods = match pods.filter(|selector| !selector::is_empty(selector)) {
        None => EVERY_POD.to_owned(),
        Some(selector) => format!("pods {}", terms(selector)),
    };
    match spaces {
        None => format!("{pods} of {own}"),
        Some(selector) if selector::is_empty(selector) && pods == EVERY_POD => {
            format!("{pods} everywhere")
        }
        Some(selector) if selector::is_empty(selector) => format!("{pods} of every namespace"),
        Some(selector) => format!("{pods} of namespaces {}", terms(selector)),
    }
}

/// A selector as kubectl writes it: `app=web,tier in (front,back),!old`.
fn terms(selector: &Node) -> String {
    let labels = selector.get("matchLabels").into_iter().flat_map(pairs);
    let mut terms: Vec<String> = labels.map(|(key, value)| format!("{key}={value}")).collect();
    for expression in selector.list_at(&["matchExpressions"]) {
        let key = expression.str_at(&["key"]).unwrap_or("?");
        let values = expression.list_at(&["values"]).iter().filter_map(Node::as_str);
        let values = values.collect::<Vec<_>>().join(",");
        terms.push(match expression.str_at(&["operator"]) {
            Some("In") => format!("{key} in ({values})"),
            Some("NotIn") => format!("{key} notin ({values})"),
            Some("Exists") => key.to_owned(),
            Some("DoesNotExist") => format!("!{key}"),
            _ => format!("{key} ?"),
        });
    }
    terms.join(",")
}
