//! The run under way, and the session that it goes to.

use crate::app::event::SessionInfo;
use crate::model::trend::TrendPoint;

/// A run under way.
#[derive(Clone, Debug, Default)]
pub struct RunState {
    /// Its number.
    pub id: u64,
    /// Units of work done.
    pub done: usize,
    /// Units of work in all.
    pub total: usize,
    /// When it began, in milliseconds of [`Now::millis`](crate::app::event::Now::millis).
    pub since: u64,
    /// It is to stop.
    pub stopping: bool,
    /// What was shown when it began was of files that said something else.
    pub newer: bool,
}

/// The session that decisions go to.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "independent facts about it")]
pub struct SessionState {
    /// Which; none when nothing is saved.
    pub info: Option<SessionInfo>,
    /// Who else has it, so that nothing can be saved.
    pub holder: Option<String>,
    /// Its runs that looked at the same part of the same thing as the last one, oldest first.
    pub trend: Vec<TrendPoint>,
    /// Something that was done in it is left to take back.
    pub back: bool,
    /// Something that was taken back is left to do again.
    pub again: bool,
    /// It is nobody who stands in the way: `holder` says what does.
    pub barred: bool,
    /// A run was made in it that is not saved, since it is open elsewhere or cannot be written.
    pub unsaved: bool,
    /// Acts of which it is not known yet that they are on disk: decisions, answers, notes, imports, and
    /// what is taken back or done again.
    pub pending: usize,
}
