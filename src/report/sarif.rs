//! SARIF 2.1.0 (OASIS): rules from checks, results from findings, taxonomies from frameworks.
//!
//! A finding in a file has a file and line; one in a cluster has no file, and is named by a logical
//! location alone. What was not assessed is a notification, never a result.

mod location;
mod notice;
mod rule;
mod taxonomy;

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::document::Controls;
use super::harmless::harmless;
use super::{Input, about, document};
use crate::model::comparison::{Comparison, FindingChange, RunSide};
use crate::model::decision::{Decision, DecisionState};
use crate::model::finding::{Finding, Severity};
use crate::model::object::ObjectRef;
use crate::model::read::Read;
use crate::text::safe;
use location::Files;

/// Where the format is defined.
const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// Keys of fingerprints: the version is that of their making, `p1:` and `p2:`.
const FINGERPRINTS: [&str; 2] = ["plimsollFingerprint/v1", "plimsollFingerprint/v2"];

/// Stands where the results come: the one list with nothing but this word in it.
const SLOT: &str = "the results of the run stand here";

/// Renders the report.
///
/// # Errors
/// Never in practice: every part is serialisable.
pub fn render(input: &Input<'_>) -> Result<String, serde_json::Error> {
    since(input, None)
}

/// The same, with what became of each finding since another run.
///
/// # Errors
/// As [`render`].
pub fn since(
    input: &Input<'_>,
    baseline: Option<&Comparison>,
) -> Result<String, serde_json::Error> {
    let controls = Controls::of(input);
    let rules = rule::Rules::of(input, &controls);
    let files = Files::of(input);
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "Plimsoll",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules.list,
                "notifications": notice::descriptors(),
                "supportedTaxonomies": taxonomy::references(input),
                "properties": { "content": input.content },
            }},
            "taxonomies": taxonomy::all(input),
            "invocations": [notice::invocation(input, &rules, &files)],
            "artifacts": files.artifacts(),
            "results": [SLOT],
            "columnKind": "unicodeCodePoints",
            "redactionTokens": [crate::text::masking::MASK],
            "properties": about(input),
        }],
    });
    let log = harmless(serde_json::to_string(&log)?);
    let slot = format!("[\"{SLOT}\"]");
    let (head, tail) = log.split_once(&slot).unwrap_or((&log, ""));
    let mut text = head.to_owned();
    text.push('[');
    // Result by result: a tree of all of them takes many times the memory of their text.
    for (at, (finding, decided, state)) in results(input, baseline).enumerate() {
        let mut value = result(input, &rules, &files, finding, decided);
        if let (Some(map), Some(state)) = (value.as_object_mut(), state) {
            map.insert("baselineState".to_owned(), state.into());
        }
        if at > 0 {
            text.push(',');
        }
        text.push_str(&harmless(serde_json::to_string(&value)?));
    }
    text.push(']');
    text.push_str(tail);
    text.push('\n');
    Ok(text)
}

/// What is found, whether it decides anything, and what became of it since the baseline. Compared
/// with one, every result has to have a state: what is gone stands among them, and evidence, which is
/// not compared, does not. What the baseline could not have seen counts as new.
fn results<'a>(
    input: &'a Input<'_>,
    baseline: Option<&'a Comparison>,
) -> impl Iterator<Item = (&'a Finding, bool, Option<&'static str>)> {
    let alone = |all: &'a [Arc<Finding>], decided| {
        let all = if baseline.is_some() { &[][..] } else { all };
        all.iter().map(move |f| (&**f, decided, None))
    };
    let compared = baseline.into_iter().flat_map(|comparison| &comparison.entries);
    let compared = compared.filter_map(|entry| {
        let state = match (entry.change, entry.side) {
            (FindingChange::Unchanged, _) if entry.differs.is_empty() => "unchanged",
            (FindingChange::Unchanged, _) => "updated",
            (FindingChange::Fixed, _) => "absent",
            // Nobody looked there this time.
            (FindingChange::Incomparable, RunSide::Before) => return None,
            _ => "new",
        };
        Some((&*entry.finding, true, Some(state)))
    });
    let (findings, evidence) = (&input.result.findings, &input.result.evidence);
    alone(findings, true).chain(alone(evidence, false)).chain(compared)
}

/// What the run is about, for which SARIF has no place of its own.
fn about(input: &Input<'_>) -> Value {
    let facts: Map<String, Value> = about::facts(input)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), Value::from(safe(&value))))
        .collect();
    let decisions: Vec<Value> = about::decided(input)
        .iter()
        .filter(|d| d.finding.is_none())
        .map(|d| {
            let mut entry = detail(d.decision, d.state);
            entry.insert("fingerprint".to_owned(), Value::from(d.fingerprint));
            Value::Object(entry)
        })
        .collect();
    json!({
        "assessment": facts,
        "counts": {
            "findings": input.result.findings.len(),
            "evidence": input.result.evidence.len(),
        },
        "selection": input.selection,
        "reads": input.reads.iter().map(read).collect::<Vec<_>>(),
        "frameworksNotJudged": input.not_judged,
        "decisionsOnFindingsNotInThisRun": decisions,
        "imports": input.ledger.imports.iter().map(|i| safe(&about::import(i))).collect::<Vec<_>>(),
    })
}

fn read(read: &Read) -> Value {
    json!({
        "resource": safe(&read.resource),
        "namespace": read.namespace,
        "status": read.status.word(),
        "items": read.items,
        "message": read.message.as_deref().map(safe),
    })
}

/// One finding. What decides nothing, on the platform or as evidence, is informational.
fn result(
    input: &Input<'_>,
    rules: &rule::Rules,
    files: &Files,
    finding: &Finding,
    decided: bool,
) -> Value {
    let counts = decided && (input.selection.include_platform || !finding.platform);
    let (kind, level) =
        if counts { ("fail", level(finding.severity)) } else { ("informational", "none") };
    let state = input.state(finding);
    let decision = input.decision(finding).filter(|_| decided);
    let mut properties = json!({
        "severity": finding.severity.word(),
        "platform": finding.platform,
        "evidence": !decided,
        "instances": finding.instances,
        "stale": finding.stale,
        "missing": finding.missing,
        "value": document::value(finding),
        "object": finding.object.as_ref().map(named),
        "owner": finding.owner.as_ref().map(named),
        "origin": finding.origin,
        "container": finding.container.as_deref().map(safe),
        "path": about::path(finding),
        "decision": decided.then(|| state.word()),
    });
    if let (Some(map), Some(decision)) = (properties.as_object_mut(), decision) {
        map.insert("decisionDetail".to_owned(), Value::Object(detail(decision, state)));
    }
    let note = finding.note.as_deref().map(|note| format!(" ({note})")).unwrap_or_default();
    json!({
        "ruleId": &*finding.check,
        "ruleIndex": rules.index(&finding.check),
        "kind": kind,
        "level": level,
        "message": { "text": message(&format!("{}{note}", finding.message)) },
        "locations": [location::of(finding, files)],
        "partialFingerprints": fingerprints(finding),
        "suppressions": suppressions(decision, state),
        "properties": properties,
    })
}

/// What a viewer knows a finding by: where it goes by a name of the second making, also the one that
/// earlier logs have.
fn fingerprints(finding: &Finding) -> Map<String, Value> {
    let [first, second] = FINGERPRINTS;
    let names: Vec<(&str, &String)> = match &finding.formerly {
        Some(formerly) => vec![(first, formerly), (second, &finding.fingerprint)],
        None => vec![(first, &finding.fingerprint)],
    };
    names.into_iter().map(|(key, print)| (key.to_owned(), print.as_str().into())).collect()
}

/// The parts of an object's name.
fn named(object: &ObjectRef) -> Value {
    json!({
        "apiVersion": safe(&object.api_version),
        "kind": safe(&object.kind),
        "namespace": object.namespace.as_deref().map(safe),
        "name": safe(&object.name),
    })
}

/// SARIF's level of a severity.
fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// A risk accepted and a false positive suppress the result; an acceptance that is over does not.
/// The list is there even if it is empty: either every result of a run has one or none.
fn suppressions(decision: Option<&Decision>, state: DecisionState) -> Value {
    let Some(decision) = decision else { return json!([]) };
    if !matches!(state, DecisionState::Accepted | DecisionState::FalsePositive) {
        return json!([]);
    }
    let reason = decision.reason.as_deref().unwrap_or("no reason given");
    json!([{
        "kind": "external",
        "status": "accepted",
        "justification": safe(reason),
        "properties": detail(decision, state),
    }])
}

fn detail(decision: &Decision, state: DecisionState) -> Map<String, Value> {
    let text = |value: &Option<String>| value.as_deref().map(safe);
    let value = json!({
        "state": state.word(),
        "decided": decision.state.word(),
        "reason": text(&decision.reason),
        "approver": text(&decision.approver),
        "expires": text(&decision.expires),
        "link": text(&decision.link),
        "origin": safe(&decision.origin.describe()),
    });
    match value {
        Value::Object(map) => map,
        _ => Map::new(),
    }
}

/// Text that a reader may show, for a message, in which `[a](b)` would be a link.
fn message(text: &str) -> String {
    let text = safe(text);
    if !text.contains("](") {
        return text;
    }
    text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_message_becomes_a_link() {
        assert_eq!(message("see [here](javascript:x) \\"), r"see \[here\](javascript:x) \\");
        assert_eq!(message("args[0] is {x}"), "args[0] is {x}");
    }

    #[test]
    fn only_what_is_in_force_suppresses() {
        let decision = Decision {
            state: DecisionState::Accepted,
            reason: Some("needed".to_owned()),
            expires: Some("2026-01-01".to_owned()),
            ..Decision::default()
        };
        let on = |day: &str| suppressions(Some(&decision), decision.in_force(day));
        assert_eq!(on("2025-12-31")[0]["status"], "accepted");
        assert_eq!(on("2026-01-02"), json!([]));
        assert_eq!(suppressions(None, DecisionState::Open), json!([]));
    }
}
