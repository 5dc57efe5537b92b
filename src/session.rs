//! Sessions: one assessment on disk. Everything acknowledged is in an append-only, hash-chained
//! journal that was synced before the word "saved" appeared.

pub mod act;
pub mod evidence;
pub mod journal;
pub mod run;
pub mod state;
pub mod store;

pub use act::Act;
pub use run::RunRecord;
pub use state::{ImportRef, Meta, RunRef, State};
pub use store::{Session, SessionError, Store, Summary};

/// The format that this version writes and reads.
pub const SCHEMA: &str = "plimsoll.session/v1";
