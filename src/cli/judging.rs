//! What scans of one cluster, of several and of tenants do alike: what was known before, what is made of a
//! result, and progress.

use super::output::Progress;
use super::recording::Recording;
use super::{compare, triage};
use crate::assess::{Before, Chosen, Content};
use crate::checks::Monitor;
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::runtime::clock::{timestamp, today};
use crate::session::RunRecord;
use crate::triage::{Brought, Sources};

/// What was said and known before a run.
pub(super) struct Past<'a> {
    sources: &'a Sources,
    before: Before<'a>,
}

impl<'a> Past<'a> {
    pub(super) fn of(
        sources: &'a Sources,
        recording: Option<&'a Recording>,
        saved: Option<&'a compare::Saved>,
    ) -> Self {
        let before = match (recording, saved) {
            (Some(recording), _) => recording.before(),
            (None, Some(saved)) => Before::Run(saved.parts().1),
            (None, None) => Before::Nothing,
        };
        Self { sources, before }
    }
}

/// Ends a run: applies what files and annotations say, and looks at the age of findings.
pub(super) fn look_back(
    content: &Content,
    chosen: &Chosen,
    past: &Past<'_>,
    ledger: &mut Ledger,
    record: &mut RunRecord,
    inventory: &Inventory,
) {
    let (sources, today) = (past.sources, today());
    ledger.brought = Brought::of(sources, &record.result, inventory).decisions(&today);
    content.look_back(chosen, record, past.before, ledger);
    // Once more: about findings that are late something may be said as well.
    let brought = Brought::of(sources, &record.result, inventory);
    triage::tell_offered(&brought);
    ledger.brought = brought.decisions(&today);
    triage::tell_ran_out(&brought, ledger, &today);
}

/// The scan as it would be saved.
pub(super) fn record(
    content: &Content,
    chosen: &Chosen,
    inventory: &Inventory,
    started: String,
    result: RunResult,
) -> RunRecord {
    content.record(chosen, inventory, (started, timestamp()), result)
}

/// Progress on stderr.
#[derive(Default)]
pub(super) struct Bar {
    line: std::sync::Mutex<Option<(Progress, std::time::Instant)>>,
}

impl Monitor for Bar {
    fn cancelled(&self) -> bool {
        false
    }

    fn progress(&self, done: usize, total: usize) {
        // Another thread is showing progress already: this step goes without.
        let Ok(mut line) = self.line.try_lock() else { return };
        let due = line.as_ref().is_none_or(|(_, at)| at.elapsed().as_millis() > 50);
        if due {
            let (mut progress, _) =
                line.take().unwrap_or_else(|| (Progress::new(), std::time::Instant::now()));
            progress.show(&format!("assessing: {done} of {total} objects"));
            *line = Some((progress, std::time::Instant::now()));
        }
    }
}
