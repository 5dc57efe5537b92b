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
use crate::text::{clean, cut, cut_middle, width as wide};

use super::super::paint::{Line, Paint, piece};
use super::super::wrap::wrap;
use super::super::{sign, split_left, split_top, table};
use super::draw_pane;

/// Width of a framework's column, with the gap to the next one.
const COLUMN: u16 = 12;

/// From this width on the row under the cursor is told whole beside the map: before that, every column that
/// the map loses to it counts more.
const BESIDE: u16 = 160;
/// How wide that is.
const SIDE: u16 = 36;
/// Columns that stay beside the longest name.
const LEAST: u16 = 3;

/// Where things stand at a width.
struct Layout {
    /// Cells for the names of namespaces.
    name: u16,
    /// Columns that fit beside them; the first is that of all findings.
    fit: usize,
}

impl Layout {
    fn of(width: u16, route: &Route) -> Self {
        let names = route.list.rows().iter().filter_map(|row| match &row.item {
            Item::Heat(row) => Some(wide(&clean(place(row)))),
            _ => None,
        });
        let longest = u16::try_from(names.max().unwrap_or(0)).unwrap_or(u16::MAX);
        // `kube-node-lease` is in every cluster.
        // A name that is cut is none; it stands back only for the first columns.
        let name = longest.min(width.saturating_sub(4 + LEAST * COLUMN)).max(15);
        let fit = usize::from(width.saturating_sub(name + 4) / COLUMN).max(1);
        Self { name, fit }
    }
}

pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    if route.list.is_empty() {
        table::draw(state, paint, area, route);
        return;
    }
    let column = route.grid.column.min(state.data.judged.len());
    if area.width < BESIDE {
        return grid(state, paint, area, route, (column, true));
    }
    let (left, right) = split_left(area, area.width - SIDE);
    grid(state, paint, left, route, (column, false));
    let right = paint.divide(right);
    let wide = usize::from(right.width.saturating_sub(1));
    let lines = said(state, route, column, wide);
    draw_pane(state, paint, right, route, (&lines, route.list.current().map(|row| row.id)));
}

/// The cells, with what the one under the cursor is below them unless that is said beside them.
fn grid(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    route: &Route,
    (column, alone): (usize, bool),
) {
    let judged = &state.data.judged;
    let layout = Layout::of(area.width, route);
    let shown = route.grid.columns(column, layout.fit, judged.len() + 1);
    let (top, rest) = split_top(area, if area.height >= 14 { 2 } else { 1 });
    let beside = beside(&shown, judged.len() + 1);
    if top.height > 1 {
        let from = paint.line_right(top, 0, &beside);
        let room = Rect { width: from.saturating_sub(top.x), ..top };
        paint.line(room, 0, &legend(room.width));
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
        let title = cut(&title, usize::from(spot.width - 2)).into_owned();
        paint.line_right(spot, 0, &[piece(title, role), piece(mark, Role::Unknown)]);
    }
    let foot = match rest.height {
        _ if !alone => 0,
        13.. => 2,
        height => u16::from(height > 4),
    };
    let (body, below) = split_top(rest, rest.height.saturating_sub(foot));
    let columns = Columns { layout, shown, everywhere };
    for (y, place) in route.list.window(usize::from(body.height)).enumerate() {
        let Some(row) = route.list.row(place) else { continue };
        let y = body.y + u16::try_from(y).unwrap_or(u16::MAX);
        let line = Rect { y, height: 1, ..body };
        let selected = place == route.list.cursor();
        if route.list.is_marked(row.id) {
            paint.put(area.x + 1, y, 1, "•", Role::Mark);
        }
        let Item::Heat(heat) = &row.item else { continue };
        let selected = selected.then_some(column);
        columns.draw_row(paint, line, heat, selected);
    }
    let more = if top.height > 1 { Line::new() } else { beside };
    let Some(Item::Heat(row)) = route.list.current().map(|row| &row.item) else { return };
    footnote(state, paint, below, CellAt { row, column }, &more);
}

/// How many columns lie at either side of those that are shown.
fn beside(shown: &std::ops::Range<usize>, all: usize) -> Line {
    let left = if shown.start > 0 { format!("◀ {} more ", shown.start) } else { String::new() };
    let right =
        if shown.end < all { format!("{} more ▶ ", all - shown.end) } else { String::new() };
    vec![piece(format!(" {left}{right}"), Role::Accent)]
}

/// What a row is of.
fn place(row: &HeatRow) -> &str {
    if row.namespace.is_empty() { "cluster-wide" } else { &row.namespace }
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
        line.push(piece(format!(" {mark} "), sign::heat(Some(severity))));
        line.push(piece(format!("{}  ", severity.word()), Role::Text));
    }
    let text = match width {
        120.. => " count: controls failing   ? not all assessed; on a title: nowhere",
        96.. => " count: controls failing   ? not all assessed",
        70.. => " ? not all assessed",
        _ => " ? unsure",
    };
    line.push(piece(text, Role::Dim));
    line
}

/// The columns of a frame.
struct Columns {
    layout: Layout,
    /// Those that are shown.
    shown: std::ops::Range<usize>,
    /// Those of which something is unknown in every namespace.
    everywhere: BTreeSet<usize>,
}

impl Columns {
    /// Draws a row; `selected` is the column under the cursor, if the row is.
    fn draw_row(&self, paint: &mut Paint<'_>, area: Rect, row: &HeatRow, selected: Option<usize>) {
        let room = self.layout.name;
        let name = cut_middle(&clean(place(row)), usize::from(room)).into_owned();
        let spot = Rect { x: area.x + 3, width: room, ..area };
        paint.line(spot, 0, &[piece(name, Role::Text)]);
        if selected.is_some() {
            paint.put(area.x, area.y, 1, "▸", Role::Accent);
            paint.select(spot);
        }
        for (at, x) in self.shown.clone().zip(places(area, &self.layout)) {
            let mut cell = cell_of(row, at);
            cell.unknown &= cell.failing == 0 || !self.everywhere.contains(&at);
            let spot = Rect { x, width: COLUMN - 1, ..area };
            paint.line(spot, 0, &cell_text(cell));
            if selected == Some(at) {
                paint.select(spot);
                paint.put(x, area.y, 1, "▸", Role::Selection);
            }
        }
    }
}

/// ` ▲    12 ?`: the sign of the worst finding, shaded, the number, and whether something is unknown there.
fn cell_text(cell: HeatCell) -> Line {
    let unknown = if cell.unknown { " ?" } else { "  " };
    match cell.worst {
        Some(severity) => {
            let (mark, _) = sign::severity(severity);
            let count = format!("{:>6}", cell.failing);
            vec![
                piece(format!(" {mark} "), sign::heat(Some(severity))),
                piece(count, Role::Text),
                piece(unknown, Role::Unknown),
            ]
        }
        None if cell.unknown => vec![piece("          ?", Role::Unknown)],
        None => vec![piece("        –  ", Role::HeatNone)],
    }
}

/// The cell under the cursor.
#[derive(Clone, Copy)]
struct CellAt<'a> {
    row: &'a HeatRow,
    column: usize,
}

/// What is counted in a cell, in words.
fn counted_in(state: &State, CellAt { row, column }: CellAt<'_>) -> String {
    let judged = column.checked_sub(1).and_then(|at| Some((at, state.data.judged.get(at)?)));
    let Some((at, judged)) = judged else {
        return format!("{} open findings of all checks", row.tally.total());
    };
    let framework = state.data.framework(&judged.id);
    let title = framework.map_or(judged.id.as_str(), |f| f.title.as_str());
    let matrix = framework.is_some_and(|f| f.is_matrix());
    let what = if matrix { "techniques exposed" } else { "controls fail" };
    let failing = row.cells.get(at).copied().unwrap_or_default().failing;
    format!("{}: {failing} {what} by what is here", clean(title))
}

/// What is said where not everything in a cell was assessed.
const NOT_ALL: &str = "Not everything here was assessed; coverage says what.";

/// What the cell under the cursor is, in two lines.
fn footnote(state: &State, paint: &mut Paint<'_>, area: Rect, cell: CellAt<'_>, more: &Line) {
    let mut line: Line = vec![piece(format!(" {}", clean(place(cell.row))), Role::Title)];
    line.push(piece(format!("   {}", counted_in(state, cell)), Role::Text));
    let unknown = cell_of(cell.row, cell.column).unknown;
    if area.height > 1 && unknown {
        paint.line(area, 1, &[piece(format!(" {NOT_ALL}"), Role::Unknown)]);
    } else if unknown {
        line.push(piece("   ? not all was assessed", Role::Unknown));
    }
    let from = paint.line_right(area, 0, more);
    paint.line(Rect { width: from.saturating_sub(area.x), ..area }, 0, &line);
}

/// The row under the cursor, whole: its findings, and what every framework comes to in it.
fn said(state: &State, route: &Route, column: usize, width: usize) -> Vec<Line> {
    let Some(Item::Heat(row)) = route.list.current().map(|row| &row.item) else {
        return Vec::new();
    };
    let mut lines = vec![vec![piece(clean(place(row)).into_owned(), Role::Title)]];
    for (severity, count) in row.tally.each().filter(|(_, count)| *count > 0) {
        let (mark, role) = sign::severity(severity);
        lines.push(vec![piece(format!("{count:>4} {mark} {}", severity.word()), role)]);
    }
    lines.push(Line::new());
    let told = wrap(&counted_in(state, CellAt { row, column }), width);
    lines.extend(told.into_iter().map(|text| vec![piece(text, Role::Text)]));
    if cell_of(row, column).unknown {
        lines.extend(wrap(NOT_ALL, width).into_iter().map(|text| vec![piece(text, Role::Dim)]));
    }
    lines.push(Line::new());
    lines.push(vec![piece("Controls that fail here", Role::Column)]);
    for (at, judged) in state.data.judged.iter().enumerate() {
        let cell = row.cells.get(at).copied().unwrap_or_default();
        let (mark, role) = match cell.worst {
            Some(severity) => sign::severity(severity),
            None if cell.unknown => ("?", Role::Unknown),
            None => ("–", Role::NotApplicable),
        };
        let own = if at + 1 == column { Role::Title } else { Role::Text };
        let count = if cell.worst.is_some() { cell.failing.to_string() } else { String::new() };
        let unknown = if cell.unknown && cell.worst.is_some() { " ?" } else { "" };
        lines.push(vec![
            piece(format!("{mark} "), role),
            piece(format!("{:11}{count:>4}", clean(state.data.short(&judged.id))), own),
            piece(unknown, Role::Unknown),
        ]);
    }
    lines
}
