//! The terms of a filter and what they are asked of.

use fuzzy_matcher::skim::SkimMatcherV2;

use crate::model::finding::Severity;

use super::Facets;
use super::find::{find, loose};
use super::pattern::Pattern;

/// What of a row a term looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FilterField {
    /// The short name.
    Name,
    /// Everything else that is worth finding, matched by words as it stands.
    Text,
    /// Namespace.
    Namespace,
    /// Kind.
    Kind,
    /// Severity, by its word.
    Severity,
    /// Id of the check.
    Check,
    /// Theme of the check.
    Theme,
    /// Id of a framework that the check serves or the control belongs to.
    Framework,
    /// Number of a control that the check serves, or the control's own.
    Control,
    /// Status of a control or a read, or the decision on a finding.
    Status,
    /// The owner: `Deployment/web`.
    Owner,
    /// Image of the container.
    Image,
    /// Label of the object: `app=web`.
    Label,
    /// Path of the field.
    Path,
    /// A verb of a right.
    Verb,
    /// A resource of a right.
    Resource,
    /// Who holds a right.
    Subject,
    /// Something, whatever it is, where the row holds in every namespace.
    Everywhere,
    /// Something, whatever it is, where the row stands for many rights: which of them is meant is
    /// found out by a question, so that no term about one right hides the row.
    Rights,
}

/// A field as terms name it.
#[derive(Clone, Copy, Debug)]
pub struct FieldName {
    /// The usual name.
    pub short: &'static str,
    /// The name in full.
    pub long: &'static str,
    /// What of a row it is.
    pub field: FilterField,
    /// What it is for, with examples.
    pub about: &'static str,
}

const fn named(
    short: &'static str,
    long: &'static str,
    field: FilterField,
    about: &'static str,
) -> FieldName {
    FieldName { short, long, field, about }
}

/// The fields that terms can name, in the order of the help.
pub const FIELDS: &[FieldName] = &[
    named(
        "sev",
        "severity",
        FilterField::Severity,
        "severity: sev:high, sev:high+ for high and worse",
    ),
    named(
        "ns",
        "namespace",
        FilterField::Namespace,
        "namespace: ns:pay, ns:pay*, ns:=pay for exactly this",
    ),
    named("kind", "kind", FilterField::Kind, "kind, by any of its names: kind:deploy"),
    named("check", "check", FilterField::Check, "id of the check: check:priv"),
    named("theme", "theme", FilterField::Theme, "theme of the check: theme:rbac"),
    named("fw", "framework", FilterField::Framework, "framework that rests on it: fw:nsa"),
    named(
        "ctl",
        "control",
        FilterField::Control,
        "number of a control that rests on it: ctl:5.2.2",
    ),
    named(
        "status",
        "is",
        FilterField::Status,
        "status or decision: status:open, is:accepted,fixed",
    ),
    named("owner", "owner", FilterField::Owner, "owner: owner:deployment/web"),
    named("image", "image", FilterField::Image, "image of the container: image:nginx"),
    named("label", "label", FilterField::Label, "label of the object: label:app=web"),
    named(
        "verb",
        "verb",
        FilterField::Verb,
        "verb of a right: verb:get; with res: and enter it asks who can",
    ),
    named("res", "resource", FilterField::Resource, "resource of a right: res:secrets"),
    named("subj", "subject", FilterField::Subject, "who holds a right: subj:ci"),
    named("path", "path", FilterField::Path, "field: path:securityContext"),
];

impl FilterField {
    /// The field of a term's name.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let named = FIELDS.iter().find(|known| name == known.short || name == known.long);
        named.map(|known| known.field)
    }
}

/// One term.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum FilterTerm {
    /// A word that stands somewhere.
    Word(String),
    /// `~paygate`: its letters stand in the short name in their order, near each other. Only where it is
    /// asked for: what is marked in a list, decisions are made about.
    Letters(String),
    /// One of these severities; the flag takes worse ones as well.
    Severity(Vec<(Severity, bool)>),
    /// A kind by any of its names, or of one of these forms.
    Kind(Vec<&'static str>, Vec<Pattern>),
    /// A field of one of these forms.
    Field(FilterField, Vec<Pattern>),
}

impl FilterTerm {
    pub(super) fn new(word: &str) -> Self {
        if let Some(letters) = word.strip_prefix('~').filter(|letters| !letters.is_empty()) {
            return Self::Letters(letters.to_owned());
        }
        let plain = || Self::Word(word.to_owned());
        let Some((name, value)) = word.split_once(':') else { return plain() };
        match FilterField::parse(name) {
            None => plain(),
            Some(FilterField::Severity) => severities(value).map_or_else(plain, Self::Severity),
            Some(FilterField::Kind) => kinds(value),
            Some(field) => Self::Field(field, Pattern::all(value)),
        }
    }

    /// The field it asks for; none for words, which are looked for in several.
    pub(super) fn field(&self) -> Option<FilterField> {
        match self {
            Self::Word(_) | Self::Letters(_) => None,
            Self::Severity(_) => Some(FilterField::Severity),
            Self::Kind(..) => Some(FilterField::Kind),
            Self::Field(field, _) => Some(*field),
        }
    }

    /// Whether a row has it.
    pub(super) fn holds(&self, row: &dyn Facets, matcher: &SkimMatcherV2) -> bool {
        match self {
            Self::Word(word) => {
                row.any(FilterField::Name, &mut |name| find(name, word).is_some())
                    || row.any(FilterField::Text, &mut |text| find(text, word).is_some())
            }
            Self::Letters(letters) => row.any(FilterField::Name, &mut |name| {
                find(name, letters).is_some() || loose(name, letters, matcher).is_some()
            }),
            Self::Severity(wanted) => row.severity().is_some_and(|severity| {
                wanted.iter().any(|(s, up)| severity == *s || *up && severity < *s)
            }),
            Self::Kind(names, forms) => row.any(FilterField::Kind, &mut |kind| {
                names.contains(&kind) || forms.iter().any(|form| form.fits(kind))
            }),
            // The words of states begin alike: `open` is not to find `reopened`.
            Self::Field(FilterField::Status, states) => {
                row.any(FilterField::Status, &mut |state| {
                    states.iter().any(|wanted| match wanted {
                        Pattern::Part(start) => begins(state, start),
                        other => other.fits(state),
                    })
                })
            }
            Self::Field(FilterField::Namespace, forms) => {
                row.any(FilterField::Everywhere, &mut |_| true)
                    || row
                        .any(FilterField::Namespace, &mut |v| forms.iter().any(|form| form.fits(v)))
            }
            // `*` of a rule stands for every word.
            Self::Field(field @ (FilterField::Verb | FilterField::Resource), forms) => {
                row.any(FilterField::Rights, &mut |_| true)
                    || row.any(*field, &mut |v| v == "*" || forms.iter().any(|form| form.fits(v)))
            }
            Self::Field(field, forms) => {
                row.any(*field, &mut |value| forms.iter().any(|form| form.fits(value)))
            }
        }
    }
}

/// Kinds by any of their names, or by a part of their own. Names are looked up once, not row by row.
fn kinds(value: &str) -> FilterTerm {
    let (mut names, mut forms) = (Vec::new(), Vec::new());
    for pattern in Pattern::all(value) {
        let builtin = match &pattern {
            Pattern::Part(name) => crate::model::kinds::lookup(&name.to_ascii_lowercase()),
            _ => None,
        };
        match builtin {
            Some(builtin) => names.push(builtin.kind),
            None => forms.push(pattern),
        }
    }
    FilterTerm::Kind(names, forms)
}

fn begins(text: &str, start: &str) -> bool {
    !text.is_empty() && text.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
}

/// `high`, `h`, `high+` for high and worse, several with commas between.
fn severities(text: &str) -> Option<Vec<(Severity, bool)>> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    let all: Option<Vec<(Severity, bool)>> = parts.map(severity).collect();
    all.filter(|all| !all.is_empty())
}

fn severity(text: &str) -> Option<(Severity, bool)> {
    let (text, up) = text.strip_suffix('+').map_or((text, false), |rest| (rest, true));
    let lower = text.to_ascii_lowercase();
    let severity = Severity::ALL.into_iter().find(|s| s.word().starts_with(&lower))?;
    Some((severity, up))
}

/// The words of what was typed: what stands between spaces, or between quotes. A quote that is not
/// closed goes to the end.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quoted = false;
    for c in text.chars() {
        match c {
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => words.push(std::mem::take(&mut word)),
            c => word.push(c),
        }
    }
    words.push(word);
    words.retain(|word| !word.is_empty());
    words
}
