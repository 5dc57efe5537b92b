//! The matrix of attack techniques: tactics as columns that scroll sideways, their names always in
//! sight; each cell shaded by the worst of what its technique needs and finds.

mod cell;

use std::collections::BTreeMap;

use ratatui::layout::Rect;

use crate::app::action::Action;
use crate::app::grid::{self, Column, Lens};
use crate::app::item::Item;
use crate::app::list::Row;
use crate::app::matrix::Technique;
use crate::app::route::{Route, Screen};
use crate::app::state::State;
use crate::config::theme::Role;
use crate::frameworks::Framework;
use crate::model::finding::Severity;
use crate::model::severities::BySeverity;
use crate::text::{clean, counted, cut, width};

use super::super::paint::{Line, Paint, line_width, piece};
use super::super::{detail, sign, split_left, split_top, table};
use super::{WIDE, draw_pane};

/// Narrowest column, with the gap to the next one.
const NARROW: u16 = 22;
/// The same where each cell has one line only, for title and word.
const ONE_LINE: u16 = 25;
/// Wider columns say nothing more.
const BROAD: u16 = 34;

pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let Screen::Matrix(id) = &route.screen else { return };
    let Some(framework) = state.data.matrix(id.as_deref()) else {
        let text = "   No framework here is a matrix of attack techniques.";
        paint.line(area, 1, &[piece(text, Role::Text)]);
        let next =
            "   `plimsoll frameworks list` shows those that are built in and those of yours.";
        paint.line(area, 2, &[piece(next, Role::Dim)]);
        return;
    };
    let rows = if area.height >= 20 { 2 } else { 1 };
    let (top, rest) = split_top(area, rows);
    head(state, paint, top, route, framework);
    if rows > 1 {
        paint.line(top, 1, &legend(route, usize::from(area.width)));
    }
    if route.list.is_empty() {
        table::draw(state, paint, rest, route, true);
        return;
    }
    let cell = route.list.current().and_then(|row| match &row.item {
        Item::Technique(cell) => Some(cell),
        _ => None,
    });
    if area.width >= WIDE {
        let (left, right) = split_left(rest, rest.width.saturating_sub(side(area.width)));
        cells(paint, left, route);
        let right = paint.divide(right);
        let wide = usize::from(right.width.saturating_sub(1));
        let lines = cell.map(|cell| detail::of_technique(state, cell, wide)).unwrap_or_default();
        let of = route.list.current().map(|row| row.id);
        draw_pane(state, paint, right, route, (&lines, of));
        return;
    }
    let foot = if rest.height >= 12 { 2 } else { 1 };
    let (grid, below) = split_top(rest, rest.height.saturating_sub(foot));
    cells(paint, grid, route);
    for (row, line) in cell.map(|cell| said(state, cell)).unwrap_or_default().iter().enumerate() {
        paint.line(below, u16::try_from(row).unwrap_or(u16::MAX), line);
    }
}

/// How wide the pane at the right is.
fn side(width: u16) -> u16 {
    (width * 3 / 10).clamp(40, 60)
}

/// Which matrix, what its cells show, what became of it, and the keys that change that.
fn head(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route, framework: &Framework) {
    let key = |action: Action| {
        let keys = state.keymap.keys(route.mode(), action);
        keys.first().map(ToString::to_string).unwrap_or_default()
    };
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
    if let Some(judged) = state.data.judged(&framework.id).filter(|_| lens == Lens::Exposure) {
        let counts = judged.counts;
        let exposed = if counts.exposed > 0 { Role::Fail } else { Role::Dim };
        line.push(piece(format!("   ■ {} exposed", counts.exposed), exposed));
        line.push(piece(format!("  □ {} mitigated", counts.mitigated), Role::Pass));
        line.push(piece(format!("  ? {} not assessed", counts.not_assessed), Role::Unknown));
    } else if state.data.judged(&framework.id).is_none() {
        let text = match (&state.data.result, state.data.not_judged(&framework.id)) {
            (None, _) => format!("   No checks have run yet; {} runs them", key(Action::Run)),
            (_, Some(not)) => format!("   not judged: {}", clean(&not.reason)),
            (_, None) => "   not judged: this run was about something else".to_owned(),
        };
        line.push(piece(text, Role::Unknown));
    }
    let mut keys: Line = vec![
        piece(key(Action::Lens), Role::Accent),
        piece(format!(" {}", lens.other().word()), Role::Dim),
    ];
    if state.data.matrices().len() > 1 {
        keys.push(piece(format!("  {}", key(Action::NextPane)), Role::Accent));
        keys.push(piece(" other matrix", Role::Dim));
    }
    keys.push(piece(" ", Role::Text));
    let mut room = area;
    if line_width(&line) + line_width(&keys) + 2 <= usize::from(area.width) {
        let from = paint.line_right(area, 0, &keys);
        room.width = from.saturating_sub(area.x);
    }
    paint.line(room, 0, &line);
}

/// What the signs and shades mean; of mitigations also how many techniques there are of each.
fn legend(route: &Route, room: usize) -> Line {
    let mut line: Line = vec![piece(" ", Role::Text)];
    let mut add = |text: String, shade: Role, role: Role| {
        line.push(piece(" ", shade));
        line.push(piece(format!(" {text}"), role));
        line.push(piece("  ", Role::Text));
    };
    match route.grid.lens {
        Lens::Exposure => {
            for severity in Severity::ALL {
                let (mark, role) = sign::severity(severity);
                add(format!("{mark} {}", severity.word()), sign::heat(Some(severity)), role);
            }
            add("□ mitigated".to_owned(), Role::Text, Role::Pass);
            add("? not assessed".to_owned(), Role::Text, Role::Unknown);
            if room >= 100 {
                add("⚑ accepted".to_owned(), Role::Text, Role::Accepted);
            }
        }
        Lens::Mitigations => {
            // One technique stands under several tactics.
            let cells = route.list.rows().iter().filter_map(|row| match &row.item {
                Item::Technique(cell) => Some((&*cell.id, cell::measures(cell.measures).word)),
                _ => None,
            });
            let words: BTreeMap<&str, &str> = cells.collect();
            for (mark, word, shade, role) in cell::MEASURES {
                let count = words.values().filter(|known| **known == word).count();
                let text = if room >= 76 {
                    format!("{mark} {count} {word}")
                } else {
                    format!("{mark} {word}")
                };
                add(text, shade, role);
            }
        }
    }
    line
}

/// The columns that fit, with the tactics over them.
fn cells(paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let columns = grid::columns(&route.list);
    let (at, row) = grid::position(&columns, route.list.cursor()).unwrap_or_default();
    let tallest = columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
    // Two lines are for the names of tactics, and one for what lies beside.
    let (top, body) = split_top(area, if area.height >= 8 { 2 } else { 1 });
    let body = Rect { height: body.height.saturating_sub(u16::from(body.height > 6)), ..body };
    let room = usize::from(body.height);
    // Title and word in lines of their own where the rows then fit.
    let one = tallest * 2 > room && room < 24;
    let least = if one { ONE_LINE } else { NARROW };
    let fit = usize::from((area.width.saturating_sub(1) / least).max(1));
    let shown = route.grid.columns(at, fit, columns.len());
    let lines = if one { 1 } else { roomy(columns.get(shown.clone()).unwrap_or_default(), room) };
    let rows = usize::from(body.height / lines).max(1);
    let window = route.grid.rows(row, rows, tallest);
    let count = u16::try_from(shown.len().max(1)).unwrap_or(1);
    let wide = (area.width.saturating_sub(1) / count).min(BROAD);
    let mut x = area.x + 1;
    for at in shown.clone() {
        let Some(column) = columns.get(at) else { continue };
        let spot = Rect { x, width: wide.saturating_sub(1), ..top };
        tactic(paint, spot, route.list.row(column.heading));
        for (line, place) in column.cells.clone().skip(window.start).take(rows).enumerate() {
            let y = body.y + u16::try_from(line).unwrap_or(u16::MAX).saturating_mul(lines);
            let spot = Rect { x, y, width: wide.saturating_sub(1), height: lines };
            technique(paint, spot, route, place);
        }
        x = x.saturating_add(wide);
    }
    beyond(paint, area, &columns, &shown, &window);
}

/// How many lines a cell gets: the title in two and a line between cells where these columns then
/// fit, the title in two where they fit without, and else title and word.
fn roomy(columns: &[Column], room: usize) -> u16 {
    let tallest = columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
    match tallest {
        rows if rows * 4 <= room + 1 => 4,
        rows if rows * 3 <= room => 3,
        _ => 2,
    }
}

/// How many columns lie at either side, beside the names of the tactics; and how many rows above and
/// below.
fn beyond(
    paint: &mut Paint<'_>,
    area: Rect,
    columns: &[Column],
    shown: &std::ops::Range<usize>,
    window: &std::ops::Range<usize>,
) {
    let tallest = columns.iter().map(|column| column.cells.len()).max().unwrap_or(0);
    let mut parts = Vec::new();
    if window.start > 0 {
        parts.push(format!("{} above", counted(window.start, "row")));
    }
    if window.end < tallest {
        parts.push(format!("{} below", counted(tallest - window.end, "row")));
    }
    if area.height > 8 && !parts.is_empty() {
        let text = format!("  {}", parts.join("   "));
        paint.line(area, area.height - 1, &[piece(text, Role::Dim)]);
    }
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let row = if area.height >= 8 { 1 } else { return };
    if shown.start > 0 {
        paint.line(inner, row, &[piece(format!("◀ {} more ", shown.start), Role::Accent)]);
    }
    if shown.end < columns.len() {
        let text = format!(" {} more ▶", columns.len() - shown.end);
        paint.line_right(inner, row, &[piece(text, Role::Accent)]);
    }
}

fn tactic(paint: &mut Paint<'_>, area: Rect, row: Option<&Row>) {
    let Some(Item::Tactic { name, exposed, of }) = row.map(|row| &row.item) else { return };
    let room = usize::from(area.width);
    let count = format!(" {exposed}/{of}");
    let name = cut(&clean(name), room.saturating_sub(count.len())).into_owned();
    let fill = room.saturating_sub(width(&name) + count.len());
    let role = if *exposed > 0 { Role::Fail } else { Role::Dim };
    let line = [piece(name, Role::Title), piece(" ".repeat(fill), Role::Text), piece(count, role)];
    paint.line(area, 0, &line);
    if area.height > 1 {
        paint.rule(area, 1);
    }
}

fn technique(paint: &mut Paint<'_>, area: Rect, route: &Route, place: usize) {
    let Some(row) = route.list.row(place) else { return };
    let Item::Technique(technique) = &row.item else { return };
    let shown = match route.grid.lens {
        Lens::Exposure => cell::exposure(technique),
        Lens::Mitigations => cell::measures(technique.measures),
    };
    let selected = place == route.list.cursor();
    let marked = route.list.is_marked(row.id);
    let gutter = match (selected, marked) {
        (true, _) => piece("▸", Role::Accent),
        (_, true) => piece("•", Role::Mark),
        _ => piece(" ", shown.shade),
    };
    let mut lines = cell::lines(technique, area, &shown);
    if let Some(first) = lines.first_mut().and_then(|line| line.first_mut()) {
        *first = gutter;
    }
    for (y, line) in lines.iter().enumerate() {
        paint.line(area, u16::try_from(y).unwrap_or(u16::MAX), line);
    }
    if selected {
        let height = u16::try_from(lines.len()).unwrap_or(u16::MAX).min(area.height);
        paint.select(Rect { height, ..area });
    } else if marked {
        paint.tint(Rect { width: 1, height: 1, ..area }, Role::Mark);
    }
    found(paint, area, route, &lines);
}

/// Shows what the filter found in what a cell says.
fn found(paint: &mut Paint<'_>, area: Rect, route: &Route, lines: &[Line]) {
    let filter = route.list.filter();
    if filter.is_empty() {
        return;
    }
    let matcher = crate::app::filter::matcher();
    for (y, line) in lines.iter().enumerate() {
        let text: String = line.iter().map(|(text, _)| text.as_str()).collect();
        for range in filter.highlights(&text, &matcher) {
            let cells = |text: Option<&str>| u16::try_from(text.map_or(0, width)).unwrap_or(0);
            let from = area.x.saturating_add(cells(text.get(..range.start)));
            let wide = cells(text.get(range)).min(area.right().saturating_sub(from));
            let y = area.y.saturating_add(u16::try_from(y).unwrap_or(u16::MAX));
            paint.tint(Rect { x: from, y, width: wide, height: 1 }, Role::Match);
        }
    }
}

/// What the cell under the cursor is, in two lines.
fn said(state: &State, cell: &Technique) -> Vec<Line> {
    let (mark, word, role) = sign::status(cell.status);
    let head = format!(" {} {}", cell.id, clean(&cell.title));
    let mut first: Line = vec![piece(head, Role::Title), piece(format!("   {mark} {word}"), role)];
    first.push(piece(format!("   {}", open(cell.open)), Role::Text));
    if cell.accepted > 0 {
        first.push(piece(format!(", {} accepted", cell.accepted), Role::Accepted));
    }
    let measures = cell.measures;
    if measures.total() > 0 {
        let text = format!("   mitigations {}/{}", measures.held, measures.total());
        first.push(piece(text, Role::Dim));
    }
    let judged = state.data.control(&cell.framework, &cell.id).and_then(|(_, judged)| judged);
    let why = judged.map(|judged| judged.reasons.join("; ")).unwrap_or_default();
    let why = if why.is_empty() { "nothing that it needs was found".to_owned() } else { why };
    let why = if judged.is_some() { why } else { "it was not judged".to_owned() };
    vec![first, vec![piece(format!(" {}", clean(&why)), Role::Dim)]]
}

/// Open findings by severity, in words.
fn open(tally: BySeverity) -> String {
    if tally.total() == 0 {
        return "no open finding".to_owned();
    }
    let some = tally.each().filter(|(_, count)| *count > 0);
    let words: Vec<String> = some.map(|(s, count)| format!("{count} {}", s.word())).collect();
    words.join(", ")
}
