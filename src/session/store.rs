//! Where sessions are kept: `<data dir>/sessions/<ulid>/`.

mod error;
mod latest;

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde_json::json;
use ulid::Ulid;

use super::SCHEMA;
use super::disk::{Disk, LocalDisk};
use super::journal::{Journal, MAX_LINE};
use super::lock::{self, Lock};
use super::open::Session;
use super::state::{JournalState, SessionMeta};

pub use error::SessionError;
pub(super) use error::io;

/// The file of a session that says what happened.
const JOURNAL: &str = "journal.jsonl";
/// What follows the id of a session that is being removed.
const REMOVED: &str = ".removed";

/// One line of the list of sessions.
#[derive(Clone, Debug)]
pub struct SessionSummary {
    /// The id it is opened by.
    pub id: String,
    /// What it adds up to, or why it cannot be opened.
    pub state: Result<JournalState, String>,
    /// Who has it open.
    pub holder: Option<String>,
}

/// All sessions of a user.
#[derive(Clone, Debug)]
pub struct SessionStore {
    root: PathBuf,
    disk: Arc<dyn Disk>,
}

impl SessionStore {
    /// Sessions under a data directory; nothing is created before the first session.
    #[must_use]
    pub fn new(data: &Path) -> Self {
        Self::on(data, Arc::new(LocalDisk))
    }

    /// The same, written through this disk.
    #[must_use]
    pub fn on(data: &Path, disk: Arc<dyn Disk>) -> Self {
        Self { root: data.join("sessions"), disk }
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
    pub fn create(
        &self,
        mut meta: SessionMeta,
        by: &str,
        now: &str,
    ) -> Result<Session, SessionError> {
        SCHEMA.clone_into(&mut meta.schema);
        env!("CARGO_PKG_VERSION").clone_into(&mut meta.tool);
        self.sweep();
        let id = Ulid::generate().to_string();
        let dir = self.root.join(&id);
        for place in [&self.root, &dir, &dir.join("runs")] {
            self.disk.make_dir(place).map_err(|e| io(place, e))?;
        }
        let lock = lock::take(&*self.disk, &dir).map_err(|e| io(&dir, e))?;
        let journal = Journal::create(&*self.disk, &dir.join(JOURNAL))?;
        let disk = Arc::clone(&self.disk);
        let mut session = Session { id, dir, disk, journal, lock, state: JournalState::default() };
        session.append("created", by, now, json!(meta))?;
        let places = [Some(session.dir.as_path()), Some(&self.root), self.root.parent()];
        for place in places.into_iter().flatten() {
            self.disk.sync_dir(place).map_err(|e| io(place, e))?;
        }
        Ok(session)
    }

    /// Removes sessions in which nothing was saved, because the process ended first, and those that
    /// were removed, but not to the end.
    fn sweep(&self) {
        let entries = std::fs::read_dir(&self.root).into_iter().flatten().filter_map(Result::ok);
        for entry in entries.filter(|e| e.file_name().to_string_lossy().ends_with(REMOVED)) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
        for id in self.ids().unwrap_or_default() {
            let dir = self.root.join(&id);
            // A young one may be somebody's who has not come to locking it.
            let old = Ulid::from_string(&id)
                .is_ok_and(|ulid| ulid.datetime().elapsed().is_ok_and(|age| age.as_secs() > 3600));
            let unborn = || matches!(begun(&dir, &id), Err(SessionError::Unborn(_)));
            if old
                && unborn()
                && let Ok(Lock::Ours(held)) = lock::take(&*self.disk, &dir)
            {
                let held = while_removed(held);
                // What cannot be removed harms nobody.
                let _ = std::fs::remove_dir_all(&dir);
                drop(held);
            }
        }
    }

    /// Opens a session by its id or the beginning of it. If another process holds it, it is opened
    /// for reading only and [`Session::holder`] says who.
    ///
    /// # Errors
    /// When there is none, or its journal does not fit.
    pub fn open(&self, id: &str) -> Result<Session, SessionError> {
        self.named(id, |id| self.to_write(id))
    }

    /// Opens a session only to read it: nobody is kept from writing meanwhile, and nothing in it is
    /// touched. [`Session::holder`] says who writes.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn open_to_read(&self, id: &str) -> Result<Session, SessionError> {
        self.named(id, |id| self.to_read(id))
    }

    /// Opens a session of which a run is needed: `last` goes past those that have none.
    ///
    /// # Errors
    /// As [`Self::open`], and where nothing was run in it.
    pub fn open_with_run(&self, id: &str) -> Result<Session, SessionError> {
        self.named(id, |id| self.to_write(id).and_then(with_run))
    }

    /// The same, only to read it.
    ///
    /// # Errors
    /// As [`Self::open_with_run`].
    pub fn open_to_read_with_run(&self, id: &str) -> Result<Session, SessionError> {
        self.named(id, |id| self.to_read(id).and_then(with_run))
    }

    /// What `open` makes of the session that is meant by these words.
    fn named<T>(
        &self,
        words: &str,
        open: impl Fn(&str) -> Result<T, SessionError>,
    ) -> Result<T, SessionError> {
        if is_last(words) {
            return Ok(self.last(words, open)?.1);
        }
        open(&self.resolve(words)?)
    }

    /// The whole id of a session that was named.
    ///
    /// # Errors
    /// When there is none, or several may be meant.
    pub fn id_of(&self, id: &str) -> Result<String, SessionError> {
        self.resolve(id)
    }

    /// The first session, from the one that was written last, of which `open` makes something, and
    /// what it makes of it. `words` is how the user named it.
    fn last<T>(
        &self,
        words: &str,
        open: impl Fn(&str) -> Result<T, SessionError>,
    ) -> Result<(String, T), SessionError> {
        let mut damage = None;
        for id in self.by_last_written()? {
            match open(&id) {
                Ok(opened) => return Ok((id, opened)),
                Err(error) => damage = damage.or(Some((id, error))),
            }
        }
        Err(match damage {
            Some((_, none @ SessionError::NoRun(_))) => none,
            Some((id, why)) => SessionError::NoneOpens { id, why: why.to_string() },
            None => SessionError::Unknown(words.to_owned()),
        })
    }

    fn lock(&self, id: &str) -> Result<Lock, SessionError> {
        let dir = self.root.join(id);
        lock::take(&*self.disk, &dir).map_err(|e| io(&dir, e))
    }

    fn to_read(&self, id: &str) -> Result<Session, SessionError> {
        let dir = self.root.join(id);
        let (journal, state) = load(&dir, id, None)?;
        let lock = Lock::Unasked(lock::look(&dir));
        Ok(Session { id: id.to_owned(), dir, disk: Arc::clone(&self.disk), journal, lock, state })
    }

    fn to_write(&self, id: &str) -> Result<Session, SessionError> {
        let dir = self.root.join(id);
        let mut lock = self.lock(id)?;
        let disk = matches!(lock, Lock::Ours(_)).then_some(&*self.disk);
        let (journal, state) = load(&dir, id, disk)?;
        if disk.is_some() && !journal.is_writable() {
            let why = journal.notice().unwrap_or("the journal cannot be written").to_owned();
            lock = Lock::Barred(why);
        }
        let session =
            Session { id: id.to_owned(), dir, disk: Arc::clone(&self.disk), journal, lock, state };
        session.tidy();
        Ok(session)
    }

    /// All sessions, the one written last first. Broken ones are listed with the reason.
    ///
    /// # Errors
    /// When the directory exists and cannot be read.
    pub fn list(&self) -> Result<Vec<SessionSummary>, SessionError> {
        let mut list: Vec<SessionSummary> =
            self.ids()?.into_iter().filter_map(|id| self.summary(id)).collect();
        let updated =
            |s: &SessionSummary| s.state.as_ref().map(|s| s.updated.clone()).unwrap_or_default();
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
        let held = match self.lock(&id)? {
            Lock::Held(holder) => return Err(SessionError::ReadOnly(holder)),
            Lock::Barred(why) => return Err(SessionError::Barred(why)),
            Lock::Unasked(_) => return Err(SessionError::ToRead),
            Lock::Ours(held) => held,
        };
        let held = while_removed(held);
        // First out of the list, whole: a process that is killed here leaves no half session in it.
        let aside = self.root.join(format!("{id}{REMOVED}"));
        self.disk.rename(&dir, &aside).map_err(|e| io(&dir, e))?;
        let removed = match std::fs::remove_dir_all(&aside) {
            // A process that begins a session removes what it finds aside.
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
            removed => removed.map_err(|e| io(&aside, e)),
        };
        drop(held);
        removed?;
        Ok(id)
    }

    fn summary(&self, id: String) -> Option<SessionSummary> {
        let dir = self.root.join(&id);
        let state = match load(&dir, &id, None) {
            Err(SessionError::Unborn(_)) => return None,
            loaded => loaded.map(|(_, state)| state).map_err(|e| e.to_string()),
        };
        let lock = lock::look(&dir);
        Some(SessionSummary { id, state, holder: lock })
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

    /// All of them in which something was saved, the one written last first; those that were begun, and
    /// nothing more, after all others. Whether they are whole is not known yet.
    fn by_last_written(&self) -> Result<Vec<String>, SessionError> {
        let time = |id: &str| {
            let dir = self.root.join(id);
            if let Some((entries, time)) = latest::written(&dir.join(JOURNAL)) {
                return Some((entries > 1, time));
            }
            match load(&dir, id, None) {
                Ok((journal, state)) => Some((journal.chain().seq() > 1, state.updated)),
                Err(SessionError::Unborn(_)) => None,
                // Last, so that it is named when nothing else opens.
                Err(_) => Some((false, String::new())),
            }
        };
        let ids = self.ids()?.into_iter();
        let mut dated: Vec<_> = ids.filter_map(|id| Some((time(&id)?, id))).collect();
        dated.sort_unstable();
        Ok(dated.into_iter().rev().map(|(_, id)| id).collect())
    }

    fn resolve(&self, id: &str) -> Result<String, SessionError> {
        if is_last(id) {
            let whole = |id: &str| load(&self.root.join(id), id, None);
            return Ok(self.last(id, whole)?.0);
        }
        if let Some((session, _)) = id.rsplit_once('#') {
            let (given, session) = (id.to_owned(), session.to_owned());
            return Err(SessionError::OneRun { given, session });
        }
        let ids = self.ids()?;
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

/// The lock of a session that is being removed: until it is gone nobody else may write what would go with
/// it. Windows gives a directory no other name while a file in it is open.
fn while_removed(held: File) -> Option<File> {
    (!cfg!(windows)).then_some(held)
}

fn with_run(session: Session) -> Result<Session, SessionError> {
    match session.state.runs.last() {
        Some(_) => Ok(session),
        None => Err(SessionError::NoRun(session.id)),
    }
}

/// Whether these words mean the session written last.
fn is_last(id: &str) -> bool {
    matches!(id, "last" | "latest")
}

/// The first line of the journal of a session in which something was saved.
fn begun(dir: &Path, id: &str) -> Result<Vec<u8>, SessionError> {
    let path = dir.join(JOURNAL);
    match first_line(&path).map_err(|e| io(&path, e))? {
        Some(line) => Ok(line),
        None if is_empty(&dir.join("runs")) => Err(SessionError::Unborn(id.to_owned())),
        None => Err(io(&path, std::io::Error::other("gone, while there are runs"))),
    }
}

/// What the journal of a session adds up to; writable with a disk to write to.
fn load(
    dir: &Path,
    id: &str,
    disk: Option<&dyn Disk>,
) -> Result<(Journal, JournalState), SessionError> {
    let path = dir.join(JOURNAL);
    // What another format means by its entries, and how it chains them, is not known here.
    let entry: serde_json::Value = serde_json::from_slice(&begun(dir, id)?).unwrap_or_default();
    let schema = entry.get("body").and_then(|body| body.get("schema"));
    if let Some(schema) = schema.and_then(|s| s.as_str()).filter(|s| *s != SCHEMA) {
        let (id, schema) = (id.to_owned(), schema.to_owned());
        return Err(SessionError::Format { id, schema });
    }
    let mut state = JournalState::default();
    let journal = Journal::open(&path, disk, |entry| state.apply(&entry))?;
    Ok((journal, state))
}

/// The first line of a journal if it was written to its end; without it nothing in the session was
/// ever acknowledged.
fn first_line(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let file = match crate::fresh::open(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    let mut line = Vec::new();
    BufReader::new(file).take(MAX_LINE as u64).read_until(b'\n', &mut line)?;
    Ok((line.ends_with(b"\n") && !line.contains(&0)).then_some(line))
}

fn is_empty(dir: &Path) -> bool {
    std::fs::read_dir(dir).map_or(true, |mut entries| entries.next().is_none())
}

#[cfg(test)]
mod tests;
