//! The running workbench: owns the terminal, the state, the source, the session and the clock, and
//! carries out what the state machine asks for.

pub mod bundling;
pub mod cancel;
pub mod clock;
mod desk;
mod face;
mod fleet;
pub mod follow;
pub mod imports;
mod job;
mod judging;
pub mod log;
mod narrowed;
mod patches;
mod preview;
pub mod reports;
mod shell;
pub mod source;
mod tenants;

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::data::ShownContent;
use crate::app::effect::SourceChoice;
use crate::app::event::{ContextInfo, UserError};
use crate::app::keymap::Keymap;
use crate::app::state::WorkbenchSetup;
use crate::assess::Content;
use crate::assess::tenants::Tenant;
use crate::cluster::ConnectOptions;
use crate::config::theme::Themes;
use crate::model::inventory::Inventory;
use crate::session::run::Selection;
use crate::term::Caps;
use crate::triage::Sources;

pub use shell::{context_info, run};

/// Checks, frameworks and what was set about them, as the state machine knows them.
#[must_use]
pub fn shown_content(content: &Content) -> ShownContent {
    ShownContent {
        library: Arc::clone(&content.library),
        frameworks: Arc::clone(&content.frameworks),
        max_import_age: Some(content.max_import_age()),
        params: content.params.clone(),
    }
}

/// Is told what is to be minded while something is read.
pub type Tell = Arc<dyn Fn(&str) + Send + Sync>;

/// Reads objects off the main task; none where they cannot be read: whoever gave it knows why, and the
/// workbench ends. What is to be minded goes to the messages: the screen is up.
pub type ReadObjects = Box<dyn FnOnce(&Tell) -> Option<Inventory> + Send>;

/// Reads the same objects again, off the main task and as often as somebody asks.
pub type ReadAgain = Arc<dyn Fn() -> Result<Inventory, UserError> + Send + Sync>;

/// Where the workbench begins.
pub enum WorkbenchStart {
    /// At the start screen.
    Screen,
    /// With a context or the demo.
    Source(SourceChoice),
    /// With several contexts side by side.
    Fleet(Vec<ContextInfo>),
    /// With objects of files, manifests or a snapshot, called so while they are read.
    Objects {
        /// What they are called until that is known.
        name: String,
        /// Reads them.
        read: ReadObjects,
        /// Reads them again; none where they can be read only once.
        again: Option<ReadAgain>,
    },
}

/// How things look and which keys there are, as files of the user say.
pub struct Appearance {
    /// Every theme by name.
    pub themes: Themes,
    /// The keys; none if their file is broken, and the old ones stay.
    pub keymap: Option<Keymap>,
    /// What is wrong with the files.
    pub problems: Vec<String>,
}

/// Reads themes and keys: cheap, since it is done whenever the terminal gains the focus.
pub type Dress = Box<dyn Fn() -> Appearance + Send>;

/// How the workbench is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FaceChoice {
    /// On a screen.
    Screen {
        /// An answer of the terminal may still come among the keys.
        late: bool,
    },
    /// Line by line.
    Lines,
}

/// Files of the user, read again.
pub struct Reloaded {
    /// Checks and frameworks.
    pub content: Content,
    /// Themes and keys.
    pub appearance: Appearance,
    /// What is said about findings outside the session.
    pub sources: Sources,
    /// Profiles of tenants.
    pub tenants: Vec<Tenant>,
    /// What is wrong with single files.
    pub problems: Vec<String>,
}

/// Reads the files of the user again, or says why that is not possible.
pub type Reload = Box<dyn Fn() -> Result<Reloaded, String> + Send>;

/// What the workbench is started with.
#[allow(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct WorkbenchOptions {
    /// Keys, theme, checks and frameworks as the state machine shows them.
    pub setup: WorkbenchSetup,
    /// Checks and frameworks as they run.
    pub content: Content,
    /// What is wrong with files of the user; shown as messages.
    pub problems: Vec<String>,
    /// What to assess.
    pub selection: Selection,
    /// How to connect.
    pub connect: ConnectOptions,
    /// Names of Secrets may be read.
    pub secret_metadata: bool,
    /// Kubelets may be asked for their configuration.
    pub configz: bool,
    /// Every kind that the server offers is read.
    pub all_kinds: bool,
    /// Where it begins.
    pub start: WorkbenchStart,
    /// Session to resume.
    pub session: Option<String>,
    /// Where sessions are kept.
    pub data: PathBuf,
    /// Under which name decisions are recorded.
    pub user: String,
    /// Reports are written in ASCII alone, as `--ascii` asks for.
    pub ascii_reports: bool,
    /// What the terminal can do.
    pub caps: Caps,
    /// Every theme by name.
    pub themes: Arc<Themes>,
    /// What is said about findings outside the session.
    pub sources: Sources,
    /// Profiles of tenants.
    pub tenants: Vec<Tenant>,
    /// How to read the files of the user again.
    pub reload: Reload,
    /// How to read themes and keys again.
    pub dress: Dress,
    /// What is wrong with themes and keys; stands among the problems too.
    pub ugly: Vec<String>,
    /// How it is shown.
    pub shown: FaceChoice,
    /// The terminal's title says what is assessed.
    pub title: bool,
    /// Keys that were typed before the workbench could take them.
    pub typed: String,
}
