//! Controllers and the pods that they keep.

use super::live::{Endpoint, Seed, State, made, pod};
use super::sets;
use super::sheet::{Sheet, Styles, Workload};
use super::shorthand::image;
use super::stamp::{draw, metadata, owner, suffix};
use super::template::{self, annotations, labels, selector};
use super::tree::{merge, node, texts};
use super::world::{CONTROL_PLANE, NODES, World};
use crate::model::node::Node;

/// Everything one workload is made from.
pub(crate) struct Plan<'a> {
    /// The namespace's sheet.
    pub(crate) sheet: &'a Sheet,
    /// The workload.
    pub(crate) workload: &'a Workload,
    /// Its pod template's metadata.
    pub(crate) metadata: Node,
    /// Its pod spec.
    pub(crate) spec: Node,
    /// Days since it was made.
    pub(crate) age: i64,
}

impl<'a> Plan<'a> {
    /// Works out the template.
    pub(crate) fn new(sheet: &'a Sheet, styles: &Styles, workload: &'a Workload) -> Self {
        let restart = match workload.kind.as_str() {
            "Job" | "CronJob" => "OnFailure",
            _ => "Always",
        };
        let drawn = 25 + draw((sheet.age - 30).max(1), &["age", &sheet.namespace, &workload.name]);
        Self {
            sheet,
            workload,
            metadata: template::metadata(sheet, workload),
            spec: template::spec(sheet, styles, workload, restart),
            age: if workload.age == 0 { drawn } else { workload.age },
        }
    }

    pub(super) fn namespace(&self) -> &str {
        &self.sheet.namespace
    }

    pub(super) fn name(&self) -> &str {
        &self.workload.name
    }

    /// The metadata of the controller itself.
    pub(super) fn own(&self, kind: &str, generation: i64) -> Node {
        let mut keeper = self.workload.owner.split(' ');
        let keeper = match (keeper.next(), keeper.next(), keeper.next()) {
            (Some(version), Some(kind), Some(name)) => {
                node!([(owner(version, kind, self.namespace(), name))])
            }
            _ => Node::Null,
        };
        let own = node!({
            "generation": generation,
            "labels": (texts(&labels(self.sheet, self.workload))),
            "annotations": (texts(&annotations(self.sheet, self.workload))),
            "ownerReferences": keeper,
        });
        merge(metadata(kind, self.namespace(), self.name(), self.age), &own)
    }

    pub(super) fn template(&self) -> Node {
        node!({ "metadata": (self.metadata.clone()), "spec": (self.spec.clone()) })
    }

    pub(super) fn selector(&self) -> Node {
        node!({ "matchLabels": (texts(&selector(self.sheet, self.workload))) })
    }

    /// The worker for the pod number `index`.
    fn worker(&self, index: usize) -> usize {
        let workers = NODES.len() - CONTROL_PLANE;
        let first = draw(6, &["worker", self.namespace(), self.name()]);
        CONTROL_PLANE + (usize::try_from(first).unwrap_or(0) + index) % workers
    }
}

/// One batch of pods with the same owner and template.
pub(super) struct Batch<'a> {
    pub(super) owner: Node,
    /// The name that generated names start with.
    pub(super) base: &'a str,
    pub(super) extra: Node,
    pub(super) spec: &'a Node,
    /// Numbers of the pods in the workload.
    pub(super) numbers: std::ops::Range<usize>,
    /// State of the last of them.
    pub(super) last: State,
    /// When they were made, drawn if nobody says.
    pub(super) made: Option<i64>,
}

impl Plan<'_> {
    /// Makes a batch of pods.
    pub(super) fn pods(&self, world: &mut World, batch: &Batch<'_>) -> Vec<Endpoint> {
        let (kind, namespace) = (self.workload.kind.as_str(), self.namespace());
        let generate = format!("{}-", batch.base);
        let automount = self.sheet.automount(self.workload.account(self.sheet)).unwrap_or(true);
        let (set, daemon) = (kind == "StatefulSet", kind == "DaemonSet");
        let mut made_pods = Vec::new();
        for index in batch.numbers.clone() {
            let number = index.to_string();
            let end = if set {
                number.clone()
            } else {
                suffix(5, &["pod", namespace, batch.base, &number])
            };
            let name = format!("{generate}{end}");
            let mut extra = batch.extra.clone();
            if set {
                let place = node!({ "labels": {
                    "apps.kubernetes.io/pod-index": (&number),
                    "statefulset.kubernetes.io/pod-name": (&name),
                }});
                extra = merge(extra, &place);
            }
            let nothing = Node::Null;
            let live = self.workload.live.as_ref();
            let live = live.filter(|live| index < usize::try_from(live.pods).unwrap_or(0));
            if let Some(live) = live {
                extra = merge(extra, &node!({ "annotations": (texts(&live.annotations)) }));
            }
            let last = index + 1 == batch.numbers.end;
            let seed = Seed {
                namespace,
                generate: &generate,
                metadata: merge(self.metadata.clone(), &extra),
                owner: batch.owner.clone(),
                spec: batch.spec,
                node: if daemon { index } else { self.worker(index) },
                made: batch.made.unwrap_or_else(|| made(namespace, &name, self.age)),
                state: if last { batch.last } else { State::Running },
                daemon,
                set: set.then_some(self.name()),
                automount,
                limits: &self.sheet.defaults.limits,
                over: live.map_or(&nothing, |live| &live.spec),
                name,
            };
            made_pods.push(pod(world, &seed));
        }
        made_pods
    }
}

/// Makes a workload of a kind that keeps pods running.
pub(crate) fn make(world: &mut World, plan: &Plan<'_>) -> Vec<Endpoint> {
    match plan.workload.kind.as_str() {
        "StatefulSet" => sets::stateful_set(world, plan),
        "DaemonSet" => sets::daemon_set(world, plan),
        "ReplicationController" => replication_controller(world, plan),
        "Pod" => vec![bare_pod(world, plan)],
        _ => deployment(world, plan),
    }
}

pub(super) fn count(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

fn deployment(world: &mut World, plan: &Plan<'_>) -> Vec<Endpoint> {
    let workload = plan.workload;
    let old_pods = workload.stale.as_ref().map_or(0, |stale| stale.pods);
    let mut endpoints = Vec::new();
    for revision in (workload.revision - 2).max(1)..=workload.revision {
        let (mut spec, mut wanted) = (plan.spec.clone(), 0);
        if revision == workload.revision {
            wanted = workload.replicas - old_pods;
        } else if let Some(stale) = &workload.stale
            && revision + 1 == workload.revision
        {
            let main = workload.container_name(&workload.main);
            let old = image(plan.sheet, &stale.image);
            spec = merge(spec, &node!({ "containers": [{ "name": main, "image": old }] }));
            wanted = stale.pods;
        }
        endpoints.extend(replica_set(world, plan, &spec, revision, wanted));
    }
    let ready = i64::try_from(endpoints.iter().filter(|e| e.ready).count()).unwrap_or(0);
    let revision = node!({ "annotations": {
        "deployment.kubernetes.io/revision": (workload.revision.to_string()),
    }});
    world.add(node!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": (merge(plan.own("Deployment", workload.revision), &revision)),
        "spec": {
            "replicas": (workload.replicas),
            "selector": (plan.selector()),
            "template": (plan.template()),
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": { "maxUnavailable": "25%", "maxSurge": "25%" },
            },
            "revisionHistoryLimit": 10,
            "progressDeadlineSeconds": 600,
        },
        "status": {
            "observedGeneration": (workload.revision),
            "replicas": (workload.replicas),
            "updatedReplicas": (workload.replicas - old_pods),
            "readyReplicas": ready,
            "availableReplicas": ready,
        },
    }));
    endpoints
}

fn replica_set(
    world: &mut World,
    plan: &Plan<'_>,
    spec: &Node,
    revision: i64,
    wanted: i64,
) -> Vec<Endpoint> {
    let workload = plan.workload;
    let number = revision.to_string();
    let hash = suffix(9, &["template", plan.namespace(), plan.name(), &number]);
    let name = format!("{}-{hash}", plan.name());
    let hashed = node!({ "labels": { "pod-template-hash": (&hash) } });
    let meta = merge(plan.metadata.clone(), &hashed);
    let behind = (workload.revision - revision) * 11;
    let own = node!({
        "generation": 1,
        "labels": (meta.get("labels").cloned().unwrap_or_default()),
        "annotations": {
            "deployment.kubernetes.io/desired-replicas": (workload.replicas.to_string()),
            "deployment.kubernetes.io/max-replicas": ((workload.replicas + (workload.replicas + 3) / 4).to_string()),
            "deployment.kubernetes.io/revision": (&number),
        },
        "ownerReferences": [(owner("apps/v1", "Deployment", plan.namespace(), plan.name()))],
    });
    let age = (22 + behind).min(plan.age);
    world.add(node!({
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": (merge(metadata("ReplicaSet", plan.namespace(), &name, age), &own)),
        "spec": {
            "replicas": wanted,
            "selector": (merge(plan.selector(), &node!({ "matchLabels": { "pod-template-hash": (&hash) } }))),
            "template": { "metadata": meta, "spec": (spec.clone()) },
        },
        "status": { "observedGeneration": 1, "replicas": wanted, "readyReplicas": wanted },
    }));
    let newest = revision == workload.revision;
    let first = if newest { workload.replicas - wanted } else { 0 };
    plan.pods(
        world,
        &Batch {
            owner: owner("apps/v1", "ReplicaSet", plan.namespace(), &name),
            base: &name,
            extra: hashed,
            spec,
            numbers: count(first)..count(first + wanted),
            last: if newest { State::of(&workload.state) } else { State::Running },
            made: None,
        },
    )
}

fn replication_controller(world: &mut World, plan: &Plan<'_>) -> Vec<Endpoint> {
    let kind = "ReplicationController";
    let batch = Batch {
        owner: owner("v1", kind, plan.namespace(), plan.name()),
        base: plan.name(),
        extra: Node::Null,
        spec: &plan.spec,
        numbers: 0..count(plan.workload.replicas),
        last: State::of(&plan.workload.state),
        made: None,
    };
    let endpoints = plan.pods(world, &batch);
    world.add(node!({
        "apiVersion": "v1",
        "kind": kind,
        "metadata": (plan.own(kind, 1)),
        "spec": {
            "replicas": (plan.workload.replicas),
            "selector": (texts(&selector(plan.sheet, plan.workload))),
            "template": (plan.template()),
        },
        "status": { "observedGeneration": 1, "replicas": (plan.workload.replicas) },
    }));
    endpoints
}

fn bare_pod(world: &mut World, plan: &Plan<'_>) -> Endpoint {
    let account = plan.workload.account(plan.sheet);
    let seed = Seed {
        namespace: plan.namespace(),
        name: plan.name().to_owned(),
        generate: "",
        metadata: plan.metadata.clone(),
        owner: Node::Null,
        spec: &plan.spec,
        node: plan.worker(0),
        made: made(plan.namespace(), plan.name(), plan.age),
        state: State::of(&plan.workload.state),
        daemon: false,
        set: None,
        automount: plan.sheet.automount(account).unwrap_or(true),
        limits: &plan.sheet.defaults.limits,
        over: &Node::Null,
    };
    pod(world, &seed)
}
