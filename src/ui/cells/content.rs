//! What stands in the columns of a row.

mod compared;
mod controls;
mod fleet;
mod foreseen;
mod review;
mod tenant;

pub(in crate::ui) use compared::scored;
pub(in crate::ui) use fleet::{badge, phase};
pub(in crate::ui) use tenant::verdict;

use crate::app::cause::{Cause, Counted, patched, patches};
use crate::app::data::Data;
use crate::app::event::{ContextInfo, SessionInfo};
use crate::app::gaps::GapGroup;
use crate::app::item::{Item, Mend};
use crate::app::list::{Kept, List, Row};
use crate::app::live::moment;
use crate::app::problems::spelt;
use crate::app::state::State;
use crate::app::toast::{Message, Tone};
use crate::config::theme::Role;
use crate::model::arriving::Arriving;
use crate::model::comparison::Counts as Changes;
use crate::model::finding::{Finding, Form, Severity};
use crate::model::inventory::Problem;
use crate::model::kinds::Kind;
use crate::model::object::{Object, ObjectRef};
use crate::model::read::Read;
use crate::model::session_id::short;
use crate::model::severities::BySeverity;
use crate::text::{clean, counted, mask, noun};

use super::super::chrome::{age, sentence};
use super::super::paint::piece;
use super::super::sign;
use super::columns::{
    BEGUN, CLEARS, CLUSTER, IN_FULL, KIND, SESSION_ID, SPELT, TWICE, severities, severity_from,
};
use super::{Cell, Common};

fn plain(text: impl AsRef<str>) -> Cell {
    vec![piece(clean(text.as_ref()).into_owned(), Role::Text)]
}

fn dim(text: impl AsRef<str>) -> Cell {
    vec![piece(clean(text.as_ref()).into_owned(), Role::Dim)]
}

/// A count that draws the eye only where there is something.
fn count(count: usize, role: Role) -> Cell {
    vec![piece(count.to_string(), if count == 0 { Role::Dim } else { role })]
}

fn severity(severity: Severity, wide: bool) -> Cell {
    let (sign, role) = sign::severity(severity);
    let text = if wide { format!("{sign} {}", severity.word()) } else { sign.to_owned() };
    vec![piece(text, role)]
}

fn of_object(data: &Data, object: &Object, width: u16) -> Vec<Cell> {
    let mut name = plain(&*object.id.name);
    if let Some(flip) = data.live.on_object(&object.id) {
        name.push(piece(format!("  {}", flip.word()), sign::flip(flip).1));
    }
    let (tally, owner) = data.tally_of(object);
    let Some(owner) = owner.filter(|_| tally.is_some()) else {
        let mut cells = vec![dim(object.namespace()), name];
        push_tally(&mut cells, tally, data, width);
        return cells;
    };
    // They stand back, and the name says whose they are.
    name.push(piece(format!("  of {}/{}", owner.kind, clean(&owner.name)), Role::Dim));
    let mut cells = vec![dim(object.namespace()), name];
    let own = cells.len();
    push_tally(&mut cells, tally, data, width);
    for (_, role) in cells.iter_mut().skip(own).flatten() {
        *role = Role::Dim;
    }
    cells
}

/// Where the findings of an object stand that another one made, with how many there are.
fn kept(owner: &ObjectRef, count: usize) -> Cell {
    // It is of the same namespace.
    let text = format!("{}, kept at {}/{}", counted(count, "finding"), owner.kind, owner.name);
    vec![piece(clean(&text).into_owned(), Role::Text), piece(" ⏎", Role::Accent)]
}

/// The cells of a row, one for each of its columns.
pub(in crate::ui) fn cells(
    state: &State,
    row: &Row,
    list: &List,
    (common, width): (Common, u16),
) -> Vec<Cell> {
    let data = &state.data;
    // What the filter leaves of a group.
    let sifted = list.kept(row.id);
    let left = || sifted.and_then(Kept::words);
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

/// A row of what is not read yet.
fn arriving(name: &Arriving) -> Vec<Cell> {
    let mut text = format!("{}  loading", name.name);
    if !name.state.is_empty() {
        text = format!("{text}: {}", name.state);
    }
    vec![dim(name.namespace.as_deref().unwrap_or("?")), dim(text)]
}

fn context(info: &ContextInfo, width: u16) -> Vec<Cell> {
    let mut cells = vec![plain(&info.name)];
    if width >= 60 {
        cells.push(dim(&info.server));
    }
    cells.push(dim(if info.current { "current" } else { "" }));
    cells
}

fn gap_cells(gap: &GapGroup, width: u16) -> Vec<Cell> {
    let reason = match gap.each.len() {
        0 => plain(gap.told()),
        many => {
            // A star for what differs: at the end of a line `…` says that it was cut.
            let reason = clean(&gap.missing.reason).replace('…', "*");
            vec![piece(format!("{many} × "), Role::Dim), piece(reason, Role::Text)]
        }
    };
    let mut cells = vec![vec![piece("?", Role::Unknown)], reason];
    if width >= 60 {
        cells.push(count(gap.checks.len(), Role::Text));
    }
    cells.push(count(gap.controls.len(), Role::Text));
    cells
}

fn said(state: &State, message: &Message) -> Vec<Cell> {
    let (mark, role) = match message.tone {
        Tone::Done => ("✔", Role::Pass),
        Tone::Hint => ("·", Role::Dim),
        Tone::Error => ("✖", Role::Fail),
    };
    // The same on every day would be no answer to when it was.
    let moment = moment(message.unix);
    let (day, time) = moment.split_once(' ').unwrap_or(("", &moment));
    let when = if day == state.data.today { time } else { day.get(5..).unwrap_or(day) };
    vec![dim(when), vec![piece(mark, role)], plain(sentence(&message.lines))]
}

fn session(state: &State, info: &SessionInfo, width: u16) -> Vec<Cell> {
    let name = if info.title.is_empty() { &info.id } else { &info.title };
    let here = state.session.info.as_ref().is_some_and(|own| own.id == info.id);
    let mut cells = vec![match (&info.problem, &info.holder) {
        (Some(_), _) => vec![piece(format!("✖ {}", clean(name)), Role::Fail)],
        (None, _) if here => plain(format!("{name} (this one)")),
        (None, Some(_)) => plain(format!("{name} (in use)")),
        (None, None) => plain(name),
    }];
    if width >= SESSION_ID {
        cells.push(dim(short(&info.id)));
    }
    if width >= CLUSTER {
        cells.push(dim(&info.source));
    }
    if width >= BEGUN {
        cells.push(dim(moment(info.created)));
    }
    cells.push(dim(age(state.now.unix - info.updated)));
    if width >= SESSION_ID {
        cells.push(count(info.runs, Role::Text));
    }
    if width >= 60 {
        cells.push(count(info.findings, Role::Text));
    }
    if width >= CLUSTER {
        cells.push(count(info.decisions, Role::Text));
    }
    cells
}

/// An object in few cells: `pay/web`. Its kind stands in a column of its own, or nowhere.
fn object(id: Option<&ObjectRef>) -> Cell {
    let Some(id) = id else { return plain("the cluster") };
    let place = id.namespace.as_deref().map_or(String::new(), |ns| format!("{ns}/"));
    plain(format!("{place}{}", id.name))
}

/// A message without the object that it begins with, where that stands beside it: what tells rows
/// apart comes first.
fn beside_object<'a>(message: &'a str, object: Option<&ObjectRef>) -> &'a str {
    let Some(id) = object else { return message };
    let Some((kind, rest)) = message.split_once(' ') else { return message };
    let rest = rest.strip_prefix(&*id.name).and_then(|rest| rest.strip_prefix(' '));
    rest.filter(|rest| kind.eq_ignore_ascii_case(&id.kind) && !rest.is_empty()).unwrap_or(message)
}

fn found(state: &State, finding: &Finding, common: Common, width: u16) -> Vec<Cell> {
    let mut cells = vec![severity(finding.severity, width >= severity_from(common))];
    match common {
        Common::Object => {}
        Common::Owner if width < TWICE => {}
        Common::Owner => cells.push(plain(state.data.check_title(&finding.check))),
        Common::Nothing | Common::Check | Common::Mixed => {
            cells.push(object(finding.object.as_ref()));
        }
    }
    if matches!(common, Common::Nothing | Common::Mixed) && width >= KIND {
        cells.push(dim(finding.object.as_ref().map(|id| &*id.kind).unwrap_or_default()));
    }
    let mut message = mask(beside_object(&finding.message, finding.object.as_ref())).into_owned();
    if finding.platform {
        message.insert_str(0, "(platform) ");
    }
    if let Some(flip) = state.data.live.on_finding(&finding.fingerprint) {
        message.insert_str(0, &format!("({}) ", flip.word()));
    }
    cells.push(plain(message));
    if width >= 130 && matches!(common, Common::Nothing | Common::Object | Common::Mixed) {
        cells.push(dim(&*finding.check));
    }
    let (mark, word, role) = if finding.form == Form::Evidence {
        ("·", "listed", Role::Dim)
    } else {
        sign::decision(state.decision(finding))
    };
    let notes = state.data.notes.get(&finding.fingerprint).is_some_and(|n| !n.is_empty());
    let text = match (width >= 90, notes) {
        (true, true) => format!("{mark} {word}, note"),
        (true, false) => format!("{mark} {word}"),
        (false, _) => mark.to_owned(),
    };
    // What is open has no sign, and no cells for one.
    cells.push(vec![piece(if width >= 90 { text.trim_start() } else { &text }, role)]);
    cells
}

/// A finding of two runs; where there is no room for both, the remark goes before the message.
/// What is found; before any run that is not nothing, but not known.
fn push_tally(cells: &mut Vec<Cell>, tally: Option<&BySeverity>, data: &Data, width: u16) {
    let found = tally.copied().unwrap_or_default();
    let run = data.result.is_some();
    for severity in Severity::ALL.into_iter().take(severities(width)) {
        let counted = || count(found.of(severity), sign::severity(severity).1);
        cells.push(if run { counted() } else { dim("–") });
    }
}

/// Counts that say themselves what they count; what there is none of takes no room for the eye.
fn push_counts(cells: &mut Vec<Cell>, found: &BySeverity, width: u16) {
    for severity in Severity::ALL.into_iter().take(severities(width)) {
        let (mark, role) = sign::severity(severity);
        let text = match (found.of(severity), width >= SPELT) {
            (0, _) => String::new(),
            (some, true) => format!("{mark} {some} {}", severity.word()),
            (some, false) => format!("{mark} {some}"),
        };
        cells.push(vec![piece(text, role)]);
    }
}

fn kind_cells(data: &Data, kind: &Kind, tally: &BySeverity, width: u16) -> Vec<Cell> {
    let here = data.namespace.as_deref();
    let objects = match here {
        Some(ns) if kind.builtin().is_none_or(|b| b.namespaced) => {
            data.inventory.in_namespace(kind, ns)
        }
        _ => data.inventory.of(kind),
    };
    let reads = data.inventory.reads.iter().filter(|r| r.kind.as_ref() == Some(kind));
    let worst = reads.map(|r| r.status).max_by_key(|s| !s.proves_absence());
    // None that were read is not none.
    let unread = objects.is_empty() && worst.is_some_and(|status| !status.proves_absence());
    // How many there are is told before they are read, but not where.
    let coming = if here.is_none() { data.arriving(kind) } else { 0 };
    let objects = if unread && coming == 0 {
        vec![piece("?", Role::Unknown)]
    } else {
        count(objects.len() + coming, Role::Text)
    };
    let mut cells = vec![plain(kind.to_string()), objects];
    if unread && tally.total() == 0 {
        // Nor has what was not read no findings.
        cells.extend((0..severities(width)).map(|_| dim("–")));
    } else {
        push_tally(&mut cells, Some(tally), data, width);
    }
    cells.push(match worst {
        None => Vec::new(),
        Some(status) => {
            let (mark, role) = sign::read(status);
            let text =
                if width >= 60 { format!(" {mark} {}", status.told()) } else { mark.to_owned() };
            vec![piece(text, role)]
        }
    });
    cells
}

fn read_cells(read: &Read, width: u16) -> Vec<Cell> {
    let (mark, role) = sign::read(read.status);
    let mut cells =
        vec![vec![piece(format!("{mark} {}", read.status.told()), role)], plain(&read.resource)];
    if width >= 60 {
        cells.push(dim(read.namespace.as_deref().unwrap_or("all")));
    }
    cells.push(match (read.items, read.status.proves_absence()) {
        (0, false) => vec![piece("?", Role::Unknown)],
        (items, _) => count(items, Role::Text),
    });
    if width >= 90 {
        cells.push(dim(read.message.as_deref().unwrap_or_default()));
    }
    cells
}

fn problem_cells(data: &Data, problem: &Problem, width: u16) -> Vec<Cell> {
    let lost = data.is_lost(problem);
    let (mark, role) = if lost { ("?", Role::Unknown) } else { ("·", Role::Dim) };
    let mut cells = vec![vec![piece(mark, role)], plain(spelt(problem))];
    if width >= 60 {
        cells.push(dim(mask(&problem.message)));
    }
    cells
}

fn mend_cells(data: &Data, mend: &Mend, width: u16) -> Vec<Cell> {
    vec![
        severity(mend.worst.severity, width >= IN_FULL),
        object(mend.owner.as_ref()),
        dim(data.check_title(&mend.worst.check)),
        match (width, data.patches.of(mend), mend.tally.total()) {
            (CLEARS.., count, total) => {
                let role = if count == Some(0) { Role::Dim } else { Role::Text };
                vec![piece(patched(count, total, width >= IN_FULL), role)]
            }
            (_, _, total) => count(total, Role::Text),
        },
    ]
}

/// A group: what it is called, how many rows it has, and of which severities; with a filter, of what it leaves.
fn group_cells(
    (label, tally, changes): (&str, &BySeverity, Option<&Changes>),
    sifted: Option<&Kept>,
    folded: bool,
    width: u16,
) -> Vec<Cell> {
    if let Some(changes) = changes {
        return compared::group((label, changes), sifted, folded);
    }
    let fold = if folded { "⊞" } else { "⊟" };
    let count = sifted.and_then(Kept::words).unwrap_or_else(|| format!("({})", tally.total()));
    let mut cells = vec![plain(format!("{fold} {label}  {count}"))];
    push_counts(&mut cells, sifted.map_or(tally, |kept| &kept.tally), width);
    cells
}

fn cause_cells(cause: &Cause, kept: Option<&Kept>, folded: bool, width: u16) -> Vec<Cell> {
    let fold = if folded { "⊞" } else { "⊟" };
    let total = cause.tally.total();
    let count = if width < CLEARS { format!("  ({total})") } else { String::new() };
    let left = kept.and_then(Kept::words).map(|left| format!("  {left}"));
    let name = format!("{fold} {}{}", cause.place.name(), left.unwrap_or(count));
    let mut cells = vec![plain(name)];
    if width >= CLEARS {
        let role = if cause.patched == Some(0) { Role::Dim } else { Role::Text };
        let text = patches(cause.patched, total, Counted::AtMost, width >= IN_FULL);
        cells.push(vec![piece(text, role)]);
    }
    if width >= 100 {
        let word = noun(cause.controls, "control");
        cells.push(dim(format!("{} {word}", cause.controls)));
    }
    if width >= 90 {
        push_counts(&mut cells, kept.map_or(&cause.tally, |kept| &kept.tally), width.min(100));
    }
    cells
}
