//! `facts.netpol`: which network policies cover a namespace, a pod or nothing.

mod foreign;
mod peers;
mod places;
mod policy;
mod population;
mod reach;

use std::collections::BTreeSet;
use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use super::by_namespace::ByNamespace;
use super::inputs::PodInputs;
use super::kind::{NETWORK_POLICY, required_workloads};
use super::unknown::{Answer, Draft, Fact, Reads, exists, open_question};
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::Object;
use foreign::Foreign;
pub(crate) use peers::News as PeerNews;
use places::LabelledNamespaces;
use policy::Policy;
pub(crate) use policy::{Direction, Policy as Rules};
pub(crate) use population::Population;
pub(crate) use reach::Addresses;

/// The kinds of other policy engines.
pub(crate) fn foreign_kinds() -> impl Iterator<Item = Kind> {
    foreign::kinds()
}

/// Everything about network policies, joined once per inventory. Its parts are shared with what it is
/// after a change that does not bear on them.
#[derive(Clone, Debug)]
pub(crate) struct Netpol {
    here: ByNamespace<Here>,
    population: Arc<Population>,
    around: Arc<Around>,
    places: Arc<LabelledNamespaces>,
}

/// The policies of one namespace.
#[derive(Debug, Default)]
struct Here {
    policies: Vec<Policy>,
    /// Facts of pods by the places of the policies that select them.
    pods: RwLock<FxHashMap<Vec<usize>, Fact>>,
}

impl Here {
    fn of(inventory: &Inventory, namespace: &str) -> Self {
        let policies = inventory.in_namespace(&NETWORK_POLICY, namespace).iter();
        Self {
            policies: policies.map(|object| Policy(Arc::clone(object))).collect(),
            pods: RwLock::default(),
        }
    }
}

/// What facts about pods rest on beside the policies of their namespace.
#[derive(Debug, PartialEq)]
pub(crate) struct Around {
    foreign: Foreign,
    addresses: Addresses,
}

impl Around {
    pub(crate) fn of(inventory: &Inventory, reads: &Reads, addresses: Addresses) -> Self {
        Self { foreign: Foreign::of(inventory, reads), addresses }
    }
}

impl Netpol {
    /// Joins policies and pods.
    pub(crate) fn of(inventory: &Inventory, around: Around, population: Arc<Population>) -> Self {
        Self {
            here: ByNamespace::of(inventory, |name| Here::of(inventory, name)),
            population,
            around: Arc::new(around),
            places: Arc::new(LabelledNamespaces::of(inventory)),
        }
    }

    /// The same after the policies in some namespaces changed.
    pub(crate) fn with_policies(self, inventory: &Inventory, namespaces: &BTreeSet<&str>) -> Self {
        let here = self.here.after(namespaces, |name| Here::of(inventory, name));
        Self { here, ..self }
    }

    /// The same after something around the policies may have changed.
    pub(crate) fn with_around(self, inventory: &Inventory, around: Around) -> Self {
        if *self.around == around {
            return self;
        }
        // What is remembered of pods rests on it.
        let here = ByNamespace::of(inventory, |name| Here::of(inventory, name));
        Self { here, around: Arc::new(around), ..self }
    }

    /// The same after Namespaces changed, or other ones are in use.
    pub(crate) fn with_places(mut self, inventory: &Inventory) -> Self {
        let names = inventory.namespaces();
        let new = names.into_iter().filter(|name| self.here.get(name).is_none()).collect();
        self.here = self.here.after(&new, |name| Here::of(inventory, name));
        Self { places: Arc::new(LabelledNamespaces::of(inventory)), ..self }
    }

    /// The same with other pods and templates.
    pub(crate) fn with_population(self, population: &Arc<Population>) -> Self {
        Self { population: Arc::clone(population), ..self }
    }

    /// Whether what is around the policies is what it was.
    pub(crate) fn is_around_as(&self, before: &Self) -> bool {
        Arc::ptr_eq(&self.around, &before.around)
    }

    fn policies(&self, namespace: &str) -> &[Policy] {
        self.here.get(namespace).map(|here| &*here.policies).unwrap_or_default()
    }

    /// A namespace as a whole. Policies of other engines leave a missing default deny open.
    pub(crate) fn namespace(&self, reads: &Reads, name: &str) -> Fact {
        let policies = self.policies(name);
        let complete = || reads.list(&NETWORK_POLICY, Some(name));
        let deny = |direction| {
            let seen = policies.iter().any(|policy| policy.denies_all(direction));
            exists(seen, || {
                complete()?;
                self.nothing_foreign(reads, name)
            })
        };
        let pods = self.population.count(name);
        let all = || workloads_known(reads, name);
        let mut draft = Draft::default();
        draft.put("pods", if pods > 0 { Ok(pods) } else { all().map(|()| 0) });
        let known = if policies.is_empty() { complete() } else { Ok(()) };
        draft.put("policies", known.map(|()| policies.len()));
        draft.put("defaultDenyIngress", deny(Direction::Ingress));
        draft.put("defaultDenyEgress", deny(Direction::Egress));
        draft.put("foreign", self.around.foreign.cover(reads, name).map(|cover| cover.is_some()));
        draft.finish()
    }

    /// A policy of another engine that bears on a namespace, if one is in hand.
    pub(crate) fn covering(&self, reads: &Reads, namespace: &str) -> Option<String> {
        self.around.foreign.cover(reads, namespace).ok().flatten().map(str::to_owned)
    }

    /// Known when no other engine covers the namespace.
    fn nothing_foreign(&self, reads: &Reads, namespace: &str) -> Answer<()> {
        match self.around.foreign.cover(reads, namespace)? {
            None => Ok(()),
            Some(cover) => {
                let reason = format!("covered by {cover}, whose effect is not interpreted");
                Err(open_question("network policies of another engine", Some(namespace), reason))
            }
        }
    }

    /// A pod or the pods of a template.
    pub(crate) fn pod(&self, reads: &Reads, pod: &PodInputs<'_>) -> Fact {
        if pod.host_network {
            return outside();
        }
        let namespace = pod.namespace;
        let selecting: Vec<usize> = self
            .policies(namespace)
            .iter()
            .enumerate()
            .filter(|(_, policy)| policy.selects(pod.labels))
            .map(|(at, _)| at)
            .collect();
        let Some(here) = self.here.get(namespace) else {
            return self.selected(reads, namespace, &selecting);
        };
        // A poisoned lock only means that another thread died; entries are written whole.
        let known = here.pods.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(fact) = known.get(&selecting) {
            return fact.clone();
        }
        drop(known);
        let fact = self.selected(reads, namespace, &selecting);
        let mut known = here.pods.write().unwrap_or_else(PoisonError::into_inner);
        known.insert(selecting, fact.clone());
        fact
    }

    fn selected(&self, reads: &Reads, namespace: &str, selecting: &[usize]) -> Fact {
        let policies = self.policies(namespace);
        let selecting: Vec<&Policy> = selecting.iter().filter_map(|at| policies.get(*at)).collect();
        let complete = || reads.list(&NETWORK_POLICY, Some(namespace));
        let isolated = |direction| {
            let seen = selecting.iter().any(|policy| policy.isolates(direction));
            exists(seen, || {
                complete()?;
                self.nothing_foreign(reads, namespace)
            })
        };
        let egress = isolated(Direction::Egress);
        let reach = |admitted: Answer<bool>| match &egress {
            Err(missing) => Err(missing.clone()),
            Ok(false) => Ok(true),
            Ok(true) => {
                let admitted = admitted?;
                if !admitted {
                    complete()?;
                }
                self.nothing_foreign(reads, namespace).map(|()| admitted)
            }
        };
        let names: Vec<&str> = selecting.iter().map(|policy| &*policy.0.id.name).collect();
        let known = if names.is_empty() { complete() } else { Ok(()) };
        let mut draft = Draft::default();
        draft.set("applies", true);
        draft.put("selected", exists(!selecting.is_empty(), complete));
        draft.put("policies", known.map(|()| names));
        draft.put(
            "foreign",
            self.around.foreign.cover(reads, namespace).map(|cover| cover.is_some()),
        );
        draft.put("ingressIsolated", isolated(Direction::Ingress));
        draft.put("metadataReachable", reach(self.around.addresses.metadata(&selecting)));
        draft.set("metadataAddresses", self.around.addresses.metadata_open(&selecting));
        draft.put("kubeletReachable", reach(self.around.addresses.kubelet(&selecting)));
        draft.put("controlPlaneReachable", reach(self.around.addresses.control_plane(&selecting)));
        draft.put("egressIsolated", egress.clone());
        draft.finish()
    }

    /// A `NetworkPolicy` itself.
    pub(crate) fn policy(&self, reads: &Reads, object: &Object) -> Fact {
        let policy = Policy(Arc::new(object.clone()));
        let namespace = object.namespace();
        let selected = self.population.matching(namespace, |labels| policy.selects(labels));
        let all = || workloads_known(reads, namespace);
        let mut draft = Draft::default();
        draft.put("selected", if selected > 0 { Ok(selected) } else { all().map(|()| 0) });
        let dead = peers::dead(reads, &self.population, &self.places, &policy);
        draft.put("deadPeers", dead);
        draft.finish()
    }
}

/// A pod on the node's network: policies do not bind it.
fn outside() -> Fact {
    let mut draft = Draft::default();
    for member in [
        "applies",
        "selected",
        "ingressIsolated",
        "egressIsolated",
        "metadataReachable",
        "kubeletReachable",
        "controlPlaneReachable",
        "foreign",
    ] {
        draft.set(member, false);
    }
    draft.set("policies", Node::list(Vec::new()));
    draft.finish()
}

/// Whether every pod and template of a namespace is in hand.
fn workloads_known(reads: &Reads, namespace: &str) -> Answer<()> {
    required_workloads().try_for_each(|kind| reads.list(&kind, Some(namespace)))
}

#[cfg(test)]
mod tests;
