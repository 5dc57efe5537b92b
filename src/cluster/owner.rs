//! The task that owns what is known of a live cluster: it reads everything (`load`), takes in what
//! keeps it up to date (`keep`), looks around beside that (`around`), notices whether the server still
//! answers (`silence`), and tells.

mod around;
mod keep;
mod load;
mod silence;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, mpsc};
use tokio::time::Instant;

use super::connect::Connection;
use super::error::UserError;
use super::health::Health;
use super::inbox::KeeperInbox;
use super::keepers::Keepers;
use super::live::{LiveCommand, LiveEvent};
use super::liveness::Liveness;
use super::pulse::Pulse;
use super::read::ReadRequest;
use super::side::SideTask;
use super::store::{Slot, Store};
use crate::model::kinds::Kind;

/// Making inventories may take one part in this many of the time.
const SHARE: u32 = 5;
/// Shortest time between two inventories while pages arrive.
const WHILE_LOADING: Duration = Duration::from_millis(200);
/// How long changes are collected before they are shown.
const WHILE_WATCHING: Duration = Duration::from_millis(100);

/// The end: stopped, or nobody listens.
struct Over;

/// Everything that is known, and who brings it.
pub(super) struct Owner {
    connection: Connection,
    request: ReadRequest,
    events: mpsc::Sender<LiveEvent>,
    store: Store,
    inbox: Arc<KeeperInbox>,
    keepers: Keepers,
    side: SideTask,
    pulse: Pulse,
    /// Told when somebody looks.
    pub(super) looks: Arc<Notify>,
    /// What was told last of how live it is.
    told: Liveness,
    loaded: bool,
    /// Readings in a row that came to nothing, and what was said of the last.
    failed: usize,
    error: Option<UserError>,
    /// What is known changed since the last inventory.
    dirty: bool,
    next: Instant,
}

impl Owner {
    /// Knows nothing yet.
    pub(super) fn new(
        connection: Connection,
        request: ReadRequest,
        events: mpsc::Sender<LiveEvent>,
    ) -> Self {
        let pace = connection.inner.pace;
        Self {
            store: Store::new(connection.source_info()),
            connection,
            request,
            events,
            inbox: Arc::default(),
            keepers: Keepers::new(pace.watches),
            side: SideTask::new(&pace),
            pulse: Pulse::new(&pace),
            looks: Arc::default(),
            told: Liveness::default(),
            loaded: false,
            failed: 0,
            error: None,
            dirty: false,
            next: Instant::now(),
        }
    }

    /// Runs until nobody listens any more.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<LiveCommand>) {
        loop {
            if self.load(&mut commands).await.is_err() || self.keep(&mut commands).await.is_err() {
                return;
            }
        }
    }

    async fn emit(&self, event: LiveEvent) -> Result<(), Over> {
        self.events.send(event).await.map_err(|_| Over)
    }

    /// Makes and sends an inventory; the next one is made no sooner than `pause` from now.
    async fn publish(&mut self, pause: Duration) -> Result<(), Over> {
        self.dirty = false;
        let begun = Instant::now();
        let parts = self.store.parts();
        let made = tokio::task::spawn_blocking(move || parts.inventory()).await;
        let cost = begun.elapsed();
        self.emit(LiveEvent::Inventory(Arc::new(made.map_err(|_| Over)?))).await?;
        self.next = Instant::now() + pause.max(cost * SHARE);
        Ok(())
    }

    /// Says how live it is, where that is something else than what was told last.
    async fn tell(&mut self) -> Result<(), Over> {
        let Some(now) = self.store.liveness().filter(|now| *now != self.told) else {
            return Ok(());
        };
        if self.told.is_stale() && !now.is_stale() && self.dirty {
            // What is called up to date is what was sent last.
            self.publish(WHILE_WATCHING).await?;
        }
        self.told = now.clone();
        self.emit(LiveEvent::Liveness(now)).await
    }

    /// Everything that is here is kept up to date from now on.
    fn watch(&mut self) {
        self.inbox = Arc::default();
        self.side.rest();
        let order = |kind: &Kind| self.request.kinds.iter().position(|asked| asked == kind);
        let mut tended = self.store.tended();
        // Where not all can be watched, those are that matter most.
        tended.sort_by_key(|tended| (tended.slot.namespace.is_some(), order(&tended.slot.kind)));
        for tended in tended {
            self.keepers.keep(&self.connection, &self.inbox, tended);
        }
        self.date_answers();
    }

    /// What end points answered for is as old as the answer.
    fn date_answers(&mut self) {
        let every = self.connection.inner.pace.opt_in;
        for slot in self.store.answers() {
            let why = "it is asked for, not watched".to_owned();
            let polled = Health::Polled { why, every, usual: true };
            self.dirty |= self.store.hear(&slot, polled);
        }
    }

    /// These lists are no more: nobody keeps them, and they cost nothing.
    fn drop_lists(&mut self, gone: &[Slot]) {
        for slot in gone {
            self.keepers.end(slot);
            self.connection.inner.budget.forget(slot);
        }
        self.dirty |= !gone.is_empty();
    }
}
