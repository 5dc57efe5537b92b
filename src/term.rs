//! The terminal: the only user of crossterm. Every mode that is set here is undone on every way
//! out: return, error, panic, signal, suspension.

pub mod account;
pub mod background;
pub mod caps;
pub mod clipboard;
pub mod external;
pub mod guard;
pub mod hangup;
pub mod input;
pub mod link;
pub mod screen;
pub mod signals;

pub use caps::Caps;
pub use guard::Guard;
pub use hangup::Hangup;
pub use screen::Screen;
