//! One task per list that keeps it up to date: by a watch where there can be one, else by reading it
//! again from time to time.

mod reading;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

pub(super) use self::reading::Again;
use super::belief::{Belief, Doubt, Life};
use super::error::Fault;
use super::health::Health;
use super::retry::random;
use super::watch::{End, Open, Watch};
use crate::model::kinds::Kind;

/// How a list came to be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Begin {
    /// It is here.
    Read,
    /// It is here, and was refused just now: whether that is so is asked again.
    Doubted,
    /// Reading it failed: it is tried again quietly, its read says what is wrong. What came of it
    /// before that is as old as that reading.
    Failed,
    /// It could be read and may not be any more: it is tried again from time to time.
    Refused,
}

impl Begin {
    /// Whether there is anything to keep.
    pub(super) fn is_here(self) -> bool {
        matches!(self, Self::Read | Self::Doubted)
    }
}

/// Keeps one list.
#[allow(clippy::struct_excessive_bools, reason = "each says something of its own of the list")]
pub(super) struct Keeper {
    pub watch: Watch,
    pub begin: Begin,
    /// The right to open a watch, if there was one left.
    pub permit: Option<OwnedSemaphorePermit>,
    /// Watches that may still be opened.
    pub permits: Arc<Semaphore>,
    /// How often it is read again while it cannot be watched.
    pub every: Duration,
    /// It goes on beyond what is taken: reading it again soon is of no use.
    pub over: bool,
    /// A watch of it was open once, or the way to the server broke: whoever refuses it now may be a
    /// server that was just started.
    pub doubtful: bool,
    /// What happened since it was last known is not told any more: only reading it says what is there.
    pub lost: bool,
    /// It is not known how it is now: the last reading failed. Where no watch tells, only another does.
    pub missed: bool,
    /// Many lists begin to wait in this moment: its next wait is as long as chance has it.
    pub spread: bool,
    /// When it was last read whole.
    pub fresh: Option<Instant>,
    /// What there is against its watch.
    pub doubt: Doubt,
    /// When it was last read, it knew more than its watch had told.
    pub moved: bool,
    /// Changes when every watch is to be opened anew.
    pub wake: watch::Receiver<u64>,
}

/// Why a list is not watched.
pub(super) struct NotWatched {
    pub why: String,
    /// That is how it is meant to be.
    pub usual: bool,
    /// The server refused it: not to be asked for each time.
    pub refused: bool,
}

impl Keeper {
    /// Runs until it is aborted.
    pub(super) async fn run(mut self) {
        let mut readings = 0_u32;
        let refused_for = self.watch.connection.inner.pace.refused_for;
        let mut refused = None;
        if self.begin == Begin::Doubted {
            // Whatever comes of it: a list that fails is kept as any other.
            self.read().await;
        }
        loop {
            if self.unwatchable().is_some() || !self.begin.is_here() {
                self.permit = None;
            }
            let not = match refused.take().filter(|_| !readings.is_multiple_of(refused_for)) {
                Some(not) => not,
                None if self.begin == Begin::Failed => {
                    NotWatched { why: "it could not be read".into(), usual: true, refused: false }
                }
                None if self.begin == Begin::Refused => forbidden(),
                None => self.watched().await,
            };
            self.poll(&not).await;
            readings = readings.wrapping_add(1);
            refused = Some(not).filter(|not| not.refused);
        }
    }

    pub(super) fn health(&self, health: Health) {
        self.watch.inlet.health(health);
    }

    /// Nothing is heard of it, if there is anything of it, and be it a part.
    pub(super) fn down(&self, reason: String, retry_in: Duration) {
        if self.begin.is_here() || self.watch.listed > 0 {
            self.health(Health::Down { since: self.watch.heard, reason, retry_in });
        }
    }

    /// Waits, and reads until the list is here.
    async fn poll(&mut self, not: &NotWatched) {
        let mut failures = 0_u32;
        if self.begin != Begin::Failed && !self.missed {
            self.polled(not);
        }
        let soon = self.watch.connection.inner.patience.backoff(3);
        let spread = std::mem::take(&mut self.spread);
        let mut wait = if self.missed {
            soon.min(self.every)
        } else if spread {
            // Else all lists that are read again would be read in the same seconds, time after time.
            self.every.mul_f64(random())
        } else {
            self.every
        };
        loop {
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                // Without anybody to wake it, it is about to be ended.
                Ok(()) = self.wake.changed() => self.spread = true,
            }
            match self.read().await {
                Again::Whole => return,
                Again::Forbidden => {
                    self.polled(&forbidden());
                    wait = self.every;
                }
                Again::Failed(reason) => {
                    failures += 1;
                    let soon = self.watch.connection.inner.patience.backoff(failures.max(3));
                    let late = self.over || !self.begin.is_here();
                    wait = if late { self.every } else { soon };
                    self.down(reason, wait);
                }
            }
        }
    }

    fn polled(&self, not: &NotWatched) {
        let (why, every) = (not.why.clone(), self.every);
        self.health(Health::Polled { why, every, usual: not.usual });
    }

    /// Why it cannot be watched, if that is known without asking.
    fn unwatchable(&self) -> Option<NotWatched> {
        let target = &self.watch.target;
        let not = |why: &str, usual| NotWatched { why: why.to_owned(), usual, refused: false };
        if target.is_secret() {
            return Some(not("names of Secrets are listed type by type, not watched", true));
        }
        if target.is_lease() {
            return Some(not("leases are renewed all the time: listed anew, not watched", true));
        }
        if self.name().is_some() {
            return Some(not("read by its name, not watched", true));
        }
        if self.watch.version.is_empty() {
            return Some(not("the server gives no version to watch from", false));
        }
        (!target.watchable).then(|| not("the server offers no watch of it", false))
    }

    /// The namespace that is read by its name, where namespaces may not be listed.
    fn name(&self) -> Option<&str> {
        let slot = &self.watch.slot;
        slot.namespace.as_deref().filter(|_| slot.kind == Kind::new("", "Namespace"))
    }

    /// Too many watches are open for one more.
    fn none_left(&self) -> NotWatched {
        let most = self.watch.connection.inner.pace.watches;
        let why = format!("{most} watches are open, which is the most");
        NotWatched { why, usual: false, refused: false }
    }

    /// Watches for as long as that can be done.
    async fn watched(&mut self) -> NotWatched {
        if let Some(not) = self.unwatchable() {
            return not;
        }
        let free = || Arc::clone(&self.permits).try_acquire_owned().ok();
        let Some(_permit) = self.permit.take().or_else(free) else {
            return self.none_left();
        };
        let mut failures = 0_u32;
        // What could not be read is as old as if a watch of it had ended.
        let mut doubt = self.missed;
        let pace = self.watch.connection.inner.pace;
        let mut doubts = pace.doubts.into_iter();
        loop {
            let begun = Instant::now();
            let life = self.once(doubt).await;
            let lived = begun.elapsed() >= pace.lived;
            failures = if lived { 0 } else { failures + 1 };
            if failures == 0 {
                doubts = pace.doubts.into_iter();
            }
            // Whoever closed it may have been restored from a backup meanwhile; a list knows.
            doubt = !matches!(life.end, End::Lost);
            match self.believe(&life, lived).await {
                Belief::Same => {}
                Belief::Read => doubt = false,
                Belief::Lost(not) => return not,
            }
            let Life { opened, end, .. } = life;
            let fault = match end {
                // A connection that worked is opened again at once, one that did not after a wait.
                End::Closed if failures == 0 => continue,
                End::Silent | End::Woken | End::Unsure => continue,
                End::Closed => None,
                End::Flood(why) => match self.after_flood(&why).await {
                    Some(not) => return not,
                    None => continue,
                },
                End::Lost if self.relist(failures).await => None,
                End::Lost => return forbidden(),
                End::Failed(fault) => Some(fault),
            };
            self.doubtful |= fault.as_ref().is_some_and(|fault| fault.code().is_none());
            if let Some(fault) = fault.as_ref().filter(|fault| fault.is_refusal()) {
                match self.after_refusal(fault, &mut doubts).await {
                    ControlFlow::Break(not) => return not,
                    ControlFlow::Continue(true) => continue,
                    ControlFlow::Continue(false) => {}
                }
            }
            self.pause(failures.max(1), fault, opened).await;
        }
    }

    /// Reads the list until it is here; no watch brings what was missed. Whether it may be read.
    async fn relist(&mut self, failures: u32) -> bool {
        self.lost = true;
        let mut failures = failures.max(3);
        loop {
            let reason = match self.read().await {
                Again::Whole => return true,
                Again::Forbidden => return false,
                Again::Failed(reason) => reason,
            };
            let soon = self.watch.connection.inner.patience.backoff(failures);
            let wait = if self.over { self.every } else { soon };
            failures += 1;
            self.down(reason, wait);
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                // Without anybody to wake it, it is about to be ended.
                Ok(()) = self.wake.changed() => {}
            }
        }
    }

    /// Opening a watch was refused: what may be listed now only a list tells. Tells whether it was
    /// waited for and is to be opened again.
    async fn after_refusal(
        &mut self,
        fault: &Fault,
        doubts: &mut impl Iterator<Item = Duration>,
    ) -> ControlFlow<NotWatched, bool> {
        match self.read_unless_fresh().await {
            Again::Whole => {}
            Again::Forbidden => return ControlFlow::Break(forbidden()),
            Again::Failed(_) => return ControlFlow::Continue(false),
        }
        let doubted = self.doubtful && fault.is_forbidden();
        if let Some(wait) = doubts.next().filter(|_| doubted) {
            // The list is as old as its last reading until it is watched again.
            let words = self.watch.slot.words(&self.watch.target);
            self.down(format!("{words}: {fault}; asked again"), wait);
            tokio::time::sleep(wait).await;
            return ControlFlow::Continue(true);
        }
        let not = Self::refused(&format!("watching it is refused: {fault}"));
        // Rights come and go; what the server does not offer stays so for longer.
        ControlFlow::Break(NotWatched { refused: !fault.is_forbidden(), ..not })
    }

    /// The watch told of more than is taken: the list says what is there. If it is not, the watch is
    /// not believed for a while.
    async fn after_flood(&mut self, why: &str) -> Option<NotWatched> {
        let told = self.watch.brought.len();
        match self.read().await {
            Again::Whole if self.watch.listed >= told / 2 => None,
            Again::Whole => {
                self.seldom();
                let why = format!("its watch told of {why}, which the list does not have");
                Some(Self::refused(&why))
            }
            Again::Forbidden => Some(forbidden()),
            Again::Failed(reason) => {
                let wait = self.every;
                self.down(format!("{reason}; its watch told of {why}"), wait);
                tokio::time::sleep(wait).await;
                None
            }
        }
    }

    /// From now on it is read again more rarely.
    fn seldom(&mut self) {
        self.every = self.every.max(self.watch.connection.inner.pace.opt_in);
    }

    fn refused(why: &str) -> NotWatched {
        NotWatched { why: why.to_owned(), usual: false, refused: true }
    }

    /// One stream from its opening to its end. In doubt, whether the server is where it was is asked.
    async fn once(&mut self, doubt: bool) -> Life {
        let lost = Life { opened: true, told: false, end: End::Lost };
        match self.watch.open().await {
            Ok(lines) => {
                let rewound = if doubt { self.watch.is_rewound().await } else { Ok(false) };
                if matches!(rewound, Ok(true)) {
                    return lost;
                }
                self.doubtful = true;
                let pace = self.watch.connection.inner.pace;
                let wait = match rewound.err().filter(|_| !self.is_fresh()) {
                    // Until it tells something, it may tell nothing because it was restored.
                    Some(said) => {
                        let words = self.watch.slot.words(&self.watch.target);
                        let why = "whether it was restored could not be asked";
                        self.down(format!("{words}: {why}: {said}"), pace.pulse);
                        Some((pace.pulse, Open::Unsure))
                    }
                    None if self.is_up() || self.doubt.is_grave() => None,
                    None => Some((pace.lived, Open::Enough)),
                };
                let quiet = self.quiet();
                let (told, end) = self.watch.follow(lines, (quiet, wait), &mut self.wake).await;
                Life { opened: true, told, end }
            }
            Err(fault) if fault.is_gone() => lost,
            Err(fault) if fault.is_ahead() && matches!(self.watch.is_rewound().await, Ok(true)) => {
                lost
            }
            Err(fault) => {
                if fault.is_absent() {
                    self.watch.inlet.absent();
                }
                Life { opened: false, told: false, end: End::Failed(fault) }
            }
        }
    }

    /// Waits before the watch is opened again, and says so where it does not heal by itself.
    async fn pause(&mut self, failures: u32, fault: Option<Fault>, opened: bool) {
        let inner = &self.watch.connection.inner;
        let mut wait = inner.patience.pause(failures, fault.as_ref());
        if matches!(&fault, Some(Fault::Status { code: 401, .. } | Fault::Credentials(_))) {
            // Nothing but a login helps; too many refusals may lock an account.
            wait = wait.max(inner.pace.again(1));
        }
        if let Some(fault) = fault.filter(|_| !opened || failures > 2) {
            let words = self.watch.slot.words(&self.watch.target);
            self.down(format!("{words}: {}", fault.explained()), wait);
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            // Without anybody to wake it, it is about to be ended.
            Ok(()) = self.wake.changed() => {}
        }
    }
}

/// What may not even be listed. Its read says so; once it may, it may be watched too.
pub(super) fn forbidden() -> NotWatched {
    NotWatched { why: "listing it is forbidden".to_owned(), usual: true, refused: false }
}
