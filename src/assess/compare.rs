//! Saved runs judged again, and compared with their frameworks.

use std::collections::BTreeSet;

use super::{Chosen, Content, SelectionError};
use crate::frameworks::{Cluster, FrameworkChange, FrameworkResult, changes};
use crate::model::comparison::Comparison;
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::model::trend::FrameworkScore;
use crate::report::Judged;
use crate::session::{RunRecord, compare};

/// One of the runs to compare, with the ledger of its session.
pub struct Compared<'a> {
    /// The run.
    pub run: &'a RunRecord,
    /// Decisions, answers and imports.
    pub ledger: &'a Ledger,
}

impl Content {
    /// Judges a saved run by the frameworks that its selection means today.
    ///
    /// # Errors
    /// When the selection names something that this version does not have.
    pub fn judge_run(
        &self,
        run: &RunRecord,
        ledger: &Ledger,
        today: &str,
    ) -> Result<(Chosen, Vec<Judged>), SelectionError> {
        let chosen = self.choose(&run.selection)?;
        let cluster = Cluster { provider: run.provider.clone(), minor: run.source.minor() };
        let chosen = self.fit(chosen, cluster);
        let inventory = Inventory::new(run.source.clone(), Vec::new(), run.reads.clone());
        // By the Pod Security policy that was applied then, whatever is set today.
        let policy_minor = run.settings.pod_security.or(self.policy_minor);
        let then = Self { policy_minor, ..self.clone() };
        let judged = then.judge(&chosen, &run.result, &inventory, ledger, today);
        Ok((chosen, judged))
    }

    /// Compares two runs: their findings, and their controls. Risks accepted and false positives
    /// count as their own sessions say today; what Plimsoll settled itself does not, because the
    /// runs say it.
    #[must_use]
    pub fn compare(
        &self,
        before: &Compared<'_>,
        after: &Compared<'_>,
        fixed_before: &BTreeSet<String>,
        today: &str,
    ) -> (Comparison, Vec<FrameworkChange>) {
        let mut comparison = compare(before.run, after.run, fixed_before);
        let mut judged = |side: &Compared<'_>, which: &str| -> Vec<FrameworkResult> {
            let mut ledger = side.ledger.clone();
            ledger.decisions.retain(|_, decision| decision.state.is_set_aside());
            match self.judge_run(side.run, &ledger, today) {
                Ok((_, judged)) => judged.into_iter().map(|j| j.result).collect(),
                Err(error) => {
                    comparison.notes.push(format!("controls of the {which} run: {error}"));
                    Vec::new()
                }
            }
        };
        let (old, new) = (judged(before, "first"), judged(after, "second"));
        let frameworks = changes(&old, &new, &comparison.totals.check);
        (comparison, frameworks)
    }
}

/// Scores to keep with a run.
#[must_use]
pub fn scores(judged: &[Judged]) -> Vec<FrameworkScore> {
    let score = |j: &Judged| FrameworkScore {
        framework: j.result.id.clone(),
        level: j.result.level.clone(),
        applicable: j.result.score.map_or(0, |_| j.result.counts.applicable()),
        pass: j.result.counts.pass,
        failing: j.result.counts.bad(),
    };
    judged.iter().map(score).collect()
}

#[cfg(test)]
mod tests;
