//! Writing to the database.

use std::fs::File;
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Transaction, TransactionBehavior};

use super::connections::parent;
use super::{CHUNK, Inner};
use crate::blobs::error::{BlobError, Damage};
use crate::blobs::{Durability, Put};
use crate::id::ContentHash;

/// Pages of twice the usual size: blobs of many of them have fewer links between them.
const PAGE_SIZE: u32 = 8192;

impl Inner {
    /// Makes the tables, or finds out whether those that are there are ours.
    pub(super) fn prepare(&self) -> Result<(), BlobError> {
        let connection = self.connections.open(!self.options.read_only)?;
        let refused = |error| self.refused("open", None, error);
        if !self.options.read_only {
            let pages = connection.pragma_query_value(None, "page_count", |row| row.get(0));
            let is_new = matches!(pages, Ok(0_i64));
            pages.map_err(refused)?;
            self.create(&connection, is_new)?;
            if is_new && self.options.durability != Durability::None {
                let folder = parent(&self.path);
                File::open(folder)
                    .and_then(|folder| folder.sync_all())
                    .map_err(|error| BlobError::file("write", folder, None, error))?;
            }
        }
        self.check_tables(&connection)?;
        if !self.options.read_only {
            *self.connections.writer() = Some(connection);
        }
        Ok(())
    }

    fn create(&self, connection: &Connection, is_new: bool) -> Result<(), BlobError> {
        let refused = |error| self.refused("open", None, error);
        if is_new {
            self.configure_new(connection).map_err(refused)?;
        }
        // Asking first keeps the opening of a table that is there from waiting for writers.
        let table = &self.options.table;
        let sql = "SELECT count(*) FROM sqlite_schema WHERE lower(name) = lower(?1)";
        let count = connection.query_row(sql, [table], |row| row.get(0));
        if matches!(count.map_err(refused)?, 1_i64) {
            return Ok(());
        }
        let begin = TransactionBehavior::Immediate;
        let transaction = Transaction::new_unchecked(connection, begin).map_err(refused)?;
        let created = transaction.execute_batch(&self.statements.create);
        created.map_err(refused)?;
        self.check_tables(&transaction)?;
        transaction.commit().map_err(refused)
    }

    fn configure_new(&self, connection: &Connection) -> rusqlite::Result<()> {
        connection.pragma_update(None, "page_size", PAGE_SIZE)?;
        self.enter_wal(connection)?;
        self.connections.set_synchronous(connection, false)
    }

    /// Finds out whether the tables have the columns that they should.
    fn check_tables(&self, connection: &Connection) -> Result<(), BlobError> {
        for sql in self.statements.all() {
            connection.prepare(sql).map(drop).map_err(|error| {
                let no_table = || BlobError::corrupt(self.path.clone(), None, Damage::NoTable);
                // What SQLite has no code of its own for is that a table or a column is not there.
                match error {
                    rusqlite::Error::SqlInputError { .. } => no_table(),
                    error if error.sqlite_error_code() == Some(ErrorCode::Unknown) => no_table(),
                    error => self.refused("open", None, error),
                }
            })?;
        }
        Ok(())
    }

    /// Changes the journal's mode. SQLite does not wait for others here by itself: those that have
    /// just made the same database, and do the same.
    fn enter_wal(&self, connection: &Connection) -> rusqlite::Result<()> {
        let deadline = Instant::now() + self.options.busy_timeout;
        loop {
            match connection.pragma_update_and_check(None, "journal_mode", "WAL", |_| Ok(())) {
                Err(error)
                    if error.sqlite_error_code() == Some(ErrorCode::DatabaseBusy)
                        && Instant::now() < deadline =>
                {
                    std::thread::sleep(Duration::from_millis(2));
                }
                result => return result,
            }
        }
    }

    /// Does `work` in a transaction that may write; one that waits for the disk if `is_synced`.
    fn write<A>(
        &self,
        digest: Option<&ContentHash>,
        is_synced: bool,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<A>,
    ) -> Result<A, BlobError> {
        let mut writer = self.connections.writer();
        let connection = match &mut *writer {
            Some(connection) => connection,
            None => writer.insert(self.connections.open(false)?),
        };
        let result = (|| {
            if is_synced {
                self.connections.set_synchronous(connection, true)?;
            }
            let begin = TransactionBehavior::Immediate;
            let transaction = connection.transaction_with_behavior(begin)?;
            let result = work(&transaction)?;
            transaction.commit()?;
            if is_synced {
                self.connections.set_synchronous(connection, false)?;
            }
            Ok(result)
        })();
        if result.is_err() {
            // A connection that failed to write is not asked again; the next one recovers.
            *writer = None;
        }
        result.map_err(|error| self.refused("write to", digest, error))
    }

    pub(super) fn put(&self, digest: &ContentHash, bytes: &[u8]) -> Result<Put, BlobError> {
        let size = bytes.len() as u64;
        let is_durable = self.options.durability == Durability::Full;
        if self.find_size(digest)? == Some(size) {
            if is_durable {
                // Another one may have put it and not waited for the disk.
                self.sync()?;
            }
            return Ok(Put::Present);
        }
        self.write(Some(digest), false, |transaction| {
            let present: Option<(i64, i64)> = transaction
                .prepare_cached(&self.statements.size)?
                .query_row([&digest.0], |row| Ok((row.get(0)?, row.get(1)?)))
                .optional()?;
            if let Some((id, there)) = present {
                if there == size as i64 {
                    return Ok(Put::Present);
                }
                self.delete(transaction, id)?;
            }
            let whole = (bytes.len() <= CHUNK).then_some(bytes);
            transaction
                .prepare_cached(&self.statements.insert)?
                .execute((&digest.0, size as i64, whole))?;
            if whole.is_none() {
                let id = transaction.last_insert_rowid();
                let mut insert = transaction.prepare_cached(&self.statements.insert_chunk)?;
                for (number, chunk) in bytes.chunks(CHUNK).enumerate() {
                    insert.execute((id, number as i64, chunk))?;
                }
            }
            Ok(Put::New)
        })
    }

    pub(super) fn remove(&self, digest: &ContentHash) -> Result<bool, BlobError> {
        if self.find_size(digest)?.is_none() {
            return Ok(false);
        }
        self.write(Some(digest), false, |transaction| {
            let id: Option<i64> = transaction
                .prepare_cached(&self.statements.size)?
                .query_row([&digest.0], |row| row.get(0))
                .optional()?;
            if let Some(id) = id {
                self.delete(transaction, id)?;
            }
            Ok(id.is_some())
        })
    }

    fn delete(&self, transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
        for sql in [&self.statements.delete_chunks, &self.statements.delete] {
            transaction.prepare_cached(sql)?.execute([id])?;
        }
        Ok(())
    }

    /// Waits until the disk has all that was committed.
    ///
    /// In WAL mode a commit waits for the whole log if `synchronous` is FULL, so one more commit
    /// makes all those before it durable. It has to write a page: it sets the database's user
    /// version to what it is.
    pub(super) fn sync(&self) -> Result<(), BlobError> {
        self.write(None, true, |transaction| {
            let version: i64 =
                transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
            transaction.pragma_update(None, "user_version", version)
        })
    }
}
