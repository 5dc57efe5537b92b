//! Which rows the preview of a patch has.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::finding::Finding;

use super::item::{Item, Section};
use super::list::Row;
use super::preview::{FindingFate, Foreseen, Preview, PreviewProgress, PreviewRequest};
use super::rows::labelled;
use super::state::State;

impl State {
    /// What would newly fail, what clears, controls of which the status changes, and what is left.
    pub(super) fn preview_rows(&self, asked: &PreviewRequest) -> Vec<Row> {
        let state = self.preview.as_ref().filter(|state| state.asked == *asked);
        match state.map(|state| &state.progress) {
            None | Some(PreviewProgress::Working) => {
                vec![text(
                    "Working it out: every check looks again at a patched copy of the objects.",
                )]
            }
            Some(PreviewProgress::Failed(error)) => {
                let lines = [&error.what, &error.why, &error.next];
                lines.into_iter().filter(|line| !line.is_empty()).map(|line| text(line)).collect()
            }
            Some(PreviewProgress::Done(preview)) => {
                let rows = rows(preview, asked);
                if self.look.plain || self.size.0 >= REMARKED { rows } else { remarked(rows) }
            }
        }
    }
}

/// From this width of the screen on remarks have a column that holds them.
const REMARKED: u16 = 182;

/// The same rows where there is no room for remarks beside them: each stands below its finding, whole.
fn remarked(rows: Vec<Row>) -> Vec<Row> {
    let below = |row: Row| {
        let remark = match &row.item {
            Item::Foreseen(seen) => labelled("  ", &seen.remark, 72),
            _ => Vec::new(),
        };
        std::iter::once(row).chain(remark)
    };
    rows.into_iter().flat_map(below).collect()
}

fn text(text: &str) -> Row {
    Row::new(Item::Text(text.into()))
}

fn foreseen(finding: &Arc<Finding>, fate: FindingFate, remark: impl Into<String>) -> Row {
    let foreseen = Foreseen { finding: Arc::clone(finding), fate, remark: remark.into() };
    Row::new(Item::Foreseen(Arc::new(foreseen)))
}

fn rows(preview: &Preview, asked: &PreviewRequest) -> Vec<Row> {
    let outcome = &preview.outcome;
    let mut rows = Vec::new();
    let severity = |(before, after): &(Arc<Finding>, Arc<Finding>)| {
        format!("{} → {}", before.severity, after.severity)
    };
    if !outcome.nothing_worse() {
        rows.push(Row::new(Item::Heading(Section::Appears)));
        rows.extend(
            outcome.fresh.iter().map(|f| foreseen(f, FindingFate::Appears, "fails only then")),
        );
        rows.extend(
            outcome.worse().map(|pair| foreseen(&pair.1, FindingFate::Worse, severity(pair))),
        );
    }
    rows.push(Row::new(Item::Heading(Section::Clears)));
    rows.extend(outcome.cleared.iter().map(|f| foreseen(f, FindingFate::Clears, "")));
    if outcome.cleared.is_empty() {
        rows.push(text("No finding is cleared by it."));
    }
    rows.push(Row::new(Item::Heading(Section::Moves)));
    rows.extend(preview.controls.iter().map(|moved| Row::new(Item::ControlMove(moved.clone()))));
    if preview.controls.is_empty() {
        rows.push(text("No control changes its status: others keep it where it is."));
    }
    let left = left(preview, asked);
    if !left.is_empty() {
        rows.push(Row::new(Item::Heading(Section::Left)));
        rows.extend(left);
    }
    rows
}

/// What was to be mended and is not, and what only changes.
fn left(preview: &Preview, asked: &PreviewRequest) -> Vec<Row> {
    let outcome = &preview.outcome;
    let gone: BTreeSet<&str> = outcome.cleared.iter().map(|f| f.fingerprint.as_str()).collect();
    let mut rows = Vec::new();
    for finding in &preview.mended {
        let print = finding.fingerprint.as_str();
        let moves = |(old, _): &(Arc<Finding>, Arc<Finding>)| old.fingerprint == print;
        let open = outcome.undecided.iter().any(|f| f.fingerprint == print);
        if !gone.contains(print) && !open && !outcome.moved.iter().any(moves) {
            rows.push(foreseen(
                finding,
                FindingFate::Stays,
                "the patch is not enough: it still fails",
            ));
        }
    }
    for (finding, why) in &preview.left {
        if !gone.contains(finding.fingerprint.as_str()) {
            rows.push(foreseen(finding, FindingFate::Unpatched, why.clone()));
        }
    }
    let undecided = outcome.undecided.iter();
    rows.extend(undecided.map(|f| foreseen(f, FindingFate::Undecided, "not decided any more")));
    for (old, now) in outcome.moved.iter().filter(|(old, now)| now.severity >= old.severity) {
        rows.push(foreseen(old, FindingFate::Moves, format!("still fails, as: {}", now.message)));
    }
    for (old, now) in outcome.changed.iter().filter(|(old, now)| now.severity > old.severity) {
        let remark = format!("milder: {} → {}", old.severity, now.severity);
        rows.push(foreseen(old, FindingFate::Milder, remark));
    }
    // Those that were asked about come first.
    let asked: BTreeSet<&str> = asked.prints.iter().map(|print| &**print).collect();
    rows.sort_by_key(|row| match &row.item {
        Item::Foreseen(f) => !asked.contains(f.finding.fingerprint.as_str()),
        _ => true,
    });
    rows
}
