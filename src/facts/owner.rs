//! Who stands behind an object: its identity across rollouts, and whether it is judged.

mod standing;

use std::sync::Arc;

use super::kind::{CRON_JOB, JOB, POD, REPLICA_SET, is_workload};
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;
use crate::model::object::{Object, ObjectRef, OwnerRef};

pub use standing::Standing;
pub(crate) use standing::{Revisions, standing};

/// Longest owner chain that is followed; real ones have three links. One that goes on leads nowhere:
/// owners can be written in a ring, of which none is the topmost.
const MAX_DEPTH: usize = 16;

fn owner_kind(owner: &OwnerRef) -> Kind {
    Kind::of(&owner.api_version, &owner.kind)
}

fn is_kind(owner: &OwnerRef, kind: &Kind) -> bool {
    kind.is_of(&owner.api_version, &owner.kind)
}

/// Whether an object has a pod spec, as a built-in kind.
fn is_of_workload(object: &Object) -> bool {
    object.builtin().is_some_and(|builtin| !builtin.pod_spec.is_empty())
}

/// A kubelet names its Node as the controller of the mirror pods that it keeps.
fn is_node(owner: &OwnerRef) -> bool {
    &*owner.kind == "Node" && &*owner.api_version == "v1"
}

/// The controller, unless it is only the node of a mirror pod.
fn controller(object: &Object) -> Option<&OwnerRef> {
    object.controller().filter(|owner| !is_node(owner))
}

/// The owner's reference seen from an object in `namespace`.
fn owner_ref(inventory: &Inventory, namespace: &str, owner: &OwnerRef) -> ObjectRef {
    let kind = owner_kind(owner);
    let cluster_scoped = kind.builtin().map_or_else(
        || {
            inventory.get(&kind, namespace, &owner.name).is_none()
                && inventory.get(&kind, "", &owner.name).is_some()
        },
        |builtin| !builtin.namespaced,
    );
    ObjectRef {
        api_version: owner.api_version.clone(),
        kind: owner.kind.clone(),
        namespace: (!cluster_scoped && !namespace.is_empty()).then(|| namespace.into()),
        name: owner.name.clone(),
    }
}

/// The identity of an object: the topmost built-in workload kind in the chain of its controllers.
/// Without one, a pod (or an object with a generated name) goes by its topmost owner reference,
/// by kind and name, even if that owner could not be read; everything else is itself.
///
/// What a rollout generates never enters: the hash is cut from the name of a `ReplicaSet` that
/// is unread or belongs to a custom kind, and the schedule from the name of a `CronJob`'s unread
/// Job. Mirror pods are themselves: their node is no workload, and their names are stable.
/// In a chain without an end the first workload stands for the topmost, and without one the nearest owner.
#[must_use]
pub fn identity(inventory: &Inventory, object: &Object) -> ObjectRef {
    let generated = object.body().str_at(&["metadata", "generateName"]).is_some();
    let workload = is_of_workload(object);
    if !workload && !generated {
        return object.id.clone();
    }
    let namespace = object.namespace();
    let mut top_builtin = (workload && !object.is(&POD)).then(|| stable(object));
    let mut first = top_builtin.clone();
    let (mut nearest, mut top) = (None, None);
    let mut at: Option<Arc<Object>> = None;
    for _ in 0..MAX_DEPTH {
        let current = at.as_deref().unwrap_or(object);
        let Some(owner) = next(current, top_builtin.is_none()) else { break };
        let id = owner_ref(inventory, namespace, owner);
        let found = inventory.find(&id).cloned();
        if is_workload(&id.group_kind()) {
            top_builtin = Some(found.as_deref().map_or_else(|| unread(current, &id), stable));
            first = first.or_else(|| top_builtin.clone());
        }
        nearest = nearest.or_else(|| Some(id.clone()));
        top = Some(id);
        at = found;
        if at.is_none() {
            return top_builtin.or(top).unwrap_or_else(|| object.id.clone());
        }
    }
    // A chain without an end, or a last link that is in hand and has no owner.
    let endless = at.as_deref().is_some_and(|at| next(at, top_builtin.is_none()).is_some());
    let topmost = if endless { first.or(nearest) } else { top_builtin.or(top) };
    topmost.unwrap_or_else(|| object.id.clone())
}

/// Whether two pods have the same identity, whatever it is: they have the same owners, and what is
/// read of a pod itself to tell what these are is the same. False says nothing.
pub(crate) fn are_siblings(one: &Object, other: &Object) -> bool {
    let pods = [one, other].iter().all(|pod| pod.is(&POD) && !pod.is_mirror_pod());
    pods && one.id.namespace == other.id.namespace
        && one.owners == other.owners
        && next(one, true).is_some()
        && HASH_LABELS.iter().all(|label| one.label(label) == other.label(label))
}

/// The next link: the controller, or any owner while no workload has been met.
fn next(object: &Object, any: bool) -> Option<&OwnerRef> {
    let fallback = || object.owners.iter().find(|owner| any && !is_node(owner));
    if object.is_mirror_pod() { None } else { controller(object).or_else(fallback) }
}

/// The reference of a workload in hand, without the hash of a custom rollout.
fn stable(object: &Object) -> ObjectRef {
    let mut id = object.id.clone();
    let custom = controller(object).is_some_and(|owner| !is_workload(&owner_kind(owner)));
    if custom && object.is(&REPLICA_SET) {
        for label in HASH_LABELS {
            if let Some(base) = object.label(label).and_then(|hash| cut_suffix(&id.name, hash)) {
                id.name = base.into();
                break;
            }
        }
    }
    id
}

/// Labels in which rollouts keep their template's hash, the Deployment's own first.
pub(crate) const HASH_LABELS: [&str; 2] = ["pod-template-hash", "rollouts-pod-template-hash"];

/// What an owner that could not be read must be, going by its child.
fn unread(child: &Object, id: &ObjectRef) -> ObjectRef {
    let kind = id.group_kind();
    if kind == *REPLICA_SET {
        for label in HASH_LABELS {
            let Some(base) = child.label(label).and_then(|hash| cut_suffix(&id.name, hash)) else {
                continue;
            };
            let of_deployment = label == "pod-template-hash";
            let kind = if of_deployment { "Deployment" } else { "ReplicaSet" };
            return ObjectRef { kind: kind.into(), name: base.into(), ..id.clone() };
        }
    }
    if kind == *JOB
        && let Some(base) = scheduled(&id.name)
    {
        return ObjectRef { kind: CRON_JOB.kind.clone(), name: base.into(), ..id.clone() };
    }
    id.clone()
}

fn cut_suffix<'a>(name: &'a str, hash: &str) -> Option<&'a str> {
    if hash.is_empty() {
        return None;
    }
    name.strip_suffix(hash)?.strip_suffix('-').filter(|base| !base.is_empty())
}

/// The `CronJob` of a Job named `<cronjob>-<minutes since 1970>`; dates such as 20240101 lie
/// outside the range of minutes that `CronJob`s can have run at.
fn scheduled(name: &str) -> Option<&str> {
    let (base, minutes) = name.rsplit_once('-')?;
    let digits = minutes.len() == 8 && minutes.bytes().all(|b| b.is_ascii_digit());
    let minutes: u32 = minutes.parse().ok().filter(|_| digits)?;
    (24_000_000..50_000_000).contains(&minutes).then_some(base).filter(|base| !base.is_empty())
}

#[cfg(test)]
mod tests;
