//! Runs and imports on disk: `runs/<n>.json.zst`, `imports/<n>.json.zst`, written beside, synced, renamed, named in the journal with
//! their digest.

use std::path::Path;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::journal::{hex, private};
use crate::model::finding::RunResult;
use crate::model::inventory::SourceInfo;
use crate::model::read::Read;

/// One run, whole: what was asked, what was read, what it came to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunRecord {
    /// Format.
    pub schema: String,
    /// From 1.
    pub number: u32,
    /// RFC 3339.
    pub started: String,
    /// RFC 3339.
    pub finished: String,
    /// Version of the program.
    pub tool: String,
    /// Digest of checks and frameworks.
    pub content: String,
    /// What was asked for, in words of the command line.
    pub selection: Selection,
    /// Where the objects came from.
    pub source: SourceInfo,
    /// The provider as it was recognised, by which the frameworks that fit were chosen.
    #[serde(default)]
    pub provider: Option<String>,
    /// Every read.
    pub reads: Vec<Read>,
    /// What it came to.
    pub result: RunResult,
}

/// What a run was asked to look at. Empty lists mean everything that fits.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Selection {
    /// Framework ids, with `:level` where one was chosen.
    pub frameworks: Vec<String>,
    /// `framework/control`.
    pub controls: Vec<String>,
    /// Check ids.
    pub checks: Vec<String>,
    /// Namespaces.
    pub namespaces: Vec<String>,
    /// Label selector.
    pub selector: Option<String>,
    /// `KIND/NAME`.
    pub object: Option<String>,
    /// Whether findings on objects of the platform decide.
    pub include_platform: bool,
}

/// Writes something whole, as compressed JSON, and returns the digest of the file.
///
/// # Errors
/// What the system says; nothing is left behind under the final name.
pub fn write<T: Serialize>(dir: &Path, file: &str, content: &T) -> std::io::Result<String> {
    let json = serde_json::to_vec(content)?;
    let packed = zstd::encode_all(json.as_slice(), 3)?;
    let beside = dir.join(format!("{file}.part"));
    let mut out = private().create(true).truncate(true).open(&beside)?;
    std::io::Write::write_all(&mut out, &packed)?;
    out.sync_all()?;
    std::fs::rename(&beside, dir.join(file))?;
    sync_dir(dir)?;
    Ok(hex(&Sha256::digest(&packed)))
}

/// Reads it back and checks its digest.
///
/// # Errors
/// When the file is missing, was changed, or is of another format.
pub fn read<T: DeserializeOwned>(path: &Path, sha256: &str) -> std::io::Result<T> {
    let packed = std::fs::read(path)?;
    if hex(&Sha256::digest(&packed)) != sha256 {
        return Err(std::io::Error::other("the file was changed after it was written"));
    }
    let json = zstd::decode_all(packed.as_slice())?;
    serde_json::from_slice(&json).map_err(std::io::Error::from)
}

/// Makes a rename survive a power cut.
///
/// # Errors
/// What the system says.
pub fn sync_dir(dir: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    std::fs::File::open(dir)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = dir;
    Ok(())
}
