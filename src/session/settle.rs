//! What a run changes about decisions by itself: findings that are gone become `fixed`, and those
//! that come back after that `regressed`.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::act::DecisionChange;
use super::compare::{compare, gone_unseen};
use super::run::RunRecord;
use crate::model::comparison;
use crate::model::decision::{Decision, DecisionState};
use crate::model::finding::Finding;
use crate::model::ledger::Ledger;

/// What a run settled, and what it brought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// What is decided otherwise since then, in the order of reports.
    pub changes: Vec<DecisionChange>,
    /// Findings that the run before it would have seen and did not, and that no earlier one left there.
    pub new: usize,
    /// Whether some of the changes are about findings at which the run before it could not look: an earlier
    /// run said that they were there, or gone.
    pub by_earlier: bool,
}

impl Settled {
    /// In words: `26 new, 2 fixed, 1 regressed`; none when nothing is otherwise than it was.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let count = |state| {
            let is = |c: &&DecisionChange| c.after.as_ref().is_some_and(|d| d.state == state);
            self.changes.iter().filter(is).count()
        };
        let decided = [DecisionState::Fixed, DecisionState::Regressed];
        let counts = std::iter::once((self.new, comparison::FindingChange::New.word()))
            .chain(decided.map(|state| (count(state), state.word())));
        let parts: Vec<String> =
            counts.filter(|(n, _)| *n > 0).map(|(n, word)| format!("{n} {word}")).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

/// What `now` settles about findings: first those that are gone, then those that are back, each in the
/// order of reports. `previous` is the run before it and `ledger` holds what was decided until now.
///
/// Open, in-progress and regressed findings that the run would have seen and did not are fixed: those of
/// the run before, and those that it could not see gone (`History::unseen`). Fixed ones that it did see
/// are regressed. Accepted risks and false positives stay what a person
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
    let decided = |finding: &Finding| {
        let before = ledger.shared(&finding.fingerprint);
        let state = before.as_ref().map_or(DecisionState::Open, |d| d.state);
        (before, state)
    };
    let change = |finding: &Finding, before, after| DecisionChange {
        fingerprint: finding.fingerprint.as_str().into(),
        before,
        after: Some(Arc::clone(after)),
    };
    let all = &comparison.entries;
    let of = |change| all.iter().filter(move |e| e.change == change).map(|e| &e.finding);
    let unlooked = gone_unseen(previous, now);
    let mut by_earlier = unlooked.iter().any(|f| decided(f).1.counts_as_fail());
    let mut gone: Vec<&Arc<Finding>> = of(comparison::FindingChange::Fixed).collect();
    gone.extend(unlooked);
    gone.sort_by(|a, b| {
        a.sort_key().cmp(&b.sort_key()).then_with(|| a.fingerprint.cmp(&b.fingerprint))
    });
    let gone = gone.into_iter().filter_map(|finding| {
        let (before, state) = decided(finding);
        state.counts_as_fail().then(|| change(finding, before, &fixed))
    });
    let there = all.iter().filter(|entry| entry.side != comparison::RunSide::Before);
    let is_back =
        |entry: &&comparison::ComparedFinding| decided(&entry.finding).1 == DecisionState::Fixed;
    let back: Vec<&comparison::ComparedFinding> = there.filter(is_back).collect();
    by_earlier |= back.iter().any(|entry| entry.change == comparison::FindingChange::Incomparable);
    let back = back
        .into_iter()
        .map(|entry| change(&entry.finding, ledger.shared(&entry.finding.fingerprint), &regressed));
    let unseen = previous.result.history.unseen.iter();
    let known: HashSet<&str> = unseen.map(|unseen| unseen.finding.fingerprint.as_str()).collect();
    // What was fixed once and is there again is regressed, and what could not be seen gone was there.
    let is_new = |finding: &&Arc<Finding>| {
        decided(finding).1 != DecisionState::Fixed && !known.contains(finding.fingerprint.as_str())
    };
    Settled {
        changes: gone.chain(back).collect(),
        new: of(comparison::FindingChange::New).filter(is_new).count(),
        by_earlier,
    }
}
