//! What is said of an object, a kind of objects, a theme, a reason why something is unknown, and of the
//! rows that hold others together.

use std::sync::Arc;

use crate::app::action::Action;
use crate::app::data::Data;
use crate::app::gaps::GapGroup;
use crate::app::item::Item;
use crate::app::live::dated;
use crate::app::problems::spelt;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::frameworks::Counts;
use crate::model::comparison::ChangeCounts;
use crate::model::inventory::Problem;
use crate::model::kinds::Kind;
use crate::model::node::Map;
use crate::model::object::Object;
use crate::model::severities::BySeverity;
use crate::text::{clean, counted, width as cells_of};

use super::super::paint::{Line, piece};
use super::super::{bar, sign};
use super::{LABEL, finding_line, kept, paragraph, title};

/// An object: what is found on it, or where that stands, who made it and what it is called by.
pub(super) fn of_object(data: &Data, object: &Object, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, &object.id.to_string(), Role::Title, width);
    out.push(Line::new());
    let maker = data.kept_at(object);
    if let Some(maker) = &maker {
        paragraph(&mut out, "Made by", &maker.to_string(), width);
    }
    paragraph(&mut out, "Phase", object.phase.as_deref().unwrap_or_default(), width);
    paragraph(&mut out, "Created", &dated(&object.created), width);
    let labels = object.body().at(&["metadata", "labels"]).and_then(|node| node.as_map());
    let labels: Vec<String> = labels
        .into_iter()
        .flat_map(Map::iter)
        .filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)))
        .collect();
    for (at, label) in labels.iter().enumerate() {
        paragraph(&mut out, if at == 0 { "Labels" } else { "" }, &short_label(label, width), width);
    }
    out.push(Line::new());
    let own = out.len();
    out.extend(data.of_object(&object.id).map(|finding| finding_line(finding)));
    if out.len() > own {
        return out;
    }
    let beside = maker.map(|maker| (data.of_object(&maker).count(), maker));
    let text = match (&data.result, beside) {
        (None, _) => "No checks have run yet.".to_owned(),
        (Some(_), Some((found, maker))) if found > 0 => {
            let found = counted(found, "finding");
            format!("Nothing stands here: what is wrong is mended at {maker}, which has {found}.")
        }
        (Some(_), _) => "No finding here.".to_owned(),
    };
    title(&mut out, &text, Role::Dim, width);
    out
}

/// A label in one line: where there is no room for it, its prefix says least.
fn short_label(label: &str, width: usize) -> String {
    match label.split_once('/') {
        Some((_, rest)) if cells_of(label) > width.saturating_sub(LABEL) => format!("…/{rest}"),
        _ => label.to_owned(),
    }
}

/// A kind: how it was read, and what is found on its objects.
pub(super) fn of_kind(state: &State, kind: &Kind, found: &BySeverity, width: usize) -> Vec<Line> {
    let data = &state.data;
    let mut out = Vec::new();
    title(&mut out, &kind.to_string(), Role::Title, width);
    out.push(Line::new());
    for read in data.inventory.reads.iter().filter(|read| read.kind.as_ref() == Some(kind)) {
        let place = read.namespace.as_deref().map(|name| format!(" in {name}")).unwrap_or_default();
        let why = read.message.as_deref().map(|text| format!(": {text}")).unwrap_or_default();
        paragraph(&mut out, "Read", &format!("{}{place}{why}", read.status.told()), width);
    }
    if data.result.is_none() {
        paragraph(&mut out, "Findings", "No checks have run yet.", width);
        return out;
    }
    let mut reads = data.inventory.reads.iter().filter(|read| read.kind.as_ref() == Some(kind));
    let unread = found.total() == 0 && reads.any(|read| !read.status.proves_absence());
    if unread {
        let key = state.keymap.told(Action::Coverage);
        let text = format!(
            "Not known: what was not read cannot be assessed. {key} shows what each check misses."
        );
        paragraph(&mut out, "Findings", &text, width);
        return out;
    }
    tally(*found, &mut out, width);
    if data.borrows(kind) {
        let text = "Findings of a workload stand at what it made, too.";
        paragraph(&mut out, "Mind", text, width);
    }
    out.push(Line::new());
    let worst = data.index.findings.iter().filter(|finding| {
        let object = finding.object.as_ref();
        object.is_some_and(|id| *id.kind == *kind.kind && id.group_kind() == *kind)
    });
    // What many objects have alike is said once.
    let mut lines: Vec<(Line, usize)> = Vec::new();
    for finding in worst {
        let line = finding_line(finding);
        if let Some((_, count)) = lines.iter_mut().find(|(known, _)| *known == line) {
            *count += 1;
        } else if lines.len() < LISTED {
            lines.push((line, 1));
        } else {
            break;
        }
    }
    for (mut line, count) in lines {
        if count > 1 {
            line.insert(1, piece(format!("{count} × "), Role::Dim));
        }
        out.push(line);
    }
    out
}

/// How many of the worst findings are named.
const LISTED: usize = 12;

/// Findings that have something in common, those that a filter leaves where one is in force, and what keys do
/// to all of them.
pub(super) fn of_group(
    state: &State,
    label: &str,
    (found, changes): (&BySeverity, Option<&ChangeCounts>),
    width: usize,
) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, label, Role::Title, width);
    out.push(Line::new());
    let left = kept(state);
    tally(left.map_or(*found, |left| left.tally), &mut out, width);
    paragraph(&mut out, "Changes", &changes.map(ChangeCounts::words).unwrap_or_default(), width);
    let hidden = left.filter(|left| left.rows < left.of);
    let told = hidden.map(|left| format!("{} of {} are left", left.rows, left.of));
    paragraph(&mut out, "Filter", &told.unwrap_or_default(), width);
    let key = |action: Action| state.keymap.told(action);
    let can = |action: Action| state.unavailable(action).is_none();
    let mut acts = String::new();
    if can(Action::Decide) {
        let keys = [Action::Decide, Action::Accept, Action::FalsePositive].map(key).join(", ");
        let which = if hidden.is_some() { "those that the filter leaves" } else { "all of them" };
        acts = format!("{keys} decide about {which}. ");
    }
    if can(Action::Preview) {
        acts.push_str(&format!("{} previews their patches.", key(Action::Preview)));
    }
    if !acts.is_empty() {
        out.push(Line::new());
        title(&mut out, acts.trim_end(), Role::Dim, width);
    }
    out
}

/// A theme of checks.
pub(super) fn of_theme(data: &Data, name: &str, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, name, Role::Title, width);
    out.push(Line::new());
    tally(data.index.themes.get(name).copied().unwrap_or_default(), &mut out, width);
    out
}

/// A part of a framework.
pub(super) fn of_part(
    data: &Data,
    framework: &str,
    (name, counts): (&str, &Counts),
    width: usize,
) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, name, Role::Title, width);
    out.push(Line::new());
    if let Some(why) = data.why_not_judged(framework) {
        paragraph(&mut out, "Not", &format!("judged: {why}"), width);
        return out;
    }
    let matrix = data.framework(framework).is_some_and(|f| f.is_matrix());
    let c = counts;
    let parts: &[(usize, &str, Role)] = &if matrix {
        [
            (c.exposed, "exposed", Role::Fail),
            (c.mitigated, "mitigated", Role::Pass),
            (c.not_assessed, "not assessed", Role::Unknown),
            (c.not_applicable, "not applicable", Role::NotApplicable),
            (0, "", Role::Text),
            (0, "", Role::Text),
        ]
    } else {
        [
            (c.fail, "fail", Role::Fail),
            (c.not_assessed, "not assessed", Role::Unknown),
            (c.manual, "manual", Role::Manual),
            (c.accepted, "accepted", Role::Accepted),
            (c.pass, "pass", Role::Pass),
            (c.not_applicable, "not applicable", Role::NotApplicable),
        ]
    };
    if !matrix {
        let mut line = vec![piece(format!("{:LABEL$}", "Score"), Role::Column)];
        line.push(piece(bar::interval(c.score()), Role::Text));
        out.push(line);
    }
    let mut label = "Controls";
    for (count, word, role) in parts.iter().filter(|(count, ..)| *count > 0) {
        let head = piece(format!("{label:LABEL$}"), Role::Column);
        out.push(vec![head, piece(format!("{count:>4} {word}"), *role)]);
        label = "";
    }
    out
}

/// How many findings there are of each severity, in a line each.
fn tally(found: BySeverity, out: &mut Vec<Line>, width: usize) {
    if found.total() == 0 {
        return paragraph(out, "Findings", "none that count", width);
    }
    let mut label = "Findings";
    for (severity, count) in found.each().filter(|(_, count)| *count > 0) {
        let (mark, role) = sign::severity(severity);
        let text = format!("{count:>4} {mark} {}", severity.word());
        out.push(vec![piece(format!("{label:LABEL$}"), Role::Column), piece(text, role)]);
        label = "";
    }
}

/// Most things that are wrong with a file that are told at once.
const WRONG: usize = 5;

/// Where something is wrong, and what.
fn wrong(problem: &Problem) -> String {
    format!("{}: {}", spelt(problem), problem.message)
}

/// What is wrong with a document: what rests on it, and what to do.
pub(super) fn of_problem(state: &State, problem: &Problem, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, &spelt(problem), Role::Title, width);
    out.push(Line::new());
    paragraph(&mut out, "Wrong", &problem.message, width);
    let lost = state.data.is_lost(problem);
    let means = if lost {
        "Not all of the file is assessed: no control passes because of what is not there."
    } else {
        "It is not taken for an object, and nothing rests on it."
    };
    paragraph(&mut out, "Means", means, width);
    if problem.file.is_some() {
        let open = state.keymap.told(Action::Open);
        let there = state.place_to_mend(&Item::Problem(Arc::new(problem.clone())));
        let opens = there.map(|_| format!(" {open} opens it there.")).unwrap_or_default();
        let next = format!("{}{opens}", state.told_to_mend(problem, ""));
        paragraph(&mut out, "To do", &next, width);
    }
    out
}

/// What is said of a reason beyond itself, and what to do about it.
pub(super) fn why_gap(state: &State, gap: &GapGroup, out: &mut Vec<Line>, width: usize) {
    let (why, next) = state.about_gap(gap);
    paragraph(out, "Why", why.unwrap_or_default(), width);
    let mut problems = state.data.problems_in(&gap.missing.read);
    let mut label = "Wrong";
    for problem in problems.by_ref().take(WRONG) {
        paragraph(out, label, &wrong(problem), width);
        label = "";
    }
    let more = problems.count();
    let more = if more > 0 { format!("and {more} more") } else { String::new() };
    paragraph(out, "", &more, width);
    paragraph(out, "To do", &next.unwrap_or_default(), width);
}

/// A reason why something is unknown: the controls that rest on it, framework by framework, and the checks.
pub(super) fn of_gap(state: &State, gap: &GapGroup, width: usize) -> Vec<Line> {
    let data = &state.data;
    let mut out = Vec::new();
    let reason = if gap.each.is_empty() {
        gap.missing.reason.clone()
    } else {
        // A star for what differs: `…` says of a line that it was cut.
        gap.missing.reason.replace('…', "*")
    };
    title(&mut out, &reason, Role::Title, width);
    out.push(Line::new());
    why_gap(state, gap, &mut out, width);
    if !gap.each.is_empty() {
        let open = state.keymap.told(Action::Open);
        let text = format!("{}; {open} lists them", gap.each.len());
        paragraph(&mut out, "Number", &text, width);
    }
    if out.last().is_some_and(|line| !line.is_empty()) {
        out.push(Line::new());
    }
    let mut label = "Controls";
    for part in gap.controls.chunk_by(|a, b| a.framework == b.framework) {
        let Some(first) = part.first() else { continue };
        let numbers: Vec<&str> = part.iter().map(|control| &*control.control).collect();
        let short = clean(data.short(&first.framework)).into_owned();
        let head = piece(format!("{label:LABEL$}"), Role::Column);
        let text = format!("{short}, {}", part.len());
        out.push(vec![head, piece(text, Role::Text)]);
        paragraph(&mut out, "", &numbers.join("  "), width);
        label = "";
    }
    if gap.controls.is_empty() {
        paragraph(&mut out, label, "none is decided by these checks", width);
    }
    out.push(Line::new());
    let names: Vec<&str> = gap.checks.iter().map(|id| data.check_title(id)).collect();
    let mut label = "Checks";
    for name in names {
        paragraph(&mut out, label, name, width);
        label = "";
    }
    out
}
