//! docs/scan-json.md: every field that is written stands in it, where it is written, and no other.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::sandbox::{BROKEN, Sandbox, WEB, demo};

/// Fields by the place of the object that has them, such as `findings[].controls[]`.
type Places = BTreeMap<String, BTreeSet<String>>;

/// What the page says.
fn documented() -> Places {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/scan-json.md");
    let mut places = Places::new();
    let mut here = String::new();
    for line in std::fs::read_to_string(page).unwrap().lines() {
        if line == "## The document" {
            here.clear();
        } else if let Some(place) = line.strip_prefix("### ") {
            place.trim_matches('`').clone_into(&mut here);
        } else if let Some(row) = line.strip_prefix("| `") {
            let names = row.split(" |").next().unwrap();
            let names = names.split(',').map(|name| name.trim().trim_matches('`').to_owned());
            places.entry(here.clone()).or_default().extend(names);
        }
    }
    places
}

/// Objects that are the same wherever they stand.
fn shape(place: &str) -> String {
    let place = place.replace("evidence[]", "findings[]");
    let end = place.rsplit('.').next().unwrap_or_default();
    match end {
        "object" | "owner" => "findings[].object".to_owned(),
        "score" | "scorePlatform" => "frameworks[].score".to_owned(),
        "counts" => "frameworks[].counts".to_owned(),
        _ => place,
    }
}

fn collect(value: &Value, place: &str, found: &mut Places) {
    match value {
        Value::Object(map) => {
            let of = shape(place);
            found.entry(of).or_default().extend(map.keys().cloned());
            for (name, value) in
                map.iter().filter(|(name, _)| !["value", "params"].contains(&name.as_str()))
            {
                let dot = if place.is_empty() { "" } else { "." };
                collect(value, &format!("{place}{dot}{name}"), found);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect(item, &format!("{place}[]"), found);
            }
        }
        _ => {}
    }
}

/// Documents in which every part has something.
fn documents() -> Vec<Value> {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", format!("{WEB}{BROKEN}"));
    let run = |args: &[&str]| {
        let run = sandbox.run(args);
        assert!(run.status <= 1, "{args:?}: {}", run.err);
        run
    };
    let json = |args: &[&str]| run(&[&["scan", "-o", "json"], args].concat()).json();
    let mut all = vec![demo().clone(), json(&["-f", "web.yaml"])];
    sandbox.write("whole.yaml", WEB);
    all.push(json(&["-f", "whole.yaml", "--complete", "--check", "privileged-container"]));
    // A session with a decision and an answer, and its report.
    sandbox.write("proof.txt", "seen");
    run(&["scan", "-f", "web.yaml", "--session", "new"]);
    let accept = ["--state", "accepted", "--reason", "known", "--approver", "grace"];
    let which = ["sessions", "decide", "last", "--check", "privileged-container"];
    run(&[&which[..], &accept].concat());
    let answer = ["--answer", "yes", "--evidence", "seen", "--link", "https://example.com"];
    let more = ["--file", "proof.txt", "--until", "90d"];
    let attest = ["sessions", "attest", "last", "nsa-cisa/NSA-POD-03"];
    run(&[&attest[..], &answer, &more].concat());
    all.push(run(&["sessions", "report", "last", "-o", "json"]).json());
    // A baseline with something that is gone since.
    sandbox.write("web.yaml", WEB.replace("privileged: true", "privileged: false"));
    all.push(json(&["-f", "web.yaml", "--baseline", "last"]));
    sandbox.write(
        "pay.toml",
        "title = \"Pay\"\nnamespaces = [\"pay\"]\nframeworks = [\"pss-baseline\"]\n[threshold]\nfail-on = \"high\"\n",
    );
    all.push(json(&["-f", "web.yaml", "--profile", "pay.toml"]));
    sandbox.write(
        "set.toml",
        "policy-version = \"1.34\"\n[params.replicas-below-minimum]\nmin_replicas = 3\n",
    );
    all.push(json(&["-f", "web.yaml", "--config", "set.toml"]));
    sandbox.write("dns.yaml", super::mirrors::coredns("mirror.corp.example/coredns:v1"));
    sandbox.write("mirrors.toml", super::mirrors::SET);
    all.push(json(&["-f", "dns.yaml", "--config", "mirrors.toml"]));
    let narrow = ["snapshot", "--demo", "-n", "pay", "--output-file", "pay.plim"];
    run(&narrow);
    all.push(json(&["--snapshot", "pay.plim", "--check", "privileged-container"]));
    all
}

#[test]
fn every_field_that_is_written_is_documented_where_it_stands() {
    let documented = documented();
    let mut found = Places::new();
    for document in documents() {
        collect(&document, "", &mut found);
    }
    let none = BTreeSet::new();
    for (place, fields) in &found {
        // Scorecards have the same counts without leaving any out.
        let known = documented.get(place).unwrap_or(&none);
        let missing: Vec<_> = fields.difference(known).collect();
        assert!(missing.is_empty(), "docs/scan-json.md, `{place}`: nothing about {missing:?}");
    }
    for part in ["baseline.gone[]", "profile.threshold", "attestations[].file", "problems[]"] {
        assert!(found.contains_key(part), "no document has `{part}`");
    }
}

/// Of what can be made here without other tools, nothing is documented that is never written.
#[test]
fn nothing_is_documented_that_is_not_written() {
    let mut found = Places::new();
    for document in documents() {
        collect(&document, "", &mut found);
    }
    // `beside` is of sessions that were taken up in the workbench.
    let rare = [
        "judgedBy", "check", "replaces", "file", "since", "message", "millis", "attested", "beside",
    ];
    for (place, fields) in documented() {
        // These need a cluster or another tool.
        if ["imports[]", "disagreements[]", "frameworksNotJudged[]"].contains(&place.as_str()) {
            continue;
        }
        let written = found.get(&place).unwrap_or_else(|| panic!("`{place}` is never written"));
        let stray: Vec<_> =
            fields.difference(written).filter(|f| !rare.contains(&f.as_str())).collect();
        assert!(stray.is_empty(), "`{place}`: {stray:?} are never written");
    }
}
