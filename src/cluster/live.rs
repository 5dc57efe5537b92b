//! The live source: reads a cluster, then keeps the inventory up to date with watches.
//!
//! One task owns everything that is known. Dropping the handle ends it and all that it started.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::connect::Connection;
use super::error::UserError;
use super::merge::{Health, Merge};
use super::read::{self, ReadRequest, Step};
use super::store::{Slot, Store};
use super::watch::Watch;
use crate::model::inventory::Inventory;
use crate::model::kinds::Kind;

/// Shortest time between two inventories while pages arrive.
const WHILE_LOADING: Duration = Duration::from_millis(200);
/// How long changes are collected before they are shown.
const WHILE_WATCHING: Duration = Duration::from_millis(100);
/// Making inventories may take one part in this many of the time.
const SHARE: u32 = 5;
/// Shortest time between two progress reports.
const PROGRESS: Duration = Duration::from_millis(50);
/// Watches open at once, each a connection of its own.
const MOST_WATCHES: usize = 150;

/// How far a reading is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Lists that are done, well or badly.
    pub done: usize,
    /// Lists planned so far; grows when namespaces have to be asked one by one.
    pub planned: usize,
    /// Objects received.
    pub objects: usize,
    /// What keeps it waiting, if anything: a request that is tried again.
    pub note: Option<String>,
}

/// What the live source tells.
#[derive(Clone, Debug)]
pub enum LiveEvent {
    /// How far the reading is.
    Progress(Progress),
    /// What is known now; incomplete until the first `Loaded`: lists under way are `partial`.
    Inventory(Arc<Inventory>),
    /// A reading is complete; the inventory before it is whole.
    Loaded,
    /// What is shown may be out of date.
    Stale {
        /// Why.
        reason: String,
        /// When it is tried again; none: not before `refresh`.
        retry_in: Option<Duration>,
    },
    /// What is shown is up to date again.
    Recovered,
    /// A kind cannot be watched: it is read again only on demand.
    WatchRefused {
        /// Which.
        kind: Kind,
    },
    /// Nothing could be read. `refresh` tries again.
    Failed(UserError),
}

/// Asks for a new reading.
struct Refresh;

/// The handle. Dropping it ends every task.
#[derive(Debug)]
pub struct Live {
    commands: mpsc::Sender<Refresh>,
    task: JoinHandle<()>,
}

impl Live {
    /// Starts reading, and then, if `watching`, watching. Events come in a bounded channel; whoever
    /// is slow to take them gets fewer and later inventories, never more memory. Must be called
    /// within a tokio runtime.
    #[must_use]
    pub fn spawn(
        connection: Connection,
        request: ReadRequest,
        watching: bool,
    ) -> (Self, mpsc::Receiver<LiveEvent>) {
        let (commands, inbox) = mpsc::channel(8);
        let (events, outbox) = mpsc::channel(16);
        let store = Store::new(connection.source_info());
        let owner = Owner {
            connection,
            request,
            watching,
            events,
            store,
            merge: Arc::default(),
            watches: JoinSet::new(),
            down: BTreeMap::new(),
            refused: BTreeSet::new(),
            stale: false,
            loaded: false,
        };
        let task = tokio::spawn(owner.run(inbox));
        (Self { commands, task }, outbox)
    }

    /// Reads everything again. What is known stays until the new lists are complete. Does nothing
    /// while a reading is under way.
    pub fn refresh(&self) {
        // A full channel holds a refresh already; a closed one belongs to a source that ended.
        let _ = self.commands.try_send(Refresh);
    }

    /// Ends it; the channel of events closes.
    pub fn stop(&self) {
        self.task.abort();
    }
}

impl Drop for Live {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Reads a cluster once.
///
/// # Errors
/// When the server cannot be read at all. Lists that fail are reads of the inventory.
pub async fn read(
    connection: &Connection,
    request: &ReadRequest,
    mut on_progress: impl FnMut(&Progress),
) -> Result<Inventory, UserError> {
    let mut store = Store::new(connection.source_info());
    let (mut reader, mut steps) = start(connection, request, false);
    while let Some(step) = steps.recv().await {
        let note = if let Step::Note(text) = &step { Some(text.clone()) } else { None };
        store.apply(step);
        on_progress(&progress(&store, note));
    }
    finish(&mut reader, connection).await?;
    let parts = store.parts();
    let made = tokio::task::spawn_blocking(move || parts.inventory()).await;
    made.map_err(|_| read::interrupted(connection.server()))
}

type Reader = JoinSet<Result<(), UserError>>;

/// Starts a reading in a task of its own, which ends when the set is dropped.
fn start(
    connection: &Connection,
    request: &ReadRequest,
    names: bool,
) -> (Reader, mpsc::Receiver<Step>) {
    let (sender, steps) = mpsc::channel(256);
    let (connection, request) = (connection.clone(), request.clone());
    let mut reader = JoinSet::new();
    reader.spawn(async move { read::read(&connection, &request, &sender, names).await });
    (reader, steps)
}

async fn finish(reader: &mut Reader, connection: &Connection) -> Result<(), UserError> {
    match reader.join_next().await {
        Some(Ok(result)) => result,
        _ => Err(read::interrupted(connection.server())),
    }
}

fn progress(store: &Store, note: Option<String>) -> Progress {
    let counts = store.counts();
    Progress { done: counts.done, planned: counts.planned, objects: counts.objects, note }
}

/// The end: stopped, or nobody listens.
struct Over;

struct Owner {
    connection: Connection,
    request: ReadRequest,
    watching: bool,
    events: mpsc::Sender<LiveEvent>,
    store: Store,
    merge: Arc<Merge>,
    watches: JoinSet<()>,
    down: BTreeMap<Slot, (String, Duration)>,
    refused: BTreeSet<Kind>,
    stale: bool,
    loaded: bool,
}

impl Owner {
    async fn run(mut self, mut commands: mpsc::Receiver<Refresh>) {
        loop {
            if self.load(&mut commands).await.is_err() || self.keep(&mut commands).await.is_err() {
                return;
            }
        }
    }

    async fn emit(&self, event: LiveEvent) -> Result<(), Over> {
        self.events.send(event).await.map_err(|_| Over)
    }

    /// Makes and sends an inventory; returns when the next one may be made.
    async fn publish(&mut self, pause: Duration) -> Result<Instant, Over> {
        let begun = Instant::now();
        let parts = self.store.parts();
        let made = tokio::task::spawn_blocking(move || parts.inventory()).await;
        let cost = begun.elapsed();
        self.emit(LiveEvent::Inventory(Arc::new(made.map_err(|_| Over)?))).await?;
        Ok(Instant::now() + pause.max(cost * SHARE))
    }

    /// Reads everything.
    async fn load(&mut self, commands: &mut mpsc::Receiver<Refresh>) -> Result<(), Over> {
        self.watches.shutdown().await;
        // What the watches left is as true as the lists that it belongs to.
        self.absorb();
        self.store.begin();
        let (mut reader, mut steps) = start(&self.connection, &self.request, !self.loaded);
        let mut next = Instant::now();
        let mut told = Instant::now();
        let mut dirty = false;
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Refresh) => {}
                    None => return Err(Over),
                },
                () = self.events.closed() => return Err(Over),
                step = steps.recv() => {
                    let Some(step) = step else { break };
                    let note = if let Step::Note(text) = &step { Some(text.clone()) } else { None };
                    let rows = matches!(step, Step::Page(..) | Step::Names(..) | Step::Done(..));
                    self.store.apply(step);
                    dirty |= rows;
                    if note.is_some() || told.elapsed() >= PROGRESS {
                        told = Instant::now();
                        self.emit(LiveEvent::Progress(progress(&self.store, note))).await?;
                    }
                }
                () = sleep_until(next), if dirty => {
                    dirty = false;
                    next = self.publish(WHILE_LOADING).await?;
                }
            }
        }
        match finish(&mut reader, &self.connection).await {
            Ok(()) => self.complete().await,
            Err(error) => self.failed(error).await,
        }
    }

    async fn complete(&mut self) -> Result<(), Over> {
        self.store.finish();
        self.loaded = true;
        self.emit(LiveEvent::Progress(progress(&self.store, None))).await?;
        self.publish(WHILE_LOADING).await?;
        self.emit(LiveEvent::Loaded).await?;
        self.down.clear();
        if std::mem::take(&mut self.stale) {
            self.emit(LiveEvent::Recovered).await?;
        }
        self.refused.clear();
        self.watch().await
    }

    /// The reading failed: what was known before stays, and its watches go on.
    async fn failed(&mut self, error: UserError) -> Result<(), Over> {
        if !self.loaded {
            return self.emit(LiveEvent::Failed(error)).await;
        }
        self.stale = true;
        self.emit(LiveEvent::Stale { reason: error.to_string(), retry_in: None }).await?;
        self.watch().await
    }

    async fn watch(&mut self) -> Result<(), Over> {
        if !self.watching {
            return Ok(());
        }
        self.merge = Arc::default();
        let mut refused = BTreeSet::new();
        for (slot, target, version) in self.store.watchable() {
            if !target.watchable || self.watches.len() >= MOST_WATCHES {
                refused.insert(slot.kind);
                continue;
            }
            let connection = self.connection.clone();
            let merge = Arc::clone(&self.merge);
            self.watches.spawn(Watch { connection, target, slot, version, merge }.run());
        }
        refused.extend(self.store.unwatchable());
        for kind in refused {
            self.refuse(kind).await?;
        }
        Ok(())
    }

    async fn refuse(&mut self, kind: Kind) -> Result<(), Over> {
        if self.refused.insert(kind.clone()) {
            self.emit(LiveEvent::WatchRefused { kind }).await?;
        }
        Ok(())
    }

    /// Takes in changes until a refresh is asked for.
    async fn keep(&mut self, commands: &mut mpsc::Receiver<Refresh>) -> Result<(), Over> {
        let mut next = Instant::now();
        let mut dirty = false;
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Refresh) => return Ok(()),
                    None => return Err(Over),
                },
                () = self.events.closed() => return Err(Over),
                () = self.merge.changed() => {
                    let (changed, health) = self.absorb();
                    if changed && !dirty {
                        dirty = true;
                        next = next.max(Instant::now() + WHILE_WATCHING);
                    }
                    self.health(health).await?;
                }
                () = sleep_until(next), if dirty => {
                    dirty = false;
                    next = self.publish(WHILE_WATCHING).await?;
                }
            }
        }
    }

    /// Takes what the watches left; tells whether objects or reads changed, and how they are.
    fn absorb(&mut self) -> (bool, BTreeMap<Slot, Health>) {
        let (waiting, health) = self.merge.take();
        let mut changed = false;
        for (slot, pending) in waiting {
            changed |= pending.relist.is_some() || !pending.objects.is_empty();
            self.store.merge(&slot, pending);
        }
        (changed, health)
    }

    async fn health(&mut self, health: BTreeMap<Slot, Health>) -> Result<(), Over> {
        let lead = self.down.keys().next().cloned();
        let mut tell = false;
        for (slot, health) in health {
            match health {
                Health::Up => drop(self.down.remove(&slot)),
                Health::Down { reason, retry_in } => {
                    // One of them speaks for all, so that thirty lost watches are one message.
                    tell |= lead.as_ref().is_none_or(|lead| *lead == slot);
                    self.down.insert(slot, (reason, retry_in));
                }
                Health::Refused => {
                    self.down.remove(&slot);
                    self.refuse(slot.kind).await?;
                }
            }
        }
        if self.down.is_empty() {
            if std::mem::take(&mut self.stale) {
                self.emit(LiveEvent::Recovered).await?;
            }
        } else if (tell || !self.stale)
            && let Some((reason, wait)) = self.down.values().next().cloned()
        {
            self.stale = true;
            self.emit(LiveEvent::Stale { reason, retry_in: Some(wait) }).await?;
        }
        Ok(())
    }
}
