//! Reports in the formats of others, read back by readers of others.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that meets what it does not expect shall fail"
)]

#[path = "reports/any.rs"]
mod any;
#[path = "reports/browser.rs"]
mod browser;
#[path = "reports/fixture.rs"]
mod fixture;
#[path = "reports/html.rs"]
mod html;
#[path = "reports/junit.rs"]
mod junit;
#[path = "support/run.rs"]
mod run;
#[path = "reports/sarif.rs"]
mod sarif;
#[path = "reports/tables.rs"]
mod tables;
