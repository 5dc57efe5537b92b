//! What a binding gives its subjects, whether these exist, and who may label namespaces.

use super::*;

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

#[test]
fn very_many_strong_accounts_are_not_told_to_each_other() {
    let mut world = World::complete();
    let names: Vec<Value> = (0..502).map(|n| account("a", &format!("s{n:03}"))).collect();
    world.role("", "god", &[everything()]).bind("", "god", "ClusterRole/god", &names);
    world.bind("a", "dev", "ClusterRole/god", &names[..2]);
    let told = members(&world.subject_fact("RoleBinding", "dev", 0));
    let told = told["strongAccounts"].as_array().unwrap();
    assert_eq!((told.len(), &told[0]), (500, &json!("s001")));
}
