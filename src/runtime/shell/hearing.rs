//! What is heard: of the source and of work that was done aside, and of the session.

use std::sync::Arc;

use super::Shell;
use super::judging::Case;
use super::known::Changed;
use crate::app::effect::{RunPlace, RunRequest, RunWhat};
use crate::app::event::{Event, RunEvent, SessionEvent, SourceEvent};
use crate::imports;
use crate::model::import::Import;
use crate::runtime::clock::today;
use crate::runtime::desk::DeskNews;

impl Shell {
    pub(super) fn take(&mut self, event: Event) {
        if matches!(event, Event::Source(SourceEvent::Ran)) {
            self.stage.face.anew();
        }
        let event = match event {
            Event::Followed(mut view) => {
                // What was counted by other decisions than those in force is not true any more.
                if self.known.is_past(view.decided)
                    && let Some(view) = Arc::get_mut(&mut view)
                {
                    view.counted = None;
                }
                Event::Followed(view)
            }
            Event::Run(RunEvent::Failed { id, error }) => {
                self.runs.let_go(id);
                Event::Run(RunEvent::Failed { id, error })
            }
            Event::Source(SourceEvent::Loaded { inventory, complete }) => {
                self.here.bare = Some(Arc::clone(&inventory));
                let inventory = self.with_imports(inventory);
                Event::Source(SourceEvent::Loaded { inventory, complete })
            }
            Event::Source(SourceEvent::NotReadAgain(mut error)) => {
                if self.here.wanted.take().is_some() {
                    error.what = format!("no run was made: {}", error.what);
                }
                Event::Source(SourceEvent::NotReadAgain(error))
            }
            other => other,
        };
        if let Event::Source(SourceEvent::Loaded { inventory, complete }) = &event {
            self.here.load(Arc::clone(inventory));
            if *complete && self.here.is_run_due() {
                self.here.wanted = None;
                self.feed(event);
                let request = RunRequest { what: RunWhat::Everything, place: RunPlace::Scope };
                return self.start_run(&request);
            }
            let (complete, inventory) = (*complete, Arc::clone(inventory));
            self.feed(event);
            if complete && self.here.is_waiting_in_vain() {
                self.no_run(&inventory);
            }
            if complete {
                self.arrived();
                if let Some(request) = self.here.wanted.take() {
                    return self.start_run(&request);
                }
            }
            return self.look();
        }
        self.feed(event);
    }

    pub(super) fn take_news(&mut self, news: DeskNews) {
        match news {
            DeskNews::Resumed(resumed) => {
                // One that was left before it was open is nothing to look at.
                if self.desk.turned(resumed.epoch) {
                    self.session.saved_as(resumed.run.as_ref().map(|run| run.number));
                    self.resume(&resumed.source, resumed.run);
                }
            }
            DeskNews::Departed(format, to, gone) => self.judge(Case::Report(format, to, gone)),
            DeskNews::Event(event) => self.take_event(event),
        }
    }

    /// Takes in what the session says: what it changes is judged by from now on.
    fn take_event(&mut self, mut event: Event) {
        let Event::Session(said) = &mut event else { return self.feed(event) };
        let changed = self.known.hear(said);
        match said {
            SessionEvent::Opened { info, .. } => self.session.open(info),
            SessionEvent::RunSaved { number, .. } => self.session.saved_as(Some(*number)),
            SessionEvent::Closed => self.session.close(),
            SessionEvent::Failed(_) if self.session.take_named() => {
                // It cannot be opened: the source is looked at without it.
                self.feed(event);
                return self.run_soon();
            }
            SessionEvent::Imported { what, imports, .. } => {
                if let Some(unfit) = self.unfit(imports) {
                    *what = format!("{what}; {unfit}");
                }
            }
            _ => {}
        }
        self.feed(event);
        match changed {
            Changed::Nothing => {}
            Changed::Decided => self.judge_again(),
            Changed::Imported(objects) => self.judge_imported(objects),
        }
    }

    /// The first of what was imported that settles nothing here, in words.
    fn unfit(&self, imports: &[Import]) -> Option<String> {
        let (today, days) = (today(), self.options.content.max_import_age());
        let here = self.here.bare.as_deref();
        let gone = |import| here.and_then(|inventory| imports::gone(import, inventory));
        imports
            .iter()
            .find_map(|import| imports::old(import, &today, days).or_else(|| gone(import)))
    }
}
