//! How far a watch is believed. One that is open proves nothing: a proxy on the way may hold back what
//! comes through it, or end it as soon as it is opened. What was not heard from it only a list tells;
//! a list whose watch goes on like that is read again from time to time instead.

use crate::cluster::watch::WatchEnd;

/// Openings in a row that end at once without a word, until the list is read; after twice as many it
/// is watched no longer.
pub(super) const FEW: u32 = 3;
/// Signs that something is held back, until it is watched no longer.
const SIGNS: u32 = 2;

/// One watch from its opening to its end.
#[derive(Debug)]
pub(super) struct Life {
    /// An event or a bookmark came.
    pub told: bool,
    pub ended: EndedWatch,
}

/// How it ended.
#[derive(Debug)]
pub(super) struct EndedWatch {
    /// The server opened it.
    pub opened: bool,
    pub end: WatchEnd,
}

impl Life {
    /// A watch that the server did not open, or not from where it should have gone on.
    pub(super) fn none(opened: bool, end: WatchEnd) -> Self {
        Self { told: false, ended: EndedWatch { opened, end } }
    }
}

/// What a life says of the watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WatchSign {
    /// Nothing against it, or nothing new.
    Fine,
    /// It may have held something back: the list knows.
    Silent,
    /// It ended at once, some times in a row: the list knows what was missed.
    Short,
    /// So often that it is not worth opening.
    Useless,
}

/// What there is against a watch. An event or a bookmark clears it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Doubt {
    /// Openings in a row that ended at once without a word.
    short: u32,
    /// How often it was silent for longer than a living one, or its list knew more than it had told.
    mute: u32,
}

impl Doubt {
    /// Whether being open is not enough for its list to be up to date.
    pub(super) fn is_grave(self) -> bool {
        self.short >= FEW || self.is_mute()
    }

    /// Whether it has been silent so often that it is not believed.
    pub(super) fn is_mute(self) -> bool {
        self.mute >= SIGNS
    }

    /// Its list knew what it should have told.
    pub(super) fn held_back(&mut self) {
        self.mute += 1;
    }

    /// Thinks about a watch that `lived`, or not, and whose list was last heard of `long` ago, or not.
    pub(super) fn weigh(&mut self, life: &Life, lived: bool, long: bool) -> WatchSign {
        if life.told {
            *self = Self::default();
        }
        let EndedWatch { opened, end } = &life.ended;
        // Whoever lost its place, or told too much, is read anew anyway.
        if !opened || matches!(end, WatchEnd::Lost | WatchEnd::Flood(_)) {
            return WatchSign::Fine;
        }
        let silent = matches!(end, WatchEnd::Silent);
        if !lived && !silent && !life.told {
            self.short += 1;
            return match self.short {
                FEW => WatchSign::Short,
                short if short >= 2 * FEW => WatchSign::Useless,
                _ => WatchSign::Fine,
            };
        }
        self.short = 0;
        if !long {
            return WatchSign::Fine;
        }
        self.mute += u32::from(silent && !life.told);
        WatchSign::Silent
    }
}

#[cfg(test)]
mod tests {
    use super::WatchSign::{Fine, Short, Useless};
    use super::*;

    fn life(told: bool, end: WatchEnd) -> Life {
        Life { told, ended: EndedWatch { opened: true, end } }
    }

    #[test]
    fn a_watch_that_ends_at_once_has_its_list_read_and_is_given_up() {
        let mut doubt = Doubt::default();
        let mut signs = Vec::new();
        for _ in 0..7 {
            signs.push(doubt.weigh(&life(false, WatchEnd::Closed), false, false));
        }
        assert_eq!(signs, [Fine, Fine, Short, Fine, Fine, Useless, Useless]);
        assert!(doubt.is_grave());
        // A word clears it, a life without one takes back only that it was short.
        assert_eq!(doubt.weigh(&life(true, WatchEnd::Closed), false, false), Fine);
        assert_eq!(doubt, Doubt::default());
    }

    #[test]
    fn silence_has_its_list_read_and_counts_against_a_watch_that_never_said_anything() {
        let mut doubt = Doubt::default();
        assert_eq!(doubt.weigh(&life(true, WatchEnd::Silent), true, true), WatchSign::Silent);
        assert!(!doubt.is_mute() && doubt == Doubt::default(), "it spoke before");
        assert_eq!(doubt.weigh(&life(false, WatchEnd::Silent), true, true), WatchSign::Silent);
        assert!(!doubt.is_grave());
        doubt.held_back();
        assert!(doubt.is_mute() && doubt.is_grave());
        // Closed by a proxy before the first bookmark, time and again: the list is read, no more.
        let mut doubt = Doubt::default();
        for long in [false, true, true, true] {
            let sign = doubt.weigh(&life(false, WatchEnd::Closed), true, long);
            assert_eq!(sign, if long { WatchSign::Silent } else { WatchSign::Fine });
        }
        assert!(!doubt.is_grave());
    }

    #[test]
    fn what_is_read_anew_anyway_is_no_sign() {
        let mut doubt = Doubt::default();
        for end in [WatchEnd::Lost, WatchEnd::Flood("more".to_owned())] {
            assert_eq!(doubt.weigh(&life(false, end), false, true), WatchSign::Fine);
        }
        assert_eq!(doubt.weigh(&Life::none(false, WatchEnd::Closed), false, true), WatchSign::Fine);
        assert_eq!(doubt, Doubt::default());
    }
}
