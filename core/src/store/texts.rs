//! Texts in the database: small ones as one value, large ones piece by piece.

use std::io::Write;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rusqlite::blob::ZeroBlob;
use rusqlite::{Connection, OptionalExtension, Transaction, params};

use super::error::{StoreError, db};
use super::value::some_bytes;
use crate::content::Encoding;
use crate::error::{Error, ErrorKind};

/// Bytes from which on a text is written piece by piece: SQLite has two copies of a value that it
/// inserts as a whole. Its value is a BLOB then, since SQLite makes room for nothing else.
pub(super) const LARGE: usize = 4 << 20;

/// Bytes of a piece, and pieces that are on their way at most.
const PIECE: usize = 256 << 10;
const PIECES: usize = 4;

/// Bytes of a text in pieces that are in memory, beside the text itself.
pub(super) const ON_THE_WAY: u64 = (PIECE * (PIECES + 2)) as u64;

/// A text on its way into the database.
#[derive(Debug)]
pub(super) enum Text {
    Whole(String),
    /// Comes in pieces while it is written, `length` bytes in all.
    Pieces {
        length: usize,
        pieces: Receiver<Vec<u8>>,
    },
}

/// Where the pieces of a text are handed over.
pub(super) struct Sender(SyncSender<Vec<u8>>);

impl Text {
    /// A text of `length` bytes that the [`Sender`] hands over, which is for another thread than the
    /// one that writes.
    pub(super) fn in_pieces(length: usize) -> (Self, Sender) {
        let (sender, pieces) = sync_channel(PIECES);
        (Text::Pieces { length, pieces }, Sender(sender))
    }

    /// Bytes of it that are in memory.
    pub(super) fn held(&self) -> usize {
        match self {
            Text::Whole(text) => text.len(),
            Text::Pieces { .. } => 0,
        }
    }
}

impl Sender {
    /// Hands over all of `text`; returns when the last piece is on its way.
    ///
    /// # Errors
    ///
    /// One that says nothing if the writer has failed, which knows why.
    pub(super) fn send(self, text: &[u8]) -> Result<(), Error> {
        for piece in text.chunks(PIECE) {
            self.0
                .send(piece.to_vec())
                .map_err(|_| Error::message(ErrorKind::Internal, STOPPED))?;
        }
        Ok(())
    }
}

/// What a reading thread says that has nobody to hand its work to.
pub(super) const STOPPED: &str = "the store's writer has stopped";

/// Writes one text of a content, unless it is there.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    content: i64,
    encoding: Encoding,
    text: Text,
) -> Result<(), Error> {
    match text {
        Text::Whole(text) if text.len() < LARGE => {
            insert_value(transaction, content, encoding, text).map_err(db("write a text"))
        }
        Text::Whole(text) => {
            let pieces = text.as_bytes().chunks(PIECE);
            insert_pieces(transaction, content, encoding, text.len(), pieces)
        }
        Text::Pieces { length, pieces } => {
            insert_pieces(transaction, content, encoding, length, pieces)
        }
    }
}

const INSERT: &str = "INSERT INTO texts (content_id, encoding, text) VALUES (?1, ?2, ?3)
     ON CONFLICT (content_id, encoding) DO NOTHING";

fn insert_value(
    transaction: &Transaction<'_>,
    content: i64,
    encoding: Encoding,
    text: String,
) -> rusqlite::Result<()> {
    let mut insert = transaction.prepare_cached(INSERT)?;
    insert.raw_bind_parameter(1, content)?;
    insert.raw_bind_parameter(2, encoding.name())?;
    insert.raw_bind_parameter(3, &text)?;
    // SQLite has a copy, and makes one more.
    drop(text);
    insert.raw_execute()?;
    insert.clear_bindings();
    Ok(())
}

fn insert_pieces(
    transaction: &Transaction<'_>,
    content: i64,
    encoding: Encoding,
    length: usize,
    pieces: impl IntoIterator<Item = impl AsRef<[u8]>>,
) -> Result<(), Error> {
    let inserted = transaction
        .prepare_cached(INSERT)
        .and_then(|mut insert| {
            insert.execute(params![content, encoding.name(), ZeroBlob(length as u64)])
        })
        .map_err(db("write a text"))?;
    let mut left = length;
    let mut row = match inserted {
        0 => None,
        _ => {
            let id = transaction.last_insert_rowid();
            let row = transaction.blob_open("main", "texts", "text", id, false);
            Some(row.map_err(db("write a text"))?)
        }
    };
    for piece in pieces {
        let piece = piece.as_ref();
        left = left.saturating_sub(piece.len());
        if let Some(row) = &mut row {
            row.write_all(piece).map_err(|source| {
                let error = source.downcast::<rusqlite::Error>();
                error.map_or_else(
                    |_| StoreError::Nonsense("the length of a text").into(),
                    db("write a text"),
                )
            })?;
        }
    }
    if let Some(row) = row {
        row.close().map_err(db("write a text"))?;
    }
    match left {
        0 => Ok(()),
        // Whoever had the rest has failed, and says why.
        _ => Err(Error::message(
            ErrorKind::Internal,
            "the end of a text did not come",
        )),
    }
}

/// Reads one text of a content.
pub(super) fn read(
    connection: &Connection,
    content: i64,
    encoding: Encoding,
) -> Result<Option<String>, Error> {
    let text = connection
        .prepare_cached("SELECT text FROM texts WHERE content_id = ?1 AND encoding = ?2")
        .and_then(|mut select| {
            select
                .query_row(params![content, encoding.name()], |row| {
                    Ok(some_bytes(row, 0).map(<[u8]>::to_vec))
                })
                .optional()
        })
        .map_err(db("read a text"))?;
    let Some(text) = text.transpose()? else {
        return Ok(None);
    };
    match String::from_utf8(text) {
        Ok(text) => Ok(Some(text)),
        Err(_) => Err(StoreError::Nonsense("a text that is no valid UTF-8").into()),
    }
}
