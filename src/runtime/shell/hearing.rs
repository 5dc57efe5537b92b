//! What is heard: of the source and of work that was done aside, and of the session.

use std::sync::Arc;

use super::Shell;
use super::judging::Case;
use crate::app::effect::{RunPlace, RunRequest, RunWhat};
use crate::app::event::{Event, RunEvent, SessionEvent, SessionInfo, SourceEvent};
use crate::imports::{self, objects};
use crate::model::ledger::Ledger;
use crate::report::SessionRef;
use crate::runtime::clock::today;
use crate::runtime::desk::News;

impl Shell {
    pub(super) fn take(&mut self, event: Event) {
        if matches!(event, Event::Source(SourceEvent::Ran)) {
            self.face.anew();
        }
        let event = match event {
            Event::Followed(mut view) => {
                // What was counted by other decisions than those in force is not true any more.
                if view.decided != self.decided
                    && let Some(view) = Arc::get_mut(&mut view)
                {
                    view.counted = None;
                }
                Event::Followed(view)
            }
            Event::Run(RunEvent::Failed { id, error }) => {
                self.job.take_if(|job| job.id == id);
                Event::Run(RunEvent::Failed { id, error })
            }
            Event::Source(SourceEvent::Loaded { inventory, complete }) => {
                self.bare = Some(Arc::clone(&inventory));
                let inventory = self.with_imports(inventory);
                Event::Source(SourceEvent::Loaded { inventory, complete })
            }
            Event::Source(SourceEvent::NotReadAgain(mut error)) => {
                if self.wanted.take().is_some() {
                    error.what = format!("no run was made: {}", error.what);
                }
                Event::Source(SourceEvent::NotReadAgain(error))
            }
            other => other,
        };
        if let Event::Source(SourceEvent::Loaded { inventory, complete }) = &event {
            self.inventory = Some(Arc::clone(inventory));
            if *complete && std::mem::take(&mut self.run_when_loaded) {
                self.wanted = None;
                self.feed(event);
                let request = RunRequest { what: RunWhat::Everything, place: RunPlace::Scope };
                return self.start_run(&request);
            }
            let complete = *complete;
            self.feed(event);
            if complete {
                self.arrived();
                if let Some(request) = self.wanted.take() {
                    return self.start_run(&request);
                }
            }
            return self.look();
        }
        self.feed(event);
    }

    /// Notes which run of the session is the one that is shown.
    fn saved_as(&mut self, number: Option<u32>) {
        if let Some(session) = &mut self.session {
            session.run = number;
        }
    }

    pub(super) fn take_news(&mut self, news: News) {
        match news {
            News::Resumed(resumed) => {
                // One that was left before it was open is nothing to look at.
                if self.desk.turned(resumed.epoch) {
                    self.saved_as(resumed.run.as_ref().map(|run| run.number));
                    self.resume(&resumed.source, resumed.run);
                }
            }
            News::Departed(format, to, gone) => self.judge(Case::Report(format, to, gone)),
            News::Event(event) => self.take_event(event),
        }
    }

    fn take_event(&mut self, event: Event) {
        match &event {
            Event::Session(SessionEvent::Opened { info, ledger, .. }) => {
                let before = Arc::clone(&self.ledger);
                self.ledger = Arc::clone(ledger).after(&mut self.ledger);
                self.session = Some(reference(info));
                if self.ledger == before {
                    // The session that a first run begins changes nothing.
                    return self.feed(event);
                }
            }
            Event::Session(SessionEvent::RunSaved { number, .. }) => self.saved_as(Some(*number)),
            Event::Session(SessionEvent::Failed(_)) if std::mem::take(&mut self.session_given) => {
                // It cannot be opened: the source is looked at without it.
                self.feed(event);
                return self.run_soon();
            }
            Event::Session(SessionEvent::Closed) => {
                self.ledger = Arc::<Ledger>::default().after(&mut self.ledger);
                self.session = None;
            }
            Event::Session(
                SessionEvent::Decided { changes, .. } | SessionEvent::Settled { changes, .. },
            ) => {
                let ledger = Arc::make_mut(&mut self.ledger);
                for (fingerprint, past) in changes {
                    ledger.decided(Arc::clone(fingerprint), Arc::clone(past));
                }
            }
            Event::Session(SessionEvent::Attested { answers, .. }) => {
                let ledger = Arc::make_mut(&mut self.ledger);
                for (key, answer) in answers {
                    ledger.attested(key.clone(), answer.clone());
                }
            }
            Event::Session(SessionEvent::Imported { imports: brought, .. }) => {
                let objects = brought.iter().any(objects::has_objects);
                let days = self.options.content.max_import_age();
                let (today, inventory) = (today(), self.bare.as_deref());
                let gone = |import| inventory.and_then(|here| imports::gone(import, here));
                let unfit = |import| imports::old(import, &today, days).or_else(|| gone(import));
                let unfit = brought.iter().find_map(unfit);
                Arc::make_mut(&mut self.ledger).imports.extend_from_slice(brought);
                let mut event = event;
                if let (Event::Session(SessionEvent::Imported { what, .. }), Some(unfit)) =
                    (&mut event, unfit)
                {
                    *what = format!("{what}; {unfit}");
                }
                self.feed(event);
                return self.judge_imported(objects);
            }
            Event::Session(SessionEvent::Imports { imports, .. }) => {
                let known = &mut Arc::make_mut(&mut self.ledger).imports;
                let old = std::mem::replace(known, imports.clone());
                let objects = old.iter().chain(imports).any(objects::has_objects);
                self.feed(event);
                return self.judge_imported(objects);
            }
            _ => return self.feed(event),
        }
        self.feed(event);
        self.judge_again();
    }
}

/// What a report says of a session.
fn reference(info: &SessionInfo) -> SessionRef {
    let created = jiff::Timestamp::from_second(info.created).map(|t| t.to_string());
    SessionRef {
        id: info.id.clone(),
        title: info.title.clone(),
        created: created.unwrap_or_default(),
        run: None,
    }
}
