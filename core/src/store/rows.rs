//! The rows of the entries of a snapshot.

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

/// Plain files that one statement inserts. From one row to the next it stays where it is in the table
/// and its indexes, most of which only grow at their ends.
const BATCH: usize = 32;

/// Parameters of one plain file.
const PLAIN: usize = 11;

/// The statement for [`BATCH`] files that were read and are no LFS pointers: nearly all of them.
///
/// `OR FAIL` leaves the rows before one that fails, and the transaction is given up then. Otherwise
/// SQLite would copy each page before it writes to it, to take the whole statement back.
fn insert_plain() -> String {
    let mut sql = String::from(
        "INSERT OR FAIL INTO files (id, snapshot_id, folder_id, path, name, kind, mode, object_id,
             content_id, verdict_id, size, lines, flags) VALUES",
    );
    for row in 0..BATCH {
        let separator = if row == 0 { "" } else { "," };
        let [
            id,
            folder,
            path,
            name,
            mode,
            object,
            content,
            verdict,
            size,
            lines,
            flags,
        ] = std::array::from_fn::<usize, PLAIN, _>(|column| 2 + row * PLAIN + column);
        sql.push_str(&format!(
            "{separator} (?{id}, ?1, ?{folder}, ?{path}, ?{name}, 'file', ?{mode}, ?{object}, \
             ?{content}, ?{verdict}, ?{size}, ?{lines}, ?{flags})"
        ));
    }
    sql
}

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
    /// Plain files that wait for their statement to be full.
    plain: Vec<(Entry<'a>, File<'a>)>,
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
            prepare(&format!(
                "INSERT INTO {table} ({columns}) VALUES ({values})"
            ))
        };
        Ok(Rows {
            transaction,
            insert_folder: insert("folders", seal::FOLDER)?,
            insert_file: insert("files", seal::FILE)?,
            insert_plain: prepare(&insert_plain())?,
            snapshot,
            base: base(snapshot)?,
            known,
            large_file,
            verdicts: Dictionary::load(transaction)?,
            entries: Entries::default(),
            plain: Vec::with_capacity(BATCH),
        })
    }

    /// Writes the row of one entry, or puts it aside up to [`finish`](Self::finish).
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
        self.write_if_large(entry, &file).map_err(writing)?;
        self.seal_file(entry, &file).map_err(writing)?;
        if file.verdict.is_none() || file.lfs.is_some() {
            return self.write_file(entry, &file).map_err(writing);
        }
        self.plain.push((entry, file));
        if self.plain.len() == BATCH {
            self.write_plain().map_err(writing)?;
        }
        Ok(())
    }

    /// Writes what was put aside, and seals all rows.
    pub(super) fn finish(mut self) -> Result<Seal, Error> {
        for (entry, file) in std::mem::take(&mut self.plain) {
            self.write_file(entry, &file).map_err(writing)?;
        }
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

    /// Seals the row of a file, also if it is written later: they are sealed in their order.
    fn seal_file(&mut self, entry: Entry<'_>, file: &File<'_>) -> rusqlite::Result<()> {
        let (number, parent) = (self.number(entry), self.folder_of(entry));
        self.entries.files.values(params![
            number,
            self.snapshot,
            parent,
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

    fn write_file(&mut self, entry: Entry<'_>, file: &File<'_>) -> rusqlite::Result<()> {
        let (number, parent) = (self.number(entry), self.folder_of(entry));
        self.insert_file.execute(params![
            number,
            self.snapshot,
            parent,
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
        ])?;
        Ok(())
    }

    /// Writes a full batch of plain files.
    fn write_plain(&mut self) -> rusqlite::Result<()> {
        let plain = std::mem::take(&mut self.plain);
        let mut next = 1;
        let mut bind = |value: &dyn rusqlite::ToSql| {
            let bound = self.insert_plain.raw_bind_parameter(next, value);
            next += 1;
            bound
        };
        bind(&self.snapshot)?;
        for (entry, file) in &plain {
            let id = entry.id();
            let number = |entry: Entry<'_>| self.base + entry.index() as i64;
            bind(&number(*entry))?;
            bind(&entry.parent().map(number))?;
            bind(&text_or_blob(entry.path()))?;
            bind(&text_or_blob(entry.name()))?;
            bind(&entry.mode())?;
            bind(&id.as_bytes())?;
            bind(&file.content)?;
            bind(&file.verdict)?;
            bind(&file.size.map(signed))?;
            bind(&file.lines.map(signed))?;
            bind(&entry.flags().bits())?;
        }
        self.insert_plain.raw_execute()?;
        self.plain = plain;
        self.plain.clear();
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

fn writing(error: rusqlite::Error) -> Error {
    db("write down what was imported")(error)
}
