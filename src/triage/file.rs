//! Files of decisions, `plimsoll.decisions/v1`: read strictly, and never by halves.

use serde::Deserialize;
use toml::Spanned;

use super::day;
use super::matcher::{Glob, Matcher};
use crate::model::decision::{Decision, DecisionState, Origin};
use crate::text::Places;

/// The format that this version writes and reads.
pub const SCHEMA: &str = "plimsoll.decisions/v1";

/// The states that a file can give; the others are the absence of a decision, or Plimsoll's own.
pub const STATES: [DecisionState; 3] =
    [DecisionState::Accepted, DecisionState::FalsePositive, DecisionState::InProgress];

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}:{line}:{column}: {message}")]
pub struct FileError {
    /// The file.
    pub path: String,
    /// From 1.
    pub line: u32,
    /// From 1.
    pub column: u32,
    /// What is wrong, and what was expected.
    pub message: String,
}

/// Which findings an entry is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// One, by fingerprint.
    Finding(String),
    /// All that fit.
    Matching(Matcher),
}

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Line on which it begins, from 1.
    pub line: u32,
    /// Column of the check's id, from 1, with its line; the entry's own place without one.
    pub check_at: (u32, u32),
    /// The same of the kind.
    pub kind_at: (u32, u32),
    /// What it is about.
    pub target: Target,
    /// What it says; its origin is the file.
    pub decision: Decision,
}

/// A file that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DecisionFile {
    /// Its path as it was given.
    pub path: String,
    /// Its entries, in order.
    pub entries: Vec<FileEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawFile {
    schema: Option<Spanned<String>>,
    #[serde(default)]
    decision: Vec<Spanned<RawEntry>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct RawEntry {
    fingerprint: Option<Spanned<String>>,
    check: Option<Spanned<String>>,
    namespace: Option<Spanned<String>>,
    kind: Option<Spanned<String>>,
    name: Option<Spanned<String>>,
    container: Option<Spanned<String>>,
    path: Option<Spanned<String>>,
    state: Option<Spanned<String>>,
    reason: Option<Spanned<String>>,
    approver: Option<Spanned<String>>,
    /// A day in quotes, or a date of TOML without them.
    expires: Option<Spanned<toml::Value>>,
    link: Option<Spanned<String>>,
}

impl DecisionFile {
    /// Reads a text. `path` is what messages and origins call it.
    ///
    /// # Errors
    /// Everything that is wrong, each with its place; then nothing of the file may be applied.
    pub fn parse(path: &str, text: &str) -> Result<Self, Vec<FileError>> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = Reader { path, places: Places::new(text), errors: Vec::new() };
        let raw: RawFile = match toml::from_str(text) {
            Ok(raw) => raw,
            Err(error) => {
                let at = error.span().map_or(0, |span| span.start);
                reader.wrong(at, error.message().trim_end());
                return Err(reader.errors);
            }
        };
        match &raw.schema {
            Some(schema) if schema.get_ref() == SCHEMA => {}
            Some(schema) => {
                let found = schema.get_ref();
                reader.wrong(
                    schema.span().start,
                    &format!("schema is `{found}`; this version reads `{SCHEMA}`"),
                );
            }
            None => {
                reader.wrong(
                    0,
                    &format!("there is no schema; write schema = \"{SCHEMA}\" at the top"),
                );
            }
        }
        let entries = raw.decision.iter().filter_map(|entry| reader.entry(entry)).collect();
        let file = Self { path: path.to_owned(), entries };
        reader.twice(&file);
        if reader.errors.is_empty() { Ok(file) } else { Err(reader.errors) }
    }
}

struct Reader<'a> {
    path: &'a str,
    places: Places<'a>,
    errors: Vec<FileError>,
}

impl Reader<'_> {
    fn wrong(&mut self, byte: usize, message: &str) {
        let (line, column) = self.places.line_column(byte);
        let path = self.path.to_owned();
        self.errors.push(FileError { path, line, column, message: message.to_owned() });
    }

    fn entry(&mut self, raw: &Spanned<RawEntry>) -> Option<FileEntry> {
        let at = raw.span().start;
        let before = self.errors.len();
        let raw = raw.get_ref();
        let target = self.target(at, raw);
        let decision = self.decision(at, raw);
        let check_at = raw.check.as_ref().map_or(at, |check| check.span().start);
        let kind_at = raw.kind.as_ref().map_or(at, |kind| kind.span().start);
        let decision = decision?;
        (self.errors.len() == before).then(|| FileEntry {
            line: self.places.line_column(at).0,
            check_at: self.places.line_column(check_at),
            kind_at: self.places.line_column(kind_at),
            target,
            decision,
        })
    }

    fn target(&mut self, at: usize, raw: &RawEntry) -> Target {
        let named = [&raw.check, &raw.namespace, &raw.kind, &raw.name, &raw.container, &raw.path];
        let some = named.into_iter().flatten().next();
        if let Some(print) = &raw.fingerprint {
            if let Some(other) = some {
                self.wrong(
                    other.span().start,
                    "an entry has a fingerprint or says what to match, not both",
                );
            }
            if !is_fingerprint(print.get_ref()) {
                self.wrong(
                    print.span().start,
                    "expected a fingerprint: `p1:` or `p2:` and 32 hexadecimal digits",
                );
            }
            return Target::Finding(print.get_ref().clone());
        }
        let word = |value: &Option<Spanned<String>>| value.as_ref().map(|v| v.get_ref().clone());
        let glob = |value: &Option<Spanned<String>>| value.as_ref().map(|v| Glob::new(v.get_ref()));
        for (key, value) in [("check", &raw.check), ("kind", &raw.kind)] {
            if let Some(value) = value.as_ref().filter(|v| v.get_ref().contains('*')) {
                let hint = if key == "check" { "id" } else { "kind" };
                self.wrong(value.span().start, &format!("{key} takes one {hint}, no pattern"));
            }
        }
        let matcher = Matcher {
            check: word(&raw.check),
            namespace: glob(&raw.namespace),
            kind: word(&raw.kind),
            name: glob(&raw.name),
            container: glob(&raw.container),
            path: glob(&raw.path),
        };
        if matcher.is_everything() {
            self.wrong(
                at,
                "this entry matches every finding; give a fingerprint, or at least one of check, \
                 namespace, kind, name, container and path",
            );
        }
        Target::Matching(matcher)
    }

    fn decision(&mut self, at: usize, raw: &RawEntry) -> Option<Decision> {
        let state = self.state(at, raw)?;
        let text = |value: &Option<Spanned<String>>| {
            value.as_ref().map(|v| v.get_ref().trim().to_owned()).filter(|v| !v.is_empty())
        };
        let reason = text(&raw.reason);
        if reason.is_none() && state != DecisionState::InProgress {
            let at = raw.reason.as_ref().map_or(at, |r| r.span().start);
            self.wrong(at, &format!("there is no reason; `{}` needs one", state.word()));
        }
        let expires = raw.expires.as_ref().map(|value| match value.get_ref() {
            toml::Value::String(day) => (value.span().start, day.trim().to_owned()),
            other => (value.span().start, other.to_string()),
        });
        if let Some((from, day)) = &expires {
            let from = *from;
            if day::parse(day).is_none() {
                self.wrong(from, &format!("`{day}` is no day; expected one such as 2026-12-31"));
            }
            if state != DecisionState::Accepted {
                self.wrong(
                    from,
                    &format!("expires belongs to `accepted`; `{}` has no end", state.word()),
                );
            }
        }
        Some(Decision {
            state,
            reason,
            approver: text(&raw.approver),
            expires: expires.map(|(_, day)| day).filter(|day| !day.is_empty()),
            link: text(&raw.link),
            origin: Origin::File(self.path.to_owned()),
        })
    }

    fn state(&mut self, at: usize, raw: &RawEntry) -> Option<DecisionState> {
        let expected = STATES.map(DecisionState::word).join(", ");
        let Some(state) = &raw.state else {
            self.wrong(at, &format!("there is no state; expected one of {expected}"));
            return None;
        };
        let found = DecisionState::parse(state.get_ref()).filter(|s| STATES.contains(s));
        if found.is_none() {
            self.wrong(
                state.span().start,
                &format!("`{}` is no state here; expected one of {expected}", state.get_ref()),
            );
        }
        found
    }

    /// Two entries about one finding: nobody could tell which of them holds.
    fn twice(&mut self, file: &DecisionFile) {
        let mut first = std::collections::HashMap::new();
        for entry in &file.entries {
            let Target::Finding(print) = &entry.target else { continue };
            if let Some(line) = first.get(print) {
                self.errors.push(FileError {
                    path: self.path.to_owned(),
                    line: entry.line,
                    column: 1,
                    message: format!("line {line} decides about {print} already"),
                });
            } else {
                first.insert(print.clone(), entry.line);
            }
        }
    }
}

/// Whether a text has the form of a fingerprint.
#[must_use]
pub fn is_fingerprint(text: &str) -> bool {
    let hex = text.strip_prefix("p1:").or_else(|| text.strip_prefix("p2:"));
    hex.is_some_and(|hex| {
        hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "schema = \"plimsoll.decisions/v1\"\n";

    fn wrong(body: &str) -> Vec<String> {
        let errors = DecisionFile::parse("d.toml", &format!("{HEAD}{body}")).unwrap_err();
        errors.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_day_may_stand_without_quotes() {
        let text = format!(
            "{HEAD}\n[[decision]]\ncheck = \"host-port\"\nstate = \"accepted\"\nreason = \"x\"\n\
             expires = 2027-01-31\n"
        );
        let file = DecisionFile::parse("d.toml", &text).unwrap();
        assert_eq!(file.entries[0].decision.expires.as_deref(), Some("2027-01-31"));
    }

    #[test]
    fn an_entry_is_read_with_its_line_and_origin() {
        let text = format!(
            "{HEAD}\n[[decision]]\ncheck = \"host-port\"\nnamespace = \"pay-*\"\nstate = \"accepted\"\n\
             reason = \"a load balancer in front\"\nexpires = \"2027-01-31\"\nlink = \"https://t/1\"\n"
        );
        let file = DecisionFile::parse("d.toml", &text).unwrap();
        let [entry] = &file.entries[..] else { panic!("one entry") };
        assert_eq!(entry.line, 3);
        assert_eq!(entry.check_at, (4, 9));
        assert_eq!(entry.decision.origin, Origin::File("d.toml".into()));
        assert_eq!(entry.decision.expires.as_deref(), Some("2027-01-31"));
        let Target::Matching(matcher) = &entry.target else { panic!("a matcher") };
        assert_eq!(matcher.describe(), "check host-port, namespace pay-*");
    }

    #[test]
    fn what_is_wrong_has_a_place_and_says_what_was_expected() {
        let print = format!("p1:{}", "0".repeat(32));
        for (body, expected) in [
            ("[[decision]]\ncolour = 1\n", "d.toml:3:1: unknown field `colour`"),
            (
                "[[decision]]\ncheck = \"a\"\nstate = \"open\"\n",
                "d.toml:4:9: `open` is no state here; expected one of accepted",
            ),
            ("[[decision]]\ncheck = \"a\"\n", "d.toml:2:1: there is no state"),
            (
                "[[decision]]\ncheck = \"a\"\nstate = \"accepted\"\n",
                "d.toml:2:1: there is no reason; `accepted` needs one",
            ),
            (
                "[[decision]]\ncheck = \"a\"\nstate = \"accepted\"\nreason = \" \"\n",
                "d.toml:5:10: there is no reason",
            ),
            (
                "[[decision]]\ncheck = \"a\"\nstate = \"accepted\"\nreason = \"x\"\nexpires = \"soon\"\n",
                "d.toml:6:11: `soon` is no day; expected one such as 2026-12-31",
            ),
            (
                "[[decision]]\ncheck = \"a\"\nstate = \"accepted\"\nreason = \"x\"\nexpires = 20270131\n",
                "d.toml:6:11: `20270131` is no day; expected one such as 2026-12-31",
            ),
            (
                "[[decision]]\ncheck = \"a\"\nstate = \"false-positive\"\nreason = \"x\"\nexpires = \"2026-01-01\"\n",
                "d.toml:6:11: expires belongs to `accepted`",
            ),
            (
                "[[decision]]\nnamespace = \"*\"\nstate = \"in-progress\"\n",
                "d.toml:2:1: this entry matches every finding",
            ),
            (
                "[[decision]]\ncheck = \"host-*\"\nstate = \"in-progress\"\n",
                "d.toml:3:9: check takes one id, no pattern",
            ),
            (
                "[[decision]]\nfingerprint = \"p1:12\"\nstate = \"in-progress\"\n",
                "d.toml:3:15: expected a fingerprint",
            ),
            (
                &format!(
                    "[[decision]]\nfingerprint = \"{print}\"\ncheck = \"a\"\nstate = \"in-progress\"\n"
                ),
                "d.toml:4:9: an entry has a fingerprint or says what to match",
            ),
            (
                &format!("[[decision]]\nfingerprint = \"{print}\"\nstate = \"in-progress\"\n")
                    .repeat(2),
                "d.toml:5:1: line 2 decides about p1:",
            ),
            ("[[decision]\n", "d.toml:2:"),
        ] {
            let errors = wrong(body);
            assert_eq!(errors.len(), 1, "{body}: {errors:?}");
            assert!(errors[0].starts_with(expected), "{body}: {errors:?}");
        }
    }

    /// A pull request can bring as many as it likes.
    #[test]
    fn the_last_of_many_entries_takes_no_longer_than_the_first() {
        let entry = "[[decision]]\ncheck = \"host-port\"\nstate = \"accepted\"\nreason = \"x\"\n";
        let many = 20_000;
        let begun = std::time::Instant::now();
        let file = DecisionFile::parse("d.toml", &format!("{HEAD}{}", entry.repeat(many))).unwrap();
        assert_eq!(file.entries.len(), many);
        assert_eq!(file.entries[many - 1].check_at, (u32::try_from(many).unwrap() * 4 - 1, 9));
        // From the start of the text for each of them, it is a minute.
        assert!(begun.elapsed().as_secs() < 20, "{:?}", begun.elapsed());
    }

    #[test]
    fn everything_wrong_is_told_at_once_and_nothing_is_taken() {
        let body = "[[decision]]\ncheck = \"good\"\nstate = \"in-progress\"\n[[decision]]\nstate = \"x\"\n";
        assert_eq!(wrong(body).len(), 2, "no state, and it matches everything");
        let errors = DecisionFile::parse("d", "schema = \"other/v9\"").unwrap_err();
        assert!(errors[0].message.contains("this version reads"), "{errors:?}");
        assert_eq!(DecisionFile::parse("d", "").unwrap_err()[0].line, 1);
    }
}
