//! What becomes of the source: a cluster, files, or a snapshot.

use crate::app::event::{LostConnection, UserError};

/// What becomes of the source.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum SourceStatus {
    /// None is chosen.
    #[default]
    None,
    /// A connection is being made.
    Connecting,
    /// Everything is read, and nothing changes by itself.
    Read,
    /// Changes are watched.
    Live,
    /// Everything is read; changes cannot be watched, for this reason.
    NotWatched(String),
    /// The connection is lost.
    Stale(LostConnection),
    /// It cannot be read.
    Failed(UserError),
}

/// The source as the header shows it.
#[derive(Clone, Debug, Default)]
pub struct SourceState {
    /// kubeconfig context, or what the source is called.
    pub name: String,
    /// What becomes of it.
    pub status: SourceStatus,
    /// Lists are under way.
    pub loading: bool,
    /// Everything was read once.
    pub read: bool,
    /// The list that grew last, and how long it is.
    pub progress: Option<(String, usize)>,
    /// What becomes of files that can be read once more.
    pub again: FilesAgain,
    /// What was said when the connection began to be made, such as what is run to log in, and when, in
    /// milliseconds of [`Now::millis`](crate::app::event::Now::millis).
    pub told: Option<(String, u64)>,
}

/// Files that are read once more.
#[derive(Clone, Copy, Debug, Default)]
pub struct FilesAgain {
    /// They are being read.
    pub under_way: bool,
    /// They were read since the run that is shown, and say something else.
    pub newer: bool,
}
