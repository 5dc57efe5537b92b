//! What judges a cluster again and again: the checks of a selection, compiled once, and what they came
//! to on every object.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::assess::{Chosen, Content};
use crate::checks::{Following, Monitor};
use crate::facts::Facts;
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;

/// Where the engine of a following lies while it does not judge, so that a run can go on with it.
#[derive(Default)]
pub struct EngineSlot(Mutex<Option<FollowEngine>>);

impl EngineSlot {
    /// Puts an engine there.
    pub fn put(&self, engine: FollowEngine) {
        let before = self.lock().replace(engine);
        drop(before);
    }

    /// Takes it out; none while it judges.
    #[must_use]
    pub fn take(&self) -> Option<FollowEngine> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, Option<FollowEngine>> {
        // A poisoned lock only means that another thread died; the engine is put there whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The checks of a selection, and what they came to on the objects they judged last.
pub struct FollowEngine {
    content: Content,
    chosen: Arc<Chosen>,
    following: Following,
}

impl FollowEngine {
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

    /// Whether it runs the checks of this selection on its place.
    #[must_use]
    pub fn is_of(&self, content: &Content, chosen: &Chosen) -> bool {
        self.content.is_same(content)
            && self.chosen.checks == chosen.checks
            && self.chosen.scope == chosen.scope
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
