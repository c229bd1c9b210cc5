//! Imports that go.

use rusqlite::Transaction;

use super::{ImportId, ended, key};
use crate::error::Error;
use crate::store::Store;
use crate::store::error::db;

impl Store {
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

/// Removes a snapshot with its entries, unless an import has it.
pub(in crate::store) fn drop_unused_snapshot(
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
