//! The heat map: namespaces as rows, frameworks as columns that scroll sideways; each cell the number
//! of controls that fail there, shaded by the worst finding behind it.

use std::collections::BTreeSet;

use ratatui::layout::Rect;

use crate::app::heat::{HeatCell, HeatRow};
use crate::app::item::Item;
use crate::app::route::Route;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::model::finding::Severity;
use crate::text::{clean, cut, cut_middle};

use super::super::paint::{Line, Paint, piece};
use super::super::{sign, split_top, table};

/// Width of a framework's column, with the gap to the next one.
const COLUMN: u16 = 13;

/// Where things stand at a width.
struct Layout {
    /// Cells for the names of namespaces.
    name: u16,
    /// Columns that fit beside them; the first is that of all findings.
    fit: usize,
}

impl Layout {
    fn of(width: u16) -> Self {
        // `kube-node-lease` is in every cluster.
        let name = (width / 5).clamp(15, 32);
        let fit = usize::from(width.saturating_sub(name + 4) / COLUMN).max(1);
        Self { name, fit }
    }
}

pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    if route.list.is_empty() {
        table::draw(state, paint, area, route, true);
        return;
    }
    let judged = &state.data.judged;
    let layout = Layout::of(area.width);
    let column = route.grid.column.min(judged.len());
    let shown = route.grid.columns(column, layout.fit, judged.len() + 1);
    let (top, rest) = split_top(area, if area.height >= 14 { 2 } else { 1 });
    if top.height > 1 {
        paint.line(top, 0, &legend(area.width));
    }
    let titles = Rect { y: top.bottom().saturating_sub(1), height: 1, ..top };
    paint.line(
        Rect { x: area.x + 3, width: layout.name, ..titles },
        0,
        &[piece("namespace", Role::Column)],
    );
    let everywhere = everywhere(route, judged.len() + 1);
    for (at, x) in shown.clone().zip(places(area, &layout)) {
        let title = match at.checked_sub(1).and_then(|at| judged.get(at)) {
            Some(judged) => clean(state.data.short(&judged.id)).into_owned(),
            None => "findings".to_owned(),
        };
        let role = if at == column { Role::Title } else { Role::Column };
        let spot = Rect { x, width: COLUMN - 1, ..titles };
        let mark = if everywhere.contains(&at) { " ?" } else { "  " };
        let title = cut(&title, usize::from(spot.width - 3)).into_owned();
        paint.line_right(spot, 0, &[piece(title, role), piece(format!("{mark} "), Role::Unknown)]);
    }
    let more = shown.start > 0 || shown.end < judged.len() + 1;
    let foot = u16::from(rest.height > 4) + u16::from(rest.height > 12);
    let (body, below) = split_top(rest, rest.height.saturating_sub(foot));
    let window = route.list.window(usize::from(body.height));
    for (y, place) in window.clone().enumerate() {
        let Some(row) = route.list.row(place) else { continue };
        let y = body.y + u16::try_from(y).unwrap_or(u16::MAX);
        let line = Rect { y, height: 1, ..body };
        let selected = place == route.list.cursor();
        if route.list.is_marked(row.id) {
            paint.put(area.x + 1, y, 1, "•", Role::Mark);
        }
        let Item::Heat(heat) = &row.item else { continue };
        let selected = selected.then_some(column);
        draw_row(paint, line, heat, &layout, (shown.clone(), &everywhere), selected);
    }
    footnote(state, paint, below, route, column, more.then_some((&shown, judged.len() + 1)));
}

/// The cell of a row in a column; the first column is that of all findings.
fn cell_of(row: &HeatRow, at: usize) -> HeatCell {
    match at.checked_sub(1) {
        None => HeatCell {
            failing: row.tally.total(),
            worst: row.tally.worst(),
            unknown: row.cells.iter().any(|cell| cell.unknown),
        },
        Some(at) => row.cells.get(at).copied().unwrap_or_default(),
    }
}

/// Columns of which something is unknown in every namespace: their titles say it once, and only
/// cells that would look like nothing failed say it again.
fn everywhere(route: &Route, columns: usize) -> BTreeSet<usize> {
    let rows = || {
        route.list.rows().iter().filter_map(|row| match &row.item {
            Item::Heat(heat) => Some(heat),
            _ => None,
        })
    };
    (0..columns).filter(|at| rows().all(|row| cell_of(row, *at).unknown)).collect()
}

/// Left edges of the columns beside the names.
fn places(area: Rect, layout: &Layout) -> impl Iterator<Item = u16> {
    let from = area.x + 3 + layout.name + 1;
    (0..layout.fit).map(move |at| {
        from.saturating_add(u16::try_from(at).unwrap_or(u16::MAX).saturating_mul(COLUMN))
    })
}

fn legend(width: u16) -> Line {
    let mut line: Line = vec![piece(" ", Role::Text)];
    for severity in Severity::ALL.into_iter().take(if width >= 90 { 5 } else { 4 }) {
        let (mark, _) = sign::severity(severity);
        line.push(piece(format!(" {mark} {} ", severity.word()), sign::heat(Some(severity))));
        line.push(piece(" ", Role::Text));
    }
    let text = match width {
        140.. => {
            " controls failing there, by worst finding   ? not all assessed; on a title: nowhere"
        }
        110.. => " controls failing there, by worst finding   ? not all assessed",
        70.. => " ? not all assessed",
        _ => " ? unsure",
    };
    line.push(piece(text, Role::Dim));
    line
}

fn draw_row(
    paint: &mut Paint<'_>,
    area: Rect,
    row: &HeatRow,
    layout: &Layout,
    (shown, everywhere): (std::ops::Range<usize>, &BTreeSet<usize>),
    selected: Option<usize>,
) {
    let name = if row.namespace.is_empty() { "cluster-wide" } else { &row.namespace };
    let name = cut_middle(&clean(name), usize::from(layout.name)).into_owned();
    let spot = Rect { x: area.x + 3, width: layout.name, ..area };
    paint.line(spot, 0, &[piece(name, Role::Text)]);
    if selected.is_some() {
        paint.put(area.x, area.y, 1, "▸", Role::Accent);
        paint.select(spot);
    }
    for (at, x) in shown.zip(places(area, layout)) {
        let mut cell = cell_of(row, at);
        cell.unknown &= cell.failing == 0 || !everywhere.contains(&at);
        let spot = Rect { x, width: COLUMN - 1, ..area };
        paint.line(spot, 0, &[cell_text(cell)]);
        if selected == Some(at) {
            paint.select(spot);
            paint.put(x, area.y, 1, "▸", Role::Selection);
        }
    }
}

/// ` ▲     12 ?`: sign of the worst finding, number, and whether something is unknown there.
fn cell_text(cell: HeatCell) -> (String, Role) {
    let unknown = if cell.unknown { "?" } else { " " };
    match cell.worst {
        Some(severity) => {
            let (mark, _) = sign::severity(severity);
            let text = format!(" {mark} {:>6} {unknown} ", cell.failing);
            piece(text, sign::heat(Some(severity)))
        }
        None if cell.unknown => piece("          ? ", Role::Unknown),
        None => piece("        –   ", Role::HeatNone),
    }
}

/// What the cell under the cursor is.
fn footnote(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    route: &Route,
    column: usize,
    more: Option<(&std::ops::Range<usize>, usize)>,
) {
    let Some(Item::Heat(row)) = route.list.current().map(|row| &row.item) else { return };
    let place = if row.namespace.is_empty() { "cluster-wide" } else { &row.namespace };
    let mut line: Line = vec![piece(format!(" {}", clean(place)), Role::Title)];
    let judged = column.checked_sub(1).and_then(|at| Some((at, state.data.judged.get(at)?)));
    let (text, unknown) = match judged {
        None => {
            let unknown = row.cells.iter().any(|cell| cell.unknown);
            (format!("   {} open findings of all checks", row.tally.total()), unknown)
        }
        Some((at, judged)) => {
            let cell = row.cells.get(at).copied().unwrap_or_default();
            let framework = state.data.framework(&judged.id);
            let title = framework.map_or(judged.id.as_str(), |f| f.title.as_str());
            let matrix = framework.is_some_and(|f| f.is_matrix());
            let what = if matrix { "techniques exposed" } else { "controls fail" };
            let text = format!("   {}: {} {what} by what is here", clean(title), cell.failing);
            (text, cell.unknown)
        }
    };
    line.push(piece(text, Role::Text));
    let note = if unknown { "not everything here was assessed; coverage says what" } else { "" };
    if area.height > 1 {
        paint.line(area, 1, &[piece(format!(" {note}"), Role::Unknown)]);
    } else if !note.is_empty() {
        line.push(piece("   ? not all was assessed", Role::Unknown));
    }
    let mut room = area;
    if let Some((shown, all)) = more {
        let left = if shown.start > 0 { format!("◀ {} ", shown.start) } else { String::new() };
        let right =
            if shown.end < all { format!("{} more ▶ ", all - shown.end) } else { String::new() };
        let from = paint.line_right(area, 0, &[piece(format!("{left}{right}"), Role::Dim)]);
        room.width = from.saturating_sub(area.x + 1);
    }
    paint.line(room, 0, &line);
}
