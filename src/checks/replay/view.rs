//! What the checks that can be replayed see of an object.

use std::hash::{Hash as _, Hasher as _};
use std::sync::Arc;

use rustc_hash::FxHasher;

use crate::checks::cel::Role;
use crate::checks::judge::Known;
use crate::checks::plan::Plan;
use crate::checks::target::Parts;
use crate::facts::Facts;
use crate::model::node::Node;

use super::look::{ReadTree, SeenNode};
use super::places::{self, PerTier, ReadPlace, Root, Steady, Tier};

/// What the steady checks of a plan look at.
#[derive(Debug, Default)]
pub(in crate::checks) struct View {
    /// How steady each check is, by its place in the plan; none if it looks at every object.
    steady: Vec<Option<Steady>>,
    looks: PerTier<Looks>,
}

/// What the checks of one tier look at.
#[derive(Debug, Default)]
struct Looks {
    object: ReadTree,
    pod: ReadTree,
    pod_metadata: ReadTree,
    /// Of each container.
    container: ReadTree,
    /// Facts, one bit each.
    facts: u32,
}

impl View {
    /// What can be replayed of a plan.
    pub(in crate::checks) fn of(plan: &Plan, facts: &Facts) -> Self {
        let masked = facts.inventory().captured.is_some();
        let mut view = Self::default();
        for check in &plan.checks {
            let sights = places::of(check, facts).filter(|_| !(masked && check.digest.is_some()));
            view.steady.push(sights.as_ref().map(|sights| sights.steady));
            let Some(sights) = sights else { continue };
            let looks = view.looks.of_mut(sights.steady.tier);
            sights.places.iter().for_each(|place| looks.add(place));
            looks.facts |= check.facts;
        }
        // What containers are called in paths.
        for tier in Tier::ALL {
            view.looks.of_mut(tier).add(&ReadPlace::all_of(Root::Container, &["name"]));
        }
        view
    }

    /// How steady the check with this place in the plan is; none if it looks at every object.
    pub(in crate::checks) fn steady(&self, check: u32) -> Option<Steady> {
        self.steady.get(check as usize).copied().flatten()
    }

    /// Whether anything is replayed.
    pub(in crate::checks) fn replays(&self) -> bool {
        !self.steady.is_empty()
    }

    /// What the checks of a tier see of an object; none if it has no pod spec.
    pub(super) fn sight<'a>(
        &self,
        tier: Tier,
        kind: usize,
        parts: &Parts<'a>,
        known: &Known,
    ) -> Option<Sight<'a>> {
        let (looks, pod) = (self.looks.of(tier), parts.pod()?);
        let mut seen = Vec::with_capacity(64);
        looks.object.at(Some(parts.body()), &mut seen);
        looks.pod.at(Some(pod), &mut seen);
        looks.pod_metadata.at(parts.pod_metadata(), &mut seen);
        let mut shape = Vec::new();
        for (list, index, role, node) in parts.containers() {
            shape.push((list, index, role));
            looks.container.at(Some(node), &mut seen);
        }
        let facts = known.nodes(looks.facts);
        // What comes to the same in a pod and in the template that it is made of is looked for in both.
        let kind = if tier == Tier::Alike { 0 } else { kind };
        Some(Sight { kind, namespace: parts.object.namespace(), shape, seen, facts })
    }
}

impl Looks {
    fn add(&mut self, place: &ReadPlace) {
        let look = match place.root {
            Root::Object => &mut self.object,
            Root::Pod => &mut self.pod,
            Root::PodMetadata => &mut self.pod_metadata,
            Root::Container => &mut self.container,
        };
        look.add(&place.steps, place.extent);
    }
}

/// What the checks of one tier see of one object.
pub(super) struct Sight<'a> {
    kind: usize,
    namespace: &'a str,
    /// List, index and role of each container.
    shape: Vec<(&'static str, usize, Role)>,
    seen: Vec<SeenNode<'a>>,
    /// What is known of the facts. Why one is not known does not matter: a check that would have
    /// to say it is never settled.
    facts: Vec<Option<Arc<Node>>>,
}

impl Sight<'_> {
    /// Facts are left out: objects that are otherwise the same seldom differ in them.
    pub(super) fn hash(&self) -> u64 {
        let mut hasher = FxHasher::default();
        (self.kind, self.namespace, &self.shape).hash(&mut hasher);
        self.seen.iter().for_each(|seen| seen.hash_into(&mut hasher));
        hasher.finish()
    }
}

impl PartialEq for Sight<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.kind == other.kind
            && self.namespace == other.namespace
            && self.shape == other.shape
            && self.seen == other.seen
            && self.facts.len() == other.facts.len()
            && self
                .facts
                .iter()
                .zip(&other.facts)
                .all(|(ours, theirs)| same(ours.as_ref(), theirs.as_ref()))
    }
}

/// Facts that are shared are not looked through.
fn same(one: Option<&Arc<Node>>, other: Option<&Arc<Node>>) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => Arc::ptr_eq(one, other) || one == other,
        (one, other) => one.is_none() && other.is_none(),
    }
}

#[cfg(test)]
impl View {
    /// How many checks can be replayed.
    pub(in crate::checks) fn count(&self) -> usize {
        self.steady.iter().flatten().count()
    }

    /// The hash of what the checks of a tier see of an object of the first kind, without facts.
    pub(in crate::checks) fn hash_of(
        &self,
        tier: Tier,
        object: &crate::model::object::Object,
    ) -> Option<u64> {
        self.sight(tier, 0, &Parts::of(object), &Known::default()).map(|sight| sight.hash())
    }
}
