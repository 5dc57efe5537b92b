//! What a journal adds up to: decisions, notes, runs, and what can be taken back.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::journal::Entry;
use super::summary::RunSummary;
use crate::model::decision::{Decision, DecisionState};
use crate::model::inventory::SourceInfo;

/// What a session is about.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Meta {
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

/// A decision as it was and as it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// Of which finding.
    pub fingerprint: String,
    /// None: nothing had been decided.
    pub before: Option<Decision>,
    /// None: nothing is decided any more.
    pub after: Option<Decision>,
}

/// What a run settled by itself: findings that are fixed, and those that are back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settled {
    /// Number of the run.
    pub run: u32,
    /// The decisions that it changed.
    pub changes: Vec<Change>,
}

/// A note on a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Note {
    /// On which finding.
    pub fingerprint: String,
    /// The note.
    pub text: String,
}

/// Something that can be taken back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Act {
    /// Decisions.
    Decided(Vec<Change>),
    /// A note.
    Noted(Note),
}

impl Act {
    /// What was done, for the message: `2 decisions`.
    #[must_use]
    pub fn describe(&self) -> String {
        match self {
            Self::Decided(changes) => {
                let word = changes.first().and_then(|c| c.after.as_ref());
                let word = word.map_or("open", |d| d.state.word());
                match changes.len() {
                    1 => format!("decision \"{word}\" on one finding"),
                    many => format!("decision \"{word}\" on {many} findings"),
                }
            }
            Self::Noted(_) => "a note".to_owned(),
        }
    }
}

/// What the journal adds up to.
#[derive(Clone, Debug, Default)]
pub struct State {
    /// What the session is about.
    pub meta: Meta,
    /// RFC 3339 time of the first and last entry.
    pub created: String,
    /// RFC 3339.
    pub updated: String,
    /// Decisions by fingerprint.
    pub decisions: HashMap<String, Decision>,
    /// Notes, oldest first.
    pub notes: Vec<Note>,
    /// Runs, oldest first.
    pub runs: Vec<RunRef>,
    /// What the last run that settled anything settled.
    pub settled: Settled,
    /// By fingerprint, the first run that did not find it any more.
    fixed: BTreeMap<String, u32>,
    undo: Vec<Act>,
    redo: Vec<Act>,
}

impl State {
    /// Replays one entry. Kinds that this version does not know are kept in the journal and
    /// change nothing here.
    ///
    /// # Errors
    /// When the body is not what its kind promises.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), serde_json::Error> {
        if self.created.is_empty() {
            self.created.clone_from(&entry.time);
        }
        self.updated.clone_from(&entry.time);
        match entry.kind.as_str() {
            "created" => self.meta = serde_json::from_value(entry.body.clone())?,
            "run" => self.runs.push(serde_json::from_value(entry.body.clone())?),
            "decided" => {
                let changes = serde_json::from_value(field(&entry.body, "changes"))?;
                self.perform(Act::Decided(changes));
            }
            "noted" => self.perform(Act::Noted(serde_json::from_value(entry.body.clone())?)),
            "settled" => self.settle(serde_json::from_value(entry.body.clone())?),
            "undone" => {
                if let Some(act) = self.undo.pop() {
                    self.revert(&act);
                    self.redo.push(act);
                }
            }
            "redone" => {
                if let Some(act) = self.redo.pop() {
                    self.execute(&act);
                    self.undo.push(act);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Takes in what a run settled. It cannot be taken back, and neither can what was decided about
    /// the same findings before it: that would bring back what the cluster does not have.
    fn settle(&mut self, settled: Settled) {
        for change in &settled.changes {
            self.set(&change.fingerprint, change.after.as_ref());
            if change.after.as_ref().is_some_and(|d| d.state == DecisionState::Fixed) {
                self.fixed.entry(change.fingerprint.clone()).or_insert(settled.run);
            }
        }
        let about: HashSet<&str> = settled.changes.iter().map(|c| c.fingerprint.as_str()).collect();
        for acts in [&mut self.undo, &mut self.redo] {
            acts.retain_mut(|act| match act {
                Act::Decided(changes) => {
                    changes.retain(|c| !about.contains(c.fingerprint.as_str()));
                    !changes.is_empty()
                }
                Act::Noted(_) => true,
            });
        }
        self.settled = settled;
    }

    /// Fingerprints of findings that were fixed in a run before this one.
    #[must_use]
    pub fn fixed_before(&self, run: u32) -> BTreeSet<String> {
        self.fixed.iter().filter(|(_, at)| **at < run).map(|(print, _)| print.clone()).collect()
    }

    fn perform(&mut self, act: Act) {
        self.execute(&act);
        self.undo.push(act);
        self.redo.clear();
    }

    fn execute(&mut self, act: &Act) {
        match act {
            Act::Decided(changes) => {
                for change in changes {
                    self.set(&change.fingerprint, change.after.as_ref());
                }
            }
            Act::Noted(note) => self.notes.push(note.clone()),
        }
    }

    fn revert(&mut self, act: &Act) {
        match act {
            Act::Decided(changes) => {
                for change in changes {
                    self.set(&change.fingerprint, change.before.as_ref());
                }
            }
            Act::Noted(note) => {
                if let Some(at) = self.notes.iter().rposition(|n| n == note) {
                    self.notes.remove(at);
                }
            }
        }
    }

    fn set(&mut self, fingerprint: &str, decision: Option<&Decision>) {
        match decision {
            Some(decision) => self.decisions.insert(fingerprint.to_owned(), decision.clone()),
            None => self.decisions.remove(fingerprint),
        };
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

    /// The body of a `decided` entry.
    #[must_use]
    pub fn decide_body(&self, fingerprints: &[String], decision: &Decision) -> Value {
        let open = decision.state == crate::model::decision::DecisionState::Open;
        let changes: Vec<Change> = fingerprints
            .iter()
            .map(|fingerprint| Change {
                fingerprint: fingerprint.clone(),
                before: self.decisions.get(fingerprint).cloned(),
                after: (!open).then(|| decision.clone()),
            })
            .collect();
        json!({ "changes": changes })
    }
}

fn field(body: &Value, name: &str) -> Value {
    body.get(name).cloned().unwrap_or(Value::Null)
}
