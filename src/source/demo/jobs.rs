//! Jobs and `CronJob`s, with the finished pods that they leave.

use super::controllers::{Batch, Plan};
use super::live::State;
use super::stamp::{NOW, metadata_at, owner, time, uid};
use super::template::{annotations, labels};
use super::tree::{merge, node, texts};
use super::world::World;
use crate::model::node::Node;

/// Seconds between the runs of a schedule, as far as the demo's schedules go.
fn period(schedule: &str) -> i64 {
    let mut fields = schedule.split(' ');
    let (minute, hour) = (fields.next().unwrap_or("*"), fields.next().unwrap_or("*"));
    if let Some(step) = minute.strip_prefix("*/").and_then(|s| s.parse::<i64>().ok()) {
        return step * 60;
    }
    if let Some(step) = hour.strip_prefix("*/").and_then(|s| s.parse::<i64>().ok()) {
        return step * 3600;
    }
    if hour == "*" { 3600 } else { 86_400 }
}

/// Makes a Job that a person started.
pub(crate) fn job(world: &mut World, plan: &Plan<'_>) {
    let made = NOW - plan.age * 86_400;
    one(world, plan, &plan.workload.name, Node::Null, made, State::of(&plan.workload.state));
}

/// Makes a `CronJob` and the Jobs of its latest runs.
pub(crate) fn cron_job(world: &mut World, plan: &Plan<'_>) {
    let (workload, namespace) = (plan.workload, plan.sheet.namespace.as_str());
    let period = period(&workload.schedule);
    let latest = NOW - NOW % period - if period == 86_400 { 6 * 3600 } else { 0 };
    let controller = owner("batch/v1", "CronJob", namespace, &workload.name);
    for run in (0..workload.runs).rev() {
        let made = latest - run * period;
        let name = format!("{}-{}", workload.name, made / 60);
        let last = if run == 0 { State::of(&workload.state) } else { State::Done };
        let state = if last == State::Running { State::Done } else { last };
        one(world, plan, &name, controller.clone(), made, state);
    }
    let own = node!({
        "generation": 1,
        "labels": (texts(&labels(plan.sheet, workload))),
        "annotations": (texts(&annotations(plan.sheet, workload))),
    });
    let made = NOW - plan.age * 86_400;
    world.add(node!({
        "apiVersion": "batch/v1",
        "kind": "CronJob",
        "metadata": (merge(metadata_at("CronJob", namespace, &workload.name, made), &own)),
        "spec": {
            "schedule": (&workload.schedule),
            "concurrencyPolicy": "Forbid",
            "suspend": (workload.runs == 0),
            "jobTemplate": { "metadata": {}, "spec": { "backoffLimit": 2, "template": {
                "metadata": (plan.metadata.clone()),
                "spec": (plan.spec.clone()),
            } } },
            "successfulJobsHistoryLimit": 3,
            "failedJobsHistoryLimit": 1,
        },
        "status": { "lastScheduleTime": ((workload.runs > 0).then(|| time(latest))) },
    }));
}

/// One Job with its pod.
fn one(world: &mut World, plan: &Plan<'_>, name: &str, controller: Node, made: i64, state: State) {
    let namespace = plan.sheet.namespace.as_str();
    let id = uid("Job", namespace, name);
    let tracked = node!({ "labels": {
        "batch.kubernetes.io/controller-uid": (&id),
        "batch.kubernetes.io/job-name": name,
        "controller-uid": (&id),
        "job-name": name,
    }});
    let owners = if controller == Node::Null { Node::Null } else { node!([(controller)]) };
    let metadata = merge(
        merge(metadata_at("Job", namespace, name, made), &tracked),
        &node!({
            "generation": 1,
            "labels": (texts(&labels(plan.sheet, plan.workload))),
            "ownerReferences": owners,
        }),
    );
    let template = merge(plan.metadata.clone(), &tracked);
    world.add(node!({
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": metadata,
        "spec": {
            "parallelism": 1,
            "completions": 1,
            "backoffLimit": 2,
            "completionMode": "NonIndexed",
            "manualSelector": false,
            "podReplacementPolicy": "TerminatingOrFailed",
            "selector": { "matchLabels": { "batch.kubernetes.io/controller-uid": (&id) } },
            "suspend": false,
            "template": { "metadata": template, "spec": (plan.spec.clone()) },
        },
        "status": (status(state, made)),
    }));
    let batch = Batch {
        owner: owner("batch/v1", "Job", namespace, name),
        base: name,
        extra: tracked,
        spec: &plan.spec,
        numbers: 0..1,
        last: state,
        made: Some(made + 1),
    };
    plan.pods(world, &batch);
}

/// What became of a Job that was started at `made`.
fn status(state: State, made: i64) -> Node {
    let finished = match state {
        State::Done => Some((["SuccessCriteriaMet", "Complete"], "succeeded")),
        State::Failed => Some((["FailureTarget", "Failed"], "failed")),
        _ => None,
    };
    match finished {
        Some((conditions, counted)) => node!({
            "startTime": (time(made)),
            "completionTime": ((state == State::Done).then(|| time(made + 60))),
            counted: 1,
            "conditions": (conditions.map(|kind| node!({
                "type": kind,
                "status": "True",
                "lastTransitionTime": (time(made + 60)),
            })).to_vec()),
        }),
        None => node!({ "startTime": (time(made)), "active": 1 }),
    }
}
