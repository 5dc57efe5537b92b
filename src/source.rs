//! Sources other than a live cluster: manifests and saved snapshots.

pub mod demo;
pub mod files;
pub mod redact;
pub mod snapshot;
pub mod written;
