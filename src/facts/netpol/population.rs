//! The pods and templates of each namespace, by their labels.

use std::collections::BTreeSet;
use std::hash::Hasher as _;

use rustc_hash::{FxHashMap, FxHasher};

use crate::facts::by_namespace::ByNamespace;
use crate::facts::workload::Workload;
use crate::model::inventory::Inventory;
use crate::model::kinds::workloads;
use crate::model::node::Node;
use crate::model::object::Object;

/// Distinct label sets of a namespace, each with how many carry it.
#[derive(Debug, Default, PartialEq)]
struct Namespace {
    sets: Vec<(Node, usize)>,
    /// How many are not on the node's network.
    networked: usize,
}

impl Namespace {
    fn of(inventory: &Inventory, name: &str, counts: &impl Fn(&Object) -> bool) -> Self {
        let mut namespace = Self::default();
        let mut places: FxHashMap<u64, Vec<usize>> = FxHashMap::default();
        for object in workloads().flat_map(|kind| inventory.in_namespace(&kind.kind(), name)) {
            let Some(workload) = Workload::of(object).filter(|_| counts(object)) else { continue };
            namespace.networked += usize::from(!workload.host_network());
            let labels = workload.labels();
            let mut hasher = FxHasher::default();
            labels.hash_into(&mut hasher);
            let alike = places.entry(hasher.finish()).or_default();
            let same = |at: &&usize| namespace.sets.get(**at).is_some_and(|(set, _)| set == labels);
            let place = alike.iter().find(same).copied();
            let place = place.unwrap_or_else(|| {
                namespace.sets.push((labels.clone(), 0));
                alike.push(namespace.sets.len() - 1);
                namespace.sets.len() - 1
            });
            if let Some((_, count)) = namespace.sets.get_mut(place) {
                *count += 1;
            }
        }
        namespace
    }
}

/// Pods and top templates of every namespace.
#[derive(Debug)]
pub(crate) struct Population(ByNamespace<Namespace>);

impl Population {
    /// Counts what `counts` says runs: not what has finished, nor what another template stands for.
    pub(crate) fn of(inventory: &Inventory, counts: impl Fn(&Object) -> bool) -> Self {
        Self(ByNamespace::of(inventory, |name| Namespace::of(inventory, name, &counts)))
    }

    /// The same after something changed in some namespaces; none if that changed nothing of it.
    pub(crate) fn moved(
        &self,
        inventory: &Inventory,
        namespaces: &BTreeSet<&str>,
        counts: impl Fn(&Object) -> bool,
    ) -> Option<Self> {
        self.0.moved(namespaces, |name| Namespace::of(inventory, name, &counts)).map(Self)
    }

    /// The namespaces in which there are others than before.
    pub(crate) fn moved_since(&self, before: &Self) -> Vec<&str> {
        self.0.differing(&before.0)
    }

    /// How many pods and templates of a namespace have a network of their own.
    pub(crate) fn count(&self, namespace: &str) -> usize {
        self.0.get(namespace).map_or(0, |namespace| namespace.networked)
    }

    /// How many pods and templates of a namespace carry labels that fit.
    pub(crate) fn matching(&self, namespace: &str, fits: impl Fn(&Node) -> bool) -> usize {
        let sets = self.0.get(namespace).into_iter().flat_map(|namespace| &namespace.sets);
        sets.filter(|(labels, _)| fits(labels)).map(|(_, count)| count).sum()
    }
}
