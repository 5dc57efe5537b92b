//! Where the workbench is: a screen with its list, its text and its place in them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::checks::Remedy;
use crate::checks::remedy::DiffLine;
use crate::model::kinds::Kind;
use crate::model::object::ObjectRef;
use crate::model::path::FieldPath;

use super::access::AccessPage;
use super::exceptions::Exception;
use super::fleet::FleetPage;
use super::grid::Grid;
use super::input::TextInput;
use super::keymap::KeyMode;
use super::list::List;
use super::network::NetworkPage;
use super::pane::Pane;
use super::preview::PreviewRequest;
pub use super::textview::{TextSearch, TextView};
pub use super::view::View;

/// A screen, with what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Ways to begin.
    Start,
    /// The overview.
    Overview,
    /// Kinds of objects.
    Kinds,
    /// The objects of one kind.
    Objects(Kind),
    /// One object.
    Object(ObjectRef),
    /// All frameworks.
    Frameworks,
    /// One framework's controls.
    Framework(Arc<str>),
    /// One control.
    Control {
        /// Of which framework.
        framework: Arc<str>,
        /// Its number.
        id: Arc<str>,
    },
    /// Findings.
    Findings(Subset),
    /// One finding, by fingerprint.
    Finding(Arc<str>),
    /// What the patches of findings come to.
    Preview(PreviewRequest),
    /// All checks.
    Checks,
    /// One check.
    Check(Arc<str>),
    /// The matrix of a framework of attack techniques; none is the first that was judged.
    Matrix(Option<Arc<str>>),
    /// The frameworks judged, namespace by namespace.
    Heat,
    /// Tenants and what each comes to.
    Tenants,
    /// One tenant, by the name of its profile.
    Tenant(Arc<str>),
    /// Several clusters side by side.
    Fleet(FleetPage),
    /// Who may do what.
    Access(AccessPage),
    /// Who is isolated and who reaches whom.
    Network(NetworkPage),
    /// What was read and what could not be.
    Coverage,
    /// One reason why something is unknown, by its sentence.
    Gap(Arc<str>),
    /// Saved sessions.
    Sessions,
    /// Two runs compared.
    Comparison,
    /// Messages of this sitting.
    Messages,
    /// What waits for a person: exceptions and questions.
    Review,
}

/// Which findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subset {
    /// All that are shown.
    All,
    /// Those in a namespace; the empty one is the cluster.
    Namespace(Arc<str>),
    /// Those of checks of a theme.
    Theme(Arc<str>),
    /// Those of one owner; none is the cluster itself.
    Owner(Option<ObjectRef>),
    /// Those in a namespace, or about it, that decide controls of a framework.
    Home {
        /// The namespace; the empty one is the cluster.
        namespace: Arc<str>,
        /// Id of the framework; none for findings of any check.
        framework: Option<Arc<str>>,
    },
    /// Those of a tenant.
    Tenant {
        /// Name of its profile.
        name: Arc<str>,
        /// Its namespaces.
        namespaces: Arc<BTreeSet<String>>,
        /// Id of the framework of which they decide controls; none for findings of any check.
        framework: Option<Arc<str>>,
    },
    /// Those that an exception covers.
    Covered {
        /// The exception, by the identity of its row.
        id: u64,
        /// What the exception is about, in words.
        label: Arc<str>,
        /// Their fingerprints.
        prints: Arc<BTreeSet<String>>,
    },
}

/// What findings are grouped by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words say it")]
pub enum GroupBy {
    #[default]
    Nothing,
    Check,
    Owner,
    Namespace,
    Image,
    Cause,
    /// Of a comparison: a finding stands under each framework that it decides.
    Framework,
}

impl GroupBy {
    /// The next one, round to the first.
    #[must_use]
    pub fn next(self) -> Self {
        match self {
            Self::Nothing => Self::Check,
            Self::Check => Self::Owner,
            Self::Owner => Self::Namespace,
            Self::Namespace => Self::Image,
            Self::Image => Self::Cause,
            Self::Cause | Self::Framework => Self::Nothing,
        }
    }

    /// The next one in a comparison, where findings that nothing else groups are grouped by what became of
    /// them.
    #[must_use]
    pub fn next_in_comparison(self) -> Self {
        match self {
            Self::Nothing => Self::Namespace,
            Self::Namespace => Self::Check,
            Self::Check => Self::Framework,
            _ => Self::Nothing,
        }
    }

    /// The word on the screen.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Nothing => "nothing",
            Self::Check => "check",
            Self::Owner => "owner",
            Self::Namespace => "namespace",
            Self::Image => "image",
            Self::Cause => "what to change",
            Self::Framework => "framework",
        }
    }
}

/// How a finding can be mended: the change, and what it does to the YAML.
#[derive(Clone, Debug)]
pub struct FindingPatch {
    /// The change.
    pub remedy: Remedy,
    /// The lines that it touches.
    pub diff: Vec<DiffLine>,
}

/// A screen with its list, its text and the place in them.
#[derive(Clone, Debug)]
pub struct Route {
    /// Which screen.
    pub screen: Screen,
    /// Its list.
    pub list: List,
    /// Its text.
    pub text: TextView,
    /// What the cells of a grid show, and which part of it is on the screen.
    pub grid: Grid,
    /// Which pane has the keys; on a narrow screen, which page is shown.
    pub pane: usize,
    /// The pane beside the list or the text, or over it.
    pub side: Pane,
    /// What the page says of itself has more room than its list.
    pub roomy: bool,
    /// How the open finding can be mended.
    pub patch: Option<Arc<FindingPatch>>,
    /// The exception that its findings are covered by.
    pub exception: Option<Arc<Exception>>,
    /// What its findings are grouped by.
    pub group: GroupBy,
    /// The filter or search as it is typed.
    pub typing: Option<TextInput>,
    /// The place in the object that it was opened for.
    pub at: Option<FieldPath>,
    /// With which data its rows were made.
    pub stamp: Option<u64>,
}

impl Route {
    /// A screen as it is first opened.
    #[must_use]
    pub fn new(screen: Screen) -> Self {
        Self {
            screen,
            list: List::default(),
            text: TextView::default(),
            grid: Grid::default(),
            pane: 0,
            side: Pane::default(),
            roomy: false,
            patch: None,
            exception: None,
            group: GroupBy::default(),
            typing: None,
            at: None,
            stamp: None,
        }
    }

    /// Whether the screen shows a text beside or instead of a list.
    #[must_use]
    pub fn has_text(&self) -> bool {
        matches!(self.screen, Screen::Object(_) | Screen::Finding(_))
    }

    /// Whether it has two panes, between which the keys go back and forth.
    #[must_use]
    pub fn has_panes(&self) -> bool {
        self.has_text() || matches!(self.screen, Screen::Preview(_))
    }

    /// Whether the page says something of itself, over its list or beside it.
    #[must_use]
    pub fn is_headed(&self) -> bool {
        match &self.screen {
            Screen::Access(page) => !matches!(page, AccessPage::Subjects | AccessPage::Roles),
            Screen::Control { .. }
            | Screen::Check(_)
            | Screen::Tenant(_)
            | Screen::Gap(_)
            | Screen::Network(_) => true,
            _ => false,
        }
    }

    /// Whether its text, or its list, has parts that can be folded.
    #[must_use]
    pub fn can_fold(&self) -> bool {
        if self.in_text() {
            return !self.text.yaml.lines.is_empty();
        }
        self.list.rows().iter().any(|row| row.item.is_group())
    }

    /// Whether the keys scroll the pane beside text or list.
    #[must_use]
    pub fn beside(&self) -> bool {
        match self.screen {
            Screen::Finding(_) => !self.in_text(),
            Screen::Preview(_) => self.pane == 1,
            _ => false,
        }
    }

    /// Whether the keys go to the text.
    #[must_use]
    pub fn in_text(&self) -> bool {
        self.has_text() && self.pane == 0
    }

    /// What the keys mean here.
    #[must_use]
    pub fn mode(&self) -> KeyMode {
        if self.text.search.is_some() && self.in_text() {
            return KeyMode::Search;
        }
        match &self.screen {
            Screen::Finding(_) => KeyMode::Finding,
            Screen::Access(_) => KeyMode::Access,
            Screen::Object(_) if self.pane == 0 => KeyMode::Text,
            Screen::Matrix(_) => KeyMode::Matrix,
            Screen::Object(_)
            | Screen::Findings(_)
            | Screen::Control { .. }
            | Screen::Check(_)
            | Screen::Tenant(_)
            | Screen::Preview(_)
            | Screen::Comparison
            | Screen::Review => KeyMode::Findings,
            _ => KeyMode::List,
        }
    }
}
