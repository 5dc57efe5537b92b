//! The workbench as people meet it: the real binary in a pseudo-terminal.
#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

#[path = "workbench/deciding.rs"]
mod deciding;
#[path = "workbench/drawing.rs"]
mod drawing;
#[path = "workbench/leaving.rs"]
mod leaving;
#[path = "workbench/moving.rs"]
mod moving;
#[path = "workbench/outside.rs"]
mod outside;
#[path = "support/pty.rs"]
mod pty;
#[path = "workbench/resuming.rs"]
mod resuming;
#[path = "workbench/running.rs"]
mod running;
#[path = "workbench/starting.rs"]
mod starting;
#[path = "workbench/world.rs"]
mod world;
