//! What is imported: a path on this machine, or a URL.

mod error;
mod host;
mod scheme;

pub use host::Host;
pub use scheme::Scheme;
