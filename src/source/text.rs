//! The text of a file, a pipe or standard input.

use std::fs::Metadata;
use std::io::Read as _;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::Duration;

/// Largest file read, in bytes: above it, a file is no manifest that a person wrote.
const MAX_FILE: u64 = 512 << 20;
/// What is looked at before everything is read, in bytes.
const FIRST: u64 = 1 << 16;
/// A pipe that brings nothing for so long is named.
const PATIENCE: Duration = Duration::from_secs(1);

/// Told, in a sentence, which file has brought nothing for a while, and may never.
pub type Waiting = Arc<dyn Fn(&str) + Send + Sync>;

/// Reads a file. One that nobody asked for by its name must be one: a pipe that lies in a directory
/// may never end.
pub(super) fn load(path: &Path, asked: bool, waiting: Option<&Waiting>) -> std::io::Result<String> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        // Whoever pipes something in knows what is waited for.
        drain(std::io::stdin().lock(), None, &mut bytes)?;
    } else {
        let meta = std::fs::metadata(path)?;
        if !asked && !meta.is_file() {
            return Err(std::io::Error::other("it is no regular file"));
        }
        if meta.len() > MAX_FILE {
            return Err(std::io::Error::other("larger than 512 MiB"));
        }
        // A named pipe without a writer does not even open.
        let watch = waiting.and_then(|tell| awaited(path, tell));
        drain(std::fs::File::open(path)?, watch, &mut bytes)?;
    }
    String::from_utf8(bytes).map_err(|error| {
        let good = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(good).filter(|b| **b == b'\n').count() + 1;
        std::io::Error::other(format!("line {line} is no UTF-8 text"))
    })
}

/// Reads everything; what watches is let go when the first of it comes.
fn drain(
    from: impl std::io::Read,
    watch: Option<Awaited>,
    bytes: &mut Vec<u8>,
) -> std::io::Result<()> {
    let mut from = from.take(MAX_FILE);
    from.by_ref().take(1).read_to_end(bytes)?;
    drop(watch);
    from.by_ref().take(FIRST).read_to_end(bytes)?;
    // A device may bring such bytes without end; UTF-16, which has them too, is told by its first character.
    if bytes.contains(&0) && !bytes.starts_with(b"\xff\xfe") && !bytes.starts_with(b"\xfe\xff") {
        return Err(std::io::Error::other("it holds NUL bytes, so it is no text"));
    }
    from.read_to_end(bytes)?;
    Ok(())
}

/// Tells after a while that a file is waited for which may never end, unless what comes back is dropped
/// before.
#[must_use]
pub fn awaited(path: &Path, tell: &Waiting) -> Option<Awaited> {
    let why = endless(&std::fs::metadata(path).ok()?)?;
    Some(Awaited(watch(format!("waiting for {}: {why}", path.display()), tell)))
}

/// Why reading a file may never end. None for what is a file, of which the system knows how long it is.
fn endless(meta: &Metadata) -> Option<&'static str> {
    if meta.is_dir() || meta.is_file() && meta.len() > 0 {
        return None;
    }
    Some(if meta.is_file() {
        "the system does not say how long it is, and it has not ended yet"
    } else if is_pipe(meta) {
        "it is a pipe, and nothing was written into it yet"
    } else {
        "it is a device and no file, and it has not ended yet"
    })
}

#[cfg(unix)]
fn is_pipe(meta: &Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt as _;
    meta.file_type().is_fifo()
}

#[cfg(not(unix))]
fn is_pipe(_: &Metadata) -> bool {
    true
}

/// A file is waited for as long as this is kept.
pub struct Awaited(#[allow(dead_code, reason = "dropped when the file was read")] Sender<()>);

/// Tells after a while that nothing comes, unless it is dropped before.
fn watch(told: String, tell: &Waiting) -> Sender<()> {
    let tell = Arc::clone(tell);
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        if receiver.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            tell(&told);
        }
    });
    sender
}

#[cfg(all(test, unix))]
mod tests;
