//! Runs of a session that cannot be read: another one is taken, or the way out is named.

use super::{CommandError, output};
use crate::session::{RunRecord, Session, SessionError};

/// The newest run that can be read; none where none was made, or none is whole. What is damaged after it is
/// told, with the run that is taken instead.
#[must_use]
pub fn newest(session: &Session) -> Option<RunRecord> {
    let (run, damage) = session.newest_run();
    for error in &damage {
        output::complain(&format!("plimsoll: damaged: {error}"));
    }
    if !damage.is_empty() {
        output::complain(&match &run {
            Some(run) => {
                format!("plimsoll: run {}, the newest that is whole, is taken", run.number)
            }
            None => {
                "plimsoll: no run of the session is whole: it goes on as if it had none".to_owned()
            }
        });
    }
    run
}

/// The same where a run is needed.
///
/// # Errors
/// When there is none, or none is whole.
pub fn needed(session: &Session) -> Result<RunRecord, CommandError> {
    let (id, runs) = (session.id(), &session.state().runs);
    match newest(session) {
        Some(run) => Ok(run),
        None if runs.is_empty() => Err(CommandError::from(SessionError::NoRun(id.to_owned()))),
        None => Err(CommandError::Other(format!(
            "session {id} has no run that can be read; {}",
            again(id)
        ))),
    }
}

/// Why a run that was asked for cannot be read, and which one can.
#[must_use]
pub fn unreadable(session: &Session, error: &SessionError) -> CommandError {
    let id = session.id();
    let whole = session.newest_run().0.map(|run| format!("run {0} is whole: {id}#{0}", run.number));
    let next = [whole, Some(again(id))].into_iter().flatten().collect::<Vec<_>>().join("; or ");
    CommandError::Other(format!("{error}; {next}"))
}

fn again(id: &str) -> String {
    format!("run again, with `plimsoll scan --session {id}` or r in the workbench")
}
