//! How each list is kept up to date, and what is said of those that are not.

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;

use super::store::Slot;
use crate::model::read::{NOT_UP_TO_DATE, READ_AGAIN};

/// How a list is kept.
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

/// A moment as reads name it: RFC 3339 in UTC and whole seconds.
pub(super) fn moment(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second()).unwrap_or(at).to_string()
}

/// What a read says of how old it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stamp {
    /// Not up to date since then, for this reason.
    Stale { since: Timestamp, reason: String },
    /// As old as its last reading.
    Polled { why: String, every: Duration },
}

impl Stamp {
    /// `as of 2026-11-27T12:03:11Z; …`, where `read` is when it was last read in full.
    pub(super) fn words(&self, read: Option<Timestamp>) -> String {
        match self {
            Self::Stale { since, reason } => {
                format!("as of {}; {NOT_UP_TO_DATE}: {reason}", moment(*since))
            }
            Self::Polled { why, every } => {
                let as_of = read.map(|at| format!("as of {}; ", moment(at))).unwrap_or_default();
                format!("{as_of}{why}; {READ_AGAIN} {} s", every.as_secs())
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
    pub retry_in: Duration,
}

impl Silence {
    /// What every read says meanwhile.
    pub(super) fn stamp(&self) -> Stamp {
        Stamp::Stale { since: self.since, reason: self.reason.clone() }
    }
}

struct Down {
    since: Timestamp,
    /// Why it was lost.
    first: String,
    /// Why the last try failed.
    reason: String,
    retry_in: Duration,
}

/// The lists that are not as they should be.
#[derive(Default)]
pub(super) struct Board {
    down: BTreeMap<Slot, Down>,
    /// Whatever the lists say.
    silence: Option<Silence>,
    /// That was not told yet.
    untold: bool,
    /// How many were down when it was last told.
    told: usize,
}

/// What to say of the whole.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum News {
    /// Some lists are out of date.
    Stale { since: Timestamp, reason: String, retry_in: Duration },
    /// None is any more.
    Recovered,
}

impl Board {
    /// Takes in how a list is; gives what its read says from now on.
    pub(super) fn take(&mut self, slot: &Slot, health: Health) -> Option<Stamp> {
        match health {
            Health::Up => {
                self.down.remove(slot);
                None
            }
            Health::Polled { why, every, .. } => {
                self.down.remove(slot);
                Some(Stamp::Polled { why, every })
            }
            Health::Down { since, reason, retry_in } => {
                // However often it is tried again: it has been lost since it was lost, for the
                // reason that it was lost for.
                let down = self.down.entry(slot.clone()).or_insert_with(|| Down {
                    since,
                    first: reason.clone(),
                    reason: String::new(),
                    retry_in,
                });
                let stamp = Stamp::Stale { since: down.since, reason: down.first.clone() };
                (down.reason, down.retry_in) = (reason, retry_in);
                Some(stamp)
            }
        }
    }

    /// The list is no more.
    pub(super) fn forget(&mut self, slot: &Slot) {
        self.down.remove(slot);
    }

    /// Forgets everything: all was read anew.
    pub(super) fn clear(&mut self) {
        self.down.clear();
        self.silence = None;
    }

    /// The server is silent as a whole.
    pub(super) fn silence(&mut self, silence: Silence) {
        self.untold = true;
        self.silence = Some(silence);
    }

    /// The server is heard: what it was silent for until now.
    pub(super) fn heard_again(&mut self) -> Option<Silence> {
        self.silence.take()
    }

    /// Whether every list is up to date.
    pub(super) fn is_well(&self) -> bool {
        self.down.is_empty() && self.silence.is_none()
    }

    /// Since when something is not up to date.
    pub(super) fn since(&self) -> Option<Timestamp> {
        let silence = self.silence.as_ref().map(|silence| silence.since);
        self.down.values().map(|down| down.since).chain(silence).min()
    }

    /// What is new since it was last asked. `tried` are the lists that told something: one of those
    /// that are down speaks for all, so that thirty lost watches are one message.
    pub(super) fn news(&mut self, tried: &[Slot]) -> Option<News> {
        let count = self.down.len() + usize::from(self.silence.is_some());
        let before = std::mem::replace(&mut self.told, count);
        if let Some(silence) = &self.silence {
            // It says it for every list.
            let Silence { since, reason, retry_in } = silence.clone();
            let since = self.since().unwrap_or(since);
            let new = std::mem::take(&mut self.untold) || before != count;
            return new.then_some(News::Stale { since, reason, retry_in });
        }
        let Some((lead, down)) = self.down.first_key_value() else {
            return (before > 0).then_some(News::Recovered);
        };
        if before == count && !tried.contains(lead) {
            return None;
        }
        let others = self.down.len() - 1;
        let more = match others {
            0 => String::new(),
            1 => " (and 1 more list)".to_owned(),
            _ => format!(" (and {others} more lists)"),
        };
        Some(News::Stale {
            since: self.since().unwrap_or(down.since),
            reason: format!("{}{more}", down.reason),
            retry_in: down.retry_in,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::Kind;

    fn slot(kind: &str) -> Slot {
        Slot { kind: Kind::new("", kind), namespace: None }
    }

    fn down(second: i64, reason: &str) -> Health {
        let since = Timestamp::from_second(second).unwrap();
        Health::Down { since, reason: reason.to_owned(), retry_in: Duration::from_secs(1) }
    }

    #[test]
    fn a_list_is_lost_since_it_was_lost_and_one_speaks_for_all() {
        let mut board = Board::default();
        let (a, b) = (slot("A"), slot("B"));
        let first = board.take(&a, down(1_800_000_000, "refused")).unwrap();
        let words = first.words(None);
        assert_eq!(words, "as of 2027-01-15T08:00:00Z; not up to date since: refused");
        board.take(&b, down(1_800_000_005, "refused"));
        let Some(News::Stale { since, reason, .. }) = board.news(&[a.clone(), b.clone()]) else {
            panic!("nothing said")
        };
        assert_eq!((since.as_second(), &*reason), (1_800_000_000, "refused (and 1 more list)"));
        // Another try of the other says nothing; one of the first says when it comes next.
        board.take(&b, down(1_800_000_009, "timed out"));
        assert_eq!(board.news(std::slice::from_ref(&b)), None);
        let again = board.take(&a, down(1_800_000_009, "timed out"));
        assert!(
            matches!(again, Some(Stamp::Stale { since, .. }) if since.as_second() == 1_800_000_000)
        );
        assert!(board.news(std::slice::from_ref(&a)).is_some());
        board.take(&a, Health::Up);
        assert!(matches!(board.news(&[a]), Some(News::Stale { .. })));
        board.take(&b, Health::Up);
        assert_eq!(board.news(std::slice::from_ref(&b)), Some(News::Recovered));
        assert_eq!(board.news(&[b]), None);
    }

    #[test]
    fn a_silent_server_speaks_for_all_its_lists_until_it_is_heard_again() {
        let at = |second| Timestamp::from_second(second).unwrap();
        let silence = |second| Silence {
            since: at(second),
            reason: "silent".to_owned(),
            retry_in: Duration::from_secs(9),
        };
        let mut board = Board::default();
        board.silence(silence(1_800_000_000));
        assert!(!board.is_well());
        let told = |since| {
            let reason = "silent".to_owned();
            Some(News::Stale { since: at(since), reason, retry_in: Duration::from_secs(9) })
        };
        assert_eq!(board.news(&[]), told(1_800_000_000));
        assert_eq!(board.news(&[]), None, "said once");
        board.silence(silence(1_800_000_000));
        assert!(board.news(&[]).is_some(), "asked again in vain: when it is asked next is new");
        board.take(&slot("A"), down(1_700_000_000, "refused"));
        assert_eq!(board.news(&[slot("A")]), told(1_700_000_000));
        board.take(&slot("A"), Health::Up);
        board.news(&[slot("A")]);
        assert!(board.heard_again().is_some() && board.heard_again().is_none());
        assert_eq!((board.news(&[]), board.is_well()), (Some(News::Recovered), true));
    }
}
