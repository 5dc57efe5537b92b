//! An open session: what can be done with it. Whatever returns without an error is on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;

use super::act::{Act, AnswerChange, DecisionChange};
use super::changes;
use super::disk::Disk;
use super::journal::{Journal, JournalEvent};
use super::lock::Lock;
use super::pack;
use super::run::RunRecord;
use super::state::{ImportRef, JournalState, RunRef, bodies};
use super::store::{SessionError, io};
use crate::model::attestation::{Attestation, ControlKey};
use crate::model::decision::Decision;
use crate::model::import::{DamagedImport, Import};
use crate::model::ledger::Ledger;

/// An open session.
#[derive(Debug)]
pub struct Session {
    pub(super) id: String,
    pub(super) dir: PathBuf,
    pub(super) disk: Arc<dyn Disk>,
    pub(super) journal: Journal,
    pub(super) lock: Lock,
    pub(super) state: JournalState,
}

impl Session {
    /// The id it is opened by.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// What the journal adds up to.
    #[must_use]
    pub fn state(&self) -> &JournalState {
        &self.state
    }

    /// Who else holds it, or what stands in the way of writing; then nothing can be saved from here,
    /// and [`Self::writable`] says which of the two it is.
    #[must_use]
    pub fn holder(&self) -> Option<&str> {
        match &self.lock {
            Lock::Held(why) | Lock::Barred(why) => Some(why),
            Lock::Unasked(holder) => holder.as_deref(),
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
        changes: &[DecisionChange],
        by: &str,
        now: &str,
    ) -> Result<(), SessionError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.append("decided", by, now, changes::to_body(changes))
    }

    /// Answers controls, or withdraws answers, all in one act. On disk when this returns.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn attest(
        &mut self,
        answers: &[(ControlKey, Option<Attestation>)],
        by: &str,
        now: &str,
    ) -> Result<(), SessionError> {
        let answered = |(key, answer): &(ControlKey, Option<Attestation>)| {
            let (framework, control) = key.clone();
            let before = self.state.ledger.attestations.get(key).cloned();
            AnswerChange { framework, control, before, after: answer.clone() }
        };
        let answered: Vec<AnswerChange> = answers.iter().map(answered).collect();
        if answered.is_empty() {
            return Ok(());
        }
        self.append("attested", by, now, bodies::of_answers(&answered))
    }

    /// Saves results of other tools, numbering them: all of them in one act, or none.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn record_imports(
        &mut self,
        imports: &[Import],
        by: &str,
    ) -> Result<Vec<u32>, SessionError> {
        self.writable()?;
        let Some(now) = imports.last().map(|import| import.imported.clone()) else {
            return Ok(Vec::new());
        };
        let dir = self.dir.join("imports");
        self.disk.make_dir(&dir).map_err(|e| io(&dir, e))?;
        self.disk.sync_dir(&self.dir).map_err(|e| io(&self.dir, e))?;
        let mut entries = Vec::new();
        for (number, import) in (self.state.last_import + 1..).zip(imports) {
            let file = format!("{number}.json.zst");
            let sha256 = pack::write(&*self.disk, &dir, &file, import);
            let sha256 = sha256.map_err(|e| io(&dir.join(&file), e))?;
            entries.push(ImportRef {
                number,
                file,
                sha256,
                tool: import.tool,
                origin: import.origin.clone(),
                taken: import.taken.clone(),
                results: import.results.len(),
            });
        }
        self.append("imported", by, &now, bodies::of_imports(&entries))?;
        Ok(entries.into_iter().map(|entry| entry.number).collect())
    }

    /// Takes imports back, in one act: what they say counts no more. Their files and what was said of
    /// them stay. On disk when this returns.
    ///
    /// # Errors
    /// When one of the numbers is of no import that counts, or as [`Self::decide`].
    pub fn withdraw(&mut self, numbers: &[u32], by: &str, now: &str) -> Result<(), SessionError> {
        let there = |number: &&u32| self.state.imports.iter().all(|i| i.number != **number);
        if let Some(number) = numbers.iter().find(there) {
            let id = self.id.clone();
            return Err(SessionError::NoImport { id, import: number.to_string() });
        }
        if numbers.is_empty() {
            return Ok(());
        }
        self.append("withdrawn", by, now, bodies::of_withdrawn(numbers))
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
                        damaged.push(DamagedImport { tool, origin, why: error.to_string() });
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

    /// Adds a note to each of these findings, in one act. On disk when this returns.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn note_each(
        &mut self,
        fingerprints: &[String],
        text: &str,
        by: &str,
        now: &str,
    ) -> Result<(), SessionError> {
        if fingerprints.is_empty() {
            return Ok(());
        }
        self.append("noted", by, now, bodies::of_note(fingerprints, text))
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
        self.note_each(&[fingerprint.to_owned()], text, by, now)
    }

    /// Takes the last decision, answer, note or import back and says what it was.
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

    /// The last run, if there is one.
    ///
    /// # Errors
    /// When its file is missing or was changed.
    pub fn latest_run(&self) -> Result<Option<RunRecord>, SessionError> {
        self.state.runs.last().map(|entry| self.load_run(entry)).transpose()
    }

    /// The newest run that can be read, and why later ones cannot, the last one first.
    #[must_use]
    pub fn newest_run(&self) -> (Option<RunRecord>, Vec<SessionError>) {
        let mut damage = Vec::new();
        for entry in self.state.runs.iter().rev() {
            match self.load_run(entry) {
                Ok(run) => return (Some(run), damage),
                Err(error) => damage.push(error),
            }
        }
        (None, damage)
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

    pub(super) fn load_run(&self, entry: &RunRef) -> Result<RunRecord, SessionError> {
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
        let Lock::Ours(_) = self.lock else { return };
        let places = ["runs", "imports"].map(|name| self.dir.join(name));
        let entries = places.iter().filter_map(|dir| std::fs::read_dir(dir).ok()).flatten();
        for path in entries.filter_map(Result::ok).map(|entry| entry.path()) {
            if path.to_string_lossy().ends_with(pack::PART) {
                // It was never named by the journal: whether it goes or stays changes nothing.
                let _ = self.disk.remove(&path);
            }
        }
    }

    /// Holds that something can be saved from here.
    ///
    /// # Errors
    /// When another process holds the session, or its directory takes nothing.
    pub fn writable(&self) -> Result<(), SessionError> {
        match &self.lock {
            Lock::Ours(_) => Ok(()),
            Lock::Held(holder) | Lock::Unasked(Some(holder)) => {
                Err(SessionError::ReadOnly(holder.clone()))
            }
            Lock::Unasked(None) => Err(SessionError::ToRead),
            Lock::Barred(why) => Err(SessionError::Barred(why.clone())),
        }
    }

    pub(super) fn append(
        &mut self,
        kind: &'static str,
        by: &str,
        now: &str,
        body: serde_json::Value,
    ) -> Result<(), SessionError> {
        self.writable()?;
        let event = JournalEvent { time: now.to_owned(), by: by.to_owned(), kind, body };
        let entry = self.journal.append(event)?;
        self.state.apply(&entry).map_err(|e| io(&self.dir, e.into()))
    }
}
