//! Plain data: objects, paths, reads, findings, decisions. No input or output of any kind.

pub mod applied;
pub mod captured;
pub mod decision;
pub mod finding;
pub mod inventory;
pub mod key;
pub mod kinds;
pub mod lines;
pub mod node;
pub mod object;
pub mod path;
pub mod read;
