//! What becomes of the session, and the sessions that are saved.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::UserError;
use crate::frameworks::FrameworkChange;
use crate::model::attestation::{Attestation, ControlKey};
use crate::model::comparison::Comparison;
use crate::model::decision::PastDecision;
use crate::model::import::Import;
use crate::model::ledger::Ledger;
use crate::model::trend::TrendPoint;

/// A saved session, as the list shows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SessionInfo {
    /// The id it is opened by.
    pub id: String,
    /// What a person calls it.
    pub title: String,
    /// What it assesses: a context, or the name of a file.
    pub source: String,
    /// When it was begun, in seconds since 1970.
    pub created: i64,
    /// When something was last written, in seconds since 1970.
    pub updated: i64,
    /// How many runs it has.
    pub runs: usize,
    /// How many findings that count were open on the day of the last run; of a run of an earlier
    /// version, all of them.
    pub findings: usize,
    /// How many decisions were made.
    pub decisions: usize,
    /// Who has it open at the moment.
    pub holder: Option<String>,
    /// Why it cannot be opened, if so.
    pub problem: Option<String>,
}

/// News of the session.
#[derive(Clone, Debug)]
pub enum SessionEvent {
    /// It is open.
    Opened {
        /// Which.
        info: SessionInfo,
        /// Decisions with their history, answers, imports.
        ledger: Arc<Ledger>,
        /// The notes, by fingerprint, oldest first.
        notes: Vec<(String, String)>,
        /// Its runs that looked at the same part of the same thing as the last one.
        trend: Vec<TrendPoint>,
    },
    /// It was left; the next thing to save begins another one.
    Closed,
    /// Somebody else has it: nothing can be saved.
    ReadOnly {
        /// Who: `pid 4711 on host-a`.
        holder: String,
    },
    /// Nobody has it, and nothing can be saved in it.
    Barred {
        /// Which directory takes nothing, and why.
        why: String,
    },
    /// Decisions are on disk.
    Decided {
        /// What changed, by fingerprint.
        changes: Vec<(Arc<str>, Arc<PastDecision>)>,
        /// What was done, for the toast: `accepted 3 findings`.
        what: String,
    },
    /// Answers are on disk.
    Attested {
        /// To which controls, and the answers now in force; none where it was withdrawn.
        answers: Vec<(ControlKey, Option<Attestation>)>,
        /// What was done, for the toast.
        what: String,
    },
    /// Results of other tools are on disk.
    Imported {
        /// The results, file by file.
        imports: Vec<Import>,
        /// What was done, for the toast: `imported 42 results of kube-bench`.
        what: String,
    },
    /// What was imported is another set by now: something was taken back, or done again.
    Imports {
        /// All that counts.
        imports: Vec<Import>,
        /// What was done, for the toast.
        what: String,
    },
    /// A note is on disk.
    Noted {
        /// On which findings.
        fingerprints: Vec<String>,
        /// Its text; none when an undo took the last one away.
        text: Option<String>,
    },
    /// What somebody did is on disk, or was refused: what came of it was told before.
    Carried,
    /// What is left to turn back to and fro.
    Turns {
        /// Something can be taken back.
        back: bool,
        /// Something that was taken back can be done again.
        again: bool,
    },
    /// A run is on disk.
    RunSaved {
        /// Its number within the session.
        number: u32,
        /// The runs of the session that looked at the same part of the same thing, with it.
        trend: Vec<TrendPoint>,
    },
    /// What the run that was just saved settled by itself: findings that are fixed or back.
    Settled {
        /// What changed, by fingerprint.
        changes: Vec<(Arc<str>, Arc<PastDecision>)>,
        /// What was settled, for the toast.
        what: String,
    },
    /// Findings go by another name since the run that was just saved, by the name before: an
    /// earlier version gave it.
    Renamed(BTreeMap<String, String>),
    /// Two runs were compared: their findings, and their controls by framework.
    Compared(Arc<Comparison>, Arc<[FrameworkChange]>),
    /// The saved sessions.
    List(Vec<SessionInfo>),
    /// Something could not be saved or opened.
    Failed(UserError),
}
