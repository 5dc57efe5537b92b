//! Documents that are no objects although they were meant to be: what is not assessed of them is told from the
//! values of a chart, the file of a tool and whatever else lies beside manifests.

use super::pods;
use crate::model::kinds::Kind;
use crate::model::node::Node;

/// What objects have beside their kind.
const PARTS: [&str; 6] = ["metadata", "spec", "rules", "subjects", "roleRef", "webhooks"];

/// Whether a document that is no object looks like one: it says a kind or a version and has a part of an object,
/// or it has containers where pods have them. Complete in kind and version it is of a built-in kind, or makes
/// pods; tools write files of kinds of their own, without names.
pub(super) fn object(node: &Node) -> bool {
    if is_typed(node) {
        let word = |key| node.str_at(&[key]).unwrap_or_default();
        let builtin = Kind::of(word("apiVersion"), word("kind")).builtin().is_some();
        return builtin || pods::in_spec(node).is_some();
    }
    let says = node.get("kind").is_some() || node.get("apiVersion").is_some();
    let part = |name: &&str| {
        node.get(name).is_some_and(|part| part.as_map().is_some() || part.as_list().is_some())
    };
    says && PARTS.iter().any(part) || pods::in_spec(node).is_some()
}

/// Whether a tree says both its kind and its version.
pub(super) fn is_typed(node: &Node) -> bool {
    let says = |key| node.str_at(&[key]).is_some_and(|text| !text.is_empty());
    says("apiVersion") && says("kind")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::locate;

    fn is_one(text: &str) -> bool {
        object(&locate::documents(text).remove(0).node.unwrap())
    }

    #[test]
    fn a_forgotten_line_does_not_hide_an_object() {
        for text in [
            "kind: Pod\nspec: {hostPID: true}",
            "apiVersion: v1\nspec: {hostPID: true}",
            "apiVersion: v1\nKind: Pod\nmetadata: {name: a}",
            "kind: ClusterRole\nrules: [{verbs: [get]}]",
            "apiVersion: v1\nkind: Pod\nspec: {}",
            "spec: {template: {spec: {containers: [{name: a}]}}}",
            "apiVersion: argoproj.io/v1\nkind: Rollout\nspec: {template: {spec: {containers: [{name: a}]}}}",
        ] {
            assert!(is_one(text), "{text}");
        }
    }

    #[test]
    fn what_lies_beside_manifests_is_no_object() {
        for text in [
            "replicaCount: 1\nimage: {tag: x}",
            "kind: DaemonSet\nimage: {tag: x}\npodSecurityContext: {}",
            "apiVersion: v2\nname: chart\nversion: 1.0.0\ndependencies: []",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]",
            "resources: [a.yaml]\npatches: [{path: p.yaml}]",
            "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodes: []",
            "apiVersion: 1\nproviders: [{name: a}]",
            "apiVersion: v1\nkind: Config\nclusters: []",
            "kind: pipeline\ntype: docker\nsteps: []",
            "openapi: 3.0.0\ninfo: {title: x}",
            "{\"name\": \"x\", \"version\": \"1.0.0\", \"scripts\": {}}",
            "services: {web: {image: x}}",
        ] {
            assert!(!is_one(text), "{text}");
        }
    }
}
