//! JSON values after each other, as `kubectl get -o json` leaves them when it is called twice into one file,
//! and `jq -c` always: each is a document. To YAML they are one that is broken after the first.

use serde::de::IgnoredAny;
use serde_json::Deserializer;

/// Where a part of a text begins in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Start {
    line: u32,
    column: u32,
}

impl Start {
    const FIRST: Self = Self { line: 1, column: 1 };

    /// The place in the text of a place in the part, both from 1.
    pub(super) fn place(self, line: u32, column: u32) -> (u32, u32) {
        let before = if line == 1 { self.column - 1 } else { 0 };
        (line.saturating_add(self.line - 1), column.saturating_add(before))
    }

    /// Where what follows a text begins that begins here.
    fn after(self, text: &str) -> Self {
        let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let last = text.rsplit('\n').next().unwrap_or_default();
        let lines = text.matches('\n').count();
        let (line, column) = self.place(count(lines + 1), count(last.chars().count() + 1));
        Self { line, column }
    }
}

/// The parts of a text that are read by themselves: each JSON value where there are several, and else the
/// whole. Whatever is no JSON any more is one part to the end.
pub(super) fn parts(text: &str) -> Vec<(Start, &str)> {
    let mut parts = Vec::new();
    let (mut start, mut rest) = (Start::FIRST, text);
    while let Some(length) = leading(rest) {
        let (value, after) = rest.split_at(length);
        if !opens(after) {
            break;
        }
        parts.push((start, value));
        start = start.after(value);
        rest = after;
    }
    parts.push((start, rest));
    parts
}

/// Whether a map or a list of JSON may begin here.
fn opens(text: &str) -> bool {
    text.trim_start().starts_with(['{', '['])
}

/// How many bytes the first value of a text takes, with the space before it. None when it is no JSON.
fn leading(text: &str) -> Option<usize> {
    if !opens(text) {
        return None;
    }
    let mut values = Deserializer::from_str(text).into_iter::<IgnoredAny>();
    values.next()?.ok()?;
    Some(values.byte_offset())
}
