//! Matrices of attack techniques as cells: tactics are columns, techniques stand under each tactic
//! that they serve, sub-techniques under their technique.

use std::collections::HashMap;
use std::sync::Arc;

use crate::frameworks::{Control, ControlResult, Framework, Status};
use crate::model::decision::DecisionState;
use crate::model::finding::{Finding, Form, Severity};
use crate::model::severities::BySeverity;

use super::data::Data;
use super::item::Item;
use super::list::Row;

/// The order in which an attack proceeds. Tactics that are not among these come after them.
const ORDER: [&str; 16] = [
    "Reconnaissance",
    "Resource Development",
    "Initial Access",
    "Execution",
    "Persistence",
    "Privilege Escalation",
    "Defense Evasion",
    "Stealth",
    "Defense Impairment",
    "Credential Access",
    "Discovery",
    "Lateral Movement",
    "Collection",
    "Command and Control",
    "Exfiltration",
    "Impact",
];

/// What stands in the way of a technique: the checks that support it, by what they came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MeasureCounts {
    /// Nothing is missing that they look for.
    pub held: usize,
    /// Something is.
    pub lacking: usize,
    /// They could not decide, or did not run.
    pub unknown: usize,
}

impl MeasureCounts {
    /// How many there are.
    #[must_use]
    pub fn total(self) -> usize {
        self.held + self.lacking + self.unknown
    }
}

/// One technique under one tactic.
#[derive(Clone, Debug)]
pub struct Technique {
    /// Of which framework.
    pub framework: Arc<str>,
    /// Its number.
    pub id: Arc<str>,
    /// What it is called.
    pub title: Arc<str>,
    /// Under which tactic.
    pub tactic: Arc<str>,
    /// Whether it stands under its technique.
    pub sub: bool,
    /// What became of it; none where it was not judged.
    pub status: Option<Status>,
    /// Open findings of the checks that look for what it needs.
    pub open: BySeverity,
    /// Those of them that somebody accepted: that takes nothing from an attacker.
    pub accepted: usize,
    /// What stands in its way.
    pub measures: MeasureCounts,
}

/// What a cell says of a technique in one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// The worst of what it needs and finds.
    Open(Severity),
    /// It is exposed by what another tool found.
    Elsewhere,
    /// All that it needs and finds was accepted.
    Accepted,
    /// All that it needs was looked for, and none of it was found.
    Mitigated,
    /// Something that it needs could not be looked for.
    NotAssessed,
    /// It was not judged.
    NotRun,
}

impl Technique {
    /// How exposed it is.
    #[must_use]
    pub fn exposure(&self) -> Exposure {
        match self.status {
            None => Exposure::NotRun,
            Some(Status::Mitigated) => Exposure::Mitigated,
            Some(Status::Exposed) => match self.open.worst() {
                Some(severity) => Exposure::Open(severity),
                None if self.accepted > 0 => Exposure::Accepted,
                None => Exposure::Elsewhere,
            },
            Some(_) => Exposure::NotAssessed,
        }
    }
}

/// What the findings of one check come to for a technique.
#[derive(Clone, Copy, Default)]
struct CheckTally {
    open: BySeverity,
    accepted: usize,
}

impl CheckTally {
    fn add(&mut self, finding: &Finding, state: DecisionState) {
        match state {
            DecisionState::Accepted => self.accepted += 1,
            DecisionState::FalsePositive => {}
            _ => self.open.add(finding.severity),
        }
    }
}

/// The same of all findings of a check, and of those that decide although the platform's own do not.
#[derive(Clone, Copy, Default)]
struct CheckTallies {
    count: usize,
    every: CheckTally,
    deciding: CheckTally,
}

impl Data {
    /// The matrices there are, those that were judged first, each by title.
    #[must_use]
    pub fn matrices(&self) -> Vec<&Arc<Framework>> {
        let known = self.content.frameworks.frameworks.iter();
        let mut all: Vec<&Arc<Framework>> = known.filter(|f| f.is_matrix()).collect();
        all.sort_by_key(|f| (self.judged(&f.id).is_none(), f.title.as_str()));
        all
    }

    /// The matrix of that id, or else the first one.
    #[must_use]
    pub fn matrix(&self, id: Option<&str>) -> Option<&Arc<Framework>> {
        let all = self.matrices();
        let named = all.iter().find(|framework| Some(&*framework.id) == id);
        named.or_else(|| all.first()).copied()
    }

    /// The cells of a matrix, column by column, each under its tactic.
    #[must_use]
    pub(super) fn matrix_rows(&self, id: Option<&str>) -> Vec<Row> {
        let Some(framework) = self.matrix(id) else { return Vec::new() };
        self.cells_of(framework, &self.seen())
    }

    /// The same of every matrix, by id.
    pub(super) fn all_matrix_rows(&self) -> Vec<(Arc<str>, Arc<Vec<Row>>)> {
        let seen = self.seen();
        let rows = |framework: &Framework| Arc::new(self.cells_of(framework, &seen));
        self.matrices().into_iter().map(|f| (f.id.as_str().into(), rows(f))).collect()
    }

    fn cells_of(&self, framework: &Framework, seen: &HashMap<&str, CheckTallies>) -> Vec<Row> {
        let cells = Cells { data: self, framework, seen };
        let mut rows = Vec::new();
        for tactic in tactics(framework) {
            let techniques = cells.under(&tactic);
            let exposed = |row: &&Row| match &row.item {
                Item::Technique(cell) => cell.status == Some(Status::Exposed),
                _ => false,
            };
            let counts = (techniques.iter().filter(exposed).count(), techniques.len());
            rows.push(Row::new(Item::Tactic { name: tactic, exposed: counts.0, of: counts.1 }));
            rows.extend(techniques);
        }
        rows
    }

    /// What each check of the last run found, wherever: techniques are judged of all. Each finding is
    /// looked at once, however many techniques rest on its check.
    fn seen(&self) -> HashMap<&str, CheckTallies> {
        let mut seen: HashMap<&str, CheckTallies> = HashMap::new();
        let all = self.result.iter();
        // In the order of reports those of a check come one after the other.
        for of_check in all.flat_map(|result| result.findings.chunk_by(|a, b| a.check == b.check)) {
            let Some(first) = of_check.first() else { continue };
            let entry = seen.entry(&first.check).or_default();
            entry.count += of_check.len();
            for finding in of_check {
                let state = self.state_of(&finding.fingerprint);
                entry.every.add(finding, state);
                if finding.decides(false) {
                    entry.deciding.add(finding, state);
                }
            }
        }
        seen
    }
}

/// The tactics of a matrix, in the order of an attack.
fn tactics(framework: &Framework) -> Vec<Arc<str>> {
    let mut names: Vec<Arc<str>> = Vec::new();
    for tactic in framework.controls.iter().flat_map(|control| &control.tactics) {
        if !names.iter().any(|known| **known == **tactic) {
            names.push(tactic.as_str().into());
        }
    }
    let place = |name: &Arc<str>| ORDER.iter().position(|known| **known == **name);
    names.sort_by_key(|name| place(name).unwrap_or(ORDER.len()));
    names
}

struct Cells<'a> {
    data: &'a Data,
    framework: &'a Framework,
    seen: &'a HashMap<&'a str, CheckTallies>,
}

impl Cells<'_> {
    /// The techniques that serve a tactic, each with its sub-techniques under it.
    fn under(&self, tactic: &Arc<str>) -> Vec<Row> {
        let all = &self.framework.controls;
        let here: Vec<&Control> =
            all.iter().filter(|c| c.tactics.iter().any(|t| **t == **tactic)).collect();
        let parent = |control: &Control| {
            let id = control.parent.as_deref()?;
            here.iter().find(|other| other.id == id).map(|other| other.id.as_str())
        };
        let mut rows = Vec::new();
        for control in here.iter().filter(|control| parent(control).is_none()) {
            rows.push(self.row(control, tactic, false));
            let subs = here.iter().filter(|sub| parent(sub) == Some(control.id.as_str()));
            rows.extend(subs.map(|sub| self.row(sub, tactic, true)));
        }
        rows
    }

    fn row(&self, control: &Control, tactic: &Arc<str>, sub: bool) -> Row {
        let judged = self.data.judged(&self.framework.id);
        let result = judged.and_then(|j| j.controls.iter().find(|c| c.id == control.id));
        let mut cell = Technique {
            framework: self.framework.id.as_str().into(),
            id: control.id.as_str().into(),
            title: control.title.as_str().into(),
            tactic: Arc::clone(tactic),
            sub,
            status: result.map(|result| result.status),
            open: BySeverity::default(),
            accepted: 0,
            measures: MeasureCounts::default(),
        };
        // A check that is planned looks for nothing yet: it neither holds nor lacks.
        for mapping in control.checks.iter().filter(|mapping| !mapping.planned) {
            if !mapping.strength.decides() {
                self.measure(&mapping.id, result, &mut cell.measures);
                continue;
            }
            let found = self.found(&mapping.id, result);
            cell.open.absorb(found.open);
            cell.accepted += found.accepted;
        }
        Row::deep(Item::Technique(Arc::new(cell)), if sub { 2 } else { 1 })
    }

    /// What a check that looks for a precondition found, as far as it decides.
    fn found(&self, check: &str, result: Option<&ControlResult>) -> CheckTally {
        let judged = result.and_then(|r| r.checks.iter().find(|c| c.id == check));
        match (judged, self.seen.get(check)) {
            // All of them were counted, or else the platform's own were not.
            (Some(judged), Some(seen)) if judged.findings == seen.count => seen.every,
            (Some(_), Some(seen)) => seen.deciding,
            _ => CheckTally::default(),
        }
    }

    /// What a check that looks for a mitigation came to. Those that only list things say nothing.
    fn measure(&self, check: &str, result: Option<&ControlResult>, measures: &mut MeasureCounts) {
        if self.data.check(check).is_some_and(|check| check.form == Form::Evidence) {
            return;
        }
        let judged = result.and_then(|r| r.checks.iter().find(|c| c.id == check));
        match judged {
            Some(check) if check.findings > 0 => measures.lacking += 1,
            Some(check) if check.ran && check.undecided == 0 => measures.held += 1,
            _ => measures.unknown += 1,
        }
    }
}

#[cfg(test)]
mod tests;
