//! Matrix and heat map in sentences: what a cell says by its place, its sign and its shade.

use crate::app::grid::MatrixLens;
use crate::app::heat::{HeatCell, HeatRow};
use crate::app::matrix::{Exposure, MeasureCounts, Technique};
use crate::app::state::State;
use crate::model::severities::BySeverity;
use crate::text::{clean, counted};

/// A technique under a tactic: how exposed it is, or what stands in its way.
pub(super) fn technique(cell: &Technique, lens: MatrixLens) -> String {
    let said = match lens {
        MatrixLens::Exposure => exposure(cell),
        MatrixLens::Mitigations => measures(cell.measures),
    };
    format!("{} {}, {said}", clean(&cell.id), clean(&cell.title))
}

fn exposure(cell: &Technique) -> String {
    match cell.exposure() {
        Exposure::Open(severity) => {
            let open = counted(cell.open.total(), "open finding");
            format!("exposed, {open}, the worst {}", severity.word())
        }
        Exposure::Elsewhere => "exposed by what another tool found".to_owned(),
        Exposure::Accepted => {
            format!("exposed, {} accepted", counted(cell.accepted, "finding"))
        }
        Exposure::Mitigated => "mitigated".to_owned(),
        Exposure::NotAssessed => "not assessed".to_owned(),
        Exposure::NotRun => "not run".to_owned(),
    }
}

fn measures(all: MeasureCounts) -> String {
    let MeasureCounts { held, lacking, unknown } = all;
    let not_assessed =
        if unknown > 0 { format!(", {unknown} not assessed") } else { String::new() };
    match (held, lacking, unknown) {
        (0, 0, 0) => "no check looks for a mitigation".to_owned(),
        (0, 0, _) => format!("{} not assessed", counted(unknown, "mitigation")),
        (0, 1, 0) => "its one mitigation does not hold".to_owned(),
        (1, 0, 0) => "its one mitigation holds".to_owned(),
        _ => format!("{held} of {} hold{not_assessed}", counted(all.total(), "mitigation")),
    }
}

/// A namespace: its open findings, and what fails there of each framework.
pub(super) fn heat(state: &State, row: &HeatRow) -> String {
    let mut parts = vec![format!("{}, {}", place(row), findings(row.tally))];
    parts.extend(each(state, row));
    parts.join("; ")
}

/// The same in lines.
pub(super) fn about_heat(state: &State, row: &HeatRow) -> Vec<String> {
    let mut lines = vec![place(row), format!("Findings: {}", findings(row.tally))];
    lines.extend(each(state, row));
    lines
}

/// What is of no namespace has a name here, too.
fn place(row: &HeatRow) -> String {
    if row.namespace.is_empty() {
        "cluster-wide".to_owned()
    } else {
        clean(&row.namespace).into_owned()
    }
}

fn findings(tally: BySeverity) -> String {
    let each = tally.each().filter(|(_, count)| *count > 0);
    let parts: Vec<String> =
        each.map(|(severity, count)| format!("{count} {}", severity.word())).collect();
    if parts.is_empty() { "no open finding".to_owned() } else { parts.join(", ") }
}

fn each<'a>(state: &'a State, row: &'a HeatRow) -> impl Iterator<Item = String> + 'a {
    state.data.judged.iter().zip(&row.cells).map(|(judged, cell)| {
        let matrix = state.data.framework(&judged.id).is_some_and(|f| f.is_matrix());
        let what = if matrix { "exposed" } else { "fail" };
        format!("{} {}", clean(state.data.short(&judged.id)), said(*cell, what))
    })
}

fn said(cell: HeatCell, what: &str) -> String {
    let rest = if cell.unknown { " and not all assessed" } else { "" };
    match cell.worst {
        Some(worst) => format!("{} {what}, the worst {}{rest}", cell.failing, worst.word()),
        None if cell.unknown => "not all assessed".to_owned(),
        None => format!("none {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_the_way_is_told_with_what_is_not_known() {
        let told = |held, lacking, unknown| measures(MeasureCounts { held, lacking, unknown });
        assert_eq!(told(0, 0, 0), "no check looks for a mitigation");
        assert_eq!(told(0, 0, 2), "2 mitigations not assessed");
        assert_eq!(told(1, 2, 1), "1 of 4 mitigations hold, 1 not assessed");
        assert_eq!(told(0, 1, 0), "its one mitigation does not hold");
        assert_eq!(told(2, 0, 0), "2 of 2 mitigations hold");
    }
}
