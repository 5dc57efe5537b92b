//! What is worked out beside the loop, and what is kept of it from one time to the next: what objects say
//! together, tenants, one namespace, previews of patches, and who owns a field.

use std::sync::Arc;

use super::Shell;
use crate::app::event::{Event, UserError};
use crate::app::patches::Patching;
use crate::app::preview::PreviewRequest;
use crate::app::relations::{Related, Relation};
use crate::assess::Chosen;
use crate::facts::access::Access;
use crate::facts::network::Network;
use crate::model::inventory::Inventory;
use crate::model::object::ObjectRef;
use crate::runtime::cancel::Cancel;
use crate::runtime::fleet::FleetTasks;
use crate::runtime::narrowed::{self, NarrowTask};
use crate::runtime::patches;
use crate::runtime::preview::{PreviewBaseline, PreviewWork, start};
use crate::runtime::tenants::{self, TenantsTask};
use crate::source::written::written;

/// What is under way, and what was worked out before.
#[derive(Default)]
pub(super) struct Aside {
    /// What the runs over the namespaces of tenants came to, and the task that is at them.
    tenants: TenantsTask,
    /// The same of the one namespace that is chosen.
    narrowed: NarrowTask,
    /// Several clusters side by side that are under way.
    pub fleet: FleetTasks,
    /// A preview under way, and what is kept from one to the next.
    preview: Option<Cancel>,
    baseline: PreviewBaseline,
}

impl Aside {
    /// Nobody waits for a preview any more.
    pub fn cancel_preview(&mut self) {
        // Letting it go cancels it.
        self.preview = None;
    }

    /// Other objects are looked at.
    pub fn forget_objects(&mut self) {
        self.cancel_preview();
        self.baseline = PreviewBaseline::default();
        self.tenants.forget();
    }

    /// Other checks and frameworks count.
    pub fn forget_content(&mut self) {
        self.tenants.forget();
        self.narrowed = NarrowTask::default();
    }
}

impl Shell {
    /// Works something out of the objects, off this task.
    pub(super) fn relate(&self, relation: Relation, objects: Arc<Inventory>) {
        let (events, content) = (self.inbox.events(), self.options.content.clone());
        tokio::task::spawn_blocking(move || {
            let facts = content.facts(Arc::clone(&objects));
            let related = match relation {
                Relation::Access => Related::Access(Arc::new(Access::of(&facts))),
                Relation::Network => Related::Network(Arc::new(Network::of(&facts))),
            };
            // The shell may be gone.
            let _ = events.blocking_send(Event::Related(objects, related));
        });
    }

    /// Judges the tenants in the run that is shown, off this task.
    pub(super) fn work_out_tenants(&mut self, asked: u64) {
        let Some(shown) = &self.runs.shown else { return };
        let work = tenants::TenantsWork {
            content: self.options.content.clone(),
            tenants: self.options.tenants.clone(),
            inventory: Arc::clone(&shown.inventory),
            last: Arc::clone(&shown.record),
            sources: self.options.sources.clone(),
            ledger: self.known.ledger(),
            include_platform: shown.chosen.selection.include_platform,
            asked,
        };
        self.aside.tenants.start(work, self.inbox.events());
    }

    /// Judges one namespace of what is shown, off this task.
    pub(super) fn narrow_down(&mut self, asked: u64, namespace: String) {
        let Some((chosen, inventory)) = self.runs.on_screen() else { return };
        let work = narrowed::NarrowWork {
            content: self.options.content.clone(),
            chosen,
            namespace,
            inventory,
            ledger: self.known.ledger(),
            asked,
        };
        self.aside.narrowed.start(work, self.inbox.events());
    }

    /// Reads the lines of an object from its file, off this task.
    pub(super) fn read_text(&self, id: ObjectRef) {
        let Some(object) = self.state.data.inventory.find(&id).cloned() else { return };
        let events = self.inbox.events();
        tokio::task::spawn_blocking(move || {
            let yaml = written(&object).map(Arc::new);
            // The shell may be gone.
            let _ = events.blocking_send(Event::Written(id, yaml));
        });
    }

    pub(super) fn ask_managers(&mut self, id: ObjectRef) {
        let asked = self.here.source.as_ref().is_some_and(|source| source.ask_managers(id.clone()));
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
        patches::start(asked, content, inventory, self.inbox.events());
    }

    pub(super) fn start_preview(&mut self, asked: PreviewRequest) {
        self.aside.cancel_preview();
        // What is held back while frozen is not looked at, as on the other screens.
        let inventory = Arc::clone(&self.state.data.inventory);
        let Some(shown) = self.runs.shown.as_ref().filter(|_| !inventory.is_empty()) else {
            let error = UserError {
                what: "nothing to preview".to_owned(),
                why: "the objects are still being read, or no checks have run on them".to_owned(),
                next: "wait for the run, or start one with r".to_owned(),
            };
            return self.feed(Event::Previewed(asked, Err(error)));
        };
        let known = asked.prints.iter().filter_map(|print| self.state.data.finding(print));
        let findings = known.cloned().collect();
        let work = PreviewWork {
            asked,
            findings,
            content: self.options.content.clone(),
            chosen: Chosen::clone(&shown.chosen),
            run: self.runs.newest(),
            inventory,
            ledger: self.known.ledger(),
            baseline: self.aside.baseline.clone(),
        };
        self.aside.preview = Some(start(work, self.inbox.events()));
    }
}
