//! Configuration files: how they are read, never where they are.

pub mod keys;
pub mod theme;
