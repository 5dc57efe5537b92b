//! The running workbench: owns the terminal, the state, the source, the session and the clock, and
//! carries out what the state machine asks for.

mod clock;
mod desk;
mod job;
mod reports;
mod shell;
mod source;

use std::path::PathBuf;
use std::sync::Arc;

use crate::app::effect::SourceChoice;
use crate::app::state::Setup;
use crate::assess::Content;
use crate::cluster::ConnectOptions;
use crate::model::inventory::Inventory;
use crate::session::run::Selection;
use crate::term::Caps;

pub use shell::run;

/// Where the workbench begins.
#[derive(Debug)]
pub enum Start {
    /// At the start screen, with these words of why if a source could not be taken.
    Screen,
    /// With a context or the demo.
    Source(SourceChoice),
    /// With objects that were read already: manifests or a snapshot.
    Objects(Box<Inventory>),
}

/// What the workbench is started with.
#[derive(Debug)]
pub struct Options {
    /// Keys, theme, checks and frameworks as the state machine shows them.
    pub setup: Setup,
    /// Checks and frameworks as they run.
    pub content: Content,
    /// What to assess.
    pub selection: Selection,
    /// How to connect.
    pub connect: ConnectOptions,
    /// Names of Secrets may be read.
    pub secret_metadata: bool,
    /// Where it begins.
    pub start: Start,
    /// Session to resume.
    pub session: Option<String>,
    /// Where sessions are kept.
    pub data: PathBuf,
    /// Under which name decisions are recorded.
    pub user: String,
    /// What the terminal can do.
    pub caps: Caps,
    /// Every theme by name.
    pub themes: Arc<crate::config::theme::Themes>,
}
