//! Which files of which imports have a content.

use rusqlite::Connection;

use super::report::StoredPlace;
use crate::error::Error;
use crate::store::ImportId;
use crate::store::error::db;
use crate::store::value::{some_bytes, unsigned};

/// The first `max` files of complete imports that have the content, and how many do.
pub(super) fn of_content(
    connection: &Connection,
    content: i64,
    max: usize,
) -> Result<(Vec<StoredPlace>, u64), Error> {
    let total: i64 = connection
        .prepare_cached(
            "SELECT count(*) FROM files f JOIN imports i ON i.snapshot_id = f.snapshot_id
             WHERE f.content_id = ?1 AND i.status = 'complete'",
        )
        .and_then(|mut select| select.query_row([content], |row| row.get(0)))
        .map_err(db("be read"))?;
    let mut select = connection
        .prepare_cached(
            "SELECT i.id, f.path FROM files f JOIN imports i ON i.snapshot_id = f.snapshot_id
             WHERE f.content_id = ?1 AND i.status = 'complete' ORDER BY i.id, f.id LIMIT ?2",
        )
        .map_err(db("be read"))?;
    let max = i64::try_from(max).unwrap_or(i64::MAX);
    let mut rows = select.query([content, max]).map_err(db("be read"))?;
    let mut places = Vec::new();
    while let Some(row) = rows.next().map_err(db("be read"))? {
        places.push(StoredPlace {
            import: ImportId(unsigned(row, 0)?),
            path: some_bytes(row, 1)?.to_vec(),
        });
    }
    Ok((places, total.cast_unsigned()))
}

/// The complete imports that share a snapshot.
pub(super) fn of_snapshot(
    connection: &Connection,
    snapshot: i64,
) -> Result<Vec<StoredPlace>, Error> {
    let mut select = connection
        .prepare_cached(
            "SELECT id FROM imports WHERE snapshot_id = ?1 AND status = 'complete' ORDER BY id",
        )
        .map_err(db("be read"))?;
    let mut rows = select.query([snapshot]).map_err(db("be read"))?;
    let mut places = Vec::new();
    while let Some(row) = rows.next().map_err(db("be read"))? {
        places.push(StoredPlace {
            import: ImportId(unsigned(row, 0)?),
            path: Vec::new(),
        });
    }
    Ok(places)
}
