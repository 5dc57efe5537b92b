//! A finding in a few lines, over its YAML: what is wrong, what was decided, and why it matters.

use crate::app::action::Action;
use crate::app::keymap::KeyMode;
use crate::app::state::State;
use crate::config::theme::Role;
use crate::model::finding::{Finding, Form};
use crate::text::{clean, cut, mask};

use super::super::paint::{Line, line_width, piece};
use super::super::sign;
use super::super::wrap::wrap;
use super::LABEL;

/// Most lines that the message takes.
const MESSAGE: usize = 2;

/// What the other page has, beside the key that leads there.
pub(in crate::ui) const WHY_AND_FIX: &str = "why and fix";

/// What the page has that the same key leads back to.
pub(in crate::ui) const YAML: &str = "YAML";

/// What is wrong, the decision in force, and the first line of why, in so many rows and cells. The
/// key that leads to all the rest stands at the right of the last line that has room for it.
pub(in crate::ui) fn strip(
    state: &State,
    finding: &Finding,
    width: usize,
    rows: usize,
) -> Vec<Line> {
    let message = clean(&mask(&finding.message)).into_owned();
    let wrapped = wrap(&message, width);
    let mut lines: Vec<Line> = Vec::new();
    // On a low screen what is wrong comes before all else.
    for line in wrapped.into_iter().take(MESSAGE.min(rows)) {
        lines.push(vec![piece(line, Role::Text)]);
    }
    let more = more(state);
    if lines.len() < rows {
        let mut line = triage(state, finding);
        let free = width.saturating_sub(line_width(&line));
        let needed = line_width(&more);
        if free > needed {
            line.push(piece(" ".repeat(free - needed), Role::Text));
            line.extend(more);
        }
        lines.push(line);
    }
    let why = state.data.check(&finding.check).map(|check| check.explain.why.as_str());
    if lines.len() < rows
        && let Some(first) = why.and_then(|why| shortened(why, width.saturating_sub(LABEL)))
    {
        let label = piece(format!("{:LABEL$}", "Why"), Role::Column);
        lines.push(vec![label, piece(first, Role::Text)]);
    }
    lines
}

/// What is wrong and of what, in so many rows at most, where a list has room for the beginnings alone.
pub(in crate::ui) fn whole_finding(finding: &Finding, width: usize, rows: usize) -> Vec<Line> {
    let message = mask(&finding.message);
    let text = match &finding.object {
        Some(object) => format!("{object}: {message}"),
        None => message.into_owned(),
    };
    let mut lines = wrap(&clean(&text), width);
    if lines.len() > rows {
        let rest = lines.split_off(rows.saturating_sub(1)).join(" ");
        lines.push(cut(&rest, width).into_owned());
    }
    lines.into_iter().map(|line| vec![piece(line, Role::Text)]).collect()
}

/// The first line of a text; a sign says that it goes on.
fn shortened(text: &str, width: usize) -> Option<String> {
    let text = clean(&mask(text)).into_owned();
    let lines = wrap(&text, width.saturating_sub(2));
    let first = lines.first()?;
    Some(if lines.len() > 1 { format!("{first} …") } else { first.clone() })
}

/// The decision in force, with its last day.
fn triage(state: &State, finding: &Finding) -> Line {
    let sign::Sign { mark, word, role } = match finding.form {
        Form::Evidence => {
            sign::Sign { mark: "", word: "listed; there is nothing to decide", role: Role::Dim }
        }
        _ => sign::decision(state.decision(finding)),
    };
    let word = format!("{mark} {word}").trim_start().to_owned();
    let mut line = vec![piece(format!("{:LABEL$}", "Triage"), Role::Column), piece(word, role)];
    let stored = state.data.ledger.decision(&finding.fingerprint);
    if let Some(day) = stored.and_then(|decision| decision.expires.as_deref()) {
        let ran_out = if day < state.data.today.as_str() { "ran out" } else { "until" };
        line.push(piece(format!(" {ran_out} {day}"), Role::Dim));
    }
    line
}

/// The key of the other page, and what is there.
fn more(state: &State) -> Line {
    let keys = state.keymap.keys(KeyMode::Finding, Action::NextPane);
    keys.first().map_or_else(Line::new, |key| {
        vec![piece(key.to_string(), Role::Accent), piece(format!(" {WHY_AND_FIX}"), Role::Dim)]
    })
}
