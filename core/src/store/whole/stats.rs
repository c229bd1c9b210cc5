//! Counting what a store has.

use std::collections::BTreeMap;

use rusqlite::Connection;
use serde::Serialize;

use crate::error::{Error, FileError};
use crate::store::Store;
use crate::store::error::db;

/// What a store has. Bytes are those of the contents, not of the disk, unless it says so.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StoreStats {
    /// Imports by status.
    pub imports: BTreeMap<String, u64>,
    /// Files, symlinks and submodules of complete imports, each as often as it is there.
    pub files: u64,
    /// Their bytes.
    pub file_bytes: u64,
    /// Trees under one choice of options: what complete imports share.
    pub snapshots: u64,
    /// Rows of files and folders.
    pub entries: u64,
    /// Distinct contents.
    pub contents: u64,
    /// Bytes of distinct contents.
    pub content_bytes: u64,
    /// Bytes that are not kept because imports and files share contents.
    pub shared_bytes: u64,
    /// Decoded texts.
    pub texts: u64,
    /// Their bytes in the database.
    pub text_bytes: u64,
    /// Contents with a file in `blobs/`.
    pub blobs: u64,
    /// Bytes of those contents; compressed files take less.
    pub blob_bytes: u64,
    /// Contents that a repair gave up.
    pub lost: u64,
    /// Contents that no file has, and that a collection of garbage may take.
    pub unused_contents: u64,
    /// Their bytes.
    pub unused_bytes: u64,
    /// Blobs whose facts are remembered.
    pub facts: u64,
    /// Trees that are remembered.
    pub trees: u64,
    /// Their bytes.
    pub tree_bytes: u64,
    /// Bytes of the database file.
    pub database_bytes: u64,
    /// Bytes of it that hold nothing, and are used for what comes next.
    pub free_bytes: u64,
    /// Bytes of the log beside it.
    pub log_bytes: u64,
    /// The same for each tenant, in the order of their keys.
    pub tenants: Vec<TenantStats>,
}

/// What the imports of one tenant have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TenantStats {
    /// The host's own key.
    pub tenant: String,
    /// Imports, complete or not.
    pub imports: u64,
    /// Those that are complete.
    pub complete: u64,
    /// Files, symlinks and submodules of the complete ones.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

impl Store {
    /// Counts what the store has: a pass over its rows, not over its contents.
    ///
    /// # Errors
    ///
    /// Those of the database.
    pub fn stats(&self) -> Result<StoreStats, Error> {
        let mut stats = self.0.connections.read(gather)?;
        let mut log = self.database().as_os_str().to_owned();
        log.push("-wal");
        stats.log_bytes = match std::fs::metadata(&log) {
            Ok(log) => log.len(),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => 0,
            Err(error) => return Err(FileError::new("look at", log, error).into()),
        };
        Ok(stats)
    }
}

fn gather(connection: &Connection) -> Result<StoreStats, Error> {
    // Sums of sizes that a repository lies about overflow, which total() does not.
    let numbers = |sql: &str| -> Result<Vec<u64>, Error> {
        connection
            .query_row(sql, (), |row| {
                let columns = row.as_ref().column_count();
                (0..columns)
                    .map(|column| {
                        let number = match row.get_ref(column)? {
                            rusqlite::types::ValueRef::Integer(number) => number.max(0) as u64,
                            rusqlite::types::ValueRef::Real(number) => number.max(0.0) as u64,
                            _ => 0,
                        };
                        Ok(number)
                    })
                    .collect()
            })
            .map_err(db("be counted"))
    };
    let [page_size, pages, free] = [
        numbers("PRAGMA page_size")?[0],
        numbers("PRAGMA page_count")?[0],
        numbers("PRAGMA freelist_count")?[0],
    ];
    let used = numbers(
        "SELECT total(s.files + s.symlinks + s.submodules), total(s.bytes)
         FROM imports i JOIN snapshots s ON s.id = i.snapshot_id WHERE i.status = 'complete'",
    )?;
    let contents = numbers(
        "SELECT count(*), total(size), total(stored IN ('blob', 'both')),
             total(iif(stored IN ('blob', 'both'), size, 0)), total(stored = 'lost')
         FROM contents",
    )?;
    let unused = numbers(
        "SELECT count(*), total(size) FROM contents c
         WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.content_id = c.id)",
    )?;
    let texts = numbers("SELECT count(*), total(octet_length(text)) FROM texts")?;
    let trees = numbers("SELECT count(*), total(octet_length(bytes)) FROM tree_facts")?;
    let mut stats = StoreStats {
        files: used[0],
        file_bytes: used[1],
        snapshots: numbers("SELECT count(*) FROM snapshots")?[0],
        entries: numbers("SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM folders)")?
            [0],
        contents: contents[0],
        content_bytes: contents[1],
        shared_bytes: used[1].saturating_sub(contents[1].saturating_sub(unused[1])),
        texts: texts[0],
        text_bytes: texts[1],
        blobs: contents[2],
        blob_bytes: contents[3],
        lost: contents[4],
        unused_contents: unused[0],
        unused_bytes: unused[1],
        facts: numbers("SELECT count(*) FROM blob_facts")?[0],
        trees: trees[0],
        tree_bytes: trees[1],
        database_bytes: page_size * pages,
        free_bytes: page_size * free,
        ..StoreStats::default()
    };
    stats.imports = connection
        .prepare("SELECT status, count(*) FROM imports GROUP BY 1")
        .and_then(|mut select| {
            select
                .query_map((), |row| {
                    Ok((row.get(0)?, row.get::<_, i64>(1)?.cast_unsigned()))
                })?
                .collect()
        })
        .map_err(db("be counted"))?;
    stats.tenants = connection
        .prepare(
            "SELECT i.tenant, count(*), total(i.status = 'complete'),
                 total(s.files + s.symlinks + s.submodules), total(s.bytes)
             FROM imports i
             LEFT JOIN snapshots s ON s.id = i.snapshot_id AND i.status = 'complete'
             GROUP BY 1 ORDER BY 1",
        )
        .and_then(|mut select| {
            select
                .query_map((), |row| {
                    let number = |column: usize| -> rusqlite::Result<u64> {
                        Ok(row.get::<_, f64>(column)?.max(0.0) as u64)
                    };
                    Ok(TenantStats {
                        tenant: row.get(0)?,
                        imports: row.get::<_, i64>(1)?.cast_unsigned(),
                        complete: number(2)?,
                        files: number(3)?,
                        bytes: number(4)?,
                    })
                })?
                .collect()
        })
        .map_err(db("be counted"))?;
    Ok(stats)
}
