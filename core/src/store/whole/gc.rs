//! Collecting what no import uses.

use std::time::{Duration, Instant, SystemTime};

use rusqlite::{Connection, Transaction, params};
use serde::{Deserialize, Serialize};

use super::leftovers::{each_orphan, is_named};
use crate::blobs::BlobStore;
use crate::cancel::Cancel;
use crate::error::Error;
use crate::id::ContentHash;
use crate::import::Control;
use crate::progress::Step;
use crate::store::Store;
use crate::store::connection::{Purpose, Turns};
use crate::store::error::db;
use crate::store::registry::drop_unused_snapshot;
use crate::store::value::{digest, in_order, some_bytes};

/// Contents that go in one transaction, so that writers do not wait for long.
const BATCH: i64 = 400;

/// Contents that no file has, and that no running import may have made.
const UNUSED: &str = "
    FROM contents c WHERE c.id > ?1
        AND c.id < ifnull((SELECT min(kept_from) FROM imports), 9223372036854775807)
        AND NOT EXISTS (SELECT 1 FROM files f WHERE f.content_id = c.id)";

/// How garbage is collected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct GcOptions {
    /// Whether nothing is removed, and only counted. Default false.
    pub dry_run: bool,
    /// Files of blobs that no row names are left alone unless they are older: those of running
    /// imports have no rows for a while, and would have to be read once more. Default one hour.
    pub min_age: Duration,
    /// Whether the database file is made smaller (SQLite's `VACUUM`): all of it is written anew,
    /// which takes as much room again for a while, and nobody else writes meanwhile. Otherwise the
    /// room is kept for what comes next. Default false.
    pub vacuum: bool,
}

impl Default for GcOptions {
    fn default() -> Self {
        GcOptions {
            dry_run: false,
            min_age: Duration::from_secs(3600),
            vacuum: false,
        }
    }
}

impl GcOptions {
    /// Sets [`dry_run`](Self#structfield.dry_run).
    pub fn dry_run(mut self, dry_run: bool) -> Self {
        self.dry_run = dry_run;
        self
    }

    /// Sets [`min_age`](Self#structfield.min_age).
    pub fn min_age(mut self, age: Duration) -> Self {
        self.min_age = age;
        self
    }

    /// Sets [`vacuum`](Self#structfield.vacuum).
    pub fn vacuum(mut self, vacuum: bool) -> Self {
        self.vacuum = vacuum;
        self
    }
}

/// What [`Store::gc`](crate::Store::gc) removed, or would remove.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct GcReport {
    /// Imports whose process had died, and that are marked as interrupted now.
    pub interrupted: u64,
    /// Snapshots that no import had.
    pub snapshots: u64,
    /// Contents that no file had, with their texts and facts.
    pub contents: u64,
    /// Bytes of those contents.
    pub bytes: u64,
    /// Files of blobs, those of orphans too.
    pub blobs: u64,
    /// Bytes in the files of orphans: blobs that no row named.
    pub orphan_bytes: u64,
    /// Trees that no import has.
    pub trees: u64,
    /// Commits and tags that no import has.
    pub revisions: u64,
    /// Whether trees and commits were left alone, because an import is running that may have made
    /// them.
    pub imports_running: bool,
    /// Bytes of the database file that hold nothing and are used for what comes next; 0 after
    /// `vacuum`.
    pub free_bytes: u64,
    /// Bytes of the database file.
    pub database_bytes: u64,
}

impl Store {
    /// Removes what no import uses: contents with their texts, blobs and facts, snapshots, trees,
    /// and what processes that died left behind.
    ///
    /// Imports may run meanwhile, in this process and in others: what a running one brought stays,
    /// and what it remembered from an earlier one, and loses here, it reads again.
    ///
    /// # Errors
    ///
    /// [`Cancelled`](crate::ErrorKind::Cancelled), [`PermissionDenied`](crate::ErrorKind::PermissionDenied)
    /// if the store is opened for reading only, and what keeps it from removing. What was removed
    /// before stays so, and nothing is half removed.
    pub fn gc(&self, options: &GcOptions, control: &Control) -> Result<GcReport, Error> {
        let mut report = GcReport::default();
        if !options.dry_run {
            report.interrupted = self.mark_interrupted()?.len() as u64;
        }
        let mut collector = Collector {
            store: self,
            cancel: &control.cancel,
            connection: self.0.connections.connect(match options.dry_run {
                true => Purpose::Read,
                false => Purpose::Write,
            })?,
            options,
            report,
            turns: Turns::default(),
        };
        control.progress.enter(Step::Reading, 0, 0);
        collector.snapshots()?;
        collector.contents(control)?;
        collector.orphans()?;
        collector.memory()?;
        if options.vacuum && !options.dry_run {
            collector.vacuum()?;
        }
        collector.measure()?;
        control.progress.enter(Step::Complete, 0, 0);
        Ok(collector.report)
    }
}

struct Collector<'a> {
    store: &'a Store,
    cancel: &'a Cancel,
    connection: Connection,
    options: &'a GcOptions,
    report: GcReport,
    turns: Turns,
}

impl Collector<'_> {
    fn write<T>(
        &mut self,
        durable: bool,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.cancel.check()?;
        let connections = &self.store.0.connections;
        let mut begin = Instant::now();
        let timed = |transaction: &Transaction<'_>| {
            begin = Instant::now();
            work(transaction)
        };
        let result = connections.write_bulk(&mut self.connection, durable, self.cancel, timed);
        self.turns.had(begin.elapsed());
        result
    }

    fn count(&self, sql: &str) -> Result<u64, Error> {
        self.connection
            .query_row(sql, (), |row| row.get::<_, i64>(0))
            .map(i64::cast_unsigned)
            .map_err(db("be read"))
    }

    /// Snapshots are made and lost together with their imports, so there are none unless somebody
    /// has changed the database.
    fn snapshots(&mut self) -> Result<(), Error> {
        let unused: Vec<i64> = self
            .connection
            .prepare(
                "SELECT id FROM snapshots s
                 WHERE NOT EXISTS (SELECT 1 FROM imports i WHERE i.snapshot_id = s.id)",
            )
            .and_then(|mut select| select.query_map((), |row| row.get(0))?.collect())
            .map_err(db("be read"))?;
        for snapshot in unused {
            if !self.options.dry_run {
                self.write(false, |transaction| {
                    drop_unused_snapshot(transaction, snapshot)
                })?;
            }
            self.report.snapshots += 1;
        }
        Ok(())
    }

    fn contents(&mut self, control: &Control) -> Result<(), Error> {
        if self.options.dry_run {
            let (count, bytes, blobs) = self
                .connection
                .query_row(
                    &format!(
                        "SELECT count(*), total(size), total(stored IN ('blob', 'both')) {UNUSED}"
                    ),
                    [i64::MIN],
                    |row| {
                        Ok((
                            row.get::<_, i64>(0)?,
                            row.get::<_, f64>(1)?,
                            row.get::<_, f64>(2)?,
                        ))
                    },
                )
                .map_err(db("be read"))?;
            self.report.contents = count.cast_unsigned();
            self.report.bytes = bytes.max(0.0) as u64;
            self.report.blobs = blobs as u64;
            return Ok(());
        }
        let mut after = i64::MIN;
        loop {
            // The rows have to be gone for good before their files go, and the files go while nobody
            // else can write, so that no row can come to name them.
            let batch = self.write(true, |transaction| remove_unused(transaction, after))?;
            let Some(last) = batch.last else {
                return Ok(());
            };
            in_order(&after, &last)?;
            after = last;
            self.report.contents += batch.contents;
            self.report.bytes += batch.bytes;
            self.unlink(&batch.blobs)?;
            for _ in 0..batch.contents {
                control.progress.object_done(0);
            }
        }
    }

    /// Removes the files of blobs that no row names.
    fn unlink(&mut self, blobs: &[ContentHash]) -> Result<(), Error> {
        if blobs.is_empty() {
            return Ok(());
        }
        let store = self.store;
        let removed = self.write(false, |transaction| {
            let mut removed = 0;
            for digest in blobs {
                if !is_named(transaction, digest.as_bytes())? && store.blobs().remove(digest)? {
                    removed += 1;
                }
            }
            Ok(removed)
        })?;
        self.report.blobs += removed;
        Ok(())
    }

    fn orphans(&mut self) -> Result<(), Error> {
        let (store, cancel) = (self.store, self.cancel);
        let now = SystemTime::now();
        each_orphan(store, cancel, |orphans| {
            let mut old = Vec::new();
            for orphan in orphans {
                let file = store.blobs().file(&orphan.digest);
                let changed = file.and_then(|file| file.symlink_metadata().ok()?.modified().ok());
                // A time in the future is no age.
                let age = changed.and_then(|changed| now.duration_since(changed).ok());
                if self.options.min_age.is_zero()
                    || age.is_some_and(|age| age >= self.options.min_age)
                {
                    self.report.orphan_bytes += orphan.size;
                    old.push(orphan.digest);
                }
            }
            if self.options.dry_run {
                self.report.blobs += old.len() as u64;
                return Ok(());
            }
            self.unlink(&old)
        })
    }

    /// Forgets trees and commits that no import has.
    fn memory(&mut self) -> Result<(), Error> {
        const UNUSED_REVISIONS: &str = "
            FROM revisions WHERE tree_id NOT IN (SELECT tree_id FROM snapshots)
            AND ifnull(commit_id, object_id) NOT IN
                (SELECT commit_id FROM imports WHERE commit_id IS NOT NULL)";
        const UNUSED_TREES: &str = "
            FROM tree_facts WHERE object_id NOT IN (SELECT tree_id FROM snapshots
                UNION ALL SELECT tree_id FROM revisions UNION ALL SELECT object_id FROM folders)";
        const RUNNING: &str = "SELECT EXISTS (SELECT 1 FROM imports WHERE engine IS NOT NULL)";
        if self.options.dry_run {
            self.report.imports_running = self.count(RUNNING)? != 0;
            if !self.report.imports_running {
                self.report.revisions =
                    self.count(&format!("SELECT count(*) {UNUSED_REVISIONS}"))?;
                self.report.trees = self.count(&format!("SELECT count(*) {UNUSED_TREES}"))?;
            }
            return Ok(());
        }
        let (running, revisions, trees) = self.write(false, |transaction| {
            let running: bool = transaction
                .query_row(RUNNING, (), |row| row.get(0))
                .map_err(db("be read"))?;
            if running {
                return Ok((true, 0, 0));
            }
            let delete = |from: &str| {
                transaction
                    .execute(&format!("DELETE {from}"), ())
                    .map_err(db("remove what is not used"))
            };
            Ok((false, delete(UNUSED_REVISIONS)?, delete(UNUSED_TREES)?))
        })?;
        self.report.imports_running = running;
        self.report.revisions = revisions as u64;
        self.report.trees = trees as u64;
        Ok(())
    }

    fn vacuum(&mut self) -> Result<(), Error> {
        self.cancel.check()?;
        let cancel = self.cancel;
        let connections = &self.store.0.connections;
        connections.alone(&mut self.connection, cancel, |connection| {
            super::check::interruptible(connection, cancel, |connection| {
                // The log is copied as far as nobody reads what stands before it; who does may do so
                // for ever, and the next one who writes copies the rest.
                let made = connection.execute_batch("VACUUM").and_then(|()| {
                    connection.busy_timeout(Duration::ZERO)?;
                    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
                });
                match made.map_err(db("be made smaller")) {
                    Err(_) if cancel.is_cancelled() => cancel.check(),
                    made => made,
                }
            })
        })
    }

    fn measure(&mut self) -> Result<(), Error> {
        let page = self.count("PRAGMA page_size")?;
        self.report.free_bytes = page * self.count("PRAGMA freelist_count")?;
        self.report.database_bytes = page * self.count("PRAGMA page_count")?;
        Ok(())
    }
}

/// What went in one transaction.
#[derive(Default)]
struct Batch {
    /// The last row that was looked at; `None` if there is no more.
    last: Option<i64>,
    contents: u64,
    bytes: u64,
    blobs: Vec<ContentHash>,
}

fn remove_unused(transaction: &Transaction<'_>, after: i64) -> Result<Batch, Error> {
    let mut batch = Batch::default();
    let mut select = transaction
        .prepare_cached(&format!(
            "SELECT c.id, c.digest, c.size, c.stored {UNUSED} ORDER BY c.id LIMIT ?2"
        ))
        .map_err(db("be read"))?;
    let mut rows = select.query(params![after, BATCH]).map_err(db("be read"))?;
    let mut ids = Vec::new();
    while let Some(row) = rows.next().map_err(db("be read"))? {
        let id: i64 = row.get(0).map_err(db("be read"))?;
        ids.push(id);
        batch.last = Some(id);
        batch.contents += 1;
        batch.bytes += row
            .get::<_, i64>(2)
            .map_err(db("be read"))?
            .max(0)
            .cast_unsigned();
        if matches!(some_bytes(row, 3)?, b"blob" | b"both") {
            batch.blobs.push(digest(some_bytes(row, 1)?)?);
        }
    }
    let mut delete = transaction
        .prepare_cached("DELETE FROM contents WHERE id = ?1")
        .map_err(db("remove what is not used"))?;
    for id in ids {
        delete
            .execute([id])
            .map_err(db("remove what is not used"))?;
    }
    Ok(batch)
}
