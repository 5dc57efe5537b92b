//! What stands in the columns of a row.

mod compared;
mod controls;
mod fleet;
mod foreseen;
mod found;
mod objects;
mod review;
mod start;
mod tenant;

pub(in crate::ui) use compared::scored;
pub(in crate::ui) use fleet::{badge, phase};
pub(in crate::ui) use tenant::verdict;

use crate::app::data::Data;
use crate::app::item::Item;
use crate::app::list::{GroupKept, List, Row};
use crate::app::live::moment;
use crate::app::state::State;
use crate::app::toast::{ToastMessage, ToastTone};
use crate::config::theme::Role;
use crate::model::finding::Severity;
use crate::model::object::ObjectRef;
use crate::model::severities::BySeverity;
use crate::text::clean;

use super::super::chrome::sentence;
use super::super::paint::piece;
use super::super::sign;
use super::columns::severities;
use super::{ColumnText, InCommon};
use found::{cause_cells, found, group_cells, mend_cells};
use objects::{arriving, gap_cells, kept, kind_cells, of_object, problem_cells, read_cells};
use start::{context, session};

fn plain(text: impl AsRef<str>) -> ColumnText {
    vec![piece(clean(text.as_ref()).into_owned(), Role::Text)]
}

fn dim(text: impl AsRef<str>) -> ColumnText {
    vec![piece(clean(text.as_ref()).into_owned(), Role::Dim)]
}

/// A count that draws the eye only where there is something.
fn count(count: usize, role: Role) -> ColumnText {
    vec![piece(count.to_string(), if count == 0 { Role::Dim } else { role })]
}

fn severity(severity: Severity, wide: bool) -> ColumnText {
    let (sign, role) = sign::severity(severity);
    let text = if wide { format!("{sign} {}", severity.word()) } else { sign.to_owned() };
    vec![piece(text, role)]
}

/// The cells of a row, one for each of its columns.
pub(in crate::ui) fn cells(
    state: &State,
    row: &Row,
    list: &List,
    (common, width): (InCommon, u16),
) -> Vec<ColumnText> {
    let data = &state.data;
    // What the filter leaves of a group.
    let sifted = list.kept(row.id);
    let left = || sifted.and_then(GroupKept::words);
    match &row.item {
        // Grids are drawn by screens of their own.
        Item::Heading(_) | Item::Text(_) | Item::Tactic { .. } => Vec::new(),
        Item::Technique(cell) => vec![plain(format!("{} {}", cell.id, cell.title))],
        Item::Heat(row) => vec![plain(&*row.namespace)],
        Item::Cluster(_) | Item::Difference(_) => fleet::cells(state, &row.item, width),
        Item::Tenant(card) => tenant::card(card, width),
        Item::TenantScore(card, at) => tenant::score(card, *at, width),
        Item::NewSession => vec![plain("A new session")],
        Item::Demo => vec![plain("Demo: look at the cluster built into the program")],
        Item::Session(info) => session(state, info, width),
        Item::Context(info) => context(info, width),
        Item::Framework(id) => controls::framework(data, id, width),
        Item::Part { framework, name, counts } => {
            let left = left().map(|left| format!("{name}  {left}"));
            let name = left.as_deref().unwrap_or(name);
            controls::part(data, framework, (name, counts), list.is_folded(row.id), width)
        }
        Item::Control { framework, id, at, judged } => {
            controls::control(data, framework, id, (*at, *judged), width)
        }
        Item::ControlRef(control) => controls::control_ref(data, control, width),
        Item::Question(control) => controls::question(data, control, width),
        Item::Exception(exception) => review::exception(exception, width),
        Item::Disagreement(differs) => review::disagreement(data, differs, width),
        Item::Check { id, serves } => controls::check(data, id, serves.as_ref(), width),
        Item::Finding(finding) => found(state, finding, common, width),
        Item::Compared(one) => compared::finding(one, common, width),
        Item::FrameworkShift(shift) => compared::framework(data, shift, width),
        Item::ControlShift(shift) => compared::control(data, shift, width),
        Item::Foreseen(seen) => foreseen::finding(state, seen, common, width),
        Item::ControlMove(moved) => foreseen::control(data, moved, width),
        Item::Group { label, tally, changes } => {
            group_cells((label, tally, changes.as_ref()), sifted, list.is_folded(row.id), width)
        }
        Item::Cause(cause) => cause_cells(cause, sifted, list.is_folded(row.id), width),
        Item::Kind(kind, tally) => kind_cells(data, kind, tally, width),
        Item::Object(object) => of_object(data, object, width),
        Item::Kept { owner, count } => vec![kept(owner, *count)],
        Item::Arriving(name, _) => arriving(name),
        Item::Namespace(name) => {
            let label = if name.is_empty() { "cluster-wide" } else { name };
            let mut cells = vec![plain(label)];
            push_tally(&mut cells, data.index.namespaces.get(name), data, width);
            cells
        }
        Item::Theme(name) => {
            let mut cells = vec![plain(&**name)];
            push_tally(&mut cells, data.index.themes.get(name), data, width);
            cells
        }
        Item::Read(read) => read_cells(read, width),
        Item::Gap(gap) => gap_cells(gap, width),
        Item::Problem(problem) => problem_cells(data, problem, width),
        Item::Mend(mend) => mend_cells(data, mend, width),
        Item::Message(_, message) => said(state, message),
        other => super::related::cells(other, width),
    }
}

fn said(state: &State, message: &ToastMessage) -> Vec<ColumnText> {
    let (mark, role) = match message.tone {
        ToastTone::Done => ("✔", Role::Pass),
        ToastTone::Hint => ("·", Role::Dim),
        ToastTone::Error => ("✖", Role::Fail),
    };
    // The same on every day would be no answer to when it was.
    let moment = moment(message.unix);
    let (day, time) = moment.split_once(' ').unwrap_or(("", &moment));
    let when = if day == state.data.today { time } else { day.get(5..).unwrap_or(day) };
    vec![dim(when), vec![piece(mark, role)], plain(sentence(&message.lines))]
}

/// An object in few cells: `pay/web`. Its kind stands in a column of its own, or nowhere.
fn object(id: Option<&ObjectRef>) -> ColumnText {
    let Some(id) = id else { return plain("the cluster") };
    let place = id.namespace.as_deref().map_or(String::new(), |ns| format!("{ns}/"));
    plain(format!("{place}{}", id.name))
}

/// What is found; before any run that is not nothing, but not known.
fn push_tally(cells: &mut Vec<ColumnText>, tally: Option<&BySeverity>, data: &Data, width: u16) {
    let found = tally.copied().unwrap_or_default();
    let run = data.result.is_some();
    for severity in Severity::ALL.into_iter().take(severities(width)) {
        let counted = || count(found.of(severity), sign::severity(severity).1);
        cells.push(if run { counted() } else { dim("–") });
    }
}
