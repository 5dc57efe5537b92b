//! What a row can show.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::frameworks::{ControlCheck, Counts};
use crate::model::finding::{Finding, Severity};
use crate::model::import::Disagreement;
use crate::model::kinds::Kind;
use crate::model::object::{Object, ObjectRef};
use crate::model::read::{Missing, Read};

use super::cause::Cause;
use super::compared::Compared;
use super::event::{ContextInfo, SessionInfo};
use super::exceptions::Exception;
use super::preview::{ControlMove, Foreseen};
use super::toast::Message;

/// A part of a screen that has a heading and columns of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Section {
    /// Ways to begin.
    Begin,
    /// Saved sessions.
    Sessions,
    /// Contexts of the kubeconfig.
    Contexts,
    /// Frameworks and their scores.
    Frameworks,
    /// Where most is gained.
    Mend,
    /// What is unknown and why.
    Gaps,
    /// Namespaces and their findings.
    Namespaces,
    /// What was read.
    Reads,
    /// Why a control has its status.
    Reasons,
    /// Checks of a control, with their findings.
    Checks,
    /// Controls that rest on something.
    Controls,
    /// Findings.
    Findings,
    /// Findings of two runs.
    Compared,
    /// Kinds of objects.
    Kinds,
    /// Objects.
    Objects,
    /// Messages.
    Messages,
    /// Questions that a person has to answer.
    Questions,
    /// Findings that count no more because somebody says so.
    Exceptions,
    /// Where other tools come to another end than the checks.
    Disagreements,
    /// Findings that a patch clears.
    Clears,
    /// Findings that fail only with the patch, or worse.
    Appears,
    /// Findings that the patch leaves.
    Left,
    /// Controls of which the patch changes the status.
    Moves,
}

/// How many findings there are of each severity, worst first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tally(pub [usize; 5]);

impl Tally {
    /// Counts one.
    pub fn add(&mut self, severity: Severity) {
        if let Some(slot) = self.0.get_mut(severity as usize) {
            *slot += 1;
        }
    }

    /// How many of one severity.
    #[must_use]
    pub fn of(self, severity: Severity) -> usize {
        self.0.get(severity as usize).copied().unwrap_or_default()
    }

    /// How many in all.
    #[must_use]
    pub fn total(self) -> usize {
        self.0.iter().sum()
    }

    /// The worst severity there is.
    #[must_use]
    pub fn worst(self) -> Option<Severity> {
        Severity::ALL.into_iter().find(|s| self.of(*s) > 0)
    }
}

/// Everything that is wrong with one workload or object.
#[derive(Clone, Debug)]
pub struct Mend {
    /// The identity that would be mended; none for the cluster as a whole.
    pub owner: Option<ObjectRef>,
    /// Its worst finding.
    pub worst: Arc<Finding>,
    /// Its findings.
    pub tally: Tally,
    /// How many of them have a patch; none when the objects are not in hand.
    pub patched: Option<usize>,
}

/// One reason why something is unknown, and what rests on it.
#[derive(Clone, Debug)]
pub struct GapGroup {
    /// What is missing.
    pub missing: Missing,
    /// Checks that could not decide for this reason.
    pub checks: Vec<Arc<str>>,
    /// Places that are undecided for this reason; 0 when nothing could be listed.
    pub places: usize,
    /// Controls decided by those checks, of the frameworks judged.
    pub controls: Vec<ControlRef>,
}

/// A control of a framework, and how much a check says about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlRef {
    /// Id of the framework.
    pub framework: Arc<str>,
    /// Id of the control.
    pub control: Arc<str>,
    /// full, partial or supporting.
    pub strength: &'static str,
}

/// What a row shows.
#[derive(Clone, Debug)]
pub enum Item {
    /// The heading of a section; the cursor steps over it.
    Heading(Section),
    /// A sentence; the cursor steps over it.
    Text(Arc<str>),
    /// Begin a new session.
    NewSession,
    /// Open the built-in cluster.
    Demo,
    /// A saved session.
    Session(Arc<SessionInfo>),
    /// A context.
    Context(Arc<ContextInfo>),
    /// A framework.
    Framework(Arc<str>),
    /// A part of a framework.
    Part {
        /// Of which framework.
        framework: Arc<str>,
        /// Its name.
        name: Arc<str>,
        /// Its controls by status.
        counts: Counts,
    },
    /// A control.
    Control {
        /// Of which framework.
        framework: Arc<str>,
        /// Its number.
        id: Arc<str>,
        /// Its place among the framework's controls.
        at: usize,
        /// Its place among the controls judged; none when it was not.
        judged: Option<usize>,
    },
    /// A control that something else rests on.
    ControlRef(ControlRef),
    /// The question of a control.
    Question(ControlRef),
    /// An exception.
    Exception(Arc<Exception>),
    /// A result of another tool that is not ours.
    Disagreement(Arc<Disagreement>),
    /// A check.
    Check {
        /// Its id.
        id: Arc<str>,
        /// What it says of the control it is shown under.
        serves: Option<Arc<ControlCheck>>,
    },
    /// A finding.
    Finding(Arc<Finding>),
    /// A finding of two runs that were compared.
    Compared(Compared),
    /// A finding and what becomes of it with a patch.
    Foreseen(Arc<Foreseen>),
    /// A control of which a patch changes the status.
    ControlMove(ControlMove),
    /// A group of findings.
    Group {
        /// What they have in common.
        label: Arc<str>,
        /// Their severities.
        tally: Tally,
    },
    /// Findings that one change clears.
    Cause(Arc<Cause>),
    /// A kind of objects.
    Kind(Kind),
    /// An object.
    Object(Arc<Object>),
    /// A namespace.
    Namespace(Arc<str>),
    /// A read.
    Read(Arc<Read>),
    /// A reason why something is unknown.
    Gap(Arc<GapGroup>),
    /// Something to mend.
    Mend(Arc<Mend>),
    /// A message, with its number.
    Message(u64, Arc<Message>),
}

impl Item {
    /// Whether the cursor can stand on it.
    #[must_use]
    pub fn is_choice(&self) -> bool {
        !matches!(self, Self::Heading(_) | Self::Text(_))
    }

    /// Whether it holds the rows under it together.
    #[must_use]
    pub fn is_group(&self) -> bool {
        matches!(self, Self::Group { .. } | Self::Part { .. } | Self::Cause(_))
    }

    /// Whether it counts as a row of its list.
    #[must_use]
    pub fn is_leaf(&self) -> bool {
        self.is_choice() && !self.is_group()
    }

    /// What it is, for the cursor: the same as long as it is the same thing.
    #[must_use]
    pub fn id(&self) -> u64 {
        let mut hash = DefaultHasher::new();
        std::mem::discriminant(self).hash(&mut hash);
        match self {
            Self::Heading(section) => section.hash(&mut hash),
            Self::NewSession | Self::Demo => {}
            Self::Session(info) => info.id.hash(&mut hash),
            Self::Context(info) => info.name.hash(&mut hash),
            Self::Part { framework, name, .. } => (framework, name).hash(&mut hash),
            Self::Control { framework, id, .. } => (framework, id).hash(&mut hash),
            Self::ControlRef(control) | Self::Question(control) => control.hash(&mut hash),
            Self::Exception(exception) => {
                let entry = &exception.entry;
                (entry.origin.describe(), entry.line).hash(&mut hash);
                (&entry.label, &entry.fingerprint).hash(&mut hash);
            }
            Self::Disagreement(d) => {
                (&d.check, &d.framework, &d.control, &d.object).hash(&mut hash);
                (d.tool, &d.rule).hash(&mut hash);
            }
            Self::Framework(id) | Self::Check { id, .. } => id.hash(&mut hash),
            Self::Finding(finding) => finding.fingerprint.hash(&mut hash),
            Self::Compared(compared) => compared.entry().fingerprint.hash(&mut hash),
            Self::Foreseen(foreseen) => {
                (&foreseen.finding.fingerprint, foreseen.fate).hash(&mut hash);
            }
            Self::ControlMove(moved) => moved.hash(&mut hash),
            Self::Cause(cause) => cause.place.hash(&mut hash),
            Self::Group { label, .. } => label.hash(&mut hash),
            Self::Kind(kind) => kind.hash(&mut hash),
            Self::Object(object) => object.id.hash(&mut hash),
            Self::Text(name) | Self::Namespace(name) => name.hash(&mut hash),
            Self::Read(read) => (&read.resource, &read.namespace).hash(&mut hash),
            Self::Gap(gap) => gap.missing.hash(&mut hash),
            Self::Mend(mend) => mend.owner.hash(&mut hash),
            Self::Message(number, _) => number.hash(&mut hash),
        }
        hash.finish()
    }
}

/// What a column sorts by.
#[derive(Clone, Debug, PartialEq, PartialOrd)]
pub enum SortKey {
    /// A number.
    Number(f64),
    /// Several numbers, the first one first.
    Numbers([usize; 5]),
    /// A text.
    Text(String),
    /// Nothing: after everything else.
    Nothing,
}
