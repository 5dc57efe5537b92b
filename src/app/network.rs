//! The pages of who is isolated and who reaches whom, and their rows.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::facts::network::{Network, Station, Way};
use crate::model::object::ObjectRef;

use super::access::{not_known, text};
use super::data::Data;
use super::item::{Item, Section};
use super::list::Row;

/// A page of who reaches whom.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NetworkPage {
    /// Every namespace.
    Zones,
    /// One namespace: its workloads and policies.
    Zone(Arc<str>),
    /// One workload: who may reach it and where it may go.
    Station {
        /// The topmost owner of the pods.
        id: ObjectRef,
        /// Which of the rows of that name.
        place: usize,
    },
}

fn heading(section: Section) -> Row {
    Row::new(Item::Heading(section))
}

pub(super) fn rows(data: &Data, page: &NetworkPage) -> Vec<Row> {
    let Some(network) = &data.relations.network else { return data.awaited() };
    match page {
        NetworkPage::Zones => zones(data, network),
        NetworkPage::Zone(name) => zone_rows(network, name),
        NetworkPage::Station { id, place } => station_rows(network, id, *place),
    }
}

fn zones(data: &Data, network: &Network) -> Vec<Row> {
    let here = data.namespace.as_deref();
    let mut rows = vec![heading(Section::Zones)];
    let shown = network.zones.iter().filter(|zone| here.is_none_or(|ns| *zone.name == *ns));
    rows.extend(shown.map(|zone| Row::new(Item::Zone(Arc::clone(zone)))));
    if rows.len() == 1 {
        rows.push(text("No namespace could be read."));
    }
    rows.extend(foreign(network, here));
    let bears = |m: &&Arc<crate::model::read::Missing>| {
        m.namespace.as_deref().zip(here).is_none_or(|(a, b)| a == b)
    };
    rows.extend(not_known(network.unknown.iter().filter(bears)));
    rows
}

/// Policies of other kinds that bear on a namespace, or on any.
fn foreign(network: &Network, namespace: Option<&str>) -> Vec<Row> {
    let bears = |id: &&ObjectRef| {
        id.namespace.as_deref().zip(namespace).is_none_or(|(place, wanted)| place == wanted)
    };
    let found: Vec<Row> = network
        .foreign
        .iter()
        .filter(bears)
        .map(|id| Row::new(Item::Foreign(Arc::new(id.clone()))))
        .collect();
    if found.is_empty() {
        return found;
    }
    std::iter::once(heading(Section::Foreign)).chain(found).collect()
}

fn zone_rows(network: &Network, name: &str) -> Vec<Row> {
    let Some(zone) = network.zone(name) else {
        return vec![text("The namespace is gone.")];
    };
    let mut rows = vec![heading(Section::Stations)];
    let mut places: BTreeMap<&ObjectRef, usize> = BTreeMap::new();
    for station in &zone.workloads {
        let place = places.entry(&station.id).or_default();
        rows.push(Row::new(Item::Station(Arc::clone(station), *place)));
        *place += 1;
    }
    if zone.workloads.is_empty() {
        rows.push(text(match &zone.more {
            None => "Nothing runs here.".to_owned(),
            Some(missing) => {
                format!("? Whether anything runs here is not known: {}.", missing.reason)
            }
        }));
    }
    rows.push(heading(Section::Policies));
    rows.extend(zone.policies.iter().map(|policy| Row::new(Item::Policy(Arc::clone(policy)))));
    match &zone.unread {
        Some(missing) => rows.push(text(format!("? There may be others: {}.", missing.reason))),
        None if zone.policies.is_empty() => {
            rows.push(text("No network policy: every pod is open both ways."));
        }
        None => {}
    }
    rows.extend(foreign(network, Some(name)));
    let bears =
        network.unknown.iter().filter(|m| m.namespace.as_deref().is_none_or(|ns| ns == name));
    rows.extend(not_known(bears));
    rows
}

fn station_rows(network: &Network, id: &ObjectRef, place: usize) -> Vec<Row> {
    let Some(station) = network.station(id, place) else {
        return vec![text("The workload is gone, or other policies select it now.")];
    };
    let mut rows = Vec::new();
    for (way, section) in [(Way::In, Section::Entering), (Way::Out, Section::Leaving)] {
        rows.push(heading(section));
        rows.extend(station.peers(way).map(|peer| Row::new(Item::Peer(Arc::clone(peer)))));
        if let Some(sentence) = standing(station, way) {
            rows.push(text(sentence));
        }
    }
    rows.push(heading(Section::Policies));
    rows.extend(station.policies.iter().map(|policy| Row::new(Item::Policy(Arc::clone(policy)))));
    if station.policies.is_empty() {
        rows.push(text("No network policy that was read selects it."));
    }
    rows
}

/// What is said besides the peers of a direction.
fn standing(station: &Station, way: Way) -> Option<String> {
    if station.outside {
        return Some("Everything: it is on the node's network, which no policy binds.".to_owned());
    }
    let some = station.peers(way).next().is_some();
    match (station.isolated.of(way), some) {
        (Ok(false), _) => Some("Everything: no policy isolates it this way.".to_owned()),
        (Ok(true), false) => {
            Some("Nothing: policies isolate it, and none lets anything through.".to_owned())
        }
        (Ok(true), true) => None,
        (Err(missing), _) => {
            Some(format!("? Whether more passes is not known: {}.", missing.reason))
        }
    }
}
