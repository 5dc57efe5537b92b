//! A run of a session, judged by what is decided in it, for whoever reports it.

use std::sync::Arc;

use super::context::CommandContext;
use super::{CommandError, output};
use crate::assess::reported::{Saved, without_objects};
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::report;
use crate::runtime::clock::today;
use crate::session::{RunRecord, Session};
use crate::triage::brought::{Brought, Sources};

/// Judges a run of a session by what is decided today in it, in files and annotations, and gives the
/// whole to whoever renders it.
///
/// # Errors
/// When this version lacks what the run selected.
pub fn reported<T>(
    context: &CommandContext,
    session: &Session,
    run: &RunRecord,
    sources: &Sources,
    render: impl FnOnce(&report::Input<'_>) -> T,
) -> Result<T, CommandError> {
    let (mut ledger, day) = (ledger(session), &today());
    ledger.brought = brought(sources, &run.result, &without_objects(run)).decisions(day);
    let environment = context.environment(&run.source);
    let saved = Saved { session, run, environment, day };
    context.content.reported(saved, &ledger, render).map_err(|e| {
        CommandError::Usage(format!(
            "the run selected something that this version does not have: {e}"
        ))
    })
}

/// What people and other tools say in a session, as far as it can be read; the rest is told.
pub(super) fn ledger(session: &Session) -> Ledger {
    let (ledger, damage) = session.whole_ledger();
    for error in damage {
        output::complain(&format!("plimsoll: damaged: {error}; what rests on it is not assessed"));
    }
    Arc::unwrap_or_clone(ledger)
}

/// What is said outside a session about the findings of one of its runs. A session keeps findings,
/// not objects: of their annotations it knows what the run kept.
pub(super) fn brought(sources: &Sources, result: &RunResult, inventory: &Inventory) -> Brought {
    if !sources.honoured.is_empty() && result.beside.exempt.is_none() {
        output::complain(
            "plimsoll: an earlier version saved this run without the annotations of its objects, so \
             they are not looked at here; run it again",
        );
    }
    Brought::of(sources, result, inventory)
}
