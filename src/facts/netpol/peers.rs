//! Peers of a policy that match nothing.

use std::sync::Arc;

use super::Netpol;
use super::places::{LabelledNamespaces, selects_place};
use super::policy::{Direction, Policy, cidr_of};
use super::population::Population;
use super::workloads_known;
use crate::facts::kind::NAMESPACE;
use crate::facts::unknown::{Answer, Reads};
use crate::model::cidr::Cidr;
use crate::model::node::Node;
use crate::model::object::Object;
use crate::model::read::Missing;
use crate::model::selector::{self, Labels};

/// What the peers of a policy are looked up in.
struct World<'a> {
    reads: &'a Reads,
    population: &'a Population,
    places: &'a LabelledNamespaces,
    own: &'a str,
}

/// Paths, relative to the policy, of selectors that match nothing and exceptions outside their
/// block. What is proven dead is listed; an empty list needs everything to be known.
pub(crate) fn dead(
    reads: &Reads,
    population: &Population,
    places: &LabelledNamespaces,
    policy: &Policy,
) -> Answer<Vec<String>> {
    let own = policy.0.namespace();
    let world = World { reads, population, places, own };
    let mut found = Vec::new();
    let mut unread = None;
    for direction in [Direction::Ingress, Direction::Egress] {
        for (at, rule) in policy.rules(direction).iter().enumerate() {
            for (peer_at, peer) in rule.list_at(&[direction.peers()]).iter().enumerate() {
                let (field, peers) = (direction.field(), direction.peers());
                let path = format!("spec.{field}[{at}].{peers}[{peer_at}]");
                if let Err(missing) = world.peer(peer, &path, &mut found) {
                    unread = unread.or(Some(missing));
                }
            }
        }
    }
    match unread {
        Some(missing) if found.is_empty() => Err(missing),
        _ => Ok(found),
    }
}

impl World<'_> {
    fn peer(&self, peer: &Node, path: &str, found: &mut Vec<String>) -> Result<(), Missing> {
        if let Some(block) = peer.get("ipBlock") {
            found.extend(dead_exceptions(block).map(|at| format!("{path}.ipBlock.except[{at}]")));
            return Ok(());
        }
        let by_namespace = peer.get("namespaceSelector");
        let places = match by_namespace {
            None => vec![self.own],
            Some(selector) => self.places.matching(selector),
        };
        if let Some(selector) = by_namespace
            && places.is_empty()
            && !selector::is_empty(selector)
        {
            self.reads.list(&NAMESPACE, None)?;
            found.push(format!("{path}.namespaceSelector"));
            return Ok(());
        }
        let Some(selector) = peer.get("podSelector").filter(|s| !selector::is_empty(s)) else {
            return Ok(());
        };
        let fits = |labels: &Node| selector::selects(selector, Labels::of(labels));
        if places.iter().any(|place| self.population.matching(place, fits) > 0) {
            return Ok(());
        }
        if by_namespace.is_some() {
            self.reads.list(&NAMESPACE, None)?;
        }
        places.iter().try_for_each(|place| workloads_known(self.reads, place))?;
        found.push(format!("{path}.podSelector"));
        Ok(())
    }
}

/// What changed of what the peers of policies are looked up in.
#[derive(Debug)]
pub(crate) struct News {
    /// Whether a namespace is in use that was not, or no longer.
    all: bool,
    /// Namespaces of other labels: their names, labels before and after.
    renamed: Vec<(Box<str>, Node, Node)>,
    /// Namespaces in which there are other pods, with their labels.
    moved: Vec<(Box<str>, Node)>,
}

impl News {
    /// What changed between two states of the facts.
    pub(crate) fn between(now: &Netpol, before: &Netpol, places: bool) -> Self {
        let renamed = if Arc::ptr_eq(&now.places, &before.places) {
            Vec::new()
        } else {
            now.places.renamed_since(&before.places)
        };
        let moved = now.population.moved_since(&before.population).into_iter();
        let moved = moved.map(|name| (name.into(), now.places.labels(name).clone())).collect();
        Self { all: places, renamed, moved }
    }

    /// Namespaces in which there are other pods or templates.
    pub(crate) fn moved(&self) -> impl Iterator<Item = &str> {
        self.moved.iter().map(|(name, _)| &**name)
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        !self.all && self.renamed.is_empty() && self.moved.is_empty()
    }

    /// Whether it may bear on what is said of a policy that did not change itself.
    pub(crate) fn concerns(&self, object: &Object) -> bool {
        let own = object.namespace();
        if self.all || self.moved().any(|name| name == own) {
            return true;
        }
        let rules = |field: &str| object.body().list_at(&["spec", field]);
        [Direction::Ingress, Direction::Egress].into_iter().any(|direction| {
            let peers =
                rules(direction.field()).iter().flat_map(|r| r.list_at(&[direction.peers()]));
            peers.filter_map(|peer| peer.get("namespaceSelector")).any(|selector| {
                self.renamed.iter().any(|(name, then, now)| {
                    selects_place(selector, name, then) != selects_place(selector, name, now)
                }) || self.moved.iter().any(|(name, labels)| selects_place(selector, name, labels))
            })
        })
    }
}

/// Exceptions that lie outside their block, or are no blocks at all.
fn dead_exceptions(block: &Node) -> impl Iterator<Item = usize> {
    let cidr = cidr_of(block);
    let dead = move |item: &Node| {
        let except = item.as_str().and_then(Cidr::parse);
        match (cidr, except) {
            (Some(cidr), Some(except)) => !cidr.covers(except),
            (_, None) => true,
            // Against a block that cannot be read nothing can be said.
            (None, Some(_)) => false,
        }
    };
    let list = block.list_at(&["except"]).iter().enumerate();
    list.filter(move |(_, item)| dead(item)).map(|(at, _)| at)
}
