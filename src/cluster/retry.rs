//! When to try again, and after how long.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use super::error::RequestFault;

/// Tries, the first included, where each costs a long silence.
const SILENT_TRIES: u32 = 2;

/// How patient requests are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Tries in all, the first included.
    pub tries: u32,
    /// Tries in all where no connection comes about and never did: refused, or no such name.
    pub unanswered: u32,
    /// Wait before the second try; doubles from there.
    pub base: Duration,
    /// Longest wait of our own choosing.
    pub longest: Duration,
    /// Longest `Retry-After` that is waited for, and how long a server may be too busy (429) for
    /// everything. Whoever asks for more is asked again once.
    pub asked: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            tries: 5,
            unanswered: 5,
            base: Duration::from_millis(200),
            longest: Duration::from_secs(10),
            asked: Duration::from_secs(60),
        }
    }
}

impl Patience {
    /// For one of many clusters: those that are not there must not keep the others waiting.
    #[must_use]
    pub fn of_many(self) -> Self {
        Self { unanswered: self.unanswered.min(2), ..self }
    }

    /// How long to wait after try number `tried` (from 1) failed; none to give up. `answered` says that the
    /// server did answer before.
    pub(super) fn wait(
        &self,
        tried: u32,
        fault: &RequestFault,
        answered: bool,
    ) -> Option<Duration> {
        let tries = match fault {
            RequestFault::Unreachable(_) if !answered => self.tries.min(self.unanswered),
            RequestFault::Timeout(_) => self.tries.min(SILENT_TRIES),
            // A slow way is as slow the next time.
            RequestFault::Slow { .. } => 1,
            RequestFault::Status { retry_after: Some(wait), .. } if *wait > self.asked => {
                self.tries.min(SILENT_TRIES)
            }
            _ => self.tries,
        };
        if tried >= tries || !fault.is_passing() {
            return None;
        }
        if let RequestFault::Status { code: 503 | 504, retry_after: Some(asked), .. } = fault {
            return Some((*asked).min(self.asked));
        }
        Some(self.backoff(tried))
    }

    /// How long to wait after try number `tried` where the server is too busy, as it has been for so
    /// long; none to give up. It sheds load and means to answer later: what counts is the time.
    pub(super) fn busy(
        &self,
        tried: u32,
        fault: &RequestFault,
        so_long: Duration,
        at_most: Duration,
    ) -> Option<Duration> {
        (so_long < at_most).then(|| self.pause(tried, Some(fault)))
    }

    /// The wait before a watch is opened again: what the server asks for, if it asks for more than
    /// what would be waited anyway, but never longer than the bound.
    pub(super) fn pause(&self, failed: u32, fault: Option<&RequestFault>) -> Duration {
        let own = self.backoff(failed);
        match fault {
            Some(RequestFault::Status { retry_after: Some(asked), .. }) => {
                own.max((*asked).min(self.asked))
            }
            _ => own,
        }
    }

    /// The wait after `tried` failures in a row, never giving up: half fixed, half random.
    pub(super) fn backoff(&self, tried: u32) -> Duration {
        let doubled = self.base.saturating_mul(1 << tried.saturating_sub(1).min(16));
        let whole = doubled.min(self.longest);
        let half = whole / 2;
        half + half.mul_f64(random())
    }
}

/// A number from 0 to 1, from the randomness that hash maps are seeded with.
pub(super) fn random() -> f64 {
    let bits = RandomState::new().build_hasher().finish() >> 40;
    f64::from(u32::try_from(bits).unwrap_or(0)) / f64::from(1_u32 << 24)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn busy(code: u16, seconds: Option<u64>) -> RequestFault {
        RequestFault::Status {
            code,
            reason: String::new(),
            message: String::new(),
            retry_after: seconds.map(Duration::from_secs),
        }
    }

    #[test]
    fn what_the_server_asks_is_waited_for_but_not_forever() {
        let patience = Patience::default();
        assert_eq!(patience.wait(1, &busy(503, Some(7)), true), Some(Duration::from_secs(7)));
        assert_eq!(patience.wait(1, &busy(503, Some(99_999_999)), true), Some(patience.asked));
        assert_eq!(
            patience.wait(2, &busy(503, Some(99_999_999)), true),
            None,
            "a minute, and once"
        );
        assert!(patience.wait(4, &busy(503, Some(60)), true).is_some());
        assert_eq!(patience.wait(5, &busy(503, Some(1)), true), None);
        assert_eq!(patience.wait(1, &busy(403, Some(1)), true), None);
        assert_eq!(patience.pause(1, Some(&busy(429, Some(7)))), Duration::from_secs(7));
        assert_eq!(patience.pause(1, Some(&busy(429, Some(86_400)))), patience.asked);
    }

    #[test]
    fn a_busy_server_is_asked_for_a_time_and_not_so_many_times() {
        let patience = Patience::default();
        let second = Duration::from_secs;
        let wait = |tried, asked, so_long| {
            patience.busy(tried, &busy(429, asked), second(so_long), patience.asked)
        };
        assert_eq!(wait(1, Some(7), 0), Some(second(7)));
        assert!(wait(50, Some(5), 59).is_some_and(|wait| wait >= second(5)));
        assert_eq!(wait(1, Some(99_999_999), 0), Some(patience.asked));
        assert_eq!(wait(2, Some(99_999_999), 60), None, "a minute, and once");
        assert!(wait(1, None, 0).is_some_and(|wait| wait <= patience.base));
        assert_eq!(wait(2, None, 60), None);
    }

    #[test]
    fn silence_is_tried_once_more_only() {
        let patience = Patience::default();
        let silent = RequestFault::Timeout(Duration::from_secs(60));
        assert!(patience.wait(1, &silent, true).is_some());
        assert_eq!(patience.wait(2, &silent, true), None);
        assert!(patience.wait(2, &RequestFault::Broken(String::new()), true).is_some());
        let slow = RequestFault::Slow { bytes: 1, taken: Duration::from_secs(30) };
        assert_eq!(patience.wait(1, &slow, true), None);
    }

    #[test]
    fn of_many_clusters_those_that_are_not_there_are_tried_twice() {
        let (one, many) = (Patience::default(), Patience::default().of_many());
        let refused = RequestFault::Unreachable("Connection refused".to_owned());
        assert!(one.wait(4, &refused, false).is_some() && many.wait(1, &refused, false).is_some());
        assert_eq!(many.wait(2, &refused, false), None);
        assert!(many.wait(2, &refused, true).is_some(), "it was there a moment ago");
        assert!(many.wait(2, &busy(503, None), false).is_some(), "it is there");
    }

    #[test]
    fn waits_double_and_are_bounded() {
        let patience = Patience::default();
        for tried in 1..40 {
            let wait = patience.backoff(tried);
            let whole = Duration::from_millis(200).saturating_mul(1 << (tried - 1).min(16));
            let whole = whole.min(Duration::from_secs(10));
            assert!(wait >= whole / 2 && wait <= whole, "{tried}: {wait:?}");
        }
    }
}
