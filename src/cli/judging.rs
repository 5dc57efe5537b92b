//! What scans of one cluster, of several and of tenants do alike: what was known before, what is made of a
//! result, and progress.

use std::sync::Arc;

use super::output::ProgressLine;
use super::recording::Recording;
use super::{compare, triage};
use crate::assess::{Before, Chosen, Content, Finished, Known, Ran};
use crate::checks::Monitor;
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::runtime::clock::{timestamp, today};
use crate::text::counted;
use crate::triage::Sources;

/// What was known before a run: the runs of its session, or else the one that it is compared with.
pub(super) fn before<'a>(
    recording: Option<&'a Recording>,
    saved: Option<&'a compare::ComparableRun>,
) -> Before<'a> {
    match (recording, saved) {
        (Some(recording), _) => recording.before(),
        (None, Some(saved)) => Before::Run(saved.parts().1),
        (None, None) => Before::Nothing,
    }
}

/// Ends a run that ends now; `say` is told which decisions outside sessions were not heeded or ran out.
pub(super) fn finish(
    content: &Content,
    (chosen, inventory): (&Chosen, &Inventory),
    (started, result): (String, RunResult),
    (sources, before): (&Sources, Before<'_>),
    ledger: &mut Arc<Ledger>,
    say: &mut dyn FnMut(String),
) -> Finished {
    let today = today();
    let ran = Ran { chosen, inventory, moments: (started, timestamp()), result: result.into() };
    let finished = content.finish(ran, Known { sources, before, today: &today }, ledger);
    triage::tell_offered(&finished.brought, say);
    triage::tell_ran_out(&finished.brought, ledger, &today, say);
    triage::tell_unused(&finished.brought, chosen, &finished.record.result, say);
    finished
}

/// Progress on stderr.
#[derive(Default)]
pub(super) struct ProgressBar {
    line: std::sync::Mutex<Option<(ProgressLine, std::time::Instant)>>,
}

impl Monitor for ProgressBar {
    fn cancelled(&self) -> bool {
        false
    }

    fn progress(&self, done: usize, total: usize) {
        // Another thread is showing progress already: this step goes without.
        let Ok(mut line) = self.line.try_lock() else { return };
        let due = line.as_ref().is_none_or(|(_, at)| at.elapsed().as_millis() > 50);
        if due {
            let (mut progress, _) =
                line.take().unwrap_or_else(|| (ProgressLine::new(), std::time::Instant::now()));
            progress.show(&format!("assessing: {done} of {}", counted(total, "object")));
            *line = Some((progress, std::time::Instant::now()));
        }
    }
}
