//! The manifest of an import, out of its rows.

use rusqlite::{Connection, Row, Rows};

use super::Store;
use super::error::{StoreError, db};
use super::record::{ImportId, Status};
use super::registry::{key, record};
use super::snapshot::{base, choices_of};
use super::value::{bytes, column, digest, object_id, some_bytes, unsigned};
use super::verdicts::{self, Verdict};
use crate::content::{LfsId, LfsPointer};
use crate::error::Error;
use crate::id::ObjectId;
use crate::manifest::{
    Choices, Flags, Header, Lfs, Manifest, Origin, Record, Restore, SkipReason, Told, Trailer,
};

impl Store {
    /// The manifest of a complete import: the same, byte for byte, that the import itself gives.
    ///
    /// # Errors
    ///
    /// [`ImportNotFound`](crate::ErrorKind::ImportNotFound), [`Busy`](crate::ErrorKind::Busy) if the
    /// import is not complete, and [`CorruptStore`](crate::ErrorKind::CorruptStore) if the rows are
    /// not those of a tree or do not add up.
    pub fn manifest(&self, id: ImportId) -> Result<Manifest, Error> {
        self.0
            .connections
            .read(|connection| restore(connection, id))
            .map_err(|error| match error.kind() {
                crate::ErrorKind::CorruptManifest => {
                    StoreError::Entries { id, source: error }.into()
                }
                _ => error,
            })
    }
}

pub(super) fn restore(connection: &Connection, id: ImportId) -> Result<Manifest, Error> {
    let record = record(connection, id)?;
    let Some(outcome) = record.outcome.filter(|_| record.status == Status::Complete) else {
        let status = record.status;
        return Err(StoreError::NotComplete { id, status }.into());
    };
    let Head {
        snapshot,
        url,
        subdir,
        whole,
        choices,
    } = head(connection, id)?;
    let origin = Origin {
        url,
        reference: outcome.reference,
        commit: outcome.commit,
        // With a commit that shares the rows, the commit leads to it.
        subdir_of: whole.filter(|_| subdir.is_some() && outcome.commit.is_none()),
        subdir,
        ..Origin::of_tree(outcome.tree)
    };
    let mut restore = Restore::new(Header::new(origin, choices));
    let first = base(snapshot)?;
    let last = first | i64::from(u32::MAX);

    let mut folders = connection
        .prepare_cached(
            "SELECT id, path, mode, flags, object_id, digest, files, bytes FROM folders
             WHERE id BETWEEN ?1 AND ?2 ORDER BY id",
        )
        .map_err(db("read a manifest"))?;
    let mut files = connection
        .prepare_cached(&format!(
            "SELECT f.id, f.path, f.mode, f.flags, f.object_id, f.kind, f.skipped, f.size, f.lines,
                 f.target, f.url, f.lfs_oid, f.lfs_size, c.digest, {}
             FROM files f LEFT JOIN contents c ON c.id = f.content_id
             LEFT JOIN verdicts v ON v.id = f.verdict_id
             WHERE f.id BETWEEN ?1 AND ?2 ORDER BY f.id",
            verdicts::COLUMNS
        ))
        .map_err(db("read a manifest"))?;
    let mut folders = folders
        .query([first, last])
        .map_err(db("read a manifest"))?;
    let mut files = files.query([first, last]).map_err(db("read a manifest"))?;

    // Both come in the order of the manifest, which numbers them through.
    let mut folder = next(&mut folders, folder)?;
    let mut file = next(&mut files, file)?;
    loop {
        let is_folder = match (&folder, &file) {
            (Some((folder, _)), Some((file, _))) => folder < file,
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => break,
        };
        let (source, rows) = if is_folder {
            (&mut folder, &mut folders)
        } else {
            (&mut file, &mut files)
        };
        if let Some((_, record)) = source {
            restore.add(record)?;
        }
        *source = if is_folder {
            next(rows, self::folder)?
        } else {
            next(rows, self::file)?
        };
    }
    restore.finish(&Trailer {
        totals: outcome.totals,
        skipped: outcome.skipped,
        root: outcome.root,
    })
}

/// What the header says beside the record.
struct Head {
    snapshot: i64,
    url: Option<String>,
    subdir: Option<Vec<u8>>,
    whole: Option<ObjectId>,
    choices: Choices,
}

fn head(connection: &Connection, id: ImportId) -> Result<Head, Error> {
    let mut select = connection
        .prepare_cached(
            "SELECT s.id, iif(i.remote, i.source, NULL), s.subdir, s.choices, s.whole_tree_id
             FROM imports i
             JOIN snapshots s ON s.id = i.snapshot_id WHERE i.id = ?1",
        )
        .map_err(db("read a manifest"))?;
    let mut rows = select.query([key(id)]).map_err(db("read a manifest"))?;
    let row = rows.next().map_err(db("read a manifest"))?;
    let row = row.ok_or(StoreError::NoImport(id))?;
    let choices: String = column(row, 3)?;
    Ok(Head {
        snapshot: column(row, 0)?,
        url: column(row, 1)?,
        subdir: bytes(row, 2)?.map(<[u8]>::to_vec),
        whole: bytes(row, 4)?.map(object_id).transpose()?,
        choices: choices_of(&choices)?,
    })
}

/// A record and its id.
type Numbered = (i64, Record);

fn next(
    rows: &mut Rows<'_>,
    read: fn(&Row<'_>) -> Result<Told, Error>,
) -> Result<Option<Numbered>, Error> {
    let Some(row) = rows.next().map_err(db("read a manifest"))? else {
        return Ok(None);
    };
    let record = Record::new(
        some_bytes(row, 1)?.to_vec(),
        column(row, 2)?,
        Flags::from_bits(column(row, 3)?),
        object_id(some_bytes(row, 4)?)?,
        read(row)?,
    );
    Ok(Some((column(row, 0)?, record)))
}

fn folder(row: &Row<'_>) -> Result<Told, Error> {
    Ok(Told::Folder {
        digest: digest(some_bytes(row, 5)?)?,
        files: unsigned(row, 6)?,
        bytes: unsigned(row, 7)?,
    })
}

fn file(row: &Row<'_>) -> Result<Told, Error> {
    let kind = some_bytes(row, 5)?;
    if let Some(reason) = bytes(row, 6)? {
        let reason = [SkipReason::TooLarge, SkipReason::Missing]
            .into_iter()
            .find(|known| known.name().as_bytes() == reason)
            .ok_or(StoreError::Nonsense("why a file was skipped"))?;
        let size: Option<i64> = column(row, 7)?;
        return Ok(Told::Skipped {
            size: size.map(i64::cast_unsigned),
            reason,
        });
    }
    match kind {
        b"file" => {
            let verdict = Verdict::read(row, 14)?;
            let lines = column::<Option<i64>>(row, 8)?.unwrap_or(0).cast_unsigned();
            let content = verdict
                .content(lines)
                .ok_or(StoreError::Nonsense("a verdict on a file"))?;
            let lfs = match bytes(row, 11)? {
                Some(oid) => Some(Lfs {
                    pointer: LfsPointer {
                        oid: LfsId(digest(oid)?.0),
                        size: unsigned(row, 12)?,
                    },
                    filter: verdict.lfs_filter,
                }),
                None => None,
            };
            Ok(Told::File {
                size: unsigned(row, 7)?,
                digest: digest(some_bytes(row, 13)?)?,
                content,
                git_binary: verdict.git_binary,
                working_tree_encoding: verdict.working_tree_encoding,
                lfs,
            })
        }
        b"symlink" => Ok(Told::Symlink {
            size: unsigned(row, 7)?,
            digest: digest(some_bytes(row, 13)?)?,
            target: bytes(row, 9)?.map(<[u8]>::to_vec),
        }),
        b"submodule" => Ok(Told::Submodule {
            url: bytes(row, 10)?.map(<[u8]>::to_vec),
        }),
        _ => Err(StoreError::Nonsense("the kind of a file").into()),
    }
}
