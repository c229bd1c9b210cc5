//! A store that is a table of a SQLite database.
//!
//! ```text
//! blobs         (id, digest, size, bytes)      bytes: the content of up to 1 MiB, NULL above it
//! blobs_chunks  (blob, number, bytes)          the content above it, in pieces of 1 MiB
//! ```
//!
//! A single value cannot be larger than a gigabyte in SQLite, and is read as a whole; chunks keep
//! memory small and sizes open.

mod connections;
mod get;
mod list;
mod options;
mod put;
mod reader;
mod statements;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rusqlite::OptionalExtension as _;

use super::error::{BlobError, Damage};
use super::{BlobIter, BlobRead, BlobStore, Durability, Put};
use crate::error::{Error, ErrorKind};
use crate::id::ContentHash;
use connections::Connections;
use list::List;
use reader::SqliteReader;
use statements::Statements;

pub use options::SqliteOptions;

/// The length of all chunks of a blob but the last.
const CHUNK: usize = 1 << 20;

/// Keeps blobs in a table of a SQLite database: one of its own, or one that the host has already.
///
/// Any number of processes may use the same table. A new database is put into WAL mode; one that is
/// there stays in the mode that it has.
///
/// ```
/// use gitlade::{BlobStore, ContentHash, SqliteBlobs};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let folder = tempfile::tempdir()?;
/// let store = SqliteBlobs::open(folder.path().join("blobs.db"))?;
/// let digest = ContentHash::of(b"hello");
/// store.put(&digest, b"hello")?;
/// store.sync()?;
/// assert_eq!(store.size(&digest)?, Some(5));
/// # Ok(())
/// # }
/// ```
pub struct SqliteBlobs(Arc<Inner>);

struct Inner {
    path: PathBuf,
    options: SqliteOptions,
    statements: Statements,
    connections: Connections,
}

impl SqliteBlobs {
    /// Opens the table `blobs` of the database at `path`, and makes both if they are not there.
    ///
    /// # Errors
    ///
    /// What the operating system refuses, and [`CorruptStore`](ErrorKind::CorruptStore) if the file
    /// is no database or the table another one.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::open_with(path, &SqliteOptions::default())
    }

    /// Opens the table that `options` name.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), and [`InvalidOptions`](ErrorKind::InvalidOptions).
    pub fn open_with(path: impl AsRef<Path>, options: &SqliteOptions) -> Result<Self, Error> {
        let path = path.as_ref();
        if !statements::is_identifier(&options.table) {
            return Err(Error::advised(
                ErrorKind::InvalidOptions,
                "the name of the table is none that SQL takes as it is",
                "use ASCII letters, digits and underscores, and begin with a letter",
            ));
        }
        if path.as_os_str().is_empty() {
            let text = "the path of the database is empty";
            return Err(Error::message(ErrorKind::InvalidOptions, text));
        }
        // Names that begin with a colon mean something else to SQLite.
        let path = match path.as_os_str().as_encoded_bytes().first() {
            Some(b':') => Path::new(".").join(path),
            _ => path.to_owned(),
        };
        let inner = Inner {
            statements: Statements::new(&options.table),
            connections: Connections::new(path.clone(), options.clone()),
            options: options.clone(),
            path,
        };
        inner.prepare()?;
        Ok(SqliteBlobs(Arc::new(inner)))
    }

    /// The database, as it was named when the store was opened.
    pub fn path(&self) -> &Path {
        &self.0.path
    }
}

impl Inner {
    /// An error of SQLite.
    fn refused(
        &self,
        action: &'static str,
        digest: Option<&ContentHash>,
        error: rusqlite::Error,
    ) -> BlobError {
        BlobError::database(action, &self.path, digest.copied(), error)
    }

    fn corrupt(&self, digest: &ContentHash, damage: Damage) -> BlobError {
        BlobError::corrupt(self.path.clone(), *digest, damage)
    }

    fn find_size(&self, digest: &ContentHash) -> Result<Option<u64>, BlobError> {
        let refused = |error| self.refused("read from", Some(digest), error);
        let connection = self.connections.reader()?;
        let size: Option<i64> = connection
            .prepare_cached(&self.statements.size)
            .map_err(refused)?
            .query_row([&digest.0], |row| row.get(1))
            .optional()
            .map_err(refused)?;
        Ok(size.map(|size| size.max(0) as u64))
    }

    fn open_reader(self: &Arc<Self>, digest: &ContentHash) -> Result<Option<SqliteReader>, Error> {
        let Some(size) = self.find_size(digest)? else {
            return Ok(None);
        };
        let mut chunk = None;
        if size <= CHUNK as u64 {
            match self.read(digest)? {
                Some(bytes) => chunk = Some((0, bytes)),
                None => return Ok(None),
            }
        }
        Ok(Some(SqliteReader {
            inner: Arc::clone(self),
            digest: *digest,
            // Another length may have been put since the look at it.
            size: chunk.as_ref().map_or(size, |(_, bytes)| bytes.len() as u64),
            position: 0,
            chunk,
        }))
    }

    fn check_writable(&self, digest: &ContentHash) -> Result<(), BlobError> {
        if self.options.read_only {
            return Err(BlobError::ReadOnly {
                digest: Some(*digest),
            });
        }
        Ok(())
    }
}

impl BlobStore for SqliteBlobs {
    fn put(&self, digest: &ContentHash, bytes: &[u8]) -> Result<Put, Error> {
        self.0.check_writable(digest)?;
        Ok(self.0.put(digest, bytes)?)
    }

    fn get(&self, digest: &ContentHash) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.0.read(digest)?)
    }

    fn reader(&self, digest: &ContentHash) -> Result<Option<Box<dyn BlobRead>>, Error> {
        let reader = self.0.open_reader(digest)?;
        Ok(reader.map(|reader| Box::new(reader) as Box<dyn BlobRead>))
    }

    fn size(&self, digest: &ContentHash) -> Result<Option<u64>, Error> {
        Ok(self.0.find_size(digest)?)
    }

    fn remove(&self, digest: &ContentHash) -> Result<bool, Error> {
        self.0.check_writable(digest)?;
        Ok(self.0.remove(digest)?)
    }

    fn iter(&self) -> Result<BlobIter<'_>, Error> {
        Ok(Box::new(List::new(&self.0)))
    }

    fn sync(&self) -> Result<(), Error> {
        match self.0.options.durability {
            Durability::Deferred if !self.0.options.read_only => Ok(self.0.sync()?),
            _ => Ok(()),
        }
    }

    fn file(&self, _: &ContentHash) -> Option<PathBuf> {
        Some(self.0.path.clone())
    }
}

impl fmt::Debug for SqliteBlobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteBlobs")
            .field("path", &self.0.path)
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}
