//! Reports in the formats of other programs, held against the schemas that their owners publish.
//!
//! Where the schemas come from stands in `tests/schemas/README.md`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

#[path = "exchange/assessed.rs"]
mod assessed;
#[path = "exchange/navigator.rs"]
mod navigator;
#[path = "exchange/oscal.rs"]
mod oscal;
#[path = "exchange/policy.rs"]
mod policy;
#[path = "support/run.rs"]
mod run;
#[path = "exchange/schemas.rs"]
mod schemas;
