//! The extension module below the Python package `gitlade`.
//!
//! It translates and does not decide: options become those of the library, work runs on a thread of
//! its own while the interpreter goes on, and errors become the classes of `gitlade.errors`.

mod blobs;
mod bridge;
mod callback;
mod cli;
mod content;
mod control;
mod credentials;
mod detect;
mod engine;
mod entries;
mod entry;
mod errors;
mod facts;
mod job;
mod manifest;
mod ndjson;
mod options;
mod policy;
mod process;
mod remote;
mod sink;
mod source;
mod store;
mod stream;
mod table;
mod task;
mod text;
mod totals;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
mod _gitlade {
    use pyo3::prelude::*;

    #[pymodule_export]
    use crate::blobs::{
        BlobStore, FolderBlobs, MemoryBlobs, ObjectBlobs, SplitBlobs, SqliteBlobs, VerifiedBlobs,
    };
    #[pymodule_export]
    use crate::cli::main;
    #[pymodule_export]
    use crate::control::{Cancel, Progress};
    #[pymodule_export]
    use crate::credentials::{CredentialRequest, Credentials};
    #[pymodule_export]
    use crate::detect::detect;
    #[pymodule_export]
    use crate::engine::{Engine, Subscription};
    #[pymodule_export]
    use crate::entries::{Entries, EntryIterator};
    #[pymodule_export]
    use crate::entry::Entry;
    #[pymodule_export]
    use crate::errors::error_kinds;
    #[pymodule_export]
    use crate::facts::{Blob, Lfs};
    #[pymodule_export]
    use crate::job::{Job, start};
    #[pymodule_export]
    use crate::manifest::Manifest;
    #[pymodule_export]
    use crate::options::limits;
    #[pymodule_export]
    use crate::policy::{Destination, Policy};
    #[pymodule_export]
    use crate::source::{RemoteRef, ls_remote};
    #[pymodule_export]
    use crate::store::Store;
    #[pymodule_export]
    use crate::stream::BlobReader;
    #[pymodule_export]
    use crate::table::ArrowTable;
    #[pymodule_export]
    use crate::totals::{Skipped, Totals};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
