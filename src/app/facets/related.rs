//! What a filter looks at in rows of rights and of the network.

use super::Test;
use crate::app::data::Data;
use crate::app::filter::FilterField;
use crate::app::item::Item;
use crate::facts::access::{Holder, Right, RoleUse, Subject};
use crate::facts::network::{Peer, PeerKind, Way, Zone};

impl Data {
    pub(super) fn of_relation(&self, item: &Item, field: FilterField, test: Test<'_>) -> bool {
        if field == FilterField::Name {
            return test(&self.name_of(item));
        }
        match item {
            Item::Holder(holder) => of_holder(holder, field, test),
            Item::Right { right, .. } => of_right(right, field, test),
            Item::Role(role) => of_role(role, field, test),
            Item::Bound(bound) => match field {
                FilterField::Text => bound.subjects.iter().any(|subject| test(&subject.text())),
                FilterField::Namespace => bound.place.as_deref().is_some_and(test),
                FilterField::Everywhere => bound.place.is_none() && test(""),
                FilterField::Subject => bound.subjects.iter().any(|subject| test(&subject.text())),
                _ => false,
            },
            Item::Rule { allowed, .. } => match field {
                FilterField::Verb => words(&allowed.verbs, test),
                FilterField::Resource => words(&allowed.what, test),
                _ => false,
            },
            Item::Zone(zone) => of_zone(zone, field, test),
            Item::Station(station, _) => match field {
                FilterField::Text => station.policies.iter().any(|policy| test(&policy.id.name)),
                FilterField::Namespace => station.id.namespace.as_deref().is_some_and(test),
                FilterField::Kind => test(&station.id.kind),
                _ => false,
            },
            Item::Peer(peer) => of_peer(peer, field, test),
            // What is not known is never filtered away by a question about rights.
            Item::NotKnown(missing) => match field {
                FilterField::Namespace => missing.namespace.as_deref().is_some_and(test),
                FilterField::Everywhere => missing.namespace.is_none() && test(""),
                FilterField::Status => test(missing.status.word()),
                FilterField::Rights => test(""),
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

fn of_holder(holder: &Holder, field: FilterField, test: Test<'_>) -> bool {
    match field {
        FilterField::Text => {
            holder.abilities.iter().any(|ability| test(&ability.text()))
                || holder.runs.iter().any(|runner| test(&runner.id.to_string()))
        }
        FilterField::Namespace => {
            let own = match &holder.subject {
                Subject::Account { namespace, .. } => test(namespace),
                _ => false,
            };
            own || holder.reach.namespaces.iter().any(|name| test(name))
        }
        FilterField::Everywhere => holder.reach.cluster && test(""),
        FilterField::Kind => test(match &holder.subject {
            Subject::Account { .. } => "ServiceAccount",
            Subject::User(_) => "User",
            Subject::Group(_) => "Group",
            Subject::Invalid => "",
        }),
        FilterField::Status => {
            test(holder.abilities.first().map_or("none", |worst| worst.grade.word()))
        }
        FilterField::Subject => test(&holder.subject.text()),
        FilterField::Rights => test(""),
        _ => false,
    }
}

fn of_right(right: &Right, field: FilterField, test: Test<'_>) -> bool {
    let allowed = &right.allowed;
    match field {
        FilterField::Text => {
            test(&allowed.verbs)
                || test(&allowed.what)
                || test(&right.binding.id.to_string())
                || test(&right.role.to_string())
        }
        FilterField::Namespace => right.binding.place.as_deref().is_some_and(test),
        FilterField::Everywhere => right.binding.place.is_none() && test(""),
        FilterField::Status => test(right.grade.word()),
        FilterField::Verb => words(&allowed.verbs, test),
        FilterField::Resource => words(&allowed.what, test),
        FilterField::Subject => test(&right.subject.text()),
        _ => false,
    }
}

fn of_role(role: &RoleUse, field: FilterField, test: Test<'_>) -> bool {
    match field {
        FilterField::Text => role.worst.as_ref().is_some_and(|worst| test(&worst.text())),
        FilterField::Namespace => role.id.namespace.as_deref().is_some_and(test),
        FilterField::Everywhere => role.id.namespace.is_none() && test(""),
        FilterField::Kind => test(&role.id.kind),
        FilterField::Status => role.worst.as_ref().is_some_and(|worst| test(worst.grade.word())),
        FilterField::Rights => test(""),
        _ => false,
    }
}

fn of_zone(zone: &Zone, field: FilterField, test: Test<'_>) -> bool {
    match field {
        FilterField::Namespace => test(&zone.name),
        FilterField::Text => zone.policies.iter().any(|policy| test(&policy.id.name)),
        FilterField::Status => Way::ALL.into_iter().any(|way| {
            test(match zone.deny.of(way) {
                Ok(true) => "denied",
                Ok(false) => "open",
                Err(_) => "unknown",
            })
        }),
        _ => false,
    }
}

fn of_peer(peer: &Peer, field: FilterField, test: Test<'_>) -> bool {
    let PeerKind::Pods { namespaces, workloads, .. } = &peer.kind else {
        return field == FilterField::Text && (test(&peer.policy.to_string()) || test(&peer.ports));
    };
    match field {
        FilterField::Text => {
            test(&peer.policy.to_string())
                || test(&peer.ports)
                || workloads.iter().any(|id| test(&id.to_string()))
        }
        FilterField::Namespace => namespaces.iter().any(|name| test(name)),
        _ => false,
    }
}
