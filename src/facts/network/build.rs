//! Putting it together from policies, workloads and namespaces.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};

use super::peers::Population;
use super::{Answer, Both, Count, Network, Plugin, Policy, Station, Way, Zone};
use crate::facts::access::missing_in;
use crate::facts::kind::{NAMESPACE, NETWORK_POLICY, POD, required_workloads};
use crate::facts::netpol::{Direction, Rules, foreign_kinds};
use crate::facts::unknown::{Fact, open_question};
use crate::facts::workload::Workload;
use crate::facts::{FactName, Facts, Standing, Target};
use crate::model::kinds::workloads;
use crate::model::node::Node;
use crate::model::object::{Object, ObjectRef};
use crate::model::read::Missing;

pub(super) fn network(facts: &Facts) -> Network {
    let inventory = facts.inventory();
    let members = members(facts);
    let mut population = Population::of(facts);
    for (namespace, members) in &members {
        population.add(namespace, label_sets(members));
    }
    let mut policies: BTreeMap<Box<str>, Vec<Rules>> = BTreeMap::new();
    for object in inventory.of(&NETWORK_POLICY) {
        policies.entry(object.namespace().into()).or_default().push(Rules(Arc::clone(object)));
    }
    let zones: Vec<Arc<Zone>> = inventory
        .namespaces()
        .into_iter()
        .map(|name| {
            let members = members.get(name).map(Vec::as_slice).unwrap_or_default();
            let rules = policies.get(name).map(Vec::as_slice).unwrap_or_default();
            Arc::new(zone(facts, name, members, rules, &mut population))
        })
        .collect();
    let places = zones.iter().enumerate();
    Network {
        plugin: plugin(facts),
        by_name: places.map(|(at, zone)| (zone.name.clone(), at)).collect(),
        zones,
        foreign: foreign(facts),
        unknown: unknown(facts),
    }
}

/// A pod, or a template that stands for pods which do not live.
struct Member<'a> {
    object: &'a Arc<Object>,
    workload: Workload<'a>,
    id: ObjectRef,
    live: bool,
}

/// What runs in each namespace: live pods, and templates without any.
fn members(facts: &Facts) -> BTreeMap<Box<str>, Vec<Member<'_>>> {
    let inventory = facts.inventory();
    let mut all: BTreeMap<Box<str>, Vec<Member<'_>>> = BTreeMap::new();
    let mut alive: FxHashSet<ObjectRef> = FxHashSet::default();
    for object in inventory.of(&POD) {
        let Some(workload) = Workload::of(object).filter(|pod| !pod.is_finished()) else {
            continue;
        };
        let id = facts.identity(object);
        alive.insert(id.clone());
        let member = Member { object, workload, id, live: true };
        all.entry(object.namespace().into()).or_default().push(member);
    }
    for kind in workloads().map(crate::model::kinds::Builtin::kind).filter(|kind| *kind != *POD) {
        for object in inventory.of(&kind) {
            let Some(workload) = Workload::of(object) else { continue };
            let id = facts.identity(object);
            if alive.contains(&id) || matches!(facts.standing(object), Standing::Skipped(_)) {
                continue;
            }
            let member = Member { object, workload, id, live: false };
            all.entry(object.namespace().into()).or_default().push(member);
        }
    }
    all
}

/// The distinct label sets of some pods, each with whom they belong to. Pods on the node's network
/// are no peers by label.
fn label_sets(members: &[Member<'_>]) -> Vec<(Node, BTreeSet<ObjectRef>)> {
    let mut places: FxHashMap<String, usize> = FxHashMap::default();
    let mut sets: Vec<(Node, BTreeSet<ObjectRef>)> = Vec::new();
    for member in members.iter().filter(|member| !member.workload.host_network()) {
        let labels = member.workload.labels();
        let text = serde_json::to_string(labels).unwrap_or_default();
        let place = *places.entry(text).or_insert_with(|| {
            sets.push((labels.clone(), BTreeSet::new()));
            sets.len() - 1
        });
        if let Some((_, owners)) = sets.get_mut(place) {
            owners.insert(member.id.clone());
        }
    }
    sets
}

fn zone(
    facts: &Facts,
    name: &str,
    members: &[Member<'_>],
    rules: &[Rules],
    population: &mut Population,
) -> Zone {
    let policies: Vec<Arc<Policy>> = rules
        .iter()
        .map(|rules| {
            let selected = members.iter().filter(|member| {
                !member.workload.host_network() && rules.selects(member.workload.labels())
            });
            Arc::new(Policy {
                id: rules.0.id.clone(),
                isolates: Both {
                    ingress: rules.isolates(Direction::Ingress),
                    egress: rules.isolates(Direction::Egress),
                },
                everybody: rules.selects_all(),
                selects: selected.count(),
                peers: Both {
                    ingress: population.peers(rules, Way::In),
                    egress: population.peers(rules, Way::Out),
                },
            })
        })
        .collect();
    let workloads = stations(facts, members, rules, &policies);
    let fact = facts.netpol().namespace(&facts.reads, name);
    let inside = || workloads.iter().filter(|station| !station.outside);
    let isolated = |way| {
        inside().fold(Count::default(), |mut count, station| {
            match station.isolated.of(way) {
                Ok(true) => count.yes += station.counts(),
                Ok(false) => {}
                Err(_) => count.unknown += station.counts(),
            }
            count
        })
    };
    let more = required_workloads().find_map(|kind| facts.list(&kind, Some(name)).err());
    Zone {
        name: name.into(),
        deny: Both {
            ingress: member_of(&fact, "defaultDenyIngress"),
            egress: member_of(&fact, "defaultDenyEgress"),
        },
        isolated: Both { ingress: isolated(Way::In), egress: isolated(Way::Out) },
        pods: inside().map(|station| station.counts()).sum(),
        more,
        outside: workloads.iter().filter(|s| s.outside).map(|s| s.counts()).sum(),
        policies,
        unread: facts.list(&NETWORK_POLICY, Some(name)).err(),
        foreign: facts.netpol().covering(&facts.reads, name),
        workloads,
    }
}

/// Pods of one workload that the same policies select are one row.
fn stations(
    facts: &Facts,
    members: &[Member<'_>],
    rules: &[Rules],
    policies: &[Arc<Policy>],
) -> Vec<Arc<Station>> {
    let mut alike: BTreeMap<(ObjectRef, bool, Vec<usize>), (usize, &Member<'_>)> = BTreeMap::new();
    for member in members {
        let outside = member.workload.host_network();
        let selecting: Vec<usize> = rules
            .iter()
            .enumerate()
            .filter(|(_, rules)| !outside && rules.selects(member.workload.labels()))
            .map(|(at, _)| at)
            .collect();
        let entry = alike.entry((member.id.clone(), outside, selecting)).or_insert((0, member));
        entry.0 += usize::from(member.live);
    }
    let mut stations: Vec<Arc<Station>> = alike
        .into_iter()
        .map(|((id, outside, selecting), (pods, member))| {
            let fact = facts.get(FactName::Netpol, &Target::Object(member.object));
            Arc::new(Station {
                id,
                pods,
                outside,
                policies: selecting.iter().filter_map(|at| policies.get(*at)).cloned().collect(),
                isolated: Both {
                    ingress: member_of(&fact, "ingressIsolated"),
                    egress: member_of(&fact, "egressIsolated"),
                },
                metadata: reach(&fact, outside, "metadataReachable"),
                control_plane: reach(&fact, outside, "controlPlaneReachable"),
                kubelets: reach(&fact, outside, "kubeletReachable"),
            })
        })
        .collect();
    let open = |answer: &Answer<bool>| match answer {
        Ok(false) => 0,
        Err(_) => 1,
        Ok(true) => 2,
    };
    stations.sort_by_key(|s| {
        let ways = open(&s.isolated.ingress) + open(&s.isolated.egress);
        (s.outside, ways, s.id.clone())
    });
    stations
}

fn member_of(fact: &Fact, name: &str) -> Answer<bool> {
    if let Some(known) = fact.node().and_then(|node| node.get(name)).and_then(Node::as_bool) {
        return Ok(known);
    }
    let missing = fact.missing_member(name).or_else(|| fact.missing()).cloned();
    Err(missing.unwrap_or_else(|| open_question("network policies", None, "not known".to_owned())))
}

/// Whether an address can be reached. What is on the node's network reaches it, whatever policies
/// say: they do not bind it.
fn reach(fact: &Fact, outside: bool, name: &str) -> Answer<bool> {
    if outside { Ok(true) } else { member_of(fact, name) }
}

fn plugin(facts: &Facts) -> Plugin {
    let fact = facts.get(FactName::Cni, &Target::Cluster);
    let text = |name: &str| fact.node().and_then(|node| node.str_at(&[name])).map(str::to_owned);
    Plugin {
        name: text("name"),
        enforces: member_of(&fact, "enforces"),
        detail: text("detail").unwrap_or_default(),
    }
}

fn foreign(facts: &Facts) -> Vec<ObjectRef> {
    let kinds: Vec<_> = foreign_kinds().collect();
    kinds.iter().flat_map(|kind| facts.inventory().of(kind)).map(|o| o.id.clone()).collect()
}

fn unknown(facts: &Facts) -> Vec<Arc<Missing>> {
    let mut found: Vec<Missing> = Vec::new();
    found.extend(facts.list(&NAMESPACE, None).err());
    found.extend(missing_in(facts, &NETWORK_POLICY));
    for kind in foreign_kinds().filter(|kind| facts.reads.asked(kind)) {
        found.extend(facts.list(&kind, None).err());
    }
    for kind in required_workloads() {
        found.extend(missing_in(facts, &kind));
    }
    let mut seen = FxHashSet::default();
    found.retain(|missing| seen.insert(missing.clone()));
    found.into_iter().map(Arc::new).collect()
}
