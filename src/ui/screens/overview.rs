//! The overview on a wide screen: four panels over one list.

use ratatui::layout::Rect;

use crate::app::item::{Item, Section};
use crate::app::list::Row;
use crate::app::route::Route;
use crate::app::state::State;
use crate::config::theme::Role;

use super::super::paint::{Paint, piece};
use super::super::{split_left, split_top, table};

/// A section's heading and rows, and the place of the heading in the list.
struct Panel<'a> {
    first: usize,
    rows: Vec<&'a Row>,
}

pub(super) fn panels(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route) {
    let mut panels: Vec<Panel<'_>> = Vec::new();
    for (place, row) in route.list.shown().enumerate() {
        if matches!(row.item, Item::Heading(_)) || panels.is_empty() {
            panels.push(Panel { first: place, rows: Vec::new() });
        }
        if let Some(panel) = panels.last_mut() {
            panel.rows.push(row);
        }
    }
    let height = |panel: &Panel<'_>| u16::try_from(panel.rows.len()).unwrap_or(u16::MAX);
    let Some((frameworks, others)) = panels.split_first() else { return };
    let top = height(frameworks).min(area.height / 2) + 1;
    let (above, below) = split_top(area, top);
    draw_panel(state, paint, Rect { height: above.height - 1, ..above }, route, frameworks);
    let (left, right) = split_left(below, below.width / 2);
    let gap = Rect { x: right.x + 1, width: right.width.saturating_sub(1), ..right };
    let middle = others.iter().take(2).map(height).max().unwrap_or(0).min(below.height / 2) + 1;
    let mut places = others.iter();
    for column in [left, gap] {
        let (upper, _) = split_top(column, middle);
        if let Some(panel) = places.next() {
            draw_panel(state, paint, Rect { height: upper.height - 1, ..upper }, route, panel);
        }
    }
    if let Some(panel) = places.next() {
        draw_panel(state, paint, split_top(left, middle).1, route, panel);
    }
}

/// Draws a panel; the rows about the cursor where not all fit.
fn draw_panel(state: &State, paint: &mut Paint<'_>, area: Rect, route: &Route, panel: &Panel<'_>) {
    let cursor = route.list.cursor().checked_sub(panel.first);
    let body = usize::from(area.height.saturating_sub(1));
    let inside = cursor.filter(|at| *at < panel.rows.len()).unwrap_or(0);
    let skip = inside.saturating_sub(body);
    for (at, row) in panel.rows.iter().enumerate() {
        let y = if at == 0 { 0 } else { at.saturating_sub(skip) };
        if at > 0 && (at <= skip || y > body) {
            continue;
        }
        let y = u16::try_from(y).unwrap_or(u16::MAX);
        let line = Rect { y: area.y.saturating_add(y), height: 1, ..area };
        table::draw_row(state, paint, line, row, &route.list, cursor == Some(at));
    }
    let hidden = panel.rows.len().saturating_sub(body + 1 + skip);
    if hidden > 0
        && matches!(panel.rows.first().map(|r| &r.item), Some(Item::Heading(Section::Namespaces)))
    {
        let spot = Rect { height: 1, ..area };
        paint.line(
            Rect { x: spot.x + 14, width: spot.width.saturating_sub(14), ..spot },
            0,
            &[piece(format!("({hidden} more below)"), Role::Dim)],
        );
    }
}
