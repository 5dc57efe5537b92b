//! Two runs compared: which rows the screen has, and what they hold.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::frameworks::{ControlChange, FrameworkChange, Status};
use crate::model::attestation::Answer;
use crate::model::between::{self, Answered};
use crate::model::comparison::{Change, Comparison, Counts, Entry, RunLabel};
use crate::model::decision::DecisionState;
use crate::model::finding::Finding;
use crate::model::session_id::short;
use crate::model::severities::BySeverity;
use crate::text::noun;

use super::item::{Item, Section};
use super::list::Row;
use super::live::dated;
use super::state::State;

/// How many controls are listed before the findings.
const CONTROLS: usize = 12;

/// One finding of a comparison.
#[derive(Clone, Debug)]
pub struct Compared {
    comparison: Arc<Comparison>,
    at: usize,
    finding: Arc<Finding>,
}

impl Compared {
    /// The finding: as the later run has it, or the earlier one where only that has it.
    #[must_use]
    pub fn entry(&self) -> &Arc<Finding> {
        &self.finding
    }

    /// What became of it.
    #[must_use]
    pub fn change(&self) -> Change {
        self.whole().map_or(Change::Unchanged, |entry| entry.change)
    }

    /// Why it cannot be compared, or what differs; empty when there is nothing to say.
    #[must_use]
    pub fn remark(&self) -> String {
        self.whole().map(Entry::remark).unwrap_or_default()
    }

    fn whole(&self) -> Option<&Entry> {
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
    group(Change::Unchanged, BySeverity::default())
}

fn group(change: Change, tally: BySeverity) -> Item {
    Item::Group { label: change.word().into(), tally }
}

/// What changed in one sentence: what came, what went, and how much stayed as it was.
fn outcome(counts: &Counts) -> String {
    let counted: Vec<String> = Change::ALL
        .into_iter()
        .filter(|change| *change != Change::Incomparable || counts.of(*change) > 0)
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
    /// The controls that have another status than before, a line each.
    fn moved_controls(&self) -> Vec<String> {
        // In words, as elsewhere on the screen.
        let word = |status: Option<Status>| match status {
            Some(status) => status.word().replace('-', " "),
            None => "not judged".to_owned(),
        };
        let of = |framework: &FrameworkChange| -> Vec<String> {
            let moved = framework.controls.iter().filter(|control| control.moved());
            let line = |control: &ControlChange| {
                let (before, after) = (word(control.before), word(control.after));
                let name = self.data.short(&framework.id);
                format!("{name} {}: {after}, was {before}", control.id)
            };
            moved.map(line).collect()
        };
        let mut lines: Vec<String> = self.compared_controls.iter().flat_map(of).collect();
        let more = lines.len().saturating_sub(CONTROLS);
        lines.truncate(CONTROLS);
        if more > 0 {
            lines.push(format!(
                "and {more} more {}; `plimsoll sessions diff` lists them all",
                noun(more, "control")
            ));
        }
        lines
    }

    /// What was compared and what to keep in mind, then the findings by what became of them.
    pub(super) fn comparison_rows(&self) -> Vec<Row> {
        let text = |text: String| Row::new(Item::Text(text.into()));
        let Some(comparison) = &self.comparison else {
            return vec![text("Nothing was compared yet.".to_owned())];
        };
        let all = self.data.platform || comparison.include_platform;
        let here = self.data.namespace.as_deref();
        let mut counts = Counts::default();
        let mut groups = Vec::new();
        for change in Change::ALL {
            let mut tally = BySeverity::default();
            let mut found = Vec::new();
            for (at, entry) in comparison.entries.iter().enumerate() {
                let finding = &entry.finding;
                let shown = here.is_none_or(|ns| finding.home() == ns) && entry.counts(all);
                if entry.change == change && shown {
                    tally.add(finding.severity);
                    counts.add(change);
                    let (comparison, finding) = (Arc::clone(comparison), Arc::clone(finding));
                    found.push(Row::deep(Item::Compared(Compared { comparison, at, finding }), 1));
                }
            }
            if !found.is_empty() {
                groups.push(Row::new(group(change, tally)));
                groups.extend(found);
            }
        }
        // What came of it first, then between which runs.
        let mut rows = vec![text(if groups.is_empty() {
            "Neither run has a finding here.".to_owned()
        } else {
            outcome(&counts)
        })];
        let moved = self.moved_controls();
        if moved.is_empty() && !self.compared_controls.is_empty() {
            rows.push(text("No control changed its status.".to_owned()));
        }
        rows.extend(moved.into_iter().map(text));
        rows.extend(self.answered_between(comparison).into_iter().map(text));
        rows.extend([
            text(format!("Before: {}", side(&comparison.before))),
            text(format!("After:  {}", side(&comparison.after))),
        ]);
        rows.extend(comparison.notes.iter().map(|note| text(format!("Mind: {note}"))));
        rows.extend(self.decided_between(comparison));
        if !groups.is_empty() {
            rows.push(text(String::new()));
            rows.push(Row::new(Item::Heading(Section::Compared)));
        }
        rows.extend(groups);
        rows
    }

    /// What was decided and answered between the runs: how much, and the answers, a line each.
    fn answered_between(&self, comparison: &Comparison) -> Vec<String> {
        let all = self.data.platform || comparison.include_platform;
        let here = self.data.namespace.as_deref();
        let shown =
            |finding: &Finding| finding.counts(all) && here.is_none_or(|ns| finding.home() == ns);
        let Some(words) = comparison.decided.words(shown) else { return Vec::new() };
        let word = |answer: Option<Answer>| match answer {
            Some(answer) => answer.word().replace('-', " "),
            None => "not answered".to_owned(),
        };
        let line = |one: &Answered| {
            let (framework, control) = &one.control;
            let name = self.data.short(framework);
            format!("{name} {control}: {}, was {}", word(one.after), word(one.before))
        };
        let mut lines = vec![format!("Decided between them: {words}.")];
        lines.extend(comparison.decided.controls.iter().take(CONTROLS).map(line));
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
            rows.push(Row::new(Item::Group { label, tally }));
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
        let mut counts = Counts { unchanged: 3_450, ..Counts::default() };
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
