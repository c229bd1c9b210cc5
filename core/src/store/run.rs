//! One import into the store, from its source to the status `complete`.

use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::Store;
use super::error::{StoreError, db};
use super::keeper::{Learned, StoreKeeper};
use super::mend::mend;
use super::queue::{CloseOnDrop, Queue};
use super::record::{ImportId, ImportRecord, Status};
use super::registry::{Ended, FIRST_ATTEMPT, NewImport, key, log, record, status};
use super::seal;
use super::snapshot::{self, SnapshotKey};
use super::value::{now, text_or_blob};
use super::writer::{Known, Writer, losses};
use crate::blobs::Durability;
use crate::error::{Error, ErrorKind, FileError};
use crate::id::{ContentHash, ObjectId};
use crate::import::{Control, Found, Import, Options, import_kept};
use crate::manifest::{EntryKind, Manifest};
use crate::progress::Step;
use crate::source::Source;

/// How often an import begins once more because what it relied on went away.
const MAX_TRIES: usize = 16;

/// How a transaction that was to end an import went.
enum Outcome {
    Complete(Box<ImportRecord>),
    /// These blobs, or the snapshot itself, are gone.
    Lost(Vec<ObjectId>),
}

impl Store {
    /// Imports one commit of `source` into the store, and returns when it is there as a whole.
    ///
    /// What an earlier import left is not read again: blobs and trees that did not change, or, if
    /// the same commit was imported with the same options, anything at all.
    ///
    /// # Errors
    ///
    /// As for [`import()`](crate::import()), and those of the store. The registry keeps the import
    /// with its error.
    pub fn import(
        &self,
        source: &Source,
        options: &Options,
        control: &Control,
    ) -> Result<ImportRecord, Error> {
        let owner = self.claim()?;
        let new = NewImport {
            source,
            options,
            tenant: "",
            metadata: None,
        };
        let id = self.begin(&new, &owner)?;
        let result = self.run(id, FIRST_ATTEMPT, source, options, control);
        result.inspect_err(|error| {
            let step = control.progress.snapshot().step;
            let ended = match error.kind() {
                ErrorKind::Cancelled => Ended::Cancelled,
                _ => Ended::Failed(step, error),
            };
            // The error that led here says more than one about writing it down.
            let _ = self.end(id, FIRST_ATTEMPT, ended);
        })
    }

    /// Does the whole work of an attempt at the import `id`, which [`begin`](Self::begin) or
    /// [`begin_again`](Self::begin_again) made, up to the status `complete`. After an error the caller
    /// [ends](Self::end) it.
    pub(crate) fn run(
        &self,
        id: ImportId,
        attempt: u32,
        source: &Source,
        options: &Options,
        control: &Control,
    ) -> Result<ImportRecord, Error> {
        self.writable()?;
        let job = (id, attempt);
        for _ in 0..MAX_TRIES {
            if let Outcome::Complete(record) = self.try_once(job, source, options, control)? {
                return Ok(*record);
            }
        }
        Err(StoreError::Vanishing.into())
    }

    fn try_once(
        &self,
        job: (ImportId, u32),
        source: &Source,
        options: &Options,
        control: &Control,
    ) -> Result<Outcome, Error> {
        let lost_before = self.0.connections.read(losses)?;
        let queue = Arc::new(Queue::default());
        let keeper = StoreKeeper::new(self, options, &control.cancel, &queue)?;
        let (imported, written) = std::thread::scope(|scope| {
            let writer = Writer::new(self, job.0, &control.cancel);
            let thread = std::thread::Builder::new()
                .name("gitlade-store".to_owned())
                .spawn_scoped(scope, || writer.run(&queue))
                .map_err(|error| FileError::new("start a thread for", self.folder(), error))?;
            let imported = {
                let _close = CloseOnDrop(&queue);
                import_kept(source, options, control, Some(&keeper))
            };
            let written = match thread.join() {
                Ok(written) => written,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            Ok::<_, Error>((imported, written))
        })?;
        // A writer that fails makes the import fail, which then does not know why.
        let mut writer = written?;
        let imported = imported?;
        let mut learned = keeper.into_learned();
        let Some(import) = imported else {
            return self.complete_known(job, &learned, &mut writer);
        };
        writer.learn(std::mem::take(&mut learned.recalled));
        let manifest = import.manifest();
        let tree = learned.found.as_ref().and_then(|found| found.peeled);
        let key = match tree {
            Some(peeled) if manifest.skipped().missing == 0 => Some(SnapshotKey::new(
                peeled.tree,
                options,
                self.0.options.large_file,
            )?),
            _ => None,
        };
        for _ in 0..MAX_TRIES {
            mend(self, &mut writer, &import, &control.cancel)?;
            let ending = Ending {
                store: self,
                job,
                learned: &learned,
                key: key.as_ref(),
                whole: tree.map(|peeled| peeled.tree),
                lost_before,
                control,
            };
            match ending.complete(&import, &mut writer)? {
                Outcome::Lost(lost) if !lost.is_empty() => writer.forget(&lost),
                outcome => return Ok(outcome),
            }
        }
        Ok(Outcome::Lost(Vec::new()))
    }

    /// Ends an import whose snapshot is there already.
    fn complete_known(
        &self,
        job: (ImportId, u32),
        learned: &Learned,
        writer: &mut Writer<'_>,
    ) -> Result<Outcome, Error> {
        let (Some((snapshot, key)), Some(found)) = (learned.snapshot, &learned.found) else {
            return Err(StoreError::Vanishing.into());
        };
        let durable = self.0.options.durability != Durability::None;
        writer.transact(durable, |_, transaction| {
            if snapshot::find(transaction, &key)? != Some(snapshot) {
                return Ok(Outcome::Lost(Vec::new()));
            }
            let reference = found.reference.as_deref();
            let commit = found.peeled.and_then(|peeled| peeled.commit);
            learn_revision(transaction, found)?;
            complete(transaction, job, snapshot, reference, commit)
        })
    }
}

/// The end of an import that read something.
struct Ending<'a> {
    store: &'a Store,
    /// The import, and which attempt at it.
    job: (ImportId, u32),
    learned: &'a Learned,
    key: Option<&'a SnapshotKey>,
    /// The whole tree, whichever folder of it was imported.
    whole: Option<ObjectId>,
    lost_before: i64,
    control: &'a Control,
}

impl Ending<'_> {
    /// Writes all rows and the status in one transaction, after everything that they refer to has
    /// become durable.
    fn complete(&self, import: &Import, writer: &mut Writer<'_>) -> Result<Outcome, Error> {
        let options = &self.store.0.options;
        let durable = options.durability != Durability::None;
        let manifest = import.manifest();
        let entries = manifest.entries().count() as u64;
        self.control.progress.enter(Step::Complete, entries, 0);
        writer.transact(durable, |writer, transaction| {
            // Blobs may have been collected before they had rows, which no trigger counts.
            let unknown: Vec<ObjectId> = manifest
                .entries()
                .filter(|entry| !matches!(entry.kind(), EntryKind::Folder(_)))
                .filter(|entry| entry.digest().is_some())
                .map(|entry| entry.id())
                .filter(|id| !writer.known().contains_key(id))
                .collect();
            if !unknown.is_empty() {
                return Ok(Outcome::Lost(unknown));
            }
            if losses(transaction)? != self.lost_before {
                let lost = lost(transaction, manifest, writer)?;
                if !lost.is_empty() {
                    return Ok(Outcome::Lost(lost));
                }
            }
            let known = match self.key {
                Some(key) => snapshot::find(transaction, key)?,
                None => None,
            };
            let snapshot = match known {
                Some(snapshot) => snapshot,
                None => snapshot::write(
                    transaction,
                    manifest,
                    self.key,
                    self.whole,
                    writer.known(),
                    options.large_file,
                    self.control,
                )?,
            };
            if let Some(found) = &self.learned.found {
                learn_revision(transaction, found)?;
            }
            let source = &manifest.header().source;
            complete(
                transaction,
                self.job,
                snapshot,
                source.reference.as_deref(),
                source.commit,
            )
        })
    }
}

/// The blobs of the manifest whose content is not where the import knew it.
fn lost(
    connection: &Connection,
    manifest: &Manifest,
    writer: &Writer<'_>,
) -> Result<Vec<ObjectId>, Error> {
    let mut lost = Vec::new();
    for entry in manifest.entries() {
        let (Some(digest), Some(known)) = (entry.digest(), writer.known().get(&entry.id())) else {
            continue;
        };
        if !is_there(connection, &digest, known)? {
            lost.push(entry.id());
        }
    }
    Ok(lost)
}

fn is_there(connection: &Connection, digest: &ContentHash, known: &Known) -> Result<bool, Error> {
    let stored: Option<String> = connection
        .prepare_cached("SELECT stored FROM contents WHERE id = ?1 AND digest = ?2")
        .and_then(|mut select| {
            select
                .query_row(params![known.content, digest.as_bytes()], |row| row.get(0))
                .optional()
        })
        .map_err(db("be read"))?;
    let Some(stored) = stored else {
        return Ok(false);
    };
    if stored == "lost" || (known.in_blobs && stored == "text") {
        return Ok(false);
    }
    let Some(encoding) = known.encoding else {
        return Ok(true);
    };
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM texts WHERE content_id = ?1 AND encoding = ?2)",
        )
        .and_then(|mut select| select.query_row((known.content, encoding.name()), |row| row.get(0)))
        .map_err(db("be read"))
}

/// Remembers what a commit or tag leads to. Its bytes were hashed when they were read.
fn learn_revision(transaction: &Transaction<'_>, found: &Found) -> Result<(), Error> {
    let Some(peeled) = found.peeled else {
        return Ok(());
    };
    let mut insert = transaction
        .prepare_cached(
            "INSERT OR IGNORE INTO revisions (object_id, commit_id, tree_id, seal)
             VALUES (?1, ?2, ?3, ?4)",
        )
        .map_err(db("write a revision"))?;
    let commit = peeled.commit.as_ref().map(ObjectId::as_bytes);
    for id in [Some(found.id), peeled.commit].into_iter().flatten() {
        let (id, tree) = (id.as_bytes(), peeled.tree.as_bytes());
        seal::of(params![id, commit, tree])
            .and_then(|seal| insert.execute(params![id, commit, tree, seal]))
            .map_err(db("write a revision"))?;
    }
    Ok(())
}

/// Sets the status `complete`, unless the attempt has ended or another one has begun.
fn complete(
    transaction: &Transaction<'_>,
    (id, attempt): (ImportId, u32),
    snapshot: i64,
    reference: Option<&[u8]>,
    commit: Option<ObjectId>,
) -> Result<Outcome, Error> {
    let before = status(transaction, id)?;
    if before.is_end() {
        return Err(StoreError::NotComplete { id, status: before }.into());
    }
    let changed = transaction
        .execute(
            "UPDATE imports SET status = 'complete', step = 'complete', percent = 100,
                 reference = ?2, commit_id = ?3, snapshot_id = ?4, engine = NULL, kept_from = NULL,
                 cancel_requested = 0, started_at = ifnull(started_at, created_at),
                 updated_at = ?5, ended_at = ?5
             WHERE id = ?1 AND attempt = ?6",
            params![
                key(id),
                reference.map(text_or_blob),
                commit.as_ref().map(ObjectId::as_bytes),
                snapshot,
                now(),
                attempt
            ],
        )
        .map_err(db("complete an import"))?;
    if changed == 0 {
        return Err(StoreError::Overtaken { id, attempt }.into());
    }
    log(transaction, id, Status::Complete.name(), "")?;
    seal_import(transaction, id)?;
    Ok(Outcome::Complete(Box::new(record(transaction, id)?)))
}

/// Seals what the registry says of a complete import, now that it will not change.
pub(super) fn seal_import(transaction: &Transaction<'_>, id: ImportId) -> Result<(), Error> {
    let seal = seal::of_import(transaction, id)?;
    transaction
        .execute(
            "UPDATE imports SET seal = ?2 WHERE id = ?1",
            params![key(id), seal],
        )
        .map_err(db("complete an import"))?;
    Ok(())
}
