//! What is worked out or asked for one finding: previews of patches, and who owns a field.

use std::sync::Arc;

use super::Shell;
use crate::app::event::{Event, UserError};
use crate::app::patches::Patching;
use crate::app::preview::Asked;
use crate::assess::Chosen;
use crate::model::object::ObjectRef;
use crate::runtime::patches;
use crate::runtime::preview::{Work, start};

impl Shell {
    pub(super) fn ask_managers(&mut self, id: ObjectRef) {
        let asked = self.source.as_ref().is_some_and(|source| source.ask_managers(id.clone()));
        if !asked {
            let why = "there is no connection to ask".to_owned();
            self.feed(Event::Managed(id, Err(why)));
        }
    }

    /// Counts the findings of things to mend that a patch changes, off this task.
    pub(super) fn count_patches(&self, asked: Vec<Patching>) {
        let data = &self.state.data;
        let with_findings = |one: Patching| {
            let found = one.prints.iter().filter_map(|print| data.finding(print));
            let found = found.cloned().collect();
            (one, found)
        };
        let asked = asked.into_iter().map(with_findings).collect();
        let (content, inventory) = (self.options.content.clone(), Arc::clone(&data.inventory));
        patches::start(asked, content, inventory, self.events.clone());
    }

    pub(super) fn start_preview(&mut self, asked: Asked) {
        // Dropping the old one cancels it.
        self.preview = None;
        // What is held back while frozen is not looked at, as on the other screens.
        let inventory = Arc::clone(&self.state.data.inventory);
        let Some(shown) = self.shown.as_ref().filter(|_| !inventory.is_empty()) else {
            let error = UserError {
                what: "nothing to preview".to_owned(),
                why: "the objects are still being read, or no checks have run on them".to_owned(),
                next: "wait for the run, or start one with r".to_owned(),
            };
            return self.feed(Event::Previewed(asked, Err(error)));
        };
        let known = asked.prints.iter().filter_map(|print| self.state.data.finding(print));
        let findings = known.cloned().collect();
        let work = Work {
            asked,
            findings,
            content: self.options.content.clone(),
            chosen: Chosen::clone(&shown.chosen),
            run: self.runs,
            inventory,
            ledger: Arc::clone(&self.ledger),
            baseline: self.baseline.clone(),
        };
        self.preview = Some(start(work, self.events.clone()));
    }
}
