//! What is said of an exception, and of a result of another tool that is not ours.

use std::sync::Arc;

use super::finding::history;
use super::{LABEL, paragraph, title};
use crate::app::data::Data;
use crate::app::exceptions::Exception;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::model::finding::Finding;
use crate::model::import::Disagreement;
use crate::text::{clean, counted, cut, mask};
use crate::triage::board::Use;
use crate::ui::paint::{Line, piece};
use crate::ui::sign;

/// Most findings that are listed as coming back; the rest is counted.
const LISTED: usize = 12;

/// What an exception says, where it stands, and what comes back without it.
pub(in crate::ui) fn of_exception(state: &State, exception: &Exception, width: usize) -> Vec<Line> {
    told(state, exception, width, LISTED)
}

/// The same where the findings are listed below.
pub(in crate::ui) fn about_exception(
    state: &State,
    exception: &Exception,
    width: usize,
) -> Vec<Line> {
    told(state, exception, width, 0)
}

/// With so many of the findings that come back.
fn told(state: &State, exception: &Exception, width: usize, listed: usize) -> Vec<Line> {
    let (entry, decision) = (&exception.entry, &exception.entry.decision);
    let mut out = Vec::new();
    title(&mut out, &entry.label, Role::Title, width);
    let sign::Sign { mark, word, role } = sign::decision(decision.state);
    let end = decision
        .expires
        .as_deref()
        .map_or_else(|| ", without an end".to_owned(), |day| format!(" until {}", clean(day)));
    out.push(vec![piece(format!("{mark} {word}"), role), piece(end, Role::Text)]);
    out.push(Line::new());
    paragraph(&mut out, "Remarks", &entry.remarks().join("; "), width);
    paragraph(&mut out, "Reason", decision.reason.as_deref().unwrap_or_default(), width);
    paragraph(&mut out, "By", decision.approver.as_deref().unwrap_or_default(), width);
    paragraph(&mut out, "Ticket", decision.link.as_deref().unwrap_or_default(), width);
    paragraph(&mut out, "From", &exception.place(), width);
    let covers = match entry.usage {
        Use::Covers => counted(entry.covers.len(), "finding"),
        Use::Unused => "no finding of the last run".to_owned(),
        Use::NotRun => "not known: its check did not run".to_owned(),
    };
    paragraph(&mut out, "Covers", &covers, width);
    returns(&exception.returns, &mut out, width, listed);
    let history_of = entry.decided.first().and_then(|f| state.data.ledger.history.get(f.as_str()));
    // What many findings have in common is the last of it.
    let past = if entry.decided.len() > 1 { 1 } else { usize::MAX };
    for past in history_of.into_iter().flatten().rev().take(past) {
        paragraph(&mut out, "History", &history(past), width);
    }
    out
}

/// The findings that count again without the exception.
fn returns(findings: &[Arc<Finding>], out: &mut Vec<Line>, width: usize, listed: usize) {
    if findings.is_empty() {
        return paragraph(out, "Dropping", "it brings nothing back", width);
    }
    let count = counted(findings.len(), "finding");
    paragraph(out, "Dropping", &format!("it brings {count} back"), width);
    let room = width.saturating_sub(LABEL + 2);
    for finding in findings.iter().take(listed) {
        let (mark, role) = sign::severity(finding.severity);
        let object = finding.object.as_ref();
        let object = object.map_or_else(|| "the cluster".to_owned(), ToString::to_string);
        let text = format!("{object}: {}", finding.message);
        let text = cut(&clean(&mask(&text)), room).into_owned();
        let indent = piece(" ".repeat(LABEL), Role::Column);
        out.push(vec![indent, piece(format!("{mark} "), role), piece(text, Role::Text)]);
    }
    if listed > 0 && findings.len() > listed {
        paragraph(out, "", &format!("and {} more", findings.len() - listed), width);
    }
}

/// What is said here, what there, and by whom.
pub(super) fn of_disagreement(data: &Data, differs: &Disagreement, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, &data.subject_of(differs), Role::Title, width);
    if let Some(place) = differs.place() {
        title(&mut out, &place, Role::Text, width);
    }
    out.push(Line::new());
    paragraph(&mut out, "Here", differs.ours.word(), width);
    let there = format!("{}, says {}", differs.theirs.word(), differs.tool.word());
    paragraph(&mut out, "There", &there, width);
    paragraph(&mut out, "Rule", &differs.rule, width);
    paragraph(&mut out, "Says", &differs.message, width);
    let age = match data.age_of(differs) {
        None => "of unknown age".to_owned(),
        Some(0) => "made today".to_owned(),
        Some(1) => "1 day old".to_owned(),
        Some(days) => format!("{days} days old"),
    };
    paragraph(&mut out, "From", &format!("{}, {age}", differs.origin), width);
    paragraph(&mut out, "Check", differs.check.as_deref().unwrap_or_default(), width);
    out
}
