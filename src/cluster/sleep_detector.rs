//! Whether the computer slept: its clock went on while its timers stood still.

use std::time::{Duration, Instant, SystemTime};

/// A difference between clock and timers from here on is a sleep; less is a clock being set right.
const SLEPT: Duration = Duration::from_secs(10);

/// Tells the owner of a live source that the computer slept: compares the clock on the wall with the timer,
/// from one look to the next.
#[derive(Clone, Copy, Debug)]
pub(super) struct SleepDetector {
    wall: SystemTime,
    timer: Instant,
}

impl SleepDetector {
    /// Begins now.
    pub(super) fn new() -> Self {
        Self { wall: SystemTime::now(), timer: Instant::now() }
    }

    /// Whether it slept since the last look.
    pub(super) fn look(&mut self) -> bool {
        self.look_at(SystemTime::now(), Instant::now())
    }

    fn look_at(&mut self, wall: SystemTime, timer: Instant) -> bool {
        // A clock that was set back tells nothing.
        let clock = wall.duration_since(self.wall).unwrap_or_default();
        let run = timer.duration_since(self.timer);
        (self.wall, self.timer) = (wall, timer);
        clock.saturating_sub(run) >= SLEPT
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_ran_ahead_of_the_timer_is_a_nap_and_only_once() {
        let mut nap = SleepDetector::new();
        let (wall, timer) = (nap.wall, nap.timer);
        let after = |clock: u64, run: u64| {
            (wall + Duration::from_secs(clock), timer + Duration::from_secs(run))
        };
        let (w, t) = after(15, 15);
        assert!(!nap.look_at(w, t), "awake");
        let (w, t) = after(3615, 20);
        assert!(nap.look_at(w, t), "an hour went by in five seconds");
        let (w, t) = after(3630, 35);
        assert!(!nap.look_at(w, t), "awake again");
        let (w, t) = after(100, 50);
        assert!(!nap.look_at(w, t), "the clock was set back");
    }
}
