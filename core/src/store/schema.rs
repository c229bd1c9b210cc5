//! The tables of a store: made, recognised, brought up to date.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;

use super::error::{StoreError, db};
use crate::error::{Error, ErrorKind};

/// `glad`, in the header of the database file.
const APPLICATION_ID: i64 = 0x676c_6164;

/// The version that this program writes.
pub(super) const VERSION: i64 = 1;

/// All tables, indexes, triggers and views.
pub(super) const SCHEMA: &str = include_str!("schema.sql");

/// What leads from each version to the next; the first is from 1 to 2. None of them changes what
/// the views of the version before it mean.
const MIGRATIONS: &[&str] = &[];

/// Bytes of a page. Rows are small but for texts, which are 16 KiB on average: larger pages make
/// for shorter chains. Texts of 16 KB went in a fifth
/// faster than with 16 KiB.
const PAGE_SIZE: i64 = 32 << 10;

/// How long the making of a database waits for others that make it too.
const PATIENCE: Duration = Duration::from_secs(10);

/// What a database is, by its header.
enum Found {
    Empty,
    Store(i64),
    Other,
}

fn look(connection: &Connection) -> Result<Found, Error> {
    let number = |pragma: &str| {
        connection
            .query_row(pragma, (), |row| row.get::<_, i64>(0))
            .map_err(db("be opened"))
    };
    let application = number("PRAGMA application_id")?;
    let version = number("PRAGMA user_version")?;
    let objects = number("SELECT count(*) FROM sqlite_schema")?;
    Ok(match (application, version, objects) {
        (0, 0, 0) => Found::Empty,
        (APPLICATION_ID, version, _) if version > 0 => Found::Store(version),
        _ => Found::Other,
    })
}

/// Makes the tables if the database is empty, and brings older ones up to date; `connection` may
/// write.
pub(super) fn prepare(connection: &mut Connection, file: &Path) -> Result<(), Error> {
    if let Found::Store(VERSION) = look(connection)? {
        return check(connection, file);
    }
    if let Found::Empty = look(connection)? {
        // Both are of no effect once the database has a page.
        connection
            .execute_batch(&format!("PRAGMA page_size = {PAGE_SIZE}"))
            .map_err(db("be made"))?;
        let mode = write_ahead(connection)?;
        if mode != "wal" {
            return Err(StoreError::NotAStore(file.to_owned()).into());
        }
    }
    let transaction = connection
        .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)
        .map_err(db("be made"))?;
    // Another process may have been faster.
    let version = match look(&transaction)? {
        Found::Empty => {
            transaction.execute_batch(SCHEMA).map_err(db("be made"))?;
            transaction
                .execute_batch(&format!("PRAGMA application_id = {APPLICATION_ID}"))
                .map_err(db("be made"))?;
            VERSION
        }
        Found::Store(version) => version,
        Found::Other => return Err(StoreError::NotAStore(file.to_owned()).into()),
    };
    refuse_newer(version, file)?;
    for migration in &MIGRATIONS[version as usize - 1..] {
        transaction
            .execute_batch(migration)
            .map_err(db("be brought up to date"))?;
    }
    transaction
        .execute_batch(&format!("PRAGMA user_version = {VERSION}"))
        .map_err(db("be made"))?;
    transaction.commit().map_err(db("be made"))?;
    check(connection, file)
}

/// Switches to the write-ahead log. SQLite does not wait for others here, who do the same.
fn write_ahead(connection: &Connection) -> Result<String, Error> {
    let begin = Instant::now();
    loop {
        let mode = connection.query_row("PRAGMA journal_mode = WAL", (), |row| row.get(0));
        match mode.map_err(db("be made")) {
            Err(error) if error.kind() == ErrorKind::Busy && begin.elapsed() < PATIENCE => {
                std::thread::sleep(Duration::from_millis(5));
            }
            mode => return mode,
        }
    }
}

/// Checks that the database is a store of this version.
pub(super) fn check(connection: &Connection, file: &Path) -> Result<(), Error> {
    match look(connection)? {
        Found::Store(VERSION) => compare(connection, file),
        Found::Store(version) => {
            refuse_newer(version, file)?;
            Err(StoreError::Altered {
                file: file.to_owned(),
                what: format!("they are of version {version}, and only a writer may change that"),
            }
            .into())
        }
        Found::Empty | Found::Other => Err(StoreError::NotAStore(file.to_owned()).into()),
    }
}

fn refuse_newer(version: i64, file: &Path) -> Result<(), Error> {
    if version > VERSION {
        return Err(StoreError::Newer {
            file: file.to_owned(),
            version,
            known: VERSION,
        }
        .into());
    }
    Ok(())
}

/// Compares the tables with those that a new store has.
///
/// A database that others may write is hostile: a virtual table in place of a real one, or a
/// trigger of theirs, would run inside of ours.
fn compare(connection: &Connection, file: &Path) -> Result<(), Error> {
    let fresh = Connection::open_in_memory().map_err(db("be compared"))?;
    fresh.execute_batch(SCHEMA).map_err(db("be compared"))?;
    let expected = objects(&fresh).map_err(db("be compared"))?;
    let found = objects(connection).map_err(db("be read"))?;
    let altered = |what: String| {
        let file = file.to_owned();
        Err(StoreError::Altered { file, what }.into())
    };
    if let Some(lacking) = expected.iter().find(|object| !found.contains(object)) {
        return altered(format!("{} is missing or another", lacking.1));
    }
    match found.iter().find(|object| !expected.contains(object)) {
        Some(more) => altered(format!(
            "\"{}\" is one more",
            crate::Printable(more.1.as_bytes())
        )),
        None => Ok(()),
    }
}

/// Type, name and definition of each table, index, trigger and view, but for what SQLite keeps for
/// itself, such as statistics.
fn objects(connection: &Connection) -> rusqlite::Result<Vec<(String, String, String)>> {
    connection
        .prepare(
            "SELECT type, name, ifnull(sql, '') FROM sqlite_schema
             WHERE name NOT LIKE 'sqlite_stat%' ORDER BY name LIMIT 1000",
        )?
        .query_map((), |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
        .collect()
}
