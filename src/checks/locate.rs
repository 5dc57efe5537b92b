//! Where in a TOML file a value stands. Looked up only once something is wrong with it.

use std::fmt;
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use crate::text::line_column;

/// Keys and indexes that lead to a value.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Spot(Vec<Step>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Index(usize),
}

impl Spot {
    /// A chain of keys.
    #[must_use]
    pub fn of(keys: &[&str]) -> Self {
        Self(keys.iter().map(|k| Step::Key((*k).to_owned())).collect())
    }

    /// This spot followed by a key.
    #[must_use]
    pub fn key(mut self, key: &str) -> Self {
        self.0.push(Step::Key(key.to_owned()));
        self
    }

    /// This spot followed by a chain of keys.
    #[must_use]
    pub fn keys(mut self, keys: &[&str]) -> Self {
        self.0.extend(keys.iter().map(|k| Step::Key((*k).to_owned())));
        self
    }

    /// This spot followed by an index.
    #[must_use]
    pub fn index(mut self, index: usize) -> Self {
        self.0.push(Step::Index(index));
        self
    }

    /// Bytes of the value, or of the nearest part of the way that exists.
    fn span(&self, text: &str) -> Option<Range<usize>> {
        let table = DeTable::parse(text).ok()?;
        let mut steps = self.0.iter();
        let Some(Step::Key(first)) = steps.next() else { return Some(0..0) };
        let (_, mut value) = table.get_ref().iter().find(|(k, _)| k.get_ref() == first)?;
        for step in steps {
            let next = match (step, value.get_ref()) {
                (Step::Key(key), DeValue::Table(table)) => {
                    table.iter().find(|(k, _)| k.get_ref() == key).map(|(_, v)| v)
                }
                (Step::Index(index), DeValue::Array(items)) => items.get(*index),
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
        self.span(text).map(|span| line_column(text, span.start))
    }

    /// Line and column (from 1) in the file of a line and column in the string value.
    #[must_use]
    pub fn find_in_string(&self, text: &str, line: u32, column: u32) -> Option<(u32, u32)> {
        let span = self.span(text)?;
        let value = text.get(span.clone())?;
        let mut start = span.start;
        if value.starts_with("'''") || value.starts_with("\"\"\"") {
            let body = value.get(3..)?;
            start += 3 + body.len() - body.trim_start_matches(['\r']).len();
            start += usize::from(text.get(start..)?.starts_with('\n'));
        } else {
            start += 1;
        }
        let (first_line, first_column) = line_column(text, start);
        if line <= 1 {
            return Some((first_line, first_column + column.saturating_sub(1)));
        }
        Some((first_line + line - 1, column))
    }
}

impl fmt::Display for Spot {
    /// `rule.case[2].when`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Key(key) if at == 0 => f.write_str(key)?,
                Step::Key(key) => write!(f, ".{key}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
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
}
