//! Imports Git repositories into other programs.

mod attributes;
mod budget;
mod cancel;
mod content;
mod error;
mod filter;
mod glob;
mod id;
mod import;
mod ingest;
mod limits;
mod local;
mod manifest;
mod nearness;
mod object;
#[cfg(test)]
mod oracle;
mod pack;
mod peel;
mod printable;
mod progress;
mod remote;
mod source;
mod spill;
mod tree;

pub use cancel::Cancel;
pub use content::{Basis, Bom, Content, Encoding, Eol, LfsId, LfsPointer};
pub use error::{Error, ErrorKind};
pub use id::{ContentHash, ObjectFormat, ObjectId, ParseIdError};
pub use import::{Blob, Control, Import, Options, import, import_path};
pub use limits::Limits;
pub use local::Verify;
pub use manifest::{
    Body, Children, Choices, Difference, Differences, Entries, EntriesOfKind, Entry, EntryKind,
    FileEntry, FileFacts, Flags, FolderEntry, Header, Lfs, Manifest, Origin, Reader, Record,
    SkipReason, Skipped, SubmoduleEntry, SymlinkEntry, SymlinkFacts, TextSink, Totals, Trailer,
};
pub use printable::Printable;
pub use progress::{Progress, Snapshot, Step};
pub use remote::{
    AddressClass, CredentialProvider, CredentialRequest, Credentials, Destination, HostKeys,
    Policy, Proxy, RemoteOptions, RemoteRef, Roots, Secret, SshOptions, Timeouts, ls_remote,
};
pub use source::{Host, ParsedSource, RemoteUrl, Scheme, Source, SourceOptions};

/// The stages by themselves, for this project's own benchmarks and fuzz targets. Not part of the
/// interface: it changes without notice.
#[doc(hidden)]
#[cfg(feature = "internals")]
pub mod internals;
