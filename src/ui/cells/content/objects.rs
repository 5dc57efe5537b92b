//! Objects and their kinds, what was read of them, and what could not be.

use crate::app::data::Data;
use crate::app::gaps::GapGroup;
use crate::app::problems::spelt;
use crate::config::theme::Role;
use crate::model::arriving::Arriving;
use crate::model::inventory::Problem;
use crate::model::kinds::Kind;
use crate::model::object::{Object, ObjectRef};
use crate::model::read::{Read, ReadStatus};
use crate::model::severities::BySeverity;
use crate::text::{clean, counted, mask};

use super::super::super::paint::piece;
use super::super::super::sign;
use super::super::ColumnText;
use super::super::columns::severities;
use super::{count, dim, plain, push_tally};

pub(super) fn of_object(data: &Data, object: &Object, width: u16) -> Vec<ColumnText> {
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
pub(super) fn kept(owner: &ObjectRef, count: usize) -> ColumnText {
    // It is of the same namespace.
    let text = format!("{}, kept at {}/{}", counted(count, "finding"), owner.kind, owner.name);
    vec![piece(clean(&text).into_owned(), Role::Text), piece(" ⏎", Role::Accent)]
}

/// A row of what is not read yet.
pub(super) fn arriving(name: &Arriving) -> Vec<ColumnText> {
    let mut text = format!("{}  loading", name.name);
    if !name.state.is_empty() {
        text = format!("{text}: {}", name.state);
    }
    vec![dim(name.namespace.as_deref().unwrap_or("?")), dim(text)]
}

pub(super) fn kind_cells(
    data: &Data,
    kind: &Kind,
    tally: &BySeverity,
    width: u16,
) -> Vec<ColumnText> {
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

pub(super) fn read_cells(read: &Read, width: u16) -> Vec<ColumnText> {
    let (mark, role) = match read.age() {
        Some(_) => sign::read(ReadStatus::Partial),
        None => sign::read(read.status),
    };
    let word = read.age().map_or_else(|| read.status.told(), str::to_owned);
    let mut cells = vec![vec![piece(format!("{mark} {word}"), role)], plain(&read.resource)];
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

pub(super) fn problem_cells(data: &Data, problem: &Problem, width: u16) -> Vec<ColumnText> {
    let lost = data.is_lost(problem);
    let (mark, role) = if lost { ("?", Role::Unknown) } else { ("·", Role::Dim) };
    let mut cells = vec![vec![piece(mark, role)], plain(spelt(problem))];
    if width >= 60 {
        cells.push(dim(mask(&problem.message)));
    }
    cells
}

pub(super) fn gap_cells(gap: &GapGroup, width: u16) -> Vec<ColumnText> {
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
