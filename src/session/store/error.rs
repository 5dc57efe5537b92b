//! Why a session could not be opened or written, and what to do.

use std::path::Path;

use super::super::SCHEMA;
use super::super::journal::JournalError;

/// Why a session could not be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// No session has this id or begins with it.
    #[error("no session `{0}`; `plimsoll sessions list` shows them")]
    Unknown(String),
    /// There are sessions, and none of them can be opened.
    #[error("no session can be opened; {id}: {why}")]
    NoneOpens {
        /// One of them.
        id: String,
        /// Why it cannot.
        why: String,
    },
    /// Several begin with it.
    #[error("several sessions begin with `{0}`: give more of the id")]
    Ambiguous(String),
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Another file of it cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// It was written by a version that this one does not understand.
    #[error(
        "session {id} has format `{schema}`; this version reads `{SCHEMA}`; {}",
        advice(schema)
    )]
    Format {
        /// The session.
        id: String,
        /// Its format.
        schema: String,
    },
    /// It was begun, and nothing was saved before the process ended.
    #[error(
        "session {0} was never begun: nothing was saved in it; `plimsoll sessions rm` removes it"
    )]
    Unborn(String),
    /// Somebody else holds it.
    #[error("the session is open in another process ({0}); nothing can be saved from here")]
    ReadOnly(String),
    /// Nobody holds it, and it takes nothing: which directory, and why.
    #[error("{0}; nothing can be saved in it")]
    Barred(String),
    /// It was opened to be read, and nobody else has it either.
    #[error("the session was opened to be read; nothing can be saved from here")]
    ToRead,
    /// One of its runs was named where the whole session is meant.
    #[error("`{given}` names one run, and this is about the whole session: write `{session}`")]
    OneRun {
        /// As it was named.
        given: String,
        /// The session by itself.
        session: String,
    },
    /// A run is of something else than the session.
    #[error("session {id} assesses {known}, and this is {given}")]
    OtherSource {
        /// The session.
        id: String,
        /// What it assesses.
        known: String,
        /// What the run is of.
        given: String,
    },
    /// Nothing was run in it.
    #[error("session {0} has no run yet; resume it and press r, or scan with --session")]
    NoRun(String),
    /// It has no such import, or it was taken back.
    #[error("session {id} has no import {import} that counts; `plimsoll sessions show` lists them")]
    NoImport {
        /// The session.
        id: String,
        /// As it was named.
        import: String,
    },
    /// A file that an answer rests on cannot be read.
    #[error("the evidence {path} cannot be read: {source}")]
    Evidence {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// There is nothing to take back or do again.
    #[error("nothing to {0}")]
    Nothing(&'static str),
}

fn advice(schema: &str) -> &'static str {
    let number = |s: &str| s.rsplit_once("/v").and_then(|(_, n)| n.parse::<u32>().ok());
    match (number(schema), number(SCHEMA)) {
        (Some(theirs), Some(ours)) if theirs > ours => {
            "a newer version of Plimsoll wrote it, and can open it"
        }
        _ => "an older version of Plimsoll wrote it, and can open it",
    }
}

/// What the system says of a file.
pub(in crate::session) fn io(path: &Path, source: std::io::Error) -> SessionError {
    SessionError::Io { path: path.display().to_string(), source }
}
