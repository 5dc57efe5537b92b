//! A run that is saved: the file, and one entry that holds all that follows from it.

use std::collections::BTreeMap;
use std::io::Write;
use std::sync::Arc;

use serde::Serialize;
use serde_json::{Value, json};

use super::SCHEMA;
use super::changes;
use super::compare::label;
use super::history::follow;
use super::open::Session;
use super::pack;
use super::run::RunRecord;
use super::settle::{Settled, settle};
use super::state::RunRef;
use super::store::{SessionError, io};
use super::summary::RunSummary;
use crate::model::comparison::RunLabel;
use crate::model::inventory::SourceInfo;
use crate::model::trend::FrameworkScore;

/// What became of saving a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its number.
    pub number: u32,
    /// What it settled about findings.
    pub settled: Settled,
    /// The run before it that can be read, with which it was compared for that; none where it is the first.
    pub before: Option<RunLabel>,
    /// Findings that go by another name since this run, by the name before: what was said about
    /// them went along.
    pub renamed: BTreeMap<String, String>,
}

impl Recorded {
    /// What it settled and against what, in words: `since run 2 (2026-11-24T12:00:00Z): 1 fixed`; none where
    /// nothing is otherwise than it was.
    #[must_use]
    pub fn told(&self) -> Option<String> {
        let (words, before) = (self.settled.words()?, self.before.as_ref()?.words());
        let earlier = if self.settled.by_earlier {
            ", and since earlier runs where that one did not look"
        } else {
            ""
        };
        Some(format!("since {before}{earlier}: {words}"))
    }
}

/// The body of the entry of a run.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(flatten)]
    run: &'a RunRef,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    renamed: &'a BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settled: Option<Value>,
}

impl Session {
    /// Holds that a run of `source` belongs here: it is of what the last run was of, or else of what the
    /// session was begun for. A session that does not say what it is about takes what comes first.
    ///
    /// # Errors
    /// When it is of something else.
    pub fn takes(&self, last: Option<&RunRecord>, source: &SourceInfo) -> Result<(), SessionError> {
        let known = last.map_or(&self.state.meta.source, |run| &run.source);
        if *known == SourceInfo::default() || known.is_same_as(source) {
            return Ok(());
        }
        Err(SessionError::OtherSource {
            id: self.id.clone(),
            known: known.full_name(),
            given: source.full_name(),
        })
    }

    /// Saves a run, numbering it, with the scores it came to; says since when its findings are there,
    /// unless that was said already; and settles which findings it fixed and which are back. All of it
    /// is one entry, which is on disk when this returns.
    ///
    /// # Errors
    /// When the run is of another source, another process holds the session, or the disk refuses.
    pub fn record_judged(
        &mut self,
        mut record: RunRecord,
        scores: Vec<FrameworkScore>,
        by: &str,
    ) -> Result<Recorded, SessionError> {
        self.writable()?;
        let number = self.state.runs.last().map_or(1, |run| run.number + 1);
        record.number = number;
        SCHEMA.clone_into(&mut record.schema);
        // One that was lost or changed settles nothing, and is told when the session is opened: the one
        // before it goes on.
        let previous = self.newest_run().0;
        self.takes(previous.as_ref(), &record.source)?;
        if record.result.history.is_empty() {
            let history = Arc::new(follow(previous.as_ref(), &record));
            Arc::make_mut(&mut record.result).history = history;
        }
        let file = format!("{number}.json.zst");
        let dir = self.dir.join("runs");
        let failed = |error| io(&dir.join(&file), error);
        let write = |out: &mut dyn Write| record.write_text(out);
        let sha256 = pack::write_by(&*self.disk, &dir, &file, write).map_err(failed)?;
        let finished = record.finished.clone();
        let today = finished.get(..10).unwrap_or_default();
        // As it will be with the names that findings have now.
        let renamed = self.state.renames(&record.result);
        let mut ledger = Arc::clone(&self.state.ledger);
        for (before, now) in renamed.clone() {
            Arc::make_mut(&mut ledger).rename(before, now);
        }
        let summary = Some(RunSummary::of(&record, scores, &ledger, today));
        let findings = record.result.findings.len();
        let before = previous.as_ref().map(label);
        let settled = previous.map(|run| settle(&run, &record, &ledger)).unwrap_or_default();
        let entry = RunRef { number, file, sha256, finished: finished.clone(), findings, summary };
        let settles = (!settled.changes.is_empty()).then(|| changes::to_body(&settled.changes));
        let body = Body { run: &entry, renamed: &renamed, settled: settles };
        self.append("run", by, &finished, json!(body))?;
        Ok(Recorded { number, settled, before, renamed })
    }
}

#[cfg(test)]
impl Session {
    /// Saves a run that nobody judged, for tests of what is saved.
    pub(crate) fn record_run(&mut self, record: RunRecord, by: &str) -> Result<u32, SessionError> {
        self.record_judged(record, Vec::new(), by).map(|recorded| recorded.number)
    }
}
