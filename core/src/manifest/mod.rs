//! The ordered list of what was imported.

mod flags;

pub use flags::Flags;
