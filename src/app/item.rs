//! What a row can show.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::facts::access::{Allowed, Bound, Holder, Right, RoleUse, Runner};
use crate::facts::network::{Peer, Policy, Station, Zone};
use crate::frameworks::fleet::Difference;
use crate::frameworks::tenant::Scorecard;
use crate::frameworks::{ControlCheck, Counts};
use crate::model::arriving::Arriving;
use crate::model::finding::{Finding, Severity};
use crate::model::import::Disagreement;
use crate::model::kinds::Kind;
use crate::model::object::{Object, ObjectRef};
use crate::model::read::{Missing, Read};

use super::cause::Cause;
use super::compared::Compared;
use super::event::{ContextInfo, SessionInfo};
use super::exceptions::Exception;
use super::fleet::FleetCluster;
use super::heat::HeatRow;
use super::matrix::Technique;
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
    /// Themes of checks and their findings.
    Themes,
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
    /// Subjects and the worst they can do.
    Holders,
    /// Roles and who is bound to them.
    Roles,
    /// Rights of one subject.
    Rights,
    /// Rights that come with a subject's groups.
    GroupRights,
    /// Who can do what was asked.
    Can,
    /// What runs as an account.
    RunsAs,
    /// Bindings of a role.
    Bindings,
    /// Rules of a role.
    Rules,
    /// Namespaces and how far their pods are isolated.
    Zones,
    /// Workloads of a namespace and how far they are isolated.
    Stations,
    /// Network policies.
    Policies,
    /// Policies that are not evaluated.
    Foreign,
    /// Who may reach a workload.
    Entering,
    /// Where a workload may go.
    Leaving,
    /// What could not be read.
    NotKnown,
    /// Tenants.
    Tenants,
    /// Frameworks of a tenant.
    TenantScores,
    /// Clusters side by side.
    Clusters,
    /// Checks that fail in some clusters and not in others.
    Differs,
    /// Checks that fail in some clusters and are not known in the others.
    MayDiffer,
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

    /// Counts one less.
    pub fn remove(&mut self, severity: Severity) {
        if let Some(slot) = self.0.get_mut(severity as usize) {
            *slot = slot.saturating_sub(1);
        }
    }

    /// Counts as many as another one did.
    pub fn absorb(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(own, more)| *own += more);
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
    /// Another number whenever its findings are others.
    pub key: u64,
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
    Mend(Arc<Mend>),
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
    Message(u64, Arc<Message>),
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
            Self::Arriving(name, at) => (&name.namespace, &name.name, at).hash(&mut hash),
            Self::Text(name)
            | Self::Namespace(name)
            | Self::Theme(name)
            | Self::Tactic { name, .. } => name.hash(&mut hash),
            Self::Technique(cell) => (&cell.framework, &cell.tactic, &cell.id).hash(&mut hash),
            Self::Heat(row) => row.namespace.hash(&mut hash),
            Self::Tenant(card) => card.profile.hash(&mut hash),
            Self::Cluster(cluster) => cluster.context.name.hash(&mut hash),
            Self::Difference(differs) => differs.check.hash(&mut hash),
            Self::TenantScore(card, at) => {
                let id = card.frameworks.get(*at).map(|score| score.id.as_str());
                (&card.profile, id).hash(&mut hash);
            }
            Self::Read(read) => (&read.resource, &read.namespace).hash(&mut hash),
            Self::Gap(gap) => gap.missing.hash(&mut hash),
            Self::Mend(mend) => mend.owner.hash(&mut hash),
            Self::Kept { owner, .. } => owner.hash(&mut hash),
            Self::Message(number, _) => number.hash(&mut hash),
            other => other.relation_id(&mut hash),
        }
        hash.finish()
    }
}

/// What stands in the pages of rights and of the network.
impl Item {
    fn relation_id(&self, hash: &mut impl Hasher) {
        match self {
            Self::Holder(holder) => holder.subject.hash(hash),
            Self::Right { right, .. } => (&right.binding.id, right.at, right.rule).hash(hash),
            Self::Role(role) => role.id.hash(hash),
            Self::Bound(bound) => bound.id.hash(hash),
            Self::Rule { role, rule, .. } => (role, rule).hash(hash),
            Self::Runner(runner) => runner.id.hash(hash),
            Self::Zone(zone) => zone.name.hash(hash),
            Self::Station(station, place) => (&station.id, place).hash(hash),
            Self::Policy(policy) => policy.id.hash(hash),
            Self::Peer(peer) => (&peer.policy, &peer.at).hash(hash),
            Self::Foreign(id) => id.hash(hash),
            Self::NotKnown(missing) => missing.hash(hash),
            _ => {}
        }
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
