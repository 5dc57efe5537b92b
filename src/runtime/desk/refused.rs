//! What is said of orders that were not carried out.

use super::DeskOrder;
use crate::app::event::UserError;
use crate::session::{SessionError, SessionStore};

impl DeskOrder {
    /// Whether somebody did it and waits for it to be on disk.
    pub(super) fn is_act(&self) -> bool {
        matches!(
            self,
            Self::Decide(..)
                | Self::Attest(..)
                | Self::Note(..)
                | Self::Import(_)
                | Self::Bundle(_)
                | Self::Undo
                | Self::Redo
        )
    }

    /// Whether it is meant for the session that was looked at when it was given.
    pub(super) fn is_about_a_session(&self) -> bool {
        self.is_act() || matches!(self, Self::Run(..) | Self::Compare(_) | Self::Departed(..))
    }
}

/// Of an order that was meant for another session than the one that is open by now.
pub(super) fn not_meant(order: &DeskOrder) -> UserError {
    let (what, next) = match order {
        DeskOrder::Run(..) => ("the run was not saved", "run the checks here with r"),
        DeskOrder::Compare(_) => ("not compared", "compare again"),
        DeskOrder::Departed(..) => ("no report", "write it again"),
        DeskOrder::Bundle(_) => ("no bundle", "write it again"),
        _ => ("not saved", "do it here, or go back to the other session from the list (9)"),
    };
    UserError {
        what: what.to_owned(),
        why: "it was meant for the session that was open before".to_owned(),
        next: next.to_owned(),
    }
}

/// Of a run that the session does not have.
pub(super) fn unsaved_run(error: &SessionError) -> UserError {
    let next = match error {
        SessionError::OtherSource { .. } => {
            "begin a new session for it in the list (9); nothing that was saved before is lost"
        }
        _ => "run the checks again with r; nothing that was saved before is lost",
    };
    UserError {
        what: "the run was not saved".to_owned(),
        why: error.to_string(),
        next: next.to_owned(),
    }
}

pub(super) fn explain(error: &SessionError, store: &SessionStore) -> UserError {
    let next = match error {
        SessionError::ReadOnly(_) => "close the other one, or start a new session".to_owned(),
        SessionError::Barred(_) => {
            "make room or give the right to write, or set PLIMSOLL_DATA_DIR to another directory"
                .to_owned()
        }
        SessionError::Nothing(_) => String::new(),
        SessionError::Evidence { .. } => "name a file that exists, or leave it out".to_owned(),
        SessionError::Unknown(_) | SessionError::Ambiguous(_) => {
            "choose one from the list".to_owned()
        }
        _ => format!("look at {}; nothing that was saved before is lost", store.root().display()),
    };
    let what = match error {
        SessionError::Nothing(what) => format!("nothing to {what}"),
        SessionError::Unknown(_)
        | SessionError::Ambiguous(_)
        | SessionError::Format { .. }
        | SessionError::Unborn(_) => "not opened".to_owned(),
        _ => "not saved".to_owned(),
    };
    let why = match error {
        SessionError::Nothing("undo") => {
            "no decision, answer, note or import of this session is left to take back".to_owned()
        }
        SessionError::Nothing(_) => "nothing was taken back last".to_owned(),
        other => other.to_string(),
    };
    UserError { what, why, next }
}
