//! What judges a cluster again and again: the checks of a selection, compiled once, and what they came
//! to on every object.

use std::sync::Arc;

use crate::assess::{Chosen, Content};
use crate::checks::{Following, Monitor};
use crate::facts::Facts;
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;

/// The checks of a selection, and what they came to on the objects they judged last.
pub struct Engine {
    content: Content,
    chosen: Arc<Chosen>,
    following: Following,
}

impl Engine {
    /// Judges objects for the first time; none when it was cancelled.
    pub fn start(
        content: &Content,
        chosen: &Arc<Chosen>,
        facts: Facts,
        monitor: &dyn Monitor,
    ) -> Option<(Self, RunResult)> {
        let plan = Arc::new(content.plan(chosen));
        let scope = chosen.scope.clone();
        let following = Following::start(plan, Arc::new(facts), scope, monitor)?;
        let engine = Self { content: content.clone(), chosen: Arc::clone(chosen), following };
        let result = engine.result();
        Some((engine, result))
    }

    /// Whether it judges by this selection.
    #[must_use]
    pub fn is_of(&self, chosen: &Arc<Chosen>) -> bool {
        Arc::ptr_eq(&self.chosen, chosen)
    }

    /// Judges what differs in the objects of a later moment; none when it was cancelled.
    pub fn update(
        &mut self,
        inventory: Arc<Inventory>,
        monitor: &dyn Monitor,
    ) -> Option<RunResult> {
        self.following.update(inventory, monitor).then(|| self.result())
    }

    fn result(&self) -> RunResult {
        self.content.with_beside(self.following.result().clone(), self.following.facts())
    }
}
