//! All keepers of a live source: started, woken and ended together or one by one.

use std::collections::HashMap;
use std::sync::Arc;

use jiff::Timestamp;
use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::Instant;

use super::connect::Connection;
use super::inbox::{Closer, KeeperInbox, ListSender};
use super::keeper::{Charge, Keeper};
use super::store::{Slot, Tended};
use super::told_objects::ToldObjects;
use super::watch::Watch;

/// The tasks that keep lists up to date. Dropping it ends them.
pub(super) struct Keepers {
    tasks: JoinSet<()>,
    handles: HashMap<Slot, (AbortHandle, Closer)>,
    permits: Arc<Semaphore>,
    wake: watch::Sender<u64>,
}

impl Keepers {
    /// None yet; at most `watches` of them will watch.
    pub(super) fn new(watches: usize) -> Self {
        Self {
            tasks: JoinSet::new(),
            handles: HashMap::new(),
            permits: Arc::new(Semaphore::new(watches)),
            wake: watch::Sender::new(0),
        }
    }

    /// Ends all of them and waits until they have ended.
    pub(super) async fn end_all(&mut self) {
        self.handles.clear();
        self.tasks.shutdown().await;
    }

    /// Ends the one of a list, if there is one: nothing comes of it any more.
    pub(super) fn end(&mut self, slot: &Slot) {
        if let Some((handle, closer)) = self.handles.remove(slot) {
            closer.close();
            handle.abort();
        }
    }

    /// Every watch is opened anew.
    pub(super) fn wake(&self) {
        self.wake.send_modify(|count| *count += 1);
    }

    /// Whether a list is kept.
    pub(super) fn has(&self, slot: &Slot) -> bool {
        self.handles.contains_key(slot)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.handles.len()
    }

    /// Keeps a list from now on, in place of whoever kept it before.
    pub(super) fn keep(
        &mut self,
        connection: &Connection,
        inbox: &Arc<KeeperInbox>,
        tended: Tended,
    ) {
        self.end(&tended.slot);
        let pace = &connection.inner.pace;
        // Names of Secrets cost a request for each type, Leases are other ones each time and are judged
        // again, and what is more than is taken is so a minute later too.
        let seldom = tended.target.is_secret() || tended.target.is_lease() || tended.over;
        let every = if seldom { pace.opt_in } else { pace.poll_of(self.len() + 1) };
        let (sender, closer) = ListSender::new(inbox, &tended.slot);
        let charge = Charge {
            watch: Watch {
                connection: connection.clone(),
                target: tended.target,
                slot: tended.slot.clone(),
                version: tended.version,
                sender,
                heard: tended.heard.unwrap_or_else(Timestamp::now),
                heard_at: Instant::now(),
                told: false,
                listed: tended.items,
                brought: ToldObjects::default(),
            },
            begin: tended.begin,
            every,
            over: tended.over,
            missed: tended.missed,
        };
        // Taken here, so that those that come first are watched.
        let permit = Arc::clone(&self.permits).try_acquire_owned().ok();
        let permits = Arc::clone(&self.permits);
        let keeper = Keeper::new(charge, permit, permits, self.wake.subscribe());
        let handle = self.tasks.spawn(keeper.run());
        self.handles.insert(tended.slot, (handle, closer));
        // Those that were ended are not remembered.
        while self.tasks.try_join_next().is_some() {}
    }
}
