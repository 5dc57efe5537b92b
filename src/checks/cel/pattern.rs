//! Regular expressions as rules use them: long lists of alternatives, each rare.

use regex::{Regex, RegexBuilder};
use regex_syntax::hir::{Hir, HirKind};

/// Longest compiled regular expression, in bytes.
const MAX_REGEX: usize = 1 << 20;

/// A regular expression. Its alternatives are compiled one by one: each then has a few letters
/// that are quickly looked for, where all of them together have none in common.
#[derive(Debug)]
pub struct Pattern(Vec<Regex>);

impl Pattern {
    /// Compiles an expression.
    ///
    /// # Errors
    /// Its syntax or size.
    pub fn new(text: &str) -> Result<Self, regex::Error> {
        // Errors are told of the text as it was written.
        let whole = build(text)?;
        let alternatives = regex_syntax::parse(text).ok().map(split).unwrap_or_default();
        if alternatives.len() < 2 {
            return Ok(Self(vec![whole]));
        }
        let each: Result<Vec<Regex>, _> =
            alternatives.iter().map(|alternative| build(&alternative.to_string())).collect();
        Ok(Self(each.unwrap_or_else(|_| vec![whole])))
    }

    /// Whether it matches anywhere in a text.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.0.iter().any(|regex| regex.is_match(text))
    }
}

fn build(text: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).size_limit(MAX_REGEX).build()
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
        let (whole, pattern) = (Regex::new(text).unwrap(), Pattern::new(text).unwrap());
        assert!(pattern.0.len() > 3, "{pattern:?}");
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
            assert_eq!(Pattern::new(text).unwrap().0.len(), 1, "{text}");
        }
        assert!(Pattern::new("(").is_err());
        assert!(Pattern::new("[a-z]{1000}{1000}").is_err());
    }
}
