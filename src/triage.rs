//! Triage that is kept outside a session: files of decisions that live in version control, and what
//! other tools wrote about exceptions. Pure: texts and findings in, decisions out.

pub mod annotations;
pub mod board;
pub mod brought;
pub mod day;
pub mod file;
pub mod kubescape;
pub mod matcher;
mod tables;
mod write;

pub use board::{Board, board};
pub use brought::{Brought, Sources};
pub use file::{DecisionFile, FileError};
pub use write::{About, write};
