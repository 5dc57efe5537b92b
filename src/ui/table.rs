//! Lists: only the rows that are on the screen are laid out.

mod names;
mod widths;

use ratatui::layout::Rect;

use crate::app::columns::sortable;
use crate::app::filter::matcher;
use crate::app::item::{Item, Section};
use crate::app::list::{ColumnNeed, List, NameCut, Row};
use crate::app::live::RowMark;
use crate::app::pointer::PointerTarget;
use crate::app::route::Route;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::text::{cut, width};

use super::cells::{self, CellCut, Column, ColumnText, InCommon};
use super::paint::{Line, Paint, line_width, piece};
use super::{detail, sign, split_top, wrap};
pub(super) use widths::Needs;
use widths::{fits, places};

/// Cells before the first column: the cursor's sign and the mark.
const GUTTER: u16 = 3;

/// How far a row stands in for each group that it is in.
const STEP: u16 = 2;

/// Draws a route's list into an area, with column titles over it where all rows have the same.
pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    draw_pane(state, paint, area, route, true);
}

/// The same of a list that is one of several panes; only one that is `focused` shows a cursor.
pub(super) fn draw_pane(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    route: &Route,
    focused: bool,
) {
    let list = &route.list;
    if list.is_empty() {
        empty(state, paint, area, route);
        return;
    }
    let needs = Needs::kept(state, route, area.width);
    let own_headings = list.rows().iter().any(|r| matches!(r.item, Item::Heading(_)));
    let mut body = area;
    if !own_headings && area.height > 2 {
        // Of a row without titles, such as the one that begins a session, none are taken.
        let titled = |row: &&Row| {
            let columns = cells::columns(&row.item, needs.common, area.width);
            row.item.is_leaf() && columns.iter().any(|column| !column.title.is_empty())
        };
        let first = list.shown().find(titled).or_else(|| list.rows().iter().find(titled));
        let group = list.shown().find(|row| matches!(row.item, Item::Part { .. }));
        let mut from = area.x;
        for row in first.into_iter().chain(group) {
            let columns = cells::columns(&row.item, needs.common, area.width);
            let known = needs.get(cells::section(&row.item), columns.len());
            let places = places(&columns, inset(area, row), known);
            titles(paint, area, (&columns, &places), Some(route), from);
            // Those of groups stand where the rows have no titles.
            let texts = columns.iter().zip(&places).filter(|(column, _)| !column.right);
            let ends = texts.map(|(column, (x, _))| x + fits(width(column.title)) + 2);
            from = ends.max().unwrap_or(from);
        }
        body = split_top(area, 1).1;
    }
    let window = list.window(usize::from(body.height));
    let start = window.start;
    for place in window {
        let y = u16::try_from(place - start).unwrap_or(u16::MAX);
        let line = Rect { y: body.y + y, height: 1, ..body };
        paint.targets.add(line, PointerTarget::Row(place));
        draw_row(state, paint, line, (place, list, &needs), focused && place == list.cursor());
    }
}

/// The rows under a heading.
fn of_section(list: &List, heading: usize) -> impl Iterator<Item = &Row> {
    let rows = (heading + 1..list.len()).filter_map(|at| list.row(at));
    rows.take_while(|row| !matches!(row.item, Item::Heading(_)))
}

/// Draws one row: a heading with its titles, a sentence, or cells.
pub(super) fn draw_row(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    (place, list, needs): (usize, &List, &Needs),
    selected: bool,
) {
    let Some(row) = list.row(place) else { return };
    match &row.item {
        Item::Heading(section) => {
            // Over a sentence there are no columns, nor over groups that are all folded.
            let bare = match list.row(place + 1).map(|row| &row.item) {
                Some(Item::Text(_)) => true,
                Some(Item::Group { .. }) => !of_section(list, place).any(|row| row.item.is_leaf()),
                _ => false,
            };
            heading(state, paint, area, (*section, !bare), needs);
        }
        Item::Text(text) => {
            let inner =
                Rect { x: area.x + GUTTER, width: area.width.saturating_sub(GUTTER), ..area };
            paint.line(inner, 0, &[piece(crate::text::clean(text), Role::Dim)]);
        }
        item => {
            let columns = cells::columns(item, needs.common, area.width);
            let cells = cells::cells(state, row, list, (needs.common, area.width));
            if selected {
                paint.put(area.x, area.y, 1, "▸", Role::Accent);
            }
            if list.is_marked(row.id) {
                paint.put(area.x + 1, area.y, 1, "•", Role::Mark);
            }
            if let Some(flip) = flip(state, item) {
                let (sign, role) = sign::flip(flip);
                paint.put(area.x + 2, area.y, 1, sign, role);
            }
            let known = needs.get(cells::section(item), columns.len());
            let places = places(&columns, inset(area, row), known).into_iter();
            for (at, ((x, width), (column, cell))) in
                places.zip(columns.iter().zip(cells)).enumerate()
            {
                let spot = Rect { x, y: area.y, width, height: 1 };
                let mut column = *column;
                if column.cut == CellCut::Alike {
                    let beside = Beside { state, list, common: needs.common, width: area.width };
                    column.cut = beside.cut(place, at, &cell, usize::from(width));
                }
                let need = known.get(at).copied().unwrap_or_default();
                put_cell(paint, spot, (&column, need), &cell, list);
            }
            if selected {
                paint.select(area);
            }
        }
    }
}

/// Where the columns of a row stand: further in than those of the group that it is in.
fn inset(area: Rect, row: &Row) -> Rect {
    let by = (u16::from(row.depth) * STEP).min(area.width);
    Rect { x: area.x + by, width: area.width - by, ..area }
}

/// The rows before and after one.
struct Beside<'a> {
    state: &'a State,
    list: &'a List,
    common: InCommon,
    width: u16,
}

impl Beside<'_> {
    /// How a cell is cut that is too long: where what is left of it would read like the row beside, its end is
    /// what tells it apart.
    fn cut(&self, place: usize, column: usize, cell: &ColumnText, room: usize) -> CellCut {
        let text =
            |cell: &ColumnText| cell.iter().map(|(text, _)| text.as_str()).collect::<String>();
        let own = text(cell);
        if width(&own) <= room {
            return CellCut::End;
        }
        let kept = cut(&own, room).into_owned();
        let same = |place: usize| {
            let row = self.list.row(place).filter(|row| row.item.is_leaf())?;
            let cells = cells::cells(self.state, row, self.list, (self.common, self.width));
            let other = text(cells.get(column)?);
            (other != own && cut(&other, room) == kept).then_some(())
        };
        let alike = place.checked_sub(1).and_then(same).or_else(|| same(place + 1));
        if alike.is_some() { CellCut::Name } else { CellCut::End }
    }
}

/// What is new or changed in a row.
fn flip(state: &State, item: &Item) -> Option<RowMark> {
    let live = &state.data.live;
    match item {
        Item::Finding(finding) => live.on_finding(&finding.fingerprint),
        Item::Control { framework, id, .. } => live.on_control(framework, id),
        Item::ControlRef(control) | Item::Question(control) => {
            live.on_control(&control.framework, &control.control)
        }
        Item::Object(object) => live.on_object(&object.id),
        _ => None,
    }
}

/// A section's heading, and the titles of its columns.
pub(super) fn heading(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    (section, titled): (Section, bool),
    needs: &Needs,
) {
    let columns = cells::section_columns(section, needs.common, area.width);
    let places = places(&columns, area, needs.get(Some(section), columns.len()));
    let route = Some(state.nav.top());
    // Where the way here says it already, the titles have the room.
    if titled && matches!(section, Section::Holders | Section::Roles | Section::Compared) {
        titles(paint, area, (&columns, &places), route, area.x);
        return;
    }
    let words = cells::heading(section);
    if columns.is_empty() || !titled {
        let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
        paint.line(inner, 0, &[piece(words, Role::Title)]);
        return;
    }
    // What is said beside the words is cut before the title of a number would go, which says nothing without.
    let least = area.x + 3 + fits(width(words));
    let numbers = columns.iter().zip(&places).filter(|(column, _)| column.right);
    let starts = numbers
        .filter(|(column, _)| !column.title.is_empty())
        .map(|(column, (x, cells))| x + cells.saturating_sub(fits(width(column.title))));
    let first = starts.filter(|x| *x >= least).min().unwrap_or_else(|| area.right());
    let room = first.saturating_sub(area.x + 3);
    let spot = Rect { x: area.x + 1, width: room.min(area.width.saturating_sub(1)), ..area };
    let mut line = vec![piece(words, Role::Title)];
    let aside = cells::aside(state, section, area.width);
    line.extend(
        aside.map(|aside| piece(format!(" · {}", crate::text::clean(&aside)), Role::Manual)),
    );
    let end = paint.line(spot, 0, &line);
    // Titles of columns that the words themselves stand over are left out.
    titles(paint, area, (&columns, &places), route, end + 2);
}

fn titles(
    paint: &mut Paint<'_>,
    area: Rect,
    (columns, places): (&[Column], &[(u16, u16)]),
    route: Option<&Route>,
    from: u16,
) {
    let sort = route.and_then(|r| Some((r.list.sort()?, sortable(&r.screen))));
    for (column, (x, cells)) in columns.iter().zip(places.iter().copied()) {
        let spot = Rect { x, y: area.y, width: cells, height: 1 };
        let sorted = sort.filter(|(s, names)| {
            names.get(s.column).is_some_and(|name| same_title(column.title, name))
        });
        let arrow = sorted.map_or("", |(s, _)| if s.down { "↓" } else { "↑" });
        let wide = width(column.title);
        let apart = !arrow.is_empty() && wide + 2 <= usize::from(cells);
        let sign = match (apart, column.right) {
            (true, true) => format!("{arrow} "),
            (true, false) => format!(" {arrow}"),
            (false, _) => arrow.to_owned(),
        };
        // Where the title takes all of its column, the sign stands in the gap beside it.
        let gap = u16::from(!sign.is_empty() && wide == usize::from(cells));
        let spot = if column.right {
            Rect { x: x.saturating_sub(gap), width: cells + gap, ..spot }
        } else {
            Rect { width: cells + gap, ..spot }
        };
        let room = usize::from(spot.width).saturating_sub(sign.chars().count());
        let starts = if column.right { x + cells.saturating_sub(fits(wide)) } else { x };
        if room == 0 || starts < from || wide > room && room < 5 {
            continue;
        }
        let title = cut(column.title, room);
        let (title, sign) = (piece(title, Role::Column), piece(sign, Role::Accent));
        if column.right {
            // Before the title, which ends where the numbers below it do.
            paint.line_right(spot, 0, &[sign, title]);
        } else {
            paint.line(spot, 0, &[title, sign]);
        }
    }
}

/// Whether a column's title, which is shorter where there is little room, is that of an order.
fn same_title(title: &str, order: &str) -> bool {
    // Findings are ordered by the worst of them, whose number is the first.
    matches!(
        (title, order),
        ("?", "not assessed") | ("score", "worst") | ("◆ critical" | "◆", "findings")
    ) || title.trim_start() == order
}

fn put_cell(
    paint: &mut Paint<'_>,
    spot: Rect,
    (column, need): (&Column, ColumnNeed),
    cell: &ColumnText,
    list: &List,
) {
    let room = usize::from(spot.width);
    if column.right {
        paint.line_right(spot, 0, cell);
        return;
    }
    let cell = if line_width(cell) > room && column.cut.is_of_names() {
        shortened(column.cut, need.cut, cell, room, list)
    } else {
        cell.clone()
    };
    paint.line(spot, 0, &cell);
    if !list.filter().is_empty() {
        highlight(paint, spot, &cell, list);
    }
}

/// A cell whose name is too long for it.
fn shortened(cut: CellCut, how: NameCut, cell: &ColumnText, room: usize, list: &List) -> Line {
    let Some((name, before)) = names::named(cut, cell) else { return cell.clone() };
    let own = room.saturating_sub(before);
    if width(name) < own && before == 0 {
        // What follows a name stands there whole or not at all.
        return match cell.as_slice() {
            [first, _] => vec![first.clone()],
            _ => cell.clone(),
        };
    }
    let found = list.filter().highlights(name, &matcher());
    let text = names::cut_name(cut, name, own, how, &found);
    let at = if cut == CellCut::Context { cell.len().saturating_sub(1) } else { 0 };
    let role = cell.get(at).map_or(Role::Text, |(_, role)| *role);
    let mut line: Line = cell.iter().take(at).cloned().collect();
    line.push(piece(text, role));
    line
}

/// Shows what the filter found in a cell.
fn highlight(paint: &mut Paint<'_>, spot: Rect, cell: &Line, list: &List) {
    let matcher = matcher();
    let mut x = spot.x;
    for (text, _) in cell {
        paint.tint_found(spot, x, text, &list.filter().highlights(text, &matcher));
        x = x.saturating_add(u16::try_from(width(text)).unwrap_or(u16::MAX));
    }
}

/// What is said where a list has no rows: why, and what to do.
fn empty(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let detail::Nothing { what, next } = detail::nothing(state, route);
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
