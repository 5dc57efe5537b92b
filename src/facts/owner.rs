//! Who stands behind an object: its identity across rollouts, and whether it is judged.

use std::collections::BTreeSet;
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::by_namespace::ByNamespace;
use super::kind::{
    CRON_JOB, DAEMON_SET, DEPLOYMENT, JOB, POD, REPLICA_SET, STATEFUL_SET, is_workload,
};
use super::unknown::Reads;
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;
use crate::model::object::{Object, ObjectRef, OwnerRef};

/// Longest owner chain that is followed; real ones have three links. One that goes on leads nowhere:
/// owners can be written in a ring, of which none is the topmost.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::testing::{World, object};
    use serde_json::{Value, json};

    fn owned(api: &str, kind: &str, name: &str, by: &Value) -> Value {
        json!({"apiVersion": api, "kind": kind,
            "metadata": {"name": name, "namespace": "ns", "ownerReferences": [by]}})
    }

    fn by(api: &str, kind: &str, name: &str) -> Value {
        json!({"apiVersion": api, "kind": kind, "name": name, "uid": "1", "controller": true})
    }

    fn labelled(mut body: Value, key: &str, value: &str) -> Value {
        body["metadata"]["labels"][key] = json!(value);
        body
    }

    fn set(name: &str, owner: &Value) -> Value {
        labelled(owned("apps/v1", "ReplicaSet", name, owner), "pod-template-hash", "6d4f")
    }

    fn identity_of(world: &World, body: &Value) -> String {
        world.facts().identity(&object(body)).to_string()
    }

    #[test]
    fn siblings_are_pods_of_one_controller() {
        let set = by("apps/v1", "ReplicaSet", "web-6d4f");
        let pod = |name: &str| {
            object(&labelled(owned("v1", "Pod", name, &set), "pod-template-hash", "6d4f"))
        };
        assert!(are_siblings(&pod("a"), &pod("b")));
        let other = owned("v1", "Pod", "b", &by("apps/v1", "ReplicaSet", "web-77aa"));
        let relabelled = labelled(owned("v1", "Pod", "b", &set), "pod-template-hash", "77aa");
        let of_node = owned("v1", "Pod", "b", &by("v1", "Node", "n"));
        let deployment = owned("apps/v1", "Deployment", "b", &set);
        for body in [other, relabelled, of_node.clone(), deployment] {
            assert!(!are_siblings(&pod("a"), &object(&body)), "{body}");
        }
        assert!(!are_siblings(&object(&of_node), &object(&of_node)), "each is itself");
    }

    #[test]
    fn of_a_ring_of_owners_each_is_judged_as_itself() {
        for ring in [1, 2, 3, 16, 17, 40] {
            let mut world = World::open();
            let name = |at: usize| format!("set-{}", at % ring);
            let sets: Vec<Value> = (0..ring)
                .map(|at| {
                    let above = by("apps/v1", "ReplicaSet", &name(at + 1));
                    owned("apps/v1", "ReplicaSet", &name(at), &above)
                })
                .collect();
            for set in &sets {
                world.add(set);
            }
            for (at, set) in sets.iter().enumerate() {
                assert_eq!(standing_of(&world, set), Standing::Judged, "{at} of {ring}");
                assert_eq!(identity_of(&world, set), format!("ReplicaSet/ns/{}", name(at)));
            }
            let pod = owned("v1", "Pod", "p", &by("apps/v1", "ReplicaSet", "set-0"));
            assert_eq!(identity_of(&world, &pod), "ReplicaSet/ns/set-0", "{ring}");
        }
    }

    #[test]
    fn what_kubernetes_does_not_make_of_its_owner_is_judged_itself() {
        let mut world = World::open();
        let web = by("apps/v1", "Deployment", "web");
        world.add(&json!({"apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "ns"}}));
        for kind in ["DaemonSet", "StatefulSet", "Deployment"] {
            let other = owned("apps/v1", kind, "other", &web);
            assert_eq!(standing_of(&world, &other), Standing::Judged, "{kind}");
        }
        let job = owned("batch/v1", "Job", "up", &web);
        assert_eq!(standing_of(&world, &job), Standing::Judged);
        assert!(matches!(standing_of(&world, &set("web-6d4f", &web)), Standing::Skipped(_)));
        let custom = owned("apps/v1", "ReplicaSet", "web-1", &by("my.io/v1", "Deployment", "web"));
        assert_eq!(standing_of(&world, &custom), Standing::Judged, "another group's Deployment");
    }

    #[test]
    fn owners_of_other_kinds_in_a_ring_give_one_identity() {
        let mut world = World::open();
        let app =
            |name: &str, above: &str| owned("my.io/v1", "App", name, &by("my.io/v1", "App", above));
        for (name, above) in [("a", "b"), ("b", "c"), ("c", "a")] {
            world.add(&app(name, above));
        }
        let pod = owned("v1", "Pod", "p", &by("my.io/v1", "App", "a"));
        assert_eq!(identity_of(&world, &pod), "App/ns/a");
    }

    #[test]
    fn a_pod_of_a_deployment_has_one_identity_whatever_was_read() {
        let web = by("apps/v1", "Deployment", "web");
        let pod = owned("v1", "Pod", "web-6d4f-x", &by("apps/v1", "ReplicaSet", "web-6d4f"));
        let pod = labelled(pod, "pod-template-hash", "6d4f");
        let mut world = World::open();
        assert_eq!(identity_of(&world, &pod), "Deployment/ns/web", "nothing read");
        world.add(&set("web-6d4f", &web));
        assert_eq!(identity_of(&world, &pod), "Deployment/ns/web", "ReplicaSet read");
        let deployment = owned("apps/v1", "Deployment", "web", &by("my.io/v1", "App", "shop"));
        world.add(&deployment);
        assert_eq!(identity_of(&world, &pod), "Deployment/ns/web", "all read, custom owner on top");
        assert_eq!(identity_of(&world, &deployment), "Deployment/ns/web");
        assert_eq!(identity_of(&world, &set("web-6d4f", &web)), "Deployment/ns/web");
        let id = world.facts().identity(&object(&pod));
        assert_eq!(id.group_kind(), *DEPLOYMENT);
    }

    #[test]
    fn a_pod_of_a_custom_rollout_goes_by_its_replica_set_without_the_hash() {
        let rollout = by("argoproj.io/v1alpha1", "Rollout", "web");
        let mut rs = owned("apps/v1", "ReplicaSet", "web-77aa", &rollout);
        rs["metadata"]["labels"] = json!({"rollouts-pod-template-hash": "77aa"});
        let pod = owned("v1", "Pod", "web-77aa-x", &by("apps/v1", "ReplicaSet", "web-77aa"));
        let pod = labelled(pod, "rollouts-pod-template-hash", "77aa");
        let mut world = World::open();
        assert_eq!(identity_of(&world, &pod), "ReplicaSet/ns/web");
        world.add(&rs);
        assert_eq!(identity_of(&world, &pod), "ReplicaSet/ns/web");
        assert_eq!(identity_of(&world, &rs), "ReplicaSet/ns/web");
    }

    #[test]
    fn jobs_of_a_schedule_go_by_it() {
        let mut world = World::open();
        let pod = |job: &str| owned("v1", "Pod", "p", &by("batch/v1", "Job", job));
        assert_eq!(identity_of(&world, &pod("backup-29384756")), "CronJob/ns/backup");
        assert_eq!(identity_of(&world, &pod("backup-20240101")), "Job/ns/backup-20240101");
        assert_eq!(identity_of(&world, &pod("backup")), "Job/ns/backup");
        world.add(&json!({"apiVersion": "batch/v1", "kind": "Job",
            "metadata": {"name": "backup-29384756", "namespace": "ns"}}));
        assert_eq!(identity_of(&world, &pod("backup-29384756")), "Job/ns/backup-29384756");
    }

    #[test]
    fn without_a_built_in_workload_the_topmost_owner_counts_even_unread() {
        let mut world = World::open();
        let pod = owned("v1", "Pod", "kafka-0", &by("strimzi.io/v1", "StrimziPodSet", "kafka"));
        assert_eq!(identity_of(&world, &pod), "StrimziPodSet/ns/kafka");
        world.add(&owned(
            "strimzi.io/v1",
            "StrimziPodSet",
            "kafka",
            &by("strimzi.io/v1", "Kafka", "k"),
        ));
        assert_eq!(identity_of(&world, &pod), "Kafka/ns/k");
        let loose = json!({"apiVersion": "x.io/v1", "kind": "Flow", "name": "f", "uid": "1"});
        assert_eq!(identity_of(&world, &owned("v1", "Pod", "p", &loose)), "Flow/ns/f");
    }

    #[test]
    fn what_nobody_owns_is_itself_and_so_are_mirror_pods_and_named_things() {
        let world = World::open();
        let bare = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a", "namespace": "ns"}});
        assert_eq!(identity_of(&world, &bare), "Pod/ns/a");
        let node = by("v1", "Node", "n1");
        let mut mirror = owned("v1", "Pod", "etcd-n1", &node);
        assert_eq!(identity_of(&world, &mirror), "Pod/ns/etcd-n1");
        mirror["metadata"]["annotations"] = json!({"kubernetes.io/config.mirror": "x"});
        assert_eq!(identity_of(&world, &mirror), "Pod/ns/etcd-n1");
        let account = owned("v1", "ServiceAccount", "a", &by("my.io/v1", "App", "shop"));
        assert_eq!(identity_of(&world, &account), "ServiceAccount/ns/a");
    }

    #[test]
    fn cycles_and_malformed_owners_end() {
        let mut world = World::open();
        let a = owned("my.io/v1", "A", "a", &by("my.io/v1", "B", "b"));
        world.add(&a).add(&owned("my.io/v1", "B", "b", &by("my.io/v1", "A", "a")));
        let pod = owned("v1", "Pod", "p", &by("my.io/v1", "A", "a"));
        assert!(!identity_of(&world, &pod).is_empty());
        let selfish = owned("apps/v1", "Deployment", "d", &by("apps/v1", "Deployment", "d"));
        world.add(&selfish);
        assert_eq!(identity_of(&world, &selfish), "Deployment/ns/d");
        let odd = owned("v1", "Pod", "p", &json!({"kind": 3, "controller": "yes"}));
        assert_eq!(identity_of(&world, &odd), "Pod/ns/p");
    }

    fn standing_of(world: &World, body: &Value) -> Standing {
        world.facts().standing(&object(body))
    }

    #[test]
    fn top_templates_are_judged_and_the_rest_is_browsed() {
        let mut world = World::complete();
        let web = by("apps/v1", "Deployment", "web");
        let orphan = set("web-6d4f", &web);
        assert_eq!(standing_of(&world, &orphan), Standing::Judged, "its Deployment is proven gone");
        world.add(&json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "ns"}}));
        assert!(matches!(standing_of(&world, &orphan), Standing::Skipped(_)));
        assert!(matches!(standing_of(&World::open(), &orphan), Standing::Skipped(_)), "unread");
        let job = owned("batch/v1", "Job", "j", &by("batch/v1", "CronJob", "c"));
        assert!(matches!(standing_of(&World::open(), &job), Standing::Skipped(_)));
        let custom =
            owned("apps/v1", "ReplicaSet", "r", &by("argoproj.io/v1alpha1", "Rollout", "r"));
        assert_eq!(standing_of(&world, &custom), Standing::Judged);
        let account = owned("v1", "ServiceAccount", "a", &web);
        assert_eq!(standing_of(&world, &account), Standing::Judged);
    }

    #[test]
    fn pods_are_instances_unless_finished_or_bare() {
        let world = World::open();
        let mut pod = owned("v1", "Pod", "p", &by("apps/v1", "StatefulSet", "s"));
        assert_eq!(standing_of(&world, &pod), Standing::Instance { current: true });
        for phase in ["Succeeded", "Failed"] {
            pod["status"]["phase"] = json!(phase);
            assert!(matches!(standing_of(&world, &pod), Standing::Skipped(_)));
        }
        let bare = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "status": {"phase": "Pending"}});
        assert_eq!(standing_of(&world, &bare), Standing::Judged);
        let mirror = owned("v1", "Pod", "etcd-n1", &by("v1", "Node", "n1"));
        assert_eq!(standing_of(&world, &mirror), Standing::Judged);
    }

    #[test]
    fn pods_of_an_older_revision_are_stale() {
        let mut world = World::complete();
        let web = by("apps/v1", "Deployment", "web");
        for (name, revision) in [("web-1", "9"), ("web-2", "10")] {
            let mut body = owned("apps/v1", "ReplicaSet", name, &web);
            body["metadata"]["annotations"] =
                json!({"deployment.kubernetes.io/revision": revision});
            world.add(&body);
        }
        let of = |set: &str| owned("v1", "Pod", "p", &by("apps/v1", "ReplicaSet", set));
        assert_eq!(standing_of(&world, &of("web-1")), Standing::Instance { current: false });
        assert_eq!(standing_of(&world, &of("web-2")), Standing::Instance { current: true });
        assert_eq!(standing_of(&world, &of("unread")), Standing::Instance { current: true });

        let mut stateful = json!({"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db", "namespace": "ns"}});
        stateful["status"]["updateRevision"] = json!("db-5f6");
        let mut daemon = json!({"apiVersion": "apps/v1", "kind": "DaemonSet", "metadata": {"name": "log", "namespace": "ns"}});
        daemon["metadata"]["annotations"] =
            json!({"deprecated.daemonset.template.generation": "4"});
        world.add(&stateful).add(&daemon);
        for (kind, owner, label, value, current) in [
            ("StatefulSet", "db", "controller-revision-hash", "db-5f6", true),
            ("StatefulSet", "db", "controller-revision-hash", "db-111", false),
            ("StatefulSet", "db", "other", "x", true),
            ("DaemonSet", "log", "pod-template-generation", "4", true),
            ("DaemonSet", "log", "pod-template-generation", "3", false),
        ] {
            let pod = labelled(owned("v1", "Pod", "p", &by("apps/v1", kind, owner)), label, value);
            assert_eq!(standing_of(&world, &pod), Standing::Instance { current }, "{kind} {value}");
        }
    }
}
