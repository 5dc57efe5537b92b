//! Reports and bundles: what is on the screen becomes a run first, and is written when all before it is
//! judged.

use std::sync::Arc;

use super::Shell;
use super::judging::Case;
use crate::app::event::{Event, UserError};
use crate::config::context::badge;
use crate::model::finding::Finding;
use crate::report::{Assessment, Format, Input, stem};
use crate::runtime::clock::today;
use crate::runtime::desk::{BundleOrder, DeskOrder};
use crate::runtime::reports::{self, Destination};

impl Shell {
    /// Writes a report to a file of this name, or to one with a name of its own in this directory; an
    /// empty name is the directory in which the workbench was started. Nothing is overwritten.
    pub(super) fn write_report(&mut self, format: Format, to: String) {
        self.judge(Case::Settle);
        // A plan lists what is done as well, which the earlier runs of the session tell.
        self.judge(if format == Format::OscalPoam && self.session.is_open() {
            Case::Order(DeskOrder::Departed(format, to))
        } else {
            Case::Report(format, to, Vec::new())
        });
    }

    /// What is shown is recorded first.
    pub(super) fn write_bundle(&mut self, to: String) {
        self.judge(Case::Settle);
        let stem = stem(&self.state.source.name, &today());
        let bundle = BundleOrder { to, stem, environment: self.environment() };
        self.judge(Case::Order(DeskOrder::Bundle(bundle)));
    }

    /// Writes a report of the run that is shown, with findings of earlier runs that are fixed.
    pub(super) fn report(&mut self, format: Format, to: String, gone: Vec<Arc<Finding>>) {
        let Some(shown) = self.runs.shown.clone() else {
            let error = UserError {
                what: "no report".to_owned(),
                why: "nothing has been assessed yet".to_owned(),
                next: "run the checks with r".to_owned(),
            };
            return self.feed(Event::Failed(error));
        };
        let (content, ledger) = (self.options.content.clone(), self.known.ledger());
        let (session, events) = (self.session.reference(), self.inbox.events());
        let environment = self.environment();
        let ascii = self.options.ascii_reports;
        self.write(move || {
            let today = today();
            let check = |id: &str| content.text_then(id, &shown.record);
            let now = content.digest();
            let judged_by = Some(&*now).filter(|now| *now != shown.record.content);
            let assessment = Assessment {
                run: &shown.record,
                frameworks: &shown.judged,
                not_judged: &shown.chosen.not_judged,
                ledger: &ledger,
                today: &today,
                max_age: content.max_import_age(),
            };
            let input = Input {
                environment: environment.as_deref(),
                gone: &gone,
                session: session.as_ref(),
                judged_by,
                ..Input::of(assessment, &check)
            };
            let stem = stem(&shown.record.source.name(), &today);
            let written =
                reports::write(&input, (format, ascii), Destination { to: &to, stem: &stem });
            // Told even if nobody waits for what is under way any more; the shell may be gone.
            let _ = events.blocking_send(match written {
                Ok(path) => Event::Done(format!("report written to {}", path.display())),
                Err(error) => Event::Failed(error),
            });
        });
    }

    /// What the user calls the cluster that is shown.
    fn environment(&self) -> Option<String> {
        let context = self.runs.shown.as_ref()?.record.source.context.clone()?;
        badge(&self.state.look.badges, &context)?.label.clone()
    }
}
