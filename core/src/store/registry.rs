//! The registry: what was asked for, where it stands, what became of it.

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::Store;
use super::error::{StoreError, db};
pub(super) use super::listing::record;
use super::owner::Owner;
use super::record::{ImportId, Status};
use super::value::{column, now, path_bytes, path_of, some_bytes, text_or_blob};
use crate::error::Error;
use crate::import::Options;
use crate::printable::Printable;
use crate::progress::Step;
use crate::source::Source;

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

/// How an import ended, other than complete.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Ended<'a> {
    Failed(Step, &'a Error),
    Cancelled,
    Interrupted,
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

    /// Writes down an import that waits for its turn.
    pub(crate) fn begin(&self, new: &NewImport<'_>, owner: &Owner) -> Result<ImportId, Error> {
        self.0.connections.write(false, |transaction| {
            let (source, remote) = shown(new.source);
            let now = now();
            transaction
                .prepare_cached(
                    "INSERT INTO imports (tenant, metadata, source, remote, owner, repository,
                         revision, subdir, options, status, attempt, engine, created_at, updated_at)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'queued', ?12, ?10, ?11, ?11)",
                )
                .and_then(|mut insert| {
                    insert.insert(params![
                        new.tenant,
                        new.metadata,
                        text_or_blob(&source),
                        remote,
                        new.source.owner(),
                        new.source.repository(),
                        new.options.revision,
                        new.options.subdir.as_deref().map(text_or_blob),
                        options_json(new.options),
                        owner.name(),
                        now,
                        FIRST_ATTEMPT
                    ])
                })
                .map_err(db("write down an import"))?;
            let id = ImportId(transaction.last_insert_rowid().cast_unsigned());
            log(transaction, id, Status::Queued.name(), "")?;
            Ok(id)
        })
    }

    /// Puts an import that has ended back into the queue, with what is asked for now, and gives the
    /// number of the attempt.
    ///
    /// # Errors
    ///
    /// `ImportNotFound`, and `Busy` if it has not ended.
    pub(crate) fn begin_again(
        &self,
        id: ImportId,
        new: &NewImport<'_>,
        owner: &Owner,
    ) -> Result<u32, Error> {
        self.0.connections.write(false, |transaction| {
            ended(transaction, id)?;
            let (source, remote) = shown(new.source);
            let old: Option<i64> = transaction
                .query_row(
                    "SELECT snapshot_id FROM imports WHERE id = ?1",
                    [key(id)],
                    |row| row.get(0),
                )
                .map_err(db("restart an import"))?;
            let attempt = transaction
                .query_row(
                    "UPDATE imports SET tenant = ?2, metadata = ?3, source = ?4, remote = ?5,
                         owner = ?6, repository = ?7, revision = ?8, subdir = ?9, options = ?10,
                         status = 'queued', attempt = attempt + 1, engine = ?11,
                         cancel_requested = 0, step = NULL, percent = NULL, objects = 0,
                         objects_total = 0, bytes_done = 0, bytes_total = 0, received_bytes = 0,
                         files_found = 0, message = NULL, reference = NULL, commit_id = NULL,
                         snapshot_id = NULL, failed_step = NULL, error_kind = NULL,
                         error_message = NULL, error_advice = NULL, started_at = NULL,
                         updated_at = ?12, ended_at = NULL, seal = NULL
                     WHERE id = ?1 RETURNING attempt",
                    params![
                        key(id),
                        new.tenant,
                        new.metadata,
                        text_or_blob(&source),
                        remote,
                        new.source.owner(),
                        new.source.repository(),
                        new.options.revision,
                        new.options.subdir.as_deref().map(text_or_blob),
                        options_json(new.options),
                        owner.name(),
                        now()
                    ],
                    |row| row.get(0),
                )
                .map_err(db("restart an import"))?;
            if let Some(snapshot) = old {
                drop_unused_snapshot(transaction, snapshot)?;
            }
            log(transaction, id, Status::Queued.name(), "again")?;
            Ok(attempt)
        })
    }

    /// What an import was asked for with, but for credentials.
    pub(crate) fn request(&self, id: ImportId) -> Result<StoredRequest, Error> {
        self.0.connections.read(|connection| {
            let mut select = connection
                .prepare_cached("SELECT source, remote, options FROM imports WHERE id = ?1")
                .map_err(db("be read"))?;
            let mut rows = select.query([key(id)]).map_err(db("be read"))?;
            let row = rows.next().map_err(db("be read"))?;
            let row = row.ok_or(StoreError::NoImport(id))?;
            let source = some_bytes(row, 0)?;
            let source = if column(row, 1)? {
                Source::parse(source)?
            } else {
                Source::Local(path_of(source))
            };
            let options: String = column(row, 2)?;
            let options = serde_json::from_str(&options)
                .map_err(|_| StoreError::Nonsense("the options of an import"))?;
            Ok(StoredRequest { source, options })
        })
    }

    /// Writes down that an attempt ended before it was complete. Nothing happens if it has ended
    /// already, or another one has begun.
    pub(crate) fn end(&self, id: ImportId, attempt: u32, ended: Ended<'_>) -> Result<(), Error> {
        self.0
            .connections
            .write(true, |transaction| end(transaction, id, attempt, ended))
    }

    /// Forgets an import that has ended, with all of its entries that no other import shares. The
    /// contents go with the next garbage collection.
    ///
    /// # Errors
    ///
    /// [`Busy`](crate::ErrorKind::Busy) if it has not ended,
    /// [`ImportNotFound`](crate::ErrorKind::ImportNotFound), and those of the database.
    pub fn remove(&self, id: ImportId) -> Result<(), Error> {
        self.0.connections.write(true, |transaction| {
            ended(transaction, id)?;
            let snapshot: Option<i64> = transaction
                .query_row(
                    "DELETE FROM imports WHERE id = ?1 RETURNING snapshot_id",
                    [key(id)],
                    |row| row.get(0),
                )
                .map_err(db("remove an import"))?;
            if let Some(snapshot) = snapshot {
                drop_unused_snapshot(transaction, snapshot)?;
            }
            Ok(())
        })
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

pub(super) fn end(
    transaction: &Transaction<'_>,
    id: ImportId,
    attempt: u32,
    ended: Ended<'_>,
) -> Result<(), Error> {
    let (status, step, error) = match ended {
        Ended::Failed(step, error) => (Status::Failed, Some(step.to_string()), Some(error)),
        Ended::Cancelled => (Status::Cancelled, None, None),
        Ended::Interrupted => (Status::Interrupted, None, None),
    };
    let message = error.map(whole_message);
    let changed = transaction
        .execute(
            &format!(
                "UPDATE imports SET status = ?2, failed_step = ?3, error_kind = ?4,
                     error_message = ?5, error_advice = ?6, engine = NULL, cancel_requested = 0,
                     kept_from = NULL, updated_at = ?7, ended_at = ?7
                 WHERE id = ?1 AND attempt = ?8 AND status NOT IN {ENDS}"
            ),
            params![
                key(id),
                status.name(),
                step,
                error.map(|error| error.kind().name()),
                message,
                error.and_then(|error| error.advice().map(std::borrow::Cow::into_owned)),
                now(),
                attempt
            ],
        )
        .map_err(db("end an import"))?;
    if changed > 0 {
        log(
            transaction,
            id,
            status.name(),
            message.as_deref().unwrap_or_default(),
        )?;
    }
    Ok(())
}

/// An error's message, and those of what caused it.
pub(super) fn whole_message(error: &Error) -> String {
    let mut message = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        message.push_str(": ");
        message.push_str(&error.to_string());
        cause = error.source();
    }
    let clean = Printable(message.as_bytes()).to_string();
    // Backslashes are escaped once already, in what the message quotes.
    clean.replace("\\\\", "\\")
}

/// Removes a snapshot with its entries, unless an import has it.
pub(super) fn drop_unused_snapshot(
    transaction: &Transaction<'_>,
    snapshot: i64,
) -> Result<(), Error> {
    let is_used: bool = transaction
        .query_row(
            "SELECT EXISTS (SELECT 1 FROM imports WHERE snapshot_id = ?1)",
            [snapshot],
            |row| row.get(0),
        )
        .map_err(db("remove an import"))?;
    if is_used {
        return Ok(());
    }
    for table in ["files", "folders", "large_files"] {
        transaction
            .execute(
                &format!("DELETE FROM {table} WHERE snapshot_id = ?1"),
                [snapshot],
            )
            .map_err(db("remove an import"))?;
    }
    transaction
        .execute("DELETE FROM snapshots WHERE id = ?1", [snapshot])
        .map_err(db("remove an import"))?;
    Ok(())
}

fn options_json(options: &Options) -> String {
    serde_json::to_string(options).expect("because options have string keys only")
}

/// The source as it stands in the registry, and whether it is a URL.
fn shown(source: &Source) -> (Vec<u8>, bool) {
    match source {
        Source::Local(path) => (path_bytes(path).to_vec(), false),
        Source::Remote(url) => (url.to_string().into_bytes(), true),
    }
}
