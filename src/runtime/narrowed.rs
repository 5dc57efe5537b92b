//! Frameworks within one namespace, off the main task: a run over that namespace, which is kept while
//! the objects are the same, and judged anew whenever decisions change.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::Sender;

use super::cancel::{Cancel, CancelToken};
use super::clock::today;
use crate::app::event::Event;
use crate::assess::{Chosen, Content};
use crate::checks::Monitor;
use crate::frameworks::FrameworkResult;
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;

/// What is to be judged.
pub(super) struct NarrowWork {
    /// Checks and frameworks.
    pub content: Content,
    /// What was chosen for all that was looked at.
    pub chosen: Arc<Chosen>,
    /// The namespace.
    pub namespace: String,
    /// The objects.
    pub inventory: Arc<Inventory>,
    /// Decisions, answers and imports.
    pub ledger: Arc<Ledger>,
    /// The number to answer with.
    pub asked: u64,
}

/// What the checks came to in a namespace.
struct KeptNarrowed {
    inventory: Arc<Inventory>,
    of: Arc<Chosen>,
    namespace: String,
    result: RunResult,
}

/// What was worked out last, and who is at work.
#[derive(Default)]
pub(super) struct NarrowTask {
    kept: Arc<Mutex<Option<KeptNarrowed>>>,
    newest: Arc<AtomicU64>,
    /// The namespace that is worked out, and what tells whoever is at another one to stop.
    here: Option<(String, Cancel)>,
}

impl NarrowTask {
    /// Works it out and sends it. What is at work on the same namespace goes on: its answer is shown
    /// until the newer one is there. Only the newest of those that wait for it is worked out.
    pub(super) fn start(&mut self, work: NarrowWork, events: Sender<Event>) {
        let same = self.here.take().filter(|(namespace, _)| *namespace == work.namespace);
        let here = same.unwrap_or_else(|| (work.namespace.clone(), Cancel::default()));
        let (_, stop) = self.here.insert(here);
        let token = stop.token();
        self.newest.store(work.asked, Ordering::Relaxed);
        let (kept, newest) = (Arc::clone(&self.kept), Arc::clone(&self.newest));
        tokio::task::spawn_blocking(move || {
            // Whoever panicked with it left nothing half done: it is put in whole.
            let mut kept = kept.lock().unwrap_or_else(PoisonError::into_inner);
            if newest.load(Ordering::Relaxed) != work.asked {
                return;
            }
            if let Some(results) = results(&work, &mut kept, &token) {
                let NarrowWork { asked, namespace, .. } = work;
                // The shell may be gone.
                let _ = events.blocking_send(Event::Narrowed { asked, namespace, results });
            }
        });
    }
}

/// What the frameworks come to; none when it was told to stop.
fn results(
    work: &NarrowWork,
    kept: &mut Option<KeptNarrowed>,
    monitor: &CancelToken,
) -> Option<Vec<FrameworkResult>> {
    let chosen = work.chosen.within(&work.namespace);
    let fresh = kept.as_ref().is_some_and(|kept| {
        Arc::ptr_eq(&kept.inventory, &work.inventory)
            && Arc::ptr_eq(&kept.of, &work.chosen)
            && kept.namespace == work.namespace
    });
    if !fresh {
        let facts = work.content.facts(Arc::clone(&work.inventory));
        let result = work.content.run_chosen(&chosen, &facts, monitor);
        if monitor.cancelled() {
            return None;
        }
        *kept = Some(KeptNarrowed {
            inventory: Arc::clone(&work.inventory),
            of: Arc::clone(&work.chosen),
            namespace: work.namespace.clone(),
            result,
        });
    }
    let result = &kept.as_ref()?.result;
    Some(work.content.results_of(&chosen, result, &work.inventory, &work.ledger, &today()))
}
