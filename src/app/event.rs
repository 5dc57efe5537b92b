//! What can happen to the workbench.

mod fleet;
mod run;
mod session;
mod source;

use std::sync::Arc;

use crate::frameworks::tenant::Scorecard;
use crate::frameworks::{FrameworkResult, Judgement};
use crate::model::inventory::Inventory;
use crate::model::managed::Managed;
use crate::model::object::ObjectRef;
use crate::text::emit::Yaml;
use crate::triage::Brought;

use super::ahead::CountedAhead;
use super::data::ShownContent;
use super::key::Key;
use super::keymap::Keymap;
use super::live::Followed;
use super::pointer::Pointer;
use super::preview::{Preview, PreviewRequest};
use super::relations::Related;

pub use fleet::{ClusterStep, FleetEvent, FleetNews};
pub use run::{RunEvent, SavedRun};
pub use session::{SessionEvent, SessionInfo};
pub use source::{ContextInfo, LostConnection, SourceEvent};

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
    Judged(Box<RunStanding>),
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
    Content(Arc<ShownContent>),
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
    Previewed(PreviewRequest, Result<Arc<Preview>, UserError>),
    /// Something that was asked for was done; shown as a toast: `report written to r.html`.
    Done(String),
    /// Something that was asked for could not be done.
    Failed(UserError),
    /// The process should end (SIGTERM, SIGHUP).
    Terminate,
}

/// What the decisions in force make of what the checks came to.
#[derive(Clone, Debug, Default)]
pub struct RunStanding {
    /// What it says of the frameworks.
    pub judged: Judgement,
    /// What files and annotations say about the findings; none where that is as it was.
    pub brought: Option<Arc<Brought>>,
    /// What was counted of it ahead, by those decisions.
    pub counted: Option<CountedAhead>,
}

impl From<Judgement> for Box<RunStanding> {
    fn from(judged: Judgement) -> Self {
        Self::new(RunStanding { judged, ..RunStanding::default() })
    }
}

impl From<Vec<FrameworkResult>> for Box<RunStanding> {
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
