//! What a session asks of the disk. Everything that changes a file goes through here, so that tests
//! can put a disk in its place that fails, is full or stops at any step.

use std::fmt::Debug;
use std::fs::File;
use std::io::{Result, Write as _};
use std::path::Path;

use crate::fresh;

/// Somewhere to keep sessions. Reading needs none of it.
pub trait Disk: Debug + Send + Sync {
    /// Makes a directory and those above it, for the user only.
    ///
    /// # Errors
    /// What the system says, here and below.
    fn make_dir(&self, dir: &Path) -> Result<()>;
    /// A new file, for the user only; it must not exist.
    ///
    /// # Errors
    /// As above.
    fn create(&self, path: &Path) -> Result<Box<dyn DiskFile>>;
    /// A file to add to, made if there is none.
    ///
    /// # Errors
    /// As above.
    fn append(&self, path: &Path) -> Result<Box<dyn DiskFile>>;
    /// A file that begins empty, whatever was in it.
    ///
    /// # Errors
    /// As above.
    fn replace(&self, path: &Path) -> Result<Box<dyn DiskFile>>;
    /// The file whose lock says who writes.
    ///
    /// # Errors
    /// As above.
    fn lock_file(&self, path: &Path) -> Result<File>;
    /// Gives a file another name, replacing what had it.
    ///
    /// # Errors
    /// As above.
    fn rename(&self, from: &Path, to: &Path) -> Result<()>;
    /// Removes a file.
    ///
    /// # Errors
    /// As above.
    fn remove(&self, path: &Path) -> Result<()>;
    /// Makes the names in a directory survive a power cut.
    ///
    /// # Errors
    /// As above.
    fn sync_dir(&self, dir: &Path) -> Result<()>;
}

/// An open file that is written at its end.
pub trait DiskFile: Debug + Send {
    /// Writes all of it.
    ///
    /// # Errors
    /// What the system says; some of it may be there.
    fn write(&mut self, bytes: &[u8]) -> Result<()>;
    /// Makes what was written survive a power cut.
    ///
    /// # Errors
    /// What the system says; nothing is known then about what survives.
    fn sync(&mut self) -> Result<()>;
    /// Cuts it to a length in bytes.
    ///
    /// # Errors
    /// What the system says.
    fn cut(&mut self, length: u64) -> Result<()>;
}

/// The disk of this computer.
#[derive(Clone, Copy, Debug, Default)]
pub struct LocalDisk;

impl Disk for LocalDisk {
    fn make_dir(&self, dir: &Path) -> Result<()> {
        fresh::private_dir(dir)
    }

    fn create(&self, path: &Path) -> Result<Box<dyn DiskFile>> {
        boxed(fresh::private().write(true).create_new(true).open(path)?)
    }

    fn append(&self, path: &Path) -> Result<Box<dyn DiskFile>> {
        boxed(fresh::private().append(true).create(true).open(path)?)
    }

    fn replace(&self, path: &Path) -> Result<Box<dyn DiskFile>> {
        boxed(fresh::private().write(true).create(true).truncate(true).open(path)?)
    }

    fn lock_file(&self, path: &Path) -> Result<File> {
        fresh::private().read(true).write(true).create(true).truncate(false).open(path)
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        std::fs::rename(from, to)
    }

    fn remove(&self, path: &Path) -> Result<()> {
        std::fs::remove_file(path)
    }

    fn sync_dir(&self, dir: &Path) -> Result<()> {
        fresh::sync_dir(dir)
    }
}

#[allow(clippy::unnecessary_wraps, reason = "ends every way to open a file")]
fn boxed(file: File) -> Result<Box<dyn DiskFile>> {
    Ok(Box::new(file))
}

impl DiskFile for File {
    fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> Result<()> {
        self.sync_all()
    }

    fn cut(&mut self, length: u64) -> Result<()> {
        use std::io::Seek as _;
        self.set_len(length)?;
        self.seek(std::io::SeekFrom::End(0)).map(|_| ())
    }
}
