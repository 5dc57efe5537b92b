//! Pods that objects of custom kinds make: no check looks at them there, as it does once they run in a cluster.

use crate::model::kinds::Kind;
use crate::model::node::Node;
use crate::model::path::{FieldPath, Seg};

/// Deepest field looked at.
const MAX_DEPTH: usize = 16;
/// Groups whose objects say what pods of others should be like.
const POLICIES: [&str; 3] = ["kyverno.io", "gatekeeper.sh", "kubewarden.io"];

/// Where the first containers of pods stand that an object of a custom kind makes: under `spec`, or under a
/// template somewhere in it.
pub(super) fn made_by(kind: &Kind, node: &Node) -> Option<FieldPath> {
    let of = |group: &&str| kind.group.strip_suffix(*group).is_some_and(ends_name);
    if kind.builtin().is_some() || POLICIES.iter().any(of) {
        return None;
    }
    in_spec(node)
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
    } else if !search(spec, &mut path) {
        return None;
    }
    Some(FieldPath(path.into()))
}

/// Looks for a template with containers; where there is one, `path` leads to them.
fn search(node: &Node, path: &mut Vec<Seg>) -> bool {
    match node {
        _ if path.len() >= MAX_DEPTH => false,
        Node::List(items) => {
            items.iter().enumerate().any(|(at, item)| within(Seg::Index(at), item, path))
        }
        Node::Map(map) => {
            let template = map.iter().find(|(key, value)| {
                let named = *key == "template" || key.ends_with("Template");
                named && value.get("spec").is_some_and(has_containers)
            });
            if let Some((key, _)) = template {
                path.extend([field(key), field("spec"), field("containers")]);
                return true;
            }
            map.iter().any(|(key, value)| within(field(key), value, path))
        }
        _ => false,
    }
}

fn within(seg: Seg, node: &Node, path: &mut Vec<Seg>) -> bool {
    path.push(seg);
    let found = search(node, path);
    if !found {
        path.pop();
    }
    found
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
    }
}
