//! Where sessions are kept: `<data dir>/sessions/<ulid>/`.

use std::fs::{File, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use serde_json::json;
use ulid::Ulid;

use super::SCHEMA;
use super::act::{Act, Answered, Change, Note};
use super::journal::{Event, Journal, JournalError, private};
use super::run::{self, RunRecord};
use super::state::{Changes, ImportRef, Meta, RunRef, State};
use crate::model::attestation::{Attestation, ControlKey};
use crate::model::decision::Decision;
use crate::model::import::Import;
use crate::model::ledger::Ledger;

/// Who is named for what no person did.
const ITSELF: &str = "plimsoll";

/// Why a session could not be opened or written.
#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    /// No session has this id or begins with it.
    #[error("no session `{0}`; `plimsoll sessions list` shows them")]
    Unknown(String),
    /// Several begin with it.
    #[error("several sessions begin with `{0}`: give more of the id")]
    Ambiguous(String),
    /// The journal cannot be read or written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// Another file of it cannot be read or written.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// It was written by a version that this one does not understand.
    #[error("session {id} has format `{schema}`; this version reads `{SCHEMA}`")]
    Format {
        /// The session.
        id: String,
        /// Its format.
        schema: String,
    },
    /// Somebody else holds it.
    #[error("the session is open in another process ({0}); nothing can be saved from here")]
    ReadOnly(String),
    /// A file that an answer rests on cannot be read.
    #[error("the evidence {path} cannot be read: {source}")]
    Evidence {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// There is nothing to take back or do again.
    #[error("nothing to {0}")]
    Nothing(&'static str),
}

/// One line of the list of sessions.
#[derive(Clone, Debug)]
pub struct Summary {
    /// The id it is opened by.
    pub id: String,
    /// What it adds up to, or why it cannot be opened.
    pub state: Result<State, String>,
    /// Who has it open.
    pub holder: Option<String>,
}

/// All sessions of a user.
#[derive(Clone, Debug)]
pub struct Store {
    root: PathBuf,
}

impl Store {
    /// Sessions under a data directory; nothing is created before the first session.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self { root: data.join("sessions") }
    }

    /// Where they are kept.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Begins a session. `by` is who does it, `now` RFC 3339.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn create(&self, mut meta: Meta, by: &str, now: &str) -> Result<Session, SessionError> {
        SCHEMA.clone_into(&mut meta.schema);
        env!("CARGO_PKG_VERSION").clone_into(&mut meta.tool);
        let id = Ulid::generate().to_string();
        let dir = self.root.join(&id);
        make_dir(&self.root)?;
        make_dir(&dir)?;
        make_dir(&dir.join("runs"))?;
        let (lock, holder) = lock(&dir)?;
        let journal = Journal::create(&dir.join("journal.jsonl"))?;
        let mut session = Session { id, dir, journal, lock, holder, state: State::default() };
        session.append("created", by, now, json!(meta))?;
        for place in [&session.dir, &self.root] {
            run::sync_dir(place).map_err(|e| io(place, e))?;
        }
        Ok(session)
    }

    /// Opens a session by its id or the beginning of it. If another process holds it, it is opened
    /// for reading only and [`Session::holder`] says who.
    ///
    /// # Errors
    /// When there is none, or its journal does not fit.
    pub fn open(&self, id: &str) -> Result<Session, SessionError> {
        let id = self.resolve(id)?;
        let dir = self.root.join(&id);
        let (lock, holder) = lock(&dir)?;
        let (journal, state) = load(&dir, &id, holder.is_none())?;
        Ok(Session { id, dir, journal, lock, holder, state })
    }

    /// All sessions, the one written last first. Broken ones are listed with the reason.
    ///
    /// # Errors
    /// When the directory exists and cannot be read.
    pub fn list(&self) -> Result<Vec<Summary>, SessionError> {
        let mut list: Vec<Summary> = self.ids()?.into_iter().map(|id| self.summary(id)).collect();
        let updated = |s: &Summary| s.state.as_ref().map(|s| s.updated.clone()).unwrap_or_default();
        list.sort_by(|a, b| updated(b).cmp(&updated(a)).then_with(|| b.id.cmp(&a.id)));
        Ok(list)
    }

    /// Removes a session and everything in it.
    ///
    /// # Errors
    /// When there is none, another process holds it, or the disk refuses.
    pub fn remove(&self, id: &str) -> Result<String, SessionError> {
        let id = self.resolve(id)?;
        let dir = self.root.join(&id);
        let (held, holder) = lock(&dir)?;
        if let Some(holder) = holder {
            return Err(SessionError::ReadOnly(holder));
        }
        drop(held);
        std::fs::remove_dir_all(&dir).map_err(|e| io(&dir, e))?;
        Ok(id)
    }

    fn summary(&self, id: String) -> Summary {
        let dir = self.root.join(&id);
        let state = load(&dir, &id, false).map(|(_, state)| state).map_err(|e| e.to_string());
        let holder = lock(&dir).ok().and_then(|(_, holder)| holder);
        Summary { id, state, holder }
    }

    fn ids(&self) -> Result<Vec<String>, SessionError> {
        let entries = match std::fs::read_dir(&self.root) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(io(&self.root, error)),
        };
        let mut ids: Vec<String> = entries
            .filter_map(Result::ok)
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .filter(|name| Ulid::from_string(name).is_ok())
            .collect();
        ids.sort();
        Ok(ids)
    }

    fn resolve(&self, id: &str) -> Result<String, SessionError> {
        let ids = self.ids()?;
        if matches!(id, "last" | "latest") {
            let first = self.list()?.into_iter().find(|s| s.state.is_ok());
            return first.map(|s| s.id).ok_or_else(|| SessionError::Unknown(id.to_owned()));
        }
        let wanted = id.to_ascii_uppercase();
        let mut found =
            ids.into_iter().filter(|known| !wanted.is_empty() && known.starts_with(&wanted));
        match (found.next(), found.next()) {
            (Some(one), None) => Ok(one),
            (Some(_), Some(_)) => Err(SessionError::Ambiguous(id.to_owned())),
            (None, _) => Err(SessionError::Unknown(id.to_owned())),
        }
    }
}

/// An open session.
#[derive(Debug)]
pub struct Session {
    id: String,
    dir: PathBuf,
    journal: Journal,
    // Held for its lock, which ends with it.
    lock: Option<File>,
    holder: Option<String>,
    state: State,
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
        self.holder.as_deref()
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
        self.append("decided", by, now, json!(Changes { changes }))
    }

    /// Decides about findings differently, all in one act. On disk when this returns.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn decide_each(
        &mut self,
        changes: Vec<Change>,
        by: &str,
        now: &str,
    ) -> Result<(), SessionError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.append("decided", by, now, json!(Changes { changes }))
    }

    /// Saves what a re-run showed: findings that are gone or back. On disk when this returns.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn settle(&mut self, changes: Vec<Change>, now: &str) -> Result<(), SessionError> {
        if changes.is_empty() {
            return Ok(());
        }
        self.append("settled", ITSELF, now, json!(Changes { changes }))
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
        make_dir(&dir)?;
        let sha256 = run::write(&dir, &file, import).map_err(|e| io(&dir.join(&file), e))?;
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
        Ok(Ledger { imports: self.imports()?, ..self.state.ledger.clone() })
    }

    /// Everything that was imported, oldest first.
    ///
    /// # Errors
    /// When a file is missing or was changed.
    pub fn imports(&self) -> Result<Vec<Import>, SessionError> {
        let dir = self.dir.join("imports");
        let read = |entry: &ImportRef| {
            let path = dir.join(&entry.file);
            run::read(&path, &entry.sha256).map_err(|e| io(&path, e))
        };
        self.state.imports.iter().map(read).collect()
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

    /// Saves a run, numbering it.
    ///
    /// # Errors
    /// As [`Self::decide`].
    pub fn record_run(&mut self, mut record: RunRecord, by: &str) -> Result<u32, SessionError> {
        self.writable()?;
        let number = self.state.runs.last().map_or(1, |run| run.number + 1);
        record.number = number;
        SCHEMA.clone_into(&mut record.schema);
        let file = format!("{number}.json.zst");
        let dir = self.dir.join("runs");
        let sha256 = run::write(&dir, &file, &record).map_err(|e| io(&dir.join(&file), e))?;
        let finished = record.finished.clone();
        let findings = record.result.findings.len();
        let entry = RunRef { number, file, sha256, finished: finished.clone(), findings };
        self.append("run", by, &finished, json!(entry))?;
        Ok(number)
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

    fn load_run(&self, entry: &RunRef) -> Result<RunRecord, SessionError> {
        let path = self.dir.join("runs").join(&entry.file);
        run::read(&path, &entry.sha256).map_err(|e| io(&path, e))
    }

    fn writable(&self) -> Result<(), SessionError> {
        match (&self.holder, &self.lock) {
            (Some(holder), _) => Err(SessionError::ReadOnly(holder.clone())),
            (None, _) => Ok(()),
        }
    }

    fn append(
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

fn load(dir: &Path, id: &str, writable: bool) -> Result<(Journal, State), SessionError> {
    let path = dir.join("journal.jsonl");
    let (journal, entries) = Journal::open(&path, writable)?;
    let mut state = State::default();
    for entry in &entries {
        state.apply(entry).map_err(|error| JournalError::Broken {
            path: path.display().to_string(),
            line: usize::try_from(entry.seq).unwrap_or(usize::MAX),
            reason: error.to_string(),
        })?;
    }
    if state.meta.schema != SCHEMA {
        let schema = std::mem::take(&mut state.meta.schema);
        return Err(SessionError::Format { id: id.to_owned(), schema });
    }
    Ok((journal, state))
}

/// Takes the lock of a session, or says who has it.
fn lock(dir: &Path) -> Result<(Option<File>, Option<String>), SessionError> {
    let path = dir.join("lock");
    let opened = private().read(true).create(true).truncate(false).open(&path);
    let mut file = match opened {
        Ok(file) => file,
        // A directory that nobody may write is as good as held.
        Err(error) if error.kind() == std::io::ErrorKind::PermissionDenied => {
            return Ok((None, Some("the directory is not writable".to_owned())));
        }
        Err(error) => return Err(io(&path, error)),
    };
    match file.try_lock() {
        Ok(()) => {
            let me = format!("pid {} on {}", std::process::id(), host());
            // Who holds it is for people; the lock itself is the system's.
            let _ = file
                .set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| file.write_all(me.as_bytes()));
            Ok((Some(file), None))
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            let _ = file.take(256).read_to_string(&mut holder);
            let holder = crate::text::clean(holder.trim()).into_owned();
            Ok((None, Some(if holder.is_empty() { "another process".to_owned() } else { holder })))
        }
        Err(TryLockError::Error(error)) => Err(io(&path, error)),
    }
}

fn host() -> String {
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this host".to_owned())
}

fn make_dir(dir: &Path) -> Result<(), SessionError> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir).map_err(|e| io(dir, e))
}

fn io(path: &Path, source: std::io::Error) -> SessionError {
    SessionError::Io { path: path.display().to_string(), source }
}

#[cfg(test)]
mod tests;
