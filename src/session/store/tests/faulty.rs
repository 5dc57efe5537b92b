//! A disk that fails at a chosen step: the real one underneath, so that what is left behind is what
//! a real process would leave.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Error, ErrorKind, Result};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use crate::session::disk::{Disk, DiskFile, LocalDisk};

/// What happens at the chosen step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The process is killed before it.
    Killed,
    /// The process is killed in the middle of it: half of what it writes is there.
    Torn,
    /// The computer stops: what was not synced is gone, names as well.
    Power,
    /// The computer stops: unsynced bytes are there by number, and zero.
    Zeros,
    /// It is refused, this once, half done.
    Refused(ErrorKind),
    /// It and everything after it is refused.
    Broken(ErrorKind),
}

#[derive(Debug)]
struct Shared {
    left: usize,
    fault: Fault,
    struck: bool,
    /// Length that is safe, of files with more.
    unsynced: BTreeMap<PathBuf, u64>,
    /// Names that are not safe yet: the directory, and what happens to them.
    names: Vec<(PathBuf, Name)>,
}

#[derive(Debug)]
enum Name {
    Made(PathBuf),
    Moved { from: PathBuf, to: PathBuf },
}

/// The disk.
#[derive(Clone, Debug)]
pub struct Faulty(Arc<Mutex<Shared>>);

/// What becomes of a step.
enum Step {
    Done,
    Half(Error),
    Not(Error),
}

impl Faulty {
    /// Fails at this step, counted from 0.
    pub fn at(step: usize, fault: Fault) -> Self {
        let shared = Shared {
            left: step,
            fault,
            struck: false,
            unsynced: BTreeMap::new(),
            names: Vec::new(),
        };
        Self(Arc::new(Mutex::new(shared)))
    }

    /// Whether it came to that step.
    pub fn struck(&self) -> bool {
        self.0.lock().unwrap().struck
    }

    fn step(&self) -> Step {
        let mut shared = self.0.lock().unwrap();
        let dead = || Error::other("the process is dead");
        if shared.struck {
            return match shared.fault {
                Fault::Refused(_) => Step::Done,
                Fault::Broken(kind) => Step::Not(kind.into()),
                _ => Step::Not(dead()),
            };
        }
        if shared.left > 0 {
            shared.left -= 1;
            return Step::Done;
        }
        shared.struck = true;
        match shared.fault {
            Fault::Killed | Fault::Power => Step::Not(dead()),
            Fault::Torn | Fault::Zeros => Step::Half(dead()),
            Fault::Refused(kind) | Fault::Broken(kind) => Step::Half(kind.into()),
        }
    }

    /// Whole or not at all: for steps that have no middle.
    fn whole(&self, work: impl FnOnce() -> Result<()>) -> Result<()> {
        match self.step() {
            Step::Done => work(),
            Step::Half(error) | Step::Not(error) => Err(error),
        }
    }

    fn opened(
        &self,
        path: &Path,
        open: impl FnOnce() -> Result<Box<dyn DiskFile>>,
    ) -> Result<Box<dyn DiskFile>> {
        match self.step() {
            Step::Done => {}
            Step::Half(error) | Step::Not(error) => return Err(error),
        }
        let made = !path.exists();
        let inner = open()?;
        let mut shared = self.0.lock().unwrap();
        if made {
            let dir = path.parent().unwrap().to_owned();
            shared.names.push((dir, Name::Made(path.to_owned())));
        }
        drop(shared);
        Ok(Box::new(FaultySink { disk: self.clone(), path: path.to_owned(), inner }))
    }

    /// What is left when the computer starts again.
    pub fn restart(&self) {
        let mut shared = self.0.lock().unwrap();
        if !shared.struck || !matches!(shared.fault, Fault::Power | Fault::Zeros) {
            return;
        }
        for (path, length) in std::mem::take(&mut shared.unsynced) {
            let Ok(file) = File::options().write(true).open(&path) else { continue };
            let now = file.metadata().unwrap().len();
            file.set_len(length).unwrap();
            if shared.fault == Fault::Zeros {
                file.set_len(now.max(length)).unwrap();
            }
        }
        for (_, name) in std::mem::take(&mut shared.names).into_iter().rev() {
            // Whatever is gone already is gone.
            let _ = match name {
                Name::Made(path) if path.is_dir() => std::fs::remove_dir_all(path),
                Name::Made(path) => std::fs::remove_file(path),
                Name::Moved { from, to } => std::fs::rename(to, from),
            };
        }
    }
}

impl Disk for Faulty {
    fn make_dir(&self, dir: &Path) -> Result<()> {
        self.whole(|| {
            let made = !dir.exists();
            LocalDisk.make_dir(dir)?;
            if made {
                let parent = dir.parent().unwrap().to_owned();
                self.0.lock().unwrap().names.push((parent, Name::Made(dir.to_owned())));
            }
            Ok(())
        })
    }

    fn create(&self, path: &Path) -> Result<Box<dyn DiskFile>> {
        self.opened(path, || LocalDisk.create(path))
    }

    fn append(&self, path: &Path) -> Result<Box<dyn DiskFile>> {
        self.opened(path, || LocalDisk.append(path))
    }

    fn replace(&self, path: &Path) -> Result<Box<dyn DiskFile>> {
        self.opened(path, || LocalDisk.replace(path))
    }

    fn lock_file(&self, path: &Path) -> Result<File> {
        match self.step() {
            Step::Done => LocalDisk.lock_file(path),
            Step::Half(error) | Step::Not(error) => Err(error),
        }
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.whole(|| {
            LocalDisk.rename(from, to)?;
            let mut shared = self.0.lock().unwrap();
            if let Some(length) = shared.unsynced.remove(from) {
                shared.unsynced.insert(to.to_owned(), length);
            }
            let moved = Name::Moved { from: from.to_owned(), to: to.to_owned() };
            shared.names.push((to.parent().unwrap().to_owned(), moved));
            Ok(())
        })
    }

    fn remove(&self, path: &Path) -> Result<()> {
        self.whole(|| LocalDisk.remove(path))
    }

    fn sync_dir(&self, dir: &Path) -> Result<()> {
        self.whole(|| {
            self.0.lock().unwrap().names.retain(|(place, _)| place != dir);
            LocalDisk.sync_dir(dir)
        })
    }
}

#[derive(Debug)]
struct FaultySink {
    disk: Faulty,
    path: PathBuf,
    inner: Box<dyn DiskFile>,
}

impl FaultySink {
    fn unsafe_from_here(&self) {
        let length = std::fs::metadata(&self.path).unwrap().len();
        self.disk.0.lock().unwrap().unsynced.entry(self.path.clone()).or_insert(length);
    }
}

impl DiskFile for FaultySink {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.unsafe_from_here();
        match self.disk.step() {
            Step::Done => self.inner.write(bytes),
            Step::Half(error) => {
                self.inner.write(&bytes[..bytes.len() / 2])?;
                Err(error)
            }
            Step::Not(error) => Err(error),
        }
    }

    fn sync(&mut self) -> Result<()> {
        let disk = self.disk.clone();
        disk.whole(|| {
            disk.0.lock().unwrap().unsynced.remove(&self.path);
            self.inner.sync()
        })
    }

    fn cut(&mut self, length: u64) -> Result<()> {
        let disk = self.disk.clone();
        disk.whole(|| self.inner.cut(length))
    }
}
