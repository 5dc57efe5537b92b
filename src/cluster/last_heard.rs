//! When the server was last heard of, by whatever came of it: an answer, a line of a watch.

use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use tokio::time::Instant;

/// The last moment at which anything came of a server. Each connection has one; whoever reads an answer or a
/// line notes it there.
pub(super) struct LastHeard(Mutex<(Instant, Timestamp)>);

impl LastHeard {
    /// Begins with this moment.
    pub(super) fn new() -> Self {
        Self(Mutex::new(now()))
    }

    /// Something came just now.
    pub(super) fn note(&self) {
        *self.lock() = now();
    }

    /// When that was, for timers.
    pub(super) fn at(&self) -> Instant {
        self.lock().0
    }

    /// When that was, on the clock on the wall.
    pub(super) fn moment(&self) -> Timestamp {
        self.lock().1
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, (Instant, Timestamp)> {
        // Only whole moments are ever written.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn now() -> (Instant, Timestamp) {
    (Instant::now(), Timestamp::now())
}
