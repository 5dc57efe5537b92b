//! The matrix of attack techniques: tactics as columns that scroll sideways, their names always in
//! sight; each cell shaded by the worst of what its technique needs and finds.

mod cell;
mod head;

use std::ops::Range;

use ratatui::layout::Rect;

use crate::app::grid::{self, GridColumn, MatrixLens};
use crate::app::item::Item;
use crate::app::list::Row;
use crate::app::matrix::Technique;
use crate::app::route::{Route, Screen};
use crate::app::state::State;
use crate::config::theme::Role;
use crate::model::severities::BySeverity;
use crate::text::{clean, counted, cut, width};

use super::super::paint::{Line, Paint, line_width, piece};
use super::super::{detail, sign, split_left, split_top, table};
use super::{WIDE, draw_pane};
use head::{head, legend};

/// Narrowest column, with the gap to the next one.
const NARROW: u16 = 22;
/// The same where each cell has one line only, for title and word.
const ONE_LINE: u16 = 25;
/// So many tactics stay in sight beside a pane: with fewer nobody sees how an attack goes on.
const BESIDE: u16 = 5;
/// A column that has room for how many tactics lie beside it, in words.
const ALONE: u16 = 30;
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
    // Where there is room, with a blank line between the legend and the tactics.
    let rows = match area.height {
        20.. => 3,
        16.. => 2,
        _ => 1,
    };
    let (top, rest) = split_top(area, rows);
    head(state, paint, top, route, framework);
    if rows > 1 {
        paint.line(top, 1, &legend(route, usize::from(area.width)));
    }
    if route.list.is_empty() {
        table::draw(state, paint, rest, route);
        return;
    }
    let cell = route.list.current().and_then(|row| match &row.item {
        Item::Technique(cell) => Some(cell),
        _ => None,
    });
    if let Some(side) = side(area.width, route) {
        let (left, right) = split_left(rest, rest.width.saturating_sub(side));
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
    for (row, line) in
        cell.map(|cell| said(state, route, cell)).unwrap_or_default().iter().enumerate()
    {
        paint.line(below, u16::try_from(row).unwrap_or(u16::MAX), line);
    }
}

/// How wide the pane at the right is: what a sentence takes; the cells have more use for the rest. None where it
/// would leave too few tactics in sight, of all there are, whatever a filter hides.
fn side(width: u16, route: &Route) -> Option<u16> {
    let tactics = route.list.rows().iter().filter(|row| matches!(row.item, Item::Tactic { .. }));
    let tactics = u16::try_from(tactics.count()).unwrap_or(BESIDE).min(BESIDE);
    let side = (width * 3 / 10).clamp(40, 44);
    (width >= WIDE && width - side > tactics * NARROW).then_some(side)
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
    // Title and word in one line where the rows then fit.
    let one = tallest * 2 > room && room < 24;
    let least = if one { ONE_LINE } else { NARROW };
    let fit = usize::from((area.width.saturating_sub(1) / least).max(1));
    let shown = route.grid.columns(at, fit, columns.len());
    let count = u16::try_from(shown.len().max(1)).unwrap_or(1);
    let wide = (area.width.saturating_sub(1) / count).min(BROAD);
    let cell = wide.saturating_sub(1);
    let lines = if one {
        Lines { title: 0, gap: 0, whole: tallest <= room }
    } else {
        Lines::of(route, &columns, cell, room)
    };
    let window = route.grid.rows(row, lines.rows(room, tallest), tallest);
    let aside = Aside::of(&shown, columns.len(), (area.height, cell));
    let mut x = area.x + 1;
    for at in shown.clone() {
        let Some(column) = columns.get(at) else { continue };
        let spot = Rect { x, width: cell, ..top };
        let ends = (at == shown.start, at + 1 == shown.end);
        let spot = if aside.row == 0 { aside.between(spot, area, ends) } else { spot };
        tactic(paint, spot, route.list.row(column.heading));
        let lines = lines.of_column(route, column, cell, room);
        let mut y = body.y;
        for place in column.cells.clone().skip(window.start).take(window.len()) {
            let height = lines.of_cell(route, place, cell).min(body.bottom().saturating_sub(y));
            technique(paint, Rect { x, y, width: cell, height }, route, place);
            y = y.saturating_add(height + lines.gap);
        }
        x = x.saturating_add(wide);
    }
    beyond(paint, area, &window, tallest);
    aside.draw(paint, area);
}

/// How many tactics lie at either side: under their names, or beside them where there is one line only.
struct Aside {
    left: Line,
    right: Line,
    /// The line that it stands in.
    row: u16,
}

impl Aside {
    fn of(shown: &Range<usize>, all: usize, (height, cell): (u16, u16)) -> Self {
        let row = u16::from(height >= 8);
        let more = if row == 0 && cell < ALONE { "" } else { "more " };
        let (before, after) = (shown.start, all.saturating_sub(shown.end));
        let part = |count: usize, text: String| {
            (count > 0).then(|| piece(text, Role::Accent)).into_iter().collect()
        };
        let left = part(before, format!("◀ {before} {more}"));
        Self { left, right: part(after, format!(" {after} {more}▶")), row }
    }

    /// What is left of a place in the line where it is the first or the last.
    fn between(&self, spot: Rect, area: Rect, (first, last): (bool, bool)) -> Rect {
        let cells = |line: &Line| u16::try_from(line_width(line)).unwrap_or(u16::MAX);
        let inner = inner(area);
        let from = if first { inner.x.saturating_add(cells(&self.left)) } else { spot.x };
        let to = if last { inner.right().saturating_sub(cells(&self.right)) } else { spot.right() };
        let x = from.clamp(spot.x, spot.right());
        Rect { x, width: to.min(spot.right()).saturating_sub(x), ..spot }
    }

    fn draw(&self, paint: &mut Paint<'_>, area: Rect) {
        paint.line(inner(area), self.row, &self.left);
        paint.line_right(inner(area), self.row, &self.right);
    }
}

/// An area without its edges.
fn inner(area: Rect) -> Rect {
    Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area }
}

/// How many lines the cells take, and how many are between them.
#[derive(Clone, Copy)]
struct Lines {
    /// Of the title at most; none where it stands beside the word.
    title: usize,
    gap: u16,
    /// All of the columns are in sight at once.
    whole: bool,
}

impl Lines {
    /// Titles whole, with a line between cells, where all columns then fit; else without; else cut to two
    /// lines, or to one. Columns out of sight count too: going to them moves nothing.
    fn of(route: &Route, columns: &[GridColumn], width: u16, room: usize) -> Self {
        let ways = [(usize::MAX, 1), (usize::MAX, 0), (2, 0), (1, 0)];
        let titles: Vec<_> = columns.iter().map(|column| titles(route, column, width)).collect();
        let fits = |way: &(usize, u16)| titles.iter().all(|titles| fits(titles, *way, room));
        let found = ways.into_iter().find(fits);
        let (title, gap) = found.unwrap_or((1, 0));
        Self { title, gap, whole: found.is_some() }
    }

    /// The same in one of the columns: a short one has room for titles that are cut in others.
    fn of_column(self, route: &Route, column: &GridColumn, width: u16, room: usize) -> Self {
        if !self.whole || self.title == 0 {
            return self;
        }
        let titles = titles(route, column, width);
        let ways = [usize::MAX, 2].into_iter().filter(|most| *most > self.title);
        let found = ways.into_iter().find(|most| fits(&titles, (*most, self.gap), room));
        Self { title: found.unwrap_or(self.title), ..self }
    }

    /// How high the cell at a place is.
    fn of_cell(self, route: &Route, place: usize, width: u16) -> u16 {
        let title = match route.list.row(place).map(|row| &row.item) {
            Some(Item::Technique(cell)) => cell::title_lines(cell, width).min(self.title),
            _ => self.title,
        };
        u16::try_from(title + 1).unwrap_or(u16::MAX)
    }

    /// How many rows fit into so many lines.
    fn rows(self, room: usize, tallest: usize) -> usize {
        if self.whole { tallest } else { (room / (self.title + 1)).max(1) }
    }
}

/// How many lines the titles of a column take, each whole.
fn titles(route: &Route, column: &GridColumn, width: u16) -> Vec<usize> {
    let title = |place: usize| match route.list.row(place).map(|row| &row.item) {
        Some(Item::Technique(cell)) => cell::title_lines(cell, width),
        _ => 1,
    };
    column.cells.clone().map(title).collect()
}

/// Whether cells fit into so many lines, with titles of at most so many and that gap between cells.
fn fits(titles: &[usize], (most, gap): (usize, u16), room: usize) -> bool {
    let gap = usize::from(gap);
    titles.iter().map(|lines| (*lines).min(most) + 1 + gap).sum::<usize>() <= room + gap
}

/// How many rows lie above and below.
fn beyond(paint: &mut Paint<'_>, area: Rect, window: &Range<usize>, tallest: usize) {
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
        MatrixLens::Exposure => cell::exposure(technique),
        MatrixLens::Mitigations => cell::measures(technique.measures),
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

/// What the cell under the cursor is, in two lines: what became of it, or what stands in its way.
fn said(state: &State, route: &Route, cell: &Technique) -> Vec<Line> {
    let head = format!(" {} {}", cell.id, clean(&cell.title));
    let mut first: Line = vec![piece(head, Role::Title)];
    let measures = cell.measures;
    if route.grid.lens == MatrixLens::Mitigations {
        let shown = cell::measures(measures);
        first.push(piece(format!("   {}", shown.words()), shown.role));
        if measures.unknown > 0 && measures.held + measures.lacking > 0 {
            first.push(piece(format!(", {} not assessed", measures.unknown), Role::Unknown));
        }
        let lacking = detail::lacking(state, cell);
        let why = match (measures.total(), measures.lacking) {
            (0, _) => "no check looks for a mitigation".to_owned(),
            (_, 0) => "nothing that was looked for is missing".to_owned(),
            _ => format!("against it: {}", lacking.join("; ")),
        };
        return vec![first, vec![piece(format!(" {why}"), Role::Dim)]];
    }
    let sign::Sign { mark, word, role } = sign::status(cell.status);
    first.push(piece(format!("   {mark} {word}"), role));
    first.push(piece(format!("   {}", open(cell.open)), Role::Text));
    if cell.accepted > 0 {
        first.push(piece(format!(", {} accepted", cell.accepted), Role::Accepted));
    }
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
