//! Frameworks: standards and their controls, and what a run of checks says of each control.

pub mod judge;
pub mod range;
pub mod schema;

pub use judge::{
    CheckState, ControlCheck, ControlResult, Counts, FrameworkResult, JudgeInput, Score, Status,
    judge,
};
pub use schema::{Assessment, Control, Framework, FrameworkKind, Mapping, Set, Strength};
