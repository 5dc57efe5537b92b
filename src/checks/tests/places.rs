//! Where findings point.

use super::*;
use crate::model::finding::Severity;

#[test]
fn a_place_on_the_pod_is_one_finding_without_a_container() {
    let tables = r#"
[target]
scope = "container"
[rule]
fail = "!container.?securityContext.?runAsNonRoot.orValue(pod.?securityContext.?runAsNonRoot.orValue(false))"
at = [
  { path = "securityContext.runAsNonRoot", when = "has(container.securityContext)" },
  { path = "pod:securityContext.runAsNonRoot" },
]
message = "x"
"#;
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: b}
spec:
  containers: [{name: one}, {name: two}, {name: three, securityContext: {}}]
  initContainers: [{name: side, restartPolicy: Always}]
";
    let result = World::of(yaml).run(&check(tables));
    assert_eq!(
        places(&result),
        [
            "Pod/b/a spec.containers[2].securityContext.runAsNonRoot",
            "Pod/b/a spec.securityContext.runAsNonRoot"
        ]
    );
    assert_eq!(result.findings[0].container.as_deref(), Some("three"));
    let pod = &result.findings[1];
    assert_eq!(pod.container, None);
    assert!(pod.missing);
    assert_eq!((pod.file.as_deref(), pod.line), (Some("world.yaml"), Some(5)));
}

#[test]
fn each_gives_a_finding_for_each_element() {
    let tables = r#"
[target]
scope = "container"
[rule]
each = "securityContext.capabilities.add"
fail = "item != 'CHOWN'"
message = "adds {item}"
"#;
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: b}
spec: {containers: [{name: one, securityContext: {capabilities: {add: [NET_RAW, CHOWN, BPF]}}}, {name: two}]}
";
    let result = World::of(yaml).run(&check(tables));
    let path = "Pod/b/a spec.containers[0].securityContext.capabilities.add";
    assert_eq!(places(&result), [format!("{path}[0]"), format!("{path}[2]")]);
    assert_eq!(result.findings[1].message, "adds BPF");
    assert_eq!(result.checks["probe"].pass, 1, "nothing to look through is fine");
}

#[test]
fn the_worst_case_gives_the_severity() {
    let tables = r#"
[target]
scope = "container"
[rule]
fail = "true"
at = "pod:hostPID"
message = "x"
[[rule.case]]
when = "container.name == 'two'"
severity = "critical"
note = "two is worse"
"#;
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: b}
spec: {containers: [{name: one}, {name: two}]}
";
    let result = World::of(yaml).run(&check(tables));
    let [finding] = &result.findings[..] else { panic!() };
    assert_eq!(finding.severity, Severity::Critical);
    assert_eq!(finding.note.as_deref(), Some("two is worse"));
}

#[test]
fn entries_of_env_and_env_from() {
    let tables = r#"
[target]
scope = "env"
[rule]
fail = "env.?valueFrom.?secretKeyRef.hasValue() || env.?from.?secretRef.hasValue()"
at = [{ path = "from.secretRef", when = "has(env.from)" }, { path = "valueFrom" }]
message = "x"
"#;
    let yaml = "
apiVersion: v1
kind: Pod
metadata: {name: a, namespace: b}
spec:
  containers:
  - name: one
    env: [{name: A, value: x}, {name: B, valueFrom: {secretKeyRef: {name: s, key: k}}}]
    envFrom: [{configMapRef: {name: c}}, {secretRef: {name: s}}]
";
    let result = World::of(yaml).run(&check(tables));
    assert_eq!(
        places(&result),
        [
            "Pod/b/a spec.containers[0].envFrom[1].secretRef",
            "Pod/b/a spec.containers[0].env[1].valueFrom"
        ]
    );
}
