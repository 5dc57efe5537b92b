//! Where in a TOML file a value stands. Looked up only once something is wrong with it.

use std::fmt;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::text::line_column;

/// Keys and indexes that lead to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spot {
    steps: Vec<TomlStep>,
    /// Line and column in the string that stands there.
    within: Option<(u32, u32)>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum TomlStep {
    Key(String),
    Index(usize),
}

impl Spot {
    /// A chain of keys.
    #[must_use]
    pub fn of(keys: &[&str]) -> Self {
        Self { steps: keys.iter().map(|k| TomlStep::Key((*k).to_owned())).collect(), within: None }
    }

    /// This spot followed by a key.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.steps.push(TomlStep::Key(key.to_owned()));
        self
    }

    /// This spot followed by a chain of keys.
    #[must_use]
    pub fn keys(mut self, keys: &[&str]) -> Self {
        self.steps.extend(keys.iter().map(|k| TomlStep::Key((*k).to_owned())));
        self
    }

    /// This spot followed by an index.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.steps.push(TomlStep::Index(index));
        self
    }

    /// Bytes of the value, or of the nearest part of the way that exists.
    fn span(&self, text: &str) -> Option<Range<usize>> {
        let table = DeTable::parse(text).ok()?;
        let mut steps = self.steps.iter();
        let Some(TomlStep::Key(first)) = steps.next() else { return Some(0..0) };
        let (_, mut value) = table.get_ref().iter().find(|(k, _)| k.get_ref() == first)?;
        for step in steps {
            let next = match (step, value.get_ref()) {
                (TomlStep::Key(key), DeValue::Table(table)) => {
                    table.iter().find(|(k, _)| k.get_ref() == key).map(|(_, v)| v)
                }
                (TomlStep::Index(index), DeValue::Array(items)) => items.get(*index),
                // `at = "path"` is a list of one whose path has no key of its own.
                _ => None,
            };
            let Some(next) = next else { break };
            value = next;
        }
        Some(value.span())
    }

    /// Line and column (from 1) of the value.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<(u32, u32)> {
        match self.within {
            Some((line, column)) => self.find_in_string(text, line, column),
            None => self.span(text).map(|span| line_column(text, span.start)),
        }
    }

    /// Line and column (from 1) in the file of a line and column in the string value.
    #[must_use]
    pub fn find_in_string(&self, text: &str, line: u32, column: u32) -> Option<(u32, u32)> {
        let span = self.span(text)?;
        let value = text.get(span.clone())?;
        let long = value.starts_with("'''") || value.starts_with("\"\"\"");
        let quotes = if long { 3 } else { 1 };
        let end = value.len().checked_sub(quotes)?;
        let mut rest = value.get(quotes..end)?;
        if long {
            // A line feed behind the quotes is not part of the string.
            rest = rest.strip_prefix("\r\n").or_else(|| rest.strip_prefix('\n')).unwrap_or(rest);
        }
        let mut here = (1, 1);
        while let Some(next) = rest.chars().next() {
            let escaped = next == '\\' && value.starts_with('"');
            let (read, bytes) =
                if escaped { unescape(rest) } else { (Some(next), next.len_utf8()) };
            if here >= (line, column) && read.is_some() {
                break;
            }
            here = match read {
                Some('\n') => (here.0 + 1, 1),
                Some(_) => (here.0, here.1 + 1),
                None => here,
            };
            rest = rest.get(bytes..).unwrap_or_default();
        }
        Some(line_column(text, span.start + end - rest.len()))
    }

    /// This spot, and in its string a line and column.
    #[must_use]
    pub(super) fn within(mut self, line: u32, column: u32) -> Self {
        self.within = Some((line, column));
        self
    }

    /// What another spot says, which starts where this one ends.
    #[must_use]
    pub(super) fn then(mut self, rest: Self) -> Self {
        self.steps.extend(rest.steps);
        self.within = rest.within;
        self
    }
}

/// What an escape at the beginning of a text stands for, and its bytes. A backslash at the end of a line takes
/// the white space that follows out of the string.
fn unescape(text: &str) -> (Option<char>, usize) {
    let rest = text.get(1..).unwrap_or_default();
    let Some(letter) = rest.chars().next() else { return (None, text.len()) };
    match letter {
        'n' => (Some('\n'), 2),
        'x' => (Some(letter), 4),
        'u' => (Some(letter), 6),
        'U' => (Some(letter), 10),
        blank if blank.is_whitespace() => (None, text.len() - rest.trim_start().len()),
        other => (Some(other), 1 + other.len_utf8()),
    }
}

impl fmt::Display for Spot {
    /// `rule.case[2].when`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.steps.iter().enumerate() {
            match step {
                TomlStep::Key(key) if at == 0 => f.write_str(key)?,
                TomlStep::Key(key) => write!(f, ".{key}")?,
                TomlStep::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "id = 'a'\n[rule]\nfail = '''\na &&\n  b\n'''\nat = [ { path = 'x', when = 'y' } ]\n";

    #[test]
    fn finds_values_and_places_in_them() {
        assert_eq!(Spot::of(&["id"]).find(TEXT), Some((1, 6)));
        let when = Spot::of(&["rule", "at"]).index(0).key("when");
        assert_eq!(when.find(TEXT), Some((7, 29)));
        assert_eq!(when.find_in_string(TEXT, 1, 1), Some((7, 30)));
        assert_eq!(Spot::of(&["rule", "fail"]).find_in_string(TEXT, 2, 3), Some((5, 3)));
        assert_eq!(Spot::of(&["rule", "nothing"]).find(TEXT).map(|at| at.0), Some(2));
    }

    #[test]
    fn places_in_strings_are_those_of_the_file_whatever_is_escaped() {
        for (text, at, found) in [
            ("a = \"x\\ny\"\n", (2, 1), (1, 9)),
            ("a = \"\\u00e9\\t\\\"y\"\n", (1, 4), (1, 16)),
            ("a = \"\"\"\nx\\\n   y\nz\"\"\"\n", (1, 2), (3, 4)),
            ("a = \"\"\"\nx\\\n   y\nz\"\"\"\n", (2, 1), (4, 1)),
            ("a = '''\r\nx\\n\r\nz'''\n", (2, 1), (3, 1)),
            ("a = 'x'\n", (9, 9), (1, 7)),
        ] {
            let spot = Spot::of(&["a"]).within(at.0, at.1);
            assert_eq!(spot.find(text), Some(found), "{text:?} {at:?}");
        }
        let inner = Spot::of(&["b"]).within(1, 2);
        let text = "[[a]]\nb = '1'\n[[a]]\nb = '23'\n";
        assert_eq!(Spot::of(&["a"]).index(1).then(inner).find(text), Some((4, 7)));
    }
}
