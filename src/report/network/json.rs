//! The JSON contract of `plimsoll network`. A policy's peers stand at the policy, once, and the document is
//! written piece by piece: whoever may create pods and policies in a namespace must not fill the memory of
//! whoever looks at it.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::{Value, json};

use super::Asked;
use crate::facts::Answer;
use crate::facts::network::{Both, Count, Peer, PeerKind, Policy, Station, Way, Zone};
use crate::model::inventory::SourceInfo;
use crate::report::access::{missed, object};
use crate::report::harmless::write_pretty;

/// Format of the document.
pub const SCHEMA: &str = "plimsoll.network/v1";

/// Policies, and peers each way, that the workloads of a list have told together at least.
const TOLD: usize = 10_000;
/// As many of them as each workload of a long list may have: with every policy told for every pod the
/// document would grow with both multiplied.
const LEAST: usize = 100;

/// Writes the answer as indented JSON with a final newline. It is never held as a whole.
///
/// # Errors
/// What the writer says.
pub fn write(asked: &Asked<'_>, out: &mut dyn Write) -> io::Result<()> {
    let plugin = &asked.network.plugin;
    let workload = asked.workload.map(|(kind, name)| format!("{}/{name}", kind.kind));
    let stations = asked.stations();
    let most = share(stations.len());
    let zones = || asked.zones().map(|zone| self::zone(zone));
    write_pretty(
        &Document {
            schema: SCHEMA,
            tool: json!({"version": env!("CARGO_PKG_VERSION")}),
            source: asked.source,
            selection: json!({"namespaces": asked.namespaces, "workload": workload}),
            plugin: json!({
                "name": plugin.name, "enforces": known(&plugin.enforces), "detail": plugin.detail,
                "reason": why(&plugin.enforces),
            }),
            other_policies: asked.network.foreign.iter().map(object).collect(),
            not_known: asked.unknown().iter().map(|missing| missed(missing)).collect(),
            namespaces: asked.workload.is_none().then_some(Each(zones)),
            workloads: asked.workload.map(|_| {
                Each(|| stations.iter().map(|s| Alone { row: row(s, most), lets: lets(s, most) }))
            }),
        },
        out,
    )
}

/// How many policies, or peers each way, a workload of a list of so many may have.
fn share(workloads: usize) -> usize {
    (TOLD / workloads.max(1)).max(LEAST)
}

/// A list whose elements are made while it is written.
struct Each<F>(F);

impl<F, I> Serialize for Each<F>
where
    F: Fn() -> I,
    I: Iterator<Item: Serialize>,
{
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq((self.0)())
    }
}

/// The whole answer: namespaces, or the workloads of the name that was asked for.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a, Z, W> {
    schema: &'static str,
    tool: Value,
    source: &'a SourceInfo,
    selection: Value,
    plugin: Value,
    other_policies: Value,
    not_known: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    namespaces: Option<Z>,
    #[serde(skip_serializing_if = "Option::is_none")]
    workloads: Option<W>,
}

/// What goes each way.
#[derive(Serialize)]
struct Ways<T> {
    ingress: T,
    egress: T,
}

/// A namespace with its policies and workloads.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ZoneRow<'a, P, W> {
    name: &'a str,
    denies: Value,
    isolated: Value,
    pods: usize,
    on_node_network: usize,
    policies: P,
    more_policies: Option<&'a str>,
    more_pods: Option<&'a str>,
    not_evaluated: Option<&'a str>,
    workloads: W,
}

/// A policy, and what it lets through.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PolicyRow<L> {
    policy: Value,
    isolates: Value,
    every_pod: bool,
    selects: usize,
    lets: L,
}

/// A workload, and the policies that select it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Row<'a> {
    object: Value,
    pods: usize,
    on_node_network: bool,
    isolated: Value,
    policies: Vec<&'a str>,
    policies_left_out: usize,
    reaches: Value,
}

/// The peers of a workload, and how many of them are left out.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Lets<L> {
    lets: L,
    lets_left_out: Ways<usize>,
}

/// The one workload that was asked for, with what is let through to it and from it.
#[derive(Serialize)]
struct Alone<'a, L> {
    #[serde(flatten)]
    row: Row<'a>,
    #[serde(flatten)]
    lets: L,
}

/// True, false, or null where it is not known.
fn known(answer: &Answer<bool>) -> Option<bool> {
    answer.as_ref().ok().copied()
}

fn why(answer: &Answer<bool>) -> Option<&str> {
    answer.as_ref().err().map(|missing| missing.reason.as_str())
}

fn answer(answer: &Answer<bool>) -> Value {
    json!({"is": known(answer), "reason": why(answer)})
}

fn both<T>(of: &Both<T>, each: impl Fn(&T) -> Value) -> Value {
    json!({"ingress": each(of.of(Way::In)), "egress": each(of.of(Way::Out))})
}

fn zone(zone: &Zone) -> impl Serialize + '_ {
    let count = |count: &Count| json!({"yes": count.yes, "notKnown": count.unknown});
    let most = share(zone.workloads.len());
    ZoneRow {
        name: &zone.name,
        denies: both(&zone.deny, answer),
        isolated: both(&zone.isolated, count),
        pods: zone.pods,
        on_node_network: zone.outside,
        policies: Each(|| zone.policies.iter().map(|p| policy(p))),
        more_policies: zone.unread.as_ref().map(|missing| missing.reason.as_str()),
        more_pods: zone.more.as_ref().map(|missing| missing.reason.as_str()),
        not_evaluated: zone.foreign.as_deref(),
        workloads: Each(move || zone.workloads.iter().map(move |s| row(s, most))),
    }
}

fn policy(policy: &Policy) -> impl Serialize + '_ {
    let peers = |way: Way| Each(move || policy.peers.of(way).iter().map(|p| peer(p)));
    PolicyRow {
        policy: object(&policy.id),
        isolates: both(&policy.isolates, |isolates| (*isolates).into()),
        every_pod: policy.everybody,
        selects: policy.selects,
        lets: Ways { ingress: peers(Way::In), egress: peers(Way::Out) },
    }
}

/// A workload with at most so many of its policies.
fn row(station: &Station, most: usize) -> Row<'_> {
    Row {
        object: object(&station.id),
        pods: station.pods,
        on_node_network: station.outside,
        isolated: both(&station.isolated, answer),
        policies: station.policies.iter().take(most).map(|policy| &*policy.id.name).collect(),
        policies_left_out: station.policies.len().saturating_sub(most),
        reaches: json!({
            "metadata": answer(&station.metadata),
            "controlPlane": answer(&station.control_plane),
            "kubelets": answer(&station.kubelets),
        }),
    }
}

/// What the policies of a workload let through together, at most so many peers each way.
fn lets(station: &Station, most: usize) -> impl Serialize + '_ {
    let told = move |way: Way| Each(move || station.peers(way).take(most).map(|p| peer(p)));
    let left_out = |way: Way| station.peers(way).count().saturating_sub(most);
    Lets {
        lets: Ways { ingress: told(Way::In), egress: told(Way::Out) },
        lets_left_out: Ways { ingress: left_out(Way::In), egress: left_out(Way::Out) },
    }
}

fn peer(peer: &Peer) -> Value {
    let mut value = json!({
        "who": peer.name(), "ports": peer.ports, "policy": peer.policy.name, "path": peer.at.to_string(),
    });
    let (kind, more) = match &peer.kind {
        PeerKind::Anything => ("anything", Vec::new()),
        PeerKind::Addresses(block) => {
            let parts = vec![
                ("cidr", json!(block.cidr)),
                ("except", json!(block.except)),
                ("everything", json!(block.everything)),
            ];
            ("addresses", parts)
        }
        PeerKind::Pods { everything, namespaces, spaces, workloads, matches, whole, .. } => {
            let parts = vec![
                ("everything", json!(everything)),
                ("namespaces", namespaces.iter().map(|name| &**name).collect()),
                ("matchesNamespaces", json!(spaces)),
                ("wholeNamespaces", json!(whole)),
                ("workloads", workloads.iter().map(object).collect()),
                ("matches", json!(matches)),
            ];
            ("pods", parts)
        }
    };
    if let Some(map) = value.as_object_mut() {
        map.insert("kind".to_owned(), kind.into());
        map.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
    }
    value
}
