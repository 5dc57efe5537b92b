//! What is typed after `/`: words that must be found, `ns:` `kind:` `sev:` `check:` `status:`
//! terms, and `!` before any of them to turn it round.

use std::ops::Range;

use fuzzy_matcher::FuzzyMatcher;
use fuzzy_matcher::skim::SkimMatcherV2;

use crate::model::finding::Severity;

/// What finds loose matches.
#[must_use]
pub fn matcher() -> SkimMatcherV2 {
    SkimMatcherV2::default()
}

/// What a filter looks at in a row.
#[derive(Clone, Debug, Default)]
pub struct Facets {
    /// The short name, matched loosely.
    pub name: String,
    /// Everything else that is worth finding, matched as it stands.
    pub text: String,
    /// Namespace.
    pub namespace: String,
    /// Kind.
    pub kind: String,
    /// Severity.
    pub severity: Option<Severity>,
    /// Id of the check.
    pub check: String,
    /// Status of a control or a read, or the decision on a finding.
    pub status: String,
    /// It holds in every namespace.
    pub everywhere: bool,
    /// What a right is about.
    pub right: RightFacets,
}

/// What a filter looks at in a right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum RightFacets {
    /// The row is about no rights: no term about them fits.
    #[default]
    None,
    /// The row stands for many rights: a question with Enter finds which, until then all fit.
    Many {
        /// Whom.
        subject: String,
    },
    /// One right.
    One {
        /// `get, list`.
        verbs: String,
        /// `secrets`.
        resources: String,
        /// Whom.
        subject: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Term {
    Word(String),
    Namespace(String),
    Kind(String),
    Severity(Severity, bool),
    Check(String),
    Status(String),
    Verb(String),
    Resource(String),
    Subject(String),
}

/// A parsed filter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    text: String,
    terms: Vec<(bool, Term)>,
}

impl Filter {
    /// Reads what was typed. Nothing that can be typed is wrong; an unknown severity is a word.
    #[must_use]
    pub fn new(text: &str) -> Self {
        let terms = text.split_whitespace().filter_map(|word| {
            let (negative, word) =
                word.strip_prefix('!').map_or((false, word), |rest| (true, rest));
            (!word.is_empty()).then(|| (negative, term(word)))
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
    pub fn accepts(&self, facets: &Facets, matcher: &SkimMatcherV2) -> bool {
        self.terms
            .iter()
            .all(|(negative, term)| *negative != holds(term, *negative, facets, matcher))
    }

    /// The question that `verb:` and `res:` ask together, with the `ns:` beside them: who can do
    /// this? None when no such term is there; each part is none when it is missing.
    #[must_use]
    pub fn question(&self) -> Option<(Option<&str>, Option<&str>, Option<&str>)> {
        let (mut verb, mut resource, mut namespace) = (None, None, None);
        for (_, term) in self.terms.iter().filter(|(negative, _)| !negative) {
            match term {
                Term::Verb(word) => verb = Some(word.as_str()),
                Term::Resource(word) => resource = Some(word.as_str()),
                Term::Namespace(name) => namespace = Some(name.as_str()),
                _ => {}
            }
        }
        (verb.is_some() || resource.is_some()).then_some((verb, resource, namespace))
    }

    /// Which bytes of a shown text the words of the filter are found at, in order.
    #[must_use]
    pub fn highlights(&self, text: &str, matcher: &SkimMatcherV2) -> Vec<Range<usize>> {
        let mut found: Vec<Range<usize>> = Vec::new();
        for (negative, term) in &self.terms {
            if let (false, Term::Word(word)) = (negative, term) {
                if let Some(at) = find(text, word) {
                    found.push(at);
                } else if let Some((_, chars)) = loose(text, word, matcher) {
                    let spots = text.char_indices().enumerate();
                    let hit = spots.filter(|(nth, _)| chars.contains(nth));
                    found.extend(hit.map(|(_, (at, c))| at..at + c.len_utf8()));
                }
            }
        }
        found.sort_by_key(|range| range.start);
        found
    }
}

fn term(word: &str) -> Term {
    let value = |rest: &str| rest.to_ascii_lowercase();
    match word.split_once(':') {
        Some(("ns" | "namespace", rest)) => Term::Namespace(value(rest)),
        Some(("kind", rest)) => Term::Kind(value(rest)),
        Some(("check", rest)) => Term::Check(value(rest)),
        Some(("status" | "is", rest)) => Term::Status(value(rest)),
        Some(("verb", rest)) => Term::Verb(value(rest)),
        Some(("res" | "resource", rest)) => Term::Resource(value(rest)),
        Some(("subj" | "subject", rest)) => Term::Subject(value(rest)),
        Some(("sev" | "severity", rest)) => {
            severity(rest).unwrap_or_else(|| Term::Word(word.into()))
        }
        _ => Term::Word(word.to_owned()),
    }
}

/// `high`, `h`, or `high+` for high and worse.
fn severity(text: &str) -> Option<Term> {
    let (text, up) = text.strip_suffix('+').map_or((text, false), |rest| (rest, true));
    let lower = text.to_ascii_lowercase();
    let severity = Severity::ALL.into_iter().find(|s| s.word().starts_with(&lower))?;
    Some(Term::Severity(severity, up))
}

/// A word that is turned round must stand there as it is: loose matches would hide too much.
fn holds(term: &Term, exact: bool, facets: &Facets, matcher: &SkimMatcherV2) -> bool {
    match term {
        Term::Word(word) => {
            find(&facets.name, word).is_some()
                || find(&facets.text, word).is_some()
                || !exact && loose(&facets.name, word, matcher).is_some()
        }
        Term::Namespace(name) => facets.everywhere || find(&facets.namespace, name).is_some(),
        Term::Kind(name) => {
            let builtin = crate::model::kinds::lookup(name);
            builtin.map_or_else(
                || find(&facets.kind, name).is_some(),
                |builtin| builtin.kind == facets.kind,
            )
        }
        Term::Severity(severity, up) => {
            facets.severity.is_some_and(|s| s == *severity || *up && s < *severity)
        }
        Term::Check(id) => find(&facets.check, id).is_some(),
        Term::Verb(_) | Term::Resource(_) | Term::Subject(_) => right_holds(term, &facets.right),
        Term::Status(word) => !facets.status.is_empty() && facets.status.starts_with(word.as_str()),
    }
}

fn right_holds(term: &Term, right: &RightFacets) -> bool {
    // `*` of a rule stands for every word.
    let among = |list: &str, word: &str| {
        list.split(", ").any(|one| one == "*" || one == "everything" || find(one, word).is_some())
    };
    match (term, right) {
        (Term::Subject(word), RightFacets::Many { subject } | RightFacets::One { subject, .. }) => {
            find(subject, word).is_some()
        }
        (Term::Verb(word), RightFacets::One { verbs, .. }) => among(verbs, word),
        (Term::Resource(word), RightFacets::One { resources, .. }) => among(resources, word),
        (_, RightFacets::Many { .. }) => true,
        _ => false,
    }
}

/// Where `word` stands in `text`, ASCII letters of either case alike.
#[must_use]
pub fn find(text: &str, word: &str) -> Option<Range<usize>> {
    if word.is_empty() {
        return Some(0..0);
    }
    // Whole characters on both sides: bytes that match begin and end between characters.
    let windows = text.as_bytes().windows(word.len());
    let at = windows.enumerate().find(|(_, part)| part.eq_ignore_ascii_case(word.as_bytes()))?.0;
    Some(at..at + word.len())
}

/// A loose match: the letters in order, near enough to each other to be meant.
fn loose(text: &str, word: &str, matcher: &SkimMatcherV2) -> Option<(i64, Vec<usize>)> {
    let letters = i64::try_from(word.chars().count()).unwrap_or(i64::MAX);
    // Below this the letters are strewn about: each letter counts 16, a gap takes 3 and 1 more.
    matcher.fuzzy_indices(text, word).filter(|(score, _)| letters > 2 && *score >= letters * 13)
}

/// The entries that match what was typed, best first; all of them, in order, when nothing was.
#[must_use]
pub fn pick<'a>(entries: impl Iterator<Item = &'a str>, typed: &str) -> Vec<usize> {
    let matcher = SkimMatcherV2::default();
    let mut found: Vec<(i64, usize)> = entries
        .enumerate()
        .filter_map(|(at, entry)| matcher.fuzzy_match(entry, typed.trim()).map(|s| (-s, at)))
        .collect();
    if !typed.trim().is_empty() {
        found.sort_unstable();
    }
    found.into_iter().map(|(_, at)| at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row() -> Facets {
        Facets {
            name: "payment-gateway".into(),
            text: "runs privileged spec.containers[0]".into(),
            namespace: "pay".into(),
            kind: "Deployment".into(),
            severity: Some(Severity::High),
            check: "privileged-container".into(),
            status: "open".into(),
            ..Facets::default()
        }
    }

    fn accepts(text: &str) -> bool {
        Filter::new(text).accepts(&row(), &SkimMatcherV2::default())
    }

    #[test]
    fn words_and_terms() {
        for yes in [
            "",
            "privileged",
            "PRIVILEGED",
            "paygate",
            "ns:pay",
            "kind:deploy",
            "kind:Dep",
            "sev:high",
            "sev:medium+",
            "check:priv",
            "status:open",
            "!ns:shop",
            "ns:pay !accepted",
            "!",
            "sev:h",
        ] {
            assert!(accepts(yes), "{yes}");
        }
        for no in [
            "zzz",
            "pyz",
            "ns:shop",
            "kind:pod",
            "sev:low",
            "sev:critical+",
            "!privileged",
            "!ns:pay",
            "privileged ns:shop",
            "status:accepted",
            "gateway-payment",
        ] {
            assert!(!accepts(no), "{no}");
        }
    }

    #[test]
    fn matches_are_shown_where_they_are() {
        let matcher = SkimMatcherV2::default();
        assert_eq!(Filter::new("gate").highlights("pay-Gateway", &matcher), vec![4..8]);
        let loose = Filter::new("paygate").highlights("payment-gateway", &matcher);
        assert_eq!(loose.len(), 7);
        assert!(Filter::new("!gate").highlights("gateway", &matcher).is_empty());
        assert_eq!(Filter::new("b").highlights("äb", &matcher), vec![2..3]);
    }

    #[test]
    fn picking_sorts_by_how_well_it_fits() {
        let names = ["overview", "objects", "open"];
        assert_eq!(pick(names.into_iter(), ""), [0, 1, 2]);
        assert_eq!(pick(names.into_iter(), "obj"), [1]);
    }
}
