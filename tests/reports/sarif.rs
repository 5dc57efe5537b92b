//! The SARIF report, read by another's types.

use std::collections::BTreeSet;

use plimsoll::report::Format;
use serde_json::Value;
use serde_sarif::sarif::{Result as Found, ResultKind, ResultLevel, Run, Sarif};

use super::fixture::{Assessed, demo, hostile, many};

fn run(assessed: &Assessed) -> Run {
    let text = assessed.report(Format::Sarif);
    let mut log: Sarif = serde_json::from_str(&text).unwrap();
    assert_eq!((log.version.to_string(), log.runs.len()), ("\"2.1.0\"".to_owned(), 1));
    log.runs.remove(0)
}

fn by_fingerprint<'a>(results: &'a [Found], fingerprint: &str) -> &'a Found {
    let version = fingerprint.trim_start_matches('p').split(':').next().unwrap();
    let key = format!("plimsollFingerprint/v{version}");
    let is = |r: &&Found| {
        let prints = r.partial_fingerprints.as_ref().unwrap();
        // What earlier logs called it stands beside it.
        assert!(prints["plimsollFingerprint/v1"].starts_with("p1:"));
        prints.get(&key).is_some_and(|print| print == fingerprint)
    };
    results.iter().find(is).expect("the finding is a result")
}

#[test]
fn findings_are_results_of_rules() {
    let demo = demo();
    let run = run(demo);
    let rules = run.tool.driver.rules.unwrap();
    let results = run.results.unwrap();
    assert_eq!(results.len(), demo.result.findings.len() + demo.result.evidence.len());
    for result in &results {
        let index = usize::try_from(result.rule_index.unwrap()).unwrap();
        assert_eq!(rules[index].id, *result.rule_id.as_ref().unwrap());
    }
    for finding in &demo.result.findings {
        let result = by_fingerprint(&results, &finding.fingerprint);
        let fails = result.kind == Some(ResultKind::Fail);
        assert_eq!(fails, !finding.platform, "{}", finding.fingerprint);
        let expected = match finding.severity.word() {
            _ if finding.platform => ResultLevel::None,
            "critical" | "high" => ResultLevel::Error,
            "medium" => ResultLevel::Warning,
            _ => ResultLevel::Note,
        };
        assert_eq!(result.level, Some(expected));
    }
    let place = &results[0].locations.as_ref().unwrap()[0];
    assert!(place.physical_location.is_none(), "an object of a cluster has no file");
    let logical = &place.logical_locations.as_ref().unwrap()[0];
    let first = &demo.result.findings[0];
    let name = format!("{}:{}", first.object.as_ref().unwrap(), first.path);
    assert_eq!(logical.fully_qualified_name.as_deref(), Some(&*name));
}

#[test]
fn rules_have_what_code_scanning_asks_for() {
    let run = run(demo());
    for rule in run.tool.driver.rules.unwrap() {
        let value = serde_json::to_value(&rule).unwrap();
        for path in
            ["/shortDescription/text", "/fullDescription/text", "/help/text", "/help/markdown"]
        {
            let text = value.pointer(path).and_then(Value::as_str).unwrap_or_default();
            assert!(!text.is_empty(), "{}: {path}", rule.id);
        }
        let tags = value["properties"]["tags"].as_array().unwrap();
        assert!(tags.len() <= 20, "{}: {} tags", rule.id, tags.len());
        let score = value["properties"]["security-severity"].as_str();
        let severity = value["properties"]["severity"].as_str().unwrap();
        assert_eq!(score.is_none(), severity == "info", "{}", rule.id);
    }
}

#[test]
fn controls_are_taxa_that_rules_refer_to() {
    let run = run(demo());
    let taxonomies = run.taxonomies.unwrap();
    let known: BTreeSet<(String, String)> = taxonomies
        .iter()
        .flat_map(|t| t.taxa.as_ref().unwrap().iter().map(|x| (t.name.clone(), x.id.clone())))
        .collect();
    let mut related = 0;
    for rule in run.tool.driver.rules.unwrap() {
        for relation in rule.relationships.unwrap() {
            let component = relation.target.tool_component.unwrap().name.unwrap();
            assert!(known.contains(&(component, relation.target.id.unwrap())));
            related += 1;
        }
    }
    assert!(related > 500, "{related}");
    let taxa = taxonomies.iter().flat_map(|t| t.taxa.as_ref().unwrap());
    let attested =
        taxa.filter(|x| x.properties.as_ref().unwrap().additional_properties["attested"] == true);
    assert!(attested.count() > 2);
}

#[test]
fn only_decisions_in_force_suppress() {
    let demo = demo();
    let results = run(demo).results.unwrap();
    assert!(results.iter().all(|r| r.suppressions.is_some()), "all of a run have a list, or none");
    let suppressed = |at: usize| {
        let result = by_fingerprint(&results, &demo.result.findings[at].fingerprint);
        let list = result.suppressions.as_ref().unwrap();
        list.first().map(|s| s.justification.clone().unwrap())
    };
    assert_eq!(suppressed(0).as_deref(), Some("needed by the CNI"));
    assert_eq!(suppressed(1), None, "its acceptance is over");
    assert!(suppressed(2).unwrap().contains("<script>"), "a false positive");
    assert_eq!(suppressed(3), None, "in progress");
    assert_eq!(suppressed(4).as_deref(), Some("reviewed"));
    assert_eq!(suppressed(5), None);
}

#[test]
fn what_is_not_known_is_told_and_is_no_result() {
    let demo = demo();
    let run = run(demo);
    let invocation = run.invocations.unwrap().remove(0);
    let told = invocation.tool_execution_notifications.unwrap();
    assert_eq!(told.len(), demo.result.not_assessed.len() + demo.result.problems.len());
    let left = invocation.tool_configuration_notifications.unwrap();
    assert_eq!(left.len(), demo.with(|input| input.not_judged.len()));
}

#[test]
fn files_have_address_and_line_and_hostile_text_does_no_harm() {
    let assessed = hostile();
    let text = assessed.report(Format::Sarif);
    assert!(!text.contains("AKIAABCDEFGHIJKLMNOP"));
    assert!(text.chars().all(|c| c == '\n' || plimsoll::text::is_safe(c)));
    let run = run(&assessed);
    let artifacts = run.artifacts.unwrap();
    let address = artifacts[0].location.as_ref().unwrap().uri.clone().unwrap();
    assert_eq!(address, "dir/a%20b%3C%1B%3E.yaml");
    for (finding, result) in assessed.result.findings.iter().zip(run.results.unwrap()) {
        let message = result.message.text.unwrap();
        assert!(!message.contains("[a](javascript:x)"), "{message}");
        if finding.file.is_none() {
            continue;
        }
        let place = result.locations.unwrap().remove(0).physical_location.unwrap();
        assert_eq!(place.artifact_location.unwrap().uri.unwrap(), address);
        let line = place.region.and_then(|r| r.start_line).map(|l| u32::try_from(l).unwrap());
        assert_eq!(line, finding.line);
    }
    let problems = run.invocations.unwrap().remove(0).tool_execution_notifications.unwrap();
    let broken = problems.iter().find(|n| !n.locations.as_ref().is_none_or(Vec::is_empty)).unwrap();
    let place = broken.locations.as_ref().unwrap()[0].physical_location.as_ref().unwrap();
    assert!(place.region.as_ref().unwrap().start_line.unwrap() > 1);
}

#[test]
fn twenty_thousand_findings_are_all_there() {
    let assessed = many();
    let results = run(assessed).results.unwrap();
    assert_eq!(results.len(), 20_000 + assessed.result.evidence.len());
}
