//! What the workbench is told of a session.

use crate::app::event::{SessionEvent, SessionInfo};
use crate::model::trend::TrendPoint;
use crate::session::trend::trends;
use crate::session::{JournalState, Session, SessionSummary};

/// What is left to take back in a session, and to do again.
pub(super) fn turns(session: Option<&Session>) -> SessionEvent {
    let state = session.map(Session::state);
    let back = state.is_some_and(|state| state.next_undo().is_some());
    let again = state.is_some_and(|state| state.next_redo().is_some());
    SessionEvent::Turns { back, again }
}

/// The runs of a session that looked at the same part of the same thing as its last one.
pub(super) fn trend_of(session: &Session) -> Vec<TrendPoint> {
    let last = session.state().runs.last().map(|run| run.number);
    // A run without a summary is of an older version; reading it would take too long here.
    let all = trends([(session.id(), session.state())], &mut |_, _| None);
    let newest = all.into_iter().find(|t| t.points.last().map(|p| p.run) == last);
    newest.map(|trend| trend.points).unwrap_or_default()
}

/// A saved session in the list of them.
pub(super) fn info(summary: SessionSummary) -> SessionInfo {
    match summary.state {
        Ok(state) => SessionInfo { holder: summary.holder, ..info_of(&summary.id, &state) },
        Err(problem) => SessionInfo {
            id: summary.id,
            holder: summary.holder,
            problem: Some(problem),
            ..SessionInfo::default()
        },
    }
}

/// A session as the workbench shows it.
pub(super) fn info_of(id: &str, state: &JournalState) -> SessionInfo {
    let seconds =
        |time: &str| time.parse::<jiff::Timestamp>().map_or(0, jiff::Timestamp::as_second);
    let source = &state.meta.source;
    SessionInfo {
        id: id.to_owned(),
        title: state.meta.title.clone(),
        source: source.context.clone().unwrap_or_else(|| match source.files.as_slice() {
            [] => source.kind.word().to_owned(),
            files => files.join(", "),
        }),
        created: seconds(&state.created),
        updated: seconds(&state.updated),
        runs: state.runs.len(),
        findings: state.runs.last().map_or(0, |run| run.open().unwrap_or(run.findings)),
        decisions: state.ledger.decided_by_people(),
        holder: None,
        problem: None,
    }
}
