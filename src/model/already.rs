//! What is decided already about findings that are new since an earlier run.

use std::collections::BTreeMap;

use super::comparison::{Comparison, FindingChange};
use super::decision::DecisionState;
use super::ledger::Ledger;

/// How many findings are new or back, and what is decided about them already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Already {
    /// How many there are.
    new: usize,
    /// How many of them are decided by what the later run goes by.
    here: BTreeMap<DecisionState, usize>,
    /// How many are not, but are by the session of the earlier run.
    there: BTreeMap<DecisionState, usize>,
}

impl Already {
    /// Looks up what is new in the decisions that the later run goes by, and in those of the earlier run's
    /// session. Nothing where neither has any.
    #[must_use]
    pub fn of(comparison: &Comparison, here: &Ledger, there: &Ledger, today: &str) -> Option<Self> {
        let any = |ledger: &Ledger| {
            let own = ledger.decisions.values().any(|decision| is_of_person(decision.state));
            own || !ledger.brought.is_empty()
        };
        if !any(here) && !any(there) {
            return None;
        }
        let mut already = Self::default();
        let new = |change| matches!(change, FindingChange::New | FindingChange::Regressed);
        for entry in comparison.counted().filter(|entry| new(entry.change)) {
            already.new += 1;
            let print = &entry.finding.fingerprint;
            let [now, then] = [here, there].map(|ledger| ledger.state(print, today));
            if is_of_person(now) {
                *already.here.entry(now).or_default() += 1;
            } else if is_of_person(then) {
                *already.there.entry(then).or_default() += 1;
            }
        }
        Some(already)
    }

    /// `Of 3 new or regressed findings, 2 are decided: 1 accepted; 1 accepted in the session of that run only`.
    /// Nothing where nothing is new.
    #[must_use]
    pub fn words(&self) -> Option<String> {
        let list = |states: &BTreeMap<DecisionState, usize>| {
            let parts = states.iter().map(|(state, many)| format!("{many} {}", state.told()));
            parts.collect::<Vec<_>>().join(", ")
        };
        let decided = self.here.values().chain(self.there.values()).sum::<usize>();
        let what = match self.new {
            0 => return None,
            1 => "1 new or regressed finding".to_owned(),
            many => format!("{many} new or regressed findings"),
        };
        let (here, there) = (list(&self.here), list(&self.there));
        let mut parts = Vec::new();
        parts.extend((!here.is_empty()).then_some(here));
        parts.extend(
            (!there.is_empty()).then(|| format!("{there} in the session of that run only")),
        );
        let parts = parts.join("; ");
        Some(match decided {
            0 => format!("Of {what}, none is decided"),
            1 => format!("Of {what}, 1 is decided: {parts}"),
            many => format!("Of {what}, {many} are decided: {parts}"),
        })
    }
}

/// Whether somebody decided it: what a run settles by itself is no decision.
fn is_of_person(state: DecisionState) -> bool {
    state != DecisionState::Open && !state.is_settled()
}

#[cfg(test)]
mod tests {
    use super::DecisionState::{Accepted, FalsePositive};
    use super::*;

    #[test]
    fn what_only_the_other_session_decides_is_said_apart() {
        let of = |new, here: &[(DecisionState, usize)], there: &[(DecisionState, usize)]| {
            let [here, there] = [here, there].map(|states| states.iter().copied().collect());
            Already { new, here, there }.words()
        };
        assert_eq!(of(0, &[], &[]), None);
        assert_eq!(of(1, &[], &[]).unwrap(), "Of 1 new or regressed finding, none is decided");
        assert_eq!(
            of(9, &[(Accepted, 2), (FalsePositive, 1)], &[]).unwrap(),
            "Of 9 new or regressed findings, 3 are decided: 2 accepted, 1 false positive"
        );
        assert_eq!(
            of(2, &[], &[(Accepted, 1)]).unwrap(),
            "Of 2 new or regressed findings, 1 is decided: 1 accepted in the session of that run only"
        );
    }
}
