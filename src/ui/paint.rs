//! From styled pieces of text to cells.

mod theme;

use std::ops::Range;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier};

use crate::config::theme::Role;
use crate::text::{cut, width};

use super::sign;
use super::targets::Targets;
pub use theme::{Depth, TerminalTheme};

/// What the parts of load lines are drawn of that have a colour.
const BAR: [&str; 2] = ["█", "▒"];

/// A piece of text and what it means.
pub(super) type Piece = (String, Role);

/// A line of pieces.
pub(super) type Line = Vec<Piece>;

/// A piece of text.
pub(super) fn piece(text: impl Into<String>, role: Role) -> Piece {
    (text.into(), role)
}

/// How many cells a line takes.
pub(super) fn line_width(line: &[Piece]) -> usize {
    line.iter().map(|(text, _)| width(text)).sum()
}

/// What is drawn on.
pub(super) struct Paint<'a> {
    theme: &'a TerminalTheme,
    ascii: bool,
    buffer: &'a mut Buffer,
    cursor: Option<(u16, u16)>,
    /// What can be pointed at.
    pub(super) targets: Targets,
}

impl<'a> Paint<'a> {
    pub(super) fn new(theme: &'a TerminalTheme, ascii: bool, buffer: &'a mut Buffer) -> Self {
        Self { theme, ascii, buffer, cursor: None, targets: Targets::default() }
    }

    /// Where the terminal's cursor belongs, if anything is typed.
    pub(super) fn cursor(&self) -> Option<(u16, u16)> {
        self.cursor
    }

    pub(super) fn put_cursor(&mut self, x: u16, y: u16) {
        if self.buffer.area.contains((x, y).into()) {
            self.cursor = Some((x, y));
        }
    }

    /// Empties an area and gives it a ground.
    pub(super) fn fill(&mut self, area: Rect, role: Role) {
        let area = area.intersection(self.buffer.area);
        let style = self.theme.style(role);
        for y in area.top()..area.bottom() {
            self.cut_wide(area.left(), y);
            for x in area.left()..area.right() {
                if let Some(cell) = self.buffer.cell_mut((x, y)) {
                    cell.reset();
                    cell.set_style(style);
                }
            }
        }
    }

    /// A wide character whose second half is about to be drawn over goes, or it would hide what
    /// is drawn there.
    fn cut_wide(&mut self, x: u16, y: u16) {
        let before = x.checked_sub(1).and_then(|x| self.buffer.cell_mut((x, y)));
        if let Some(cell) = before.filter(|cell| width(cell.symbol()) > 1) {
            cell.set_symbol(" ");
        }
    }

    /// Gives an area a style over what it shows.
    pub(super) fn tint(&mut self, area: Rect, role: Role) {
        let area = area.intersection(self.buffer.area);
        self.buffer.set_style(area, self.theme.style(role));
    }

    /// Shows what was found in a text that stands in `spot` from `x` on.
    pub(super) fn tint_found(&mut self, spot: Rect, x: u16, text: &str, found: &[Range<usize>]) {
        let cells = |text: &str| u16::try_from(width(text)).unwrap_or(u16::MAX);
        for range in found {
            let from = x.saturating_add(text.get(..range.start).map_or(0, cells));
            let wide = text.get(range.clone()).map_or(0, cells);
            let to = from.saturating_add(wide).min(spot.right());
            self.tint(Rect { x: from, width: to.saturating_sub(from), ..spot }, Role::Match);
        }
    }

    /// Shows that the cursor stands here. Where that turns colours round, what stands there gives up its
    /// own: a count would become a coloured block. The parts of a load line that have a colour keep it, for
    /// they fill their cells; the empty part is as light on the band as it is beside it.
    pub(super) fn select(&mut self, area: Rect) {
        let style = self.theme.style(Role::Selection);
        if !style.add_modifier.contains(Modifier::REVERSED) {
            return self.tint(area, Role::Selection);
        }
        let (ink, ground) = (style.fg.unwrap_or(Color::Reset), style.bg.unwrap_or(Color::Reset));
        let style = style.fg(ink).bg(ground).remove_modifier(Modifier::DIM);
        let area = area.intersection(self.buffer.area);
        for place in area.positions() {
            if let Some(cell) = self.buffer.cell_mut(place)
                && !(BAR.contains(&cell.symbol()) && cell.fg != Color::Reset)
            {
                cell.set_style(style);
            }
        }
    }

    /// Writes a text at a place of the screen, in at most `cells` cells; where it ends comes back.
    pub(super) fn put(&mut self, x: u16, y: u16, cells: u16, text: &str, role: Role) -> u16 {
        if !self.buffer.area.contains((x, y).into()) {
            return x;
        }
        let style = self.theme.style(role);
        let end = self.buffer.set_stringn(x, y, text, usize::from(cells), style).0;
        if style.add_modifier.contains(Modifier::UNDERLINED) {
            self.lift(x, end, y);
        }
        if style.add_modifier.contains(Modifier::ITALIC) {
            self.upright(x, end, y);
        }
        end
    }

    /// Keeps signs from being slanted: common slanted fonts do not have them.
    fn upright(&mut self, from: u16, to: u16, y: u16) {
        let is_sign = |symbol: &str| !symbol.chars().any(char::is_alphanumeric);
        for x in from..to {
            if let Some(cell) = self.buffer.cell_mut((x, y)).filter(|cell| is_sign(cell.symbol())) {
                cell.modifier.remove(Modifier::ITALIC);
            }
        }
    }

    /// Takes the line from under the blanks before and after the words: beside a column of labels they
    /// would be a ladder.
    fn lift(&mut self, from: u16, to: u16, y: u16) {
        let is_blank =
            |buffer: &Buffer, x: u16| buffer.cell((x, y)).is_some_and(|c| c.symbol() == " ");
        let first = (from..to).find(|x| !is_blank(self.buffer, *x)).unwrap_or(to);
        let last = (first..to).rev().find(|x| !is_blank(self.buffer, *x)).map_or(to, |x| x + 1);
        for x in (from..first).chain(last..to) {
            if let Some(cell) = self.buffer.cell_mut((x, y)) {
                cell.modifier.remove(Modifier::UNDERLINED);
            }
        }
    }

    /// Writes a line into a row of an area, cut with an ellipsis where it is too long.
    pub(super) fn line(&mut self, area: Rect, row: u16, line: &[Piece]) -> u16 {
        if row >= area.height {
            return area.x;
        }
        let (mut x, y) = (area.x, area.y + row);
        for (text, role) in line {
            let left = area.right().saturating_sub(x);
            x = self.put(x, y, left, &cut(text, usize::from(left)), *role);
        }
        x
    }

    /// As [`Paint::line`], at the right edge.
    pub(super) fn line_right(&mut self, area: Rect, row: u16, line: &[Piece]) -> u16 {
        let wide = u16::try_from(line_width(line)).unwrap_or(u16::MAX).min(area.width);
        let x = area.right() - wide;
        self.line(Rect { x, width: wide, ..area }, row, line);
        x
    }

    /// A horizontal rule over a row of an area.
    pub(super) fn rule(&mut self, area: Rect, row: u16) {
        let line = "─".repeat(usize::from(area.width));
        self.line(area, row, &[(line, Role::Border)]);
    }

    /// Writes a text at the right end of the rule under an area; where no rule is, nothing.
    pub(super) fn on_rule(&mut self, area: Rect, text: &str) {
        let y = area.bottom();
        let cells = u16::try_from(width(text)).unwrap_or(u16::MAX).saturating_add(2);
        let from = area.right().saturating_sub(cells);
        let is_rule = |x: u16| self.buffer.cell((x, y)).is_some_and(|cell| cell.symbol() == "─");
        if (from..area.right()).all(is_rule) {
            self.put(from, y, cells, text, Role::Dim);
        }
    }

    /// A vertical rule down the left edge of an area; what is right of it comes back.
    pub(super) fn divide(&mut self, area: Rect) -> Rect {
        for y in area.top()..area.bottom() {
            self.put(area.x, y, 1, "│", Role::Border);
        }
        let taken = 2.min(area.width);
        Rect { x: area.x + taken, width: area.width - taken, ..area }
    }

    /// In ASCII mode, puts plain letters in the place of the program's own signs.
    pub(super) fn finish(&mut self) {
        if !self.ascii {
            return;
        }
        for cell in &mut self.buffer.content {
            if let Some(plain) = sign::ascii(cell.symbol()) {
                cell.set_symbol(plain);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::theme::Themes;

    #[test]
    fn signs_are_never_slanted() {
        let theme = TerminalTheme::new(&Themes::default().get("mono").unwrap(), Depth::Sixteen);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        Paint::new(&theme, false, &mut buffer).put(0, 0, 12, "⚑ año", Role::Accepted);
        let slanted = |x: u16| buffer[(x, 0)].modifier.contains(Modifier::ITALIC);
        assert!(!slanted(0) && slanted(2) && slanted(3) && slanted(4));
    }
}
