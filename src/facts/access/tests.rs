use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use crate::facts::kind::{CLUSTER_ROLE, CLUSTER_ROLE_BINDING, NAMESPACE, ROLE, ROLE_BINDING};
use crate::facts::testing::{World, read};
use crate::model::inventory::SourceKind;
use crate::model::read::ReadStatus;

const API: &str = "rbac.authorization.k8s.io/v1";

fn rule(resource: &str, verb: &str) -> Value {
    json!({"apiGroups": [""], "resources": [resource], "verbs": [verb]})
}

fn everything() -> Value {
    json!({"apiGroups": ["*"], "resources": ["*"], "verbs": ["*"]})
}

fn role(world: &mut World, namespace: &str, name: &str, rules: &[Value]) {
    let (kind, metadata) = if namespace.is_empty() {
        ("ClusterRole", json!({"name": name}))
    } else {
        ("Role", json!({"name": name, "namespace": namespace}))
    };
    world.add(&json!({"apiVersion": API, "kind": kind, "metadata": metadata, "rules": rules}));
}

fn bind(world: &mut World, namespace: &str, name: &str, role: &str, subjects: &[Value]) {
    let (role_kind, role) = role.split_once('/').unwrap();
    let (kind, metadata) = if namespace.is_empty() {
        ("ClusterRoleBinding", json!({"name": name}))
    } else {
        ("RoleBinding", json!({"name": name, "namespace": namespace}))
    };
    world.add(&json!({"apiVersion": API, "kind": kind, "metadata": metadata, "subjects": subjects,
        "roleRef": {"kind": role_kind, "name": role}}));
}

fn account(namespace: &str, name: &str) -> Value {
    json!({"kind": "ServiceAccount", "namespace": namespace, "name": name})
}

fn person(kind: &str, name: &str) -> Value {
    json!({"kind": kind, "name": name})
}

fn who(namespace: &str, name: &str) -> Subject {
    Subject::Account { namespace: namespace.into(), name: name.into() }
}

fn texts(holder: &Holder) -> Vec<String> {
    holder.abilities.iter().map(|a| format!("{} {}", a.grade.word(), a.text())).collect()
}

/// A team with a builder that may do everything, a reader of secrets, and somebody who looks.
fn team() -> World {
    let mut world = World::complete();
    world.namespace("pay").namespace("shop").account("pay", "ci").account("pay", "web");
    world.account("pay", "idle");
    world.pod("pay", "builder", &json!({"serviceAccountName": "ci"}));
    world.pod(
        "pay",
        "blind",
        &json!({"serviceAccountName": "ci", "automountServiceAccountToken": false}),
    );
    role(&mut world, "", "god", &[everything()]);
    role(&mut world, "", "secrets", &[rule("secrets", "get"), rule("nodes/proxy", "get")]);
    role(&mut world, "", "look", &[rule("nodes", "get")]);
    bind(&mut world, "", "ci-god", "ClusterRole/god", &[account("pay", "ci")]);
    bind(&mut world, "pay", "web", "ClusterRole/secrets", &[account("", "web")]);
    bind(&mut world, "shop", "web", "ClusterRole/secrets", &[account("pay", "web")]);
    bind(&mut world, "", "all", "ClusterRole/look", &[person("User", "ann")]);
    world
}

#[test]
fn the_worst_comes_first_and_says_where() {
    let access = Access::of(&team().facts());
    let order: Vec<String> = access.holders.iter().map(|h| h.subject.text()).collect();
    assert_eq!(
        order,
        [
            "ServiceAccount/pay/ci",
            "Group/system:masters",
            "ServiceAccount/pay/web",
            "User/ann",
            "ServiceAccount/pay/idle"
        ]
    );
    let ci = access.holder(&who("pay", "ci")).unwrap();
    assert_eq!(texts(ci)[0], "admin all verbs on all resources");
    assert_eq!((ci.reach.cluster, ci.bindings, ci.unknown.is_none()), (true, 1, true));
    let web = access.holder(&who("pay", "web")).unwrap();
    assert_eq!(
        texts(web),
        ["namespace read secrets in 2 namespaces"],
        "a RoleBinding to nodes/proxy gives nothing"
    );
    assert_eq!(web.reach, Reach { cluster: false, namespaces: vec!["pay".into(), "shop".into()] });
    assert!(web.reach.covers("shop") && !web.reach.covers("kube-system"));
    let ann = access.holder(&Subject::User("ann".into())).unwrap();
    assert_eq!(texts(ann), ["read reads objects"]);
    assert_eq!(texts(access.holder(&who("pay", "idle")).unwrap()), [""; 0]);
}

#[test]
fn what_runs_as_an_account_leads_to_its_role() {
    let access = Access::of(&team().facts());
    let ci = access.holder(&who("pay", "ci")).unwrap();
    let runs: Vec<(String, Option<bool>)> =
        ci.runs.iter().map(|r| (r.id.to_string(), r.mounted)).collect();
    assert_eq!(
        runs,
        [("Pod/pay/blind".to_owned(), Some(false)), ("Pod/pay/builder".to_owned(), Some(true))]
    );
    assert_eq!(
        access.path(ci),
        [
            "Pod/pay/builder",
            "ServiceAccount/pay/ci",
            "ClusterRoleBinding/ci-god",
            "ClusterRole/god"
        ]
    );
    let web = access.holder(&who("pay", "web")).unwrap();
    assert_eq!(access.path(web), [""; 0], "no way beyond its namespaces");
}

#[test]
fn rights_name_binding_role_and_rule() {
    let access = Access::of(&team().facts());
    let rights = access.rights(&who("pay", "web"));
    let shown: Vec<String> = rights
        .iter()
        .map(|r| {
            let place = r.binding.place.as_deref().unwrap_or("cluster");
            let Allowed { verbs, what, .. } = &*r.allowed;
            format!(
                "{} {verbs} {what} {place} {} {} {}",
                r.grade.word(),
                r.binding.id,
                r.role,
                r.rule
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "namespace get secrets pay RoleBinding/pay/web ClusterRole/secrets 0",
            "namespace get secrets shop RoleBinding/shop/web ClusterRole/secrets 0",
            "read get nodes/proxy pay RoleBinding/pay/web ClusterRole/secrets 1",
            "read get nodes/proxy shop RoleBinding/shop/web ClusterRole/secrets 1",
        ]
    );
}

#[test]
fn groups_bring_what_is_dangerous_and_say_so() {
    let mut world = team();
    role(
        &mut world,
        "",
        "basic",
        &[json!({"apiGroups": ["authorization.k8s.io"],
        "resources": ["selfsubjectaccessreviews"], "verbs": ["create"]})],
    );
    bind(&mut world, "", "basic", "ClusterRole/basic", &[person("Group", "system:authenticated")]);
    let everyone = Subject::Group("system:authenticated".into());
    let access = Access::of(&world.facts());
    assert_eq!(texts(access.holder(&everyone).unwrap()), ["read reads objects"], "it only asks");
    assert_eq!(texts(access.holder(&who("pay", "idle")).unwrap()), [""; 0]);
    bind(
        &mut world,
        "",
        "odd",
        "ClusterRole/secrets",
        &[person("Group", "system:serviceaccounts:pay")],
    );
    let access = Access::of(&world.facts());
    let idle = access.holder(&who("pay", "idle")).unwrap();
    assert_eq!(texts(idle), ["takeover read secrets", "takeover nodes/proxy"]);
    let through = idle.abilities[0].through.as_ref().map(Subject::text);
    assert_eq!(through.as_deref(), Some("Group/system:serviceaccounts:pay"));
    assert!(idle.reach.cluster, "what comes with its group holds everywhere");
    assert_eq!(access.path(idle).len(), 4);
    assert_eq!(access.rights_through_groups(&who("pay", "idle")).len(), 3);
    assert_eq!(access.rights(&who("pay", "idle")).len(), 0);
}

#[test]
fn every_word_of_a_question_counts() {
    let access = Access::of(&team().facts());
    let found = |text: &str| -> Vec<String> {
        let answer = access.who_can(&Query::parse(text).unwrap());
        answer.rights.iter().map(|r| format!("{} {}", r.subject.text(), r.binding.id)).collect()
    };
    let ci = "ServiceAccount/pay/ci ClusterRoleBinding/ci-god";
    let (pay, shop) = (
        "ServiceAccount/pay/web RoleBinding/pay/web",
        "ServiceAccount/pay/web RoleBinding/shop/web",
    );
    assert_eq!(found("get secrets"), [ci, pay, shop]);
    assert_eq!(found("get secrets in pay"), [ci, pay]);
    assert_eq!(found("GET Secret -n shop"), [ci, shop]);
    assert_eq!(found("list secrets"), [ci]);
    assert_eq!(found("get secrets in elsewhere"), [ci]);
    let ann = "User/ann ClusterRoleBinding/all";
    assert_eq!(found("get no"), [ci, ann]);
    assert_eq!(found("get nodes/proxy"), [ci], "bound in a namespace it reaches no node");
    assert_eq!(found("delete deploy"), [ci]);
    assert_eq!(found("get widgets.example.com"), [ci]);
    assert_eq!(found("get widgets"), [ci]);
    assert_eq!(found("get /metrics"), [""; 0], "resources are no paths");
}

#[test]
fn words_that_may_be_slips_are_named_beside_the_answer() {
    let access = Access::of(&team().facts());
    let doubts = |text: &str| access.doubts(&Query::parse(text).unwrap());
    for sound in ["get secrets", "* *", "list deploy", "get pods/exec", "get /metrics", "get no"] {
        assert_eq!(doubts(sound), [""; 0], "{sound}");
    }
    let slip = doubts("get secretz in pay");
    assert!(slip.len() == 1 && slip[0].contains("names secretz"), "{slip:?}");
    let slip = doubts("gett secrets");
    assert!(slip.len() == 1 && slip[0].contains("the verb gett"), "{slip:?}");
    assert_eq!(doubts("gett secretz").len(), 2);
}

#[test]
fn questions_are_read_and_written() {
    for (text, expected) in [
        ("get secrets", Some("get secrets")),
        ("create deploy in pay", Some("create deployments.apps in pay")),
        ("create pods/exec -n pay", Some("create pods/exec in pay")),
        ("get /metrics", Some("get /metrics")),
        ("get widgets.example.com", Some("get widgets.example.com")),
        ("* *", Some("* *")),
        ("get", None),
        ("get secrets of pay", None),
        ("", None),
    ] {
        assert_eq!(Query::parse(text).map(|q| q.text()).as_deref(), expected, "{text}");
    }
    let mut world = World::complete();
    role(
        &mut world,
        "",
        "urls",
        &[json!({"nonResourceURLs": ["/metrics", "/debug/*"], "verbs": ["get"]})],
    );
    bind(&mut world, "", "urls", "ClusterRole/urls", &[person("User", "eve")]);
    bind(&mut world, "a", "urls", "ClusterRole/urls", &[person("User", "bob")]);
    let access = Access::of(&world.facts());
    for (text, count) in
        [("get /metrics", 1), ("get /debug/pprof", 1), ("get /metricsx", 0), ("put /metrics", 0)]
    {
        let found = access.who_can(&Query::parse(text).unwrap()).rights.len();
        assert_eq!(found, count, "{text}");
    }
}

#[test]
fn what_was_not_read_is_said_and_never_looks_like_nothing() {
    let mut world = team();
    world.reads.retain(|r| r.kind.as_ref() != Some(&ROLE_BINDING));
    world.reads.push(read(&ROLE_BINDING, Some("pay"), ReadStatus::Complete));
    world.reads.push(read(&ROLE_BINDING, Some("shop"), ReadStatus::Forbidden));
    let access = Access::of(&world.facts());
    let reasons = |list: &[Arc<Missing>]| -> Vec<String> {
        list.iter().map(|missing| missing.reason.clone()).collect()
    };
    assert_eq!(reasons(&access.unknown), ["cannot list rolebindings in shop: forbidden"]);
    assert!(access.holder(&who("pay", "idle")).unwrap().unknown.is_some(), "it may hold more");
    let ask = |text| access.who_can(&Query::parse(text).unwrap());
    assert_eq!(ask("get secrets in shop").unknown.len(), 1);
    assert_eq!(ask("get secrets in pay").unknown.len(), 0);
    assert_eq!(ask("get nodes").unknown.len(), 0, "no RoleBinding grants it");
    assert_eq!(access.unknown_in(Some("pay")).count(), 0);

    for kind in [&*CLUSTER_ROLE_BINDING, &*CLUSTER_ROLE, &*ROLE, &*NAMESPACE] {
        let mut world = team();
        world.forbid(kind);
        let access = Access::of(&world.facts());
        assert_eq!(access.unknown.len(), 1, "{kind}");
    }
}

#[test]
fn a_role_of_manifests_that_is_made_of_others_leaves_its_binding_open() {
    let mut world = team();
    world.source.kind = SourceKind::Files;
    world.add(&json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole",
        "metadata": {"name": "sum"}, "rules": [],
        "aggregationRule": {"clusterRoleSelectors": [{"matchLabels": {"x": "y"}}]}}));
    bind(&mut world, "pay", "sum", "ClusterRole/sum", &[account("pay", "idle")]);
    let known = |world: &World| {
        Access::of(&world.facts()).holder(&who("pay", "idle")).unwrap().unknown.is_none()
    };
    assert!(known(&world), "every role is there");
    world.forbid(&CLUSTER_ROLE);
    assert!(!known(&world));
    let answer = Access::of(&world.facts()).who_can(&Query::parse("get secrets in pay").unwrap());
    assert!(
        answer.unknown.iter().any(|m| m.reason.contains("made of roles")),
        "{:?}",
        answer.unknown
    );
}

#[test]
fn a_role_that_could_not_be_read_leaves_its_binding_open() {
    let mut world = team();
    bind(&mut world, "pay", "gone", "Role/gone", &[account("pay", "idle")]);
    let state =
        |world: &World| Access::of(&world.facts()).role("pay", "gone").unwrap().state.clone();
    assert_eq!(state(&world), RoleState::Absent);
    assert!(Access::of(&world.facts()).holder(&who("pay", "idle")).unwrap().unknown.is_none());
    world.forbid(&ROLE);
    assert!(matches!(state(&world), RoleState::Unread(_)));
    let access = Access::of(&world.facts());
    let idle = access.holder(&who("pay", "idle")).unwrap();
    assert!(idle.unknown.as_ref().is_some_and(|m| m.read == "roles"));
    assert_eq!(access.silent(&who("pay", "idle")).len(), 1);
    let answer = access.who_can(&Query::parse("get secrets in pay").unwrap());
    let reason = "RoleBinding/pay/gone gives Role/pay/gone, which could not be read";
    assert!(answer.unknown.iter().any(|m| m.reason == reason), "{:?}", answer.unknown);
}

#[test]
fn roles_know_who_is_bound_and_what_the_distribution_made() {
    let mut world = team();
    world.add(
        &json!({"apiVersion": API, "kind": "ClusterRole", "rules": [everything()], "metadata":
        {"name": "cluster-admin", "labels": {"kubernetes.io/bootstrapping": "rbac-defaults"}}}),
    );
    bind(
        &mut world,
        "",
        "cluster-admin",
        "ClusterRole/cluster-admin",
        &[person("Group", "system:masters")],
    );
    bind(&mut world, "", "empty", "ClusterRole/god", &[]);
    let access = Access::of(&world.facts());
    let secrets = access.role("", "secrets").unwrap();
    assert_eq!((secrets.bindings.len(), secrets.subjects, secrets.builtin), (2, 1, false));
    assert_eq!(secrets.worst.as_ref().unwrap().grade, Grade::Namespace);
    let admin = access.role("", "cluster-admin").unwrap();
    assert!(admin.builtin && admin.bindings[0].builtin == [true]);
    let masters = access.holder(&Subject::Group("system:masters".into())).unwrap();
    assert!(masters.builtin && masters.unknown.is_none());
    assert!(explain(&masters.subject).contains("without asking RBAC"));
    let god = access.role("", "god").unwrap();
    assert_eq!((god.bindings.len(), god.subjects), (2, 1));
}

#[test]
fn urls_are_granted_by_cluster_role_bindings_only() {
    let mut world = World::complete();
    world.namespace("a");
    let urls = json!({"nonResourceURLs": ["/metrics"], "verbs": ["get"]});
    role(&mut world, "", "metrics", std::slice::from_ref(&urls));
    role(&mut world, "", "all", &[everything(), json!({"nonResourceURLs": ["*"], "verbs": ["*"]})]);
    bind(&mut world, "a", "ann", "ClusterRole/metrics", &[person("User", "ann")]);
    bind(&mut world, "a", "bob", "ClusterRole/all", &[person("User", "bob")]);
    bind(&mut world, "", "eve", "ClusterRole/metrics", &[person("User", "eve")]);
    let access = Access::of(&world.facts());
    let user = |name: &str| Subject::User(name.into());
    let what = |name: &str| -> Vec<String> {
        access.rights(&user(name)).iter().map(|right| right.allowed.what.clone()).collect()
    };
    assert_eq!((what("ann"), what("bob")), (vec![], vec!["everything".to_owned()]));
    assert_eq!(what("eve"), ["/metrics"]);
    let ann = access.holder(&user("ann")).unwrap();
    assert_eq!((texts(ann), &ann.reach), (vec![], &Reach::default()));
    assert_eq!(access.silent(&user("ann")).len(), 1);
    assert!(access.silent(&user("bob")).is_empty() && access.silent(&user("eve")).is_empty());
    // The same as the question the other way round.
    let query = Query::new("get", "/metrics", None).unwrap();
    let can: Vec<String> =
        access.who_can(&query).rights.iter().map(|right| right.subject.text()).collect();
    assert_eq!(can, ["User/eve"]);
    let worst = access.role("", "metrics").unwrap().worst.as_ref().map(Ability::text);
    assert_eq!(worst.as_deref(), Some("reads objects"));
}

#[test]
fn malformed_objects_are_no_reason_to_stop() {
    let mut world = World::complete();
    world.add(&json!({"apiVersion": API, "kind": "ClusterRole", "metadata": {"name": "odd"},
        "rules": ["x", {"verbs": 3}, {"apiGroups": [1], "resources": [null], "verbs": ["get"]}]}));
    world.add(&json!({"apiVersion": API, "kind": "RoleBinding", "metadata": {"name": "b", "namespace": "a"},
        "roleRef": "x", "subjects": [3, {"kind": "Robot", "name": "r"}, {"kind": "User", "name": "u"}]}));
    bind(&mut world, "", "odd", "ClusterRole/odd", &[person("User", "u"), person("User", "u")]);
    let access = Access::of(&world.facts());
    let user = Subject::User("u".into());
    assert_eq!(access.holder(&user).unwrap().bindings, 2);
    assert_eq!(access.rights(&user).len(), 3);
    assert_eq!(access.silent(&user).len(), 1);
}

/// Ten thousand accounts in as many namespaces, one that is bound in all of them, and a pod each.
fn crowd(size: usize) -> World {
    let mut world = World::complete();
    role(&mut world, "", "view", &[rule("pods", "get"), rule("secrets", "get")]);
    for at in 0..size {
        let namespace = format!("ns-{at}");
        world.pod(&namespace, "p", &json!({"serviceAccountName": "app"}));
        bind(
            &mut world,
            &namespace,
            "rb",
            "ClusterRole/view",
            &[account(&namespace, "app"), account("ops", "robot")],
        );
    }
    world
}

fn took(world: &World) -> Duration {
    let facts = world.facts();
    let start = Instant::now();
    let access = Access::of(&facts);
    let answer = access.who_can(&Query::parse("get secrets").unwrap());
    assert_eq!(answer.rights.len(), 2 * (world.objects.len() - 1) / 2);
    let robot = access.holder(&who("ops", "robot")).unwrap();
    assert_eq!(robot.reach.namespaces.len(), answer.rights.len() / 2);
    assert!(texts(robot)[0].ends_with(&format!("{} namespaces", answer.rights.len() / 2)));
    start.elapsed()
}

#[test]
fn cost_grows_with_the_cluster_and_not_with_its_square() {
    let (small, large) = (crowd(1_000), crowd(10_000));
    let fastest = |world: &World| (0..3).map(|_| took(world)).min().unwrap();
    let (small, large) = (fastest(&small), fastest(&large));
    assert!(large < small * 40, "ten times the cluster: {small:?} became {large:?}");
}
