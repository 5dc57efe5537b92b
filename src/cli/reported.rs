//! A run of a session, judged by what is decided in it, for whoever reports it.

use std::borrow::Cow;
use std::sync::Arc;

use super::context::Context;
use super::{Fail, output};
use crate::model::finding::RunResult;
use crate::model::import::Damaged;
use crate::model::inventory::{Inventory, Problem, ProblemKind};
use crate::model::ledger::Ledger;
use crate::report::{self, SessionRef};
use crate::session::{RunRecord, Session};
use crate::triage::brought::{Brought, Sources};

/// Judges a run of a session by what is decided in it and the day, and gives the whole to whoever
/// renders it.
///
/// # Errors
/// When this version lacks what the run selected.
pub fn reported<T>(
    context: &Context,
    session: &Session,
    run: &RunRecord,
    day: &str,
    sources: &Sources,
    render: impl FnOnce(&report::Input<'_>) -> T,
) -> Result<T, Fail> {
    let content = &context.content;
    let mut ledger = ledger(session);
    let result = with_damage(&run.result, &ledger.damaged);
    let inventory = Inventory::new(run.source.clone(), Vec::new(), run.reads.clone());
    ledger.brought = brought(sources, &run.result, &inventory).decisions(day);
    let about = SessionRef {
        id: session.id().to_owned(),
        title: session.state().meta.title.clone(),
        created: session.state().created.clone(),
        run: Some(run.number),
    };
    let (chosen, judged) = content.judge_run(run, &ledger, day).map_err(|e| {
        Fail::Usage(format!("the run selected something that this version does not have: {e}"))
    })?;
    let check = |id: &str| content.text_of(id);
    Ok(render(&report::Input {
        content: &run.content,
        settings: &run.settings,
        source: &run.source,
        environment: context.environment(&run.source),
        reads: &run.reads,
        result: &result,
        gone: &[],
        frameworks: &judged,
        not_judged: &chosen.not_judged,
        ledger: &ledger,
        session: Some(&about),
        today: day,
        max_age: content.max_import_age(),
        selection: &run.selection,
        profile: None,
        started: &run.started,
        finished: &run.finished,
        check: &check,
    }))
}

/// What people and other tools say in a session, as far as it can be read; the rest is told.
pub(super) fn ledger(session: &Session) -> Ledger {
    let (ledger, damage) = session.whole_ledger();
    for error in damage {
        output::complain(&format!("plimsoll: damaged: {error}; what rests on it is not assessed"));
    }
    Arc::unwrap_or_clone(ledger)
}

/// A result that names the imports which cannot be read, where every report lists problems.
fn with_damage<'a>(result: &'a RunResult, damaged: &[Damaged]) -> Cow<'a, RunResult> {
    if damaged.is_empty() {
        return Cow::Borrowed(result);
    }
    let problem = |damaged: &Damaged| Problem {
        kind: ProblemKind::Import,
        file: None,
        line: None,
        column: None,
        object: None,
        check: None,
        message: format!(
            "the import of {} from {} cannot be read, and what rests on it is not assessed: {}",
            damaged.tool.word(),
            damaged.origin,
            damaged.why
        ),
    };
    let mut result = result.clone();
    result.problems.extend(damaged.iter().map(problem));
    Cow::Owned(result)
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
