//! Files that were read again: what is different in them, or why they could not be.

use std::sync::Arc;

use crate::app::action::Action;
use crate::app::event::{LostConnection, UserError};
use crate::app::state::{SourceStatus, State};
use crate::app::toast::ToastTone;
use crate::model::difference::InventoryDifference;
use crate::model::inventory::Inventory;
use crate::model::object::Object;

impl State {
    /// Files were read again and are about to be shown: what is different is said, and that the run which
    /// is shown is not of it.
    pub(super) fn tell_again(&mut self, now: &Arc<Inventory>) {
        // Their text may differ where what it says does not.
        self.written = None;
        let before = &self.data.inventory;
        let changes = InventoryDifference::between(before, now);
        if changes.is_empty() {
            return self.messages.say(
                ToastTone::Done,
                "Read again: nothing is different.",
                self.now,
            );
        }
        // One that only stands on other lines says the same.
        let same = |now: &Object| before.find(&now.id).is_some_and(|was| was.body() == now.body());
        let counts = [
            (changes.changed.iter().filter(|object| !same(object)).count(), "changed"),
            (changes.added.len(), "new"),
            (changes.removed.len(), "gone"),
        ];
        let mut parts: Vec<String> = Vec::new();
        for (count, word) in counts.into_iter().filter(|(count, _)| *count > 0) {
            let first = parts.is_empty();
            let noun = if count == 1 { " object" } else { " objects" };
            parts.push(format!("{count}{} {word}", if first { noun } else { "" }));
        }
        if parts.is_empty() {
            let text = if !changes.changed.is_empty() {
                "only lines moved"
            } else if before.problems == now.problems {
                "other files are there"
            } else if now.problems.is_empty() {
                "nothing is wrong in the files any more"
            } else {
                "what is wrong in the files is different"
            };
            parts.push(text.to_owned());
        }
        let mut text = format!("Read again: {}.", parts.join(", "));
        if self.data.result.is_some() {
            self.source.again.newer = true;
            let run = self.keymap.told(Action::Run);
            text.push_str(&format!(" The findings are those of the run before; {run} runs again."));
        }
        self.messages.say(ToastTone::Done, text, self.now);
    }

    /// Files could not be read again: what was read before stays, and says how old it is.
    pub(super) fn not_read_again(&mut self, error: &UserError) {
        self.source.loading = false;
        self.source.again.under_way = false;
        let read_at = self.data.inventory.source.read_at.as_deref();
        let since = read_at.and_then(|at| at.parse::<jiff::Timestamp>().ok());
        self.source.status = SourceStatus::Stale(LostConnection {
            since: since.map_or(self.now.unix, jiff::Timestamp::as_second),
            reason: error.why.clone(),
            ..LostConnection::default()
        });
        self.messages.error(error, self.now);
    }
}
