//! What the value of a term is compared with: a part of it, all of it, or a pattern with `*`.

use crate::text::glob_match;

use super::find::find;

/// One alternative of a term's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    /// It stands somewhere in the value.
    Part(String),
    /// `=pay`: it is the value.
    Whole(String),
    /// `pay*`: the value is of this form.
    Glob(String),
}

impl Pattern {
    fn new(text: &str) -> Self {
        match text.strip_prefix('=') {
            Some(whole) => Self::Whole(whole.to_owned()),
            None if text.contains('*') => Self::Glob(text.to_ascii_lowercase()),
            None => Self::Part(text.to_owned()),
        }
    }

    /// The alternatives of a value, between commas.
    pub(super) fn all(text: &str) -> Vec<Self> {
        let parts = text.split(',').filter(|part| !part.is_empty());
        let all: Vec<Self> = parts.map(Self::new).collect();
        // While the value is not typed yet, everything is of that form.
        if all.is_empty() { vec![Self::Part(String::new())] } else { all }
    }

    /// Whether a value is of this form, ASCII letters of either case alike.
    pub(super) fn fits(&self, value: &str) -> bool {
        match self {
            Self::Part(part) => find(value, part).is_some(),
            Self::Whole(whole) => value.eq_ignore_ascii_case(whole),
            Self::Glob(glob) => glob_match(&value.to_ascii_lowercase(), glob),
        }
    }
}
