//! Giving up rows that do not add up.

use rusqlite::{Transaction, params};

use super::Work;
use crate::error::{Error, ErrorKind};
use crate::store::error::db;
use crate::store::registry::{drop_unused_snapshot, key, log, record};
use crate::store::value::now;
use crate::store::{ImportId, Status};

pub(super) const LOST: &str = "the store was damaged, and the entries of this import were lost";
const ALTERED: &str = "the store was damaged, and what it says of this import may be wrong";

/// Removes rows that refer to nothing, and gives up what needs what is not there.
pub(super) fn references(transaction: &Transaction<'_>, work: &mut Work) -> Result<(), Error> {
    let gone = |column: &str, table: &str| {
        format!("{column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {table})")
    };
    for (from, column, table) in [
        ("texts", "content_id", "contents"),
        ("blob_facts", "content_id", "contents"),
        ("log", "import_id", "imports"),
        ("large_files", "snapshot_id", "snapshots"),
        ("files", "snapshot_id", "snapshots"),
        ("folders", "snapshot_id", "snapshots"),
    ] {
        transaction
            .execute(
                &format!("DELETE FROM {from} WHERE {}", gone(column, table)),
                (),
            )
            .map_err(db("be repaired"))?;
    }
    transaction
        .execute_batch(
            "DELETE FROM state WHERE name <> 'losses';
             INSERT INTO state (name, value) VALUES ('losses', 1)
             ON CONFLICT (name) DO UPDATE SET value = max(value, 0) + 1",
        )
        .map_err(db("be repaired"))?;
    fail(
        transaction,
        &gone("snapshot_id", "snapshots"),
        LOST,
        &mut work.whole,
    )?;
    let broken: Vec<i64> = transaction
        .prepare(&format!(
            "SELECT snapshot_id FROM files WHERE ({}) OR ({}) OR ({})
             UNION SELECT snapshot_id FROM folders WHERE {}",
            gone("content_id", "contents"),
            gone("verdict_id", "verdicts"),
            gone("folder_id", "folders"),
            gone("parent_id", "folders"),
        ))
        .and_then(|mut select| select.query_map((), |row| row.get(0))?.collect())
        .map_err(db("be repaired"))?;
    for snapshot in broken {
        give_up(transaction, snapshot, &mut work.whole)?;
    }
    Ok(())
}

/// Drops the snapshots that no import has.
pub(super) fn unused(transaction: &Transaction<'_>) -> Result<(), Error> {
    let unused: Vec<i64> = transaction
        .prepare(
            "SELECT id FROM snapshots s
             WHERE NOT EXISTS (SELECT 1 FROM imports i WHERE i.snapshot_id = s.id)",
        )
        .and_then(|mut select| select.query_map((), |row| row.get(0))?.collect())
        .map_err(db("be repaired"))?;
    for snapshot in unused {
        drop_unused_snapshot(transaction, snapshot)?;
    }
    Ok(())
}

/// Drops a snapshot that does not add up; its imports have failed then.
pub(super) fn give_up(
    transaction: &Transaction<'_>,
    snapshot: i64,
    whole: &mut Vec<ImportId>,
) -> Result<(), Error> {
    let having = format!("snapshot_id = {snapshot}");
    fail(transaction, &having, LOST, whole)?;
    drop_unused_snapshot(transaction, snapshot)
}

/// Lets an import fail whose record was altered. What cannot be read of it is forgotten, and if that
/// does not help, all of it.
pub(super) fn give_up_altered(
    transaction: &Transaction<'_>,
    id: ImportId,
    altered: &mut Vec<ImportId>,
) -> Result<(), Error> {
    fail(transaction, &format!("id = {}", key(id)), ALTERED, altered)?;
    if is_readable(transaction, id)? {
        return Ok(());
    }
    transaction
        .execute(
            "UPDATE imports SET
                 source = iif(typeof(source) IN ('text', 'blob'), source, CAST(source AS TEXT)),
                 subdir = iif(typeof(subdir) IN ('text', 'blob'), subdir, NULL),
                 attempt = min(max(attempt, 1), 1000000), metadata = NULL, step = NULL,
                 percent = NULL, message = NULL, reference = NULL, commit_id = NULL,
                 failed_step = NULL
             WHERE id = ?1",
            [key(id)],
        )
        .map_err(db("be repaired"))?;
    if !is_readable(transaction, id)? {
        transaction
            .execute("DELETE FROM imports WHERE id = ?1", [key(id)])
            .map_err(db("be repaired"))?;
    }
    Ok(())
}

/// Whether an import can be listed, or is not there.
fn is_readable(transaction: &Transaction<'_>, id: ImportId) -> Result<bool, Error> {
    match record(transaction, id) {
        Err(error) if error.kind() == ErrorKind::CorruptStore => Ok(false),
        Err(error) if error.kind() == ErrorKind::ImportNotFound => Ok(true),
        record => record.map(|_| true),
    }
}

/// Lets the imports fail that `condition` is true of, and says which.
pub(super) fn fail(
    transaction: &Transaction<'_>,
    condition: &str,
    message: &str,
    failed: &mut Vec<ImportId>,
) -> Result<(), Error> {
    let ids: Vec<i64> = transaction
        .prepare(&format!("SELECT id FROM imports WHERE {condition}"))
        .and_then(|mut select| select.query_map((), |row| row.get(0))?.collect())
        .map_err(db("be repaired"))?;
    for id in ids {
        let id = ImportId(id.cast_unsigned());
        transaction
            .execute(
                "UPDATE imports SET status = 'failed', snapshot_id = NULL, error_kind = ?2,
                     error_message = ?3, error_advice = 'restart it', updated_at = ?4, seal = NULL
                 WHERE id = ?1",
                params![key(id), ErrorKind::CorruptStore.name(), message, now()],
            )
            .map_err(db("be repaired"))?;
        log(transaction, id, Status::Failed.name(), message)?;
        failed.push(id);
    }
    Ok(())
}
