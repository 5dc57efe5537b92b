//! Checks: their files, their rules, and running them over an inventory.

mod beside;
mod capture;
pub mod cel;
pub mod check;
mod compiled;
mod cost;
#[cfg(test)]
mod differential;
pub mod examples;
pub mod fingerprint;
pub mod follow;
mod gaps;
mod judge;
pub mod kinds;
pub mod library;
pub mod lint;
mod locate;
mod merge;
mod message;
mod named;
mod outside;
pub mod place;
pub mod plan;
pub mod remedy;
mod render;
mod replay;
pub mod run;
mod schema;
pub mod scope;
pub mod select;
mod settle;
mod target;
#[cfg(test)]
mod tests;
mod worker;

pub use capture::capture;
pub use check::Check;
pub use compiled::Params;
pub use examples::{ExampleOutcome, run_examples};
pub use follow::Following;
pub use library::Library;
pub use named::kinds_of;
pub use plan::Plan;
pub use remedy::{Remedy, remedy_with};
pub use run::{Monitor, Silent, run};
pub use scope::Scope;
pub use select::{LabelSelector, RunScope};
