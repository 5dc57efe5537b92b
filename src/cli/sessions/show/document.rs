//! A session for other programs: everything that `sessions show` has tables of.

use std::sync::Arc;

use serde_json::{Value, json};

use super::{FindingName, Names, damage};
use crate::model::attestation::ControlKey;
use crate::model::decision::{Decision, PastDecision};
use crate::model::import::Disagreement;
use crate::session::state::{PastAnswer, PastImport};
use crate::session::{JournalState, Session};

/// Format of the document.
const SCHEMA: &str = "plimsoll.session-record/v1";

/// All of a session, in a stable order.
pub(super) fn of(session: &Session, names: &Names, differences: &[Disagreement]) -> Value {
    let state = session.state();
    json!({
        "schema": SCHEMA,
        "id": session.id(),
        "title": state.meta.title,
        "source": state.meta.source,
        "created": state.created,
        "updated": state.updated,
        "holder": session.holder(),
        "damaged": damage(session),
        "runs": runs(state),
        "decisions": decisions(state, names),
        "history": history(state, names),
        "answers": state.ledger.attestations.values().collect::<Vec<_>>(),
        "answered": answered(state),
        "notes": notes(state, names),
        "imports": state.imports,
        "imported": imported(state),
        "disagreements": differences,
    })
}

fn runs(state: &JournalState) -> Value {
    let row = |run: &crate::session::RunRef| {
        json!({ "number": run.number, "finished": run.finished, "open": run.open(),
                "findings": run.findings, "sha256": run.sha256 })
    };
    state.runs.iter().map(row).collect()
}

/// A finding by its fingerprint, with what it is called where a run that is here has it.
fn finding(names: &Names, fingerprint: &str) -> Value {
    match names.known(fingerprint) {
        Some(FindingName { check, object }) => {
            json!({ "fingerprint": fingerprint, "check": check, "object": object })
        }
        None => json!({ "fingerprint": fingerprint }),
    }
}

fn decisions(state: &JournalState, names: &Names) -> Value {
    let mut all: Vec<_> = state.ledger.decisions.iter().collect();
    all.sort_by(|a, b| a.0.cmp(b.0));
    let row = |(print, decision): (&Arc<str>, &Arc<Decision>)| json!({ "finding": finding(names, print), "decision": decision });
    all.into_iter().map(row).collect()
}

/// Every change of decisions, oldest first.
fn history(state: &JournalState, names: &Names) -> Value {
    let mut all: Vec<(&Arc<str>, &Arc<PastDecision>)> = Vec::new();
    for (print, changes) in &state.ledger.history {
        all.extend(changes.iter().map(|past| (print, past)));
    }
    // What one finding went through at one time stays in its order.
    all.sort_by_key(|(print, past)| (&past.time, *print));
    let row = |(print, past): (&Arc<str>, &Arc<PastDecision>)| json!({ "finding": finding(names, print), "change": past });
    all.into_iter().map(row).collect()
}

/// Every change of answers, by control.
fn answered(state: &JournalState) -> Value {
    let row = |((framework, control), all): (&ControlKey, &Vec<PastAnswer>)| json!({ "framework": framework, "control": control, "changes": all });
    state.answered.iter().map(row).collect()
}

fn notes(state: &JournalState, names: &Names) -> Value {
    let row = |note: &crate::session::act::FindingNote| json!({ "finding": finding(names, &note.fingerprint), "text": note.text });
    state.notes.iter().map(row).collect()
}

/// Every import, and every one that was taken back, oldest first.
fn imported(state: &JournalState) -> Value {
    let row = |past: &PastImport| {
        json!({ "time": past.time, "by": past.by, "number": past.number, "origin": past.origin,
                "counts": past.counts })
    };
    state.imported.iter().map(row).collect()
}
