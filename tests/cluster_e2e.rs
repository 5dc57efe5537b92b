//! The real binary against a real API server: assessments with full and with few rights, refused
//! and broken connections, the workbench on a cluster that changes, stops and comes back.
//!
//! Needs the fixture of `tests/cluster`: `$PLIMSOLL_FIXTURE` names its binary, or
//! `tests/fixture.sh` builds it. Run with `cargo test --test cluster_e2e -- --ignored`.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests may panic"
)]

#[path = "api/fixture.rs"]
#[allow(dead_code, reason = "each test binary uses a part of it")]
mod fixture;
#[path = "support/pty.rs"]
#[allow(dead_code, reason = "each test binary uses a part of it")]
mod pty;

#[path = "cluster_e2e/binary.rs"]
mod binary;
#[path = "cluster_e2e/following.rs"]
mod following;
#[path = "cluster_e2e/manners.rs"]
mod manners;
#[path = "cluster_e2e/people.rs"]
mod people;
#[path = "cluster_e2e/refusals.rs"]
mod refusals;
#[path = "cluster_e2e/rests.rs"]
mod rests;
#[path = "cluster_e2e/rights.rs"]
mod rights;
#[path = "cluster_e2e/role.rs"]
mod role;
#[path = "cluster_e2e/scanning.rs"]
mod scanning;
#[path = "cluster_e2e/workbench.rs"]
mod workbench;
#[path = "cluster_e2e/world.rs"]
mod world;
