//! What stands in the columns of a row.

mod fleet;
mod foreseen;
mod review;
mod tenant;

pub(in crate::ui) use fleet::{badge, phase};
pub(in crate::ui) use tenant::verdict;

use std::sync::Arc;

use crate::app::cause::{Cause, clears};
use crate::app::compared::Compared;
use crate::app::data::Data;
use crate::app::event::{ContextInfo, SessionInfo};
use crate::app::item::{ControlRef, GapGroup, Item, Mend, Tally};
use crate::app::list::{List, Row};
use crate::app::state::State;
use crate::app::toast::{Message, Tone};
use crate::config::theme::Role;
use crate::frameworks::{ControlCheck, Counts};
use crate::model::arriving::Arriving;
use crate::model::attestation::Answer;
use crate::model::finding::{Finding, Form, Severity};
use crate::model::kinds::Kind;
use crate::model::object::{Object, ObjectRef};
use crate::model::read::Read;
use crate::model::session_id::short;
use crate::text::{clean, mask};

use super::super::chrome::age;
use super::super::paint::piece;
use super::super::{bar, sign};
use super::{BEGUN, CLEARS, CLUSTER, Cell, IN_FULL, PATCH, REMARK, SESSION_ID, bar_cells};

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
    let mut cells = vec![dim(object.namespace()), name];
    push_tally(&mut cells, data.index.objects.get(&object.id), width);
    cells
}

/// The cells of a row, one for each of its columns.
pub(in crate::ui) fn cells(state: &State, row: &Row, list: &List, width: u16) -> Vec<Cell> {
    let data = &state.data;
    let indent = "  ".repeat(usize::from(row.depth));
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
        Item::Framework(id) => framework(data, id, width),
        Item::Part { framework, name, counts } => {
            let matrix = data.framework(framework).is_some_and(|f| f.is_matrix());
            part(name, counts, matrix, list.is_folded(row.id), width)
        }
        Item::Control { framework, id, at, judged } => {
            control(data, framework, id, (*at, *judged), width)
        }
        Item::ControlRef(control) => control_ref(data, control, width),
        Item::Question(control) => question(data, control, width),
        Item::Exception(exception) => review::exception(exception, width),
        Item::Disagreement(differs) => review::disagreement(data, differs, width),
        Item::Check { id, serves } => check(data, id, serves.as_ref(), width),
        Item::Finding(finding) => found(state, finding, &indent, width),
        Item::Compared(compared) => both(compared, &indent, width),
        Item::Foreseen(seen) => foreseen::finding(state, seen, width),
        Item::ControlMove(moved) => foreseen::control(data, moved, width),
        Item::Group { label, tally } => {
            let fold = if list.is_folded(row.id) { "⊞" } else { "⊟" };
            let mut cells = vec![plain(format!("{fold} {label}  ({})", tally.total()))];
            push_tally(&mut cells, Some(tally), width);
            cells
        }
        Item::Cause(cause) => cause_cells(cause, list.is_folded(row.id), width),
        Item::Kind(kind) => kind_cells(data, kind, width),
        Item::Object(object) => of_object(data, object, width),
        Item::Arriving(name, _) => arriving(name),
        Item::Namespace(name) => {
            let label = if name.is_empty() { "cluster-wide" } else { name };
            let mut cells = vec![plain(label)];
            push_tally(&mut cells, data.index.namespaces.get(name), width);
            cells
        }
        Item::Read(read) => read_cells(read, width),
        Item::Gap(gap) => gap_cells(gap, width),
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

/// `at` is the control's place in the framework, and its place among those judged.
fn control(
    data: &Data,
    framework: &str,
    id: &str,
    at: (usize, Option<usize>),
    width: u16,
) -> Vec<Cell> {
    let control = data.framework(framework).and_then(|f| f.controls.get(at.0));
    let result = data.judged(framework).and_then(|j| j.controls.get(at.1?));
    let (mark, word, role) = sign::status(result.map(|r| r.status));
    let status = if width >= 100 { format!("{mark} {word}") } else { mark.to_owned() };
    let title = control.map(|c| c.title.as_str()).unwrap_or_default();
    let title = match data.live.on_control(framework, id) {
        Some(flip) => plain(format!("({}) {title}", flip.word())),
        None => plain(title),
    };
    let mut cells = vec![vec![piece(status, role)], dim(id), title];
    if width >= 100 {
        cells.push(dim(control.map(|c| c.assessment.word()).unwrap_or_default()));
    }
    cells.push(count(result.map_or(0, |r| r.failing), Role::Fail));
    cells
}

fn gap_cells(gap: &GapGroup, width: u16) -> Vec<Cell> {
    let mut cells = vec![vec![piece("?", Role::Unknown)], plain(&gap.missing.reason)];
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
    let ago = age(state.now.unix - message.unix);
    vec![dim(ago), vec![piece(mark, role)], plain(message.lines.join(" "))]
}

fn session(state: &State, info: &SessionInfo, width: u16) -> Vec<Cell> {
    let name = if info.title.is_empty() { &info.id } else { &info.title };
    let here = state.session.info.as_ref().is_some_and(|own| own.id == info.id);
    let mut cells = vec![match (&info.problem, &info.holder) {
        (Some(_), _) => vec![piece(format!("✖ {}", clean(name)), Role::Fail)],
        (None, _) if here => plain(format!("{name} (open)")),
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

/// `2026-11-24 12:00`, in UTC; nothing for a time that is not known.
fn moment(unix: i64) -> String {
    let time = jiff::Timestamp::from_second(unix).ok().filter(|_| unix > 0);
    let time = time.map(|time| time.to_zoned(jiff::tz::TimeZone::UTC));
    time.map(|time| time.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

fn framework(data: &Data, id: &str, width: u16) -> Vec<Cell> {
    let framework = data.framework(id);
    let judged = data.judged(id);
    let level = judged.and_then(|j| j.level.as_deref());
    let title = framework.map_or_else(
        || id.to_owned(),
        |f| {
            format!("{} {}{}", f.title, f.version, level.map_or(String::new(), |l| format!(" {l}")))
        },
    );
    let counts = judged.map(|j| j.counts).unwrap_or_default();
    let short = framework.map_or(id, |f| f.short());
    let mut cells = vec![vec![piece(clean(short).into_owned(), Role::Title)], plain(title)];
    if width >= 60 {
        cells.push(bar::load_line(&counts, usize::from(bar_cells(width))));
    }
    cells.push(plain(bar::interval(judged.and_then(|j| j.score))));
    cells.push(count(counts.bad(), Role::Fail));
    if width >= 76 {
        cells.push(count(counts.manual, Role::Manual));
        cells.push(count(counts.not_assessed, Role::Unknown));
    }
    if width >= 90 {
        cells.push(count(counts.accepted, Role::Accepted));
    }
    cells
}

fn part(name: &str, counts: &Counts, matrix: bool, folded: bool, width: u16) -> Vec<Cell> {
    let fold = if folded { "⊞" } else { "⊟" };
    vec![
        vec![piece(format!("{fold} {}", clean(name)), Role::Title)],
        bar::load_line(counts, usize::from(bar_cells(width))),
        vec![piece(
            format!("{} {}", if matrix { "●" } else { "✖" }, counts.bad()),
            if counts.bad() > 0 { Role::Fail } else { Role::Dim },
        )],
        plain(bar::interval(counts.score().filter(|_| !matrix))),
    ]
}

fn control_ref(data: &Data, control: &ControlRef, width: u16) -> Vec<Cell> {
    let found = data.control(&control.framework, &control.control);
    let result = found.and_then(|(_, result)| result);
    let (mark, word, role) = sign::status(result.map(|r| r.status));
    let status = if width >= 80 { format!("{mark} {word}") } else { mark.to_owned() };
    let mut cells = vec![vec![piece(status, role)]];
    if width >= 70 {
        let title = data.framework(&control.framework).map(|f| f.title.as_str());
        cells.push(dim(title.unwrap_or(&control.framework)));
    }
    cells.push(plain(&*control.control));
    cells.push(plain(found.map(|(c, _)| c.title.as_str()).unwrap_or_default()));
    if width >= 80 {
        cells.push(dim(control.strength));
    }
    cells
}

fn question(data: &Data, control: &ControlRef, width: u16) -> Vec<Cell> {
    let found = data.control(&control.framework, &control.control);
    let result = found.and_then(|(_, result)| result);
    let (mark, word, role) = sign::status(result.map(|r| r.status));
    let status = if width >= 100 { format!("{mark} {word}") } else { mark.to_owned() };
    let mut cells = vec![vec![piece(status, role)]];
    if width >= 70 {
        cells.push(dim(&*control.framework));
    }
    cells.push(dim(&*control.control));
    cells.push(plain(found.map(|(c, _)| c.question.as_str()).unwrap_or_default()));
    let answer = data.answer(&control.framework, &control.control);
    cells.push(match answer {
        None => dim("awaited"),
        Some(answer) if !answer.in_force(&data.today) => vec![piece("expired", Role::Manual)],
        Some(answer) => {
            let until = answer.expires.as_deref().filter(|_| width >= 90);
            let until = until.map(|day| format!(" until {day}")).unwrap_or_default();
            let none = answer.answer == Answer::NotApplicable;
            let short = if none { "n/a" } else { answer.answer.word() };
            plain(format!("{short}{until}"))
        }
    });
    cells
}

fn check(data: &Data, id: &Arc<str>, serves: Option<&Arc<ControlCheck>>, width: u16) -> Vec<Cell> {
    let info = data.check(id);
    let counts = data.result.as_ref().and_then(|r| r.checks.get(id)).copied().unwrap_or_default();
    let mut cells = vec![match info {
        Some(info) => severity(info.severity, width >= 60),
        None => vec![piece("?", Role::Unknown)],
    }];
    let ran = data.result.as_ref().is_some_and(|r| r.checks.contains_key(id));
    let suffix = if data.result.is_some() && !ran { "  (did not run)" } else { "" };
    cells.push(plain(format!("{}{suffix}", data.check_title(id))));
    if width >= 110 {
        cells.push(dim(serves.map(|s| s.strength.as_str()).unwrap_or_default()));
    }
    // What is shown, not what was found: the platform's own findings may be out of sight.
    cells.push(count(data.of_check(id).count(), Role::Fail));
    if width >= 50 {
        cells.push(count(counts.pass, Role::Pass));
    }
    if width >= 60 {
        cells.push(count(counts.not_assessed + counts.error, Role::Unknown));
    }
    cells
}

/// An object in few cells: `pay/web`, then its kind, which is the first to go where room is short.
fn object(id: Option<&ObjectRef>, indent: &str) -> Cell {
    let Some(id) = id else { return plain(format!("{indent}the cluster")) };
    let place = id.namespace.as_deref().map_or(String::new(), |ns| format!("{ns}/"));
    let name = format!("{indent}{place}{}", id.name);
    vec![
        piece(clean(&name).into_owned(), Role::Text),
        piece(format!("  {}", clean(id.kind.as_ref())), Role::Dim),
    ]
}

fn found(state: &State, finding: &Finding, indent: &str, width: u16) -> Vec<Cell> {
    let mut cells = vec![severity(finding.severity, width >= 70)];
    cells.push(object(finding.object.as_ref(), indent));
    let mut message = mask(&finding.message).into_owned();
    if finding.platform {
        message.insert_str(0, "(platform) ");
    }
    if let Some(flip) = state.data.live.on_finding(&finding.fingerprint) {
        message.insert_str(0, &format!("({}) ", flip.word()));
    }
    cells.push(plain(message));
    if width >= 130 {
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
    cells.push(vec![piece(text, role)]);
    cells
}

/// A finding of two runs; where there is no room for both, the remark goes before the message.
fn both(compared: &Compared, indent: &str, width: u16) -> Vec<Cell> {
    let finding = compared.entry();
    let object = object(finding.object.as_ref(), indent);
    let (message, remark) = (mask(&finding.message).into_owned(), compared.remark());
    let mut cells = vec![severity(finding.severity, width >= 70), object];
    if width >= REMARK {
        cells.extend([plain(message), dim(remark)]);
    } else {
        cells.push(if remark.is_empty() { plain(message) } else { plain(remark) });
    }
    cells
}

fn push_tally(cells: &mut Vec<Cell>, tally: Option<&Tally>, width: u16) {
    let tally = tally.copied().unwrap_or_default();
    let shown = if width >= 50 { 4 } else { 2 };
    for severity in Severity::ALL.into_iter().take(shown) {
        cells.push(count(tally.of(severity), sign::severity(severity).1));
    }
}

fn kind_cells(data: &Data, kind: &Kind, width: u16) -> Vec<Cell> {
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
    push_tally(&mut cells, data.index.kinds.get(kind), width);
    cells.push(match worst {
        None => Vec::new(),
        Some(status) => {
            let (mark, role) = sign::read(status);
            let text =
                if width >= 60 { format!("{mark} {}", status.word()) } else { mark.to_owned() };
            vec![piece(text, role)]
        }
    });
    cells
}

fn read_cells(read: &Read, width: u16) -> Vec<Cell> {
    let (mark, role) = sign::read(read.status);
    let mut cells =
        vec![vec![piece(format!("{mark} {}", read.status.word()), role)], plain(&read.resource)];
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

fn mend_cells(data: &Data, mend: &Mend, width: u16) -> Vec<Cell> {
    vec![
        severity(mend.worst.severity, width >= IN_FULL),
        object(mend.owner.as_ref(), ""),
        dim(data.check_title(&mend.worst.check)),
        match (width, mend.patched) {
            (PATCH.., _) => of_patch(mend.patched, mend.tally.total(), width),
            (CLEARS.., Some(patched)) => {
                let role = if patched == 0 { Role::Dim } else { Role::Text };
                vec![piece(format!("{patched} of {}", mend.tally.total()), role)]
            }
            _ => count(mend.tally.total(), Role::Text),
        },
    ]
}

/// `1 patch → 37 findings`; what no patch clears stands back.
fn of_patch(patched: Option<usize>, total: usize, width: u16) -> Cell {
    let role = if patched == Some(0) { Role::Dim } else { Role::Text };
    vec![piece(clears(patched, total, width >= IN_FULL), role)]
}

fn cause_cells(cause: &Cause, folded: bool, width: u16) -> Vec<Cell> {
    let fold = if folded { "⊞" } else { "⊟" };
    let total = cause.tally.total();
    let count = if width < CLEARS { format!("  ({total})") } else { String::new() };
    let name = format!("{fold} {}{count}", cause.place.name());
    let mut cells = vec![plain(name)];
    if width >= CLEARS {
        cells.push(of_patch(cause.patched, total, width));
    }
    if width >= 100 {
        let word = if cause.controls == 1 { "control" } else { "controls" };
        cells.push(dim(format!("{} {word}", cause.controls)));
    }
    if width >= 90 {
        push_tally(&mut cells, Some(&cause.tally), width);
    }
    cells
}
