//! Changes waiting for the owner of the lists to take them in. Per object only the last one is kept, so that a storm cannot
//! grow memory beyond the objects that there are; and whoever brings more than a bound waits.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::health::Health;
use super::list::ListResult;
use super::store::{ObjectName, Slot};
use crate::model::object::Object;

/// Changes that may wait. Beyond that the server has to: its connection is not read.
const MOST_WAITING: usize = 50_000;
/// Bytes that they may have come in.
const MOST_BYTES: usize = 64 << 20;

/// What a watch says became of an object.
#[derive(Clone, Debug)]
pub(super) enum ObjectChange {
    /// It is like this now.
    Now(Arc<Object>),
    /// Those with these uids are deleted; with none, whichever there is.
    Gone(Vec<Box<str>>),
}

impl ObjectChange {
    /// The one with this uid is deleted; an empty one was not told.
    pub(super) fn gone(uid: &str) -> Self {
        Self::Gone(if uid.is_empty() { Vec::new() } else { vec![uid.into()] })
    }

    /// A change that says nothing of `uid`: a deletion of another object of the same name, which
    /// came late.
    pub(super) fn is_late_for(&self, uid: &str) -> bool {
        let Self::Gone(gone) = self else { return false };
        !gone.is_empty() && !uid.is_empty() && gone.iter().all(|gone| **gone != *uid)
    }

    /// What comes of this change after an earlier one of the same name; none if it came late.
    fn after(self, earlier: Option<&Self>) -> Option<Self> {
        match (earlier, self) {
            (Some(Self::Now(held)), gone @ Self::Gone(_)) => {
                // It took the place of whatever had its name, which is not there any more either.
                (!gone.is_late_for(&held.uid)).then(|| Self::Gone(Vec::new()))
            }
            (Some(Self::Gone(before)), Self::Gone(now)) => {
                let any = before.is_empty() || now.is_empty();
                Some(Self::Gone(if any { Vec::new() } else { [&before[..], &now[..]].concat() }))
            }
            (_, change) => Some(change),
        }
    }
}

/// What the keeper of one list left since the owner last took it in.
#[derive(Debug, Default)]
pub(super) struct ListChanges {
    /// A new list, older than `objects`.
    pub relist: Option<ListResult>,
    /// Changed objects.
    pub objects: HashMap<ObjectName, ObjectChange>,
    /// Where the watch goes on.
    pub version: Option<String>,
}

/// Everything in the inbox: what all keepers left since the owner last took it.
#[derive(Default)]
pub(super) struct InboxContents {
    /// Changes by list.
    pub changes: BTreeMap<Slot, ListChanges>,
    /// How the lists are now that told it.
    pub health: BTreeMap<Slot, Health>,
    /// The server does not know a resource that it served: what it serves is to be looked up.
    pub absent: bool,
    count: usize,
    /// What came in, also what was replaced meanwhile.
    bytes: usize,
}

impl InboxContents {
    fn has_room(&self) -> bool {
        self.count < MOST_WAITING && self.bytes < MOST_BYTES
    }
}

/// The inbox of the owner of all lists: keepers write into it, the owner empties it.
#[derive(Default)]
pub(super) struct KeeperInbox {
    waiting: Mutex<InboxContents>,
    wake: Notify,
    room: Notify,
}

impl KeeperInbox {
    fn lock(&self) -> MutexGuard<'_, InboxContents> {
        // A task that died while holding it has left whole values behind.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is something to take.
    pub(super) async fn changed(&self) {
        self.wake.notified().await;
    }

    /// Takes everything.
    pub(super) fn take(&self) -> InboxContents {
        let taken = std::mem::take(&mut *self.lock());
        self.room.notify_waiters();
        taken
    }
}

/// The way into the inbox for the keeper of one list, which has it until that list is kept by another: a keeper that is ended may
/// still be at work on another thread, and must not write over what came in its place.
pub(super) struct ListSender {
    inbox: Arc<KeeperInbox>,
    slot: Slot,
    closed: Arc<AtomicBool>,
}

/// Closes the [`ListSender`] of a keeper that is ended; [`super::keepers::Keepers`] has it.
pub(super) struct Closer {
    inbox: Arc<KeeperInbox>,
    closed: Arc<AtomicBool>,
}

impl Closer {
    /// From now on nothing comes through. What came before may still wait.
    pub(super) fn close(&self) {
        // Whoever holds the lock is let through to its end.
        let _whole = self.inbox.lock();
        self.closed.store(true, Ordering::Release);
    }
}

impl ListSender {
    /// An open one.
    pub(super) fn new(inbox: &Arc<KeeperInbox>, slot: &Slot) -> (Self, Closer) {
        let closed = Arc::<AtomicBool>::default();
        let closer = Closer { inbox: Arc::clone(inbox), closed: Arc::clone(&closed) };
        (Self { inbox: Arc::clone(inbox), slot: slot.clone(), closed }, closer)
    }

    /// Nobody else writes or closes while this is held. None once it is closed.
    fn lock(&self) -> Option<MutexGuard<'_, InboxContents>> {
        let waiting = self.inbox.lock();
        (!self.closed.load(Ordering::Acquire)).then_some(waiting)
    }

    /// An object changed; told in so many bytes.
    pub(super) fn object(&self, name: ObjectName, change: ObjectChange, bytes: usize) {
        let Some(mut waiting) = self.lock() else { return };
        waiting.bytes = waiting.bytes.saturating_add(bytes);
        let objects = &mut waiting.changes.entry(self.slot.clone()).or_default().objects;
        let Some(change) = change.after(objects.get(&name)) else { return };
        let new = objects.insert(name, change).is_none();
        waiting.count += usize::from(new);
        drop(waiting);
        self.inbox.wake.notify_one();
    }

    /// The watch got this far. Wakes nobody: nothing to show.
    pub(super) fn version(&self, version: &str) {
        let Some(mut waiting) = self.lock() else { return };
        waiting.changes.entry(self.slot.clone()).or_default().version = Some(version.to_owned());
    }

    /// The list was read anew; what was seen before does not count any more.
    pub(super) fn relisted(&self, listed: ListResult) {
        let pending = ListChanges { relist: Some(listed), objects: HashMap::new(), version: None };
        let Some(mut waiting) = self.lock() else { return };
        let before = waiting.changes.insert(self.slot.clone(), pending);
        waiting.count -= before.map_or(0, |before| before.objects.len());
        drop(waiting);
        self.inbox.wake.notify_one();
    }

    /// How the list is kept now.
    pub(super) fn health(&self, health: Health) {
        let Some(mut waiting) = self.lock() else { return };
        waiting.health.insert(self.slot.clone(), health);
        drop(waiting);
        self.inbox.wake.notify_one();
    }

    /// The server says that it has no such resource.
    pub(super) fn absent(&self) {
        let Some(mut waiting) = self.lock() else { return };
        waiting.absent = true;
        drop(waiting);
        self.inbox.wake.notify_one();
    }

    /// Waits while too much waits already.
    pub(super) async fn room(&self) {
        loop {
            let room = self.inbox.room.notified();
            if self.inbox.lock().has_room() {
                return;
            }
            room.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::Kind;
    use crate::model::node::Node;
    use crate::model::read::ReadStatus;

    fn slot() -> Slot {
        Slot { kind: Kind::new("", "Pod"), namespace: None }
    }

    fn sender() -> (Arc<KeeperInbox>, ListSender, Closer) {
        let inbox = Arc::<KeeperInbox>::default();
        let (sender, closer) = ListSender::new(&inbox, &slot());
        (inbox, sender, closer)
    }

    fn name(name: &str) -> ObjectName {
        (Box::from("n"), Box::from(name))
    }

    fn gone() -> ObjectChange {
        ObjectChange::gone("")
    }

    #[test]
    fn the_latest_wins_and_a_new_list_clears_what_came_before() {
        let (inbox, sender, _closer) = sender();
        for _ in 0..1000 {
            sender.object(name("a"), gone(), 1);
        }
        sender.version("9");
        let taken = inbox.take();
        assert_eq!((taken.changes[&slot()].objects.len(), taken.count), (1, 1));
        assert_eq!(taken.changes[&slot()].version.as_deref(), Some("9"));
        sender.object(name("a"), gone(), 1);
        sender.relisted(ListResult::without(ReadStatus::Complete, None));
        let taken = inbox.take();
        assert!(taken.changes[&slot()].objects.is_empty() && taken.count == 0);
        assert!(taken.changes[&slot()].relist.is_some());
        assert!(inbox.take().changes.is_empty());
    }

    #[test]
    fn a_late_deletion_does_not_take_the_one_that_came_after() {
        let (inbox, sender, _closer) = sender();
        let body = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","uid":"new"}}"#;
        let object = Object::new(Node::from_json(body.as_bytes()).unwrap()).unwrap();
        sender.object(name("a"), ObjectChange::Now(Arc::new(object)), 1);
        sender.object(name("a"), ObjectChange::gone("old"), 1);
        let taken = inbox.take();
        assert!(matches!(taken.changes[&slot()].objects[&name("a")], ObjectChange::Now(_)));
    }

    /// Of three changes that come together only the last is kept: it must not look like a late one.
    #[test]
    fn what_is_deleted_made_anew_and_deleted_again_is_not_there() {
        let (inbox, sender, _closer) = sender();
        let body = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","uid":"second"}}"#;
        let second = Object::new(Node::from_json(body.as_bytes()).unwrap()).unwrap();
        sender.object(name("a"), ObjectChange::gone("first"), 1);
        sender.object(name("a"), ObjectChange::Now(Arc::new(second)), 1);
        sender.object(name("a"), ObjectChange::gone("second"), 1);
        let gone = inbox.take().changes.remove(&slot()).unwrap().objects.remove(&name("a"));
        let gone = gone.unwrap();
        assert!(matches!(gone, ObjectChange::Gone(_)));
        assert!(!gone.is_late_for("first") && !gone.is_late_for("second"));
        // Two deletions in a row are of these two.
        sender.object(name("a"), ObjectChange::gone("first"), 1);
        sender.object(name("a"), ObjectChange::gone("second"), 1);
        let gone = inbox.take().changes.remove(&slot()).unwrap().objects.remove(&name("a"));
        let gone = gone.unwrap();
        assert!(!gone.is_late_for("first") && !gone.is_late_for("second"));
        assert!(gone.is_late_for("third"));
    }

    #[test]
    fn a_keeper_that_was_ended_leaves_nothing_any_more() {
        let (inbox, old, closer) = sender();
        let (new, _open) = ListSender::new(&inbox, &slot());
        closer.close();
        old.relisted(ListResult::without(ReadStatus::Complete, None));
        old.object(name("a"), gone(), 1);
        old.version("9");
        old.absent();
        old.health(Health::Up);
        let taken = inbox.take();
        assert!(
            taken.changes.is_empty()
                && taken.health.is_empty()
                && !taken.absent
                && taken.count == 0
        );
        new.version("10");
        assert_eq!(inbox.take().changes[&slot()].version.as_deref(), Some("10"));
    }

    #[tokio::test]
    async fn whoever_brings_too_much_waits_until_it_was_taken() {
        let (inbox, sender, _closer) = sender();
        for n in 0..MOST_WAITING {
            sender.object(name(&n.to_string()), gone(), 1);
        }
        let waiter = tokio::spawn(async move { sender.room().await });
        tokio::task::yield_now().await;
        assert!(!waiter.is_finished());
        assert_eq!(inbox.take().count, MOST_WAITING);
        waiter.await.unwrap();
    }

    #[tokio::test]
    async fn few_but_large_changes_wait_too() {
        let (inbox, sender, _closer) = sender();
        for _ in 0..4 {
            tokio::time::timeout(std::time::Duration::from_secs(5), sender.room()).await.unwrap();
            sender.object(name("a"), gone(), MOST_BYTES / 4);
        }
        let full = tokio::time::timeout(std::time::Duration::from_millis(20), sender.room()).await;
        assert!(full.is_err());
        inbox.take();
        tokio::time::timeout(std::time::Duration::from_secs(5), sender.room()).await.unwrap();
    }
}
