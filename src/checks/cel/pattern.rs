//! Regular expressions as rules use them: long lists of alternatives, each rare.

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

/// Longest compiled regular expression, in bytes.
const MAX_REGEX: usize = 1 << 20;
/// Steps that a byte of text costs for each KiB of a compiled expression. Matching is linear in the
/// text, but where states cannot be remembered, every part of the expression is tried at every byte:
/// measured at 110 to 270 ns for a KiB (`[01]*1[01]{200}x` on random digits), a step being 10 to 20.
const STEPS_PER_KIB: usize = 12;

/// A regular expression. Its alternatives are compiled one by one: each then has a few letters
/// that are quickly looked for, where all of them together have none in common.
#[derive(Debug)]
pub struct Pattern {
    parts: Vec<Regex>,
    /// Steps for each byte of a text; none for an expression that is known to be good-natured.
    weight: Option<usize>,
}

impl Pattern {
    /// Compiles an expression. One that is `trusted` is not weighed: it ships with Plimsoll.
    ///
    /// # Errors
    /// Its syntax or size.
    pub fn new(text: &str, trusted: bool) -> Result<Self, regex::Error> {
        // Errors are told of the text as it was written.
        let whole = build(text, MAX_REGEX)?;
        let weight = (!trusted).then(|| kibibytes(text) * STEPS_PER_KIB);
        let alternatives = regex_syntax::parse(text).ok().map(split).unwrap_or_default();
        if alternatives.len() < 2 {
            return Ok(Self { parts: vec![whole], weight });
        }
        let each: Result<Vec<Regex>, _> = alternatives
            .iter()
            .map(|alternative| build(&alternative.to_string(), MAX_REGEX))
            .collect();
        Ok(Self { parts: each.unwrap_or_else(|_| vec![whole]), weight })
    }

    /// Whether it matches anywhere in a text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.parts.iter().any(|regex| regex.is_match(text))
    }

    /// Steps that looking for it in so many bytes may take.
    #[must_use]
    pub fn cost(&self, bytes: usize) -> usize {
        self.weight.map_or(bytes / 16, |weight| bytes.saturating_mul(weight)) + 1
    }
}

fn build(text: &str, most: usize) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).size_limit(most).build()
}

/// How large an expression is once it is compiled, in KiB, rounded up to a power of two.
fn kibibytes(text: &str) -> usize {
    let sizes = std::iter::successors(Some(1_usize), |size| Some(size * 2));
    let fits = |size: &usize| *size << 10 >= MAX_REGEX || build(text, *size << 10).is_ok();
    sizes.into_iter().find(fits).unwrap_or(1)
}

/// The alternatives that a whole expression consists of.
fn split(whole: Hir) -> Vec<Hir> {
    match whole.into_kind() {
        HirKind::Alternation(parts) => parts,
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_match_as_the_whole_does() {
        let text = r"(^|[^A-Za-z])(AKIA|ASIA)[0-9A-Z]{4}($|[^A-Z])|-----BEGIN ([A-Z]+ )*KEY-----|[a-z]+://[^/\s:]*:[^/\s@]+@|(?i:pwd)=\S|^x$";
        let (whole, pattern) = (Regex::new(text).unwrap(), Pattern::new(text, false).unwrap());
        assert!(pattern.parts.len() > 3, "{pattern:?}");
        for value in [
            "",
            "x",
            "xx",
            "AKIA0000",
            " ASIA1234,",
            "zAKIA0000",
            "AKIA00000",
            "PWD=1",
            "pwd= ",
            "http://a:b@c",
            "http://a/b",
            "-----BEGIN RSA KEY-----",
            "-----BEGIN KEY----",
        ] {
            assert_eq!(pattern.is_match(value), whole.is_match(value), "{value}");
        }
    }

    #[test]
    fn what_is_no_list_of_alternatives_stays_whole() {
        for text in ["^(a|b)$", "(?i)token", ""] {
            assert_eq!(Pattern::new(text, true).unwrap().parts.len(), 1, "{text}");
        }
        assert!(Pattern::new("(", true).is_err());
        assert!(Pattern::new("[a-z]{1000}{1000}", false).is_err());
    }

    #[test]
    fn an_expression_costs_what_it_may_take() {
        let cost = |text: &str, trusted| Pattern::new(text, trusted).unwrap().cost(1600);
        assert_eq!(cost("AKIA[0-9A-Z]{16}", true), 101);
        assert!(cost("^registry[.]example[.]com/", false) < 100_000);
        assert!(cost("[01]*1[01]{4000}x", false) > 5_000_000);
    }
}
