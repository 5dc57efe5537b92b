//! What scans of one cluster, of several and of tenants do alike: what was known before, what is made of a
//! result, and progress.

use std::sync::Arc;

use super::output::ProgressLine;
use super::recording::Recording;
use super::{compare, triage};
use crate::assess::{Before, Chosen, Content, Finished, KnownAtEnd, Ran, RunTimes};
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
        (None, Some(saved)) => Before::Run(saved.run()),
        (None, None) => Before::Nothing,
    }
}

/// A run of which the checks are through.
pub(super) struct EndingRun<'a> {
    /// What was chosen.
    pub chosen: &'a Chosen,
    /// What was looked at.
    pub inventory: &'a Inventory,
    /// When it began, RFC 3339.
    pub started: String,
    /// What the checks came to.
    pub result: RunResult,
    /// What is said about findings outside sessions.
    pub sources: &'a Sources,
    /// What was known before it.
    pub before: Before<'a>,
}

impl EndingRun<'_> {
    /// Ends it now; `say` is told which decisions outside sessions were not heeded or ran out.
    pub fn finish(
        self,
        content: &Content,
        ledger: &mut Arc<Ledger>,
        say: &mut dyn FnMut(String),
    ) -> Finished {
        let Self { chosen, inventory, started, result, sources, before } = self;
        let today = today();
        let times = RunTimes { started, finished: timestamp() };
        let ran = Ran { chosen, inventory, times, result: result.into() };
        let finished = content.finish(ran, KnownAtEnd { sources, before, today: &today }, ledger);
        triage::tell_offered(&finished.brought, say);
        triage::tell_ran_out(&finished.brought, ledger, &today, say);
        triage::tell_unused(&finished.brought, chosen, &finished.record.result, say);
        finished
    }
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
