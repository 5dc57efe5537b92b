//! Whether an object is judged, and which pods are of a revision that is no longer current.

use std::collections::BTreeSet;

use rustc_hash::FxHashMap;

use super::{controller, is_kind, owner_kind};
use crate::facts::by_namespace::ByNamespace;
use crate::facts::kind::{CRON_JOB, DAEMON_SET, DEPLOYMENT, JOB, POD, REPLICA_SET, STATEFUL_SET};
use crate::facts::unknown::Reads;
use crate::model::inventory::Inventory;
use crate::model::object::{Object, OwnerRef};

/// Whether an object is judged, and as what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Looked at for itself: top templates, bare and mirror pods, everything that is no workload.
    Judged,
    /// A live pod that a controller made; it is looked at as an instance of its identity.
    Instance {
        /// Whether it belongs to the current revision of its controller, as far as that is known.
        current: bool,
    },
    /// Browsed, not judged, for this reason.
    Skipped(&'static str),
}

/// Which revision of each Deployment is current, built once per inventory.
#[derive(Debug)]
pub(crate) struct Revisions(ByNamespace<NewestSets>);

/// Deployments of one namespace, each with its newest `ReplicaSet`.
type NewestSets = FxHashMap<Box<str>, Newest>;

#[derive(Debug)]
struct Newest {
    revision: u64,
    replica_set: Box<str>,
}

impl Revisions {
    pub(crate) fn of(inventory: &Inventory) -> Self {
        Self(ByNamespace::of(inventory, |namespace| newest_sets(inventory, namespace)))
    }

    /// The same after something changed in some namespaces.
    pub(crate) fn after(&self, inventory: &Inventory, namespaces: &BTreeSet<&str>) -> Self {
        Self(self.0.after(namespaces, |namespace| newest_sets(inventory, namespace)))
    }

    /// Whether this `ReplicaSet` is the newest of its Deployment; true when nobody says.
    fn is_newest(&self, set: &Object, deployment: &str) -> bool {
        let newest = self.0.get(set.namespace()).and_then(|sets| sets.get(deployment));
        newest.is_none_or(|best| best.replica_set == set.id.name)
    }
}

fn newest_sets(inventory: &Inventory, namespace: &str) -> NewestSets {
    let mut newest = NewestSets::default();
    for set in inventory.in_namespace(&REPLICA_SET, namespace) {
        let Some(owner) = set.controller().filter(|o| is_kind(o, &DEPLOYMENT)) else { continue };
        let Some(revision) = revision(set) else { continue };
        if newest.get(&owner.name).is_none_or(|best| best.revision < revision) {
            newest
                .insert(owner.name.clone(), Newest { revision, replica_set: set.id.name.clone() });
        }
    }
    newest
}

fn revision(set: &Object) -> Option<u64> {
    set.annotation("deployment.kubernetes.io/revision")?.parse().ok()
}

/// Whether an object is judged; see [`Standing`].
pub(crate) fn standing(
    inventory: &Inventory,
    reads: &Reads,
    revisions: &Revisions,
    object: &Object,
) -> Standing {
    if object.is(&POD) {
        return match object.phase.as_deref() {
            Some("Succeeded" | "Failed") => Standing::Skipped("the pod has finished"),
            _ if object.is_mirror_pod() => Standing::Judged,
            _ => controller(object).map_or(Standing::Judged, |owner| Standing::Instance {
                current: is_current(inventory, revisions, object, owner),
            }),
        };
    }
    let made = controller(object).and_then(|owner| Some((owner, made_by(object, owner)?)));
    let Some((owner, reason)) = made else { return Standing::Judged };
    let kind = owner_kind(owner);
    let here = inventory.get(&kind, object.namespace(), &owner.name).is_some();
    if !here && reads.list(&kind, Some(object.namespace())).is_ok() {
        return Standing::Judged;
    }
    Standing::Skipped(reason)
}

/// What controllers of Kubernetes itself make of a workload that is judged in their place. Whatever else
/// names a workload as its owner has a template of its own, which nothing says to be the owner's; and
/// owners in a ring would each be left to the next.
fn made_by(object: &Object, owner: &OwnerRef) -> Option<&'static str> {
    let kind = object.kind();
    if kind == *REPLICA_SET && is_kind(owner, &DEPLOYMENT) {
        return Some("a ReplicaSet of a Deployment");
    }
    (kind == *JOB && is_kind(owner, &CRON_JOB)).then_some("a Job of a CronJob")
}

/// Whether a live pod belongs to the current revision of its controller; true when unknown.
fn is_current(
    inventory: &Inventory,
    revisions: &Revisions,
    pod: &Object,
    owner: &OwnerRef,
) -> bool {
    let kind = owner_kind(owner);
    let Some(parent) = inventory.get(&kind, pod.namespace(), &owner.name) else { return true };
    if kind == *REPLICA_SET {
        let deployment = parent.controller().filter(|o| is_kind(o, &DEPLOYMENT));
        return deployment.is_none_or(|d| revisions.is_newest(parent, &d.name));
    }
    if kind == *STATEFUL_SET || kind == *DAEMON_SET {
        let update = parent.body().str_at(&["status", "updateRevision"]);
        if let (Some(update), Some(hash)) = (update, pod.label("controller-revision-hash")) {
            // A StatefulSet's label holds the whole revision name, a DaemonSet's only the hash.
            return update == hash || update.strip_suffix(hash).is_some_and(|p| p.ends_with('-'));
        }
        let template = parent.annotation("deprecated.daemonset.template.generation");
        if let (Some(template), Some(of_pod)) = (template, pod.label("pod-template-generation")) {
            return template == of_pod;
        }
    }
    true
}
