//! The registry: what was asked for, where it stands, what became of it.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};

use super::Store;
use super::error::{StoreError, db};
use super::filter::{ImportFilter, Page};
use super::owner::{Owner, is_dead, sweep};
use super::record::{
    Failure, ImportId, ImportRecord, LargeFile, LogLine, Outcome, RecordedProgress, Status,
};
use super::value::{
    bytes, column, digest, now, object_id, path_bytes, path_of, some_bytes, text_or_blob, unsigned,
};
use crate::error::Error;
use crate::import::Options;
use crate::manifest::{Skipped, Totals};
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

/// The most large files that come with a record.
const MAX_LARGE_FILES: i64 = 1_000;

const RECORD: &str = "
    SELECT i.id, i.tenant, i.metadata, i.source, i.remote, i.owner, i.repository, i.revision,
           i.subdir, i.status, i.attempt, i.cancel_requested, i.step, i.percent, i.objects,
           i.objects_total, i.bytes_done, i.bytes_total, i.received_bytes, i.files_found, i.message,
           i.failed_step, i.error_kind, i.error_message, i.error_advice,
           i.created_at, i.started_at, i.updated_at, i.ended_at,
           i.reference, i.commit_id, i.snapshot_id, s.tree_id, s.root, s.folders, s.files,
           s.symlinks, s.submodules, s.bytes, s.text, s.binary, s.too_large, s.missing, s.excluded
    FROM imports i LEFT JOIN snapshots s ON s.id = i.snapshot_id";

/// The statuses of [`Status::is_end`].
const ENDS: &str = "('complete', 'failed', 'cancelled', 'interrupted')";

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
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'queued', 1, ?10, ?11, ?11)",
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
                        now
                    ])
                })
                .map_err(db("write down an import"))?;
            let id = ImportId(transaction.last_insert_rowid().cast_unsigned());
            log(transaction, id, Status::Queued.name(), "")?;
            Ok(id)
        })
    }

    /// Puts an import that has ended back into the queue, with what is asked for now.
    ///
    /// # Errors
    ///
    /// `ImportNotFound`, and `Busy` if it has not ended.
    pub(crate) fn begin_again(
        &self,
        id: ImportId,
        new: &NewImport<'_>,
        owner: &Owner,
    ) -> Result<(), Error> {
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
            transaction
                .execute(
                    "UPDATE imports SET tenant = ?2, metadata = ?3, source = ?4, remote = ?5,
                         owner = ?6, repository = ?7, revision = ?8, subdir = ?9, options = ?10,
                         status = 'queued', attempt = attempt + 1, engine = ?11,
                         cancel_requested = 0, step = NULL, percent = NULL, objects = 0,
                         objects_total = 0, bytes_done = 0, bytes_total = 0, received_bytes = 0,
                         files_found = 0, message = NULL, reference = NULL, commit_id = NULL,
                         snapshot_id = NULL, failed_step = NULL, error_kind = NULL,
                         error_message = NULL, error_advice = NULL, started_at = NULL,
                         updated_at = ?12, ended_at = NULL
                     WHERE id = ?1",
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
                )
                .map_err(db("restart an import"))?;
            if let Some(snapshot) = old {
                drop_unused_snapshot(transaction, snapshot)?;
            }
            log(transaction, id, Status::Queued.name(), "again")
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

    /// Writes down that a running import ended before it was complete. Nothing happens if it has
    /// ended already.
    pub(crate) fn end(&self, id: ImportId, ended: Ended<'_>) -> Result<(), Error> {
        self.0
            .connections
            .write(true, |transaction| end(transaction, id, ended))
    }

    /// Asks whoever runs an import to stop it. Says whether it is running or waiting.
    pub(crate) fn request_cancel(&self, id: ImportId) -> Result<bool, Error> {
        self.0.connections.write(false, |transaction| {
            status(transaction, id)?;
            let changed = transaction
                .execute(
                    &format!(
                        "UPDATE imports SET cancel_requested = 1, updated_at = ?2
                         WHERE id = ?1 AND status NOT IN {ENDS}"
                    ),
                    params![key(id), now()],
                )
                .map_err(db("cancel an import"))?;
            Ok(changed > 0)
        })
    }

    /// Those imports of `owner` that another process asked to stop, each once.
    pub(crate) fn take_cancel_requests(&self, owner: &Owner) -> Result<Vec<ImportId>, Error> {
        const REQUESTED: &str = "engine = ?1 AND cancel_requested = 1";
        let requested = |connection: &Connection| {
            ids(
                connection,
                &format!("SELECT id FROM imports WHERE {REQUESTED}"),
                owner.name(),
            )
        };
        // Mostly there are none, and then nothing needs to be locked.
        if self.0.connections.read(requested)?.is_empty() {
            return Ok(Vec::new());
        }
        self.0.connections.write(false, |transaction| {
            let ids = requested(transaction)?;
            transaction
                .execute(
                    &format!("UPDATE imports SET cancel_requested = 2 WHERE {REQUESTED}"),
                    [owner.name()],
                )
                .map_err(db("cancel imports"))?;
            Ok(ids)
        })
    }

    /// Marks what dead processes left running or waiting as interrupted, and says which.
    pub(crate) fn mark_interrupted(&self) -> Result<Vec<ImportId>, Error> {
        let active = format!("SELECT id FROM imports WHERE engine = ?1 AND status NOT IN {ENDS}");
        let owners: Vec<String> = self.0.connections.read(|connection| {
            connection
                .prepare("SELECT DISTINCT engine FROM imports WHERE engine IS NOT NULL")
                .and_then(|mut select| select.query_map((), |row| row.get(0))?.collect())
                .map_err(db("be read"))
        })?;
        let mut interrupted = Vec::new();
        for owner in owners {
            if !is_dead(&self.locks(), &owner) {
                continue;
            }
            self.0.connections.write(true, |transaction| {
                for id in ids(transaction, &active, &owner)? {
                    end(transaction, id, Ended::Interrupted)?;
                    interrupted.push(id);
                }
                Ok(())
            })?;
        }
        sweep(&self.locks());
        Ok(interrupted)
    }

    /// Lists imports.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub fn imports(&self, filter: &ImportFilter) -> Result<Page<ImportRecord>, Error> {
        self.0.connections.read(|connection| {
            let (condition, values) = filter.condition();
            let order = filter.order();
            let sql = format!("{RECORD} WHERE {condition} ORDER BY {order}");
            let items = records(connection, &sql, rusqlite::params_from_iter(&values))?;
            let total: i64 = connection
                .query_row(
                    &format!("SELECT count(*) FROM imports i WHERE {condition}"),
                    rusqlite::params_from_iter(&values),
                    |row| row.get(0),
                )
                .map_err(db("list imports"))?;
            Ok(Page {
                items,
                total: total.cast_unsigned(),
            })
        })
    }

    /// Tells all that the registry has of one import.
    ///
    /// # Errors
    ///
    /// [`ImportNotFound`](crate::ErrorKind::ImportNotFound), and those of the database.
    pub fn import_record(&self, id: ImportId) -> Result<ImportRecord, Error> {
        self.0.connections.read(|connection| record(connection, id))
    }

    /// Tells what happened to an import, in order.
    ///
    /// # Errors
    ///
    /// As for [`import_record`](Self::import_record).
    pub fn log(&self, id: ImportId) -> Result<Vec<LogLine>, Error> {
        self.0.connections.read(|connection| {
            status(connection, id)?;
            connection
                .prepare_cached(
                    "SELECT at, attempt, event, message FROM log WHERE import_id = ?1 ORDER BY id",
                )
                .and_then(|mut select| {
                    select
                        .query_map([key(id)], |row| {
                            Ok(LogLine {
                                at: row.get(0)?,
                                attempt: row.get(1)?,
                                event: row.get(2)?,
                                message: row.get(3)?,
                            })
                        })?
                        .collect()
                })
                .map_err(db("read a log"))
        })
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
                 WHERE id = ?1 AND status NOT IN {ENDS}"
            ),
            params![
                key(id),
                status.name(),
                step,
                error.map(|error| error.kind().name()),
                message,
                error.and_then(|error| error.advice().map(std::borrow::Cow::into_owned)),
                now()
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

fn ids(connection: &Connection, sql: &str, owner: &str) -> Result<Vec<ImportId>, Error> {
    connection
        .prepare_cached(sql)
        .and_then(|mut select| {
            select
                .query_map([owner], |row| {
                    Ok(ImportId(row.get::<_, i64>(0)?.cast_unsigned()))
                })?
                .collect()
        })
        .map_err(db("be read"))
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

/// One import's record.
pub(super) fn record(connection: &Connection, id: ImportId) -> Result<ImportRecord, Error> {
    records(connection, &format!("{RECORD} WHERE i.id = ?1"), [key(id)])?
        .pop()
        .ok_or_else(|| StoreError::NoImport(id).into())
}

fn records(
    connection: &Connection,
    sql: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<ImportRecord>, Error> {
    let mut select = connection.prepare_cached(sql).map_err(db("list imports"))?;
    let mut rows = select.query(values).map_err(db("list imports"))?;
    let mut records = Vec::new();
    while let Some(row) = rows.next().map_err(db("list imports"))? {
        records.push(read_record(connection, row)?);
    }
    Ok(records)
}

fn read_record(connection: &Connection, row: &Row<'_>) -> Result<ImportRecord, Error> {
    let status: String = column(row, 9)?;
    let status =
        Status::from_name(&status).ok_or(StoreError::Nonsense("the status of an import"))?;
    let failure = match column::<Option<String>>(row, 22)? {
        Some(kind) => Some(Failure {
            step: column(row, 21)?,
            kind,
            message: column::<Option<String>>(row, 23)?.unwrap_or_default(),
            advice: column(row, 24)?,
        }),
        None => None,
    };
    let outcome = match column::<Option<i64>>(row, 31)? {
        Some(snapshot) if status == Status::Complete => {
            Some(read_outcome(connection, row, snapshot)?)
        }
        _ => None,
    };
    Ok(ImportRecord {
        id: ImportId(unsigned(row, 0)?),
        tenant: column(row, 1)?,
        metadata: column(row, 2)?,
        source: Printable(some_bytes(row, 3)?).to_string(),
        remote: column(row, 4)?,
        owner: column(row, 5)?,
        repository: column(row, 6)?,
        revision: column(row, 7)?,
        subdir: bytes(row, 8)?.map(|subdir| Printable(subdir).to_string()),
        status,
        attempt: column(row, 10)?,
        cancel_requested: column::<i64>(row, 11)? != 0,
        progress: RecordedProgress {
            step: column(row, 12)?,
            percent: column(row, 13)?,
            objects: unsigned(row, 14)?,
            objects_total: unsigned(row, 15)?,
            bytes: unsigned(row, 16)?,
            bytes_total: unsigned(row, 17)?,
            received_bytes: unsigned(row, 18)?,
            files: unsigned(row, 19)?,
            message: column(row, 20)?,
        },
        outcome,
        failure,
        created_at: column(row, 25)?,
        started_at: column(row, 26)?,
        updated_at: column(row, 27)?,
        ended_at: column(row, 28)?,
    })
}

fn read_outcome(connection: &Connection, row: &Row<'_>, snapshot: i64) -> Result<Outcome, Error> {
    Ok(Outcome {
        reference: bytes(row, 29)?.map(<[u8]>::to_vec),
        commit: bytes(row, 30)?.map(object_id).transpose()?,
        tree: object_id(some_bytes(row, 32)?)?,
        root: digest(some_bytes(row, 33)?)?,
        totals: Totals {
            folders: unsigned(row, 34)?,
            files: unsigned(row, 35)?,
            symlinks: unsigned(row, 36)?,
            submodules: unsigned(row, 37)?,
            bytes: unsigned(row, 38)?,
            text: unsigned(row, 39)?,
            binary: unsigned(row, 40)?,
        },
        skipped: Skipped {
            too_large: unsigned(row, 41)?,
            missing: unsigned(row, 42)?,
            excluded: unsigned(row, 43)?,
        },
        large_files: large_files(connection, snapshot)?,
    })
}

fn large_files(connection: &Connection, snapshot: i64) -> Result<Vec<LargeFile>, Error> {
    let mut select = connection
        .prepare_cached(
            "SELECT path, object_id, size FROM large_files WHERE snapshot_id = ?1
             ORDER BY size DESC LIMIT ?2",
        )
        .map_err(db("list large files"))?;
    let mut rows = select
        .query([snapshot, MAX_LARGE_FILES])
        .map_err(db("list large files"))?;
    let mut files = Vec::new();
    while let Some(row) = rows.next().map_err(db("list large files"))? {
        files.push(LargeFile {
            path: some_bytes(row, 0)?.to_vec(),
            id: object_id(some_bytes(row, 1)?)?,
            size: unsigned(row, 2)?,
        });
    }
    Ok(files)
}
