//! Telling work off the main task to stop: whoever wants it holds one end, the work the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::checks::Monitor;

/// The end of whoever wants the work. When it goes, the work is told to stop.
#[derive(Debug, Default)]
pub struct Cancel(CancelToken);

impl Cancel {
    /// The end that the work looks at.
    #[must_use]
    pub fn token(&self) -> CancelToken {
        self.0.clone()
    }

    /// Tells the work to stop; it does so within a chunk.
    pub fn cancel(&self) {
        self.0.0.store(true, Ordering::Relaxed);
    }

    /// Whether it was told.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.0.cancelled()
    }
}

impl Drop for Cancel {
    fn drop(&mut self) {
        self.cancel();
    }
}

/// The end that the work looks at. As a monitor of a run of checks it says nothing.
#[derive(Clone, Debug, Default)]
pub struct CancelToken(Arc<AtomicBool>);

impl Monitor for CancelToken {
    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn progress(&self, _: usize, _: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_is_told_when_it_is_cancelled_and_when_nobody_wants_it_any_more() {
        let (told, dropped) = (Cancel::default(), Cancel::default());
        let tokens = [told.token(), dropped.token(), CancelToken::default()];
        assert!(!told.is_cancelled() && !tokens.iter().any(Monitor::cancelled));
        told.cancel();
        drop(dropped);
        assert!(told.is_cancelled());
        assert_eq!(tokens.map(|token| token.cancelled()), [true, true, false]);
    }
}
