//! The manifest: what is in a bundle, what it is about, and who signed it.

use serde::{Deserialize, Serialize};

use super::about::BundleAbout;
use super::key::PublicKey;

/// The format that this version writes and reads.
pub const SCHEMA: &str = "plimsoll.bundle/v1";

/// The first member of every bundle; the signature is over its bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BundleManifest {
    /// Format.
    pub schema: String,
    /// Version of the program that made the bundle.
    pub tool: String,
    /// Digest of the checks and frameworks by which the reports of the bundle were judged.
    pub content: String,
    /// What it is about.
    pub about: BundleAbout,
    /// Who signed it.
    pub signer: Signer,
    /// Every member but manifest, signature and public key, in the order of the archive.
    pub members: Vec<BundleMember>,
}

impl BundleManifest {
    /// Numbers of the runs that were judged by other checks or frameworks than the reports: what is said
    /// here of the texts in use is not said of these.
    #[must_use]
    pub fn judged_otherwise(&self) -> Vec<String> {
        let others = self.about.runs.iter().filter(|run| run.content != self.content);
        others.map(|run| run.number.to_string()).collect()
    }
}

/// Who signs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Signer {
    /// `ed25519`.
    pub algorithm: String,
    /// Of the public key, see [`PublicKey::fingerprint`].
    pub fingerprint: String,
}

impl Signer {
    /// The signer with this public key.
    #[must_use]
    pub fn of(key: PublicKey) -> Self {
        Self { algorithm: "ed25519".to_owned(), fingerprint: key.fingerprint() }
    }
}

/// A member of the archive.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct BundleMember {
    /// Its name, below the directory of the archive.
    pub path: String,
    /// In bytes.
    pub size: u64,
    /// In hex.
    pub sha256: String,
}
