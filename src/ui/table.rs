//! Lists: only the rows that are on the screen are laid out.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::mem::discriminant;

use ratatui::layout::Rect;

use crate::app::columns::sortable;
use crate::app::item::{Item, Section};
use crate::app::list::{Cells, List, Need, Row};
use crate::app::live::Flip;
use crate::app::pointer::Target;
use crate::app::route::{Route, Screen};
use crate::app::state::State;
use crate::config::theme::Role;
use crate::text::{cut, cut_middle, width};

use super::cells::{self, Cell, Column, Common, Cut, Fit};
use super::paint::{Line, Paint, line_width, piece};
use super::{detail, sign, split_top, wrap};

/// Cells before the first column: the cursor's sign and the mark.
const GUTTER: u16 = 3;

/// How many rows are looked at to tell how wide columns have to be: the first ones of the list, not
/// those in sight, so that nothing moves while the list is scrolled.
const MEASURED: usize = 200;

/// From this width on a column of a fixed width gives back what it does not need; narrower ones
/// would save little, and would move whenever a number gets another digit.
const GIVES_BACK: u16 = 10;

/// How far a row stands in for each group that it is in.
const STEP: u16 = 2;

/// What the rows of a list have in common, and how many cells the columns of each kind of row need.
#[derive(Debug, Default)]
pub(super) struct Needs {
    common: Common,
    known: Cells,
}

fn need(cell: &Cell) -> Need {
    Need { full: line_width(cell), bare: cell.first().map_or(0, |(text, _)| width(text)) }
}

impl Needs {
    /// Measures rows as they are drawn at a width.
    pub(super) fn of<'a>(
        state: &State,
        rows: impl Iterator<Item = &'a Row>,
        list: &List,
        width: u16,
    ) -> Self {
        let common = Common::of(state.nav.top());
        Self { common, known: measured(state, rows, list, (common, width)) }
    }

    /// Of all rows of a list, as they were measured when it came up: what changes later moves nothing.
    fn kept(state: &State, route: &Route, width: u16) -> Self {
        let (common, list) = (Common::of(route), &route.list);
        let measure = || measured(state, list.rows().iter(), list, (common, width));
        if !matches!(route.screen, Screen::Findings(_) | Screen::Objects(_)) {
            // These are short, and what stands in their rows may come after them.
            return Self { common, known: measure() };
        }
        let data = &state.data;
        let order = list.sort().map(|sort| (sort.column, sort.down));
        let mut of = DefaultHasher::new();
        (width, order, discriminant(&route.group), &data.namespace, data.platform, data.live.run)
            .hash(&mut of);
        Self { common, known: list.measured(of.finish(), measure) }
    }

    /// What the columns of such rows need; nothing when none was measured.
    fn get(&self, section: Option<Section>, columns: usize) -> &[Need] {
        let section = section.map(cells::grid);
        let known = self.known.iter().find(|(s, n)| *s == section && n.len() == columns);
        known.map_or(&[], |(_, needs)| needs)
    }
}

/// Measures rows as they are drawn at a width.
fn measured<'a>(
    state: &State,
    rows: impl Iterator<Item = &'a Row>,
    list: &List,
    (common, width): (Common, u16),
) -> Cells {
    let mut needs = Cells::new();
    let bare = |item: &Item| matches!(item, Item::Heading(_) | Item::Text(_));
    for row in rows.filter(|row| !bare(&row.item)).take(MEASURED) {
        let cells = cells::cells(state, row, list, (common, width));
        let section = cells::section(&row.item).map(cells::grid);
        let known = needs.iter_mut().find(|(s, n)| *s == section && n.len() == cells.len());
        if let Some((_, known)) = known {
            for (known, cell) in known.iter_mut().zip(&cells) {
                let need = need(cell);
                known.full = known.full.max(need.full);
                known.bare = known.bare.max(need.bare);
            }
        } else {
            needs.push((section, cells.iter().map(need).collect()));
        }
    }
    needs
}

/// Draws a route's list into an area, with column titles over it where all rows have the same.
pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route, focused: bool) {
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
        paint.targets.add(line, Target::Row(place));
        draw_row(state, paint, line, (place, list, &needs), focused && place == list.cursor());
    }
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
            // Over a sentence there are no columns.
            let sentence = list.row(place + 1).is_some_and(|r| matches!(r.item, Item::Text(_)));
            heading(state, paint, area, (*section, !sentence), (needs, 0));
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
                if column.cut == Cut::Alike {
                    let beside = Beside { state, list, common: needs.common, width: area.width };
                    column.cut = beside.cut(place, at, &cell, usize::from(width));
                }
                put_cell(paint, spot, &column, &cell, list);
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
    common: Common,
    width: u16,
}

impl Beside<'_> {
    /// How a cell is cut that is too long: where what is left of it would read like the row beside, its end is
    /// what tells it apart.
    fn cut(&self, place: usize, column: usize, cell: &Cell, room: usize) -> Cut {
        let text = |cell: &Cell| cell.iter().map(|(text, _)| text.as_str()).collect::<String>();
        let own = text(cell);
        if width(&own) <= room {
            return Cut::End;
        }
        let kept = cut(&own, room).into_owned();
        let same = |place: usize| {
            let row = self.list.row(place).filter(|row| row.item.is_leaf())?;
            let cells = cells::cells(self.state, row, self.list, (self.common, self.width));
            let other = text(cells.get(column)?);
            (other != own && cut(&other, room) == kept).then_some(())
        };
        let alike = place.checked_sub(1).and_then(same).or_else(|| same(place + 1));
        if alike.is_some() { Cut::Name } else { Cut::End }
    }
}

/// What is new or changed in a row.
fn flip(state: &State, item: &Item) -> Option<Flip> {
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

/// A section's heading, with how many of its rows are out of sight, and the titles of its columns.
pub(super) fn heading(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    (section, titled): (Section, bool),
    (needs, hidden): (&Needs, usize),
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
    let spot = Rect { x: area.x + 1, width: area.width.saturating_sub(1), ..area };
    let mut line = vec![piece(words, Role::Title)];
    let aside = cells::aside(state, section, area.width);
    line.extend(
        aside.map(|aside| piece(format!(" · {}", crate::text::clean(&aside)), Role::Manual)),
    );
    line.extend((hidden > 0).then(|| piece(format!("  ▼ {hidden} more"), Role::Dim)));
    let end = paint.line(spot, 0, &line);
    // Titles of columns that the heading stands over are left out.
    titles(paint, area, (&columns, &places), route, end + 3);
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

fn fits(cells: usize) -> u16 {
    u16::try_from(cells).unwrap_or(u16::MAX)
}

/// Where the columns stand: the fixed ones as wide as they are, the others share what is left, and
/// those that need less than their part leave the rest to those that need more.
fn places(columns: &[Column], area: Rect, needs: &[Need]) -> Vec<(u16, u16)> {
    let full: Vec<usize> = needs.iter().map(|need| need.full).collect();
    let places = shared(columns, area, &full);
    let short = places.iter().zip(needs).any(|((_, wide), need)| usize::from(*wide) < need.bare);
    if !short {
        return places;
    }
    // Names come before what follows them.
    let names = columns.iter().zip(needs);
    let names = names.map(|(column, need)| match column.cut {
        Cut::Name => need.bare,
        _ => need.full,
    });
    shared(columns, area, &names.collect::<Vec<_>>())
}

/// The places of columns that need so many cells.
fn shared(columns: &[Column], area: Rect, needs: &[usize]) -> Vec<(u16, u16)> {
    let need = |at: usize| needs.get(at).map(|cells| fits(*cells));
    let fixed = |at: usize, cells: u16, title: &str| match need(at) {
        // Where a title is all that is wide, the next one must not run into it.
        Some(need) if cells >= GIVES_BACK => {
            let title = fits(width(title));
            cells.min(need.max(title + u16::from(title > 0)))
        }
        _ => cells,
    };
    let gaps = fits(columns.len().saturating_sub(1)) + columns.iter().map(|c| c.gap).sum::<u16>();
    // Names that nobody needs here, as on the page of the one thing they would name, take no room.
    let empty = |at: usize, column: &Column| column.cut == Cut::Name && need(at) == Some(0);
    let (mut taken, mut shares) = (0_u16, 0_u16);
    for (at, column) in columns.iter().enumerate() {
        match column.fit {
            Fit::Fixed(n) => taken = taken.saturating_add(fixed(at, n, column.title)),
            Fit::Share(_) if empty(at, column) => {}
            Fit::Share(n) => shares = shares.saturating_add(n),
        }
    }
    let free = area.width.saturating_sub((GUTTER + 1 + gaps).saturating_add(taken));
    let part = |n: u16| free * n / shares.max(1);
    let (mut spare, mut wanted) = (0_u16, 0_u16);
    for (at, column) in columns.iter().enumerate().filter(|(at, column)| !empty(*at, column)) {
        if let (Fit::Share(n), Some(need)) = (column.fit, need(at)) {
            spare = spare.saturating_add(part(n).saturating_sub(need));
            wanted = wanted.saturating_add(need.saturating_sub(part(n)));
        }
    }
    let moved = u32::from(spare.min(wanted));
    // The part of `of` that moves, of `all` that could: never more than `of`.
    let scaled = |of: u16, all: u16| {
        u16::try_from(u32::from(of) * moved / u32::from(all.max(1))).unwrap_or(of)
    };
    let mut x = area.x + GUTTER;
    let mut out = Vec::with_capacity(columns.len());
    for (at, column) in columns.iter().enumerate() {
        let wide = match (column.fit, need(at)) {
            (Fit::Fixed(n), _) => fixed(at, n, column.title),
            (Fit::Share(_), _) if empty(at, column) => 0,
            (Fit::Share(n), None) => part(n),
            (Fit::Share(n), Some(need)) if need > part(n) => {
                part(n) + scaled(need - part(n), wanted)
            }
            (Fit::Share(n), Some(need)) => part(n) - scaled(part(n) - need, spare),
        };
        x += column.gap;
        let wide = wide.min(area.right().saturating_sub(x + 1));
        out.push((x, wide));
        x += wide + 1;
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
        [(text, role), ..] if long && column.cut == Cut::Name && width(text) >= room => {
            vec![piece(cut_name(text, room), *role)]
        }
        // What follows a name stands there whole or not at all.
        [first, _] if long && column.cut == Cut::Name => vec![first.clone()],
        _ => cell.clone(),
    };
    paint.line(spot, 0, &cell);
    if !list.filter().is_empty() {
        highlight(paint, spot, &cell, list);
    }
}

/// The fewest cells that a name keeps beside the namespace it is in.
const NAME: usize = 6;

/// A name cut in the middle; of `namespace/name` the namespace stays whole where the name keeps a few
/// cells, and where it does not, both are cut, so that something is left of each.
fn cut_name(text: &str, room: usize) -> String {
    let Some((namespace, name)) = text.split_once('/').filter(|_| width(text) > room) else {
        return cut_middle(text, room).into_owned();
    };
    if room < 2 * NAME {
        return cut_middle(text, room).into_owned();
    }
    let (wide, most) = (width(namespace), room - 1);
    let kept = if wide + NAME <= most { wide } else { most - width(name).min(most.div_ceil(2)) };
    let namespace = cut_middle(namespace, kept);
    let name = cut_middle(name, most - width(&namespace));
    format!("{namespace}/{name}")
}

/// Shows what the filter found in a cell.
fn highlight(paint: &mut Paint<'_>, spot: Rect, cell: &Line, list: &List) {
    let matcher = crate::app::filter::matcher();
    let mut x = spot.x;
    for (text, _) in cell {
        for range in list.filter().highlights(text, &matcher) {
            let before = text.get(..range.start).map_or(0, width);
            let wide = text.get(range).map_or(0, width);
            let from = x.saturating_add(u16::try_from(before).unwrap_or(u16::MAX));
            let wide = u16::try_from(wide).unwrap_or(u16::MAX);
            let to = from.saturating_add(wide).min(spot.right());
            let found = Rect { x: from, width: to.saturating_sub(from), ..spot };
            paint.tint(found, Role::Match);
        }
        x = x.saturating_add(u16::try_from(width(text)).unwrap_or(u16::MAX));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_leave_each_other_what_they_do_not_need() {
        let column = |fit| Column { title: "", fit, right: false, cut: Cut::End, gap: 0 };
        let columns = [column(Fit::Share(1)), column(Fit::Share(1)), column(Fit::Fixed(20))];
        let area = Rect { x: 0, y: 0, width: 66, height: 1 };
        let widths_of = |columns: &[Column], needs: &[usize]| -> Vec<u16> {
            shared(columns, area, needs).into_iter().map(|(_, width)| width).collect()
        };
        let widths = |needs: &[usize]| widths_of(&columns, needs);
        assert_eq!(widths(&[]), [20, 20, 20]);
        assert_eq!(widths(&[8, 30, 20]), [10, 30, 20]);
        assert_eq!(widths(&[90, 5, 20]), [35, 5, 20]);
        assert_eq!(widths(&[90, 90, 8]), [26, 26, 8]);
        assert_eq!(widths(&[0, 0, 0]), [30, 30, 0]);
        let names = Column { cut: Cut::Name, ..column(Fit::Share(1)) };
        let named = [names, column(Fit::Share(1)), column(Fit::Fixed(20))];
        assert_eq!(widths_of(&named, &[0, 30, 20]), [0, 40, 20]);
    }

    #[test]
    fn a_namespace_stays_readable_where_a_name_is_cut() {
        assert_eq!(cut_name("pay/web-frontend-canary", 15), "pay/web-f…anary");
        assert_eq!(cut_name("kube-system/csi-driver-node", 18), "kube-system/csi…de");
        assert_eq!(cut_name("a-very-long-namespace/web", 15), "a-ver…space/web");
        let both = cut_name("payments-production-europe-west-1/a-very-long-deployment-name-63", 27);
        assert_eq!(both, "paymen…west-1/a-very…ame-63");
        assert_eq!(cut_name("a-very-long-namespace/web", 9), "a-ve…/web");
        assert_eq!(cut_name("web", 15), "web");
        assert_eq!(cut_name("日本語/web-frontend", 12).chars().next(), Some('日'));
    }
}
