//! The one thread that writes what an import reads.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::Store;
use super::connection::{MAX_BUSY, Purpose, Turns};
use super::error::db;
use super::facts;
use super::hasher::IdHashes;
use super::queue::{AbandonOnDrop, Item, Popped, Queue};
use super::record::ImportId;
use super::registry::key;
use super::texts::{self, Text};
use super::value::signed;
use crate::blobs::BlobStore;
use crate::cancel::Cancel;
use crate::content::{BlobFacts, Encoding, RULES_VERSION};
use crate::error::Error;
use crate::id::{ContentHash, ObjectId};

/// How long one transaction takes at most, so that others get their turn.
const MAX_TRANSACTION: Duration = MAX_BUSY;

/// How long a transaction waits for more, in all. Each transaction writes most pages of the index of
/// digests once more, so fewer are better.
const PATIENCE: Duration = Duration::from_millis(20);

/// Facts, and bytes of trees, that are gathered before they are written in the order of their ids,
/// for the same reason.
const MAX_FACTS: usize = 20_000;
const MAX_TREE_BYTES: usize = 4 << 20;

/// Contents that wait for their blobs to be durable, and bytes of their texts.
const MAX_WAITING: usize = 20_000;
const MAX_WAITING_BYTES: usize = 2 << 20;

/// Where a blob of the running import is in the store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    /// The row in `contents`.
    pub(super) content: i64,
    /// The encoding of the text that is there by the bytes alone.
    pub(super) encoding: Option<Encoding>,
    /// Whether the folder of blobs has the bytes for sure.
    pub(super) in_blobs: bool,
}

/// Blobs by their ids.
pub(super) type KnownBlobs = HashMap<ObjectId, Known, IdHashes>;

/// A content whose blob is to be durable before there is a row.
struct Waiting {
    id: ObjectId,
    facts: BlobFacts,
    text: Option<Text>,
}

/// Facts that wait to be written.
struct Learned {
    id: ObjectId,
    content: i64,
    digest: ContentHash,
    facts: Vec<u8>,
}

/// Writes contents, facts and trees of one import.
pub(super) struct Writer<'a> {
    store: &'a Store,
    cancel: &'a Cancel,
    import: ImportId,
    connection: Option<Connection>,
    known: KnownBlobs,
    waiting: Vec<Waiting>,
    waiting_bytes: usize,
    facts: Vec<Learned>,
    trees: Vec<(ObjectId, Vec<u8>)>,
    tree_bytes: usize,
    /// What [`losses`] said when this began; `None` before.
    losses: Option<i64>,
    turns: Turns,
}

impl<'a> Writer<'a> {
    pub(super) fn new(store: &'a Store, import: ImportId, cancel: &'a Cancel) -> Self {
        Writer {
            store,
            cancel,
            import,
            connection: None,
            known: KnownBlobs::default(),
            waiting: Vec::new(),
            waiting_bytes: 0,
            facts: Vec::new(),
            trees: Vec::new(),
            tree_bytes: 0,
            losses: None,
            turns: Turns::default(),
        }
    }

    /// Writes what comes through `queue`, until its end.
    pub(super) fn run(mut self, queue: &Queue) -> Result<Self, Error> {
        let _abandon = AbandonOnDrop(queue);
        loop {
            match queue.pop(Duration::from_secs(1)) {
                Popped::Nothing => self.cancel.check()?,
                Popped::End => break,
                Popped::Item(item) => {
                    if let Some(item) = self.gather(item) {
                        self.write_many(item, queue)?;
                    }
                    self.flush(false)?;
                }
            }
        }
        self.flush(true)?;
        Ok(self)
    }

    /// Where the import's blobs are.
    pub(super) fn known(&self) -> &KnownBlobs {
        &self.known
    }

    /// Adds blobs that earlier imports left.
    pub(super) fn learn(&mut self, mut recalled: KnownBlobs) {
        if recalled.len() > self.known.len() {
            std::mem::swap(&mut self.known, &mut recalled);
        }
        self.known.extend(recalled);
    }

    /// Forgets what turned out to be gone.
    pub(super) fn forget(&mut self, lost: &[ObjectId]) {
        for id in lost {
            self.known.remove(id);
        }
    }

    /// Writes one more blob, after the queue's end; [`flush`](Self::flush) ends it.
    pub(super) fn add(&mut self, item: Item) -> Result<(), Error> {
        if let Some(item) = self.gather(item) {
            self.transact(false, |writer, transaction| {
                writer.insert_item(transaction, item)
            })?;
        }
        self.flush(false)
    }

    /// Puts aside what is not written at once.
    fn gather(&mut self, item: Item) -> Option<Item> {
        match item {
            Item::Tree { id, bytes, .. } => {
                self.tree_bytes += bytes.len();
                self.trees.push((id, bytes));
                None
            }
            Item::Blob {
                id,
                facts,
                text,
                in_blobs: true,
                ..
            } => {
                self.waiting_bytes += text.as_ref().map_or(0, Text::held);
                self.waiting.push(Waiting { id, facts, text });
                None
            }
            item => Some(item),
        }
    }

    /// Writes `first` and what comes behind it, in one transaction.
    fn write_many(&mut self, first: Item, queue: &Queue) -> Result<(), Error> {
        let items = self.await_more(first, queue);
        self.transact(false, |writer, transaction| {
            let begin = Instant::now();
            for item in items {
                writer.insert_item(transaction, item)?;
            }
            let mut patience = PATIENCE;
            while begin.elapsed() < MAX_TRANSACTION && !writer.is_full() {
                let asked = Instant::now();
                let popped = queue.pop(patience);
                patience = patience.saturating_sub(asked.elapsed());
                match popped {
                    Popped::Item(item) => {
                        if let Some(item) = writer.gather(item) {
                            writer.insert_item(transaction, item)?;
                        }
                    }
                    Popped::Nothing | Popped::End => break,
                }
            }
            Ok(())
        })
    }

    /// Waits for what comes behind `first` while nobody else has to wait for that: not in a
    /// transaction, and as long as those who send have room.
    fn await_more(&mut self, first: Item, queue: &Queue) -> Vec<Item> {
        let begin = Instant::now();
        let mut items = vec![first];
        while begin.elapsed() < MAX_TRANSACTION && !self.is_full() && !queue.is_half_full() {
            match queue.pop(PATIENCE) {
                Popped::Item(item) => items.extend(self.gather(item)),
                Popped::Nothing | Popped::End => break,
            }
        }
        items
    }

    fn is_full(&self) -> bool {
        self.facts.len() >= MAX_FACTS
            || self.tree_bytes >= MAX_TREE_BYTES
            || self.waiting.len() >= MAX_WAITING
            || self.waiting_bytes >= MAX_WAITING_BYTES
    }

    /// Writes what was gathered: all of it, or if there is much.
    pub(super) fn flush(&mut self, all: bool) -> Result<(), Error> {
        if !all && !self.is_full() {
            return Ok(());
        }
        if !self.waiting.is_empty() {
            // A row says that the blob is there, so that it has to stay.
            self.store.blobs().sync()?;
        }
        if self.waiting.is_empty() && self.facts.is_empty() && self.trees.is_empty() {
            return Ok(());
        }
        self.transact(false, |writer, transaction| {
            writer.waiting_bytes = 0;
            for waiting in std::mem::take(&mut writer.waiting) {
                writer.cancel.check()?;
                // A collection of garbage may have come between the blob and its row.
                if writer.store.blobs().contains(&waiting.facts.digest)? {
                    let Waiting { id, facts, text } = waiting;
                    writer.insert(transaction, id, &facts, text, true)?;
                }
            }
            writer.write_trees(transaction)?;
            writer.write_facts(transaction)
        })
    }

    /// Runs `work` in a transaction on the import's own connection.
    pub(super) fn transact<T>(
        &mut self,
        durable: bool,
        work: impl FnOnce(&mut Self, &Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let connections = &self.store.0.connections;
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => connections.connect(Purpose::Bulk)?,
        };
        let mut begin = Instant::now();
        let result = connections.write_bulk(&mut connection, durable, self.cancel, |transaction| {
            begin = Instant::now();
            self.begin(transaction)?;
            work(self, transaction)
        });
        self.connection = Some(connection);
        self.turns.had(begin.elapsed());
        result
    }

    /// Says from where on contents may be those of this import, unless an attempt at it has said so
    /// or it has ended.
    fn begin(&mut self, transaction: &Transaction<'_>) -> Result<(), Error> {
        if self.losses.is_some() {
            return Ok(());
        }
        transaction
            .execute(
                "UPDATE imports
                 SET kept_from = ifnull(kept_from, (SELECT ifnull(max(id), 0) + 1 FROM contents))
                 WHERE id = ?1 AND engine IS NOT NULL",
                [key(self.import)],
            )
            .map_err(db("write down an import"))?;
        self.losses = Some(losses(transaction)?);
        Ok(())
    }

    fn insert_item(&mut self, transaction: &Transaction<'_>, item: Item) -> Result<(), Error> {
        match item {
            Item::Blob {
                id,
                facts,
                text,
                in_blobs,
                permit,
            } => {
                self.insert(transaction, id, &facts, text, in_blobs)?;
                drop(permit);
                Ok(())
            }
            Item::Tree { .. } => Ok(()),
        }
    }

    /// Writes a content with its text; the blob, if it is to have one, is there.
    fn insert(
        &mut self,
        transaction: &Transaction<'_>,
        id: ObjectId,
        facts: &BlobFacts,
        text: Option<Text>,
        in_blobs: bool,
    ) -> Result<(), Error> {
        let encoding = text.as_ref().and(facts.traits.encoding);
        let content =
            content(transaction, facts, text.is_some(), in_blobs).map_err(db("write a content"))?;
        if let (Some(text), Some(encoding)) = (text, encoding) {
            texts::insert(transaction, content, encoding, text)?;
        }
        self.known.insert(
            id,
            Known {
                content,
                encoding,
                in_blobs,
            },
        );
        self.facts.push(Learned {
            id,
            content,
            digest: facts.digest,
            facts: facts::encode(facts, encoding.is_some()),
        });
        Ok(())
    }

    fn write_facts(&mut self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let mut facts = std::mem::take(&mut self.facts);
        facts.sort_unstable_by_key(|learned| learned.id);
        let prepare = |sql| transaction.prepare_cached(sql).map_err(db("write facts"));
        // To replace a row, SQLite would copy each page first.
        let mut insert = prepare(
            "INSERT OR IGNORE INTO blob_facts (object_id, content_id, rules, facts)
             VALUES (?1, ?2, ?3, ?4)",
        )?;
        let mut update = prepare(
            "UPDATE blob_facts SET content_id = ?2, rules = ?3, facts = ?4 WHERE object_id = ?1",
        )?;
        let is_whole = self.losses == Some(losses(transaction)?);
        for learned in &facts {
            // Facts of what is gone would be facts of nothing.
            if !is_whole && !has_content(transaction, learned.content, &learned.digest)? {
                continue;
            }
            let row = params![
                learned.id.as_bytes(),
                learned.content,
                RULES_VERSION,
                learned.facts
            ];
            if insert.execute(row).map_err(db("write facts"))? == 0 {
                update.execute(row).map_err(db("write facts"))?;
            }
        }
        Ok(())
    }

    fn write_trees(&mut self, transaction: &Transaction<'_>) -> Result<(), Error> {
        let mut trees = std::mem::take(&mut self.trees);
        self.tree_bytes = 0;
        trees.sort_unstable_by_key(|(id, _)| *id);
        let mut insert = transaction
            .prepare_cached("INSERT OR IGNORE INTO tree_facts (object_id, bytes) VALUES (?1, ?2)")
            .map_err(db("write a tree"))?;
        for (id, bytes) in &trees {
            insert
                .execute(params![id.as_bytes(), bytes])
                .map_err(db("write a tree"))?;
        }
        Ok(())
    }
}

/// The row of a content, made if it is new; the row says of an older one what came.
fn content(
    transaction: &Transaction<'_>,
    facts: &BlobFacts,
    has_text: bool,
    in_blobs: bool,
) -> rusqlite::Result<i64> {
    let stored = match (has_text, in_blobs) {
        (true, false) => "text",
        (true, true) => "both",
        (false, _) => "blob",
    };
    let digest = facts.digest.as_bytes();
    let inserted = transaction
        .prepare_cached(
            "INSERT INTO contents (digest, size, stored) VALUES (?1, ?2, ?3)
             ON CONFLICT (digest) DO NOTHING",
        )?
        .execute(params![digest, signed(facts.size), stored])?;
    if inserted == 1 {
        return Ok(transaction.last_insert_rowid());
    }
    let (id, before): (i64, String) = transaction
        .prepare_cached("SELECT id, stored FROM contents WHERE digest = ?1")?
        .query_row([digest], |row| Ok((row.get(0)?, row.get(1)?)))?;
    if before == "lost" {
        // It is back, and with it all earlier imports that have it.
        transaction
            .prepare_cached("UPDATE contents SET stored = ?2, size = ?3 WHERE id = ?1")?
            .execute(params![id, stored, signed(facts.size)])?;
    } else if before != stored && before != "both" {
        transaction
            .prepare_cached("UPDATE contents SET stored = 'both' WHERE id = ?1")?
            .execute([id])?;
    }
    Ok(id)
}

/// Whether a content is still there.
pub(super) fn has_content(
    connection: &Connection,
    content: i64,
    digest: &ContentHash,
) -> Result<bool, Error> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM contents
             WHERE id = ?1 AND digest = ?2 AND stored <> 'lost')",
        )
        .and_then(|mut select| {
            select.query_row(params![content, digest.as_bytes()], |row| row.get(0))
        })
        .map_err(db("be read"))
}

/// Counts what was lost; see `state` in the schema.
pub(super) fn losses(connection: &Connection) -> Result<i64, Error> {
    connection
        .prepare_cached("SELECT value FROM state WHERE name = 'losses'")
        .and_then(|mut select| select.query_row((), |row| row.get(0)).optional())
        .map(|value| value.unwrap_or(-1))
        .map_err(db("be read"))
}
