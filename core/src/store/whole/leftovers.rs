//! What nobody needs any more.

use std::fs::OpenOptions;
use std::path::Path;

use rusqlite::Connection;
use rustix::fs::{FlockOperation, flock};

use super::report::Leftovers;
use crate::blobs::{BlobStore, StoredBlob};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind};
use crate::store::Store;
use crate::store::error::db;

/// Blobs that are looked up in one transaction.
const BATCH: usize = 500;

/// Counts it.
pub(super) fn count(store: &Store, cancel: &Cancel, left: &mut Leftovers) -> Result<(), Error> {
    each_orphan(store, cancel, |orphans| {
        for orphan in orphans {
            left.orphans += 1;
            left.orphan_bytes += orphan.size;
        }
        Ok(())
    })?;
    store.0.connections.read(|connection| {
        left.unused_contents = number(
            connection,
            "SELECT count(*) FROM contents c
             WHERE NOT EXISTS (SELECT 1 FROM files f WHERE f.content_id = c.id)",
        )?;
        left.unused_snapshots = number(
            connection,
            "SELECT count(*) FROM snapshots s
             WHERE NOT EXISTS (SELECT 1 FROM imports i WHERE i.snapshot_id = s.id)",
        )?;
        let owners: Vec<(String, u64)> = connection
            .prepare("SELECT engine, count(*) FROM imports WHERE engine IS NOT NULL GROUP BY 1")
            .and_then(|mut select| {
                select
                    .query_map((), |row| Ok((row.get(0)?, row.get::<_, i64>(1)? as u64)))?
                    .collect()
            })
            .map_err(db("be read"))?;
        let locks = store.locks();
        left.abandoned = owners
            .iter()
            .filter(|(owner, _)| !is_locked(&locks.join(format!("{owner}.lock"))))
            .map(|(_, imports)| imports)
            .sum();
        Ok(())
    })?;
    left.locks = entries(&store.locks())
        .filter(|path| path.extension().is_some_and(|end| end == "lock") && !is_locked(path))
        .count() as u64;
    left.temporaries = entries(&store.blobs().path().join("tmp"))
        .filter(|path| !is_locked(&path.join("lock")))
        .count() as u64;
    Ok(())
}

fn entries(folder: &Path) -> impl Iterator<Item = std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    entries.flatten().map(|entry| entry.path())
}

/// Whether somebody who is alive holds the file. What cannot be opened is taken for held.
fn is_locked(path: &Path) -> bool {
    match OpenOptions::new().read(true).open(path) {
        // Shared, so that two who look do not take each other for the owner.
        Ok(file) => flock(&file, FlockOperation::NonBlockingLockShared).is_err(),
        Err(error) => error.kind() != std::io::ErrorKind::NotFound,
    }
}

fn number(connection: &Connection, sql: &str) -> Result<u64, Error> {
    connection
        .query_row(sql, (), |row| row.get::<_, i64>(0))
        .map(i64::cast_unsigned)
        .map_err(db("be read"))
}

/// Hands over the blobs whose files no row names, in batches.
pub(super) fn each_orphan(
    store: &Store,
    cancel: &Cancel,
    mut each: impl FnMut(&[StoredBlob]) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut blobs = store.blobs().iter()?;
    loop {
        let mut batch = Vec::new();
        for blob in blobs.by_ref() {
            match blob {
                Ok(blob) => batch.push(blob),
                // Damage is found where a row names the blob.
                Err(error) if error.kind() == ErrorKind::CorruptStore => {}
                Err(error) => return Err(error),
            }
            if batch.len() == BATCH {
                break;
            }
        }
        cancel.check()?;
        if batch.is_empty() {
            return Ok(());
        }
        store.0.connections.read(|connection| {
            let mut kept = Vec::new();
            for blob in batch.drain(..) {
                if !is_named(connection, blob.digest.as_bytes())? {
                    kept.push(blob);
                }
            }
            batch = kept;
            Ok(())
        })?;
        each(&batch)?;
    }
}

/// Whether a row says that the blob is in the folder.
pub(super) fn is_named(connection: &Connection, digest: &[u8]) -> Result<bool, Error> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM contents WHERE digest = ?1 AND stored IN ('blob', 'both'))",
        )
        .and_then(|mut select| select.query_row([digest], |row| row.get(0)))
        .map_err(db("be read"))
}
