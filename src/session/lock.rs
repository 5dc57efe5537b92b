//! Who writes a session. The lock is the operating system's and ends with the process that holds
//! it, however that ends; the text in the file is for people.

use std::fs::{File, TryLockError};
use std::io::{ErrorKind, Read as _, Result, Seek as _, Write as _};
use std::path::Path;
use std::time::Duration;

use super::disk::Disk;

/// Whether this process may write.
#[derive(Debug)]
pub enum Lock {
    /// It may, as long as this is open.
    Ours(#[allow(dead_code, reason = "held for its lock")] File),
    /// It may not: who holds it.
    Held(String),
    /// It may not: what stands in the way, which is nobody.
    Barred(String),
    /// It does not want to: who else writes, if anybody does.
    Unasked(Option<String>),
}

/// Takes the lock of a session, or says why not.
///
/// # Errors
/// When the file cannot be opened for a reason that speaks against reading as well.
pub fn take(disk: &dyn Disk, dir: &Path) -> Result<Lock> {
    let mut file = match disk.lock_file(&dir.join("lock")) {
        Ok(file) => file,
        // A directory that nobody may write is as good as held.
        Err(error) => match error.kind() {
            ErrorKind::PermissionDenied => return Ok(barred(dir, "is not writable for this user")),
            ErrorKind::ReadOnlyFilesystem => {
                return Ok(barred(dir, "is not writable: its file system is read-only"));
            }
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
                return Ok(barred(dir, "takes nothing more: the disk is full"));
            }
            _ => return Err(error),
        },
    };
    match patiently(&file) {
        Ok(()) => {
            let me = format!("pid {} on {}", std::process::id(), host());
            let _ = file
                .set_len(0)
                .and_then(|()| file.rewind())
                .and_then(|()| file.write_all(me.as_bytes()));
            Ok(Lock::Ours(file))
        }
        Err(TryLockError::WouldBlock) => Ok(Lock::Held(name(file))),
        Err(TryLockError::Error(error)) => Ok(barred(dir, &format!("cannot be locked ({error})"))),
    }
}

fn barred(dir: &Path, why: &str) -> Lock {
    Lock::Barred(format!("{} {why}", dir.display()))
}

/// Whoever lists sessions looks at their locks for a moment: that is not holding them.
fn patiently(file: &File) -> std::result::Result<(), TryLockError> {
    for _ in 0..3 {
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => std::thread::sleep(Duration::from_millis(4)),
            done => return done,
        }
    }
    file.try_lock()
}

/// Who holds a session, without taking it.
#[must_use]
pub fn look(dir: &Path) -> Option<String> {
    let file = crate::fresh::open(&dir.join("lock")).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => Some(name(file)),
        _ => None,
    }
}

fn name(file: File) -> String {
    let mut holder = String::new();
    let _ = file.take(256).read_to_string(&mut holder);
    let holder = crate::text::clean(holder.trim()).into_owned();
    if holder.is_empty() { "which one is not known".to_owned() } else { holder }
}

fn host() -> String {
    #[cfg(unix)]
    return rustix::system::uname().nodename().to_string_lossy().into_owned();
    #[cfg(not(unix))]
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "this host".to_owned())
}
