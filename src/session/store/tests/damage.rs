//! Sessions that were damaged, left half begun, or written by other versions.

use super::*;
use crate::session::disk::DiskFile;
use crate::session::journal::{JournalChain, JournalEvent};

/// A session with a journal of these entries, written by hand.
fn written(store: &SessionStore, entries: &[(&'static str, serde_json::Value)]) -> String {
    let id = Ulid::generate().to_string();
    let dir = store.root().join(&id);
    std::fs::create_dir_all(dir.join("runs")).unwrap();
    let (mut chain, mut text) = (JournalChain::default(), Vec::new());
    for (kind, body) in entries {
        let (time, by) = (NOW.to_owned(), "ada".to_owned());
        let entry = chain.entry(JournalEvent { time, by, kind, body: body.clone() }).unwrap();
        chain.advance(&entry);
        text.extend(serde_json::to_vec(&entry).unwrap());
        text.push(b'\n');
    }
    std::fs::write(dir.join("journal.jsonl"), text).unwrap();
    id
}

#[test]
fn a_session_of_another_format_is_refused_by_its_name() {
    let (_dir, store) = store();
    let other = "plimsoll.session/v0";
    let id = written(&store, &[("created", json!({"schema": other}))]);
    let error = store.open(&id).unwrap_err().to_string();
    assert!(error.contains("`plimsoll.session/v0`") && error.contains("older version"), "{error}");
    // What a later format means by an entry may be anything.
    let later = "plimsoll.session/v2";
    let entries = [("created", json!({"schema": later, "source": 7})), ("decided", json!([1, 2]))];
    let id = written(&store, &entries);
    let error = store.open(&id).unwrap_err().to_string();
    assert!(error.contains("`plimsoll.session/v2`") && error.contains("newer version"), "{error}");
    let line = json!({"n": 1, "kind": "created", "body": {"schema": later}}).to_string() + "\n";
    std::fs::write(store.root().join(&id).join("journal.jsonl"), line).unwrap();
    assert!(matches!(store.open(&id), Err(SessionError::Format { .. })));
}

#[test]
fn kinds_that_are_not_known_are_kept() {
    let (_dir, store) = store();
    let id = written(
        &store,
        &[
            ("created", json!({"schema": SCHEMA, "title": "t", "colour": "blue"})),
            ("signed-off", json!({"by": ["grace", {"a": 1.5}]})),
            ("noted", json!({"fingerprint": "a", "text": "b", "mood": "good"})),
        ],
    );
    let journal = store.root().join(&id).join("journal.jsonl");
    let before = std::fs::read(&journal).unwrap();
    let mut session = store.open(&id).unwrap();
    assert_eq!(session.state().notes.len(), 1);
    session.note("a", "more", "ada", NOW).unwrap();
    drop(session);
    assert!(std::fs::read(&journal).unwrap().starts_with(&before), "what stood there stands");
    assert_eq!(store.open(&id).unwrap().state().notes.len(), 2);
}

#[test]
fn damage_in_the_middle_is_named_and_damage_at_the_end_is_no_torn_line() {
    let (_dir, store) = store();
    let mut session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    for text in ["one", "two", "three"] {
        session.note("a", text, "ada", NOW).unwrap();
    }
    let (id, journal) = (session.id().to_owned(), session.dir().join("journal.jsonl"));
    drop(session);
    let bytes = std::fs::read(&journal).unwrap();
    let mut changed = bytes.clone();
    for at in 0..bytes.len() - 1 {
        changed[at] ^= 2;
        std::fs::write(&journal, &changed).unwrap();
        // An entry that was acknowledged is not dropped without a word, the last one neither.
        let line = bytes[..at].split(|b| *b == b'\n').count();
        let error = store.open(&id).unwrap_err().to_string();
        let named = error.contains(&format!("line {line}:")) || error.contains("another format");
        assert!(named || error.contains("has format"), "byte {at}: {error}");
        changed[at] = bytes[at];
    }
    std::fs::write(&journal, &bytes).unwrap();
    assert_eq!(store.open(&id).unwrap().state().notes.len(), 3);
}

#[test]
fn a_run_that_is_gone_or_changed_leaves_the_session_whole() {
    let (_dir, store) = store();
    let mut session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    session.record_run(record(), "ada").unwrap();
    session.record_run(record(), "ada").unwrap();
    let runs = session.dir().join("runs");
    let id = session.id().to_owned();
    drop(session);
    std::fs::write(runs.join("2.json.zst"), "x").unwrap();
    let session = store.open(&id).unwrap();
    assert!(session.latest_run().is_err());
    let damaged = session.damaged();
    assert_eq!(damaged.len(), 1);
    assert!(damaged[0].to_string().contains("2.json.zst"), "{}", damaged[0]);
    assert_eq!(session.run(1).unwrap().unwrap().number, 1);
    drop(session);
    std::fs::remove_file(runs.join("2.json.zst")).unwrap();
    let mut session = store.open(&id).unwrap();
    assert_eq!(session.damaged().len(), 1);
    assert_eq!(session.record_run(record(), "ada").unwrap(), 3, "its number is not given twice");
    session.latest_run().unwrap().unwrap();
}

#[test]
fn half_files_are_swept_up_and_named_ones_stay() {
    let (_dir, store) = store();
    let mut session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    session.record_run(record(), "ada").unwrap();
    let (id, runs) = (session.id().to_owned(), session.dir().join("runs"));
    std::fs::write(runs.join("2.json.zst.part"), "half").unwrap();
    // Somebody who only reads leaves the writer's work alone.
    drop(store.open(&id).unwrap());
    assert!(runs.join("2.json.zst.part").exists());
    drop(session);
    let session = store.open(&id).unwrap();
    assert!(!runs.join("2.json.zst.part").exists());
    assert!(session.latest_run().unwrap().is_some());
}

#[test]
fn a_session_that_was_never_begun_is_not_shown_and_goes_in_time() {
    let (_dir, store) = store();
    let old = store.root().join("01ARZ3NDEKTSV4RRFFQ69G5FAV");
    let torn = store.root().join("01BX5ZZKBKACTAV9WEVGEMMVRZ");
    let young = store.root().join(Ulid::generate().to_string());
    let gone = store.root().join("01BX5ZZKBKACTAV9WEVGEMMVS0");
    for dir in [&old, &torn, &young, &gone] {
        std::fs::create_dir_all(dir.join("runs")).unwrap();
    }
    std::fs::write(torn.join("journal.jsonl"), "{\"seq\":1,").unwrap();
    std::fs::write(gone.join("runs/1.json.zst"), "x").unwrap();
    // The one whose journal is gone while there are runs is a loss, and is said.
    let list = store.list().unwrap();
    assert_eq!(list.len(), 1);
    assert!(list[0].state.as_ref().unwrap_err().contains("gone"), "{:?}", list[0].state);
    let error = store.open("01ARZ3NDEKTSV4RRFFQ69G5FAV").unwrap_err();
    assert!(matches!(error, SessionError::Unborn(_)), "{error}");
    store.create(SessionMeta::default(), "ada", NOW).unwrap();
    assert!(!old.exists() && !torn.exists() && young.exists() && gone.exists());
}

#[test]
fn a_removal_that_was_interrupted_is_out_of_the_list_and_goes_in_time() {
    let (_dir, store) = store();
    let id = store.create(SessionMeta::default(), "ada", NOW).unwrap().id().to_owned();
    let half = store.root().join(format!("{id}{REMOVED}"));
    std::fs::rename(store.root().join(&id), &half).unwrap();
    assert!(store.list().unwrap().is_empty());
    assert!(matches!(store.open(&id), Err(SessionError::Unknown(_))));
    let id = store.create(SessionMeta::default(), "ada", NOW).unwrap().id().to_owned();
    assert!(!half.exists());
    store.remove(&id).unwrap();
    assert_eq!(std::fs::read_dir(store.root()).unwrap().count(), 0);
}

/// A disk on which another process opens the session while it is given another name.
#[derive(Debug)]
struct Meanwhile {
    store: SessionStore,
    saw: std::sync::Mutex<Option<String>>,
}

impl Disk for Meanwhile {
    fn make_dir(&self, dir: &Path) -> std::io::Result<()> {
        LocalDisk.make_dir(dir)
    }

    fn create(&self, path: &Path) -> std::io::Result<Box<dyn DiskFile>> {
        LocalDisk.create(path)
    }

    fn append(&self, path: &Path) -> std::io::Result<Box<dyn DiskFile>> {
        LocalDisk.append(path)
    }

    fn replace(&self, path: &Path) -> std::io::Result<Box<dyn DiskFile>> {
        LocalDisk.replace(path)
    }

    fn lock_file(&self, path: &Path) -> std::io::Result<std::fs::File> {
        LocalDisk.lock_file(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> std::io::Result<()> {
        let id = from.file_name().unwrap().to_string_lossy();
        let mut other = self.store.open(&id).unwrap();
        let refused = other.note("p1:a", "saved, and gone", "eve", NOW).unwrap_err();
        *self.saw.lock().unwrap() = Some(refused.to_string());
        LocalDisk.rename(from, to)
    }

    fn remove(&self, path: &Path) -> std::io::Result<()> {
        LocalDisk.remove(path)
    }

    fn sync_dir(&self, dir: &Path) -> std::io::Result<()> {
        LocalDisk.sync_dir(dir)
    }
}

#[test]
#[cfg(unix)]
fn nothing_can_be_saved_in_a_session_that_is_being_removed() {
    let (dir, store) = store();
    let id = store.create(SessionMeta::default(), "ada", NOW).unwrap().id().to_owned();
    let saw = std::sync::Mutex::new(None);
    let disk = Arc::new(Meanwhile { store: store.clone(), saw });
    SessionStore::on(dir.path(), Arc::clone(&disk) as Arc<dyn Disk>).remove(&id).unwrap();
    let saw = disk.saw.lock().unwrap().take().unwrap();
    assert!(saw.contains("pid "), "{saw}");
    assert!(!store.root().join(&id).exists());
}

#[test]
#[cfg(unix)]
fn a_pipe_in_the_place_of_a_journal_keeps_nobody_waiting() {
    let (_dir, store) = store();
    let id = store.create(SessionMeta::default(), "ada", NOW).unwrap().id().to_owned();
    let journal = store.root().join(&id).join("journal.jsonl");
    std::fs::remove_file(&journal).unwrap();
    assert!(std::process::Command::new("mkfifo").arg(&journal).status().unwrap().success());
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || tell.send(store.open_to_read("last").unwrap_err().to_string()));
    let told = told.recv_timeout(std::time::Duration::from_secs(30)).unwrap();
    assert!(told.contains("it is no regular file"), "{told}");
}

#[test]
fn a_lock_of_a_process_that_is_gone_holds_nothing() {
    let (_dir, store) = store();
    let session = store.create(SessionMeta::default(), "ada", NOW).unwrap();
    let (id, lock) = (session.id().to_owned(), session.dir().join("lock"));
    drop(session);
    std::fs::write(&lock, "pid 1 on elsewhere").unwrap();
    assert!(store.list().unwrap()[0].holder.is_none());
    assert!(store.open(&id).unwrap().holder().is_none());
}

#[test]
fn looking_at_a_list_holds_nobody_up() {
    let (_dir, store) = store();
    let id = store.create(SessionMeta::default(), "ada", NOW).unwrap().id().to_owned();
    let done = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !done.load(std::sync::atomic::Ordering::Relaxed) {
                store.list().unwrap();
            }
        });
        for _ in 0..200 {
            assert!(store.open(&id).unwrap().holder().is_none());
        }
        done.store(true, std::sync::atomic::Ordering::Relaxed);
    });
}
