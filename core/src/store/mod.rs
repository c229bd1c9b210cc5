//! The standard store: one folder, no server.
//!
//! ```text
//! DIR/gitlade.db         SQLite: imports, folders, files, the decoded text of text files
//! DIR/blobs/ab/cdef…     binary content, and the bytes of texts that are not plain UTF-8;
//!                        the name is what b3sum prints
//! DIR/locks/….lock       locked by each process that runs imports
//! ```
//!
//! # How an import is written
//!
//! The threads that read hand each blob over once ([`keeper`]): text decoded, through a bounded queue
//! ([`queue`]) to the one thread that writes ([`writer`]); what the text alone is not enough for, to
//! the folder of blobs at once. All that comes in batches, while nothing refers to it. When the
//! manifest is there, what attributes say otherwise of is added ([`mend`]), and then all rows of the
//! manifest and the status `complete` are one transaction ([`snapshot`], [`run`]), which waits for the
//! disk. So a reader sees an import as a whole or not at all, and a crash leaves contents that the
//! next collection of garbage takes.
//!
//! # What is shared
//!
//! A content has one row however many files of however many imports have it, and imports of one tree
//! under the same options share their rows. What a blob, a tree or a commit was found to be is found
//! again by its object id ([`recall`]), so that nothing that was imported is read or fetched again.
//!
//! # Invariants
//!
//! - A row of `contents` with `stored` other than `text` means that its blob is there, and durable.
//! - Blobs are removed only while the database is locked for writing, and only if no row names them.
//!   An import looks for its blobs once more when it writes their rows.
//! - What no digest or object id speaks for is sealed ([`seal`]): the rows of a snapshot, the record of a
//!   complete import, what commits lead to.
//! - Whoever removes contents raises `losses` in `state`, which triggers do. An import that finds it
//!   raised looks for everything that it knew of, and reads again what is gone.

mod attempt;
mod connection;
mod content;
mod error;
mod facts;
mod filter;
mod foreign;
mod hasher;
mod keeper;
mod listing;
mod manifest;
mod mend;
mod options;
#[cfg(test)]
mod others;
mod owner;
#[cfg(feature = "internals")]
pub(crate) mod probe;
mod queue;
mod recall;
mod record;
mod registry;
mod rows;
mod run;
mod schema;
mod seal;
mod snapshot;
#[cfg(test)]
mod tests;
mod texts;
mod value;
mod verdicts;
mod whole;
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
pub(crate) use registry::{Ended, FIRST_ATTEMPT, NewImport, StoredRequest};
pub use whole::{
    CheckOptions, CheckReport, FailedFetch, GcOptions, GcReport, Leftovers, Loss, Problem,
    ProblemKind, RepairOptions, RepairReport, StoreStats, StoredPlace, TenantStats,
};

/// A folder that keeps imports: a SQLite database and a directory of blobs.
///
/// Clones are the same store; any number of threads and processes may use it at once.
///
/// ```
/// use gitlade::{Control, Options, Source, Store};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let path = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// # if !std::path::Path::new(path).join(".git").exists() { return Ok(()); }
/// # let folder = tempfile::tempdir()?;
/// let store = Store::open(folder.path())?;
/// let options = Options::default().subdir("core").include("*.toml");
/// let import = store.import(&Source::parse(path)?, &options, &Control::new())?;
/// assert!(store.text(import.id, "Cargo.toml")?.contains("gitlade"));
///
/// // The same with any program that reads SQLite's files.
/// let database = rusqlite::Connection::open(store.database())?;
/// let text: String = database.query_row(
///     "SELECT text FROM import_files WHERE import_id = ?1 AND path = 'Cargo.toml'",
///     [import.id.0 as i64],
///     |row| row.get(0),
/// )?;
/// assert_eq!(text, store.text(import.id, "Cargo.toml")?);
/// # Ok(())
/// # }
/// ```
///
/// # The database
///
/// Hosts read its views, which mean the same as long as the version of the schema does; they write
/// nothing, and keep tables of their own in a database of their own (`ATTACH`).
///
/// | view | a row for each |
/// | --- | --- |
/// | `import_list` | import, whatever became of it: tenant, source, status, commit, counts, error, times |
/// | `import_files` | file, symlink and submodule of the complete imports, with `text` for texts |
/// | `import_folders` | folder of the complete imports |
/// | `import_large_files` | file over the store's threshold |
///
/// ```sql
/// -- The latest complete import of a repository.
/// SELECT max(id) FROM import_list WHERE owner = ? AND repository = ? AND status = 'complete';
/// -- Everything in order, parents first.
/// SELECT path, kind FROM (
///     SELECT path, kind, position FROM import_files WHERE import_id = ?1
///     UNION ALL SELECT path, 'folder', position FROM import_folders WHERE import_id = ?1)
/// ORDER BY position;
/// -- What lies in a folder, and what in the root.
/// SELECT name, kind, size FROM import_files WHERE import_id = ? AND folder = 'src';
/// SELECT name, files, bytes FROM import_folders WHERE import_id = ? AND folder = 'src';
/// SELECT name, kind, size FROM import_files WHERE import_id = ? AND folder_id IS NULL;
/// SELECT name, files, bytes FROM import_folders WHERE import_id = ? AND folder_id IS NULL;
/// -- One file.
/// SELECT text FROM import_files WHERE import_id = ? AND path = 'src/main.rs';
/// -- All texts, and where the bytes of a binary are.
/// SELECT path, text FROM import_files WHERE import_id = ? AND content = 'text';
/// SELECT path, 'blobs/' || substr(digest, 1, 2) || '/' || substr(digest, 3)
/// FROM import_files WHERE import_id = ? AND stored <> 'text';
/// -- Where a content stands, in all imports; the tables have digests as bytes, such as x'af13…'.
/// SELECT i.id, f.path FROM contents c JOIN files f ON f.content_id = c.id
/// JOIN imports i ON i.snapshot_id = f.snapshot_id WHERE c.digest = ?;
/// ```
///
/// Paths that are not UTF-8 are BLOBs of the same bytes. Texts may hold NUL characters, at which some
/// programs stop reading: `CAST(text AS BLOB)` has all of it.
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

    /// The database, for other programs to read.
    pub fn database(&self) -> &Path {
        self.0.connections.file()
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
