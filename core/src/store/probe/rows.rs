//! Rows that are not what they should be.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;

use super::script::{Script, Tables};
use super::{answer, read_manifest, read_registry};
use crate::blobs::{FolderBlobs, FolderOptions};
use crate::cancel::Cancel;
use crate::error::Error;
use crate::id::ObjectId;
use crate::store::connection::Connections;
use crate::store::schema::SCHEMA;
use crate::store::whole::check_rows;
use crate::store::{ImportId, Inner, Store, StoreOptions, facts, recall, verdicts};

/// The most changes of one input.
const MAX_CHANGES: usize = 8;

/// Alters the rows of one store again and again.
pub struct Rows {
    store: Store,
    /// The connection that the store reads by is taken from it while rows are altered.
    tables: Tables,
    objects: Vec<ObjectId>,
}

impl Rows {
    /// Copies the database of the store in `folder` into memory, without what keeps rows in order:
    /// types, constraints and triggers, of which a file that others write knows nothing.
    pub fn new(folder: &Path) -> Self {
        Self::try_new(folder).expect("because the store was just made")
    }

    fn try_new(folder: &Path) -> Result<Self, Error> {
        let made = Store::open(folder)?;
        let objects = made
            .manifest(ImportId(1))?
            .entries()
            .map(|entry| entry.id())
            .collect();
        let connection = in_memory(made.database()).expect("because the store is sound");
        let tables = Tables::of(&connection).expect("because the tables were just made");
        let options = StoreOptions::default();
        let blobs = FolderBlobs::open_with(
            folder.join("blobs"),
            &FolderOptions::default().read_only(true),
        )?;
        let store = Store(Arc::new(Inner {
            folder: folder.to_owned(),
            connections: Connections::of(connection, folder.join("gitlade.db"), &options),
            options,
            blobs,
        }));
        Ok(Rows {
            store,
            tables,
            objects,
        })
    }

    /// Alters some rows, asks for everything, and puts the rows back.
    ///
    /// The first byte of the input says what is asked; each change that follows is a table, a row, a
    /// column and a value.
    pub fn alter(&mut self, input: &[u8]) {
        let mut script = Script(input);
        let asked = script.byte();
        let changed = self.with(|connection, tables| {
            let mut changed = BTreeSet::new();
            for _ in 0..MAX_CHANGES {
                if script.0.is_empty() {
                    break;
                }
                changed.insert(tables.change(connection, &mut script));
            }
            changed
        });
        self.ask(asked);
        self.with(|connection, tables| {
            for (number, name) in tables.names().enumerate() {
                if changed.contains(&number) {
                    put_back(connection, name).expect("because the rows were there before");
                }
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&Connection, &Tables) -> T) -> T {
        let connections = &self.store.0.connections;
        connections.with_idle(|connection| work(connection, &self.tables))
    }

    /// Asks for one thing, since each costs as much as the altering.
    fn ask(&self, asked: u8) {
        let store = &self.store;
        let import = ImportId(u64::from(asked >> 4));
        let told = match asked & 7 {
            0 => {
                read_registry(store);
                Ok(())
            }
            1 => {
                read_manifest(store, import);
                Ok(())
            }
            2 => {
                for path in PATHS {
                    answer(store.text(import, path));
                    answer(store.bytes(import, path));
                }
                Ok(())
            }
            3 => store.stats().map(drop),
            4 => store.0.connections.read(|connection| {
                verdicts::Dictionary::load(connection)?;
                let decode = |_, _, bytes: &[u8]| facts::decode(bytes).map(drop);
                recall::blobs(connection, &self.objects, &Cancel::new(), decode)
            }),
            part => check_rows(store, part),
        };
        answer(told);
    }
}

/// Some of the paths that the imports have.
const PATHS: [&[u8]; 5] = [
    b"readme",
    b"docs/caf\xe9.txt",
    b"docs/link",
    b"logo.png",
    b"docs",
];

/// The rows of the database at `file`, in memory, and once more to be put back.
fn in_memory(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open_in_memory()?;
    connection.set_prepared_statement_cache_capacity(1024);
    connection.execute_batch("ATTACH ':memory:' AS sound; PRAGMA foreign_keys = OFF")?;
    let made = file.to_str().unwrap_or_default();
    connection.execute("ATTACH ?1 AS made", [made])?;
    connection.execute_batch(&loose(SCHEMA))?;
    let triggers: Vec<String> = connection
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'trigger'")?
        .query_map((), |row| row.get(0))?
        .collect::<Result<_, _>>()?;
    for trigger in triggers {
        connection.execute_batch(&format!("DROP TRIGGER {trigger}"))?;
    }
    for name in Tables::of(&connection)?.names() {
        connection.execute_batch(&format!(
            "DELETE FROM {name};
             INSERT INTO {name} SELECT * FROM made.{name};
             CREATE TABLE sound.{name} AS SELECT * FROM made.{name};"
        ))?;
    }
    connection.execute_batch("DETACH made; PRAGMA ignore_check_constraints = ON")?;
    Ok(connection)
}

/// The schema without what refuses values.
fn loose(schema: &str) -> String {
    schema
        .replace("IS NOT NULL", "NOTNULL")
        .replace(" NOT NULL", "")
        .replace("STRICT, WITHOUT ROWID", "")
        .replace("STRICT", "")
        .replace(" TEXT", " BLOB")
        .replace(" ANY", " BLOB")
}

fn put_back(connection: &Connection, table: &str) -> rusqlite::Result<()> {
    connection
        .prepare_cached(&format!("DELETE FROM {table}"))?
        .execute(())?;
    connection
        .prepare_cached(&format!("INSERT INTO {table} SELECT * FROM sound.{table}"))?
        .execute(())?;
    Ok(())
}
