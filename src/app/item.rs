//! What a row can show.

mod identity;
mod section;

use std::sync::Arc;

use crate::facts::access::{Allowed, Bound, Grade, Holder, Right, RoleUse, Runner};
use crate::facts::network::{Peer, Policy, Station, Zone};
use crate::frameworks::fleet::Difference;
use crate::frameworks::tenant::Scorecard;
use crate::frameworks::{ControlCheck, Counts, Strength};
use crate::model::arriving::Arriving;
use crate::model::comparison::ChangeCounts;
use crate::model::finding::Finding;
use crate::model::import::Disagreement;
use crate::model::inventory::Problem;
use crate::model::kinds::Kind;
use crate::model::object::{Object, ObjectRef};
use crate::model::read::{Missing, Read};
use crate::model::severities::BySeverity;

use super::cause::Cause;
use super::compared::{ComparedRow, FrameworkShift};
use super::event::{ContextInfo, SessionInfo};
use super::exceptions::Exception;
use super::fleet::FleetCluster;
use super::gaps::GapGroup;
use super::heat::HeatRow;
use super::matrix::Technique;
use super::preview::{ControlMove, Foreseen};
use super::toast::ToastMessage;

pub use section::Section;

/// Everything that is wrong with one workload or object.
#[derive(Clone, Debug)]
pub struct ToMend {
    /// The identity that would be mended; none for the cluster as a whole.
    pub owner: Option<ObjectRef>,
    /// Its worst finding.
    pub worst: Arc<Finding>,
    /// Its findings.
    pub tally: BySeverity,
    /// Another number whenever its findings are others.
    pub key: u64,
}

/// A control of a framework, and how much a check says about it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ControlRef {
    /// Id of the framework.
    pub framework: Arc<str>,
    /// Id of the control.
    pub control: Arc<str>,
    /// How much; none where a person is asked.
    pub strength: Option<Strength>,
}

impl ControlRef {
    /// Whether the check has a say in the status of the control.
    #[must_use]
    pub fn decides(&self) -> bool {
        self.strength.is_some_and(Strength::decides)
    }
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
    Compared(ComparedRow),
    /// A framework that one of two runs judged, or both.
    FrameworkShift(FrameworkShift),
    /// A control that has another status in the later of two runs.
    ControlShift(FrameworkShift),
    /// A finding and what becomes of it with a patch.
    Foreseen(Arc<Foreseen>),
    /// A control of which a patch changes the status.
    ControlMove(ControlMove),
    /// A group of findings.
    Group {
        /// What they have in common.
        label: Arc<str>,
        /// Their severities.
        tally: BySeverity,
        /// What became of them from one run to another, where that is not what they have in common.
        changes: Option<ChangeCounts>,
    },
    /// Findings that one change clears.
    Cause(Arc<Cause>),
    /// A kind of objects, and the findings that these show.
    Kind(Kind, BySeverity),
    /// An object.
    Object(Arc<Object>),
    /// An object that is not read yet, and its place among those.
    Arriving(Arc<Arriving>, usize),
    /// Findings of the object that is open stand at the workload that made it.
    Kept {
        /// The workload.
        owner: ObjectRef,
        /// How many.
        count: usize,
    },
    /// A namespace.
    Namespace(Arc<str>),
    /// A theme of checks.
    Theme(Arc<str>),
    /// A read.
    Read(Arc<Read>),
    /// A reason why something is unknown.
    Gap(Arc<GapGroup>),
    /// What is wrong with a document of a file.
    Problem(Arc<Problem>),
    /// The name of a tactic, over the column of its techniques; the cursor steps over it.
    Tactic {
        /// Its name.
        name: Arc<str>,
        /// How many of its techniques are exposed.
        exposed: usize,
        /// How many it has.
        of: usize,
    },
    /// A technique under a tactic.
    Technique(Arc<Technique>),
    /// A namespace, framework by framework.
    Heat(Arc<HeatRow>),
    /// A tenant.
    Tenant(Arc<Scorecard>),
    /// What a framework comes to for a tenant: its place among those of the scorecard.
    TenantScore(Arc<Scorecard>, usize),
    /// One of several clusters.
    Cluster(Arc<FleetCluster>),
    /// A check that fails in some of them only.
    Difference(Arc<Difference>),
    /// Something to mend.
    Mend(Arc<ToMend>),
    /// A subject with what it can do.
    Holder(Arc<Holder>),
    /// A right.
    Right {
        /// What, where and through which binding.
        right: Arc<Right>,
        /// It answers a question: the subject is what counts.
        asked: bool,
    },
    /// A role with who is bound to it.
    Role(Arc<RoleUse>),
    /// A binding.
    Bound(Arc<Bound>),
    /// A rule of a role.
    Rule {
        /// Which role.
        role: ObjectRef,
        /// Which of its rules, from 0.
        rule: usize,
        /// What it allows.
        allowed: Arc<Allowed>,
        /// How far it leads at worst.
        grade: Grade,
    },
    /// A workload that runs as an account.
    Runner(Arc<Runner>),
    /// A namespace, with how far its pods are isolated.
    Zone(Arc<Zone>),
    /// A workload, with how far it is isolated, and its place among the rows of its name.
    Station(Arc<Station>, usize),
    /// A network policy.
    Policy(Arc<Policy>),
    /// Who may come in, or what may be reached.
    Peer(Arc<Peer>),
    /// A policy of a kind that is not evaluated.
    Foreign(Arc<ObjectRef>),
    /// Something that could not be read.
    NotKnown(Arc<Missing>),
    /// A message, with its number.
    Message(u64, Arc<ToastMessage>),
}

impl Item {
    /// Whether the cursor can stand on it.
    #[must_use]
    pub fn is_choice(&self) -> bool {
        !matches!(self, Self::Heading(_) | Self::Text(_) | Self::Tactic { .. })
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
