//! Connections to the database of a store.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use rustix::fs::Access;
use rustix::io::Errno;

use super::error::{StoreError, db};
use super::options::StoreOptions;
use super::schema;
use crate::cancel::Cancel;
use crate::error::{Error, FileError};

/// KiB of pages that a connection keeps. Writing is one pass over new pages, and lookups come sorted,
/// so that little is used twice.
const CACHE_KIB: i64 = 4 << 10;

/// Pages in the write-ahead log at which it is copied into the database: 64 MiB. Each time costs two
/// fsyncs, so fewer are better; readers have to look through what is in the log.
const CHECKPOINT_PAGES: i64 = 2_000;

/// Bytes that the log's file keeps once it was copied.
const LOG_BYTES: i64 = 64 << 20;

/// Bytes of the largest value that is believed.
const MAX_VALUE: i32 = 1 << 30;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Read,
    /// The registry and removing: few rows, foreign keys enforced.
    Write,
    /// Rows of an import. What they refer to was looked up or just made, so that foreign keys are
    /// not looked up once more.
    Bulk,
}

/// How often a connection asks whether those who write are done. SQLite's own wait would ask ever more
/// seldom, up to each 100 ms, and so hardly ever be the next.
const POLL: Duration = Duration::from_millis(5);

/// How long one who writes much has the database until he leaves it to others.
pub(super) const MAX_BUSY: Duration = Duration::from_millis(300);

/// How long he leaves it to them: longer than [`POLL`], so that each of them asks meanwhile.
const GAP: Duration = Duration::from_millis(8);

/// Sees to it that one who writes much, in one transaction after the other, leaves others a turn.
#[derive(Debug, Default)]
pub(super) struct Turns {
    busy: Duration,
}

impl Turns {
    /// Says that a transaction has ended that was `busy` for so long.
    pub(super) fn had(&mut self, busy: Duration) {
        self.busy += busy;
        if self.busy >= MAX_BUSY {
            self.busy = Duration::ZERO;
            std::thread::sleep(GAP);
        }
    }
}

/// Opens connections to one database, and keeps those that are idle.
#[derive(Debug)]
pub(super) struct Connections {
    file: PathBuf,
    options: StoreOptions,
    /// The database lies where nobody can write, and has no log.
    immutable: bool,
    readers: Mutex<Vec<Connection>>,
    /// Held while a transaction of this process writes, so that threads wait for each other here and
    /// not in SQLite's loop.
    writing: Mutex<Option<Connection>>,
}

/// Idle readers that are kept.
const MAX_IDLE: usize = 8;

impl Connections {
    /// Opens the database, and makes it unless the options say that nothing is written.
    pub(super) fn open(file: PathBuf, options: &StoreOptions) -> Result<Self, Error> {
        let mut connections = Connections {
            file,
            options: options.clone(),
            immutable: false,
            readers: Mutex::default(),
            writing: Mutex::default(),
        };
        if !options.read_only {
            let mut connection = connections.connect(Purpose::Write)?;
            schema::prepare(&mut connection, &connections.file)?;
            connections.writing = Mutex::new(Some(connection));
            return Ok(connections);
        }
        if let Err(error) = std::fs::metadata(&connections.file) {
            return Err(match error.kind() {
                io::ErrorKind::NotFound => StoreError::Missing(connections.file).into(),
                _ => FileError::new("open", connections.file, error).into(),
            });
        }
        let connection = match connections.look() {
            Ok(connection) => connection,
            // A database with a log needs two more files beside it, which cannot be made where
            // nothing may be written; what else fails may be over the next time.
            Err(error) if connections.may_change() => return Err(error),
            Err(_) => {
                connections.immutable = true;
                connections.look()?
            }
        };
        connections.readers = Mutex::new(vec![connection]);
        Ok(connections)
    }

    /// Has everything read by one connection that is open already.
    #[cfg(feature = "internals")]
    pub(super) fn of(connection: Connection, file: PathBuf, options: &StoreOptions) -> Self {
        Connections {
            file,
            options: options.clone(),
            immutable: false,
            readers: Mutex::new(vec![connection]),
            writing: Mutex::default(),
        }
    }

    /// Hands out the connection that was read by last.
    #[cfg(feature = "internals")]
    pub(super) fn with_idle<T>(&self, work: impl FnOnce(&Connection) -> T) -> T {
        let readers = lock(&self.readers);
        work(readers.last().expect("because nobody reads"))
    }

    fn look(&self) -> Result<Connection, Error> {
        let connection = self.connect(Purpose::Read)?;
        schema::check(&connection, &self.file)?;
        Ok(connection)
    }

    /// Whether the database has a log, or files can be made beside it: others may write to it then.
    fn may_change(&self) -> bool {
        let mut log = self.file.clone().into_os_string();
        log.push("-wal");
        let has_log = match std::fs::metadata(log) {
            Ok(log) => log.len() > 0,
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        };
        let folder = self.file.parent().unwrap_or(Path::new("."));
        let is_writable = match rustix::fs::access(folder, Access::WRITE_OK) {
            Ok(()) => true,
            Err(errno) => !matches!(errno, Errno::ACCESS | Errno::ROFS | Errno::PERM),
        };
        has_log || is_writable
    }

    /// The database file.
    pub(super) fn file(&self) -> &Path {
        &self.file
    }

    /// Opens one more connection.
    pub(super) fn connect(&self, purpose: Purpose) -> Result<Connection, Error> {
        let mut flags = OpenFlags::SQLITE_OPEN_NO_MUTEX;
        flags |= match purpose {
            Purpose::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
            _ if self.options.read_only => return Err(StoreError::ReadOnly.into()),
            _ => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
        };
        let opened = if self.immutable {
            flags |= OpenFlags::SQLITE_OPEN_URI;
            Connection::open_with_flags(immutable_uri(&self.file), flags)
        } else {
            Connection::open_with_flags(&self.file, flags)
        };
        let mut connection = opened.map_err(|error| self.opening(error))?;
        self.set_up(&mut connection, purpose)
            .map_err(|error| self.opening(error))?;
        Ok(connection)
    }

    /// The error of the operating system says more than SQLite's "unable to open database file".
    fn opening(&self, error: rusqlite::Error) -> Error {
        let probe = std::fs::OpenOptions::new()
            .read(true)
            .write(!self.options.read_only)
            .open(&self.file);
        match probe {
            Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => {
                FileError::new("open", &self.file, cause).into()
            }
            _ => db("be opened")(error),
        }
    }

    fn set_up(&self, connection: &mut Connection, purpose: Purpose) -> rusqlite::Result<()> {
        wait_for_others(connection, self.options.busy_timeout)?;
        connection.set_limit(Limit::SQLITE_LIMIT_LENGTH, MAX_VALUE)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
        connection.set_prepared_statement_cache_capacity(64);
        let enforce = if purpose == Purpose::Bulk {
            "OFF"
        } else {
            "ON"
        };
        connection.execute_batch(&format!(
            "PRAGMA trusted_schema = OFF;
             PRAGMA cell_size_check = ON;
             PRAGMA foreign_keys = {enforce};
             PRAGMA cache_size = -{CACHE_KIB};
             PRAGMA temp_store = MEMORY;"
        ))?;
        if purpose != Purpose::Read {
            // With a log, NORMAL keeps the database whole when the power fails, and FULL what was
            // committed too.
            connection.execute_batch(&format!(
                "PRAGMA synchronous = NORMAL;
                 PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES};
                 PRAGMA journal_size_limit = {LOG_BYTES};"
            ))?;
        }
        Ok(())
    }

    /// Runs `work` in one read transaction: it sees the database as it is at its beginning.
    pub(super) fn read<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let idle = lock(&self.readers).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => self.connect(Purpose::Read)?,
        };
        let result = {
            let transaction = connection.unchecked_transaction().map_err(db("be read"))?;
            work(&transaction)
        };
        let mut readers = lock(&self.readers);
        if readers.len() < MAX_IDLE {
            readers.push(connection);
        }
        result
    }

    /// Runs `work` in one transaction that writes, and commits it unless it fails. With `durable`
    /// the commit, and all before it, has reached the disk when this returns. Others who write, in
    /// this process or elsewhere, are waited for as long as the options say.
    pub(super) fn write<T>(
        &self,
        durable: bool,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.write_within(self.options.busy_timeout, durable, work)
    }

    /// Runs `work` like [`write`](Self::write), and fails with `Busy` if others write for longer than
    /// `patience`.
    pub(super) fn write_within<T>(
        &self,
        patience: Duration,
        durable: bool,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let begin = Instant::now();
        let mut writing = self.turn(|| match begin.elapsed() < patience {
            true => Ok(()),
            false => Err(db("begin to write")(busy())),
        })?;
        let connection = self.writer(&mut writing)?;
        let left = patience.saturating_sub(begin.elapsed());
        wait_for_others(connection, left.min(self.options.busy_timeout))
            .map_err(db("begin to write"))?;
        transact(connection, durable, work)
    }

    fn writer<'a>(&self, writing: &'a mut Option<Connection>) -> Result<&'a mut Connection, Error> {
        Ok(match writing {
            Some(connection) => connection,
            none => none.insert(self.connect(Purpose::Write)?),
        })
    }

    /// Runs `work` like [`write`](Self::write), on the `connection` of a running import, and waits
    /// for others until `cancel`.
    pub(super) fn write_bulk<T>(
        &self,
        connection: &mut Connection,
        durable: bool,
        cancel: &Cancel,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let _turn = self.turn(|| cancel.check())?;
        set_durable(connection, durable)?;
        let stop = cancel.clone();
        let patience = move |_| {
            std::thread::sleep(POLL);
            !stop.is_cancelled()
        };
        connection
            .busy_handler(Some(patience))
            .map_err(db("begin to write"))?;
        let or_cancelled = |error: Error| match cancel.check() {
            Err(cancelled) if error.kind() == crate::ErrorKind::Busy => cancelled,
            _ => error,
        };
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .map_err(|error| or_cancelled(db("begin to write")(error)))?;
        let result = work(&transaction)?;
        transaction.commit().map_err(db("commit"))?;
        Ok(result)
    }

    /// Runs `work` on a connection of its own while no other thread of this process writes. Other
    /// processes are waited for as long as the options say.
    pub(super) fn alone<T>(
        &self,
        connection: &mut Connection,
        cancel: &Cancel,
        work: impl FnOnce(&Connection) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let _turn = self.turn(|| cancel.check())?;
        wait_for_others(connection, self.options.busy_timeout).map_err(db("begin to write"))?;
        work(connection)
    }

    /// Waits for the other threads of this process that write, until `check` fails.
    fn turn(
        &self,
        check: impl Fn() -> Result<(), Error>,
    ) -> Result<MutexGuard<'_, Option<Connection>>, Error> {
        let begin = Instant::now();
        loop {
            match self.writing.try_lock() {
                Ok(turn) => return Ok(turn),
                Err(std::sync::TryLockError::Poisoned(turn)) => return Ok(turn.into_inner()),
                Err(std::sync::TryLockError::WouldBlock) => check()?,
            }
            let pause = if begin.elapsed() < Duration::from_millis(20) {
                1
            } else {
                5
            };
            std::thread::sleep(Duration::from_millis(pause));
        }
    }
}

fn transact<T>(
    connection: &mut Connection,
    durable: bool,
    work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    set_durable(connection, durable)?;
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .map_err(db("begin to write"))?;
    let result = work(&transaction)?;
    transaction.commit().map_err(db("commit"))?;
    Ok(result)
}

/// Lets a connection wait for others who write, and no longer than `patience`.
fn wait_for_others(connection: &mut Connection, patience: Duration) -> rusqlite::Result<()> {
    let mut begin = Instant::now();
    connection.busy_handler(Some(move |tries| {
        if tries == 0 {
            begin = Instant::now();
        }
        let left = patience.saturating_sub(begin.elapsed());
        std::thread::sleep(left.min(POLL));
        !left.is_zero()
    }))
}

/// What SQLite says where others write.
fn busy() -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY), None)
}

fn set_durable(connection: &Connection, durable: bool) -> Result<(), Error> {
    let level = if durable { "FULL" } else { "NORMAL" };
    connection
        .execute_batch(&format!("PRAGMA synchronous = {level}"))
        .map_err(db("begin to write"))
}

/// The file as a URI by which SQLite neither locks it nor looks for a log.
fn immutable_uri(file: &Path) -> String {
    let mut uri = String::from("file:");
    for &byte in file.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' => {
                uri.push(char::from(byte));
            }
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri.push_str("?immutable=1");
    uri
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
