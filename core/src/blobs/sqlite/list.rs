//! Listing the blobs of a database, a page at a time.

use super::Inner;
use crate::blobs::StoredBlob;
use crate::blobs::error::BlobError;
use crate::error::Error;
use crate::id::ContentHash;

/// Rows that are read at once. Between two pages nothing of the database is held.
const PAGE: i64 = 1_000;

/// Lists blobs in the order of their digests.
pub(super) struct List<'a> {
    inner: &'a Inner,
    page: std::vec::IntoIter<StoredBlob>,
    /// What was given last; `None` once the end was seen.
    after: Option<Vec<u8>>,
}

impl<'a> List<'a> {
    pub(super) fn new(inner: &'a Inner) -> Self {
        List {
            inner,
            page: Vec::new().into_iter(),
            after: Some(Vec::new()),
        }
    }

    fn next_page(&self, after: &[u8]) -> Result<Vec<StoredBlob>, BlobError> {
        let refused = |error| self.inner.refused("read from", None, error);
        let connection = self.inner.connections.reader()?;
        let mut statement = connection
            .prepare_cached(&self.inner.statements.page)
            .map_err(refused)?;
        let rows = statement.query_map((after, PAGE), |row| {
            let (digest, size): ([u8; 32], i64) = (row.get(0)?, row.get(1)?);
            Ok(StoredBlob::new(ContentHash(digest), size.max(0) as u64))
        });
        rows.and_then(Iterator::collect).map_err(refused)
    }
}

impl Iterator for List<'_> {
    type Item = Result<StoredBlob, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            if let Some(blob) = self.page.next() {
                self.after = Some(blob.digest.0.to_vec());
                return Some(Ok(blob));
            }
            // An error ends the list: there is no place to go on from.
            let after = self.after.take()?;
            match self.next_page(&after) {
                Ok(page) if page.is_empty() => return None,
                // Those of a damaged table need not come in their order, and then have no end.
                Ok(page)
                    if page
                        .last()
                        .is_some_and(|last| last.digest.0[..] <= after[..]) =>
                {
                    let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
                    let corrupt = rusqlite::Error::SqliteFailure(corrupt, None);
                    return Some(Err(self.inner.refused("read from", None, corrupt).into()));
                }
                Ok(page) => self.page = page.into_iter(),
                Err(error) => return Some(Err(error.into())),
            }
        }
    }
}
