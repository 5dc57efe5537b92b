//! Following a live cluster: whenever its objects change, the checks of the last run judge them again,
//! off the main task. One judgement at a time, always of the newest objects, and for no more than a
//! part of the time. What comes of it is shown and never saved.

mod engine;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

use super::cancel::{Cancel, CancelToken};
use super::clock::{timestamp, today};
use super::job::broke_off;
use crate::app::ahead::{CountBasis, CountedAhead, CountedBefore, CountedBy};
use crate::app::event::{Event, UserError};
use crate::app::live::{Followed, RunDelta};
use crate::assess::{self, Chosen, Content};
use crate::model::difference::InventoryDifference;
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::triage::{Brought, Sources};

pub use engine::{EngineSlot, FollowEngine};

/// After a judgement it rests this many times as long as that took.
const REST: u32 = 4;
/// Shortest rest.
const LEAST: Duration = Duration::from_millis(150);
/// How long a change may wait until it is said that judging is behind.
const BEHIND: Duration = Duration::from_secs(2);
/// As good as for ever, while nothing waits.
const FAR: Duration = Duration::from_secs(86_400);

/// What to follow.
pub struct FollowStart {
    /// Checks and frameworks.
    pub content: Content,
    /// What is judged of the cluster, and by which frameworks.
    pub chosen: Arc<Chosen>,
    /// Number of the run.
    pub run: u64,
    /// What it came to.
    pub result: Arc<RunResult>,
    /// The objects that are shown, and what came of them; none when they have to be judged anew in any
    /// case.
    pub seen: Option<(Arc<Inventory>, Arc<RunResult>)>,
    /// What is known of them to judge changes by.
    pub engine: Option<FollowEngine>,
    /// What is said about findings outside the session.
    pub sources: Sources,
}

/// Objects to judge.
pub struct ToJudge {
    /// The objects.
    pub inventory: Arc<Inventory>,
    /// By which decisions.
    pub ledger: Arc<Ledger>,
    /// The state of these decisions: another number for others.
    pub decided: u64,
    /// By what is counted.
    pub lens: CountedBy,
}

/// The newest objects that wait, and since when the oldest change among them does.
type Waiting = Mutex<Option<(ToJudge, Instant)>>;

/// A following under way. Dropping it ends it.
pub struct Follow {
    /// What is judged.
    pub chosen: Arc<Chosen>,
    newest: Arc<Waiting>,
    wake: Arc<Notify>,
    /// Weak, so that what it holds is never freed by whoever lets go of this.
    slot: Weak<EngineSlot>,
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
    #[must_use]
    pub fn start(begin: FollowStart, events: Sender<Event>) -> Self {
        let (newest, wake) = (Arc::new(Mutex::new(None)), Arc::new(Notify::new()));
        let cancel = Cancel::default();
        let chosen = Arc::clone(&begin.chosen);
        let judge = FollowJudge::new(begin, cancel.token());
        let slot = Arc::downgrade(&judge.slot);
        let task = tokio::spawn(keep(judge, Arc::clone(&newest), Arc::clone(&wake), events));
        Self { chosen, newest, wake, slot, cancel, task }
    }

    /// Where its engine is, as long as it follows.
    #[must_use]
    pub fn slot(&self) -> Option<Arc<EngineSlot>> {
        self.slot.upgrade()
    }

    /// There are newer objects, to be judged by these decisions and counted by this. Those that wait are
    /// forgotten, but not since when.
    pub fn look(
        &self,
        inventory: Arc<Inventory>,
        ledger: Arc<Ledger>,
        decided: u64,
        lens: CountedBy,
    ) {
        let mut slot = locked(&self.newest);
        let since = slot.as_ref().map_or_else(Instant::now, |(_, since)| *since);
        *slot = Some((ToJudge { inventory, ledger, decided, lens }, since));
        drop(slot);
        self.wake.notify_one();
    }
}

fn locked(newest: &Waiting) -> MutexGuard<'_, Option<(ToJudge, Instant)>> {
    // A poisoned lock only means that another thread died; the entry is written whole.
    newest.lock().unwrap_or_else(PoisonError::into_inner)
}

/// How long to rest after a judgement that took so long.
fn rest(cost: Duration) -> Duration {
    LEAST.max(cost.saturating_mul(REST))
}

async fn keep(
    mut judge: FollowJudge,
    newest: Arc<Waiting>,
    wake: Arc<Notify>,
    events: Sender<Event>,
) {
    // Whoever followed before may have left something said.
    let wake_again = Arc::clone(&wake);
    let mut delay = Delay { said: true, after: BEHIND, wake: wake_again, events: events.clone() };
    let waits = || locked(&newest).as_ref().map(|(_, since)| *since);
    loop {
        let look = locked(&newest).take();
        let Some((look, since)) = look else {
            wake.notified().await;
            continue;
        };
        let begun = Instant::now();
        let work = tokio::task::spawn_blocking(move || {
            let answer = judge.look(look);
            (judge, answer)
        });
        let Ok((back, answer)) = delay.during(work, || Some(since)).await else {
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
        delay.caught_up(waits()).await;
        delay.during(tokio::time::sleep(rest(begun.elapsed())), waits).await;
    }
}

/// Tells that judging is behind, and when it is no more.
struct Delay {
    /// It is said to be.
    said: bool,
    /// How long a change may wait.
    after: Duration,
    /// There are newer objects.
    wake: Arc<Notify>,
    events: Sender<Event>,
}

impl Delay {
    /// Waits for something, and says meanwhile that judging is behind once the oldest change that is not
    /// shown waits for too long.
    async fn during<T>(
        &mut self,
        work: impl Future<Output = T>,
        waits: impl Fn() -> Option<Instant>,
    ) -> T {
        tokio::pin!(work);
        loop {
            let since = waits().filter(|_| !self.said);
            let late = since.map_or(FAR, |since| self.after.saturating_sub(since.elapsed()));
            tokio::select! {
                done = &mut work => return done,
                () = tokio::time::sleep(late) => if let Some(since) = since {
                    self.tell(Some(since)).await;
                },
                () = self.wake.notified() => {}
            }
        }
    }

    /// What was judged is shown; this waits by now.
    async fn caught_up(&mut self, waits: Option<Instant>) {
        if self.said {
            self.tell(waits.filter(|since| since.elapsed() >= self.after)).await;
        }
    }

    async fn tell(&mut self, since: Option<Instant>) {
        self.said = since.is_some();
        let age = since.map(|since| u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX));
        // The shell may be gone.
        let _ = self.events.send(Event::Behind(age)).await;
    }
}

/// What judges.
pub struct FollowJudge {
    begin: FollowStart,
    /// What is known of the objects, while it does not judge.
    slot: Arc<EngineSlot>,
    /// The objects that were judged last.
    seen: Arc<Inventory>,
    /// What was told last.
    told: Option<Arc<RunResult>>,
    /// What was counted of it.
    counted: Option<CountedBefore>,
    cancel: CancelToken,
}

impl FollowJudge {
    /// Judges what comes after `begin`, until it is cancelled.
    #[must_use]
    pub fn new(mut begin: FollowStart, cancel: CancelToken) -> Self {
        let (seen, told) = begin.seen.take().unzip();
        let slot = Arc::new(EngineSlot::default());
        if let Some(engine) = begin.engine.take() {
            slot.put(engine);
        }
        Self { begin, slot, seen: seen.unwrap_or_default(), told, counted: None, cancel }
    }

    /// Judges objects; nothing when they, or what comes of them, are as before.
    pub fn look(&mut self, look: ToJudge) -> Option<Followed> {
        let ToJudge { inventory, ledger, decided, lens } = look;
        if InventoryDifference::between(&self.seen, &inventory).is_empty() {
            return None;
        }
        let started = timestamp();
        let result = self.judge(&inventory)?;
        self.seen = Arc::clone(&inventory);
        if self.told.as_deref().is_some_and(|told| told.is_same_as(&result)) {
            return None;
        }
        let result = Arc::new(result);
        self.told = Some(Arc::clone(&result));
        let FollowStart { content, chosen, sources, .. } = &self.begin;
        let brought = Arc::new(Brought::of(sources, &result, &inventory));
        let (mut ledger, today) = (ledger, today());
        ledger.bring(brought.decisions(&today));
        let judged = content.judge(chosen, &result, &inventory, &ledger, &today);
        let judged = assess::results(&judged, &chosen.not_judged);
        let known = crate::runtime::shown_content(content);
        let basis = CountBasis {
            content: Arc::new(known),
            inventory: &inventory,
            result: &result,
            judged: &judged,
            ledger: &ledger,
        };
        let by = (decided, &brought);
        let counted = Some(CountedAhead::after(&mut self.counted, &basis, by, lens));
        Some(Followed {
            run: self.begin.run,
            judged,
            brought,
            since: RunDelta::between(&self.begin.result, &result, &inventory),
            inventory,
            result,
            started,
            finished: timestamp(),
            decided,
            counted,
        })
    }

    /// What the checks come to on objects; nothing when it was told to stop.
    fn judge(&self, inventory: &Arc<Inventory>) -> Option<RunResult> {
        let FollowStart { content, chosen, result: run, .. } = &self.begin;
        let inventory = Arc::clone(inventory);
        let (engine, result) = if let Some(mut engine) = self.slot.take() {
            let result = engine.update(inventory, &self.cancel);
            (engine, result)
        } else {
            let facts = content.facts(inventory);
            let (engine, result) = FollowEngine::start(content, chosen, facts, &self.cancel)?;
            (engine, Some(result))
        };
        self.slot.put(engine);
        let mut result = result?;
        content.keep_looking_back(run, &mut result);
        Some(result)
    }
}

#[cfg(test)]
mod tests;
