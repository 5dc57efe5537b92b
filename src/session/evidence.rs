//! Files that an answer rests on: they stay where they are, their name and hash are kept.

use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::journal::hex;
use crate::model::attestation::EvidenceFile;

/// Takes name, size and hash of a file, whatever its size.
///
/// # Errors
/// When it cannot be read, or is no file.
pub fn take(path: &Path) -> std::io::Result<EvidenceFile> {
    let mut file = std::fs::File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other("this is no regular file"));
    }
    let mut sum = Sha256::new();
    let mut size = 0;
    let mut chunk = vec![0; 64 * 1024];
    loop {
        let read = file.read(&mut chunk)?;
        if read == 0 {
            break;
        }
        sum.update(chunk.get(..read).unwrap_or_default());
        size += read as u64;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(EvidenceFile { name, sha256: hex(&sum.finalize()), size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_and_hashed_and_a_directory_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("scan.txt");
        std::fs::write(&path, "abc").unwrap();
        let taken = take(&path).unwrap();
        assert_eq!((taken.name.as_str(), taken.size), ("scan.txt", 3));
        assert!(taken.sha256.starts_with("ba7816bf8f01cfea414140de5dae2223"));
        assert!(take(dir.path()).is_err());
    }
}
