//! What is typed after `/`: words that must be found, terms such as `ns:pay*` or `sev:high+`, `~` before
//! letters that need only stand in their order, and `!` before any of them to turn it round. Nothing
//! that can be typed is wrong.

mod complete;
mod find;
mod pattern;
mod rank;
mod term;

pub use complete::{Completion, completion, names};
pub use find::{find, matcher};
pub use rank::{NameFit, NamedEntry, found_in, rank};
pub use term::{FIELDS, FieldName, FilterField};

use std::ops::Range;

use fuzzy_matcher::skim::SkimMatcherV2;

use crate::model::finding::Severity;

use pattern::Pattern;
use term::FilterTerm;

/// What a filter asks of a row, and only as far as it has to.
pub trait Facets {
    /// Whether one of the row's values of a field passes the test.
    fn any(&self, field: FilterField, test: &mut dyn FnMut(&str) -> bool) -> bool;
    /// Its severity.
    fn severity(&self) -> Option<Severity>;
}

/// A parsed filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    terms: Vec<(bool, FilterTerm)>,
}

impl Filter {
    /// Reads what was typed. An unknown term or severity is a word to be found.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let terms = term::words(text).into_iter().filter_map(|word| {
            let (negative, word) =
                word.strip_prefix('!').map_or((false, &*word), |rest| (true, rest));
            (!word.is_empty()).then(|| (negative, FilterTerm::new(word)))
        });
        Self { terms: terms.collect(), text: text.to_owned() }
    }

    /// What was typed.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether a row passes: every term must hold.
    #[must_use]
    pub fn accepts(&self, row: &dyn Facets, matcher: &SkimMatcherV2) -> bool {
        self.terms.iter().all(|(negative, term)| *negative != term.holds(row, matcher))
    }

    /// The names of its terms that ask for something, of which this does not hold: where no row has what
    /// they ask for, they hide every row.
    #[must_use]
    pub fn idle(&self, answers: impl Fn(FilterField) -> bool) -> Vec<&'static str> {
        let asked = |field: FilterField| {
            self.terms.iter().any(|(negative, term)| !negative && term.field() == Some(field))
        };
        let idle = FIELDS.iter().filter(|known| asked(known.field) && !answers(known.field));
        idle.map(|known| known.short).collect()
    }

    /// The question that `verb:` and `res:` ask together, with the `ns:` beside them: who can do
    /// this? None when no such term is there; each part is none when it is missing or is no word.
    #[must_use]
    pub fn question(&self) -> Option<[Option<&str>; 3]> {
        let asked = |field: FilterField| {
            let mut found = self.terms.iter().filter_map(move |(negative, term)| match term {
                FilterTerm::Field(of, forms) if !negative && *of == field => Some(forms.as_slice()),
                _ => None,
            });
            found.next()
        };
        let word = |field| match asked(field) {
            Some([Pattern::Part(word) | Pattern::Whole(word)]) => Some(word.as_str()),
            Some([Pattern::Glob(all)]) if all == "*" => Some("*"),
            _ => None,
        };
        let some = asked(FilterField::Verb).is_some() || asked(FilterField::Resource).is_some();
        some.then(|| {
            [word(FilterField::Verb), word(FilterField::Resource), word(FilterField::Namespace)]
        })
    }

    /// Which bytes of a shown text the words of the filter are found at, in order.
    #[must_use]
    pub fn highlights(&self, text: &str, matcher: &SkimMatcherV2) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for (negative, term) in &self.terms {
            let (word, letters) = match term {
                FilterTerm::Word(word) if !negative => (word, false),
                FilterTerm::Letters(word) if !negative => (word, true),
                _ => continue,
            };
            if let Some(at) = find(text, word) {
                found.push(at);
            } else if let Some((_, chars)) =
                letters.then(|| find::loose(text, word, matcher)).flatten()
            {
                let spots = text.char_indices().enumerate();
                let hit = spots.filter(|(nth, _)| chars.contains(nth));
                found.extend(hit.map(|(_, (at, c))| at..at + c.len_utf8()));
            }
        }
        found.sort_by_key(|range| range.start);
        found
    }
}

#[cfg(test)]
mod tests;
