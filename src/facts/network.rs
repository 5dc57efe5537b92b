//! Who is isolated and who reaches whom: namespaces with their default deny, workloads with the
//! policies that select them, and what those let in and out.

mod build;
mod peers;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::{Answer, FactName, Facts};
use crate::model::kinds::Kind;
use crate::model::object::ObjectRef;
use crate::model::path::FieldPath;
use crate::model::read::Missing;

pub use peers::{Block, Peer, PeerKind};

/// Network policies and what they come to, as far as it could be read.
#[derive(Debug, Default)]
pub struct Network {
    /// The network plug-in, and whether it does what policies say.
    pub plugin: Plugin,
    /// Every namespace, in order.
    pub zones: Vec<Arc<Zone>>,
    /// Policies of other kinds, which are not evaluated.
    pub foreign: Vec<ObjectRef>,
    /// What could not be read.
    pub unknown: Vec<Arc<Missing>>,
    by_name: FxHashMap<Box<str>, usize>,
}

/// The network plug-in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plugin {
    /// Its name, where one is recognised and it is certain what it does.
    pub name: Option<String>,
    /// Whether it enforces network policies; why that is not known otherwise.
    pub enforces: Answer<bool>,
    /// The object that shows it.
    pub detail: String,
}

impl Default for Plugin {
    fn default() -> Self {
        let reason = "nothing was read".to_owned();
        let missing = super::unknown::open_question("network plug-in", None, reason);
        Self { name: None, enforces: Err(missing), detail: String::new() }
    }
}

/// One direction of traffic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Way {
    /// What comes in.
    In,
    /// What goes out.
    Out,
}

impl Way {
    /// Both.
    pub const ALL: [Self; 2] = [Self::In, Self::Out];

    /// `ingress`, `egress`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::In => "ingress",
            Self::Out => "egress",
        }
    }
}

/// Something known of both directions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Both<T> {
    /// Of what comes in.
    pub ingress: T,
    /// Of what goes out.
    pub egress: T,
}

impl<T> Both<T> {
    /// Of one direction.
    #[must_use]
    pub fn of(&self, way: Way) -> &T {
        match way {
            Way::In => &self.ingress,
            Way::Out => &self.egress,
        }
    }
}

/// A namespace.
#[derive(Clone, Debug)]
pub struct Zone {
    /// Its name.
    pub name: Box<str>,
    /// Whether a policy shuts a direction for every pod of it.
    pub deny: Both<Answer<bool>>,
    /// How many of its pods are isolated in a direction, and of how many that is not known.
    pub isolated: Both<Count>,
    /// Its pods with a network of their own; a workload without live pods counts once.
    pub pods: usize,
    /// Why there may be more pods.
    pub more: Option<Missing>,
    /// Pods on the node's network, which no policy binds.
    pub outside: usize,
    /// Its policies, in order.
    pub policies: Vec<Arc<Policy>>,
    /// Why there may be more policies.
    pub unread: Option<Missing>,
    /// Its workloads, those that are isolated least first.
    pub workloads: Vec<Arc<Station>>,
    /// A policy of another kind that bears on it and is not evaluated.
    pub foreign: Option<String>,
}

/// How many of some pods.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// For certain.
    pub yes: usize,
    /// Of how many it is not known.
    pub unknown: usize,
}

/// A `NetworkPolicy`.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Which.
    pub id: ObjectRef,
    /// Which directions it isolates.
    pub isolates: Both<bool>,
    /// It selects every pod of its namespace.
    pub everybody: bool,
    /// How many pods it selects.
    pub selects: usize,
    /// What its rules let through.
    pub peers: Both<Vec<Arc<Peer>>>,
}

/// A workload, or pods that are isolated alike.
#[derive(Clone, Debug)]
pub struct Station {
    /// The topmost owner of the pods.
    pub id: ObjectRef,
    /// How many live pods it has.
    pub pods: usize,
    /// It is on the node's network: no policy binds it.
    pub outside: bool,
    /// The policies that select it.
    pub policies: Vec<Arc<Policy>>,
    /// Whether it is isolated.
    pub isolated: Both<Answer<bool>>,
    /// Whether it reaches the metadata service of the cloud.
    pub metadata: Answer<bool>,
    /// Whether it reaches the API server or etcd.
    pub control_plane: Answer<bool>,
    /// Whether it reaches the kubelets.
    pub kubelets: Answer<bool>,
}

impl Station {
    /// How many pods it counts as.
    #[must_use]
    pub fn counts(&self) -> usize {
        self.pods.max(1)
    }

    /// What may come in or go out, policy by policy; empty where nothing may, or where it is not
    /// isolated and everything may.
    pub fn peers(&self, way: Way) -> impl Iterator<Item = &Arc<Peer>> {
        self.policies.iter().flat_map(move |policy| policy.peers.of(way))
    }
}

impl Network {
    /// Works it out. Takes time with the number of pods and policies; belongs off the task that
    /// answers keys.
    #[must_use]
    pub fn of(facts: &Facts) -> Self {
        build::network(facts)
    }

    /// The kinds whose objects say who reaches whom.
    #[must_use]
    pub fn kinds() -> Vec<Kind> {
        let scopes = ["object", "namespace", "cluster"];
        let mut kinds: Vec<Kind> =
            scopes.iter().flat_map(|scope| FactName::Netpol.kinds(scope)).collect();
        kinds.extend(FactName::Cni.kinds("cluster"));
        kinds.sort();
        kinds.dedup();
        kinds
    }

    /// A namespace.
    #[must_use]
    pub fn zone(&self, name: &str) -> Option<&Arc<Zone>> {
        self.zones.get(*self.by_name.get(name)?)
    }

    /// A workload, by its name and the place among those of that name (pods of one workload may
    /// be isolated differently).
    #[must_use]
    pub fn station(&self, id: &ObjectRef, place: usize) -> Option<&Arc<Station>> {
        let zone = self.zone(id.namespace.as_deref().unwrap_or_default())?;
        zone.workloads.iter().filter(|station| station.id == *id).nth(place)
    }
}

/// Where in a policy a rule or a peer of it stands.
fn place(way: Way, rule: usize, peer: Option<usize>) -> FieldPath {
    let rules = FieldPath::default().field("spec").field(way.word()).index(rule);
    match (way, peer) {
        (_, None) => rules,
        (Way::In, Some(at)) => rules.field("from").index(at),
        (Way::Out, Some(at)) => rules.field("to").index(at),
    }
}
