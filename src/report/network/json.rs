//! The JSON contract of `plimsoll network`.

use serde_json::{Value, json};

use super::Asked;
use crate::facts::Answer;
use crate::facts::network::{Both, Count, Peer, PeerKind, Policy, Station, Way, Zone};
use crate::report::access::{missed, object};
use crate::report::harmless::harmless;

/// Format of the document.
pub const SCHEMA: &str = "plimsoll.network/v1";

/// The answer as indented JSON with a final newline.
#[must_use]
pub fn json(asked: &Asked<'_>) -> String {
    let plugin = &asked.network.plugin;
    let workload = asked.workload.map(|(kind, name)| format!("{}/{name}", kind.kind));
    let mut document = json!({
        "schema": SCHEMA,
        "tool": {"version": env!("CARGO_PKG_VERSION")},
        "source": asked.source,
        "selection": {"namespaces": asked.namespaces, "workload": workload},
        "plugin": {
            "name": plugin.name, "enforces": known(&plugin.enforces), "detail": plugin.detail,
            "reason": why(&plugin.enforces),
        },
        "otherPolicies": asked.network.foreign.iter().map(object).collect::<Value>(),
        "notKnown": asked.unknown().iter().map(|missing| missed(missing)).collect::<Value>(),
    });
    if let Some(map) = document.as_object_mut() {
        let (name, list) = match asked.workload {
            Some(_) => ("workloads", asked.stations().into_iter().map(|s| station(s)).collect()),
            None => ("namespaces", asked.zones().map(|zone| self::zone(zone)).collect()),
        };
        map.insert(name.to_owned(), list);
    }
    harmless(format!("{document:#}\n"))
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

fn zone(zone: &Zone) -> Value {
    let count = |count: &Count| json!({"yes": count.yes, "notKnown": count.unknown});
    json!({
        "name": zone.name,
        "denies": both(&zone.deny, answer),
        "isolated": both(&zone.isolated, count),
        "pods": zone.pods,
        "onNodeNetwork": zone.outside,
        "policies": zone.policies.iter().map(|p| policy(p)).collect::<Value>(),
        "morePolicies": zone.unread.as_ref().map(|missing| &missing.reason),
        "morePods": zone.more.as_ref().map(|missing| &missing.reason),
        "notEvaluated": zone.foreign,
        "workloads": zone.workloads.iter().map(|s| station(s)).collect::<Value>(),
    })
}

fn policy(policy: &Policy) -> Value {
    json!({
        "policy": object(&policy.id),
        "isolates": both(&policy.isolates, |isolates| (*isolates).into()),
        "everyPod": policy.everybody,
        "selects": policy.selects,
        "lets": both(&policy.peers, |peers| peers.iter().map(|p| peer(p)).collect()),
    })
}

fn station(station: &Station) -> Value {
    let names = |way: Way| station.peers(way).map(|p| peer(p)).collect::<Value>();
    json!({
        "object": object(&station.id),
        "pods": station.pods,
        "onNodeNetwork": station.outside,
        "isolated": both(&station.isolated, answer),
        "lets": {"ingress": names(Way::In), "egress": names(Way::Out)},
        "policies": station.policies.iter().map(|policy| &policy.id.name).collect::<Vec<_>>(),
        "reaches": {
            "metadata": answer(&station.metadata),
            "controlPlane": answer(&station.control_plane),
            "kubelets": answer(&station.kubelets),
        },
    })
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
        PeerKind::Pods { everything, namespaces, workloads, matches, whole, .. } => {
            let parts = vec![
                ("everything", json!(everything)),
                ("namespaces", json!(namespaces)),
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
