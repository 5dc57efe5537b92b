//! A terminal's screen as SVG: a rectangle and a text for each run of equal style. Lines and
//! shades are drawn as shapes, since fonts leave gaps between the rows.

use std::fmt::Write as _;

/// Cell size in user units.
const CELL: (u32, u32) = (9, 19);
/// Space around the cells.
const MARGIN: u32 = 12;
const FOREGROUND: &str = "#d8dee9";
const BACKGROUND: &str = "#12161c";
/// The sixteen colours, in the order of the terminal.
const PALETTE: [&str; 16] = [
    "#1d232b", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4",
    "#5c6370", "#ff7b86", "#b5e890", "#ffd68a", "#82c4ff", "#dd9bf0", "#7fdbe6", "#ffffff",
];

/// Draws a screen.
pub fn draw(screen: &vt100::Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let width = u32::from(columns) * CELL.0 + 2 * MARGIN;
    let height = u32::from(rows) * CELL.1 + 2 * MARGIN;
    // A theme with a ground of its own paints every cell: the margin then belongs to it.
    let ground = style_at(screen, rows - 1, columns - 1, BACKGROUND).back;
    let ground = ground.unwrap_or_else(|| BACKGROUND.to_owned());
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{ground}\"/>\n\
         <g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"15\" \
         transform=\"translate({MARGIN} {MARGIN})\">\n",
        escape(title)
    );
    for row in 0..rows {
        draw_row(screen, row, columns, &ground, &mut out);
    }
    if !screen.hide_cursor() {
        let (row, column) = screen.cursor_position();
        let (x, y) = (u32::from(column) * CELL.0, u32::from(row) * CELL.1);
        rect(&mut out, (x, y), (CELL.0, CELL.1), FOREGROUND, "0.8");
    }
    out.push_str("</g>\n</svg>\n");
    out
}

#[derive(Clone, PartialEq)]
#[allow(clippy::struct_excessive_bools, reason = "a terminal has that many attributes")]
struct Style {
    front: String,
    back: Option<String>,
    /// Attributes of the text besides its colour.
    attributes: String,
}

fn draw_row(screen: &vt100::Screen, row: u16, columns: u16, ground: &str, out: &mut String) {
    let y = u32::from(row) * CELL.1;
    let mut column = 0;
    while column < columns {
        let style = style_at(screen, row, column, ground);
        let start = column;
        let mut cells = Vec::new();
        while column < columns && style_at(screen, row, column, ground) == style {
            let cell = screen.cell(row, column);
            let text = cell.map(|c| c.contents().to_owned()).unwrap_or_default();
            let wide = cell.is_some_and(vt100::Cell::is_wide);
            cells.push((if text.is_empty() { " ".to_owned() } else { text }, column));
            column += if wide { 2 } else { 1 };
        }
        let end = column.min(columns);
        if let Some(back) = style.back.as_ref().filter(|back| *back != ground) {
            let width = u32::from(end - start) * CELL.0;
            rect(out, (u32::from(start) * CELL.0, y), (width, CELL.1), back, "1");
        }
        // Shapes first; a blank stands for them in the text.
        for (text, column) in &mut cells {
            if shape(out, text, (u32::from(*column) * CELL.0, y), &style.front) {
                " ".clone_into(text);
            }
        }
        words(out, &style, &cells, end, y);
    }
}

/// Writes the text of a run: each piece between two gaps stands where its cells are.
fn words(out: &mut String, style: &Style, cells: &[(String, u16)], end: u16, y: u32) {
    let blank = |at: usize| cells.get(at).is_none_or(|(text, _)| text == " ");
    let mut at = 0;
    while at < cells.len() {
        if blank(at) {
            at += 1;
            continue;
        }
        let from = at;
        while !(blank(at) && blank(at + 1)) {
            at += 1;
        }
        let last = cells.get(at).map_or(end, |(_, column)| *column);
        let text: String = cells[from..at].iter().map(|(text, _)| text.as_str()).collect();
        let first = cells[from].1;
        let width = u32::from(last - first) * CELL.0;
        let _ = writeln!(
            out,
            "<text x=\"{}\" y=\"{}\" fill=\"{}\" textLength=\"{width}\" \
             lengthAdjust=\"spacingAndGlyphs\"{}>{}</text>",
            u32::from(first) * CELL.0,
            y + 15,
            style.front,
            style.attributes,
            escape(&text)
        );
    }
}

/// Draws a line or a shade of the terminal's drawing characters. Says whether it was one.
fn shape(out: &mut String, text: &str, (x, y): (u32, u32), color: &str) -> bool {
    let (w, h) = CELL;
    let (top, height) = (y + 3, h - 6);
    match text {
        "█" => rect(out, (x, top), (w, height), color, "1"),
        "▓" => rect(out, (x, top), (w, height), color, "0.75"),
        // Hatched: bars that go on from cell to cell.
        "▒" => {
            rect(out, (x, top), (w, height), color, "0.25");
            for bar in 0..w / 3 {
                rect(out, (x + bar * 3, top), (1, height), color, "0.9");
            }
        }
        "░" => rect(out, (x, top), (w, height), color, "0.15"),
        _ => return line(out, text, (x, y), color),
    }
    true
}

/// Draws one of the lines of frames. Says whether it was one.
fn line(out: &mut String, text: &str, (x, y): (u32, u32), color: &str) -> bool {
    let (w, h) = CELL;
    // Which arms it has: left, right, up, down.
    let arms = match text {
        "─" => [true, true, false, false],
        "│" => [false, false, true, true],
        "┌" | "╭" => [false, true, false, true],
        "┐" | "╮" => [true, false, false, true],
        "└" | "╰" => [false, true, true, false],
        "┘" | "╯" => [true, false, true, false],
        "├" => [false, true, true, true],
        "┤" => [true, false, true, true],
        "┬" => [true, true, false, true],
        "┴" => [true, true, true, false],
        "┼" => [true; 4],
        _ => return false,
    };
    let (middle, centre) = (x + w / 2, y + h / 2);
    for (arm, place, size) in [
        (arms[0], (x, centre), (w / 2 + 1, 1)),
        (arms[1], (middle, centre), (w - w / 2, 1)),
        (arms[2], (middle, y), (1, h / 2 + 1)),
        (arms[3], (middle, centre), (1, h - h / 2)),
    ] {
        if arm {
            rect(out, place, size, color, "1");
        }
    }
    true
}

fn rect(out: &mut String, (x, y): (u32, u32), (w, h): (u32, u32), color: &str, opacity: &str) {
    let opacity = if opacity == "1" { String::new() } else { format!(" opacity=\"{opacity}\"") };
    let _ = writeln!(
        out,
        "<rect x=\"{x}\" y=\"{y}\" width=\"{w}\" height=\"{h}\" fill=\"{color}\"{opacity}/>"
    );
}

fn style_at(screen: &vt100::Screen, row: u16, column: u16, ground: &str) -> Style {
    let cell = screen.cell(row, column);
    let front = cell.and_then(|c| color(c.fgcolor()));
    let back = cell.and_then(|c| color(c.bgcolor()));
    let (front, back) = if cell.is_some_and(vt100::Cell::inverse) {
        (
            back.unwrap_or_else(|| ground.to_owned()),
            Some(front.unwrap_or_else(|| FOREGROUND.into())),
        )
    } else {
        (front.unwrap_or_else(|| FOREGROUND.into()), back)
    };
    let mut attributes = String::new();
    let mut add = |has: fn(&vt100::Cell) -> bool, attribute: &str| {
        attributes.push_str(if cell.is_some_and(has) { attribute } else { "" });
    };
    add(vt100::Cell::bold, " font-weight=\"bold\"");
    add(vt100::Cell::italic, " font-style=\"italic\"");
    add(vt100::Cell::underline, " text-decoration=\"underline\"");
    add(vt100::Cell::dim, " opacity=\"0.65\"");
    Style { front, back, attributes }
}

fn color(color: vt100::Color) -> Option<String> {
    match color {
        vt100::Color::Default => None,
        vt100::Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        vt100::Color::Idx(index @ 0..=15) => Some(PALETTE[usize::from(index)].to_owned()),
        vt100::Color::Idx(index @ 16..=231) => {
            let level = |n: u8| if n == 0 { 0 } else { n * 40 + 55 };
            let index = index - 16;
            let (r, g, b) = (level(index / 36), level(index / 6 % 6), level(index % 6));
            Some(format!("#{r:02x}{g:02x}{b:02x}"))
        }
        vt100::Color::Idx(index) => {
            let grey = (index - 232) * 10 + 8;
            Some(format!("#{grey:02x}{grey:02x}{grey:02x}"))
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
