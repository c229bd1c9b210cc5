//! Imports Git repositories into other programs.

mod budget;
mod cancel;
mod error;
mod id;
mod limits;
mod manifest;
mod printable;
mod progress;
mod tree;

pub use cancel::Cancel;
pub use error::{Error, ErrorKind};
pub use id::{ContentHash, ObjectFormat, ObjectId, ParseIdError};
pub use limits::Limits;
pub use manifest::Flags;
pub use printable::Printable;
pub use progress::{Progress, Snapshot, Step};
