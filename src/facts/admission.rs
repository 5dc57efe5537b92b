//! `facts.admission`: what refuses pods in a namespace, beside its Pod Security level: admission policies
//! of the API server and the policies of Kyverno, Kubewarden and Gatekeeper.
//!
//! What a policy asks of a pod is not interpreted. It counts if it denies and takes in all pods that
//! anybody may create in the namespace; if it takes in some of them, or if that cannot be told, it is
//! undecided.

mod constraints;
mod gatekeeper;
mod kyverno;
mod share;

use std::sync::Arc;

use super::kind::{
    ADMISSION_BINDING, ADMISSION_POLICY, GATEKEEPER_CONFIG, KUBEWARDEN_CLUSTER_POLICY,
    KUBEWARDEN_POLICY, KYVERNO_CLUSTER_POLICY, KYVERNO_EXCEPTION, KYVERNO_POLICY, NAMESPACE,
    NAMESPACED_VALIDATING_POLICY, VALIDATING_EXCEPTION, VALIDATING_POLICY, VALIDATING_WEBHOOK,
};
use super::unknown::{Answer, Draft, Fact, Reads, exists};
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::object::Object;
use share::{Place, Share};

/// The kinds whose objects refuse pods, or exempt from what refuses them. Constraints of Gatekeeper are
/// of as many kinds as it has templates: those in hand count, and of others its webhook tells.
pub(super) fn kinds() -> [&'static Kind; 12] {
    [
        &ADMISSION_POLICY,
        &ADMISSION_BINDING,
        &VALIDATING_WEBHOOK,
        &KYVERNO_CLUSTER_POLICY,
        &KYVERNO_POLICY,
        &KYVERNO_EXCEPTION,
        &VALIDATING_POLICY,
        &NAMESPACED_VALIDATING_POLICY,
        &VALIDATING_EXCEPTION,
        &KUBEWARDEN_CLUSTER_POLICY,
        &KUBEWARDEN_POLICY,
        &GATEKEEPER_CONFIG,
    ]
}

/// Whether facts about admission look at objects of a kind.
pub(super) fn looks_at(kind: &Kind) -> bool {
    kinds().contains(&kind) || gatekeeper::is_constraint(kind)
}

/// What may refuse pods in some namespace; built once per inventory.
#[derive(Debug)]
pub(crate) struct Admission {
    guards: Vec<Guard>,
    webhooks: Vec<Arc<Object>>,
    exempt: Exempt,
}

/// Objects that exempt from policies.
#[derive(Debug)]
struct Exempt {
    kyverno: Vec<Arc<Object>>,
    validating: Vec<Arc<Object>>,
    gatekeeper: Vec<Arc<Object>>,
}

/// One policy that denies.
#[derive(Debug)]
enum Guard {
    /// An admission policy of the API server with one of its bindings.
    Native(Arc<Object>, Arc<Object>),
    /// A policy of Kyverno with rules.
    Kyverno(Arc<Object>),
    /// A policy of Kyverno that is written as those of the API server are.
    Validating(Arc<Object>),
    /// A policy of Kubewarden.
    Kubewarden(Arc<Object>),
    /// A constraint of Gatekeeper.
    Gatekeeper(Arc<Object>),
}

impl Guard {
    fn object(&self) -> &Object {
        match self {
            Self::Native(object, _)
            | Self::Kyverno(object)
            | Self::Validating(object)
            | Self::Kubewarden(object)
            | Self::Gatekeeper(object) => object,
        }
    }

    /// Which pods of a namespace it refuses if they break it.
    fn share(&self, place: &Place<'_>, exempt: &Exempt) -> Share {
        let home = self.object().namespace();
        if !home.is_empty() && home != place.name {
            return Share::Nothing;
        }
        match self {
            Self::Native(policy, binding) => constraints::native(policy, binding, place),
            Self::Kyverno(policy) => kyverno::policy(policy, &exempt.kyverno, place),
            Self::Validating(policy) => kyverno::validating(policy, &exempt.validating, place),
            Self::Kubewarden(policy) => constraints::kubewarden(policy, place),
            Self::Gatekeeper(constraint) => {
                gatekeeper::constraint(constraint, &exempt.gatekeeper, place)
            }
        }
    }

    /// The kind whose objects exempt from it.
    fn exemptions(&self) -> Option<&'static Kind> {
        match self {
            Self::Native(..) | Self::Kubewarden(_) => None,
            Self::Kyverno(_) => Some(&KYVERNO_EXCEPTION),
            Self::Validating(_) => Some(&VALIDATING_EXCEPTION),
            Self::Gatekeeper(_) => Some(&GATEKEEPER_CONFIG),
        }
    }
}

impl Admission {
    pub(crate) fn of(inventory: &Inventory) -> Self {
        let all = |kinds: &[&Kind]| -> Vec<Arc<Object>> {
            kinds.iter().flat_map(|kind| inventory.of(kind)).map(Arc::clone).collect()
        };
        let mut guards = constraints::denying(inventory);
        let kyverno = all(&[&KYVERNO_CLUSTER_POLICY, &KYVERNO_POLICY]);
        guards.extend(kyverno.into_iter().map(Guard::Kyverno));
        let validating = all(&[&VALIDATING_POLICY, &NAMESPACED_VALIDATING_POLICY]);
        guards.extend(validating.into_iter().map(Guard::Validating));
        let kubewarden = all(&[&KUBEWARDEN_CLUSTER_POLICY, &KUBEWARDEN_POLICY]);
        guards.extend(kubewarden.into_iter().map(Guard::Kubewarden));
        let constraints = inventory.kinds().filter(|kind| gatekeeper::is_constraint(kind));
        let constraints = constraints.flat_map(|kind| inventory.of(kind)).map(Arc::clone);
        guards.extend(constraints.map(Guard::Gatekeeper));
        Self {
            guards,
            webhooks: all(&[&VALIDATING_WEBHOOK]),
            exempt: Exempt {
                kyverno: all(&[&KYVERNO_EXCEPTION]),
                validating: all(&[&VALIDATING_EXCEPTION]),
                gatekeeper: all(&[&GATEKEEPER_CONFIG]),
            },
        }
    }

    /// `facts.admission` of a namespace: `enforced`, whether some policy refuses its pods; `undecided`,
    /// the policies that may; `webhooks`, the configurations that see its pods, by name.
    pub(crate) fn namespace(&self, reads: &Reads, namespace: &Object) -> Fact {
        let place = Place::of(namespace);
        let whole = || {
            kinds().into_iter().try_for_each(|kind| {
                // Exceptions may live anywhere.
                let here = [&*KYVERNO_POLICY, &NAMESPACED_VALIDATING_POLICY, &KUBEWARDEN_POLICY];
                reads.list(kind, here.contains(&kind).then_some(place.name))
            })
        };
        let sure = |guard: &Guard| {
            let known = || reads.lists(guard.exemptions(), None).is_ok();
            guard.share(&place, &self.exempt) == Share::All && known()
        };
        let mut draft = Draft::default();
        draft.put("enforced", exists(self.guards.iter().any(sure), whole));
        draft.put("undecided", whole().map(|()| self.undecided(&place)));
        let webhooks = reads.list(&VALIDATING_WEBHOOK, None);
        draft.put("webhooks", webhooks.map(|()| self.watching(&place)));
        draft.finish()
    }

    /// `facts.admission` of the cluster: `namespaces`, the same of each with its `name`.
    pub(crate) fn cluster(&self, inventory: &Inventory, reads: &Reads) -> Fact {
        let mut draft = Draft::default();
        draft.put("namespaces", self.namespaces(inventory, reads));
        draft.finish()
    }

    fn namespaces(&self, inventory: &Inventory, reads: &Reads) -> Answer<Vec<Node>> {
        reads.lists(kinds().into_iter().chain([&*NAMESPACE]), None)?;
        let of = |namespace: &Arc<Object>| {
            let place = Place::of(namespace);
            let all = |guard: &Guard| guard.share(&place, &self.exempt) == Share::All;
            let texts = |list: Vec<String>| Node::list(list.iter().map(|t| Node::str(t)).collect());
            Node::map([
                ("name", Node::str(place.name)),
                ("enforced", Node::Bool(self.guards.iter().any(all))),
                ("undecided", texts(self.undecided(&place))),
                ("webhooks", texts(self.watching(&place))),
            ])
        };
        Ok(inventory.of(&NAMESPACE).iter().map(of).collect())
    }

    fn undecided(&self, place: &Place<'_>) -> Vec<String> {
        let some = |guard: &&Guard| guard.share(place, &self.exempt) == Share::Some;
        let name = |guard: &Guard| format!("{} {}", guard.object().id.kind, guard.object().id.name);
        let mut names: Vec<String> = self.guards.iter().filter(some).map(name).collect();
        names.sort();
        names.dedup();
        names
    }

    fn watching(&self, place: &Place<'_>) -> Vec<String> {
        let sees = |object: &&Arc<Object>| {
            let webhooks = object.body().list_at(&["webhooks"]);
            webhooks.iter().any(|webhook| constraints::webhook(webhook, place) != Share::Nothing)
        };
        self.webhooks.iter().filter(sees).map(|object| object.id.name.to_string()).collect()
    }
}

#[cfg(test)]
mod tests;
