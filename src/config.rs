//! Configuration files: how they are read and where they are.

pub mod context;
pub mod file;
pub mod keys;
pub mod profile;
pub mod theme;
