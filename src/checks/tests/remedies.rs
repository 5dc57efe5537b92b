//! Remedies on the tree that a person would change.

use super::*;
use crate::checks::Params;
use crate::checks::remedy::{DiffKind, Remedy, remedy_with};
use serde_json::json;

const BAD: &str = "{containers: [{name: side}, {name: app, securityContext: {privileged: true}}]}";
const GOOD: &str = "{containers: [{name: app}, {name: side}]}";

fn first(world: &World, check: &Arc<Check>) -> Option<Remedy> {
    remedy_with(check, &Params::default(), &world.run(check).findings[0], &world.inventory())
}

#[test]
fn the_template_is_changed_and_every_form_says_so() {
    let found = first(&World::of(&rollout(BAD, BAD, BAD)), &check(PATCHED)).unwrap();
    assert_eq!(found.target.to_string(), "Deployment/pay/web");
    assert_eq!(found.note, None);
    assert_eq!(
        found.strategic_merge().unwrap(),
        json!({"spec":{"template":{"spec":{"containers":[
            {"name":"app","securityContext":{"privileged":false}}]}}}})
    );
    assert_eq!(
        found.json_patch(),
        json!([{"op":"replace","path":"/spec/template/spec/containers/1/securityContext/privileged","value":false}])
    );
    assert!(
        found
            .kubectl()
            .starts_with("kubectl patch deployments.apps web -n pay --type strategic -p '{")
    );
    let changed: Vec<_> = found
        .yaml_diff()
        .into_iter()
        .filter(|l| matches!(l.kind, DiffKind::Added | DiffKind::Removed))
        .collect();
    let texts: Vec<&str> = changed.iter().map(|l| l.text.trim()).collect();
    assert_eq!(texts, ["privileged: true", "privileged: false"]);
}

#[test]
fn a_controlled_pod_is_never_the_target() {
    // Only live pods fail and the template is clean: there is nothing to change in it.
    assert_eq!(
        first(&World::of(&rollout(GOOD, BAD, GOOD)), &check(PATCHED)).map(|r| r.target),
        None
    );
    // The owner is not in hand.
    let mut world = World::of(&rollout(GOOD, BAD, GOOD));
    world.objects.retain(|o| &*o.id.kind == "Pod");
    assert_eq!(first(&world, &check(PATCHED)), None);
}

#[test]
fn a_bare_pod_is_recreated() {
    let yaml =
        format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a, namespace: b}}\nspec: {BAD}\n");
    let found = first(&World::of(&yaml), &check(PATCHED)).unwrap();
    assert!(found.note.unwrap().contains("recreate"));
}

#[test]
fn an_edit_on_the_pod_is_made_once_and_elements_go_by_condition() {
    let tables = r#"
[target]
scope = "container"
[rule]
each = "securityContext.capabilities.add"
fail = "item.startsWith('NET_')"
message = "x"
[[patch]]
op = "remove-from-list"
path = "securityContext.capabilities.add"
where = "item.startsWith('NET_')"
[[patch]]
op = "add-to-list"
path = "securityContext.capabilities.drop"
value = "ALL"
[[patch]]
op = "set"
path = "pod:hostname"
value-from = "metadata.name + '-' + item"
[[patch]]
op = "remove"
path = "pod:hostPID"
[[patch]]
op = "remove"
path = "pod:hostIPC"
when = "cluster.?minor.orValue(0) > 99"
"#;
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: b}
spec:
  hostPID: true
  hostIPC: true
  containers: [{name: one, securityContext: {capabilities: {add: [NET_RAW, CHOWN, NET_ADMIN]}}}]
";
    let found = first(&World::of(yaml), &check(tables)).unwrap();
    assert_eq!(
        found.after.to_json()["spec"],
        json!({"hostIPC": true, "hostname": "a-NET_RAW", "containers": [
            {"name":"one","securityContext":{"capabilities":{"add":["CHOWN"],"drop":["ALL"]}}}]})
    );
}

#[test]
fn a_finding_on_the_pod_mends_every_container_that_fails() {
    let tables = r#"
[target]
scope = "container"
[rule]
fail = "!has(container.image)"
at = "pod:containers"
message = "x"
[[patch]]
op = "set"
path = "image"
value = "i"
"#;
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: b}
spec: {containers: [{name: one}, {name: two, image: x}, {name: three}]}
";
    let found = first(&World::of(yaml), &check(tables)).unwrap();
    let images: Vec<String> = found.after.to_json()["spec"]["containers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["image"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(images, ["i", "x", "i"]);
}

const MAY_ESCALATE: &str = r#"
[target]
scope = "rule"
[rule]
fail = 'rule.grants("", "roles", ["escalate"])'
message = "x"
[[patch]]
op = "remove-from-list"
path = "verbs"
where = "item == 'escalate'"
"#;

/// The JSON patch for the first finding on a role with some rules.
fn of_role(rules: &str) -> Option<serde_json::Value> {
    let role = format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {{name: r}}\nrules: {rules}\n"
    );
    first(&World::of(&role), &check(MAY_ESCALATE)).map(|remedy| remedy.json_patch())
}

#[test]
fn a_patch_leaves_no_rule_that_an_api_server_refuses() {
    let others =
        "{apiGroups: [''], resources: [pods], verbs: [get]}, {nonResourceURLs: [/x], verbs: [get]}";
    let only = "{apiGroups: [''], resources: [roles], verbs: [escalate]}";
    assert_eq!(
        of_role(&format!("[{only}, {others}]")),
        Some(json!([{"op": "replace", "path": "/rules", "value": [
            {"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]},
            {"nonResourceURLs": ["/x"], "verbs": ["get"]}]}]))
    );
    assert_eq!(
        of_role(&format!("[{only}]")),
        Some(json!([{"op": "replace", "path": "/rules", "value": []}]))
    );
}

#[test]
fn what_a_star_grants_as_well_is_not_mended_by_taking_the_word_out() {
    assert_eq!(of_role("[{apiGroups: [''], resources: [roles], verbs: [escalate, '*']}]"), None);
    assert_eq!(
        of_role("[{apiGroups: [''], resources: [roles], verbs: [escalate, list]}]"),
        Some(json!([{"op": "replace", "path": "/rules/0/verbs", "value": ["list"]}]))
    );
}
