//! Connections to the database: one that writes, and some that read.

use std::fs::File;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{CHUNK, SqliteOptions};
use crate::blobs::Durability;
use crate::blobs::error::{BlobError, Damage};

/// No value of ours is longer than a chunk, and no other one is read.
const MAX_VALUE: i32 = 2 * CHUNK as i32;

/// More than these are closed again after use.
const MAX_IDLE: usize = 8;

/// The connections of one open store.
pub(super) struct Connections {
    path: PathBuf,
    options: SqliteOptions,
    writer: Mutex<Option<Connection>>,
    idle: Mutex<Vec<Connection>>,
}

/// A connection to read by, which goes back when it is dropped.
pub(super) struct Lent<'a> {
    connection: Option<Connection>,
    owner: &'a Connections,
}

impl Connections {
    pub(super) fn new(path: PathBuf, options: SqliteOptions) -> Self {
        Connections {
            path,
            options,
            writer: Mutex::new(None),
            idle: Mutex::new(Vec::new()),
        }
    }

    /// The one connection that writes; `None` in the guard if it is not open yet.
    pub(super) fn writer(&self) -> MutexGuard<'_, Option<Connection>> {
        // A transaction that a panic left open is rolled back by whoever begins the next one: the
        // guard of rusqlite's transaction does so when it unwinds.
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn reader(&self) -> Result<Lent<'_>, BlobError> {
        let idle = self.idle().pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.open(false)?,
        };
        Ok(Lent {
            connection: Some(connection),
            owner: self,
        })
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Connection>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Opens a connection; one that makes the database only if `create`.
    pub(super) fn open(&self, create: bool) -> Result<Connection, BlobError> {
        let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
        flags |= match (self.options.read_only, create) {
            (true, _) => OpenFlags::SQLITE_OPEN_READ_ONLY,
            (false, true) => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            (false, false) => OpenFlags::SQLITE_OPEN_READ_WRITE,
        };
        let connection = Connection::open_with_flags(&self.path, flags);
        let connection = connection.map_err(|error| self.explain(error))?;
        self.configure(&connection)
            .map_err(|error| self.explain(error))?;
        Ok(connection)
    }

    fn configure(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.busy_timeout(self.options.busy_timeout)?;
        connection.set_prepared_statement_cache_capacity(16);
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE)?;
        // Whoever can write to the file must not have us run what it says.
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false)?;
        connection.pragma_update(None, "cell_size_check", true)?;
        if self.options.read_only {
            return Ok(());
        }
        self.set_synchronous(connection, false)
    }

    /// Sets how much a commit waits for the disk: as the options say, or fully.
    pub(super) fn set_synchronous(
        &self,
        connection: &Connection,
        fully: bool,
    ) -> rusqlite::Result<()> {
        let mode: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        let value = match self.options.durability {
            Durability::None if !fully => "OFF",
            // Without a log, less than FULL may harm the database itself.
            Durability::Deferred if !fully && mode == "wal" => "NORMAL",
            _ => "FULL",
        };
        connection.pragma_update(None, "synchronous", value)
    }

    /// SQLite says only that it cannot open a file; the operating system knows why.
    fn explain(&self, error: rusqlite::Error) -> BlobError {
        if error.sqlite_error_code() == Some(ErrorCode::CannotOpen) {
            if self.path.is_dir() {
                return BlobError::corrupt(self.path.clone(), None, Damage::NotAFile);
            }
            // The database itself must not be opened: closing it would let go of SQLite's locks.
            let parent = parent(&self.path);
            if let Err(error) = File::open(parent) {
                return BlobError::file("open", &self.path, None, error);
            }
            let mut access = rustix::fs::Access::READ_OK;
            access.set(rustix::fs::Access::WRITE_OK, !self.options.read_only);
            for place in [&self.path, parent] {
                match rustix::fs::access(place, access) {
                    Err(errno) if errno != rustix::io::Errno::NOENT || self.options.read_only => {
                        return BlobError::file("open", place, None, errno);
                    }
                    _ => {}
                }
            }
        }
        BlobError::database("open", &self.path, None, error)
    }
}

/// The folder that a file stands in.
pub(super) fn parent(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

impl Deref for Lent<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        let connection = self.connection.as_ref();
        connection.expect("because it is taken out by the drop alone")
    }
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        let mut idle = self.owner.idle();
        if idle.len() < MAX_IDLE {
            idle.extend(self.connection.take());
        }
    }
}
