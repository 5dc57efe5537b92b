//! Sources other than a live cluster: manifests and saved snapshots.

mod agree;
pub mod demo;
pub mod files;
mod implied;
mod kinds;
pub mod narrow;
pub mod redact;
mod shapes;
pub mod snapshot;
mod text;
pub mod written;
