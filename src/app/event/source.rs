//! What becomes of the source: a cluster, files, or a snapshot.

use std::sync::Arc;

use super::UserError;
use crate::model::inventory::Inventory;

/// News of the source.
#[derive(Clone, Debug)]
pub enum SourceEvent {
    /// A connection is being made.
    Connecting {
        /// kubeconfig context, or what the source is called.
        context: String,
    },
    /// The connection is there, and this is the name of what it leads to.
    Named {
        /// The context.
        context: String,
    },
    /// Something that connecting does and somebody should know.
    Notice(String),
    /// A program that connecting ran has ended: it may have written to the terminal.
    Ran,
    /// A list is under way.
    Progress {
        /// `apps/v1/deployments`.
        resource: String,
        /// Objects so far.
        items: usize,
    },
    /// Objects and reads. While lists are under way these are only the first ones.
    Loaded {
        /// What is there.
        inventory: Arc<Inventory>,
        /// Whether every list that was asked for has come to an end.
        complete: bool,
    },
    /// What was read of files is being read again; until it is here, all stays as it was.
    Again,
    /// Files say something else than when the run that is shown looked at them.
    Newer,
    /// It could not be read again. What was read before is still there.
    NotReadAgain(UserError),
    /// Changes are watched as they happen.
    Live,
    /// Watching is not possible; the data is as of the last listing.
    NotWatched {
        /// Why: `watch is forbidden`.
        reason: String,
    },
    /// The connection is lost. What is there stays.
    Stale(LostConnection),
    /// The source could not be read at all.
    Failed(UserError),
}

/// A source that cannot be reached any more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LostConnection {
    /// Since when, in seconds since 1970.
    pub since: i64,
    /// Why.
    pub reason: String,
    /// When the next try comes, in milliseconds of [`super::Now::millis`].
    pub retry_at: Option<u64>,
    /// How many lists wait to be tried again.
    pub waiting: usize,
}

/// A context of the kubeconfig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextInfo {
    /// Its name.
    pub name: String,
    /// The cluster's server.
    pub server: String,
    /// The user it signs in as.
    pub user: String,
    /// Its default namespace.
    pub namespace: String,
    /// The program that is run for its credentials, with its arguments; empty for none.
    pub plugin: String,
    /// Whether it is the current one.
    pub current: bool,
}

impl ContextInfo {
    /// That a program is run for its credentials, if one is.
    #[must_use]
    pub fn runs(&self) -> Option<String> {
        (!self.plugin.is_empty()).then(|| format!("Runs for its credentials: {}", self.plugin))
    }
}
