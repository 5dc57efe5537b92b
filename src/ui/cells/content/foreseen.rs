//! What stands in the rows of a preview.

use crate::app::data::Data;
use crate::app::preview::{ControlMove, Fate, Foreseen};
use crate::app::state::State;
use crate::frameworks::Status;
use crate::model::decision::DecisionState;
use crate::text::mask;

use super::super::super::paint::piece;
use super::super::super::sign;
use super::super::Cell;
use super::super::columns::OBJECT;
use super::{dim, object, plain, severity};

/// A finding and what becomes of it.
pub(super) fn finding(state: &State, seen: &Foreseen, width: u16) -> Vec<Cell> {
    let finding = &seen.finding;
    let mut title = state.data.check_title(&finding.check).to_owned();
    if finding.platform {
        title.insert_str(0, "(platform) ");
    }
    let mut cells = vec![severity(finding.severity, width >= 64), plain(title)];
    if width >= OBJECT {
        cells.push(object(finding.object.as_ref(), ""));
    }
    if seen.fate != Fate::Clears {
        cells.push(dim(mask(&seen.remark)));
        return cells;
    }
    if width >= 110 {
        cells.push(dim(mask(&finding.message)));
    }
    let decision = state.decision(finding);
    let (mark, word, role) = sign::decision(decision);
    // What is open is not said: nearly all of them are.
    let word = if decision == DecisionState::Open { "" } else { word };
    let text = if width >= 90 { format!("{mark} {word}") } else { mark.to_owned() };
    cells.push(vec![piece(text, role)]);
    cells
}

/// A control with its status now and then.
pub(super) fn control(data: &Data, moved: &ControlMove, width: u16) -> Vec<Cell> {
    let status = |status: Status| {
        let (mark, word, role) = sign::status(Some(status));
        let text = if width >= 64 { format!("{mark} {word}") } else { mark.to_owned() };
        vec![piece(text, role)]
    };
    let mut cells = vec![
        status(moved.before),
        status(moved.after),
        dim(data.short(&moved.framework)),
        plain(&*moved.control),
    ];
    if width >= 64 {
        let control = data.control(&moved.framework, &moved.control);
        cells.push(plain(control.map(|(c, _)| c.title.as_str()).unwrap_or_default()));
    }
    cells
}
