//! What surrounds every screen: the header with where we are and what becomes of the source, the
//! tabs, and the line for what is typed, runs and messages.

mod header;
mod status;
mod tabs;

use ratatui::layout::Rect;

pub(super) use crate::app::live::age;
use crate::app::route::View;
use crate::app::state::State;
use crate::config::theme::Role;

use super::paint::{Paint, piece};
use super::split_top;
use header::header;
pub(super) use header::source_word;
use status::{error_lines, line_sign, on_rule, said_in, status};
pub(super) use status::{position, sentence};
use tabs::tabs;

/// Draws header, tabs and status line; the rest of the screen, without the footer, comes back.
pub(super) fn draw(state: &State, paint: &mut Paint<'_>, area: Rect) -> Rect {
    header(state, paint, area);
    let mut top = 1;
    if area.height >= 16 && state.nav.view() != View::Start {
        tabs(state, paint, area);
        top += 1;
    }
    if area.height >= 20 {
        paint.rule(area, top);
        top += 1;
    }
    let (_, rest) = split_top(area, top);
    let lines = error_lines(state, area);
    let taken = u16::try_from(lines.len()).unwrap_or(1).max(1) + 1;
    let (content, last) = split_top(rest, rest.height.saturating_sub(taken));
    if lines.is_empty() {
        status(state, paint, last);
    } else {
        let first = line_sign(state);
        for (row, line) in lines.into_iter().enumerate() {
            let (sign, role) = if row == 0 { first } else { (" ", Role::Text) };
            let line = [piece(format!(" {sign} "), role), piece(line, Role::Text)];
            if row == 0 {
                paint.rule(last, 0);
                on_rule(paint, last, &line);
            } else {
                let row = u16::try_from(row).unwrap_or(u16::MAX);
                paint.line(said_in(last), row, &line);
            }
        }
    }
    content
}
