//! The states of a keeper. Which follows which is in `course`.
//!
//! ```text
//!     ┌────────────────── Waiting ◄─────────────┐
//!     │ a watch may be open      │              │ not now; not watched
//!     ▼                          ▼ its time     │
//!  Opening ──► Watched ──────► Reading ─────────┤
//!     ▲   opened      in doubt, │               │
//!     │               or lost   │ here          │
//!     └─────────────────────────┴───────────────┘
//! ```

use std::time::Duration;

use super::doubt::EndedWatch;
use crate::cluster::error::RequestFault;
use crate::cluster::request::WatchLines;
use crate::cluster::watch::Unheard;

/// What a keeper does.
pub(super) enum KeeperState {
    /// A watch is being opened from where the list, or the watch before it, ended.
    ///
    /// *Known* is the list as it was last heard of. *Shown* is what was shown before: opening a watch
    /// makes nothing newer. *Ends* with the server's answer: [`KeeperState::Watched`], or what follows from
    /// a watch that ended before it began.
    Opening,
    /// A watch is open.
    ///
    /// *Known* is the list with every change that came through. *Shown* as up to date from the first
    /// event or bookmark on; at once where the list was just read; and after a while of silence
    /// (`unheard`) where there is nothing against the watch and the server is where it was. Until then
    /// what was shown before stays. *Ends* when the stream does, is silent for too long, or everything
    /// is opened anew: [`KeeperState::Opening`], [`KeeperState::Waiting`], or [`KeeperState::Reading`] where only the
    /// list can tell what happened.
    Watched {
        lines: WatchLines,
        /// What follows, and after how long, if nothing comes.
        unheard: Option<Unheard>,
    },
    /// The list is being read, for this reason.
    ///
    /// *Known* stays as it was until the new list is whole. *Shown*, see [`ReadReason`]; where the reading is
    /// refused to whom it was not refused before, as out of date since it was last heard of. *Ends*
    /// with the list: here, not to be had for now ([`KeeperState::Waiting`]), or forbidden, of which nothing
    /// is known any more.
    Reading(ReadReason),
    /// Nothing is done for this long.
    ///
    /// *Known* and *shown* is what the state before left: out of date with its reason and this as its
    /// next try, or as old as its last reading. *Ends* with its time, or when every watch is to be
    /// opened anew.
    Waiting(Duration, Then),
}

/// What a list is read for.
pub(super) enum ReadReason {
    /// Everything was read, and this list refused, which is not believed yet. Shown as out of date.
    Doubted,
    /// It is not watched, and it is time. Shown as of its last reading, with the reason; or as out of
    /// date where that reading failed.
    Due(NotWatched),
    /// Its watch lost its place: what happened since is not told any more. Shown as before, and as out
    /// of date with the first hindrance. It is read until it is here.
    Lost,
    /// Its watch said nothing for longer than a living one. Shown as before: the list may prove that
    /// nothing happened. Then the watch is opened again, or is believed no longer.
    Silent(EndedWatch),
    /// Its watch ended at once some times in a row. Shown as out of date. Then it is opened again.
    Short(EndedWatch),
    /// The same twice as often. Shown as before. As soon as the list is here it is not watched.
    Useless(EndedWatch, NotWatched),
    /// Its watch told of more than there can be, and of so many objects. Shown as before.
    Flood { why: String, told: usize },
    /// Opening its watch was refused: whether it may be listed only the list tells. Shown as before.
    Refused { fault: RequestFault, opened: bool },
}

/// What follows a wait.
pub(super) enum Then {
    /// The watch is opened.
    Open,
    /// The list is read.
    Read(ReadReason),
    /// What follows from how the watch ended, as if the list had not been asked.
    Settle(EndedWatch),
}

/// How a list came to be kept, and how far it is here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::cluster) enum Begin {
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
    pub(in crate::cluster) fn is_here(self) -> bool {
        matches!(self, Self::Read | Self::Doubted)
    }
}

/// Why a list is not watched.
pub(super) struct NotWatched {
    pub why: String,
    /// That is how it is meant to be.
    pub usual: bool,
    /// The server refused it: not to be asked for each time.
    pub refused: bool,
}

impl NotWatched {
    /// As it is meant to be.
    pub(super) fn usual(why: &str) -> Self {
        Self { why: why.to_owned(), usual: true, refused: false }
    }

    /// As it should not be, and may soon not be any more.
    pub(super) fn now(why: impl Into<String>) -> Self {
        Self { why: why.into(), usual: false, refused: false }
    }

    /// As it should not be, and will be for some time.
    pub(super) fn long(why: impl Into<String>) -> Self {
        Self { why: why.into(), usual: false, refused: true }
    }

    /// What may not even be listed. Its read says so; once it may, it may be watched too.
    pub(super) fn forbidden() -> Self {
        Self::usual("listing it is forbidden")
    }
}
