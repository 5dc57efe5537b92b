//! The JSON contract of a scan, `plimsoll.scan/v1`.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::Input;
use crate::frameworks::{FrameworkKind, FrameworkResult, NotJudged, Score, Status};
use crate::model::attestation::Attestation;
use crate::model::comparison::{Comparison, Counts, RunLabel, Side};
use crate::model::decision::Decision;
use crate::model::finding::{CheckCounts, Finding, Gap};
use crate::model::import::{Disagreement, Import};
use crate::model::inventory::{Problem, SourceInfo};
use crate::model::node::Node;
use crate::model::object::ObjectRef;
use crate::model::read::Read;
use crate::session::run::Selection;
use crate::text::{is_safe, mask};

/// Format of the document.
pub const SCHEMA: &str = "plimsoll.scan/v1";

/// The whole document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Document<'a> {
    schema: &'static str,
    tool: Tool<'a>,
    source: &'a SourceInfo,
    started_at: &'a str,
    finished_at: &'a str,
    selection: &'a Selection,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Baseline<'a>>,
    reads: &'a [Read],
    findings: Vec<FindingEntry<'a>>,
    evidence: Vec<FindingEntry<'a>>,
    not_assessed: Vec<GapEntry<'a>>,
    checks: Vec<CheckEntry<'a>>,
    frameworks: Vec<FrameworkEntry<'a>>,
    frameworks_not_judged: &'a [NotJudged],
    attestations: Vec<&'a Attestation>,
    imports: Vec<ImportEntry<'a>>,
    disagreements: Vec<Disagreement>,
    problems: &'a [Problem],
}

#[derive(Debug, Serialize)]
struct Tool<'a> {
    version: &'static str,
    content: &'a str,
}

/// What the scan was compared with, and what that run had which this one has not.
#[derive(Debug, Serialize)]
struct Baseline<'a> {
    #[serde(flatten)]
    run: &'a RunLabel,
    notes: &'a [String],
    totals: Counts,
    gone: Vec<super::diff::Entry<'a>>,
}

/// A control that a check serves.
#[derive(Debug, Serialize)]
pub struct ControlRef<'a> {
    /// Id of the framework.
    pub framework: &'a str,
    /// Number of the control.
    pub control: &'a str,
    /// full, partial or supporting.
    pub strength: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FindingEntry<'a> {
    fingerprint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<&'static str>,
    check: &'a str,
    severity: &'static str,
    scope: &'a str,
    object: Option<&'a ObjectRef>,
    owner: Option<&'a ObjectRef>,
    instances: usize,
    stale: usize,
    origin: Option<crate::model::finding::Origin>,
    container: Option<&'a str>,
    path: String,
    missing: bool,
    value: Value,
    message: String,
    note: Option<&'a str>,
    platform: bool,
    file: Option<&'a str>,
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'a str>,
    controls: Vec<&'a ControlRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_detail: Option<DecisionDetail<'a>>,
}

#[derive(Debug, Serialize)]
struct DecisionDetail<'a> {
    reason: Option<&'a str>,
    approver: Option<&'a str>,
    expires: Option<&'a str>,
    link: Option<&'a str>,
    origin: String,
}

#[derive(Debug, Serialize)]
struct GapEntry<'a> {
    check: &'a str,
    read: &'a str,
    namespace: Option<&'a str>,
    reason: &'a str,
    count: usize,
}

#[derive(Debug, Serialize)]
struct CheckEntry<'a> {
    id: &'a str,
    #[serde(flatten)]
    counts: CheckCounts,
    #[serde(skip_serializing_if = "Option::is_none")]
    file: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replaces: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct FrameworkEntry<'a> {
    id: &'a str,
    family: &'a str,
    version: &'a str,
    kind: FrameworkKind,
    chosen_because: &'a str,
    note: Option<&'a str>,
    level: Option<&'a str>,
    score: Option<Score>,
    score_platform: Option<Score>,
    counts: CountsEntry,
    controls: Vec<ControlEntry<'a>>,
}

/// A matrix has other statuses than a standard.
#[derive(Debug, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
enum CountsEntry {
    Standard {
        fail: usize,
        not_assessed: usize,
        manual: usize,
        accepted: usize,
        pass: usize,
        attested: usize,
        not_applicable: usize,
    },
    Matrix {
        exposed: usize,
        not_assessed: usize,
        mitigated: usize,
    },
}

impl CountsEntry {
    fn of(result: &FrameworkResult) -> Self {
        let c = &result.counts;
        match result.kind {
            FrameworkKind::Standard => Self::Standard {
                fail: c.fail,
                not_assessed: c.not_assessed,
                manual: c.manual,
                accepted: c.accepted,
                pass: c.pass,
                attested: c.attested,
                not_applicable: c.not_applicable,
            },
            FrameworkKind::Matrix => Self::Matrix {
                exposed: c.exposed,
                not_assessed: c.not_assessed,
                mitigated: c.mitigated,
            },
        }
    }
}

#[derive(Debug, Serialize)]
struct ControlEntry<'a> {
    id: &'a str,
    status: Status,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    attested: bool,
    failing: usize,
    reasons: &'a [String],
}

/// What was brought in, without the single results.
#[derive(Debug, Serialize)]
struct ImportEntry<'a> {
    tool: &'static str,
    version: Option<&'a str>,
    origin: &'a str,
    taken: Option<&'a str>,
    imported: &'a str,
    sha256: &'a str,
    results: usize,
}

fn import(import: &Import) -> ImportEntry<'_> {
    ImportEntry {
        tool: import.tool.word(),
        version: import.version.as_deref(),
        origin: &import.origin,
        taken: import.taken.as_deref(),
        imported: &import.imported,
        sha256: &import.sha256,
        results: import.results.len(),
    }
}

/// Builds the document. Its order is that of the run: stable, so that two scans of the same thing
/// differ in nothing but times.
#[must_use]
pub fn build<'a>(input: &'a Input<'a>, controls: &'a Controls<'a>) -> Document<'a> {
    let result = input.result;
    Document {
        schema: SCHEMA,
        tool: Tool { version: env!("CARGO_PKG_VERSION"), content: input.content },
        source: input.source,
        started_at: input.started,
        finished_at: input.finished,
        selection: input.selection,
        baseline: None,
        reads: input.reads,
        findings: result.findings.iter().map(|f| finding(f, input, controls, true)).collect(),
        evidence: result.evidence.iter().map(|f| finding(f, input, controls, false)).collect(),
        not_assessed: result.not_assessed.iter().map(gap).collect(),
        checks: result
            .checks
            .iter()
            .map(|(id, counts)| {
                let text = (input.check)(id);
                CheckEntry { id, counts: *counts, file: text.file, replaces: text.replaces }
            })
            .collect(),
        frameworks: frameworks(input),
        frameworks_not_judged: input.not_judged,
        attestations: input.ledger.attestations.values().collect(),
        imports: input.imports().map(import).collect(),
        disagreements: input.disagreements(),
        problems: &result.problems,
    }
}

/// Which controls a check serves, of the frameworks that were judged.
pub struct Controls<'a>(HashMap<&'a str, Vec<ControlRef<'a>>>);

impl<'a> Controls<'a> {
    /// Collects them once for all findings.
    #[must_use]
    pub fn of(input: &'a Input<'a>) -> Self {
        let mut map: HashMap<&str, Vec<ControlRef<'_>>> = HashMap::new();
        for judged in input.frameworks {
            let shown: std::collections::HashSet<&str> =
                judged.result.controls.iter().map(|c| &*c.id).collect();
            for control in judged.framework.controls.iter().filter(|c| shown.contains(&*c.id)) {
                for mapping in &control.checks {
                    map.entry(&mapping.id).or_default().push(ControlRef {
                        framework: &judged.framework.id,
                        control: &control.id,
                        strength: mapping.strength.word(),
                    });
                }
            }
        }
        Self(map)
    }

    /// The controls that a check serves, in the order of frameworks.
    #[must_use]
    pub fn of_check(&self, id: &str) -> &[ControlRef<'a>] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }
}

fn finding<'a>(
    finding: &'a Finding,
    input: &'a Input<'a>,
    controls: &'a Controls<'a>,
    decided: bool,
) -> FindingEntry<'a> {
    let controls = controls.of_check(&finding.check).iter().collect();
    let decision = decided.then(|| (input.state(finding).word(), input.decision(finding)));
    let since = input.result.history.since(&finding.fingerprint).filter(|_| decided);
    entry(finding, since, controls, decision)
}

/// A finding with the word of the decision in force and the decision itself; none for evidence.
fn entry<'a>(
    finding: &'a Finding,
    since: Option<&'a str>,
    controls: Vec<&'a ControlRef<'a>>,
    decision: Option<(&'static str, Option<&'a Decision>)>,
) -> FindingEntry<'a> {
    FindingEntry {
        fingerprint: &finding.fingerprint,
        change: None,
        check: &finding.check,
        severity: finding.severity.word(),
        scope: &finding.scope,
        object: finding.object.as_ref(),
        owner: finding.owner.as_ref(),
        instances: finding.instances,
        stale: finding.stale,
        origin: finding.origin,
        container: finding.container.as_deref(),
        path: finding.path.to_string(),
        missing: finding.missing,
        value: value(finding),
        message: mask(&finding.message).into_owned(),
        note: finding.note.as_deref(),
        platform: finding.platform,
        file: finding.file.as_deref(),
        line: finding.line,
        since,
        controls,
        decision: decision.map(|(word, _)| word),
        decision_detail: decision.and_then(|(_, decision)| decision).map(detail),
    }
}

/// One finding as indented JSON, in the shape that it has in a document.
///
/// # Errors
/// Never in practice: every part is serialisable.
pub fn one(
    finding: &Finding,
    controls: &[ControlRef<'_>],
    word: &'static str,
    decision: Option<&Decision>,
) -> Result<String, serde_json::Error> {
    let entry = entry(finding, None, controls.iter().collect(), Some((word, decision)));
    Ok(harmless(&serde_json::to_string_pretty(&entry)?))
}

fn detail(decision: &Decision) -> DecisionDetail<'_> {
    DecisionDetail {
        reason: decision.reason.as_deref(),
        approver: decision.approver.as_deref(),
        expires: decision.expires.as_deref(),
        link: decision.link.as_deref(),
        origin: decision.origin.describe(),
    }
}

/// The offending value with credentials masked; null when the field is missing.
pub(super) fn value(finding: &Finding) -> Value {
    fn masked(value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(mask(&text).into_owned()),
            Value::Array(items) => items.into_iter().map(masked).collect(),
            Value::Object(map) => map.into_iter().map(|(k, v)| (k, masked(v))).collect(),
            other => other,
        }
    }
    finding.value.as_ref().map_or(Value::Null, |v| masked(Node::to_json(v)))
}

fn gap(gap: &Gap) -> GapEntry<'_> {
    GapEntry {
        check: &gap.check,
        read: &gap.missing.read,
        namespace: gap.missing.namespace.as_deref(),
        reason: &gap.missing.reason,
        count: gap.count,
    }
}

fn frameworks<'a>(input: &'a Input<'a>) -> Vec<FrameworkEntry<'a>> {
    let control = |c: &'a crate::frameworks::ControlResult| ControlEntry {
        id: &c.id,
        status: c.status,
        attested: c.attested,
        failing: c.failing,
        reasons: &c.reasons,
    };
    input
        .frameworks
        .iter()
        .map(|judged| FrameworkEntry {
            id: &judged.result.id,
            family: judged.framework.family(),
            version: &judged.result.version,
            kind: judged.result.kind,
            chosen_because: &judged.result.chosen_because,
            note: judged.result.note.as_deref(),
            level: judged.result.level.as_deref(),
            score: judged.result.score,
            score_platform: judged.result.score_platform,
            counts: CountsEntry::of(&judged.result),
            controls: judged.result.controls.iter().map(control).collect(),
        })
        .collect()
}

/// The document as indented JSON with a final newline.
///
/// # Errors
/// Never in practice: every part is serialisable.
pub fn json(input: &Input<'_>) -> Result<String, serde_json::Error> {
    text(&build(input, &Controls::of(input)))
}

/// As [`json`], with what became of each finding since a baseline.
///
/// # Errors
/// As [`json`].
pub fn json_since(input: &Input<'_>, since: &Comparison) -> Result<String, serde_json::Error> {
    let controls = Controls::of(input);
    let mut document = build(input, &controls);
    let (gone, here): (Vec<_>, Vec<_>) = since.entries.iter().partition(|e| e.side == Side::Before);
    let changes: HashMap<&str, &'static str> =
        here.iter().map(|e| (e.finding.fingerprint.as_str(), e.change.word())).collect();
    for finding in &mut document.findings {
        finding.change = changes.get(finding.fingerprint).copied();
    }
    document.baseline = Some(Baseline {
        run: &since.before,
        notes: &since.notes,
        totals: since.totals.all,
        gone: gone.into_iter().map(super::diff::Entry::of).collect(),
    });
    text(&document)
}

fn text(document: &Document<'_>) -> Result<String, serde_json::Error> {
    let mut text = harmless(&serde_json::to_string_pretty(document)?);
    text.push('\n');
    Ok(text)
}

/// Writes what a terminal would obey or what changes the direction of text as `\u` escapes: JSON
/// itself demands that only below U+0020. Outside strings JSON is plain ASCII, so the values stay.
pub(super) fn harmless(json: &str) -> String {
    let safe = |c: char| c == '\n' || is_safe(c);
    if json.chars().all(safe) {
        return json.to_owned();
    }
    let mut out = String::with_capacity(json.len() + 64);
    for c in json.chars() {
        if safe(c) {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a String cannot fail.
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_is_escaped_and_the_value_stays() {
        let value = Value::String("a\u{9b}31m\u{202e}\u{e0041}\u{7f}ü\n".to_owned());
        let text = harmless(&value.to_string());
        assert_eq!(text, r#""a\u009b31m\u202e\udb40\udc41\u007fü\n""#);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }
}
