//! Profiles: what a tenant is held to, alone and beside the others.

use super::sandbox::Sandbox;

const PAY: &str = "title = \"Payments\"\nnamespaces = [\"pay*\"]\nframeworks = [\"pss-baseline\", \"nsa-cisa\"]\n";

fn sandbox(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::with_web();
    for (name, text) in files {
        sandbox.write(&format!("config/profiles/{name}.toml"), text);
    }
    sandbox
}

#[test]
fn a_profile_narrows_a_scan_to_its_namespaces_and_frameworks_and_is_stated() {
    let sandbox = sandbox(&[("payments", PAY)]);
    let run = sandbox.run(&["scan", "-f", "web.yaml", "--profile", "payments", "-o", "json"]);
    assert_eq!(run.status, 0, "{}", run.err);
    let document = run.json();
    assert_eq!(document["selection"]["profile"], "payments");
    assert_eq!(document["selection"]["namespaces"], serde_json::json!(["pay"]));
    let findings = document["findings"].as_array().unwrap();
    assert!(!findings.is_empty());
    assert!(
        findings.iter().all(|f| f["object"]["namespace"] == "pay" || f["object"]["name"] == "pay")
    );
    let ids: Vec<_> = document["frameworks"].as_array().unwrap().iter().map(|f| &f["id"]).collect();
    assert_eq!(ids, ["pss-baseline", "nsa-cisa"]);
    let card = &document["profile"];
    assert_eq!(
        (&card["title"], &card["threshold"]["verdict"]),
        (&"Payments".into(), &"not-set".into())
    );
    let nsa = &card["frameworks"][1];
    assert!(nsa["clusterControls"].as_u64() > Some(0), "{nsa}");

    let table = sandbox.run(&["scan", "-f", "web.yaml", "--profile", "payments"]).out;
    assert!(table.starts_with("Profile payments (Payments): 1 namespace: pay\n"), "{table}");
    assert!(table.contains("are not a tenant's: they are left out."), "{table}");
    assert!(!table.contains("shop"), "{table}");
    for format in ["markdown", "html"] {
        let text =
            sandbox.run(&["scan", "-f", "web.yaml", "--profile", "payments", "-o", format]).out;
        assert!(text.contains("payments"), "{format}: {text}");
    }
}

#[test]
fn its_threshold_decides_the_exit_status() {
    let with = |threshold: &str| format!("{PAY}[threshold]\n{threshold}");
    for (threshold, status, says) in [
        ("fail-on = \"critical\"", 1, "not met: 1 open finding is critical"),
        ("[threshold.score]\npss-baseline = 0", 0, "met"),
        ("[threshold.score]\npss-baseline = 100", 1, "not met: pss-baseline is at"),
    ] {
        let sandbox = sandbox(&[("payments", &with(threshold))]);
        let run = sandbox.run(&["scan", "-f", "web.yaml", "--complete", "--profile", "payments"]);
        assert_eq!(run.status, status, "{threshold}: {}{}", run.out, run.err);
        let line = run.out.lines().last().unwrap();
        assert!(line.starts_with(&format!("Threshold of payments: {says}")), "{line}");
    }
}

#[test]
fn all_profiles_at_once_give_a_scorecard_each() {
    let strict = "namespaces = [\"shop\"]\nframeworks = [\"pss-baseline\"]\n[threshold]\nfail-on = \"critical\"\n";
    let gone = "namespaces = [\"gone\"]\n[threshold]\nfail-on = \"critical\"\n";
    let sandbox = sandbox(&[("payments", PAY), ("shop", strict)]);
    let args = ["scan", "-f", "web.yaml", "--complete", "--profile", "all"];
    let run = sandbox.run(&args);
    assert_eq!(run.status, 0, "{}{}", run.out, run.err);
    let row = |name: &str| run.out.lines().find(|line| line.starts_with(name)).unwrap().to_owned();
    assert!(row("payments").ends_with("no threshold"), "{}", run.out);
    assert!(row("shop").ends_with("met"), "{}", run.out);

    sandbox.write("config/profiles/gone.toml", gone);
    let json = sandbox.run(&[&args[..], &["-o", "json"]].concat());
    assert_eq!(json.status, 1, "a tenant without a namespace is not met");
    let document = json.json();
    assert_eq!(document["schema"], "plimsoll.tenants/v1");
    let tenants = document["tenants"].as_array().unwrap();
    let verdicts: Vec<_> = tenants.iter().map(|t| &t["threshold"]["verdict"]).collect();
    assert_eq!(verdicts, ["undecided", "not-set", "met"]);
    let markdown = sandbox.run(&[&args[..], &["-o", "markdown"]].concat()).out;
    assert!(markdown.contains("## Payments"), "{markdown}");
    // Two by name, in their order.
    let two = sandbox.run(&["scan", "-f", "web.yaml", "--profile", "shop,payments", "-o", "json"]);
    let names: Vec<_> =
        two.json()["tenants"].as_array().unwrap().iter().map(|t| t["profile"].clone()).collect();
    assert_eq!(names, ["shop", "payments"]);
    sandbox
        .run(&["scan", "-f", "web.yaml", "--profile", "all", "-o", "sarif"])
        .refuses(2, &["table, json or markdown", "name one profile"]);
    for (option, value) in [("--baseline", "last"), ("--session", "new")] {
        let run = sandbox.run(&["scan", "-f", "web.yaml", "--profile", "all", option, value]);
        run.refuses(2, &[option, "name one profile"]);
    }
    let complete =
        ["scan", "-f", "web.yaml", "--complete", "--profile", "all", "--require-complete"];
    assert_ne!(sandbox.run(&complete).status, 4, "everything was read");
    sandbox.write("broken.yaml", "a: [");
    let broken = ["scan", "-f", ".", "--profile", "all", "--require-complete"];
    assert_eq!(sandbox.run(&broken).status, 4, "not everything was");
}

#[test]
fn a_profile_without_a_namespace_is_not_decided_alone_as_among_others() {
    let ghost = "namespaces = [\"ghost\"]\n[threshold]\nfail-on = \"critical\"\n";
    let sandbox = sandbox(&[("ghost", ghost)]);
    let run = sandbox.run(&["scan", "-f", "web.yaml", "--profile", "ghost", "-o", "json"]);
    assert_eq!(run.status, 1, "{}", run.err);
    assert!(run.err.contains("no namespace here belongs to the profile"), "{}", run.err);
    let document = run.json();
    let threshold = &document["profile"]["threshold"];
    assert_eq!(threshold["verdict"], "undecided");
    assert_eq!(threshold["reasons"][0], "no namespace here belongs to it");
    assert_eq!(document["findings"], serde_json::json!([]));
    assert_eq!(document["frameworks"], serde_json::json!([]), "nothing passes by it");
    let table = sandbox.run(&["scan", "-f", "web.yaml", "--profile", "ghost"]).out;
    assert!(table.ends_with("Threshold of ghost: not decided: no namespace here belongs to it\n"));
    // A run of nothing would say of everything that it is fixed.
    let args = ["scan", "-f", "web.yaml", "--profile", "ghost", "--session", "new"];
    sandbox.run(&args).refuses(2, &["nothing was looked at"]);
    let all = sandbox.run(&["scan", "-f", "web.yaml", "--profile", "all"]);
    assert_eq!(all.status, 1);
    let row = all.out.lines().find(|line| line.starts_with("ghost")).unwrap();
    assert!(row.contains("–") && row.ends_with("not decided"), "{row}");
}

#[test]
fn a_broken_profile_hides_no_other_and_one_named_twice_is_one() {
    let sandbox = sandbox(&[("payments", PAY), ("broken", "namespaces = [\"pay\"")]);
    let run = sandbox.run(&["scan", "-f", "web.yaml", "--profile", "all", "-o", "json"]);
    assert_eq!(run.status, 2, "{}", run.err);
    assert!(run.err.contains("broken.toml:1:"), "{}", run.err);
    let document = run.json();
    let tenants = document["tenants"].as_array().unwrap();
    let names: Vec<_> = tenants.iter().map(|t| t["profile"].as_str().unwrap()).collect();
    assert_eq!(names, ["broken", "payments"]);
    assert_eq!(tenants[0]["threshold"]["verdict"], "undecided");
    assert!(tenants[0]["threshold"]["reasons"][0].as_str().unwrap().contains("broken.toml:1:"));
    assert!(!tenants[1]["findings"]["critical"].is_null());
    let twice = ["scan", "-f", "web.yaml", "--profile", "payments,payments"];
    let twice = sandbox.run(&twice).out;
    assert!(twice.starts_with("Profile payments"), "one profile, one report: {twice}");
}

#[test]
fn a_profile_that_means_nothing_is_refused_with_its_place() {
    for (text, says) in [
        ("namespaces = [\"pay\"]\nframework = []", "payments.toml:2:1: unknown field"),
        (
            "namespaces = [\"pay\"]\nframeworks = [\"pss\"]",
            "payments.toml:2:1: frameworks: there is no",
        ),
        ("selector = \"a in b\"", "payments.toml:1:1: selector: "),
        (
            "namespaces = [\"pay\"]\nframeworks = [\"nsa-cisa\"]\n[threshold.score]\npss-baseline = 1",
            "payments.toml:4:1: threshold.score: `pss-baseline` is not among",
        ),
        (
            "namespaces = [\"pay\"]\n[threshold.score]\nmitre-attack = 1",
            "payments.toml:3:1: threshold.score: `mitre-attack` is a matrix",
        ),
        (
            "namespaces = [\"pay\"]\n[params.privileged-container]\nx = 1",
            "payments.toml:3:1: params.privileged-container.x: there is no parameter",
        ),
    ] {
        let sandbox = sandbox(&[("payments", text)]);
        sandbox.run(&["scan", "-f", "web.yaml", "--profile", "payments"]).refuses(2, &[says]);
        let check = sandbox.run(&["config", "check"]);
        assert_eq!(check.status, 2, "{}", check.err);
        assert!(check.err.contains(says), "{}", check.err);
    }
    let sandbox = sandbox(&[("payments", PAY)]);
    let scan = |name: &str| sandbox.run(&["scan", "-f", "web.yaml", "--profile", name]);
    scan("payment").refuses(2, &["there is no profile `payment`", "did you mean `payments`?"]);
    let both = sandbox.run(&["scan", "-f", "web.yaml", "--profile", "payments", "-n", "shop"]);
    both.refuses(2, &["cannot be used with"]);
    sandbox.write("other.toml", "namespaces = [\"nowhere\"]");
    scan("other.toml").refuses(2, &["no namespace here belongs to profile `other`"]);
    sandbox.write("mine.toml", "namespaces = [\"shop\"]\nframeworks = [\"pss-baseline\"]");
    assert_eq!(scan("mine.toml").status, 0, "a profile may be named by its file");
}

#[test]
fn config_init_leaves_an_example_that_is_no_profile_and_path_says_where() {
    let sandbox = Sandbox::with_web();
    let init = sandbox.run(&["config", "init"]);
    assert_eq!(init.status, 0, "{}", init.err);
    assert!(init.err.contains("example.toml.sample"), "{}", init.err);
    assert!(sandbox.run(&["config", "path"]).out.contains("profiles"));
    sandbox
        .run(&["scan", "-f", "web.yaml", "--profile", "all"])
        .refuses(2, &["there is no profile", "config init"]);
    let sample = sandbox.path("config/profiles/example.toml.sample");
    std::fs::copy(sample, sandbox.path("config/profiles/example.toml")).unwrap();
    assert_eq!(sandbox.run(&["config", "check"]).status, 0);
}
