//! How many findings of each thing to mend a patch changes, worked out off the main task.

use std::sync::Arc;

use tokio::sync::mpsc::Sender;

use crate::app::event::Event;
use crate::app::patches::Patching;
use crate::assess::Content;
use crate::checks::remedy::together::together;
use crate::checks::{Params, Silent};
use crate::model::finding::Finding;
use crate::model::inventory::Inventory;

/// Makes the patches of each thing to mend together, as a preview does; the answers go to `events`
/// one by one.
pub fn start(
    asked: Vec<(Patching, Vec<Arc<Finding>>)>,
    content: Content,
    inventory: Arc<Inventory>,
    events: Sender<Event>,
) {
    tokio::task::spawn_blocking(move || {
        let (library, params): (_, &Params) = (&content.library, &content.params);
        for (one, findings) in asked {
            let count = together(library, params, &findings, &inventory, &Silent).mended.len();
            let Patching { owner, key, .. } = one;
            if events.blocking_send(Event::Patched { owner, key, count }).is_err() {
                // The shell is gone.
                return;
            }
        }
    });
}
