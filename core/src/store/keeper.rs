//! A running import, seen from its reading threads: what is known already, and where the rest goes.

use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OptionalExtension};

use super::Store;
use super::connection::{Purpose, lock};
use super::error::db;
use super::facts;
use super::queue::{Item, Permit, Queue};
use super::snapshot::{self, SnapshotKey};
use super::texts::{self, Text};
use super::value::{bytes, object_id, some_bytes};
use super::writer::{Known, KnownBlobs};
use crate::blobs::BlobStore;
use crate::cancel::Cancel;
use crate::content::{BlobFacts, Encoding, RULES_VERSION, decode};
use crate::error::Error;
use crate::id::ObjectId;
use crate::import::{Found, Keeper, Options, Peeled};

/// Keeps the blobs of an import in a store.
pub(super) struct StoreKeeper<'a> {
    store: &'a Store,
    options: &'a Options,
    cancel: &'a Cancel,
    queue: &'a Arc<Queue>,
    /// For looking up trees one by one.
    reader: Mutex<Reader>,
    learned: Mutex<Learned>,
}

/// A connection with a read transaction that is kept from one tree to the next as long as they are
/// only looked up: beginning one costs more than the lookup. It must not be kept while much is
/// written, since the log can only grow behind it.
#[derive(Debug)]
struct Reader {
    connection: Connection,
    is_open: bool,
}

/// KiB of pages that are kept while trees are looked up: they come level by level, and each level has
/// some on nearly every page.
const TREE_CACHE_KIB: i64 = 12 << 10;

impl Reader {
    fn new(store: &Store) -> Result<Self, Error> {
        let connection = store.0.connections.connect(Purpose::Read)?;
        connection
            .execute_batch(&format!("PRAGMA cache_size = -{TREE_CACHE_KIB}"))
            .map_err(db("be read"))?;
        Ok(Reader {
            connection,
            is_open: false,
        })
    }

    /// Ends the lookup of trees, and gives back what they were kept in.
    fn end(&mut self) -> Result<(), Error> {
        self.set_open(false)?;
        self.connection
            .execute_batch("PRAGMA shrink_memory")
            .map_err(db("be read"))
    }

    fn set_open(&mut self, is_open: bool) -> Result<(), Error> {
        if self.is_open != is_open {
            let statement = if is_open { "BEGIN" } else { "COMMIT" };
            self.connection
                .execute_batch(statement)
                .map_err(db("be read"))?;
            self.is_open = is_open;
        }
        Ok(())
    }
}

/// What turned out while the import ran.
#[derive(Debug, Default)]
pub(super) struct Learned {
    pub(super) found: Option<Found>,
    /// The snapshot that is the import, if the store has it.
    pub(super) snapshot: Option<(i64, SnapshotKey)>,
    /// Blobs that earlier imports left.
    pub(super) recalled: KnownBlobs,
}

impl<'a> StoreKeeper<'a> {
    pub(super) fn new(
        store: &'a Store,
        options: &'a Options,
        cancel: &'a Cancel,
        queue: &'a Arc<Queue>,
    ) -> Result<Self, Error> {
        Ok(StoreKeeper {
            store,
            options,
            cancel,
            queue,
            reader: Mutex::new(Reader::new(store)?),
            learned: Mutex::default(),
        })
    }

    pub(super) fn into_learned(self) -> Learned {
        self.learned
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// What a commit or tag leads to, if an earlier import found out.
    fn peel(&self, id: ObjectId) -> Result<Option<Peeled>, Error> {
        let reader = lock(&self.reader);
        let mut select = reader
            .connection
            .prepare_cached("SELECT commit_id, tree_id FROM revisions WHERE object_id = ?1")
            .map_err(db("be read"))?;
        let mut rows = select.query([id.as_bytes()]).map_err(db("be read"))?;
        let Some(row) = rows.next().map_err(db("be read"))? else {
            return Ok(None);
        };
        Ok(Some(Peeled {
            commit: bytes(row, 0)?.map(object_id).transpose()?,
            tree: object_id(some_bytes(row, 1)?)?,
        }))
    }
}

impl Keeper for StoreKeeper<'_> {
    fn remembers(&self) -> bool {
        true
    }

    fn has_import(&self, found: &Found) -> Result<bool, Error> {
        let peeled = match found.peeled {
            Some(peeled) => Some(peeled),
            None => self.peel(found.id)?,
        };
        let Some(peeled) = peeled else {
            return Ok(false);
        };
        let key = SnapshotKey::new(peeled.tree, self.options, self.store.0.options.large_file)?;
        let snapshot = snapshot::find(&lock(&self.reader).connection, &key)?;
        let mut learned = lock(&self.learned);
        learned.found = Some(Found {
            peeled: Some(peeled),
            ..found.clone()
        });
        learned.snapshot = snapshot.map(|snapshot| (snapshot, key));
        Ok(snapshot.is_some())
    }

    fn learn(&self, found: &Found) -> Result<(), Error> {
        lock(&self.learned).found = Some(found.clone());
        Ok(())
    }

    fn recall(&self, ids: &[ObjectId]) -> Result<Vec<Option<BlobFacts>>, Error> {
        // Trees come before blobs.
        lock(&self.reader).end()?;
        let mut learned = lock(&self.learned);
        learned.recalled.reserve(ids.len());
        let mut recalled = vec![None; ids.len()];
        self.store.0.connections.read(|connection| {
            super::recall::blobs(connection, ids, self.cancel, |position, content, stored| {
                let (facts, has_text) = facts::decode(stored)?;
                let encoding = facts.traits.encoding;
                let known = Known {
                    content,
                    encoding: encoding.filter(|_| has_text),
                    in_blobs: !has_text || !is_plain(&facts),
                };
                learned.recalled.insert(ids[position], known);
                recalled[position] = Some(facts);
                Ok(())
            })
        })?;
        Ok(recalled)
    }

    fn recall_tree(&self, id: ObjectId) -> Result<Option<Vec<u8>>, Error> {
        let mut reader = lock(&self.reader);
        reader.set_open(true)?;
        let found = reader
            .connection
            .prepare_cached("SELECT bytes FROM tree_facts WHERE object_id = ?1")
            .and_then(|mut select| {
                select
                    .query_row([id.as_bytes()], |row| row.get(0))
                    .optional()
            })
            .map_err(db("be read"))?;
        Ok(found)
    }

    fn keep_tree(&self, id: ObjectId, bytes: &[u8]) -> Result<(), Error> {
        lock(&self.reader).set_open(false)?;
        let permit = self.queue.acquire(bytes.len() as u64, self.cancel)?;
        let bytes = bytes.to_vec();
        self.queue.push(Item::Tree {
            id,
            bytes,
            _permit: permit,
        });
        Ok(())
    }

    fn keep(&self, id: ObjectId, facts: &BlobFacts, bytes: &[u8]) -> Result<(), Error> {
        if is_large(self.store, facts) && simdutf8::basic::from_utf8(bytes).is_ok() {
            let permit = self.queue.acquire(texts::ON_THE_WAY, self.cancel)?;
            let (text, sender) = Text::in_pieces(bytes.len());
            self.queue.push(Item::Blob {
                id,
                facts: facts.clone(),
                text: Some(text),
                in_blobs: false,
                permit: Some(permit),
            });
            return sender.send(bytes);
        }
        let permit = self.queue.acquire(room(self.store, facts), self.cancel)?;
        let item = prepare(self.store, id, facts, bytes, Some(permit))?;
        self.queue.push(item);
        Ok(())
    }
}

/// Whether a text goes from the blob into the database without a copy of the whole.
fn is_large(store: &Store, facts: &BlobFacts) -> bool {
    is_plain(facts) && facts.size >= texts::LARGE as u64 && facts.size <= store.0.options.max_text
}

/// Bytes that the text of a blob takes at most, roughly.
fn room(store: &Store, facts: &BlobFacts) -> u64 {
    match facts.traits.encoding {
        Some(_) if facts.size > store.0.options.max_text => 0,
        Some(_) if is_plain(facts) => facts.size,
        Some(_) => facts.size.saturating_mul(2),
        None => 0,
    }
}

/// Decodes what is text, and puts what the text alone is not enough for into the folder of blobs.
pub(super) fn prepare(
    store: &Store,
    id: ObjectId,
    facts: &BlobFacts,
    bytes: &[u8],
    permit: Option<Permit>,
) -> Result<Item, Error> {
    let max_text = store.0.options.max_text;
    let text = match facts.traits.encoding {
        Some(encoding) if facts.size <= max_text => decoded(facts, encoding, bytes),
        _ => None,
    };
    let text = text.filter(|text| text.len() as u64 <= max_text);
    let in_blobs = text.is_none() || !is_plain(facts);
    if in_blobs {
        store.blobs().put(&facts.digest, bytes)?;
    }
    Ok(Item::Blob {
        id,
        facts: facts.clone(),
        text: text.map(Text::Whole),
        in_blobs,
        permit,
    })
}

fn decoded(facts: &BlobFacts, encoding: Encoding, bytes: &[u8]) -> Option<String> {
    if is_plain(facts) {
        return simdutf8::basic::from_utf8(bytes).ok().map(str::to_owned);
    }
    let text = decode(bytes, encoding, facts.traits.bom).ok()?;
    Some(text.into_owned())
}

/// Whether the text is the content, byte for byte.
pub(super) fn is_plain(facts: &BlobFacts) -> bool {
    facts.traits.encoding == Some(Encoding::UTF_8) && facts.traits.bom.is_none()
}

/// The version of the rules, as the database has it.
pub(super) const RULES: i64 = RULES_VERSION as i64;
