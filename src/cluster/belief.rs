//! How far a watch is believed. One that is open proves nothing: a proxy on the way may hold back what
//! comes through it, or end it as soon as it is opened. What was not heard from it only a list tells;
//! a list whose watch goes on like that is read again from time to time instead.

use std::time::Duration;

use super::health::Health;
use super::keeper::{Again, Keeper, NotWatched, forbidden};
use super::watch::End;

/// Openings in a row that end at once without a word, until the list is read; after twice as many it
/// is watched no longer.
const FEW: u32 = 3;
/// Signs that something is held back, until it is watched no longer.
const SIGNS: u32 = 2;

/// One watch from its opening to its end.
pub(super) struct Life {
    /// The server opened it.
    pub opened: bool,
    /// An event or a bookmark came.
    pub told: bool,
    pub end: End,
}

/// What there is against a watch. An event or a bookmark clears it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Doubt {
    /// Openings in a row that ended at once without a word.
    short: u32,
    /// How often it was silent for longer than a living one, or its list knew more than it had told.
    mute: u32,
}

impl Doubt {
    /// Whether being open is not enough for its list to be up to date.
    pub(super) fn is_grave(self) -> bool {
        self.short >= FEW || self.mute >= SIGNS
    }
}

/// What follows from how a watch went.
pub(super) enum Belief {
    /// Nothing new.
    Same,
    /// The list was read meanwhile: it goes on from there.
    Read,
    /// It is not watched any more.
    Lost(NotWatched),
}

impl Keeper {
    /// How long it may say nothing. Whoever is doubted has to tell in time for a bookmark.
    pub(super) fn quiet(&self) -> Duration {
        let pace = &self.watch.connection.inner.pace;
        let doubted = self.doubt.mute >= SIGNS;
        if doubted { pace.quiet_watch.min(pace.unheard) } else { pace.quiet_watch }
    }

    /// Thinks about how a watch went.
    pub(super) async fn believe(&mut self, life: &Life, lived: bool) -> Belief {
        let quiet = self.quiet();
        if life.told {
            self.doubt = Doubt::default();
        }
        // Whoever lost its place, or told too much, is read anew anyway.
        if !life.opened || matches!(life.end, End::Lost | End::Flood(_)) {
            return Belief::Same;
        }
        let silent = matches!(life.end, End::Silent);
        if !lived && !silent && !life.told {
            return self.ended_at_once(&life.end).await;
        }
        self.doubt.short = 0;
        if self.watch.silent_for() < quiet {
            return Belief::Same;
        }
        self.doubt.mute += u32::from(silent && !life.told);
        let belief = self.ask_the_list().await;
        if !matches!(belief, Belief::Read) {
            return belief;
        }
        self.doubt.mute += u32::from(self.moved);
        if self.doubt.mute < SIGNS {
            return belief;
        }
        let why = "nothing comes through its watch, not even the bookmarks that were asked for: a proxy \
                   on the way may hold it back";
        Belief::Lost(NotWatched { why: why.to_owned(), usual: false, refused: true })
    }

    async fn ended_at_once(&mut self, end: &End) -> Belief {
        self.doubt.short += 1;
        let ends = "its watch ends as soon as it is opened";
        let why = match end {
            End::Failed(fault) => format!("{ends}: {fault}"),
            _ => ends.to_owned(),
        };
        if self.doubt.short >= 2 * FEW {
            let not = NotWatched { why, usual: false, refused: false };
            return match self.ask_the_list().await {
                Belief::Read => Belief::Lost(not),
                // As long as the list cannot be read it is out of date.
                other => other,
            };
        }
        if self.doubt.short != FEW {
            return Belief::Same;
        }
        let words = self.watch.slot.words(&self.watch.target);
        let wait = self.watch.connection.inner.patience.backoff(FEW);
        self.down(format!("{words}: {why}"), wait);
        self.ask_the_list().await
    }

    /// Only the list knows whether anything was held back.
    async fn ask_the_list(&mut self) -> Belief {
        match self.read().await {
            Again::Whole => Belief::Read,
            Again::Forbidden => Belief::Lost(forbidden()),
            Again::Failed(reason) => {
                let wait = self.watch.connection.inner.patience.backoff(FEW);
                self.down(reason, wait);
                tokio::time::sleep(wait).await;
                Belief::Same
            }
        }
    }

    /// Its list is up to date: it was just read, and its watch goes on from there.
    pub(super) fn is_up(&self) -> bool {
        let up = self.is_fresh() && !self.doubt.is_grave();
        if up {
            self.health(Health::Up);
        }
        up
    }
}
