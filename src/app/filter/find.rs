//! Finding words in texts: as they stand, or with their letters in order and near each other.

use std::ops::Range;

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

/// What finds loose matches.
#[must_use]
pub fn matcher() -> SkimMatcherV2 {
    SkimMatcherV2::default()
}

/// Where `word` stands in `text`, ASCII letters of either case alike.
#[must_use]
pub fn find(text: &str, word: &str) -> Option<Range<usize>> {
    let (text, word) = (text.as_bytes(), word.as_bytes());
    let Some((first, rest)) = word.split_first() else { return Some(0..0) };
    // Whole characters on both sides: bytes that match begin and end between characters.
    let last = text.len().checked_sub(word.len())?;
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let begins = |byte: &u8| *byte == lower || *byte == upper;
    let mut at = 0;
    loop {
        at += text.get(at..=last)?.iter().position(begins)?;
        if text.get(at + 1..at + word.len())?.eq_ignore_ascii_case(rest) {
            return Some(at..at + word.len());
        }
        at += 1;
    }
}

/// A loose match: the letters in order, near enough to each other to be meant.
pub(super) fn loose(text: &str, word: &str, matcher: &SkimMatcherV2) -> Option<(i64, Vec<usize>)> {
    let letters = i64::try_from(word.chars().count()).unwrap_or(i64::MAX);
    if letters <= 2 || !in_order(text, word) {
        return None;
    }
    // Below this the letters are strewn about: each letter counts 16, a gap takes 3 and 1 more.
    matcher.fuzzy_indices(text, word).filter(|(score, _)| *score >= letters * 13)
}

/// Whether the letters of `word` stand in `text` in their order, either case alike. Most rows fail
/// this, and it costs far less than the matcher.
fn in_order(text: &str, word: &str) -> bool {
    let mut letters = text.chars();
    word.chars().all(|wanted| {
        letters.any(|found| {
            if found.is_ascii() && wanted.is_ascii() {
                found.eq_ignore_ascii_case(&wanted)
            } else {
                found == wanted || found.to_lowercase().eq(wanted.to_lowercase())
            }
        })
    })
}
