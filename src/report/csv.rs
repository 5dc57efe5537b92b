//! Tables for spreadsheets: RFC 4180, UTF-8, one table a file. A cell never begins with what a
//! spreadsheet takes for a formula.

mod cell;
mod findings;

use super::about::{self, Decided};
use super::{Input, Judged};
use crate::frameworks::{Control, ControlResult};
use crate::model::attestation::Attestation;
use cell::row;
pub use findings::{findings, fleet};

/// A table: its head, then its rows, each as wide as the head.
fn table<const N: usize>(head: [&str; N], rows: impl Iterator<Item = [String; N]>) -> String {
    let mut out = String::new();
    row(&head, &mut out);
    rows.for_each(|cells| row(&cells, &mut out));
    out
}

fn owned(text: Option<&str>) -> String {
    text.unwrap_or_default().to_owned()
}

/// What tells clusters apart when tables are put together.
fn cluster(input: &Input<'_>) -> String {
    input.source.cluster_uid.clone().unwrap_or_else(|| about::subject(input.source))
}

/// Every control of every framework with its status and the answer to it.
#[must_use]
pub fn controls(input: &Input<'_>) -> String {
    const HEAD: [&str; 23] = [
        "framework",
        "version",
        "level",
        "control",
        "title",
        "section",
        "assessment",
        "status",
        "attested",
        "failing",
        "reasons",
        "question",
        "answer",
        "in_force",
        "reviewer",
        "date",
        "expires",
        "evidence",
        "link",
        "file",
        "checks",
        "cluster",
        "finished",
    ];
    let rows = input.frameworks.iter().flat_map(|judged| {
        judged.result.controls.iter().map(|result| control_row(input, judged, result))
    });
    table(HEAD, rows)
}

fn control_row(input: &Input<'_>, judged: &Judged, result: &ControlResult) -> [String; 23] {
    let known = judged.framework.control(&result.id);
    let answer = about::answer(input, &judged.result.id, &result.id);
    let text = |field: fn(&Control) -> &str| owned(known.map(field));
    let of = |field: fn(&Attestation) -> Option<&str>| owned(answer.and_then(field));
    let checks: Vec<String> =
        result.checks.iter().map(|c| format!("{} ({})", c.id, c.strength.word())).collect();
    [
        judged.result.id.clone(),
        judged.result.version.clone(),
        owned(judged.result.level.as_deref()),
        result.id.clone(),
        text(|c| &c.title),
        text(|c| &c.section),
        text(|c| c.assessment.word()),
        result.status.word().to_owned(),
        result.attested.to_string(),
        result.failing.to_string(),
        result.reasons.join("; "),
        text(|c| &c.question),
        of(|a| Some(a.answer.word())),
        answer.map(|a| a.in_force(input.today).to_string()).unwrap_or_default(),
        of(|a| Some(&a.reviewer)),
        of(|a| Some(&a.date)),
        of(|a| a.expires.as_deref()),
        of(|a| a.evidence.as_deref()),
        of(|a| a.link.as_deref()),
        answer.and_then(about::evidence_file).unwrap_or_default(),
        checks.join(", "),
        cluster(input),
        input.finished.to_owned(),
    ]
}

/// Every decision, also on findings that this run did not find.
#[must_use]
pub fn decisions(input: &Input<'_>) -> String {
    const HEAD: [&str; 17] = [
        "fingerprint",
        "found",
        "check",
        "object",
        "path",
        "severity",
        "state",
        "decided",
        "reason",
        "approver",
        "expires",
        "link",
        "origin",
        "by",
        "time",
        "cluster",
        "finished",
    ];
    let all = about::decided(input);
    table(HEAD, all.iter().map(|decided| decision_row(input, decided)))
}

fn decision_row(input: &Input<'_>, decided: &Decided<'_>) -> [String; 17] {
    let (finding, decision) = (decided.finding, decided.decision);
    [
        decided.fingerprint.to_owned(),
        finding.is_some().to_string(),
        owned(finding.map(|f| &*f.check)),
        finding.map(about::object).unwrap_or_default(),
        finding.map(about::path).unwrap_or_default(),
        owned(finding.map(|f| f.severity.word())),
        decided.state.word().to_owned(),
        decision.state.word().to_owned(),
        owned(decision.reason.as_deref()),
        owned(decision.approver.as_deref()),
        owned(decision.expires.as_deref()),
        owned(decision.link.as_deref()),
        decision.origin.describe(),
        owned(decided.last.map(|past| &*past.by)),
        owned(decided.last.map(|past| &*past.time)),
        cluster(input),
        input.finished.to_owned(),
    ]
}

/// What the other tables rest on: the assessment, its reads, what was not assessed, frameworks not
/// judged, imports, problems, scores and verdicts per check.
#[must_use]
pub fn run(input: &Input<'_>) -> String {
    let mut out = String::new();
    line(["about", "name", "namespace", "status", "count", "text"], &mut out);
    for (name, value) in about::facts(input) {
        line(["assessment", name, "", "", "", &value], &mut out);
    }
    frameworks(input, &mut out);
    known(input, &mut out);
    for import in &input.ledger.imports {
        let count = import.results.len().to_string();
        line(["import", import.tool.word(), "", "", &count, &about::import(import)], &mut out);
    }
    for problem in &input.result.problems {
        let (kind, place) = (about::problem_word(problem.kind), about::problem_place(problem));
        line(["problem", &place, "", kind, "", &problem.message], &mut out);
    }
    verdicts(input, &mut out);
    out
}

fn line(cells: [&str; 6], out: &mut String) {
    row(&cells, out);
}

fn frameworks(input: &Input<'_>, out: &mut String) {
    for judged in input.frameworks {
        let result = &judged.result;
        let score = super::table::interval(result.score);
        line(["framework", &result.id, "", &score, "", &result.chosen_because], out);
        if let Some(note) = &result.note {
            line(["framework note", &result.id, "", "", "", note], out);
        }
        for status in crate::frameworks::Status::ALL {
            let count = result.counts.of(status);
            if count > 0 {
                line(["controls", &result.id, "", status.word(), &count.to_string(), ""], out);
            }
        }
        let attested = result.counts.attested;
        if attested > 0 {
            let said = "of the passing ones, resting on a person's answer";
            line(["controls", &result.id, "", "attested", &attested.to_string(), said], out);
        }
    }
    for left in input.not_judged {
        line(["not judged", &left.id, "", "", "", &left.reason], out);
    }
}

/// What was read, and what is not known.
fn known(input: &Input<'_>, out: &mut String) {
    for read in input.reads {
        let (items, said) = (read.items.to_string(), read.message.as_deref().unwrap_or_default());
        let namespace = read.namespace.as_deref().unwrap_or_default();
        line(["read", &read.resource, namespace, read.status.word(), &items, said], out);
    }
    for gap in &input.result.not_assessed {
        let (count, missing) = (gap.count.to_string(), &gap.missing);
        let namespace = missing.namespace.as_deref().unwrap_or_default();
        let status = missing.status.word();
        line(["not assessed", &gap.check, namespace, status, &count, &missing.reason], out);
    }
}

fn verdicts(input: &Input<'_>, out: &mut String) {
    for (id, c) in &input.result.checks {
        let verdicts = [
            ("fail", c.fail),
            ("error", c.error),
            ("not-assessed", c.not_assessed),
            ("pass", c.pass),
            ("not-applicable", c.not_applicable),
        ];
        for (verdict, count) in verdicts.into_iter().filter(|(_, n)| *n > 0) {
            line(["check", id, "", verdict, &count.to_string(), ""], out);
        }
    }
}
