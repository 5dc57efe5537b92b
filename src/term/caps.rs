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
#[allow(clippy::struct_excessive_bools, reason = "each is known by itself")]
pub struct Caps {
    /// Colours.
    pub depth: ColorDepth,
    /// Inside tmux.
    pub tmux: bool,
    /// Inside tmux, GNU screen or zellij: what the terminal around it says may be another's word.
    pub multiplexed: bool,
    /// Nothing but lines of text: `TERM=dumb`.
    pub dumb: bool,
    /// Links may be written; terminals that know none show their text all the same.
    pub links: bool,
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
    /// This many, whatever the environment says.
    Depth(ColorDepth),
}

/// Decides from variables of the environment; `var` reads one, empty when unset.
#[must_use]
pub fn detect(choice: ColorChoice, var: &dyn Fn(&str) -> String) -> Caps {
    let (term, colorterm) = (var("TERM"), var("COLORTERM"));
    let depth = match choice {
        ColorChoice::Never => ColorDepth::Mono,
        ColorChoice::Depth(depth) => depth,
        ColorChoice::Auto if !var("NO_COLOR").is_empty() || term == "dumb" => ColorDepth::Mono,
        _ if matches!(colorterm.as_str(), "truecolor" | "24bit") || term.ends_with("-direct") => {
            ColorDepth::True
        }
        _ if term.contains("256") => ColorDepth::Ansi256,
        _ => ColorDepth::Ansi16,
    };
    let tmux = !var("TMUX").is_empty();
    let screen = !var("STY").is_empty() || term.starts_with("screen");
    let multiplexed = tmux || screen || !var("ZELLIJ").is_empty() || term.starts_with("tmux");
    let dumb = term == "dumb";
    // The console of Linux writes out what it does not know; screen passes nothing on.
    let links = !dumb && term != "linux" && (tmux || !screen);
    Caps { depth, tmux, multiplexed, dumb, links }
}

/// Whether the locale says that no more than ASCII can be shown alike: `C` or `POSIX`, or an encoding that
/// is not UTF-8, by the first of the three variables that is set. Where none is, as in most containers, nothing is said, and terminals of
/// today show UTF-8.
#[must_use]
pub fn ascii_locale(var: &dyn Fn(&str) -> String) -> bool {
    let names = ["LC_ALL", "LC_CTYPE", "LANG"];
    let locale = names.into_iter().map(var).find(|value| !value.is_empty()).unwrap_or_default();
    // `de_DE.ISO-8859-1@euro`
    let encoding =
        locale.split_once('.').map(|(_, rest)| rest.split('@').next().unwrap_or_default());
    let utf8 = |word: &str| matches!(&*word.to_ascii_lowercase(), "utf-8" | "utf8");
    matches!(locale.as_str(), "C" | "POSIX")
        || locale.eq_ignore_ascii_case("ANSI_X3.4-1968")
        || encoding.is_some_and(|word| !word.is_empty() && !utf8(word))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_locale_says_what_can_be_shown() {
        let ascii = |vars: &[(&str, &str)]| {
            super::ascii_locale(&|name| {
                let found = vars.iter().find(|(n, _)| *n == name);
                found.map_or(String::new(), |(_, v)| (*v).to_owned())
            })
        };
        assert!(ascii(&[("LANG", "C")]) && ascii(&[("LANG", "POSIX")]));
        assert!(ascii(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]));
        assert!(ascii(&[("LC_ALL", ""), ("LC_CTYPE", "POSIX"), ("LANG", "de_DE.UTF-8")]));
        assert!(!ascii(&[("LC_CTYPE", "C.UTF-8"), ("LANG", "C")]));
        assert!(
            ascii(&[("LC_ALL", "de_DE.ISO-8859-1")]) && ascii(&[("LANG", "de_DE.iso88591@euro")])
        );
        assert!(ascii(&[("LC_ALL", "en_US.ANSI_X3.4-1968")]));
        assert!(!ascii(&[("LC_ALL", "de_DE.utf8")]) && !ascii(&[("LANG", "sr_RS.UTF-8@latin")]));
        assert!(!ascii(&[("LANG", "de_DE")]));
        assert!(!ascii(&[]) && !ascii(&[("LANG", "en_GB.UTF-8")]));
    }

    use super::*;

    fn caps(choice: ColorChoice, vars: &[(&str, &str)]) -> Caps {
        let var = |name: &str| {
            vars.iter().find(|(n, _)| *n == name).map_or(String::new(), |(_, v)| (*v).to_owned())
        };
        detect(choice, &var)
    }

    fn depth(choice: ColorChoice, vars: &[(&str, &str)]) -> ColorDepth {
        caps(choice, vars).depth
    }

    #[test]
    fn multiplexers_and_plain_terminals_are_known() {
        let auto = |vars: &[(&str, &str)]| caps(ColorChoice::Auto, vars);
        let xterm = auto(&[("TERM", "xterm-256color")]);
        assert!(!xterm.multiplexed && !xterm.dumb && xterm.links);
        let tmux = auto(&[("TERM", "tmux-256color"), ("TMUX", "/tmp/x,1,0")]);
        assert!(tmux.multiplexed && tmux.tmux && tmux.links);
        let screen = auto(&[("TERM", "screen"), ("STY", "1.pts")]);
        assert!(screen.multiplexed && !screen.tmux && !screen.links);
        assert!(auto(&[("TERM", "xterm"), ("ZELLIJ", "0")]).multiplexed);
        let dumb = auto(&[("TERM", "dumb")]);
        assert!(dumb.dumb && !dumb.links && dumb.depth == ColorDepth::Mono);
        assert!(!auto(&[("TERM", "linux")]).links);
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
        let asked = ColorChoice::Depth(ColorDepth::Ansi16);
        assert_eq!(depth(asked, &[xterm, ("COLORTERM", "truecolor")]), ColorDepth::Ansi16);
        assert_eq!(depth(Auto, &[("TERM", "linux")]), ColorDepth::Ansi16);
    }
}
