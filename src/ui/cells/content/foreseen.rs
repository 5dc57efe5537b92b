//! What stands in the rows of a preview.

use crate::app::data::Data;
use crate::app::preview::{ControlMove, FindingFate, Foreseen};
use crate::app::state::State;
use crate::frameworks::Status;
use crate::model::decision::DecisionState;
use crate::text::mask;

use super::super::super::paint::piece;
use super::super::super::sign;
use super::super::columns::{OBJECT, REMARK_BESIDE};
use super::super::{ColumnText, InCommon};
use super::controls::listed;
use super::found::beside_object;
use super::{dim, object, plain, severity};

/// A finding and what becomes of it.
pub(super) fn finding(
    state: &State,
    seen: &Foreseen,
    common: InCommon,
    width: u16,
) -> Vec<ColumnText> {
    let finding = &seen.finding;
    let mut title = state.data.check_title(&finding.check).to_owned();
    if finding.platform {
        title.insert_str(0, "(platform) ");
    }
    let mut cells = vec![severity(finding.severity, width >= 64), plain(title)];
    if width >= OBJECT && common != InCommon::Object {
        cells.push(object(finding.object.as_ref()));
    }
    if seen.fate != FindingFate::Clears {
        let beside = width >= REMARK_BESIDE;
        cells.push(if beside { dim(mask(&seen.remark)) } else { ColumnText::new() });
        return cells;
    }
    let mut said = ColumnText::new();
    let decision = state.decision(finding);
    // What is open is not said: nearly all of them are.
    if decision != DecisionState::Open {
        let sign::Sign { mark, word, role } = sign::decision(decision);
        said.push(piece(format!("{mark} {word}  "), role));
    }
    said.extend(dim(mask(beside_object(&finding.message, finding.object.as_ref()))));
    cells.push(said);
    cells
}

/// A control with its status now and then.
pub(super) fn control(data: &Data, moved: &ControlMove, width: u16) -> Vec<ColumnText> {
    let status = |status: Status| {
        let sign::Sign { mark, word, role } = sign::status(Some(status));
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
        cells.push(plain(control.map(|(c, _)| listed(&c.title)).unwrap_or_default()));
    }
    cells
}
