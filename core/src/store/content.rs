//! Contents of what was imported.

use std::io;

use rusqlite::{Connection, params};

use super::Store;
use super::error::{StoreError, db};
use super::record::{ImportId, Status};
use super::registry::{key, status};
use super::texts;
use super::value::{bytes, column, digest, some_bytes, text_or_blob};
use super::verdicts::{self, Verdict};
use crate::blobs::{BlobRead, BlobStore};
use crate::content::{Bom, Content, Encoding, decode};
use crate::error::{Error, ErrorKind};
use crate::id::ContentHash;
use crate::printable::Printable;

/// Where the content of a file is.
struct Place {
    content: i64,
    digest: ContentHash,
    /// Whether the text is the content.
    is_text: bool,
    verdict: Option<Content>,
}

impl Store {
    /// The text of a text file: valid UTF-8, decoded from the file's encoding, without a byte order
    /// mark.
    ///
    /// # Errors
    ///
    /// [`NotText`](ErrorKind::NotText) for what is no text, and as for [`bytes`](Self::bytes).
    pub fn text(&self, id: ImportId, path: impl AsRef<[u8]>) -> Result<String, Error> {
        let path = path.as_ref();
        let (place, text) = self.0.connections.read(|connection| {
            let place = find(connection, id, path)?;
            let (encoding, _) = encoding(&place, path)?;
            let text = texts::read(connection, place.content, encoding)?;
            Ok((place, text))
        })?;
        if let Some(text) = text {
            return Ok(text);
        }
        let (encoding, bom) = encoding(&place, path)?;
        // From wherever the bytes are: they may be a text in another encoding.
        let bytes = self.bytes(id, path)?;
        Ok(decode(&bytes, encoding, bom)?.into_owned())
    }

    /// The content of a file, or the target of a symlink, as it is in the repository.
    ///
    /// # Errors
    ///
    /// [`ImportNotFound`](ErrorKind::ImportNotFound), [`Busy`](ErrorKind::Busy) if the import is not
    /// complete, [`PathNotFound`](ErrorKind::PathNotFound),
    /// [`PathIsOther`](ErrorKind::PathIsOther) for folders and submodules,
    /// [`ContentSkipped`](ErrorKind::ContentSkipped), and those of the store.
    pub fn bytes(&self, id: ImportId, path: impl AsRef<[u8]>) -> Result<Vec<u8>, Error> {
        let (place, text) = self.place(id, path.as_ref())?;
        match text {
            Some(text) => Ok(text.into_bytes()),
            None => self.blob(&place.digest),
        }
    }

    /// Reads the content of a file from any position; large content does not come into memory.
    ///
    /// # Errors
    ///
    /// As for [`bytes`](Self::bytes).
    pub fn reader(&self, id: ImportId, path: impl AsRef<[u8]>) -> Result<Box<dyn BlobRead>, Error> {
        let (place, text) = self.place(id, path.as_ref())?;
        Ok(match text {
            Some(text) => Box::new(io::Cursor::new(text.into_bytes())),
            None => {
                let reader = self.blobs().reader(&place.digest)?;
                reader.ok_or(StoreError::NoBlob(place.digest))?
            }
        })
    }

    /// The place of a content, and the content itself if it is in the database.
    fn place(&self, id: ImportId, path: &[u8]) -> Result<(Place, Option<String>), Error> {
        self.0.connections.read(|connection| {
            let place = find(connection, id, path)?;
            if !place.is_text {
                return Ok((place, None));
            }
            let text = texts::read(connection, place.content, Encoding::UTF_8)?;
            if text.is_none() {
                return Err(StoreError::Nonsense("the text of a content is missing").into());
            }
            Ok((place, text))
        })
    }

    fn blob(&self, digest: &ContentHash) -> Result<Vec<u8>, Error> {
        let bytes = self.blobs().get(digest)?;
        Ok(bytes.ok_or(StoreError::NoBlob(*digest))?)
    }
}

/// The encoding of a text.
fn encoding(place: &Place, path: &[u8]) -> Result<(Encoding, Option<Bom>), Error> {
    match place.verdict {
        Some(Content::Text { encoding, bom, .. }) => Ok((encoding, bom)),
        _ => Err(at_path(
            ErrorKind::NotText,
            path,
            "is no text",
            Some("ask for its bytes instead"),
        )),
    }
}

fn find(connection: &Connection, id: ImportId, path: &[u8]) -> Result<Place, Error> {
    let status = status(connection, id)?;
    if status != Status::Complete {
        return Err(StoreError::NotComplete { id, status }.into());
    }
    let mut select = connection
        .prepare_cached(&format!(
            "SELECT f.kind, f.skipped, f.content_id, c.digest, c.stored, f.lines, v.id, {}
             FROM imports i JOIN files f ON f.snapshot_id = i.snapshot_id
             LEFT JOIN contents c ON c.id = f.content_id
             LEFT JOIN verdicts v ON v.id = f.verdict_id
             WHERE i.id = ?1 AND f.path = ?2",
            verdicts::COLUMNS
        ))
        .map_err(db("be read"))?;
    let mut rows = select
        .query(params![key(id), text_or_blob(path)])
        .map_err(db("be read"))?;
    let Some(row) = rows.next().map_err(db("be read"))? else {
        return Err(no_file(connection, id, path));
    };
    if bytes(row, 1)?.is_some() {
        return Err(at_path(
            ErrorKind::ContentSkipped,
            path,
            "was skipped by the import",
            Some("raise max_blob, or fetch what is missing, and import again"),
        ));
    }
    let Some(content) = column::<Option<i64>>(row, 2)? else {
        return Err(at_path(
            ErrorKind::PathIsOther,
            path,
            "is no file, and has no content",
            None,
        ));
    };
    let verdict = match column::<Option<i64>>(row, 6)? {
        Some(_) => {
            let lines = column::<Option<i64>>(row, 5)?.unwrap_or(0).cast_unsigned();
            Verdict::read(row, 7)?.content(lines)
        }
        None => None,
    };
    Ok(Place {
        content,
        digest: digest(some_bytes(row, 3)?)?,
        is_text: bytes(row, 4)? == Some(b"text"),
        verdict,
    })
}

/// The error for a path that no file has.
fn no_file(connection: &Connection, id: ImportId, path: &[u8]) -> Error {
    let is_folder = connection.query_row(
        "SELECT EXISTS (SELECT 1 FROM imports i JOIN folders f ON f.snapshot_id = i.snapshot_id
                        WHERE i.id = ?1 AND f.path = ?2)",
        params![key(id), text_or_blob(path)],
        |row| row.get(0),
    );
    match is_folder {
        Ok(true) => at_path(
            ErrorKind::PathIsOther,
            path,
            "is a folder, and has no content",
            None,
        ),
        Ok(false) => at_path(ErrorKind::PathNotFound, path, "is not in the import", None),
        Err(error) => db("be read")(error),
    }
}

fn at_path(
    kind: ErrorKind,
    path: &[u8],
    problem: &'static str,
    advice: Option<&'static str>,
) -> Error {
    let text = format!("\"{}\" {problem}", Printable(path));
    match advice {
        Some(advice) => Error::advised(kind, text, advice),
        None => Error::message(kind, text),
    }
}
