//! OSCAL: assessment results and the plan of action and milestones.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, OnceLock};

use jsonschema::Validator;
use plimsoll::model::attestation::AttestationAnswer;
use plimsoll::report::Format;
use plimsoll::session::run::Selection;
use serde_json::Value;

use super::assessed::{Assessed, harmless, hostile};
use super::schemas::{fits, text, validator};

/// The schemas of both versions, by name.
fn schema(name: &str) -> &'static Validator {
    static ALL: OnceLock<BTreeMap<&str, Validator>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        ["oscal-ar-1.2.1", "oscal-ar-1.1.3", "oscal-poam-1.2.1", "oscal-poam-1.1.3"]
            .map(|name| {
                let schema = serde_json::from_str(&text(&format!("{name}.json"))).unwrap();
                (name, validator(&schema))
            })
            .into()
    });
    &all[name]
}

/// Both documents, held against the schemas and for whether every reference leads somewhere.
#[track_caller]
fn documents(assessed: &Assessed) -> (Value, Value) {
    let document = |format: Format, root: &str| {
        let text = assessed.render(format).unwrap();
        harmless(&text);
        let document: Value = serde_json::from_str(&text).unwrap();
        for version in ["1.2.1", "1.1.3"] {
            fits(schema(&format!("{}-{version}", format.word())), &document, format.word());
        }
        whole(&document[root]);
        document[root].clone()
    };
    (
        document(Format::OscalAr, "assessment-results"),
        document(Format::OscalPoam, "plan-of-action-and-milestones"),
    )
}

/// No UUID twice, and none that names nothing.
#[track_caller]
fn whole(document: &Value) {
    fn walk<'a>(value: &'a Value, own: &mut Vec<&'a str>, named: &mut BTreeSet<&'a str>) {
        match value {
            Value::Array(items) => items.iter().for_each(|item| walk(item, own, named)),
            Value::Object(map) => {
                for (key, value) in map {
                    match value {
                        Value::String(text) if key == "uuid" => own.push(text),
                        Value::String(text) if key.ends_with("-uuid") => drop(named.insert(text)),
                        value if key == "party-uuids" => {
                            named
                                .extend(value.as_array().unwrap().iter().filter_map(Value::as_str));
                        }
                        value => walk(value, own, named),
                    }
                }
            }
            _ => {}
        }
    }
    let (mut own, mut named) = (Vec::new(), BTreeSet::new());
    walk(document, &mut own, &mut named);
    let once: BTreeSet<&str> = own.iter().copied().collect();
    assert_eq!(once.len(), own.len(), "a UUID stands twice");
    let lost: Vec<&&str> = named.difference(&once).collect();
    assert!(lost.is_empty(), "{lost:?}");
}

fn prop<'a>(part: &'a Value, name: &str) -> Option<&'a str> {
    let props = part["props"].as_array()?;
    props.iter().find(|prop| prop["name"] == name)?["value"].as_str()
}

fn list<'a>(part: &'a Value, name: &str) -> &'a [Value] {
    part[name].as_array().map_or(&[], Vec::as_slice)
}

fn finding<'a>(result: &'a Value, framework: &str, control: &str) -> Option<&'a Value> {
    list(result, "findings").iter().find(|finding| {
        prop(finding, "framework") == Some(framework) && prop(finding, "control") == Some(control)
    })
}

#[test]
fn the_demo_fits_the_schemas_of_both_versions() {
    let assessed = Assessed::demo(&[]);
    let (results, plan) = documents(&assessed);
    assert_eq!(results["metadata"]["oscal-version"], "1.2.1");
    let result = &results["results"][0];
    let deciding = assessed.result.findings.iter().filter(|f| f.decides(false)).count();
    assert_eq!(list(result, "risks").len(), deciding);
    assert_eq!(list(&plan, "risks").len(), deciding);
    let of = |kind: &str| {
        let all = list(result, "observations").iter();
        all.filter(|observation| observation["types"][0] == kind).count()
    };
    assert_eq!(of("finding"), deciding);
    assert_eq!(of("finding") + of("platform"), assessed.result.findings.len());
    assert_eq!(of("control-objective"), assessed.result.checks.len());
    assert_eq!(of("evidence"), assessed.result.evidence.len());
    assert_eq!(of("not-assessed"), assessed.result.not_assessed.len());
    let log = list(&result["assessment-log"], "entries");
    assert_eq!(log.len(), assessed.inventory.reads.len() + assessed.result.problems.len());
    for (name, value) in
        [("source", "demo"), ("kubernetes", "v1.35.2"), ("started", "2026-06-01T08:00:00Z")]
    {
        assert_eq!(prop(result, name), Some(value));
    }
    assert!(prop(result, "content").unwrap().starts_with("sha256:"));
    assert!(prop(result, "reads").unwrap().contains("not-asked (v1/secrets"));
    // Enhancements of NIST's controls go by the ids of its catalog.
    let enhanced = finding(result, "nist-800-53-r5", "AC-2(1)").unwrap();
    assert_eq!(enhanced["target"]["target-id"], "ac-2.1_obj");
    let ids = result["reviewed-controls"]["control-selections"].to_string();
    assert!(ids.contains("\"ac-2.1\"") && ids.contains("\"nsa-cisa_NSA-POD-15\""));
    // A technique is a threat of a risk, not a control.
    let techniques = |risk: &&Value| risk["threat-ids"].to_string().contains("techniques/T1611");
    assert!(list(result, "risks").iter().any(|risk| techniques(&risk)));
    assert!(!ids.contains("T1611"));
}

#[test]
fn nothing_is_satisfied_but_what_passes() {
    let (results, plan) =
        documents(&Assessed::demo(&["pss-restricted", "nsa-cisa", "cis-kubernetes"]));
    let result = &results["results"][0];
    let mut seen = BTreeSet::new();
    for finding in list(result, "findings") {
        let status = prop(finding, "status").unwrap();
        let told = &finding["target"]["status"];
        let expected = match status {
            "pass" => ("satisfied", "pass"),
            "fail" => ("not-satisfied", "fail"),
            _ => ("not-satisfied", "other"),
        };
        assert_eq!(
            (told["state"].as_str(), told["reason"].as_str()),
            (Some(expected.0), Some(expected.1)),
            "{finding}"
        );
        seen.insert(status);
        if status == "fail" {
            assert!(!list(finding, "related-risks").is_empty(), "{finding}");
        }
    }
    assert_eq!(Vec::from_iter(seen), ["fail", "manual", "not-assessed", "pass"]);
    let selections = list(&result["reviewed-controls"], "control-selections");
    let pss = selections.iter().find(|s| prop(s, "framework") == Some("pss-restricted")).unwrap();
    assert_eq!(list(pss, "exclude-controls").len(), 3);
    // The plan has what does not pass, and nothing that does.
    let status = |finding: &Value| prop(finding, "status").unwrap().to_owned();
    let unmet: BTreeSet<String> = list(&plan, "findings").iter().map(status).collect();
    assert_eq!(Vec::from_iter(unmet), ["fail", "manual", "not-assessed"]);
    let titles: Vec<&str> =
        list(&plan, "poam-items").iter().filter_map(|item| item["title"].as_str()).collect();
    assert!(titles.iter().any(|title| title.starts_with("Awaiting attestation: 24 controls")));
}

#[test]
fn decisions_are_states_of_risks_with_deadlines_and_milestones() {
    let mut assessed = Assessed::demo(&["pss-baseline"]);
    let decided = assessed.decide_all();
    let (results, plan) = documents(&assessed);
    for risks in [list(&results["results"][0], "risks"), list(&plan, "risks")] {
        let of = |at: usize| {
            let wanted = Some(&*decided[at]);
            risks.iter().find(|risk| prop(risk, "fingerprint") == wanted).unwrap()
        };
        let told: Vec<(&str, &str)> = (0..5)
            .map(|at| {
                (of(at)["status"].as_str().unwrap(), of(at)["deadline"].as_str().unwrap_or(""))
            })
            .collect();
        assert_eq!(
            told,
            [
                ("deviation-approved", "2026-12-31T23:59:59Z"),
                ("deviation-requested", "2026-12-31T23:59:59Z"),
                ("open", "2026-05-31T23:59:59Z"),
                ("remediating", "2026-07-01T23:59:59Z"),
                ("deviation-approved", ""),
            ]
        );
        let task = &of(3)["remediations"][0]["tasks"][0];
        assert_eq!(of(3)["remediations"][0]["lifecycle"], "planned");
        assert_eq!((&task["type"], &task["title"]), (&"milestone".into(), &"Mended".into()));
        assert_eq!(task["timing"]["on-date"]["date"], "2026-07-01T23:59:59Z");
        assert_eq!(prop(of(2), "expired"), Some("accepted"));
        assert!(of(4).get("remediations").is_none(), "a false positive needs no remedy");
        assert_eq!(prop(of(4), "expires"), Some("9999-12-31"));
        assert_eq!(prop(of(0), "approver"), Some("grace"));
        assert_eq!(prop(of(0), "ticket"), Some("https://tickets.example/1"));
        let log = list(&of(0)["risk-log"], "entries");
        let changes: Vec<&str> = log.iter().filter_map(|e| e["status-change"].as_str()).collect();
        assert_eq!(changes, ["remediating", "deviation-approved"]);
        assert!(log[0]["logged-by"][0]["party-uuid"].is_string());
    }
    let parties = list(&plan["metadata"], "parties");
    let names: Vec<&str> = parties.iter().filter_map(|party| party["name"].as_str()).collect();
    assert_eq!(names, ["ada", "grace"]);
    let due = list(&plan, "poam-items").iter().filter_map(|item| prop(item, "due")).min();
    assert_eq!(due, Some("2026-05-31T23:59:59Z"));
}

#[test]
fn answers_and_imports_are_observations_of_their_own_method() {
    let mut assessed = Assessed::demo(&["nsa-cisa", "cis-kubernetes-1.12"]);
    let (plain, _) = documents(&assessed);
    let manual: Vec<String> = list(&plain["results"][0], "findings")
        .iter()
        .filter(|finding| {
            prop(finding, "status") == Some("manual")
                && prop(finding, "framework") == Some("nsa-cisa")
        })
        .filter_map(|finding| Some(prop(finding, "control")?.to_owned()))
        .collect();
    let [examined, asked, refused, ..] = &manual[..] else { panic!("{manual:?}") };
    assessed.attest("nsa-cisa", examined, AttestationAnswer::Yes, true);
    assessed.attest("nsa-cisa", asked, AttestationAnswer::Yes, false);
    assessed.attest("nsa-cisa", refused, AttestationAnswer::No, false);
    assessed.import("1.1.1");
    let (results, plan) = documents(&assessed);
    let result = &results["results"][0];
    let method = |control: &str| {
        let all = list(result, "observations").iter();
        let mut of =
            all.filter(|o| prop(o, "answer").is_some() && prop(o, "control") == Some(control));
        of.next().unwrap()["methods"][0].clone()
    };
    assert_eq!((method(examined), method(asked)), ("EXAMINE".into(), "INTERVIEW".into()));
    let status = |control: &str| &finding(result, "nsa-cisa", control).unwrap()["target"]["status"];
    assert_eq!(status(examined)["state"], "satisfied");
    assert_eq!(status(refused)["state"], "not-satisfied");
    assert_eq!(status(refused)["reason"], "fail");
    let attested = finding(result, "nsa-cisa", examined).unwrap();
    assert_eq!(prop(attested, "attested"), Some("true"));
    assert_eq!(list(result, "attestations").len(), 3);
    let imported: Vec<&Value> =
        list(result, "observations").iter().filter(|o| o["types"][0] == "imported").collect();
    assert_eq!(imported.len(), 2);
    let bench = finding(result, "cis-kubernetes-1.12", "1.1.1").unwrap();
    assert!(
        bench["related-observations"].to_string().contains(imported[1]["uuid"].as_str().unwrap())
    );
    let titles = list(&plan, "poam-items").iter().filter_map(|item| item["title"].as_str());
    assert!(
        titles.into_iter().any(|title| title.starts_with("Not met by an answer or an import: 1 "))
    );
}

#[test]
fn what_is_empty_and_what_is_hostile_fits_too() {
    let checks = |id: &str| Selection { checks: vec![id.into()], ..Selection::default() };
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n";
    let (results, plan) = documents(&Assessed::manifest(map, &checks("privileged-container")));
    let result = &results["results"][0];
    assert!(list(result, "findings").is_empty());
    let include = &result["reviewed-controls"]["control-selections"][0]["include-controls"];
    assert_eq!(include[0]["control-id"], "check_privileged-container");
    assert_eq!(list(&plan, "poam-items").len(), 1);
    assert_eq!(prop(&plan["poam-items"][0], "placeholder"), Some("true"));

    let mut assessed = Assessed::manifest(&hostile(), &Selection::default());
    assessed.decide_all();
    for past in assessed.ledger.history.values_mut().flatten() {
        let past = Arc::make_mut(past);
        past.by = "a\u{1b}[31m \u{202e}".into();
        past.time = "yesterday".into();
    }
    assessed.attest("nsa-cisa", "\u{1b}", AttestationAnswer::Yes, true);
    assessed.import("\u{1b} ");
    assessed.finished = "never".into();
    let (results, _) = documents(&assessed);
    let risks = results["results"][0]["risks"].to_string();
    assert!(risks.contains("\\\\<b\\\\>\\\\[x\\\\](y)"), "markup is escaped: {risks:.2000}");
    assert_eq!(results["metadata"]["last-modified"], "2026-06-01T08:00:00Z");
}

#[test]
fn two_scans_are_equal_but_for_times() {
    let assessed = Assessed::demo(&["pss-baseline"]);
    let first = assessed.render(Format::OscalAr).unwrap();
    let mut again = Assessed::demo(&["pss-baseline"]);
    assert_eq!(first, again.render(Format::OscalAr).unwrap());
    let later = "2026-06-01T08:00:09Z";
    let earlier = std::mem::replace(&mut again.finished, later.into());
    let second = again.render(Format::OscalAr).unwrap();
    assert_ne!(first, second);
    assert_eq!(first, second.replace(later, &earlier));
    let uuid = |text: &str| -> String {
        serde_json::from_str::<Value>(text).unwrap()["assessment-results"]["uuid"].to_string()
    };
    again.decide_all();
    assert_ne!(
        uuid(&first),
        uuid(&again.render(Format::OscalAr).unwrap()),
        "the content is another"
    );
}
