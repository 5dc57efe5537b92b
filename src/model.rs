//! Plain data: objects, paths, reads, findings, decisions, answers, imports. No input or output of any kind.

pub mod applied;
pub mod arriving;
pub mod attestation;
pub mod captured;
pub mod changes;
pub mod comparison;
pub mod decision;
pub mod difference;
pub mod finding;
pub mod history;
pub mod image;
pub mod import;
pub mod inventory;
pub mod key;
pub mod kinds;
pub mod ledger;
pub mod lines;
pub mod managed;
pub mod node;
pub mod object;
pub mod path;
pub mod read;
pub mod served;
pub mod session_id;
pub mod settings;
mod shared;
pub mod trend;
