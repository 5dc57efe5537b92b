//! Keys as people write them: `j`, `ctrl-c`, `enter`, `shift-tab`, `f5`.

use std::collections::BTreeMap;
use std::fmt;

use crate::text::line_column;

/// What was pressed, apart from the modifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Code {
    /// A printable character, as typed: upper case means that Shift was part of it.
    Char(char),
    /// Return.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Shift and Tab, which terminals send as a key of its own.
    BackTab,
    /// Rub out to the left.
    Backspace,
    /// Rub out to the right.
    Delete,
    /// Insert.
    Insert,
    /// Arrow up.
    Up,
    /// Arrow down.
    Down,
    /// Arrow left.
    Left,
    /// Arrow right.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// A function key.
    F(u8),
}

/// One key press.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Key {
    /// What was pressed.
    pub code: Code,
    /// With Ctrl.
    pub ctrl: bool,
    /// With Alt.
    pub alt: bool,
}

/// Why a text is no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no key; write a character, or ctrl-x, alt-x, enter, esc, tab, shift-tab, space, up, pagedown, f5"
)]
pub struct KeyError(String);

const NAMES: &[(&str, Code)] = &[
    ("enter", Code::Enter),
    ("esc", Code::Esc),
    ("tab", Code::Tab),
    ("shift-tab", Code::BackTab),
    ("backspace", Code::Backspace),
    ("delete", Code::Delete),
    ("insert", Code::Insert),
    ("up", Code::Up),
    ("down", Code::Down),
    ("left", Code::Left),
    ("right", Code::Right),
    ("home", Code::Home),
    ("end", Code::End),
    ("pageup", Code::PageUp),
    ("pagedown", Code::PageDown),
    ("space", Code::Char(' ')),
];

impl Key {
    /// A key without modifiers.
    #[must_use]
    pub const fn plain(code: Code) -> Self {
        Self { code, ctrl: false, alt: false }
    }

    /// A character key without modifiers.
    #[must_use]
    pub const fn char(c: char) -> Self {
        Self::plain(Code::Char(c))
    }

    /// A character with Ctrl.
    #[must_use]
    pub const fn ctrl(c: char) -> Self {
        Self { code: Code::Char(c), ctrl: true, alt: false }
    }

    /// Whether it changes a text that is typed at the place where the cursor is.
    #[must_use]
    pub const fn is_text(self) -> bool {
        let plain = !self.ctrl && !self.alt;
        plain && matches!(self.code, Code::Char(_) | Code::Backspace | Code::Delete)
    }

    /// Reads a key as it is printed.
    ///
    /// # Errors
    /// When the text names no key.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let fail = || KeyError(text.to_owned());
        let mut key = Self::plain(Code::Esc);
        let mut rest = text;
        loop {
            if let Some(after) = strip_word(rest, "ctrl-") {
                key.ctrl = true;
                rest = after;
            } else if let Some(after) = strip_word(rest, "alt-") {
                key.alt = true;
                rest = after;
            } else {
                break;
            }
        }
        key.code = code(rest).ok_or_else(fail)?;
        Ok(key)
    }
}

/// The rest after a modifier, unless nothing is left: `ctrl--` is Ctrl and the minus sign.
fn strip_word<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.strip_prefix(word).filter(|rest| !rest.is_empty())
}

fn code(text: &str) -> Option<Code> {
    let mut chars = text.chars();
    if let (Some(c), None) = (chars.next(), chars.next()) {
        return (!c.is_control()).then_some(Code::Char(c));
    }
    let lower = text.to_ascii_lowercase();
    if let Some((_, code)) = NAMES.iter().find(|(name, _)| *name == lower) {
        return Some(*code);
    }
    let number = lower.strip_prefix('f')?.parse().ok()?;
    (1..=24).contains(&number).then_some(Code::F(number))
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.ctrl {
            f.write_str("ctrl-")?;
        }
        if self.alt {
            f.write_str("alt-")?;
        }
        if let Some((name, _)) = NAMES.iter().find(|(_, code)| *code == self.code) {
            return f.write_str(name);
        }
        match self.code {
            Code::Char(c) => write!(f, "{c}"),
            Code::F(number) => write!(f, "f{number}"),
            // Every other code stands in NAMES.
            _ => Ok(()),
        }
    }
}

/// A key file: which keys an action has in a mode. Modes and actions are only names here.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyFile {
    /// The entries, in the order of modes and actions.
    pub entries: Vec<KeyEntry>,
}

/// One entry of a key file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyEntry {
    /// The table it stands in.
    pub mode: String,
    /// The action.
    pub action: String,
    /// Its keys; none takes them all away.
    pub keys: Vec<Key>,
    /// Where it stands, line and column from 1.
    pub at: (u32, u32),
}

impl KeyEntry {
    /// An error about this entry.
    #[must_use]
    pub fn error(&self, text: String) -> KeyFileError {
        KeyFileError::at(self.at.0, self.at.1, text)
    }
}

/// What is wrong in a key file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {text}")]
pub struct KeyFileError {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1.
    pub column: u32,
    /// What is wrong.
    pub text: String,
}

impl KeyFileError {
    /// An error at a place.
    #[must_use]
    pub fn at(line: u32, column: u32, text: String) -> Self {
        Self { line, column, text }
    }
}

#[derive(serde::Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl OneOrMore {
    fn texts(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::More(texts) => texts,
        }
    }
}

type RawFile = BTreeMap<String, BTreeMap<toml::Spanned<String>, OneOrMore>>;

impl KeyFile {
    /// Reads `keys.toml`: tables named after modes, in each `action = "key"` or a list of keys.
    ///
    /// # Errors
    /// What is no TOML, no table of keys, or no key, with line and column.
    pub fn parse(text: &str) -> Result<Self, KeyFileError> {
        let raw: RawFile = toml::from_str(text).map_err(|error| {
            let (line, column) = line_column(text, error.span().map_or(0, |span| span.start));
            KeyFileError::at(line, column, error.message().to_owned())
        })?;
        let mut entries = Vec::new();
        for (mode, actions) in raw {
            for (action, keys) in actions {
                let at = line_column(text, action.span().start);
                let mut entry = KeyEntry {
                    mode: mode.clone(),
                    action: action.into_inner(),
                    keys: Vec::new(),
                    at,
                };
                for key in keys.texts() {
                    let key = Key::parse(&key).map_err(|error| entry.error(error.to_string()))?;
                    entry.keys.push(key);
                }
                entries.push(entry);
            }
        }
        Ok(Self { entries })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_what_it_read() {
        for text in ["j", "G", "ctrl-c", "alt-x", "enter", "shift-tab", "space", "f5", "-", "?"] {
            assert_eq!(Key::parse(text).unwrap().to_string(), text);
        }
        for (name, code) in NAMES {
            assert_eq!(Key::parse(name).unwrap(), Key::plain(*code));
        }
    }

    #[test]
    fn a_key_file_says_where_it_is_wrong() {
        let file = KeyFile::parse("[list]\nmark = [\"space\", \"m\"]\n").unwrap();
        assert_eq!(file.entries[0].keys, [Key::char(' '), Key::char('m')]);
        assert_eq!(file.entries[0].at, (2, 1));
        assert_eq!(KeyFile::parse("[list]\nmark = \"nokey\"\n").unwrap_err().line, 2);
        assert_eq!(KeyFile::parse("[list]\nmark = 3\n").unwrap_err().line, 2);
        assert_eq!(KeyFile::parse("[list\n").unwrap_err().line, 1);
    }

    #[test]
    fn refuses_what_is_no_key() {
        for text in ["", "foo", "ctrl-", "f0", "f25", "\u{1b}"] {
            assert!(Key::parse(text).is_err(), "{text:?}");
        }
    }
}
