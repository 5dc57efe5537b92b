//! Lists: only the rows that are on the screen are laid out.

use ratatui::layout::Rect;

use crate::app::columns::sortable;
use crate::app::item::{Item, Section};
use crate::app::list::{List, Row};
use crate::app::pointer::Target;
use crate::app::route::Route;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::text::{cut, cut_middle};

use super::cells::{self, Cell, Column, Fit};
use super::paint::{Line, Paint, line_width, piece};
use super::{detail, split_top, wrap};

/// Cells before the first column: the cursor's sign and the mark.
const GUTTER: u16 = 3;

/// Draws a route's list into an area, with column titles over it where all rows have the same.
pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route, focused: bool) {
    let list = &route.list;
    if list.is_empty() {
        empty(state, paint, area, route);
        return;
    }
    let own_headings = list.rows().iter().any(|r| matches!(r.item, Item::Heading(_)));
    let mut body = area;
    if !own_headings && area.height > 2 {
        // Of a row without titles, such as the one that begins a session, none are taken.
        let titled = |row: &&Row| {
            let columns = cells::columns(&row.item, area.width);
            row.item.is_leaf() && columns.iter().any(|column| !column.title.is_empty())
        };
        let first = list.shown().find(titled).or_else(|| list.row(0));
        if let Some(row) = first {
            titles(paint, area, &cells::columns(&row.item, area.width), Some(route), area.x);
        }
        body = split_top(area, 1).1;
    }
    let window = list.window(usize::from(body.height));
    let start = window.start;
    for place in window {
        let Some(row) = list.row(place) else { continue };
        let y = u16::try_from(place - start).unwrap_or(u16::MAX);
        let line = Rect { y: body.y + y, height: 1, ..body };
        paint.targets.add(line, Target::Row(place));
        draw_row(state, paint, line, row, list, focused && place == list.cursor());
    }
}

/// Draws one row: a heading with its titles, a sentence, or cells.
pub(super) fn draw_row(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    row: &Row,
    list: &List,
    selected: bool,
) {
    match &row.item {
        Item::Heading(section) => heading(paint, area, *section),
        Item::Text(text) => {
            let inner =
                Rect { x: area.x + GUTTER, width: area.width.saturating_sub(GUTTER), ..area };
            paint.line(inner, 0, &[piece(crate::text::clean(text), Role::Dim)]);
        }
        item => {
            let columns = cells::columns(item, area.width);
            let cells = cells::cells(state, row, list, area.width);
            if selected {
                paint.put(area.x, area.y, 1, "▸", Role::Accent);
            }
            if list.is_marked(row.id) {
                paint.put(area.x + 1, area.y, 1, "•", Role::Mark);
            }
            for ((x, width), (column, cell)) in
                places(&columns, area).into_iter().zip(columns.iter().zip(cells))
            {
                let spot = Rect { x, y: area.y, width, height: 1 };
                put_cell(paint, spot, column, &cell, list);
            }
            if selected {
                paint.tint(area, Role::Selection);
            }
        }
    }
}

/// A section's heading, with the titles of its columns.
fn heading(paint: &mut Paint<'_>, area: Rect, section: Section) {
    let columns = cells::section_columns(section, area.width);
    let words = cells::heading(section);
    if columns.is_empty() {
        let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
        paint.line(inner, 0, &[piece(words, Role::Title)]);
        return;
    }
    let spot = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
    let end = paint.line(spot, 0, &[piece(words, Role::Title)]);
    // Titles of columns that the heading stands over are left out.
    titles(paint, area, &columns, None, end + 2);
}

fn titles(paint: &mut Paint<'_>, area: Rect, columns: &[Column], route: Option<&Route>, from: u16) {
    let sort = route.and_then(|r| Some((r.list.sort()?, sortable(&r.screen))));
    for (column, (x, width)) in columns.iter().zip(places(columns, area)) {
        let spot = Rect { x, y: area.y, width, height: 1 };
        let sorted = sort.filter(|(s, names)| names.get(s.column) == Some(&column.title));
        let sign = sorted.map_or("", |(s, _)| if s.down { "▼" } else { "▲" });
        let room = usize::from(width).saturating_sub(sign.chars().count());
        let wide = crate::text::width(column.title);
        let starts = if column.right { x + width.saturating_sub(fits(wide)) } else { x };
        if room == 0 || starts < from || wide > room && room < 5 {
            continue;
        }
        let title = cut(column.title, room);
        let line = [piece(title, Role::Column), piece(sign, Role::Accent)];
        if column.right {
            paint.line_right(spot, 0, &line);
        } else {
            paint.line(spot, 0, &line);
        }
    }
}

fn fits(cells: usize) -> u16 {
    u16::try_from(cells).unwrap_or(u16::MAX)
}

/// Where the columns stand: the fixed ones as wide as they are, the others share what is left.
fn places(columns: &[Column], area: Rect) -> Vec<(u16, u16)> {
    let gaps = u16::try_from(columns.len().saturating_sub(1)).unwrap_or(0);
    let fixed: u16 = columns.iter().map(|c| if let Fit::Fixed(n) = c.fit { n } else { 0 }).sum();
    let shares: u16 = columns.iter().map(|c| if let Fit::Share(n) = c.fit { n } else { 0 }).sum();
    let free = area.width.saturating_sub(GUTTER + 1 + gaps + fixed);
    let mut x = area.x + GUTTER;
    let mut out = Vec::with_capacity(columns.len());
    for column in columns {
        let width = match column.fit {
            Fit::Fixed(n) => n,
            Fit::Share(n) => free * n / shares.max(1),
        };
        let width = width.min(area.right().saturating_sub(x + 1));
        out.push((x, width));
        x += width + 1;
    }
    out
}

fn put_cell(paint: &mut Paint<'_>, spot: Rect, column: &Column, cell: &Cell, list: &List) {
    let room = usize::from(spot.width);
    if column.right {
        paint.line_right(spot, 0, cell);
        return;
    }
    let long = line_width(cell) > room;
    let cell: Line = match cell.as_slice() {
        [(text, role)] if long && column.middle => {
            vec![piece(cut_middle(text, room).into_owned(), *role)]
        }
        _ => cell.clone(),
    };
    paint.line(spot, 0, &cell);
    if !list.filter().is_empty() {
        highlight(paint, spot, &cell, list);
    }
}

/// Shows what the filter found in a cell.
fn highlight(paint: &mut Paint<'_>, spot: Rect, cell: &Line, list: &List) {
    let matcher = crate::app::filter::matcher();
    let mut x = spot.x;
    for (text, _) in cell {
        for range in list.filter().highlights(text, &matcher) {
            let before = text.get(..range.start).map_or(0, crate::text::width);
            let wide = text.get(range).map_or(0, crate::text::width);
            let from = x.saturating_add(u16::try_from(before).unwrap_or(u16::MAX));
            let wide = u16::try_from(wide).unwrap_or(u16::MAX);
            let to = from.saturating_add(wide).min(spot.right());
            let found = Rect { x: from, width: to.saturating_sub(from), ..spot };
            paint.tint(found, Role::Match);
        }
        x = x.saturating_add(u16::try_from(crate::text::width(text)).unwrap_or(u16::MAX));
    }
}

/// What is said where a list has no rows: why, and what to do.
fn empty(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let (what, next) = detail::nothing(state, route);
    let width = usize::from(area.width.saturating_sub(6));
    let inner = Rect { x: area.x + 3, width: area.width.saturating_sub(6), ..area };
    let mut row = u16::from(area.height > 4);
    for line in wrap::wrap(&what, width) {
        paint.line(inner, row, &[piece(line, Role::Text)]);
        row += 1;
    }
    for line in wrap::wrap(&next, width) {
        paint.line(inner, row, &[piece(line, Role::Dim)]);
        row += 1;
    }
}
