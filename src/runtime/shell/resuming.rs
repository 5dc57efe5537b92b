//! Sessions that are taken up again: their last run is shown, and nothing is run unasked.

use std::sync::Arc;

use super::Shell;
use super::judging::Case;
use crate::app::effect::{RunPlace, RunRequest, RunWhat};
use crate::app::event::{Event, SourceEvent};
use crate::model::inventory::{SourceInfo, SourceKind};
use crate::session::RunRecord;
use crate::session::run::Selection;

impl Shell {
    /// Takes a session up. Its last run is shown as it was recorded, while its objects are read again: a
    /// run is made when somebody asks for one, or a session would have runs of which nobody knows, and
    /// "the run before" and trends would say nothing. Without a run to show, or where the command line
    /// asks for another source or other checks than that run had, the checks do run.
    pub(super) fn resume(&mut self, source: &SourceInfo, run: Option<RunRecord>) {
        let run = run.map(Arc::new);
        self.session.last.clone_from(&run);
        self.known.turn();
        let with_source = self.session.take_named() && self.here.source.is_some();
        let same = self.here.about().is_some_and(|about| same(about, source));
        if !same && !with_source {
            self.reopen(source);
        }
        let base = &self.options.selection;
        let fits = |run: &Arc<RunRecord>| {
            *base == Selection::default() || base.is_same_but_beside(&run.selection)
        };
        match run.filter(|run| (same || !with_source) && fits(run)) {
            Some(run) => {
                self.here.run_when_loaded = false;
                self.show_record(run);
            }
            None => self.run_soon(),
        }
    }

    /// Runs everything as soon as there is something to run on.
    pub(super) fn run_soon(&mut self) {
        if self.here.inventory.is_none() || self.state.source.loading {
            self.here.run_when_loaded = true;
        } else if self.runs.job.is_none() {
            self.start_run(&RunRequest { what: RunWhat::Everything, place: RunPlace::Scope });
        }
    }

    fn show_record(&mut self, record: Arc<RunRecord>) {
        // A run that is under way is none of this session's.
        self.runs.job = None;
        self.judging.forget();
        self.judge(Case::Recall(record));
    }

    /// The objects of a session that was taken up are here: annotations on them count, tenants are
    /// looked at in them, and a cluster that changes is followed from its last run on.
    pub(super) fn arrived(&mut self) {
        let Some(inventory) = self.here.inventory.clone() else { return };
        let Some(shown) = self.runs.shown.as_mut().filter(|_| self.here.awaits) else { return };
        self.here.awaits = false;
        let newer = is_newer(&inventory.source, &shown.record);
        shown.inventory = inventory;
        if newer {
            self.feed(Event::Source(SourceEvent::Newer));
        }
        self.bring_again();
        self.follow_resumed();
    }
}

/// Whether the objects that are here are those of a session: of another capture of the same cluster they
/// are not.
fn same(here: &SourceInfo, of: &SourceInfo) -> bool {
    let files = match of.kind {
        SourceKind::Live | SourceKind::Demo => true,
        // Files come and go in a directory that was named.
        SourceKind::Files => here.roots() == of.roots(),
        SourceKind::Snapshot => here.files == of.files,
    };
    here.kind == of.kind && here.is_same_as(of) && files
}

/// Whether manifests are others than when a run looked at them, or were written since.
fn is_newer(here: &SourceInfo, run: &RunRecord) -> bool {
    if !here.is_manifests() {
        return false;
    }
    let read = run.source.read_at.as_ref().unwrap_or(&run.started);
    let Ok(read) = read.parse::<jiff::Timestamp>() else { return false };
    let written = |file: &String| {
        let changed = std::fs::metadata(file).and_then(|meta| meta.modified()).ok()?;
        jiff::Timestamp::try_from(changed).ok()
    };
    // Records tell whole seconds.
    let later = |file: &String| written(file).is_some_and(|at| at.as_second() > read.as_second());
    here.files != run.source.files || here.files.iter().any(later)
}
