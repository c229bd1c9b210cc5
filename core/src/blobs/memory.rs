//! A store in memory.

use std::collections::HashMap;
use std::collections::hash_map;
use std::fmt;
use std::io::Cursor;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::{BlobIter, BlobRead, BlobStore, Put, StoredBlob};
use crate::error::Error;
use crate::id::ContentHash;

/// Keeps blobs in memory, for as long as it lives: for tests, and for imports that are small.
#[derive(Default)]
pub struct MemoryBlobs {
    blobs: RwLock<HashMap<ContentHash, Arc<[u8]>>>,
}

impl MemoryBlobs {
    /// Makes an empty store.
    pub fn new() -> Self {
        Self::default()
    }

    // A panic cannot leave the map half changed: what happens under the lock is one insertion or one
    // removal.
    fn read(&self) -> RwLockReadGuard<'_, HashMap<ContentHash, Arc<[u8]>>> {
        self.blobs.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, HashMap<ContentHash, Arc<[u8]>>> {
        self.blobs.write().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, digest: &ContentHash) -> Option<Arc<[u8]>> {
        self.read().get(digest).cloned()
    }
}

impl BlobStore for MemoryBlobs {
    fn put(&self, digest: &ContentHash, bytes: &[u8]) -> Result<Put, Error> {
        let is_here = |blob: &Arc<[u8]>| blob.len() == bytes.len();
        if self.read().get(digest).is_some_and(is_here) {
            return Ok(Put::Present);
        }
        let copy = Arc::from(bytes);
        match self.write().entry(*digest) {
            hash_map::Entry::Occupied(entry) if is_here(entry.get()) => Ok(Put::Present),
            hash_map::Entry::Occupied(mut entry) => {
                entry.insert(copy);
                Ok(Put::New)
            }
            hash_map::Entry::Vacant(entry) => {
                entry.insert(copy);
                Ok(Put::New)
            }
        }
    }

    fn get(&self, digest: &ContentHash) -> Result<Option<Vec<u8>>, Error> {
        Ok(self.find(digest).map(|bytes| bytes.to_vec()))
    }

    fn reader(&self, digest: &ContentHash) -> Result<Option<Box<dyn BlobRead>>, Error> {
        let reader = |bytes| Box::new(Cursor::new(bytes)) as Box<dyn BlobRead>;
        Ok(self.find(digest).map(reader))
    }

    fn size(&self, digest: &ContentHash) -> Result<Option<u64>, Error> {
        Ok(self.read().get(digest).map(|bytes| bytes.len() as u64))
    }

    fn remove(&self, digest: &ContentHash) -> Result<bool, Error> {
        Ok(self.write().remove(digest).is_some())
    }

    fn iter(&self) -> Result<BlobIter<'_>, Error> {
        let blobs: Vec<StoredBlob> = self
            .read()
            .iter()
            .map(|(digest, bytes)| StoredBlob::new(*digest, bytes.len() as u64))
            .collect();
        Ok(Box::new(blobs.into_iter().map(Ok)))
    }

    fn sync(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl fmt::Debug for MemoryBlobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryBlobs")
            .field("blobs", &self.read().len())
            .finish_non_exhaustive()
    }
}
