//! The task that owns what is known of a live cluster: it reads, keeps, looks around and tells.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::{Notify, mpsc};
use tokio::time::{Instant, sleep_until};

use super::connect::Connection;
use super::error::{Trouble, UserError};
use super::health::{Board, Health, News, Stamp};
use super::keepers::Keepers;
use super::live::{Command, LiveEvent, finish, progress, start};
use super::merge::Merge;
use super::nap::Nap;
use super::pulse::Pulse;
use super::read::{ReadRequest, Step};
use super::side::Side;
use super::store::{Slot, Store};
use crate::model::kinds::Kind;

/// Shortest time between two inventories while pages arrive.
const WHILE_LOADING: Duration = Duration::from_millis(200);
/// How long changes are collected before they are shown.
const WHILE_WATCHING: Duration = Duration::from_millis(100);
/// Making inventories may take one part in this many of the time.
const SHARE: u32 = 5;
/// Shortest time between two progress reports.
const PROGRESS: Duration = Duration::from_millis(50);

/// The end: stopped, or nobody listens.
pub(super) struct Over;

/// Everything that is known, and who brings it.
#[allow(clippy::struct_excessive_bools, reason = "each is a state of its own")]
pub(super) struct Owner {
    pub(super) connection: Connection,
    pub(super) request: ReadRequest,
    watching: bool,
    events: mpsc::Sender<LiveEvent>,
    pub(super) store: Store,
    pub(super) merge: Arc<Merge>,
    pub(super) keepers: Keepers,
    pub(super) board: Board,
    pub(super) side: Side,
    pub(super) pulse: Pulse,
    /// Told when somebody looks.
    pub(super) looks: Arc<Notify>,
    /// How lists are that was not told yet.
    heard: BTreeMap<Slot, Health>,
    /// Lists that are read again instead of watched, and why.
    polled: BTreeMap<Slot, String>,
    /// How the whole is changed without a list telling it: lists went, the server fell silent.
    pub(super) untold: bool,
    /// Kinds of which that was said.
    told_polled: BTreeMap<Kind, String>,
    stale: bool,
    loaded: bool,
    /// Readings in a row that came to nothing, and what was said of the last.
    failed: usize,
    told: Option<UserError>,
    /// What is known changed since the last inventory.
    pub(super) dirty: bool,
    next: Instant,
}

impl Owner {
    /// Knows nothing yet.
    pub(super) fn new(
        connection: Connection,
        request: ReadRequest,
        watching: bool,
        events: mpsc::Sender<LiveEvent>,
    ) -> Self {
        let pace = connection.inner.pace;
        Self {
            store: Store::new(connection.source_info()),
            connection,
            request,
            watching,
            events,
            merge: Arc::default(),
            keepers: Keepers::new(pace.watches),
            board: Board::default(),
            side: Side::new(&pace),
            pulse: Pulse::new(&pace),
            looks: Arc::default(),
            heard: BTreeMap::new(),
            polled: BTreeMap::new(),
            untold: false,
            told_polled: BTreeMap::new(),
            stale: false,
            loaded: false,
            failed: 0,
            told: None,
            dirty: false,
            next: Instant::now(),
        }
    }

    /// Runs until nobody listens any more.
    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
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

    /// Reads everything.
    async fn load(&mut self, commands: &mut mpsc::Receiver<Command>) -> Result<(), Over> {
        self.side.end();
        self.keepers.end_all().await;
        // What the watches left is as true as the lists that it belongs to.
        self.absorb();
        self.store.begin(None);
        self.store.kept_until(self.connection.inner.heard.moment());
        // After a failure nothing is said until something is there: it is the same news.
        let mut quiet = self.failed > 0;
        if self.loaded && !quiet {
            // Nothing is kept up to date from now on, also if the server does not answer.
            let note = Some("everything again".to_owned());
            self.emit(LiveEvent::Progress(progress(&self.store, note))).await?;
        }
        let (mut reading, mut steps) = start(&self.connection, &self.request, !self.loaded);
        let mut told = Instant::now();
        loop {
            tokio::select! {
                command = commands.recv() => match command {
                    // One is under way.
                    Some(Command::Refresh) => quiet = false,
                    Some(Command::Wake) => {}
                    None => return Err(Over),
                },
                () = self.events.closed() => return Err(Over),
                step = steps.recv() => {
                    let Some(step) = step else { break };
                    let note = if let Step::Note(text) = &step { Some(text.clone()) } else { None };
                    self.dirty |= matches!(step, Step::Page(..) | Step::Names(..) | Step::Done(..));
                    quiet &= !self.dirty;
                    if let Step::Found(found) = &step {
                        self.side.found(Arc::clone(found));
                    }
                    self.store.apply(step);
                    if !quiet && (note.is_some() || told.elapsed() >= PROGRESS) {
                        told = Instant::now();
                        self.emit(LiveEvent::Progress(progress(&self.store, note))).await?;
                    }
                }
                () = sleep_until(self.next), if self.dirty => self.publish(WHILE_LOADING).await?,
            }
        }
        match finish(&mut reading, &self.connection).await {
            Ok(()) => self.complete().await,
            Err(error) => self.incomplete(error).await,
        }
    }

    async fn complete(&mut self) -> Result<(), Over> {
        for slot in self.store.finish(None) {
            self.connection.inner.budget.forget(&slot);
        }
        self.store.silence(None);
        self.pulse = Pulse::new(&self.connection.inner.pace);
        self.loaded = true;
        self.failed = 0;
        self.told = None;
        self.emit(LiveEvent::Progress(progress(&self.store, None))).await?;
        self.board.clear();
        self.heard.clear();
        self.polled.clear();
        self.told_polled.clear();
        self.side.all_read();
        // Those that could not be read this time are as old as they were.
        let lost = self.lose();
        self.watch();
        self.publish(WHILE_LOADING).await?;
        if let Some(News::Stale { since, reason, .. }) = self.board.news(&lost) {
            self.stale = true;
            let since = since.as_second();
            let retry_in = self.watching.then_some(Duration::ZERO);
            self.emit(LiveEvent::Stale { since, reason, retry_in }).await?;
        }
        self.emit(LiveEvent::Loaded).await?;
        if self.board.is_well() && std::mem::take(&mut self.stale) {
            self.emit(LiveEvent::Recovered).await?;
        }
        Ok(())
    }

    /// The reading failed: what was known before stays, and its watches go on.
    async fn incomplete(&mut self, error: UserError) -> Result<(), Over> {
        self.failed += 1;
        self.store.abandon(&error.why);
        if self.loaded {
            self.stale = true;
            // What happened meanwhile is not known of any list until its keeper tells.
            self.doubt_all(&error.to_string());
            let since = self.board.since().unwrap_or_else(Timestamp::now).as_second();
            let event = LiveEvent::Stale { since, reason: error.to_string(), retry_in: None };
            self.emit(event).await?;
            self.watch();
            return Ok(());
        }
        if self.told.as_ref() == Some(&error) {
            return Ok(());
        }
        self.told = Some(error.clone());
        self.emit(LiveEvent::Failed(error)).await
    }

    /// Everything that is here is kept up to date from now on.
    fn watch(&mut self) {
        if !self.watching {
            return;
        }
        self.merge = Arc::default();
        self.side.rest();
        let order = |kind: &Kind| self.request.kinds.iter().position(|asked| asked == kind);
        let mut tended = self.store.tended();
        // Where not all can be watched, those are that matter most.
        tended.sort_by_key(|tended| (tended.slot.namespace.is_some(), order(&tended.slot.kind)));
        for tended in tended {
            self.keepers.keep(&self.connection, &self.merge, tended);
        }
        self.stamp_answers();
    }

    /// What end points answered for is as old as the answer.
    pub(super) fn stamp_answers(&mut self) {
        let every = self.connection.inner.pace.opt_in;
        for slot in self.store.answers() {
            let why = "it is asked for, not watched".to_owned();
            self.dirty |= self.store.stamp(&slot, Some(Stamp::Polled { why, every }));
        }
    }

    /// When a source that could not be read is tried again by itself. A login is for a person, and
    /// so is a plugin, which may open a window.
    fn again(&self) -> Option<Duration> {
        let own = self.told.as_ref().is_some_and(|error| error.trouble != Trouble::Credentials);
        (!self.loaded && own).then(|| self.connection.inner.pace.again(self.failed))
    }

    /// Takes in changes until everything is to be read anew.
    async fn keep(&mut self, commands: &mut mpsc::Receiver<Command>) -> Result<(), Over> {
        let live = self.loaded && self.watching;
        let again = self.again().map(|wait| Instant::now() + wait);
        let pace = self.connection.inner.pace;
        let mut nap = Nap::new();
        let mut nap_at = Instant::now() + pace.nap;
        let looks = Arc::clone(&self.looks);
        loop {
            let merge = Arc::clone(&self.merge);
            let dirty = self.dirty;
            tokio::select! {
                command = commands.recv() => match command {
                    Some(Command::Refresh) => {
                        self.connection.inner.source.try_again();
                        self.told = None;
                        self.failed = 0;
                        return Ok(());
                    }
                    Some(Command::Wake) => self.keepers.wake(),
                    None => return Err(Over),
                },
                () = self.events.closed() => return Err(Over),
                () = merge.changed() => self.absorb(),
                () = sleep_until(again.unwrap_or(nap_at)), if again.is_some() => return Ok(()),
                step = self.side.step(), if live => self.beside(step),
                beat = self.pulse.step(&self.connection), if live => self.felt(beat),
                () = looks.notified(), if live => self.pulse.look(&self.connection),
                () = sleep_until(nap_at), if live => nap_at = Instant::now() + pace.nap,
                () = sleep_until(self.next), if self.dirty => self.publish(WHILE_WATCHING).await?,
            }
            if live {
                // Whatever it was that woke this task.
                if nap.look() {
                    self.keepers.wake();
                    self.side.soon();
                }
                self.look_around();
                self.tell().await?;
            }
            if self.dirty && !dirty {
                // What comes together is shown together.
                self.next = self.next.max(Instant::now() + WHILE_WATCHING);
            }
        }
    }

    /// Takes what the watches left.
    pub(super) fn absorb(&mut self) {
        let waiting = self.merge.take();
        let namespaces = || Slot { kind: Kind::new("", "Namespace"), namespace: None };
        for (slot, pending) in waiting.changes {
            let brings = pending.relist.is_some() || !pending.objects.is_empty();
            let forbidden = self.store.is_forbidden(&slot);
            let before = (slot == namespaces() && brings).then(|| self.all_places());
            let changed = self.store.merge(&slot, pending);
            self.dirty |= changed;
            if changed && is_of_discovery(&slot.kind) {
                self.side.soon();
            }
            match (forbidden, self.store.is_forbidden(&slot)) {
                // It may still be allowed in some namespaces.
                (false, true) if slot.namespace.is_none() => {
                    self.side.again([slot.kind.clone()]);
                }
                (true, false) if slot.namespace.is_none() => self.widen(&slot.kind),
                _ => {}
            }
            // Where to look is what was asked for, or all namespaces there are.
            if let Some(before) = before.filter(|_| self.request.namespaces.is_none()) {
                self.look_in(before);
            }
        }
        if waiting.absent {
            self.side.soon();
        }
        self.heard.extend(waiting.health);
    }

    /// What was read namespace by namespace is read as one again.
    fn widen(&mut self, kind: &Kind) {
        for slot in self.store.widen(kind) {
            self.drop_list(&slot);
            self.connection.inner.budget.forget(&slot);
        }
    }

    /// How a list is, unless its keeper told just now.
    pub(super) fn hear(&mut self, slot: Slot, health: Health) {
        self.heard.entry(slot).or_insert(health);
    }

    /// Says how the lists are.
    async fn tell(&mut self) -> Result<(), Over> {
        if self.heard.is_empty() && !std::mem::take(&mut self.untold) {
            return Ok(());
        }
        let heard = std::mem::take(&mut self.heard);
        let tried: Vec<Slot> = heard.keys().cloned().collect();
        for (slot, health) in heard {
            match &health {
                Health::Polled { why, every, usual: false } => {
                    let why = format!("{why}; read every {} s", every.as_secs());
                    self.polled.insert(slot.clone(), why);
                }
                // What is lost for now is watched or not as it was before.
                Health::Down { .. } => {}
                _ => drop(self.polled.remove(&slot)),
            }
            let stamp = self.board.take(&slot, health);
            self.dirty |= self.store.stamp(&slot, stamp);
        }
        self.tell_polled().await?;
        match self.board.news(&tried) {
            Some(News::Stale { since, reason, retry_in }) => {
                self.stale = true;
                let since = since.as_second();
                self.emit(LiveEvent::Stale { since, reason, retry_in: Some(retry_in) }).await
            }
            _ if self.board.is_well() && std::mem::take(&mut self.stale) => {
                if self.dirty {
                    // What is called up to date is what was sent last.
                    self.publish(WHILE_WATCHING).await?;
                }
                self.emit(LiveEvent::Recovered).await
            }
            _ => Ok(()),
        }
    }

    /// Says of each kind that it is not watched, once, and when that is over.
    async fn tell_polled(&mut self) -> Result<(), Over> {
        let pairs = self.polled.iter().map(|(slot, why)| (slot.kind.clone(), why.clone()));
        let now: BTreeMap<Kind, String> = pairs.collect();
        let before = std::mem::replace(&mut self.told_polled, now.clone());
        for kind in before.keys().filter(|kind| !now.contains_key(*kind)) {
            self.emit(LiveEvent::Watched { kind: kind.clone() }).await?;
        }
        for (kind, why) in now {
            if before.get(&kind) != Some(&why) {
                self.emit(LiveEvent::WatchRefused { kind, why }).await?;
            }
        }
        Ok(())
    }

    /// The list is no more: nobody keeps it.
    pub(super) fn drop_list(&mut self, slot: &Slot) {
        self.keepers.end(slot);
        self.board.forget(slot);
        self.polled.remove(slot);
        self.untold = true;
    }
}

/// Kinds whose objects decide what the server serves.
fn is_of_discovery(kind: &Kind) -> bool {
    matches!(&*kind.kind, "CustomResourceDefinition" | "APIService")
}
