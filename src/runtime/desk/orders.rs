//! What the desk is asked to do, and what it has to say.

use std::sync::Arc;

use crate::app::effect::CompareWith;
use crate::app::event::Event;
use crate::model::attestation::{Attestation, ControlKey};
use crate::model::decision::Decision;
use crate::model::finding::Finding;
use crate::model::inventory::SourceInfo;
use crate::model::trend::FrameworkScore;
use crate::report::Format;
use crate::session::RunRecord;

/// What the desk is asked to do.
pub enum DeskOrder {
    /// Open a saved session.
    Open(String),
    /// Close the session; the next thing to save begins a new one about this source.
    Leave(Box<SourceInfo>),
    /// Save decisions.
    Decide(Vec<String>, Decision),
    /// Save answers to controls, with a file that they rest on; none withdraws an answer.
    Attest(Vec<(ControlKey, Option<Attestation>)>, Option<String>),
    /// Save a note on each of these findings.
    Note(Vec<String>, String),
    /// Bring in files of other tools' results.
    Import(String),
    /// Take the last act back.
    Undo,
    /// Do it again.
    Redo,
    /// Save a run with its scores.
    Run(Arc<RunRecord>, Vec<FrameworkScore>),
    /// Compare the last run of the open session.
    Compare(CompareWith),
    /// Tell which findings of earlier runs of the open session are fixed, for a report in this format.
    Departed(Format, String),
    /// Write the open session into one signed file.
    Bundle(BundleOrder),
    /// List saved sessions.
    List,
}

/// Where the bundle of the open session goes.
pub struct BundleOrder {
    /// The file or directory that was typed.
    pub to: String,
    /// Its usual name.
    pub stem: String,
    /// What the user calls the cluster.
    pub environment: Option<String>,
}

/// News for the shell.
pub enum DeskNews {
    /// For the state machine.
    Event(Event),
    /// A session was opened.
    Resumed(Box<ResumedSession>),
    /// Findings of earlier runs that are fixed, for a report.
    Departed(Format, String, Vec<Arc<Finding>>),
}

/// A session that was opened.
pub struct ResumedSession {
    /// By which the desk knows that whoever hears it looks at this session; see [`super::Desk::turned`].
    pub epoch: u64,
    /// What it is about.
    pub source: SourceInfo,
    /// Its last run.
    pub run: Option<RunRecord>,
}
