//! From roles to styles, and from styled pieces of text to cells.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use crate::config::theme::{Colour, Look, Role, Theme as Roles};
use crate::text::{cut, width};

use super::sign;
use super::targets::Targets;

/// What the parts of load lines are drawn of that have a colour.
const BAR: [&str; 2] = ["█", "▒"];

/// How many colours the terminal shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// Sixteen, chosen by the user.
    #[default]
    Sixteen,
    /// The fixed 256.
    TwoHundred,
    /// All of them.
    True,
}

/// A theme as the terminal can show it.
#[derive(Clone, Debug)]
pub struct Theme {
    /// In the order of [`Role::ALL`].
    styles: Vec<Style>,
}

impl Theme {
    /// A theme at a colour depth. Without colour, use the theme `mono`.
    #[must_use]
    pub fn new(roles: &Roles, depth: Depth) -> Self {
        let look = |role| match depth {
            Depth::Sixteen => roles.look_in_sixteen(role),
            Depth::TwoHundred | Depth::True => roles.look(role),
        };
        let styles = Role::ALL.iter().map(|role| style(look(*role), depth));
        let mut theme = Self { styles: styles.collect() };
        let text = theme.style(Role::Text);
        if let Some(selection) = theme.styles.get_mut(Role::Selection as usize) {
            *selection = turned(*selection, text);
        }
        theme
    }

    /// The style of a role.
    #[must_use]
    pub fn style(&self, role: Role) -> Style {
        self.styles.get(role as usize).copied().unwrap_or_default()
    }
}

fn style(look: Look, depth: Depth) -> Style {
    let mut style = Style::default();
    if let Some(fg) = look.fg {
        style = style.fg(color(fg, depth));
    }
    if let Some(bg) = look.bg {
        style = style.bg(color(bg, depth));
    }
    for (on, modifier) in [
        (look.bold, Modifier::BOLD),
        (look.dim, Modifier::DIM),
        (look.italic, Modifier::ITALIC),
        (look.underline, Modifier::UNDERLINED),
        (look.reverse, Modifier::REVERSED),
    ] {
        if on {
            style = style.add_modifier(modifier);
        }
    }
    style
}

/// The look of the row under the cursor: where its ground cannot be told from that of the text, because both
/// came down to one colour, both colours are turned round.
fn turned(selection: Style, text: Style) -> Style {
    let alike = selection.bg == text.bg;
    if !alike && !selection.add_modifier.contains(Modifier::REVERSED) {
        return selection;
    }
    Style { fg: text.fg, bg: text.bg, ..selection }.add_modifier(Modifier::REVERSED)
}

const SIXTEEN: [(Color, (u8, u8, u8)); 16] = [
    (Color::Black, (0, 0, 0)),
    (Color::Red, (170, 0, 0)),
    (Color::Green, (0, 170, 0)),
    (Color::Yellow, (170, 120, 0)),
    (Color::Blue, (0, 0, 170)),
    (Color::Magenta, (170, 0, 170)),
    (Color::Cyan, (0, 170, 170)),
    (Color::Gray, (190, 190, 190)),
    (Color::DarkGray, (90, 90, 90)),
    (Color::LightRed, (255, 100, 100)),
    (Color::LightGreen, (100, 255, 100)),
    (Color::LightYellow, (255, 230, 100)),
    (Color::LightBlue, (110, 150, 255)),
    (Color::LightMagenta, (255, 130, 255)),
    (Color::LightCyan, (100, 255, 255)),
    (Color::White, (255, 255, 255)),
];

fn color(colour: Colour, depth: Depth) -> Color {
    match (colour, depth) {
        (Colour::Default, _) => Color::Reset,
        (Colour::Ansi(at), _) => {
            SIXTEEN.get(usize::from(at)).map_or(Color::Reset, |(color, _)| *color)
        }
        (Colour::Rgb(r, g, b), Depth::True) => Color::Rgb(r, g, b),
        (Colour::Rgb(r, g, b), Depth::TwoHundred) => Color::Indexed(indexed(r, g, b)),
        (Colour::Rgb(r, g, b), Depth::Sixteen) => nearest(r, g, b),
    }
}

/// The nearest of the 6×6×6 cube and the 24 greys.
fn indexed(r: u8, g: u8, b: u8) -> u8 {
    const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let near = |value: u8| {
        let steps = (0_u8..6).zip(STEPS);
        steps.min_by_key(|(_, step)| step.abs_diff(value)).unwrap_or_default()
    };
    let ((ri, rv), (gi, gv), (bi, bv)) = (near(r), near(g), near(b));
    let cube = (16 + 36 * ri + 6 * gi + bi, distance((r, g, b), (rv, gv, bv)));
    let greys = (0_u8..24).map(|at| {
        let value = 8 + 10 * at;
        (232 + at, distance((r, g, b), (value, value, value)))
    });
    std::iter::once(cube).chain(greys).min_by_key(|(_, far)| *far).unwrap_or_default().0
}

fn nearest(r: u8, g: u8, b: u8) -> Color {
    // A grey stays one, and what has a hue does not become one.
    let has_hue = |(r, g, b): (u8, u8, u8)| r.max(g).max(b) - r.min(g).min(b) > 48;
    let hue = has_hue((r, g, b));
    let alike = SIXTEEN.iter().filter(|(_, rgb)| has_hue(*rgb) == hue);
    let near = alike.min_by_key(|(_, rgb)| distance((r, g, b), *rgb));
    near.map_or(Color::Reset, |(color, _)| *color)
}

fn distance(a: (u8, u8, u8), b: (u8, u8, u8)) -> u32 {
    let part = |x: u8, y: u8| u32::from(x.abs_diff(y)).pow(2);
    part(a.0, b.0) + part(a.1, b.1) + part(a.2, b.2)
}

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
    theme: &'a Theme,
    ascii: bool,
    buffer: &'a mut Buffer,
    cursor: Option<(u16, u16)>,
    /// What can be pointed at.
    pub(super) targets: Targets,
}

impl<'a> Paint<'a> {
    pub(super) fn new(theme: &'a Theme, ascii: bool, buffer: &'a mut Buffer) -> Self {
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
    fn colours_come_down_to_what_the_terminal_has() {
        let red = Colour::Rgb(0xff, 0x80, 0x78);
        assert_eq!(color(red, Depth::True), Color::Rgb(0xff, 0x80, 0x78));
        assert_eq!(color(red, Depth::TwoHundred), Color::Indexed(210));
        assert_eq!(color(red, Depth::Sixteen), Color::LightRed);
        assert_eq!(color(Colour::Rgb(0x16, 0x19, 0x1d), Depth::TwoHundred), Color::Indexed(234));
        assert_eq!(color(Colour::Ansi(9), Depth::True), Color::LightRed);
    }

    #[test]
    fn with_sixteen_colours_a_hue_stays_what_it_is() {
        // What passes is green, however dark the theme has it.
        assert_eq!(color(Colour::Rgb(0x1a, 0x6b, 0x2a), Depth::Sixteen), Color::Green);
        assert_eq!(color(Colour::Rgb(0x2b, 0x32, 0x3b), Depth::Sixteen), Color::DarkGray);
    }

    #[test]
    fn mono_writes_no_colour() {
        let theme = Theme::new(&Themes::default().get("mono").unwrap(), Depth::Sixteen);
        for role in Role::ALL {
            assert_eq!((theme.style(*role).fg, theme.style(*role).bg), (None, None));
        }
    }

    /// The colour that an index of the palette of 256 stands for.
    fn of_index(at: u8) -> (u8, u8, u8) {
        if at >= 232 {
            let value = 8 + 10 * (at - 232);
            return (value, value, value);
        }
        let step = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
        let at = at - 16;
        (step(at / 36), step(at / 6 % 6), step(at % 6))
    }

    fn contrast(one: (u8, u8, u8), other: (u8, u8, u8)) -> f64 {
        let light = |(red, green, blue): (u8, u8, u8)| {
            let linear = |channel: u8| {
                let value = f64::from(channel) / 255.0;
                if value <= 0.040_45 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * linear(red) + 0.7152 * linear(green) + 0.0722 * linear(blue)
        };
        let (one, other) = (light(one), light(other));
        (one.max(other) + 0.05) / (one.min(other) + 0.05)
    }

    /// The colour as it is shown; none is the terminal's own.
    fn shown(color: Option<Color>) -> Option<(u8, u8, u8)> {
        match color? {
            Color::Rgb(r, g, b) => Some((r, g, b)),
            Color::Indexed(at) => Some(of_index(at)),
            named => SIXTEEN.iter().find(|(color, _)| *color == named).map(|(_, rgb)| *rgb),
        }
    }

    /// Every theme at every depth.
    fn drawn() -> impl Iterator<Item = (String, Theme)> {
        let themes = Themes::default();
        let depths = [Depth::Sixteen, Depth::TwoHundred, Depth::True];
        let all =
            themes.names().into_iter().flat_map(move |name| depths.map(|d| (name.clone(), d)));
        all.map(move |(name, depth)| {
            let theme = Theme::new(&themes.get(&name).unwrap(), depth);
            (format!("{name}, {depth:?}"), theme)
        })
    }

    #[test]
    fn text_stands_out_at_every_depth() {
        let mut looked_at = 0;
        for (name, theme) in drawn() {
            let (text, selection) = (theme.style(Role::Text), theme.style(Role::Selection));
            // Turned round, everything has the colours of text.
            let turned = selection.add_modifier.contains(Modifier::REVERSED);
            let band = if turned { None } else { selection.bg };
            for role in Role::ALL {
                // Lines and load lines are no text.
                if matches!(role, Role::Border | Role::BarFull | Role::BarPart | Role::BarEmpty) {
                    continue;
                }
                let style = theme.style(*role);
                for (ground, least) in [(style.bg.or(text.bg), 4.5), (band, 4.0)] {
                    let ink = shown(style.fg.or(text.fg));
                    let Some((ink, ground)) = ink.zip(shown(ground)) else { continue };
                    let ratio = contrast(ink, ground);
                    looked_at += 1;
                    assert!(ratio >= least, "{name}: {} has contrast {ratio:.2}", role.name());
                }
            }
        }
        assert!(looked_at > 700, "{looked_at}");
    }

    /// Whether two looks can be told apart, by weight or by colours that are so far from each other.
    fn differ(one: Style, other: Style, least: u32) -> bool {
        let weight = |style: Style| style.add_modifier - Modifier::ITALIC;
        let far = |one: Option<Color>, other: Option<Color>| match (shown(one), shown(other)) {
            (Some(one), Some(other)) => distance(one, other) >= least.pow(2),
            (one, other) => one != other,
        };
        weight(one) != weight(other) || far(one.fg, other.fg) || far(one.bg, other.bg)
    }

    #[test]
    fn what_must_be_told_apart_is_apart_at_every_depth() {
        use Role::{
            Accent, BarEmpty, BarFull, BarPart, Critical, Dim, Fail, HeatCritical, HeatHigh,
            HeatLow, HeatMedium, High, Info, Low, Medium, Pass,
        };
        let pairs = |roles: &[Role]| -> Vec<(Role, Role)> {
            let firsts = roles.iter().enumerate();
            firsts.flat_map(|(at, one)| roles.iter().skip(at + 1).map(|two| (*one, *two))).collect()
        };
        let severities = pairs(&[Critical, High, Medium, Low, Info]);
        let shades = pairs(&[HeatCritical, HeatHigh, HeatMedium, HeatLow]);
        let parts = pairs(&[BarFull, BarPart, BarEmpty]);
        for (name, theme) in drawn() {
            let apart = |pairs: &[(Role, Role)], least: u32| {
                for (one, other) in pairs {
                    let differ = differ(theme.style(*one), theme.style(*other), least);
                    assert!(differ, "{name}: {} looks like {}", one.name(), other.name());
                }
            };
            apart(&[(Accent, Dim), (Pass, Fail)], 60);
            // Without colour there are not looks enough: the signs say it.
            if !name.starts_with("mono") {
                apart(&severities, 60);
                apart(&parts, 60);
                apart(&shades, 25);
            }
            let (text, selection) = (theme.style(Role::Text), theme.style(Role::Selection));
            if selection.add_modifier.contains(Modifier::REVERSED) {
                assert_eq!((selection.fg, selection.bg), (text.fg, text.bg), "{name}");
            } else {
                let (band, ground) = (shown(selection.bg).unwrap(), shown(text.bg).unwrap());
                let ratio = contrast(band, ground);
                assert!(ratio >= 1.35, "{name}: the selection has contrast {ratio:.2}");
            }
        }
        // The measure sees what it is for.
        let dim = Style::default().fg(Color::DarkGray);
        assert!(!differ(dim, dim.add_modifier(Modifier::ITALIC), 60));
        assert!(differ(dim, dim.add_modifier(Modifier::BOLD), 60));
        assert!(!differ(dim, Style::default().fg(Color::Rgb(80, 80, 80)), 60));
    }

    #[test]
    fn a_selection_that_came_down_to_the_ground_is_turned_round() {
        let mut themes = Themes::default();
        themes.add("mine", "inherits = \"light\"\n[roles]\nselection = { bg = \"#f4f4f4\" }");
        let theme = Theme::new(&themes.get("mine").unwrap(), Depth::Sixteen);
        let selection = theme.style(Role::Selection);
        assert!(selection.add_modifier.contains(Modifier::REVERSED));
        assert_eq!((selection.fg, selection.bg), (Some(Color::Black), Some(Color::White)));
        let theme = Theme::new(&themes.get("mine").unwrap(), Depth::True);
        assert!(!theme.style(Role::Selection).add_modifier.contains(Modifier::REVERSED));
    }

    #[test]
    fn signs_are_never_slanted() {
        let theme = Theme::new(&Themes::default().get("mono").unwrap(), Depth::Sixteen);
        let mut buffer = Buffer::empty(Rect::new(0, 0, 12, 1));
        Paint::new(&theme, false, &mut buffer).put(0, 0, 12, "⚑ año", Role::Accepted);
        let slanted = |x: u16| buffer[(x, 0)].modifier.contains(Modifier::ITALIC);
        assert!(!slanted(0) && slanted(2) && slanted(3) && slanted(4));
    }
}
