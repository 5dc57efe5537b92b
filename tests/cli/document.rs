//! The JSON of a scan: names, types and words of every field, order, equality of two runs.

use std::collections::BTreeSet;

use serde_json::Value;

use super::sandbox::{BROKEN, Sandbox, WEB, demo, demo_text, snapshot};

/// What may stand in a field.
#[derive(Clone, Copy)]
enum Is {
    Text,
    TextOrNull,
    Count,
    CountOrNull,
    Flag,
    Anything,
    Words(&'static [&'static str]),
    WordsOrNull(&'static [&'static str]),
    List,
    Map,
    MapOrNull,
}

impl Is {
    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::TextOrNull => value.is_string() || value.is_null(),
            Self::Count => value.is_u64(),
            Self::CountOrNull => value.is_u64() || value.is_null(),
            Self::Flag => value.is_boolean(),
            Self::Anything => true,
            Self::Words(words) => value.as_str().is_some_and(|v| words.contains(&v)),
            Self::WordsOrNull(words) => {
                value.is_null() || value.as_str().is_some_and(|v| words.contains(&v))
            }
            Self::List => value.is_array(),
            Self::Map => value.is_object(),
            Self::MapOrNull => value.is_object() || value.is_null(),
        }
    }
}

type Fields = &'static [(&'static str, Is)];

/// An object has these fields and no other; those after `?` may be left out.
#[track_caller]
fn has(value: &Value, fields: Fields) {
    let map = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    for (name, is) in fields {
        let (name, optional) = name.strip_prefix('?').map_or((*name, false), |n| (n, true));
        match map.get(name) {
            Some(found) => assert!(is.fits(found), "{name}: {found}"),
            None => assert!(optional, "no `{name}` in {value}"),
        }
    }
    let known: BTreeSet<&str> = fields.iter().map(|(n, _)| n.trim_start_matches('?')).collect();
    for name in map.keys() {
        assert!(known.contains(name.as_str()), "`{name}` is not in the contract: {value}");
    }
}

const SEVERITY: &[&str] = &["critical", "high", "medium", "low", "info"];
const DOCUMENT: Fields = &[
    ("schema", Is::Words(&["plimsoll.scan/v1"])),
    ("tool", Is::Map),
    ("source", Is::Map),
    ("startedAt", Is::Text),
    ("finishedAt", Is::Text),
    ("selection", Is::Map),
    ("settings", Is::Map),
    ("?mirrored", Is::List),
    ("?session", Is::Map),
    ("reads", Is::List),
    ("findings", Is::List),
    ("evidence", Is::List),
    ("notAssessed", Is::List),
    ("checks", Is::List),
    ("frameworks", Is::List),
    ("frameworksNotJudged", Is::List),
    ("attestations", Is::List),
    ("imports", Is::List),
    ("disagreements", Is::List),
    ("problems", Is::List),
];
const NOT_JUDGED: Fields = &[("id", Is::Text), ("family", Is::Text), ("reason", Is::Text)];
const SOURCE: Fields = &[
    ("kind", Is::Words(&["live", "files", "snapshot", "demo"])),
    ("context", Is::TextOrNull),
    ("server", Is::TextOrNull),
    ("clusterUid", Is::TextOrNull),
    ("kubernetes", Is::TextOrNull),
    ("files", Is::List),
    ("?given", Is::List),
    ("?namespaces", Is::List),
    ("?complete", Is::Flag),
    ("?provider", Is::Text),
    ("?readAt", Is::Text),
];
const SETTINGS: Fields = &[
    ("?params", Is::Map),
    ("?podSecurity", Is::Count),
    ("?podSecuritySet", Is::Flag),
    ("?platformMirrors", Is::List),
    ("?digest", Is::Text),
];
const SELECTION: Fields = &[
    ("frameworks", Is::List),
    ("controls", Is::List),
    ("checks", Is::List),
    ("namespaces", Is::List),
    ("selector", Is::TextOrNull),
    ("object", Is::TextOrNull),
    ("includePlatform", Is::Flag),
];
const READ: Fields = &[
    ("resource", Is::Text),
    ("namespace", Is::TextOrNull),
    (
        "status",
        Is::Words(&[
            "complete",
            "partial",
            "forbidden",
            "failed",
            "not-served",
            "hidden",
            "not-asked",
        ]),
    ),
    ("items", Is::Count),
    ("?message", Is::Text),
    ("?millis", Is::Count),
];
const OBJECT: Fields =
    &[("apiVersion", Is::Text), ("kind", Is::Text), ("?namespace", Is::Text), ("name", Is::Text)];
const FINDING: Fields = &[
    ("fingerprint", Is::Text),
    ("check", Is::Text),
    ("severity", Is::Words(SEVERITY)),
    (
        "scope",
        Is::Words(&[
            "object",
            "pod",
            "container",
            "volume",
            "port",
            "env",
            "rule",
            "subject",
            "service-port",
            "namespace",
            "node",
            "component",
            "kubelet",
            "cluster",
        ]),
    ),
    ("object", Is::MapOrNull),
    ("owner", Is::MapOrNull),
    ("instances", Is::Count),
    ("stale", Is::Count),
    ("origin", Is::WordsOrNull(&["both", "template", "live"])),
    ("container", Is::TextOrNull),
    ("path", Is::Text),
    ("missing", Is::Flag),
    ("value", Is::Anything),
    ("message", Is::Text),
    ("note", Is::TextOrNull),
    ("platform", Is::Flag),
    ("file", Is::TextOrNull),
    ("line", Is::CountOrNull),
    ("?since", Is::Text),
    ("controls", Is::List),
    (
        "?decision",
        Is::Words(&["open", "in-progress", "accepted", "false-positive", "fixed", "regressed"]),
    ),
    ("?decisionDetail", Is::Map),
];
const CONTROL_REF: Fields = &[
    ("framework", Is::Text),
    ("control", Is::Text),
    ("strength", Is::Words(&["full", "partial", "supporting"])),
];
const DETAIL: Fields = &[
    ("reason", Is::TextOrNull),
    ("approver", Is::TextOrNull),
    ("expires", Is::TextOrNull),
    ("link", Is::TextOrNull),
    ("origin", Is::Text),
];
const ATTESTATION: Fields = &[
    ("framework", Is::Text),
    ("control", Is::Text),
    ("answer", Is::Words(&["yes", "no", "not-applicable"])),
    ("reviewer", Is::Text),
    ("date", Is::Text),
    ("?expires", Is::Text),
    ("?evidence", Is::Text),
    ("?link", Is::Text),
    ("?file", Is::Map),
];
const IMPORT: Fields = &[
    ("tool", Is::Words(&["kube-bench", "policy-report", "trivy-operator", "kubescape"])),
    ("version", Is::TextOrNull),
    ("origin", Is::Text),
    ("taken", Is::TextOrNull),
    ("imported", Is::Text),
    ("sha256", Is::Text),
    ("results", Is::Count),
];
const DISAGREEMENT: Fields = &[
    ("?check", Is::Text),
    ("?framework", Is::Text),
    ("?control", Is::Text),
    ("?object", Is::Map),
    ("ours", Is::Words(&["pass", "fail"])),
    ("theirs", Is::Words(&["pass", "fail"])),
    ("tool", Is::Words(&["kube-bench", "policy-report", "trivy-operator", "kubescape"])),
    ("rule", Is::Text),
    ("origin", Is::Text),
    ("taken", Is::Text),
    ("message", Is::Text),
];
const GAP: Fields = &[
    ("check", Is::Text),
    ("read", Is::Text),
    ("namespace", Is::TextOrNull),
    ("reason", Is::Text),
    ("count", Is::Count),
];
const CHECK: Fields = &[
    ("id", Is::Text),
    ("pass", Is::Count),
    ("fail", Is::Count),
    ("error", Is::Count),
    ("notAssessed", Is::Count),
    ("notApplicable", Is::Count),
    ("?platformFail", Is::Count),
    ("?file", Is::Text),
    ("?replaces", Is::Text),
];
const FRAMEWORK: Fields = &[
    ("id", Is::Text),
    ("family", Is::Text),
    ("version", Is::Text),
    ("kind", Is::Words(&["standard", "matrix"])),
    ("chosenBecause", Is::Text),
    ("note", Is::TextOrNull),
    ("level", Is::TextOrNull),
    ("score", Is::MapOrNull),
    ("scorePlatform", Is::MapOrNull),
    ("counts", Is::Map),
    ("controls", Is::List),
];
const COUNTS: Fields = &[
    ("fail", Is::Count),
    ("notAssessed", Is::Count),
    ("manual", Is::Count),
    ("accepted", Is::Count),
    ("pass", Is::Count),
    ("attested", Is::Count),
    ("notApplicable", Is::Count),
];
const MATRIX_COUNTS: Fields =
    &[("exposed", Is::Count), ("notAssessed", Is::Count), ("mitigated", Is::Count)];
const TECHNIQUE: Fields = &[
    ("id", Is::Text),
    ("status", Is::Words(&["exposed", "mitigated", "not-assessed"])),
    ("failing", Is::Count),
    ("reasons", Is::List),
];
const CONTROL: Fields = &[
    ("id", Is::Text),
    (
        "status",
        Is::Words(&["pass", "fail", "accepted", "manual", "not-assessed", "not-applicable"]),
    ),
    ("?attested", Is::Flag),
    ("failing", Is::Count),
    ("reasons", Is::List),
];
const PROBLEM: Fields = &[
    ("kind", Is::Words(&["check", "framework", "document", "config", "evaluation", "import"])),
    ("file", Is::TextOrNull),
    ("line", Is::CountOrNull),
    ("column", Is::CountOrNull),
    ("object", Is::MapOrNull),
    ("?check", Is::Text),
    ("message", Is::Text),
];

fn each<'a>(value: &'a Value, list: &str) -> impl Iterator<Item = &'a Value> {
    value[list].as_array().unwrap().iter()
}

/// Holds a document against the contract.
pub fn validate(scan: &Value) {
    has(scan, DOCUMENT);
    has(&scan["tool"], &[("version", Is::Text), ("content", Is::Text), ("?judgedBy", Is::Text)]);
    let content = scan["tool"]["content"].as_str().unwrap();
    assert!(content.strip_prefix("sha256:").is_some_and(|hex| hex.len() == 64), "{content}");
    each(scan, "attestations").for_each(|a| has(a, ATTESTATION));
    each(scan, "imports").for_each(|i| has(i, IMPORT));
    each(scan, "disagreements").for_each(|d| has(d, DISAGREEMENT));
    has(&scan["source"], SOURCE);
    has(&scan["selection"], SELECTION);
    has(&scan["settings"], SETTINGS);
    for time in ["startedAt", "finishedAt"] {
        let time = scan[time].as_str().unwrap();
        assert!(time.parse::<jiff::Timestamp>().is_ok(), "{time}");
    }
    each(scan, "reads").for_each(|r| has(r, READ));
    each(scan, "notAssessed").for_each(|g| has(g, GAP));
    each(scan, "checks").for_each(|c| has(c, CHECK));
    each(scan, "problems").for_each(|p| has(p, PROBLEM));
    for (list, decided) in [("findings", true), ("evidence", false)] {
        for finding in each(scan, list) {
            validate_finding(finding, decided);
        }
    }
    each(scan, "frameworks").for_each(validate_framework);
    each(scan, "frameworksNotJudged").for_each(|f| has(f, NOT_JUDGED));
    let judged: BTreeSet<&str> =
        each(scan, "frameworks").map(|f| f["id"].as_str().unwrap()).collect();
    for control in each(scan, "findings").flat_map(|f| each(f, "controls")) {
        assert!(judged.contains(control["framework"].as_str().unwrap()), "{control}");
    }
}

fn validate_finding(finding: &Value, decided: bool) {
    has(finding, FINDING);
    assert_eq!(finding.get("decision").is_some(), decided, "{finding}");
    let print = finding["fingerprint"].as_str().unwrap();
    let hex = print.strip_prefix("p1:").or_else(|| print.strip_prefix("p2:"));
    assert!(hex.is_some_and(|hex| hex.len() == 32), "{print}");
    for reference in ["object", "owner"] {
        if !finding[reference].is_null() {
            has(&finding[reference], OBJECT);
        }
    }
    assert_eq!(finding["object"].is_null(), finding["scope"] == "cluster", "{finding}");
    each(finding, "controls").for_each(|c| has(c, CONTROL_REF));
    if let Some(detail) = finding.get("decisionDetail") {
        has(detail, DETAIL);
    }
}

#[allow(clippy::cast_precision_loss, reason = "counts of controls are small")]
fn validate_framework(framework: &Value) {
    has(framework, FRAMEWORK);
    assert!(framework["chosenBecause"].as_str().is_some_and(|why| !why.is_empty()), "{framework}");
    if framework["kind"] == "matrix" {
        has(&framework["counts"], MATRIX_COUNTS);
        each(framework, "controls").for_each(|c| has(c, TECHNIQUE));
        assert!(framework["score"].is_null() && framework["scorePlatform"].is_null());
        return;
    }
    has(&framework["counts"], COUNTS);
    each(framework, "controls").for_each(|c| has(c, CONTROL));
    let count = |name: &str| framework["counts"][name].as_u64().unwrap();
    let of = |status: &str| each(framework, "controls").filter(|c| c["status"] == status).count();
    for (name, status) in [("pass", "pass"), ("fail", "fail"), ("notAssessed", "not-assessed")] {
        assert_eq!(count(name), of(status) as u64, "{name}");
    }
    let applicable: u64 =
        ["pass", "fail", "notAssessed", "manual", "accepted"].map(count).iter().sum();
    if applicable == 0 {
        assert!(framework["score"].is_null(), "{framework}");
        return;
    }
    let score = &framework["score"];
    let end = |name: &str| score[name].as_f64().unwrap();
    assert!((end("worst") - count("pass") as f64 / applicable as f64).abs() < 1e-12);
    assert!((end("best") - (applicable - count("fail")) as f64 / applicable as f64).abs() < 1e-12);
    assert!(0.0 <= end("worst") && end("worst") <= end("best") && end("best") <= 1.0);
}

#[test]
fn every_field_of_the_contract_is_there_and_no_other() {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", format!("{WEB}{BROKEN}"));
    validate(&sandbox.json(&["-f", "web.yaml"]));
    validate(&sandbox.json(&["-f", "web.yaml", "--check", "privileged-container"]));
    let empty = ["scan", "-o", "json", "-f", "web.yaml", "-n", "none-such"];
    let nothing = sandbox.run(&empty).json();
    validate(&nothing);
    assert_eq!(nothing["findings"], serde_json::json!([]));
}

#[test]
fn the_demo_keeps_the_contract_too() {
    let scan = demo();
    validate(scan);
    assert_eq!(scan["source"]["kind"], "demo");
    assert!(each(scan, "findings").any(|f| f["platform"] == true));
    assert!(each(scan, "findings").any(|f| f["instances"].as_u64() > Some(1)));
    assert!(each(scan, "reads").any(|r| r["status"] != "complete"));
}

#[test]
fn controls_are_listed_of_judged_frameworks_only() {
    let sandbox = Sandbox::with_web();
    let controls = |args: &[&str]| {
        let scan = sandbox.json(&[&["-f", "web.yaml"], args].concat());
        let found =
            each(&scan, "findings").find(|f| f["check"] == "privileged-container").unwrap().clone();
        let named: Vec<String> = each(&found, "controls")
            .map(|c| {
                format!("{}/{}", c["framework"].as_str().unwrap(), c["control"].as_str().unwrap())
            })
            .collect();
        named
    };
    assert_eq!(controls(&["--check", "privileged-container"]), Vec::<String>::new());
    assert_eq!(controls(&["--framework", "pss-baseline"]), ["pss-baseline/privileged"]);
    assert_eq!(controls(&["--control", "pss-baseline/privileged"]), ["pss-baseline/privileged"]);
    assert!(controls(&[]).len() > 1);
}

#[test]
fn order_is_severity_check_namespace_kind_name_path() {
    let scan = demo();
    let key = |f: &Value| {
        let severity = SEVERITY.iter().position(|s| f["severity"] == **s).unwrap();
        let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
        let o = &f["object"];
        let [check, ns, kind, name, path] =
            [&f["check"], &o["namespace"], &o["kind"], &o["name"], &f["path"]].map(text);
        (severity, check, ns, kind, name, path)
    };
    let keys: Vec<_> = each(scan, "findings").map(key).collect();
    assert!(keys.len() > 100);
    assert!(keys.is_sorted());
    let prints: BTreeSet<_> =
        each(scan, "findings").map(|f| f["fingerprint"].to_string()).collect();
    assert_eq!(prints.len(), keys.len(), "a fingerprint stands twice");
}

/// The text of a document with what differs from run to run and from version to version left out.
fn redacted(json: &str) -> String {
    let hidden =
        ["\"startedAt\"", "\"finishedAt\"", "\"readAt\"", "\"content\"", "\"version\": \"0."];
    let mut out = String::new();
    for line in json.lines() {
        let indent = line.len() - line.trim_start().len();
        match hidden.iter().find(|h| line.trim_start().starts_with(**h)) {
            Some(_) => {
                let name = line.trim_start().split(':').next().unwrap();
                out.push_str(&format!("{}{name}: …\n", &line[..indent]));
            }
            None => out.push_str(&format!("{line}\n")),
        }
    }
    out
}

#[test]
fn two_scans_of_the_same_thing_are_equal_but_for_times() {
    let sandbox = Sandbox::with_web();
    let file = ["scan", "-o", "json", "-f", "web.yaml"];
    assert_eq!(redacted(&sandbox.run(&file).out), redacted(&sandbox.run(&file).out));
    let again = sandbox.run(&["scan", "-o", "json", "--demo"]).out;
    assert!(redacted(demo_text()) == redacted(&again), "two scans of the demo differ");
}

#[test]
fn the_document_reads_as_it_is_documented() {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", format!("{WEB}{BROKEN}"));
    let args = ["scan", "-o", "json", "-f", "web.yaml", "--check", "privileged-container"];
    let control = ["--control", "pss-baseline/privileged", "--kube-version", "1.35"];
    let run = sandbox.run(&[&args[..], &control].concat());
    assert_eq!(run.status, 0, "{}", run.err);
    snapshot("scan-json", &redacted(&run.out));
}

#[test]
fn table_and_markdown_say_the_same_to_people() {
    let sandbox = Sandbox::new();
    sandbox.write("web.yaml", format!("{WEB}{BROKEN}"));
    let args = ["scan", "-f", "web.yaml", "--framework", "pss-baseline", "--kube-version", "1.35"];
    snapshot("scan-table", &sandbox.run(&args).out);
    let ascii = sandbox.run(&[&args[..], &["--ascii"]].concat()).out;
    assert!(ascii.is_ascii(), "{ascii}");
    let markdown = sandbox.run(&[&args[..], &["-o", "markdown"]].concat()).out;
    let shown: Vec<&str> = markdown
        .lines()
        .filter(|l| {
            !["| Read |", "| Started", "| Finished", "| Checks and", "| Plimsoll"]
                .iter()
                .any(|h| l.starts_with(h))
        })
        .collect();
    snapshot("scan-markdown", &shown.join("\n"));
}
