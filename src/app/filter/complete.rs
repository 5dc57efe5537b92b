//! Completing what is typed after `/`: names of terms, and the values that the rows have.

use std::collections::BTreeSet;

use super::term::{FIELDS, FilterField};

/// What the word under the cursor could become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// The field whose values are asked for; none when a term's name is typed.
    pub field: Option<FilterField>,
    /// Where the part that is replaced begins, in bytes of the text before the cursor.
    pub from: usize,
    /// That part.
    pub typed: String,
}

/// What there is to complete in the text before the cursor.
#[must_use]
pub fn completion(before: &str) -> Completion {
    let space = before.char_indices().rev().find(|(_, c)| c.is_whitespace());
    let word = space.map_or(0, |(at, c)| at + c.len_utf8());
    let word = word + usize::from(before.get(word..).is_some_and(|w| w.starts_with('!')));
    let text = before.get(word..).unwrap_or_default();
    let named =
        text.split_once(':').and_then(|(name, rest)| Some((FilterField::parse(name)?, rest)));
    let Some((field, rest)) = named else {
        return Completion { field: None, from: word, typed: text.to_owned() };
    };
    let value = rest.rfind(',').map_or(rest, |at| rest.get(at + 1..).unwrap_or_default());
    let value = value.strip_prefix('=').unwrap_or(value);
    Completion { field: Some(field), from: before.len() - value.len(), typed: value.to_owned() }
}

/// The names of the terms about these fields, as they are typed.
#[must_use]
pub fn names(wanted: impl Fn(FilterField) -> bool) -> BTreeSet<String> {
    let some = FIELDS.iter().filter(|known| wanted(known.field));
    some.map(|known| format!("{}:", known.short)).collect()
}

impl Completion {
    /// What to put in its place: the first of the values, of names where those are asked for, that begins
    /// with what is typed, or the one after it when a value stands there in full.
    #[must_use]
    pub fn next(&self, values: &BTreeSet<String>) -> Option<String> {
        if values.contains(&self.typed) {
            let mut after = values.iter().skip_while(|value| **value != self.typed).skip(1);
            return after.next().or_else(|| values.first()).cloned();
        }
        let typed = self.typed.to_ascii_lowercase();
        let starts = |value: &&String| value.to_ascii_lowercase().starts_with(&typed);
        let holds = |value: &&String| value.to_ascii_lowercase().contains(&typed);
        values.iter().find(starts).or_else(|| values.iter().find(holds)).cloned()
    }
}
