//! What patches come to: made together, rolled out, and run again.

use super::*;
use crate::checks::remedy::outcome::{RemedyOutcome, outcome};
use crate::checks::remedy::rollout::rollout as rolled_out;
use crate::checks::remedy::together::{Together, together};
use serde_json::json;

const HOST_PID: &str = r#"
[target]
scope = "pod"
[rule]
fail = "pod.?hostPID.orValue(false)"
at = "hostPID"
message = "x"
[[patch]]
op = "remove"
path = "hostPID"
"#;

/// What a patch of all findings of some checks comes to.
struct Tried {
    together: Together,
    outcome: RemedyOutcome,
    after: Inventory,
    pods: usize,
    remarks: Vec<String>,
}

/// Patches the findings of the first check; all of them look again.
fn tried(world: &World, checks: &[Arc<Check>], patched: &[&str]) -> Tried {
    let before = world.run_in(checks, &RunScope::default());
    let mut library = Library::default();
    for check in checks {
        library.checks.insert(Arc::clone(&check.id), Arc::clone(check));
    }
    let chosen = before.findings.iter().filter(|f| patched.contains(&&*f.check));
    let chosen: Vec<Arc<Finding>> = chosen.cloned().collect();
    let inventory = world.inventory();
    let together = together(&library, &Params::default(), &chosen, &inventory, &Silent);
    let facts = Facts::new(Arc::new(inventory), Options::default());
    let rollout = rolled_out(&facts, &together.remedies);
    let objects = rollout.inventory.objects().cloned().collect();
    let copy = World { source: world.source.clone(), objects, reads: world.reads.clone() };
    let after = copy.run_in(checks, &RunScope::default());
    let outcome = outcome(&before, &after);
    let (pods, remarks) = (rollout.pods, rollout.remarks);
    Tried { together, outcome, after: rollout.inventory, pods, remarks }
}

fn names(found: &[Arc<Finding>]) -> Vec<String> {
    found.iter().map(|f| format!("{} {}", f.check, f.path)).collect()
}

#[test]
fn a_rollout_makes_pods_anew_and_leaves_none_of_an_older_revision() {
    let bad = "{hostPID: true, containers: [{name: app, securityContext: {privileged: true}}]}";
    let world = World::of(&rollout(bad, bad, bad));
    let checks = [check_of("a", "rule", PATCHED), check_of("b", "rule", HOST_PID)];
    let tried = tried(&world, &checks, &["a"]);
    assert_eq!(tried.outcome.cleared.len(), 1, "template, live and stale pods are one finding");
    assert_eq!(tried.outcome.cleared[0].instances, 3);
    assert!(tried.outcome.nothing_worse() && tried.outcome.same == 1);
    assert_eq!(tried.pods, 2);
    let pods = tried.after.of(&Kind::new("", "Pod"));
    assert_eq!(pods.len(), 2, "the one of the older revision is gone");
    for pod in pods {
        let spec = pod.body().get("spec").unwrap().to_json();
        let expected = json!({"hostPID": true,
            "containers": [{"name": "app", "securityContext": {"privileged": false}}]});
        assert_eq!(spec, expected);
    }
    assert_eq!(tried.remarks, [""; 0]);
}

#[test]
fn what_admission_adds_to_pods_is_added_again() {
    let bad = "{containers: [{name: app, securityContext: {privileged: true}}]}";
    let live = "{containers: [{name: app, securityContext: {privileged: true}}, \
                {name: mesh, securityContext: {privileged: true}}]}";
    let world = World::of(&rollout(bad, live, bad));
    let tried = tried(&world, &[check_of("a", "rule", PATCHED)], &["a"]);
    let path = "spec.template.spec.containers[0].securityContext.privileged";
    assert_eq!(names(&tried.outcome.cleared), [format!("a {path}")]);
    assert_eq!(tried.outcome.same, 1, "the container of the mesh still fails");
    assert_eq!(tried.together.left.len(), 1, "and no template holds it");
}

#[test]
fn a_pod_that_mounts_no_token_any_more_loses_its_volume() {
    let tables = r#"
[target]
scope = "pod"
[rule]
fail = "pod.?automountServiceAccountToken.orValue(true)"
at = "automountServiceAccountToken"
message = "x"
[[patch]]
op = "set"
path = "automountServiceAccountToken"
value = false
"#;
    let live = "{containers: [{name: app, volumeMounts: [{name: kube-api-access-x, mountPath: /t}]}], \
                volumes: [{name: kube-api-access-x}]}";
    let plain = "{containers: [{name: app}]}";
    let tried = tried(&World::of(&rollout(plain, live, plain)), &[check(tables)], &["probe"]);
    let pod = &tried.after.of(&Kind::new("", "Pod"))[0];
    let expected = json!({"automountServiceAccountToken": false, "containers": [{"name": "app"}]});
    assert_eq!(pod.body().get("spec").unwrap().to_json(), expected);
    assert_eq!(tried.outcome.cleared.len(), 1);
}

#[test]
fn patches_of_one_object_are_one_change_though_lists_grow_shorter() {
    let tables = r#"
[target]
scope = "volume"
[rule]
fail = "has(volume.hostPath)"
message = "x"
[[patch]]
op = "remove-from-list"
path = "pod:volumes"
where = "has(item.hostPath) && item.name == 'a'"
"#;
    let bad = "{hostPID: true, volumes: [{name: a, hostPath: {path: /}}, {name: b}], \
               containers: [{name: one}, {name: two, securityContext: {privileged: true}}]}";
    let world = World::of(&rollout(bad, bad, bad));
    let checks = [
        check_of("a", "rule", tables),
        check_of("b", "rule", PATCHED),
        check_of("c", "rule", HOST_PID),
    ];
    let tried = tried(&world, &checks, &["a", "b", "c"]);
    assert_eq!(tried.together.remedies.len(), 1);
    assert_eq!(tried.together.mended.len(), 3);
    let after = tried.together.remedies[0].after.to_json();
    assert_eq!(
        after["spec"]["template"]["spec"],
        json!({"volumes": [{"name": "b"}], "containers": [
            {"name": "one"}, {"name": "two", "securityContext": {"privileged": false}}]})
    );
    assert_eq!(tried.outcome.cleared.len(), 3);
}

fn verb(name: &str) -> String {
    format!(
        r#"
[target]
scope = "rule"
[rule]
fail = "'{name}' in rule.verbs"
message = "x"
[[patch]]
op = "remove-from-list"
path = "verbs"
where = "item == '{name}'"
"#
    )
}

const ROLE: &str = "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r, namespace: 'n'}
rules: [{apiGroups: [''], resources: [pods], verbs: [get]}, {apiGroups: [''], resources: [x], verbs: [get, bind, escalate]}]
";

#[test]
fn a_finding_on_a_rule_that_is_called_differently_then_is_neither_cleared_nor_new() {
    let checks = [check_of("a", "rule", &verb("bind")), check_of("b", "rule", &verb("escalate"))];
    let world = World::of(ROLE);
    let one = tried(&world, &checks, &["a"]);
    assert_eq!(names(&one.outcome.cleared), ["a rules[1]"]);
    assert!(one.outcome.fresh.is_empty() && one.outcome.moved.len() == 1);
    // Both change the same rule, of which the content is the name.
    let both = tried(&world, &checks, &["a", "b"]);
    let rules = both.together.remedies[0].after.to_json()["rules"].clone();
    assert_eq!(rules[1]["verbs"], json!(["get"]));
    assert_eq!(both.outcome.cleared.len(), 2);
}

#[test]
fn a_rule_of_which_nothing_is_left_goes_and_the_others_are_still_told_apart() {
    let yaml = "
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r, namespace: 'n'}
rules:
  - {apiGroups: [''], resources: [pods], verbs: [bind]}
  - {apiGroups: [''], resources: [x], verbs: [bind, escalate]}
  - {apiGroups: [''], resources: [w], verbs: [get, bind, escalate]}
";
    let checks = [check_of("a", "rule", &verb("bind")), check_of("b", "rule", &verb("escalate"))];
    let tried = tried(&World::of(yaml), &checks, &["a", "b"]);
    let after = tried.together.remedies[0].after.to_json();
    assert_eq!(after["rules"], json!([{"apiGroups": [""], "resources": ["w"], "verbs": ["get"]}]));
    assert_eq!(tried.outcome.cleared.len(), 5);
}

#[test]
fn a_container_that_fails_the_same_check_at_another_field_does_not_fail_anew() {
    let tables = r#"
[target]
scope = "container"
[rule]
fail = "true"
at = [
  { path = "securityContext.privileged", when = "container.?securityContext.?privileged.orValue(false)" },
  { path = "securityContext.capabilities.drop" },
]
message = "x"
"#;
    let checks = [check_of("a", "rule", PATCHED), check_of("b", "rule", tables)];
    let bad = "{containers: [{name: app, securityContext: {privileged: true}}]}";
    let tried = tried(&World::of(&rollout(bad, bad, bad)), &checks, &["a"]);
    assert_eq!(tried.outcome.cleared.len(), 1);
    assert!(tried.outcome.fresh.is_empty() && tried.outcome.moved.len() == 1);
}

#[test]
fn what_fails_only_then_is_told_and_so_is_what_is_not_decided_then() {
    let worse = r#"
[target]
scope = "container"
[rule]
fail = "!container.?securityContext.?privileged.orValue(true)"
at = "name"
message = "x"
"#;
    let open = r#"
[target]
scope = "container"
[rule]
fail = "true"
message = "x"
[[rule.unknown]]
when = "!container.?securityContext.?privileged.orValue(true)"
reason = "who knows"
"#;
    let checks =
        [check_of("a", "rule", PATCHED), check_of("b", "rule", worse), check_of("c", "rule", open)];
    let bad = "{containers: [{name: app, securityContext: {privileged: true}}]}";
    let tried = tried(&World::of(&rollout(bad, bad, bad)), &checks, &["a"]);
    assert!(!tried.outcome.nothing_worse());
    assert_eq!(names(&tried.outcome.fresh), ["b spec.template.spec.containers[0].name"]);
    assert_eq!(names(&tried.outcome.undecided), ["c spec.template.spec.containers[0]"]);
    assert_eq!(tried.outcome.cleared.len(), 1);
}

#[test]
fn what_does_not_happen_by_itself_is_said() {
    let yaml = "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: d, namespace: 'n'}
spec: {updateStrategy: {type: OnDelete}, template: {spec: {hostPID: true, containers: [{name: a}]}}}
";
    let tried = tried(&World::of(yaml), &[check(HOST_PID)], &["probe"]);
    assert_eq!(
        tried.remarks,
        [
            "DaemonSet/n/d: its pods stay as they are until they are deleted (updateStrategy OnDelete)"
        ]
    );
}

#[test]
fn objects_are_changed_taken_out_and_put_in_where_they_belong() {
    let world = World::of(&rollout("{}", "{}", "{}"));
    let inventory = world.inventory();
    let pods = Kind::new("", "Pod");
    let (first, second) = (inventory.of(&pods)[0].clone(), inventory.of(&pods)[1].clone());
    let mut renamed = (*first).clone();
    renamed.uid = "other".into();
    let changed = inventory
        .changed(vec![(first.id.clone(), Some(Arc::new(renamed))), (second.id.clone(), None)]);
    assert_eq!(changed.of(&pods).len(), 2);
    assert_eq!(&*changed.find(&first.id).unwrap().uid, "other");
    assert!(changed.find(&second.id).is_none());
    assert_eq!(inventory.of(&pods).len(), 3, "the first one stays as it is");
}
