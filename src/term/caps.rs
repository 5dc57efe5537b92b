//! What the terminal can do, from the environment and the command line.

/// How many colours may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum ColorDepth {
    /// None: attributes only.
    Mono,
    /// The terminal's own sixteen.
    Ansi16,
    /// The 256-colour palette.
    Ansi256,
    /// 24 bits.
    True,
}

impl ColorDepth {
    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Mono => "none",
            Self::Ansi16 => "the sixteen of the terminal",
            Self::Ansi256 => "256",
            Self::True => "24 bits",
        }
    }
}

/// What the terminal can do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Caps {
    /// Colours.
    pub depth: ColorDepth,
    /// Inside tmux.
    pub tmux: bool,
}

/// What the user says of colour on the command line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColorChoice {
    /// As the environment says.
    #[default]
    Auto,
    /// Colour even where the environment says no.
    Always,
    /// No colour.
    Never,
}

/// Decides from variables of the environment; `var` reads one, empty when unset.
#[must_use]
pub fn detect(choice: ColorChoice, var: &dyn Fn(&str) -> String) -> Caps {
    let (term, colorterm) = (var("TERM"), var("COLORTERM"));
    let depth = match choice {
        ColorChoice::Never => ColorDepth::Mono,
        ColorChoice::Auto if !var("NO_COLOR").is_empty() || term == "dumb" => ColorDepth::Mono,
        _ if matches!(colorterm.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") => {
            ColorDepth::True
        }
        _ if term.contains("256") => ColorDepth::Ansi256,
        _ => ColorDepth::Ansi16,
    };
    Caps { depth, tmux: !var("TMUX").is_empty() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(choice: ColorChoice, vars: &[(&str, &str)]) -> ColorDepth {
        let var = |name: &str| {
            vars.iter().find(|(n, _)| *n == name).map_or(String::new(), |(_, v)| (*v).to_owned())
        };
        detect(choice, &var).depth
    }

    #[test]
    fn the_environment_decides_unless_the_user_does() {
        use ColorChoice::{Always, Auto, Never};
        let xterm = ("TERM", "xterm-256color");
        assert_eq!(depth(Auto, &[xterm]), ColorDepth::Ansi256);
        assert_eq!(depth(Auto, &[xterm, ("COLORTERM", "truecolor")]), ColorDepth::True);
        assert_eq!(depth(Auto, &[xterm, ("NO_COLOR", "1")]), ColorDepth::Mono);
        assert_eq!(depth(Auto, &[xterm, ("NO_COLOR", "")]), ColorDepth::Ansi256);
        assert_eq!(depth(Always, &[xterm, ("NO_COLOR", "1")]), ColorDepth::Ansi256);
        assert_eq!(depth(Never, &[xterm]), ColorDepth::Mono);
        assert_eq!(depth(Auto, &[("TERM", "linux")]), ColorDepth::Ansi16);
    }
}
