//! The clock: the only place below the command line that asks what time it is.

use std::time::Instant;

use crate::app::event::Now;

/// Counts from its own beginning.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    start: Instant,
}

impl Clock {
    /// Starts now.
    #[must_use]
    pub fn start() -> Self {
        Self { start: Instant::now() }
    }

    /// The time for an event.
    #[must_use]
    pub fn now(self) -> Now {
        let millis = u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX);
        Now { millis, unix: jiff::Timestamp::now().as_second() }
    }

    /// The instant of a deadline.
    #[must_use]
    pub fn at(self, millis: u64) -> Instant {
        self.start + std::time::Duration::from_millis(millis)
    }
}

/// The time as records hold it: RFC 3339, UTC, to the second.
#[must_use]
pub fn timestamp() -> String {
    let now = jiff::Timestamp::now();
    jiff::Timestamp::from_second(now.as_second()).unwrap_or(now).to_string()
}

/// Today in UTC, RFC 3339.
#[must_use]
pub fn today() -> String {
    timestamp().split('T').next().unwrap_or_default().to_owned()
}
