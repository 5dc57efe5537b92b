//! What a keeper does: it opens and follows a watch, reads the list, waits. Nothing is decided here.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::doubt::{EndedWatch, Life};
use super::state::ReadReason;
use super::{Begin, Keeper};
use crate::cluster::error::RequestFault;
use crate::cluster::list::{ListResult, list};
use crate::cluster::read;
use crate::cluster::request::WatchLines;
use crate::cluster::watch::Unheard;
use crate::model::kinds::Kind;
use crate::model::read::ReadStatus;

/// What came of opening a watch.
pub(super) enum Opening {
    /// It is open, and the server is where it was; or it did not say: what it said instead.
    Open(WatchLines, Result<(), String>),
    /// The server no longer knows where the list was, or is at an earlier moment.
    Lost,
    /// It was not opened.
    Not(RequestFault),
}

/// What came of reading the list.
pub(super) enum Reread {
    /// It is here, and knew more than its watch had told, or not.
    Whole { moved: bool },
    /// It may not be read any more; what was known is gone.
    Forbidden,
    /// It failed, for this reason; what was known stays.
    Failed(String),
}

impl Keeper {
    /// Opens the watch. In doubt, whether the server is where it was is asked.
    pub(super) async fn open(&mut self) -> Opening {
        self.begun = Instant::now();
        match self.watch.open().await {
            Ok(lines) => {
                let rewound = if self.unsure { self.watch.is_rewound().await } else { Ok(false) };
                match rewound {
                    Ok(true) => Opening::Lost,
                    known => Opening::Open(lines, known.map(|_| ())),
                }
            }
            Err(fault) if fault.is_gone() => Opening::Lost,
            Err(fault) if fault.is_ahead() && matches!(self.watch.is_rewound().await, Ok(true)) => {
                Opening::Lost
            }
            Err(fault) => {
                if fault.is_absent() {
                    self.watch.sender.absent();
                }
                Opening::Not(fault)
            }
        }
    }

    /// Follows the watch to its end.
    pub(super) async fn follow(&mut self, lines: WatchLines, unheard: Option<Unheard>) -> Life {
        let quiet = self.quiet();
        let (told, end) = self.watch.follow(lines, quiet, unheard, &mut self.wake).await;
        Life { told, ended: EndedWatch { opened: true, end } }
    }

    /// How long the watch may say nothing. Whoever is doubted has to tell in time for a bookmark.
    pub(super) fn quiet(&self) -> Duration {
        let pace = &self.watch.connection.inner.pace;
        if self.doubt.is_mute() { pace.quiet_watch.min(pace.unheard) } else { pace.quiet_watch }
    }

    /// Reads the list; tells when it was asked for.
    pub(super) async fn list(&self, why: &ReadReason) -> (ListResult, Timestamp) {
        let asked = Timestamp::now();
        let (connection, target) = (&self.watch.connection, &self.watch.target);
        // Where no watch brings what was missed, what is known is old with the first hindrance.
        let lost = matches!(why, ReadReason::Lost);
        let notify = |fault: &RequestFault, wait: Duration| {
            if lost || wait >= connection.inner.pace.told {
                self.down(format!("{}: {fault}", self.words()), wait);
            }
        };
        let place = self.watch.slot.namespace.as_deref();
        let listed = match self.name() {
            Some(name) => read::by_name(connection, target, name, &notify).await,
            None => list(connection, target, place, &|_, _| (), &notify).await,
        };
        (listed, asked)
    }

    /// Takes in a list as of the moment at which it was asked for.
    pub(super) fn take(&mut self, listed: ListResult, asked: Timestamp) -> Reread {
        // That one object is not there says nothing of what is served.
        if listed.code == Some(404) && self.name().is_none() {
            self.watch.sender.absent();
        }
        self.over = listed.over;
        if self.over {
            self.seldom();
        }
        let forbidden = listed.status == ReadStatus::Forbidden;
        // A list that broke off has no version; one of Secrets never has.
        let broken = listed.code.is_some()
            || listed.status == ReadStatus::Failed
            || (listed.status == ReadStatus::Partial && listed.version.is_empty());
        if !forbidden && broken {
            let why = listed.message.unwrap_or_else(|| "the list failed".to_owned());
            return Reread::Failed(format!("{}: {why}", self.words()));
        }
        let moved = self.watch.is_behind(&listed);
        self.watch.hear(asked);
        self.watch.version.clone_from(&listed.version);
        self.watch.listed = listed.objects.len();
        self.watch.brought.clear();
        self.watch.told = false;
        self.watch.sender.relisted(listed);
        self.missed = false;
        self.begin = if forbidden { Begin::Refused } else { Begin::Read };
        self.fresh = (!forbidden).then(Instant::now);
        if forbidden { Reread::Forbidden } else { Reread::Whole { moved } }
    }

    /// From now on it is read again more rarely.
    pub(super) fn seldom(&mut self) {
        self.every = self.every.max(self.watch.connection.inner.pace.opt_in);
    }

    /// Waits; tells whether that ended because everything is to be opened anew.
    pub(super) async fn wait(&mut self, wait: Duration) -> bool {
        tokio::select! {
            () = tokio::time::sleep(wait) => false,
            // Without anybody to wake it, it is about to be ended.
            Ok(()) = self.wake.changed() => true,
        }
    }

    /// The namespace that is read by its name, where namespaces may not be listed.
    pub(super) fn name(&self) -> Option<&str> {
        let slot = &self.watch.slot;
        slot.namespace.as_deref().filter(|_| slot.kind == Kind::new("", "Namespace"))
    }
}
