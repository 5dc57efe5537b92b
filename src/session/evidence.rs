//! Files that answers rest on: named, measured and hashed, never copied.

use std::io::Read as _;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::SessionError;
use crate::model::attestation::EvidenceFile;
use crate::text::hex;

/// Hashes a file.
///
/// # Errors
/// When it is no file or cannot be read.
pub fn of(path: &Path) -> Result<EvidenceFile, SessionError> {
    let refused = |source| SessionError::Evidence { path: path.display().to_string(), source };
    let mut file = crate::fresh::open(path).map_err(refused)?;
    let mut sum = Sha256::new();
    let mut size = 0;
    let mut buffer = vec![0; 1 << 16];
    loop {
        let count = file.read(&mut buffer).map_err(refused)?;
        if count == 0 {
            break;
        }
        sum.update(buffer.get(..count).unwrap_or_default());
        size += count as u64;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(EvidenceFile { name, sha256: hex(&sum.finalize()), size })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_measured_and_hashed() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("policy.pdf");
        std::fs::write(&path, "abc").unwrap();
        let evidence = of(&path).unwrap();
        let sum = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!((evidence.name.as_str(), evidence.size), ("policy.pdf", 3));
        assert_eq!(evidence.sha256, sum);
        for wrong in [dir.path().to_owned(), dir.path().join("missing")] {
            let error = of(&wrong).unwrap_err().to_string();
            assert!(error.contains(&*wrong.to_string_lossy()), "{error}");
        }
    }
}
