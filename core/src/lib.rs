//! Imports Git repositories into other programs.

mod budget;
mod cancel;
mod content;
mod error;
mod id;
mod ingest;
mod limits;
mod local;
mod manifest;
mod nearness;
mod object;
mod pack;
mod printable;
mod progress;
mod spill;
mod tree;

pub use cancel::Cancel;
pub use error::{Error, ErrorKind};
pub use id::{ContentHash, ObjectFormat, ObjectId, ParseIdError};
pub use limits::Limits;
pub use local::Verify;
pub use manifest::Flags;
pub use printable::Printable;
pub use progress::{Progress, Snapshot, Step};

/// The stages by themselves, for this project's own benchmarks and fuzz targets. Not part of the
/// interface: it changes without notice.
#[doc(hidden)]
#[cfg(feature = "internals")]
pub mod internals;
