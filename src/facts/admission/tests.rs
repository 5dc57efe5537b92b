use serde_json::{Value, json};

use crate::facts::testing::World;
use crate::facts::{FactName, Target};
use crate::model::kinds::Kind;

/// What a policy takes in of namespace `pay`, labelled `team: a`: `all`, `some` or `nothing`.
fn share(objects: &[Value]) -> &'static str {
    let mut world = World::complete();
    world.add(&json!({"apiVersion": "v1", "kind": "Namespace",
        "metadata": {"name": "pay", "labels": {"team": "a"}}}));
    for object in objects {
        world.add(object);
    }
    let fact = world.json(FactName::Admission, "Namespace", "pay");
    match (fact["enforced"] == true, fact["undecided"] == json!([])) {
        (true, _) => "all",
        (false, false) => "some",
        (false, true) => "nothing",
    }
}

/// `base` with other fields in it; null takes one away.
fn with(mut base: Value, changes: &Value) -> Value {
    let (Some(map), Some(changes)) = (base.as_object_mut(), changes.as_object()) else {
        return base;
    };
    map.extend(changes.clone());
    map.retain(|_, value| !value.is_null());
    base
}

fn kyverno(spec: &Value, rule: &Value) -> Value {
    let plain = json!({"name": "r", "match": {"any": [{"resources": {"kinds": ["Pod"]}}]},
        "validate": {"pattern": {"spec": {}}}});
    let base = json!({"validationFailureAction": "Enforce", "rules": [with(plain, rule)]});
    json!({"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "p"},
        "spec": with(base, spec)})
}

#[test]
fn rules_of_kyverno_refuse_pods_where_they_match_validate_and_enforce() {
    let none = json!({});
    let validate = |extra: &Value| json!({"validate": with(json!({"pattern": {}}), extra)});
    let here = json!([{"action": "Enforce", "namespaces": ["p*"]}]);
    let elsewhere = json!([{"action": "Enforce", "namespaces": ["zz"]}]);
    let audit = json!({"validationFailureAction": "Audit"});
    for (spec, rule, expected) in [
        (none.clone(), none.clone(), "all"),
        (json!({"validationFailureAction": "enforce"}), none.clone(), "all"),
        (json!({"validationFailureAction": null}), none.clone(), "nothing"),
        (audit.clone(), none.clone(), "nothing"),
        (none.clone(), validate(&json!({"failureAction": "Audit"})), "nothing"),
        (audit.clone(), validate(&json!({"failureAction": "Enforce"})), "all"),
        (audit.clone(), validate(&json!({"failureActionOverrides": here})), "all"),
        (audit.clone(), validate(&json!({"failureActionOverrides": elsewhere})), "nothing"),
        (
            json!({"validationFailureActionOverrides":
                [{"action": "Audit", "namespaceSelector": {"matchLabels": {"team": "a"}}}]}),
            none.clone(),
            "nothing",
        ),
        (json!({"admission": false}), none.clone(), "nothing"),
        (json!({"rules": []}), none.clone(), "nothing"),
        (
            json!({"webhookConfiguration": {"matchConditions": [{"name": "c"}]}}),
            none.clone(),
            "some",
        ),
        (none.clone(), json!({"validate": null, "mutate": {"patchStrategicMerge": {}}}), "nothing"),
        (none.clone(), json!({"preconditions": {"all": [{"key": "x"}]}}), "some"),
        (none.clone(), json!({"celPreconditions": [{"name": "x"}]}), "some"),
    ] {
        assert_eq!(share(&[kyverno(&spec, &rule)]), expected, "{spec} {rule}");
    }
}

#[test]
fn filters_of_kyverno_take_in_all_pods_of_a_namespace_some_or_none() {
    let pods = |extra: &Value| json!({"resources": with(json!({"kinds": ["Pod"]}), extra)});
    let team = |team: &str| json!({"namespaceSelector": {"matchLabels": {"team": team}}});
    let people = json!([{"kind": "User", "name": "jo"}]);
    for (filter, expected) in [
        (json!({}), "nothing"),
        (pods(&json!({"kinds": ["Service"]})), "nothing"),
        (pods(&json!({"kinds": ["Service", "v1/Pod"]})), "all"),
        (pods(&json!({"kinds": ["*"]})), "all"),
        (pods(&json!({"kinds": ["*/*"]})), "all"),
        (pods(&json!({"kinds": ["Po*"]})), "all"),
        (pods(&json!({"kinds": ["*/v1/Pod"]})), "all"),
        (pods(&json!({"kinds": ["apps/v1/Pod"]})), "nothing"),
        (pods(&json!({"kinds": ["Pod/exec"]})), "nothing"),
        (pods(&json!({"kinds": ["Pod.status"]})), "nothing"),
        (pods(&json!({"kinds": ["Pod/*"]})), "all"),
        (pods(&json!({"kinds": ["Service/*"]})), "nothing"),
        (pods(&json!({"operations": ["DELETE"]})), "nothing"),
        (pods(&json!({"operations": ["CREATE", "UPDATE"]})), "all"),
        (pods(&json!({"namespaces": ["zz"]})), "nothing"),
        (pods(&json!({"namespaces": ["zz", "pa?"]})), "all"),
        (pods(&team("a")), "all"),
        (pods(&team("b")), "nothing"),
        (pods(&team("b*")), "some"),
        (pods(&json!({"name": "*"})), "all"),
        (pods(&json!({"names": ["web-*"]})), "some"),
        (pods(&json!({"selector": {"matchLabels": {"app": "web"}}})), "some"),
        (pods(&json!({"selector": {}})), "all"),
        (pods(&json!({"annotations": {"a": "b"}})), "some"),
        (with(pods(&json!({})), &json!({"subjects": people})), "some"),
        (json!({"clusterRoles": ["cluster-admin"]}), "some"),
    ] {
        let rule = json!({"match": {"any": [filter]}});
        assert_eq!(share(&[kyverno(&json!({}), &rule)]), expected, "match {filter}");
        let rule = json!({"match": filter});
        assert_eq!(share(&[kyverno(&json!({}), &rule)]), expected, "old form {filter}");
        let left = match expected {
            "all" => "nothing",
            "nothing" => "all",
            some => some,
        };
        let rule = json!({"exclude": {"any": [filter]}});
        assert_eq!(share(&[kyverno(&json!({}), &rule)]), left, "exclude {filter}");
    }
    let both = json!({"match": {"all": [pods(&json!({})), pods(&json!({"namespaces": ["zz"]}))]}});
    assert_eq!(share(&[kyverno(&json!({}), &both)]), "nothing");
}

#[test]
fn a_policy_of_another_namespace_is_none_and_an_exception_leaves_it_open() {
    let mut policy = kyverno(&json!({}), &json!({}));
    policy["kind"] = json!("Policy");
    for (namespace, expected) in [("pay", "all"), ("zz", "nothing")] {
        policy["metadata"]["namespace"] = json!(namespace);
        assert_eq!(share(&[policy.clone()]), expected, "{namespace}");
    }
    for (name, rules, namespace, expected) in [
        ("p", "r", "pay", "some"),
        ("p", "*", "pay", "some"),
        ("other", "*", "pay", "all"),
        ("p", "other", "pay", "all"),
        ("p", "r", "zz", "all"),
    ] {
        let exception = json!({"apiVersion": "kyverno.io/v2", "kind": "PolicyException",
            "metadata": {"name": "e", "namespace": "zz"},
            "spec": {"exceptions": [{"policyName": name, "ruleNames": [rules]}],
                "match": {"any": [{"resources": {"kinds": ["Pod"], "namespaces": [namespace]}}]}}});
        let policy = kyverno(&json!({}), &json!({}));
        assert_eq!(share(&[policy, exception]), expected, "{name} {rules} {namespace}");
    }
}

/// A policy of the API server and a binding, with other fields in the constraints of each.
fn native(constraints: &Value, spec: &Value, binding: &Value) -> [Value; 2] {
    let rules = json!({"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"],
        "operations": ["CREATE"], "resources": ["pods"]}]});
    let spec = with(
        json!({"matchConstraints": with(rules, constraints), "validations": [{"expression": "false"}]}),
        spec,
    );
    let binding = with(json!({"policyName": "p", "validationActions": ["Deny"]}), binding);
    [("ValidatingAdmissionPolicy", "p", spec), ("ValidatingAdmissionPolicyBinding", "b", binding)]
        .map(|(kind, name, spec)| {
            json!({"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind,
                "metadata": {"name": name}, "spec": spec})
        })
}

fn rule(changes: &Value) -> Value {
    with(
        json!({"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
            "resources": ["pods"]}),
        changes,
    )
}

#[test]
fn constraints_of_a_policy_take_in_all_pods_of_a_namespace_some_or_none() {
    let rules = |changes: &Value| json!({"resourceRules": [rule(changes)]});
    let named = |operator: &str, name: &str| {
        json!({"namespaceSelector": {"matchExpressions": [{"key": "kubernetes.io/metadata.name",
            "operator": operator, "values": [name]}]}})
    };
    let apps = json!({"objectSelector": {"matchLabels": {"app": "web"}}});
    for (constraints, expected) in [
        (json!({}), "all"),
        (rules(&json!({"resources": ["configmaps"]})), "nothing"),
        (rules(&json!({"resources": ["pods/exec"]})), "nothing"),
        (rules(&json!({"resources": ["*/*"], "apiGroups": ["*"], "operations": ["*"]})), "all"),
        (rules(&json!({"resources": ["pods/*"]})), "all"),
        (rules(&json!({"operations": ["DELETE"]})), "nothing"),
        (rules(&json!({"apiGroups": ["apps"]})), "nothing"),
        (rules(&json!({"scope": "Cluster"})), "nothing"),
        (rules(&json!({"resourceNames": ["web"]})), "some"),
        (json!({"excludeResourceRules": [rule(&json!({"operations": ["*"]}))]}), "nothing"),
        (json!({"excludeResourceRules": [rule(&json!({"operations": ["DELETE"]}))]}), "all"),
        (json!({"excludeResourceRules": [rule(&json!({"resourceNames": ["web"]}))]}), "some"),
        (json!({"namespaceSelector": {"matchLabels": {"team": "a"}}}), "all"),
        (json!({"namespaceSelector": {"matchLabels": {"team": "b"}}}), "nothing"),
        (named("NotIn", "pay"), "nothing"),
        (named("In", "pay"), "all"),
        (apps.clone(), "some"),
        (json!({"objectSelector": {}}), "all"),
    ] {
        let objects = native(&constraints, &json!({}), &json!({}));
        assert_eq!(share(&objects), expected, "policy {constraints}");
        let bound = json!({"matchResources": constraints});
        assert_eq!(
            share(&native(&json!({}), &json!({}), &bound)),
            expected,
            "binding {constraints}"
        );
    }
}

#[test]
fn a_policy_denies_by_its_validations_and_through_a_binding() {
    let none = json!({});
    for (spec, binding, expected) in [
        (none.clone(), json!({"validationActions": ["Warn", "Audit"]}), "nothing"),
        (none.clone(), json!({"validationActions": ["Deny", "Audit"]}), "all"),
        (none.clone(), json!({"policyName": "other"}), "nothing"),
        (json!({"validations": null, "auditAnnotations": [{"key": "k"}]}), none.clone(), "nothing"),
        (json!({"matchConditions": [{"name": "c", "expression": "true"}]}), none.clone(), "some"),
        (json!({"matchConstraints": null}), none.clone(), "nothing"),
    ] {
        assert_eq!(share(&native(&none, &spec, &binding)), expected, "{spec} {binding}");
    }
    assert_eq!(share(&native(&none, &none, &none)[..1]), "nothing");
}

#[test]
fn newer_policies_of_kyverno_and_those_of_kubewarden_are_read_like_those_of_the_server() {
    let validating = |spec: &Value| {
        let base = json!({"matchConstraints": {"resourceRules": [rule(&json!({}))]},
            "validations": [{"expression": "false"}]});
        json!({"apiVersion": "policies.kyverno.io/v1", "kind": "ValidatingPolicy",
            "metadata": {"name": "p"}, "spec": with(base, spec)})
    };
    for (spec, expected) in [
        (json!({}), "all"),
        (json!({"validationActions": ["Audit"]}), "nothing"),
        (json!({"evaluation": {"admission": {"enabled": false}}}), "nothing"),
        (json!({"evaluation": {"mode": "JSON"}}), "nothing"),
        (json!({"matchConditions": [{"name": "c"}]}), "some"),
    ] {
        assert_eq!(share(&[validating(&spec)]), expected, "{spec}");
    }
    let exception = |name: &str| {
        json!({"apiVersion": "policies.kyverno.io/v1", "kind": "PolicyException",
            "metadata": {"name": "e", "namespace": "zz"},
            "spec": {"policyRefs": [{"name": name, "kind": "ValidatingPolicy"}]}})
    };
    assert_eq!(share(&[validating(&json!({})), exception("p")]), "some");
    assert_eq!(share(&[validating(&json!({})), exception("q")]), "all");
    for (spec, expected) in [
        (json!({}), "all"),
        (json!({"mode": "monitor"}), "nothing"),
        (json!({"namespaceSelector": {"matchLabels": {"team": "b"}}}), "nothing"),
        (json!({"objectSelector": {"matchLabels": {"team": "b"}}}), "some"),
    ] {
        let base = json!({"rules": [rule(&json!({}))]});
        let policy = json!({"apiVersion": "policies.kubewarden.io/v1",
            "kind": "ClusterAdmissionPolicy", "metadata": {"name": "p"}, "spec": with(base, &spec)});
        assert_eq!(share(&[policy]), expected, "{spec}");
    }
}

#[test]
fn constraints_of_gatekeeper_deny_unless_they_say_otherwise() {
    let point = |name: &str| {
        json!({"enforcementAction": "scoped", "scopedEnforcementActions":
            [{"action": "deny", "enforcementPoints": [{"name": name}]}]})
    };
    let wanted = |wanted: &Value| json!({"match": wanted});
    for (spec, expected) in [
        (json!({}), "all"),
        (json!({"enforcementAction": "deny"}), "all"),
        (json!({"enforcementAction": "dryrun"}), "nothing"),
        (json!({"enforcementAction": "warn"}), "nothing"),
        (point("validation.gatekeeper.sh"), "all"),
        (point("audit.gatekeeper.sh"), "nothing"),
        (wanted(&json!({"kinds": [{"apiGroups": [""], "kinds": ["Pod"]}]})), "all"),
        (wanted(&json!({"kinds": [{"apiGroups": ["apps"], "kinds": ["*"]}]})), "nothing"),
        (wanted(&json!({"kinds": [{"apiGroups": ["*"], "kinds": ["Service"]}]})), "nothing"),
        (wanted(&json!({"namespaces": ["p*"]})), "all"),
        (wanted(&json!({"namespaces": ["zz"]})), "nothing"),
        (wanted(&json!({"excludedNamespaces": ["pay"]})), "nothing"),
        (wanted(&json!({"excludedNamespaces": ["kube-*"]})), "all"),
        (wanted(&json!({"scope": "Cluster"})), "nothing"),
        (wanted(&json!({"source": "Generated"})), "nothing"),
        (wanted(&json!({"namespaceSelector": {"matchLabels": {"team": "b"}}})), "nothing"),
        (wanted(&json!({"labelSelector": {"matchLabels": {"team": "b"}}})), "some"),
        (wanted(&json!({"name": "web-*"})), "some"),
    ] {
        let constraint = json!({"apiVersion": "constraints.gatekeeper.sh/v1beta1",
            "kind": "K8sAny", "metadata": {"name": "c"}, "spec": spec});
        assert_eq!(share(&[constraint]), expected, "{spec}");
    }
    let constraint = json!({"apiVersion": "constraints.gatekeeper.sh/v1beta1",
        "kind": "K8sAny", "metadata": {"name": "c"}});
    for (process, expected) in [("webhook", "nothing"), ("*", "nothing"), ("audit", "all")] {
        let config = json!({"apiVersion": "config.gatekeeper.sh/v1alpha1", "kind": "Config",
            "metadata": {"name": "config", "namespace": "gatekeeper-system"},
            "spec": {"match": [{"excludedNamespaces": ["pay"], "processes": [process]}]}});
        assert_eq!(share(&[constraint.clone(), config]), expected, "{process}");
    }
}

#[test]
fn what_is_unread_leaves_open_what_is_not_seen() {
    let mut world = World::complete();
    world.namespace("pay");
    let needs: Vec<String> = {
        let mut all: Vec<String> = super::kinds().iter().map(ToString::to_string).collect();
        all.sort();
        all
    };
    assert_eq!(world.rests_on(FactName::Admission, "Namespace", "pay"), needs);
    world.add(&kyverno(&json!({}), &json!({})));
    let enforced = |world: &World| {
        world.fact(FactName::Admission, "Namespace", "pay").missing_member("enforced").is_none()
    };
    world.forbid(&Kind::new("policies.kubewarden.io", "AdmissionPolicy"));
    assert!(enforced(&world));
    // An exception may lift what is seen.
    world.forbid(&Kind::new("kyverno.io", "PolicyException"));
    assert!(!enforced(&world));
}

#[test]
fn the_cluster_is_told_namespace_by_namespace() {
    let mut world = World::complete();
    world.namespace("a").namespace("b");
    let rule = json!({"match": {"any": [{"resources": {"kinds": ["Pod"], "namespaces": ["a"]}}]}});
    world.add(&kyverno(&json!({}), &rule));
    world.add(&json!({"apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingWebhookConfiguration", "metadata": {"name": "guard"}, "webhooks": [{
            "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "b"}},
            "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"],
                "resources": ["pods"]}]}]}));
    let of = |world: &World| world.facts().get(FactName::Admission, &Target::Cluster);
    let expected = json!({"namespaces": [
        {"name": "a", "enforced": true, "undecided": [], "webhooks": []},
        {"name": "b", "enforced": false, "undecided": [], "webhooks": ["guard"]}]});
    assert_eq!(of(&world).node().unwrap().to_json(), expected);
    let mut needs: Vec<String> = super::kinds().iter().map(ToString::to_string).collect();
    needs.push(Kind::new("", "Namespace").to_string());
    needs.sort();
    assert_eq!(world.needed(|world| of(world).missing().is_some()), needs);
}
