//! What is said of all lists as one, in the header of the workbench: made of how each of them is kept,
//! and of nothing else.

use std::collections::BTreeMap;
use std::time::Instant;

use jiff::Timestamp;

use super::health::{Freshness, Silence, Stale};
use super::store::Slot;
use crate::model::kinds::Kind;

/// How far what is known is as the cluster is now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Liveness {
    /// Every list is kept up to date.
    #[default]
    Live,
    /// None is lost, but these kinds are read again from time to time instead of watched: why, and how
    /// often.
    NotWatched(BTreeMap<Kind, String>),
    /// Some of it is out of date.
    Stale {
        /// Since when, in seconds since 1970: the last moment at which all of it was known to be so.
        since: i64,
        /// Why: one list speaks for all.
        reason: String,
        /// When the next of them is tried again; none: when that is, is not known yet.
        retry_at: Option<Instant>,
        /// How many wait to be tried again.
        waiting: usize,
    },
}

impl Liveness {
    /// Whether something is out of date.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(self, Self::Stale { .. })
    }

    /// What the lists come to, and the server, if it is silent as a whole.
    pub(super) fn of<'a>(
        lists: impl Iterator<Item = (&'a Slot, &'a Freshness)>,
        silence: Option<&Silence>,
    ) -> Self {
        let mut lost: Vec<&Stale> = Vec::new();
        let mut polled = BTreeMap::new();
        for (slot, kept) in lists {
            match kept {
                Freshness::Stale(stale) => lost.push(stale),
                Freshness::Polled { why, every, usual: false } => {
                    let why = format!("{why}; read every {} s", every.as_secs());
                    polled.insert(slot.kind.clone(), why);
                }
                _ => {}
            }
        }
        let since = lost.iter().map(|stale| stale.since).min();
        let since = since.into_iter().chain(silence.map(|silence| silence.since)).min();
        if let Some(silence) = silence {
            // The server says it for every list.
            let retry_at = Some(silence.retry_at.into_std());
            return Self::stale(since, silence.reason.clone(), retry_at, 1);
        }
        let Some(lead) = lost.first() else {
            return if polled.is_empty() { Self::Live } else { Self::NotWatched(polled) };
        };
        let tries = || lost.iter().filter_map(|stale| stale.retry_at);
        let others = lost.iter().filter(|stale| stale.reason != lead.reason).count();
        let more = match others {
            0 => String::new(),
            1 => " (and 1 more list)".to_owned(),
            _ => format!(" (and {others} more lists)"),
        };
        let retry_at = tries().min().map(tokio::time::Instant::into_std);
        Self::stale(since, format!("{}{more}", lead.reason), retry_at, tries().count())
    }

    fn stale(
        since: Option<Timestamp>,
        reason: String,
        retry_at: Option<Instant>,
        waiting: usize,
    ) -> Self {
        let since = since.unwrap_or_else(Timestamp::now).as_second();
        Self::Stale { since, reason, retry_at, waiting }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn slot(kind: &str) -> Slot {
        Slot { kind: Kind::new("", kind), namespace: None }
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn lost(second: i64, reason: &str, retry_in: Option<u64>) -> Freshness {
        let retry_in = retry_in.map(Duration::from_secs);
        Freshness::Stale(Stale::new(at(second), reason.to_owned(), retry_in))
    }

    fn polled(usual: bool) -> Freshness {
        Freshness::Polled { why: "refused".to_owned(), every: Duration::from_secs(60), usual }
    }

    fn of(lists: &[(Slot, Freshness)], silence: Option<&Silence>) -> Liveness {
        Liveness::of(lists.iter().map(|(slot, kept)| (slot, kept)), silence)
    }

    #[test]
    fn one_list_speaks_for_all_since_the_first_was_lost_and_the_nearest_try_is_told() {
        let lists = [
            (slot("A"), lost(1_800_000_005, "a: refused", Some(9))),
            (slot("B"), lost(1_800_000_000, "b: refused", Some(2))),
            (slot("C"), polled(false)),
        ];
        let Liveness::Stale { since, reason, retry_at, waiting } = of(&lists, None) else {
            panic!("two are lost")
        };
        assert_eq!((since, &*reason), (1_800_000_000, "a: refused (and 1 more list)"));
        assert_eq!(waiting, 2);
        let wait = retry_at.unwrap().saturating_duration_since(Instant::now()).as_secs_f32();
        assert!((1.0..=2.0).contains(&wait), "{wait}");
    }

    #[test]
    fn what_is_said_of_all_lists_is_not_counted_for_each() {
        let lists = [slot("A"), slot("B")].map(|slot| (slot, lost(1, "nothing was read", None)));
        let reason = "nothing was read".to_owned();
        let stale = Liveness::Stale { since: 1, reason, retry_at: None, waiting: 0 };
        assert_eq!(of(&lists, None), stale);
    }

    #[test]
    fn a_silent_server_speaks_for_all_its_lists_and_is_as_old_as_the_oldest() {
        let retry_at = tokio::time::Instant::now();
        let silence = Silence { since: at(1_800_000_000), reason: "silent".to_owned(), retry_at };
        let told = |since| Liveness::Stale {
            since,
            reason: "silent".to_owned(),
            retry_at: Some(retry_at.into_std()),
            waiting: 1,
        };
        assert_eq!(of(&[(slot("A"), Freshness::Current)], Some(&silence)), told(1_800_000_000));
        let lists = [(slot("A"), lost(1_700_000_000, "refused", Some(1)))];
        assert_eq!(of(&lists, Some(&silence)), told(1_700_000_000));
    }

    #[test]
    fn kinds_that_are_not_watched_are_named_unless_they_are_meant_to_be() {
        assert_eq!(
            of(&[(slot("A"), Freshness::Current), (slot("L"), polled(true))], None),
            Liveness::Live
        );
        let not = of(&[(slot("A"), polled(false)), (slot("L"), polled(true))], None);
        let why = "refused; read every 60 s".to_owned();
        assert_eq!(not, Liveness::NotWatched([(Kind::new("", "A"), why)].into()));
        assert!(!not.is_stale());
    }
}
