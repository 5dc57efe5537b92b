//! Where a long name is cut, so that what is left of it tells it apart from others like it.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::hash::Hash;
use std::ops::Range;

use super::{cut, head, tail, width};

/// How much of what is left of a name is its beginning, in eighths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lean(u8);

impl Default for Lean {
    fn default() -> Self {
        Self::EVEN
    }
}

impl Lean {
    /// As much of both ends: names of generated objects differ at both.
    pub const EVEN: Self = Self(4);
    /// More of the end: names of clusters begin with where they are, and end with what they are called.
    pub const END: Self = Self(2);

    /// What is tried to tell names apart.
    const ALL: [Self; 5] = [Self(4), Self(2), Self(6), Self(0), Self(8)];

    /// The lean of which most names are told apart: the usual one, unless another tells more.
    pub fn telling<K: Hash + Eq>(
        usual: Self,
        names: usize,
        kept: impl Fn(Self, usize) -> K,
    ) -> Self {
        let told = |lean| (0..names).map(|at| kept(lean, at)).collect::<HashSet<K>>().len();
        let mut best = (usual, told(usual));
        for lean in Self::ALL {
            if best.1 == names {
                break;
            }
            let told = told(lean);
            if told > best.1 {
                best = (lean, told);
            }
        }
        best.0
    }

    /// The same for names in so many cells; names that stand there twice are one.
    #[must_use]
    pub fn among<'a>(self, names: impl IntoIterator<Item = &'a str>, cells: usize) -> Self {
        let names: BTreeSet<&str> = names.into_iter().collect();
        let names: Vec<&str> = names.into_iter().collect();
        Self::telling(self, names.len(), |lean, at| {
            lean.kept(names.get(at).copied().unwrap_or_default(), cells)
        })
    }

    /// What is left of both ends in so many cells; of a text that fits, all, and nothing.
    pub(crate) fn kept(self, text: &str, cells: usize) -> (&str, &str) {
        if width(text) <= cells {
            return (text, "");
        }
        let Some(room) = cells.checked_sub(1) else { return ("", "") };
        let first = (room * usize::from(self.0)).div_ceil(8);
        (head(text, first), tail(text, room - first))
    }

    /// Cuts a text so that it takes at most `cells`, with `…` where something is left out.
    #[must_use]
    pub fn cut(self, text: &str, cells: usize) -> Cow<'_, str> {
        if width(text) <= cells {
            return Cow::Borrowed(text);
        }
        if cells < 3 {
            return cut(text, cells);
        }
        let (first, last) = self.kept(text, cells);
        Cow::Owned(format!("{first}…{last}"))
    }
}

/// Cuts as [`Lean::cut`] does, but so that the bytes at `found` are seen, with something of both ends beside them.
#[must_use]
pub fn cut_showing(text: &str, cells: usize, lean: Lean, found: &Range<usize>) -> String {
    let (first, last) = lean.kept(text, cells);
    let seen = found.end <= first.len() || found.start >= text.len() - last.len();
    let parts = (text.get(..found.start), text.get(found.clone()), text.get(found.end..));
    let (Some(before), Some(found), Some(after)) = parts else {
        return lean.cut(text, cells).into_owned();
    };
    if seen || cells < 5 {
        return lean.cut(text, cells).into_owned();
    }
    let room = cells - 2;
    let found = head(found, room);
    let left = room - width(found);
    let last = tail(after, left - left * usize::from(lean.0) / 8);
    let first = head(before, left - width(last));
    let mark = |kept: &str, of: &str| if kept.len() < of.len() { "…" } else { "" };
    format!("{first}{}{found}{}{last}", mark(first, before), mark(last, after))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ARN: &str = "arn:aws:eks:eu-central-1:123456789012:cluster/pay-12-prod";

    #[test]
    fn the_end_of_a_name_is_kept_where_it_tells() {
        assert_eq!(Lean::END.cut(ARN, 24), "arn:aw…uster/pay-12-prod");
        assert_eq!(Lean::EVEN.cut("payments-api-7d9f", 9), "paym…7d9f");
        assert_eq!(Lean::END.cut(ARN, 57), ARN);
        assert_eq!(Lean::END.cut(ARN, 2), "a…");
    }

    #[test]
    fn names_are_cut_where_they_are_alike() {
        let among = |names: &[&str], cells| {
            let lean = Lean::END.among(names.iter().copied(), cells);
            names.iter().map(|name| lean.cut(name, cells).into_owned()).collect::<Vec<_>>()
        };
        let ends = ["arn:aws:eks:eu:1:cluster/pay-1", "arn:aws:eks:eu:1:cluster/pay-2"];
        assert_eq!(among(&ends, 12), ["arn…er/pay-1", "arn…er/pay-2"]);
        let begin = ["dep-00001-of-a-name-like-all", "dep-00002-of-a-name-like-all"];
        assert_eq!(among(&begin, 12), ["dep-00001…ll", "dep-00002…ll"]);
        assert_eq!(among(&["same", "same"], 3), ["s…e", "s…e"]);
    }

    #[test]
    fn what_was_found_is_seen_wherever_it_stands() {
        let shown = |word: &str, cells| {
            let at = ARN.find(word).unwrap();
            cut_showing(ARN, cells, Lean::END, &(at..at + word.len()))
        };
        assert_eq!(shown("prod", 24), "arn:aw…uster/pay-12-prod");
        assert_eq!(shown("eks", 24), "arn:…eks…ter/pay-12-prod");
        assert_eq!(shown("12:cluster", 24), "arn…12:cluster…y-12-prod");
        assert_eq!(shown("central", 24), "arn…central…/pay-12-prod");
    }

    proptest! {
        #[test]
        fn never_wider_than_asked(text in "\\PC{0,40}", cells in 0usize..30, lean in 0usize..5) {
            let lean = Lean::ALL[lean];
            prop_assert!(width(&lean.cut(&text, cells)) <= cells);
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
            if let [first, .., last] = ends.as_slice() {
                for found in [*first..*last, *last..text.len(), *first..text.len()] {
                    prop_assert!(width(&cut_showing(&text, cells, lean, &found)) <= cells);
                }
            }
        }
    }
}
