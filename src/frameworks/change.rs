//! What became of frameworks and their controls from one run to another.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::Serialize;

use super::judge::{ControlResult, FrameworkResult};
use super::status::{Counts, Score, Status};
use crate::model::comparison;

/// A control of which the status changed, or findings that decide it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ControlChange {
    /// Number of the control.
    pub id: String,
    /// Status in the earlier run; none if it was not judged there.
    pub before: Option<Status>,
    /// Status in the later run.
    pub after: Option<Status>,
    /// That the status in the earlier run is what a person says.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub attested_before: bool,
    /// That the status in the later run is what a person says.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub attested_after: bool,
    /// What became of the findings of its deciding checks.
    pub findings: comparison::ChangeCounts,
}

impl ControlChange {
    /// Whether its status changed.
    #[must_use]
    pub fn moved(&self) -> bool {
        self.before != self.after
    }
}

/// What became of one framework.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FrameworkChange {
    /// Id of the framework.
    pub id: String,
    /// Its score in the earlier run; none where there is none or it was not judged.
    pub score_before: Option<Score>,
    /// Its score in the later run.
    pub score_after: Option<Score>,
    /// Controls per status in the earlier run; none if it was not judged there.
    pub before: Option<Counts>,
    /// Controls per status in the later run.
    pub after: Option<Counts>,
    /// What became of the findings of its deciding checks, each counted once.
    pub findings: comparison::ChangeCounts,
    /// Controls of which anything changed, in the order of the standard.
    pub controls: Vec<ControlChange>,
}

/// Compares what became of frameworks in two runs, each with the frameworks that it was judged by.
/// `checks` says what became of the findings of each check. Those of the later run come first.
#[must_use]
pub fn changes(
    before: &[FrameworkResult],
    after: &[FrameworkResult],
    checks: &BTreeMap<Arc<str>, comparison::ChangeCounts>,
) -> Vec<FrameworkChange> {
    let gone = before.iter().filter(|b| !after.iter().any(|a| a.id == b.id));
    let pairs = after
        .iter()
        .map(|a| (before.iter().find(|b| b.id == a.id), Some(a)))
        .chain(gone.map(|b| (Some(b), None)));
    pairs.filter_map(|(before, after)| framework(before, after, checks)).collect()
}

fn framework(
    before: Option<&FrameworkResult>,
    after: Option<&FrameworkResult>,
    checks: &BTreeMap<Arc<str>, comparison::ChangeCounts>,
) -> Option<FrameworkChange> {
    let id = after.or(before)?.id.clone();
    let controls = |f: Option<&FrameworkResult>| -> Vec<ControlResult> {
        f.map(|f| f.controls.clone()).unwrap_or_default()
    };
    let (old, new) = (controls(before), controls(after));
    let lost = old.iter().filter(|o| !new.iter().any(|n| n.id == o.id));
    let all = new.iter().chain(lost);
    let control = |control: &ControlResult| {
        let (before, after) =
            (old.iter().find(|c| c.id == control.id), new.iter().find(|c| c.id == control.id));
        ControlChange {
            id: control.id.clone(),
            before: before.map(|c| c.status),
            after: after.map(|c| c.status),
            attested_before: before.is_some_and(|c| c.attested),
            attested_after: after.is_some_and(|c| c.attested),
            findings: sum(deciding(control).collect(), checks),
        }
    };
    let findings = sum(all.clone().flat_map(deciding).collect(), checks);
    let changed: Vec<ControlChange> = all.map(control).collect();
    Some(FrameworkChange {
        id,
        score_before: before.and_then(|f| f.score),
        score_after: after.and_then(|f| f.score),
        before: before.map(|f| f.counts),
        after: after.map(|f| f.counts),
        findings,
        controls: changed.into_iter().filter(|c| c.moved() || c.findings.moved()).collect(),
    })
}

/// The checks that decide a control.
fn deciding(control: &ControlResult) -> impl Iterator<Item = &str> {
    control.checks.iter().filter(|c| c.strength.decides()).map(|c| c.id.as_str())
}

fn sum(
    ids: BTreeSet<&str>,
    checks: &BTreeMap<Arc<str>, comparison::ChangeCounts>,
) -> comparison::ChangeCounts {
    let mut sum = comparison::ChangeCounts::default();
    ids.into_iter().filter_map(|id| checks.get(id)).for_each(|counts| sum.absorb(counts));
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frameworks::judge::ControlCheck;
    use crate::frameworks::schema::Strength;

    fn control(id: &str, status: Status, checks: &[(&str, Strength)]) -> ControlResult {
        let check = |(id, strength): &(&str, Strength)| ControlCheck {
            id: (*id).to_owned(),
            strength: *strength,
            ran: true,
            findings: 0,
            pass: 0,
            undecided: 0,
        };
        ControlResult {
            id: id.to_owned(),
            status,
            attested: false,
            failing: 0,
            reasons: Vec::new(),
            checks: checks.iter().map(check).collect(),
        }
    }

    fn judged(id: &str, controls: Vec<ControlResult>) -> FrameworkResult {
        let counts: Counts = controls.iter().map(|c| (c.status, c.attested)).collect();
        FrameworkResult {
            id: id.to_owned(),
            version: "1".to_owned(),
            kind: crate::frameworks::FrameworkKind::Standard,
            chosen_because: String::new(),
            note: None,
            level: None,
            score: counts.score(),
            score_platform: None,
            counts,
            controls,
        }
    }

    #[test]
    fn a_check_that_serves_two_controls_counts_once_for_the_framework() {
        let both = [("a", Strength::Full), ("b", Strength::Supporting)];
        let before = judged(
            "f",
            vec![
                control("1", Status::Fail, &both),
                control("2", Status::Fail, &both),
                control("3", Status::Pass, &[]),
            ],
        );
        let after = judged(
            "f",
            vec![
                control("1", Status::Pass, &both),
                control("2", Status::Fail, &both),
                control("3", Status::Pass, &[]),
            ],
        );
        let fixed = comparison::ChangeCounts { fixed: 2, ..comparison::ChangeCounts::default() };
        let checks = BTreeMap::from([("a".into(), fixed), ("b".into(), fixed)]);
        let all = changes(std::slice::from_ref(&before), &[after], &checks);
        assert_eq!(all[0].findings.fixed, 2, "a alone decides, once");
        let ids: Vec<&str> = all[0].controls.iter().map(|c| &*c.id).collect();
        assert_eq!(ids, ["1", "2"], "nothing changed about 3");
        assert_eq!(
            (all[0].controls[0].before, all[0].controls[0].after),
            (Some(Status::Fail), Some(Status::Pass))
        );
        assert!(!all[0].controls[1].moved());
        // A framework that only one of the runs was judged by is told apart from one that passes.
        let gone = changes(&[before], &[], &checks);
        assert_eq!((gone[0].after, gone[0].controls[0].after), (None, None));
    }
}
