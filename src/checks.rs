//! Checks: their files, their rules, and running them over an inventory.

pub mod cel;
pub mod check;
mod compiled;
pub mod fingerprint;
pub mod kinds;
pub mod library;
mod locate;
mod message;
pub mod place;
mod schema;
pub mod scope;

pub use check::Check;
pub use compiled::Params;
pub use library::Library;
pub use scope::Scope;
