//! What was imported: its key, its head, and its rows.

use rusqlite::{Transaction, params};
use serde::{Deserialize, Serialize};

use super::error::{StoreError, db};
use super::keeper::RULES;
use super::rows::Rows;
use super::value::{signed, text_or_blob};
use super::writer::KnownBlobs;
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind};
use crate::id::ObjectId;
use crate::import::Options;
use crate::manifest::{Choices, Header, Manifest};
use crate::tree::TreePath;

/// Names everything that has a say in the entries of an import: two with the same key have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct SnapshotKey(pub(super) [u8; 32]);

impl SnapshotKey {
    /// The key of the import of the commit whose whole tree is `tree`.
    ///
    /// All limits are in it, although most only make an import fail: with a stricter one it has to
    /// fail again.
    pub(super) fn new(tree: ObjectId, options: &Options) -> Result<Self, Error> {
        let subdir = TreePath::parse(options.subdir.as_deref().unwrap_or_default())?;
        let text = serde_json::to_vec(&(
            RULES,
            tree,
            subdir.as_bytes(),
            &options.include,
            &options.exclude,
            options.allow_missing,
            &options.limits,
        ))
        .expect("because all of it has a form in JSON");
        Ok(SnapshotKey(*blake3::hash(&text).as_bytes()))
    }
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
/// the tree that an imported folder is in.
pub(super) fn write(
    transaction: &Transaction<'_>,
    manifest: &Manifest,
    key: Option<&SnapshotKey>,
    whole: Option<ObjectId>,
    known: &KnownBlobs,
    large_file: u64,
    cancel: &Cancel,
) -> Result<i64, Error> {
    let snapshot = write_head(transaction, manifest, key, whole, large_file)
        .map_err(db("write down what was imported"))?;
    let mut rows = Rows::new(transaction, snapshot, known, large_file)?;
    for (number, entry) in manifest.entries().enumerate() {
        if number % 1024 == 0 {
            cancel.check()?;
        }
        rows.write(entry)?;
    }
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
    let whole = whole.filter(|_| source.subdir.is_some());
    let (totals, skipped) = (manifest.totals(), manifest.skipped());
    transaction
        .prepare_cached(
            "INSERT INTO snapshots (key, tree_id, subdir, whole_tree_id, choices, rules, root, folders,
                 files, symlinks, submodules, bytes, text, binary, too_large, missing, excluded,
                 large_file)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
                 ?18)",
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
