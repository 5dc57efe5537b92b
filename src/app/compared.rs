//! Two runs compared: which rows the screen has, and what they hold.

mod shift;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::attestation::AttestationAnswer;
use crate::model::between::{self, ReansweredControl};
use crate::model::comparison::{
    ChangeCounts, ComparedFinding, Comparison, FindingChange, RunLabel,
};
use crate::model::decision::DecisionState;
use crate::model::finding::Finding;
use crate::model::session_id::short;
use crate::model::severities::BySeverity;

use super::data::Data;
use super::item::{Item, Section};
use super::list::Row;
use super::live::dated;
use super::route::GroupBy;
use super::rows;
use super::state::State;

pub use shift::FrameworkShift;

/// How many answers are listed before the findings.
const ANSWERS: usize = 12;

/// One finding of a comparison.
#[derive(Clone, Debug)]
pub struct ComparedRow {
    comparison: Arc<Comparison>,
    at: usize,
    finding: Arc<Finding>,
    /// Of several groups that it stands in, the one of this row.
    under: Option<Arc<str>>,
}

impl ComparedRow {
    /// Of several groups that the finding stands in, the one of this row.
    #[must_use]
    pub fn under(&self) -> Option<&str> {
        self.under.as_deref()
    }

    /// The finding: as the later run has it, or the earlier one where only that has it.
    #[must_use]
    pub fn entry(&self) -> &Arc<Finding> {
        &self.finding
    }

    /// What became of it.
    #[must_use]
    pub fn change(&self) -> FindingChange {
        self.whole().map_or(FindingChange::Unchanged, |entry| entry.change)
    }

    /// Why it cannot be compared, or what differs; empty when there is nothing to say.
    #[must_use]
    pub fn remark(&self) -> String {
        self.whole().map(ComparedFinding::remark).unwrap_or_default()
    }

    fn whole(&self) -> Option<&ComparedFinding> {
        self.comparison.entries.get(self.at)
    }
}

/// One of the runs, named so that it is found again in the list of sessions.
fn side(run: &RunLabel) -> String {
    let (name, time) = (run.name(), dated(&run.finished));
    match &run.session {
        Some(session) => format!("{name}, {time}, session {}", short(session)),
        None => format!("{name}, {time}"),
    }
}

/// The group of what is in both runs.
pub(super) fn unchanged() -> Item {
    group(FindingChange::Unchanged, BySeverity::default())
}

fn group(change: FindingChange, tally: BySeverity) -> Item {
    Item::Group { label: change.word().into(), tally, changes: None }
}

/// Findings that one row holds together.
#[derive(Default)]
struct Together {
    tally: BySeverity,
    counts: ChangeCounts,
    rows: Vec<Row>,
}

/// The frameworks that were judged, by name, each with the checks that decide its controls.
struct Deciding<'a>(Vec<(Arc<str>, BTreeSet<&'a str>)>);

impl<'a> Deciding<'a> {
    fn of_all(data: &'a Data) -> Self {
        let judged = data.judged.iter();
        Self(judged.map(|one| (data.short(&one.id).into(), data.deciding(&one.id))).collect())
    }

    /// Those that a finding decides.
    fn of(&self, finding: &Finding) -> impl Iterator<Item = Arc<str>> {
        let decides = |checks: &BTreeSet<&str>| checks.contains(&*finding.check);
        let all = self.0.iter().filter(|(_, checks)| decides(checks));
        let mut names: Vec<Arc<str>> = all.map(|(name, _)| Arc::clone(name)).collect();
        names.dedup();
        if names.is_empty() {
            names.push("no framework".into());
        }
        names.into_iter()
    }
}

/// What changed in one sentence: what came, what went, and how much stayed as it was.
fn outcome(counts: &ChangeCounts) -> String {
    let counted: Vec<String> = FindingChange::ALL
        .into_iter()
        .filter(|change| *change != FindingChange::Incomparable || counts.of(*change) > 0)
        .map(|change| format!("{} {}", counts.of(change), change.word()))
        .collect();
    let counted = counted.join(", ");
    if counts.moved() {
        format!("Findings: {counted}.")
    } else {
        format!("No finding changed: {counted}.")
    }
}

impl State {
    /// What was compared and what to keep in mind, then the findings by what became of them.
    pub(super) fn comparison_rows(&self, by: GroupBy) -> Vec<Row> {
        let text = |text: String| Row::new(Item::Text(text.into()));
        let Some(comparison) = &self.comparison else {
            return vec![text("Nothing was compared yet.".to_owned())];
        };
        let (counts, groups) = self.groups_compared(comparison, by);
        // What came of it first, then between which runs.
        let mut rows = vec![text(if groups.is_empty() {
            "Neither run has a finding here.".to_owned()
        } else {
            outcome(&counts)
        })];
        rows.extend(self.answered_between(comparison).into_iter().map(text));
        rows.extend([
            text(format!("Before: {}", side(&comparison.before))),
            text(format!("After:  {}", side(&comparison.after))),
        ]);
        rows.extend(comparison.notes.iter().map(|note| text(format!("Mind: {note}"))));
        rows.extend(shift::rows(&self.compared_controls));
        rows.extend(self.decided_between(comparison));
        if !groups.is_empty() {
            rows.push(Row::new(Item::Heading(Section::Compared)));
        }
        rows.extend(groups);
        rows
    }

    /// The findings of a comparison in groups, and how many there are of each change.
    fn groups_compared(
        &self,
        comparison: &Arc<Comparison>,
        by: GroupBy,
    ) -> (ChangeCounts, Vec<Row>) {
        let all = self.data.platform || comparison.include_platform;
        let here = self.data.namespace.as_deref();
        let frameworks = Deciding::of_all(&self.data);
        let mut counts = ChangeCounts::default();
        // Changes in their order; other groups by name.
        let mut groups: BTreeMap<(Option<FindingChange>, Arc<str>), Together> = BTreeMap::new();
        for (at, entry) in comparison.entries.iter().enumerate() {
            let (change, finding) = (entry.change, &entry.finding);
            if !entry.counts(all) || here.is_some_and(|ns| finding.home() != ns) {
                continue;
            }
            counts.add(change);
            let keys = match by {
                GroupBy::Nothing => vec![(Some(change), change.word().into())],
                GroupBy::Framework => frameworks.of(finding).map(|name| (None, name)).collect(),
                by => vec![(None, rows::label(&self.data, finding, by))],
            };
            for key in keys {
                let under = (by == GroupBy::Framework).then(|| Arc::clone(&key.1));
                let group = groups.entry(key).or_default();
                group.tally.add(finding.severity);
                group.counts.add(change);
                let (comparison, finding) = (Arc::clone(comparison), Arc::clone(finding));
                let compared = ComparedRow { comparison, at, finding, under };
                group.rows.push(Row::deep(Item::Compared(compared), 1));
            }
        }
        let mut groups: Vec<_> = groups.into_iter().collect();
        if by != GroupBy::Nothing {
            // Where most came or came back is first, then where most went.
            groups.sort_by_key(|(_, group)| {
                let ChangeCounts { new, regressed, fixed, incomparable, .. } = group.counts;
                std::cmp::Reverse((new + regressed, fixed, incomparable))
            });
        }
        let head = |((change, label), together): ((Option<FindingChange>, Arc<str>), Together)| {
            let Together { tally, counts, rows } = together;
            let head = match change {
                Some(change) => group(change, tally),
                None => Item::Group { label, tally, changes: Some(counts) },
            };
            std::iter::once(Row::new(head)).chain(rows)
        };
        (counts, groups.into_iter().flat_map(head).collect())
    }

    /// What was decided and answered between the runs: how much, and the answers, a line each.
    fn answered_between(&self, comparison: &Comparison) -> Vec<String> {
        let all = self.data.platform || comparison.include_platform;
        let here = self.data.namespace.as_deref();
        let shown =
            |finding: &Finding| finding.counts(all) && here.is_none_or(|ns| finding.home() == ns);
        let Some(words) = comparison.decided.words(shown) else { return Vec::new() };
        let word = |answer: Option<AttestationAnswer>| match answer {
            Some(answer) => answer.word().replace('-', " "),
            None => "not answered".to_owned(),
        };
        let line = |one: &ReansweredControl| {
            let (framework, control) = &one.control;
            let name = self.data.short(framework);
            format!("{name} {control}: {}, was {}", word(one.after), word(one.before))
        };
        let mut lines = vec![format!("Decided between them: {words}.")];
        lines.extend(comparison.decided.controls.iter().take(ANSWERS).map(line));
        lines
    }

    /// The findings about which something was decided between the runs, by what was.
    fn decided_between(&self, comparison: &Comparison) -> Vec<Row> {
        let all = self.data.platform || comparison.include_platform;
        let here = self.data.namespace.as_deref();
        let mut groups: BTreeMap<DecisionState, Vec<&Arc<Finding>>> = BTreeMap::new();
        for one in &comparison.decided.findings {
            if one.finding.counts(all) && here.is_none_or(|ns| one.finding.home() == ns) {
                groups.entry(one.after).or_default().push(&one.finding);
            }
        }
        let mut rows = Vec::new();
        for (state, findings) in groups {
            let mut tally = BySeverity::default();
            for finding in &findings {
                tally.add(finding.severity);
            }
            let label = between::word(state).into();
            rows.push(Row::new(Item::Group { label, tally, changes: None }));
            let row = |finding: &Arc<Finding>| Row::deep(Item::Finding(Arc::clone(finding)), 1);
            rows.extend(findings.into_iter().map(row));
        }
        if !rows.is_empty() {
            rows.insert(0, Row::new(Item::Heading(Section::Decided)));
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn that_nothing_changed_is_said_first() {
        let mut counts = ChangeCounts { unchanged: 3_450, ..ChangeCounts::default() };
        assert_eq!(
            outcome(&counts),
            "No finding changed: 0 new, 0 regressed, 0 fixed, 3450 unchanged."
        );
        counts.new = 2;
        counts.incomparable = 1;
        assert_eq!(
            outcome(&counts),
            "Findings: 2 new, 0 regressed, 0 fixed, 1 incomparable, 3450 unchanged."
        );
    }
}
