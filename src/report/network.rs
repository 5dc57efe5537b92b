//! Who is isolated and who reaches whom: for the terminal, and as JSON (`plimsoll.network/v1`).

mod json;

use std::sync::Arc;

use super::access::not_known;
use super::sheet::Part;
use crate::facts::Answer;
use crate::facts::network::{Count, Network, Peer, PeerKind, Policy, Station, Way, Zone};
use crate::model::inventory::SourceInfo;
use crate::model::kinds::Kind;
use crate::model::read::Missing;
use crate::text::{counted, noun};

pub use json::{SCHEMA, write};

/// Most names that a table shows of what a selector matches.
const NAMED: usize = 6;

/// What an answer is made of.
pub struct Asked<'a> {
    /// Everything that is known of policies.
    pub network: &'a Network,
    /// Where the objects came from.
    pub source: &'a SourceInfo,
    /// Only these namespaces, with what runs in them; all of them in one table when there is none.
    pub namespaces: &'a [String],
    /// One workload, by kind and name: who may come in and where it may go.
    pub workload: Option<(&'a Kind, &'a str)>,
}

impl Asked<'_> {
    fn zones(&self) -> impl Iterator<Item = &Arc<Zone>> {
        let all = self.namespaces.is_empty();
        let here =
            move |zone: &&Arc<Zone>| all || self.namespaces.iter().any(|ns| **ns == *zone.name);
        self.network.zones.iter().filter(here)
    }

    /// Workloads of the name that was asked for: pods of one may be isolated differently.
    fn stations(&self) -> Vec<&Arc<Station>> {
        let Some((kind, name)) = self.workload else { return Vec::new() };
        let meant =
            |station: &&Arc<Station>| station.id.group_kind() == *kind && *station.id.name == *name;
        self.zones().flat_map(|zone| zone.workloads.iter()).filter(meant).collect()
    }

    /// What could not be read and bears on the answer.
    fn unknown(&self) -> Vec<Arc<Missing>> {
        let all = self.namespaces.is_empty();
        let bears = |missing: &&Arc<Missing>| {
            let place = missing.namespace.as_deref();
            all || place.is_none_or(|place| self.namespaces.iter().any(|ns| ns == place))
        };
        self.network.unknown.iter().filter(bears).cloned().collect()
    }

    /// Whether nothing that was asked for is there.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        match self.workload {
            Some(_) => self.stations().is_empty(),
            None => self.zones().next().is_none(),
        }
    }
}

/// The answer as sentences and tables.
#[must_use]
pub fn parts(asked: &Asked<'_>) -> Vec<Part> {
    let mut parts = vec![Part::line(plugin(asked.network))];
    if asked.workload.is_some() {
        for station in asked.stations() {
            parts.extend(station_parts(station));
        }
    } else if asked.namespaces.is_empty() {
        let head = [
            "NAMESPACE",
            "DENIES-IN",
            "DENIES-OUT",
            "ISOLATED-IN",
            "ISOLATED-OUT",
            "PODS",
            "ON-NODE-NETWORK",
            "POLICIES",
        ];
        parts.push(Part::line(""));
        parts.push(Part::table(&head, asked.zones().map(|zone| zone_row(zone)).collect()));
    } else {
        for zone in asked.zones() {
            parts.extend(zone_parts(zone));
        }
    }
    let foreign = &asked.network.foreign;
    if !foreign.is_empty() {
        parts.push(Part::heading("Policies of other kinds, which are not evaluated:"));
        parts.extend(foreign.iter().map(|id| Part::line(format!("  {id}"))));
    }
    parts.extend(not_known(
        &asked.unknown(),
        "What could not be read; more may be isolated or open:",
    ));
    parts
}

fn plugin(network: &Network) -> String {
    let plugin = &network.plugin;
    let name = plugin.name.as_deref().unwrap_or("not recognised");
    match &plugin.enforces {
        Ok(true) => format!("Network plug-in: {name}; it enforces network policies."),
        Ok(false) => format!(
            "Network plug-in: {name}; it enforces no network policies: every pod is open, whatever they say."
        ),
        Err(missing) => format!(
            "Network plug-in: {name}; whether it enforces network policies is not known: {}.",
            missing.reason
        ),
    }
}

/// `yes`, `no`, or that it is not known.
fn known(answer: &Answer<bool>) -> String {
    match answer {
        Ok(true) => "yes",
        Ok(false) => "no",
        Err(_) => "not known",
    }
    .to_owned()
}

fn isolated(count: Count, pods: usize) -> String {
    let open =
        if count.unknown > 0 { format!(" ({} not known)", count.unknown) } else { String::new() };
    format!("{} of {pods}{open}", count.yes)
}

fn zone_row(zone: &Zone) -> Vec<String> {
    let more = if zone.unread.is_some() { " or more" } else { "" };
    vec![
        zone.name.to_string(),
        known(&zone.deny.ingress),
        known(&zone.deny.egress),
        isolated(zone.isolated.ingress, zone.pods),
        isolated(zone.isolated.egress, zone.pods),
        zone.pods.to_string(),
        zone.outside.to_string(),
        format!("{}{more}", zone.policies.len()),
    ]
}

fn zone_parts(zone: &Zone) -> Vec<Part> {
    let mut parts = vec![Part::heading(format!("Namespace {}", zone.name))];
    if zone.workloads.is_empty() {
        parts.push(Part::line(match &zone.more {
            None => "  Nothing runs here.".to_owned(),
            Some(missing) => {
                format!("  Whether anything runs here is not known: {}", missing.reason)
            }
        }));
    } else {
        let head = [
            "WORKLOAD",
            "PODS",
            "ISOLATED-IN",
            "ISOLATED-OUT",
            "METADATA",
            "CONTROL-PLANE",
            "KUBELETS",
            "POLICIES",
        ];
        parts.push(Part::table(&head, zone.workloads.iter().map(|s| station_row(s)).collect()));
    }
    if zone.policies.is_empty() && zone.unread.is_none() {
        parts.push(Part::line("No network policy: every pod is open both ways."));
    } else if !zone.policies.is_empty() {
        let head = ["POLICY", "SELECTS", "ISOLATES", "LETS-IN", "LETS-OUT"];
        parts.push(Part::table(&head, zone.policies.iter().map(|p| policy_row(p)).collect()));
    }
    if let Some(missing) = &zone.unread {
        parts.push(Part::line(format!("There may be more policies: {}", missing.reason)));
    }
    parts
}

fn station_row(station: &Station) -> Vec<String> {
    let way = |way: Way| {
        if station.outside { "node's network".to_owned() } else { known(station.isolated.of(way)) }
    };
    vec![
        format!("{}/{}", station.id.kind, station.id.name),
        station.pods.to_string(),
        way(Way::In),
        way(Way::Out),
        known(&station.metadata),
        known(&station.control_plane),
        known(&station.kubelets),
        named(policies(station), station.policies.len()),
    ]
}

fn policies(station: &Station) -> impl Iterator<Item = String> {
    station.policies.iter().map(|policy| policy.id.name.to_string())
}

fn policy_row(policy: &Policy) -> Vec<String> {
    let selects =
        if policy.everybody { "every pod".to_owned() } else { counted(policy.selects, "pod") };
    let ways: Vec<&str> =
        Way::ALL.into_iter().filter(|way| *policy.isolates.of(*way)).map(Way::word).collect();
    let peers = |way: Way| {
        let isolates = *policy.isolates.of(way);
        if isolates { policy.peers.of(way).len().to_string() } else { String::new() }
    };
    vec![policy.id.name.to_string(), selects, ways.join(", "), peers(Way::In), peers(Way::Out)]
}

fn station_parts(station: &Station) -> Vec<Part> {
    let noun = noun(station.pods, "pod");
    let mut parts = vec![Part::heading(format!("{}, {} {noun}", station.id, station.pods))];
    for way in Way::ALL {
        let title = match way {
            Way::In => "May come in:",
            Way::Out => "May go out:",
        };
        parts.push(Part::line(title));
        let rows: Vec<_> = station.peers(way).map(|peer| peer_row(peer)).collect();
        if !rows.is_empty() {
            parts.push(Part::table(&["WHO", "PORTS", "MATCHES", "POLICY"], rows));
        }
        parts.extend(standing(station, way).map(|text| Part::line(format!("  {text}"))));
    }
    let reach = [
        ("the metadata service of the cloud", &station.metadata),
        ("the API server or etcd", &station.control_plane),
        ("the kubelets", &station.kubelets),
    ];
    for (what, answer) in reach {
        let why = answer.as_ref().err().map(|missing| format!(" ({})", missing.reason));
        parts.push(Part::line(format!(
            "Reaches {what}: {}{}",
            known(answer),
            why.unwrap_or_default()
        )));
    }
    parts.push(Part::line(if station.policies.is_empty() {
        "No network policy that was read selects it.".to_owned()
    } else {
        format!("Selected by: {}", policies(station).collect::<Vec<_>>().join(", "))
    }));
    parts
}

fn peer_row(peer: &Peer) -> Vec<String> {
    let matches = match &peer.kind {
        PeerKind::Anything => String::new(),
        PeerKind::Addresses(block) if block.except.is_empty() => String::new(),
        PeerKind::Addresses(block) => format!("but not {}", block.except.join(", ")),
        PeerKind::Pods { everything: true, .. } => "every pod of the cluster".to_owned(),
        PeerKind::Pods { spaces: 0, .. } => "nothing at present".to_owned(),
        PeerKind::Pods { whole: true, namespaces, spaces, .. } => {
            let names = namespaces.iter().map(ToString::to_string);
            format!("every pod of {}", named(names, *spaces))
        }
        PeerKind::Pods { workloads, matches, .. } => {
            named(workloads.iter().map(ToString::to_string), *matches)
        }
    };
    let ports = if peer.ports.is_empty() { "every port" } else { &peer.ports };
    vec![peer.name(), ports.to_owned(), matches, format!("{} {}", peer.policy.name, peer.at)]
}

/// The first names, and how many more there are of `all`.
fn named(names: impl Iterator<Item = String>, all: usize) -> String {
    let text = names.take(NAMED).collect::<Vec<_>>().join(", ");
    match all.saturating_sub(NAMED) {
        0 => text,
        more => format!("{text} and {more} more"),
    }
}

/// What is said besides the peers of a direction.
fn standing(station: &Station, way: Way) -> Option<String> {
    if station.outside {
        return Some("everything: it is on the node's network, which no policy binds".to_owned());
    }
    let some = station.peers(way).next().is_some();
    match (station.isolated.of(way), some) {
        (Ok(false), _) => Some("everything: no policy isolates it this way".to_owned()),
        (Ok(true), false) => {
            Some("nothing: policies isolate it, and none lets anything through".to_owned())
        }
        (Ok(true), true) => None,
        (Err(missing), _) => Some(format!("whether more passes is not known: {}", missing.reason)),
    }
}

#[cfg(test)]
mod tests;
