//! What a run changes about decisions by itself: findings that are gone become `fixed`, and those
//! that come back after that `regressed`.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::act::Change;
use super::compare::compare;
use super::run::RunRecord;
use crate::model::comparison;
use crate::model::decision::{Decision, DecisionState};
use crate::model::ledger::Ledger;

/// What a run settled, and what it brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// What is decided otherwise since then, in the order of reports.
    pub changes: Vec<Change>,
    /// Findings that the run before it would have seen and did not.
    pub new: usize,
}

impl Settled {
    /// In words: `26 new, 2 fixed, 1 regressed`; none when nothing is otherwise than it was.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let count = |state| {
            let is = |c: &&Change| c.after.as_ref().is_some_and(|d| d.state == state);
            self.changes.iter().filter(is).count()
        };
        let decided = [DecisionState::Fixed, DecisionState::Regressed];
        let counts = std::iter::once((self.new, comparison::Change::New.word()))
            .chain(decided.map(|state| (count(state), state.word())));
        let parts: Vec<String> =
            counts.filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// What `now` settles about findings, in the order of reports. `previous` is the run before it and
/// `ledger` holds what was decided until now.
///
/// Open, in-progress and regressed findings that the run would have seen and did not are fixed.
/// Fixed ones that it did see are regressed. Accepted risks and false positives stay what a person
/// said they are, and a finding that cannot be compared stays as it is. Runs of different clusters
/// settle nothing.
#[must_use]
pub fn settle(previous: &RunRecord, now: &RunRecord, ledger: &Ledger) -> Settled {
    if !previous.source.is_same_as(&now.source) {
        return Settled::default();
    }
    let comparison = compare(previous, now, &BTreeSet::new());
    let settled = |state, word| {
        let reason = Some(format!("{word} run {}", now.number));
        Arc::new(Decision { state, reason, ..Decision::default() })
    };
    let fixed = settled(DecisionState::Fixed, "not found any more by");
    let regressed = settled(DecisionState::Regressed, "found again by");
    let change = |entry: &comparison::Entry| {
        let before = ledger.shared(&entry.finding.fingerprint);
        let state = before.as_ref().map_or(DecisionState::Open, |d| d.state);
        let gone = entry.change == comparison::Change::Fixed;
        let there = entry.side != comparison::Side::Before;
        let after = if gone && state.counts_as_fail() {
            &fixed
        } else if there && state == DecisionState::Fixed {
            &regressed
        } else {
            return None;
        };
        Some(Change {
            fingerprint: entry.finding.fingerprint.as_str().into(),
            before,
            after: Some(Arc::clone(after)),
        })
    };
    let all = &comparison.entries;
    // What was fixed once and is there again is regressed, not new.
    let is_new = |entry: &&comparison::Entry| {
        let decided = ledger.shared(&entry.finding.fingerprint);
        entry.change == comparison::Change::New
            && decided.is_none_or(|d| d.state != DecisionState::Fixed)
    };
    Settled {
        changes: all.iter().filter_map(change).collect(),
        new: all.iter().filter(is_new).count(),
    }
}
