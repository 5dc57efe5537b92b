//! Mirrors of platform images: what counts by them, and that everything says so.

use super::document::validate;
use super::sandbox::{Sandbox, status};

const MIRROR: &str = "mirror.corp.example";
pub const SET: &str = "platform-mirrors = [\"mirror.corp.example\"]\n";

/// `CoreDNS` as an air-gapped cluster has it, with a fault in it.
pub fn coredns(image: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: coredns, namespace: kube-system}}\n\
         spec:\n  selector: {{matchLabels: {{app: dns}}}}\n  template:\n    metadata: {{labels: {{app: dns}}}}\n    \
         spec:\n      containers:\n      - {{name: dns, image: '{image}', securityContext: {{privileged: true}}}}\n"
    )
}

fn sandbox(image: &str, config: &str) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.write("dns.yaml", coredns(image));
    sandbox.write("config/config.toml", config);
    sandbox
}

const SCAN: [&str; 4] = ["-f", "dns.yaml", "--control", "pss-baseline/privileged"];

#[test]
fn what_comes_from_a_mirror_counts_as_the_platforms_and_the_scan_says_so() {
    let image = "mirror.corp.example/coredns/coredns:v1.12.0";
    let without = sandbox(image, "");
    let scan = without.json(&SCAN);
    assert_eq!(scan["findings"][0]["platform"], false);
    assert_eq!(status(&scan, "pss-baseline", "privileged"), "fail");
    assert!(scan.get("mirrored").is_none() && scan["settings"].get("platformMirrors").is_none());

    let with = sandbox(image, SET);
    let scan = with.json(&SCAN);
    validate(&scan);
    assert_eq!(scan["findings"][0]["platform"], true);
    assert_ne!(status(&scan, "pss-baseline", "privileged"), "fail");
    assert_eq!(scan["settings"]["platformMirrors"], serde_json::json!([MIRROR]));
    assert!(scan["settings"]["digest"].as_str().unwrap().starts_with("sha256:"));
    let workloads = ["Deployment/kube-system/coredns"];
    let told = serde_json::json!([{"mirror": MIRROR, "workloads": workloads}]);
    assert_eq!(scan["mirrored"], told);
    let all = with.json(&[&SCAN[..], &["--include-platform"]].concat());
    assert_eq!(status(&all, "pss-baseline", "privileged"), "fail", "nothing is dropped");
}

#[test]
fn every_format_says_what_counts_only_by_a_mirror() {
    let sandbox = sandbox("mirror.corp.example/coredns:v1", SET);
    let of = |format: &str| sandbox.run(&[&["scan"], &SCAN[..], &["-o", format]].concat()).out;
    let formats = [
        "table",
        "json",
        "markdown",
        "html",
        "sarif",
        "junit",
        "csv",
        "csv-run",
        "oscal-ar",
        "oscal-poam",
        "policyreport",
        "openreports",
    ];
    for format in formats {
        assert!(of(format).contains(MIRROR), "{format} says nothing: {}", of(format));
    }
    let table = of("table");
    for words in [
        "Judged with these settings:\n  platform images also from mirror.corp.example\n",
        "only by a mirror (platform-mirrors):\n  mirror.corp.example: Deployment/kube-system/coredns\n",
        "1 more on objects of the platform itself",
    ] {
        assert!(table.contains(words), "no `{words}` in {table}");
    }
    sandbox.write("dns.yaml", coredns("registry.k8s.io/coredns/coredns:v1"));
    let published = of("table");
    assert!(published.contains("also from") && !published.contains("only by"), "{published}");
}

#[test]
fn names_that_only_look_like_a_mirror_count_as_anybodys() {
    let sandbox = sandbox("", SET);
    for image in [
        "evil.example.com/mirror.corp.example/coredns",
        "mirror.corp.example.evil.com/coredns",
        "xmirror.corp.example/coredns",
        "Mirror.Corp.Example/coredns",
        "mirror.corp.example:5000/coredns",
        "mirror.corp.example@evil.com/coredns",
        "me:word@mirror.corp.example/coredns",
        "mirror.corp.example/coredns@evil.com/x",
        "mirror.corp.example/coredns@sha256:0",
        "mirror.corp.example/docker.io/evil/coredns",
        "mirror.corp.example/evil/coredns",
        "mirror.corp.example/../coredns",
        "mirror.corp.example//coredns",
        "mirror.corp.example/coredns-evil",
        "mirror.corp.example/kube-proxy",
    ] {
        sandbox.write("dns.yaml", coredns(image));
        let scan = sandbox.json(&SCAN);
        assert_eq!(scan["findings"][0]["platform"], false, "{image}");
        assert!(scan.get("mirrored").is_none(), "{image}");
    }
    let digest = format!("mirror.corp.example/coredns:v1@sha256:{}", "0a".repeat(32));
    sandbox.write("dns.yaml", coredns(&digest));
    assert_eq!(sandbox.json(&SCAN)["findings"][0]["platform"], true);
}

#[test]
fn a_context_has_its_own_mirrors() {
    let sandbox = Sandbox::new();
    let mirrors = |config: &str| {
        sandbox.write("config/config.toml", config);
        let scan = sandbox.json(&["--demo", "--check", "host-port"]);
        scan["settings"]["platformMirrors"].clone()
    };
    let none = serde_json::Value::Null;
    assert_eq!(mirrors(SET), serde_json::json!([MIRROR]));
    assert_eq!(mirrors(&format!("{SET}[contexts.demo]\nplatform-mirrors = []\n")), none);
    let own = "[contexts.\"d*\"]\nplatform-mirrors = [\"b.example/k8s\", \"a.example\"]\n";
    assert_eq!(mirrors(own), serde_json::json!(["a.example", "b.example/k8s"]));
    assert_eq!(mirrors(&own.replace("d*", "prod-*")), none);
    let labelled = format!("{SET}[contexts.demo]\nlabel = \"DEMO\"\n");
    assert_eq!(mirrors(&labelled), serde_json::json!([MIRROR]), "a label says nothing of mirrors");

    sandbox.write("config/config.toml", format!("{SET}{own}"));
    let check = sandbox.run(&["config", "check"]);
    assert_eq!(check.status, 0);
    for words in [
        "platform-mirrors: what runs from mirror.corp.example may",
        "of contexts d*: what runs from a.example, b.example/k8s may",
    ] {
        assert!(check.err.contains(words), "no `{words}` in {}", check.err);
    }
    let doctor = sandbox.run(&["doctor", "--demo"]).out;
    assert!(doctor.contains("mirrors      a.example, b.example/k8s\n"), "{doctor}");
    for rule in ["mirror.corp.example/*", "b.example/k8s/*"] {
        let row = doctor.lines().find(|line| line.contains(rule));
        assert!(row.is_some_and(|row| row.starts_with("yours")), "{rule}: {doctor}");
    }
}

#[test]
fn what_was_set_stays_with_the_run_its_bundle_and_comparisons() {
    let sandbox = sandbox("mirror.corp.example/coredns:v1", SET);
    let saved = sandbox.run(&[&["scan"], &SCAN[..], &["--session", "new"]].concat());
    assert_eq!(saved.status, 0, "{}", saved.err);
    sandbox.write("config/config.toml", "");
    let report = sandbox.run(&["sessions", "report", "last", "-o", "json"]).json();
    assert_eq!(report["settings"]["platformMirrors"], serde_json::json!([MIRROR]));
    assert_eq!(report["findings"][0]["platform"], true);
    assert_eq!(report["mirrored"][0]["workloads"][0], "Deployment/kube-system/coredns");

    let made = sandbox.run(&["sessions", "bundle", "last", "--output-file", "b.tar"]);
    assert_eq!(made.status, 0, "{}", made.err);
    let verified = sandbox.run(&["verify", "b.tar"]);
    assert_eq!(verified.status, 0, "{}", verified.out);
    for told in ["", ": Deployment/kube-system/coredns"] {
        let line = format!("in run 1: mirror.corp.example{told}\n");
        assert!(verified.out.contains(&line), "no `{line}` in {}", verified.out);
    }

    let compared = sandbox.json(&[&SCAN[..], &["--baseline", "last"]].concat());
    let notes = compared["baseline"]["notes"].to_string();
    assert!(notes.contains("went from mirror.corp.example to none"), "{notes}");
}

#[test]
fn a_mirror_that_is_none_stops_a_scan_with_its_place() {
    let sandbox = sandbox("a", "platform-mirrors = [\n  \"a.example\",\n  \"docker.io\",\n]\n");
    let run = sandbox.run(&[&["scan"], &SCAN[..]].concat());
    run.refuses(
        2,
        &["config.toml:3:3: `docker.io` names no mirror", "add the path there that is yours"],
    );
}
