//! Checks and frameworks of the user's own, and broken ones.

use super::document::validate;
use super::sandbox::{Sandbox, findings, status};

/// A check like `checks/<theme>/<id>.toml`, failing for images without a digest.
pub fn check(id: &str, rule: &str, more: &str) -> String {
    format!(
        r#"id = "{id}"
title = "Image without digest"
severity = "low"
form = "rule"
{more}
[target]
scope = "container"

[rule]
fail = "{rule}"
at = "image"
message = "container {{container.name}} uses {{container.image}}"

[explain]
why = "A tag can be moved to another image."
fix = "Name the image by its digest."
references = []

[[example]]
name = "tag"
verdict = "fail"
at = ["spec.containers[0].image"]
yaml = '''
apiVersion: v1
kind: Pod
metadata: {{name: a}}
spec: {{containers: [{{name: c, image: a}}]}}
'''

[[example]]
name = "digest"
verdict = "pass"
yaml = '''
apiVersion: v1
kind: Pod
metadata: {{name: a}}
spec: {{containers: [{{name: c, image: "a@b"}}]}}
'''
"#
    )
}

const RULE: &str = "!container.image.contains('@')";

fn framework(controls: &[(&str, &str)]) -> String {
    let mut text = "id = \"house\"\ntitle = \"House rules\"\npublisher = \"Us\"\nversion = \"1\"\nurl = \"https://example.org\"\n".to_owned();
    for (id, check) in controls {
        text.push_str(&format!("\n[[control]]\nid = \"{id}\"\ntitle = \"{id}\"\nassessment = \"automated\"\nchecks = [ {check} ]\n"));
    }
    text
}

#[test]
fn a_broken_check_has_its_place_and_everything_else_runs() {
    let sandbox = Sandbox::with_web();
    sandbox.write("my/own/mine.toml", check("mine", RULE, ""));
    sandbox.write("my/own/broke.toml", check("broke", "!container.image.contains(('@')", ""));
    let controls = [
        ("H1", "{ id = \"mine\", strength = \"full\" }"),
        ("H2", "{ id = \"broke\", strength = \"full\" }"),
        ("H3", "{ id = \"host-pid-namespace\", strength = \"full\" }"),
        ("H4", "{ id = \"later\", strength = \"full\", planned = true }"),
    ];
    sandbox.write("my/frameworks/house.toml", framework(&controls));
    let args =
        ["scan", "-o", "json", "-f", "web.yaml", "--checks-dir", "my", "--framework", "house"];
    let run = sandbox.run(&args);
    assert_eq!(run.status, 2, "a broken check file ends with 2");
    assert!(run.err.contains("my/own/broke.toml:10:40: rule.fail: "), "{}", run.err);
    let scan = run.json();
    validate(&scan);
    let problem = &scan["problems"][0];
    assert_eq!(problem["kind"], "check");
    assert_eq!(problem["file"], "my/own/broke.toml");
    assert_eq!((&problem["line"], &problem["column"]), (&10.into(), &40.into()));
    let expected = [
        "mine Deployment/pay/web spec.template.spec.containers[0].image",
        "mine Pod/shop/lone spec.containers[0].image",
    ];
    assert_eq!(findings(&scan), expected);
    let statuses = ["H1", "H2", "H3", "H4"].map(|id| status(&scan, "house", id));
    assert_eq!(statuses, ["fail", "not-assessed", "pass", "not-assessed"]);
    let reasons = &scan["frameworks"][0]["controls"][1]["reasons"];
    assert_eq!(reasons, &serde_json::json!(["the file of broke is broken"]));
}

#[test]
fn a_built_in_check_is_taken_over_only_by_name_and_reports_show_it() {
    let sandbox = Sandbox::with_web();
    sandbox.write("a/own/host-port.toml", check("host-port", RULE, ""));
    let run = sandbox.run(&["scan", "-f", "web.yaml", "--checks-dir", "a", "--check", "host-port"]);
    assert_eq!(run.status, 2);
    assert!(run.err.contains("a/own/host-port.toml:1:1"), "{}", run.err);
    assert!(run.err.contains("replaces = \"host-port\""), "{}", run.err);
    assert!(run.out.contains("No findings."), "the built-in one ran: {}", run.out);

    sandbox.write("b/own/host-port.toml", check("host-port", RULE, "replaces = \"host-port\""));
    let args = ["-f", "web.yaml", "--checks-dir", "b", "--control", "pss-baseline/hostPorts"];
    let scan = sandbox.json(&args);
    validate(&scan);
    assert_eq!(findings(&scan).len(), 2);
    assert_eq!(status(&scan, "pss-baseline", "hostPorts"), "fail");
    assert_eq!(scan["checks"][0]["replaces"], "host-port");
    assert_eq!(scan["checks"][0]["file"], "b/own/host-port.toml");
    let markdown = sandbox.run(&[&["scan", "-o", "markdown"], &args[..]].concat()).out;
    assert!(markdown.contains("in place of the built-in `host-port`"), "{markdown}");
    let other = sandbox.json(&["-f", "web.yaml"]);
    assert_ne!(scan["tool"]["content"], other["tool"]["content"], "other rules, other digest");

    sandbox.write("c/own/mine.toml", check("mine", RULE, "replaces = \"none-such\""));
    let run = sandbox.run(&["checks", "list", "--checks-dir", "c"]);
    assert!(run.err.contains("no check `none-such` to replace"), "{}", run.err);
}

/// A rule that never fails, in the place of a built-in check.
const TAKEN: &str = "b/own/host-port.toml";

fn taking_over() -> Sandbox {
    let sandbox = Sandbox::with_web();
    let never = check("host-port", "container.image == 'a'", "replaces = \"host-port\"");
    sandbox.write(TAKEN, never);
    sandbox
}

#[test]
fn every_format_says_which_checks_are_taken_over() {
    let sandbox = taking_over();
    let of = |format: &str| {
        let args = ["scan", "-f", "web.yaml", "--checks-dir", "b", "--framework", "pss-baseline"];
        sandbox.run(&[&args[..], &["-o", format]].concat()).out
    };
    let formats = [
        "table",
        "json",
        "markdown",
        "html",
        "sarif",
        "junit",
        "csv",
        "csv-run",
        "csv-controls",
        "oscal-ar",
        "policyreport",
    ];
    for format in formats {
        assert!(of(format).contains(TAKEN), "{format} says nothing: {}", of(format));
    }
    let table = of("table");
    assert!(table.contains(&format!("Checks taken over:\n  host-port by {TAKEN}")), "{table}");
    let scan = serde_json::from_str::<serde_json::Value>(&of("json")).unwrap();
    let controls = scan["frameworks"][0]["controls"].as_array().unwrap();
    let ports = controls.iter().find(|c| c["id"] == "hostPorts").unwrap();
    let last = ports["reasons"].as_array().unwrap().last().unwrap();
    assert_eq!(last, &format!("host-port is taken over by {TAKEN}"));
    let plain = sandbox.run(&["scan", "-f", "web.yaml", "--framework", "pss-baseline"]).out;
    assert!(!plain.contains("taken over"), "{plain}");
}

#[test]
fn a_run_and_its_bundle_say_what_was_taken_over_whatever_is_there_later() {
    let sandbox = taking_over();
    let scan = ["scan", "-f", "web.yaml", "--framework", "pss-baseline", "--session", "new"];
    let run = sandbox.run(&[&scan[..], &["--checks-dir", "b"]].concat());
    assert_eq!(run.status, 0, "{}", run.err);
    for format in ["table", "html", "markdown"] {
        let report = sandbox.run(&["sessions", "report", "last", "-o", format]).out;
        assert!(report.contains(TAKEN), "{format}: {report}");
        assert!(report.contains("other checks and frameworks than those of the run"), "{report}");
    }
    let json = sandbox.run(&["sessions", "report", "last", "-o", "json"]).json();
    validate(&json);
    assert_ne!(json["tool"]["judgedBy"], json["tool"]["content"]);
    let port = json["checks"].as_array().unwrap().iter().find(|c| c["id"] == "host-port").unwrap();
    assert_eq!((&port["file"], &port["replaces"]), (&TAKEN.into(), &"host-port".into()));

    let made = sandbox.run(&["sessions", "bundle", "last", "--output-file", "b.tar"]);
    assert_eq!(made.status, 0, "{}", made.err);
    assert!(made.err.contains("run 1 of it was judged by other checks"), "{}", made.err);
    let verified = sandbox.run(&["verify", "b.tar"]);
    assert_eq!(verified.status, 0, "{}", verified.out);
    for words in [
        &*format!("taken over in run 1: host-port by {TAKEN}"),
        "other checks or frameworks than those of run 1",
    ] {
        assert!(verified.out.contains(words), "no `{words}` in {}", verified.out);
    }
    let args = ["sessions", "bundle", "last", "--output-file", "same.tar", "--checks-dir", "b"];
    let same = sandbox.run(&args);
    assert!(!same.err.contains("other checks"), "{}", same.err);
    assert!(!sandbox.run(&["verify", "same.tar"]).out.contains("other checks"));
}

#[test]
fn an_id_of_ones_own_replaces_nothing_and_breaks_nothing() {
    let sandbox = Sandbox::with_web();
    sandbox.write("rp/house-port.toml", check("house-port", RULE, "replaces = \"host-port\""));
    let test = sandbox.run(&["checks", "test", "rp"]);
    assert_eq!(test.status, 2, "{}", test.out);
    assert!(
        test.out.contains("rp/house-port.toml:5:12: `replaces` takes over an id"),
        "{}",
        test.out
    );
    let scan = sandbox.run(&["scan", "-f", "web.yaml", "--checks-dir", "rp"]);
    assert_eq!(scan.status, 2);
    assert_eq!(scan.err.matches("rp/house-port.toml").count(), 1, "{}", scan.err);
    assert!(!scan.err.contains("there is no check"), "frameworks are whole: {}", scan.err);
}

#[test]
fn a_framework_of_ones_own_in_the_family_of_a_built_in_one_is_told() {
    let sandbox = Sandbox::with_web();
    let own = framework(&[("a", "{ id = \"host-port\", strength = \"full\" }")]);
    let own = own.replace("version = \"1\"", "version = \"9999\"\nfamily = \"pss-baseline\"");
    sandbox.write("my/frameworks/house.toml", own);
    let table = sandbox.run(&["scan", "-f", "web.yaml", "--checks-dir", "my"]).out;
    let words =
        "house: one of your own (my/frameworks/house.toml), judged in the place of pss-baseline";
    assert!(table.contains(words), "{table}");
    let named = ["scan", "-f", "web.yaml", "--checks-dir", "my", "--framework", "house"];
    assert!(!sandbox.run(&named).out.contains("one of your own"), "it was asked for by its id");
}

#[test]
fn what_a_scan_refuses_of_a_framework_and_what_is_never_judged_fails_its_test() {
    let good = framework(&[("a", "{ id = \"host-port\", strength = \"full\", because = \"b\" }")]);
    for (from, to, says) in [
        ("\"house\"", "\"pss-baseline\"", "f.toml:1:6: framework `pss-baseline` exists already"),
        ("version", "provider = \"aws\"\nversion", "no cluster has provider `aws`; there are eks"),
        (
            "version",
            "kubernetes = \">=1.36, <1.30\"\nversion",
            "no version of Kubernetes is >=1.36",
        ),
        ("version", "levels = [\"b\", \"b\"]\nversion", "level `b` stands here twice"),
        ("version", "short = \"House rules\"\nversion", "has more than 9 characters"),
        ("id = \"a\"", "id = \"\"", "its `id` is empty"),
        ("title = \"a\"", "title = \"\"", "its `title` is empty"),
    ] {
        let sandbox = Sandbox::new();
        assert!(good.contains(from));
        sandbox.write("my/frameworks/f.toml", good.replacen(from, to, 1));
        let test = sandbox.run(&["checks", "test", "my"]);
        assert_eq!(test.status, 2, "{to}: {}", test.out);
        assert!(test.out.contains(says), "{to}: {}", test.out);
    }
    let sandbox = Sandbox::new();
    sandbox.write("my/frameworks/f.toml", good);
    assert_eq!(sandbox.run(&["checks", "test", "my"]).status, 0);
}

#[test]
fn broken_frameworks_have_their_place_too() {
    let sandbox = Sandbox::with_web();
    let manual =
        framework(&[]) + "\n[[control]]\nid = \"H1\"\ntitle = \"t\"\nassessment = \"manual\"\n";
    for (name, text, says) in [
        ("key", "id = \"x\"\ntitel = 1\n".to_owned(), "key.toml:2:1: unknown field `titel`"),
        ("manual", manual, "manual.toml:7:1: control `H1` needs a person, but asks no `question`"),
        (
            "taken",
            framework(&[]).replace("house", "nsa-cisa"),
            "taken.toml:1:6: framework `nsa-cisa` exists already",
        ),
        ("id", framework(&[]).replace("house", "a b"), "id.toml:1:6: an id has lower-case letters"),
        (
            "twice",
            framework(&[("a", "{ id = \"host-port\", strength = \"full\" }"); 2]),
            "twice.toml:13:1: control `a` stands here twice",
        ),
        (
            "typo",
            framework(&[("a", "{ id = \"host-prt\", strength = \"full\" }")]),
            "typo.toml:7:1: control `a`: there is no check `host-prt`; did you mean `host-port`?",
        ),
    ] {
        let dir = format!("f-{name}");
        sandbox.write(&format!("{dir}/frameworks/{name}.toml"), text);
        let run =
            sandbox.run(&["scan", "-f", "web.yaml", "--check", "host-port", "--checks-dir", &dir]);
        assert_eq!(run.status, 2, "{name}");
        assert!(run.err.contains(says), "{name}: no `{says}` in {}", run.err);
        assert!(run.out.contains("No findings."), "{name}: the rest works");
    }
}

#[test]
fn checks_of_the_configuration_directory_are_there_without_asking() {
    let sandbox = Sandbox::with_web();
    sandbox.write("config/checks/own/mine.toml", check("mine", RULE, ""));
    let scan = sandbox.json(&["-f", "web.yaml", "--check", "mine"]);
    assert_eq!(findings(&scan).len(), 2);
    let none = ["scan", "-f", "web.yaml", "--check", "mine", "--checks-dir", "none"];
    assert_eq!(sandbox.run(&none).status, 2, "a directory that was named must be there");
}

#[test]
fn examples_of_own_checks_are_run() {
    let sandbox = Sandbox::new();
    sandbox.write("my/own/mine.toml", check("mine", RULE, ""));
    sandbox.write("none/notes.txt", "nothing");
    sandbox.run(&["checks", "test", "none"]).refuses(2, &["no check and no framework in none"]);
    let good = sandbox.run(&["checks", "test", "my/own/mine.toml"]);
    assert_eq!(
        (good.status, &*good.out),
        (0, "1 check, 2 examples, 0 frameworks, 0 failed, 0 faults, 0 problems\n")
    );
    sandbox.write("my/own/wrong.toml", check("wrong", "container.image.contains('@')", ""));
    let wrong = sandbox.run(&["checks", "test", "my"]);
    assert_eq!(wrong.status, 1);
    assert!(wrong.out.contains("my/own/wrong.toml:19:1: example \"tag\""), "{}", wrong.out);
    // What is wrong within an example has the line of the file, not that of the example.
    let text = check("wrong", RULE, "").replacen("image: a}", "image: [}", 1);
    let line = text.lines().position(|line| line.contains("image: [}")).unwrap() + 1;
    let column = text.lines().nth(line - 1).unwrap().find("[}").unwrap() + 1;
    sandbox.write("my/own/wrong.toml", text);
    let torn = sandbox.run(&["checks", "test", "my"]);
    let place = format!("my/own/wrong.toml:{line}:{column}: example \"tag\"\n");
    assert_eq!(torn.status, 1);
    assert!(torn.out.contains(&place), "{place}: {}", torn.out);
    assert!(torn.out.contains(&place.replace("\"tag\"\n", "`tag`: ")), "{}", torn.out);
    #[cfg(unix)]
    std::os::unix::fs::symlink(sandbox.path("my"), sandbox.path("my/loop")).unwrap();
    assert_eq!(sandbox.run(&["checks", "test", "my"]).status, 1, "a link to itself is no theme");
    sandbox.write("my/own/broke.toml", "id = \"broke\"\n");
    let broken = sandbox.run(&["checks", "test", "my"]);
    assert_eq!(broken.status, 2);
    assert!(broken.out.contains("my/own/broke.toml:1:1: "), "{}", broken.out);
    // Other files of the directory are not the question.
    assert_eq!(sandbox.run(&["checks", "test", "my/own/mine.toml"]).status, 0);
    sandbox.run(&["checks", "test", "nonsense"]).refuses(2, &["neither a check nor a file"]);
    sandbox.run(&["checks", "show", "broke", "--checks-dir", "my"]).refuses(2, &["broke.toml:1:1"]);
}

#[test]
fn a_new_check_works_as_it_is_written() {
    let sandbox = Sandbox::with_web();
    let new = |id: &str| {
        sandbox.run(&["checks", "new", id, "--output-file", "mine/from-our-registry.toml"])
    };
    new("Bad Id\u{1b}[31m").refuses(2, &["is no id of a check"]);
    new("privileged-container").refuses(2, &["there is a check"]);
    assert_eq!(new("from-our-registry").status, 0);
    new("from-our-registry").refuses(2, &["mine/from-our-registry.toml"]);
    let test = sandbox.run(&["checks", "test", "mine"]);
    assert_eq!(test.status, 0, "{}{}", test.out, test.err);
    let args = ["scan", "-f", "web.yaml", "--checks-dir", "mine", "--check", "from-our-registry"];
    let scan = sandbox.run(&args);
    assert!(scan.out.contains("runs nginx"), "{}", scan.out);
}
