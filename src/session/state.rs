//! What a journal adds up to: decisions, answers, notes, runs, imports, and what can be taken back.

pub(super) mod bodies;
mod imported;
mod rename;

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::act::{Act, AnswerChange, DecisionChange, FindingNote};
use super::changes;
use super::journal::JournalEntry;
use super::summary::RunSummary;
use crate::model::attestation::{Attestation, ControlKey};
use crate::model::decision::{Decision, DecisionState, PastDecision};
use crate::model::import::ImportTool;
use crate::model::inventory::SourceInfo;
use crate::model::ledger::Ledger;

pub use imported::PastImport;
pub(super) use rename::Renames;

/// Who is named for what no person did.
const ITSELF: &str = "plimsoll";

/// What a session is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct SessionMeta {
    /// Format of the session.
    pub schema: String,
    /// What a person calls it.
    pub title: String,
    /// What it assesses.
    pub source: SourceInfo,
    /// Version of the program that began it.
    pub tool: String,
}

/// A run on disk.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRef {
    /// From 1.
    pub number: u32,
    /// File name under `runs/`.
    pub file: String,
    /// sha256 of the file, in hex.
    pub sha256: String,
    /// RFC 3339.
    pub finished: String,
    /// Findings of the run.
    pub findings: usize,
    /// What it came to; none in sessions of earlier versions.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub summary: Option<RunSummary>,
}

impl RunRef {
    /// Findings that count and were open on the day of the run, as trends count them; none in
    /// sessions of earlier versions.
    #[must_use]
    pub fn open(&self) -> Option<usize> {
        Some(self.summary.as_ref()?.open.total())
    }
}

/// An import on disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportRef {
    /// From 1.
    pub number: u32,
    /// File name under `imports/`.
    pub file: String,
    /// sha256 of that file, in hex.
    pub sha256: String,
    /// Which tool.
    pub tool: ImportTool,
    /// The file or the live resource that it was read from.
    pub origin: String,
    /// When the tool made it, RFC 3339, where the result tells it.
    pub taken: Option<String>,
    /// How many results there are.
    pub results: usize,
}

/// One change of an answer: who made it, when, and what holds since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PastAnswer {
    /// RFC 3339.
    pub time: String,
    /// Who entered it; the reviewer is named in the answer itself.
    pub by: String,
    /// What holds since; none when it was withdrawn.
    pub after: Option<Attestation>,
}

/// What the journal adds up to.
#[derive(Clone, Debug, Default)]
pub struct JournalState {
    /// What the session is about.
    pub meta: SessionMeta,
    /// RFC 3339 time of the first and last entry.
    pub created: String,
    /// RFC 3339.
    pub updated: String,
    /// Decisions with their history, and answers. Imports are read when they are needed.
    pub ledger: Arc<Ledger>,
    /// Every change of the answers by control, oldest first.
    pub answered: BTreeMap<ControlKey, Vec<PastAnswer>>,
    /// Results of other tools that count, oldest first.
    pub imports: Vec<ImportRef>,
    /// Every import, and every one that was taken back, oldest first.
    pub imported: Vec<PastImport>,
    /// The number of the last import, whether it counts or not: a number is given once.
    pub last_import: u32,
    /// Notes, oldest first.
    pub notes: Vec<FindingNote>,
    /// Runs, oldest first.
    pub runs: Vec<RunRef>,
    /// By fingerprint, the first run that did not find it any more.
    fixed: BTreeMap<Arc<str>, u32>,
    undo: Vec<Act>,
    redo: Vec<Act>,
}

impl JournalState {
    /// Replays one entry. Kinds that this version does not know are kept in the journal and
    /// change nothing here.
    ///
    /// # Errors
    /// When the body is not what its kind promises.
    pub fn apply(&mut self, entry: &JournalEntry) -> Result<(), serde_json::Error> {
        if self.created.is_empty() {
            self.created.clone_from(&entry.time);
        }
        self.updated.clone_from(&entry.time);
        let at = Stamp { time: &entry.time, by: &entry.by };
        match entry.kind.as_str() {
            "created" => self.meta = body(entry)?,
            "run" => self.run(entry)?,
            "imported" => self.import(bodies::imported(entry.body.get())?, at),
            "withdrawn" => self.withdraw(&bodies::withdrawn(entry.body.get())?, at),
            "decided" => {
                let changes = changes::of_body(entry.body.get())?;
                self.perform(Act::Decided(changes), at);
            }
            "noted" => self.perform(Act::Noted(bodies::noted(entry.body.get())?), at),
            "attested" => self.perform(Act::Attested(bodies::attested(entry.body.get())?), at),
            // What a re-run showed stands for itself: undo goes past it. Earlier versions wrote it,
            // and new names, beside the run.
            "settled" => self.settle(changes::of_body(entry.body.get())?, at),
            "renamed" => {
                let Renames { names } = body(entry)?;
                self.rename(names);
            }
            "undone" => {
                if let Some(act) = self.undo.pop() {
                    self.revert(&act, at);
                    self.redo.push(act);
                }
            }
            "redone" => {
                if let Some(act) = self.redo.pop() {
                    self.execute(&act, at);
                    self.undo.push(act);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes in a run, with the names that findings have since then and what it settled.
    fn run(&mut self, entry: &JournalEntry) -> Result<(), serde_json::Error> {
        let (run, Beside { renamed, settled }) = (body(entry)?, body(entry)?);
        let settled = settled.map(|text| changes::of_body(text.get())).transpose()?;
        self.rename(renamed);
        self.runs.push(run);
        if let Some(changes) = settled {
            self.settle(changes, Stamp { time: &entry.time, by: ITSELF });
        }
        Ok(())
    }

    /// Takes in what the last run settled. It cannot be taken back, and neither can what was decided
    /// about the same findings before it: that would say again what the cluster does not show.
    fn settle(&mut self, changes: Vec<DecisionChange>, at: Stamp<'_>) {
        let run = self.runs.last().map_or(0, |run| run.number);
        for change in &changes {
            if change.after.as_ref().is_some_and(|d| d.state == DecisionState::Fixed) {
                self.fixed.entry(change.fingerprint.clone()).or_insert(run);
            }
        }
        let about: HashSet<&str> = changes.iter().map(|c| &*c.fingerprint).collect();
        for acts in [&mut self.undo, &mut self.redo] {
            acts.retain_mut(|act| match act {
                Act::Decided(changes) => {
                    changes.retain(|c| !about.contains(&*c.fingerprint));
                    !changes.is_empty()
                }
                _ => true,
            });
        }
        self.execute(&Act::Decided(changes), at);
    }

    /// Fingerprints of findings that a run before this one did not find any more.
    #[must_use]
    pub fn fixed_before(&self, run: u32) -> BTreeSet<String> {
        self.fixed.iter().filter(|(_, at)| **at < run).map(|(print, _)| print.to_string()).collect()
    }

    fn perform(&mut self, act: Act, at: Stamp<'_>) {
        self.execute(&act, at);
        self.undo.push(act);
        self.redo.clear();
    }

    fn execute(&mut self, act: &Act, at: Stamp<'_>) {
        match act {
            Act::Decided(changes) => {
                self.set(changes.iter().map(|c| (&c.fingerprint, c.after.as_ref())), at, false);
            }
            Act::Noted(notes) => self.notes.extend_from_slice(notes),
            Act::Attested(all) => {
                for one in all {
                    self.answer(one, one.after.as_ref(), at);
                }
            }
            Act::Imported(imports) => self.bring_in(imports, at),
            Act::Withdrawn(imports) => self.take_out(imports, at),
        }
    }

    fn revert(&mut self, act: &Act, at: Stamp<'_>) {
        match act {
            Act::Decided(changes) => {
                self.set(changes.iter().map(|c| (&c.fingerprint, c.before.as_ref())), at, true);
            }
            Act::Noted(notes) => {
                for note in notes {
                    if let Some(at) = self.notes.iter().rposition(|n| n == note) {
                        self.notes.remove(at);
                    }
                }
            }
            Act::Attested(all) => {
                for one in all {
                    self.answer(one, one.before.as_ref(), at);
                }
            }
            Act::Imported(imports) => self.take_out(imports, at),
            Act::Withdrawn(imports) => self.bring_in(imports, at),
        }
    }

    /// Sets decisions. Neighbours to which the same happened share the record of it.
    fn set<'a>(
        &mut self,
        decisions: impl ExactSizeIterator<Item = (&'a Arc<str>, Option<&'a Arc<Decision>>)>,
        at: Stamp<'_>,
        undone: bool,
    ) {
        let ledger = Arc::make_mut(&mut self.ledger);
        ledger.expect(decisions.len());
        let mut last: Option<Arc<PastDecision>> = None;
        for (fingerprint, decision) in decisions {
            let past = last
                .take()
                .filter(|p| changes::same(p.after.as_ref(), decision))
                .unwrap_or_else(|| {
                    Arc::new(PastDecision {
                        time: at.time.to_owned(),
                        by: at.by.to_owned(),
                        after: decision.cloned(),
                        undone,
                    })
                });
            ledger.decided(Arc::clone(fingerprint), Arc::clone(&past));
            last = Some(past);
        }
    }

    fn answer(&mut self, answered: &AnswerChange, holds: Option<&Attestation>, at: Stamp<'_>) {
        let key = answered.key();
        let past =
            PastAnswer { time: at.time.to_owned(), by: at.by.to_owned(), after: holds.cloned() };
        self.answered.entry(key.clone()).or_default().push(past);
        Arc::make_mut(&mut self.ledger).attested(key, holds.cloned());
    }

    /// What would be taken back next.
    #[must_use]
    pub fn next_undo(&self) -> Option<&Act> {
        self.undo.last()
    }

    /// What would be done again next.
    #[must_use]
    pub fn next_redo(&self) -> Option<&Act> {
        self.redo.last()
    }

    /// The changes that a decision makes.
    #[must_use]
    pub fn changes(&self, fingerprints: &[String], decision: &Decision) -> Vec<DecisionChange> {
        let open = decision.state == DecisionState::Open;
        let after = (!open).then(|| Arc::new(decision.clone()));
        let change = |fingerprint: &String| DecisionChange {
            fingerprint: fingerprint.as_str().into(),
            before: self.ledger.decisions.get(fingerprint.as_str()).cloned(),
            after: after.clone(),
        };
        fingerprints.iter().map(change).collect()
    }
}

/// What stands beside a run in its entry: whoever has the one has the other.
#[derive(Deserialize)]
struct Beside {
    #[serde(default)]
    renamed: BTreeMap<String, String>,
    #[serde(default)]
    settled: Option<Box<RawValue>>,
}

/// When something happened, and who did it.
#[derive(Clone, Copy)]
struct Stamp<'a> {
    time: &'a str,
    by: &'a str,
}

fn body<T: serde::de::DeserializeOwned>(entry: &JournalEntry) -> Result<T, serde_json::Error> {
    serde_json::from_str(entry.body.get())
}
