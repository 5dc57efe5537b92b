//! What a subject holds in all, and beside whom it stands.

use super::*;
use crate::facts::FactName::Holder;

fn holding(world: &World, kind: &str, binding: &str) -> Value {
    let binding = world.find(kind, binding);
    members(&world.facts().get(Holder, &Target::Subject { binding: &binding, index: 0 }))
}

#[test]
fn an_account_holds_what_its_groups_do_and_keeps_it_apart() {
    let mut world = World::complete();
    for (verb, subject) in [
        ("get", account("a", "x")),
        ("list", group("system:serviceaccounts:a")),
        ("watch", group("system:serviceaccounts")),
        ("delete", group("system:serviceaccounts:b")),
    ] {
        world.role("", verb, &[rule("", "pods", verb)]);
        world.bind("", verb, &format!("ClusterRole/{verb}"), &[subject]);
    }
    let verbs = |of: &Value, member: &str| -> Vec<String> {
        let rules = of[member].as_array().unwrap();
        rules.iter().map(|r| r["rule"]["verbs"][0].as_str().unwrap().to_owned()).collect()
    };
    let held = holding(&world, "ClusterRoleBinding", "get");
    assert_eq!(verbs(&held, "rules"), ["get"]);
    let mut all = verbs(&held, "effective");
    all.sort();
    assert_eq!(all, ["get", "list", "watch"]);
    let held = holding(&world, "ClusterRoleBinding", "list");
    assert_eq!(verbs(&held, "effective"), ["list"], "a group is in no other");
}

#[test]
fn beside_a_subject_stand_those_where_its_binding_holds() {
    let mut world = World::complete();
    world.role("", "god", &[everything()]).role("", "dev", &[rule("", "pods", "create")]);
    let strong = [account("a", "one"), account("a", "two"), account("b", "three")];
    world.bind("", "strong", "ClusterRole/god", &strong);
    world.bind("a", "here", "ClusterRole/dev", &[json!({"kind": "User", "name": "jo"})]);
    world.bind("a", "own", "ClusterRole/dev", &[account("a", "one")]);
    world.bind("c", "elsewhere", "ClusterRole/dev", &[account("a", "one")]);
    world.bind("", "wide", "ClusterRole/dev", &[group("devs")]);
    let beside =
        |world: &World, kind: &str, name: &str| holding(world, kind, name)["beside"].clone();
    assert_eq!(beside(&world, "RoleBinding", "here"), json!(["a/one", "a/two"]));
    assert_eq!(beside(&world, "RoleBinding", "own"), json!(["a/two"]));
    assert_eq!(beside(&world, "RoleBinding", "elsewhere"), json!([]));
    let wide = beside(&world, "ClusterRoleBinding", "wide");
    assert_eq!(wide, json!(["a/one", "a/two", "b/three"]));
    let many: Vec<Value> = (0..30).map(|at| account("d", &format!("n{at:02}"))).collect();
    world.bind("", "many", "ClusterRole/god", &many);
    let wide = beside(&world, "ClusterRoleBinding", "wide");
    assert_eq!((wide.as_array().unwrap().len(), &wide[20]), (21, &json!("others")));
    world.forbid(&ROLE_BINDING);
    assert_eq!(beside(&world, "RoleBinding", "elsewhere"), json!(null));
    assert_eq!(beside(&world, "RoleBinding", "here"), json!(["a/one", "a/two"]));
}
