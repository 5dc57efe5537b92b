//! The JSON contract of a scan, `plimsoll.scan/v1`.

mod entries;

use std::collections::HashMap;
use std::io::{self, Write};
use std::sync::Arc;

use rayon::prelude::*;
use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use self::entries::{
    CheckEntry, FindingEntry, FrameworkEntry, GapEntry, ImportEntry, checks, finding, frameworks,
    gap, import,
};
use super::harmless::{add_line, harmless, write_pretty};
use super::{Input, SessionRef};
use crate::frameworks::tenant::Scorecard;
use crate::frameworks::{NotJudged, Strength};
use crate::model::attestation::Attestation;
use crate::model::comparison::{ChangeCounts, Comparison, RunLabel, RunSide};
use crate::model::decision::Decision;
use crate::model::finding::Finding;
use crate::model::import::Disagreement;
use crate::model::inventory::{Problem, SourceInfo};
use crate::model::mirror::Mirrored;
use crate::model::read::Read;
use crate::model::settings::RunSettings;
use crate::session::run::Selection;
use crate::text::{mask, mask_tree};

/// Format of the document.
pub const SCHEMA: &str = "plimsoll.scan/v1";

/// The whole document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    schema: &'static str,
    tool: Tool<'a>,
    source: &'a SourceInfo,
    started_at: &'a str,
    finished_at: &'a str,
    selection: &'a Selection,
    settings: &'a RunSettings,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    mirrored: &'a [Mirrored],
    #[serde(skip_serializing_if = "Option::is_none")]
    profile: Option<&'a Scorecard>,
    #[serde(skip_serializing_if = "Option::is_none")]
    session: Option<&'a SessionRef>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<Baseline<'a>>,
    reads: &'a [Read],
    /// None of them: there may be hundreds of thousands, which are written apart.
    findings: [(); 0],
    evidence: Vec<FindingEntry<'a>>,
    not_assessed: Vec<GapEntry<'a>>,
    checks: Vec<CheckEntry<'a>>,
    frameworks: Vec<FrameworkEntry<'a>>,
    frameworks_not_judged: &'a [NotJudged],
    attestations: Vec<Attestation>,
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
    totals: ChangeCounts,
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

/// Builds the document without its findings. Its order is that of the run: stable, so that two scans of
/// the same thing differ in nothing but times.
fn build<'a>(input: &'a Input<'a>, controls: &'a Controls<'a>) -> Document<'a> {
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
        mirrored: &result.mirrored,
        profile: input.profile,
        session: input.session,
        baseline: None,
        reads: input.reads,
        findings: [],
        evidence: result.evidence.iter().map(|f| finding(f, input, controls, false)).collect(),
        not_assessed: result.not_assessed.iter().map(gap).collect(),
        checks: checks(input),
        frameworks: frameworks(input),
        frameworks_not_judged: input.not_judged,
        attestations: input.ledger.attestations.values().cloned().map(masked).collect(),
        imports: input.imports().map(import).collect(),
        disagreements: input.disagreements(),
        problems: &result.problems,
    }
}

/// Which controls a check serves, of the frameworks that were judged.
pub struct Controls<'a>(HashMap<&'a str, Served<'a>>);

/// The controls of one check.
#[derive(Default)]
struct Served<'a> {
    controls: Vec<ControlRef<'a>>,
    /// The same as a line of JSON: there is one check for thousands of findings.
    line: Option<Box<RawValue>>,
}

impl<'a> Controls<'a> {
    /// Collects them once for all findings.
    #[must_use]
    pub fn of(input: &'a Input<'a>) -> Self {
        let mut map: HashMap<&str, Served<'_>> = HashMap::new();
        for judged in input.frameworks {
            let shown: std::collections::HashSet<&str> =
                judged.result.controls.iter().map(|c| &*c.id).collect();
            for control in judged.framework.controls.iter().filter(|c| shown.contains(&*c.id)) {
                for mapping in &control.checks {
                    map.entry(&mapping.id).or_default().controls.push(ControlRef {
                        framework: &judged.framework.id,
                        control: &control.id,
                        strength: mapping.strength,
                    });
                }
            }
        }
        for served in map.values_mut() {
            let mut line = Vec::new();
            let text = add_line(&served.controls, &mut line)
                .ok()
                .and_then(|()| String::from_utf8(line).ok());
            served.line = text.and_then(|text| RawValue::from_string(text).ok());
        }
        Self(map)
    }

    /// The controls that a check serves, in the order of frameworks.
    #[must_use]
    pub fn of_check(&self, id: &str) -> &[ControlRef<'a>] {
        self.0.get(id).map_or(&[], |served| &served.controls)
    }

    /// The same as a line of JSON, where there are any.
    fn line_of(&self, id: &str) -> Option<&RawValue> {
        self.0.get(id).and_then(|served| served.line.as_deref())
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

/// An answer with credentials masked in what somebody wrote.
fn masked(answer: Attestation) -> Attestation {
    let safe = |text: Option<String>| text.map(|text| mask(&text).into_owned());
    Attestation { evidence: safe(answer.evidence), link: safe(answer.link), ..answer }
}

/// The offending value with credentials masked; null when the field is missing.
pub(super) fn value(finding: &Finding) -> Value {
    finding.value.as_ref().map_or(Value::Null, |value| mask_tree(value.clone()).to_json())
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
    let changes = since.map(|since| compare(&mut document, since)).unwrap_or_default();
    let mut whole = Vec::new();
    write_pretty(&document, &mut whole)?;
    match around_findings(&whole).filter(|_| !input.result.findings.is_empty()) {
        Some((head, tail)) => {
            out.write_all(head)?;
            write_findings(&input.result.findings, out, |found| {
                let mut entry = finding(found, input, &controls, true);
                entry.change = changes.get(entry.fingerprint).copied();
                entry
            })?;
            out.write_all(tail)?;
        }
        None => out.write_all(&whole)?,
    }
    out.flush()
}

/// A document without findings, before and after the place where they belong. A text in it has no line
/// ends, and a field with this name of anything else stands further in.
fn around_findings(document: &[u8]) -> Option<(&[u8], &[u8])> {
    const NONE: &[u8] = b"\n  \"findings\": []";
    let at = document.windows(NONE.len()).position(|part| part == NONE)?;
    let (head, tail) = document.split_at_checked(at + NONE.len() - 1)?;
    Some((head, tail))
}

/// Writes the elements of the list of findings, and the line before its end. Each core lays out a part
/// at a time, so that few of them are held.
fn write_findings<'f>(
    findings: &'f [Arc<Finding>],
    out: &mut dyn Write,
    entry: impl Fn(&'f Finding) -> FindingEntry<'f> + Sync,
) -> io::Result<()> {
    /// Findings that a core lays out at a time.
    const PART: usize = 512;
    let laid_out = |part: &'f [Arc<Finding>]| {
        let mut text = Vec::new();
        for found in part {
            text.extend_from_slice(b"\n    ");
            add_line(&entry(found), &mut text)?;
            text.push(b',');
        }
        Ok(text)
    };
    let mut parts = findings.chunks(PART * rayon::current_num_threads()).peekable();
    while let Some(some) = parts.next() {
        let texts: Vec<io::Result<Vec<u8>>> = some.par_chunks(PART).map(laid_out).collect();
        let mut texts = texts.into_iter().peekable();
        while let Some(text) = texts.next() {
            let mut text = text?;
            if parts.peek().is_none() && texts.peek().is_none() {
                // No comma after the last.
                text.pop();
            }
            out.write_all(&text)?;
        }
    }
    out.write_all(b"\n  ")
}

/// Adds what a run was compared with to its document. Gives what became of each finding.
fn compare<'a>(
    document: &mut Document<'a>,
    since: &'a Comparison,
) -> HashMap<&'a str, &'static str> {
    let (gone, here): (Vec<_>, Vec<_>) =
        since.entries.iter().partition(|e| e.side == RunSide::Before);
    document.baseline = Some(Baseline {
        run: &since.before,
        notes: &since.notes,
        totals: since.totals.all,
        gone: gone.into_iter().map(super::diff::Entry::of).collect(),
    });
    here.iter().map(|e| (e.finding.fingerprint.as_str(), e.change.word())).collect()
}
