//! What is said of a session beside the list of them.

use crate::app::event::SessionInfo;
use crate::app::live::{age, moment};
use crate::app::state::State;
use crate::config::theme::Role;

use super::super::paint::Line;
use super::{paragraph, title};

/// A session: what it is about, when it was used, and what it holds.
pub(super) fn of_session(state: &State, info: &SessionInfo, width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    let name = if info.title.is_empty() { &info.id } else { &info.title };
    title(&mut out, name, Role::Title, width);
    out.push(Line::new());
    if let Some(problem) = &info.problem {
        title(&mut out, "It cannot be opened.", Role::Fail, width);
        paragraph(&mut out, "Because", problem, width);
    } else {
        let here = state.session.info.as_ref().is_some_and(|own| own.id == info.id);
        paragraph(&mut out, "Open", if here { "it is this one" } else { "" }, width);
        paragraph(&mut out, "In use", info.holder.as_deref().unwrap_or_default(), width);
        paragraph(&mut out, "About", &info.source, width);
        paragraph(&mut out, "Begun", &format!("{} UTC", moment(info.created)), width);
        let used = format!("{} ago", age(state.now.unix - info.updated));
        paragraph(&mut out, "Used", &used, width);
        out.push(Line::new());
        paragraph(&mut out, "Runs", &info.runs.to_string(), width);
        let findings = match info.runs {
            0 => "none was looked for yet".to_owned(),
            _ => format!("{} open after the last run", info.findings),
        };
        paragraph(&mut out, "Findings", &findings, width);
        paragraph(&mut out, "Decided", &info.decisions.to_string(), width);
    }
    out.push(Line::new());
    paragraph(&mut out, "Id", &info.id, width);
    out
}

/// The entry that begins one.
pub(super) fn of_new(width: usize) -> Vec<Line> {
    let mut out = Vec::new();
    title(&mut out, "A new session", Role::Title, width);
    out.push(Line::new());
    let text = "What is decided, answered and noted in it is its own. The sessions that there are stay as they are.";
    title(&mut out, text, Role::Text, width);
    out
}
