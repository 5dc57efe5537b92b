//! What judges a cluster again and again: the checks of a selection, compiled once.

use std::sync::Arc;

use crate::assess::{Chosen, Content};
use crate::checks::{Monitor, Plan};
use crate::facts::Facts;
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;

/// The checks of a selection, and what is known of the objects they judged last.
pub struct Engine {
    content: Content,
    chosen: Arc<Chosen>,
    plan: Plan,
}

impl Engine {
    /// Judges objects for the first time.
    pub fn start(
        content: &Content,
        chosen: &Arc<Chosen>,
        facts: Facts,
        monitor: &dyn Monitor,
    ) -> (Self, RunResult) {
        let plan = content.plan(chosen);
        let result = content.run(&plan, chosen, &facts, monitor);
        (Self { content: content.clone(), chosen: Arc::clone(chosen), plan }, result)
    }

    /// Whether it judges by this selection.
    pub fn is_of(&self, chosen: &Arc<Chosen>) -> bool {
        Arc::ptr_eq(&self.chosen, chosen)
    }

    /// Judges the objects of a later moment. What a run that was cancelled leaves is of no use.
    pub fn update(&mut self, inventory: Arc<Inventory>, monitor: &dyn Monitor) -> RunResult {
        let facts = self.content.facts(inventory);
        self.content.run(&self.plan, &self.chosen, &facts, monitor)
    }
}
