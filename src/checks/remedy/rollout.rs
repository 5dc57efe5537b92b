//! An inventory in which remedies are applied, and in which the pods of what was changed are as a
//! rollout would make them: from the new template, with what admission did to them before.

use std::sync::Arc;

use crate::facts::{Facts, Standing};
use crate::model::inventory::Inventory;
use crate::model::key::Key;
use crate::model::kinds::Kind;
use crate::model::node::{Map, Node};
use crate::model::object::{Object, ObjectRef};

use super::Remedy;
use super::three_way::three_way;

/// What remedies make of an inventory.
#[derive(Clone, Debug)]
pub struct Rollout {
    /// With the changed objects and their pods in place of the old ones.
    pub inventory: Inventory,
    /// How many live pods were made anew.
    pub pods: usize,
    /// What a person has to know: what a rollout would not do by itself.
    pub remarks: Vec<String>,
}

/// Where the volume of a pod's token is called.
const TOKEN_VOLUME: &str = "kube-api-access-";

/// Puts the changed objects into a copy of the inventory, and their pods as a rollout would make
/// them. Objects and reads that have nothing to do with them are shared.
#[must_use]
pub fn rollout(facts: &Facts, remedies: &[Remedy]) -> Rollout {
    let inventory = facts.inventory();
    let mut changes: Vec<(ObjectRef, Option<Arc<Object>>)> = Vec::new();
    let mut out = Rollout { inventory: Inventory::default(), pods: 0, remarks: Vec::new() };
    for remedy in remedies {
        let Some(old) = inventory.find(&remedy.target) else { continue };
        let Some(new) = changed(old, remedy.after.clone()) else { continue };
        out.remarks.extend(remedy.note.as_ref().map(|note| format!("{}: {note}", remedy.target)));
        if is_template(old) {
            let before = changes.len();
            pods(facts, old, &new, &mut changes);
            out.pods += changes.iter().skip(before).filter(|(_, pod)| pod.is_some()).count();
            out.remarks.extend(by_itself(&new));
        }
        changes.push((remedy.target.clone(), Some(Arc::new(new))));
    }
    out.inventory = inventory.changed(changes);
    out
}

/// The same object with another tree.
fn changed(old: &Object, tree: Node) -> Option<Object> {
    let mut new = Object::new(tree).ok()?;
    new.origin.clone_from(&old.origin);
    Some(new)
}

/// Whether pods are made from it.
fn is_template(object: &Object) -> bool {
    &*object.id.kind != "Pod" && object.pod_spec().is_some()
}

/// What does not happen by itself when the template of a workload changes.
fn by_itself(object: &Object) -> Option<String> {
    let body = object.body();
    let strategy = body.str_at(&["spec", "updateStrategy", "type"]);
    let text = match &*object.id.kind {
        "Job" => "the template of a Job cannot be changed: make the Job anew",
        "CronJob" => "Jobs that run already keep the old template; the next one has the new one",
        "ReplicaSet" | "ReplicationController" => {
            "its pods stay as they are until they are deleted"
        }
        "PodTemplate" => return None,
        _ if strategy == Some("OnDelete") => {
            "its pods stay as they are until they are deleted (updateStrategy OnDelete)"
        }
        "Deployment" if body.at(&["spec", "paused"]) == Some(&Node::Bool(true)) => {
            "it is paused: no rollout begins before it is resumed"
        }
        _ => return None,
    };
    Some(format!("{}: {text}", object.id))
}

/// The live pods of a workload, made anew. Pods of older revisions go where others are in hand:
/// a rollout leaves none of them.
fn pods(
    facts: &Facts,
    old: &Object,
    new: &Object,
    changes: &mut Vec<(ObjectRef, Option<Arc<Object>>)>,
) {
    let inventory = facts.inventory();
    let identity = facts.identity(old);
    let mut current = Vec::new();
    let mut stale = Vec::new();
    for pod in inventory.in_namespace(&Kind::new("", "Pod"), old.namespace()) {
        if facts.identity(pod) != identity {
            continue;
        }
        match facts.standing(pod) {
            Standing::Instance { current: true } => current.push(pod),
            Standing::Instance { current: false } => stale.push(pod),
            Standing::Judged | Standing::Skipped(_) => {}
        }
    }
    if current.is_empty() {
        std::mem::swap(&mut current, &mut stale);
    }
    for pod in current {
        let base = made_from(inventory, pod).unwrap_or(old);
        if let Some(anew) = regenerated(pod, base, new) {
            changes.push((pod.id.clone(), Some(Arc::new(anew))));
        }
    }
    changes.extend(stale.into_iter().map(|pod| (pod.id.clone(), None)));
}

/// What holds the template that a pod was made from, if it is in hand.
fn made_from<'i>(inventory: &'i Inventory, pod: &Object) -> Option<&'i Object> {
    let owner = pod.controller()?;
    let kind = Kind::of(&owner.api_version, &owner.kind);
    let owner = inventory.get(&kind, pod.namespace(), &owner.name)?;
    owner.pod_spec().map(|_| &**owner)
}

/// The template's metadata.
fn template_metadata(object: &Object) -> Option<&Node> {
    let (keys, _) = object.pod_spec()?;
    let (_, above) = keys.split_last()?;
    object.body().at(above)?.get("metadata")
}

/// A live pod as the new template makes it.
fn regenerated(pod: &Object, base: &Object, new: &Object) -> Option<Object> {
    let (_, spec) = pod.pod_spec()?;
    let (_, from) = base.pod_spec()?;
    let (_, next) = new.pod_spec()?;
    let mut spec = three_way(Some(from), spec, next);
    let mounts = |spec: &Node| spec.get("automountServiceAccountToken") != Some(&Node::Bool(false));
    if mounts(from) && !mounts(next) {
        spec = without_token(&spec);
    }
    let empty = Node::map([]);
    let metadata = pod.body().get("metadata").unwrap_or(&empty);
    let metadata = match template_metadata(new) {
        Some(next) => three_way(template_metadata(base), metadata, next),
        None => metadata.clone(),
    };
    let entries = pod.body().as_map()?.entries().iter().map(|(key, value)| {
        let value = match key.as_str() {
            "metadata" => metadata.clone(),
            "spec" => spec.clone(),
            _ => value.clone(),
        };
        (key.clone(), value)
    });
    changed(pod, Node::Map(Map::new(entries.collect())))
}

/// A pod spec without the volume of the token that admission adds.
fn without_token(spec: &Node) -> Node {
    let ours =
        |item: &Node| item.str_at(&["name"]).is_some_and(|name| name.starts_with(TOKEN_VOLUME));
    let kept = |list: &[Node]| list.iter().filter(|item| !ours(item)).cloned().collect::<Vec<_>>();
    let Some(map) = spec.as_map() else { return spec.clone() };
    let entries = map.entries().iter().map(|(key, value)| {
        let value = match (key.as_str(), value) {
            ("volumes", Node::List(items)) => list_or_nothing(kept(items)),
            ("containers" | "initContainers" | "ephemeralContainers", Node::List(items)) => {
                let unmounted = |container: &Node| match container.as_map() {
                    None => container.clone(),
                    Some(map) => Node::Map(Map::new(
                        map.entries().iter().map(|(k, v)| unmount(k, v, &kept)).collect(),
                    )),
                };
                Node::list(items.iter().map(unmounted).collect())
            }
            _ => value.clone(),
        };
        (key.clone(), value)
    });
    Node::Map(Map::new(entries.collect()))
}

fn unmount(key: &Key, value: &Node, kept: &dyn Fn(&[Node]) -> Vec<Node>) -> (Key, Node) {
    let value = match (key.as_str(), value) {
        ("volumeMounts", Node::List(items)) => list_or_nothing(kept(items)),
        _ => value.clone(),
    };
    (key.clone(), value)
}

/// An empty list is left out, as the server does.
fn list_or_nothing(items: Vec<Node>) -> Node {
    if items.is_empty() { Node::Null } else { Node::list(items) }
}
