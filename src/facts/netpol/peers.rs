//! Peers of a policy that match nothing.

use super::cidr::Cidr;
use super::policy::{Direction, Policy, cidr_of};
use super::population::Population;
use super::workloads_known;
use crate::facts::kind::NAMESPACE;
use crate::facts::selector::{self, Labels};
use crate::facts::unknown::{Answer, Reads};
use crate::model::inventory::Inventory;
use crate::model::node::Node;
use crate::model::read::Missing;

/// What the peers of a policy are looked up in.
struct World<'a> {
    inventory: &'a Inventory,
    reads: &'a Reads,
    population: &'a Population,
    /// Every namespace that is listed or lived in.
    namespaces: &'a [Box<str>],
    own: &'a str,
}

/// Paths, relative to the policy, of selectors that match nothing and exceptions outside their
/// block. What is proven dead is listed; an empty list needs everything to be known.
pub(crate) fn dead(
    inventory: &Inventory,
    reads: &Reads,
    population: &Population,
    namespaces: &[Box<str>],
    policy: &Policy,
) -> Answer<Vec<String>> {
    let own = policy.0.namespace();
    let world = World { inventory, reads, population, namespaces, own };
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
            Some(selector) => self.select(selector),
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

    /// The namespaces that a selector matches.
    fn select(&self, selector: &Node) -> Vec<&str> {
        let fits = |name: &&str| {
            let namespace = self.inventory.get(&NAMESPACE, "", name);
            let labels = namespace.and_then(|ns| ns.body().at(&["metadata", "labels"]));
            let labels = Labels::of_namespace(labels.unwrap_or(&Node::Null), name);
            selector::selects(selector, labels)
        };
        self.namespaces.iter().map(|name| &**name).filter(fits).collect()
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
