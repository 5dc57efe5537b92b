//! Writes cells with few bytes: over a slow line every byte of a frame is waited for. Escape sequences name only
//! what changes, and in the shortest form; what is blank to the end of its row is erased.

use std::fmt::Write as _;
use std::io::{self, Write};

use ratatui::buffer::Cell;
use ratatui::style::{Color, Modifier};

use super::shown::PlacedCell;

/// From so many blank cells on it is shorter to erase them.
const ERASED: u16 = 4;

/// How letters look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct LetterLook {
    fg: Color,
    bg: Color,
    modifier: Modifier,
}

impl LetterLook {
    fn of(cell: &Cell) -> Self {
        Self { fg: cell.fg, bg: cell.bg, modifier: cell.modifier }
    }
}

/// Where the terminal's cursor is while a frame is written, and how letters look there.
#[derive(Debug, Default)]
pub(super) struct Pen {
    at: Option<(u16, u16)>,
    look: LetterLook,
}

impl Pen {
    /// Writes cells, row by row. `end` says from which column on a row is blank.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(
        &mut self,
        cells: &[PlacedCell<'_>],
        end: impl Fn(u16) -> u16,
        out: &mut impl Write,
    ) -> io::Result<()> {
        for row in cells.chunk_by(|(_, one, _), (_, other, _)| one == other) {
            let (last, end) = row.last().map_or((0, 0), |(x, y, _)| (*x, end(*y)));
            for (x, y, cell) in row.iter().copied() {
                self.go(x, y, out)?;
                if x >= end && last - x + 1 >= ERASED {
                    self.wear(LetterLook::default(), out)?;
                    out.write_all(b"\x1b[K")?;
                    break;
                }
                self.wear(LetterLook::of(cell), out)?;
                out.write_all(cell.symbol().as_bytes())?;
                // A wide letter goes further, by how far the terminal thinks: the next is told its column.
                self.at = Some((x + 1, y));
            }
        }
        Ok(())
    }

    /// Leaves the terminal as it was found.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn lift(&mut self, out: &mut impl Write) -> io::Result<()> {
        self.wear(LetterLook::default(), out)
    }

    fn go(&mut self, x: u16, y: u16, out: &mut impl Write) -> io::Result<()> {
        match self.at {
            Some(at) if at == (x, y) => Ok(()),
            Some((_, row)) if row == y => write!(out, "\x1b[{}G", x + 1),
            _ if x == 0 => write!(out, "\x1b[{}H", y + 1),
            _ => write!(out, "\x1b[{};{}H", y + 1, x + 1),
        }?;
        self.at = Some((x, y));
        Ok(())
    }

    fn wear(&mut self, to: LetterLook, out: &mut impl Write) -> io::Result<()> {
        if to == self.look {
            return Ok(());
        }
        let from = std::mem::replace(&mut self.look, to);
        if to == LetterLook::default() {
            return out.write_all(b"\x1b[m");
        }
        let (anew, onwards) = (codes(LetterLook::default(), to), codes(from, to));
        let codes = if anew.len() + 2 < onwards.len() { format!("0;{anew}") } else { onwards };
        write!(out, "\x1b[{codes}m")
    }
}

/// The codes that turn one look into another, `1;36`.
fn codes(from: LetterLook, to: LetterLook) -> String {
    let mut codes: Vec<String> = Vec::new();
    let gone = from.modifier - to.modifier;
    let mut stays = from.modifier - gone;
    // One code ends both.
    let weight = Modifier::BOLD | Modifier::DIM;
    if gone.intersects(weight) {
        stays -= weight;
        codes.push("22".to_owned());
    }
    for (modifier, on, off) in [
        (Modifier::BOLD, "1", ""),
        (Modifier::DIM, "2", ""),
        (Modifier::ITALIC, "3", "23"),
        (Modifier::UNDERLINED, "4", "24"),
        (Modifier::REVERSED, "7", "27"),
        (Modifier::CROSSED_OUT, "9", "29"),
    ] {
        if gone.contains(modifier) && !off.is_empty() {
            codes.push(off.to_owned());
        }
        if (to.modifier - stays).contains(modifier) {
            codes.push(on.to_owned());
        }
    }
    for (ground, before, after) in [
        ('3', colour('3', from.fg, from.modifier), colour('3', to.fg, to.modifier)),
        ('4', colour('4', from.bg, from.modifier), colour('4', to.bg, to.modifier)),
    ] {
        if before != after {
            codes.push(if after.is_empty() { format!("{ground}9") } else { after });
        }
    }
    codes.join(";")
}

/// The code of a colour on a ground (`3` of letters, `4` behind them); nothing for the terminal's own.
fn colour(ground: char, colour: Color, modifier: Modifier) -> String {
    let of_sixteen = match colour {
        Color::Reset => return String::new(),
        Color::Indexed(at) => return format!("{ground}8;5;{at}"),
        Color::Rgb(r, g, b) => return format!("{ground}8;2;{r};{g};{b}"),
        Color::Black => 0,
        Color::Red => 1,
        Color::Green => 2,
        Color::Yellow => 3,
        Color::Blue => 4,
        Color::Magenta => 5,
        Color::Cyan => 6,
        Color::Gray => 7,
        Color::DarkGray => 8,
        Color::LightRed => 9,
        Color::LightGreen => 10,
        Color::LightYellow => 11,
        Color::LightBlue => 12,
        Color::LightMagenta => 13,
        Color::LightCyan => 14,
        Color::White => 15,
    };
    // Many terminals take another colour for bold letters of the first eight if it is named in short.
    let bold = ground == '3' && modifier.contains(Modifier::BOLD);
    let mut code = String::new();
    let _ = match (of_sixteen, ground) {
        (0..=7, _) if bold => write!(code, "{ground}8;5;{of_sixteen}"),
        (0..=7, _) => write!(code, "{ground}{of_sixteen}"),
        (_, '3') => write!(code, "9{}", of_sixteen - 8),
        _ => write!(code, "10{}", of_sixteen - 8),
    };
    code
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cell(symbol: &str, fg: Color, modifier: Modifier) -> Cell {
        let mut cell = Cell::default();
        cell.set_symbol(symbol).set_fg(fg);
        cell.modifier = modifier;
        cell
    }

    fn written(cells: &[PlacedCell<'_>], end: u16) -> String {
        let (mut pen, mut out) = (Pen::default(), Vec::new());
        pen.draw(cells, |_| end, &mut out).unwrap();
        pen.lift(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn only_what_changes_is_named() {
        let plain = cell("a", Color::Reset, Modifier::empty());
        let red = cell("b", Color::Red, Modifier::empty());
        let bold = cell("c", Color::Red, Modifier::BOLD);
        let dim = cell("d", Color::LightCyan, Modifier::DIM);
        let all = [(0, 0, &plain), (1, 0, &red), (2, 0, &red), (4, 0, &bold), (9, 2, &dim)];
        assert_eq!(
            written(&all, 80),
            "\x1b[1Ha\x1b[31mbb\x1b[5G\x1b[1;38;5;1mc\x1b[3;10H\x1b[0;2;96md\x1b[m"
        );
        // To begin anew is shorter than to end each of them.
        let much = Modifier::BOLD | Modifier::ITALIC | Modifier::UNDERLINED | Modifier::REVERSED;
        let much = cell("e", Color::Reset, much);
        let blue = cell("f", Color::Blue, Modifier::empty());
        assert_eq!(
            written(&[(0, 0, &much), (1, 0, &blue)], 80),
            "\x1b[1H\x1b[1;3;4;7me\x1b[0;34mf\x1b[m"
        );
    }

    #[test]
    fn what_is_blank_to_the_end_of_its_row_is_erased_without_a_ground() {
        let red = cell("x", Color::Red, Modifier::REVERSED);
        let blank = Cell::default();
        let mut cells = vec![(3, 1, &red)];
        cells.extend((4..20).map(|x| (x, 1, &blank)));
        cells.push((0, 2, &red));
        assert_eq!(written(&cells, 4), "\x1b[2;4H\x1b[7;31mx\x1b[m\x1b[K\x1b[3H\x1b[7;31mx\x1b[m");
        // A few blanks are written; where something follows all of them are.
        let few: Vec<PlacedCell<'_>> = (4..6).map(|x| (x, 1, &blank)).collect();
        assert_eq!(written(&few, 4), "\x1b[2;5H  ");
        let many: Vec<PlacedCell<'_>> = (4..12).map(|x| (x, 1, &blank)).collect();
        assert_eq!(written(&many, 30), format!("\x1b[2;5H{}", " ".repeat(8)));
    }

    #[test]
    fn a_wide_letter_is_followed_by_a_column_that_is_told() {
        let wide = cell("日", Color::Reset, Modifier::empty());
        let next = cell("x", Color::Reset, Modifier::empty());
        assert_eq!(written(&[(0, 0, &wide), (2, 0, &next)], 80), "\x1b[1H日\x1b[3Gx");
    }

    #[test]
    fn every_colour_has_its_code_on_both_grounds() {
        let none = Modifier::empty();
        assert_eq!(colour('3', Color::Indexed(234), none), "38;5;234");
        assert_eq!(colour('4', Color::Rgb(1, 2, 3), none), "48;2;1;2;3");
        assert_eq!(colour('4', Color::Red, Modifier::BOLD), "41");
        assert_eq!(colour('4', Color::DarkGray, none), "100");
        assert_eq!(colour('3', Color::White, Modifier::BOLD), "97");
    }
}
