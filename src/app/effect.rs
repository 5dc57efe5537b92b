//! What the workbench wants done. Whoever drives it does it and answers with events.

use std::sync::Arc;

use crate::model::attestation::{Attestation, ControlKey};
use crate::model::decision::Decision;
use crate::model::inventory::Inventory;
use crate::model::object::ObjectRef;
use crate::report::Format;

use super::live::Followed;
use super::patches::Patching;
use super::preview::PreviewRequest;
use super::relations::Relation;

/// Something to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// End.
    Quit,
    /// Paint everything anew.
    Redraw,
    /// Give the terminal back to the shell until it continues us.
    Suspend,
    /// Read the contexts of the kubeconfig.
    LoadContexts,
    /// Read the list of saved sessions.
    LoadSessions,
    /// Read another source.
    Connect(SourceChoice),
    /// Read the source again.
    Refresh,
    /// Judge and show only this namespace; none for all of them.
    SetNamespace(Option<String>),
    /// Run checks.
    Run(RunRequest),
    /// Stop the run.
    CancelRun,
    /// Work out the scorecards of all tenants from what was judged last, and answer with this number.
    Tenants(u64),
    /// Work out what the frameworks come to in a namespace of what was judged last.
    Narrow {
        /// The number to answer with.
        asked: u64,
        /// The namespace.
        namespace: String,
    },
    /// Read several clusters, or let them go.
    Fleet(FleetOrder),
    /// Decide about findings and save it.
    Decide {
        /// Of which findings.
        fingerprints: Vec<String>,
        /// What.
        decision: Decision,
    },
    /// Answer controls and save it; none withdraws an answer.
    Attest {
        /// Which controls, and the answer to each.
        answers: Vec<(ControlKey, Option<Attestation>)>,
        /// A file that the answers rest on: its hash is kept with them.
        file: Option<String>,
    },
    /// Add a note to each of these findings and save it.
    Note {
        /// Of which findings.
        fingerprints: Vec<String>,
        /// The note.
        text: String,
    },
    /// Bring results of other tools into the session, all of them or none: the path of a file, or
    /// several with spaces between.
    Import(String),
    /// Ask the cluster who owns the fields of an object.
    AskManagers(ObjectRef),
    /// Read the lines of an object from its file.
    ReadText(ObjectRef),
    /// Count for each thing to mend how many of its findings a patch changes.
    CountPatches(Vec<Patching>),
    /// Work out what the patches of findings come to; what is worked out already is let go.
    Preview(PreviewRequest),
    /// Let go what is being worked out.
    CancelPreview,
    /// Take the last decision or note back.
    Undo,
    /// Do again what was taken back.
    Redo,
    /// Open a saved session.
    ResumeSession(String),
    /// Begin a new session.
    NewSession,
    /// Compare the last run of the session with another one.
    Compare(CompareWith),
    /// Write a report of the session to a file that does not exist yet.
    WriteReport {
        /// In which format.
        format: Format,
        /// The file, or the directory that it goes to; empty for where the workbench was started.
        to: String,
    },
    /// Write the session with its reports into one signed file that does not exist yet.
    WriteBundle {
        /// The file, or the directory that it goes to; empty for where the workbench was started.
        to: String,
    },
    /// Put a text on the clipboard.
    Copy(String),
    /// Show a text in the user's pager or editor, on a copy that is thrown away.
    View {
        /// What is shown.
        text: String,
        /// Line to start on, from 1.
        line: usize,
        /// Ending of the file's name: `yaml`.
        extension: &'static str,
        /// The editor rather than the pager.
        editor: bool,
    },
    /// Open a file of the user in the editor, at a line from 1.
    Edit {
        /// Its path.
        file: Arc<str>,
        /// The line.
        line: usize,
    },
    /// Use another theme from now on.
    SetTheme(String),
    /// Take the mouse, or give it back to the terminal.
    Mouse(bool),
    /// Read the configuration again.
    Reload,
    /// From now on this is on the screen instead of the last run.
    Followed(ByIdentity<Followed>),
    /// Work out what the objects say together.
    Relate(Relation, ByIdentity<Inventory>),
}

impl Effect {
    /// Whether it is something that can be taken back.
    #[must_use]
    pub fn decides(&self) -> bool {
        matches!(
            self,
            Self::Decide { .. } | Self::Attest { .. } | Self::Note { .. } | Self::Undo | Self::Redo
        )
    }

    /// Whether it is done to the session, so that somebody waits for it to be on disk.
    #[must_use]
    pub fn is_act(&self) -> bool {
        matches!(
            self,
            Self::Decide { .. }
                | Self::Attest { .. }
                | Self::Note { .. }
                | Self::Import(_)
                | Self::WriteBundle { .. }
                | Self::Undo
                | Self::Redo
        )
    }
}

/// Something large that an effect is about. Two are equal when they are the same one.
#[derive(Debug)]
pub struct ByIdentity<T>(pub Arc<T>);

impl<T> Clone for ByIdentity<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> PartialEq for ByIdentity<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl<T> Eq for ByIdentity<T> {}

/// What becomes of clusters side by side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FleetOrder {
    /// Read and judge these contexts, a few at a time; news carry the number.
    Read {
        /// The contexts.
        names: Vec<String>,
        /// The number.
        asked: u64,
    },
    /// Let these go.
    Stop(Vec<String>),
}

/// What to compare the last run of the open session with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompareWith {
    /// The run before it in the same session.
    PreviousRun,
    /// The last run of another session, by its id.
    Session(String),
}

/// Which source to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SourceChoice {
    /// A context of the kubeconfig.
    Context(String),
    /// The cluster built into the program.
    Demo,
}

/// Which checks to run on what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunRequest {
    /// Which checks.
    pub what: RunWhat,
    /// On what.
    pub place: RunPlace,
}

/// Which checks to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunWhat {
    /// Everything: every check of form rule and every framework that fits.
    Everything,
    /// What these frameworks rest on.
    Frameworks(Vec<String>),
    /// What these controls of one framework rest on.
    Controls {
        /// Id of the framework.
        framework: String,
        /// Ids of the controls.
        controls: Vec<String>,
    },
    /// These checks.
    Checks(Vec<Arc<str>>),
}

/// What a run looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunPlace {
    /// The scope of the workbench.
    Scope,
    /// One namespace.
    Namespace(String),
    /// One object.
    Object(ObjectRef),
}
