//! Several clusters side by side, off the main task: many are asked whether they are there, a few are read and
//! judged at a time, and of each only its figures are kept.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::sync::mpsc::Sender;
use tokio::task::JoinHandle;

use super::cancel::{Cancel, CancelToken};
use super::clock::{timestamp, today};
use super::source::{connect, user_error};
use crate::app::event::{ClusterStep, Event, FleetEvent, FleetNews, UserError};
use crate::assess::fleet::Parts;
use crate::assess::{self, Before, Content, Finished, KnownAtEnd, Ran, RunTimes};
use crate::checks::Monitor;
use crate::cluster::{self, ConnectOptions, ReadRequest};
use crate::frameworks::fleet::{ClusterCard, Unread};
use crate::model::inventory::Inventory;
use crate::session::run::Selection;
use crate::triage::Sources;

/// Clusters that are asked at once: whoever does not answer holds nothing, and takes its time.
const ASKED_AT_ONCE: usize = 16;
/// Clusters that are read and judged at once: their objects are in memory together.
const HELD_AT_ONCE: usize = 3;

/// What all clusters are judged by.
#[derive(Clone)]
pub(super) struct FleetTerms {
    /// Checks and frameworks.
    pub content: Content,
    /// What to assess.
    pub selection: Selection,
    /// What is said about findings outside sessions.
    pub sources: Sources,
    /// What to read.
    pub request: ReadRequest,
}

/// The clusters under way.
pub(super) struct FleetTasks {
    tasks: BTreeMap<String, FleetTask>,
    slots: Arc<Semaphore>,
    room: Arc<Semaphore>,
}

/// One of them; it ends when this goes.
struct FleetTask {
    handle: JoinHandle<()>,
    cancel: Cancel,
}

impl Drop for FleetTask {
    fn drop(&mut self) {
        self.cancel.cancel();
        self.handle.abort();
    }
}

impl Default for FleetTasks {
    fn default() -> Self {
        let places = |count| Arc::new(Semaphore::new(count));
        Self { tasks: BTreeMap::new(), slots: places(ASKED_AT_ONCE), room: places(HELD_AT_ONCE) }
    }
}

impl FleetTasks {
    /// Reads a cluster as soon as there is room. What was under way for it is let go.
    pub(super) fn read(
        &mut self,
        name: String,
        asked: u64,
        options: ConnectOptions,
        terms: Arc<FleetTerms>,
        events: Sender<Event>,
    ) {
        let cancel = Cancel::default();
        let (slots, room) = (Arc::clone(&self.slots), Arc::clone(&self.room));
        let options = ConnectOptions { patience: options.patience.of_many(), ..options };
        let token = cancel.token();
        let teller = Teller { name: name.clone(), asked, events };
        let handle = tokio::spawn(async move {
            // Nobody closes it.
            let Ok(_slot) = slots.acquire().await else { return };
            let news = match one(&options, &terms, (&room, &token), &teller).await {
                Ok(Some(card)) => FleetNews::Judged(Box::new(card)),
                // Told to stop: nobody waits for an answer.
                Ok(None) => return,
                Err(error) => FleetNews::Failed(error),
            };
            teller.tell(news).await;
        });
        self.tasks.insert(name, FleetTask { handle, cancel });
    }

    /// Lets a cluster go.
    pub(super) fn stop(&mut self, name: &str) {
        self.tasks.remove(name);
    }
}

/// Tells news of one cluster.
struct Teller {
    name: String,
    asked: u64,
    events: Sender<Event>,
}

impl Teller {
    fn event(&self, news: FleetNews) -> Event {
        Event::Fleet(FleetEvent { name: self.name.clone(), asked: self.asked, news })
    }

    async fn tell(&self, news: FleetNews) {
        // The shell may be gone.
        let _ = self.events.send(self.event(news)).await;
    }
}

/// Reads and judges one cluster; nothing when it was told to stop.
async fn one(
    options: &ConnectOptions,
    terms: &Arc<FleetTerms>,
    (room, token): (&Semaphore, &CancelToken),
    teller: &Teller,
) -> Result<Option<ClusterCard>, UserError> {
    teller.tell(FleetNews::Step(ClusterStep::Connecting)).await;
    let connection = connect(options, &teller.events).await.map_err(user_error)?;
    cluster::reach(&connection).await.map_err(user_error)?;
    if room.available_permits() == 0 {
        teller.tell(FleetNews::Step(ClusterStep::Waiting)).await;
    }
    // Nobody closes it.
    let Ok(_place) = room.acquire().await else { return Ok(None) };
    let read = cluster::read(&connection, &terms.request, |progress| {
        let step = ClusterStep::Reading { done: progress.done, planned: progress.planned };
        // A full channel means that the shell is busy: progress is the first thing to go without.
        let _ = teller.events.try_send(teller.event(FleetNews::Step(step)));
    });
    let inventory = read.await.map_err(user_error)?;
    if let Some(Unread { what, why, next }) = Unread::blind(&inventory) {
        return Err(UserError { what, why, next });
    }
    teller.tell(FleetNews::Step(ClusterStep::Judging)).await;
    let (terms, token, name) = (Arc::clone(terms), token.clone(), teller.name.clone());
    let judged = tokio::task::spawn_blocking(move || terms.judge(&name, inventory, &token)).await;
    judged.map_err(|error| UserError {
        what: "the cluster could not be assessed".to_owned(),
        why: error.to_string(),
        next: "R reads it again".to_owned(),
    })?
}

impl FleetTerms {
    fn judge(
        &self,
        name: &str,
        read: Inventory,
        token: &CancelToken,
    ) -> Result<Option<ClusterCard>, UserError> {
        let started = timestamp();
        let content = &self.content;
        let chosen = content.choose(&self.selection).map_err(|error| UserError {
            what: "this cannot be assessed".to_owned(),
            why: error.to_string(),
            next: "start with another selection".to_owned(),
        })?;
        let inventory = Arc::new(read);
        let facts = content.facts(Arc::clone(&inventory));
        let chosen = content.fit(chosen, assess::cluster(&facts));
        let result = content.run(&content.plan(&chosen), &chosen, &facts, token);
        if token.cancelled() {
            return Ok(None);
        }
        let times = RunTimes { started, finished: timestamp() };
        let ran = Ran { chosen: &chosen, inventory: &inventory, times, result: Arc::new(result) };
        let day = today();
        let known = KnownAtEnd { sources: &self.sources, before: Before::Nothing, today: &day };
        let mut ledger = Arc::default();
        let Finished { record, judged, .. } = content.finish(ran, known, &mut ledger);
        let parts = Parts {
            name,
            record: &record,
            chosen: &chosen,
            judged: &judged,
            ledger: &ledger,
            today: &day,
        };
        Ok(Some(content.cluster_card(&parts)))
    }
}
