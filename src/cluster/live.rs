//! The live source: reads a cluster, then keeps the inventory up to date with watches.
//!
//! One task owns everything that is known (`cluster::owner`). Dropping the handle ends it and all
//! that it started.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{Instant, sleep_until};

use super::connect::Connection;
use super::error::UserError;
use super::liveness::Liveness;
use super::owner::Owner;
use super::read::{self, ReadRequest, ReadStep};
use super::store::Store;
use crate::model::inventory::Inventory;

/// Shortest time between two reports of how far a reading is.
const PROGRESS: Duration = Duration::from_millis(50);
/// Finding that out may take one part in this many of the time: there may be lists of each kind in thousands of
/// namespaces.
const SHARE: u32 = 20;

/// How far a reading is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Lists that are done, well or badly.
    pub done: usize,
    /// Lists planned so far; grows when namespaces have to be asked one by one.
    pub planned: usize,
    /// Objects received.
    pub objects: usize,
    /// A list that is not here yet, as reads name it.
    pub waits: Option<String>,
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
    /// How far what is known is as the cluster is now, where that is something else than before; at
    /// first it is [`Liveness::Live`]. It is made of what the reads say of their age, and what is called
    /// up to date again was sent before. Lists that a reading could not read again are told before
    /// [`LiveEvent::Loaded`], or in place of it where nothing could be read.
    Liveness(Liveness),
    /// Nothing could be read. It is tried again by itself where that may help without anybody's
    /// doing; `refresh` tries at once.
    Failed(UserError),
}

/// What the handle asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LiveCommand {
    /// A new reading.
    Refresh,
    /// Every watch is opened anew.
    Wake,
}

/// The handle. Dropping it ends every task.
#[derive(Debug)]
pub struct Live {
    commands: mpsc::Sender<LiveCommand>,
    looks: Arc<Notify>,
    task: JoinHandle<()>,
}

impl Live {
    /// Starts reading, and then watching. Events come in a bounded channel; whoever is slow to take
    /// them gets fewer and later inventories, never more memory. Must be called within a tokio
    /// runtime.
    #[must_use]
    pub fn spawn(
        connection: Connection,
        request: ReadRequest,
    ) -> (Self, mpsc::Receiver<LiveEvent>) {
        let (commands, inbox) = mpsc::channel(8);
        let (events, outbox) = mpsc::channel(16);
        let owner = Owner::new(connection, request, events);
        let looks = Arc::clone(&owner.looks);
        let task = tokio::spawn(owner.run(inbox));
        (Self { commands, looks, task }, outbox)
    }

    /// Reads everything again. What is known stays until the new lists are complete. Does nothing
    /// while a reading is under way.
    pub fn refresh(&self) {
        // A full channel holds a refresh already; a closed one belongs to a source that ended.
        let _ = self.commands.try_send(LiveCommand::Refresh);
    }

    /// Opens every watch anew, after a time in which connections may have died without a word: the
    /// computer slept, the network is another one.
    pub fn wake(&self) {
        // As above.
        let _ = self.commands.try_send(LiveCommand::Wake);
    }

    /// Somebody looks at what is known: a server of which nothing was heard for a while is asked
    /// whether it still answers. Costs next to nothing, however often it is said.
    pub fn look(&self) {
        self.looks.notify_one();
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
    store.begin(None);
    let (mut reader, mut steps) = start(connection, request, false);
    let (mut last, mut next, mut untold) = (Progress::default(), Instant::now(), false);
    loop {
        let note = tokio::select! {
            step = steps.recv() => {
                let Some(step) = step else { break };
                let note = if let ReadStep::Note(text) = &step { Some(text.clone()) } else { None };
                store.apply(step);
                untold = true;
                note
            }
            // What came last is told also if nothing comes any more.
            () = sleep_until(next), if untold => None,
        };
        let begun = Instant::now();
        if begun >= next {
            last = progress(&store, None);
            next = begun + PROGRESS.max(begun.elapsed() * SHARE);
            untold = false;
        } else if note.is_none() {
            continue;
        }
        on_progress(&Progress { note, ..last.clone() });
    }
    finish(&mut reader, connection).await?;
    on_progress(&progress(&store, None));
    store.finish(None);
    let parts = store.parts();
    let made = tokio::task::spawn_blocking(move || parts.inventory()).await;
    made.map_err(|_| read::interrupted(connection.server()))
}

pub(super) type ReadingTask = JoinSet<Result<(), UserError>>;

/// Starts a reading in a task of its own, which ends when the set is dropped.
pub(super) fn start(
    connection: &Connection,
    request: &ReadRequest,
    names: bool,
) -> (ReadingTask, mpsc::Receiver<ReadStep>) {
    let (sender, steps) = mpsc::channel(256);
    let (connection, request) = (connection.clone(), request.clone());
    let mut reader = JoinSet::new();
    reader.spawn(async move { read::read(&connection, &request, &sender, names).await });
    (reader, steps)
}

/// Waits for the end of a reading.
pub(super) async fn finish(
    reading: &mut ReadingTask,
    connection: &Connection,
) -> Result<(), UserError> {
    match reading.join_next().await {
        Some(Ok(result)) => result,
        _ => Err(read::interrupted(connection.server())),
    }
}

/// How far it is.
pub(super) fn progress(store: &Store, note: Option<String>) -> Progress {
    let counts = store.counts();
    let (done, planned, objects) = (counts.done, counts.planned, counts.objects);
    Progress { done, planned, objects, waits: store.waits(), note }
}
