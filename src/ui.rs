//! Draws the state of the workbench. Pure: a state, a theme and a frame; the only user of ratatui
//! besides the loop that owns the terminal.

mod bar;
mod cells;
mod chrome;
mod detail;
mod footer;
pub mod linear;
mod link;
mod live;
mod paint;
mod popup;
mod screens;
mod sign;
mod table;
mod targets;
mod way;
mod wrap;
mod yaml;

pub use link::Link;
pub use paint::{Depth, TerminalTheme};
pub use targets::Targets;

use ratatui::Frame;
use ratatui::layout::Rect;

use crate::app::state::State;
use crate::config::theme::Role;
use paint::Paint;

pub use crate::app::state::FLOOR;

/// What a frame has beside its letters.
#[derive(Clone, Debug, Default)]
pub struct Drawn {
    /// What can be pointed at.
    pub targets: Targets,
    /// Addresses that can be opened.
    pub links: Vec<Link>,
}

/// Draws everything.
pub fn draw(state: &State, theme: &TerminalTheme, frame: &mut Frame) {
    draw_all(state, theme, frame);
}

/// Draws everything, and says what of it can be pointed at and opened.
pub fn draw_all(state: &State, theme: &TerminalTheme, frame: &mut Frame) -> Drawn {
    let area = frame.area();
    let mut paint = Paint::new(theme, state.look.ascii, frame.buffer_mut());
    paint.fill(area, Role::Text);
    if area.width < FLOOR.0 || area.height < FLOOR.1 {
        let text = format!("plimsoll needs {}x{}", FLOOR.0, FLOOR.1);
        paint.line(area, 0, &[(text, Role::Text)]);
    } else {
        let content = chrome::draw(state, &mut paint, area);
        screens::draw(state, &mut paint, content);
        chrome::position(state, &mut paint, content);
        footer::draw(state, &mut paint, area);
        popup::draw(state, &mut paint, area);
    }
    paint.finish();
    let (cursor, targets) = (paint.cursor(), paint.targets);
    if let Some((x, y)) = cursor {
        frame.set_cursor_position((x, y));
    }
    Drawn { targets, links: link::find(state, frame.buffer_mut()) }
}

/// Takes columns off the left; what is left over is the second one.
fn split_left(area: Rect, width: u16) -> (Rect, Rect) {
    let width = width.min(area.width);
    let left = Rect { width, ..area };
    let right = Rect { x: area.x + width, width: area.width - width, ..area };
    (left, right)
}

/// Takes rows off the top; what is left over is the second one.
fn split_top(area: Rect, height: u16) -> (Rect, Rect) {
    let height = height.min(area.height);
    let top = Rect { height, ..area };
    let bottom = Rect { y: area.y + height, height: area.height - height, ..area };
    (top, bottom)
}
