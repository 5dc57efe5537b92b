//! What is said of one thing: beside a list on wide screens, over it on others.

mod compared;
mod fleet;
mod keeper;
mod nothing;
mod objects;
pub(super) mod patch;
pub(super) mod related;
pub(super) mod review;
mod session;
mod strip;
mod technique;
mod tenant;

pub(super) use fleet::of_fleet;
pub(super) use nothing::nothing;
pub(super) use strip::{WHY_AND_FIX, YAML, strip};
pub(super) use technique::{lacking, of_technique};
pub(super) use tenant::{about_tenant, of_tenant};

use crate::app::data::Data;
use crate::app::item::{ControlRef, Item};
use crate::app::list::Kept;
use crate::app::live::dated;
use crate::app::state::State;
use crate::app::toast::Message;
use crate::config::theme::Role;
use crate::frameworks::{Control, ControlResult, Status};
use crate::model::arriving::Arriving;
use crate::model::decision::{DecisionState, Origin as Source, Past};
use crate::model::finding::{Finding, Origin};
use crate::model::history::Line as Seen;
use crate::model::read::Read;
use crate::text::{clean, counted, mask};

use super::paint::{Line, piece};
use super::wrap::wrap;
use super::{bar, sign};

/// A control, and what is said of it.
type Found<'a> = Option<(&'a Control, Option<&'a ControlResult>)>;

/// Width of the words in front of paragraphs.
const LABEL: usize = 9;

/// Adds a paragraph with a word in front, if there is anything to say.
fn paragraph(out: &mut Vec<Line>, label: &str, text: &str, width: usize) {
    let text = clean(&mask(text)).into_owned();
    for (at, line) in wrap(&text, width.saturating_sub(LABEL)).into_iter().enumerate() {
        let label = if at == 0 { label } else { "" };
        out.push(vec![piece(format!("{label:LABEL$}"), Role::Column), piece(line, Role::Text)]);
    }
}

fn title(out: &mut Vec<Line>, text: &str, role: Role, width: usize) {
    for line in wrap(&clean(text), width) {
        out.push(vec![piece(line, role)]);
    }
}

/// What is said of a row; nothing for rows that say it all themselves.
pub(super) fn of_item(state: &State, item: &Item, width: usize) -> Vec<Line> {
    match item {
        Item::Finding(finding) => of_finding(state, finding, width),
        Item::Mend(mend) => of_finding(state, &mend.worst, width),
        Item::Compared(_) | Item::FrameworkShift(_) | Item::ControlShift(_) => {
            compared::of_item(state, item, width)
        }
        Item::Foreseen(foreseen) => {
            let mut out = Vec::new();
            paragraph(&mut out, "Then", foreseen.fate.word(), width);
            paragraph(&mut out, "Because", &foreseen.remark, width);
            out.push(Line::new());
            out.extend(of_finding(state, &foreseen.finding, width));
            out
        }
        Item::Control { framework, id, .. } => {
            let found = state.data.control_here(framework, id);
            of_control(&state.data, framework, found, width)
        }
        Item::ControlRef(control) | Item::Question(control) => {
            let found = state.data.control(&control.framework, &control.control);
            of_control(&state.data, &control.framework, found, width)
        }
        Item::Technique(cell) => of_technique(state, cell, width),
        Item::Cluster(_) | Item::Difference(_) => of_fleet(state, item, width),
        Item::Tenant(card) => of_tenant(&state.data, &card.profile, width),
        Item::Exception(exception) => review::of_exception(state, exception, width),
        Item::Disagreement(differs) => review::of_disagreement(&state.data, differs, width),
        Item::Check { id, .. } => of_check(&state.data, id, width),
        Item::Framework(id) => of_framework(&state.data, id, width),
        Item::Gap(gap) => objects::of_gap(state, gap, width),
        Item::Problem(problem) => objects::of_problem(state, problem, width),
        Item::Read(read) => of_read(read, width),
        Item::Object(object) => objects::of_object(&state.data, object, width),
        Item::Kind(kind, tally) => objects::of_kind(state, kind, tally, width),
        Item::Theme(name) => objects::of_theme(&state.data, name, width),
        Item::Group { label, tally, changes } => {
            objects::of_group(state, label, (tally, changes.as_ref()), width)
        }
        Item::Cause(cause) => {
            objects::of_group(state, &cause.place.name(), (&cause.tally, None), width)
        }
        Item::Part { framework, name, counts } => {
            objects::of_part(&state.data, framework, (name, counts), width)
        }
        Item::Arriving(name, _) => arriving(name, width),
        Item::Message(_, message) => of_message(message, width),
        Item::Session(info) => session::of_session(state, info, width),
        Item::NewSession => session::of_new(width),
        other => related::of_item(state, other, width),
    }
}

/// What a filter leaves of the group under the cursor.
fn kept(state: &State) -> Option<&Kept> {
    let list = &state.nav.top().list;
    list.kept(list.current()?.id)
}

/// Why something is unknown, above what rests on it.
pub(super) fn about_gap(state: &State, reason: &str, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    for (at, line) in wrap(&clean(reason), width.saturating_sub(2)).into_iter().enumerate() {
        let sign = if at == 0 { "? " } else { "  " };
        out.push(vec![piece(sign, Role::Unknown), piece(line, Role::Title)]);
    }
    if let Some(gap) = state.data.gap(reason) {
        objects::why_gap(state, gap, &mut out, width);
    }
    out
}

fn of_read(read: &Read, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, &read.resource, Role::Title, width);
    out.push(Line::new());
    paragraph(&mut out, "Status", &read.status.told(), width);
    paragraph(&mut out, "Where", read.namespace.as_deref().unwrap_or("the cluster"), width);
    // What was not read has no number.
    let items = match (read.items, read.status.proves_absence()) {
        (0, false) => format!("? {}", read.status.told()),
        (items, _) => items.to_string(),
    };
    paragraph(&mut out, "Objects", &items, width);
    paragraph(&mut out, "Message", read.message.as_deref().unwrap_or_default(), width);
    out
}

fn arriving(name: &Arriving, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, &name.name, Role::Title, width);
    out.push(Line::new());
    let namespace = name.namespace.as_deref().unwrap_or("known when it is read");
    paragraph(&mut out, "Namespace", namespace, width);
    paragraph(&mut out, "State", &name.state, width);
    let text = "It is named already, but not read: nothing is judged before it is.";
    paragraph(&mut out, "Loading", text, width);
    out
}

fn finding_line(finding: &Finding) -> Line {
    let (mark, role) = sign::severity(finding.severity);
    let text = clean(&mask(&finding.message)).into_owned();
    vec![piece(format!("{mark} "), role), piece(text, Role::Text)]
}

/// Everything about a finding: what is wrong, why, how to mend it, what it touches, what was
/// decided.
pub(super) fn of_finding(state: &State, finding: &Finding, width: usize) -> Vec<Line> {
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
fn since(line: &Seen) -> String {
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
        let (mark, _, role) = sign::standing(data, framework, &control.control, status);
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
        Some(Origin::Both) => text.push_str("; template and live pods"),
        Some(Origin::Template) => text.push_str("; only the template"),
        Some(Origin::Live) => text.push_str("; only live pods: changed by admission or by hand"),
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
    let (_, word, role) = sign::decision(in_force);
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
        if decision.origin != Source::Session {
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
fn history(past: &Past) -> String {
    let day = dated(&past.time);
    let state = past.after.as_ref().map_or(DecisionState::Open, |decision| decision.state);
    let (_, word, _) = sign::decision(state);
    let verb = if past.undone { " taken back, so " } else { " " };
    let reason = past.after.as_ref().and_then(|d| d.reason.as_deref());
    let reason = reason.map(|text| format!(": {text}")).unwrap_or_default();
    format!("{day} {}{verb}{word}{reason}", past.by)
}

/// A message whole: what, why and what to do.
fn of_message(message: &Message, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    for (label, text) in ["Said", "Why", "Next"].into_iter().zip(&message.lines) {
        paragraph(&mut out, label, text, width);
    }
    out
}

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
pub(super) fn of_control(
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
pub(super) fn about_control(
    data: &Data,
    framework: &str,
    found: Found<'_>,
    width: usize,
) -> Vec<Line> {
    let Some((control, judged)) = found else { return Vec::new() };
    let mut out = Vec::new();
    title(&mut out, &format!("{} {}", control.id, control.title), Role::Title, width);
    let (mark, word, role) = sign::standing(data, framework, &control.id, judged.map(|j| j.status));
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
pub(super) fn of_check(data: &Data, id: &str, width: usize) -> Vec<Line> {
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

fn of_framework(data: &Data, id: &str, width: usize) -> Vec<Line> {
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
