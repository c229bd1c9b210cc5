//! Reading a whole blob from the database.

use rusqlite::OptionalExtension as _;

use super::{CHUNK, Inner};
use crate::blobs::error::{BlobError, Damage};
use crate::id::ContentHash;

impl Inner {
    pub(super) fn read(&self, digest: &ContentHash) -> Result<Option<Vec<u8>>, BlobError> {
        let refused = |error| self.refused("read from", Some(digest), error);
        let connection = self.connections.reader()?;
        // One state of the database for the row and its chunks.
        let transaction = connection.unchecked_transaction().map_err(refused)?;
        let row: Option<(i64, i64, Option<Vec<u8>>)> = transaction
            .prepare_cached(&self.statements.find)
            .map_err(refused)?
            .query_row([&digest.0], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()
            .map_err(refused)?;
        let Some((id, size, bytes)) = row else {
            return Ok(None);
        };
        let size = size.max(0) as u64;
        let other_size = || self.corrupt(digest, Damage::OtherSize(size));
        if let Some(bytes) = bytes {
            let is_whole = bytes.len() as u64 == size;
            return if is_whole {
                Ok(Some(bytes))
            } else {
                Err(other_size())
            };
        }
        let mut whole = Vec::new();
        if whole
            .try_reserve_exact(usize::try_from(size).unwrap_or(usize::MAX))
            .is_err()
        {
            return Err(BlobError::TooLarge {
                digest: *digest,
                size,
            });
        }
        let chunks = transaction.prepare_cached(&self.statements.chunks);
        let mut chunks = chunks.map_err(refused)?;
        let mut rows = chunks.query([id]).map_err(refused)?;
        while let Some(row) = rows.next().map_err(refused)? {
            let chunk = row.get_ref(0).map_err(refused)?.as_blob();
            let chunk = chunk.map_err(|_| other_size())?;
            let want = (size - whole.len() as u64).min(CHUNK as u64);
            if chunk.len() as u64 != want {
                return Err(other_size());
            }
            whole.extend_from_slice(chunk);
        }
        if whole.len() as u64 != size {
            return Err(other_size());
        }
        Ok(Some(whole))
    }
}
