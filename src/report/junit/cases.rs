//! Cases: controls, findings, reads and problems, each with what it came to.

use std::collections::HashMap;

use super::Suite;
use super::xml::{attribute, escape};
use crate::frameworks::{ControlResult, Status};
use crate::model::attestation::Attestation;
use crate::model::decision::DecisionState;
use crate::model::finding::{CheckCounts, Finding, Gap};
use crate::model::read::ReadStatus;
use crate::report::about::{self, title};
use crate::report::{Input, Judged};
use crate::text::{counted, times};

/// One case.
pub struct Case {
    pub class: String,
    pub name: String,
    pub outcome: Outcome,
    /// Said below the message of a failure or error.
    pub more: String,
}

/// What a case came to.
pub enum Outcome {
    /// It is proven to be in order.
    Passed,
    /// It is wrong: the kind and what.
    Failed { kind: &'static str, message: String },
    /// It could not be carried out: the kind and why.
    Error { kind: &'static str, message: String },
    /// It is neither: the reason.
    Skipped(String),
}

impl Case {
    /// Writes it.
    pub fn write(&self, out: &mut String) {
        out.push_str("<testcase");
        attribute("name", &self.name, out);
        attribute("classname", &self.class, out);
        attribute("time", "0", out);
        let (tag, message, kind) = match &self.outcome {
            Outcome::Passed => return out.push_str("/>\n"),
            Outcome::Failed { kind, message } => ("failure", message, Some(kind)),
            Outcome::Error { kind, message } => ("error", message, Some(kind)),
            Outcome::Skipped(reason) => ("skipped", reason, None),
        };
        out.push_str("><");
        out.push_str(tag);
        attribute("message", message, out);
        if let Some(kind) = kind {
            attribute("type", kind, out);
        }
        out.push('>');
        for (at, line) in self.more.trim().lines().enumerate() {
            out.push_str(if at > 0 { "\n" } else { "" });
            escape(line, out);
        }
        out.push_str("</");
        out.push_str(tag);
        out.push_str("></testcase>\n");
    }
}

/// The suites of a framework: what checks prove or leave open, and what people say, if anybody does.
pub fn framework(input: &Input<'_>, judged: &Judged) -> Vec<Suite> {
    let result = &judged.result;
    let suite = |name: String, controls: Vec<&ControlResult>, said: String| {
        let properties = vec![
            ("framework", result.id.clone()),
            ("title", title(judged)),
            ("chosen because", result.chosen_because.clone()),
            ("note", result.note.clone().unwrap_or_default()),
            ("score", crate::report::table::interval(result.score)),
        ];
        Suite {
            name,
            package: "plimsoll.frameworks",
            properties: properties.into_iter().filter(|(_, v)| !v.is_empty()).collect(),
            cases: controls.iter().map(|c| control(judged, c)).collect(),
            said,
        }
    };
    let (attested, other): (Vec<_>, Vec<_>) = result.controls.iter().partition(|c| c.attested);
    let mut suites = vec![suite(result.id.clone(), other, String::new())];
    if !attested.is_empty() {
        let answers = attested.iter().filter_map(|c| about::answer(input, &result.id, &c.id));
        let said: Vec<String> = answers.map(answer).collect();
        suites.push(suite(format!("{} attested", result.id), attested, said.join("\n")));
    }
    suites
}

/// An answer in a line.
fn answer(answer: &Attestation) -> String {
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    let until = answer.expires.as_deref().map(|day| format!(", until {day}")).unwrap_or_default();
    let file = about::evidence_file(answer).unwrap_or_default();
    let rest = [text(&answer.evidence), text(&answer.link), file];
    let rest: Vec<String> = rest.into_iter().filter(|part| !part.is_empty()).collect();
    format!(
        "{}: {} by {} on {}{until}: {}",
        answer.control,
        answer.answer.word(),
        answer.reviewer,
        answer.date,
        rest.join(" ")
    )
}

fn control(judged: &Judged, result: &ControlResult) -> Case {
    let known = judged.framework.control(&result.id);
    let reasons = result.reasons.join("; ");
    let skipped = |word: &str| Outcome::Skipped(format!("{word}: {reasons}"));
    let outcome = match result.status {
        Status::Pass | Status::Mitigated => Outcome::Passed,
        Status::Fail => Outcome::Failed { kind: "fail", message: reasons },
        Status::Exposed => Outcome::Failed { kind: "exposed", message: reasons },
        other @ (Status::NotAssessed
        | Status::Manual
        | Status::Accepted
        | Status::NotApplicable) => skipped(other.word()),
    };
    let checks: Vec<String> = result
        .checks
        .iter()
        .filter(|check| check.findings > 0)
        .map(|check| {
            format!(
                "{} ({}): {}",
                check.id,
                check.strength.word(),
                counted(check.findings, "finding")
            )
        })
        .collect();
    let question = known.map(|c| &*c.question).filter(|_| result.status == Status::Manual);
    let more = checks.into_iter().chain(question.map(str::to_owned)).collect::<Vec<_>>();
    Case {
        class: format!("plimsoll.frameworks.{}", judged.result.id),
        name: format!("{} {}", result.id, known.map_or("", |c| &c.title)),
        outcome,
        more: more.join("\n"),
    }
}

/// A suite per check that ran or was to run.
pub fn checks(input: &Input<'_>) -> Vec<Suite> {
    let mut findings: HashMap<&str, Vec<&Finding>> = HashMap::new();
    for finding in &input.result.findings {
        findings.entry(&finding.check).or_default().push(finding);
    }
    let mut gaps: HashMap<&str, Vec<&Gap>> = HashMap::new();
    for gap in &input.result.not_assessed {
        gaps.entry(&gap.check).or_default().push(gap);
    }
    let evidence: std::collections::HashSet<&str> =
        input.result.evidence.iter().map(|f| &*f.check).collect();
    // A check that only lists things for a reviewer tests nothing.
    let tests = input.result.checks.iter().filter(|(id, _)| !evidence.contains(&***id));
    tests
        .map(|(id, counts)| {
            let findings = findings.get(&**id).map_or(&[][..], Vec::as_slice);
            let gaps = gaps.get(&**id).map_or(&[][..], Vec::as_slice);
            check(input, id, *counts, findings, gaps)
        })
        .collect()
}

fn check(
    input: &Input<'_>,
    id: &str,
    counts: CheckCounts,
    findings: &[&Finding],
    gaps: &[&Gap],
) -> Suite {
    let text = (input.check)(id);
    let class = format!("plimsoll.checks.{id}");
    let case =
        |name: String, outcome| Case { class: class.clone(), name, outcome, more: String::new() };
    let mut cases: Vec<Case> = findings
        .iter()
        .map(|f| Case { more: text.fix.clone(), ..case(place(f), finding(input, f)) })
        .collect();
    if counts.pass > 0 {
        let noun = if counts.pass == 1 { "place passes" } else { "places pass" };
        cases.push(case(format!("{} {noun}", counts.pass), Outcome::Passed));
    }
    let unknown = unknown(gaps);
    cases.extend(unknown.into_iter().map(|(name, reason)| case(name, Outcome::Skipped(reason))));
    if counts.error > 0 {
        let message = format!("the rule could not be evaluated {}", times(counts.error));
        let outcome = Outcome::Error { kind: "evaluation", message };
        cases.push(case("evaluation".to_owned(), outcome));
    }
    if cases.is_empty() {
        let reason = "not-applicable: nothing to look at".to_owned();
        cases.push(case("nothing to look at".to_owned(), Outcome::Skipped(reason)));
    }
    let properties = [
        ("title", text.title),
        ("severity", text.severity.word().to_owned()),
        ("why", text.why),
        ("fix", text.fix),
        ("file", text.file.unwrap_or_default()),
        ("replaces", text.replaces.unwrap_or_default()),
    ];
    Suite {
        name: id.to_owned(),
        package: "plimsoll.checks",
        properties: properties.into_iter().filter(|(_, v)| !v.is_empty()).collect(),
        cases,
        said: String::new(),
    }
}

/// What a check would need, each read once, with why it is missing.
fn unknown(gaps: &[&Gap]) -> Vec<(String, String)> {
    let mut all: Vec<(String, String)> = Vec::new();
    for gap in gaps {
        let missing = &gap.missing;
        let place = missing.namespace.as_deref().map(|n| format!(" in {n}")).unwrap_or_default();
        let name = format!("needs {}{place}", missing.read);
        let reason = format!("{} ({})", missing.reason, counted(gap.count, "place"));
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some((_, reasons)) => reasons.push_str(&format!("; {reason}")),
            None => all.push((name, format!("not-assessed: {reason}"))),
        }
    }
    all
}

/// Object and path: one finding of a check has them.
fn place(finding: &Finding) -> String {
    format!("{} {}", about::object(finding), about::path(finding))
}

fn finding(input: &Input<'_>, finding: &Finding) -> Outcome {
    if finding.platform && !input.selection.include_platform {
        return Outcome::Skipped(format!("of the platform itself: {}", finding.message));
    }
    let state = input.state(finding);
    let reason = || {
        let decision = input.decision(finding);
        let reason = decision.and_then(|d| d.reason.clone()).unwrap_or_default();
        let by = decision.and_then(|d| d.approver.as_deref()).map(|p| format!(" by {p}"));
        let until = decision.and_then(|d| d.expires.as_deref()).map(|d| format!(" until {d}"));
        let (by, until) = (by.unwrap_or_default(), until.unwrap_or_default());
        format!("{}{by}{until}: {reason}", state.word())
    };
    match state {
        DecisionState::Accepted | DecisionState::FalsePositive | DecisionState::Fixed => {
            Outcome::Skipped(reason())
        }
        DecisionState::Open | DecisionState::InProgress | DecisionState::Regressed => {
            let file = about::file(finding).map(|file| format!("{file}: ")).unwrap_or_default();
            let value = about::value(finding).map(|value| format!(" (is {value})"));
            let value = value.unwrap_or_default();
            let message = format!("{file}{}{value}", finding.message);
            Outcome::Failed { kind: finding.severity.word(), message }
        }
    }
}

/// A case per read: complete or proven empty passes, a failed one is an error.
pub fn reads(input: &Input<'_>) -> Vec<Case> {
    let each = input.reads.iter().map(|read| {
        let place = read.namespace.as_deref().map(|n| format!(" in {n}")).unwrap_or_default();
        let said = read.message.as_deref().map(|m| format!(": {m}")).unwrap_or_default();
        let message = format!("{}{said}", read.status.word());
        let outcome = match read.status {
            ReadStatus::Complete | ReadStatus::NotServed => Outcome::Passed,
            ReadStatus::Failed => Outcome::Error { kind: "read", message },
            ReadStatus::Partial
            | ReadStatus::Forbidden
            | ReadStatus::Hidden
            | ReadStatus::NotAsked => Outcome::Skipped(message),
        };
        let class = "plimsoll.reads".to_owned();
        Case { class, name: format!("{}{place}", read.resource), outcome, more: String::new() }
    });
    each.collect()
}

/// A case per broken file, document or rule.
pub fn problems(input: &Input<'_>) -> Vec<Case> {
    let each = input.result.problems.iter().map(|problem| {
        let (kind, place) = (about::problem_word(problem.kind), about::problem_place(problem));
        let name = if place.is_empty() { kind.to_owned() } else { place };
        let outcome = Outcome::Error { kind, message: problem.message.clone() };
        Case { class: format!("plimsoll.problems.{kind}"), name, outcome, more: String::new() }
    });
    each.collect()
}
