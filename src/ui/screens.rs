//! The screens: a list alone, a list beside its detail, or a text beside what is said of it.

mod fleet;
mod heat;
mod matrix;
mod overview;
mod page;
mod preview;

use ratatui::layout::Rect;

use crate::app::access::AccessPage;
use crate::app::action::Action;
use crate::app::item::Item;
use crate::app::pointer::PointerTarget;
use crate::app::route::{Route, Screen, Subset};
use crate::app::state::State;
use crate::config::theme::Role;
use crate::text::noun;

use super::paint::{Line, Paint, piece};
use super::wrap::wrap;
use super::{detail, split_left, split_top, table};

/// Rows that a list keeps under what is said of an exception: its heading and a few findings.
const LEFT_TO_LIST: u16 = 6;
/// From this width on there is room for two panes side by side.
pub(super) const WIDE: u16 = 120;

pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect) {
    let route = state.nav.top();
    route.side.clear();
    match &route.screen {
        Screen::Start => start(state, paint, area, route),
        Screen::Overview => overview::draw(state, paint, area, route),
        Screen::Matrix(_) => matrix::draw(state, paint, area, route),
        Screen::Heat => heat::draw(state, paint, area, route),
        Screen::Fleet(page) => fleet::draw(state, paint, area, route, *page),
        Screen::Finding(_) => page::finding(state, paint, area, route),
        Screen::Object(_) => page::object(state, paint, area, route),
        Screen::Preview(_) => preview::draw(state, paint, area, route),
        Screen::Control { framework, id } => {
            let found = state.data.control_here(framework, id);
            let about = |width| detail::about_control(&state.data, framework, found, width);
            headed(state, paint, area, route, &about);
        }
        Screen::Check(id) => {
            let about = |width| detail::of_check(&state.data, id, width);
            headed(state, paint, area, route, &about);
        }
        Screen::Tenant(name) => {
            let about = |width| detail::about_tenant(&state.data, name, width);
            headed(state, paint, area, route, &about);
        }
        Screen::Messages if route.list.current().is_some() => {
            let about = |width| {
                let row = route.list.current();
                row.map(|row| detail::of_item(state, &row.item, width)).unwrap_or_default()
            };
            headed(state, paint, area, route, &about);
        }
        Screen::Findings(Subset::Covered { .. }) => covered(state, paint, area, route),
        Screen::Gap(reason) => {
            let about = |width: usize| detail::about_gap(state, reason, width);
            headed(state, paint, area, route, &about);
        }
        Screen::Access(page) if !matches!(page, AccessPage::Subjects | AccessPage::Roles) => {
            let about = |width| detail::related::about_access(state, page, width);
            headed_beside(state, paint, area, route, &about);
        }
        Screen::Network(page) => {
            let about = |width| detail::related::about_network(state, page, width);
            headed_beside(state, paint, area, route, &about);
        }
        _ => beside(state, paint, area, route),
    }
}

/// A list under what is said of the page; on wide screens beside it, and under that what is said
/// of the row under the cursor.
fn headed_beside(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    route: &Route,
    about: &dyn Fn(usize) -> Vec<Line>,
) {
    let both = |width: usize| {
        let mut lines = about(width);
        let row = route.list.current();
        let more = row.map(|row| detail::of_item(state, &row.item, width)).unwrap_or_default();
        if area.width >= WIDE && !more.is_empty() {
            let rule = "─".repeat(width);
            lines.extend([Line::new(), vec![piece(rule, Role::Border)], Line::new()]);
            lines.extend(more);
        }
        lines
    };
    if about(40).is_empty() {
        beside(state, paint, area, route);
    } else {
        headed(state, paint, area, route, &both);
    }
}

/// What an exception covers, under or beside all that is said of it: no narrow list has room for it, and
/// it is what a reviewer came for.
fn covered(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let Some(exception) = &route.exception else { return beside(state, paint, area, route) };
    let about = |width| detail::review::of_exception(state, exception, width);
    if area.width >= WIDE {
        return headed(state, paint, area, route, &about);
    }
    let about = detail::review::about_exception(
        state,
        exception,
        usize::from(area.width.saturating_sub(4)),
    );
    let room = area.height.saturating_sub(LEFT_TO_LIST).max(area.height / 3).max(1);
    under(state, paint, area, route, (&about, room));
}

/// How wide a list is that has a pane beside it. The list comes first, for its texts are what is looked
/// through: the pane has what it takes to read a sentence in, then somewhat more, and shares alike only
/// where the list has all it needs.
fn list_beside(width: u16) -> u16 {
    let first = width.saturating_sub(42).min(98);
    let then = width.saturating_sub(62).min(150);
    first.max(then).max(width * 3 / 5)
}

/// A list; on wide screens, beside it, what is said of the row under the cursor.
fn beside(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let lines = |width| {
        let row = route.list.current()?;
        let lines = detail::of_item(state, &row.item, width);
        (!lines.is_empty()).then_some(lines)
    };
    if area.width < WIDE || lines(40).is_none() {
        return over_its_row(state, paint, area, route);
    }
    let of = route.list.current().map(|row| row.id);
    let lines = |width| lines(width).unwrap_or_default();
    with_pane(state, paint, area, route, (list_beside(area.width), &lines, of));
}

/// Below so many columns a list shows the beginnings of messages only.
const NARROW: u16 = 64;

/// From so many rows on such a list has a few to spare.
const SPARE: u16 = 10;

/// Rows for what is wrong and where: as many whatever the cursor is on, so that nothing moves with it.
const WHOLE: usize = 2;

/// A list; on narrow screens, under it, what the finding under the cursor says and of what.
fn over_its_row(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let lists = matches!(route.screen, Screen::Findings(_));
    if !lists || area.width >= NARROW || area.height < SPARE {
        return table::draw(state, paint, area, route);
    }
    let foot = u16::try_from(WHOLE).unwrap_or(u16::MAX).saturating_add(1);
    let (list, below) = split_top(area, area.height.saturating_sub(foot));
    table::draw(state, paint, list, route);
    paint.rule(below, 0);
    let Some(Item::Finding(finding)) = route.list.current().map(|row| &row.item) else { return };
    let inner = Rect { x: below.x + 1, width: below.width.saturating_sub(2), ..below };
    let room = usize::from(inner.width);
    for (row, line) in detail::whole_finding(finding, room, WHOLE).iter().enumerate() {
        paint.line(inner, u16::try_from(row + 1).unwrap_or(u16::MAX), line);
    }
}

/// A list so wide, and beside it a pane with these lines, which are `of` a row, or of the page.
fn with_pane(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    route: &Route,
    (list, lines, of): (u16, &dyn Fn(usize) -> Vec<Line>, Option<u64>),
) {
    let (left, right) = split_left(area, list);
    table::draw(state, paint, left, route);
    let right = paint.divide(right);
    let lines = lines(usize::from(right.width.saturating_sub(1)));
    draw_pane(state, paint, right, route, (&lines, of));
}

/// A list under what is said of the thing it belongs to; on wide screens beside it.
fn headed(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    route: &Route,
    about: &dyn Fn(usize) -> Vec<Line>,
) {
    if area.width >= WIDE {
        let part = if route.roomy { area.width * 3 / 10 } else { list_beside(area.width) };
        return with_pane(state, paint, area, route, (part, about, None));
    }
    let lines = about(usize::from(area.width.saturating_sub(4)));
    let count = |rows: usize| u16::try_from(rows).unwrap_or(u16::MAX);
    // A third, or what a short list leaves.
    let left = area.height.saturating_sub(count(route.list.len()).saturating_add(3));
    let part = if route.roomy { area.height.saturating_sub(LEFT_TO_LIST) } else { area.height / 3 };
    let room = part.max(1).max(left);
    under(state, paint, area, route, (&lines, room));
}

/// A list under these lines, which take so many rows at most.
fn under(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    route: &Route,
    (lines, room): (&[Line], u16),
) {
    let (top, rest) = split_top(area, room.min(u16::try_from(lines.len()).unwrap_or(u16::MAX)));
    let inner = Rect { x: top.x + 2, width: top.width.saturating_sub(4), ..top };
    draw_pane(state, paint, inner, route, (lines, None));
    if rest.height > 6 {
        paint.rule(rest, 0);
        table::draw(state, paint, split_top(rest, 1).1, route);
    } else {
        table::draw(state, paint, rest, route);
    }
}

/// The key that gives more room to what a page says of itself, unless it has all there is.
fn more_room(state: &State, route: &Route) -> Option<String> {
    let offered = route.is_headed() && !route.roomy && !route.can_fold();
    let key = || format!("{} gives room", state.keymap.told(Action::Fold));
    offered.then(key)
}

/// Draws the pane of a screen: lines that can be scrolled, with the keys that lead to those that there is
/// no room for. `of` is the row that they are about, if they go by the one under the cursor.
fn draw_pane(
    state: &State,
    paint: &mut Paint<'_>,
    area: Rect,
    route: &Route,
    (lines, of): (&[Line], Option<u64>),
) {
    paint.targets.add(area, PointerTarget::Side);
    let skip = route.side.first(of, lines.len(), usize::from(area.height));
    let down = state.keymap.keys(route.mode(), Action::SideDown);
    let scroll = down.first().map(|key| format!("{key} scrolls"));
    let ways: Vec<String> = scroll.into_iter().chain(more_room(state, route)).collect();
    let ways = if ways.is_empty() { String::new() } else { format!("; {}", ways.join(", ")) };
    draw_lines(paint, area, lines, (skip, &ways));
}

/// Draws lines from the one at `skip` on; the last row says that there are more, and what leads there.
fn draw_lines(paint: &mut Paint<'_>, area: Rect, lines: &[Line], (skip, hint): (usize, &str)) {
    let height = usize::from(area.height);
    for (row, line) in lines.iter().skip(skip).take(height).enumerate() {
        paint.line(area, u16::try_from(row).unwrap_or(u16::MAX), line);
    }
    let hidden = lines.len().saturating_sub(skip + height);
    if hidden > 0 && height > 1 {
        let last = area.height - 1;
        let text = format!("… {} more {}{hint}", hidden + 1, noun(hidden + 1, "line"));
        paint.fill(Rect { y: area.y + last, height: 1, ..area }, Role::Text);
        paint.line(area, last, &[piece(text, Role::Dim)]);
    }
}

fn start(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let cells = usize::from(area.width.saturating_sub(6));
    let title = "⊖  Plimsoll assesses a Kubernetes cluster, and only ever reads it.";
    let tip = "Nothing passes without data: what could not be read is not assessed.";
    let texts = [(title, Role::Title), (tip, Role::Dim)];
    let lines: Vec<Line> = texts
        .into_iter()
        .flat_map(|(text, role)| wrap(text, cells).into_iter().map(move |l| vec![piece(l, role)]))
        .collect();
    let count = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let (top, rest) = split_top(area, if area.height >= 14 { count.saturating_add(2) } else { 0 });
    let inner = Rect { x: top.x + 3, width: top.width.saturating_sub(6), ..top };
    for (row, line) in (1..).zip(&lines) {
        paint.line(inner, row, line);
    }
    table::draw(state, paint, rest, route);
}
