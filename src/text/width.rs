//! Display width. Columns count cells, never bytes or characters.

mod lean;

use std::borrow::Cow;

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

pub use lean::{Lean, cut_showing};

/// How many cells a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    UnicodeWidthStr::width(text)
}

/// Cuts at the end so that the text takes at most `cells`, with `…` when something is left out.
#[must_use]
pub fn cut(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    if cells == 0 {
        return Cow::Borrowed("");
    }
    Cow::Owned(format!("{}…", head(text, cells - 1)))
}

/// Cuts at the beginning: of what is being typed the end matters.
#[must_use]
pub fn cut_start(text: &str, cells: usize) -> Cow<'_, str> {
    if width(text) <= cells {
        return Cow::Borrowed(text);
    }
    if cells == 0 {
        return Cow::Borrowed("");
    }
    Cow::Owned(format!("…{}", tail(text, cells - 1)))
}

/// Cuts after so many characters, with `…` when something is left out.
#[must_use]
pub fn cut_chars(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((at, _)) => Cow::Owned(format!("{}…", text.get(..at).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// Cuts in the middle: names of generated objects differ at both ends.
#[must_use]
pub fn cut_middle(text: &str, cells: usize) -> Cow<'_, str> {
    Lean::EVEN.cut(text, cells)
}

/// As much of the beginning as takes so many cells.
fn head(text: &str, cells: usize) -> &str {
    if text.is_ascii() {
        return text.get(..cells).unwrap_or(text);
    }
    let mut used = 0;
    let kept = text.graphemes(true).take_while(|g| {
        used += width(g);
        used <= cells
    });
    let end = kept.map(str::len).sum();
    text.get(..end).unwrap_or(text)
}

/// As much of the end as takes so many cells.
fn tail(text: &str, cells: usize) -> &str {
    if text.is_ascii() {
        return text.get(text.len().saturating_sub(cells)..).unwrap_or(text);
    }
    let mut used = 0;
    let kept = text.graphemes(true).rev().take_while(|g| {
        used += width(g);
        used <= cells
    });
    let length: usize = kept.map(str::len).sum();
    text.get(text.len() - length..).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn wide_characters_take_two_cells() {
        assert_eq!(width("日本"), 4);
        assert_eq!(cut("日本語", 4), "日…");
        assert_eq!(cut_middle("payments-api-7d9f", 9), "paym…7d9f");
        assert_eq!(cut_start("payments-api-7d9f", 5), "…7d9f");
    }

    proptest! {
        #[test]
        fn never_wider_than_asked(text in "\\PC{0,40}", cells in 0usize..30) {
            prop_assert!(width(&cut(&text, cells)) <= cells);
            prop_assert!(width(&cut_middle(&text, cells)) <= cells);
            prop_assert!(width(&cut_start(&text, cells)) <= cells);
        }
    }
}
