//! How each list is kept, which is the one place that says how old it is: what its read says, and what
//! is said of the whole ([`super::liveness`]), is made of it.

use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::model::read::{NOT_UP_TO_DATE, READ_AGAIN};

/// What a keeper says of its list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// A watch goes on from where the list, or the last watch, ended.
    Up,
    /// Nothing is heard of it.
    Down {
        /// The last moment at which what is known was known to be so.
        since: Timestamp,
        /// Why, with the resource.
        reason: String,
        /// When it is tried again.
        retry_in: Duration,
    },
    /// It is read again from time to time instead of watched.
    Polled {
        /// Why it is not watched.
        why: String,
        /// How often it is read.
        every: Duration,
        /// Whether that is how it is meant to be: nothing to tell of.
        usual: bool,
    },
}

/// How a list is kept, as far as its keeper said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Freshness {
    /// It is as it is known.
    #[default]
    Current,
    /// It is as old as its last reading.
    Polled {
        /// Why it is not watched.
        why: String,
        /// How often it is read.
        every: Duration,
        /// Whether that is how it is meant to be: nothing to tell of.
        usual: bool,
    },
    /// It is not up to date.
    Stale(Stale),
}

/// Since when a list is not up to date, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stale {
    /// The last moment at which what is known was known to be so.
    pub since: Timestamp,
    /// Why it was lost.
    pub first: String,
    /// Why the last try failed.
    pub reason: String,
    /// When it is tried again, if that is known.
    pub retry_at: Option<Instant>,
}

impl Stale {
    /// Lost just now.
    pub(super) fn new(since: Timestamp, reason: String, retry_in: Option<Duration>) -> Self {
        let retry_at = retry_in.map(|wait| Instant::now() + wait);
        Self { since, first: reason.clone(), reason, retry_at }
    }
}

impl Freshness {
    /// Takes in what its keeper says.
    pub(super) fn hear(&mut self, health: Health) {
        match health {
            Health::Up => *self = Self::Current,
            Health::Polled { why, every, usual } => *self = Self::Polled { why, every, usual },
            Health::Down { since, reason, retry_in } => {
                self.lose(Stale::new(since, reason, Some(retry_in)));
            }
        }
    }

    /// It is not up to date. However often it is tried again, it has been lost since it was lost, for
    /// the reason that it was lost for.
    pub(super) fn lose(&mut self, lost: Stale) {
        if let Self::Stale(before) = self {
            (before.reason, before.retry_at) = (lost.reason, lost.retry_at);
        } else {
            *self = Self::Stale(lost);
        }
    }

    /// Until when it was known to be so, where it was `read` then and the server was heard of at that
    /// moment.
    pub(super) fn until(&self, read: Timestamp, heard: Timestamp) -> Timestamp {
        match self {
            Self::Current => heard.max(read),
            Self::Polled { .. } => read,
            Self::Stale(lost) => lost.since,
        }
    }

    /// What its read says of that, where it was `read` then: `as of 2026-11-27T12:03:11Z; …`
    pub(super) fn words(&self, read: Option<Timestamp>) -> Option<String> {
        match self {
            Self::Current => None,
            Self::Stale(lost) => Some(not_up_to_date(lost.since, &lost.first)),
            Self::Polled { why, every, .. } => {
                let as_of = read.map(|at| format!("as of {}; ", moment(at))).unwrap_or_default();
                Some(format!("{as_of}{why}; {READ_AGAIN} {} s", every.as_secs()))
            }
        }
    }
}

/// The server itself is silent: no list of it is up to date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Silence {
    /// When it was last heard of.
    pub since: Timestamp,
    /// In words.
    pub reason: String,
    /// When it is asked again.
    pub retry_at: Instant,
}

/// What a read says that is not up to date.
pub(super) fn not_up_to_date(since: Timestamp, reason: &str) -> String {
    format!("as of {}; {NOT_UP_TO_DATE}: {reason}", moment(since))
}

/// A moment as reads name it: RFC 3339 in UTC and whole seconds.
fn moment(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn down(second: i64, reason: &str) -> Health {
        let retry_in = Duration::from_secs(1);
        Health::Down { since: at(second), reason: reason.to_owned(), retry_in }
    }

    #[test]
    fn a_list_is_lost_since_it_was_lost_and_for_that_reason() {
        let mut kept = Freshness::default();
        assert_eq!(kept.words(Some(at(1))), None);
        kept.hear(down(1_800_000_000, "refused"));
        let words = kept.words(Some(at(1_799_999_000))).unwrap();
        assert_eq!(words, "as of 2027-01-15T08:00:00Z; not up to date since: refused");
        kept.hear(down(1_800_000_009, "timed out"));
        assert_eq!(kept.words(None).unwrap(), words);
        assert!(matches!(&kept, Freshness::Stale(lost) if lost.reason == "timed out"));
        assert_eq!(kept.until(at(1_800_000_100), at(1_800_000_200)), at(1_800_000_000));
        kept.hear(Health::Up);
        assert_eq!(kept, Freshness::Current);
    }

    #[test]
    fn what_is_read_from_time_to_time_is_as_old_as_its_reading_whenever_the_server_was_heard() {
        let mut kept = Freshness::default();
        let (read, heard) = (at(1_800_000_000), at(1_800_000_050));
        assert_eq!(kept.until(read, heard), heard, "its watch was open until then");
        let every = Duration::from_secs(60);
        kept.hear(Health::Polled { why: "no watch".to_owned(), every, usual: false });
        assert_eq!(kept.until(read, heard), read);
        let words = kept.words(Some(read)).unwrap();
        assert_eq!(words, "as of 2027-01-15T08:00:00Z; no watch; read again every 60 s");
        assert_eq!(kept.words(None).unwrap(), "no watch; read again every 60 s");
    }
}
