//! Manifests that were made to do harm: nothing of them reaches a terminal as it is, nothing panics.

use std::fmt::Write as _;

use super::document::validate;
use super::sandbox::{Sandbox, findings};

/// Escape sequences, both CSI forms, bidirectional overrides, markup, in every place that is shown.
const HOSTILE: &str = r#"apiVersion: v1
kind: Pod
metadata:
  name: "a\e[31m\u202e\x9b31m|`<b>\n## x"
  namespace: "x\ty\u2066"
  labels: {"k\e": "v"}
spec:
  hostNetwork: true
  volumes: [{name: "v\e[2J", hostPath: {path: "/etc\u200b\e]0;x\a"}}]
  containers:
  - name: "c\e]0;pwn\a"
    image: "i\u0000\u009b2J"
    securityContext: {privileged: true}
    env: [{name: PASSWORD, value: hunter2}, {name: A, value: AKIAABCDEFGHIJKLMNOP}]
"#;

#[track_caller]
fn harmless(what: &str, text: &str) {
    for c in text.chars() {
        let fine = matches!(c, '\n' | '\t' | '\r') || !c.is_control();
        let bidi = matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        assert!(fine && !bidi, "{what}: U+{:04X} in {text:.300}", u32::from(c));
    }
}

#[test]
fn no_output_carries_what_a_terminal_would_obey() {
    let sandbox = Sandbox::new();
    sandbox.write("esc.yaml", HOSTILE);
    let formats = plimsoll::report::Format::ALL.map(plimsoll::report::Format::word);
    // These two are about controls and decisions; the others name the check.
    let formats = formats.into_iter().filter(|f| !matches!(*f, "csv-controls" | "csv-decisions"));
    for format in formats {
        let run = sandbox.run(&["scan", "-f", "esc.yaml", "-o", format]);
        assert_eq!(run.status, 0, "{}", run.err);
        assert!(run.out.contains("privileged-container"), "{format}");
        harmless(format, &run.out);
        harmless(format, &run.err);
        assert!(!run.out.contains("hunter2") && !run.out.contains("AKIAABCD"), "{format}");
    }
    // In JSON the value itself is untouched.
    let scan = sandbox.json(&["-f", "esc.yaml", "--check", "privileged-container"]);
    validate(&scan);
    assert_eq!(scan["findings"][0]["object"]["name"], "a\u{1b}[31m\u{202e}\u{9b}31m|`<b>\n## x");
    let markdown = sandbox.run(&["scan", "-f", "esc.yaml", "-o", "markdown"]).out;
    assert!(!markdown.lines().any(|l| l.starts_with("## x")), "{markdown}");
}

#[test]
fn workloads_that_own_each_other_in_a_ring_are_judged_each() {
    let sandbox = Sandbox::new();
    let set = |name: &str, owner: &str, privileged: bool| {
        format!(
            "---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata:\n  name: {name}\n  namespace: pay\n  \
             ownerReferences: [{{apiVersion: apps/v1, kind: ReplicaSet, name: {owner}, uid: u, controller: true}}]\n\
             spec: {{template: {{spec: {{containers: [{{name: c, image: c, securityContext: {{privileged: {privileged}}}}}]}}}}}}\n"
        )
    };
    let ring = [set("a", "b", false), set("b", "c", true), set("c", "a", false)].concat();
    sandbox.write("ring.yaml", ring + &set("self", "self", true));
    for complete in [&[][..], &["--complete"]] {
        let args = ["-f", "ring.yaml", "--check", "privileged-container"];
        let scan = sandbox.json(&[&args[..], complete].concat());
        let places: Vec<String> =
            findings(&scan).iter().map(|line| line.split(' ').nth(1).unwrap().to_owned()).collect();
        assert_eq!(places, ["ReplicaSet/pay/b", "ReplicaSet/pay/self"]);
        assert_eq!(scan["checks"][0]["pass"], 2, "{}", scan["checks"]);
    }
}

#[test]
fn file_names_and_arguments_are_hostile_too() {
    let sandbox = Sandbox::new();
    sandbox.write("a\u{1b}[31m.yaml", HOSTILE);
    let run = sandbox.run(&["scan", "-f", "a\u{1b}[31m.yaml", "--check", "host-port"]);
    assert_eq!(run.status, 0);
    harmless("table", &run.out);
    let run = sandbox.run(&["scan", "-f", "b\u{1b}[31m.yaml"]);
    run.refuses(3, &["b\\u{1b}[31m.yaml"]);
    harmless("error", &run.err);
    let run = sandbox.run(&["scan", "--demo", "--check", "x\u{1b}[31m"]);
    run.refuses(2, &["x\\u{1b}[31m"]);
}

#[test]
fn own_checks_and_frameworks_are_shown_escaped() {
    let sandbox = Sandbox::new();
    let check = super::own::check("mine", "!container.image.contains('@')", "");
    sandbox
        .write("my/own/mine.toml", check.replace("Image without", "Image\u{202e} \\u001b without"));
    let house = "id = \"house\"\ntitle = \"H\\u001b[31m\"\npublisher = \"p\\u001b\"\nversion = \"1\\u001b\"\nurl = \"https://u\"\n[[control]]\nid = \"a\\u001b\"\ntitle = \"t\\u001b\"\nassessment = \"automated\"\nchecks = [{ id = \"mine\", strength = \"full\", because = \"b\\u001b\" }]\n";
    sandbox.write("my/frameworks/house.toml", house);
    sandbox.write("bad/frameworks/house.toml", house.replace("https://u", "u\\u001b"));
    sandbox.write("web.yaml", super::sandbox::WEB);
    let refused = sandbox.run(&["frameworks", "list", "--checks-dir", "bad"]);
    assert!(refused.err.contains("no https address"), "{}", refused.err);
    harmless("an address", &refused.err);
    for args in [
        &["checks", "show", "mine"][..],
        &["checks", "list"],
        &["frameworks", "list"],
        &["frameworks", "show", "house"],
        &["frameworks", "show", "house", "a\u{1b}"],
        &["scan", "-f", "web.yaml", "--framework", "house"],
        &["scan", "-f", "web.yaml", "--framework", "house", "-o", "json"],
        &["scan", "-f", "web.yaml", "--framework", "house", "-o", "markdown"],
    ] {
        let run = sandbox.run(&[args, &["--checks-dir", "my"]].concat());
        assert!(run.out.contains("mine") || run.out.contains("house"), "{args:?}: {}", run.err);
        harmless(&format!("{args:?}"), &run.out);
        harmless(&format!("{args:?}"), &run.err);
    }
}

#[test]
fn text_that_is_no_manifest_is_refused_with_its_place() {
    let sandbox = Sandbox::new();
    let nested = |open: &str, close: &str, depth: usize| open.repeat(depth) + &close.repeat(depth);
    let mut block = String::new();
    for depth in 0..3000 {
        writeln!(block, "{}a:", " ".repeat(depth)).unwrap();
    }
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (from, to) in ('a'..'j').zip('b'..'k') {
        let items = vec![format!("*{from}"); 10].join(",");
        writeln!(bomb, "{to}: &{to} [{items}]").unwrap();
    }
    let anchor = "apiVersion: v1\nkind: Pod\nmetadata: &m {name: a, x: *m}\n";
    for (name, content, says) in [
        ("utf.yaml", b"kind: Pod\nx: \"\xff\xfe\"\n".to_vec(), "utf.yaml: line 2 is no UTF-8"),
        ("deep.yaml", format!("a: {}\n", nested("[", "]", 5000)).into(), "deep.yaml:1:"),
        ("deep.json", nested("{\"a\":", "}", 5000).into(), "deep.json:1:"),
        ("block.yaml", block.into(), "nested deeper than 128 levels"),
        ("bomb.yaml", bomb.into(), "bomb.yaml:7:"),
        ("self.yaml", anchor.into(), "self.yaml:3:"),
        ("tab.yaml", "kind: Pod\n\tmetadata: x\n".into(), "tab.yaml:"),
        ("bytes.yaml", (0..=255).collect(), "cannot read bytes.yaml: it holds NUL bytes"),
        ("twice.yaml", "kind: Pod\nkind: Pod\n".into(), "`kind` stands here twice"),
        ("scalar.yaml", "42\n".into(), "scalar.yaml:1:1: expected a Kubernetes object"),
    ] {
        sandbox.write(name, content);
        let run = sandbox.run(&["scan", "-f", name, "--check", "host-port"]);
        run.refuses(3, &[says]);
        harmless(name, &run.err);
    }
}

#[test]
fn fields_of_the_wrong_type_never_pass_unseen() {
    let sandbox = Sandbox::new();
    let types = r#"apiVersion: v1
kind: Pod
metadata: {name: a, labels: [a], annotations: 3, ownerReferences: {a: b}}
spec: {containers: {a: b}, hostNetwork: "yes", securityContext: [], volumes: x}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: b}
spec: {template: {spec: {containers: [1, null, {name: null, securityContext: {capabilities: {add: ALL, drop: {a: 1}}}}]}}}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: c}
spec: {template: {spec: {containers: [{name: null, securityContext: {privileged: "true"}, ports: [{containerPort: "x", hostPort: 99999999999999999999}]}]}}}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: b}
rules: [{verbs: "*", resources: null, apiGroups: [1]}, 5]
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: b}
spec: {podSelector: 5, ingress: [{from: [{ipBlock: {cidr: "x/99"}}, 1], ports: [{port: {}, endPort: -1}]}], egress: "x", policyTypes: Ingress}
"#;
    sandbox.write("types.yaml", types);
    let scan = sandbox.json(&["-f", "types.yaml"]);
    validate(&scan);
    let problem = scan["problems"]
        .as_array()
        .unwrap()
        .iter()
        .find(|p| {
            p["object"]["kind"] == "Deployment"
                && p["kind"] == "evaluation"
                && p["message"].as_str().unwrap().contains("expected a bool")
        })
        .expect("a rule that cannot be evaluated names its object");
    assert!(problem["file"].as_str().unwrap().starts_with("checks/"), "{problem}");
    assert_eq!(problem["object"]["name"], "c", "nothing is made of an object that no server takes");
    let lost = scan["problems"].as_array().unwrap().iter();
    let lost = lost.filter(|p| p["message"].as_str().unwrap().contains("no server takes that"));
    assert_eq!(lost.count(), 4, "{}", scan["problems"]);
    assert_eq!(super::sandbox::status(&scan, "pss-baseline", "privileged"), "not-assessed");
}

#[test]
fn huge_names_and_many_documents_are_taken_in_stride() {
    let sandbox = Sandbox::new();
    let huge = "x".repeat(2_000_000);
    let pod = format!(
        "apiVersion: v1\nkind: Pod\nmetadata: {{name: \"{huge}\"}}\nspec: {{hostNetwork: true, containers: []}}\n"
    );
    sandbox.write("huge.yaml", pod);
    let run = sandbox.run(&["scan", "-f", "huge.yaml", "--check", "host-network-namespace"]);
    assert_eq!(run.status, 0, "{}", run.err);
    assert!(run.out.len() < 4096, "a name of 2 MB does not fill the screen: {}", run.out.len());

    let mut many = String::new();
    for at in 0..100_000 {
        writeln!(many, "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: c{at}}}\n---").unwrap();
    }
    many.push_str("apiVersion: v1\nkind: Pod\nmetadata: {name: last}\nspec: {hostNetwork: true, containers: []}\n");
    sandbox.write("many.yaml", many);
    let scan = sandbox.json(&["-f", "many.yaml", "--check", "host-network-namespace"]);
    assert_eq!(findings(&scan), ["host-network-namespace Pod/default/last spec.hostNetwork"]);
    assert_eq!(scan["findings"][0]["line"], 400_004);
    assert_eq!(scan["reads"][0]["items"], 100_001);
}

/// Scans a file; it ends in time, whatever it says.
#[track_caller]
fn in_time(sandbox: &Sandbox, name: &str, status: i32) -> super::sandbox::Run {
    let begun = std::time::Instant::now();
    let run = sandbox.run(&["scan", "-f", name]);
    assert!(begun.elapsed().as_secs() < 90, "{name} took {:?}", begun.elapsed());
    assert_eq!(run.status, status, "{name}: {:.2000}", run.err);
    harmless(name, &run.out);
    harmless(name, &run.err);
    run
}

#[test]
fn giant_texts_a_million_labels_and_long_keys_take_time_in_proportion() {
    let sandbox = Sandbox::new();
    let pod = |metadata: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: a{metadata}}}\nspec: {{hostNetwork: true, containers: []}}\n"
        )
    };
    sandbox
        .write("giant.yaml", pod(&format!(", annotations: {{x: \"{}\"}}", "x".repeat(10 << 20))));
    assert!(in_time(&sandbox, "giant.yaml", 0).out.len() < 1 << 20);
    let mut labels = String::from(", labels: {");
    for at in 0..1_000_000 {
        write!(labels, "k{at}: v,").unwrap();
    }
    sandbox.write("labels.yaml", pod(&(labels + "}")));
    in_time(&sandbox, "labels.yaml", 0);
    // A key that stands above many values must not be kept with each of them.
    let many = "0,".repeat(200_000);
    sandbox.write("keys.yaml", pod(&format!(", x: {{\"{}\": [{many}]}}", "k".repeat(60_000))));
    in_time(&sandbox, "keys.yaml", 0);
    // Neither may a map that is merged into another be searched from its beginning for each key.
    let mut merge = String::from("base: &b {");
    for at in 0..100_000 {
        write!(merge, "k{at}: v,").unwrap();
    }
    merge.push_str("}\nuse:\n  <<: [*b, *b, *b]\n---\n");
    sandbox.write("merge.yaml", merge + &pod(""));
    in_time(&sandbox, "merge.yaml", 0);
}

#[test]
fn absurd_numbers_rings_of_owners_and_names_like_options_do_no_harm() {
    let sandbox = Sandbox::new();
    sandbox.write("hostile.yaml", include_str!("../fuzz/hostile.yaml"));
    let run = in_time(&sandbox, "hostile.yaml", 0);
    assert!(run.out.contains("--privileged"), "{}", run.out);
    let scan = sandbox.json(&["-f", "hostile.yaml"]);
    validate(&scan);
    let run = sandbox.run(&["snapshot", "-f", "hostile.yaml", "--output-file", "s.plim"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let run =
        sandbox.run(&["scan", "--snapshot", "s.plim", "-o", "html", "--output-file", "r.html"]);
    assert_eq!(run.status, 0, "{}", run.err);
    harmless("r.html", &std::fs::read_to_string(sandbox.path("r.html")).unwrap());
    let names: Vec<_> = std::fs::read_dir(sandbox.path("."))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| !["config", "data", "home"].contains(&name.as_str()))
        .collect();
    assert_eq!(names.len(), 3, "no name of an object became a file: {names:?}");
}

#[test]
fn files_of_the_user_have_a_limit_and_are_files() {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", super::sandbox::WEB);
    let large = |name: &str| {
        let path = sandbox.write(name, "");
        std::fs::File::create(path).unwrap().set_len(5 << 20).unwrap();
    };
    let scan = |more: &[&str]| {
        sandbox.run(&[&["scan", "-f", "web.yaml", "--check", "host-port"], more].concat())
    };
    for name in ["c.toml", "my/own/a.toml", "my/frameworks/f.toml", "p.toml"] {
        large(name);
    }
    let says = "it is larger than 4 MiB";
    scan(&["--config", "c.toml"]).refuses(2, &["c.toml", says]);
    let run = sandbox.run(&["scan", "-f", "web.yaml", "--profile", "p.toml"]);
    run.refuses(2, &["p.toml", says]);
    let run = scan(&["--checks-dir", "my"]);
    assert_eq!(run.status, 2);
    for name in ["a.toml", "f.toml"] {
        assert!(run.err.lines().any(|l| l.contains(name) && l.contains(says)), "{}", run.err);
    }
    let path = sandbox.write("d.toml", "");
    std::fs::File::create(path).unwrap().set_len(65 << 20).unwrap();
    scan(&["--decisions", "d.toml"]).refuses(2, &["d.toml", "it is larger than 64 MiB"]);
    #[cfg(unix)]
    {
        scan(&["--config", "/dev/zero"]).refuses(2, &[says]);
        std::os::unix::fs::symlink("/dev/zero", sandbox.path("my/own/z.toml")).unwrap();
        let run = scan(&["--checks-dir", "my"]);
        assert!(
            run.err.contains("z.toml: cannot read the file: it is no regular file"),
            "{}",
            run.err
        );
    }
}

#[test]
fn a_namespace_that_is_not_there_is_no_clean_one() {
    let sandbox = Sandbox::with_web();
    let scan = |more: &[&str]| sandbox.run(&[&["scan", "--demo"], more].concat());
    for relied in [&["--fail-on", "critical"][..], &["--require-complete"]] {
        let run = scan(&[&["-n", "none-such"], relied].concat());
        assert_eq!(run.status, 2, "{}", run.err);
        assert!(run.err.contains("there is no namespace `none-such`"), "{}", run.err);
    }
    let run = scan(&["-n", "none-such"]);
    assert_eq!(run.status, 2, "{}", run.err);
    assert!(run.err.contains("there is no namespace `none-such`"), "{}", run.err);
    let run = sandbox.run(&["scan", "-f", "web.yaml", "-n", "typo"]);
    assert_eq!(run.status, 0, "manifests may have nothing for it: {}", run.err);
    let run = sandbox.run(&["scan", "-f", "web.yaml", "-n", "pay,typo", "--fail-on", "critical"]);
    assert_eq!(run.status, 2, "{}", run.err);
    let run = sandbox.run(&["scan", "-f", "web.yaml", "-n", "pay", "--fail-on", "critical"]);
    assert_eq!(run.status, 1, "{}", run.err);
}

/// Thousands of faults of one object fill no screen, and are counted; what programs read tells all.
#[test]
fn many_findings_of_one_check_on_one_object_are_told_as_a_number() {
    let sandbox = Sandbox::new();
    let container = |at: usize| {
        format!("  - {{name: c{at:02}, image: i, securityContext: {{privileged: true}}}}\n")
    };
    let containers: String = (0..60).map(container).collect();
    let head =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: big, namespace: x}\nspec:\n  containers:\n";
    sandbox.write("big.yaml", format!("{head}{containers}"));
    let scan = |format: &str| {
        let args = ["scan", "-f", "big.yaml", "--check", "privileged-container", "-o", format];
        sandbox.run(&args).out
    };
    for format in ["table", "markdown"] {
        let out = scan(format);
        assert_eq!(out.matches("container c").count(), 20, "{format}: {out}");
        assert!(
            out.contains("and 40 more of this check on this object, which -o json lists"),
            "{out}"
        );
        assert!(out.contains("60 findings") || out.contains("60 open"), "the sum is of all: {out}");
    }
    assert_eq!(scan("csv").matches("container c").count(), 60);
    assert_eq!(
        sandbox.json(&["-f", "big.yaml", "--check", "privileged-container"])["findings"]
            .as_array()
            .unwrap()
            .len(),
        60
    );
}

/// What CI systems take for a command where it begins a line of what a step prints.
const COMMAND: &str = "x\n::error::INJECTED";

#[test]
fn no_text_of_others_begins_a_line_of_a_message() {
    let sandbox = Sandbox::with_web();
    let quoted = COMMAND.replace('\n', "\\n");
    let report = format!(
        r#"{{"apiVersion": "wgpolicyk8s.io/v1alpha2", "kind": "PolicyReport", "metadata": {{"name": "x", "namespace": "d"}}, "source": "kyverno", "results": [{{"policy": "p", "rule": "r", "result": "pass", "resources": [{{"kind": "Pod", "name": "{quoted}", "namespace": "{quoted}", "apiVersion": "v1"}}]}}]}}"#
    );
    sandbox.write("report.json", report);
    let file = format!("{COMMAND}.yaml");
    sandbox.write(&file, "apiVersion: v1\nkind: Pod\nmetadata: {name: [");
    let down = [("n", "http://127.0.0.1:9")];
    let contexts = super::cluster::kubeconfig(&down, "{token: t}")
        .replace("- name: n\n", &format!("- name: \"{quoted}\"\n"));
    sandbox.write("kc", contexts);
    sandbox.write("key.toml", format!("\"{quoted}\" = 1\n"));
    let kc = ["--kubeconfig", "kc", "--request-timeout", "2s"];
    let on = |args: &[&'static str]| [args, &kc].concat();
    let typed = |args: &[&'static str]| [args, &[COMMAND]].concat();
    let web = ["scan", "-f", "web.yaml"];
    let all: Vec<(i32, Vec<&str>)> = vec![
        (0, [&web[..], &["--complete", "--import", "report.json"]].concat()),
        (3, vec!["scan", "-f", &file]),
        (2, on(&["scan", "--context", "nosuch"])),
        (2, on(&["scan", "--contexts", "nosuch"])),
        (3, on(&["scan", "--contexts", "all"])),
        (2, vec!["config", "check", "--config", "key.toml"]),
        (2, [&web[..], &["--config", "key.toml"]].concat()),
        (2, typed(&["scan", "--demo", "--framework"])),
        (2, typed(&["scan", "--demo", "--check"])),
        (2, typed(&["scan", "--demo", "--fail-on"])),
        (2, typed(&["sessions", "show"])),
        (2, typed(&[])),
    ];
    for (status, args) in all {
        let run = sandbox.run(&args);
        assert_eq!(run.status, status, "{args:?}: {}", run.err);
        assert!(run.err.contains("x\\n"), "{args:?}: {}", run.err);
        for line in run.err.lines().chain(run.out.lines()) {
            assert!(!line.trim_start().starts_with("::error"), "{args:?}: {}", run.err);
        }
    }
}
