//! What is different between two results, and between two such differences.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use super::blind::Blind;
use crate::model::finding::{Finding, RunResult};
use crate::model::inventory::Inventory;

/// What is different from a run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunDelta {
    /// Findings that the run did not have, in the order of reports.
    pub new: Vec<Arc<Finding>>,
    /// Findings of the run that are not there any more.
    pub gone: Vec<Arc<Finding>>,
    /// Of those that are gone, the fingerprints of what could not be looked at any more: nothing says
    /// that they are mended.
    pub lost: HashSet<Arc<str>>,
    /// Findings of both that say something else.
    pub changed: Vec<ChangedFinding>,
    /// Something else could not be assessed than in the run.
    pub coverage: bool,
}

/// A finding that says something else than in the run.
#[derive(Clone, Debug, PartialEq)]
pub struct ChangedFinding {
    /// As in the run.
    pub before: Arc<Finding>,
    /// As it is now.
    pub now: Arc<Finding>,
}

/// What came of one change.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DeltaStep {
    /// Findings that came.
    pub new: Vec<Arc<Finding>>,
    /// Findings that went.
    pub gone: Vec<Arc<Finding>>,
    /// Of those, the fingerprints of what can no longer be assessed.
    pub lost: HashSet<Arc<str>>,
    /// Findings that say something else now.
    pub changed: Vec<Arc<Finding>>,
}

type ByPrint<'a> = BTreeMap<&'a str, &'a Arc<Finding>>;

fn by_print<'a>(findings: impl IntoIterator<Item = &'a Arc<Finding>>) -> ByPrint<'a> {
    findings.into_iter().map(|f| (f.fingerprint.as_str(), f)).collect()
}

impl RunDelta {
    /// What is different in a later result, which comes of these objects. Findings that both hold as the same allocation, as those are
    /// that did not change, are passed over.
    #[must_use]
    pub fn between(run: &RunResult, later: &RunResult, inventory: &Inventory) -> Self {
        let (old, new) = apart(&run.findings, &later.findings);
        let mut before: HashMap<&str, &Arc<Finding>> =
            old.iter().map(|f| (f.fingerprint.as_str(), *f)).collect();
        let mut delta =
            Self { coverage: run.not_assessed != later.not_assessed, ..Self::default() };
        for finding in new {
            match before.remove(finding.fingerprint.as_str()) {
                None => delta.new.push(Arc::clone(finding)),
                Some(old) if says_the_same(old, finding) => {}
                Some(old) => {
                    let (before, now) = (Arc::clone(old), Arc::clone(finding));
                    delta.changed.push(ChangedFinding { before, now });
                }
            }
        }
        let left = |f: &&Arc<Finding>| before.contains_key(f.fingerprint.as_str());
        delta.gone = old.into_iter().filter(left).cloned().collect();
        delta.lost = Blind::lost(&delta.gone, later, inventory);
        delta
    }

    /// Whether nothing is different.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.new.is_empty() && self.gone.is_empty() && self.changed.is_empty() && !self.coverage
    }

    /// What happened since an earlier difference from the same run. What both have alike is passed over.
    /// `now` is what is different from the run, with the objects that it comes of: it tells of what the run
    /// did not have either whether it could be looked at.
    #[must_use]
    pub fn step(&self, earlier: &Self, (now, inventory): (&RunResult, &Inventory)) -> DeltaStep {
        let ((new, were_new), (gone, were_gone)) =
            (apart(&self.new, &earlier.new), apart(&self.gone, &earlier.gone));
        let (new, were_new) = (by_print(new), by_print(were_new));
        let (gone, were_gone) = (by_print(gone), by_print(were_gone));
        let missing = |from: &ByPrint<'_>, of: &ByPrint<'_>| -> Vec<Arc<Finding>> {
            of.iter().filter(|(p, _)| !from.contains_key(*p)).map(|(_, f)| Arc::clone(f)).collect()
        };
        let both = |mut one: Vec<Arc<Finding>>, other: Vec<Arc<Finding>>| {
            one.extend(other);
            one
        };
        let went = both(missing(&new, &were_new), missing(&were_gone, &gone));
        DeltaStep {
            new: both(missing(&were_new, &new), missing(&gone, &were_gone)),
            lost: Blind::lost(&went, now, inventory),
            gone: went,
            changed: self.changed_since(earlier, &were_new, &gone),
        }
    }

    fn changed_since(
        &self,
        earlier: &Self,
        were_new: &ByPrint<'_>,
        gone: &ByPrint<'_>,
    ) -> Vec<Arc<Finding>> {
        let (now, then) = (by_print(after(self)), by_print(after(earlier)));
        let other = |f: &Arc<Finding>| {
            let was = were_new.get(f.fingerprint.as_str());
            let was = was.or_else(|| then.get(f.fingerprint.as_str()));
            was.is_some_and(|was| !says_the_same(was, f))
        };
        let mut changed: Vec<Arc<Finding>> =
            self.new.iter().filter(|f| other(f)).cloned().collect();
        // Changed for the first time, or again; what was gone before and is back counts as new.
        let back = by_print(&earlier.gone);
        let again = |f: &&Arc<Finding>| {
            let print = f.fingerprint.as_str();
            !back.contains_key(print) && (!then.contains_key(print) || other(f))
        };
        changed.extend(after(self).filter(again).cloned());
        // Changed back to what the run had.
        let restored = |changed: &&ChangedFinding| {
            let print = changed.before.fingerprint.as_str();
            !now.contains_key(print) && !gone.contains_key(print)
        };
        changed.extend(earlier.changed.iter().filter(restored).map(|c| Arc::clone(&c.before)));
        changed
    }
}

/// What is in only one of two lists in the order of reports, or in each as another allocation. Where
/// everything is the same allocation nothing of it is looked at.
pub(in crate::app) fn apart<'a>(
    one: &'a [Arc<Finding>],
    other: &'a [Arc<Finding>],
) -> (Vec<&'a Arc<Finding>>, Vec<&'a Arc<Finding>>) {
    let (mut of_one, mut of_other) = (Vec::new(), Vec::new());
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    while let (Some(a), Some(b)) = (one.peek(), other.peek()) {
        let order = if Arc::ptr_eq(a, b) {
            one.next();
            other.next();
            continue;
        } else {
            a.sort_key().cmp(&b.sort_key())
        };
        if order.is_le() {
            of_one.extend(one.next());
        }
        if order.is_ge() {
            of_other.extend(other.next());
        }
    }
    of_one.extend(one);
    of_other.extend(other);
    (of_one, of_other)
}

fn after(delta: &RunDelta) -> impl Iterator<Item = &Arc<Finding>> {
    delta.changed.iter().map(|changed| &changed.now)
}

/// Whether two findings of one fingerprint say the same to a person. How many pods show it changes
/// with every rollout, and is no news.
fn says_the_same(a: &Arc<Finding>, b: &Arc<Finding>) -> bool {
    Arc::ptr_eq(a, b)
        || (a.severity == b.severity
            && a.message == b.message
            && a.note == b.note
            && a.missing == b.missing
            && a.value == b.value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::finding::Severity;

    fn finding(number: usize, severity: Severity) -> Arc<Finding> {
        let text = format!(
            r#"{{"fingerprint": "p1:{number}", "check": "c", "severity": "{severity}", "form": "rule",
            "scope": "object", "object": null, "owner": null, "instances": 0, "stale": 0,
            "origin": null, "container": null, "path": "spec", "missing": false, "value": null,
            "message": "m", "note": null, "platform": false, "file": null, "line": null}}"#
        );
        Arc::new(serde_json::from_str(&text).unwrap())
    }

    /// 0 is absent, other numbers are severities.
    fn result(states: &[u8]) -> RunResult {
        let severity = |state: u8| Severity::ALL[usize::from(state) % 5];
        let all = states.iter().enumerate().filter(|(_, s)| **s > 0);
        let findings = all.map(|(at, s)| finding(at, severity(*s))).collect();
        RunResult { findings, ..RunResult::default() }
    }

    /// Of objects that do not matter.
    fn between(run: &RunResult, later: &RunResult) -> RunDelta {
        RunDelta::between(run, later, &Inventory::default())
    }

    fn step(later: &RunDelta, earlier: &RunDelta, now: &RunResult) -> DeltaStep {
        later.step(earlier, (now, &Inventory::default()))
    }

    fn prints(list: &[Arc<Finding>]) -> Vec<&str> {
        let mut prints: Vec<&str> = list.iter().map(|f| f.fingerprint.as_str()).collect();
        prints.sort_unstable();
        prints
    }

    proptest! {
        /// Whatever happened in between, a step tells the difference between the two results.
        #[test]
        fn a_step_is_what_is_different_between_two_results(
            run in prop::collection::vec(0_u8..4, 6),
            one in prop::collection::vec(0_u8..4, 6),
            two in prop::collection::vec(0_u8..4, 6),
        ) {
            let (run, one, two) = (result(&run), result(&one), result(&two));
            let step = step(&between(&run, &two), &between(&run, &one), &two);
            let plain = between(&one, &two);
            prop_assert_eq!(prints(&step.new), prints(&plain.new));
            prop_assert_eq!(prints(&step.gone), prints(&plain.gone));
            let changed: Vec<Arc<Finding>> = after(&plain).cloned().collect();
            prop_assert_eq!(prints(&step.changed), prints(&changed));
        }
    }

    #[test]
    fn what_can_no_longer_be_assessed_is_not_what_was_mended() {
        use crate::model::finding::Gap;
        use crate::model::read::{Missing, ReadStatus};
        let run = result(&[1, 1, 1]);
        let after = |check: &str| {
            let missing = Missing::list("pods", None, ReadStatus::Forbidden);
            let gap =
                Gap { check: check.into(), missing: missing.into(), count: 0, platform: false };
            let later = RunResult { not_assessed: vec![gap], ..result(&[1]) };
            (between(&run, &later), later)
        };
        let (blind, later) = after("c");
        assert_eq!((blind.gone.len(), blind.lost.len()), (2, 2));
        let went = step(&blind, &RunDelta::default(), &later);
        assert_eq!((went.gone.len(), went.lost.len()), (2, 2));
        // The right comes back, and they are there again: nothing is gone.
        let back = step(&between(&run, &run), &blind, &run);
        assert_eq!((back.new.len(), back.gone.len(), back.lost.len()), (2, 0, 0));
        // Another check says nothing of these.
        assert!(after("other").0.lost.is_empty());
        // What was told before is not told again.
        assert!(step(&blind, &blind, &later).lost.is_empty());
        // What the run did not have, and what came since, cannot be assessed either.
        let grown = result(&[1, 1, 1, 1]);
        let went = step(&blind, &between(&run, &grown), &later);
        assert_eq!((went.gone.len(), went.lost.len()), (3, 3));
    }

    #[test]
    fn what_could_not_be_assessed_is_a_difference() {
        use crate::model::finding::Gap;
        use crate::model::read::{Missing, ReadStatus};
        let missing = Missing::list("pods", None, ReadStatus::Forbidden);
        let gap = Gap { check: "c".into(), missing: missing.into(), count: 0, platform: false };
        let blind = RunResult { not_assessed: vec![gap], ..result(&[1]) };
        let delta = between(&result(&[1]), &blind);
        assert!(delta.coverage && !delta.is_empty());
        assert!(between(&blind, &blind).is_empty());
    }
}
