//! What people decided and answered between two runs, by the journals of their sessions.

use std::collections::BTreeSet;

use super::run::RunRecord;
use super::state::{JournalState, PastAnswer};
use crate::model::attestation::{AttestationAnswer, ControlKey};
use crate::model::between::{Authorship, DecisionsBetween, ReansweredControl, RedecidedFinding};
use crate::model::comparison::Comparison;
use crate::model::decision::{DecisionState, PastDecision};

/// A run, and what its session knows.
#[derive(Clone, Copy, Debug)]
pub struct RunInSession<'a> {
    /// What the journal of the session adds up to.
    pub state: &'a JournalState,
    /// The run.
    pub run: &'a RunRecord,
}

/// What was decided about findings of either run, and answered, after the earlier one had ended and before
/// the later one had. What Plimsoll settled itself is no decision: the runs say it.
#[must_use]
pub fn between(
    before: RunInSession<'_>,
    after: RunInSession<'_>,
    comparison: &Comparison,
) -> DecisionsBetween {
    // Times are whole seconds: whoever decides has seen the end of the run.
    let (then, now) = (
        |time: &str| time < before.run.finished.as_str(),
        |time: &str| time <= after.run.finished.as_str(),
    );
    let mut findings = Vec::new();
    for entry in &comparison.entries {
        let print = &entry.finding.fingerprint;
        let (was, is) = (last(before.state, print, then), last(after.state, print, now));
        let (was, state) = (state_of(was), state_of(is));
        if was == state {
            continue;
        }
        let decision = is.and_then(|past| past.after.as_deref());
        findings.push(RedecidedFinding {
            finding: entry.finding.clone(),
            before: was,
            after: state,
            reason: decision.and_then(|decision| decision.reason.clone()),
            act: is.map(|past| Authorship { time: past.time.clone(), by: past.by.clone() }),
        });
    }
    let keys: BTreeSet<&ControlKey> =
        before.state.answered.keys().chain(after.state.answered.keys()).collect();
    let mut controls = Vec::new();
    for key in keys {
        let (was, is) = (answer(before.state, key, then), answer(after.state, key, now));
        let (old, new) = (answer_of(was), answer_of(is));
        if old != new {
            let act = is.map(|past| Authorship { time: past.time.clone(), by: past.by.clone() });
            controls.push(ReansweredControl { control: key.clone(), before: old, after: new, act });
        }
    }
    DecisionsBetween { findings, controls }
}

/// The last change of a decision at a time.
fn last<'a>(
    state: &'a JournalState,
    print: &str,
    until: impl Fn(&str) -> bool,
) -> Option<&'a PastDecision> {
    let ledger = &state.ledger;
    let history = ledger.history.get(ledger.name(print))?;
    history.iter().rev().map(|past| &**past).find(|past| until(&past.time))
}

/// What a person decided.
fn state_of(past: Option<&PastDecision>) -> DecisionState {
    let decision = past.and_then(|past| past.after.as_deref());
    decision.map(|d| d.state).filter(|state| !state.is_settled()).unwrap_or_default()
}

/// The last change of an answer at a time.
fn answer<'a>(
    state: &'a JournalState,
    key: &ControlKey,
    until: impl Fn(&str) -> bool,
) -> Option<&'a PastAnswer> {
    state.answered.get(key)?.iter().rev().find(|past| until(&past.time))
}

fn answer_of(past: Option<&PastAnswer>) -> Option<AttestationAnswer> {
    past.and_then(|past| past.after.as_ref()).map(|attestation| attestation.answer)
}
