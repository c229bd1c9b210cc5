//! The rows of what was imported.

use rusqlite::types::ToSql;
use rusqlite::{CachedStatement, Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};

use super::error::{StoreError, db};
use super::keeper::RULES;
use super::seal::{self, Entries, Sealer};
use super::value::{signed, text_or_blob};
use super::verdicts::{Dictionary, Verdict};
use super::writer::KnownBlobs;
use crate::cancel::Cancel;
use crate::error::{Error, ErrorKind};
use crate::id::ObjectId;
use crate::import::Options;
use crate::manifest::{
    Body, Choices, Entry, EntryKind, FileFacts, FolderEntry, Header, Manifest, SymlinkFacts,
};
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
    let prepare = |table: &str, columns: &str| {
        let values = vec!["?"; columns.split(',').count()].join(", ");
        let sql = format!("INSERT INTO {table} ({columns}) VALUES ({values})");
        transaction
            .prepare_cached(&sql)
            .map_err(db("write down what was imported"))
    };
    let mut rows = Rows {
        transaction,
        insert_folder: prepare("folders", seal::FOLDER)?,
        insert_file: prepare("files", seal::FILE)?,
        snapshot,
        base: base(snapshot)?,
        known,
        large_file,
        verdicts: Dictionary::load(transaction)?,
        entries: Entries::default(),
        parent: None,
    };
    for (number, entry) in manifest.entries().enumerate() {
        if number % 1024 == 0 {
            cancel.check()?;
        }
        rows.write(entry)?;
    }
    let seal = rows
        .entries
        .finish(transaction, snapshot, rows.verdicts.used())?;
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

struct Rows<'a> {
    transaction: &'a Transaction<'a>,
    insert_folder: CachedStatement<'a>,
    insert_file: CachedStatement<'a>,
    snapshot: i64,
    base: i64,
    known: &'a KnownBlobs,
    large_file: u64,
    verdicts: Dictionary,
    entries: Entries,
    parent: Option<i64>,
}

/// What differs between files, symlinks and submodules.
#[derive(Default)]
struct File<'a> {
    kind: &'static str,
    content: Option<i64>,
    verdict: Option<i64>,
    size: Option<u64>,
    lines: Option<u64>,
    target: Option<&'a [u8]>,
    url: Option<&'a [u8]>,
    lfs: Option<crate::content::LfsPointer>,
    skipped: Option<&'static str>,
}

impl Rows<'_> {
    fn write(&mut self, entry: Entry<'_>) -> Result<(), Error> {
        self.parent = entry
            .parent()
            .map(|parent| self.base + parent.index() as i64);
        let id = entry.id();
        let file = match entry.kind() {
            EntryKind::Folder(folder) => return self.write_folder(entry, &folder),
            EntryKind::File(file) => match file.body {
                Body::Read(facts) => self.file(id, &facts)?,
                Body::Skipped { size, reason } => File {
                    kind: "file",
                    size,
                    skipped: Some(reason.name()),
                    ..File::default()
                },
            },
            EntryKind::Symlink(symlink) => match symlink.body {
                Body::Read(facts) => self.symlink(id, &facts)?,
                Body::Skipped { size, reason } => File {
                    kind: "symlink",
                    size,
                    skipped: Some(reason.name()),
                    ..File::default()
                },
            },
            EntryKind::Submodule(submodule) => File {
                kind: "submodule",
                url: submodule.url,
                ..File::default()
            },
        };
        self.write_file(entry, id, &file)
            .map_err(db("write down what was imported"))
    }

    fn content(&self, id: ObjectId) -> Result<i64, Error> {
        let known = self.known.get(&id).ok_or(StoreError::Vanishing)?;
        Ok(known.content)
    }

    fn file<'f>(&mut self, id: ObjectId, facts: &FileFacts<'f>) -> Result<File<'f>, Error> {
        let (verdict, lines) = Verdict::of(facts);
        Ok(File {
            kind: "file",
            content: Some(self.content(id)?),
            verdict: Some(self.verdicts.id(self.transaction, verdict)?),
            size: Some(facts.size),
            lines,
            lfs: facts.lfs.map(|lfs| lfs.pointer),
            ..File::default()
        })
    }

    fn symlink<'f>(&self, id: ObjectId, facts: &SymlinkFacts<'f>) -> Result<File<'f>, Error> {
        Ok(File {
            kind: "symlink",
            content: Some(self.content(id)?),
            size: Some(facts.size),
            target: facts.target,
            ..File::default()
        })
    }

    fn write_folder(&mut self, entry: Entry<'_>, folder: &FolderEntry) -> Result<(), Error> {
        let insert = &mut self.insert_folder;
        insert_sealed(
            insert,
            &mut self.entries.folders,
            params![
                self.base + entry.index() as i64,
                self.snapshot,
                self.parent,
                text_or_blob(entry.path()),
                text_or_blob(entry.name()),
                entry.mode(),
                folder.id.as_bytes(),
                folder.digest.as_bytes(),
                signed(folder.files),
                signed(folder.bytes),
                entry.flags().bits(),
            ],
        )
        .map_err(db("write down what was imported"))
    }

    fn write_file(
        &mut self,
        entry: Entry<'_>,
        id: ObjectId,
        file: &File<'_>,
    ) -> rusqlite::Result<()> {
        let insert = &mut self.insert_file;
        insert_sealed(
            insert,
            &mut self.entries.files,
            params![
                self.base + entry.index() as i64,
                self.snapshot,
                self.parent,
                text_or_blob(entry.path()),
                text_or_blob(entry.name()),
                file.kind,
                entry.mode(),
                id.as_bytes(),
                file.content,
                file.verdict,
                file.size.map(signed),
                file.lines.map(signed),
                file.target.map(text_or_blob),
                file.url.map(text_or_blob),
                file.lfs.as_ref().map(|lfs| lfs.oid.0),
                file.lfs.map(|lfs| signed(lfs.size)),
                file.skipped,
                entry.flags().bits(),
            ],
        )?;
        if let Some(size) = file.size.filter(|&size| size >= self.large_file) {
            self.transaction
                .prepare_cached(
                    "INSERT INTO large_files (snapshot_id, path, object_id, size)
                     VALUES (?1, ?2, ?3, ?4)",
                )?
                .execute(params![
                    self.snapshot,
                    text_or_blob(entry.path()),
                    id.as_bytes(),
                    signed(size)
                ])?;
        }
        Ok(())
    }
}

fn insert_sealed(
    insert: &mut CachedStatement<'_>,
    sealer: &mut Sealer,
    values: &[&dyn ToSql],
) -> rusqlite::Result<()> {
    sealer.values(values)?;
    insert.execute(values)?;
    Ok(())
}
