//! Changes waiting to be taken in. Per object only the last one is kept, so that a storm cannot
//! grow memory beyond the objects that there are.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Notify;

use super::list::Listed;
use super::store::{Name, Slot};
use crate::model::object::Object;

/// What one watch saw since it was last asked.
#[derive(Debug, Default)]
pub(super) struct Pending {
    /// A new list, older than `objects`.
    pub relist: Option<Listed>,
    /// Changed objects; none for a deleted one.
    pub objects: HashMap<Name, Option<Arc<Object>>>,
    /// Where the watch goes on.
    pub version: Option<String>,
}

/// How a watch is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Health {
    /// Connected.
    Up,
    /// Not connected, for this reason; tried again after this time.
    Down { reason: String, retry_in: Duration },
    /// The server does not allow it.
    Refused,
}

#[derive(Default)]
struct Waiting {
    changes: BTreeMap<Slot, Pending>,
    health: BTreeMap<Slot, Health>,
}

/// Where watches leave what they see.
#[derive(Default)]
pub(super) struct Merge {
    waiting: Mutex<Waiting>,
    wake: Notify,
}

impl Merge {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // A task that died while holding it has left whole values behind.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// An object was added or changed, or, without one, deleted.
    pub(super) fn object(&self, slot: &Slot, name: Name, object: Option<Arc<Object>>) {
        self.lock().changes.entry(slot.clone()).or_default().objects.insert(name, object);
        self.wake.notify_one();
    }

    /// The watch got this far. Wakes nobody: nothing to show.
    pub(super) fn version(&self, slot: &Slot, version: &str) {
        self.lock().changes.entry(slot.clone()).or_default().version = Some(version.to_owned());
    }

    /// The list was read anew; what was seen before does not count any more.
    pub(super) fn relisted(&self, slot: &Slot, listed: Listed) {
        let pending = Pending { relist: Some(listed), objects: HashMap::new(), version: None };
        self.lock().changes.insert(slot.clone(), pending);
        self.wake.notify_one();
    }

    /// How a watch is now.
    pub(super) fn health(&self, slot: &Slot, health: Health) {
        self.lock().health.insert(slot.clone(), health);
        self.wake.notify_one();
    }

    /// Waits until there is something to take.
    pub(super) async fn changed(&self) {
        self.wake.notified().await;
    }

    /// Takes everything.
    pub(super) fn take(&self) -> (BTreeMap<Slot, Pending>, BTreeMap<Slot, Health>) {
        let mut waiting = self.lock();
        (std::mem::take(&mut waiting.changes), std::mem::take(&mut waiting.health))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::kinds::Kind;
    use crate::model::read::ReadStatus;

    #[test]
    fn the_latest_wins_and_a_new_list_clears_what_came_before() {
        let merge = Merge::default();
        let slot = Slot { kind: Kind::new("", "Pod"), namespace: None };
        let name = || (Box::from("n"), Box::from("a"));
        for _ in 0..1000 {
            merge.object(&slot, name(), None);
        }
        merge.version(&slot, "9");
        let (changes, _) = merge.take();
        assert_eq!(changes[&slot].objects.len(), 1);
        assert_eq!(changes[&slot].version.as_deref(), Some("9"));
        merge.object(&slot, name(), None);
        merge.relisted(&slot, Listed::without(ReadStatus::Complete, None));
        let (changes, _) = merge.take();
        assert!(changes[&slot].objects.is_empty() && changes[&slot].relist.is_some());
        assert!(merge.take().0.is_empty());
    }
}
