//! The rows of the entries of a snapshot.

use rusqlite::types::ToSql;
use rusqlite::{CachedStatement, Transaction, params};

use super::error::{StoreError, db};
use super::seal::{self, Entries, Seal};
use super::snapshot::base;
use super::value::{signed, text_or_blob};
use super::verdicts::{Dictionary, Verdict};
use super::writer::KnownBlobs;
use crate::content::LfsPointer;
use crate::error::Error;
use crate::id::ObjectId;
use crate::manifest::{Body, Entry, EntryKind, FileFacts, FolderEntry, SymlinkFacts};

/// Inserts files that were read and are no LFS pointers, which nearly all are. The last five of
/// its parameters mostly stay what they were for the file before, and are bound when they change.
///
/// One statement for many rows would be slower: SQLite copies each page that it writes to, once for
/// each statement, where a statement may end in its middle.
const INSERT_PLAIN: &str =
    "INSERT INTO files (id, snapshot_id, folder_id, path, name, kind, mode, object_id, content_id,
         verdict_id, size, lines, flags)
     VALUES (?1, ?9, ?8, ?2, ?3, 'file', ?10, ?4, ?5, ?11, ?6, ?7, ?12)";

/// Writes the rows of one snapshot.
pub(super) struct Rows<'a> {
    transaction: &'a Transaction<'a>,
    insert_folder: CachedStatement<'a>,
    insert_file: CachedStatement<'a>,
    insert_plain: CachedStatement<'a>,
    snapshot: i64,
    base: i64,
    known: &'a KnownBlobs,
    large_file: u64,
    verdicts: Dictionary,
    entries: Entries,
    /// What the statement for plain files has bound.
    bound: Option<Bound>,
}

/// What plain files beside each other mostly share.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Bound {
    folder: Option<i64>,
    mode: u32,
    verdict: Option<i64>,
    flags: u16,
}

/// What differs between files, symlinks and submodules.
#[derive(Clone, Copy, Default)]
struct File<'a> {
    kind: &'static str,
    content: Option<i64>,
    verdict: Option<i64>,
    size: Option<u64>,
    lines: Option<u64>,
    target: Option<&'a [u8]>,
    url: Option<&'a [u8]>,
    lfs: Option<LfsPointer>,
    skipped: Option<&'static str>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(
        transaction: &'a Transaction<'a>,
        snapshot: i64,
        known: &'a KnownBlobs,
        large_file: u64,
    ) -> Result<Self, Error> {
        let prepare = |sql: &str| transaction.prepare_cached(sql).map_err(writing);
        let insert = |table: &str, columns: &str| {
            let values = vec!["?"; columns.split(',').count()].join(", ");
            let sql = format!("INSERT INTO {table} ({columns}) VALUES ({values})");
            prepare(&sql)
        };
        Ok(Rows {
            transaction,
            insert_folder: insert("folders", seal::FOLDER)?,
            insert_file: insert("files", seal::FILE)?,
            insert_plain: prepare(INSERT_PLAIN)?,
            snapshot,
            base: base(snapshot)?,
            known,
            large_file,
            verdicts: Dictionary::load(transaction)?,
            entries: Entries::default(),
            bound: None,
        })
    }

    /// Writes the row of one entry.
    pub(super) fn write(&mut self, entry: Entry<'a>) -> Result<(), Error> {
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
        let place = [
            Some(self.number(entry)),
            Some(self.snapshot),
            self.folder_of(entry),
        ];
        let is_plain = file.verdict.is_some() && file.lfs.is_none();
        let (sealer, insert) = (&mut self.entries.files, &mut self.insert_file);
        let sealed = with_values(place, entry, &file, |values| {
            sealer.values(values)?;
            if !is_plain {
                insert.execute(values)?;
            }
            Ok(())
        });
        sealed.map_err(writing)?;
        if is_plain {
            self.write_plain(entry, &file).map_err(writing)?;
        }
        self.write_if_large(entry, &file).map_err(writing)
    }

    /// Gives the seal of all rows.
    pub(super) fn finish(self) -> Result<Seal, Error> {
        self.entries
            .finish(self.transaction, self.snapshot, self.verdicts.used())
    }

    fn content(&self, id: ObjectId) -> Result<i64, Error> {
        let known = self.known.get(&id).ok_or(StoreError::Vanishing)?;
        Ok(known.content)
    }

    fn file(&mut self, id: ObjectId, facts: &FileFacts<'a>) -> Result<File<'a>, Error> {
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

    fn symlink(&self, id: ObjectId, facts: &SymlinkFacts<'a>) -> Result<File<'a>, Error> {
        Ok(File {
            kind: "symlink",
            content: Some(self.content(id)?),
            size: Some(facts.size),
            target: facts.target,
            ..File::default()
        })
    }

    /// The number of the row of an entry.
    fn number(&self, entry: Entry<'_>) -> i64 {
        self.base + entry.index() as i64
    }

    fn folder_of(&self, entry: Entry<'_>) -> Option<i64> {
        entry.parent().map(|parent| self.number(parent))
    }

    fn write_folder(&mut self, entry: Entry<'_>, folder: &FolderEntry) -> Result<(), Error> {
        let (number, parent) = (self.number(entry), self.folder_of(entry));
        let values = params![
            number,
            self.snapshot,
            parent,
            text_or_blob(entry.path()),
            text_or_blob(entry.name()),
            entry.mode(),
            folder.id.as_bytes(),
            folder.digest.as_bytes(),
            signed(folder.files),
            signed(folder.bytes),
            entry.flags().bits(),
        ];
        self.entries.folders.values(values).map_err(writing)?;
        self.insert_folder.execute(values).map_err(writing)?;
        Ok(())
    }

    fn write_plain(&mut self, entry: Entry<'_>, file: &File<'_>) -> rusqlite::Result<()> {
        let (number, folder) = (self.number(entry), self.folder_of(entry));
        let insert = &mut self.insert_plain;
        insert.raw_bind_parameter(1, number)?;
        insert.raw_bind_parameter(2, text_or_blob(entry.path()))?;
        insert.raw_bind_parameter(3, text_or_blob(entry.name()))?;
        insert.raw_bind_parameter(4, entry.id().as_bytes())?;
        insert.raw_bind_parameter(5, file.content)?;
        insert.raw_bind_parameter(6, file.size.map(signed))?;
        insert.raw_bind_parameter(7, file.lines.map(signed))?;
        let bound = Bound {
            folder,
            mode: entry.mode(),
            verdict: file.verdict,
            flags: entry.flags().bits(),
        };
        if self.bound != Some(bound) {
            insert.raw_bind_parameter(8, bound.folder)?;
            insert.raw_bind_parameter(9, self.snapshot)?;
            insert.raw_bind_parameter(10, bound.mode)?;
            insert.raw_bind_parameter(11, bound.verdict)?;
            insert.raw_bind_parameter(12, bound.flags)?;
            self.bound = Some(bound);
        }
        insert.raw_execute()?;
        Ok(())
    }

    fn write_if_large(&self, entry: Entry<'_>, file: &File<'_>) -> rusqlite::Result<()> {
        let Some(size) = file.size.filter(|&size| size >= self.large_file) else {
            return Ok(());
        };
        self.transaction
            .prepare_cached(
                "INSERT INTO large_files (snapshot_id, path, object_id, size)
                 VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![
                self.snapshot,
                text_or_blob(entry.path()),
                entry.id().as_bytes(),
                signed(size)
            ])?;
        Ok(())
    }
}

/// Hands all values of the row of a file to `take`, in the order of [`seal::FILE`]. Its place is its
/// number, its snapshot and its folder.
fn with_values(
    [number, snapshot, folder]: [Option<i64>; 3],
    entry: Entry<'_>,
    file: &File<'_>,
    take: impl FnOnce(&[&dyn ToSql]) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    take(params![
        number,
        snapshot,
        folder,
        text_or_blob(entry.path()),
        text_or_blob(entry.name()),
        file.kind,
        entry.mode(),
        entry.id().as_bytes(),
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
    ])
}

fn writing(error: rusqlite::Error) -> Error {
    db("write down what was imported")(error)
}
