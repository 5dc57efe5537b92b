//! Who stands behind an object: its identity across rollouts, and whether it is judged.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::kind::{
    CRON_JOB, DAEMON_SET, DEPLOYMENT, JOB, POD, REPLICA_SET, STATEFUL_SET, is_workload,
};
use super::unknown::Reads;
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;
use crate::model::object::{Object, ObjectRef, OwnerRef};

/// Longest owner chain that is followed; real ones have three links.
const MAX_DEPTH: usize = 16;

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
pub(crate) struct Revisions {
    /// Namespace and Deployment to the name of its newest `ReplicaSet`.
    newest: FxHashMap<(Box<str>, Box<str>), Newest>,
}

#[derive(Debug)]
struct Newest {
    revision: u64,
    replica_set: Box<str>,
}

impl Revisions {
    pub(crate) fn of(inventory: &Inventory) -> Self {
        let mut newest: FxHashMap<_, Newest> = FxHashMap::default();
        for set in inventory.of(&REPLICA_SET) {
            let Some(owner) = set.controller().filter(|o| is_kind(o, &DEPLOYMENT)) else {
                continue;
            };
            let Some(revision) = revision(set) else { continue };
            let key = (set.namespace().into(), owner.name.clone());
            if newest.get(&key).is_none_or(|best| best.revision < revision) {
                newest.insert(key, Newest { revision, replica_set: set.id.name.clone() });
            }
        }
        Self { newest }
    }

    /// Whether this `ReplicaSet` is the newest of its Deployment; true when nobody says.
    fn is_newest(&self, set: &Object, deployment: &str) -> bool {
        let key = (set.namespace().into(), deployment.into());
        self.newest.get(&key).is_none_or(|best| best.replica_set == set.id.name)
    }
}

fn revision(set: &Object) -> Option<u64> {
    set.annotation("deployment.kubernetes.io/revision")?.parse().ok()
}

fn owner_kind(owner: &OwnerRef) -> Kind {
    Kind::of(&owner.api_version, &owner.kind)
}

fn is_kind(owner: &OwnerRef, kind: &Kind) -> bool {
    owner_kind(owner) == *kind
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
pub(crate) fn identity(inventory: &Inventory, object: &Object) -> ObjectRef {
    let generated = object.body().str_at(&["metadata", "generateName"]).is_some();
    let workload = is_workload(&object.kind());
    if !workload && !generated {
        return object.id.clone();
    }
    let namespace = object.namespace();
    let mut top_builtin = (workload && object.kind() != *POD).then(|| stable(object));
    let mut top = None;
    let mut at: Option<Arc<Object>> = None;
    for _ in 0..MAX_DEPTH {
        let current = at.as_deref().unwrap_or(object);
        let Some(owner) = next(current, top_builtin.is_none()) else { break };
        let id = owner_ref(inventory, namespace, owner);
        let found = inventory.find(&id).cloned();
        if is_workload(&id.group_kind()) {
            top_builtin = Some(found.as_deref().map_or_else(|| unread(current, &id), stable));
        }
        top = Some(id);
        at = found;
        if at.is_none() {
            break;
        }
    }
    top_builtin.or(top).unwrap_or_else(|| object.id.clone())
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
    if custom && object.kind() == *REPLICA_SET {
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
const HASH_LABELS: [&str; 2] = ["pod-template-hash", "rollouts-pod-template-hash"];

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

/// Whether an object is judged; see [`Standing`].
pub(crate) fn standing(
    inventory: &Inventory,
    reads: &Reads,
    revisions: &Revisions,
    object: &Object,
) -> Standing {
    if object.kind() == *POD {
        return match object.phase.as_deref() {
            Some("Succeeded" | "Failed") => Standing::Skipped("the pod has finished"),
            _ if object.is_mirror_pod() => Standing::Judged,
            _ => controller(object).map_or(Standing::Judged, |owner| Standing::Instance {
                current: is_current(inventory, revisions, object, owner),
            }),
        };
    }
    let Some(owner) = controller(object).filter(|_| is_workload(&object.kind())) else {
        return Standing::Judged;
    };
    let kind = owner_kind(owner);
    if !is_workload(&kind) {
        return Standing::Judged;
    }
    let here = inventory.get(&kind, object.namespace(), &owner.name).is_some();
    if !here && reads.list(&kind, Some(object.namespace())).is_ok() {
        return Standing::Judged;
    }
    Standing::Skipped(match (&*object.id.kind, &*owner.kind) {
        ("ReplicaSet", "Deployment") => "a ReplicaSet of a Deployment",
        ("Job", "CronJob") => "a Job of a CronJob",
        _ => "made by another workload, which is judged instead",
    })
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
