//! Reading a blob from the database, a chunk at a time.

use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;

use rusqlite::OptionalExtension as _;

use super::{CHUNK, Inner};
use crate::blobs::error::{BlobError, Damage};
use crate::blobs::read::{into_io, seek_target};
use crate::id::ContentHash;

/// Holds one chunk of a blob, and nothing of the database: no lock, no transaction.
pub(super) struct SqliteReader {
    pub(super) inner: Arc<Inner>,
    pub(super) digest: ContentHash,
    pub(super) size: u64,
    pub(super) position: u64,
    /// The chunk that was read last, by its number.
    pub(super) chunk: Option<(u64, Vec<u8>)>,
}

impl SqliteReader {
    fn fetch(&self, number: u64) -> Result<Vec<u8>, BlobError> {
        let inner = &self.inner;
        let refused = |error| inner.refused("read from", Some(&self.digest), error);
        let want = (self.size - number * CHUNK as u64).min(CHUNK as u64);
        let connection = inner.connections.reader()?;
        let bytes: Option<Vec<u8>> = connection
            .prepare_cached(&inner.statements.chunk)
            .map_err(refused)?
            .query_row((&self.digest.0, number as i64, want as i64), |row| {
                row.get(0)
            })
            .optional()
            .map_err(refused)?;
        if let Some(bytes) = bytes {
            return Ok(bytes);
        }
        drop(connection);
        match inner.find_size(&self.digest)? {
            Some(_) => Err(inner.corrupt(&self.digest, Damage::OtherSize(self.size))),
            None => Err(BlobError::Removed {
                digest: self.digest,
            }),
        }
    }
}

impl Read for SqliteReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        let number = self.position / CHUNK as u64;
        let chunk = match &mut self.chunk {
            Some((at, chunk)) if *at == number => chunk,
            _ => {
                let chunk = self.fetch(number).map_err(into_io)?;
                &mut self.chunk.insert((number, chunk)).1
            }
        };
        let rest = &chunk[(self.position % CHUNK as u64) as usize..];
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for SqliteReader {
    fn seek(&mut self, target: SeekFrom) -> io::Result<u64> {
        self.position = seek_target(target, self.position, self.size)?;
        Ok(self.position)
    }
}
