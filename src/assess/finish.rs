//! The end of a run: what the checks came to becomes a record that says since when its findings are there,
//! with what is said about them outside sessions applied, and is judged.

use std::sync::Arc;

use super::{Before, Chosen, Content};
use crate::model::finding::RunResult;
use crate::model::inventory::Inventory;
use crate::model::ledger::Ledger;
use crate::report::Judged;
use crate::session::RunRecord;
use crate::triage::{Brought, Sources};

/// When a run began and ended, RFC 3339.
#[derive(Clone, Debug, Default)]
pub struct RunTimes {
    /// When it began.
    pub started: String,
    /// When it ended.
    pub finished: String,
}

/// Checks that have run, and on what.
#[derive(Clone, Debug)]
pub struct Ran<'a> {
    /// What was chosen.
    pub chosen: &'a Chosen,
    /// What was looked at.
    pub inventory: &'a Inventory,
    /// When they began and ended.
    pub times: RunTimes,
    /// What the checks came to.
    pub result: Arc<RunResult>,
}

/// What is known beside a run when it ends.
#[derive(Clone, Copy, Debug)]
pub struct KnownAtEnd<'a> {
    /// What is said about findings outside sessions.
    pub sources: &'a Sources,
    /// What was known before it.
    pub before: Before<'a>,
    /// Today, an RFC 3339 date.
    pub today: &'a str,
}

/// A run that is over.
pub struct Finished {
    /// As it is saved.
    pub record: RunRecord,
    /// Its frameworks.
    pub judged: Vec<Judged>,
    /// What is said about its findings outside sessions.
    pub brought: Brought,
}

impl Content {
    /// Ends a run and judges it. What is said about its findings outside sessions is in the ledger
    /// afterwards, in the place of what was brought there before.
    #[must_use]
    pub fn finish(
        &self,
        ran: Ran<'_>,
        known: KnownAtEnd<'_>,
        ledger: &mut Arc<Ledger>,
    ) -> Finished {
        let Ran { chosen, inventory, times, result } = ran;
        let KnownAtEnd { sources, before, today } = known;
        let mut record = self.record(chosen, inventory, times, result);
        let brought = Brought::of(sources, &record.result, inventory);
        ledger.bring(brought.decisions(today));
        self.look_back(chosen, &mut record, before, ledger);
        // Once more: about findings that are late something may be said as well.
        let brought = Brought::of(sources, &record.result, inventory);
        ledger.bring(brought.decisions(today));
        let judged = self.judge(chosen, &record.result, inventory, ledger, today);
        Finished { record, judged, brought }
    }
}
