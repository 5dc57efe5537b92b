mod accounts;
mod holding;
mod rules;
mod subjects;

use serde_json::{Value, json};

use crate::facts::FactName::{Account, Holder, Labellers, Rbac, Refs};
use crate::facts::kind::{
    CLUSTER_ROLE, CLUSTER_ROLE_BINDING, NAMESPACE, ROLE, ROLE_BINDING, SERVICE_ACCOUNT,
};
use crate::facts::testing::{WORKLOADS, World};
use crate::facts::{Fact, Target};
use crate::model::inventory::SourceKind;
use crate::model::node::Node;

const API: &str = "rbac.authorization.k8s.io/v1";

fn rule(group: &str, resource: &str, verb: &str) -> Value {
    json!({"apiGroups": [group], "resources": [resource], "verbs": [verb]})
}

fn everything() -> Value {
    rule("*", "*", "*")
}

fn account(namespace: &str, name: &str) -> Value {
    json!({"kind": "ServiceAccount", "namespace": namespace, "name": name})
}

fn group(name: &str) -> Value {
    json!({"kind": "Group", "name": name})
}

impl World {
    /// A Role, or a `ClusterRole` when the namespace is empty.
    fn role(&mut self, namespace: &str, name: &str, rules: &[Value]) -> &mut Self {
        let kind = if namespace.is_empty() { "ClusterRole" } else { "Role" };
        self.add(&json!({"apiVersion": API, "kind": kind, "rules": rules,
            "metadata": {"name": name, "namespace": namespace}}))
    }

    /// A binding to `Role/x` or `ClusterRole/x`.
    fn bind(&mut self, namespace: &str, name: &str, role: &str, subjects: &[Value]) -> &mut Self {
        let kind = if namespace.is_empty() { "ClusterRoleBinding" } else { "RoleBinding" };
        let (role_kind, role) = role.split_once('/').unwrap();
        self.add(&json!({"apiVersion": API, "kind": kind, "subjects": subjects,
            "metadata": {"name": name, "namespace": namespace},
            "roleRef": {"kind": role_kind, "name": role}}))
    }

    fn rule_fact(&self, kind: &str, role: &str, index: usize) -> Fact {
        self.facts().get(Rbac, &Target::Rule { role: &self.find(kind, role), index })
    }

    fn subject_fact(&self, kind: &str, binding: &str, index: usize) -> Fact {
        self.facts().get(Rbac, &Target::Subject { binding: &self.find(kind, binding), index })
    }

    fn subject_refs(&self, kind: &str, binding: &str, index: usize) -> Fact {
        self.facts().get(Refs, &Target::Subject { binding: &self.find(kind, binding), index })
    }
}

fn members(fact: &Fact) -> Value {
    fact.node().map_or(Value::Null, |node| node.to_json())
}

/// The kinds that a fact cannot do without.
fn rests_on(world: &mut World, fact: impl Fn(&World) -> Fact, member: &str) -> Vec<String> {
    world.needed(|world| members(&fact(world))[member].is_null())
}

#[test]
fn ten_thousand_bindings_are_joined_in_one_pass() {
    let mut world = World::complete();
    world.role("", "view", &[rule("", "pods", "get"), rule("", "services", "get")]);
    for at in 0..10_000 {
        world.bind(
            &format!("ns-{at}"),
            "rb",
            "ClusterRole/view",
            &[account(&format!("ns-{at}"), "app"), account("ops", "robot")],
        );
    }
    world.account("ops", "robot").account("ns-7", "app");
    let facts = world.facts();
    let role = world.find("ClusterRole", "view");
    for index in [0, 1] {
        let fact = facts.get(Rbac, &Target::Rule { role: &role, index });
        assert_eq!(fact.node().unwrap().list_at(&["bindings"]).len(), 10_000);
    }
    for object in world.objects.iter().filter(|o| &*o.id.kind == "RoleBinding") {
        let fact = facts.get(Rbac, &Target::Subject { binding: object, index: 1 });
        assert_eq!(fact.node().unwrap().list_at(&["rules"]).len(), 2);
    }
    let robot = facts.get(Rbac, &Target::Object(&world.find("ServiceAccount", "robot")));
    assert_eq!(members(&robot)["grants"], true);
    assert!(robot.missing().unwrap().reason.contains("more than"), "rules are too many to list");
    let app = facts.get(Rbac, &Target::Object(&world.find("ServiceAccount", "app")));
    assert_eq!(members(&app)["rules"].as_array().unwrap().len(), 2);
}
