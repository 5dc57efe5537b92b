//! Everything the workbench knows.

mod neighbours;
mod session;
mod source;

use std::sync::Arc;

use crate::config::context::Badge;
use crate::frameworks::FrameworkChange;
use crate::model::comparison::Comparison;
use crate::model::decision::DecisionState;
use crate::model::finding::Finding;

use super::data::{Data, ShownContent};
use super::dialog::{FormDraft, Popup};
use super::event::{ContextInfo, Now, SavedRun, SessionInfo, UserError};
use super::fleet::FleetState;
use super::item::Item;
use super::keymap::{KeyMode, Keymap};
use super::linear::Linear;
use super::live::HeldChanges;
use super::managers::Managers;
use super::nav::Nav;
use super::preview::PreviewState;
use super::route::{Screen, View};
use super::toast::Messages;
use super::written::FileText;

pub use session::{RunState, SessionState};
pub use source::{FilesAgain, SourceState, SourceStatus};

/// The words for no namespace in particular.
pub const EVERYWHERE: &str = "all namespaces";

/// How things look, as far as the state machine must know.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct LookState {
    /// Name of the theme.
    pub theme: String,
    /// Names of all themes, each with what it is for.
    pub themes: Vec<(String, String)>,
    /// Only ASCII in chrome and signs.
    pub ascii: bool,
    /// Clicks and the wheel are ours rather than the terminal's.
    pub mouse: bool,
    /// Addresses are links.
    pub links: bool,
    /// Clusters that stand out, by context or pattern.
    pub badges: Vec<(String, Badge)>,
    /// Told in lines rather than drawn: nothing opens that nobody asked for.
    pub plain: bool,
}

/// What was looked for at the start, whether or not there was any.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LookedFor {
    /// Contexts of the kubeconfig.
    pub(super) contexts: bool,
    /// Sessions that were saved.
    pub(super) sessions: bool,
}

impl LookedFor {
    fn is_all(self) -> bool {
        self.contexts && self.sessions
    }
}

/// What a workbench begins with.
#[derive(Clone, Debug, Default)]
pub struct WorkbenchSetup {
    /// Checks and frameworks.
    pub content: Arc<ShownContent>,
    /// The keys.
    pub keymap: Keymap,
    /// How things look.
    pub look: LookState,
    /// Begin at the start screen rather than at the overview.
    pub start: bool,
    /// Who sits here: the reviewer that is offered.
    pub user: String,
    /// The namespaces that the command line names; empty for all of them.
    pub namespaces: Vec<String>,
    /// Namespaces that digits choose, in their order.
    pub favourites: Vec<String>,
}

/// Everything the workbench knows. Changed only by [`State::update`].
#[derive(Clone, Debug)]
pub struct State {
    /// The time of the last event.
    pub now: Now,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
    /// The terminal has the focus.
    pub focused: bool,
    /// What is shown.
    pub data: Data,
    /// The source.
    pub source: SourceState,
    /// The run under way.
    pub run: Option<RunState>,
    /// How long the last run took, in milliseconds.
    pub last_run: Option<u64>,
    /// The run of the session that is shown since it was taken up again; none once something was run.
    pub resumed: Option<SavedRun>,
    /// The namespaces that runs of everything look at; empty for all of them.
    pub namespaces: Vec<String>,
    /// The session.
    pub session: SessionState,
    /// Contexts of the kubeconfig.
    pub contexts: Vec<Arc<ContextInfo>>,
    /// Why there are none.
    pub no_contexts: Option<UserError>,
    /// Saved sessions.
    pub sessions: Vec<Arc<SessionInfo>>,
    /// The last comparison of two runs.
    pub comparison: Option<Arc<Comparison>>,
    /// What became of the controls in it, by framework.
    pub compared_controls: Arc<[FrameworkChange]>,
    /// Several clusters side by side.
    pub fleet: FleetState,
    /// Messages.
    pub messages: Messages,
    /// The keys.
    pub keymap: Keymap,
    /// How things look.
    pub look: LookState,
    /// Where the workbench is.
    pub nav: Nav,
    /// What lies over the screen, the last one on top.
    pub popups: Vec<Popup>,
    /// What was typed in the form that was left, or handed in, last.
    pub(super) draft: Option<FormDraft>,
    /// Who owns the fields of the object that was looked at last.
    pub managers: Option<Managers>,
    /// The text of the object that was looked at last, as it stands in its file.
    pub written: Option<FileText>,
    /// What a patch would come to, as it was asked for last.
    pub preview: Option<PreviewState>,
    /// Objects and findings stay as they are on the screen, whatever changes.
    pub frozen: bool,
    /// What changed meanwhile, or while a dialog is open.
    pub waiting: HeldChanges,
    /// Who sits here.
    pub user: String,
    /// Namespaces that digits choose: those that the user named, and those chosen last.
    pub favourites: Vec<String>,
    /// What a line that was typed asked to be told, in plain mode.
    pub linear: Linear,
    /// Grows with every step of a preview.
    pub(super) foreseen: u64,
    /// Grows when contexts or sessions change.
    pub(super) lists: u64,
    /// Contexts were looked for, and saved sessions.
    pub(super) looked_for: LookedFor,
    /// Other clusters were offered because this one cannot be read.
    pub(super) offered: bool,
    /// When Ctrl-C was last pressed.
    pub(super) interrupted: Option<u64>,
}

/// The smallest terminal that can be worked in: columns and rows.
pub const FLOOR: (u16, u16) = (40, 10);

impl State {
    /// Whether the terminal is too small for anything to be seen.
    #[must_use]
    pub fn is_too_small(&self) -> bool {
        self.size.0 < FLOOR.0 || self.size.1 < FLOOR.1
    }

    /// A workbench as it begins.
    #[must_use]
    pub fn new(setup: WorkbenchSetup, now: Now) -> Self {
        let view = if setup.start { View::Start } else { View::Overview };
        let mut state = Self {
            now,
            size: (80, 24),
            focused: true,
            data: Data { content: setup.content, today: today(now), ..Data::default() },
            source: SourceState::default(),
            run: None,
            last_run: None,
            resumed: None,
            namespaces: setup.namespaces,
            session: SessionState::default(),
            contexts: Vec::new(),
            no_contexts: None,
            sessions: Vec::new(),
            comparison: None,
            compared_controls: Arc::new([]),
            fleet: FleetState::default(),
            messages: Messages::default(),
            keymap: setup.keymap.for_lines(setup.look.plain),
            look: setup.look,
            nav: Nav::new(view),
            popups: Vec::new(),
            draft: None,
            managers: None,
            written: None,
            preview: None,
            frozen: false,
            waiting: HeldChanges::default(),
            user: setup.user,
            favourites: setup.favourites,
            linear: Linear::default(),
            foreseen: 0,
            lists: 0,
            looked_for: LookedFor::default(),
            offered: false,
            interrupted: None,
        };
        state.data.recount();
        state.sync();
        state
    }

    /// Whether the start screen still waits for what it offers.
    #[must_use]
    pub fn is_beginning(&self) -> bool {
        self.nav.top().screen == Screen::Start && !self.looked_for.is_all()
    }

    /// The row of the start screen that the cursor stands on until somebody moves it: the session written
    /// last that nobody else has open; where there is none, the current context.
    pub(super) fn first_choice(&self) -> Option<u64> {
        let free = |s: &&Arc<SessionInfo>| s.holder.is_none() && s.problem.is_none();
        let session = self.sessions.iter().find(free).map(|s| Item::Session(Arc::clone(s)));
        let current = || self.contexts.iter().find(|c| c.current);
        session.or_else(|| current().map(|c| Item::Context(Arc::clone(c)))).map(|item| item.id())
    }

    /// What keys mean now.
    #[must_use]
    pub fn mode(&self) -> KeyMode {
        if self.popups.is_empty() { self.nav.top().mode() } else { KeyMode::Popup }
    }

    /// When something that is shown changes by itself, in milliseconds of [`Now::millis`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        let second = self.now.millis - self.now.millis % 1_000 + 1_000;
        let counts = self.run.is_some() || self.data.live.behind.is_some();
        let running = (counts && self.focused).then_some(second);
        let retrying = match &self.source.status {
            // Its age grows, and what is waited for comes nearer.
            SourceStatus::Stale(lost) if lost.retry_at.is_some() && self.focused => Some(second),
            SourceStatus::Connecting if self.focused && self.source.told.is_some() => Some(second),
            SourceStatus::Stale(_) if self.focused => Some(second + 59_000),
            _ => None,
        };
        let shown = self.messages.deadline(self.now);
        // A deadline that is over waits for a message that is shown to go.
        let flips = self.data.live.deadline().filter(|at| *at > self.now.millis);
        // A filter goes on as soon as nobody types.
        let sifting = self.nav.top().list.is_sifting().then_some(self.now.millis);
        [shown, running, retrying, flips, sifting].into_iter().flatten().min()
    }

    /// Of which namespaces the frameworks are judged, where that is more than the one that was chosen:
    /// [`EVERYWHERE`]. Scores, statuses and what could not be assessed are those of the run, whatever
    /// the screen is narrowed to.
    #[must_use]
    pub fn judged_wider(&self) -> Option<String> {
        let here = self.data.namespace.as_ref()?;
        self.data.result.as_ref()?;
        let all = self.resumed.as_ref().map_or(&self.namespaces, |run| &run.namespaces);
        match all.as_slice() {
            [] => Some(EVERYWHERE.to_owned()),
            [only] if only == here => None,
            some => Some(some.join(", ")),
        }
    }

    /// The namespaces that are shown, in words: the chosen one, those that the command line named, or all.
    #[must_use]
    pub fn place(&self) -> String {
        // A snapshot may hold less than the cluster has.
        let held = &self.data.inventory.source.namespaces;
        let asked = if self.namespaces.is_empty() { held } else { &self.namespaces };
        match (&self.data.namespace, asked.as_slice()) {
            (Some(one), _) => one.clone(),
            (None, []) => EVERYWHERE.to_owned(),
            (None, some @ ([_] | [_, _])) => some.join(", "),
            (None, many) => format!("{} namespaces", many.len()),
        }
    }

    /// The decision in force on a finding.
    #[must_use]
    pub fn decision(&self, finding: &Finding) -> DecisionState {
        self.data.state_of(&finding.fingerprint)
    }
}

/// The date of a moment, RFC 3339, in UTC.
pub(super) fn today(now: Now) -> String {
    jiff::Timestamp::from_second(now.unix)
        .map(|time| time.to_zoned(jiff::tz::TimeZone::UTC).date().to_string())
        .unwrap_or_default()
}
