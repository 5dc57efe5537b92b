//! Themes: roles, not widgets, with their colours. A theme file may inherit from another one.

mod written;

use std::collections::BTreeMap;

use crate::text::line_column;

use written::{Faults, Raw};

/// Makes the roles and their names out of one list.
macro_rules! roles {
    ($($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+) => {
        /// What a piece of the screen means.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Role {
            $($(#[doc = $doc])+ $variant,)+
        }

        impl Role {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The name in theme files.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)+
                }
            }
        }
    };
}

roles! {
    /// Ordinary text, and the ground of the screen.
    Text = "text",
    /// Text of less weight.
    Dim = "dim",
    /// The program's mark, tabs and keys.
    Accent = "accent",
    /// Titles.
    Title = "title",
    /// Lines between panes.
    Border = "border",
    /// Titles of columns.
    Column = "column",
    /// The row under the cursor.
    Selection = "selection",
    /// Where something can be typed.
    Field = "field",
    /// A marked row's sign.
    Mark = "mark",
    /// What a filter found.
    Match = "match",
    /// Severity critical.
    Critical = "critical",
    /// Severity high.
    High = "high",
    /// Severity medium.
    Medium = "medium",
    /// Severity low.
    Low = "low",
    /// Severity info.
    Info = "info",
    /// Passed, done, live.
    Pass = "pass",
    /// Failed, lost.
    Fail = "fail",
    /// Accepted.
    Accepted = "accepted",
    /// Waits for a person.
    Manual = "manual",
    /// Not assessed.
    Unknown = "unknown",
    /// Not applicable.
    NotApplicable = "not-applicable",
    /// The passed part of a load line.
    BarFull = "bar-full",
    /// The undecided part of a load line.
    BarPart = "bar-part",
    /// The failed part of a load line.
    BarEmpty = "bar-empty",
    /// A cell of a heat map whose worst finding is critical.
    HeatCritical = "heat-critical",
    /// A cell whose worst finding is high.
    HeatHigh = "heat-high",
    /// A cell whose worst finding is medium.
    HeatMedium = "heat-medium",
    /// A cell whose worst finding is low or worse than nothing.
    HeatLow = "heat-low",
    /// A cell with no finding.
    HeatNone = "heat-none",
    /// A line that a patch takes away.
    Removed = "removed",
    /// A line that a patch adds.
    Added = "added",
    /// The line that is wrong.
    Offending = "offending",
    /// A key of YAML.
    YamlKey = "yaml-key",
    /// A string of YAML.
    YamlString = "yaml-string",
    /// A number, a boolean or null of YAML.
    YamlLiteral = "yaml-literal",
    /// Punctuation of YAML, and line numbers.
    YamlPunct = "yaml-punct",
}

/// A colour, as far as terminals know them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Colour {
    /// The terminal's own.
    #[default]
    Default,
    /// One of the sixteen that the user's terminal defines.
    Ansi(u8),
    /// Red, green, blue.
    Rgb(u8, u8, u8),
}

/// How a role looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools, reason = "each is a modifier that terminals know")]
pub struct Look {
    /// Colour of the letters.
    pub fg: Option<Colour>,
    /// Colour behind them.
    pub bg: Option<Colour>,
    /// Bold.
    pub bold: bool,
    /// Faint.
    pub dim: bool,
    /// Slanted.
    pub italic: bool,
    /// Underlined.
    pub underline: bool,
    /// Letters and ground changed over.
    pub reverse: bool,
}

/// A theme that is ready for use: every role has a look.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    /// Its name.
    pub name: String,
    /// What it is for, in a few words.
    pub about: String,
    looks: BTreeMap<Role, Look>,
    /// What looks otherwise where there are only sixteen colours.
    sixteen: BTreeMap<Role, Look>,
}

impl Theme {
    /// How a role looks.
    #[must_use]
    pub fn look(&self, role: Role) -> Look {
        self.looks.get(&role).copied().unwrap_or_default()
    }

    /// How a role looks where the terminal has sixteen colours only: what the theme says of that, and of
    /// the rest its usual look, whose colours are the nearest ones then.
    #[must_use]
    pub fn look_in_sixteen(&self, role: Role) -> Look {
        self.sixteen.get(&role).copied().unwrap_or_else(|| self.look(role))
    }
}

/// What is wrong in a theme file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}:{line}:{column}: {text}")]
pub struct ThemeError {
    /// The file or the name of the theme.
    pub file: String,
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What is wrong.
    pub text: String,
}

/// All themes by name, and how they are put together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Themes {
    texts: BTreeMap<String, String>,
    /// The files of those that are not built in.
    files: BTreeMap<String, String>,
}

const BUILTIN: &[(&str, &str)] = &[
    ("terminal", include_str!("../../themes/terminal.toml")),
    ("dark", include_str!("../../themes/dark.toml")),
    ("light", include_str!("../../themes/light.toml")),
    ("high-contrast", include_str!("../../themes/high-contrast.toml")),
    ("deuteranopia", include_str!("../../themes/deuteranopia.toml")),
    ("tritanopia", include_str!("../../themes/tritanopia.toml")),
    ("mono", include_str!("../../themes/mono.toml")),
];

impl Default for Themes {
    fn default() -> Self {
        let text = |(name, text): &(&str, &str)| ((*name).to_owned(), (*text).to_owned());
        Self { texts: BUILTIN.iter().map(text).collect(), files: BTreeMap::new() }
    }
}

impl Themes {
    /// The theme that is used unless another is chosen.
    pub const DEFAULT: &'static str = "terminal";
    /// Not a theme: light or dark, as the terminal's ground is.
    pub const AUTO: &'static str = "auto";
    /// The theme without any colour.
    pub const MONO: &'static str = "mono";

    /// Adds a theme file, or puts it in the place of the one of that name.
    pub fn add(&mut self, name: &str, text: &str) {
        self.texts.insert(name.to_owned(), text.to_owned());
    }

    /// As [`Self::add`], with the path of the file, which errors name.
    pub fn add_file(&mut self, name: &str, path: &str, text: &str) {
        self.add(name, text);
        self.files.insert(name.to_owned(), path.to_owned());
    }

    /// Names of all themes, the default first.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let first = self.texts.keys().filter(|name| *name == Self::DEFAULT);
        let rest = self.texts.keys().filter(|name| *name != Self::DEFAULT);
        first.chain(rest).cloned().collect()
    }

    /// Names of all themes, each with what it is for; of a broken one nothing is known.
    #[must_use]
    pub fn described(&self) -> Vec<(String, String)> {
        let about = |name: &String| self.get(name).map(|theme| theme.about).unwrap_or_default();
        self.names().into_iter().map(|name| (name.clone(), about(&name))).collect()
    }

    /// Puts a theme together.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn get(&self, name: &str) -> Result<Theme, ThemeError> {
        let (theme, faults) = self.examined(name);
        faults.into_iter().next().map_or(Ok(theme), Err)
    }

    /// Puts a theme together as far as it can be, with everything that is wrong: an unknown name, broken
    /// TOML, an unknown role, colour or style, a theme that inherits from itself.
    #[must_use]
    pub fn examined(&self, name: &str) -> (Theme, Vec<ThemeError>) {
        let mut theme = Theme {
            name: name.to_owned(),
            about: String::new(),
            looks: BTreeMap::new(),
            sixteen: BTreeMap::new(),
        };
        let mut wrong = Vec::new();
        theme.about = self.collect(name, &mut theme, &mut Vec::new(), &mut wrong);
        (theme, wrong)
    }

    /// Adds what a theme says, after what it inherits; what it is for comes back.
    fn collect(
        &self,
        name: &str,
        theme: &mut Theme,
        seen: &mut Vec<String>,
        wrong: &mut Vec<ThemeError>,
    ) -> String {
        let Some(text) = self.texts.get(name) else {
            let known = self.names().join(", ");
            let why = format!("there is no theme `{name}`; there are {known}");
            wrong.push(self.error(name, "", (0, why)));
            return String::new();
        };
        let raw: Raw = match toml::from_str(text) {
            Ok(raw) => raw,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                wrong.push(self.error(name, text, (at, error.message().to_owned())));
                return String::new();
            }
        };
        seen.push(name.to_owned());
        let mut faults = Faults::new();
        if let Some(parent) = &raw.inherits {
            let at = parent.span().start;
            let parent = parent.get_ref();
            if seen.contains(parent) {
                faults.push((at, format!("`{parent}` inherits from itself")));
            } else if !self.texts.contains_key(parent) {
                faults.push((at, format!("there is no theme `{parent}` to inherit from")));
            } else {
                self.collect(parent, theme, seen, wrong);
            }
        }
        raw.examine_palette(&mut faults);
        for (role, look) in raw.looks(&raw.roles, true, &mut faults) {
            theme.looks.insert(role, look);
            // What was said for few colours went with the look that is gone.
            theme.sixteen.remove(&role);
        }
        theme.sixteen.extend(raw.looks(&raw.sixteen, false, &mut faults));
        faults.sort();
        wrong.extend(faults.into_iter().map(|fault| self.error(name, text, fault)));
        raw.about
    }

    fn error(&self, name: &str, text: &str, (at, why): (usize, String)) -> ThemeError {
        let (line, column) = line_column(text, at);
        let file = self.files.get(name).cloned().unwrap_or_else(|| format!("theme {name}"));
        ThemeError { file, line, column, text: why }
    }
}

#[cfg(test)]
mod tests;
