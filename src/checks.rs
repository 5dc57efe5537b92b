//! Checks: their files, their rules, and running them over an inventory.

pub mod cel;
