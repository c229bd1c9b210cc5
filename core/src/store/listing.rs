//! What the registry tells of imports.

use rusqlite::{Connection, Row};

use super::Store;
use super::error::{StoreError, db};
use super::filter::{ImportFilter, Page};
use super::record::{
    Failure, ImportId, ImportRecord, LargeFile, LogLine, Outcome, RecordedProgress, Status,
};
use super::registry::{key, status};
use super::value::{bytes, column, digest, object_id, some_bytes, unsigned};
use crate::error::Error;
use crate::manifest::{Skipped, Totals};
use crate::printable::Printable;

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

impl Store {
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
