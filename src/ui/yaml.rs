//! A text pane: an object as YAML, with the line that is wrong marked and in the middle.

use ratatui::layout::Rect;

use crate::app::filter::find;
use crate::app::route::TextView;
use crate::config::theme::Role;
use crate::text::emit::{Line as YamlLine, Token};
use crate::text::{noun, width};

use super::paint::{Line, Paint, piece};

/// Draws a text. `fault` is said behind the marked line.
pub(super) fn draw(paint: &mut Paint<'_>, area: Rect, text: &TextView, fault: Option<&str>) {
    let lines = &text.yaml.lines;
    let digits = text.yaml.last_number().to_string().len().max(2);
    let gutter = u16::try_from(digits + 4).unwrap_or(8);
    let first = text.first(usize::from(area.height));
    text.width.set(usize::from(area.width.saturating_sub(gutter)));
    let mut row = 0;
    for (at, folded) in (first..).map_while(|row| text.row(row)) {
        let Some(line) = lines.get(at).filter(|_| row < area.height) else { break };
        let marked = fault.is_some() && text.mark == Some(at);
        let sign = match (marked, folded) {
            (true, _) => "▶",
            (false, 0) => " ",
            _ => "⊞",
        };
        let number = text.yaml.number(at).map(|number| number.to_string()).unwrap_or_default();
        let number = format!("{sign} {number:>digits$}  ");
        let role = if marked { Role::Offending } else { Role::YamlPunct };
        paint.line(area, row, &[piece(number, role)]);
        let body = Rect { x: area.x + gutter, width: area.width.saturating_sub(gutter), ..area };
        let one = TextLine { line, folded, fault: fault.filter(|_| marked) };
        row += one.draw(paint, body, row, text);
    }
}

/// A line of YAML on the screen.
struct TextLine<'a> {
    line: &'a YamlLine,
    /// How many lines are folded into it.
    folded: usize,
    /// What is wrong with it.
    fault: Option<&'a str>,
}

impl TextLine<'_> {
    fn pieces(&self) -> Line {
        let mut pieces = spans(self.line, self.fault.is_some());
        if let Some(fault) = self.fault {
            pieces.push(piece(format!("   ◀ {fault}"), Role::Offending));
        }
        if self.folded > 0 {
            let word = noun(self.folded, "line");
            pieces.push(piece(format!("  … {} {word}", self.folded), Role::Dim));
        }
        pieces
    }

    /// Draws it; how many rows it took comes back.
    fn draw(&self, paint: &mut Paint<'_>, body: Rect, row: u16, text: &TextView) -> u16 {
        let pieces = self.pieces();
        let cells = usize::from(body.width);
        let mut rest = if text.wrap { pieces } else { skip(&pieces, text.left) };
        let mut used = 0;
        loop {
            let (head, tail) = if text.wrap { split(&rest, cells) } else { (rest, Line::new()) };
            let y = row + used;
            paint.line(body, y, &head);
            if let Some(search) = &text.search {
                highlight(paint, body, y, &head, &search.text);
            }
            used += 1;
            if tail.is_empty() || row + used >= body.height {
                return used;
            }
            rest = tail;
        }
    }
}

fn spans(line: &YamlLine, offending: bool) -> Line {
    let mut out = Line::new();
    let mut at = 0;
    let part = |from: usize, to: usize| line.text.get(from..to).unwrap_or_default().to_owned();
    for (range, token) in &line.spans {
        if range.start > at {
            out.push((part(at, range.start), Role::Text));
        }
        let role = match token {
            _ if offending => Role::Offending,
            Token::Key => Role::YamlKey,
            Token::Str => Role::YamlString,
            Token::Number | Token::Bool | Token::Null => Role::YamlLiteral,
            Token::Punct => Role::YamlPunct,
        };
        out.push((part(range.start, range.end), role));
        at = range.end;
    }
    if at < line.text.len() {
        out.push((part(at, line.text.len()), Role::Text));
    }
    out
}

/// A line without its first cells.
fn skip(line: &[(String, Role)], cells: usize) -> Line {
    split(line, cells).1
}

/// A line cut in two after so many cells.
fn split(line: &[(String, Role)], cells: usize) -> (Line, Line) {
    let (mut head, mut tail) = (Line::new(), Line::new());
    let mut used = 0;
    for (text, role) in line {
        let mut at = text.len();
        for (byte, c) in text.char_indices() {
            let wide = width(c.encode_utf8(&mut [0; 4]));
            if used + wide > cells {
                at = byte;
                used = cells;
                break;
            }
            used += wide;
        }
        let (left, right) = text.split_at_checked(at).unwrap_or((text, ""));
        if !left.is_empty() {
            head.push((left.to_owned(), *role));
        }
        if !right.is_empty() {
            tail.push((right.to_owned(), *role));
        }
    }
    (head, tail)
}

fn highlight(paint: &mut Paint<'_>, body: Rect, row: u16, line: &Line, word: &str) {
    let text: String = line.iter().map(|(text, _)| text.as_str()).collect();
    let Some(range) = find(&text, word).filter(|range| !range.is_empty()) else { return };
    let before = text.get(..range.start).map_or(0, width);
    let wide = text.get(range).map_or(0, width);
    let (Ok(before), Ok(wide)) = (u16::try_from(before), u16::try_from(wide)) else { return };
    let x = body.x.saturating_add(before);
    let wide = wide.min(body.right().saturating_sub(x));
    paint.tint(Rect { x, y: body.y + row, width: wide, height: 1 }, Role::Match);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_cut_by_cells() {
        let line = [piece("ab", Role::Text), piece("日本", Role::Dim)];
        let (head, tail) = split(&line, 3);
        assert_eq!(head, [piece("ab", Role::Text)]);
        assert_eq!(tail, [piece("日本", Role::Dim)]);
        assert_eq!(skip(&line, 1)[0].0, "b");
    }
}
