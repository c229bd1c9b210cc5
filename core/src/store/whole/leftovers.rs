//! What nobody needs any more.

use std::fs::OpenOptions;
use std::io;
use std::path::Path;

use rusqlite::Connection;
use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::report::Leftovers;
use crate::blobs::{BlobStore, StoredBlob};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind, FileError};
use crate::store::Store;
use crate::store::error::db;
use crate::store::owner::{entries, lock_files};

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
        for (owner, imports) in owners {
            if !is_locked(&locks.join(format!("{owner}.lock")))? {
                left.abandoned += imports;
            }
        }
        Ok(())
    })?;
    for path in lock_files(&store.locks())? {
        left.locks += u64::from(!is_locked(&path)?);
    }
    for path in entries(&store.blobs().path().join("tmp"))? {
        left.temporaries += u64::from(!is_locked(&path.join("lock"))?);
    }
    Ok(())
}

/// Whether somebody who is alive holds the file. What nobody else may open is taken for held.
fn is_locked(path: &Path) -> Result<bool, Error> {
    let file = match OpenOptions::new().read(true).open(path) {
        Ok(file) => file,
        Err(error) => match error.kind() {
            // A file in the place of a folder holds nothing.
            io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => return Ok(false),
            io::ErrorKind::PermissionDenied => return Ok(true),
            _ => return Err(FileError::new("open", path, error).into()),
        },
    };
    // Shared, so that two who look do not take each other for the owner.
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => Ok(false),
        Err(Errno::WOULDBLOCK) => Ok(true),
        Err(errno) => Err(FileError::new("lock", path, errno.into()).into()),
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
