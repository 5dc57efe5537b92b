//! What a live source brings: its reads, and its events as they come.

use std::time::Duration;

use plimsoll::cluster::LiveEvent;
use plimsoll::model::inventory::Inventory;
use plimsoll::model::read::Read;
use tokio::sync::mpsc;

/// An event that has not come by then never does.
const LATEST: Duration = Duration::from_secs(40);

/// The read of a kind in a namespace, or in the whole cluster.
pub fn find<'a>(inventory: &'a Inventory, kind: &str, namespace: Option<&str>) -> &'a Read {
    let found = inventory.reads.iter().find(|read| {
        read.kind.as_ref().is_some_and(|k| &*k.kind == kind)
            && read.namespace.as_deref() == namespace
    });
    found.unwrap_or_else(|| panic!("no read of {kind} in {namespace:?}: {:#?}", inventory.reads))
}

/// Waits for an event, with everything seen before it in the failure's text.
pub async fn until<T>(
    events: &mut mpsc::Receiver<LiveEvent>,
    mut wanted: impl FnMut(&LiveEvent) -> Option<T>,
) -> T {
    let mut seen = Vec::new();
    let search = async {
        while let Some(event) = events.recv().await {
            if let Some(found) = wanted(&event) {
                return Some(found);
            }
            seen.push(match event {
                LiveEvent::Inventory(i) => format!("inventory {} of {}", i.revision, i.len()),
                other => format!("{other:?}"),
            });
        }
        None
    };
    match tokio::time::timeout(LATEST, search).await {
        Ok(Some(found)) => found,
        Ok(None) => panic!("the events ended; seen: {seen:#?}"),
        Err(late) => panic!("it never came ({late}); seen: {seen:#?}"),
    }
}
