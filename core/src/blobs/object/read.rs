//! Reading blobs from an object store, and listing them.

use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use object_store::{
    Error as StoreError, GetRange, ObjectMeta, ObjectStore as _, ObjectStoreExt as _,
};

use super::Inner;
use crate::blobs::StoredBlob;
use crate::blobs::error::{BlobError, Damage};
use crate::blobs::read::{into_io, seek_target};
use crate::error::Error;
use crate::id::ContentHash;

/// The first request of a reader; each following one asks for twice as much.
const FIRST_READ: u64 = 256 << 10;
/// Objects that are listed at once.
const PAGE: usize = 1_000;

impl Inner {
    pub(super) fn find_size(&self, digest: &ContentHash) -> Result<Option<u64>, Error> {
        let (store, path) = (Arc::clone(&self.store), self.path(digest));
        match self.waiting.wait(async move { store.head(&path).await })? {
            Ok(meta) => Ok(Some(meta.size)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.refused("read from", Some(digest), &error)),
        }
    }

    pub(super) fn get(&self, digest: &ContentHash) -> Result<Option<Vec<u8>>, Error> {
        let (store, path, digest) = (Arc::clone(&self.store), self.path(digest), *digest);
        let work = async move {
            let answer = store.get(&path).await?;
            let size = answer.meta.size;
            let mut bytes = Vec::new();
            if bytes
                .try_reserve_exact(usize::try_from(size).unwrap_or(usize::MAX))
                .is_err()
            {
                return Ok(Err(BlobError::TooLarge { digest, size }));
            }
            let mut stream = answer.into_stream();
            while let Some(piece) = stream.next().await {
                let piece = piece?;
                if (bytes.len() + piece.len()) as u64 > size {
                    break;
                }
                bytes.extend_from_slice(&piece);
            }
            if bytes.len() as u64 != size {
                let damage = Damage::OtherSize(size);
                return Ok(Err(BlobError::corrupt(None, digest, damage)));
            }
            Ok(Ok(bytes))
        };
        match self.waiting.wait(work)? {
            Ok(bytes) => Ok(Some(bytes?)),
            Err(StoreError::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.refused("read from", Some(&digest), &error)),
        }
    }

    fn get_range(&self, digest: &ContentHash, range: Range<u64>) -> Result<Bytes, Error> {
        let (store, path) = (Arc::clone(&self.store), self.path(digest));
        let want = range.end - range.start;
        let options = object_store::GetOptions {
            range: Some(GetRange::Bounded(range)),
            ..Default::default()
        };
        let work = async move { store.get_opts(&path, options).await?.bytes().await };
        match self.waiting.wait(work)? {
            Ok(bytes) if bytes.len() as u64 == want => Ok(bytes),
            Ok(_) => Err(BlobError::corrupt(None, *digest, Damage::OtherSize(want)).into()),
            Err(StoreError::NotFound { .. }) => Err(BlobError::Removed { digest: *digest }.into()),
            Err(error) => Err(self.refused("read from", Some(digest), &error)),
        }
    }
}

/// Reads a blob by ranges.
pub(super) struct ObjectReader {
    inner: Arc<Inner>,
    digest: ContentHash,
    size: u64,
    position: u64,
    /// What was read last, and where it begins.
    piece: (u64, Bytes),
    next_read: u64,
}

impl ObjectReader {
    pub(super) fn new(inner: Arc<Inner>, digest: ContentHash, size: u64) -> Self {
        ObjectReader {
            inner,
            digest,
            size,
            position: 0,
            piece: (0, Bytes::new()),
            next_read: FIRST_READ,
        }
    }

    /// What is at hand from the position on.
    fn at_hand(&self) -> &[u8] {
        let (start, bytes) = &self.piece;
        let offset = self.position.checked_sub(*start);
        let rest = offset.and_then(|offset| bytes.get(usize::try_from(offset).ok()?..));
        rest.unwrap_or_default()
    }
}

impl Read for ObjectReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        if self.at_hand().is_empty() {
            let end = self.size.min(self.position.saturating_add(self.next_read));
            let bytes = self.inner.get_range(&self.digest, self.position..end);
            self.piece = (self.position, bytes.map_err(into_io)?);
            let most = self.inner.options.part_size as u64;
            self.next_read = (self.next_read * 2).min(most.max(FIRST_READ));
        }
        let rest = self.at_hand();
        let count = rest.len().min(buffer.len());
        buffer[..count].copy_from_slice(&rest[..count]);
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for ObjectReader {
    fn seek(&mut self, target: SeekFrom) -> io::Result<u64> {
        self.position = seek_target(target, self.position, self.size)?;
        Ok(self.position)
    }
}

type Objects = BoxStream<'static, object_store::Result<ObjectMeta>>;

/// Lists the blobs of an object store; what is no blob is passed over.
pub(super) struct List<'a> {
    inner: &'a Inner,
    /// `None` once the end was seen.
    objects: Option<Objects>,
    page: std::vec::IntoIter<object_store::Result<ObjectMeta>>,
}

impl<'a> List<'a> {
    pub(super) fn new(inner: &'a Inner) -> Self {
        let prefix = Some(&inner.prefix).filter(|prefix| !prefix.as_ref().is_empty());
        List {
            inner,
            objects: Some(inner.store.list(prefix)),
            page: Vec::new().into_iter(),
        }
    }

    fn next_page(&mut self, mut objects: Objects) -> Result<(), Error> {
        let (page, rest) = self.inner.waiting.wait(async move {
            let mut page = Vec::new();
            while page.len() < PAGE {
                match objects.next().await {
                    Some(object) => page.push(object),
                    None => return (page, None),
                }
            }
            (page, Some(objects))
        })?;
        self.page = page.into_iter();
        self.objects = rest;
        Ok(())
    }
}

impl Iterator for List<'_> {
    type Item = Result<StoredBlob, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            match self.page.next() {
                Some(Ok(object)) => {
                    if let Some(digest) = self.inner.digest_of(&object.location) {
                        return Some(Ok(StoredBlob::new(digest, object.size)));
                    }
                }
                Some(Err(error)) => {
                    return Some(Err(self.inner.refused("list", None, &error)));
                }
                None => {
                    let objects = self.objects.take()?;
                    if let Err(error) = self.next_page(objects) {
                        return Some(Err(error));
                    }
                }
            }
        }
    }
}
