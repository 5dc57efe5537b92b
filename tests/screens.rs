//! The workbench without a terminal: key macros in, frames and effects out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on must fail"
)]

#[path = "screens/alike.rs"]
mod alike;
#[path = "screens/answers.rs"]
mod answers;
#[path = "screens/counts.rs"]
mod counts;
#[path = "screens/fixture.rs"]
mod fixture;
#[path = "screens/fleet.rs"]
mod fleet;
#[path = "screens/flows.rs"]
mod flows;
#[path = "screens/following.rs"]
mod following;
#[path = "screens/forms.rs"]
mod forms;
#[path = "screens/frames.rs"]
mod frames;
#[path = "screens/grids.rs"]
mod grids;
#[path = "screens/habits.rs"]
mod habits;
#[path = "screens/linear.rs"]
mod linear;
#[path = "screens/manifests.rs"]
mod manifests;
#[path = "screens/manners.rs"]
mod manners;
#[path = "screens/panes.rs"]
mod panes;
#[path = "screens/pickers.rs"]
mod pickers;
#[path = "screens/related.rs"]
mod related;
#[path = "screens/sizes.rs"]
mod sizes;
#[path = "screens/sources.rs"]
mod sources;
#[path = "screens/tables.rs"]
mod tables;
