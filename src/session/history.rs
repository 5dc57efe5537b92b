//! Since when findings are there: each run carries on what the run before it knew.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::compare::cover::RunCover;
use super::run::RunRecord;
use crate::model::finding::Finding;
use crate::model::history::{FindingSpan, History, Unseen};
use crate::model::kinds;
use crate::model::node::Node;

/// What is known after `now` of how long findings are there. `previous` is the run before it in the
/// session; none where it is the first.
///
/// A line breaks only where a run looked and did not find: one that could not look, or was not asked
/// to, leaves it whole. Runs of different clusters say nothing about each other.
#[must_use]
pub fn follow(previous: Option<&RunRecord>, now: &RunRecord) -> History {
    let mut history = History::default();
    let Some(previous) = previous.filter(|p| p.source.is_same_as(&now.source)) else {
        history.lines = aged(now).map(|f| (f.fingerprint.clone(), begun(now, None))).collect();
        return history;
    };
    let mut known = known(previous);
    let (looked, looks) = (RunCover::of(previous), RunCover::of(now));
    // By other rules the run before may have passed over what is found now.
    let same_rules =
        previous.content == now.content && previous.settings.digest == now.settings.digest;
    for finding in aged(now) {
        let line = if known.remove(finding.fingerprint.as_str()).is_some() {
            carried(previous, &finding.fingerprint)
        } else {
            let absent = same_rules && looked.hides(finding).is_none();
            begun(now, absent.then(|| previous.started.clone()))
        };
        history.lines.insert(finding.fingerprint.clone(), line);
    }
    for finding in known.into_values() {
        let Some(reason) = looks.hides(finding) else { continue };
        let line = carried(previous, &finding.fingerprint);
        history.lines.insert(finding.fingerprint.clone(), line);
        let outside = looks.leaves_out(finding);
        let params = params(previous, finding);
        history.unseen.push(Unseen { finding: Arc::clone(finding), reason, outside, params });
    }
    history.unseen.sort_by(|a, b| a.finding.fingerprint.cmp(&b.finding.fingerprint));
    history
}

/// Findings of a run that have an age of their own: one about the age of another has not.
fn aged(run: &RunRecord) -> impl Iterator<Item = &Arc<Finding>> {
    let ages = kinds::finding_age();
    let other = move |f: &&Arc<Finding>| f.object.as_ref().is_none_or(|o| o.group_kind() != ages);
    run.result.findings.iter().filter(other)
}

/// Findings that are there as far as a run knows: its own, and those that it could not see gone.
fn known(run: &RunRecord) -> HashMap<&str, &Arc<Finding>> {
    let unseen = run.result.history.unseen.iter().map(|unseen| &unseen.finding);
    unseen.chain(aged(run)).map(|f| (f.fingerprint.as_str(), f)).collect()
}

/// The parameters by which a finding that a run knew was found last: a run does not say those of a check
/// that it did not run.
fn params(run: &RunRecord, finding: &Finding) -> BTreeMap<String, Node> {
    let unseen = &run.result.history.unseen;
    let by_print = |u: &Unseen| u.finding.fingerprint.cmp(&finding.fingerprint);
    let carried = unseen.binary_search_by(by_print).ok().and_then(|at| unseen.get(at));
    carried.map_or_else(|| run.settings.of_check(&finding.check), |unseen| unseen.params.clone())
}

/// The line of a finding that a run knew. Runs of earlier versions have none: it begins with them.
fn carried(run: &RunRecord, fingerprint: &str) -> FindingSpan {
    run.result.history.lines.get(fingerprint).cloned().unwrap_or_else(|| begun(run, None))
}

fn begun(run: &RunRecord, before: Option<String>) -> FindingSpan {
    FindingSpan { since: run.finished.clone(), before }
}

#[cfg(test)]
mod tests;
