//! The binary without a terminal: what it prints, where, and the status it ends with.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests may panic"
)]

#[path = "cli/ages.rs"]
mod ages;
#[path = "cli/ascii.rs"]
mod ascii;
#[path = "cli/bundle.rs"]
mod bundle;
#[path = "cli/caution.rs"]
mod caution;
#[path = "support/cluster.rs"]
mod cluster;
#[path = "cli/commands.rs"]
mod commands;
#[path = "cli/compare.rs"]
mod compare;
#[path = "cli/completions.rs"]
mod completions;
#[path = "cli/configs.rs"]
mod configs;
#[path = "cli/costly.rs"]
mod costly;
#[path = "cli/damaged.rs"]
mod damaged;
#[path = "cli/document.rs"]
mod document;
#[path = "cli/editions.rs"]
mod editions;
#[path = "cli/exchange.rs"]
mod exchange;
#[path = "cli/fields.rs"]
mod fields;
#[path = "cli/fleet.rs"]
mod fleet;
#[path = "cli/gates.rs"]
mod gates;
#[path = "cli/guide.rs"]
mod guide;
#[path = "cli/hostile.rs"]
mod hostile;
#[path = "cli/imports.rs"]
mod imports;
#[path = "cli/kubeconfig.rs"]
mod kubeconfig;
#[path = "cli/mirrors.rs"]
mod mirrors;
#[path = "cli/names.rs"]
mod names;
#[path = "cli/narrowed.rs"]
mod narrowed;
#[path = "cli/overdue.rs"]
mod overdue;
#[path = "cli/own.rs"]
mod own;
#[path = "cli/profiles.rs"]
mod profiles;
#[path = "cli/readers.rs"]
mod readers;
#[path = "cli/recording.rs"]
mod recording;
#[path = "cli/relations.rs"]
mod relations;
#[path = "cli/role.rs"]
mod role;
#[path = "support/run.rs"]
mod run;
#[path = "cli/sandbox.rs"]
mod sandbox;
#[path = "cli/selection.rs"]
mod selection;
#[path = "cli/sessions.rs"]
mod sessions;
#[path = "cli/setup.rs"]
mod setup;
#[path = "cli/snapshots.rs"]
mod snapshots;
#[path = "cli/sources.rs"]
mod sources;
#[path = "cli/status.rs"]
mod status;
#[path = "cli/trees.rs"]
mod trees;
#[path = "cli/triage.rs"]
mod triage;
