//! Exceptions, and results of other tools that are not ours.

use super::super::columns::{DECISION, FROM, UNTIL};
use super::{ColumnText, dim, object, plain};
use crate::app::data::Data;
use crate::app::exceptions::Exception;
use crate::config::theme::Role;
use crate::model::import::{Disagreement, ImportOutcome};
use crate::triage::board::Use;
use crate::ui::paint::piece;
use crate::ui::sign;

/// An exception: what it says, how much it covers, what is remarked on it, where it stands.
pub(super) fn exception(exception: &Exception, width: u16) -> Vec<ColumnText> {
    let entry = &exception.entry;
    let sign::Sign { mark, word, role } = sign::decision(entry.decision.state);
    let state = if width >= DECISION { format!("{mark} {word}") } else { mark.to_owned() };
    let covers = match entry.usage {
        Use::NotRun => "?".to_owned(),
        _ => entry.covers.len().to_string(),
    };
    // Of a decision about one finding the object comes first: many have the same check.
    let label = match exception.covers.as_slice() {
        [finding] if !entry.decided.is_empty() => {
            let owner = finding.owner.as_ref().or(finding.object.as_ref());
            let mut cell = object(owner);
            cell.push(piece(format!("  {}", finding.check), Role::Dim));
            cell
        }
        _ => plain(&entry.label),
    };
    let mut cells = vec![vec![piece(state, role)], label, plain(covers)];
    let remarked = |text: String| {
        if entry.needs_review() { vec![piece(text, Role::Manual)] } else { dim(text) }
    };
    if width >= UNTIL {
        cells.push(dim(exception.until()));
        cells.push(remarked(entry.remarks().join("; ")));
    } else {
        cells.push(remarked(exception.remarks_with_end()));
    }
    if width >= UNTIL {
        cells.push(dim(exception.place()));
    } else if width >= FROM {
        cells.push(dim(exception.source()));
    }
    cells
}

/// What is said here and there about one thing.
pub(super) fn disagreement(data: &Data, differs: &Disagreement, width: u16) -> Vec<ColumnText> {
    let mut cells = vec![plain(data.subject_of(differs))];
    if width >= 60 {
        cells.push(match &differs.object {
            Some(id) => object(Some(id)),
            None => plain(differs.place().unwrap_or_default()),
        });
    }
    cells.push(outcome(differs.ours));
    cells.push(outcome(differs.theirs));
    if width >= 60 {
        cells.push(dim(differs.tool.word()));
    }
    let age = data.age_of(differs);
    cells.push(dim(age.map_or_else(|| "?".to_owned(), |days| format!("{days}d"))));
    cells
}

fn outcome(outcome: ImportOutcome) -> ColumnText {
    let (mark, role) = match outcome {
        ImportOutcome::Pass => ("✔", Role::Pass),
        ImportOutcome::Fail => ("✖", Role::Fail),
        ImportOutcome::Error | ImportOutcome::Warn | ImportOutcome::Skip => ("?", Role::Unknown),
    };
    vec![piece(format!("{mark} {}", outcome.word()), role)]
}
