//! One finding, and one object: the YAML and what is said of it, side by side or page by page.

use ratatui::layout::Rect;

use crate::app::action::Action;
use crate::app::item::Item;
use crate::app::pointer::PointerTarget;
use crate::app::route::{Route, Screen};
use crate::app::state::State;
use crate::config::theme::Role;
use crate::model::finding::Finding;
use crate::model::object::ObjectRef;
use crate::text::width::width;
use crate::text::{clean, counted, cut_middle};

use super::super::paint::{Line, Paint, Piece, line_width, piece};
use super::super::{detail, sign, split_left, split_top, table, yaml};
use super::{WIDE, draw_lines, draw_pane};

/// Blanks between what a page is about and what stands at its right end.
const GAP: u16 = 2;
/// The fewest cells that a name is cut to.
const NAME: usize = 24;

/// A finding: the object with the line that is wrong in the middle, and beside it what is wrong.
pub(super) fn finding(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let Screen::Finding(fingerprint) = &route.screen else { return };
    let Some(finding) = state.data.open_finding(fingerprint) else {
        let text = "This finding is gone: the last run did not see it any more, or a filter of \
                    namespace or platform hides it. esc goes back.";
        paint.line(area, 1, &[piece(format!("   {text}"), Role::Text)]);
        return;
    };
    let (mark, role) = sign::severity(finding.severity);
    let object =
        finding.object.as_ref().map_or_else(|| "the cluster".to_owned(), ToString::to_string);
    let paged = area.width < WIDE;
    let text_page = route.pane == 0 && !route.text.yaml.lines.is_empty();
    let mut head = vec![piece(" ", Role::Text), piece(clean(&object).into_owned(), Role::Title)];
    if !paged || text_page {
        // On the other page it stands before the title.
        head.insert(1, piece(format!("{mark} {}  ", finding.severity), role));
    }
    if let Some(container) = &finding.container {
        head.push(piece(format!("  container {}", clean(container)), Role::Dim));
    }
    head.extend(in_file(state, route));
    let (top, body) = split_top(area, 1);
    let place = state.place_of_finding();
    let gone = state.data.departed(fingerprint);
    let right = if let Some(gone) = gone {
        vec![piece(format!("{} ", gone.words()), Role::Manual)]
    } else {
        let count = place.map_or_else(String::new, |(at, all)| format!("{at} of {all} "));
        // Where the key to the other page leads stands in the footer.
        vec![piece(count, Role::Dim)]
    };
    heading(paint, top, head, &right);

    let fault = match gone {
        // What stands there now may be what mended it.
        Some(_) => "was here",
        None if finding.missing => "not set here",
        None => "fails",
    };
    if !paged {
        let (left, right) = split_left(body, body.width * 11 / 20);
        text(paint, left, route, Some(fault));
        let right = paint.divide(right);
        let lines = detail::of_finding(state, finding, usize::from(right.width.saturating_sub(1)));
        draw_pane(state, paint, right, route, (&lines, None));
    } else if text_page {
        let rest = told(state, paint, body, finding);
        text(paint, rest, route, Some(fault));
    } else {
        let inner = Rect { x: body.x + 2, width: body.width.saturating_sub(4), ..body };
        let lines = detail::of_finding(state, finding, usize::from(inner.width));
        draw_pane(state, paint, inner, route, (&lines, None));
    }
}

/// Says over the YAML what is wrong, where there is no room beside it; what is left comes back.
fn told(state: &State, paint: &mut Paint<'_>, area: Rect, finding: &Finding) -> Rect {
    // A third at most: the line that is wrong has to be seen among its neighbours.
    let rows = usize::from(area.height / 3).min(4);
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let lines = detail::strip(state, finding, usize::from(inner.width), rows);
    draw_lines(paint, inner, &lines, (0, ""));
    let taken = u16::try_from(lines.len()).unwrap_or(u16::MAX);
    let rest = split_top(area, taken).1;
    if taken > 0 && rest.height > 8 {
        paint.rule(rest, 0);
        return split_top(rest, 1).1;
    }
    rest
}

/// An object: its YAML, and the findings on it.
pub(super) fn object(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let Screen::Object(id) = &route.screen else { return };
    let mut head = vec![piece(" ", Role::Text), piece(clean(&id.to_string()), Role::Title)];
    head.extend(in_file(state, route));
    // Beside the text its first row says where they are kept.
    let kept = matches!(route.list.rows().first().map(|row| &row.item), Some(Item::Kept { .. }));
    let found = if kept && area.width >= WIDE { Line::new() } else { found_on(state, route, id) };
    // Where findings stand elsewhere is never cut off: on a narrow screen it has a row of its own.
    let together = line_width(&head) + line_width(&found) <= usize::from(area.width);
    let rows = if together || area.height < 6 { 1 } else { 2 };
    let (top, body) = split_top(area, rows);
    if rows == 1 {
        head.extend(found);
    } else {
        paint.line(top, 1, &found);
    }
    heading(paint, top, head, &[]);
    let here = route.at.is_some().then_some("here");
    if area.width >= WIDE {
        let (left, right) = split_left(body, body.width / 2);
        text(paint, left, route, here);
        let right = paint.divide(right);
        table::draw_pane(state, paint, right, route, route.pane == 1);
    } else if route.pane == 0 {
        text(paint, body, route, here);
    } else {
        table::draw(state, paint, body, route);
    }
}

/// The file that an object comes from, with the line in question.
fn in_file(state: &State, route: &Route) -> Option<(String, Role)> {
    let place = state.place_in_file(route)?;
    Some(piece(format!("  {}", clean(&place.to_string())), Role::Dim))
}

/// How many findings an object has, or where they stand instead.
fn found_on(state: &State, route: &Route, id: &ObjectRef) -> Line {
    let own = |rows: usize| counted(rows, "finding");
    let Some(Item::Kept { owner, count }) = route.list.rows().first().map(|row| &row.item) else {
        let aside = match state.data.aside_on(id) {
            0 => String::new(),
            aside => {
                let key = state.keymap.told(Action::Platform);
                format!(", {aside} more on the platform itself ({key})")
            }
        };
        return vec![piece(format!("   {}{aside}", own(route.list.total())), Role::Dim)];
    };
    let more = match route.list.total() {
        0 | 1 => String::new(),
        rows => format!(", {} of them here", rows - 1),
    };
    let text = format!("   {}, kept at {}/{}{more}", own(*count), owner.kind, owner.name);
    let mut line = vec![piece(clean(&text).into_owned(), Role::Text)];
    if route.pane == 0 {
        line.push(piece(" ⏎", Role::Accent));
    }
    line
}

fn text(paint: &mut Paint<'_>, area: Rect, route: &Route, fault: Option<&str>) {
    if route.text.yaml.lines.is_empty() {
        let line = "   The object is not among those that were read.";
        paint.line(area, 1, &[piece(line, Role::Dim)]);
        return;
    }
    paint.targets.add(area, PointerTarget::Text);
    yaml::draw(paint, area, &route.text, fault);
}

/// What a page is about, and what stands at its right end, which is never written over: a long name is cut
/// in the middle first.
fn heading(paint: &mut Paint<'_>, area: Rect, mut head: Line, right: &[Piece]) {
    let from = paint.line_right(area, 0, right);
    let gap = if line_width(right) > 0 { GAP } else { 0 };
    let room = from.saturating_sub(area.x.saturating_add(gap));
    let over = line_width(&head).saturating_sub(usize::from(room));
    if let Some((name, _)) = head.iter_mut().find(|(_, role)| *role == Role::Title) {
        let cells = width(name);
        *name = cut_middle(name, cells.saturating_sub(over).max(NAME.min(cells))).into_owned();
    }
    paint.line(Rect { width: room, ..area }, 0, &head);
}
