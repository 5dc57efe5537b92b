//! Making a bundle.

use std::io::Write;
use std::path::Path;

use sha2::{Digest as _, Sha256};

use super::about::{BundleAbout, RunHead};
use super::archive;
use super::key::SigningKey;
use super::manifest::{BundleManifest, BundleMember, SCHEMA, Signer};
use super::{IMPORTS, JOURNAL, MANIFEST, RUNS, SIGNATURE, SIGNER};
use crate::fresh::{self, NewFileError};
use crate::session::journal::replay;
use crate::session::{JournalState, Session, pack};
use crate::text::hex;

/// Why a bundle could not be made.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// The file of the bundle cannot be made.
    #[error(transparent)]
    NewFile(#[from] NewFileError),
    /// The journal of the session cannot be read.
    #[error("{path}: {source}")]
    Journal {
        /// The journal.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// The session itself does not fit together: its bundle would not either.
    #[error("{path}: {why}; a bundle of this session would not verify, so none was made")]
    Damaged {
        /// The file.
        path: String,
        /// What is wrong with it.
        why: String,
    },
}

/// A member that others made of the session: a report, the reads, versions of the content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraMember {
    /// Its name, such as `reports/report.md`.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

/// Writes the bundle of a session to a file that does not exist yet, for its owner only; the state
/// is the one that the session was opened with. `content` is the digest of checks and frameworks.
///
/// # Errors
/// When the file exists or cannot be written, or the session is damaged. Half a file is removed.
pub fn save(
    session: &Session,
    content: &str,
    extras: Vec<ExtraMember>,
    key: &SigningKey,
    path: &Path,
) -> Result<BundleManifest, BundleError> {
    let (about, members) = gather(session, extras)?;
    Ok(fresh::create_private(path, |out| write(about, content, &members, key, out))?)
}

/// Writes a bundle of these members, the journal first, and returns its manifest.
///
/// # Errors
/// What the system says.
pub fn write(
    about: BundleAbout,
    content: &str,
    members: &[ExtraMember],
    key: &SigningKey,
    out: &mut impl Write,
) -> std::io::Result<BundleManifest> {
    let member = |extra: &ExtraMember| BundleMember {
        path: extra.path.clone(),
        size: extra.bytes.len() as u64,
        sha256: hex(&Sha256::digest(&extra.bytes)),
    };
    let manifest = BundleManifest {
        schema: SCHEMA.to_owned(),
        tool: env!("CARGO_PKG_VERSION").to_owned(),
        content: content.to_owned(),
        about,
        signer: Signer::of(key.public()),
        members: members.iter().map(member).collect(),
    };
    let mut text = serde_json::to_vec_pretty(&manifest)?;
    text.push(b'\n');
    archive::add(out, MANIFEST, &text)?;
    archive::add(out, SIGNATURE, &key.sign(&text))?;
    archive::add(out, SIGNER, key.public().to_pem().as_bytes())?;
    for extra in members {
        archive::add(out, &extra.path, &extra.bytes)?;
    }
    archive::finish(out)?;
    Ok(manifest)
}

/// What a session is about and the members of its bundle: journal, runs, and what others made of it.
fn gather(
    session: &Session,
    extras: Vec<ExtraMember>,
) -> Result<(BundleAbout, Vec<ExtraMember>), BundleError> {
    let path = session.dir().join("journal.jsonl");
    let mut journal = fresh::bytes(&path)
        .map_err(|source| BundleError::Journal { path: path.display().to_string(), source })?;
    // Whoever holds the session may have added to it since it was opened here.
    journal.truncate(usize::try_from(session.journal().length()).unwrap_or(usize::MAX));
    let mut state = JournalState::default();
    let chain = replay(&*journal, |entry| state.apply(&entry)).whole();
    let chain = chain.map_err(|stop| damaged(&path, stop.to_string()))?;
    let mut about = BundleAbout::of(session.id(), &state, &chain);
    let mut members = vec![ExtraMember { path: JOURNAL.to_owned(), bytes: journal }];
    for run in &state.runs {
        let path = session.dir().join("runs").join(&run.file);
        let bytes = whole(&path, &run.sha256)?;
        let head = RunHead::read(&*bytes, run.number).map_err(|why| damaged(&path, why))?;
        about.add(head, &run.sha256);
        members.push(ExtraMember { path: format!("{RUNS}{}", run.file), bytes });
    }
    for import in &state.imports {
        let bytes = whole(&session.dir().join("imports").join(&import.file), &import.sha256)?;
        members.push(ExtraMember { path: format!("{IMPORTS}{}", import.file), bytes });
    }
    members.extend(extras);
    Ok((about, members))
}

/// A file that the journal names, as it was when it was named.
fn whole(path: &Path, sha256: &str) -> Result<Vec<u8>, BundleError> {
    pack::check(path, sha256).map_err(|error| damaged(path, error.to_string()))
}

fn damaged(path: &Path, why: String) -> BundleError {
    BundleError::Damaged { path: path.display().to_string(), why }
}
