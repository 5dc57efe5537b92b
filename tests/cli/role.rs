//! `plimsoll role`: the rights of a selection, as objects to apply.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use plimsoll::text::locate;
use serde_json::Value;

use super::sandbox::{Sandbox, snapshot};

fn role(args: &[&str]) -> Value {
    let run = Sandbox::new().run(&[&["role", "-o", "json"], args].concat());
    assert_eq!(run.status, 0, "{args:?}: {}", run.err);
    run.json()
}

/// Every rule as `Kind[/namespace]: group/resource verbs`, one for each resource or path.
fn rules(list: &Value) -> BTreeSet<String> {
    let mut all = BTreeSet::new();
    let words = |v: &Value| -> Vec<String> {
        v.as_array().into_iter().flatten().map(|w| w.as_str().unwrap().to_owned()).collect()
    };
    for object in list["items"].as_array().unwrap() {
        let place = object["metadata"]["namespace"].as_str().map(|n| format!("/{n}"));
        let place = format!("{}{}", object["kind"].as_str().unwrap(), place.unwrap_or_default());
        for rule in object["rules"].as_array().into_iter().flatten() {
            let verbs = words(&rule["verbs"]).join(",");
            for path in words(&rule["nonResourceURLs"]) {
                all.insert(format!("{place}: {path} {verbs}"));
            }
            for resource in words(&rule["resources"]) {
                let group = words(&rule["apiGroups"]);
                assert_eq!(group.len(), 1, "{rule}");
                all.insert(format!("{place}: {}/{resource} {verbs}", group[0]));
            }
        }
    }
    all
}

fn paths() -> Vec<String> {
    let paths = ["/api", "/api/*", "/apis", "/apis/*", "/version"];
    paths.map(|path| format!("ClusterRole: {path} get")).to_vec()
}

/// The rules but for the paths that every reading asks.
fn own(args: &[&str]) -> Vec<String> {
    let mut all = rules(&role(args));
    for path in paths() {
        assert!(all.remove(&path), "{args:?}: no {path}");
    }
    all.into_iter().collect()
}

fn examples() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples/cronjob")
}

#[test]
fn a_role_says_what_it_is_for_and_what_each_right_is_for() {
    let sandbox = Sandbox::new();
    let run = sandbox.run(&[
        "role",
        "--check",
        "privileged-container,rbac-binding-missing-service-account",
        "-n",
        "shop,pay",
        "--bind-service-account",
        "audit/plimsoll",
        "--bind-group",
        "shop team",
    ]);
    assert_eq!((run.status, &*run.err), (0, ""));
    snapshot("role", &run.out);
    let run = sandbox.run(&["role", "--control", "pss-baseline/privileged", "-o", "json"]);
    assert_eq!((run.status, &*run.err), (0, ""));
    snapshot("role-json", &run.out);
}

#[test]
fn one_check_needs_what_it_looks_at_and_the_namespaces() {
    assert_eq!(
        own(&["--check", "rbac-wildcard-all"]),
        [
            "ClusterRole: /namespaces list",
            "ClusterRole: rbac.authorization.k8s.io/clusterrolebindings list",
            "ClusterRole: rbac.authorization.k8s.io/clusterroles list",
            "ClusterRole: rbac.authorization.k8s.io/rolebindings list",
            "ClusterRole: rbac.authorization.k8s.io/roles list",
        ]
    );
    // What lives in namespaces is granted there, and what a cluster has once is not.
    assert_eq!(
        own(&["--check", "rbac-wildcard-all", "-n", "shop"]),
        [
            "ClusterRole: /namespaces list",
            "ClusterRole: rbac.authorization.k8s.io/clusterrolebindings list",
            "ClusterRole: rbac.authorization.k8s.io/clusterroles list",
            "Role/shop: rbac.authorization.k8s.io/rolebindings list",
            "Role/shop: rbac.authorization.k8s.io/roles list",
        ]
    );
    let alone = rules(&role(&["--check", "rbac-wildcard-all", "-n", "shop", "--namespaced"]));
    assert_eq!(
        alone.into_iter().collect::<Vec<_>>(),
        [
            "Role/shop: /namespaces get",
            "Role/shop: rbac.authorization.k8s.io/rolebindings list",
            "Role/shop: rbac.authorization.k8s.io/roles list",
        ]
    );
    // What is judged does not change what is read.
    assert_eq!(
        own(&["--check", "rbac-wildcard-all", "-l", "app=web"]),
        own(&["--check", "rbac-wildcard-all"])
    );
}

#[test]
fn nothing_but_reading_is_ever_granted_and_a_scan_only_lists() {
    for (args, verbs) in [
        (&[][..], &["get", "list"][..]),
        (&["--allow", "secret-metadata,configz"], &["get", "list"]),
        (&["--for", "snapshot"], &["get", "list"]),
        (&["--for", "workbench"], &["get", "list", "watch", "get,list,watch", "list,watch"]),
        (
            &["--for", "workbench", "-n", "shop", "--namespaced", "--allow", "secret-metadata"],
            &["get", "list", "get,list,watch", "list,watch"],
        ),
    ] {
        let all = rules(&role(args));
        assert!(all.len() > 40, "{args:?}: {all:?}");
        for rule in &all {
            assert!(!rule.contains("/* ") || paths().contains(rule), "{rule}");
            let verb = rule.rsplit(' ').next().unwrap();
            assert!(verbs.contains(&verb), "{args:?}: {rule}");
            let path =
                rule.contains(": /api") || rule.contains(": /version") || rule.contains("/flagz");
            let by_get = path || rule.contains("nodes/proxy") || rule.contains(": /namespaces get");
            assert!(verb != "get" || by_get, "{args:?}: {rule}");
        }
    }
}

#[test]
fn secrets_and_kubelets_are_left_out_until_they_are_allowed_and_that_is_said() {
    let sandbox = Sandbox::new();
    let text = |args: &[&str]| sandbox.run(&[&["role"], args].concat()).out;
    let plain = text(&[]);
    assert!(!plain.contains("- secrets") && !plain.contains("- nodes/proxy"), "{plain}");
    for word in [
        "# - list secrets (--allow secret-metadata): it also lets its holder read what is in them",
        "# - get nodes/proxy (--allow configz): it also lets its holder run commands in every pod",
        "service-account-token-long-lived",
    ] {
        assert!(plain.contains(word), "no `{word}` in {plain}");
    }
    let secrets = text(&["--allow", "secret-metadata"]);
    assert!(secrets.contains("  - secrets # ") && secrets.contains("# DANGEROUS"), "{secrets}");
    assert!(!secrets.contains("# - list secrets"), "{secrets}");
    let kubelets = text(&["--allow", "configz", "--framework", "nsa-cisa"]);
    assert!(kubelets.contains("  - nodes/proxy # "), "{kubelets}");
    // Nobody is told of what the selection does not look at.
    let one = text(&["--check", "privileged-container", "--allow", "secret-metadata,configz"]);
    assert!(!one.contains("DANGEROUS") && !one.contains("Left out"), "{one}");
    // JSON has no comments: there it is said beside it.
    let run = sandbox.run(&["role", "-o", "json"]);
    assert!(run.err.contains("list secrets (--allow secret-metadata)"), "{}", run.err);
}

#[test]
fn both_forms_hold_the_same_objects() {
    let args = [
        "role",
        "-n",
        "shop",
        "--bind-user",
        "o'brien@example.com",
        "--bind-group",
        "yes",
        "--bind-service-account",
        "audit/plimsoll",
        "--name",
        "system:plimsoll",
    ];
    let sandbox = Sandbox::new();
    let yaml = sandbox.run(&args).out;
    let read = locate::documents(&yaml).into_iter().map(|d| d.node.unwrap().to_json());
    let json = sandbox.run(&[&args[..], &["-o", "json"]].concat()).json();
    assert_eq!(Value::Array(read.collect()), json["items"]);
    let kinds: Vec<&str> =
        json["items"].as_array().unwrap().iter().map(|o| o["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["ClusterRole", "Role", "ClusterRoleBinding", "RoleBinding"]);
    let subjects = &json["items"][3]["subjects"];
    assert_eq!(subjects[1]["name"], "yes");
    assert_eq!(subjects[2]["namespace"], "audit");
}

#[test]
fn the_line_that_says_how_it_was_made_makes_it_again() {
    let sandbox = Sandbox::new();
    for args in [
        &["--framework", "nsa-cisa,pss-baseline", "-n", "shop", "--allow", "configz"][..],
        &["deploy/web", "-l", "app in (a, b)", "--check", "host-port"],
        &["--for", "workbench", "-n", "a,b", "--namespaced"],
    ] {
        let first = sandbox.run(&[&["role"], args].concat()).out;
        let line = first.lines().find_map(|l| l.strip_prefix("# Made by: plimsoll ")).unwrap();
        let line = line.replace("'app in (a, b)'", "app_in_(a,_b)");
        let words: Vec<String> =
            line.split(' ').map(|w| w.replace("app_in_(a,_b)", "app in (a, b)")).collect();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        assert_eq!(sandbox.run(&words).out, first, "{args:?}");
    }
}

#[test]
fn what_means_nothing_is_refused() {
    let sandbox = Sandbox::new();
    for (args, says) in [
        (&["--check", "privilegd-container"][..], "did you mean `privileged-container`?"),
        (&["--framework", "nsa"], "did you mean `nsa-cisa`?"),
        (&["--control", "pss-baseline"], "write FRAMEWORK/ID"),
        (&["deplyo/web"], "did you mean `deploy`?"),
        (&["-l", "a b"], "`a b` is no label selector"),
        (&["-n", "Shop"], "`Shop` cannot be the name of a namespace"),
        (&["-n", "a\nkind: b"], "cannot be the name of a namespace"),
        (&["--name", "a/b"], "`a/b` cannot be the name of a role"),
        (&["--bind-service-account", "plimsoll"], "write NAMESPACE/NAME"),
        (&["--bind-service-account", "audit/"], "write NAMESPACE/NAME"),
        (&["--bind-user", ""], "the User to bind to has no name"),
        (&["--namespaced"], "give -n"),
        (&["--allow", "all-kinds"], "add --discover"),
        (&["--allow", "secret-bodies"], "not available"),
        (&["--context", "prod"], "--discover"),
        (&["--profile", "none"], "there is no profile `none`"),
        (&["--for", "everything"], "possible values"),
    ] {
        sandbox.run(&[&["role"], args].concat()).refuses(2, &[says]);
    }
    sandbox.run(&["role", "--discover"]).refuses(3, &["no kubeconfig found"]);
}

#[test]
fn a_profile_that_names_its_namespaces_needs_rights_in_these_alone() {
    let sandbox = Sandbox::new();
    let profile = |name: &str, namespaces: &str| {
        let text = format!("namespaces = {namespaces}\nframeworks = [\"pss-baseline\"]\n");
        sandbox.write(&format!("config/profiles/{name}.toml"), text);
    };
    profile("shop", "[\"shop\"]");
    profile("pay", "[\"pay\", \"pay-test\"]");
    profile("all-teams", "[\"team-*\"]");
    let places = |profiles: &str| -> Vec<String> {
        let run = sandbox.run(&["role", "--profile", profiles, "-o", "json"]);
        assert_eq!(run.status, 0, "{}", run.err);
        let list = run.json();
        let roles = list["items"].as_array().unwrap().iter();
        roles.filter_map(|r| r["metadata"]["namespace"].as_str().map(str::to_owned)).collect()
    };
    assert_eq!(places("shop"), ["shop"]);
    assert_eq!(places("shop,pay"), ["pay", "pay-test", "shop"]);
    // Which namespaces a pattern means only the list of all tells.
    assert_eq!(places("all-teams"), [] as [&str; 0]);
    assert_eq!(places("all-teams,shop"), [] as [&str; 0]);
}

#[test]
fn the_role_of_the_example_is_what_the_command_prints() {
    let path = examples().join("2-role.yaml");
    let there = std::fs::read_to_string(&path).unwrap();
    let name = "plimsoll-cronjob";
    let account = ["--bind-service-account", "plimsoll/plimsoll"];
    let run = Sandbox::new().run(&[&["role", "--name", name][..], &account].concat());
    assert!(
        there == run.out,
        "{} is out of date; renew it with\n  cargo run -- role --name {name} --bind-service-account \
         plimsoll/plimsoll > docs/examples/cronjob/2-role.yaml",
        path.display()
    );
    // Whoever applies both the example and a role of their own must not overwrite one by the other.
    let own = Sandbox::new().run(&["role", "--bind-user", "ada"]);
    let names = |text: &str| -> BTreeSet<String> {
        text.lines().filter_map(|l| l.strip_prefix("  name: ")).map(str::to_owned).collect()
    };
    assert!(names(&own.out).contains("plimsoll"), "{}", own.out);
    let roles: BTreeSet<String> = names(there.split("subjects:").next().unwrap())
        .intersection(&names(&own.out))
        .cloned()
        .collect();
    assert!(roles.is_empty(), "both are called {roles:?}");
}

#[test]
fn the_example_lacks_nothing_but_the_digests_of_its_images() {
    let folder = examples();
    let folder = folder.to_str().unwrap();
    let sandbox = Sandbox::new();
    let scan = sandbox.json(&["-f", folder, "--include-platform"]);
    let open = scan["findings"].as_array().unwrap().iter().filter(|f| f["severity"] != "info");
    let checks: BTreeSet<&str> = open.map(|finding| finding["check"].as_str().unwrap()).collect();
    assert_eq!(checks, BTreeSet::from(["image-not-pinned-by-digest"]));
    for more in [&[][..], &["--complete"]] {
        let args =
            [&["scan", "-f", folder, "--fail-on", "high", "--include-platform"][..], more].concat();
        let run = sandbox.run(&args);
        assert_eq!(run.status, 0, "{}\n{}", run.out, run.err);
    }
    let scan = sandbox.json(&["-f", folder, "--complete", "--framework", "pss-restricted"]);
    let controls = scan["frameworks"][0]["controls"].as_array().unwrap();
    assert!(controls.len() > 10);
    for control in controls {
        let fine = ["pass", "not-applicable"].contains(&control["status"].as_str().unwrap());
        assert!(fine, "{control}");
    }
}

#[test]
fn a_report_is_named_after_the_time() {
    let sandbox = Sandbox::with_web();
    let run = sandbox.run(&["scan", "-f", "web.yaml", "--output-file", "r-{time}.txt"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let root = sandbox.path("");
    let names = std::fs::read_dir(root).unwrap().map(|e| e.unwrap().file_name());
    let name = names.map(|n| n.into_string().unwrap()).find(|n| n.starts_with("r-")).unwrap();
    let stamp = name.strip_prefix("r-").unwrap().strip_suffix(".txt").unwrap();
    assert_eq!((stamp.len(), &stamp[8..9], &stamp[15..]), (16, "T", "Z"), "{name}");
}
