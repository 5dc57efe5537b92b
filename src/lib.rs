//! Plimsoll assesses a Kubernetes cluster for compliance: read-only, and never a pass without data.

pub mod app;
pub mod assess;
pub mod bundle;
pub mod checks;
pub mod cli;
pub mod cluster;
pub mod config;
pub mod facts;
pub mod frameworks;
pub mod fresh;
pub mod handwritten;
pub mod imports;
pub mod model;
pub mod packed;
pub mod report;
pub mod runtime;
pub mod session;
pub mod source;
pub mod term;
pub mod text;
pub mod triage;
pub mod ui;
