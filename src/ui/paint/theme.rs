//! From the roles of a theme to the styles that a terminal can show.

use ratatui::style::{Color, Modifier, Style};

use crate::config::theme::{Colour, Look, Role, Theme as Roles};

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
pub struct TerminalTheme {
    /// In the order of [`Role::ALL`].
    styles: Vec<Style>,
}

impl TerminalTheme {
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
        let theme = TerminalTheme::new(&Themes::default().get("mono").unwrap(), Depth::Sixteen);
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
    fn drawn() -> impl Iterator<Item = (String, TerminalTheme)> {
        let themes = Themes::default();
        let depths = [Depth::Sixteen, Depth::TwoHundred, Depth::True];
        let all =
            themes.names().into_iter().flat_map(move |name| depths.map(|d| (name.clone(), d)));
        all.map(move |(name, depth)| {
            let theme = TerminalTheme::new(&themes.get(&name).unwrap(), depth);
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
            HeatLow, HeatMedium, High, Info, Low, Medium, Pass, Unknown,
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
                // A count that is not known is no count of something.
                apart(&[(Medium, Unknown), (High, Unknown)], 60);
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
        let theme = TerminalTheme::new(&themes.get("mine").unwrap(), Depth::Sixteen);
        let selection = theme.style(Role::Selection);
        assert!(selection.add_modifier.contains(Modifier::REVERSED));
        assert_eq!((selection.fg, selection.bg), (Some(Color::Black), Some(Color::White)));
        let theme = TerminalTheme::new(&themes.get("mine").unwrap(), Depth::True);
        assert!(!theme.style(Role::Selection).add_modifier.contains(Modifier::REVERSED));
    }
}
