//! What was imported: its key, its head, and its rows.

use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

use super::error::{StoreError, db};
use super::keeper::RULES;
use super::rows::Rows;
use super::value::{signed, text_or_blob};
use super::writer::KnownBlobs;
use crate::error::{Error, ErrorKind};
use crate::id::ObjectId;
use crate::import::{Control, Options};
use crate::manifest::{Choices, Header, Manifest};
use crate::tree::TreePath;

/// Names everything that has a say in the entries of an import: two with the same key have the same.
///
/// It is a digest, and behind it the beginning of its own digest, which tells that it was not altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SnapshotKey(pub(super) [u8; 40]);

impl SnapshotKey {
    /// The key of the import of the commit whose whole tree is `tree`, with the bytes from which on a
    /// file is listed as a large one.
    ///
    /// All limits are in it, although most only make an import fail: with a stricter one it has to
    /// fail again.
    pub(super) fn new(tree: ObjectId, options: &Options, large_file: u64) -> Result<Self, Error> {
        let subdir = TreePath::parse(options.subdir.as_deref().unwrap_or_default())?;
        let text = serde_json::to_vec(&(
            RULES,
            tree,
            subdir.as_bytes(),
            &options.include,
            &options.exclude,
            options.allow_missing,
            &options.limits,
            large_file,
        ))
        .expect("because all of it has a form in JSON");
        let mut key = [0; 40];
        key[..32].copy_from_slice(blake3::hash(&text).as_bytes());
        let sum = blake3::hash(&key[..32]);
        key[32..].copy_from_slice(&sum.as_bytes()[..8]);
        Ok(SnapshotKey(key))
    }

    /// Whether these bytes are a key at all.
    pub(super) fn is_one(bytes: &[u8]) -> bool {
        match bytes.split_at_checked(32) {
            Some((digest, sum)) => *sum == blake3::hash(digest).as_bytes()[..8],
            None => false,
        }
    }
}

/// The snapshot with this key, if it has all of its contents.
pub(super) fn find(connection: &Connection, key: &SnapshotKey) -> Result<Option<i64>, Error> {
    connection
        .prepare_cached(
            "SELECT s.id FROM snapshots s WHERE s.key = ?1 AND NOT EXISTS (
                 SELECT 1 FROM contents c INDEXED BY contents_lost
                 CROSS JOIN files f ON f.content_id = c.id
                 WHERE c.stored = 'lost' AND f.snapshot_id = s.id)",
        )
        .and_then(|mut select| select.query_row([key.0], |row| row.get(0)).optional())
        .map_err(db("be read"))
}

/// [`Choices`] as JSON.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct StoredChoices {
    include: Vec<String>,
    exclude: Vec<String>,
    max_blob: u64,
    allow_missing: bool,
}

pub(super) fn choices_json(choices: &Choices) -> String {
    let stored = StoredChoices {
        include: choices.include.clone(),
        exclude: choices.exclude.clone(),
        max_blob: choices.max_blob,
        allow_missing: choices.allow_missing,
    };
    serde_json::to_string(&stored).expect("because choices have string keys only")
}

pub(super) fn choices_of(json: &str) -> Result<Choices, Error> {
    let stored: StoredChoices =
        serde_json::from_str(json).map_err(|_| StoreError::Nonsense("the choices of an import"))?;
    Ok(Choices {
        include: stored.include,
        exclude: stored.exclude,
        max_blob: stored.max_blob,
        allow_missing: stored.allow_missing,
    })
}

/// Files and folders of a snapshot have ids from here on.
pub(super) fn base(snapshot: i64) -> Result<i64, Error> {
    match u32::try_from(snapshot) {
        Ok(number) if number <= i32::MAX as u32 => Ok(snapshot << 32),
        _ => Err(Error::message(
            ErrorKind::LimitExceeded,
            "the store has had more snapshots than fit into its numbers",
        )),
    }
}

/// Writes all rows of `manifest`, whose contents are `known`, and says the snapshot's id. `whole` is
/// the tree that an imported folder is in. The
/// progress counts entries.
pub(super) fn write(
    transaction: &Transaction<'_>,
    manifest: &Manifest,
    key: Option<&SnapshotKey>,
    whole: Option<ObjectId>,
    known: &KnownBlobs,
    large_file: u64,
    control: &Control,
) -> Result<i64, Error> {
    let snapshot = write_head(transaction, manifest, key, whole, large_file)
        .map_err(db("write down what was imported"))?;
    let mut rows = Rows::new(transaction, snapshot, known, large_file)?;
    for (number, entry) in manifest.entries().enumerate() {
        if number % 1024 == 0 {
            control.cancel.check()?;
        }
        rows.write(entry)?;
        control.progress.object_done(0);
    }
    let seal = rows.finish()?;
    transaction
        .execute(
            "UPDATE snapshots SET seal = ?2 WHERE id = ?1",
            params![snapshot, seal],
        )
        .map_err(db("write down what was imported"))?;
    Ok(snapshot)
}

fn write_head(
    transaction: &Transaction<'_>,
    manifest: &Manifest,
    key: Option<&SnapshotKey>,
    whole: Option<ObjectId>,
    large_file: u64,
) -> rusqlite::Result<i64> {
    let Header {
        source, options, ..
    } = manifest.header();
    if let Some(key) = key {
        // One that is not whole is not the one to be found any more.
        transaction.execute("UPDATE snapshots SET key = NULL WHERE key = ?1", [key.0])?;
    }
    let whole = whole.filter(|_| source.subdir.is_some());
    let (totals, skipped) = (manifest.totals(), manifest.skipped());
    transaction
        .prepare_cached(
            "INSERT INTO snapshots (key, tree_id, subdir, whole_tree_id, choices, rules, root, folders,
                 files, symlinks, submodules, bytes, text, binary, too_large, missing, excluded,
                 large_file, seal)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                 ?18, x'')",
        )?
        .insert(params![
            key.map(|key| key.0),
            source.tree.as_bytes(),
            source.subdir.as_deref().map(text_or_blob),
            whole.as_ref().map(ObjectId::as_bytes),
            choices_json(options),
            RULES,
            manifest.root().as_bytes(),
            signed(totals.folders),
            signed(totals.files),
            signed(totals.symlinks),
            signed(totals.submodules),
            signed(totals.bytes),
            signed(totals.text),
            signed(totals.binary),
            signed(skipped.too_large),
            signed(skipped.missing),
            signed(skipped.excluded),
            signed(large_file),
        ])
}
