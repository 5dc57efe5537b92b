//! The parts of the document that are lists: a finding, a gap, a check, a framework, an import.

use std::borrow::Cow;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use super::{ControlRef, Controls, Input, value};
use crate::frameworks::{FrameworkKind, FrameworkResult, Score, Status};
use crate::model::decision::Decision;
use crate::model::finding::{CheckCounts, Finding, Gap};
use crate::model::import::Import;
use crate::model::object::ObjectRef;
use crate::text::mask;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FindingEntry<'a> {
    pub(super) fingerprint: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) change: Option<&'static str>,
    check: &'a str,
    severity: &'static str,
    scope: &'a str,
    object: Option<&'a ObjectRef>,
    owner: Option<&'a ObjectRef>,
    instances: usize,
    stale: usize,
    origin: Option<crate::model::finding::FindingOrigin>,
    container: Option<&'a str>,
    path: String,
    missing: bool,
    value: Value,
    message: String,
    note: Option<Cow<'a, str>>,
    platform: bool,
    file: Option<&'a str>,
    line: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<&'a str>,
    controls: Served<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    decision_detail: Option<DecisionDetail<'a>>,
}

/// The controls that a finding's check serves.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Served<'a> {
    These(&'a [ControlRef<'a>]),
    /// As they are written in a line.
    Line(&'a RawValue),
}

#[derive(Debug, Serialize)]
struct DecisionDetail<'a> {
    reason: Option<Cow<'a, str>>,
    approver: Option<&'a str>,
    expires: Option<&'a str>,
    link: Option<Cow<'a, str>>,
    origin: String,
}

#[derive(Debug, Serialize)]
pub(super) struct GapEntry<'a> {
    check: &'a str,
    read: &'a str,
    namespace: Option<&'a str>,
    reason: &'a str,
    count: usize,
}

#[derive(Debug, Serialize)]
pub(super) struct CheckEntry<'a> {
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
pub(super) struct FrameworkEntry<'a> {
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
pub(super) struct ImportEntry<'a> {
    tool: &'static str,
    version: Option<&'a str>,
    origin: &'a str,
    taken: Option<&'a str>,
    imported: &'a str,
    sha256: &'a str,
    results: usize,
}

pub(super) fn import(import: &Import) -> ImportEntry<'_> {
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

pub(super) fn finding<'a>(
    finding: &'a Finding,
    input: &'a Input<'a>,
    controls: &'a Controls<'a>,
    decided: bool,
) -> FindingEntry<'a> {
    let decision = input.decision(finding).filter(|_| decided);
    FindingEntry {
        since: input.since(finding).filter(|_| decided),
        controls: match controls.line_of(&finding.check).filter(|_| decided) {
            Some(line) => Served::Line(line),
            None => Served::These(controls.of_check(&finding.check)),
        },
        decision: decided.then(|| input.state(finding).word()),
        decision_detail: decision.map(detail),
        ..bare(finding)
    }
}

/// A finding outside a document, with what is known of it there.
pub(super) fn alone<'a>(
    finding: &'a Finding,
    controls: &'a [ControlRef<'a>],
    word: &'static str,
    decision: Option<&'a Decision>,
) -> FindingEntry<'a> {
    FindingEntry {
        controls: Served::These(controls),
        decision: Some(word),
        decision_detail: decision.map(detail),
        ..bare(finding)
    }
}

/// A finding by itself: no controls, no decision.
fn bare(finding: &Finding) -> FindingEntry<'_> {
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
        note: finding.note.as_deref().map(mask),
        platform: finding.platform,
        file: finding.file.as_deref(),
        line: finding.line,
        since: None,
        controls: Served::These(&[]),
        decision: None,
        decision_detail: None,
    }
}

fn detail(decision: &Decision) -> DecisionDetail<'_> {
    DecisionDetail {
        reason: decision.reason.as_deref().map(mask),
        approver: decision.approver.as_deref(),
        expires: decision.expires.as_deref(),
        link: decision.link.as_deref().map(mask),
        origin: decision.origin.describe(),
    }
}

pub(super) fn gap(gap: &Gap) -> GapEntry<'_> {
    GapEntry {
        check: &gap.check,
        read: &gap.missing.read,
        namespace: gap.missing.namespace.as_deref(),
        reason: &gap.missing.reason,
        count: gap.count,
    }
}

pub(super) fn frameworks<'a>(input: &'a Input<'a>) -> Vec<FrameworkEntry<'a>> {
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

pub(super) fn checks<'a>(input: &'a Input<'a>) -> Vec<CheckEntry<'a>> {
    let checks = input.result.checks.iter();
    checks
        .map(|(id, counts)| {
            let text = (input.check)(id);
            CheckEntry { id, counts: *counts, file: text.file, replaces: text.replaces }
        })
        .collect()
}
