//! The standard store: one folder, no server.
//!
//! ```text
//! DIR/gitlade.db         SQLite: imports, folders, files, the decoded text of text files
//! DIR/blobs/ab/cdef…     binary content, and the bytes of texts that are not plain UTF-8;
//!                        the name is what b3sum prints
//! DIR/locks/….lock       locked by each process that runs imports
//! ```

mod attempt;
mod connection;
mod content;
mod error;
mod facts;
mod filter;
mod keeper;
mod manifest;
mod mend;
mod options;
mod owner;
mod queue;
mod recall;
mod record;
mod registry;
mod run;
mod schema;
mod snapshot;
mod value;
mod verdicts;
mod writer;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::blobs::{FolderBlobs, FolderOptions};
use crate::error::{Error, FileError};
use connection::Connections;
use error::StoreError;

pub use filter::{ImportFilter, Page, Sort};
pub use options::StoreOptions;
pub(crate) use owner::Owner;
pub use record::{
    Failure, ImportId, ImportRecord, LargeFile, LogLine, Outcome, RecordedProgress, Status,
};
pub(crate) use registry::{Ended, NewImport, StoredRequest};

/// A folder that keeps imports: a SQLite database and a directory of blobs.
///
/// Clones are the same store; any number of threads and processes may use it at once.
#[derive(Clone, Debug)]
pub struct Store(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    folder: PathBuf,
    options: StoreOptions,
    connections: Connections,
    blobs: FolderBlobs,
}

impl Store {
    /// Opens the store in `folder`, and makes it if there is none.
    ///
    /// # Errors
    ///
    /// [`CorruptStore`](crate::ErrorKind::CorruptStore) if what is there is not a store, is damaged,
    /// or of a newer version, and what the operating system refuses.
    pub fn open(folder: impl AsRef<Path>) -> Result<Store, Error> {
        Self::open_with(folder, &StoreOptions::default())
    }

    /// Opens the store in `folder`; see [`open`](Self::open).
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), and [`Io`](crate::ErrorKind::Io) if there is none and nothing may
    /// be written.
    pub fn open_with(folder: impl AsRef<Path>, options: &StoreOptions) -> Result<Store, Error> {
        let folder = folder.as_ref();
        if !options.read_only {
            std::fs::create_dir_all(folder)
                .map_err(|error| FileError::new("make", folder, error))?;
        }
        // Another working directory later on is of no matter.
        let folder =
            std::path::absolute(folder).map_err(|error| FileError::new("find", folder, error))?;
        let connections = Connections::open(folder.join("gitlade.db"), options)?;
        let blobs = FolderBlobs::open_with(
            folder.join("blobs"),
            &FolderOptions::default()
                .durability(options.durability)
                .compress(options.compress)
                .read_only(options.read_only),
        )?;
        Ok(Store(Arc::new(Inner {
            folder,
            options: options.clone(),
            connections,
            blobs,
        })))
    }

    /// The folder that it is in.
    pub fn folder(&self) -> &Path {
        &self.0.folder
    }

    /// Contents that are not in the database.
    fn blobs(&self) -> &FolderBlobs {
        &self.0.blobs
    }

    fn locks(&self) -> PathBuf {
        self.0.folder.join("locks")
    }

    fn writable(&self) -> Result<(), Error> {
        if self.0.options.read_only {
            return Err(StoreError::ReadOnly.into());
        }
        Ok(())
    }
}
