//! What becomes of one of several clusters.

use super::UserError;
use crate::frameworks::fleet::ClusterCard;

/// News of one of several clusters.
#[derive(Clone, Debug)]
pub struct FleetEvent {
    /// Its context.
    pub name: String,
    /// The number of the order that they are an answer to.
    pub asked: u64,
    /// What happened.
    pub news: FleetNews,
}

/// How far the work on one of several clusters is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClusterStep {
    /// Others are read first.
    #[default]
    Waiting,
    /// A connection is being made.
    Connecting,
    /// Lists are under way.
    Reading {
        /// Lists that are done.
        done: usize,
        /// Lists planned so far.
        planned: usize,
    },
    /// Its checks run.
    Judging,
}

/// What happened to one of several clusters.
#[derive(Clone, Debug)]
pub enum FleetNews {
    /// The work on it has come to this.
    Step(ClusterStep),
    /// It was judged.
    Judged(Box<ClusterCard>),
    /// It could not be read.
    Failed(UserError),
}
