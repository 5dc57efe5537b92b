//! What a rule knows of those who are bound to its role.

use super::*;

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
fn a_role_that_every_cluster_takes_in_is_in_use_without_the_one_that_does() {
    let mut world = World::complete();
    for (name, key, value) in [
        ("part", "rbac.authorization.k8s.io/aggregate-to-view", "true"),
        ("off", "rbac.authorization.k8s.io/aggregate-to-view", "false"),
        ("other", "example.com/aggregate-to-observer", "true"),
    ] {
        world.add(&json!({"apiVersion": API, "kind": "ClusterRole", "rules": [everything()],
            "metadata": {"name": name, "labels": {key: value}}}));
    }
    let source = |name: &str| world.json(Rbac, "ClusterRole", name)["source"].clone();
    assert_eq!(
        (source("part"), source("off"), source("other")),
        (json!(true), json!(false), json!(false))
    );
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
fn roles_that_flow_into_the_same_share_who_is_bound() {
    let mut world = World::complete();
    let labelled = |name: &str| {
        json!({"apiVersion": API, "kind": "ClusterRole", "rules": [rule("", name, "get")],
            "metadata": {"name": name, "labels": {"into": "all"}}})
    };
    world.add(&labelled("one")).add(&labelled("two")).add(&labelled("own"));
    world.add(&json!({"apiVersion": API, "kind": "ClusterRole", "metadata": {"name": "all"},
        "rules": [rule("", "one", "get")],
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"into": "all"}}]}}));
    world.bind("", "all", "ClusterRole/all", &[json!({"kind": "User", "name": "eve"})]);
    world.bind("", "own", "ClusterRole/own", &[json!({"kind": "User", "name": "bob"})]);
    let facts = world.facts();
    let of = |name: &str| {
        facts.get(Rbac, &Target::Rule { role: &world.find("ClusterRole", name), index: 0 })
    };
    let subjects = |name: &str| of(name).node().unwrap().list_at(&["subjects"]).as_ptr();
    assert_eq!(subjects("one"), subjects("two"));
    assert_ne!(subjects("one"), subjects("own"));
    assert_eq!(members(&of("own"))["subjects"], json!(["User/bob", "User/eve"]));
    assert_eq!(members(&of("all"))["role"], json!({"aggregated": true, "inherited": true}));
}
