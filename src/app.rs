//! The workbench as a state machine: events in, state changed, effects out. It knows no terminal,
//! no network, no file and no clock; whoever drives it brings the time along.

pub mod access;
pub mod action;
pub mod barren;
pub mod cause;
pub mod columns;
pub mod compared;
mod copy;
pub mod data;
pub mod dialog;
pub mod effect;
pub mod event;
pub mod exceptions;
mod facets;
pub mod filter;
mod foreseen;
pub mod grid;
pub mod heat;
pub mod input;
pub mod item;
pub mod key;
pub mod keymap;
pub mod linear;
pub mod list;
pub mod managers;
pub mod matrix;
pub mod nav;
pub mod network;
pub mod pointer;
pub mod preview;
pub mod relations;
pub mod route;
mod rows;
pub mod state;
pub mod tenants;
pub mod toast;
mod update;
