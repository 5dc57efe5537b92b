//! Changes waiting to be taken in. Per object only the last one is kept, so that a storm cannot
//! grow memory beyond the objects that there are; and whoever brings more than a bound waits.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;

use super::health::Health;
use super::list::Listed;
use super::store::{Name, Slot};
use crate::model::object::Object;

/// Changes that may wait. Beyond that the server has to: its connection is not read.
const MOST_WAITING: usize = 50_000;
/// Bytes that they may have come in.
const MOST_BYTES: usize = 64 << 20;

/// What became of an object.
#[derive(Clone, Debug)]
pub(super) enum Change {
    /// It is like this now.
    Now(Arc<Object>),
    /// Those with these uids are deleted; with none, whichever there is.
    Gone(Vec<Box<str>>),
}

impl Change {
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

/// What one watch saw since it was last asked.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// A new list, older than `objects`.
    pub relist: Option<Listed>,
    /// Changed objects.
    pub objects: HashMap<Name, Change>,
    /// Where the watch goes on.
    pub version: Option<String>,
}

/// Everything that was left since it was last taken.
#[derive(Default)]
pub(super) struct Waiting {
    /// Changes by list.
    pub changes: BTreeMap<Slot, Pending>,
    /// How the lists are now that told it.
    pub health: BTreeMap<Slot, Health>,
    /// The server does not know a resource that it served: what it serves is to be looked up.
    pub absent: bool,
    count: usize,
    /// What came in, also what was replaced meanwhile.
    bytes: usize,
}

impl Waiting {
    fn has_room(&self) -> bool {
        self.count < MOST_WAITING && self.bytes < MOST_BYTES
    }
}

/// Where watches leave what they see.
#[derive(Default)]
pub(super) struct Merge {
    waiting: Mutex<Waiting>,
    wake: Notify,
    room: Notify,
}

impl Merge {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // A task that died while holding it has left whole values behind.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until there is something to take.
    pub(super) async fn changed(&self) {
        self.wake.notified().await;
    }

    /// Takes everything.
    pub(super) fn take(&self) -> Waiting {
        let taken = std::mem::take(&mut *self.lock());
        self.room.notify_waiters();
        taken
    }
}

/// Where the keeper of one list leaves what it sees, until it is closed: a keeper that is ended may
/// still be at work on another thread, and must not write over what came in its place.
pub(super) struct Inlet {
    merge: Arc<Merge>,
    slot: Slot,
    closed: Arc<AtomicBool>,
}

/// Closes an [`Inlet`] from elsewhere.
pub(super) struct Lid {
    merge: Arc<Merge>,
    closed: Arc<AtomicBool>,
}

impl Lid {
    /// From now on nothing comes through. What came before may still wait.
    pub(super) fn close(&self) {
        // Whoever holds the lock is let through to its end.
        let _whole = self.merge.lock();
        self.closed.store(true, Ordering::Release);
    }
}

impl Inlet {
    /// An open one.
    pub(super) fn new(merge: &Arc<Merge>, slot: &Slot) -> (Self, Lid) {
        let closed = Arc::<AtomicBool>::default();
        let lid = Lid { merge: Arc::clone(merge), closed: Arc::clone(&closed) };
        (Self { merge: Arc::clone(merge), slot: slot.clone(), closed }, lid)
    }

    /// Nobody else writes or closes while this is held. None once it is closed.
    fn lock(&self) -> Option<MutexGuard<'_, Waiting>> {
        let waiting = self.merge.lock();
        (!self.closed.load(Ordering::Acquire)).then_some(waiting)
    }

    /// An object changed; told in so many bytes.
    pub(super) fn object(&self, name: Name, change: Change, bytes: usize) {
        let Some(mut waiting) = self.lock() else { return };
        waiting.bytes = waiting.bytes.saturating_add(bytes);
        let objects = &mut waiting.changes.entry(self.slot.clone()).or_default().objects;
        let Some(change) = change.after(objects.get(&name)) else { return };
        let new = objects.insert(name, change).is_none();
        waiting.count += usize::from(new);
        drop(waiting);
        self.merge.wake.notify_one();
    }

    /// The watch got this far. Wakes nobody: nothing to show.
    pub(super) fn version(&self, version: &str) {
        let Some(mut waiting) = self.lock() else { return };
        waiting.changes.entry(self.slot.clone()).or_default().version = Some(version.to_owned());
    }

    /// The list was read anew; what was seen before does not count any more.
    pub(super) fn relisted(&self, listed: Listed) {
        let pending = Pending { relist: Some(listed), objects: HashMap::new(), version: None };
        let Some(mut waiting) = self.lock() else { return };
        let before = waiting.changes.insert(self.slot.clone(), pending);
        waiting.count -= before.map_or(0, |before| before.objects.len());
        drop(waiting);
        self.merge.wake.notify_one();
    }

    /// How the list is kept now.
    pub(super) fn health(&self, health: Health) {
        let Some(mut waiting) = self.lock() else { return };
        waiting.health.insert(self.slot.clone(), health);
        drop(waiting);
        self.merge.wake.notify_one();
    }

    /// The server says that it has no such resource.
    pub(super) fn absent(&self) {
        let Some(mut waiting) = self.lock() else { return };
        waiting.absent = true;
        drop(waiting);
        self.merge.wake.notify_one();
    }

    /// Waits while too much waits already.
    pub(super) async fn room(&self) {
        loop {
            let room = self.merge.room.notified();
            if self.merge.lock().has_room() {
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

    fn inlet() -> (Arc<Merge>, Inlet, Lid) {
        let merge = Arc::<Merge>::default();
        let (inlet, lid) = Inlet::new(&merge, &slot());
        (merge, inlet, lid)
    }

    fn name(name: &str) -> Name {
        (Box::from("n"), Box::from(name))
    }

    fn gone() -> Change {
        Change::gone("")
    }

    #[test]
    fn the_latest_wins_and_a_new_list_clears_what_came_before() {
        let (merge, inlet, _lid) = inlet();
        for _ in 0..1000 {
            inlet.object(name("a"), gone(), 1);
        }
        inlet.version("9");
        let taken = merge.take();
        assert_eq!((taken.changes[&slot()].objects.len(), taken.count), (1, 1));
        assert_eq!(taken.changes[&slot()].version.as_deref(), Some("9"));
        inlet.object(name("a"), gone(), 1);
        inlet.relisted(Listed::without(ReadStatus::Complete, None));
        let taken = merge.take();
        assert!(taken.changes[&slot()].objects.is_empty() && taken.count == 0);
        assert!(taken.changes[&slot()].relist.is_some());
        assert!(merge.take().changes.is_empty());
    }

    #[test]
    fn a_late_deletion_does_not_take_the_one_that_came_after() {
        let (merge, inlet, _lid) = inlet();
        let body = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","uid":"new"}}"#;
        let object = Object::new(Node::from_json(body.as_bytes()).unwrap()).unwrap();
        inlet.object(name("a"), Change::Now(Arc::new(object)), 1);
        inlet.object(name("a"), Change::gone("old"), 1);
        let taken = merge.take();
        assert!(matches!(taken.changes[&slot()].objects[&name("a")], Change::Now(_)));
    }

    /// Of three changes that come together only the last is kept: it must not look like a late one.
    #[test]
    fn what_is_deleted_made_anew_and_deleted_again_is_not_there() {
        let (merge, inlet, _lid) = inlet();
        let body = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","uid":"second"}}"#;
        let second = Object::new(Node::from_json(body.as_bytes()).unwrap()).unwrap();
        inlet.object(name("a"), Change::gone("first"), 1);
        inlet.object(name("a"), Change::Now(Arc::new(second)), 1);
        inlet.object(name("a"), Change::gone("second"), 1);
        let gone = merge.take().changes.remove(&slot()).unwrap().objects.remove(&name("a"));
        let gone = gone.unwrap();
        assert!(matches!(gone, Change::Gone(_)));
        assert!(!gone.is_late_for("first") && !gone.is_late_for("second"));
        // Two deletions in a row are of these two.
        inlet.object(name("a"), Change::gone("first"), 1);
        inlet.object(name("a"), Change::gone("second"), 1);
        let gone = merge.take().changes.remove(&slot()).unwrap().objects.remove(&name("a"));
        let gone = gone.unwrap();
        assert!(!gone.is_late_for("first") && !gone.is_late_for("second"));
        assert!(gone.is_late_for("third"));
    }

    #[test]
    fn a_keeper_that_was_ended_leaves_nothing_any_more() {
        let (merge, old, lid) = inlet();
        let (new, _open) = Inlet::new(&merge, &slot());
        lid.close();
        old.relisted(Listed::without(ReadStatus::Complete, None));
        old.object(name("a"), gone(), 1);
        old.version("9");
        old.absent();
        old.health(Health::Up);
        let taken = merge.take();
        assert!(
            taken.changes.is_empty()
                && taken.health.is_empty()
                && !taken.absent
                && taken.count == 0
        );
        new.version("10");
        assert_eq!(merge.take().changes[&slot()].version.as_deref(), Some("10"));
    }

    #[tokio::test]
    async fn whoever_brings_too_much_waits_until_it_was_taken() {
        let (merge, inlet, _lid) = inlet();
        for n in 0..MOST_WAITING {
            inlet.object(name(&n.to_string()), gone(), 1);
        }
        let waiter = tokio::spawn(async move { inlet.room().await });
        tokio::task::yield_now().await;
        assert!(!waiter.is_finished());
        assert_eq!(merge.take().count, MOST_WAITING);
        waiter.await.unwrap();
    }

    #[tokio::test]
    async fn few_but_large_changes_wait_too() {
        let (merge, inlet, _lid) = inlet();
        for _ in 0..4 {
            tokio::time::timeout(std::time::Duration::from_secs(5), inlet.room()).await.unwrap();
            inlet.object(name("a"), gone(), MOST_BYTES / 4);
        }
        let full = tokio::time::timeout(std::time::Duration::from_millis(20), inlet.room()).await;
        assert!(full.is_err());
        merge.take();
        tokio::time::timeout(std::time::Duration::from_secs(5), inlet.room()).await.unwrap();
    }
}
