//! The workbench as a state machine: events in, state changed, effects out. It knows no terminal,
//! no network, no file and no clock; whoever drives it brings the time along.

pub mod action;
pub mod effect;
pub mod event;
pub mod filter;
pub mod input;
pub mod key;
pub mod keymap;
pub mod toast;
