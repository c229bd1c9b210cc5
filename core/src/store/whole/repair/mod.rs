//! Giving up what is damaged, or getting it again.

mod contents;
mod report;
mod rows;

use super::check::Findings;
use super::refetch;
use crate::cancel::Cancel;
use crate::error::Error;
use crate::import::Control;
use crate::store::error::{StoreError, db};
use crate::store::registry::key;
use crate::store::value::{bytes, digest, some_bytes, unsigned};
use crate::store::{ImportId, Store};
use contents::mend_content;
use rows::{LOST, fail, give_up, give_up_altered, references, unused};

pub use report::{FailedFetch, Loss, RepairOptions, RepairReport};

/// What is needed to put things right later.
#[derive(Debug, Default)]
pub(in crate::store::whole) struct Work {
    pub(super) report: RepairReport,
    /// Imports that are lost as a whole.
    pub(super) whole: Vec<ImportId>,
    /// Imports that are lost, and whose record does not say for sure what they were.
    pub(super) altered: Vec<ImportId>,
}

impl Store {
    /// Checks the store, and puts right what is wrong: what can be made again from another form in
    /// the store, or read again from a source, is; the rest is given up and named. A check afterwards
    /// finds nothing.
    ///
    /// An import keeps its entries when contents of some of its files are lost: reading those fails
    /// with [`CorruptStore`](crate::ErrorKind::CorruptStore) until any import brings the same content again,
    /// and nothing is remembered of them, so that the next import reads them. An import whose
    /// entries do not add up has the status `failed` afterwards, and can be restarted. So has one whose
    /// record in the registry was altered; it is not read again, since it may name another source, and
    /// it is removed if its record still cannot be read.
    ///
    /// # Errors
    ///
    /// [`CorruptStore`](crate::ErrorKind::CorruptStore) if SQLite cannot read its file, which only a new
    /// store helps against, and as for [`check`](Self::check) and [`gc`](Self::gc).
    pub fn repair(
        &self,
        options: &RepairOptions,
        control: &Control,
    ) -> Result<RepairReport, Error> {
        self.writable()?;
        self.mark_interrupted()?;
        let mut findings = self.find(&options.check, control)?;
        let problems = findings.report.problems;
        if findings.database {
            self.reindex()?;
            findings = self.find(&options.check, control)?;
            if findings.database {
                return Err(StoreError::Beyond(self.database().to_owned()).into());
            }
        }
        let mut work = Work::default();
        work.report.problems = problems;
        self.mend(&findings, &mut work, &control.cancel)?;
        if let Some(fetch) = &options.fetch {
            refetch::fetch(self, fetch, control, &mut work)?;
        }
        self.list_losses(options.max_listed, &mut work)?;
        Ok(work.report)
    }

    /// Makes all indexes again, which is all that can be done about a damaged file.
    fn reindex(&self) -> Result<(), Error> {
        self.0.connections.write(true, |transaction| {
            transaction
                .execute_batch("REINDEX")
                .map_err(db("make its indexes again"))
        })
    }

    fn mend(&self, findings: &Findings, work: &mut Work, cancel: &Cancel) -> Result<(), Error> {
        let connections = &self.0.connections;
        for &import in &findings.imports {
            connections.write(true, |transaction| {
                give_up_altered(transaction, import, &mut work.altered)
            })?;
        }
        if findings.dangling {
            connections.write(true, |transaction| references(transaction, work))?;
        }
        for &snapshot in &findings.snapshots {
            cancel.check()?;
            connections.write(true, |transaction| {
                give_up(transaction, snapshot, &mut work.whole)
            })?;
        }
        connections.write(true, |transaction| {
            let empty = "status = 'complete' AND snapshot_id IS NULL";
            fail(transaction, empty, LOST, &mut work.whole)
        })?;
        // Rows of an import that is to be read again must not be found in place of it.
        connections.write(true, unused)?;
        for &content in &findings.contents {
            cancel.check()?;
            connections.write(true, |transaction| {
                mend_content(self, transaction, content, work, cancel)
            })?;
        }
        connections.write(true, |transaction| {
            for (table, ids) in [
                ("blob_facts", &findings.facts),
                ("tree_facts", &findings.trees),
                ("revisions", &findings.revisions),
            ] {
                for id in ids {
                    work.report.forgotten += transaction
                        .execute(&format!("DELETE FROM {table} WHERE object_id = ?1"), [id])
                        .map_err(db("forget what is wrong"))?
                        as u64;
                }
            }
            Ok(())
        })
    }

    fn list_losses(&self, max: usize, work: &mut Work) -> Result<(), Error> {
        const LOST: &str = "
            FROM contents c JOIN files f ON f.content_id = c.id
            JOIN imports i ON i.snapshot_id = f.snapshot_id
            WHERE c.stored = 'lost' AND i.status = 'complete'";
        let report = &mut work.report;
        let whole = || work.whole.iter().chain(&work.altered);
        report.losses += whole().count() as u64;
        report.listed.extend(whole().take(max).map(|&import| Loss {
            import,
            path: Vec::new(),
            digest: None,
            size: 0,
        }));
        self.0.connections.read(|connection| {
            let total: i64 = connection
                .query_row(&format!("SELECT count(*) {LOST}"), (), |row| row.get(0))
                .map_err(db("be read"))?;
            report.losses += total.cast_unsigned();
            let mut select = connection
                .prepare(&format!(
                    "SELECT i.id, f.path, c.digest, c.size {LOST} ORDER BY i.id, f.id LIMIT ?1"
                ))
                .map_err(db("be read"))?;
            let room = max.saturating_sub(report.listed.len());
            let mut rows = select
                .query([i64::try_from(room).unwrap_or(i64::MAX)])
                .map_err(db("be read"))?;
            while let Some(row) = rows.next().map_err(db("be read"))? {
                report.listed.push(Loss {
                    import: ImportId(unsigned(row, 0)?),
                    path: some_bytes(row, 1)?.to_vec(),
                    digest: Some(digest(some_bytes(row, 2)?)?),
                    size: unsigned(row, 3)?,
                });
            }
            Ok(())
        })
    }
}

/// The commit of an import, if it led to one.
pub(in crate::store::whole) fn commit(
    store: &Store,
    id: ImportId,
) -> Result<Option<String>, Error> {
    store.0.connections.read(|connection| {
        let mut select = connection
            .prepare_cached("SELECT commit_id FROM imports WHERE id = ?1")
            .map_err(db("be read"))?;
        let mut rows = select.query([key(id)]).map_err(db("be read"))?;
        let Some(row) = rows.next().map_err(db("be read"))? else {
            return Ok(None);
        };
        let commit = bytes(row, 0)?.and_then(crate::id::ObjectId::from_bytes);
        Ok(commit.map(|commit| commit.to_string()))
    })
}
