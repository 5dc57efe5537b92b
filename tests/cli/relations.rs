//! `access` and `network`: who may do what, who reaches whom, without the workbench.

use plimsoll::facts::access::Grade;
use serde_json::Value;

use super::sandbox::{Run, Sandbox};

fn demo(command: &str, more: &[&str]) -> Run {
    let run = Sandbox::new().run(&[&[command, "--demo"], more].concat());
    assert_eq!((run.status, &*run.err), (0, ""), "{command} {more:?}");
    run
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("no list {name} in {value:.200}"))
}

/// Two policies, and roles of which one leads far.
const WORLD: &str = "\
apiVersion: v1
kind: Namespace
metadata: {name: pay}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: web, namespace: pay}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: reader}
rules: [{apiGroups: [''], resources: [secrets], verbs: [get, list]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: web-reads, namespace: pay}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader}
subjects: [{kind: ServiceAccount, name: web, namespace: pay}, {kind: User, name: \"a\\e[31mda\"}]
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: pay}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {serviceAccountName: web, containers: [{name: c, image: c}]}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: in, namespace: pay}
spec:
  podSelector: {}
  policyTypes: [Ingress]
  ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0/16]}}], ports: [{port: 443}]}]
";

#[test]
fn everybody_stands_there_with_the_worst_first() {
    let table = demo("access", &[]).out;
    let mut lines = table.lines();
    assert!(lines.next().unwrap().starts_with("GRADE"), "{table}");
    assert!(lines.next().unwrap().starts_with("admin"), "{table}");
    assert!(table.contains("(--include-platform)"), "what is left out is counted: {table}");
    let json = demo("access", &["-o", "json"]).json();
    assert_eq!(
        (&json["schema"], &json["source"]["kind"]),
        (&"plimsoll.access/v1".into(), &"demo".into())
    );
    let (subjects, hidden) = (list(&json, "subjects"), json["hidden"].as_u64().unwrap());
    assert!(subjects.iter().all(|s| s["builtin"] == false) && hidden > 0);
    let all = demo("access", &["-o", "json", "--include-platform"]).json();
    assert_eq!(list(&all, "subjects").len() as u64, subjects.len() as u64 + hidden);
    let order = |s: &Value| {
        Grade::ALL.iter().position(|grade| s["grade"] == grade.word()).unwrap_or(Grade::ALL.len())
    };
    let grades: Vec<usize> = subjects.iter().map(order).collect();
    assert!(grades[0] < 2, "{grades:?}");
    let roles = demo("access", &["--roles", "-o", "json"]).json();
    assert!(list(&roles, "roles").iter().any(|role| role["gives"]["grade"] == "admin"));
}

#[test]
fn one_subject_shows_through_which_binding_and_role() {
    let sandbox = Sandbox::new();
    sandbox.write("world.yaml", WORLD);
    let ask = |more: &[&str]| {
        sandbox.run(&[&["access", "-f", "world.yaml", "--complete"], more].concat())
    };
    for who in ["ServiceAccount/pay/web", "sa/pay/web", "User/system:serviceaccount:pay:web"] {
        let run = ask(&[who]);
        assert_eq!((run.status, &*run.err), (0, ""), "{who}");
        for part in [
            "get, list",
            "secrets",
            "RoleBinding/pay/web-reads",
            "ClusterRole/reader",
            "Deployment/pay/web",
        ] {
            assert!(run.out.contains(part), "{who}: no {part} in {}", run.out);
        }
    }
    let json = ask(&["sa/pay/web", "-o", "json"]).json();
    let [right] = list(&json, "rights") else { panic!("{json}") };
    assert_eq!((&right["what"], &right["namespace"]), (&"secrets".into(), &"pay".into()));
    assert_eq!(right["role"]["name"], "reader");
    assert_eq!(list(&json, "subjects")[0]["runs"][0]["object"]["kind"], "Deployment");
    assert!(list(&json, "notKnown").is_empty(), "{json}");
    // Elsewhere it holds nothing.
    let elsewhere = ask(&["sa/pay/web", "-n", "shop", "-o", "json"]);
    assert!(list(&elsewhere.json(), "rights").is_empty());
    assert!(elsewhere.err.contains("nothing here is in namespace `shop`"), "{}", elsewhere.err);
    let role = ask(&["clusterrole/reader"]);
    assert!(
        role.out.contains("ServiceAccount/pay/web") && role.out.contains("secrets"),
        "{}",
        role.out
    );
    // Who is not known is no mistake: the cluster keeps no list of users.
    let nobody = ask(&["User/bob"]);
    assert_eq!(nobody.status, 0);
    assert!(nobody.out.contains("No binding that was read names it"), "{}", nobody.out);
    ask(&["clusterrole/none"]).refuses(2, &["there is no ClusterRole `none`"]);
    ask(&["web"]).refuses(2, &["names nobody", "ServiceAccount/NS/NAME"]);
}

#[test]
fn who_can_do_something_is_asked_in_words_of_kubectl() {
    let sandbox = Sandbox::new();
    sandbox.write("world.yaml", WORLD);
    let ask = |more: &[&str]| {
        sandbox.run(&[&["access", "-f", "world.yaml", "--complete"], more].concat())
    };
    let run = ask(&["--who-can", "get secret", "-n", "pay"]);
    assert!(run.out.contains("ServiceAccount/pay/web"), "{}", run.out);
    assert!(run.out.contains("a\\u{1b}[31mda") && !run.out.contains('\u{1b}'), "{}", run.out);
    assert!(run.out.contains("system:masters"), "{}", run.out);
    let none = ask(&["--who-can", "delete nodes", "-o", "json"]).json();
    assert!(list(&none, "rights").is_empty());
    assert_eq!(none["question"]["verb"], "delete");
    assert!(ask(&["--who-can", "frobnicate pods"]).out.contains("frobnicate"));
    ask(&["--who-can", "secrets"]).refuses(2, &["a verb and a resource"]);
    // Manifests that are not everything there is prove no absence.
    let open = sandbox.run(&["access", "-f", "world.yaml", "--who-can", "delete nodes"]);
    assert!(
        open.out.contains("Nobody that is known") && open.out.contains("may be more rights"),
        "{}",
        open.out
    );
}

#[test]
fn namespaces_say_what_is_shut() {
    let table = demo("network", &[]).out;
    assert!(table.starts_with("Network plug-in: "), "{table}");
    assert!(table.contains("\nNAMESPACE  ") || table.contains("\nNAMESPACE"), "{table}");
    assert!(table.lines().any(|line| line.starts_with("shop ")), "{table}");
    let json = demo("network", &["-o", "json"]).json();
    assert_eq!(json["schema"], "plimsoll.network/v1");
    let zones = list(&json, "namespaces");
    assert!(zones.iter().any(|zone| zone["name"] == "shop" && !list(zone, "workloads").is_empty()));
    let one = demo("network", &["-n", "shop", "-o", "json"]).json();
    let shop = list(&one, "namespaces");
    assert_eq!(shop.len(), 1);
    assert_eq!(Some(&shop[0]), zones.iter().find(|zone| zone["name"] == "shop"));
}

#[test]
fn a_workload_says_who_comes_in_and_where_it_goes() {
    let sandbox = Sandbox::new();
    sandbox.write("world.yaml", WORLD);
    let ask = |more: &[&str]| {
        sandbox.run(&[&["network", "-f", "world.yaml", "--complete"], more].concat())
    };
    let run = ask(&["deploy/web"]);
    assert_eq!((run.status, &*run.err), (0, ""));
    for part in [
        "Deployment/pay/web",
        "addresses 10.0.0.0/8",
        "but not 10.1.0.0/16",
        "443",
        "in spec.ingress[0]",
        "everything: no policy isolates it this way",
    ] {
        assert!(run.out.contains(part), "no `{part}` in {}", run.out);
    }
    let json = ask(&["deploy/web", "-n", "pay", "-o", "json"]).json();
    let [web] = list(&json, "workloads") else { panic!("{json}") };
    assert_eq!(
        (&web["isolated"]["ingress"]["is"], &web["isolated"]["egress"]["is"]),
        (&true.into(), &false.into())
    );
    assert_eq!(web["lets"]["ingress"][0]["cidr"], "10.0.0.0/8");
    let zone = ask(&["-n", "pay"]).out;
    assert!(zone.contains("every pod") && zone.contains("Deployment/web"), "{zone}");
    ask(&["deploy/none"]).refuses(2, &["no Deployment `none` runs here"]);
    ask(&["web"]).refuses(2, &["KIND/NAME"]);
}

#[test]
fn a_face_for_screen_readers_and_a_file() {
    let plain = demo("access", &["--plain"]).out;
    assert!(plain.lines().next().unwrap().starts_with("grade: admin; subject: "), "{plain}");
    let sandbox = Sandbox::new();
    let run = sandbox.run(&["network", "--demo", "--ascii", "--output-file", "net.txt"]);
    assert_eq!((run.status, &*run.out, &*run.err), (0, "", ""));
    assert!(std::fs::read_to_string(sandbox.path("net.txt")).unwrap().is_ascii());
    sandbox.run(&["network", "--demo", "--output-file", "net.txt"]).refuses(2, &["net.txt exists"]);
}

/// Bound in every second chart, and in no chart themselves.
const BOUND: &str = "\
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: all}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: cluster-admin}
subjects: [{kind: User, name: all}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: edits, namespace: pay}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: User, name: edits}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: views}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{kind: User, name: views}]
";

#[test]
fn roles_that_every_cluster_has_grant_what_they_grant() {
    let sandbox = Sandbox::new();
    sandbox.write("rbac.yaml", BOUND);
    let grade = |more: &[&str], user: &str| {
        let run = sandbox.run(&[&["access", "-f", "rbac.yaml"], more].concat());
        assert_eq!(run.status, 0, "{}", run.err);
        let line = run.out.lines().find(|line| line.contains(&format!("User/{user} "))).unwrap();
        line.split_whitespace().next().unwrap().to_owned()
    };
    let complete = ["--complete"];
    assert_eq!(grade(&complete, "all"), "admin");
    for user in ["edits", "views"] {
        let grade = grade(&complete, user);
        assert!(!["none", "not-known"].contains(&&*grade), "{user}: {grade}");
    }
    // Manifests that may not be everything may hold another role of that name.
    assert_eq!(grade(&[], "edits"), "not-known");
    let can = sandbox.run(&[
        "access",
        "-f",
        "rbac.yaml",
        "--complete",
        "--who-can",
        "get secrets",
        "-n",
        "pay",
    ]);
    assert!(can.out.contains("User/edits") && !can.out.contains("User/views"), "{}", can.out);
}
