//! The workbench as people meet it: the real binary in a pseudo-terminal.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests may panic"
)]

#[path = "support/cluster.rs"]
mod cluster;
#[path = "workbench/deciding.rs"]
mod deciding;
#[path = "workbench/drawing.rs"]
mod drawing;
#[path = "workbench/fixing.rs"]
mod fixing;
#[path = "workbench/fleet.rs"]
mod fleet;
#[path = "workbench/grids.rs"]
mod grids;
#[path = "workbench/importing.rs"]
mod importing;
#[path = "workbench/leaving.rs"]
mod leaving;
#[path = "workbench/manners.rs"]
mod manners;
#[path = "workbench/moving.rs"]
mod moving;
#[path = "workbench/outside.rs"]
mod outside;
#[path = "workbench/pictures.rs"]
mod pictures;
#[path = "workbench/plain.rs"]
mod plain;
#[path = "support/pty.rs"]
mod pty;
#[path = "workbench/relating.rs"]
mod relating;
#[path = "workbench/rereading.rs"]
mod rereading;
#[path = "workbench/resuming.rs"]
mod resuming;
#[path = "workbench/running.rs"]
mod running;
#[path = "support/shots.rs"]
mod shots;
#[path = "workbench/starting.rs"]
mod starting;
#[path = "support/svg.rs"]
mod svg;
#[path = "workbench/world.rs"]
mod world;
