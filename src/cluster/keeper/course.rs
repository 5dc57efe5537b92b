//! Which state of a keeper follows which. Nothing here waits: each method is told what came of the
//! state before, says what changes for whoever looks, and gives the next one.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;

use super::acts::{Opening, Reread};
use super::doubt::{EndedWatch, FEW, Life, WatchSign};
use super::state::{KeeperState, NotWatched, ReadReason, Then};
use super::{Begin, Keeper};
use crate::cluster::error::RequestFault;
use crate::cluster::health::Health;
use crate::cluster::list::ListResult;
use crate::cluster::pace::Pace;
use crate::cluster::retry::{Patience, random};
use crate::cluster::watch::{AfterOpen, Unheard, WatchEnd};

impl Keeper {
    fn pace(&self) -> Pace {
        self.watch.connection.inner.pace
    }

    fn patience(&self) -> Patience {
        self.watch.connection.inner.patience
    }

    /// Where it begins.
    pub(super) fn first(&mut self) -> KeeperState {
        match self.begin {
            Begin::Doubted => KeeperState::Reading(ReadReason::Doubted),
            _ => self.turn(),
        }
    }

    /// The list is as its last reading left it: watched where that can be, else read again.
    fn turn(&mut self) -> KeeperState {
        let rests = !self.counts.readings.is_multiple_of(self.pace().refused_for);
        if let Some(not) = self.refused.take().filter(|_| rests) {
            return self.poll(not);
        }
        if let Err(not) = self.permitted() {
            return self.poll(not);
        }
        (self.counts.failures, self.counts.pleas) = (0, 0);
        // What could not be read is as old as if a watch of it had ended.
        self.unsure = self.missed;
        KeeperState::Opening
    }

    /// Whether it may be watched, as far as that is known without asking.
    fn permitted(&mut self) -> Result<(), NotWatched> {
        let target = &self.watch.target;
        let usual = |why| Err(NotWatched::usual(why));
        match self.begin {
            Begin::Failed => return usual("it could not be read"),
            Begin::Refused => return Err(NotWatched::forbidden()),
            _ if target.is_secret() => {
                return usual("names of Secrets are listed type by type, not watched");
            }
            _ if target.is_lease() => {
                return usual("leases are renewed all the time: listed anew, not watched");
            }
            _ if self.name().is_some() => return usual("read by its name, not watched"),
            _ => {}
        }
        if self.watch.version.is_empty() {
            return Err(NotWatched::now("the server gives no version to watch from"));
        }
        if !target.watchable {
            return Err(NotWatched::now("the server offers no watch of it"));
        }
        if self.permit.is_none() {
            self.permit = Arc::clone(&self.permits).try_acquire_owned().ok();
        }
        let most = self.pace().watches;
        let none_left = || NotWatched::now(format!("{most} watches are open, which is the most"));
        self.permit.as_ref().map(|_| ()).ok_or_else(none_left)
    }

    /// It is not watched: others may be.
    fn poll(&mut self, not: NotWatched) -> KeeperState {
        self.permit = None;
        self.counts.tries = 0;
        if self.begin != Begin::Failed && !self.missed {
            let (why, every) = (not.why.clone(), self.every);
            self.health(Health::Polled { why, every, usual: not.usual });
        }
        let spread = std::mem::take(&mut self.spread);
        let wait = if self.missed {
            self.patience().backoff(FEW).min(self.every)
        } else if spread {
            // Else all lists that are read again would be read in the same seconds, time after time.
            self.every.mul_f64(random())
        } else {
            self.every
        };
        KeeperState::Waiting(wait, Then::Read(ReadReason::Due(not)))
    }

    /// After [`KeeperState::Opening`].
    pub(super) fn answered(&mut self, opening: Opening) -> KeeperState {
        let (lines, known) = match opening {
            Opening::Open(lines, known) => (lines, known),
            Opening::Lost => return self.ended(Life::none(true, WatchEnd::Lost)),
            Opening::Not(fault) => return self.ended(Life::none(false, WatchEnd::Failed(fault))),
        };
        self.doubtful = true;
        let pace = self.pace();
        let unheard = match known {
            // Until it tells something, it may tell nothing because the server was restored.
            Err(said) if !self.is_fresh() => {
                let why = "whether it was restored could not be asked";
                self.down(format!("{}: {why}: {said}", self.words()), pace.pulse);
                Some(Unheard { after: pace.pulse, then: AfterOpen::Unsure })
            }
            _ if self.doubt.is_grave() => None,
            _ if self.is_fresh() => {
                // It was just read, and its watch goes on from there.
                self.health(Health::Up);
                None
            }
            _ => Some(Unheard { after: pace.lived, then: AfterOpen::Enough }),
        };
        KeeperState::Watched { lines, unheard }
    }

    /// After [`KeeperState::Watched`], or an opening that came to nothing.
    pub(super) fn ended(&mut self, life: Life) -> KeeperState {
        let lived = self.begun.elapsed() >= self.pace().lived;
        self.counts.failures = if lived { 0 } else { self.counts.failures + 1 };
        if lived {
            self.counts.pleas = 0;
        }
        // Whoever closed it may have been restored from a backup meanwhile; a list knows.
        self.unsure = !matches!(life.ended.end, WatchEnd::Lost);
        let long = self.watch.silent_for() >= self.quiet();
        let sign = self.doubt.weigh(&life, lived, long);
        let ended = life.ended;
        let why = match sign {
            WatchSign::Fine => return self.settle(ended),
            WatchSign::Silent => ReadReason::Silent(ended),
            WatchSign::Short => {
                let reason = format!("{}: {}", self.words(), short(&ended.end));
                self.down(reason, self.patience().backoff(FEW));
                ReadReason::Short(ended)
            }
            WatchSign::Useless => {
                let not = NotWatched::now(short(&ended.end));
                ReadReason::Useless(ended, not)
            }
        };
        KeeperState::Reading(why)
    }

    /// What follows from how a watch ended, apart from what it says of the watch.
    fn settle(&mut self, EndedWatch { opened, end }: EndedWatch) -> KeeperState {
        let fault = match end {
            // A connection that worked is opened again at once, one that did not after a wait.
            WatchEnd::Closed if self.counts.failures == 0 => return KeeperState::Opening,
            WatchEnd::Silent | WatchEnd::Woken | WatchEnd::Unsure => return KeeperState::Opening,
            WatchEnd::Closed => return self.pause(None, opened),
            WatchEnd::Flood(why) => {
                return KeeperState::Reading(ReadReason::Flood {
                    why,
                    told: self.watch.brought.len(),
                });
            }
            WatchEnd::Lost => {
                self.counts.tries = self.counts.failures.max(FEW) - 1;
                return KeeperState::Reading(ReadReason::Lost);
            }
            WatchEnd::Failed(fault) => fault,
        };
        self.doubtful |= fault.code().is_none();
        if !fault.is_refusal() {
            return self.pause(Some(fault), opened);
        }
        if self.is_fresh() {
            return self.refused(&fault);
        }
        KeeperState::Reading(ReadReason::Refused { fault, opened })
    }

    /// Waits before the watch is opened again, and says so where it does not heal by itself.
    fn pause(&mut self, fault: Option<RequestFault>, opened: bool) -> KeeperState {
        let failures = self.counts.failures.max(1);
        let mut wait = self.patience().pause(failures, fault.as_ref());
        if matches!(
            &fault,
            Some(RequestFault::Status { code: 401, .. } | RequestFault::Credentials(_))
        ) {
            // Nothing but a login helps; too many refusals may lock an account.
            wait = wait.max(self.pace().again(1));
        }
        if let Some(fault) = fault.filter(|_| !opened || failures > 2) {
            self.down(format!("{}: {}", self.words(), fault.explained()), wait);
        }
        KeeperState::Waiting(wait, Then::Open)
    }

    /// Opening a watch was refused, and the list may be read.
    fn refused(&mut self, fault: &RequestFault) -> KeeperState {
        let doubted = self.doubtful && fault.is_forbidden();
        if let Some(wait) = self.pace().doubts.get(self.counts.pleas).filter(|_| doubted) {
            self.counts.pleas += 1;
            // The list is as old as its last reading until it is watched again.
            self.down(format!("{}: {fault}; asked again", self.words()), *wait);
            return KeeperState::Waiting(*wait, Then::Open);
        }
        let why = format!("watching it is refused: {fault}");
        // Rights come and go; what the server does not offer stays so for longer.
        self.poll(if fault.is_forbidden() { NotWatched::now(why) } else { NotWatched::long(why) })
    }

    /// After [`KeeperState::Reading`]. A list that is here and is refused now is asked for a few times more
    /// before that is believed: a server that was just started refuses everyone whose roles it has not
    /// read.
    pub(super) fn listed(
        &mut self,
        why: ReadReason,
        listed: ListResult,
        asked: Timestamp,
    ) -> KeeperState {
        let doubted = listed.denied && self.begin.is_here();
        if let Some(wait) = self.pace().doubts.get(self.counts.refusals).filter(|_| doubted) {
            self.counts.refusals += 1;
            let said = listed.message.unwrap_or_else(|| "forbidden".to_owned());
            let again = "asked again, for it could be read before";
            self.down(format!("{}: {said}; {again}", self.words()), *wait);
            return KeeperState::Waiting(*wait, Then::Read(why));
        }
        self.counts.refusals = 0;
        match self.take(listed, asked) {
            Reread::Whole { moved } => self.here(why, moved),
            Reread::Forbidden => self.poll(NotWatched::forbidden()),
            Reread::Failed(reason) => self.not_here(why, reason),
        }
    }

    /// The list is here, and knew more than its watch had told, or not.
    fn here(&mut self, why: ReadReason, moved: bool) -> KeeperState {
        match why {
            ReadReason::Doubted => self.turn(),
            ReadReason::Due(not) => {
                self.counts.readings = self.counts.readings.wrapping_add(1);
                self.refused = Some(not).filter(|not| not.refused);
                self.turn()
            }
            ReadReason::Lost => self.pause(None, true),
            ReadReason::Silent(ended) => {
                if moved {
                    self.doubt.held_back();
                }
                if self.doubt.is_mute() {
                    return self.poll(NotWatched::long(HELD_BACK));
                }
                self.unsure = false;
                self.settle(ended)
            }
            ReadReason::Short(ended) => {
                self.unsure = false;
                self.settle(ended)
            }
            ReadReason::Useless(_, not) => self.poll(not),
            ReadReason::Flood { told, .. } if self.watch.listed >= told / 2 => KeeperState::Opening,
            ReadReason::Flood { why, .. } => {
                self.seldom();
                let why = format!("its watch told of {why}, which the list does not have");
                self.poll(NotWatched::long(why))
            }
            ReadReason::Refused { fault, .. } => self.refused(&fault),
        }
    }

    /// The list could not be read, for this reason.
    fn not_here(&mut self, why: ReadReason, reason: String) -> KeeperState {
        let (reason, wait, then) = match why {
            // Whatever comes of it: a list that fails is kept as any other.
            ReadReason::Doubted => return self.turn(),
            ReadReason::Refused { fault, opened } => return self.pause(Some(fault), opened),
            ReadReason::Due(_) | ReadReason::Lost => {
                let wait = self.next_try(&why);
                (reason, wait, Then::Read(why))
            }
            // As long as the list cannot be read it is out of date.
            ReadReason::Silent(ended)
            | ReadReason::Short(ended)
            | ReadReason::Useless(ended, _) => {
                (reason, self.patience().backoff(FEW), Then::Settle(ended))
            }
            ReadReason::Flood { why, .. } => {
                (format!("{reason}; its watch told of {why}"), self.every, Then::Open)
            }
        };
        self.down(reason, wait);
        KeeperState::Waiting(wait, then)
    }

    /// When a list that nothing else brings is read again after one more reading that failed.
    fn next_try(&mut self, why: &ReadReason) -> Duration {
        self.counts.tries += 1;
        let late = self.over || matches!(why, ReadReason::Due(_)) && !self.begin.is_here();
        if late { self.every } else { self.patience().backoff(self.counts.tries.max(FEW)) }
    }

    /// After [`KeeperState::Waiting`].
    pub(super) fn go_on(&mut self, then: Then, woken: bool) -> KeeperState {
        match then {
            Then::Open => KeeperState::Opening,
            Then::Settle(ended) => self.settle(ended),
            Then::Read(why) => {
                self.spread |= woken && matches!(why, ReadReason::Due(_));
                KeeperState::Reading(why)
            }
        }
    }
}

/// Why a watch is not believed that says nothing.
const HELD_BACK: &str = "nothing comes through its watch, not even the bookmarks that were asked for: a \
                         proxy on the way may hold it back";

/// Of a watch that ended at once.
fn short(end: &WatchEnd) -> String {
    let ends = "its watch ends as soon as it is opened";
    match end {
        WatchEnd::Failed(fault) => format!("{ends}: {fault}"),
        _ => ends.to_owned(),
    }
}
