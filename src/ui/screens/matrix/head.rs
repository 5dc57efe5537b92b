//! What stands over the matrix: which it is, what its cells show, what the signs mean, and how many
//! techniques came to what.

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use super::cell::{self, CellKind};
use crate::app::action::Action;
use crate::app::grid::MatrixLens;
use crate::app::item::Item;
use crate::app::matrix::Technique;
use crate::app::route::Route;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::frameworks::Framework;
use crate::model::finding::Severity;
use crate::text::clean;

use super::super::super::paint::{Line, Paint, piece};
use super::super::super::sign;

/// Which matrix, what its cells show, and what became of it; how many techniques came to what is said here
/// where there is no room for the legend.
pub(super) fn head(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    route: &Route,
    framework: &Framework,
) {
    let lens = route.grid.lens;
    let title = if area.width < 100 { framework.short() } else { &framework.title };
    let mut line: Line = vec![
        piece(format!(" {}", clean(title)), Role::Title),
        piece(format!(" {}", clean(&framework.version)), Role::Dim),
    ];
    // Before all that may be cut.
    if let Some(wider) = state.judged_wider() {
        line.push(piece(format!("   {wider} ·"), Role::Manual));
    }
    let gap = if state.judged_wider().is_some() { " " } else { "   " };
    line.push(piece(format!("{gap}{}", lens.word()), Role::Accent));
    if let Some(judged) = state.data.judged(&framework.id) {
        let exposed = judged.counts.exposed;
        let role = if exposed > 0 { Role::Fail } else { Role::Dim };
        if lens == MatrixLens::Exposure || area.height > 1 {
            line.push(piece(format!("   ■ {exposed} exposed"), role));
        }
        if area.height == 1 {
            for kind in kinds(route).into_iter().filter(|kind| !kind.found && kind.count > 0) {
                line.push(piece(format!("  {}", kind.text()), kind.kind.role));
            }
        }
    } else {
        let text = match (&state.data.result, state.data.not_judged(&framework.id)) {
            (None, _) => {
                format!("   No checks have run yet; {} runs them", state.keymap.told(Action::Run))
            }
            (_, Some(not)) => format!("   not judged: {}", clean(&not.reason)),
            (_, None) => "   not judged: this run was about something else".to_owned(),
        };
        line.push(piece(text, Role::Unknown));
    }
    paint.line(area, 0, &line);
}

/// What techniques can come to, and how many did.
struct Counted {
    kind: CellKind,
    count: usize,
    /// Something was found for them, which the head counts as exposed.
    found: bool,
}

impl Counted {
    fn text(&self) -> String {
        format!("{} {} {}", self.kind.mark, self.count, self.kind.word)
    }
}

/// How many techniques came to what, in the order of the legend. One that stands under several tactics is one.
fn kinds(route: &Route) -> Vec<Counted> {
    let cells = route.list.rows().iter().filter_map(|row| match &row.item {
        Item::Technique(cell) => Some((&*cell.id, cell)),
        _ => None,
    });
    let techniques: BTreeMap<&str, _> = cells.collect();
    let shown = |cell: &Technique| match route.grid.lens {
        MatrixLens::Exposure => cell::exposure(cell),
        MatrixLens::Mitigations => cell::measures(cell.measures),
    };
    let words: Vec<&str> = techniques.values().map(|cell| shown(cell).word).collect();
    let of = |kind: CellKind, found: bool| {
        let count = words.iter().filter(|known| **known == kind.word).count();
        Counted { kind, count, found }
    };
    if route.grid.lens == MatrixLens::Mitigations {
        return cell::MEASURES.into_iter().map(|kind| of(kind, false)).collect();
    }
    let severities = Severity::ALL.into_iter().map(|severity| {
        let (mark, role) = sign::severity(severity);
        let shade = sign::heat(Some(severity));
        of(CellKind { mark, word: severity.word(), shade, role }, true)
    });
    let others = cell::EXPOSURES.into_iter().map(|(kind, found)| of(kind, found));
    // What is rare is said where it is.
    let rare = ["info", "exposed", "accepted", "not run"];
    let usual = |kind: &Counted| kind.count > 0 || !rare.contains(&kind.kind.word);
    severities.chain(others).filter(usual).collect()
}

/// What the signs and shades mean, and how many techniques there are of each.
pub(super) fn legend(route: &Route, room: usize) -> Line {
    let mut line: Line = vec![piece(" ", Role::Text)];
    for counted in kinds(route) {
        if counted.kind.shade != Role::Text && room >= 100 {
            line.extend([piece(" ", counted.kind.shade), piece(" ", Role::Text)]);
        }
        line.push(piece(counted.text(), counted.kind.role));
        line.push(piece(if room >= 90 { "   " } else { " " }, Role::Text));
    }
    line
}
