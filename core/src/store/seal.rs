//! Digests over rows, which tell whether any of them was altered.
//!
//! Contents, trees and blobs carry their own digests. What a manifest says beside those, and what the
//! registry says of a complete import, is sealed: the row that all others belong to has the BLAKE3 of
//! every value of all of them, and a check computes it again.
//!
//! A value goes in as one byte for its type, its length for texts and blobs, and its bytes; numbers
//! have eight, little end first. A row begins with its number of columns.

use std::collections::BTreeSet;

use rusqlite::types::{ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, Params, Row, params};

use super::error::db;
use super::record::ImportId;
use super::registry::key;
use super::snapshot::base;
use super::value::column;
use super::verdicts;
use crate::error::Error;

/// The digest of rows.
pub(super) type Seal = [u8; 32];

/// Bytes that are gathered before they are hashed.
const PIECE: usize = 16 << 10;

/// The columns that are sealed, in the order in which their values go in.
pub(super) const FOLDER: &str =
    "id, snapshot_id, parent_id, path, name, mode, object_id, digest, files, bytes, flags";
pub(super) const FILE: &str =
    "id, snapshot_id, folder_id, path, name, kind, mode, object_id, content_id, verdict_id, size,
     lines, target, url, lfs_oid, lfs_size, skipped, flags";
/// All but `key`, which goes while a content is lost, and has a sum of its own.
const SNAPSHOT: &str =
    "id, tree_id, subdir, whole_tree_id, choices, rules, root, folders, files, symlinks, submodules,
     bytes, text, binary, too_large, missing, excluded, large_file";
const IMPORT: &str =
    "id, tenant, metadata, source, remote, owner, repository, revision, subdir, options, status,
     attempt, engine, cancel_requested, kept_from, step, percent, objects, objects_total, bytes_done,
     bytes_total, received_bytes, files_found, message, reference, commit_id, snapshot_id,
     failed_step, error_kind, error_message, error_advice, created_at, started_at, updated_at,
     ended_at";

/// Takes in rows, one after the other.
#[derive(Default)]
pub(super) struct Sealer {
    hasher: blake3::Hasher,
    piece: Vec<u8>,
}

impl Sealer {
    /// Takes in a row that is about to be written.
    pub(super) fn values(&mut self, values: &[&dyn ToSql]) -> rusqlite::Result<()> {
        self.begin(values.len());
        for value in values {
            match value.to_sql()? {
                ToSqlOutput::Borrowed(value) => self.value(value),
                ToSqlOutput::Owned(value) => self.value((&value).into()),
                _ => {
                    let what = "a value that has no bytes of its own cannot be sealed";
                    return Err(rusqlite::Error::ToSqlConversionFailure(what.into()));
                }
            }
        }
        Ok(())
    }

    /// Takes in a row as it is in the database.
    pub(super) fn row(&mut self, row: &Row<'_>) -> rusqlite::Result<()> {
        let columns = row.as_ref().column_count();
        self.begin(columns);
        for column in 0..columns {
            self.value(row.get_ref(column)?);
        }
        Ok(())
    }

    fn begin(&mut self, columns: usize) {
        if self.piece.len() >= PIECE {
            self.hasher.update(&self.piece);
            self.piece.clear();
        }
        self.piece
            .extend_from_slice(&(columns as u64).to_le_bytes());
    }

    fn value(&mut self, value: ValueRef<'_>) {
        let piece = &mut self.piece;
        let mut bytes = |kind: u8, bytes: &[u8]| {
            piece.push(kind);
            piece.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            piece.extend_from_slice(bytes);
        };
        match value {
            ValueRef::Text(text) => bytes(3, text),
            ValueRef::Blob(blob) => bytes(4, blob),
            ValueRef::Null => piece.push(0),
            ValueRef::Integer(number) => {
                piece.push(1);
                piece.extend_from_slice(&number.to_le_bytes());
            }
            ValueRef::Real(number) => {
                piece.push(2);
                piece.extend_from_slice(&number.to_bits().to_le_bytes());
            }
        }
    }

    pub(super) fn finish(mut self) -> Seal {
        self.hasher.update(&self.piece);
        *self.hasher.finalize().as_bytes()
    }

    /// Takes in all rows that a query has, and hands each to `each`.
    fn rows(
        &mut self,
        connection: &Connection,
        sql: &str,
        values: impl Params,
        mut each: impl FnMut(&Row<'_>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let mut select = connection.prepare_cached(sql).map_err(db("be read"))?;
        let mut rows = select.query(values).map_err(db("be read"))?;
        while let Some(row) = rows.next().map_err(db("be read"))? {
            self.row(row).map_err(db("be read"))?;
            each(row)?;
        }
        Ok(())
    }
}

/// The rows of one snapshot while they are written.
#[derive(Default)]
pub(super) struct Entries {
    pub(super) folders: Sealer,
    pub(super) files: Sealer,
}

impl Entries {
    /// The seal of a snapshot with these entries, whose files have these verdicts.
    pub(super) fn finish(
        self,
        connection: &Connection,
        snapshot: i64,
        used: &BTreeSet<i64>,
    ) -> Result<Seal, Error> {
        let mut whole = Sealer::default();
        let head = format!("SELECT {SNAPSHOT} FROM snapshots WHERE id = ?1");
        whole.rows(connection, &head, [snapshot], |_| Ok(()))?;
        let verdict = format!(
            "SELECT id, {} FROM verdicts WHERE id = ?1",
            verdicts::COLUMNS
        );
        for id in used {
            whole.rows(connection, &verdict, [id], |_| Ok(()))?;
        }
        for part in [self.folders, self.files] {
            whole
                .values(params![part.finish()])
                .map_err(db("be sealed"))?;
        }
        Ok(whole.finish())
    }
}

/// The seal of a snapshot as its rows are now.
pub(super) fn of_snapshot(connection: &Connection, snapshot: i64) -> Result<Seal, Error> {
    let first = base(snapshot)?;
    let ids = [first, first | i64::from(u32::MAX)];
    let all = |columns: &str, table: &str| {
        format!("SELECT {columns} FROM {table} WHERE id BETWEEN ?1 AND ?2 ORDER BY id")
    };
    let mut entries = Entries::default();
    entries
        .folders
        .rows(connection, &all(FOLDER, "folders"), ids, |_| Ok(()))?;
    let mut used = BTreeSet::new();
    entries
        .files
        .rows(connection, &all(FILE, "files"), ids, |row| {
            used.extend(column::<Option<i64>>(row, 9)?);
            Ok(())
        })?;
    entries.finish(connection, snapshot, &used)
}

/// The seal of what the registry says of an import, its log too.
pub(super) fn of_import(connection: &Connection, id: ImportId) -> Result<Seal, Error> {
    let mut sealer = Sealer::default();
    let row = format!("SELECT {IMPORT} FROM imports WHERE id = ?1");
    sealer.rows(connection, &row, [key(id)], |_| Ok(()))?;
    let log = "SELECT id, import_id, at, attempt, event, message FROM log WHERE import_id = ?1
               ORDER BY id";
    sealer.rows(connection, log, [key(id)], |_| Ok(()))?;
    Ok(sealer.finish())
}

/// The seal of values that belong together.
pub(super) fn of(values: &[&dyn ToSql]) -> rusqlite::Result<Seal> {
    let mut sealer = Sealer::default();
    sealer.values(values)?;
    Ok(sealer.finish())
}

/// The seal of a row of a query.
pub(super) fn of_row(row: &Row<'_>) -> rusqlite::Result<Seal> {
    let mut sealer = Sealer::default();
    sealer.row(row)?;
    Ok(sealer.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_is_written_and_the_same_row_that_is_read_have_one_seal() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE t (a ANY, b ANY, c ANY, d ANY, e ANY) STRICT")
            .unwrap();
        let values = params!["text\0", &b"text\0"[..], -1_i64, 0.5, None::<i64>];
        connection
            .execute("INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5)", values)
            .unwrap();
        let written = of(values).unwrap();
        let read = |sql: &str| connection.query_row(sql, (), of_row).unwrap();
        assert_eq!(read("SELECT * FROM t"), written);
        for other in [
            "SELECT a, b, c, d FROM t",
            "SELECT b, a, c, d, e FROM t",
            "SELECT CAST(a AS BLOB), b, c, d, e FROM t",
            "SELECT a || 'x', b, c, d, e FROM t",
            "SELECT a, b, 1.0 * c, d, e FROM t",
            "SELECT a, b, c, d, 0 FROM t",
        ] {
            assert_ne!(read(other), written, "{other}");
        }
    }

    #[test]
    fn where_values_end_matters() {
        assert_ne!(
            of(params!["ab", "c"]).unwrap(),
            of(params!["a", "bc"]).unwrap()
        );
        let two_rows = |first: &[&dyn ToSql], second: &[&dyn ToSql]| {
            let mut sealer = Sealer::default();
            sealer.values(first).unwrap();
            sealer.values(second).unwrap();
            sealer.finish()
        };
        assert_ne!(
            two_rows(params![1, 2], params![3]),
            two_rows(params![1], params![2, 3])
        );
    }

    #[test]
    fn every_column_is_sealed_but_for_the_seal_and_the_key() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(crate::store::schema::SCHEMA)
            .unwrap();
        for (table, sealed) in [
            ("folders", FOLDER),
            ("files", FILE),
            ("snapshots", SNAPSHOT),
            ("imports", IMPORT),
        ] {
            let mut columns: Vec<String> = connection
                .prepare("SELECT name FROM pragma_table_info(?1)")
                .unwrap()
                .query_map([table], |row| row.get(0))
                .unwrap()
                .collect::<Result<_, _>>()
                .unwrap();
            columns.retain(|name| name != "seal" && (name != "key" || table != "snapshots"));
            columns.sort_unstable();
            let mut sealed: Vec<&str> = sealed.split(',').map(str::trim).collect();
            sealed.sort_unstable();
            assert_eq!(sealed, columns, "{table}");
        }
    }
}
