//! Two runs compared, as JSON (`plimsoll.diff/v1`), as a table and as Markdown.

mod markdown;
mod table;

use std::collections::BTreeMap;

use serde::Serialize;

use super::harmless::harmless;
use crate::frameworks::FrameworkChange;
use crate::model::attestation;
use crate::model::between::{Authorship, DecisionsBetween};
use crate::model::comparison::{self, ChangeCounts, Comparison, RunLabel};
use crate::model::object::ObjectRef;
use crate::text::mask;

pub use markdown::markdown;
pub use table::{summary, table};

/// Format of the document.
pub const SCHEMA: &str = "plimsoll.diff/v1";

/// Everything that a report of a comparison is made of.
pub struct Diff<'a> {
    /// The findings.
    pub comparison: &'a Comparison,
    /// The frameworks.
    pub frameworks: &'a [FrameworkChange],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema: &'static str,
    before: &'a RunLabel,
    after: &'a RunLabel,
    include_platform: bool,
    notes: &'a [String],
    totals: Totals<'a>,
    frameworks: &'a [FrameworkChange],
    findings: Vec<Entry<'a>>,
    decided: Decided<'a>,
}

/// What people decided and answered between the runs.
#[derive(Debug, Serialize)]
struct Decided<'a> {
    findings: Vec<DecidedFinding<'a>>,
    answers: Vec<Answer<'a>>,
}

#[derive(Debug, Serialize)]
struct DecidedFinding<'a> {
    fingerprint: &'a str,
    check: &'a str,
    object: Option<&'a ObjectRef>,
    before: &'static str,
    after: &'static str,
    reason: Option<&'a str>,
    by: Option<&'a str>,
    time: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    framework: &'a str,
    control: &'a str,
    before: Option<&'static str>,
    after: Option<&'static str>,
    by: Option<&'a str>,
    time: Option<&'a str>,
}

impl<'a> Decided<'a> {
    fn of(between: &'a DecisionsBetween) -> Self {
        let (by, time) =
            (|act: &'a Authorship| act.by.as_str(), |act: &'a Authorship| act.time.as_str());
        let findings = between.findings.iter().map(|one| DecidedFinding {
            fingerprint: &one.finding.fingerprint,
            check: &one.finding.check,
            object: one.finding.object.as_ref(),
            before: one.before.word(),
            after: one.after.word(),
            reason: one.reason.as_deref(),
            by: one.act.as_ref().map(by),
            time: one.act.as_ref().map(time),
        });
        let answers = between.controls.iter().map(|one| Answer {
            framework: &one.control.0,
            control: &one.control.1,
            before: one.before.map(attestation::AttestationAnswer::word),
            after: one.after.map(attestation::AttestationAnswer::word),
            by: one.act.as_ref().map(by),
            time: one.act.as_ref().map(time),
        });
        Self { findings: findings.collect(), answers: answers.collect() }
    }
}

/// Answers in words of reports: none where nothing is answered.
fn answered(answer: Option<attestation::AttestationAnswer>) -> &'static str {
    answer.map_or("not answered", attestation::AttestationAnswer::word)
}

#[derive(Debug, Serialize)]
struct Totals<'a> {
    all: ChangeCounts,
    severity: BTreeMap<&'static str, ChangeCounts>,
    namespace: BTreeMap<&'a str, ChangeCounts>,
    check: BTreeMap<&'a str, ChangeCounts>,
    platform: ChangeCounts,
}

/// One finding of a comparison.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'a> {
    change: &'static str,
    side: &'static str,
    reason: Option<&'a str>,
    fingerprint: &'a str,
    check: &'a str,
    severity: &'static str,
    object: Option<&'a ObjectRef>,
    owner: Option<&'a ObjectRef>,
    container: Option<&'a str>,
    path: String,
    message: String,
    instances: usize,
    platform: bool,
    file: Option<&'a str>,
    line: Option<u32>,
    differs: Vec<Difference<'a>>,
}

#[derive(Debug, Serialize)]
struct Difference<'a> {
    field: &'static str,
    before: &'a str,
    after: &'a str,
}

impl<'a> Entry<'a> {
    pub(super) fn of(entry: &'a comparison::ComparedFinding) -> Self {
        let finding = &entry.finding;
        let differs = entry.differs.iter().map(|d| Difference {
            field: d.field,
            before: &d.before,
            after: &d.after,
        });
        Self {
            change: entry.change.word(),
            side: entry.side.word(),
            reason: entry.reason.as_deref(),
            fingerprint: &finding.fingerprint,
            check: &finding.check,
            severity: finding.severity.word(),
            object: finding.object.as_ref(),
            owner: finding.owner.as_ref(),
            container: finding.container.as_deref(),
            path: finding.path.to_string(),
            message: mask(&finding.message).into_owned(),
            instances: finding.instances,
            platform: finding.platform,
            file: finding.file.as_deref(),
            line: finding.line,
            differs: differs.collect(),
        }
    }
}

/// The document as indented JSON with a final newline. Its order is stable: by change, then as in
/// every report.
///
/// # Errors
/// Never in practice: every part is serialisable.
pub fn json(diff: &Diff<'_>) -> Result<String, serde_json::Error> {
    let comparison = diff.comparison;
    let totals = &comparison.totals;
    let document = Document {
        schema: SCHEMA,
        before: &comparison.before,
        after: &comparison.after,
        include_platform: comparison.include_platform,
        notes: &comparison.notes,
        totals: Totals {
            all: totals.all,
            severity: totals.severity.iter().map(|(s, c)| (s.word(), *c)).collect(),
            namespace: totals.namespace.iter().map(|(n, c)| (n.as_str(), *c)).collect(),
            check: totals.check.iter().map(|(id, c)| (&**id, *c)).collect(),
            platform: totals.platform,
        },
        frameworks: diff.frameworks,
        findings: comparison.entries.iter().map(Entry::of).collect(),
        decided: Decided::of(&comparison.decided),
    };
    let mut text = harmless(serde_json::to_string_pretty(&document)?);
    text.push('\n');
    Ok(text)
}
