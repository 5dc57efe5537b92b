//! Lists: only the rows that are on the screen are laid out.

use ratatui::layout::Rect;

use crate::app::columns::sortable;
use crate::app::item::{Item, Section};
use crate::app::list::{List, Row};
use crate::app::live::Flip;
use crate::app::pointer::Target;
use crate::app::route::{GroupBy, Route, Screen};
use crate::app::state::State;
use crate::config::theme::Role;
use crate::text::{cut, cut_middle, width};

use super::cells::{self, Cell, Column, Fit};
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

/// How many cells the columns of each kind of row need.
#[derive(Debug, Default)]
pub(super) struct Needs(Vec<(Option<Section>, Vec<Need>)>);

/// How many cells a column needs for all it holds, and for the names in it alone.
#[derive(Clone, Copy, Debug, Default)]
struct Need {
    full: usize,
    bare: usize,
}

impl Need {
    fn of(cell: &Cell) -> Self {
        Self { full: line_width(cell), bare: cell.first().map_or(0, |(text, _)| width(text)) }
    }
}

impl Needs {
    /// Measures rows as they are drawn at a width.
    pub(super) fn of<'a>(
        state: &State,
        rows: impl Iterator<Item = &'a Row>,
        list: &List,
        width: u16,
    ) -> Self {
        let mut needs: Vec<(Option<Section>, Vec<Need>)> = Vec::new();
        let bare = |item: &Item| matches!(item, Item::Heading(_) | Item::Text(_));
        for row in rows.filter(|row| !bare(&row.item)).take(MEASURED) {
            let cells = cells::cells(state, row, list, width);
            let section = cells::section(&row.item);
            let known = needs.iter_mut().find(|(s, n)| *s == section && n.len() == cells.len());
            if let Some((_, known)) = known {
                for (known, cell) in known.iter_mut().zip(&cells) {
                    let need = Need::of(cell);
                    known.full = known.full.max(need.full);
                    known.bare = known.bare.max(need.bare);
                }
            } else {
                needs.push((section, cells.iter().map(Need::of).collect()));
            }
        }
        Self(needs)
    }

    /// What the columns of such rows need; nothing when none was measured.
    fn get(&self, section: Option<Section>, columns: usize) -> &[Need] {
        let known = self.0.iter().find(|(s, n)| *s == section && n.len() == columns);
        known.map_or(&[], |(_, needs)| needs)
    }
}

/// Draws a route's list into an area, with column titles over it where all rows have the same.
pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route, focused: bool) {
    let list = &route.list;
    if list.is_empty() {
        empty(state, paint, area, route);
        return;
    }
    let needs = Needs::of(state, list.rows().iter(), list, area.width);
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
            let columns = cells::columns(&row.item, area.width);
            let needs = needs.get(cells::section(&row.item), columns.len());
            let places = places(&columns, area, needs);
            titles(paint, area, (&columns, &places), Some(route), area.x);
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
        draw_row(state, paint, line, (row, list, &needs), focused && place == list.cursor());
    }
}

/// Draws one row: a heading with its titles, a sentence, or cells.
pub(super) fn draw_row(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    (row, list, needs): (&Row, &List, &Needs),
    selected: bool,
) {
    match &row.item {
        Item::Heading(section) => heading(state, paint, area, *section, needs),
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
            if let Some(flip) = flip(state, item) {
                let (sign, role) = sign::flip(flip);
                paint.put(area.x + 2, area.y, 1, sign, role);
            }
            let needs = needs.get(cells::section(item), columns.len());
            for ((x, width), (column, cell)) in
                places(&columns, area, needs).into_iter().zip(columns.iter().zip(cells))
            {
                let spot = Rect { x, y: area.y, width, height: 1 };
                put_cell(paint, spot, column, &cell, list);
            }
            if selected {
                paint.select(area);
            }
        }
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

/// A section's heading, with the titles of its columns.
fn heading(state: &State, paint: &mut Paint<'_>, area: Rect, section: Section, needs: &Needs) {
    let columns = cells::section_columns(section, area.width);
    let words = cells::heading(section);
    if columns.is_empty() {
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
    let end = paint.line(spot, 0, &line);
    // Titles of columns that the heading stands over are left out.
    let needs = needs.get(Some(cells::measured(section)), columns.len());
    let places = places(&columns, area, needs);
    titles(paint, area, (&columns, &places), None, end + 2);
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
        let sign = sorted.map_or("", |(s, _)| if s.down { "↓" } else { "↑" });
        let wide = width(column.title);
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
        let title = match route {
            Some(route) if column.title == "object" => object_title(route),
            _ => column.title,
        };
        let title = cut(title, room);
        let (title, sign) = (piece(title, Role::Column), piece(sign, Role::Accent));
        if column.right {
            // Before the title, which ends where the numbers below it do.
            paint.line_right(spot, 0, &[sign, title]);
        } else {
            paint.line(spot, 0, &[title, sign]);
        }
    }
}

/// What stands over the objects of a list: where the group, or the page, says which object it is, what is
/// wrong stands there, or nothing.
fn object_title(route: &Route) -> &'static str {
    match route.screen {
        Screen::Findings(_) if route.group == GroupBy::Owner => "check",
        Screen::Object(_) => "",
        _ => "object",
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
    let names = names.map(|(column, need)| if column.middle { need.bare } else { need.full });
    shared(columns, area, &names.collect::<Vec<_>>())
}

/// The places of columns that need so many cells.
fn shared(columns: &[Column], area: Rect, needs: &[usize]) -> Vec<(u16, u16)> {
    let need = |at: usize| needs.get(at).map(|cells| fits(*cells));
    let fixed = |at: usize, cells: u16, title: &str| match need(at) {
        // Where a title is all that is wide, the next one must not run into it.
        Some(need) if cells >= GIVES_BACK => cells.min(need.max(fits(width(title)) + 1)),
        _ => cells,
    };
    let gaps = fits(columns.len().saturating_sub(1));
    // Names that nobody needs here, as on the page of the one thing they would name, take no room.
    let empty = |at: usize, column: &Column| column.middle && need(at) == Some(0);
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
        [(text, role), ..]
            if long && column.middle && width(text) >= room && !is_sentence(text) =>
        {
            vec![piece(cut_name(text, room), *role)]
        }
        // What follows a name stands there whole or not at all.
        [first, _] if long && column.middle => vec![first.clone()],
        _ => cell.clone(),
    };
    paint.line(spot, 0, &cell);
    if !list.filter().is_empty() {
        highlight(paint, spot, &cell, list);
    }
}

/// Most words that a name has: `group system:masters`.
const WORDS: usize = 3;

/// Whether it is a sentence rather than a name: what matters of one comes first. Heads of groups end with
/// their count.
fn is_sentence(text: &str) -> bool {
    let text = text.trim_start();
    !text.starts_with(['⊟', '⊞']) && text.split(' ').count() > WORDS
}

/// The fewest cells that a name keeps beside the namespace it is in.
const NAME: usize = 6;

/// A name cut in the middle; of `namespace/name` the namespace stays whole where the name keeps a few
/// cells.
fn cut_name(text: &str, room: usize) -> String {
    let inside = text.split_once('/').map(|(namespace, _)| namespace.len() + 1);
    let inside =
        inside.filter(|len| text.get(..*len).is_some_and(|head| width(head) + NAME <= room));
    let (head, name) = inside.and_then(|len| text.split_at_checked(len)).unwrap_or(("", text));
    format!("{head}{}", cut_middle(name, room - width(head).min(room)))
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
        let column = |fit| Column { title: "", fit, right: false, middle: false };
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
        let names = Column { middle: true, ..column(Fit::Share(1)) };
        let named = [names, column(Fit::Share(1)), column(Fit::Fixed(20))];
        assert_eq!(widths_of(&named, &[0, 30, 20]), [0, 40, 20]);
    }

    #[test]
    fn a_namespace_stays_readable_where_a_name_is_cut() {
        assert_eq!(cut_name("pay/web-frontend-canary", 15), "pay/web-f…anary");
        assert_eq!(cut_name("kube-system/csi-driver-node", 18), "kube-system/csi…de");
        assert_eq!(cut_name("a-very-long-namespace/web", 15), "a-very-…ace/web");
        assert_eq!(cut_name("web", 15), "web");
        assert_eq!(cut_name("日本語/web-frontend", 12).chars().next(), Some('日'));
    }
}
