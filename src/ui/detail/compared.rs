//! What is said of a row of a comparison.

use crate::app::compared::FrameworkShift;
use crate::app::item::Item;
use crate::app::state::State;
use crate::frameworks::Status;

use super::super::cells::scored;
use super::super::paint::Line;
use super::controls::{of_control, of_framework};
use super::{of_finding, paragraph};

/// A finding, a framework or a control of two runs: what became of it, and what it is.
pub(super) fn of_item(state: &State, item: &Item, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    match item {
        Item::Compared(compared) => {
            paragraph(&mut out, "Change", compared.change().word(), width);
            paragraph(&mut out, "Remark", &compared.remark(), width);
            out.push(Line::new());
            out.extend(of_finding(state, compared.entry(), width));
        }
        Item::FrameworkShift(shift) => {
            framework(state, shift, &mut out, width);
            out.push(Line::new());
            out.extend(of_framework(&state.data, shift.id(), width));
        }
        Item::ControlShift(shift) => {
            control(shift, &mut out, width);
            out.push(Line::new());
            let found = state.data.control_here(shift.id(), shift.number());
            out.extend(of_control(&state.data, shift.id(), found, width));
        }
        _ => {}
    }
    out
}

fn framework(state: &State, shift: &FrameworkShift, out: &mut Vec<Line>, width: usize) {
    let Some(change) = shift.framework() else { return };
    let matrix = state.data.framework(&change.id).is_some_and(|f| f.is_matrix());
    let [before, after] = [
        scored(change.before.as_ref(), change.score_before, (matrix, true)),
        scored(change.after.as_ref(), change.score_after, (matrix, true)),
    ];
    paragraph(out, "Before", &before, width);
    paragraph(out, "After", &after, width);
    let moved = shift.moved().map(|moved| format!("{moved} changed"));
    paragraph(out, "Controls", &moved.unwrap_or_default(), width);
    paragraph(out, "Findings", &change.findings.words(), width);
}

fn control(shift: &FrameworkShift, out: &mut Vec<Line>, width: usize) {
    let Some(change) = shift.control() else { return };
    let word = |status: Option<Status>, attested: bool| {
        let word = status.map_or_else(|| "not judged".to_owned(), |s| s.word().replace('-', " "));
        if attested { format!("{word} (attested)") } else { word }
    };
    paragraph(out, "Before", &word(change.before, change.attested_before), width);
    paragraph(out, "After", &word(change.after, change.attested_after), width);
    paragraph(out, "Findings", &change.findings.words(), width);
}
