use serde_json::{Value, json};

use crate::facts::FactName::{Account, Labellers, Rbac, Refs};
use crate::facts::kind::{
    CLUSTER_ROLE, CLUSTER_ROLE_BINDING, NAMESPACE, ROLE, ROLE_BINDING, SERVICE_ACCOUNT,
};
use crate::facts::testing::World;
use crate::facts::{Fact, Target};
use crate::model::inventory::SourceKind;

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
    let kinds: Vec<_> = world.reads.iter().filter_map(|r| r.kind.clone()).collect();
    let mut needed = Vec::new();
    for kind in kinds {
        let before = world.reads.clone();
        world.forbid(&kind);
        if members(&fact(world))[member].is_null() {
            needed.push(kind.to_string());
        }
        world.reads = before;
    }
    needed.sort();
    needed
}

#[test]
fn a_rule_knows_who_is_bound_to_it() {
    let mut world = World::complete();
    world.role("", "reader", &[rule("", "pods", "get")]).role("", "idle", &[everything()]);
    world.bind("a", "rb", "ClusterRole/reader", &[account("a", "app"), account("", "own")]);
    world.bind("", "crb", "ClusterRole/reader", &[json!({"kind": "User", "name": "eve"})]);
    world.bind("", "empty", "ClusterRole/idle", &[]);
    let reader = json!({"bound": true, "clusterWide": true, "broad": false, "builtinOnly": false,
        "bindings": ["ClusterRoleBinding/crb", "RoleBinding/a/rb"],
        "subjects": ["ServiceAccount/a/app", "ServiceAccount/a/own", "User/eve"],
        "role": {"aggregated": false, "inherited": false}});
    assert_eq!(members(&world.rule_fact("ClusterRole", "reader", 0)), reader);
    let idle = members(&world.rule_fact("ClusterRole", "idle", 0));
    assert_eq!((&idle["bound"], &idle["bindings"]), (&json!(false), &json!([])), "no subject");
}

#[test]
fn what_a_rule_does_not_see_it_does_not_deny() {
    let mut world = World::complete();
    world.role("", "idle", &[everything()]).role("a", "local", &[everything()]);
    world.role("", "seen", &[everything()]);
    world.bind("a", "rb", "ClusterRole/seen", &[account("a", "x")]);
    let of = |kind: &'static str, name: &'static str| move |w: &World| w.rule_fact(kind, name, 0);
    let cluster = ["ClusterRole", "ClusterRoleBinding", "RoleBinding"];
    let crb = ["ClusterRole", "ClusterRoleBinding"];
    assert_eq!(rests_on(&mut world, of("ClusterRole", "idle"), "bound"), cluster);
    assert_eq!(rests_on(&mut world, of("ClusterRole", "idle"), "bindings"), cluster);
    assert_eq!(rests_on(&mut world, of("ClusterRole", "idle"), "clusterWide"), crb);
    assert_eq!(rests_on(&mut world, of("ClusterRole", "seen"), "bound"), [""; 0]);
    assert_eq!(rests_on(&mut world, of("ClusterRole", "seen"), "broad"), cluster);
    assert_eq!(rests_on(&mut world, of("Role", "local"), "bound"), ["RoleBinding"]);
    assert_eq!(rests_on(&mut world, of("Role", "local"), "clusterWide"), [""; 0]);
}

#[test]
fn broad_and_built_in_holders_are_told_apart() {
    let mut world = World::complete();
    for (name, subject, broad, builtin) in [
        ("auth", group("system:authenticated"), true, false),
        ("anon", json!({"kind": "User", "name": "system:anonymous"}), true, false),
        ("all", group("system:serviceaccounts:a"), true, false),
        ("masters", group("system:masters"), false, true),
        ("nodes", group("system:nodes"), false, true),
        ("team", group("team"), false, false),
    ] {
        world.role("", name, &[rule("", "pods", "get")]);
        world.bind("", name, &format!("ClusterRole/{name}"), &[subject]);
        let fact = members(&world.rule_fact("ClusterRole", name, 0));
        assert_eq!(
            (&fact["broad"], &fact["builtinOnly"]),
            (&json!(broad), &json!(builtin)),
            "{name}"
        );
    }
    world.role("", "strong", &[everything()]);
    world.bind("", "strong", "ClusterRole/strong", &[group("system:nodes")]);
    let fact = members(&world.rule_fact("ClusterRole", "strong", 0));
    assert_eq!(fact["builtinOnly"], false, "no platform gives the nodes everything");
}

#[test]
fn aggregation_carries_bindings_up_and_copies_belong_to_their_source() {
    let mut world = World::complete();
    let aggregate = |name: &str, labels: Value, to: &str, rules: Value| {
        json!({"apiVersion": API, "kind": "ClusterRole", "metadata": {"name": name, "labels": labels},
            "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {to: "true"}}]}, "rules": rules})
    };
    let secrets = json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["get", "list"]});
    let swapped = json!({"apiGroups": [""], "resources": ["secrets"], "verbs": ["list", "get"]});
    world.add(&json!({"apiVersion": API, "kind": "ClusterRole", "rules": [secrets],
        "metadata": {"name": "custom", "labels": {"to-edit": "true"}}}));
    world.add(&aggregate(
        "edit",
        json!({"to-admin": "true"}),
        "to-edit",
        json!([swapped, everything()]),
    ));
    world.add(&aggregate("admin", json!({}), "to-admin", json!([swapped])));
    world.bind("a", "rb", "ClusterRole/admin", &[account("a", "x")]);
    let custom = members(&world.rule_fact("ClusterRole", "custom", 0));
    assert_eq!(
        (&custom["bound"], &custom["bindings"]),
        (&json!(true), &json!(["RoleBinding/a/rb"]))
    );
    assert_eq!(custom["role"], json!({"aggregated": true, "inherited": false}));
    let inherited = |role: &str, index| {
        members(&world.rule_fact("ClusterRole", role, index))["role"]["inherited"].clone()
    };
    assert_eq!(
        (inherited("edit", 0), inherited("edit", 1), inherited("admin", 0)),
        (json!(true), json!(false), json!(true))
    );
    let object = world.json(Rbac, "ClusterRole", "custom");
    assert_eq!(
        (&object["source"], &object["aggregated"], &object["bound"]),
        (&json!(true), &json!(true), &json!(true))
    );
    assert_eq!(world.json(Rbac, "ClusterRole", "admin")["source"], false);
}

#[test]
fn aggregation_in_a_circle_ends() {
    let mut world = World::complete();
    for name in ["a", "b"] {
        world.add(&json!({"apiVersion": API, "kind": "ClusterRole", "metadata": {"name": name, "labels": {"x": "y"}},
            "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"x": "y"}}, {}, "odd"]}, "rules": [everything()]}));
    }
    let fact = members(&world.rule_fact("ClusterRole", "a", 0));
    assert_eq!(fact["role"], json!({"aggregated": true, "inherited": true}));
}

#[test]
fn a_subject_rests_on_its_role_alone() {
    let mut world = World::complete();
    world.role("", "god", &[everything()]).role("a", "local", &[rule("", "secrets", "get")]);
    world.bind("", "god", "ClusterRole/god", &[account("a", "x")]);
    world.bind("a", "local", "Role/local", &[account("", "x"), group("system:unauthenticated")]);
    world.bind("a", "gone", "Role/gone", &[account("a", "x")]);
    world.bind("a", "admin", "ClusterRole/cluster-admin", &[group("team")]);
    world.account("a", "x");
    let god = members(&world.subject_fact("ClusterRoleBinding", "god", 0));
    assert_eq!(
        (&god["clusterWide"], &god["roleExists"], &god["clusterAdmin"], &god["adminEquivalent"]),
        (&json!(true), &json!(true), &json!(true), &json!(true))
    );
    assert_eq!((&god["accountExists"], &god["builtin"]), (&json!(true), &json!(false)));
    assert_eq!(god["rules"], json!([everything()]));
    let local = members(&world.subject_fact("RoleBinding", "local", 0));
    assert_eq!(
        (&local["clusterAdmin"], &local["reasons"], &local["accountExists"]),
        (&json!(false), &json!(["read secrets"]), &json!(true))
    );
    assert_eq!(members(&world.subject_fact("RoleBinding", "local", 1))["broad"], true);
    let gone = members(&world.subject_fact("RoleBinding", "gone", 0));
    assert_eq!((&gone["roleExists"], &gone["rules"]), (&json!(false), &json!([])));
    let of = |name: &'static str| move |w: &World| w.subject_fact("RoleBinding", name, 0);
    assert_eq!(rests_on(&mut world, of("gone"), "rules"), ["Role"]);
    assert_eq!(rests_on(&mut world, of("local"), "rules"), [""; 0]);
    world.forbid(&CLUSTER_ROLE);
    let admin = world.subject_fact("RoleBinding", "admin", 0);
    let known = members(&admin);
    assert_eq!((&known["clusterAdmin"], &known["adminEquivalent"]), (&json!(true), &json!(false)));
    assert_eq!(
        (&known["rules"], admin.missing().unwrap().read.as_str()),
        (&json!(null), "clusterroles")
    );
}

fn pod_world() -> World {
    let mut world = World::complete();
    world.pod("a", "p", &json!({"serviceAccountName": "app"}));
    world
}

#[test]
fn an_account_without_bindings_needs_every_list_to_be_powerless() {
    let mut world = pod_world();
    world.role("", "basic", &[rule("", "nodes", "get")]);
    world.bind("", "basic", "ClusterRole/basic", &[group("system:authenticated")]);
    let fact = world.json(Rbac, "Pod", "p");
    assert_eq!(
        (&fact["grants"], &fact["bindings"], &fact["takeover"]),
        (&json!(false), &json!([]), &json!([]))
    );
    assert_eq!(
        fact["rules"],
        json!([{"scope": "cluster", "rule": rule("", "nodes", "get")}]),
        "groups count"
    );
    let of = |w: &World| w.fact(Rbac, "Pod", "p");
    assert_eq!(rests_on(&mut world, of, "grants"), ["ClusterRoleBinding", "RoleBinding"]);
    assert_eq!(rests_on(&mut world, of, "takeover"), ["ClusterRoleBinding", "RoleBinding"]);
    assert_eq!(rests_on(&mut world, of, "clusterAdmin"), ["ClusterRoleBinding"]);
    assert_eq!(rests_on(&mut world, of, "rules"), ["ClusterRoleBinding", "RoleBinding"]);
}

#[test]
fn what_is_granted_stands_whatever_is_unread() {
    let mut world = pod_world();
    world.role("", "ops", &[rule("", "secrets", "list"), rule("", "pods/exec", "create")]);
    world.bind("", "ops", "ClusterRole/ops", &[account("a", "app")]);
    world.bind("b", "gone", "Role/gone", &[account("a", "app")]);
    let of = |w: &World| w.fact(Rbac, "Pod", "p");
    for member in ["grants", "bindings", "takeover"] {
        assert_eq!(rests_on(&mut world, of, member), [""; 0], "{member}");
    }
    let fact = world.json(Rbac, "Pod", "p");
    assert_eq!(
        fact["bindings"],
        json!(["ClusterRoleBinding/ops"]),
        "a missing role grants nothing"
    );
    assert_eq!(fact["takeover"], json!(["read secrets", "exec into pods"]));
    assert_eq!(rests_on(&mut world, of, "clusterAdmin"), ["ClusterRoleBinding"]);
    world.account("a", "app");
    assert_eq!(world.json(Rbac, "ServiceAccount", "app")["grants"], true);
    world.forbid(&CLUSTER_ROLE).forbid(&CLUSTER_ROLE_BINDING).forbid(&ROLE_BINDING).forbid(&ROLE);
    assert_eq!(world.json(Rbac, "Pod", "p")["takeover"], json!(["read secrets", "exec into pods"]));
}

#[test]
fn an_unread_role_leaves_its_binding_open() {
    let mut world = pod_world();
    world.bind("", "ops", "ClusterRole/ops", &[account("a", "app")]);
    let of = |w: &World| w.fact(Rbac, "Pod", "p");
    let all = ["ClusterRole", "ClusterRoleBinding", "RoleBinding"];
    assert_eq!(rests_on(&mut world, of, "grants"), all);
    assert_eq!(rests_on(&mut world, of, "takeover"), all);
    assert_eq!(rests_on(&mut world, of, "clusterAdmin"), all[..2]);
    world.bind(
        "",
        "admin",
        "ClusterRole/cluster-admin",
        &[json!({"kind": "User", "name": "system:serviceaccount:a:app"})],
    );
    world.forbid(&CLUSTER_ROLE);
    assert_eq!(world.json(Rbac, "Pod", "p")["clusterAdmin"], true, "by the role's name");
}

#[test]
fn takeover_counts_cluster_wide_and_kube_system_rules_only() {
    let mut world = pod_world();
    world.role("", "god", &[everything()]);
    world.bind("b", "elsewhere", "ClusterRole/god", &[account("a", "app")]);
    assert_eq!(world.json(Rbac, "Pod", "p")["takeover"], json!([]));
    assert_eq!(world.json(Rbac, "Pod", "p")["clusterAdmin"], false);
    world.role("kube-system", "spy", &[rule("", "secrets", "get")]);
    world.bind("kube-system", "spy", "Role/spy", &[group("system:serviceaccounts:a")]);
    assert_eq!(world.json(Rbac, "Pod", "p")["takeover"], json!(["read secrets in kube-system"]));
    assert_eq!(world.json(Rbac, "Pod", "p")["bindings"], json!(["RoleBinding/b/elsewhere"]));
    let rules = world.json(Rbac, "Pod", "p")["rules"].clone();
    assert_eq!((&rules[0]["scope"], &rules[1]["scope"]), (&json!("b"), &json!("kube-system")));
}

#[test]
fn mirror_pods_hold_nothing() {
    let mut world = World::open();
    world.add(&json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "m", "annotations": {"kubernetes.io/config.mirror": "x"}}}));
    let fact = world.fact(Rbac, "Pod", "m");
    assert!(fact.missing().is_none());
    assert_eq!(members(&fact)["grants"], false);
}

#[test]
fn bindings_as_objects() {
    let mut world = World::complete();
    world.bind("a", "gone", "Role/gone", &[]);
    world.bind("", "odd", "Role/odd", &[]);
    world.add(&json!({"apiVersion": API, "kind": "RoleBinding", "metadata": {"name": "broken", "namespace": "a"}, "roleRef": "x", "subjects": [3, {"kind": "Robot", "name": "r"}, {"kind": "User"}]}));
    for (kind, name) in
        [("RoleBinding", "gone"), ("ClusterRoleBinding", "odd"), ("RoleBinding", "broken")]
    {
        assert_eq!(
            world.json(Rbac, kind, name),
            json!({"roleExists": false, "rules": []}),
            "{name}"
        );
    }
    assert_eq!(world.rests_on(Rbac, "RoleBinding", "gone"), ["Role"]);
    assert_eq!(members(&world.subject_fact("RoleBinding", "broken", 1))["builtin"], false);
    assert_eq!(members(&world.subject_fact("RoleBinding", "broken", 9))["broad"], false);
}

#[test]
fn accounts_are_used_by_pods_and_templates_of_every_kind() {
    let mut world = World::complete();
    world.account("a", "app").account("b", "app");
    world.add(&json!({"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "c", "namespace": "a"},
        "spec": {"jobTemplate": {"spec": {"template": {"spec": {"serviceAccountName": "app"}}}}}}));
    assert_eq!(
        world.json(Refs, "ServiceAccount", "app"),
        json!({"used": true, "usedBy": ["CronJob/a/c"]})
    );
    let mut unused = World::complete();
    unused.account("a", "app").pod("b", "p", &json!({"serviceAccountName": "app"}));
    assert_eq!(unused.json(Refs, "ServiceAccount", "app")["used"], false);
    let needs = [
        "CronJob",
        "DaemonSet",
        "Deployment",
        "Job",
        "Pod",
        "ReplicaSet",
        "ReplicationController",
        "StatefulSet",
    ];
    assert_eq!(unused.rests_on(Refs, "ServiceAccount", "app"), needs);
}

#[test]
fn the_account_of_a_pod() {
    let mut world = pod_world();
    assert_eq!(
        world.json(Account, "Pod", "p"),
        json!({"name": "app", "exists": false, "annotations": {}, "podIdentity": false})
    );
    assert_eq!(world.rests_on(Account, "Pod", "p"), ["Pod", "ServiceAccount"]);
    world.add(&json!({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "app", "namespace": "a", "annotations": {"k": "v"}}}));
    world.pod("a", "live", &json!({"serviceAccountName": "app", "containers": [{"env": [{"name": "AWS_CONTAINER_CREDENTIALS_FULL_URI"}]}]}));
    world.forbid(&SERVICE_ACCOUNT);
    assert_eq!(
        world.json(Account, "Pod", "p"),
        json!({"name": "app", "exists": true, "annotations": {"k": "v"}, "podIdentity": true})
    );
}

#[test]
fn whether_a_subject_exists() {
    let mut world = World::complete();
    world.namespace("a").account("a", "app").pod("lived-in", "p", &json!({}));
    let there =
        |account: bool, namespace: bool| json!({"exists": account, "namespaceExists": namespace});
    let cases = [
        (account("a", "app"), there(true, true), vec![]),
        (account("", "app"), there(true, true), vec![]),
        (account("a", "gone"), there(false, true), vec!["ServiceAccount"]),
        (account("lived-in", "x"), there(false, true), vec!["ServiceAccount"]),
        (group("team"), there(true, true), vec![]),
    ];
    for (subject, expected, needs) in cases {
        world.bind("a", "rb", "Role/r", std::slice::from_ref(&subject));
        let of = |w: &World| w.subject_refs("RoleBinding", "rb", 0);
        assert_eq!(members(&of(&world)), expected, "{subject}");
        assert_eq!(rests_on(&mut world, of, "exists"), needs, "{subject}");
        world.objects.pop();
    }
    world.bind("", "crb", "ClusterRole/r", &[account("", "app"), account("gone", "x")]);
    assert_eq!(members(&world.subject_refs("ClusterRoleBinding", "crb", 0)), there(false, false));
    assert_eq!(members(&world.subject_refs("ClusterRoleBinding", "crb", 1)), there(false, false));
    world.forbid(&NAMESPACE);
    assert_eq!(
        members(&world.subject_refs("ClusterRoleBinding", "crb", 1)),
        there(false, true),
        "not claimed missing"
    );
    world.forbid(&SERVICE_ACCOUNT);
    assert!(world.subject_refs("ClusterRoleBinding", "crb", 1).node().is_none());
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

#[test]
fn manifests_may_not_show_all_that_an_aggregated_role_is_made_of() {
    let mut world = World::complete();
    world.source.kind = SourceKind::Files;
    world.add(&json!({"apiVersion": API, "kind": "ClusterRole", "metadata": {"name": "sum"},
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"x": "y"}}]}, "rules": []}));
    world.account("a", "app").bind("", "crb", "ClusterRole/sum", &[account("a", "app")]);
    let members = ["clusterAdmin", "adminEquivalent", "reasons", "rules"];
    let open = |world: &World| {
        let (facts, binding) = (world.facts(), world.find("ClusterRoleBinding", "crb"));
        let subject = facts.get(Rbac, &Target::Subject { binding: &binding, index: 0 });
        let own = facts.get(Rbac, &Target::Object(&world.find("ServiceAccount", "app")));
        let of = |fact: &Fact, all: &[&str]| {
            all.iter().filter(|m| fact.missing_member(m).is_some()).count()
        };
        (of(&subject, &members), of(&own, &["grants", "clusterAdmin", "takeover", "rules"]))
    };
    assert_eq!(open(&world), (0, 0), "every role is there");
    world.forbid(&CLUSTER_ROLE);
    assert_eq!(open(&world), (4, 4));
    world.source.kind = SourceKind::Live;
    assert_eq!(open(&world), (0, 0), "a controller has filled it");
    world.source.kind = SourceKind::Files;
    let body = world.objects.iter().position(|o| &*o.id.name == "sum").unwrap();
    world.objects.remove(body);
    world.role("", "sum", &[everything()]);
    assert_eq!(open(&world), (0, 0), "it is not made of others");
}

#[test]
fn who_may_label_namespaces_without_being_an_administrator() {
    let label = rule("", "namespaces", "patch");
    let user = |name: &str| json!({"kind": "User", "name": name});
    let mut world = World::complete();
    world.role("", "label", std::slice::from_ref(&label)).role("", "all", &[everything()]);
    world.role("a", "own", &[label]).role("", "look", &[rule("", "namespaces", "get")]);
    let labellers = |world: &World| {
        let fact = world.facts().get(Labellers, &Target::Cluster);
        fact.node().map_or(Value::Null, |node| node.to_json()["namespaces"].clone())
    };
    world.bind("", "look", "ClusterRole/look", &[user("reader")]);
    world.bind("", "admin", "ClusterRole/all", &[user("root")]);
    world.bind("", "root-too", "ClusterRole/label", &[user("root")]);
    world.bind("kube-system", "system", "ClusterRole/label", &[user("node")]);
    assert_eq!(labellers(&world), json!([]));
    for (forbidden, kind) in [&CLUSTER_ROLE_BINDING, &ROLE_BINDING].into_iter().enumerate() {
        let before = world.reads.clone();
        world.forbid(kind);
        assert_eq!(labellers(&world), Value::Null, "{forbidden}");
        world.reads = before;
    }
    world.bind("", "label", "ClusterRole/label", &[group("devs"), user("root")]);
    world.bind("a", "own", "Role/own", &[account("a", "app")]);
    world.forbid(&ROLE_BINDING);
    assert_eq!(labellers(&world), json!(["Group/devs", "ServiceAccount/a/app"]), "these are seen");
}
