//! One run of checks, off the main task.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use tokio::sync::mpsc::Sender;

use super::cancel::{Cancel, CancelToken};
use super::clock::timestamp;
use super::follow::{EngineSlot, FollowEngine};
use crate::app::event::{Event, RunEvent, UserError};
use crate::assess::{self, Chosen, Content};
use crate::checks::Monitor;
use crate::frameworks::Cluster;
use crate::model::finding::RunResult;
use crate::model::inventory::{Inventory, SourceKind};
use crate::model::object::ObjectRef;

/// Shortest time between two progress events, in milliseconds.
const PROGRESS: u64 = 50;

/// A run under way.
pub struct Job {
    /// Its number.
    pub id: u64,
    /// Asks it to stop, at the latest when this goes.
    pub cancel: Cancel,
}

/// What a run came to.
pub struct JobEnd {
    /// Its number.
    pub id: u64,
    /// What was asked for, with what is shown.
    pub chosen: Arc<Chosen>,
    /// What it looked at.
    pub inventory: Arc<Inventory>,
    /// The result; none when it was cancelled.
    pub result: Option<RunResult>,
    /// What was learned of the objects, to judge by what changes; none where nothing does.
    pub engine: Option<FollowEngine>,
    /// RFC 3339.
    pub started: String,
    /// How long it took, in milliseconds.
    pub millis: u64,
}

/// What a run is asked for.
pub struct JobOrder {
    /// Checks and frameworks.
    pub content: Content,
    /// What was selected; which editions of it fit is told by the objects.
    pub chosen: Chosen,
    /// What is shown and this is only a part of: the run is of both, for nothing can be put together from
    /// the counts of two runs.
    pub beside: Option<Arc<Chosen>>,
    /// Where there may be what was learned of the objects until now; none where they are manifests that run
    /// for the first time, of which most run only once.
    pub slot: Option<Arc<EngineSlot>>,
    /// The only object it looks at.
    pub object: Option<ObjectRef>,
    /// The objects.
    pub inventory: Arc<Inventory>,
}

/// Starts a run. Progress goes to `events`, the end to `done`.
pub fn start(id: u64, asked: JobOrder, events: Sender<Event>, done: Sender<JobEnd>) -> Job {
    let cancel = Cancel::default();
    let token = cancel.token();
    let broken = events.clone();
    let work = tokio::task::spawn_blocking(move || {
        let started = timestamp();
        let clock = Instant::now();
        let reporter = Reporter { id, events, token, clock, last: AtomicU64::new(0) };
        let inventory = Arc::clone(&asked.inventory);
        let JobResult { chosen, engine, result } = asked.run(&reporter);
        let millis = u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX);
        // The shell may be gone.
        let outcome = JobEnd { id, chosen, inventory, result, engine, started, millis };
        let _ = done.blocking_send(outcome);
    });
    tokio::spawn(async move {
        if work.await.is_err() {
            // The shell may be gone.
            let _ = broken.send(Event::Run(RunEvent::Failed { id, error: broke_off() })).await;
        }
    });
    Job { id, cancel }
}

/// What came of the checks.
struct JobResult {
    /// What was judged.
    chosen: Arc<Chosen>,
    /// What was learned for the next time, where the objects may change.
    engine: Option<FollowEngine>,
    /// What they came to; none when they were told to stop.
    result: Option<RunResult>,
}

impl JobOrder {
    /// Runs the checks.
    fn run(self, monitor: &dyn Monitor) -> JobResult {
        let facts = self.content.facts(Arc::clone(&self.inventory));
        let chosen = Arc::new(self.chosen(assess::cluster(&facts)));
        let Self { content, inventory, slot, .. } = self;
        let learns = match inventory.source.kind {
            SourceKind::Live => true,
            // It takes longer than to run alone, and is worth while from the next run on.
            SourceKind::Files => slot.is_some(),
            SourceKind::Snapshot | SourceKind::Demo => false,
        };
        let (engine, result) = if learns {
            let engine = slot.and_then(|slot| slot.take());
            match engine.filter(|engine| engine.is_of(&content, &chosen)) {
                Some(mut engine) => {
                    let result = engine.update(inventory, monitor);
                    (Some(engine), result)
                }
                None => FollowEngine::start(&content, &chosen, facts, monitor).unzip(),
            }
        } else {
            let plan = content.plan(&chosen);
            (None, Some(content.run(&plan, &chosen, &facts, monitor)))
        };
        let result = result.filter(|_| !monitor.cancelled());
        JobResult { chosen, engine: engine.filter(|_| result.is_some()), result }
    }

    /// What is judged of a cluster: what was asked for, and what is shown beside it.
    fn chosen(&self, cluster: Cluster) -> Chosen {
        let content = &self.content;
        let beside = self.beside.as_ref().map(|shown| content.renew(shown, &cluster));
        let mut part = content.fit(self.chosen.clone(), cluster);
        if let Some(object) = &self.object {
            let namespace = object.namespace.as_deref().map(str::to_owned);
            part.scope.object = Some((object.group_kind(), namespace, object.name.to_string()));
        }
        match beside {
            Some(Ok(shown)) => content.widen(shown, part),
            // What is shown rests on something that is not there any more.
            Some(Err(_)) | None => part,
        }
    }
}

/// What is said of work that a fault of the program ended.
pub fn broke_off() -> UserError {
    UserError {
        what: "the checks broke off".to_owned(),
        why: "a fault of the program itself, which its standard error tells".to_owned(),
        next: "run the checks with r; what was saved before is safe".to_owned(),
    }
}

struct Reporter {
    id: u64,
    events: Sender<Event>,
    token: CancelToken,
    clock: Instant,
    last: AtomicU64,
}

impl Reporter {
    fn send(&self, event: RunEvent) {
        // A full channel means that the shell is busy: progress is the first thing to go without.
        let _ = self.events.try_send(Event::Run(event));
    }
}

impl Monitor for Reporter {
    fn cancelled(&self) -> bool {
        self.token.cancelled()
    }

    fn progress(&self, done: usize, total: usize) {
        let now = u64::try_from(self.clock.elapsed().as_millis()).unwrap_or(u64::MAX);
        let last = self.last.load(Ordering::Relaxed);
        if now >= last + PROGRESS
            && self.last.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
        {
            self.send(RunEvent::Progress { id: self.id, done, total });
        }
    }
}

#[cfg(test)]
mod tests;
