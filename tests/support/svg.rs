//! A terminal's screen as SVG: one rectangle and one text for each run of equal style.

use std::fmt::Write as _;

/// Cell size in user units; the height is the line height, or box drawing would show gaps.
const CELL: (u32, u32) = (9, 19);
const FOREGROUND: &str = "#d8dee9";
const BACKGROUND: &str = "#12161c";
/// The sixteen colours, in the order of the terminal.
const PALETTE: [&str; 16] = [
    "#1d232b", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#c8ccd4", "#5c6370", "#ff7b86",
    "#b5e890", "#ffd68a", "#82c4ff", "#dd9bf0", "#7fdbe6", "#ffffff",
];

/// Draws a screen.
pub fn draw(screen: &vt100::Screen, title: &str) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let (width, height) = (u32::from(columns) * CELL.0 + 24, u32::from(rows) * CELL.1 + 24);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n<g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"15\" transform=\"translate(12 12)\">\n",
        escape(title)
    );
    for row in 0..rows {
        draw_row(screen, row, columns, &mut out);
    }
    out.push_str("</g>\n</svg>\n");
    out
}

#[derive(Clone, PartialEq)]
struct Style {
    front: String,
    back: Option<String>,
    bold: bool,
    italic: bool,
    underline: bool,
    dim: bool,
}

fn draw_row(screen: &vt100::Screen, row: u16, columns: u16, out: &mut String) {
    let mut column = 0;
    while column < columns {
        let style = style_at(screen, row, column);
        let start = column;
        let mut text = String::new();
        while column < columns && style_at(screen, row, column) == style {
            let cell = screen.cell(row, column);
            let contents = cell.map(|c| c.contents().to_owned()).unwrap_or_default();
            let wide = cell.is_some_and(vt100::Cell::is_wide);
            text.push_str(if contents.is_empty() { " " } else { &contents });
            column += if wide { 2 } else { 1 };
        }
        run(&style, &text, (start, column.min(columns), row), out);
    }
}

fn run(style: &Style, text: &str, (from, to, row): (u16, u16, u16), out: &mut String) {
    let (x, y) = (u32::from(from) * CELL.0, u32::from(row) * CELL.1);
    let width = u32::from(to - from) * CELL.0;
    if let Some(back) = &style.back {
        let _ = writeln!(out, "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{back}\"/>", CELL.1);
    }
    let trimmed = text.trim_end();
    if trimmed.is_empty() {
        return;
    }
    let cells = width - u32::try_from(text.chars().count() - trimmed.chars().count()).unwrap_or(0) * CELL.0;
    let mut extra = String::new();
    let mut add = |wanted: bool, attribute: &str| {
        if wanted {
            extra.push_str(attribute);
        }
    };
    add(style.bold, " font-weight=\"bold\"");
    add(style.italic, " font-style=\"italic\"");
    add(style.underline, " text-decoration=\"underline\"");
    add(style.dim, " opacity=\"0.65\"");
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{}\" fill=\"{}\" textLength=\"{cells}\" lengthAdjust=\"spacingAndGlyphs\" xml:space=\"preserve\"{extra}>{}</text>",
        y + 15,
        style.front,
        escape(trimmed)
    );
}

fn style_at(screen: &vt100::Screen, row: u16, column: u16) -> Style {
    let Some(cell) = screen.cell(row, column) else {
        return Style { front: FOREGROUND.into(), back: None, bold: false, italic: false, underline: false, dim: false };
    };
    let front = color(cell.fgcolor());
    let back = color(cell.bgcolor());
    let (front, back) = if cell.inverse() {
        (back.unwrap_or_else(|| BACKGROUND.into()), Some(front.unwrap_or_else(|| FOREGROUND.into())))
    } else {
        (front.unwrap_or_else(|| FOREGROUND.into()), back)
    };
    Style { front, back, bold: cell.bold(), italic: cell.italic(), underline: cell.underline(), dim: cell.dim() }
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
