//! Rows that refer to others, trees, manifests, the registry.

use rusqlite::{Connection, OptionalExtension};

use super::check::{About, Findings};
use super::places;
use super::report::{ProblemKind, StoredPlace};
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind};
use crate::id::ObjectId;
use crate::object::object_id;
use crate::pack::Kind;
use crate::store::error::db;
use crate::store::manifest::restore;
use crate::store::registry::{key, record, whole_message};
use crate::store::seal;
use crate::store::snapshot::{SnapshotKey, base};
use crate::store::value::{bytes, column, in_order, some_bytes, unsigned};
use crate::store::writer::losses;
use crate::store::{ImportId, Status, Store};

/// Rows that are read in one transaction.
const BATCH: i64 = 500;

/// Finds rows that refer to rows that are not there.
pub(super) fn references(
    connection: &Connection,
    cancel: &Cancel,
    findings: &mut Findings,
) -> Result<(), Error> {
    let mut select = connection
        .prepare(
            "SELECT \"table\", \"parent\", count(*) FROM pragma_foreign_key_check GROUP BY 1, 2",
        )
        .map_err(db("be checked"))?;
    let mut rows = select.query(()).map_err(db("be checked"))?;
    while let Some(row) = rows.next().map_err(db("be checked"))? {
        cancel.check()?;
        let table: String = column(row, 0)?;
        let parent: String = column(row, 1)?;
        let count: i64 = column(row, 2)?;
        findings.dangling = true;
        let detail =
            format!("{count} rows of {table} refer to rows of {parent} that are not there");
        findings.add(ProblemKind::Reference, &detail, About::default());
    }
    if losses(connection)? < 0 {
        findings.dangling = true;
        let detail = "the count of what was lost is not there, by which imports see what goes";
        findings.add(ProblemKind::Reference, detail, About::default());
    }
    Ok(())
}

/// Computes the ids of all trees again, and looks at what commits are said to lead to.
pub(super) fn trees(store: &Store, cancel: &Cancel, findings: &mut Findings) -> Result<(), Error> {
    let mut after = Vec::new();
    loop {
        cancel.check()?;
        let last = store.0.connections.read(|connection| {
            let mut select = connection
                .prepare_cached(
                    "SELECT object_id, bytes FROM tree_facts WHERE object_id > ?1
                     ORDER BY object_id LIMIT ?2",
                )
                .map_err(db("be read"))?;
            let mut rows = select
                .query(rusqlite::params![after, BATCH])
                .map_err(db("be read"))?;
            let mut last = None;
            while let Some(row) = rows.next().map_err(db("be read"))? {
                let id = some_bytes(row, 0)?;
                let tree = some_bytes(row, 1)?;
                findings.report.trees += 1;
                let expected = ObjectId::from_bytes(id);
                let actual = expected
                    .and_then(|expected| object_id(expected.format(), Kind::Tree, tree).ok());
                if actual.is_none() || actual != expected {
                    findings.trees.push(id.to_vec());
                    let about = About {
                        object: expected,
                        ..About::default()
                    };
                    let detail = "the bytes remembered of a tree are not that tree";
                    findings.add(ProblemKind::Tree, detail, about);
                }
                last = Some(id.to_vec());
            }
            Ok(last)
        })?;
        match last {
            Some(last) => {
                in_order(&after, &last)?;
                after = last;
            }
            None => break,
        }
    }
    store.0.connections.read(|connection| {
        let mut select = connection
            .prepare_cached("SELECT object_id, commit_id, tree_id FROM revisions")
            .map_err(db("be read"))?;
        let mut seal = connection
            .prepare_cached("SELECT seal FROM revisions WHERE object_id = ?1")
            .map_err(db("be read"))?;
        let mut rows = select.query(()).map_err(db("be read"))?;
        while let Some(row) = rows.next().map_err(db("be read"))? {
            let id = some_bytes(row, 0)?;
            let object = ObjectId::from_bytes(id);
            let commit = bytes(row, 1)?.map(ObjectId::from_bytes);
            let tree = ObjectId::from_bytes(some_bytes(row, 2)?);
            let expected: Option<Vec<u8>> = seal
                .query_row([id], |row| row.get(0))
                .optional()
                .map_err(db("be read"))?;
            let is_same =
                expected.as_deref() == Some(&seal::of_row(row).map_err(db("be read"))?[..]);
            if !is_same || object.is_none() || tree.is_none() || commit == Some(None) {
                findings.revisions.push(id.to_vec());
                let about = About {
                    object,
                    ..About::default()
                };
                let detail = "what is remembered of a commit was altered";
                findings.add(ProblemKind::Tree, detail, about);
            }
        }
        Ok(())
    })
}

/// Puts all manifests together again, which have to add up.
pub(super) fn snapshots(
    store: &Store,
    cancel: &Cancel,
    findings: &mut Findings,
) -> Result<(), Error> {
    let ids: Vec<i64> = store.0.connections.read(|connection| {
        connection
            .prepare("SELECT id FROM snapshots ORDER BY id")
            .and_then(|mut select| select.query_map((), |row| row.get(0))?.collect())
            .map_err(db("be read"))
    })?;
    for id in ids {
        cancel.check()?;
        store.0.connections.read(|connection| {
            let imports = places::of_snapshot(connection, id)?;
            // Nobody has it any more.
            let Some(first) = imports.first() else {
                return Ok(());
            };
            findings.report.snapshots += 1;
            let result = restore(connection, first.import)
                .map(drop)
                .and_then(|()| tables(connection, id))
                .and_then(|odd| match odd {
                    Some(odd) => Ok(Some(odd)),
                    None => sealed(connection, id),
                });
            let error = match result {
                Err(error) => error,
                Ok(None) => return Ok(()),
                Ok(Some(detail)) => Error::message(ErrorKind::CorruptStore, detail),
            };
            match error.kind() {
                ErrorKind::CorruptStore | ErrorKind::CorruptManifest => {}
                _ => return Err(error),
            }
            findings.snapshots.insert(id);
            let places_total = imports.len() as u64;
            let mut places = imports;
            places.truncate(findings.max_places);
            let about = About {
                places,
                places_total,
                ..About::default()
            };
            findings.add(ProblemKind::Snapshot, &whole_message(&error), about);
            Ok(())
        })?;
    }
    Ok(())
}

/// What a manifest does not have: names, and which folder each entry lies in.
fn tables(connection: &Connection, snapshot: i64) -> Result<Option<&'static str>, Error> {
    // A manifest is read by the ids of its rows, and a path is found by the snapshot that its row
    // names.
    let first = base(snapshot)?;
    let last = first | i64::from(u32::MAX);
    for (table, parent) in [("files", "folder_id"), ("folders", "parent_id")] {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM {table}
                 WHERE snapshot_id = ?1 AND id NOT BETWEEN ?2 AND ?3)
             OR EXISTS (SELECT 1 FROM {table}
                 WHERE id BETWEEN ?2 AND ?3 AND snapshot_id IS NOT ?1)"
        );
        let is_odd: bool = connection
            .prepare_cached(&sql)
            .and_then(|mut select| select.query_row([snapshot, first, last], |row| row.get(0)))
            .map_err(db("be read"))?;
        if is_odd {
            return Ok(Some("some of its entries are said to be of another"));
        }
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM {table} f LEFT JOIN folders p ON p.id = f.{parent}
             WHERE f.snapshot_id = ?1 AND CAST(f.path AS BLOB) IS NOT CAST(iif(f.{parent} IS NULL,
                 CAST(f.name AS TEXT),
                 CAST(p.path AS TEXT) || '/' || CAST(f.name AS TEXT)) AS BLOB))"
        );
        let is_odd: bool = connection
            .prepare_cached(&sql)
            .and_then(|mut select| select.query_row([snapshot], |row| row.get(0)))
            .map_err(db("be read"))?;
        if is_odd {
            return Ok(Some(
                "the names and folders of its entries are not those of their paths",
            ));
        }
    }
    let is_odd: bool = connection
        .prepare_cached(
            "SELECT (SELECT count(*) FROM large_files WHERE snapshot_id = ?1) IS NOT
                 (SELECT count(*) FROM files f JOIN snapshots s ON s.id = f.snapshot_id
                  WHERE f.snapshot_id = ?1 AND (f.size >= s.large_file OR f.size < 0))
             OR EXISTS (SELECT 1 FROM large_files l WHERE snapshot_id = ?1 AND NOT EXISTS (
                 SELECT 1 FROM files f WHERE f.snapshot_id = l.snapshot_id AND f.path = l.path
                 AND f.size = l.size AND f.object_id = l.object_id))",
        )
        .and_then(|mut select| select.query_row([snapshot], |row| row.get(0)))
        .map_err(db("be read"))?;
    Ok(is_odd.then_some("its list of large files is not that of its files"))
}

/// What no other digest speaks for.
fn sealed(connection: &Connection, snapshot: i64) -> Result<Option<&'static str>, Error> {
    let (seal, key): (Vec<u8>, Option<Vec<u8>>) = connection
        .prepare_cached("SELECT seal, key FROM snapshots WHERE id = ?1")
        .and_then(|mut select| select.query_row([snapshot], |row| Ok((row.get(0)?, row.get(1)?))))
        .map_err(db("be read"))?;
    if seal != seal::of_snapshot(connection, snapshot)? {
        return Ok(Some("its entries are not those that were written"));
    }
    let is_key = key.is_none_or(|key| SnapshotKey::is_one(&key));
    Ok((!is_key).then_some("the key that it is found by was altered"))
}

/// Reads the whole registry.
pub(super) fn imports(
    store: &Store,
    cancel: &Cancel,
    findings: &mut Findings,
) -> Result<(), Error> {
    let mut after = i64::MIN;
    loop {
        cancel.check()?;
        let ids: Vec<u64> = store.0.connections.read(|connection| {
            let mut select = connection
                .prepare_cached("SELECT id FROM imports WHERE id > ?1 ORDER BY id LIMIT ?2")
                .map_err(db("be read"))?;
            let mut rows = select.query([after, BATCH]).map_err(db("be read"))?;
            let mut ids = Vec::new();
            while let Some(row) = rows.next().map_err(db("be read"))? {
                ids.push(unsigned(row, 0)?);
            }
            Ok(ids)
        })?;
        let Some(last) = ids.last() else {
            return Ok(());
        };
        in_order(&after, &last.cast_signed())?;
        after = last.cast_signed();
        for id in ids.into_iter().map(ImportId) {
            findings.report.imports += 1;
            let read = store
                .0
                .connections
                .read(|connection| Ok((record(connection, id)?, is_sealed(connection, id)?)));
            let detail = match read {
                Ok((record, _))
                    if record.status == Status::Complete && record.outcome.is_none() =>
                {
                    "it is complete, and nothing came out of it".to_owned()
                }
                Ok((_, false)) => {
                    findings.imports.insert(id);
                    "what the registry says of it was altered".to_owned()
                }
                Ok((_, true)) => continue,
                Err(error) if error.kind() == ErrorKind::ImportNotFound => continue,
                Err(error) if error.kind() == ErrorKind::CorruptStore => {
                    findings.imports.insert(id);
                    whole_message(&error)
                }
                Err(error) => return Err(error),
            };
            let places = vec![StoredPlace {
                import: id,
                path: Vec::new(),
            }];
            let about = About {
                places,
                places_total: 1,
                ..About::default()
            };
            findings.add(ProblemKind::Import, &detail, about);
        }
    }
}

/// Whether the registry says of an import what it said when that was complete; of others nothing is
/// known.
fn is_sealed(connection: &Connection, id: ImportId) -> Result<bool, Error> {
    let (is_complete, seal): (bool, Option<Vec<u8>>) = connection
        .prepare_cached("SELECT status = 'complete', seal FROM imports WHERE id = ?1")
        .and_then(|mut select| select.query_row([key(id)], |row| Ok((row.get(0)?, row.get(1)?))))
        .map_err(db("be read"))?;
    Ok(match seal {
        Some(seal) => is_complete && seal == seal::of_import(connection, id)?,
        None => !is_complete,
    })
}
