//! What is judged within a selection.

use super::*;

#[test]
fn a_selection_judges_only_what_it_names() {
    let other = rollout(BAD, BAD, BAD).replace("namespace: pay", "namespace: shop");
    let world = World::of(&format!("{}---\n{other}", rollout(BAD, BAD, BAD)));
    let checks = [check(PRIVILEGED)];
    let in_shop = RunScope { namespaces: Some(["shop".to_owned()].into()), ..RunScope::default() };
    let result = world.run_in(&checks, &in_shop);
    assert_eq!(result.findings.len(), 1);
    assert_eq!(result.findings[0].namespace(), "shop");
    let object = Some((Kind::new("apps", "Deployment"), Some("pay".to_owned()), "web".to_owned()));
    let one = RunScope { object, ..RunScope::default() };
    assert_eq!(world.run_in(&checks, &one).findings[0].instances, 3, "with its pods");
    let selector = Some(LabelSelector::parse("pod-template-hash=old").unwrap());
    let labelled = RunScope { selector, ..RunScope::default() };
    assert_eq!(world.run_in(&checks, &labelled).findings[0].stale, 1);
}

#[test]
fn a_check_of_the_cluster_is_not_assessed_within_a_selection() {
    let tables = r#"
[target]
scope = "cluster"
[rule]
fail = "cluster.?minor.orValue(0) < 30"
message = "server {cluster.version}"
"#;
    let mut world = World::of(GOOD_POD);
    world.source.kubernetes = Some("v1.29.1".to_owned());
    let result = world.run(&check(tables));
    assert_eq!(places(&result), ["cluster"]);
    assert_eq!(result.findings[0].message, "server v1.29.1");
    let scope = RunScope { namespaces: Some(["b".to_owned()].into()), ..RunScope::default() };
    let result = world.run_in(&[check(tables)], &scope);
    assert_eq!((counts(&result).fail, counts(&result).not_assessed), (0, 1));
}

const BINDINGS: &str = r#"
[target]
scope = "subject"
[rule]
fail = "subject.kind == 'Group' && subject.name == 'everybody'"
message = "{subject.name}"
"#;
const SERVER: &str = r#"
[target]
scope = "component"
components = ["kube-apiserver"]
[rule]
fail = "!has(component.flags.audit)"
message = "no audit"
"#;
const SERVICES: &str = r#"
[target]
scope = "object"
kinds = ["Service"]
[rule]
fail = "object.spec.?type.orValue('') == 'NodePort'"
message = "open"
"#;

/// A control plane, and a namespace with a Service, a binding and a workload.
const SELECTED: &str = "
apiVersion: v1
kind: Pod
metadata: {name: kube-apiserver-a, namespace: kube-system, labels: {component: kube-apiserver, tier: control-plane}, annotations: {kubernetes.io/config.source: file, kubernetes.io/config.mirror: x}, uid: u}
spec: {nodeName: a, containers: [{name: kube-apiserver, command: [kube-apiserver, --secure-port=6443]}]}
---
apiVersion: v1
kind: Service
metadata: {name: front, namespace: pay, labels: {app: front}}
spec: {ports: [{port: 80}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: view, namespace: pay}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: User, name: ann, apiGroup: rbac.authorization.k8s.io}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: pay, labels: {app: web}}
spec: {selector: {matchLabels: {app: web}}, template: {metadata: {labels: {app: web}}, spec: {containers: [{name: app}]}}}
";

/// What a selection leaves out is not absent: each check with what is decided of it, and why not.
#[test]
fn what_a_selection_leaves_out_is_never_looked_at() {
    let world = World::of(SELECTED);
    let gap = |table: &str, scope: &RunScope| {
        let result = world.run_in(&[check(table)], scope);
        let reason = result.not_assessed.first().map(|gap| gap.missing.reason.clone());
        let decided = counts(&result).pass + counts(&result).fail;
        (reason.unwrap_or_default(), decided)
    };
    let of = |namespace: &str| RunScope {
        namespaces: Some([namespace.to_owned()].into()),
        ..RunScope::default()
    };
    let says = |(reason, decided): (String, usize), text: &str, many: usize| {
        assert!(reason.contains(text) && reason.contains("leaves out"), "{reason:?}, {text}");
        assert_eq!(decided, many, "{text}");
    };
    let whole = RunScope::default();
    for table in [BINDINGS, SERVICES, PRIVILEGED] {
        assert_eq!(gap(table, &whole).0, "");
    }
    // The control plane is the cluster's, unless its namespace is chosen.
    says(gap(SERVER, &of("pay")), "it looks at kube-apiserver", 0);
    assert_eq!(gap(SERVER, &of("kube-system")), (String::new(), 1));
    // Bindings of the namespace are decided, those of the cluster are left open.
    says(gap(BINDINGS, &of("pay")), "the ClusterRoleBinding of the cluster too", 1);
    let tenant = RunScope { tenant: true, ..of("pay") };
    assert_eq!(gap(BINDINGS, &tenant), (String::new(), 1), "they are not the tenant's");
    // A namespace without a Service has none; a label that none bears leaves it out.
    assert_eq!(gap(SERVICES, &of("kube-system")), (String::new(), 0));
    let labelled = |text: &str| RunScope {
        selector: Some(LabelSelector::parse(text).unwrap()),
        ..RunScope::default()
    };
    says(gap(SERVICES, &labelled("app=none")), "there are objects of kind Service", 0);
    assert_eq!(gap(SERVICES, &labelled("app=front")), (String::new(), 1));
    says(gap(PRIVILEGED, &labelled("app=front")), "there are objects of kind", 0);
    let object = Some((Kind::new("apps", "Deployment"), None, "web".to_owned()));
    let one = RunScope { object, ..RunScope::default() };
    assert_eq!(gap(PRIVILEGED, &one), (String::new(), 1));
    says(gap(SERVICES, &one), "there are objects of kind Service", 0);
    says(gap(SERVER, &one), "it looks at kube-apiserver", 0);
}
