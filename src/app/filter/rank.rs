//! What is meant by a few letters: whole names before beginnings, beginnings before parts, and
//! letters that are strewn about last of all.

use std::ops::Range;

use fuzzy_matcher::skim::SkimMatcherV2;

use super::find::{find, loose};

/// How well something fits what was typed, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameFit {
    /// It is called so.
    Name,
    /// Its name begins with it, up to the end of a word.
    FirstWords,
    /// Its name begins with it.
    Beginning,
    /// It is a word of its name.
    Word,
    /// A word of its name begins with it.
    WordBeginning,
    /// It stands in its name, or in what is said of it.
    Part,
    /// Its words stand there, in whatever order.
    Words,
    /// Its letters stand there in their order, near each other.
    Letters,
}

impl NameFit {
    /// Whether somebody who typed it can be taken at their word: they named it, or its beginning.
    #[must_use]
    pub fn is_meant(self) -> bool {
        self <= Self::Beginning
    }
}

/// Something that can be found by name.
#[derive(Clone, Copy, Debug)]
pub struct NamedEntry<'a> {
    /// What it is called.
    pub label: &'a str,
    /// What else it is called.
    pub aliases: &'a [String],
    /// What is said of it.
    pub detail: &'a str,
}

/// How well something fits; none when it does not. Among those that fit equally well the lower
/// number comes first.
#[must_use]
pub fn fit(named: NamedEntry<'_>, typed: &str, matcher: &SkimMatcherV2) -> Option<(NameFit, i64)> {
    let names = || std::iter::once(named.label).chain(named.aliases.iter().map(String::as_str));
    let best = names().filter_map(|name| in_name(name, typed)).min();
    if let Some(fit) = best.filter(|fit| *fit < NameFit::Part) {
        return Some((fit, 0));
    }
    let in_detail = || find(named.detail, typed).is_some();
    if best.is_some() || in_detail() {
        return Some((NameFit::Part, i64::from(best.is_none())));
    }
    let text = format!("{} {}", named.label, named.detail);
    let mut words = typed.split_whitespace();
    if words.all(|word| names().chain([named.detail]).any(|part| find(part, word).is_some())) {
        return Some((NameFit::Words, 0));
    }
    loose(&text, typed, matcher).map(|(score, _)| (NameFit::Letters, -score))
}

/// Which bytes of a name what was typed is found at: as it stands, or else its words, or its letters.
#[must_use]
pub fn found_in(name: &str, typed: &str, matcher: &SkimMatcherV2) -> Vec<Range<usize>> {
    let typed = typed.trim();
    if typed.is_empty() {
        return Vec::new();
    }
    if let Some(at) = find(name, typed) {
        return vec![at];
    }
    let words: Vec<_> = typed.split_whitespace().filter_map(|word| find(name, word)).collect();
    if !words.is_empty() {
        return words;
    }
    let letters = loose(name, typed, matcher).map(|(_, letters)| letters).unwrap_or_default();
    let spots = name.char_indices().enumerate().filter(|(nth, _)| letters.contains(nth));
    spots.map(|(_, (at, c))| at..at + c.len_utf8()).collect()
}

/// How well a name alone fits.
fn in_name(name: &str, typed: &str) -> Option<NameFit> {
    if name.eq_ignore_ascii_case(typed) {
        return Some(NameFit::Name);
    }
    let mut best = None;
    let mut from = 0;
    while let Some(at) = name.get(from..).and_then(|rest| find(rest, typed)) {
        let (start, end) = (from + at.start, from + at.end);
        let ends = !name.get(end..).is_some_and(|rest| rest.starts_with(char::is_alphanumeric));
        let begins = !name.get(..start).is_some_and(|all| all.ends_with(char::is_alphanumeric));
        let fit = match (start, begins, ends) {
            (0, _, true) => NameFit::FirstWords,
            (0, ..) => NameFit::Beginning,
            (_, true, true) => NameFit::Word,
            (_, true, false) => NameFit::WordBeginning,
            _ => NameFit::Part,
        };
        best = Some(best.map_or(fit, |best: NameFit| best.min(fit)));
        from = end.max(start + 1);
        if typed.is_empty() {
            break;
        }
    }
    best
}

/// What fits, best first, each with how well; everything, in order, when nothing was typed.
#[must_use]
pub fn rank<'a>(all: impl Iterator<Item = NamedEntry<'a>>, typed: &str) -> Vec<(usize, NameFit)> {
    let typed = typed.trim();
    if typed.is_empty() {
        return all.enumerate().map(|(at, _)| (at, NameFit::Beginning)).collect();
    }
    let matcher = super::matcher();
    let fits = all
        .enumerate()
        .filter_map(|(at, named)| fit(named, typed, &matcher).map(|(fit, order)| (fit, order, at)));
    let mut fits: Vec<(NameFit, i64, usize)> = fits.collect();
    fits.sort_unstable();
    fits.into_iter().map(|(fit, _, at)| (at, fit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ranked<'a>(names: &[&'a str], typed: &str) -> Vec<&'a str> {
        let named = |label: &'a str| NamedEntry { label, aliases: &[], detail: "" };
        let found = rank(names.iter().map(|name| named(name)), typed);
        found.into_iter().map(|(at, _)| names[at]).collect()
    }

    #[test]
    fn names_come_before_beginnings_and_beginnings_before_parts() {
        let names = [
            "Pods get no root CA",
            "a hippo",
            "new-session",
            "the po box",
            "portal",
            "po",
            "a port",
        ];
        assert_eq!(
            ranked(&names, "po"),
            ["po", "Pods get no root CA", "portal", "the po box", "a port", "a hippo"]
        );
        assert_eq!(ranked(&names, "PORT"), ["portal", "a port"]);
        assert_eq!(ranked(&names, ""), names);
        assert_eq!(ranked(&names, "zzz"), [] as [&str; 0]);
    }

    #[test]
    fn words_are_found_in_any_order_and_letters_last() {
        let names = ["new-session", "who can get secrets", "nsx"];
        assert_eq!(ranked(&names, "secrets get"), ["who can get secrets"]);
        assert_eq!(ranked(&names, "newses"), ["new-session"]);
        let named =
            NamedEntry { label: "new-session", aliases: &[], detail: "Begin a new session" };
        let fit = |typed| fit(named, typed, &super::super::matcher()).map(|(fit, _)| fit);
        assert_eq!(fit("new"), Some(NameFit::FirstWords));
        assert_eq!(fit("newses"), Some(NameFit::Letters));
        assert_eq!(fit("begin"), Some(NameFit::Part));
        assert_eq!(fit("ns"), None, "two letters that are strewn about mean nothing");
        assert!(NameFit::Beginning.is_meant() && !NameFit::Word.is_meant());
    }

    #[test]
    fn other_names_count_like_the_first_and_what_is_said_of_it_does_not() {
        let aliases = ["deploy".to_owned(), "deployments".to_owned()];
        let kind = NamedEntry { label: "Deployment", aliases: &aliases, detail: "" };
        let check = NamedEntry { label: "Drift", aliases: &[], detail: "deploy" };
        let found = rank([check, kind].into_iter(), "deploy");
        assert_eq!(found, [(1, NameFit::Name), (0, NameFit::Part)]);
    }

    #[test]
    fn what_is_found_is_known_by_its_place() {
        let found = |name, typed| found_in(name, typed, &super::super::matcher());
        assert_eq!(found("pay-12-prod", " 12 ").first(), Some(&(4..6)));
        assert_eq!(found("pay-12-prod", "prod pay"), [7..11, 0..3]);
        assert_eq!(found("new-session", "nwses"), [0..1, 2..3, 4..5, 5..6, 6..7]);
        assert!(found("pay", "").is_empty() && found("pay", "xyz").is_empty());
    }

    #[test]
    fn letters_outside_ascii_break_nothing() {
        for typed in ["é", "日本", "本 日", "\u{301}"] {
            ranked(&["日本語-sørvice", "é", "e\u{301}"], typed);
        }
        assert_eq!(ranked(&["日本語", "a 日本"], "日本"), ["日本語", "a 日本"]);
    }
}
