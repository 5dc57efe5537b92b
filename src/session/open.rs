//! An open session: what can be done with it. Whatever returns without an error is on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::SCHEMA;
use super::act::{Act, Answered, Change, Note};
use super::changes;
use super::disk::Disk;
use super::history::follow;
use super::journal::{Event, Journal};
use super::lock::Lock;
use super::pack;
use super::run::RunRecord;
use super::settle::settle;
use super::state::{ImportRef, Renames, RunRef, State};
use super::store::{SessionError, io};
use super::summary::RunSummary;
use crate::model::attestation::{Attestation, ControlKey};
use crate::model::decision::Decision;
use crate::model::import::{Damaged, Import};
use crate::model::ledger::Ledger;
use crate::model::trend::FrameworkScore;

/// What became of saving a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its number.
    pub number: u32,
    /// What it settled about findings.
    pub settled: Vec<Change>,
    /// Findings that go by another name since this run, by the name before: what was said about
    /// them went along.
    pub renamed: BTreeMap<String, String>,
}

/// Who is named for what no person did.
const ITSELF: &str = "plimsoll";

/// An open session.
#[derive(Debug)]
pub struct Session {
    pub(super) id: String,
    pub(super) dir: PathBuf,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) journal: Journal,
    pub(super) lock: Lock,
    pub(super) state: State,
}

impl Session {
    /// The id it is opened by.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the journal adds up to.
    #[must_use]
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Who else holds it; then nothing can be saved from here.
    #[must_use]
    pub fn holder(&self) -> Option<&str> {
        match &self.lock {
            Lock::Held(holder) => Some(holder),
            Lock::Ours(_) => None,
        }
    }

    /// What was found on opening that a person should know: a last line that was torn.
    #[must_use]
    pub fn notice(&self) -> Option<&str> {
        self.journal.notice()
    }

    /// The journal: how far it goes.
    #[must_use]
    pub fn journal(&self) -> &Journal {
        &self.journal
    }

    /// Where it is kept.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Decides about findings. On disk when this returns.
    ///
    /// # Errors
    /// When another process holds the session, or the disk refuses.
    pub fn decide(
        &mut self,
        fingerprints: &[String],
        decision: &Decision,
        by: &str,
        now: &str,
    ) -> Result<(), SessionError> {
        let changes = self.state.changes(fingerprints, decision);
        self.append("decided", by, now, changes::to_body(&changes))
    }

    /// Decides about findings differently, all in one act. On disk when this returns.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn decide_each(
        &mut self,
        changes: &[Change],
        by: &str,
        now: &str,
    ) -> Result<(), SessionError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.append("decided", by, now, changes::to_body(changes))
    }

    /// Saves what a re-run showed: findings that are gone or back. On disk when this returns.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn settle(&mut self, changes: &[Change], now: &str) -> Result<(), SessionError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.append("settled", ITSELF, now, changes::to_body(changes))
    }

    /// Answers controls, or withdraws answers. On disk when this returns.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn attest(
        &mut self,
        key: &ControlKey,
        answer: Option<Attestation>,
        by: &str,
        now: &str,
    ) -> Result<(), SessionError> {
        let (framework, control) = key.clone();
        let before = self.state.ledger.attestations.get(key).cloned();
        let answered = Answered { framework, control, before, after: answer };
        self.append("attested", by, now, json!(answered))
    }

    /// Saves results of another tool, numbering them.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn record_import(&mut self, import: &Import, by: &str) -> Result<u32, SessionError> {
        self.writable()?;
        let number = self.state.imports.last().map_or(1, |last| last.number + 1);
        let file = format!("{number}.json.zst");
        let dir = self.dir.join("imports");
        self.disk.make_dir(&dir).map_err(|e| io(&dir, e))?;
        self.disk.sync_dir(&self.dir).map_err(|e| io(&self.dir, e))?;
        let sha256 = pack::write(&*self.disk, &dir, &file, import);
        let sha256 = sha256.map_err(|e| io(&dir.join(&file), e))?;
        let entry = ImportRef {
            number,
            file,
            sha256,
            tool: import.tool,
            origin: import.origin.clone(),
            taken: import.taken.clone(),
            results: import.results.len(),
        };
        self.append("imported", by, &import.imported, json!(entry))?;
        Ok(number)
    }

    /// What people and other tools say in it.
    ///
    /// # Errors
    /// As [`Self::imports`].
    pub fn ledger(&self) -> Result<Ledger, SessionError> {
        Ok(Ledger { imports: self.imports()?, ..Ledger::clone(&self.state.ledger) })
    }

    /// Everything that was imported, oldest first.
    ///
    /// # Errors
    /// When a file is missing or was changed.
    pub fn imports(&self) -> Result<Vec<Import>, SessionError> {
        self.state.imports.iter().map(|entry| self.load_import(entry)).collect()
    }

    /// The same with the imports that can be read, and why the others cannot. Where nothing was
    /// imported it is the one that the session itself holds.
    #[must_use]
    pub fn whole_ledger(&self) -> (Arc<Ledger>, Vec<SessionError>) {
        let (mut imports, mut damage, mut damaged) = (Vec::<Import>::new(), Vec::new(), Vec::new());
        for entry in &self.state.imports {
            // What was brought in again since then stands for it.
            let again = |other: &ImportRef| {
                other.number > entry.number
                    && (other.tool, &other.origin) == (entry.tool, &entry.origin)
            };
            match self.load_import(entry) {
                Ok(import) => imports.push(import),
                Err(error) => {
                    if !self.state.imports.iter().any(again) {
                        let (tool, origin) = (entry.tool, entry.origin.clone());
                        damaged.push(Damaged { tool, origin, why: error.to_string() });
                    }
                    damage.push(error);
                }
            }
        }
        let mut ledger = Arc::clone(&self.state.ledger);
        if !imports.is_empty() || !damaged.is_empty() {
            let own = Arc::make_mut(&mut ledger);
            own.imports = imports;
            own.damaged = damaged;
        }
        (ledger, damage)
    }

    fn load_import(&self, entry: &ImportRef) -> Result<Import, SessionError> {
        let path = self.dir.join("imports").join(&entry.file);
        let text = pack::read(&path, &entry.sha256).map_err(|e| io(&path, e))?;
        serde_json::from_slice(&text).map_err(|e| io(&path, e.into()))
    }

    /// Adds a note to a finding. On disk when this returns.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn note(
        &mut self,
        fingerprint: &str,
        text: &str,
        by: &str,
        now: &str,
    ) -> Result<(), SessionError> {
        let note = Note { fingerprint: fingerprint.to_owned(), text: text.to_owned() };
        self.append("noted", by, now, json!(note))
    }

    /// Takes the last decision or note back and says what it was.
    ///
    /// # Errors
    /// When there is nothing to undo, or as [`Self::decide`].
    pub fn undo(&mut self, by: &str, now: &str) -> Result<Act, SessionError> {
        let act = self.state.next_undo().cloned().ok_or(SessionError::Nothing("undo"))?;
        self.append("undone", by, now, json!({}))?;
        Ok(act)
    }

    /// Does again what was taken back.
    ///
    /// # Errors
    /// When there is nothing to redo, or as [`Self::decide`].
    pub fn redo(&mut self, by: &str, now: &str) -> Result<Act, SessionError> {
        let act = self.state.next_redo().cloned().ok_or(SessionError::Nothing("redo"))?;
        self.append("redone", by, now, json!({}))?;
        Ok(act)
    }

    /// Saves a run that nobody judged, numbering it: [`Self::record_judged`] without scores.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn record_run(&mut self, record: RunRecord, by: &str) -> Result<u32, SessionError> {
        self.record_judged(record, Vec::new(), by).map(|recorded| recorded.number)
    }

    /// Saves a run, numbering it, with the scores it came to; says since when its findings are there,
    /// unless that was said already; and settles which findings it fixed and which are back. On disk when this returns.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn record_judged(
        &mut self,
        mut record: RunRecord,
        scores: Vec<FrameworkScore>,
        by: &str,
    ) -> Result<Recorded, SessionError> {
        self.writable()?;
        let last = self.state.runs.last().cloned();
        let number = last.as_ref().map_or(1, |run| run.number + 1);
        record.number = number;
        SCHEMA.clone_into(&mut record.schema);
        // A run before it that was lost or changed settles nothing; it is told when it is opened.
        let previous = last.and_then(|entry| self.load_run(&entry).ok());
        if record.result.history.is_empty() {
            let history = Arc::new(follow(previous.as_ref(), &record));
            Arc::make_mut(&mut record.result).history = history;
        }
        let file = format!("{number}.json.zst");
        let dir = self.dir.join("runs");
        let failed = |error| io(&dir.join(&file), error);
        let renamed = self.rename(&record)?;
        let text = record.to_text().map_err(|e| failed(e.into()))?;
        let sha256 = pack::write_text(&*self.disk, &dir, &file, &text).map_err(failed)?;
        let finished = record.finished.clone();
        let today = finished.get(..10).unwrap_or_default();
        let summary = Some(RunSummary::of(&record, scores, &self.state.ledger, today));
        let findings = record.result.findings.len();
        let entry = RunRef { number, file, sha256, finished: finished.clone(), findings, summary };
        self.append("run", by, &finished, json!(entry))?;
        let settled = previous.map(|run| settle(&run, &record, &self.state.ledger));
        let settled = settled.unwrap_or_default();
        self.settle(&settled, &finished)?;
        Ok(Recorded { number, settled, renamed })
    }

    /// Lets decisions and notes go along with findings that had another name in earlier versions.
    fn rename(&mut self, record: &RunRecord) -> Result<BTreeMap<String, String>, SessionError> {
        let names = self.state.renames(&record.result);
        if !names.is_empty() {
            let body = json!(Renames { names: names.clone() });
            self.append("renamed", ITSELF, &record.finished, body)?;
        }
        Ok(names)
    }

    /// The last run, if there is one.
    ///
    /// # Errors
    /// When its file is missing or was changed.
    pub fn latest_run(&self) -> Result<Option<RunRecord>, SessionError> {
        self.state.runs.last().map(|entry| self.load_run(entry)).transpose()
    }

    /// A run by its number, if there is one.
    ///
    /// # Errors
    /// When its file is missing or was changed.
    pub fn run(&self, number: u32) -> Result<Option<RunRecord>, SessionError> {
        let entry = self.state.runs.iter().find(|run| run.number == number);
        entry.map(|entry| self.load_run(entry)).transpose()
    }

    /// Runs and imports that are missing or were changed, each by its file: everything else of the
    /// session is whole.
    #[must_use]
    pub fn damaged(&self) -> Vec<SessionError> {
        let runs = self.state.runs.iter().map(|run| ("runs", &run.file, &run.sha256));
        let imports = self.state.imports.iter().map(|i| ("imports", &i.file, &i.sha256));
        let damage = |(place, file, sha256): (&str, &String, &String)| {
            let path = self.dir.join(place).join(file);
            pack::check(&path, sha256).err().map(|e| io(&path, e))
        };
        runs.chain(imports).filter_map(damage).collect()
    }

    fn load_run(&self, entry: &RunRef) -> Result<RunRecord, SessionError> {
        let path = self.dir.join("runs").join(&entry.file);
        let read = || -> std::io::Result<RunRecord> {
            let packed = pack::check(&path, &entry.sha256)?;
            match RunRecord::from_lines(pack::unpack(&packed)?) {
                Some(run) => Ok(run),
                None => Ok(RunRecord::from_text(&pack::text(&packed)?)?),
            }
        };
        read().map_err(|e| io(&path, e))
    }

    /// Removes what an interrupted save left beside its place.
    pub(super) fn tidy(&self) {
        if self.holder().is_some() {
            return;
        }
        let places = ["runs", "imports"].map(|name| self.dir.join(name));
        let entries = places.iter().filter_map(|dir| std::fs::read_dir(dir).ok()).flatten();
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if path.to_string_lossy().ends_with(pack::PART) {
                // It was never named by the journal: whether it goes or stays changes nothing.
                let _ = self.disk.remove(&path);
            }
        }
    }

    fn writable(&self) -> Result<(), SessionError> {
        self.holder().map_or(Ok(()), |holder| Err(SessionError::ReadOnly(holder.to_owned())))
    }

    pub(super) fn append(
        &mut self,
        kind: &'static str,
        by: &str,
        now: &str,
        body: serde_json::Value,
    ) -> Result<(), SessionError> {
        self.writable()?;
        let event = Event { time: now.to_owned(), by: by.to_owned(), kind, body };
        let entry = self.journal.append(event)?;
        self.state.apply(&entry).map_err(|e| io(&self.dir, e.into()))
    }
}
