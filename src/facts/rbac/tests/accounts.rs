//! What accounts may do, and the pods that act as them.

use super::*;

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
    assert_eq!(unused.rests_on(Refs, "ServiceAccount", "app"), WORKLOADS);
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

/// Where the rules of a fact lie: two that lie at one place are one list.
fn rules_of(fact: &Fact) -> *const Node {
    fact.node().unwrap().list_at(&["rules"]).as_ptr()
}

#[test]
fn who_holds_the_same_has_one_list_of_rules() {
    let mut world = World::complete();
    world.role("", "reader", &[rule("", "pods", "get"), rule("", "nodes", "get")]);
    world.role("a", "local", &[rule("", "services", "get")]);
    let user = |name: &str| json!({"kind": "User", "name": name});
    world.bind("", "one", "ClusterRole/reader", &[user("eve"), user("bob"), account("a", "app")]);
    world.bind("", "two", "ClusterRole/reader", &[user("jo")]);
    world.bind("a", "rb", "ClusterRole/reader", &[user("kim")]);
    world.bind("a", "local", "Role/local", &[group("system:serviceaccounts:a")]);
    world.account("a", "app").account("a", "other").account("b", "app").account("b", "other");
    let facts = world.facts();
    let holder = |binding: &str, index| {
        let binding = world.objects.iter().find(|o| &*o.id.name == binding && o.owners.is_empty());
        let binding = binding.unwrap();
        let held = facts.get(Holder, &Target::Subject { binding, index });
        let through = facts.get(Rbac, &Target::Subject { binding, index });
        (rules_of(&held), rules_of(&through))
    };
    let (eve, role) = holder("one", 0);
    assert_eq!(holder("one", 1), (eve, role), "named by the same binding");
    assert_eq!(holder("two", 0), (eve, role), "by another one to the same role");
    let (kim, through) = holder("rb", 0);
    assert_eq!(through, role, "the role's own list");
    assert_ne!(kim, eve, "it holds in a namespace");
    let of_account = |at: usize| {
        let accounts = facts.inventory().of(&SERVICE_ACCOUNT);
        rules_of(&facts.get(Rbac, &Target::Object(&accounts[at])))
    };
    let all: Vec<_> = (0..4).map(of_account).collect();
    assert_eq!(all[2], all[3], "nothing of its own, and no group");
    assert_ne!(all[1], all[3], "the group of its namespace");
    assert_ne!(all[0], all[1], "what it is bound to itself");
    let accounts = facts.inventory().of(&SERVICE_ACCOUNT);
    let rules = facts.get(Rbac, &Target::Object(&accounts[0])).node().unwrap().to_json();
    assert_eq!(rules["rules"].as_array().unwrap().len(), 3, "{rules}");
}

#[test]
fn more_rules_than_are_listed_leave_the_list_open_and_nothing_else() {
    let mut world = pod_world();
    let many: Vec<Value> = (0..2_501).map(|n| rule("", &format!("r{n}"), "get")).collect();
    world.role("", "many", &many).role("", "few", &many[..2_499]);
    world.bind("", "one", "ClusterRole/many", &[account("a", "app")]);
    world.bind("", "two", "ClusterRole/few", &[group("system:authenticated")]);
    assert_eq!(world.json(Rbac, "Pod", "p")["rules"].as_array().unwrap().len(), 5_000);
    world.bind("", "three", "ClusterRole/few", &[group("system:serviceaccounts:a")]);
    let fact = world.fact(Rbac, "Pod", "p");
    let missing = fact.missing_member("rules").unwrap();
    assert_eq!(missing.reason, "the account holds more than 5000 rules");
    assert_eq!(fact.missing_member("takeover"), None);
}
