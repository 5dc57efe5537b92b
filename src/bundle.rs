//! Bundles: a session in one file that anybody can check without Plimsoll's machine, a network or
//! trust in who hands it over.
//!
//! The container is a tar archive of a fixed form (`archive`). Its first member is the manifest, which
//! names every other member with size and digest; then come a detached ed25519 signature over the
//! manifest and the public key of whoever signed (`key`). `write` makes a bundle, `verify` reads
//! one as a stream and says what does not fit.

mod about;
pub mod archive;
mod derived;
pub mod key;
mod manifest;
pub mod verify;
mod write;

pub use about::{BundleAbout, RunAbout};
pub use derived::{CONTENT, READS, REPORT};
pub use key::{PublicKey, SigningKey, SigningKeyError};
pub use manifest::{BundleManifest, BundleMember, SCHEMA, Signer};
pub use verify::{Unfit, Verified, VerifyError, directory, verify};
pub use write::{BundleError, ExtraMember, save, write};

/// The manifest: always the first member.
pub const MANIFEST: &str = "manifest.json";
/// The signature over the manifest, 64 bytes: always the second member.
pub const SIGNATURE: &str = "manifest.sig";
/// The public key of the signer: always the third member.
pub const SIGNER: &str = "signer.pem";
/// The journal of the session.
pub const JOURNAL: &str = "session/journal.jsonl";
/// The runs that the journal names.
pub const RUNS: &str = "session/runs/";
/// The results of other tools that the journal names.
pub const IMPORTS: &str = "session/imports/";

#[cfg(test)]
mod tests;
