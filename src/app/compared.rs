//! Two runs compared: which rows the screen has, and what they hold.

use std::sync::Arc;

use crate::frameworks::{ControlChange, FrameworkChange, Status};
use crate::model::comparison::{Change, Comparison, Entry, RunLabel};
use crate::model::finding::Finding;
use crate::model::session_id::short;
use crate::model::severities::BySeverity;
use crate::text::noun;

use super::item::Item;
use super::list::Row;
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
    match &run.session {
        Some(session) => format!("{}, session {}", run.words(), short(session)),
        None => run.words(),
    }
}

impl State {
    /// The controls that have another status than before, a line each.
    fn moved_controls(&self) -> Vec<String> {
        let word = |status: Option<Status>| status.map_or("not judged", Status::word);
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
        let mut rows = vec![
            text(format!("Before: {}", side(&comparison.before))),
            text(format!("After:  {}", side(&comparison.after))),
        ];
        rows.extend(comparison.notes.iter().map(|note| text(format!("Mind: {note}"))));
        rows.extend(self.moved_controls().into_iter().map(text));
        let all = self.data.platform || comparison.include_platform;
        let here = self.data.namespace.as_deref();
        let (outcome, mut counts) = (rows.len(), Vec::new());
        for change in Change::ALL {
            let mut tally = BySeverity::default();
            let mut found = Vec::new();
            for (at, entry) in comparison.entries.iter().enumerate() {
                let finding = &entry.finding;
                let shown = here.is_none_or(|ns| finding.home() == ns) && entry.counts(all);
                if entry.change == change && shown {
                    tally.add(finding.severity);
                    let (comparison, finding) = (Arc::clone(comparison), Arc::clone(finding));
                    found.push(Row::deep(Item::Compared(Compared { comparison, at, finding }), 1));
                }
            }
            counts.push(format!("{} {}", tally.total(), change.word()));
            if !found.is_empty() {
                rows.push(Row::new(Item::Group { label: change.word().into(), tally }));
                rows.extend(found);
            }
        }
        if rows.iter().any(|row| row.item.is_group()) {
            rows.insert(outcome, text(format!("Findings: {}", counts.join(", "))));
        } else {
            rows.push(text("Neither run has a finding here.".to_owned()));
        }
        rows
    }
}
