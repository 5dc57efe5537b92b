//! What becomes of a run of the checks.

use std::sync::Arc;

use super::{RunStanding, UserError};
use crate::model::finding::RunResult;

/// A run of the session that was recorded earlier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedRun {
    /// Its number within the session, from 1.
    pub number: u32,
    /// When it ended, in seconds since 1970.
    pub finished: i64,
    /// The namespaces that it looked at; empty for all of them.
    pub namespaces: Vec<String>,
}

/// News of a run.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// It began.
    Started {
        /// Number of the run; events of older runs are dropped.
        id: u64,
        /// How many units of work there are.
        total: usize,
    },
    /// It goes on.
    Progress {
        /// Number of the run.
        id: u64,
        /// Units done.
        done: usize,
        /// Units in all.
        total: usize,
    },
    /// It is over.
    Finished {
        /// Number of the run.
        id: u64,
        /// What it came to.
        result: Arc<RunResult>,
        /// What the decisions in force make of it.
        judged: Box<RunStanding>,
        /// How long it took, in milliseconds.
        millis: u64,
    },
    /// A session was taken up again, and this is its last run.
    Resumed {
        /// Number of what is shown, as of a run.
        id: u64,
        /// What it came to.
        result: Arc<RunResult>,
        /// What the decisions in force make of it.
        judged: Box<RunStanding>,
        /// Which run of the session it is.
        saved: SavedRun,
    },
    /// What was shown of the cluster since the last run became a run of its own.
    Recorded {
        /// Its number.
        id: u64,
        /// What it came to.
        result: Arc<RunResult>,
        /// What the decisions in force make of it.
        judged: Box<RunStanding>,
    },
    /// It was cancelled.
    Cancelled {
        /// Number of the run.
        id: u64,
    },
    /// It could not be done.
    Failed {
        /// Number of the run.
        id: u64,
        /// Why.
        error: UserError,
    },
}
