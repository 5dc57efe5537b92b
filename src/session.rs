//! Sessions: one assessment on disk. Everything acknowledged is in an append-only, hash-chained
//! journal that was synced before the word "saved" appeared.

pub mod act;
pub mod between;
mod changes;
pub mod compare;
mod departed;
pub mod disk;
pub mod evidence;
pub mod history;
pub mod journal;
mod lock;
pub mod open;
pub(crate) mod pack;
mod record;
pub mod run;
pub mod settle;
pub mod state;
pub mod store;
pub mod summary;
pub mod trend;

pub use act::Act;
pub use between::{RunInSession, between};
pub use compare::compare;
pub use history::follow;
pub use open::Session;
pub use record::Recorded;
pub use run::RunRecord;
pub use settle::settle;
pub use state::{ImportRef, JournalState, RunRef, SessionMeta};
pub use store::{SessionError, SessionStore, SessionSummary};

/// The format that this version writes and reads.
pub const SCHEMA: &str = "plimsoll.session/v1";
