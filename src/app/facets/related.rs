//! What a filter looks at in rows of rights and of the network.

use super::Test;
use crate::app::data::Data;
use crate::app::filter::Field;
use crate::app::item::Item;
use crate::facts::access::{Holder, Right, RoleUse, Subject};
use crate::facts::network::{Peer, PeerKind, Way, Zone};

impl Data {
    pub(super) fn of_relation(&self, item: &Item, field: Field, test: Test<'_>) -> bool {
        if field == Field::Name {
            return test(&self.name_of(item));
        }
        match item {
            Item::Holder(holder) => of_holder(holder, field, test),
            Item::Right { right, .. } => of_right(right, field, test),
            Item::Role(role) => of_role(role, field, test),
            Item::Bound(bound) => match field {
                Field::Text => bound.subjects.iter().any(|subject| test(&subject.text())),
                Field::Namespace => bound.place.as_deref().is_some_and(test),
                Field::Everywhere => bound.place.is_none() && test(""),
                Field::Subject => bound.subjects.iter().any(|subject| test(&subject.text())),
                _ => false,
            },
            Item::Rule { allowed, .. } => match field {
                Field::Verb => words(&allowed.verbs, test),
                Field::Resource => words(&allowed.what, test),
                _ => false,
            },
            Item::Zone(zone) => of_zone(zone, field, test),
            Item::Station(station, _) => match field {
                Field::Text => station.policies.iter().any(|policy| test(&policy.id.name)),
                Field::Namespace => station.id.namespace.as_deref().is_some_and(test),
                Field::Kind => test(&station.id.kind),
                _ => false,
            },
            Item::Peer(peer) => of_peer(peer, field, test),
            // What is not known is never filtered away by a question about rights.
            Item::NotKnown(missing) => match field {
                Field::Namespace => missing.namespace.as_deref().is_some_and(test),
                Field::Everywhere => missing.namespace.is_none() && test(""),
                Field::Status => test(missing.status.word()),
                Field::Rights => test(""),
                _ => false,
            },
            _ => false,
        }
    }
}

/// Each word of `get, list`; `everything` is every word.
fn words(list: &str, test: Test<'_>) -> bool {
    list == "everything" && test("*") || list.split(", ").any(test)
}

fn of_holder(holder: &Holder, field: Field, test: Test<'_>) -> bool {
    match field {
        Field::Text => {
            holder.abilities.iter().any(|ability| test(&ability.text()))
                || holder.runs.iter().any(|runner| test(&runner.id.to_string()))
        }
        Field::Namespace => {
            let own = match &holder.subject {
                Subject::Account { namespace, .. } => test(namespace),
                _ => false,
            };
            own || holder.reach.namespaces.iter().any(|name| test(name))
        }
        Field::Everywhere => holder.reach.cluster && test(""),
        Field::Kind => test(match &holder.subject {
            Subject::Account { .. } => "ServiceAccount",
            Subject::User(_) => "User",
            Subject::Group(_) => "Group",
            Subject::Invalid => "",
        }),
        Field::Status => test(holder.abilities.first().map_or("none", |worst| worst.grade.word())),
        Field::Subject => test(&holder.subject.text()),
        Field::Rights => test(""),
        _ => false,
    }
}

fn of_right(right: &Right, field: Field, test: Test<'_>) -> bool {
    let allowed = &right.allowed;
    match field {
        Field::Text => {
            test(&allowed.verbs)
                || test(&allowed.what)
                || test(&right.binding.id.to_string())
                || test(&right.role.to_string())
        }
        Field::Namespace => right.binding.place.as_deref().is_some_and(test),
        Field::Everywhere => right.binding.place.is_none() && test(""),
        Field::Status => test(right.grade.word()),
        Field::Verb => words(&allowed.verbs, test),
        Field::Resource => words(&allowed.what, test),
        Field::Subject => test(&right.subject.text()),
        _ => false,
    }
}

fn of_role(role: &RoleUse, field: Field, test: Test<'_>) -> bool {
    match field {
        Field::Text => role.worst.as_ref().is_some_and(|worst| test(&worst.text())),
        Field::Namespace => role.id.namespace.as_deref().is_some_and(test),
        Field::Everywhere => role.id.namespace.is_none() && test(""),
        Field::Kind => test(&role.id.kind),
        Field::Status => role.worst.as_ref().is_some_and(|worst| test(worst.grade.word())),
        Field::Rights => test(""),
        _ => false,
    }
}

fn of_zone(zone: &Zone, field: Field, test: Test<'_>) -> bool {
    match field {
        Field::Namespace => test(&zone.name),
        Field::Text => zone.policies.iter().any(|policy| test(&policy.id.name)),
        Field::Status => Way::ALL.into_iter().any(|way| {
            test(match zone.deny.of(way) {
                Ok(true) => "denied",
                Ok(false) => "open",
                Err(_) => "unknown",
            })
        }),
        _ => false,
    }
}

fn of_peer(peer: &Peer, field: Field, test: Test<'_>) -> bool {
    let PeerKind::Pods { namespaces, workloads, .. } = &peer.kind else {
        return field == Field::Text && (test(&peer.policy.to_string()) || test(&peer.ports));
    };
    match field {
        Field::Text => {
            test(&peer.policy.to_string())
                || test(&peer.ports)
                || workloads.iter().any(|id| test(&id.to_string()))
        }
        Field::Namespace => namespaces.iter().any(|name| test(name)),
        _ => false,
    }
}
