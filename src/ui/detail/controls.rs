//! What is said of a framework, of its controls, and of the checks that decide them.

use crate::app::data::Data;
use crate::config::theme::Role;
use crate::frameworks::{Control, ControlResult, Status};
use crate::text::counted;

use super::super::paint::{Line, piece};
use super::super::{bar, sign};
use super::{paragraph, title};

/// A control, and what is said of it.
type Found<'a> = Option<(&'a Control, Option<&'a ControlResult>)>;

/// What a person answered, and what it rests on.
fn answer(data: &Data, framework: &str, id: &str, out: &mut Vec<Line>, width: usize) {
    let Some(answer) = data.answer(framework, id) else { return };
    let until = answer.expires.as_deref().map(|day| format!(", until {day}")).unwrap_or_default();
    let over = if answer.in_force(&data.today) { "" } else { " (expired)" };
    let text =
        format!("{} by {} on {}{until}{over}", answer.answer.word(), answer.reviewer, answer.date);
    paragraph(out, "Answer", &text, width);
    paragraph(out, "Rests on", answer.evidence.as_deref().unwrap_or_default(), width);
    paragraph(out, "Link", answer.link.as_deref().unwrap_or_default(), width);
    if let Some(file) = &answer.file {
        let text = format!("{}, {}, sha256 {}", file.name, counted(file.size, "byte"), file.sha256);
        paragraph(out, "File", &text, width);
    }
}

/// A control: its status and why, who can decide it, what it asks.
pub(in crate::ui) fn of_control(
    data: &Data,
    framework: &str,
    found: Found<'_>,
    width: usize,
) -> Vec<Line> {
    let mut out = about_control(data, framework, found, width);
    let Some((control, judged)) = found else { return out };
    for mapping in &control.checks {
        let judged = judged.and_then(|j| j.checks.iter().find(|c| c.id == mapping.id));
        let fails = counted(judged.map_or(0, |c| c.findings), "finding");
        let text = format!("{} ({}, {fails})", mapping.id, mapping.strength.word());
        paragraph(&mut out, "Check", &text, width);
    }
    out
}

/// As [`of_control`], without the checks.
pub(in crate::ui) fn about_control(
    data: &Data,
    framework: &str,
    found: Found<'_>,
    width: usize,
) -> Vec<Line> {
    let Some((control, judged)) = found else { return Vec::new() };
    let mut out = Vec::new();
    title(&mut out, &format!("{} {}", control.id, control.title), Role::Title, width);
    let sign::Sign { mark, word, role } =
        sign::standing(data, framework, &control.id, judged.map(|j| j.status));
    let mut line = vec![piece(format!("{mark} {word}"), role)];
    // A manual control that nobody answered says so once.
    if control.assessment.word() != word {
        line.push(piece(format!("   {}", control.assessment.word()), Role::Dim));
    }
    if !control.levels.is_empty() {
        line.push(piece(format!("   {}", control.levels.join(", ")), Role::Dim));
    }
    out.push(line);
    out.push(Line::new());
    // What rests on an answer is told by the answer.
    let told = judged.filter(|j| !j.attested).map(|j| j.reasons.as_slice()).unwrap_or_default();
    for (at, reason) in told.iter().enumerate() {
        paragraph(&mut out, if at == 0 { "Because" } else { "" }, reason, width);
    }
    if let Some(why) = data.why_not_judged(framework) {
        paragraph(&mut out, "Because", &format!("The framework was not judged: {why}."), width);
    }
    if let Some(level) = data.other_level(framework, &control.id) {
        let text = format!("{level} was judged, which this control does not belong to.");
        paragraph(&mut out, "Level", &text, width);
    }
    answer(data, framework, &control.id, &mut out, width);
    paragraph(&mut out, "Tactics", &control.tactics.join(", "), width);
    paragraph(&mut out, "Part of", control.parent.as_deref().unwrap_or_default(), width);
    paragraph(&mut out, "Asks", &control.question, width);
    paragraph(&mut out, "Evidence", &control.evidence, width);
    out
}

/// A check: why and how to mend it.
pub(in crate::ui) fn of_check(data: &Data, id: &str, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    let Some(check) = data.check(id) else {
        title(&mut out, id, Role::Title, width);
        title(&mut out, "This check is not part of the library.", Role::Dim, width);
        return out;
    };
    let (mark, role) = sign::severity(check.severity);
    title(&mut out, &format!("{mark} {}  {}", check.severity, check.title), role, width);
    out.push(vec![piece(format!("{id}  {}", check.theme), Role::Dim)]);
    out.push(Line::new());
    paragraph(&mut out, "Why", &check.explain.why, width);
    paragraph(&mut out, "Fix", &check.explain.fix, width);
    for reference in &check.explain.references {
        paragraph(&mut out, "Read on", reference, width);
    }
    out
}

pub(super) fn of_framework(data: &Data, id: &str, width: usize) -> Vec<Line> {
    let Some(framework) = data.framework(id) else { return Vec::new() };
    let mut out = Vec::new();
    let head = format!("{} {}", framework.title, data.version_of(framework));
    title(&mut out, &head, Role::Title, width);
    title(&mut out, &framework.publisher, Role::Dim, width);
    out.push(Line::new());
    let kinds: Vec<String> =
        framework.assessments().iter().map(|(kind, n)| format!("{n} {}", kind.word())).collect();
    let text = format!("{}: {}", counted(framework.controls.len(), "control"), kinds.join(", "));
    paragraph(&mut out, "Decides", &text, width);
    if data.narrowed.is_awaited() && data.judged(id).is_some() {
        paragraph(&mut out, "Status", "working it out…", width);
    }
    if let Some(judged) = data.scored(id) {
        let c = judged.counts;
        let text = if framework.is_matrix() {
            let (exposed, mitigated) = (c.exposed, c.mitigated);
            format!("{exposed} exposed, {mitigated} mitigated, {} not assessed", c.not_assessed)
        } else {
            format!(
                "{} pass, {} fail, {} accepted, {} manual, {} not assessed, {} not applicable",
                c.words(Status::Pass),
                c.fail,
                c.accepted,
                c.manual,
                c.not_assessed,
                c.not_applicable
            )
        };
        paragraph(&mut out, "Status", &text, width);
        let all = data.judged(id).filter(|_| data.narrowed.namespace().is_some());
        let all = all.filter(|_| !framework.is_matrix()).map(|all| bar::interval(all.score));
        let all = all.map(|all| format!("{all} of all that was looked at")).unwrap_or_default();
        paragraph(&mut out, "In all", &all, width);
        paragraph(&mut out, "Level", judged.level.as_deref().unwrap_or_default(), width);
        paragraph(&mut out, "Chosen", &judged.chosen_because, width);
        paragraph(&mut out, "Mind", judged.note.as_deref().unwrap_or_default(), width);
    } else if let Some(not) = data.not_judged(id) {
        paragraph(&mut out, "Left out", &not.reason, width);
    }
    paragraph(&mut out, "Read on", &framework.url, width);
    out
}
