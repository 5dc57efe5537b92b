//! The JSON contract of several clusters, `plimsoll.fleet/v1`: a summary, and for each cluster either
//! why it was not read or its figures with its whole `plimsoll.scan/v1`.

use std::fmt::Write as _;

use serde::Serialize;

use super::super::RenderError;
use super::super::document;
use super::super::harmless::harmless;
use super::{Fleet, Outcome};
use crate::frameworks::fleet::{ClusterCard, Difference, FamilyRow, Unread};
use crate::session::run::Selection;

/// Format of the document.
pub const SCHEMA: &str = "plimsoll.fleet/v1";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Head<'a> {
    schema: &'static str,
    tool: Tool<'a>,
    started_at: &'a str,
    finished_at: &'a str,
    selection: &'a Selection,
    summary: Summary<'a>,
}

#[derive(Serialize)]
struct Tool<'a> {
    version: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Summary<'a> {
    asked: usize,
    read: usize,
    unread: Vec<&'a str>,
    cautions: &'a [String],
    frameworks: &'a [FamilyRow],
    differences: &'a [Difference],
}

#[derive(Serialize)]
struct Cluster<'a> {
    name: &'a str,
    /// `read` or `unread`.
    status: &'static str,
    error: Option<&'a Unread>,
    figures: Option<&'a ClusterCard>,
}

pub(super) fn render(fleet: &Fleet<'_>) -> Result<String, RenderError> {
    let unread: Vec<&str> = fleet.unread().map(|(name, _)| name).collect();
    let head = Head {
        schema: SCHEMA,
        tool: Tool { version: env!("CARGO_PKG_VERSION"), content: &fleet.content },
        started_at: fleet.started,
        finished_at: fleet.finished,
        selection: fleet.selection,
        summary: Summary {
            asked: fleet.entries.len(),
            read: fleet.entries.len() - unread.len(),
            unread,
            cautions: &fleet.cautions,
            frameworks: &fleet.families,
            differences: &fleet.differences,
        },
    };
    let mut out = open(&harmless(serde_json::to_string_pretty(&head)?));
    out.push_str(",\n  \"clusters\": [");
    for (at, entry) in fleet.entries.iter().enumerate() {
        let (status, error, figures) = match &entry.outcome {
            Outcome::Read(_, card) => ("read", None, Some(&**card)),
            Outcome::Unread(error) => ("unread", Some(error), None),
        };
        let cluster = Cluster { name: &entry.name, status, error, figures };
        let text = open(&harmless(serde_json::to_string_pretty(&cluster)?));
        out.push_str(if at == 0 { "\n" } else { ",\n" });
        indent(&text, 4, &mut out);
        // The document of the scan as it would be written alone: not parsed, not held twice.
        out.push_str(",\n      \"scan\": ");
        match &entry.outcome {
            Outcome::Read(input, _) => {
                let mut scan = String::new();
                indent(document::json_since(input, entry.since)?.trim_end(), 6, &mut scan);
                out.push_str(scan.trim_start());
            }
            Outcome::Unread(_) => out.push_str("null"),
        }
        out.push_str("\n    }");
    }
    out.push_str("\n  ]\n}\n");
    Ok(out)
}

/// An object written out, without its end.
fn open(text: &str) -> String {
    text.trim_end().trim_end_matches('}').trim_end().to_owned()
}

/// Lines moved to the right. No text of a value holds a line break: JSON writes it as `\n`.
fn indent(text: &str, by: usize, out: &mut String) {
    for (at, line) in text.lines().enumerate() {
        if at > 0 {
            out.push('\n');
        }
        // Writing to a String cannot fail.
        let _ = write!(out, "{:by$}{line}", "");
    }
}
