//! Files of decisions, `plimsoll.decisions/v1`: read strictly, and never by halves.

use serde::Deserialize;
use toml::Spanned;

use super::day;
use super::matcher::{Glob, Matcher};
use crate::model::decision::{Decision, DecisionOrigin, DecisionState};
use crate::text::{Places, is_ticket};

/// The format that this version writes and reads.
pub const SCHEMA: &str = "plimsoll.decisions/v1";

/// Most entries that match by words: each of them is held against all findings. Those of a fingerprint
/// are many where a program writes them.
const MOST_PATTERNS: usize = 10_000;

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
        reader.patterns(&file, MOST_PATTERNS);
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
        let link = text(&raw.link);
        if let (Some(link), Some(raw)) = (&link, &raw.link)
            && !is_ticket(link)
        {
            self.wrong(
                raw.span().start,
                &format!(
                    "link `{link}` is neither an address (https://…) nor the name of a ticket"
                ),
            );
        }
        Some(Decision {
            state,
            reason,
            approver: text(&raw.approver),
            expires: expires.map(|(_, day)| day).filter(|day| !day.is_empty()),
            link,
            origin: DecisionOrigin::File(self.path.to_owned()),
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

    fn patterns(&mut self, file: &DecisionFile, most: usize) {
        let patterns = file.entries.iter().filter(|e| matches!(e.target, Target::Matching(_)));
        if let Some(beyond) = patterns.clone().nth(most) {
            let message = format!(
                "{} entries match by words, and {most} may; name findings by their fingerprints",
                patterns.count()
            );
            let (path, line) = (self.path.to_owned(), beyond.line);
            self.errors.push(FileError { path, line, column: 1, message });
        }
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
mod tests;
