//! What somebody relies on: a gate opens only on what was judged, a snapshot holds only what was asked
//! for, and what is written says whose it is.

use std::collections::BTreeSet;

use plimsoll::model::inventory::Inventory;
use plimsoll::report::Format;
use plimsoll::source::snapshot;
use serde_json::Value;

use super::cluster::{Made, kubeconfig};
use super::sandbox::{BROKEN, Sandbox, WEB, demo, findings, status};

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
const FINE: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: fine, namespace: pay}
spec:
  containers:
  - {name: app, image: nginx}
";

fn load(sandbox: &Sandbox, name: &str) -> Inventory {
    snapshot::load(&sandbox.path(name)).unwrap()
}

fn take(sandbox: &Sandbox, source: &[&str], namespace: &str, name: &str) -> String {
    let args = ["-n", namespace, "--output-file", name];
    let run = sandbox.run(&[&["snapshot"], source, &args].concat());
    assert_eq!(run.status, 0, "{}", run.err);
    run.err
}

fn reasons(scan: &Value) -> BTreeSet<&str> {
    let gaps = scan["notAssessed"].as_array().unwrap().iter();
    gaps.map(|gap| gap["reason"].as_str().unwrap()).collect()
}

#[test]
fn a_snapshot_of_a_namespace_holds_no_object_of_another() {
    let sandbox = Sandbox::with_web();
    let err = take(&sandbox, &["--demo"], "pay", "pay.plim");
    for says in ["in pay alone", "left out", "Of the cluster it keeps: ", "ClusterRole "] {
        assert!(err.contains(says), "no `{says}` in {err}");
    }
    take(&sandbox, &["--snapshot", "pay.plim"], "pay", "again.plim");
    take(&sandbox, &["-f", "web.yaml"], "shop", "shop.plim");
    for (name, own) in [("pay.plim", "pay"), ("again.plim", "pay"), ("shop.plim", "shop")] {
        let inventory = load(&sandbox, name);
        assert!(!inventory.is_empty(), "{name}");
        for object in inventory.objects() {
            assert!(matches!(object.namespace(), "" | "pay" | "shop"), "{name}: {}", object.id);
            assert!(object.namespace().is_empty() || object.namespace() == own, "{}", object.id);
        }
        let names: Vec<&str> = inventory.namespaces().into_iter().collect();
        assert_eq!(names, [own], "{name}: Namespace objects of others are left out too");
    }
    assert_eq!(load(&sandbox, "pay.plim").len(), load(&sandbox, "again.plim").len());
}

#[test]
fn a_live_cluster_is_narrowed_too() {
    let sandbox = Sandbox::new();
    let live = Made::new("v1.35.1").deployment("web", true).start();
    sandbox.write("kc", kubeconfig(&[("prod", &*live.server)], "{token: sekrit-token}"));
    let source = ["--kubeconfig", "kc", "--context", "prod", "--request-timeout", "20s"];
    take(&sandbox, &source, "pay", "pay.plim");
    let inventory = load(&sandbox, "pay.plim");
    // kube-system is there, and is not in the file.
    assert_eq!(inventory.namespaces().into_iter().collect::<Vec<_>>(), ["pay"]);
    assert_eq!(inventory.source.namespaces, ["pay"]);
    let args = ["-n", "nosuch", "--output-file", "x.plim"];
    let run = sandbox.run(&[&["snapshot"], &source[..], &args].concat());
    run.refuses(2, &["there is no namespace `nosuch`: nothing was saved"]);
}

#[test]
fn a_snapshot_of_a_namespace_judges_it_as_the_cluster_did() {
    let sandbox = Sandbox::new();
    take(&sandbox, &["--demo"], "ci", "ci.plim");
    let args = ["--framework", "pss-baseline,pss-restricted", "-n", "ci"];
    let whole = sandbox.json(&[&["--demo"], &args[..]].concat());
    let part = sandbox.json(&[&["--snapshot", "ci.plim"], &args[..]].concat());
    assert!(findings(&whole).len() > 5);
    assert_eq!(findings(&whole), findings(&part));
    for control in whole["frameworks"][0]["controls"].as_array().unwrap() {
        let id = control["id"].as_str().unwrap();
        assert_eq!(status(&part, "pss-baseline", id), control["status"], "{id}");
    }
}

#[test]
fn what_a_snapshot_left_out_is_not_assessed() {
    let sandbox = Sandbox::with_web();
    take(&sandbox, &["--demo"], "pay", "pay.plim");
    let all = sandbox.json(&["--snapshot", "pay.plim", "--framework", "pss-baseline"]);
    assert_eq!(all["source"]["namespaces"], serde_json::json!(["pay"]));
    assert!(reasons(&all).iter().any(|r| r.contains("the snapshot holds those of pay alone")));
    for control in all["frameworks"][0]["controls"].as_array().unwrap() {
        assert_ne!(control["status"], "pass", "{control}");
    }
    let scan = |more: &[&str]| {
        sandbox.run(&[&["scan", "--snapshot", "pay.plim", "--check", "host-port"], more].concat())
    };
    let lacks = scan(&["--require-complete"]);
    assert_eq!(lacks.status, 4, "{}", lacks.err);
    assert!(lacks.err.contains("holds pay alone; judge that with -n pay"), "{}", lacks.err);
    let whole = scan(&["--require-complete", "-n", "pay"]);
    assert_eq!(whole.status, 0, "{}", whole.err);
    let other = scan(&["--fail-on", "low", "-n", "shop"]);
    assert_eq!(other.status, 2, "{}", other.err);
    assert!(other.err.contains("holds pay alone, not `shop`"), "{}", other.err);
    // Manifests, which are read by file.
    take(&sandbox, &["-f", "web.yaml"], "shop", "shop.plim");
    let scan = |more: &[&str]| {
        let args = ["--snapshot", "shop.plim", "--framework", "pss-baseline"];
        sandbox.json(&[&args[..], more].concat())
    };
    assert_eq!(status(&scan(&["-n", "shop"]), "pss-baseline", "privileged"), "pass");
    assert_eq!(status(&scan(&[]), "pss-baseline", "privileged"), "not-assessed");
}

#[test]
fn no_snapshot_is_taken_of_a_namespace_that_is_not_there() {
    let sandbox = Sandbox::with_web();
    take(&sandbox, &["--demo"], "pay", "pay.plim");
    for source in [&["--demo"][..], &["-f", "web.yaml"], &["--snapshot", "pay.plim"]] {
        let args = ["-n", "nosuch", "--output-file", "x.plim"];
        let run = sandbox.run(&[&["snapshot"], source, &args].concat());
        run.refuses(2, &["`nosuch`", "nothing was saved"]);
        assert!(!sandbox.path("x.plim").exists());
    }
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
fn a_report_in_ascii_says_the_same_in_every_format() {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", WEB.replace("image: nginx", "image: registry.example/wéb…:1"));
    let render = |format: Format, more: &[&str]| {
        let args = ["scan", "-f", "web.yaml", "--framework", "pss-baseline,mitre-attack"];
        let run = sandbox.run(&[&args[..], &["-o", format.word()], more].concat());
        assert_eq!(run.status, 0, "{format:?}: {}", run.err);
        run.out
    };
    let mut changed = 0;
    for format in Format::ALL {
        if matches!(format, Format::Navigator | Format::PolicyReport | Format::OpenReports) {
            continue;
        }
        let (plain, ascii) = (render(format, &[]), render(format, &["--ascii"]));
        assert!(ascii.is_ascii(), "{format:?}");
        changed += usize::from(!plain.is_ascii());
    }
    assert!(changed > 4, "hardly anything had a sign outside ASCII: {changed}");
    let json =
        |more: &[&str]| -> Value { serde_json::from_str(&render(Format::Json, more)).unwrap() };
    assert_eq!(json(&[])["findings"], json(&["--ascii"])["findings"]);
    // Of a saved run, since times differ otherwise.
    sandbox.run(&["scan", "-f", "web.yaml", "--session", "new"]);
    let text = |more: &[&str]| {
        let run = sandbox.run(&[&["sessions", "report", "last", "-o", "html"], more].concat());
        let page = scraper::Html::parse_document(&run.out);
        let body = scraper::Selector::parse("main").unwrap();
        let text: String = page.select(&body).flat_map(|main| main.text()).collect();
        assert!(text.len() > 1000);
        text
    };
    assert_eq!(text(&[]), text(&["--ascii"]));
}

#[test]
fn a_locale_without_utf_8_gets_ascii_unless_it_is_told_otherwise() {
    let sandbox = Sandbox::with_web();
    let scan = |more: &[&str], locale: &[(&str, &str)]| {
        let args = ["scan", "-f", "web.yaml", "--framework", "nsa-cisa"];
        sandbox.run_in(&[&args[..], more].concat(), locale).out
    };
    let c = [("LANG", "C")];
    assert!(!scan(&[], &[]).is_ascii() && !scan(&[], &[("LANG", "de_DE.UTF-8")]).is_ascii());
    assert!(scan(&[], &c).is_ascii() && scan(&[], &[("LC_ALL", "POSIX")]).is_ascii());
    assert!(!scan(&["--no-ascii"], &c).is_ascii());
    // A file for others is not the business of a locale.
    assert!(!scan(&["-o", "html"], &c).is_ascii());
    sandbox.write("config/config.toml", "ascii = false\n");
    assert!(!scan(&[], &c).is_ascii());
    sandbox.write("config/config.toml", "ascii = true\n");
    assert!(scan(&["-o", "html"], &[]).is_ascii());
    assert!(!scan(&["--no-ascii", "-o", "html"], &[]).is_ascii());
}

/// What looks like an object and is none, beside a pod that passes everything.
#[test]
fn a_gate_does_not_open_over_what_looks_like_an_object() {
    let sandbox = Sandbox::new();
    sandbox.write("d/fine.yaml", FINE);
    let scan = |more: &[&str]| {
        let args = ["scan", "-f", "d", "--framework", "pss-baseline", "-o", "json"];
        sandbox.run(&[&args[..], more].concat())
    };
    let other = FINE.replace("fine", "other");
    let item = other.replace('\n', "\n  ");
    for (text, says, at) in [
        (other.replace("apiVersion: v1\n", ""), "no `apiVersion`", 1),
        (other.replace("kind: Pod\n", ""), "no `kind`", 1),
        ("apiVersion: v1\nkind: List\nitems: 3\n".to_owned(), "where a list belongs", 3),
        ("apiVersion: v1\nkind: List\nitems: [3]\n".to_owned(), "found a plain value", 3),
        (format!("- {item}\n- kind: Pod\n  spec: {{}}\n"), "found a list", 1),
        (
            format!(
                "apiVersion: template.openshift.io/v1\nkind: Template\nmetadata: {{name: t}}\nobjects:\n- {item}\n"
            ),
            "oc process",
            4,
        ),
        (
            other.replace("v1\nkind: Pod", "argoproj.io/v1alpha1\nkind: Rollout").replace(
                "spec:\n  containers",
                "spec: {template: {spec: {containers: [{name: a}]}}}\nx:\n  y",
            ),
            "no check looks at the pods of argoproj.io/v1alpha1 Rollout",
            4,
        ),
    ] {
        let says_open = "no check looks at the pods of 1 object of Rollout.argoproj.io";
        sandbox.write("d/odd.yaml", &text);
        let scanned = scan(&[]).json();
        let problem = &scanned["problems"][0];
        assert!(problem["message"].as_str().unwrap().contains(says), "{text}: {problem}");
        assert_eq!(
            (&problem["file"], &problem["line"]),
            (&"d/odd.yaml".into(), &at.into()),
            "{text}"
        );
        assert_eq!(status(&scanned, "pss-baseline", "privileged"), "not-assessed", "{text}");
        assert_eq!(scan(&["--require-complete"]).status, 4, "{text}");
        let gate = scan(&["--fail-on", "low"]);
        // An object of a custom kind is as it should be, and no document to mend.
        let open = text.contains("Rollout");
        assert_eq!(gate.status, i32::from(!open), "{text}: {}", gate.err);
        assert!(gate.err.contains(if open { says_open } else { "--fail-on: " }), "{}", gate.err);
    }
    // Objects in a list of their own are objects.
    sandbox.write("d/odd.yaml", format!("- {item}\n- {}\n", item.replace("other", "third")));
    let listed = scan(&["--require-complete", "--fail-on", "low"]);
    assert_eq!((listed.status, listed.json()["problems"].as_array().unwrap().len()), (0, 0));
    // What else lies in such trees takes nothing from what is known.
    for text in [
        "replicaCount: 1\nkind: DaemonSet\nimage: {tag: x}\n",
        "apiVersion: v2\nname: chart\nversion: 1.0.0\n",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a.yaml]\n",
        "[{op: replace, path: /spec/replicas, value: 3}]\n",
        "{\"name\": \"x\", \"scripts\": {}}\n",
    ] {
        sandbox.write("d/odd.yaml", text);
        assert_eq!(scan(&["--require-complete", "--fail-on", "low"]).status, 0, "{text}");
    }
}

#[test]
fn pods_of_custom_kinds_leave_open_only_what_looks_at_pods_of_their_namespace() {
    let sandbox = Sandbox::new();
    sandbox.write("d/fine.yaml", FINE);
    let rollout = "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: r, namespace: shop}\n\
                   spec: {template: {spec: {containers: [{name: a, image: b}]}}}\n";
    sandbox.write("d/rollout.yaml", rollout);
    let scan = |more: &[&str]| {
        let args = ["scan", "-f", "d", "--require-complete", "--fail-on", "low"];
        sandbox.run(&[&args[..], more].concat())
    };
    let pods = scan(&["--check", "host-port"]);
    assert_eq!(pods.status, 4, "{}", pods.err);
    let says = "no check looks at the pods of 1 object of Rollout.argoproj.io in shop";
    assert!(pods.err.contains(says), "{}", pods.err);
    assert_eq!(scan(&["--check", "host-port", "-n", "pay"]).status, 0);
    assert_eq!(scan(&["--check", "host-port", "--complete"]).status, 4);
    let roles = scan(&["--check", "rbac-cluster-admin-binding"]);
    assert!(!roles.err.contains("Rollout"), "{}", roles.err);
}

#[cfg(unix)]
#[test]
fn linked_directories_are_read_once_and_hidden_ones_are_named() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    sandbox.write("d/fine.yaml", FINE);
    sandbox.write("real/web.yaml", WEB);
    symlink("../real", sandbox.path("d/linked")).unwrap();
    symlink("../real", sandbox.path("real/round")).unwrap();
    let scan = |more: &[&str]| {
        let args = ["scan", "-f", "d", "--check", "privileged-container", "-o", "json"];
        sandbox.run(&[&args[..], more].concat())
    };
    let linked = scan(&[]).json();
    assert_eq!(linked["findings"][0]["file"], "d/linked/web.yaml");
    assert_eq!(linked["source"]["files"], serde_json::json!(["d/fine.yaml", "d/linked/web.yaml"]));
    assert_eq!(linked["problems"], serde_json::json!([]));
    std::fs::remove_file(sandbox.path("d/linked")).unwrap();
    sandbox.write("d/.github/workflows/ci.yaml", "on: push\njobs: {}\n");
    sandbox.write("d/.git/config.yaml", WEB);
    assert_eq!(scan(&["--fail-on", "low", "--require-complete"]).status, 0);
    sandbox.write("d/.h/gen.yaml", WEB);
    let hidden = scan(&["--fail-on", "low"]);
    assert_eq!(hidden.status, 1, "{}", hidden.err);
    assert_eq!(
        hidden.err.matches("d/.h: 1 file holds Kubernetes objects").count(),
        1,
        "{}",
        hidden.err
    );
    assert_eq!(scan(&["--require-complete"]).status, 4);
    let named = sandbox.json(&["-f", "d", "d/.h", "--check", "privileged-container"]);
    assert_eq!(named["findings"][0]["file"], "d/.h/gen.yaml");
    assert_eq!(named["problems"], serde_json::json!([]));
}

#[test]
fn one_file_by_several_paths_is_read_once() {
    let sandbox = Sandbox::new();
    sandbox.write("e/web.yaml", WEB);
    let named = sandbox.json(&["-f", "e", "e/web.yaml", "./e", "--check", "host-port"]);
    assert_eq!(named["source"]["files"].as_array().unwrap().len(), 1);
    assert_eq!(named["problems"], serde_json::json!([]));
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
