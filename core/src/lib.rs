//! Imports Git repositories into other programs.
//!
//! A host hands over a path or a URL and gets every folder and file of one commit: in order, parents
//! first; classified as text or binary, with the encoding; content-addressed with BLAKE3; with the
//! bytes at hand. No `git` program is needed, nothing is checked out, and nothing that a repository
//! holds is executed or becomes a path on the host.
//!
//! ```
//! use gitlade::{Control, Options};
//!
//! # fn main() -> Result<(), gitlade::Error> {
//! # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
//! # if !std::path::Path::new(folder).join(".git").exists() { return Ok(()); }
//! let options = Options::default().subdir("core").include("*.rs");
//! let import = gitlade::import_path(folder, &options, &Control::new())?;
//!
//! let manifest = import.manifest();
//! let file = manifest.get(b"src/lib.rs").expect("it is this very file");
//! assert!(import.text(file)?.starts_with("//! Imports Git repositories"));
//! assert_eq!(manifest.totals().files, manifest.files().count() as u64);
//! # Ok(())
//! # }
//! ```
//!
//! # Where to begin
//!
//! - [`import()`] takes a [`Source`], which is a path or a URL; [`import_path`] takes a path.
//! - [`detect()`] says what is at a URL before it is imported: Git or another system, and for the page
//!   of a forge, which repository, revision and folder.
//! - [`Options`] say what is imported, within which [`Limits`], and how a server is reached
//!   ([`RemoteOptions`], [`Policy`], [`Credentials`]).
//! - [`Control`] holds the strings of a running import: [`Progress`] to poll, [`Cancel`] to stop it.
//! - [`Import`] is the result: the [`Manifest`], and the content of its files.
//! - [`BlobStore`] keeps content by its digest, in one of several media; [`import_into`] fills one
//!   while the import runs ([`StoreSink`]).
//! - [`Engine`] runs imports into a [`Store`] in the background: queued, watched, cancelled, started
//!   again.
//! - [`Error`] is everything that can go wrong, with a stable [`ErrorKind`] and advice.
//!
//! # The way of the data
//!
//! ```text
//! source ──> remote (one fetch)  ──> pack stream ──> ingest ──┐
//!        └─> local  (repository) ──> pack ──> objects ────────┴──> content ──> tree ──> manifest
//!                                                              hash, classify  order    entries
//! ```
//!
//! A blob is inflated, hashed and classified once for each object id, however many paths name it.
//! Both feeders hand over the same facts, so the same commit gives the same manifest either way.

// In the order of the data: where it comes from, how it is read, what is said of it, what comes out.
mod source;

mod detect;

mod remote;

mod ingest;

mod local;

mod ancestry;
mod object;
mod pack;
mod peel;

mod content;

mod filter;
mod glob;
mod tree;

mod attributes;

mod manifest;

mod import;

mod blobs;

mod store;

mod engine;

#[cfg(feature = "arrow")]
mod table;

// What all stages share.
mod budget;
mod cancel;
mod error;
mod id;
mod limits;
mod nearness;
mod printable;
mod progress;
mod spill;
mod sqlite;

#[cfg(test)]
mod oracle;

/// Keeps the example of the README compiling.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;

pub use blobs::{
    BlobIter, BlobRead, BlobStore, Durability, FolderBlobs, FolderOptions, MemoryBlobs, Put,
    SplitBlobs, SqliteBlobs, SqliteOptions, StoreSink, StoredBlob, Verified,
};
#[cfg(feature = "object-store")]
pub use blobs::{ObjectBlobs, ObjectOptions};
pub use cancel::Cancel;
pub use content::{Basis, Bom, Content, Encoding, Eol, LfsId, LfsPointer};
pub use detect::{Candidate, Detected, Detection, Forge, ForgePage, Target, detect};
pub use engine::{
    Engine, EngineOptions, Event, EventKind, ImportProgress, Missed, Received, Request, Restart,
    SubscribeOptions, Subscription,
};
pub use error::{Error, ErrorKind};
pub use id::{ContentHash, ObjectFormat, ObjectId, ParseIdError};
pub use import::{
    Blob, BlobInfo, BlobSink, Control, Import, Options, import, import_into, import_path,
};
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
    AddressClass, ClientCertificate, CredentialProvider, CredentialRequest, Credentials,
    Destination, HostKeys, Policy, Proxy, RemoteOptions, RemoteRef, Roots, Secret, SshOptions,
    Timeouts, ls_remote,
};
pub use source::{Host, OtherSystem, ParsedSource, RemoteUrl, Scheme, Source, SourceOptions};
pub use store::{
    CheckOptions, CheckReport, FailedFetch, Failure, GcOptions, GcReport, ImportFilter, ImportId,
    ImportRecord, LargeFile, Leftovers, LogLine, Loss, Outcome, Page, Problem, ProblemKind,
    RecordedProgress, RepairOptions, RepairReport, Sort, Status, Store, StoreOptions, StoreStats,
    StoredPlace, TenantStats,
};
#[cfg(feature = "arrow")]
pub use table::{ArrowStream, TableOptions};

/// The stages by themselves, for this project's own benchmarks and fuzz targets. Not part of the
/// interface: it changes without notice.
#[doc(hidden)]
#[cfg(feature = "internals")]
pub mod internals;
