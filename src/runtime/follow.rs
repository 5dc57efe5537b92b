//! Following a live cluster: whenever its objects change, the checks of the last run judge them again,
//! off the main task. One judgement at a time, always of the newest objects, and for no more than a
//! part of the time. What comes of it is shown and never saved.

mod engine;

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

use super::cancel::{Cancel, Token};
use super::clock::{timestamp, today};
use super::job::broke_off;
use crate::app::ahead::{Basis, Counted, Lens};
use crate::app::event::{Event, UserError};
use crate::app::live::{Delta, Followed};
use crate::assess::{self, Chosen, Content};
use crate::model::difference::Difference;
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::triage::{Brought, Sources};

pub use engine::Engine;

/// After a judgement it rests this many times as long as that took.
const REST: u32 = 4;
/// Shortest rest.
const LEAST: Duration = Duration::from_millis(150);

/// What to follow.
pub struct Begin {
    /// Checks and frameworks.
    pub content: Content,
    /// What is judged of the cluster, and by which frameworks.
    pub chosen: Arc<Chosen>,
    /// What is run again: less than what is judged where a part of the result was run on one place
    /// alone, and stays as it was.
    pub again: Arc<Chosen>,
    /// Number of the run.
    pub run: u64,
    /// What it came to.
    pub result: Arc<RunResult>,
    /// The objects that are shown, and what came of them; none when they have to be judged anew in any
    /// case.
    pub seen: Option<(Arc<Inventory>, Arc<RunResult>)>,
    /// What is known of them to judge changes by.
    pub engine: Option<Engine>,
    /// What is said about findings outside the session.
    pub sources: Sources,
}

/// Objects to judge.
struct Look {
    inventory: Arc<Inventory>,
    ledger: Arc<Ledger>,
    decided: u64,
    lens: Lens,
}

/// A following under way. Dropping it ends it.
pub struct Follow {
    /// What is judged.
    pub chosen: Arc<Chosen>,
    newest: Arc<Mutex<Option<Look>>>,
    wake: Arc<Notify>,
    cancel: Cancel,
    task: JoinHandle<()>,
}

impl Drop for Follow {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.task.abort();
    }
}

impl Follow {
    /// Begins to follow. What comes of it goes to `events`. Must be called within a tokio runtime.
    pub fn start(begin: Begin, events: Sender<Event>) -> Self {
        let (newest, wake) = (Arc::new(Mutex::new(None)), Arc::new(Notify::new()));
        let cancel = Cancel::default();
        let chosen = Arc::clone(&begin.chosen);
        let judge = Judge::new(begin, cancel.token());
        let task = tokio::spawn(keep(judge, Arc::clone(&newest), Arc::clone(&wake), events));
        Self { chosen, newest, wake, cancel, task }
    }

    /// There are newer objects, to be judged by these decisions and counted by this. Those that wait are
    /// forgotten.
    pub fn look(&self, inventory: Arc<Inventory>, ledger: Arc<Ledger>, decided: u64, lens: Lens) {
        // A poisoned lock only means that another thread died; the entry is written whole.
        let mut slot = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = Some(Look { inventory, ledger, decided, lens });
        drop(slot);
        self.wake.notify_one();
    }
}

/// How long to rest after a judgement that took so long.
fn rest(cost: Duration) -> Duration {
    LEAST.max(cost.saturating_mul(REST))
}

async fn keep(
    mut judge: Judge,
    newest: Arc<Mutex<Option<Look>>>,
    wake: Arc<Notify>,
    events: Sender<Event>,
) {
    loop {
        wake.notified().await;
        let look = newest.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(look) = look else { continue };
        let begun = Instant::now();
        let work = move || {
            let answer = judge.look(look);
            (judge, answer)
        };
        let Ok((back, answer)) = tokio::task::spawn_blocking(work).await else {
            let error = UserError {
                what: "the cluster is not followed any more".to_owned(),
                ..broke_off()
            };
            // The shell may be gone.
            let _ = events.send(Event::Failed(error)).await;
            return;
        };
        judge = back;
        if let Some(view) = answer
            && events.send(Event::Followed(Arc::new(view))).await.is_err()
        {
            return;
        }
        tokio::time::sleep(rest(begun.elapsed())).await;
    }
}

/// What judges.
struct Judge {
    begin: Begin,
    /// The objects that were judged last.
    seen: Arc<Inventory>,
    /// What was told last.
    told: Option<Arc<RunResult>>,
    cancel: Token,
}

impl Judge {
    fn new(mut begin: Begin, cancel: Token) -> Self {
        let (seen, told) = begin.seen.take().unzip();
        Self { begin, seen: seen.unwrap_or_default(), told, cancel }
    }

    /// Judges objects; nothing when they, or what comes of them, are as before.
    fn look(&mut self, look: Look) -> Option<Followed> {
        let Look { inventory, ledger, decided, lens } = look;
        if Difference::between(&self.seen, &inventory).is_empty() {
            return None;
        }
        let started = timestamp();
        let result = self.judge(&inventory)?;
        self.seen = Arc::clone(&inventory);
        if self.told.as_deref() == Some(&result) {
            return None;
        }
        let result = Arc::new(result);
        self.told = Some(Arc::clone(&result));
        let Begin { content, chosen, sources, .. } = &self.begin;
        let brought = Brought::of(sources, &result, &inventory);
        let (mut ledger, today) = (ledger, today());
        ledger.bring(brought.decisions(&today));
        let judged = content.judge(chosen, &result, &inventory, &ledger, &today);
        let judged = assess::results(&judged, &chosen.not_judged);
        let known = crate::runtime::known(content);
        let basis = Basis {
            content: Arc::new(known),
            inventory: &inventory,
            result: &result,
            judged: &judged,
            ledger: &ledger,
        };
        let counted = Some(Counted::of(&basis, lens));
        Some(Followed {
            run: self.begin.run,
            judged,
            brought: Arc::new(brought),
            since: Delta::between(&self.begin.result, &result),
            inventory,
            result,
            started,
            finished: timestamp(),
            decided,
            counted,
        })
    }

    /// What the checks come to on objects; nothing when it was told to stop.
    fn judge(&mut self, inventory: &Arc<Inventory>) -> Option<RunResult> {
        let Begin { content, chosen, again, result: run, engine, .. } = &mut self.begin;
        let mut result = if let Some(engine) = engine {
            engine.update(Arc::clone(inventory), &self.cancel)?
        } else {
            let facts = content.facts(Arc::clone(inventory));
            let (begun, result) = Engine::start(content, again, facts, &self.cancel)?;
            *engine = Some(begun);
            result
        };
        if !Arc::ptr_eq(chosen, again) {
            result = assess::merge(run, &result, &again.checks, &again.scope);
        }
        content.keep_looking_back(run, &mut result);
        Some(result)
    }
}

#[cfg(test)]
mod tests;
