//! What a check may cost in a whole run. Each evaluation has a budget of its own (`cel::fuel`), which
//! does not keep a dear rule from holding up a run over many objects: so the steps of all of them are
//! added up, and a check that took too many is not evaluated on what is left.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::model::read::{Missing, ReadStatus};

/// Steps that one check may take in a run: about a minute of one processor.
pub(super) const MOST: u64 = 4_000_000_000;

/// Steps that a worker keeps for itself before it adds them to those of the others.
const BATCH: u64 = 1 << 20;

/// The steps of every check of a run, by its place in the plan.
pub(super) struct Cost {
    most: u64,
    spent: Vec<AtomicU64>,
}

impl Cost {
    /// Nothing spent yet, and so many steps for each check.
    pub(super) fn new(checks: usize, most: u64) -> Self {
        Self { most, spent: std::iter::repeat_with(AtomicU64::default).take(checks).collect() }
    }

    /// Why a check is not evaluated any more; none while it may be.
    pub(super) fn over(&self, check: u32, id: &str) -> Option<Missing> {
        let spent = self.spent.get(check as usize)?.load(Ordering::Relaxed);
        (spent >= self.most).then(|| ran_out(id, self.most))
    }

    fn add(&self, check: u32, steps: u64) {
        if let Some(spent) = self.spent.get(check as usize) {
            spent.fetch_add(steps, Ordering::Relaxed);
        }
    }
}

/// Steps of one worker that are not among those of the run yet, by the places of checks.
pub(super) struct Tab(Vec<u64>);

impl Tab {
    pub(super) fn new(checks: usize) -> Self {
        Self(vec![0; checks])
    }

    /// Notes the steps of one evaluation.
    pub(super) fn note(&mut self, check: u32, steps: u64, cost: &Cost) {
        let Some(mine) = self.0.get_mut(check as usize) else { return };
        *mine = mine.saturating_add(steps);
        if *mine >= BATCH.min(cost.most) {
            cost.add(check, std::mem::take(mine));
        }
    }
}

fn ran_out(id: &str, most: u64) -> Missing {
    Missing {
        read: "rule".to_owned(),
        namespace: None,
        status: ReadStatus::NotAsked,
        reason: format!(
            "{id} ran out of steps: it took more than the {most} that a check may take in one run, and the \
             rest was not looked at; make its rule cheaper, or select fewer objects"
        ),
    }
}
