//! The registry: what was asked for, where it stands, what became of it.

mod asking;
mod ending;
mod removing;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::Store;
use super::error::{StoreError, db};
pub(super) use super::listing::record;
use super::owner::Owner;
use super::record::{ImportId, Status};
use super::value::now;
use crate::error::Error;
use crate::import::Options;
use crate::source::Source;

pub(crate) use ending::Ended;
pub(super) use ending::{end, whole_message};
pub(super) use removing::drop_unused_snapshot;

/// An import that is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewImport<'a> {
    pub(crate) source: &'a Source,
    pub(crate) options: &'a Options,
    /// The host's own key.
    pub(crate) tenant: &'a str,
    /// JSON of the host.
    pub(crate) metadata: Option<&'a str>,
}

/// What an import was asked for with, but for credentials.
#[derive(Clone, Debug)]
pub(crate) struct StoredRequest {
    pub(crate) source: Source,
    pub(crate) options: Options,
}

/// The number of the attempt that [`Store::begin`] makes.
pub(crate) const FIRST_ATTEMPT: u32 = 1;

/// The tenant of the imports by which a repair reads again what is lost, for a while. No host has it:
/// tenants are lines of text.
pub(super) const REPAIR: &str = "\0repair";

/// The statuses of [`Status::is_end`].
pub(super) const ENDS: &str = "('complete', 'failed', 'cancelled', 'interrupted')";

impl Store {
    /// Makes the lock file by which other processes see that the imports of its owner run.
    pub(crate) fn claim(&self) -> Result<Owner, Error> {
        self.writable()?;
        Owner::new(&self.locks())
    }
}

/// The id as SQLite has it.
pub(super) fn key(id: ImportId) -> i64 {
    id.0.cast_signed()
}

/// Where an import stands.
pub(super) fn status(connection: &Connection, id: ImportId) -> Result<Status, Error> {
    let name: Option<String> = connection
        .query_row(
            "SELECT status FROM imports WHERE id = ?1",
            [key(id)],
            |row| row.get(0),
        )
        .optional()
        .map_err(db("be read"))?;
    let name = name.ok_or(StoreError::NoImport(id))?;
    Ok(Status::from_name(&name).ok_or(StoreError::Nonsense("the status of an import"))?)
}

fn ended(connection: &Connection, id: ImportId) -> Result<(), Error> {
    let status = status(connection, id)?;
    if !status.is_end() {
        return Err(StoreError::Active { id, status }.into());
    }
    Ok(())
}

/// Adds a line to the log.
pub(super) fn log(
    transaction: &Transaction<'_>,
    id: ImportId,
    event: &str,
    message: &str,
) -> Result<(), Error> {
    transaction
        .prepare_cached(
            "INSERT INTO log (import_id, at, attempt, event, message)
             SELECT id, ?2, attempt, ?3, ?4 FROM imports WHERE id = ?1",
        )
        .and_then(|mut insert| insert.execute(params![key(id), now(), event, message]))
        .map_err(db("write a log"))?;
    Ok(())
}
