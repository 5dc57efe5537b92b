//! Plimsoll assesses a Kubernetes cluster for compliance: read-only, and never a pass without data.

pub mod app;
pub mod config;
pub mod frameworks;
pub mod model;
pub mod session;
pub mod source;
pub mod text;
pub mod ui;
