//! Giving up what is damaged, or getting it again.

use rusqlite::{Transaction, params};
use serde::Serialize;

use super::check::Findings;
use super::contents::{Stored, decodings, load, look_at};
use super::refetch;
use super::report::{CheckOptions, ProblemKind, shown};
use crate::blobs::BlobStore;
use crate::cancel::Cancel;
use crate::content::Encoding;
use crate::error::{Error, ErrorKind};
use crate::id::ContentHash;
use crate::import::{Control, Options};
use crate::store::error::{StoreError, db};
use crate::store::registry::{drop_unused_snapshot, key, log, record};
use crate::store::texts::{self, Text};
use crate::store::value::{bytes, digest, now, some_bytes, unsigned};
use crate::store::{ImportId, Status, Store};

/// How a store is repaired.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RepairOptions {
    /// How it is checked before.
    pub check: CheckOptions,
    /// With which means (threads, memory, [`remote`](Options#structfield.remote) with credentials)
    /// what is damaged is read again from the sources of its imports. What is read is theirs to say.
    /// Default `None`: nothing is read again.
    pub fetch: Option<Options>,
    /// Losses that are listed; all are counted. Default 10,000.
    pub max_listed: usize,
}

impl Default for RepairOptions {
    fn default() -> Self {
        RepairOptions {
            check: CheckOptions::default(),
            fetch: None,
            max_listed: 10_000,
        }
    }
}

impl RepairOptions {
    /// Sets [`check`](Self#structfield.check).
    pub fn check(mut self, options: CheckOptions) -> Self {
        self.check = options;
        self
    }

    /// Sets [`fetch`](Self#structfield.fetch).
    pub fn fetch(mut self, options: impl Into<Option<Options>>) -> Self {
        self.fetch = options.into();
        self
    }

    /// Sets [`max_listed`](Self#structfield.max_listed).
    pub fn max_listed(mut self, losses: usize) -> Self {
        self.max_listed = losses;
        self
    }
}

/// A file whose content is lost, or an import that is lost as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Loss {
    /// The import.
    pub import: ImportId,
    /// The path from its root; empty for the whole import. As data it is fit to be shown.
    #[serde(serialize_with = "shown")]
    pub path: Vec<u8>,
    /// The content; `None` for the whole import.
    pub digest: Option<ContentHash>,
    /// Its bytes; 0 for the whole import.
    pub size: u64,
}

/// An import whose source did not give again what was damaged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FailedFetch {
    /// The import.
    pub import: ImportId,
    /// The name of the error's kind.
    pub kind: String,
    /// The error and what caused it, without control characters and secrets.
    pub message: String,
}

/// What [`Store::repair`](crate::Store::repair) did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RepairReport {
    /// Problems that the check found.
    pub problems: u64,
    /// Contents that were made again from another form of theirs in the store.
    pub healed: u64,
    /// Contents that were read again from the source of an import.
    pub fetched: u64,
    /// What was remembered of blobs, trees and commits, was wrong, and is forgotten.
    pub forgotten: u64,
    /// Imports that were read again as a whole.
    pub reimported: u64,
    /// Blobs that cannot be read although they are there, and were left alone.
    pub unreadable: u64,
    /// Files whose content is lost, and imports that are lost as a whole.
    pub losses: u64,
    /// The first of them.
    pub listed: Vec<Loss>,
    /// Sources that were asked in vain.
    pub failed: Vec<FailedFetch>,
}

/// What is needed to put things right later.
#[derive(Debug, Default)]
pub(super) struct Work {
    pub(super) report: RepairReport,
    /// Imports that are lost as a whole.
    pub(super) whole: Vec<ImportId>,
    /// Imports that are lost, and whose record does not say for sure what they were.
    pub(super) altered: Vec<ImportId>,
}

const LOST: &str = "the store was damaged, and the entries of this import were lost";
const ALTERED: &str = "the store was damaged, and what it says of this import may be wrong";

impl Store {
    /// Checks the store, and puts right what is wrong: what can be made again from another form in
    /// the store, or read again from a source, is; the rest is given up and named. A check afterwards
    /// finds nothing.
    ///
    /// An import keeps its entries when contents of some of its files are lost: reading those fails
    /// with [`CorruptStore`](ErrorKind::CorruptStore) until any import brings the same content again,
    /// and nothing is remembered of them, so that the next import reads them. An import whose
    /// entries do not add up has the status `failed` afterwards, and can be restarted. So has one whose
    /// record in the registry was altered; it is not read again, since it may name another source, and
    /// it is removed if its record still cannot be read.
    ///
    /// # Errors
    ///
    /// [`CorruptStore`](ErrorKind::CorruptStore) if SQLite cannot read its file, which only a new
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

/// Removes rows that refer to nothing, and gives up what needs what is not there.
fn references(transaction: &Transaction<'_>, work: &mut Work) -> Result<(), Error> {
    let gone = |column: &str, table: &str| {
        format!("{column} IS NOT NULL AND {column} NOT IN (SELECT id FROM {table})")
    };
    for (from, column, table) in [
        ("texts", "content_id", "contents"),
        ("blob_facts", "content_id", "contents"),
        ("log", "import_id", "imports"),
        ("large_files", "snapshot_id", "snapshots"),
        ("files", "snapshot_id", "snapshots"),
        ("folders", "snapshot_id", "snapshots"),
    ] {
        transaction
            .execute(
                &format!("DELETE FROM {from} WHERE {}", gone(column, table)),
                (),
            )
            .map_err(db("be repaired"))?;
    }
    transaction
        .execute_batch(
            "DELETE FROM state WHERE name <> 'losses';
             INSERT INTO state (name, value) VALUES ('losses', 1)
             ON CONFLICT (name) DO UPDATE SET value = max(value, 0) + 1",
        )
        .map_err(db("be repaired"))?;
    fail(
        transaction,
        &gone("snapshot_id", "snapshots"),
        LOST,
        &mut work.whole,
    )?;
    let broken: Vec<i64> = transaction
        .prepare(&format!(
            "SELECT snapshot_id FROM files WHERE ({}) OR ({}) OR ({})
             UNION SELECT snapshot_id FROM folders WHERE {}",
            gone("content_id", "contents"),
            gone("verdict_id", "verdicts"),
            gone("folder_id", "folders"),
            gone("parent_id", "folders"),
        ))
        .and_then(|mut select| select.query_map((), |row| row.get(0))?.collect())
        .map_err(db("be repaired"))?;
    for snapshot in broken {
        give_up(transaction, snapshot, &mut work.whole)?;
    }
    Ok(())
}

/// Drops the snapshots that no import has.
fn unused(transaction: &Transaction<'_>) -> Result<(), Error> {
    let unused: Vec<i64> = transaction
        .prepare(
            "SELECT id FROM snapshots s
             WHERE NOT EXISTS (SELECT 1 FROM imports i WHERE i.snapshot_id = s.id)",
        )
        .and_then(|mut select| select.query_map((), |row| row.get(0))?.collect())
        .map_err(db("be repaired"))?;
    for snapshot in unused {
        drop_unused_snapshot(transaction, snapshot)?;
    }
    Ok(())
}

/// Drops a snapshot that does not add up; its imports have failed then.
fn give_up(
    transaction: &Transaction<'_>,
    snapshot: i64,
    whole: &mut Vec<ImportId>,
) -> Result<(), Error> {
    let having = format!("snapshot_id = {snapshot}");
    fail(transaction, &having, LOST, whole)?;
    drop_unused_snapshot(transaction, snapshot)
}

/// Lets an import fail whose record was altered. What cannot be read of it is forgotten, and if that
/// does not help, all of it.
fn give_up_altered(
    transaction: &Transaction<'_>,
    id: ImportId,
    altered: &mut Vec<ImportId>,
) -> Result<(), Error> {
    fail(transaction, &format!("id = {}", key(id)), ALTERED, altered)?;
    if is_readable(transaction, id)? {
        return Ok(());
    }
    transaction
        .execute(
            "UPDATE imports SET
                 source = iif(typeof(source) IN ('text', 'blob'), source, CAST(source AS TEXT)),
                 subdir = iif(typeof(subdir) IN ('text', 'blob'), subdir, NULL),
                 attempt = min(max(attempt, 1), 1000000), metadata = NULL, step = NULL,
                 percent = NULL, message = NULL, reference = NULL, commit_id = NULL,
                 failed_step = NULL
             WHERE id = ?1",
            [key(id)],
        )
        .map_err(db("be repaired"))?;
    if !is_readable(transaction, id)? {
        transaction
            .execute("DELETE FROM imports WHERE id = ?1", [key(id)])
            .map_err(db("be repaired"))?;
    }
    Ok(())
}

/// Whether an import can be listed, or is not there.
fn is_readable(transaction: &Transaction<'_>, id: ImportId) -> Result<bool, Error> {
    match record(transaction, id) {
        Err(error) if error.kind() == ErrorKind::CorruptStore => Ok(false),
        Err(error) if error.kind() == ErrorKind::ImportNotFound => Ok(true),
        record => record.map(|_| true),
    }
}

/// Lets the imports fail that `condition` is true of, and says which.
fn fail(
    transaction: &Transaction<'_>,
    condition: &str,
    message: &str,
    failed: &mut Vec<ImportId>,
) -> Result<(), Error> {
    let ids: Vec<i64> = transaction
        .prepare(&format!("SELECT id FROM imports WHERE {condition}"))
        .and_then(|mut select| select.query_map((), |row| row.get(0))?.collect())
        .map_err(db("be repaired"))?;
    for id in ids {
        let id = ImportId(id.cast_unsigned());
        transaction
            .execute(
                "UPDATE imports SET status = 'failed', snapshot_id = NULL, error_kind = ?2,
                     error_message = ?3, error_advice = 'restart it', updated_at = ?4, seal = NULL
                 WHERE id = ?1",
                params![key(id), ErrorKind::CorruptStore.name(), message, now()],
            )
            .map_err(db("be repaired"))?;
        log(transaction, id, Status::Failed.name(), message)?;
        failed.push(id);
    }
    Ok(())
}

/// Puts a content right, or gives it up.
fn mend_content(
    store: &Store,
    transaction: &Transaction<'_>,
    id: i64,
    work: &mut Work,
    cancel: &Cancel,
) -> Result<(), Error> {
    let Some(stored) = load(transaction, id)? else {
        return Ok(());
    };
    let mut wrong = look_at(store, &stored, cancel)?.wrong;
    wrong.retain(|(.., object)| object.is_none());
    if wrong.is_empty() {
        return Ok(());
    }
    let Some(digest) = stored.hash() else {
        // No digest, no content. What had it did not add up, and is gone.
        transaction
            .execute("DELETE FROM contents WHERE id = ?1", [id])
            .map_err(db("be repaired"))?;
        return Ok(());
    };
    if wrong
        .iter()
        .any(|(kind, ..)| *kind == ProblemKind::BlobUnreadable)
    {
        work.report.unreadable += 1;
        return Ok(());
    }
    let text = stored
        .text(Encoding::UTF_8.name())
        .filter(|text| ContentHash::of(text) == digest);
    let blob = match store.blobs().get(&digest) {
        Ok(blob) => blob.filter(|blob| ContentHash::of(blob) == digest),
        Err(error) if error.kind() == ErrorKind::CorruptStore => None,
        Err(error) => return Err(error),
    };
    if stored.form != "lost"
        && let Some(content) = blob.as_deref().or(text)
    {
        mend_from(
            store,
            transaction,
            &stored,
            &digest,
            content,
            blob.is_some(),
        )?;
        work.report.healed += 1;
        return Ok(());
    }
    // The file first: a row without it is found again, a lost content with a damaged file is not.
    store.blobs().remove(&digest)?;
    lose(transaction, id).map_err(db("be repaired"))
}

/// Makes all forms of a content from its bytes.
fn mend_from(
    store: &Store,
    transaction: &Transaction<'_>,
    stored: &Stored,
    digest: &ContentHash,
    content: &[u8],
    has_blob: bool,
) -> Result<(), Error> {
    let in_blobs = stored.form != "text" || std::str::from_utf8(content).is_err();
    if in_blobs && !has_blob {
        // What stands there is damaged, and may have the right length.
        store.blobs().remove(digest)?;
        store.blobs().put(digest, content)?;
        store.blobs().sync()?;
    }
    transaction
        .execute("DELETE FROM texts WHERE content_id = ?1", [stored.id])
        .map_err(db("be repaired"))?;
    let mut texts = 0;
    let mut insert = |encoding, text| {
        texts += 1;
        texts::insert(transaction, stored.id, encoding, Text::Whole(text))
    };
    if !in_blobs {
        let text = String::from_utf8_lossy(content).into_owned();
        insert(Encoding::UTF_8, text)?;
    } else {
        for (name, old) in &stored.texts {
            let Some(encoding) = Encoding::from_name(name) else {
                continue;
            };
            let mut right = decodings(content, encoding).collect::<Vec<String>>();
            let same = right.iter().position(|text| text.as_bytes() == &old[..]);
            if !right.is_empty() {
                insert(encoding, right.swap_remove(same.unwrap_or(0)))?;
            }
        }
    }
    let form = match (in_blobs, texts) {
        (false, _) => "text",
        (true, 0) => "blob",
        (true, _) => "both",
    };
    transaction
        .execute(
            "UPDATE contents SET stored = ?2, size = ?3 WHERE id = ?1",
            params![stored.id, form, (content.len() as u64).cast_signed()],
        )
        .map_err(db("be repaired"))?;
    Ok(())
}

/// Gives a content up: nothing is known of it any more but where it was.
fn lose(transaction: &Transaction<'_>, id: i64) -> rusqlite::Result<()> {
    transaction.execute("DELETE FROM blob_facts WHERE content_id = ?1", [id])?;
    transaction.execute("DELETE FROM texts WHERE content_id = ?1", [id])?;
    transaction.execute("UPDATE contents SET stored = 'lost' WHERE id = ?1", [id])?;
    transaction.execute(
        "DELETE FROM contents WHERE id = ?1
         AND NOT EXISTS (SELECT 1 FROM files WHERE content_id = ?1)",
        [id],
    )?;
    Ok(())
}

/// The commit of an import, if it led to one.
pub(super) fn commit(store: &Store, id: ImportId) -> Result<Option<String>, Error> {
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
