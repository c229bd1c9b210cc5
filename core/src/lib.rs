//! Imports Git repositories into other programs.

mod budget;
mod cancel;
mod content;
mod error;
mod id;
mod limits;
mod manifest;
mod printable;
mod progress;

pub use cancel::Cancel;
pub use content::{Basis, Bom, Content, Encoding, Eol, LfsId, LfsPointer};
pub use error::{Error, ErrorKind};
pub use id::{ContentHash, ObjectFormat, ObjectId, ParseIdError};
pub use limits::Limits;
pub use manifest::{
    Body, Children, Choices, Difference, Differences, Entries, EntriesOfKind, Entry, EntryKind,
    FileEntry, FileFacts, Flags, FolderEntry, Header, Lfs, Manifest, Origin, Reader, Record,
    SkipReason, Skipped, SubmoduleEntry, SymlinkEntry, SymlinkFacts, TextSink, Totals, Trailer,
};
pub use printable::Printable;
pub use progress::{Progress, Snapshot, Step};
