//! Saved runs judged again, and compared with their frameworks.

use std::collections::{BTreeSet, HashMap};

use super::{Chosen, Content, SelectionError};
use crate::frameworks::{Cluster, FrameworkChange, FrameworkResult, changes};
use crate::model::comparison::Comparison;
use crate::model::decision::Decision;
use crate::model::inventory::Inventory;
use crate::model::trend::FrameworkScore;
use crate::report::Judged;
use crate::session::{RunRecord, compare};

/// One of the runs to compare, with the decisions of its session.
pub struct Compared<'a> {
    /// The run.
    pub run: &'a RunRecord,
    /// Decisions by fingerprint.
    pub decisions: &'a HashMap<String, Decision>,
}

impl Content {
    /// Judges a saved run by the frameworks that its selection means today.
    ///
    /// # Errors
    /// When the selection names something that this version does not have.
    pub fn judge_run(
        &self,
        run: &RunRecord,
        decisions: &HashMap<String, Decision>,
        today: &str,
    ) -> Result<(Chosen, Vec<Judged>), SelectionError> {
        let chosen = self.choose(&run.selection)?;
        let cluster = Cluster { provider: run.provider.clone(), minor: run.source.minor() };
        let chosen = self.fit(chosen, cluster);
        let inventory = Inventory::new(run.source.clone(), Vec::new(), run.reads.clone());
        let judged = self.judge(&chosen, &run.result, &inventory, decisions, today);
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
            let aside = |(_, d): &(&String, &Decision)| d.state.is_set_aside();
            let decisions = side.decisions.iter().filter(aside);
            let decisions = decisions.map(|(k, d)| (k.clone(), d.clone())).collect();
            match self.judge_run(side.run, &decisions, today) {
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
        worst: j.result.score.map(|s| s.worst),
        best: j.result.score.map(|s| s.best),
        failing: j.result.counts.bad(),
    };
    judged.iter().map(score).collect()
}
