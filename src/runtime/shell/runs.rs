//! Runs: begun, handed on to be judged, and what is on the screen of them.

use std::sync::Arc;

use super::Shell;
use super::judging::{Case, discard};
use crate::app::action::Action;
use crate::app::effect::{RunPlace, RunRequest, RunWhat};
use crate::app::event::{Event, RunEvent, SourceEvent, UserError};
use crate::assess::Chosen;
use crate::imports::objects::with_imports;
use crate::model::inventory::Inventory;
use crate::runtime::clock::{timestamp, today};
use crate::runtime::follow::{EngineSlot, Follow};
use crate::runtime::job::{self, Job, JobEnd, JobOrder};
use crate::runtime::judging::{EndedRun, Moved, ShownRun};
use crate::runtime::source::SourceTask;
use crate::session::run::Selection;

/// The run under way, and the one that is shown.
#[derive(Default)]
pub(super) struct Runs {
    /// How many there were.
    count: u64,
    pub job: Option<Job>,
    pub shown: Option<ShownRun>,
    /// What is on the screen instead, since the cluster changed, and by what it was judged.
    pub live: Option<Moved>,
    /// Judges the cluster as it changes.
    pub follow: Option<Follow>,
    /// What was learned of manifests, which nobody follows, for the next run.
    pub learned: Arc<EngineSlot>,
}

impl Runs {
    /// The number of a new run.
    pub fn next(&mut self) -> u64 {
        self.count += 1;
        self.count
    }

    /// The number of the newest run.
    pub fn newest(&self) -> u64 {
        self.count
    }

    /// Nothing is shown or under way any more; numbers go on.
    pub fn forget(&mut self) {
        discard(std::mem::take(&mut self.learned));
        *self = Self { count: self.count, ..Self::default() };
    }

    /// Shows another run, and gives what was shown before.
    pub fn show(&mut self, shown: ShownRun) -> (Option<ShownRun>, Option<Moved>) {
        (self.shown.replace(shown), self.live.take())
    }

    /// By what is judged what is on the screen, and its objects.
    pub fn on_screen(&self) -> Option<(Arc<Chosen>, Arc<Inventory>)> {
        let of_run = |shown: &ShownRun| (Arc::clone(&shown.chosen), Arc::clone(&shown.inventory));
        let moved = |(view, by): &Moved| (Arc::clone(by), Arc::clone(&view.inventory));
        self.live.as_ref().map(moved).or_else(|| self.shown.as_ref().map(of_run))
    }

    /// Whether this run is under way.
    pub fn is_at(&self, id: u64) -> bool {
        self.job.as_ref().is_some_and(|job| job.id == id)
    }

    /// The same, and nobody stopped it.
    pub fn goes_on(&self, id: u64) -> bool {
        self.job.as_ref().is_some_and(|job| job.id == id && !job.cancel.is_cancelled())
    }

    /// Stops the run under way; what it came to is not judged.
    pub fn cancel(&self) {
        if let Some(job) = &self.job {
            job.cancel.cancel();
        }
    }

    /// This run is over.
    pub fn let_go(&mut self, id: u64) {
        self.job.take_if(|job| job.id == id);
    }
}

impl Shell {
    /// Runs on manifests as they are by now: they are read again first, where they can be, so that a run
    /// never tells of a moment at which nobody looked.
    pub(super) fn order_run(&mut self, request: RunRequest) {
        let files = self.here.inventory.as_ref().is_some_and(|i| i.source.is_manifests());
        if !files || !self.here.source.as_ref().is_some_and(SourceTask::is_read_again) {
            return self.start_run(&request);
        }
        self.here.wanted = Some(request);
        // A reading that is under way serves.
        if !self.state.source.loading {
            self.refresh();
        }
    }

    pub(super) fn start_run(&mut self, request: &RunRequest) {
        let id = self.runs.next();
        let Some(inventory) = self.here.inventory.clone() else {
            let error = UserError {
                what: "nothing to assess yet".to_owned(),
                why: "no objects have been read".to_owned(),
                next: "choose a source with c".to_owned(),
            };
            return self.feed(Event::Failed(error));
        };
        let inventory = self.with_imports(inventory);
        if inventory.blind().is_some() {
            return self.no_run(&inventory);
        }
        let selection = self.selection(request);
        let beside = self.runs.shown.as_ref().filter(|_| !self.is_whole(&selection));
        let beside = beside.map(|shown| Arc::clone(&shown.chosen));
        match self.options.content.choose(&selection) {
            Ok(chosen) => {
                let object = match &request.place {
                    RunPlace::Object(object) => Some(object.clone()),
                    _ => None,
                };
                // Told here and not by the job: its end must never be heard before its beginning.
                let total = chosen.checks.len();
                self.feed(Event::Run(RunEvent::Started { id, total }));
                self.judging.forget_recall();
                // Dropping the old job cancels it; nor is the cluster followed meanwhile.
                let followed = self.runs.follow.take().and_then(|follow| follow.slot());
                let learned = || self.runs.shown.as_ref().map(|_| Arc::clone(&self.runs.learned));
                let slot = followed.or_else(learned);
                let content = self.options.content.clone();
                let asked = JobOrder { content, chosen, beside, slot, object, inventory };
                let (events, done) = (self.inbox.events(), self.inbox.outcomes());
                self.runs.job = Some(job::start(id, asked, events, done));
            }
            Err(error) => {
                let error = UserError {
                    what: "this cannot be run".to_owned(),
                    why: error.to_string(),
                    next: "choose something else to run".to_owned(),
                };
                self.feed(Event::Failed(error));
            }
        }
    }

    /// Of a cluster that shows none of its lists nothing is known: a run would say that it fails what is not
    /// there, and be saved as if somebody had looked.
    pub(super) fn no_run(&mut self, inventory: &Inventory) {
        let Some(read) = inventory.blind() else { return };
        let told = |action| self.state.keymap.told(action);
        let error = UserError {
            what: "no run was made: no list could be read".to_owned(),
            why: format!("{}: {}", read.resource, read.status.told()),
            next: format!(
                "{} names every read and what it lacks; {} chooses another cluster",
                told(Action::Coverage),
                told(Action::Context)
            ),
        };
        self.feed(Event::Failed(error));
    }

    /// What was imported is shown and judged like what was read.
    pub(super) fn with_imports(&self, inventory: Arc<Inventory>) -> Arc<Inventory> {
        match self.known.ledger().imports.as_slice() {
            [] => inventory,
            imports => {
                let days = self.options.content.max_import_age();
                Arc::new(with_imports(&inventory, imports, &today(), days))
            }
        }
    }

    /// Judges anew after results were brought in. Where they hold what checks look at, the checks
    /// run again.
    pub(super) fn judge_imported(&mut self, objects: bool) {
        self.judge_again();
        // What is still being read gets them when it is there.
        let here = objects && !self.state.source.loading;
        let Some(bare) = self.here.bare.clone().filter(|_| here) else { return };
        let inventory = self.with_imports(bare);
        self.here.load(Arc::clone(&inventory));
        self.feed(Event::Source(SourceEvent::Loaded { inventory, complete: true }));
        self.start_run(&RunRequest { what: RunWhat::Everything, place: RunPlace::Scope });
    }

    /// Whether a selection is all that the command line asked for, and not a part or something beside it.
    fn is_whole(&self, selection: &Selection) -> bool {
        let base = &self.options.selection;
        selection.judged_by() == base.judged_by()
            && selection.namespaces == base.namespaces
            && selection.object == base.object
    }

    pub(super) fn selection(&self, request: &RunRequest) -> Selection {
        let base = &self.options.selection;
        let mut selection = Selection {
            namespaces: self
                .state
                .data
                .namespace
                .clone()
                .map_or_else(|| base.namespaces.clone(), |ns| vec![ns]),
            selector: base.selector.clone(),
            object: base.object.clone(),
            include_platform: self.state.data.platform || base.include_platform,
            ..Selection::default()
        };
        match &request.what {
            RunWhat::Everything => {
                selection.frameworks.clone_from(&base.frameworks);
                selection.controls.clone_from(&base.controls);
                selection.checks.clone_from(&base.checks);
            }
            RunWhat::Frameworks(ids) => selection.frameworks.clone_from(ids),
            RunWhat::Controls { framework, controls } => {
                selection.controls = controls.iter().map(|c| format!("{framework}/{c}")).collect();
            }
            RunWhat::Checks(ids) => {
                selection.checks = ids.iter().map(ToString::to_string).collect();
            }
        }
        match &request.place {
            RunPlace::Scope => {}
            RunPlace::Namespace(namespace) => selection.namespaces = vec![namespace.clone()],
            RunPlace::Object(object) => {
                selection.object = Some(format!("{}/{}", object.kind, object.name));
                selection.namespaces = object.namespace.iter().map(ToString::to_string).collect();
            }
        }
        selection
    }

    /// A run is over: what it came to is judged, off this task, before it is shown.
    pub(super) fn finish_run(&mut self, outcome: JobEnd) {
        let JobEnd { id, chosen, inventory, result, engine, started, millis } = outcome;
        // A job that was let go looked at another source, or was asked for something else since.
        let result = result.filter(|_| self.runs.is_at(id));
        let Some(result) = result else { return self.drop_run(id) };
        let finished = timestamp();
        let result = Arc::new(result);
        let ended = EndedRun { id, chosen, inventory, started, finished, result, of_job: true };
        self.judge(Case::Ended(Box::new(ended), engine.map(Box::new), millis));
    }

    /// A run came to nothing.
    pub(super) fn drop_run(&mut self, id: u64) {
        self.runs.let_go(id);
        self.feed(Event::Run(RunEvent::Cancelled { id }));
        if self.runs.job.is_none() && self.runs.follow.is_none() {
            // What was shown before is shown again, and followed.
            self.follow_shown(None);
        }
    }
}
