//! The last run of the open session compared with another one, which is only read.

use std::sync::Arc;

use super::{Clerk, DeskNews};
use crate::app::effect::CompareWith;
use crate::app::event::{Event, SessionEvent, UserError};
use crate::assess::compare::Compared;
use crate::frameworks::FrameworkChange;
use crate::model::comparison::Comparison;
use crate::runtime::clock::today;
use crate::session::{RunInSession, RunRecord, Session, SessionError, between};

/// Why two runs were not compared, and what to do.
type Refusal = (String, &'static str);

impl Clerk {
    pub(super) fn compare(&self, with: &CompareWith) {
        match self.compared(with) {
            Ok((comparison, controls)) => {
                self.tell(SessionEvent::Compared(Arc::new(comparison), controls.into()));
            }
            Err((why, next)) => {
                let error =
                    UserError { what: "not compared".to_owned(), why, next: next.to_owned() };
                // The shell may be gone.
                let _ = self.news.blocking_send(DeskNews::Event(Event::Failed(error)));
            }
        }
    }

    fn compared(&self, with: &CompareWith) -> Result<(Comparison, Vec<FrameworkChange>), Refusal> {
        let again = "run the checks with r, then compare";
        let session = self.session.as_ref();
        let session = session.ok_or_else(|| ("no session is open".to_owned(), again))?;
        let now = session.latest_run().map_err(|e| broken(&e))?;
        let now = now.ok_or_else(|| ("the session has no run yet".to_owned(), again))?;
        let mut fixed = session.state().fixed_before(now.number);
        let other;
        let (from, before) = match with {
            CompareWith::PreviousRun => (session, previous(session, &now)?),
            CompareWith::Session(id) => {
                other = self.store.open_to_read(id).map_err(|e| broken(&e))?;
                let run = other.latest_run().map_err(|e| broken(&e))?;
                fixed.extend(other.state().fixed_before(u32::MAX));
                let none = || ("that session has no run yet".to_owned(), "choose another one");
                (&other, run.ok_or_else(none)?)
            }
        };
        let (then, here) = (from.whole_ledger().0, session.whole_ledger().0);
        let old = Compared { run: &before, ledger: &then };
        let new = Compared { run: &now, ledger: &here };
        let (mut comparison, controls) = self.content.compare(&old, &new, &fixed, &today());
        let earlier = RunInSession { state: from.state(), run: &before };
        let later = RunInSession { state: session.state(), run: &now };
        comparison.decided = between(earlier, later, &comparison);
        for (label, of) in [(&mut comparison.before, from), (&mut comparison.after, session)] {
            label.session = Some(of.id().to_owned());
            label.title = Some(of.state().meta.title.clone());
        }
        Ok((comparison, controls))
    }
}

/// The run before one.
fn previous(session: &Session, now: &RunRecord) -> Result<RunRecord, Refusal> {
    let runs = session.state().runs.iter().map(|run| run.number);
    let number = runs.filter(|number| *number < now.number).max();
    let run = number.map(|number| session.run(number)).transpose().map_err(|e| broken(&e))?;
    run.flatten().ok_or_else(|| {
        let next = "run the checks again with r, or compare with another session from the list";
        ("the session has one run only".to_owned(), next)
    })
}

fn broken(error: &SessionError) -> Refusal {
    (error.to_string(), "choose another session")
}
