//! Controllers whose pods have places: `StatefulSet`s and `DaemonSet`s.

use super::attached::{claim, claim_spec};
use super::controllers::{Batch, Plan, count};
use super::live::{Endpoint, State};
use super::stamp::{owner, suffix};
use super::tree::{append, each, merge, node};
use super::world::{CONTROL_PLANE, NODES, World};
use crate::model::node::Node;

/// Makes a `StatefulSet`, its pods and their claims.
pub(super) fn stateful_set(world: &mut World, plan: &Plan<'_>) -> Vec<Endpoint> {
    let workload = plan.workload;
    let hash =
        format!("{}-{}", plan.name(), suffix(9, &["revision", plan.namespace(), plan.name()]));
    let size = workload.claim.split(':').next().filter(|size| !size.is_empty());
    let spec = mounted(plan);
    let batch = Batch {
        owner: owner("apps/v1", "StatefulSet", plan.namespace(), plan.name()),
        base: plan.name(),
        extra: node!({ "labels": { "controller-revision-hash": (&hash) } }),
        spec: &spec,
        numbers: 0..count(workload.replicas),
        last: State::of(&workload.state),
        made: None,
    };
    let endpoints = plan.pods(world, &batch);
    world.add(node!({
        "apiVersion": "apps/v1",
        "kind": "StatefulSet",
        "metadata": (plan.own("StatefulSet", 1)),
        "spec": {
            "replicas": (workload.replicas),
            "selector": (plan.selector()),
            "serviceName": (plan.name()),
            "template": { "metadata": (plan.metadata.clone()), "spec": (spec.clone()) },
            "volumeClaimTemplates": (size.map(claim_template)),
            "podManagementPolicy": "OrderedReady",
            "persistentVolumeClaimRetentionPolicy": { "whenDeleted": "Retain", "whenScaled": "Retain" },
            "updateStrategy": { "type": "RollingUpdate", "rollingUpdate": { "partition": 0 } },
            "revisionHistoryLimit": 10,
        },
        "status": {
            "observedGeneration": 1,
            "replicas": (workload.replicas),
            "readyReplicas": (workload.replicas),
            "currentRevision": (&hash),
            "updateRevision": (&hash),
        },
    }));
    if let Some(size) = size {
        for endpoint in &endpoints {
            claim(world, plan.namespace(), &format!("data-{}", endpoint.name), size);
        }
    }
    endpoints
}

/// The pod spec with the claim mounted in the first container.
fn mounted(plan: &Plan<'_>) -> Node {
    let workload = plan.workload;
    let spec = plan.spec.clone();
    let Some((_, path)) = workload.claim.split_once(':') else { return spec };
    let container = workload.container_name(&workload.main);
    each(spec, "containers", |one| {
        if one.str_at(&["name"]) == Some(container) {
            append(one, "volumeMounts", vec![node!({ "name": "data", "mountPath": path })])
        } else {
            one
        }
    })
}

/// The claim template of this size, as the API server stores it.
fn claim_template(size: &str) -> Node {
    node!([{
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": { "name": "data" },
        "spec": (claim_spec(size)),
        "status": { "phase": "Pending" },
    }])
}

/// Makes a `DaemonSet` and its pods.
pub(super) fn daemon_set(world: &mut World, plan: &Plan<'_>) -> Vec<Endpoint> {
    let hash = suffix(9, &["revision", plan.namespace(), plan.name()]);
    let first = if plan.workload.nodes == "workers" { CONTROL_PLANE } else { 0 };
    let batch = Batch {
        owner: owner("apps/v1", "DaemonSet", plan.namespace(), plan.name()),
        base: plan.name(),
        extra: node!({ "labels": { "controller-revision-hash": hash, "pod-template-generation": "1" } }),
        spec: &plan.spec,
        numbers: first..NODES.len(),
        last: State::of(&plan.workload.state),
        made: None,
    };
    let endpoints = plan.pods(world, &batch);
    let wanted = i64::try_from(endpoints.len()).unwrap_or(0);
    let generation = node!({ "annotations": { "deprecated.daemonset.template.generation": "1" } });
    world.add(node!({
        "apiVersion": "apps/v1",
        "kind": "DaemonSet",
        "metadata": (merge(plan.own("DaemonSet", 1), &generation)),
        "spec": {
            "selector": (plan.selector()),
            "template": (plan.template()),
            "updateStrategy": {
                "type": "RollingUpdate",
                "rollingUpdate": { "maxUnavailable": 1, "maxSurge": 0 },
            },
            "revisionHistoryLimit": 10,
        },
        "status": {
            "observedGeneration": 1,
            "currentNumberScheduled": wanted,
            "desiredNumberScheduled": wanted,
            "numberMisscheduled": 0,
            "numberReady": wanted,
        },
    }));
    endpoints
}
