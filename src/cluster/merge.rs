//! Changes waiting to be taken in. Per object only the last one is kept, so that a storm cannot
//! grow memory beyond the objects that there are; and whoever brings more than a bound waits.

use std::collections::{BTreeMap, HashMap};
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
    /// The one with this uid (empty: not told) is deleted.
    Gone(Box<str>),
}

impl Change {
    /// A change that says nothing of `uid`: a deletion of another object of the same name, which
    /// came late.
    pub(super) fn is_late_for(&self, uid: &str) -> bool {
        matches!(self, Self::Gone(gone) if !gone.is_empty() && !uid.is_empty() && **gone != *uid)
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

    /// An object changed; told in so many bytes.
    pub(super) fn object(&self, slot: &Slot, name: Name, change: Change, bytes: usize) {
        let mut waiting = self.lock();
        waiting.bytes = waiting.bytes.saturating_add(bytes);
        let objects = &mut waiting.changes.entry(slot.clone()).or_default().objects;
        if let Some(Change::Now(held)) = objects.get(&name)
            && change.is_late_for(&held.uid)
        {
            return;
        }
        let new = objects.insert(name, change).is_none();
        waiting.count += usize::from(new);
        drop(waiting);
        self.wake.notify_one();
    }

    /// Waits while too much waits already.
    pub(super) async fn room(&self) {
        loop {
            let room = self.room.notified();
            if self.lock().has_room() {
                return;
            }
            room.await;
        }
    }

    /// The watch got this far. Wakes nobody: nothing to show.
    pub(super) fn version(&self, slot: &Slot, version: &str) {
        self.lock().changes.entry(slot.clone()).or_default().version = Some(version.to_owned());
    }

    /// The list was read anew; what was seen before does not count any more.
    pub(super) fn relisted(&self, slot: &Slot, listed: Listed) {
        let pending = Pending { relist: Some(listed), objects: HashMap::new(), version: None };
        let mut waiting = self.lock();
        let before = waiting.changes.insert(slot.clone(), pending);
        waiting.count -= before.map_or(0, |before| before.objects.len());
        drop(waiting);
        self.wake.notify_one();
    }

    /// How a list is kept now.
    pub(super) fn health(&self, slot: &Slot, health: Health) {
        self.lock().health.insert(slot.clone(), health);
        self.wake.notify_one();
    }

    /// The server says that it has no such resource.
    pub(super) fn absent(&self) {
        self.lock().absent = true;
        self.wake.notify_one();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::Kind;
    use crate::model::node::Node;
    use crate::model::read::ReadStatus;

    fn slot() -> Slot {
        Slot { kind: Kind::new("", "Pod"), namespace: None }
    }

    fn name(name: &str) -> Name {
        (Box::from("n"), Box::from(name))
    }

    fn gone() -> Change {
        Change::Gone(Box::default())
    }

    #[test]
    fn the_latest_wins_and_a_new_list_clears_what_came_before() {
        let merge = Merge::default();
        for _ in 0..1000 {
            merge.object(&slot(), name("a"), gone(), 1);
        }
        merge.version(&slot(), "9");
        let taken = merge.take();
        assert_eq!((taken.changes[&slot()].objects.len(), taken.count), (1, 1));
        assert_eq!(taken.changes[&slot()].version.as_deref(), Some("9"));
        merge.object(&slot(), name("a"), gone(), 1);
        merge.relisted(&slot(), Listed::without(ReadStatus::Complete, None));
        let taken = merge.take();
        assert!(taken.changes[&slot()].objects.is_empty() && taken.count == 0);
        assert!(taken.changes[&slot()].relist.is_some());
        assert!(merge.take().changes.is_empty());
    }

    #[test]
    fn a_late_deletion_does_not_take_the_one_that_came_after() {
        let merge = Merge::default();
        let body = r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"a","uid":"new"}}"#;
        let object = Object::new(Node::from_json(body.as_bytes()).unwrap()).unwrap();
        merge.object(&slot(), name("a"), Change::Now(Arc::new(object)), 1);
        merge.object(&slot(), name("a"), Change::Gone("old".into()), 1);
        let taken = merge.take();
        assert!(matches!(taken.changes[&slot()].objects[&name("a")], Change::Now(_)));
    }

    #[tokio::test]
    async fn whoever_brings_too_much_waits_until_it_was_taken() {
        let merge = Arc::new(Merge::default());
        for n in 0..MOST_WAITING {
            merge.object(&slot(), name(&n.to_string()), gone(), 1);
        }
        let waits = Arc::clone(&merge);
        let waiter = tokio::spawn(async move { waits.room().await });
        tokio::task::yield_now().await;
        assert!(!waiter.is_finished());
        assert_eq!(merge.take().count, MOST_WAITING);
        waiter.await.unwrap();
    }

    #[tokio::test]
    async fn few_but_large_changes_wait_too() {
        let merge = Merge::default();
        for _ in 0..4 {
            tokio::time::timeout(std::time::Duration::from_secs(5), merge.room()).await.unwrap();
            merge.object(&slot(), name("a"), gone(), MOST_BYTES / 4);
        }
        let full = tokio::time::timeout(std::time::Duration::from_millis(20), merge.room()).await;
        assert!(full.is_err());
        merge.take();
        tokio::time::timeout(std::time::Duration::from_secs(5), merge.room()).await.unwrap();
    }
}
