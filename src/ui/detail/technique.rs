//! What is said of an attack technique: what became of it and why, what an attacker finds, and what
//! stands in the way.

use crate::app::matrix::Technique;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::frameworks::Status;
use crate::model::finding::Form;
use crate::text::{clean, width as cells_of};

use super::super::paint::{Line, line_width, piece};
use super::super::sign;
use super::{LABEL, about_control};

/// A technique: its status, its open preconditions by severity, then every check that bears on it.
pub(in crate::ui) fn of_technique(state: &State, cell: &Technique, width: usize) -> Vec<Line> {
    let data = &state.data;
    let mut out =
        about_control(data, &cell.framework, data.control(&cell.framework, &cell.id), width);
    let Some((control, judged)) = data.control(&cell.framework, &cell.id) else { return out };
    counts(cell, &mut out, width);
    let mut part = |label: &str, empty: &str, supporting: bool| {
        out.extend([Line::new(), vec![piece(label.to_owned(), Role::Column)]]);
        let mut any = false;
        for mapping in control.checks.iter().filter(|mapping| !mapping.planned) {
            let listed = data.check(&mapping.id).is_some_and(|c| c.form == Form::Evidence);
            if mapping.strength.decides() == supporting || listed {
                continue;
            }
            any = true;
            let result = judged.and_then(|j| j.checks.iter().find(|c| c.id == mapping.id));
            // What an attacker needs is there or not; what stands in the way holds or not.
            let (there, not) = if supporting {
                (Status::Fail, Status::Pass)
            } else {
                (Status::Exposed, Status::Mitigated)
            };
            let sign::Sign { mark, role, .. } = sign::status(match result {
                Some(check) if check.findings > 0 => Some(there),
                Some(check) if check.ran && check.undecided == 0 => Some(not),
                _ => None,
            });
            let found = result.map_or(0, |check| check.findings);
            let count = if found > 0 { format!(" {found}") } else { String::new() };
            let room = width.saturating_sub(3 + count.len());
            let title = crate::text::cut(&clean(data.check_title(&mapping.id)), room).into_owned();
            let fill = room.saturating_sub(cells_of(&title));
            out.push(vec![
                piece(format!(" {mark} "), role),
                piece(title, Role::Text),
                piece(" ".repeat(fill) + &count, role),
            ]);
        }
        if !any {
            out.push(vec![piece(format!("   {empty}"), Role::Dim)]);
        }
    };
    part("What it needs", "no check looks for what it needs", false);
    part("What stands in its way", "no check looks for a mitigation", true);
    out
}

/// What stands in the way of a technique and is missing, by title.
pub(in crate::ui) fn lacking(state: &State, cell: &Technique) -> Vec<String> {
    let Some((control, Some(judged))) = state.data.control(&cell.framework, &cell.id) else {
        return Vec::new();
    };
    let data = &state.data;
    let supports = |id: &str| {
        let listed = data.check(id).is_some_and(|check| check.form == Form::Evidence);
        let mapping = control.checks.iter().find(|mapping| mapping.id == *id);
        !listed && mapping.is_some_and(|m| !m.planned && !m.strength.decides())
    };
    let found = judged.checks.iter().filter(|check| check.findings > 0 && supports(&check.id));
    found.map(|check| clean(data.check_title(&check.id)).into_owned()).collect()
}

/// Open findings by severity, those that were accepted, and how many mitigations hold.
fn counts(cell: &Technique, out: &mut Vec<Line>, width: usize) {
    let mut line: Line = vec![piece(format!("{:LABEL$}", "Open"), Role::Column)];
    for (severity, count) in cell.open.each().filter(|(_, count)| *count > 0) {
        let (mark, role) = sign::severity(severity);
        let text = format!("{count} {mark} {}  ", severity.word());
        if line_width(&line) + cells_of(text.trim_end()) > width {
            let next = vec![piece(" ".repeat(LABEL), Role::Column)];
            out.push(std::mem::replace(&mut line, next));
        }
        line.push(piece(text, role));
    }
    if cell.open.total() == 0 {
        line.push(piece("nothing  ", Role::Dim));
    }
    out.push(line);
    if cell.accepted > 0 {
        let text = format!("⚑ {}: that takes nothing from an attacker", cell.accepted);
        let label = piece(format!("{:LABEL$}", "Accepted"), Role::Column);
        out.push(vec![label, piece(text, Role::Accepted)]);
    }
    let all = cell.measures.total();
    if all > 0 {
        let text = format!("{} of {all} hold", cell.measures.held);
        let label = piece(format!("{:LABEL$}", "In place"), Role::Column);
        out.push(vec![label, piece(text, Role::Text)]);
    }
}
