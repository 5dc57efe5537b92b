//! What a filter looks at in the rows of rights and of the network.

use crate::app::filter::{Facets, RightFacets};
use crate::app::item::Item;
use crate::facts::access::{Holder, Right, Subject};
use crate::facts::network::{Peer, PeerKind, Station, Way, Zone};

/// What a row is called.
pub(super) fn name(item: &Item) -> String {
    match item {
        Item::Holder(holder) => holder.subject.text(),
        Item::Right { right, .. } => right.subject.text(),
        Item::Role(role) => role.id.to_string(),
        Item::Bound(bound) => bound.id.to_string(),
        Item::Rule { allowed, .. } => format!("{} {}", allowed.verbs, allowed.what),
        Item::Runner(runner) => runner.id.to_string(),
        Item::Zone(zone) => zone.name.to_string(),
        Item::Station(station, _) => station.id.to_string(),
        Item::Policy(policy) => policy.id.to_string(),
        Item::Peer(peer) => peer_name(peer),
        Item::Foreign(id) => id.to_string(),
        Item::NotKnown(missing) => missing.reason.clone(),
        _ => String::new(),
    }
}

/// Who a peer is, in words.
fn peer_name(peer: &Peer) -> String {
    match &peer.kind {
        PeerKind::Anything => "anything".to_owned(),
        PeerKind::Addresses(block) => block.cidr.clone(),
        PeerKind::Pods { selector, .. } => selector.clone(),
    }
}

pub(super) fn facets(item: &Item, facets: &mut Facets) {
    let many = || RightFacets::Many { subject: String::new() };
    match item {
        Item::Holder(holder) => of_holder(holder, facets),
        Item::Right { right, .. } => of_right(right, facets),
        Item::Role(role) => {
            facets.namespace = role.id.namespace.as_deref().unwrap_or_default().to_owned();
            facets.everywhere = role.id.namespace.is_none();
            facets.kind = role.id.kind.to_string();
            if let Some(worst) = &role.worst {
                facets.text = worst.text();
                worst.grade.word().clone_into(&mut facets.status);
            }
            facets.right = many();
        }
        Item::Bound(bound) => {
            facets.namespace = bound.place.as_deref().unwrap_or_default().to_owned();
            facets.everywhere = bound.place.is_none();
            facets.text = bound.subjects.iter().map(Subject::text).collect::<Vec<_>>().join(" ");
        }
        Item::Zone(zone) => of_zone(zone, facets),
        Item::Station(station, _) => of_station(station, facets),
        Item::Policy(policy) => {
            facets.namespace = policy.id.namespace.as_deref().unwrap_or_default().to_owned();
        }
        Item::Peer(peer) => {
            facets.text = format!("{} {}", peer.policy, peer.ports);
            if let PeerKind::Pods { namespaces, workloads, .. } = &peer.kind {
                facets.namespace = namespaces.join(" ");
                let names: Vec<String> = workloads.iter().map(ToString::to_string).collect();
                facets.text = format!("{} {}", facets.text, names.join(" "));
            }
        }
        Item::NotKnown(missing) => {
            facets.namespace = missing.namespace.clone().unwrap_or_default();
            facets.everywhere = missing.namespace.is_none();
            missing.status.word().clone_into(&mut facets.status);
            // What is not known is never filtered away by a question about rights.
            facets.right = many();
        }
        _ => {}
    }
}

fn of_holder(holder: &Holder, facets: &mut Facets) {
    let own = match &holder.subject {
        Subject::Account { namespace, .. } => &**namespace,
        _ => "",
    };
    facets.namespace = format!("{own} {}", holder.reach.namespaces.join(" "));
    facets.everywhere = holder.reach.cluster;
    let subject = holder.subject.text();
    subject.split('/').next().unwrap_or_default().clone_into(&mut facets.kind);
    let abilities: Vec<String> = holder.abilities.iter().map(|a| a.text()).collect();
    let runs: Vec<String> = holder.runs.iter().map(|runner| runner.id.to_string()).collect();
    facets.text = format!("{} {}", abilities.join(" "), runs.join(" "));
    let worst = holder.abilities.first();
    worst.map_or("none", |worst| worst.grade.word()).clone_into(&mut facets.status);
    facets.right = RightFacets::Many { subject };
}

fn of_right(right: &Right, facets: &mut Facets) {
    let allowed = &right.allowed;
    facets.text = format!("{} {} {} {}", allowed.verbs, allowed.what, right.binding.id, right.role);
    facets.namespace = right.binding.place.as_deref().unwrap_or_default().to_owned();
    facets.everywhere = right.binding.place.is_none();
    right.grade.word().clone_into(&mut facets.status);
    facets.right = RightFacets::One {
        verbs: allowed.verbs.clone(),
        resources: allowed.what.clone(),
        subject: right.subject.text(),
    };
}

fn of_zone(zone: &Zone, facets: &mut Facets) {
    facets.namespace = zone.name.to_string();
    // The worse of both directions.
    let deny = Way::ALL.map(|way| zone.deny.of(way));
    let word = if deny.iter().any(|answer| matches!(answer, Ok(false))) {
        "open"
    } else if deny.iter().any(|answer| answer.is_err()) {
        "unknown"
    } else {
        "denied"
    };
    word.clone_into(&mut facets.status);
}

fn of_station(station: &Station, facets: &mut Facets) {
    facets.namespace = station.id.namespace.as_deref().unwrap_or_default().to_owned();
    facets.kind = station.id.kind.to_string();
    let names: Vec<&str> = station.policies.iter().map(|policy| &*policy.id.name).collect();
    facets.text = names.join(" ");
}
