//! What a patch would come to: the outcome, its lists, and the lines that change beside them.

use ratatui::layout::Rect;

use crate::app::preview::PreviewState;
use crate::app::route::{Route, Screen};
use crate::app::state::State;

use super::super::detail::patch;
use super::super::paint::Paint;
use super::super::{split_left, split_top, table};
use super::{WIDE, draw_lines, draw_pane, list_beside};

/// Fewest rows that the lists keep below the outcome.
const LISTS: u16 = 5;

/// Draws the screen: side by side where there is room, else page by page.
pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let Screen::Preview(asked) = &route.screen else { return };
    let done = state.preview.as_ref().filter(|known| known.asked == *asked);
    let done = done.and_then(PreviewState::done);
    let inner = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
    let head = patch::summary(state, &asked.label, usize::from(inner.width));
    let room = area.height.saturating_sub(LISTS).max(1);
    let tall = u16::try_from(head.len()).unwrap_or(u16::MAX).min(room);
    let (top, rest) = split_top(inner, tall);
    draw_lines(paint, top, &head, (0, ""));
    let (_, body) =
        split_top(Rect { x: area.x, width: area.width, ..rest }, u16::from(rest.height > LISTS));
    let Some(preview) = done else {
        table::draw(state, paint, body, route);
        return;
    };
    if area.width >= WIDE {
        let (left, right) = split_left(body, list_beside(body.width));
        table::draw_pane(state, paint, left, route, route.pane == 0);
        let right = paint.divide(right);
        let lines = patch::all_changes(preview, usize::from(right.width.saturating_sub(1)));
        draw_pane(state, paint, right, route, (&lines, None));
    } else if route.pane == 0 {
        table::draw(state, paint, body, route);
    } else {
        let page = Rect { x: body.x + 1, width: body.width.saturating_sub(2), ..body };
        let lines = patch::all_changes(preview, usize::from(page.width));
        draw_pane(state, paint, page, route, (&lines, None));
    }
}
