//! What is said of a finding: what is wrong, why, how to mend it, and what was decided.

use crate::app::data::Data;
use crate::app::item::ControlRef;
use crate::app::live::dated;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::model::decision::{DecisionOrigin, DecisionState, PastDecision};
use crate::model::finding::{Finding, FindingOrigin};
use crate::model::history::FindingSpan;
use crate::text::{clean, counted, mask};

use super::super::paint::{Line, piece};
use super::super::sign;
use super::{LABEL, keeper, paragraph, patch, title};

/// Everything about a finding: what is wrong, why, how to mend it, what it touches, what was
/// decided.
pub(in crate::ui) fn of_finding(state: &State, finding: &Finding, width: usize) -> Vec<Line> {
    let data = &state.data;
    let mut out = Vec::new();
    let (mark, role) = sign::severity(finding.severity);
    let head = format!("{mark} {}  {}", finding.severity, data.check_title(&finding.check));
    title(&mut out, &head, role, width);
    title(&mut out, &mask(&finding.message), Role::Text, width);
    out.push(Line::new());
    if let Some(gone) = data.departed(&finding.fingerprint) {
        paragraph(&mut out, "Gone", &format!("{}, UTC", gone.words()), width);
    }
    if let Some(flip) = data.live.on_finding(&finding.fingerprint) {
        paragraph(&mut out, "Now", &format!("{} in the cluster", flip.word()), width);
    }
    paragraph(&mut out, "Where", &place(finding), width);
    if let Some(note) = &finding.note {
        paragraph(&mut out, "Note", note, width);
    }
    decision(state, finding, &mut out, width);
    if let Some(check) = data.check(&finding.check) {
        paragraph(&mut out, "Why", &check.explain.why, width);
        paragraph(&mut out, "Fix", &check.explain.fix, width);
    }
    patch::of_finding(state, finding, &mut out, width);
    keeper::of_finding(state, finding, &mut out, width);
    let controls = data.index.serves.get(&finding.check).map(Vec::as_slice).unwrap_or_default();
    touched(data, controls, &mut out, width);
    if let Some(line) = data.result.as_ref().and_then(|r| r.history.lines.get(&finding.fingerprint))
    {
        paragraph(&mut out, "Since", &since(line), width);
    }
    out.push(Line::new());
    for reference in
        data.check(&finding.check).map(|c| c.explain.references.as_slice()).unwrap_or_default()
    {
        paragraph(&mut out, "Read on", reference, width);
    }
    paragraph(&mut out, "Check", &finding.check, width);
    out
}

/// The day since when a finding is known to be there.
fn since(line: &FindingSpan) -> String {
    let day = line.since.get(..10).unwrap_or(&line.since);
    match &line.before {
        Some(_) => day.to_owned(),
        None => format!("{day} or longer: no run before looked and did not find it"),
    }
}

/// The controls that a check serves, framework by framework, each with its status.
fn touched(data: &Data, controls: &[ControlRef], out: &mut Vec<Line>, width: usize) {
    let mut framework = "";
    let mut room = 0;
    for (at, control) in controls.iter().enumerate() {
        if *control.framework != *framework {
            framework = &control.framework;
            let label = if at == 0 { "Controls" } else { "" };
            let label = piece(format!("{label:LABEL$}"), Role::Column);
            let short = clean(data.short(framework)).into_owned();
            room = width.saturating_sub(LABEL + short.chars().count());
            out.push(vec![label, piece(short, Role::Text)]);
        }
        let status = data.control(&control.framework, &control.control).and_then(|(_, r)| r);
        let status = status.map(|r| r.status);
        let sign::Sign { mark, role, .. } =
            sign::standing(data, framework, &control.control, status);
        let text = format!(" {}", control.control);
        let needs = text.chars().count() + 3;
        if needs > room {
            out.push(vec![piece(format!("{:1$}", "", LABEL + 1), Role::Column)]);
            room = width.saturating_sub(LABEL + 1);
        }
        room = room.saturating_sub(needs);
        // What only supports a control stands back.
        let weight = if control.decides() { Role::Text } else { Role::Dim };
        if let Some(line) = out.last_mut() {
            line.extend([piece(format!("  {mark}"), role), piece(text, weight)]);
        }
    }
}

/// The field, the container, how often and where it was seen.
fn place(finding: &Finding) -> String {
    let mut text = finding.path.to_string();
    if finding.missing {
        text.push_str(" (not set)");
    }
    if let Some(container) = &finding.container {
        text = format!("container {container}, {text}");
    }
    if let (Some(file), Some(line)) = (&finding.file, finding.line) {
        text = format!("{file}:{line}, {text}");
    }
    match finding.origin {
        Some(FindingOrigin::Both) => text.push_str("; template and live pods"),
        Some(FindingOrigin::Template) => text.push_str("; only the template"),
        Some(FindingOrigin::Live) => {
            text.push_str("; only live pods: changed by admission or by hand");
        }
        None => {}
    }
    if finding.instances > 0 {
        text = format!("{text}; {}", counted(finding.instances, "pod"));
    }
    if finding.stale > 0 {
        text = format!("{text}, {} of an older revision", finding.stale);
    }
    if finding.platform {
        text.push_str("; part of the platform");
    }
    text
}

fn decision(state: &State, finding: &Finding, out: &mut Vec<Line>, width: usize) {
    let in_force = state.decision(finding);
    let sign::Sign { word, role, .. } = sign::decision(in_force);
    let stored = state.data.ledger.decision(&finding.fingerprint);
    let mut line = vec![piece(format!("{:LABEL$}", "Triage"), Role::Column), piece(word, role)];
    if let Some(decision) = stored {
        let expired = in_force == DecisionState::Open && decision.state == DecisionState::Accepted;
        if let Some(day) = &decision.expires {
            let text =
                if expired { format!("; accepted until {day}") } else { format!(" until {day}") };
            line.push(piece(text, Role::Text));
        }
    }
    out.push(line);
    if let Some(decision) = stored {
        paragraph(out, "Reason", decision.reason.as_deref().unwrap_or_default(), width);
        paragraph(out, "By", decision.approver.as_deref().unwrap_or_default(), width);
        paragraph(out, "Ticket", decision.link.as_deref().unwrap_or_default(), width);
        if decision.origin != DecisionOrigin::Session {
            paragraph(out, "From", &decision.origin.describe(), width);
        }
    }
    for past in
        state.data.ledger.history.get(finding.fingerprint.as_str()).into_iter().flatten().rev()
    {
        paragraph(out, "History", &history(past), width);
    }
    for note in state.data.notes.get(&finding.fingerprint).into_iter().flatten() {
        paragraph(out, "Note", note, width);
    }
}

/// One change of a decision, in a line.
pub(super) fn history(past: &PastDecision) -> String {
    let day = dated(&past.time);
    let state = past.after.as_ref().map_or(DecisionState::Open, |decision| decision.state);
    let word = sign::decision(state).word;
    let verb = if past.undone { " taken back, so " } else { " " };
    let reason = past.after.as_ref().and_then(|d| d.reason.as_deref());
    let reason = reason.map(|text| format!(": {text}")).unwrap_or_default();
    format!("{day} {}{verb}{word}{reason}", past.by)
}
