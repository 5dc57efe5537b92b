//! What can happen to the workbench.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::frameworks::fleet::ClusterCard;
use crate::frameworks::tenant::Scorecard;
use crate::frameworks::{FrameworkChange, FrameworkResult, Judgement};
use crate::model::attestation::{Attestation, ControlKey};
use crate::model::comparison::Comparison;
use crate::model::decision::Past;
use crate::model::finding::RunResult;
use crate::model::import::Import;
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::model::managed::Managed;
use crate::model::object::ObjectRef;
use crate::model::trend::Point;
use crate::text::emit::Yaml;
use crate::triage::Brought;

use super::ahead::Counted;
use super::data::Content;
use super::key::Key;
use super::keymap::Keymap;
use super::live::Followed;
use super::pointer::Pointer;
use super::preview::{Asked, Preview};
use super::relations::Related;

/// The time, as whoever drives the workbench knows it. Comes with every event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Now {
    /// Milliseconds of a clock that never goes back; only differences mean anything.
    pub millis: u64,
    /// Seconds since 1970, for dates and ages.
    pub unix: i64,
}

/// Something happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// A key was pressed.
    Key(Key),
    /// Something was pointed at.
    Pointer(Pointer),
    /// A line was typed, in plain mode.
    Line(String),
    /// Text was pasted.
    Paste(String),
    /// The terminal has this many columns and rows.
    Resize(u16, u16),
    /// The terminal gained or lost the focus.
    Focus(bool),
    /// A deadline of [`super::state::State::next_deadline`] has come.
    Tick,
    /// News of the source.
    Source(SourceEvent),
    /// News of a run.
    Run(RunEvent),
    /// News of the session.
    Session(SessionEvent),
    /// The contexts of the kubeconfig, or why there are none.
    Contexts(Result<Vec<ContextInfo>, UserError>),
    /// What the decisions now in force make of what is shown.
    Judged(Box<Standing>),
    /// What files and annotations say about the findings of the run that is shown.
    Brought(Arc<Brought>),
    /// What the checks of the last run come to on the cluster as it is by now.
    Followed(Arc<Followed>),
    /// What is shown of the cluster is so many milliseconds behind it, since judging takes that long; none
    /// when it is no more.
    Behind(Option<u64>),
    /// Something was worked out of these objects.
    Related(Arc<Inventory>, Related),
    /// The scorecards of all tenants.
    Tenants {
        /// The number they were asked for with.
        asked: u64,
        /// One for each profile, or why there are none.
        cards: Result<Vec<Scorecard>, UserError>,
    },
    /// What the frameworks come to in a namespace.
    Narrowed {
        /// The number it was asked for with.
        asked: u64,
        /// The namespace.
        namespace: String,
        /// One for each framework judged.
        results: Vec<FrameworkResult>,
    },
    /// Put these contexts side by side.
    Together(Vec<ContextInfo>),
    /// News of one of the clusters side by side.
    Fleet(FleetEvent),
    /// Other checks and frameworks, after they were read again.
    Content(Arc<Content>),
    /// The theme in use and the names of all themes, after they were read again or one turned out to
    /// be broken.
    Themes {
        /// The one in use.
        theme: String,
        /// All there are, each with what it is for.
        names: Vec<(String, String)>,
    },
    /// Other keys, after they were read again.
    Keys(Box<Keymap>),
    /// Who owns the fields of an object, or why that is not known.
    Managed(ObjectRef, Result<Arc<Vec<Managed>>, String>),
    /// The lines of an object as they stand in its file; none where they cannot be shown.
    Written(ObjectRef, Option<Arc<Yaml>>),
    /// How many findings of something to mend a patch changes.
    Patched {
        /// What would be mended.
        owner: Option<ObjectRef>,
        /// The number of its findings, as it was asked.
        key: u64,
        /// How many.
        count: usize,
    },
    /// What the patches of findings come to, or why that is not known.
    Previewed(Asked, Result<Arc<Preview>, UserError>),
    /// Something that was asked for was done; shown as a toast: `report written to r.html`.
    Done(String),
    /// Something that was asked for could not be done.
    Failed(UserError),
    /// The process should end (SIGTERM, SIGHUP).
    Terminate,
}

/// What the decisions in force make of what the checks came to.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// What it says of the frameworks.
    pub judged: Judgement,
    /// What files and annotations say about the findings; none where that is as it was.
    pub brought: Option<Arc<Brought>>,
    /// What was counted of it ahead, by those decisions.
    pub counted: Option<Counted>,
}

impl From<Judgement> for Box<Standing> {
    fn from(judged: Judgement) -> Self {
        Self::new(Standing { judged, ..Standing::default() })
    }
}

impl From<Vec<FrameworkResult>> for Box<Standing> {
    fn from(frameworks: Vec<FrameworkResult>) -> Self {
        Judgement::from(frameworks).into()
    }
}

/// An error for a person: what went wrong, why, and what to do next.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UserError {
    /// What went wrong.
    pub what: String,
    /// Why, as far as it is known.
    pub why: String,
    /// What to do.
    pub next: String,
}

/// News of the source.
#[derive(Clone, Debug)]
pub enum SourceEvent {
    /// A connection is being made.
    Connecting {
        /// kubeconfig context, or what the source is called.
        context: String,
    },
    /// The connection is there, and this is the name of what it leads to.
    Named {
        /// The context.
        context: String,
    },
    /// Something that connecting does and somebody should know.
    Notice(String),
    /// A program that connecting ran has ended: it may have written to the terminal.
    Ran,
    /// A list is under way.
    Progress {
        /// `apps/v1/deployments`.
        resource: String,
        /// Objects so far.
        items: usize,
    },
    /// Objects and reads. While lists are under way these are only the first ones.
    Loaded {
        /// What is there.
        inventory: Arc<Inventory>,
        /// Whether every list that was asked for has come to an end.
        complete: bool,
    },
    /// What was read of files is being read again; until it is here, all stays as it was.
    Again,
    /// Files say something else than when the run that is shown looked at them.
    Newer,
    /// It could not be read again. What was read before is still there.
    NotReadAgain(UserError),
    /// Changes are watched as they happen.
    Live,
    /// Watching is not possible; the data is as of the last listing.
    NotWatched {
        /// Why: `watch is forbidden`.
        reason: String,
    },
    /// The connection is lost. What is there stays.
    Stale {
        /// Since when, in seconds since 1970.
        since: i64,
        /// Why.
        reason: String,
        /// When the next try comes, in milliseconds of [`Now::millis`].
        retry_at: Option<u64>,
    },
    /// The source could not be read at all.
    Failed(UserError),
}

/// A run of the session that was recorded earlier.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SavedRun {
    /// Its number within the session, from 1.
    pub number: u32,
    /// When it ended, in seconds since 1970.
    pub finished: i64,
    /// The namespaces that it looked at; empty for all of them.
    pub namespaces: Vec<String>,
}

/// News of a run.
#[derive(Clone, Debug)]
pub enum RunEvent {
    /// It began.
    Started {
        /// Number of the run; events of older runs are dropped.
        id: u64,
        /// How many units of work there are.
        total: usize,
    },
    /// It goes on.
    Progress {
        /// Number of the run.
        id: u64,
        /// Units done.
        done: usize,
        /// Units in all.
        total: usize,
    },
    /// It is over.
    Finished {
        /// Number of the run.
        id: u64,
        /// What it came to.
        result: Arc<RunResult>,
        /// What the decisions in force make of it.
        judged: Box<Standing>,
        /// How long it took, in milliseconds.
        millis: u64,
    },
    /// A session was taken up again, and this is its last run.
    Resumed {
        /// Number of what is shown, as of a run.
        id: u64,
        /// What it came to.
        result: Arc<RunResult>,
        /// What the decisions in force make of it.
        judged: Box<Standing>,
        /// Which run of the session it is.
        saved: SavedRun,
    },
    /// What was shown of the cluster since the last run became a run of its own.
    Recorded {
        /// Its number.
        id: u64,
        /// What it came to.
        result: Arc<RunResult>,
        /// What the decisions in force make of it.
        judged: Box<Standing>,
    },
    /// It was cancelled.
    Cancelled {
        /// Number of the run.
        id: u64,
    },
    /// It could not be done.
    Failed {
        /// Number of the run.
        id: u64,
        /// Why.
        error: UserError,
    },
}

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
        trend: Vec<Point>,
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
        changes: Vec<(Arc<str>, Arc<Past>)>,
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
        trend: Vec<Point>,
    },
    /// What the run that was just saved settled by itself: findings that are fixed or back.
    Settled {
        /// What changed, by fingerprint.
        changes: Vec<(Arc<str>, Arc<Past>)>,
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

/// News of one of several clusters.
#[derive(Clone, Debug)]
pub struct FleetEvent {
    /// Its context.
    pub name: String,
    /// The number of the order that they are an answer to.
    pub asked: u64,
    /// What happened.
    pub news: FleetNews,
}

/// What happened to one of several clusters.
#[derive(Clone, Debug)]
pub enum FleetNews {
    /// It answers, and others are read first.
    Waiting,
    /// A connection is being made.
    Connecting,
    /// Lists are under way.
    Reading {
        /// Lists that are done.
        done: usize,
        /// Lists planned so far.
        planned: usize,
    },
    /// Its checks run.
    Judging,
    /// It was judged.
    Judged(Box<ClusterCard>),
    /// It could not be read.
    Failed(UserError),
}

/// A context of the kubeconfig.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ContextInfo {
    /// Its name.
    pub name: String,
    /// The cluster's server.
    pub server: String,
    /// The user it signs in as.
    pub user: String,
    /// Its default namespace.
    pub namespace: String,
    /// The program that is run for its credentials, with its arguments; empty for none.
    pub plugin: String,
    /// Whether it is the current one.
    pub current: bool,
}
