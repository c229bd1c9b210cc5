//! Imports Git repositories into other programs.

mod attributes;
mod budget;
mod cancel;
mod content;
mod error;
mod filter;
mod glob;
mod id;
mod limits;
#[cfg(test)]
mod oracle;
mod printable;
mod progress;

pub use cancel::Cancel;
pub use content::{Basis, Bom, Content, Encoding, Eol, LfsId, LfsPointer};
pub use error::{Error, ErrorKind};
pub use id::{ContentHash, ObjectFormat, ObjectId, ParseIdError};
pub use limits::Limits;
pub use printable::Printable;
pub use progress::{Progress, Snapshot, Step};
