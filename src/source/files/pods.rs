//! Pods that objects of custom kinds make: no check looks at them there, as it does once they run in a cluster.

use crate::model::kinds::Kind;
use crate::model::node::{Map, Node};
use crate::model::path::{FieldPath, Seg};

/// Deepest field looked at.
const MAX_DEPTH: usize = 16;
/// Groups whose objects say what pods of others should be like.
const POLICIES: [&str; 3] = ["kyverno.io", "gatekeeper.sh", "kubewarden.io"];

/// Groups whose workflows hold containers without the template of a pod.
const WORKFLOWS: [&str; 2] = ["argoproj.io", "tekton.dev"];

/// Where the first containers of pods stand that an object of a custom kind makes: under `spec`, under a
/// template somewhere in it, or in the steps of a workflow.
pub(super) fn made_by(kind: &Kind, node: &Node) -> Option<FieldPath> {
    let of = |group: &&str| kind.group.strip_suffix(*group).is_some_and(ends_name);
    if kind.builtin().is_some() || POLICIES.iter().any(of) {
        return None;
    }
    let workflow = || WORKFLOWS.iter().any(of).then(|| in_steps(node)).flatten();
    in_spec(node).or_else(workflow)
}

/// Where the first step of a workflow stands that runs as a container.
fn in_steps(node: &Node) -> Option<FieldPath> {
    let mut path = vec![field("spec")];
    search(node.get("spec")?, &mut path, step).then(|| FieldPath(path.into()))
}

/// Whether what is left of a group's name ends a part of it.
fn ends_name(rest: &str) -> bool {
    rest.is_empty() || rest.ends_with('.')
}

/// Where the first containers of pods stand in a document, whatever kind it says.
pub(super) fn in_spec(node: &Node) -> Option<FieldPath> {
    let spec = node.get("spec")?;
    let mut path = vec![field("spec")];
    if has_containers(spec) {
        path.push(field("containers"));
    } else if !search(spec, &mut path, template) {
        return None;
    }
    Some(FieldPath(path.into()))
}

/// Looks for a map in which `holds` finds something; where there is one, `path` leads to that.
fn search(node: &Node, path: &mut Vec<Seg>, holds: fn(&Map) -> Option<Vec<Seg>>) -> bool {
    match node {
        _ if path.len() >= MAX_DEPTH => false,
        Node::List(items) => {
            items.iter().enumerate().any(|(at, item)| within(Seg::Index(at), item, path, holds))
        }
        Node::Map(map) => {
            if let Some(rest) = holds(map) {
                path.extend(rest);
                return true;
            }
            map.iter().any(|(key, value)| within(field(key), value, path, holds))
        }
        _ => false,
    }
}

fn within(seg: Seg, node: &Node, path: &mut Vec<Seg>, holds: fn(&Map) -> Option<Vec<Seg>>) -> bool {
    path.push(seg);
    let found = search(node, path, holds);
    if !found {
        path.pop();
    }
    found
}

/// The template of a pod.
fn template(map: &Map) -> Option<Vec<Seg>> {
    let (key, _) = map.iter().find(|(key, value)| {
        let named = *key == "template" || key.ends_with("Template");
        named && value.get("spec").is_some_and(has_containers)
    })?;
    Some(vec![field(key), field("spec"), field("containers")])
}

/// What a step of a workflow runs: of Argo a container, a script or a set of containers, of Tekton a list of
/// steps, or the one that others refer to.
fn step(map: &Map) -> Option<Vec<Seg>> {
    let runs = |node: &Node| node.str_at(&["image"]).is_some();
    for key in ["container", "script"] {
        if map.get(key).is_some_and(runs) {
            return Some(vec![field(key)]);
        }
    }
    if map.get("containerSet").is_some_and(has_containers) {
        return Some(vec![field("containerSet"), field("containers")]);
    }
    let steps = map.get("steps").and_then(Node::as_list).unwrap_or_default();
    if steps.iter().any(runs) {
        return Some(vec![field("steps")]);
    }
    let alone = ["command", "script", "args"].iter().any(|key| map.get(key).is_some());
    (alone && map.get("image").is_some()).then(|| vec![field("image")])
}

fn has_containers(spec: &Node) -> bool {
    spec.list_at(&["containers"]).iter().any(|container| container.as_map().is_some())
}

fn field(name: &str) -> Seg {
    Seg::Field(name.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::locate;

    fn found(version: &str, kind: &str, rest: &str) -> Option<String> {
        let node = locate::documents(rest).remove(0).node.unwrap();
        made_by(&Kind::of(version, kind), &node).map(|path| path.to_string())
    }

    #[test]
    fn templates_of_custom_kinds_are_found_wherever_they_stand() {
        for (version, kind, text, path) in [
            (
                "argoproj.io/v1alpha1",
                "Rollout",
                "spec: {template: {spec: {containers: [{name: a}]}}}",
                "spec.template.spec.containers",
            ),
            (
                "keda.sh/v1alpha1",
                "ScaledJob",
                "spec: {jobTargetRef: {template: {spec: {containers: [{name: a}]}}}}",
                "spec.jobTargetRef.template.spec.containers",
            ),
            (
                "x.example.com/v1",
                "Set",
                "spec: {nodeSets: [{n: 1}, {podTemplate: {spec: {containers: [{name: a}]}}}]}",
                "spec.nodeSets[1].podTemplate.spec.containers",
            ),
            (
                "serving.knative.dev/v1",
                "Revision",
                "spec: {containers: [{image: a}]}",
                "spec.containers",
            ),
        ] {
            assert_eq!(found(version, kind, text).as_deref(), Some(path));
        }
    }

    #[test]
    fn steps_of_workflows_and_pipelines_are_found() {
        for (version, kind, text, path) in [
            (
                "argoproj.io/v1alpha1",
                "Workflow",
                "spec: {templates: [{name: a, steps: [[{name: b, template: c}]]}, {name: c, container: {image: x}}]}",
                "spec.templates[1].container",
            ),
            (
                "argoproj.io/v1alpha1",
                "CronWorkflow",
                "spec: {workflowSpec: {templates: [{script: {image: x, source: y}}]}}",
                "spec.workflowSpec.templates[0].script",
            ),
            (
                "argoproj.io/v1alpha1",
                "WorkflowTemplate",
                "spec: {templates: [{containerSet: {containers: [{image: x}]}}]}",
                "spec.templates[0].containerSet.containers",
            ),
            (
                "tekton.dev/v1",
                "Task",
                "spec: {params: [{name: a}], steps: [{name: s, image: x}]}",
                "spec.steps",
            ),
            (
                "tekton.dev/v1",
                "Pipeline",
                "spec: {tasks: [{taskRef: {name: a}}, {taskSpec: {steps: [{image: x}]}}]}",
                "spec.tasks[1].taskSpec.steps",
            ),
            ("tekton.dev/v1beta1", "StepAction", "spec: {image: x, command: [y]}", "spec.image"),
            (
                "triggers.tekton.dev/v1beta1",
                "TriggerTemplate",
                "spec: {resourcetemplates: [{kind: TaskRun, spec: {taskSpec: {steps: [{image: x}]}}}]}",
                "spec.resourcetemplates[0].spec.taskSpec.steps",
            ),
        ] {
            assert_eq!(found(version, kind, text).as_deref(), Some(path));
        }
    }

    #[test]
    fn what_makes_no_pods_is_left_alone() {
        let template = "spec: {template: {spec: {containers: [{name: a}]}}}";
        assert_eq!(found("apps/v1", "Deployment", template), None, "checks look at it");
        assert_eq!(found("kyverno.io/v1", "ClusterPolicy", template), None);
        assert_eq!(found("mutations.gatekeeper.sh/v1", "Assign", template), None);
        assert!(found("notkyverno.io/v1", "Policy", template).is_some());
        for text in [
            "spec: {template: {spec: {taints: []}}}",
            "spec: {containers: {max: 3}}",
            "spec: {containers: []}",
            "metadata: {name: a}",
        ] {
            assert_eq!(found("example.com/v1", "Thing", text), None, "{text}");
        }
        for (version, kind, text) in [
            ("argoproj.io/v1alpha1", "Application", "spec: {source: {helm: {parameters: []}}}"),
            ("argoproj.io/v1alpha1", "Workflow", "spec: {workflowTemplateRef: {name: a}}"),
            ("tekton.dev/v1", "PipelineRun", "spec: {pipelineRef: {name: a}}"),
            ("tekton.dev/v1", "Pipeline", "spec: {tasks: [{taskRef: {name: a}}]}"),
            ("example.com/v1", "Thing", "spec: {steps: [{image: x}]}"),
        ] {
            assert_eq!(found(version, kind, text), None, "{kind}: {text}");
        }
    }
}
