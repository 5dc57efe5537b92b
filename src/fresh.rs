//! Files that Plimsoll makes: new, for their owner only, whole or not there. Every file and directory
//! for the user's eyes alone is made here, so that none is written over and none is left half done.

use std::fs::{DirBuilder, File, OpenOptions};
use std::io::{BufWriter, Error, ErrorKind, Read as _, Result, Write};
use std::path::Path;

/// Rights of a file that its owner reads and writes, and nobody else.
pub const PRIVATE: u32 = 0o600;

/// Bytes that are gathered before the system is asked to write them.
const BUFFER: usize = 1 << 16;

/// Writes what `write` makes to a file that must not exist yet, not even as a link, with these rights.
/// When this returns it survives a power cut. Other systems than Unix know other rights, and give
/// their own.
///
/// # Errors
/// [`AlreadyExists`](std::io::ErrorKind::AlreadyExists) when it exists; what the system or `write`
/// says. What was begun is removed.
pub fn create<T>(
    path: &Path,
    rights: u32,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T>,
) -> Result<T> {
    let file = options(rights).write(true).create_new(true).open(path)?;
    let mut out = BufWriter::with_capacity(BUFFER, file);
    let written = write(&mut out).and_then(|made| {
        out.flush()?;
        out.get_ref().sync_all()?;
        Ok(made)
    });
    if written.is_ok() {
        // Not every disk can do that, and the file itself is safe.
        let _ = path.parent().map(sync_dir);
    } else {
        // Half a file reads like a short one, and its name would be taken; the error is what matters.
        let _ = std::fs::remove_file(path);
    }
    written
}

/// Why a file that has to be new could not be made.
#[derive(Debug, thiserror::Error)]
pub enum NewFileError {
    /// The file exists already.
    #[error("{0} exists; choose another name, nothing is overwritten")]
    Exists(String),
    /// The system refuses.
    #[error("{path}: {source}")]
    Io {
        /// The file.
        path: String,
        /// What the system says.
        source: Error,
    },
}

/// As [`create`], for the owner only, with an error that names the file.
///
/// # Errors
/// When it exists, or as the system or `write` says.
pub fn create_private<T>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> Result<T>,
) -> std::result::Result<T, NewFileError> {
    create(path, PRIVATE, write).map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => NewFileError::Exists(path.display().to_string()),
        _ => NewFileError::Io { path: path.display().to_string(), source },
    })
}

/// As [`create`], of a text, for the owner only.
///
/// # Errors
/// As [`create`].
pub fn text(path: &Path, text: &str) -> Result<()> {
    create(path, PRIVATE, |out| out.write_all(text.as_bytes()))
}

/// Opens a file that Plimsoll made. A pipe or a device in its place was put there by somebody else, and the opening
/// of a pipe may never end.
///
/// # Errors
/// What the system says, or that it is no regular file.
pub fn open(path: &Path) -> Result<File> {
    if !std::fs::metadata(path)?.is_file() {
        return Err(Error::other("it is no regular file"));
    }
    File::open(path)
}

/// The bytes of such a file.
///
/// # Errors
/// As [`open`].
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// How to open a file that, where it is made by that, only its owner may read.
#[must_use]
pub fn private() -> OpenOptions {
    options(PRIVATE)
}

fn options(rights: u32) -> OpenOptions {
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, rights);
    #[cfg(not(unix))]
    let _ = rights;
    options
}

/// Makes a directory and those above it, for their owner only. One that is there stays as it is.
///
/// # Errors
/// What the system says.
pub fn private_dir(dir: &Path) -> Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Makes the names in a directory survive a power cut; an empty path is the directory one is in.
///
/// # Errors
/// What the system says.
pub fn sync_dir(dir: &Path) -> Result<()> {
    let dir = if dir.as_os_str().is_empty() { Path::new(".") } else { dir };
    #[cfg(unix)]
    File::open(dir)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_new_whole_and_nothing_is_written_over() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report");
        assert_eq!(create(&path, PRIVATE, |out| out.write(b"one")).unwrap(), 3);
        let again = text(&path, "two").unwrap_err();
        assert_eq!(again.kind(), ErrorKind::AlreadyExists);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "one");
    }

    #[test]
    fn what_fails_half_way_is_removed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report");
        let failed = create(&path, PRIVATE, |out| {
            out.write_all("x".repeat(3 * BUFFER).as_bytes())?;
            Err::<(), _>(Error::other("no more"))
        });
        assert_eq!(failed.unwrap_err().to_string(), "no more");
        assert!(!path.exists());
        text(&path, "now").unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn rights_are_narrow_and_links_are_not_followed() {
        use std::os::unix::fs::PermissionsExt as _;
        let dir = tempfile::tempdir().unwrap();
        let rights = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        let deep = dir.path().join("a/b");
        private_dir(&deep).unwrap();
        private_dir(&deep).unwrap();
        assert_eq!(
            (rights(&deep), rights(deep.parent().unwrap())),
            (0o700, 0o700),
            "those above are made alike"
        );
        text(&deep.join("text"), "").unwrap();
        assert_eq!(rights(&deep.join("text")), 0o600);
        create(&deep.join("copy"), 0o400, |_| Ok(())).unwrap();
        assert_eq!(rights(&deep.join("copy")), 0o400);
        private().append(true).create(true).open(deep.join("log")).unwrap();
        assert_eq!(rights(&deep.join("log")), 0o600);

        let target = dir.path().join("target");
        std::os::unix::fs::symlink(&target, deep.join("link")).unwrap();
        let error = text(&deep.join("link"), "through").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        assert!(!target.exists(), "a link that leads to nothing is no free name");
    }
}
