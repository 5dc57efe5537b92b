//! One task per list that keeps it up to date: by a watch where there can be one, else by reading it
//! again from time to time.
//!
//! A keeper is always in one [`KeeperState`], which says what it does, what is known meanwhile and what is
//! shown. It does that (`acts`) and is told what came of it; which state follows is decided in one
//! place (`course`), without waiting for anything.

mod acts;
mod course;
mod doubt;
mod state;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use self::doubt::Doubt;
pub(super) use self::state::Begin;
use self::state::{KeeperState, NotWatched};
use super::health::Health;
use super::watch::Watch;

/// Keeps one list.
#[allow(clippy::struct_excessive_bools, reason = "each says something of its own of the list")]
pub(super) struct Keeper {
    watch: Watch,
    /// How far it is here.
    begin: Begin,
    /// The right to have a watch open, as long as one is to be open.
    permit: Option<OwnedSemaphorePermit>,
    /// Watches that may still be opened.
    permits: Arc<Semaphore>,
    /// How often it is read again while it cannot be watched.
    every: Duration,
    /// It goes on beyond what is taken: reading it again soon is of no use.
    over: bool,
    /// A watch of it was open once, or the way to the server broke: whoever refuses it now may be a
    /// server that was just started.
    doubtful: bool,
    /// The reading before this keeper failed: what happened since is told only by a reading, or by a
    /// watch of a server that is known to be where it was.
    missed: bool,
    /// The server may have been restored since the last watch: it is asked when the next one is open.
    unsure: bool,
    /// Many lists begin to wait in this moment: its next wait is as long as chance has it.
    spread: bool,
    /// When it was last read whole.
    fresh: Option<Instant>,
    /// What there is against its watch.
    doubt: Doubt,
    /// Why it was refused to be watched, which is not to be asked each time.
    refused: Option<NotWatched>,
    /// When the watch began to be opened.
    begun: Instant,
    counts: InARow,
    /// Changes when every watch is to be opened anew.
    wake: watch::Receiver<u64>,
}

/// How often things happened in a row.
#[derive(Default)]
struct InARow {
    /// Watches that did not live.
    failures: u32,
    /// Readings for one reason that failed.
    tries: u32,
    /// Readings that were refused, which is not believed yet.
    refusals: usize,
    /// Openings that were refused, which is not believed yet.
    pleas: usize,
    /// Readings that came whole while it was not watched.
    readings: u32,
}

/// A list as a keeper gets it.
pub(super) struct Charge {
    pub watch: Watch,
    pub begin: Begin,
    pub every: Duration,
    pub over: bool,
    pub missed: bool,
}

impl Keeper {
    /// Takes over a list. `permit` is the right to watch it, if there was one left of `permits`.
    pub(super) fn new(
        charge: Charge,
        permit: Option<OwnedSemaphorePermit>,
        permits: Arc<Semaphore>,
        wake: watch::Receiver<u64>,
    ) -> Self {
        let Charge { watch, begin, every, over, missed } = charge;
        Self {
            watch,
            begin,
            permit,
            permits,
            every,
            over,
            doubtful: false,
            missed,
            unsure: missed,
            spread: true,
            fresh: None,
            doubt: Doubt::default(),
            refused: None,
            begun: Instant::now(),
            counts: InARow::default(),
            wake,
        }
    }

    /// Runs until it is aborted.
    pub(super) async fn run(mut self) {
        let mut state = self.first();
        loop {
            state = match state {
                KeeperState::Opening => {
                    let opening = self.open().await;
                    self.answered(opening)
                }
                KeeperState::Watched { lines, unheard } => {
                    let life = self.follow(lines, unheard).await;
                    self.ended(life)
                }
                KeeperState::Reading(why) => {
                    let (listed, asked) = self.list(&why).await;
                    self.listed(why, listed, asked)
                }
                KeeperState::Waiting(wait, then) => {
                    let woken = self.wait(wait).await;
                    self.go_on(then, woken)
                }
            };
        }
    }

    /// Says how the list is from now on.
    fn health(&self, health: Health) {
        self.watch.sender.health(health);
    }

    /// Nothing is heard of it, if there is anything of it, and be it a part.
    fn down(&self, reason: String, retry_in: Duration) {
        if self.begin.is_here() || self.watch.listed > 0 {
            self.health(Health::Down { since: self.watch.heard, reason, retry_in });
        }
    }

    /// It was read just now.
    fn is_fresh(&self) -> bool {
        let lived = self.watch.connection.inner.pace.lived;
        self.fresh.is_some_and(|read| read.elapsed() < lived)
    }

    /// How messages name it: `pods in team-a`.
    fn words(&self) -> String {
        self.watch.slot.words(&self.watch.target)
    }
}
