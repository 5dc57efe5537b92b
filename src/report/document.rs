//! The JSON contract of a scan, `plimsoll.scan/v1`.

mod entries;

use std::collections::HashMap;
use std::io::{self, Write};

use serde::Serialize;
use serde_json::Value;

use self::entries::{
    CheckEntry, FindingEntry, FrameworkEntry, GapEntry, ImportEntry, checks, finding, frameworks,
    gap, import,
};
use super::harmless::{harmless, write_pretty};
use super::{Input, SessionRef};
use crate::frameworks::tenant::Scorecard;
use crate::frameworks::{NotJudged, Strength};
use crate::model::attestation::Attestation;
use crate::model::comparison::{Comparison, Counts, RunLabel, Side};
use crate::model::decision::Decision;
use crate::model::finding::Finding;
use crate::model::import::Disagreement;
use crate::model::inventory::{Problem, SourceInfo};
use crate::model::node::Node;
use crate::model::read::Read;
use crate::model::settings::Settings;
use crate::session::run::Selection;
use crate::text::mask;

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
    settings: &'a Settings,
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a Scorecard>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a SessionRef>,
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
    #[serde(rename = "judgedBy", skip_serializing_if = "Option::is_none")]
    judged_by: Option<&'a str>,
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
    /// How much the check says about it.
    pub strength: Strength,
}

/// Builds the document. Its order is that of the run: stable, so that two scans of the same thing
/// differ in nothing but times.
#[must_use]
pub fn build<'a>(input: &'a Input<'a>, controls: &'a Controls<'a>) -> Document<'a> {
    let result = input.result;
    Document {
        schema: SCHEMA,
        tool: Tool {
            version: env!("CARGO_PKG_VERSION"),
            content: input.content,
            judged_by: input.judged_by,
        },
        source: input.source,
        started_at: input.started,
        finished_at: input.finished,
        selection: input.selection,
        settings: input.settings,
        profile: input.profile,
        session: input.session,
        baseline: None,
        reads: input.reads,
        findings: result.findings.iter().map(|f| finding(f, input, controls, true)).collect(),
        evidence: result.evidence.iter().map(|f| finding(f, input, controls, false)).collect(),
        not_assessed: result.not_assessed.iter().map(gap).collect(),
        checks: checks(input),
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
                        strength: mapping.strength,
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
    let entry = entries::alone(finding, controls, word, decision);
    Ok(harmless(serde_json::to_string_pretty(&entry)?))
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

/// The document as indented JSON with a final newline.
///
/// # Errors
/// Never in practice: every part is serialisable.
pub fn json(input: &Input<'_>) -> Result<String, serde_json::Error> {
    json_since(input, None)
}

/// The same with what became of each finding since a baseline.
///
/// # Errors
/// As [`json`].
pub fn json_since(
    input: &Input<'_>,
    since: Option<&Comparison>,
) -> Result<String, serde_json::Error> {
    let mut text = Vec::new();
    write(input, since, &mut text).map_err(serde_json::Error::io)?;
    // It is never anything but text.
    String::from_utf8(text).map_err(|error| serde_json::Error::io(io::Error::other(error)))
}

/// Writes the document as [`json`] gives it, with what became of each finding since a baseline where
/// there is one. It is never held as a whole.
///
/// # Errors
/// What the writer says.
pub fn write(input: &Input<'_>, since: Option<&Comparison>, out: &mut dyn Write) -> io::Result<()> {
    let controls = Controls::of(input);
    let mut document = build(input, &controls);
    if let Some(since) = since {
        compare(&mut document, since);
    }
    write_pretty(&document, out)
}

fn compare<'a>(document: &mut Document<'a>, since: &'a Comparison) {
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
}
