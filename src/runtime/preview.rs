//! What a patch would come to, worked out off the main task.

use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::Sender;

use super::cancel::Cancel;
use super::clock::today;
use crate::app::event::Event;
use crate::app::preview::{Preview, PreviewRequest, moves};
use crate::assess::preview::{PreviewResult, Question};
use crate::assess::{Chosen, Content};
use crate::model::finding::{Finding, RunResult};
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::source::redact;

/// What the checks come to on objects as they are, kept from one preview to the next.
#[derive(Clone, Default)]
pub struct PreviewBaseline(Arc<Mutex<Option<KeptResult>>>);

/// What the checks came to on objects.
struct KeptResult {
    inventory: Arc<Inventory>,
    /// Number of the run after which they were looked at.
    run: u64,
    result: Arc<RunResult>,
}

impl PreviewBaseline {
    fn of(&self, inventory: &Arc<Inventory>, run: u64) -> Option<Arc<RunResult>> {
        // A poisoned lock only means that another thread died; the entry is written whole.
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let kept = kept.as_ref()?;
        let same = Arc::ptr_eq(&kept.inventory, inventory) && kept.run == run;
        same.then(|| Arc::clone(&kept.result))
    }

    fn keep(&self, inventory: &Arc<Inventory>, run: u64, result: &Arc<RunResult>) {
        let (inventory, result) = (Arc::clone(inventory), Arc::clone(result));
        let entry = KeptResult { inventory, run, result };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(entry);
    }
}

/// What to work out, and on what.
pub struct PreviewWork {
    /// What was asked.
    pub asked: PreviewRequest,
    /// The findings it names.
    pub findings: Vec<Arc<Finding>>,
    /// Checks and frameworks.
    pub content: Content,
    /// What ran last.
    pub chosen: Chosen,
    /// Number of that run.
    pub run: u64,
    /// The objects.
    pub inventory: Arc<Inventory>,
    /// Decisions, answers and imports.
    pub ledger: Arc<Ledger>,
    /// What is known of objects as they are.
    pub baseline: PreviewBaseline,
}

/// Starts to work it out; the answer goes to `events`, unless it is cancelled.
pub fn start(work: PreviewWork, events: Sender<Event>) -> Cancel {
    let cancel = Cancel::default();
    let token = cancel.token();
    tokio::task::spawn_blocking(move || {
        let today = today();
        let question = Question {
            chosen: &work.chosen,
            inventory: &work.inventory,
            before: work.baseline.of(&work.inventory, work.run),
            findings: &work.findings,
            ledger: &work.ledger,
            today: &today,
        };
        let Some(answer) = work.content.preview(&question, &token) else { return };
        work.baseline.keep(&work.inventory, work.run, &answer.before);
        let preview = shown(answer, &work);
        // The shell may be gone.
        let _ = events.blocking_send(Event::Previewed(work.asked, Ok(Arc::new(preview))));
    });
    cancel
}

/// The answer as the screen shows it.
fn shown(answer: PreviewResult, work: &PreviewWork) -> Preview {
    let controls = moves(&answer.judged_before, &answer.judged_after);
    let before = &answer.before;
    let secret = |finding: &&Arc<Finding>| {
        let check = work.content.library.checks.get(&*finding.check);
        check.is_some_and(|check| check.rule.secret)
    };
    let changes = answer.together.remedies.into_iter().map(|remedy| {
        let found = before.findings.iter().filter(secret);
        let here = found.filter(|finding| finding.object.as_ref() == Some(&remedy.target));
        let places: Vec<_> = here.map(|finding| &finding.path).collect();
        let diff = remedy.redrawn(|tree| redact::shown(tree, places.iter().copied())).yaml_diff();
        (remedy, diff)
    });
    Preview {
        changes: changes.collect(),
        mended: answer.together.mended,
        left: answer.together.left,
        outcome: answer.outcome,
        controls,
        levels: answer.levels,
        policy_minor: answer.policy_minor,
        pods: answer.pods,
        checks: work.chosen.checks.len(),
        remarks: answer.remarks,
    }
}
