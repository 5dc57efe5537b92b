//! Runs and imports on disk: `runs/<n>.json.zst` and `imports/<n>.json.zst`, written beside, synced,
//! renamed, named in the journal with their digest.

use std::io::{BufWriter, IntoInnerError, Read, Write};
use std::path::Path;

use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::disk::Disk;
use crate::packed::{self, RUN};
use crate::text::hex;

/// Level of compression: findings repeat, higher levels gain little.
const LEVEL: i32 = 3;

/// Writes something whole, as compressed JSON, and returns the digest of the file.
///
/// # Errors
/// What the system says; nothing is left behind under the final name.
pub fn write<T: Serialize>(
    disk: &dyn Disk,
    dir: &Path,
    file: &str,
    content: &T,
) -> std::io::Result<String> {
    write_by(disk, dir, file, |out| Ok(serde_json::to_writer(out, content)?))
}

/// The same for a text that `writes` gives piece by piece: only what it packs to is held.
///
/// # Errors
/// As [`write`].
pub fn write_by(
    disk: &dyn Disk,
    dir: &Path,
    file: &str,
    writes: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> std::io::Result<String> {
    let packing = zstd::Encoder::new(Vec::new(), LEVEL)?;
    let mut packing = BufWriter::with_capacity(1 << 16, packing);
    writes(&mut packing)?;
    let packed = packing.into_inner().map_err(IntoInnerError::into_error)?.finish()?;
    place(disk, dir, file, &packed)?;
    Ok(hex(&Sha256::digest(&packed)))
}

/// What a file is called until it is whole.
pub const PART: &str = ".part";

/// Writes a file beside its place, syncs it and moves it there.
///
/// # Errors
/// What the system says; nothing is left behind under the final name.
pub fn place(disk: &dyn Disk, dir: &Path, file: &str, bytes: &[u8]) -> std::io::Result<()> {
    let beside = dir.join(format!("{file}{PART}"));
    let written = disk.replace(&beside).and_then(|mut out| {
        out.write(bytes)?;
        out.sync()
    });
    let placed = written.and_then(|()| disk.rename(&beside, &dir.join(file)));
    if placed.is_err() {
        // A disk that is full has better use for the space; opening the session tries again.
        let _ = disk.remove(&beside);
    }
    placed?;
    disk.sync_dir(dir)
}

/// Reads the text of a file back and checks its digest.
///
/// # Errors
/// When the file is missing or was changed.
pub fn read(path: &Path, sha256: &str) -> std::io::Result<Vec<u8>> {
    text(&check(path, sha256)?)
}

/// The text in the bytes of a file.
///
/// # Errors
/// When they are not packed text, or come to more than [`RUN`] allows.
pub fn text(packed: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::new();
    unpack(packed)?.read_to_end(&mut text)?;
    Ok(text)
}

/// The same, unpacked as it is read.
///
/// # Errors
/// When the system has no memory for it.
pub fn unpack(packed: &[u8]) -> std::io::Result<impl Read + Send> {
    packed::unpack(packed, RUN)
}

/// The bytes of a file, as they were when they were named.
///
/// # Errors
/// When the file is missing or was changed.
pub fn check(path: &Path, sha256: &str) -> std::io::Result<Vec<u8>> {
    let packed = crate::fresh::bytes(path)?;
    if hex(&Sha256::digest(&packed)) == sha256 {
        return Ok(packed);
    }
    Err(std::io::Error::other("the file was changed after it was written"))
}
