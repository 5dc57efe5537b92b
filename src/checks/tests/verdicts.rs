//! What a run says, and that it never says more than it knows.

mod selection;

use super::*;
use crate::checks::LabelSelector;
use crate::checks::run::Monitor;
use crate::model::finding::{CheckCounts, FindingOrigin as Seen};

const PRIVILEGED: &str = r#"
[target]
scope = "container"
[rule]
fail = "container.?securityContext.?privileged.orValue(false)"
at = "securityContext.privileged"
message = "{container.name} ({container.role}) runs privileged"
"#;

const BAD: &str = "{containers: [{name: app, securityContext: {privileged: true}}]}";
const GOOD: &str = "{containers: [{name: app}]}";

fn counts(result: &RunResult) -> CheckCounts {
    result.checks["probe"]
}

#[test]
fn template_and_pods_that_fail_alike_are_one_finding() {
    let result = World::of(&rollout(BAD, BAD, BAD)).run(&check(PRIVILEGED));
    let [finding] = &result.findings[..] else { panic!("{:?}", places(&result)) };
    assert_eq!(
        places(&result),
        ["Deployment/pay/web spec.template.spec.containers[0].securityContext.privileged"]
    );
    assert_eq!((finding.instances, finding.stale), (3, 1));
    assert_eq!(finding.origin, Some(Seen::Both));
    assert_eq!(finding.container.as_deref(), Some("app"));
    assert_eq!(finding.message, "app (app) runs privileged");
    assert_eq!(finding.value, Some(crate::model::node::Node::Bool(true)));
    assert_eq!(counts(&result).fail, 1);
}

#[test]
fn only_the_template_or_only_pods() {
    let result = World::of(&rollout(BAD, GOOD, GOOD)).run(&check(PRIVILEGED));
    assert_eq!(result.findings[0].origin, Some(Seen::Template));
    assert_eq!(result.findings[0].instances, 0);
    let result = World::of(&rollout(GOOD, BAD, GOOD)).run(&check(PRIVILEGED));
    let finding = &result.findings[0];
    assert_eq!(finding.origin, Some(Seen::Live));
    assert_eq!((finding.instances, finding.stale), (2, 0));
    assert_eq!(finding.object.as_ref().unwrap().to_string(), "Pod/pay/web-new-a");
    assert_eq!(finding.owner.as_ref().unwrap().to_string(), "Deployment/pay/web");
    let result = World::of(&rollout(GOOD, GOOD, BAD)).run(&check(PRIVILEGED));
    assert_eq!((result.findings[0].instances, result.findings[0].stale), (1, 1));
    assert_eq!(counts(&result).pass, 1, "the template passes, its pods are not counted again");
}

#[test]
fn finished_pods_are_not_judged() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: b, uid: u}
spec: {containers: [{name: app, securityContext: {privileged: true}}]}
status: {phase: Succeeded}
";
    let result = World::of(yaml).run(&check(PRIVILEGED));
    assert!(result.findings.is_empty());
    assert_eq!(counts(&result), CheckCounts { not_applicable: 1, ..CheckCounts::default() });
}

#[test]
fn what_could_not_be_listed_is_a_gap_and_never_a_pass() {
    let world = World::of(&rollout(GOOD, GOOD, GOOD));
    let world = world.status("StatefulSet", None, ReadStatus::Forbidden);
    let result = world.run(&check(PRIVILEGED));
    let [gap] = &result.not_assessed[..] else { panic!("{:?}", result.not_assessed) };
    assert_eq!(gap.missing.reason, "cannot list statefulsets: forbidden");
    assert_eq!((gap.count, counts(&result).not_assessed, counts(&result).pass), (0, 1, 1));
}

#[test]
fn by_namespace_there_is_one_gap_for_each_that_is_missing() {
    let world = World::of("{apiVersion: v1, kind: Namespace, metadata: {name: a}}").status(
        "DaemonSet",
        Some("a"),
        ReadStatus::Complete,
    );
    let world = world.status("DaemonSet", Some("b"), ReadStatus::Forbidden);
    let result = world.run(&check(PRIVILEGED));
    let reasons: Vec<&str> =
        result.not_assessed.iter().map(|g| g.missing.reason.as_str()).collect();
    assert_eq!(reasons, ["cannot list daemonsets in b: forbidden"]);
}

#[test]
fn an_unread_pod_template_is_no_gap() {
    let world = World::of(GOOD_POD).status("PodTemplate", None, ReadStatus::Forbidden);
    assert!(world.run(&check(PRIVILEGED)).not_assessed.is_empty());
}

const GOOD_POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: b}
spec: {containers: [{name: app}]}
";

const TOKEN: &str = r#"
[target]
scope = "pod"
[rule]
fail = "facts.token.mounted"
message = "x"
"#;

#[test]
fn a_required_fact_that_is_unknown_is_not_assessed_once_per_workload() {
    let world = World::of(&rollout(GOOD, GOOD, GOOD));
    let world = world.status("ServiceAccount", None, ReadStatus::Forbidden);
    let result = world.run(&check(TOKEN));
    let [gap] = &result.not_assessed[..] else { panic!("{:?}", result.not_assessed) };
    assert_eq!(gap.count, 1, "pods and template are one place");
    assert!(gap.missing.reason.contains("serviceaccounts"), "{}", gap.missing.reason);
    assert_eq!((counts(&result).pass, counts(&result).fail), (0, 0));
}

#[test]
fn a_known_member_of_a_fact_decides_although_another_is_unknown() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: b}
spec: {automountServiceAccountToken: false, containers: [{name: app}]}
";
    let world = World::of(yaml).status("ServiceAccount", None, ReadStatus::Forbidden);
    assert_eq!(counts(&world.run(&check(TOKEN))).pass, 1);
}

#[test]
fn an_optional_fact_may_be_unknown() {
    let tables = r#"
[target]
scope = "pod"
[rule]
fail = "facts.?token.?mounted.orValue(true)"
message = "x"
"#;
    let world = World::of(GOOD_POD).status("ServiceAccount", None, ReadStatus::Forbidden);
    assert_eq!(world.run(&check(tables)).findings.len(), 1);
}

#[test]
fn an_evaluation_error_is_an_error_with_its_place() {
    let tables = r#"
[target]
scope = "pod"
[rule]
fail = "pod.gone == 1"
message = "x"
"#;
    let result = World::of(GOOD_POD).run(&check(tables));
    assert_eq!(counts(&result), CheckCounts { error: 1, ..CheckCounts::default() });
    let problem = &result.problems[0];
    assert_eq!(
        problem.message,
        "check probe: rule.fail: there is no `gone` (column 4 of the rule)"
    );
    assert_eq!(problem.object.as_ref().unwrap().to_string(), "Pod/b/a");
    let tables = tables.replace("pod.gone == 1", "1");
    assert_eq!(counts(&World::of(GOOD_POD).run(&check(&tables))).error, 1, "1 is no bool");
}

#[test]
fn when_decides_before_facts_that_only_the_rule_needs() {
    let tables = r#"
[target]
scope = "pod"
when = "pod.?hostNetwork.orValue(false)"
[rule]
fail = "facts.token.mounted"
message = "x"
"#;
    let world = World::of(GOOD_POD).status("ServiceAccount", None, ReadStatus::Forbidden);
    let result = world.run(&check(tables));
    assert_eq!(counts(&result), CheckCounts { not_applicable: 1, ..CheckCounts::default() });
}

#[test]
fn files_are_an_open_world() {
    let mut world = World::of(GOOD_POD);
    world.source.kind = SourceKind::Files;
    world.reads.clear();
    assert_eq!(counts(&world.run(&check(PRIVILEGED))).pass, 1);
    assert!(world.run(&check(PRIVILEGED)).not_assessed.is_empty());
    assert_eq!(counts(&world.run(&check(TOKEN))).not_assessed, 1);
    world.source.closed_world = true;
    assert_eq!(counts(&world.run(&check(TOKEN))).not_assessed, 0);
    // A manifest of a pod is no live pod.
    let mut bad =
        World::of(&GOOD_POD.replace("name: app", "name: app, securityContext: {privileged: true}"));
    bad.source.kind = SourceKind::Files;
    let finding = &bad.run(&check(PRIVILEGED)).findings[0];
    assert_eq!((finding.origin, finding.instances), (Some(Seen::Template), 0));
}

#[test]
fn files_that_show_nothing_of_a_kind_say_so() {
    let roles = r#"
[target]
scope = "rule"
kinds = ["Role", "ClusterRole"]
[rule]
fail = "false"
message = "x"
"#;
    let ports = "[target]\nscope = \"port\"\n[rule]\nfail = \"false\"\nmessage = \"x\"\n";
    let unseen = |world: &World, tables: &str, scope: &RunScope| {
        let result = world.run_in(&[check(tables)], scope);
        assert_eq!(counts(&result).not_assessed, 0);
        result.unseen.iter().map(|gap| gap.missing.reason.clone()).collect::<Vec<_>>()
    };
    let everything = RunScope::default();
    let mut world = World::of(GOOD_POD);
    assert_eq!(unseen(&world, roles, &everything), [""; 0], "a cluster has no roles");
    world.source.kind = SourceKind::Files;
    world.reads.clear();
    let why = ["the files may not show all roles, clusterroles"];
    assert_eq!(unseen(&world, roles, &everything), why);
    assert_eq!(unseen(&world, ports, &everything), [""; 0], "a pod was looked at: it has no ports");
    let labelled = RunScope {
        selector: Some(LabelSelector::parse("no=such").unwrap()),
        ..RunScope::default()
    };
    let result = world.run_in(&[check(ports)], &labelled);
    assert_eq!(result.unseen.len(), 1, "the selection takes no pod");
    world.source.closed_world = true;
    assert_eq!(unseen(&world, roles, &everything), [""; 0]);
}

#[test]
fn a_namespace_that_is_not_there_was_not_looked_at() {
    let text = format!(
        "{GOOD_POD}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: b}}\n---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: bare}}\n"
    );
    let world = World::of(&text);
    let of = |names: &[&str]| {
        let chosen = names.iter().map(|name| (*name).to_owned()).collect();
        let scope = RunScope { namespaces: Some(chosen), ..RunScope::default() };
        let result = world.run_in(&[check(PRIVILEGED)], &scope);
        (counts(&result), result.not_assessed.first().map(|gap| gap.missing.reason.clone()))
    };
    let none = CheckCounts { not_applicable: 1, ..CheckCounts::default() };
    assert_eq!(of(&["bare"]), (none, None), "it is there, and empty");
    assert_eq!(of(&["b", "nosuch"]).1, None, "one of them is there");
    let (counts, why) = of(&["nosuch"]);
    assert_eq!(counts, CheckCounts { not_assessed: 1, ..CheckCounts::default() });
    assert_eq!(why.as_deref(), Some("there is no namespace nosuch"));
}

#[test]
fn evidence_is_listed_and_never_counted() {
    let evidence = check_of("probe", "evidence", PRIVILEGED);
    let result = World::of(&rollout(BAD, BAD, BAD)).run(&evidence);
    assert_eq!((result.findings.len(), result.evidence.len(), counts(&result).fail), (0, 1, 0));
}

#[test]
fn a_cancelled_run_says_nothing() {
    struct Impatient;
    impl Monitor for Impatient {
        fn cancelled(&self) -> bool {
            true
        }
        fn progress(&self, _: usize, _: usize) {}
    }
    let world = World::of(&rollout(BAD, BAD, BAD));
    let plan = Plan::of(&check(PRIVILEGED), &Params::default()).unwrap();
    let facts = Facts::new(Arc::new(world.inventory()), Options::default());
    let result = run(&plan, &facts, &RunScope::default(), &Impatient);
    assert_eq!(result, RunResult::default());
}

#[test]
fn a_rule_that_runs_away_is_stopped() {
    let tables = r#"
[target]
scope = "pod"
[rule]
fail = "lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, a + b + c >= 0)))"
message = "x"
"#;
    let result = World::of(GOOD_POD).run(&check(tables));
    assert_eq!(counts(&result).error, 1);
    assert!(result.problems[0].message.contains("too many steps"), "{:?}", result.problems);
}

#[test]
fn results_are_the_same_however_work_is_shared_out() {
    let yaml: Vec<String> = (0..600)
        .map(|n| {
            let name = n % 7;
            rollout(BAD, BAD, GOOD)
                .replace("name: web", &format!("name: web{name}-{n}"))
                .replace("namespace: pay", &format!("namespace: ns{}", n % 3))
        })
        .take(60)
        .collect();
    let mut world = World::of(&yaml.join("---\n"));
    let first = world.run(&check(PRIVILEGED));
    world.objects.reverse();
    let second = world.run(&check(PRIVILEGED));
    assert_eq!(first, second);
    assert!(first.findings.len() > 10);
}

#[test]
fn the_platforms_own_objects_are_marked_and_those_about_it_are_not() {
    let yaml = "
apiVersion: v1
kind: Pod
metadata:
  name: kube-apiserver-node1
  namespace: kube-system
  uid: u
  annotations: {kubernetes.io/config.mirror: x, kubernetes.io/config.source: file}
  ownerReferences: [{apiVersion: v1, kind: Node, name: node1, controller: true}]
spec:
  nodeName: node1
  hostNetwork: true
  priorityClassName: system-node-critical
  containers:
  - {name: kube-apiserver, image: registry.k8s.io/kube-apiserver:v1.35.0, command: [kube-apiserver], securityContext: {privileged: true}}
status: {phase: Running}
---
apiVersion: v1
kind: Node
metadata: {name: node1}
";
    let world = World::of(yaml);
    let result = world.run(&check(PRIVILEGED));
    assert!(result.findings[0].platform, "{:?}", result.findings);
    assert_eq!((counts(&result).fail, counts(&result).platform_fail), (1, 1));
    let node = "[target]\nscope = \"node\"\n[rule]\nfail = \"node.metadata.name == 'node1'\"\nmessage = \"x\"";
    assert!(!world.run(&check(node)).findings[0].platform);
}

#[test]
fn bare_params_need_parameters() {
    let tables = "[target]\nscope = \"pod\"\n[rule]\nfail = \"size(params) > 0\"\nmessage = \"x\"";
    let problem = Plan::of(&check(tables), &Params::default()).unwrap_err();
    assert!(problem.message.contains("the check has no parameters"), "{}", problem.message);
}

/// Only where the template was read it is known to be clean.
#[test]
fn of_pods_without_a_template_that_was_read_nothing_is_said_of_it() {
    use crate::model::finding::FindingOrigin;
    let host = check(
        "[target]\nscope = \"pod\"\n[rule]\nfail = \"pod.?hostPID.orValue(false)\"\nat = \"hostPID\"\nmessage = \"x\"",
    );
    let seen = |world: &World| {
        let result = world.run(&host);
        let [finding] = &result.findings[..] else { panic!("{:?}", result.findings) };
        (finding.origin, finding.instances)
    };
    let text = rollout("{}", "{hostPID: true}", "{}");
    assert_eq!(seen(&World::of(&text)), (Some(FindingOrigin::Live), 2));
    // Its Deployment may fail as well: nobody may read it.
    let mut blind = World::of(&text).status("Deployment", None, ReadStatus::Forbidden);
    blind.objects.retain(|object| &*object.id.kind != "Deployment");
    assert_eq!(seen(&blind), (None, 2));
    let bare = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: b, uid: u}\nspec: {hostPID: true}\nstatus: {phase: Running}\n";
    assert_eq!(seen(&World::of(bare)), (None, 1));
}
