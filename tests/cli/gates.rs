//! What somebody relies on: a gate opens only on what was judged, and what is written says whose it is.

use std::collections::BTreeSet;

use serde_json::Value;

use super::cluster::{self, Made};
use super::sandbox::{BROKEN, Sandbox, demo, status};

/// A workload of a kind that does not exist, from line 1; privileged as it is, nobody judges it.
const MISTYPED: &str = "\
apiVersion: apps/v1
kind: Deploymnt
metadata: {name: sneaky, namespace: pay}
spec:
  template:
    spec:
      hostNetwork: true
      containers:
      - {name: app, image: nginx, securityContext: {privileged: true}}
";

/// A pod that passes everything of pss-baseline.
pub const FINE: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: fine, namespace: pay}
spec:
  containers:
  - {name: app, image: nginx}
";

/// The reasons for which something was not assessed.
pub fn reasons(scan: &Value) -> BTreeSet<&str> {
    let gaps = scan["notAssessed"].as_array().unwrap().iter();
    gaps.map(|gap| gap["reason"].as_str().unwrap()).collect()
}

#[test]
fn a_kind_that_does_not_exist_is_named_and_nothing_passes_beside_it() {
    let sandbox = Sandbox::new();
    sandbox.write("d/fine.yaml", FINE);
    let scan = |more: &[&str]| {
        let args = ["scan", "-f", "d", "--framework", "pss-baseline", "-o", "json"];
        sandbox.run(&[&args[..], more].concat())
    };
    assert_eq!(status(&scan(&[]).json(), "pss-baseline", "privileged"), "pass");
    assert_eq!(scan(&["--require-complete", "--fail-on", "low"]).status, 0);
    sandbox.write("d/sneaky.yaml", format!("# a comment\n{MISTYPED}"));
    let scanned = scan(&[]).json();
    let problem = &scanned["problems"][0];
    assert_eq!(problem["kind"], "document");
    assert_eq!((&problem["file"], &problem["line"]), (&"d/sneaky.yaml".into(), &2.into()));
    let message = problem["message"].as_str().unwrap();
    assert!(message.contains("`Deploymnt`; did you mean `Deployment`?"), "{message}");
    assert_eq!(status(&scanned, "pss-baseline", "privileged"), "not-assessed");
    assert_eq!(scan(&["--require-complete"]).status, 4);
    assert_eq!(scan(&["--fail-on", "critical"]).status, 1);
    // By itself it is a source in which nothing could be read.
    let alone = ["scan", "-f", "d/sneaky.yaml"];
    sandbox.run(&alone).refuses(3, &["d/sneaky.yaml:2", "did you mean `Deployment`?"]);
    // Custom kinds exist, whatever they are called.
    let custom =
        "apiVersion: apps.example.com/v1\nkind: Deploymnt\nmetadata: {name: a}\nspec: {a: b}\n";
    sandbox.write("d/sneaky.yaml", custom);
    assert_eq!(status(&scan(&[]).json(), "pss-baseline", "privileged"), "pass");
}

#[test]
fn pods_that_are_none_are_not_passed_over() {
    let sandbox = Sandbox::new();
    let scan = |text: &str| {
        sandbox.write("odd.yaml", text);
        let args = ["scan", "-f", "odd.yaml", "--framework", "pss-baseline", "-o", "json"];
        (sandbox.run(&args).json(), sandbox.run(&[&args[..], &["--fail-on", "low"]].concat()))
    };
    for (text, says) in [
        (
            FINE.replace("\n  - {name: app, image: nginx}", " oops"),
            "`spec.containers` holds a text",
        ),
        (FINE.replace("{name: app, image: nginx}", "oops"), "a set of fields belongs"),
        (
            FINE.replace("image: nginx}", "ports: {hostPort: 80}}"),
            "ports` holds a set of fields where",
        ),
        (FINE.replace("image: nginx}", "securityContext: {Privileged: true}}"), "did you mean"),
        (
            FINE.replace("v1\nkind: Pod", "apps/v1\nkind: Deployment"),
            "Deployment has no field `spec.containers`",
        ),
        (FINE.replace("spec:\n  containers:\n  -", "spec:\n  -"), "`spec` holds a list"),
        (
            FINE.replace("v1\nkind: Pod", "extensions/v1beta1\nkind: Deployment"),
            "served no Deployment since Kubernetes 1.16",
        ),
        (FINE.replace("name: fine, ", ""), "no `metadata.name`"),
    ] {
        let both = format!("{}---\n{text}", FINE.replace("fine", "other"));
        let (scanned, gate) = scan(&both);
        let messages = scanned["problems"].to_string();
        assert!(messages.contains(says), "{text}: {messages}");
        assert_eq!(status(&scanned, "pss-baseline", "privileged"), "not-assessed", "{text}");
        assert_eq!(gate.status, 1, "{text}");
    }
}

#[test]
fn a_threshold_is_not_kept_by_what_could_not_be_read() {
    let sandbox = Sandbox::new();
    sandbox.write("d/fine.yaml", FINE);
    let scan = |more: &[&str]| {
        let args = ["scan", "-f", "d", "--check", "privileged-container"];
        sandbox.run(&[&args[..], more].concat())
    };
    assert_eq!(scan(&["--fail-on", "low"]).status, 0);
    sandbox.write("d/broken.yaml", BROKEN.trim_start_matches("---\n"));
    let closed = scan(&["--fail-on", "low"]);
    assert_eq!(closed.status, 1, "{}", closed.err);
    assert!(closed.err.contains("--fail-on: d/broken.yaml"), "{}", closed.err);
    assert!(closed.out.contains("No findings."), "{}", closed.out);
    assert_eq!(scan(&["--fail-on", "low", "--require-complete"]).status, 4);
    assert_eq!(scan(&[]).status, 0, "nobody relies on the status");
    // The one object that was asked for was read.
    let one = ["scan", "Pod/fine", "--fail-on", "low", "-f", "d"];
    assert_eq!(sandbox.run(&[&one[..], &["--check", "host-port"]].concat()).status, 0);
    // The same with a baseline.
    sandbox.run(&["scan", "-f", "d/fine.yaml", "--session", "new"]);
    let new = scan(&["--baseline", "last", "--fail-on-new"]);
    assert_eq!(new.status, 1, "{}", new.err);
    assert!(new.err.contains("--fail-on-new: d/broken.yaml"), "{}", new.err);
    // And for every tenant.
    sandbox.write("config/profiles/pay.toml", "namespaces = [\"pay\"]\n");
    let args = ["scan", "-f", "d", "--profile", "all", "--fail-on", "critical"];
    let tenants = sandbox.run(&args);
    assert_eq!(tenants.status, 1, "{}", tenants.err);
    assert!(tenants.err.contains("pay: --fail-on: d/broken.yaml"), "{}", tenants.err);
}

#[test]
fn a_rule_that_could_not_be_evaluated_closes_every_gate() {
    let sandbox = Sandbox::new();
    sandbox.write("odd.yaml", FINE.replace("spec:\n", "spec:\n  hostNetwork: \"yes\"\n"));
    let scan = |more: &[&str]| {
        let args = ["scan", "-f", "odd.yaml", "--check", "host-network-namespace"];
        sandbox.run(&[&args[..], more].concat())
    };
    let plain = scan(&[]);
    assert_eq!(plain.status, 0);
    assert!(plain.out.contains("expected a bool"), "{}", plain.out);
    for (option, expected) in [(&["--fail-on", "low"][..], 1), (&["--require-complete"], 4)] {
        let run = scan(option);
        assert_eq!(run.status, expected, "{}", run.err);
        let says = "check host-network-namespace could not be evaluated on Pod/pay/fine";
        assert!(run.err.contains(says), "{}", run.err);
    }
    sandbox.run(&["snapshot", "-f", "odd.yaml", "--output-file", "odd.plim"]);
    sandbox.run(&["snapshot", "--demo", "-n", "pay", "--output-file", "pay.plim"]);
    let both = ["scan", "--snapshots", "odd.plim", "pay.plim", "--check", "host-network-namespace"];
    let fleet = sandbox.run(&[&both[..], &["--fail-on", "critical"]].concat());
    assert_eq!(fleet.status, 1, "{}", fleet.err);
    assert!(fleet.err.contains("odd: --fail-on: check host-network"), "{}", fleet.err);
    assert_eq!(sandbox.run(&[&both[..], &["--require-complete"]].concat()).status, 4);
}

#[test]
fn an_empty_namespace_is_wrong_usage() {
    let sandbox = Sandbox::with_web();
    for args in [
        &["scan", "--demo", "-n", ""][..],
        &["scan", "--demo", "-n", "pay,"],
        &["scan", "--demo", "--namespace="],
        &["--demo", "-n", " "],
        &["snapshot", "--demo", "-n", "", "--output-file", "x.plim"],
        &["role", "-n", ""],
    ] {
        sandbox.run(args).refuses(2, &["it is empty: name a namespace, or leave -n out"]);
    }
}

#[test]
fn what_cannot_be_a_namespace_is_wrong_usage_everywhere() {
    let sandbox = Sandbox::with_web();
    let long = "a".repeat(64);
    let made = Made::new("v1.35.1").start();
    sandbox.write("kc", cluster::kubeconfig(&[("one", &*made.server)], "{token: t}"));
    let commands: [&[&str]; 7] = [
        &["scan"],
        &["scan", "--contexts", "one"],
        &["access"],
        &["network"],
        &["snapshot", "--output-file", "x.plim"],
        &[],
        &["scan", "-f", "web.yaml"],
    ];
    for name in ["pay/secrets", "pay/secrets/dbs", "../x", "a b", "A_b", "%2F", &long] {
        let says =
            format!("`{name}` cannot be the name of a namespace, which is 1 to 63 of a-z, 0-9");
        for command in commands {
            let from: &[&str] = if command.contains(&"-f") { &[] } else { &["--kubeconfig", "kc"] };
            let run = sandbox.run(&[command, from, &["-n", name]].concat());
            run.refuses(2, &[&says, "kubectl get namespaces"]);
        }
        sandbox.run(&["role", "-n", name]).refuses(2, &[&says]);
        let list = format!("pay,{name}");
        sandbox.run(&["scan", "--kubeconfig", "kc", "-n", &list]).refuses(2, &[&says]);
    }
    // A context that names one is told of by every command that would ask the cluster.
    let text = cluster::kubeconfig(&[("one", &*made.server)], "{token: t}");
    let with = text.replace("cluster: c-one", "namespace: pay/secrets, cluster: c-one");
    assert_ne!(with, text);
    sandbox.write("kc", with);
    let says =
        ["namespace of the context \"one\" in kc cannot be used", "`pay/secrets` cannot be the"];
    for command in [
        &["scan"][..],
        &["scan", "-n", "shop"],
        &["access"],
        &["network"],
        &["snapshot", "--output-file", "x.plim"],
        &["role", "--discover"],
    ] {
        let run = sandbox.run(&[command, &["--kubeconfig", "kc", "--context", "one"]].concat());
        run.refuses(3, &says);
    }
    let fleet = sandbox.run(&["scan", "--kubeconfig", "kc", "--contexts", "one"]);
    assert!(fleet.status != 0 && fleet.err.contains(says[1]), "{} {}", fleet.status, fleet.err);
    let doctor = sandbox.run(&["doctor", "--kubeconfig", "kc", "--context", "one"]);
    assert!(doctor.status == 3 && doctor.out.contains(says[1]), "{}", doctor.out);
    assert!(!sandbox.path("x.plim").exists());
}

#[cfg(unix)]
#[test]
fn whoever_decides_has_a_name() {
    let id = |option: &str| {
        let out = std::process::Command::new("id").arg(option).output().unwrap().stdout;
        String::from_utf8(out).unwrap().trim().to_owned()
    };
    let named = std::process::Command::new("id").arg("-un").output().unwrap();
    let expected = if named.status.success() { id("-un") } else { format!("uid {}", id("-u")) };
    let sandbox = Sandbox::with_web();
    sandbox.run(&["scan", "-f", "web.yaml", "--session", "new"]);
    let nobody = [("USER", ""), ("LOGNAME", " ")];
    let attest = ["sessions", "attest", "last", "nsa-cisa/NSA-POD-03", "--answer", "yes"];
    let run = sandbox.run_in(&attest, &nobody);
    assert_eq!(run.status, 0, "{}", run.err);
    let report = sandbox.run(&["sessions", "report", "last", "-o", "json"]).json();
    assert_eq!(report["attestations"][0]["reviewer"], expected.as_str());
    let run = sandbox.run_in(&attest, &[("USER", ""), ("LOGNAME", "grace")]);
    assert_eq!(run.status, 0, "{}", run.err);
    let report = sandbox.run(&["sessions", "report", "last", "-o", "json"]).json();
    assert_eq!(report["attestations"][0]["reviewer"], "grace");
}

#[test]
fn the_table_counts_a_check_once_for_each_reason() {
    let mut expected: Vec<(String, usize)> = Vec::new();
    for reason in reasons(demo()) {
        let gaps = demo()["notAssessed"].as_array().unwrap().iter();
        let checks: BTreeSet<&str> = gaps
            .filter(|gap| gap["reason"] == reason)
            .map(|gap| gap["check"].as_str().unwrap())
            .collect();
        expected.push((reason.to_owned(), checks.len()));
    }
    let table = Sandbox::new().run(&["scan", "--demo"]).out;
    let lines: Vec<String> = expected
        .iter()
        .map(|(reason, checks)| {
            let noun = if *checks == 1 { "check" } else { "checks" };
            format!("  {reason} ({checks} {noun})")
        })
        .collect();
    let alone = table.lines().filter(|line| lines.iter().any(|l| l == line)).count();
    assert!(alone >= 20, "{alone} of {}", lines.len());
    // Those that say the same about an image each are one line, with their number.
    let alike = table.lines().filter_map(|line| line.trim_start().split_once(" × "));
    let alike: usize = alike.map(|(count, _)| count.parse::<usize>().unwrap()).sum();
    let more = table.lines().filter_map(|line| {
        line.strip_prefix("  and ")?.strip_suffix(" more reasons, which -o json lists")
    });
    let more: usize = more.map(|count| count.parse::<usize>().unwrap()).sum();
    assert_eq!(alone + alike + more, lines.len());
}

#[test]
fn a_selection_of_nothing_does_not_open_a_gate() {
    let sandbox = Sandbox::with_web();
    let scan = |more: &[&str]| {
        let args = ["scan", "-f", "web.yaml", "--check", "host-port"];
        sandbox.run(&[&args[..], more].concat())
    };
    for gate in [&["--fail-on", "low"][..], &["--require-complete"]] {
        let run = scan(&[&["-l", "app=typo"], gate].concat());
        assert_eq!(run.status, 2, "{}", run.err);
        assert!(run.err.contains("no object fits the selection"), "{}", run.err);
        let run = scan(&[&["-n", "prdo"], gate].concat());
        assert_eq!((run.status, run.err.matches("prdo").count()), (2, 1), "{}", run.err);
    }
}
