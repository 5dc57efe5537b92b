//! The corpus of a target as one compressed file: thousands of small inputs would be thousands of
//! files. Each input stands behind its length, four bytes, little end first.

use std::io::{Error, Result};
use std::path::{Path, PathBuf};

/// The packed corpus of a target.
#[must_use]
pub fn file(target: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let here = if root.ends_with("tests/fuzz") { root.to_owned() } else { root.join("tests/fuzz") };
    here.join("corpus").join(format!("{target}.zst"))
}

/// The inputs of a packed corpus.
///
/// # Errors
/// When it is not there, or no packed corpus.
pub fn inputs(target: &str) -> Result<Vec<Vec<u8>>> {
    let bytes = zstd::decode_all(&*std::fs::read(file(target))?)?;
    let (mut rest, mut inputs) = (&*bytes, Vec::new());
    while let Some((length, after)) = rest.split_first_chunk::<4>() {
        let length = usize::try_from(u32::from_le_bytes(*length)).map_err(Error::other)?;
        let (input, after) =
            after.split_at_checked(length).ok_or_else(|| Error::other("an input is cut off"))?;
        inputs.push(input.to_vec());
        rest = after;
    }
    Ok(inputs)
}

/// Writes every input of a target's corpus as a file of `dir`.
#[allow(dead_code, reason = "the test that replays a corpus does not unpack it")]
pub fn unpack(target: &str, dir: &Path) -> Result<usize> {
    let inputs = inputs(target)?;
    for (number, input) in inputs.iter().enumerate() {
        std::fs::write(dir.join(format!("{number:05}")), input)?;
    }
    Ok(inputs.len())
}

/// Packs the files of `dir` as a target's corpus, the short ones first.
#[allow(dead_code, reason = "the test that replays a corpus does not pack it")]
pub fn pack(target: &str, dir: &Path) -> Result<usize> {
    let mut inputs = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        inputs.push(std::fs::read(entry?.path())?);
    }
    inputs.sort_by(|a, b| (a.len(), a).cmp(&(b.len(), b)));
    inputs.dedup();
    let mut bytes = Vec::new();
    for input in &inputs {
        let length = u32::try_from(input.len()).map_err(Error::other)?;
        bytes.extend(length.to_le_bytes());
        bytes.extend(input);
    }
    std::fs::write(file(target), zstd::encode_all(&*bytes, 19)?)?;
    Ok(inputs.len())
}
