//! What became of each finding from one run to another.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::already::Already;
use super::between::DecisionsBetween;
use super::finding::{Finding, Severity};

/// What became of a finding, in the order in which reports list them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingChange {
    /// Only the later run has it, and the earlier one would have seen it.
    New,
    /// As new, and it was fixed once already.
    Regressed,
    /// Only the earlier run has it, and the later one would have seen it.
    Fixed,
    /// Only one of the runs has it, and the other could not have seen it.
    Incomparable,
    /// Both have it.
    Unchanged,
}

impl FindingChange {
    /// All of them, in order.
    pub const ALL: [Self; 5] =
        [Self::New, Self::Regressed, Self::Fixed, Self::Incomparable, Self::Unchanged];

    /// The word used in files, reports and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Regressed => "regressed",
            Self::Fixed => "fixed",
            Self::Incomparable => "incomparable",
            Self::Unchanged => "unchanged",
        }
    }
}

/// Which of the two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunSide {
    /// The earlier one.
    Before,
    /// The later one.
    After,
    /// Both.
    Both,
}

impl RunSide {
    /// The word used in files.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::After => "after",
            Self::Both => "both",
        }
    }
}

/// Something that a finding in both runs says differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldDifference {
    /// `severity`, `message` or `instances`.
    pub field: &'static str,
    /// What the earlier run says.
    pub before: String,
    /// What the later run says.
    pub after: String,
}

/// One finding and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct ComparedFinding {
    /// What became of it.
    pub change: FindingChange,
    /// Which run has it.
    pub side: RunSide,
    /// As the later run has it, or the earlier one where only that has it.
    pub finding: Arc<Finding>,
    /// What both runs say differently, of one that is unchanged.
    pub differs: Vec<FieldDifference>,
    /// Why it cannot be compared.
    pub reason: Option<String>,
    /// It cannot be compared because the other run was not asked to look there: its check, object or
    /// file was not selected.
    pub unasked: bool,
}

impl ComparedFinding {
    /// Whether nothing shows that it was there before: new, back again, or seen by the later run
    /// alone while the earlier one could not have seen it.
    #[must_use]
    pub fn may_be_new(&self) -> bool {
        match self.change {
            FindingChange::New | FindingChange::Regressed => true,
            FindingChange::Incomparable => self.side == RunSide::After,
            FindingChange::Fixed | FindingChange::Unchanged => false,
        }
    }

    /// What is said of it beside its message: why it cannot be compared, or what differs.
    #[must_use]
    pub fn remark(&self) -> String {
        if let Some(reason) = &self.reason {
            let which = if self.side == RunSide::Before { "second" } else { "first" };
            return format!("in the {which} run: {reason}");
        }
        let told = self.differs.iter().filter(|d| d.field != "message" || self.differs.len() == 1);
        let parts: Vec<String> = told.map(|d| format!("{} was {}", d.field, d.before)).collect();
        parts.join("; ")
    }

    /// Whether it counts: not on an object of the platform itself unless those are included.
    #[must_use]
    pub fn counts(&self, include_platform: bool) -> bool {
        self.finding.counts(include_platform)
    }
}

/// How many findings there are of each change.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ChangeCounts {
    /// New.
    pub new: usize,
    /// Back again.
    pub regressed: usize,
    /// Fixed.
    pub fixed: usize,
    /// Not to be told.
    pub incomparable: usize,
    /// In both.
    pub unchanged: usize,
}

impl ChangeCounts {
    /// Counts one.
    pub fn add(&mut self, change: FindingChange) {
        *match change {
            FindingChange::New => &mut self.new,
            FindingChange::Regressed => &mut self.regressed,
            FindingChange::Fixed => &mut self.fixed,
            FindingChange::Incomparable => &mut self.incomparable,
            FindingChange::Unchanged => &mut self.unchanged,
        } += 1;
    }

    /// How many of one change.
    #[must_use]
    pub fn of(&self, change: FindingChange) -> usize {
        match change {
            FindingChange::New => self.new,
            FindingChange::Regressed => self.regressed,
            FindingChange::Fixed => self.fixed,
            FindingChange::Incomparable => self.incomparable,
            FindingChange::Unchanged => self.unchanged,
        }
    }

    /// `2 new, 1 fixed, 14 unchanged`: what there is of each, in order.
    #[must_use]
    pub fn words(&self) -> String {
        let told = FindingChange::ALL.into_iter().filter(|c| self.of(*c) > 0);
        let parts: Vec<String> = told.map(|c| format!("{} {}", self.of(c), c.word())).collect();
        if parts.is_empty() { "no findings".to_owned() } else { parts.join(", ") }
    }

    /// Whether anything is other than unchanged.
    #[must_use]
    pub fn moved(&self) -> bool {
        self.new + self.regressed + self.fixed + self.incomparable > 0
    }

    /// Adds the counts of something else.
    pub fn absorb(&mut self, other: &Self) {
        self.new += other.new;
        self.regressed += other.regressed;
        self.fixed += other.fixed;
        self.incomparable += other.incomparable;
        self.unchanged += other.unchanged;
    }
}

/// Counts by what findings have in common. Findings on objects of the platform itself are counted
/// apart unless they were included.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangeTotals {
    /// Of all that count.
    pub all: ChangeCounts,
    /// By severity; that of the later run where both have the finding.
    pub severity: BTreeMap<Severity, ChangeCounts>,
    /// By namespace; the empty one is the cluster.
    pub namespace: BTreeMap<String, ChangeCounts>,
    /// By check.
    pub check: BTreeMap<Arc<str>, ChangeCounts>,
    /// Of those that do not count.
    pub platform: ChangeCounts,
}

impl ChangeTotals {
    /// Counts entries.
    #[must_use]
    pub fn of(entries: &[ComparedFinding], include_platform: bool) -> Self {
        let mut totals = Self::default();
        for entry in entries {
            let (change, finding) = (entry.change, &entry.finding);
            if !entry.counts(include_platform) {
                totals.platform.add(change);
                continue;
            }
            totals.all.add(change);
            totals.severity.entry(finding.severity).or_default().add(change);
            totals.namespace.entry(finding.home().to_owned()).or_default().add(change);
            totals.check.entry(Arc::clone(&finding.check)).or_default().add(change);
        }
        totals
    }
}

/// Which run was compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RunLabel {
    /// Id of its session; none for a run that was not saved.
    pub session: Option<String>,
    /// What a person calls the session.
    pub title: Option<String>,
    /// Number of the run within the session, from 1; 0 for a run that was not saved.
    pub run: u32,
    /// When it ended, RFC 3339.
    pub finished: String,
    /// Version of the program.
    pub tool: String,
    /// Digest of checks and frameworks.
    pub content: String,
}

impl RunLabel {
    /// `web audit, run 2 (2026-11-24T12:00:00Z)`.
    #[must_use]
    pub fn words(&self) -> String {
        format!("{} ({})", self.name(), self.finished)
    }

    /// `web audit, run 2`.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.title.as_deref().filter(|t| !t.is_empty()).or(self.session.as_deref());
        match (name, self.run) {
            (None, 0) => "this scan".to_owned(),
            (None, run) => format!("run {run}"),
            (Some(name), run) => format!("{name}, run {run}"),
        }
    }
}

/// Two runs compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Comparison {
    /// The earlier run.
    pub before: RunLabel,
    /// The later run.
    pub after: RunLabel,
    /// What has to be kept in mind: other clusters, other checks, narrower selections.
    pub notes: Vec<String>,
    /// Every finding of either run, by change and then in the order of reports.
    pub entries: Vec<ComparedFinding>,
    /// Findings on objects of the platform itself count too.
    pub include_platform: bool,
    /// How many there are of each.
    pub totals: ChangeTotals,
    /// What people decided and answered between the runs.
    pub decided: DecisionsBetween,
    /// What is decided already about what is new; none where no decisions are given.
    pub already: Option<Already>,
}

impl Comparison {
    /// Entries that count, in order.
    pub fn counted(&self) -> impl Iterator<Item = &ComparedFinding> {
        self.entries.iter().filter(|e| e.counts(self.include_platform))
    }

    /// How much was decided between the runs, in words; none where nothing was.
    #[must_use]
    pub fn decided_in_words(&self) -> Option<String> {
        self.decided.words(|finding| finding.counts(self.include_platform))
    }
}
