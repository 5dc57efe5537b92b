//! How long things may take, and how often they are done again.

use std::time::Duration;

/// The times and bounds of a connection. The defaults are what users get; tests shorten them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How long a server that has never answered may stay silent, its tries included: whoever sits
    /// before it wants to know soon that the address leads nowhere.
    pub first_answer: Duration,
    /// How long a server that has answered before may stay silent.
    pub answer: Duration,
    /// Over how long the speed of an answer is looked at.
    pub slow: Duration,
    /// Silence after which a watch is doubted and its list read. Servers send a bookmark about every
    /// minute, so two have been missed by then.
    pub quiet_watch: Duration,
    /// A watch that lived this long worked, and what was read so long ago is fresh.
    pub lived: Duration,
    /// A wait from which on it is told that a list cannot be read again now.
    pub told: Duration,
    /// How often a list is read again that cannot be watched.
    pub poll: Duration,
    /// A watch that was refused is asked for again at every so many readings.
    pub refused_for: u32,
    /// How often opt-in data is read again: names of Secrets, `/flagz`, kubelets.
    pub opt_in: Duration,
    /// How often lists that were refused from the first are asked for again.
    pub denied: Duration,
    /// How often it is looked up what the server serves.
    pub discovery: Duration,
    /// Silence of everything after which the server is asked whether it still answers, while watches
    /// are open. It lies above the minute in which bookmarks come.
    pub unheard: Duration,
    /// How old what was heard last may be when somebody looks; and how often a server that is silent
    /// is asked.
    pub pulse: Duration,
    /// How long the answer to that may take.
    pub beat: Duration,
    /// How long a credential plugin may run: it may wait for a person who logs in in a browser.
    pub plugin: Duration,
    /// How often at least it is looked whether the computer slept.
    pub nap: Duration,
    /// Waits before a source that could not be read at first is tried again; the last one repeats.
    pub again: [Duration; 3],
    /// Waits before what could be read and is refused is asked for again. Only after the last is it
    /// believed that the right is gone: for a moment after its start a server refuses everyone whose
    /// roles it has not read yet.
    pub doubts: [Duration; 3],
    /// Watches open at once. Each is a connection of its own: the client speaks HTTP/1.1.
    pub watches: usize,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            first_answer: Duration::from_secs(12),
            answer: Duration::from_secs(60),
            slow: Duration::from_secs(30),
            quiet_watch: Duration::from_secs(130),
            lived: Duration::from_secs(5),
            told: Duration::from_secs(1),
            poll: Duration::from_secs(60),
            refused_for: 10,
            opt_in: Duration::from_secs(300),
            denied: Duration::from_secs(300),
            discovery: Duration::from_secs(60),
            unheard: Duration::from_secs(75),
            pulse: Duration::from_secs(12),
            beat: Duration::from_secs(10),
            plugin: Duration::from_secs(60),
            nap: Duration::from_secs(60),
            again: [15, 30, 60].map(Duration::from_secs),
            doubts: [2, 4, 8].map(Duration::from_secs),
            watches: 150,
        }
    }
}

impl Pace {
    /// How often each of `lists` is read again when all of them have to be: about two lists a
    /// second at most.
    pub(super) fn poll_of(&self, lists: usize) -> Duration {
        let seconds = u64::try_from(lists).unwrap_or(u64::MAX);
        self.poll.max(Duration::from_secs(seconds / 2))
    }

    /// How long to wait after `failed` readings that came to nothing.
    pub(super) fn again(&self, failed: usize) -> Duration {
        let [first, .., last] = self.again;
        self.again.get(failed.saturating_sub(1)).copied().unwrap_or(last).max(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_lists_are_polled_less_often_and_the_last_wait_repeats() {
        let pace = Pace::default();
        assert_eq!(pace.poll_of(10), Duration::from_secs(60));
        assert_eq!(pace.poll_of(1000), Duration::from_secs(500));
        assert_eq!(pace.again(1), Duration::from_secs(15));
        assert_eq!(pace.again(2), Duration::from_secs(30));
        assert_eq!(pace.again(9), Duration::from_secs(60));
    }
}
