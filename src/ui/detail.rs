//! What is said of one thing: beside a list on wide screens, over it on others.

mod compared;
mod controls;
mod finding;
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

pub(super) use controls::{about_control, of_check, of_control};
pub(super) use finding::of_finding;
pub(super) use fleet::of_fleet;
pub(super) use nothing::{Nothing, nothing};
pub(super) use strip::{WHY_AND_FIX, YAML, strip, whole_finding};
pub(super) use technique::{lacking, of_technique};
pub(super) use tenant::{about_tenant, of_tenant};

use crate::app::item::Item;
use crate::app::list::GroupKept;
use crate::app::state::State;
use crate::app::toast::ToastMessage;
use crate::config::theme::Role;
use crate::model::arriving::Arriving;
use crate::model::finding::Finding;
use crate::model::read::Read;
use crate::text::{clean, mask};

use super::paint::{Line, piece};
use super::sign;
use super::wrap::wrap;
use controls::of_framework;

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
fn kept(state: &State) -> Option<&GroupKept> {
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
    let age = read.age().map(|age| format!(", {age}")).unwrap_or_default();
    paragraph(&mut out, "Status", &format!("{}{age}", read.status.told()), width);
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

/// A message whole: what, why and what to do.
fn of_message(message: &ToastMessage, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    for (label, text) in ["Said", "Why", "Next"].into_iter().zip(&message.lines) {
        paragraph(&mut out, label, text, width);
    }
    out
}
