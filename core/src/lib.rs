//! Imports Git repositories into other programs.

mod budget;
mod cancel;
mod content;
mod error;
mod id;
mod limits;
mod local;
mod nearness;
mod object;
mod pack;
mod printable;
mod progress;
mod spill;

pub use cancel::Cancel;
pub use error::{Error, ErrorKind};
pub use id::{ContentHash, ObjectFormat, ObjectId, ParseIdError};
pub use limits::Limits;
pub use printable::Printable;
pub use progress::{Progress, Snapshot, Step};
