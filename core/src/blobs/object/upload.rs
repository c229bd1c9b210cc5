//! Putting a blob into an object store.

use std::collections::VecDeque;
use std::sync::Arc;

use bytes::Bytes;
use object_store::path::Path;
use object_store::{
    Error as StoreError, MultipartUpload, ObjectStore as _, ObjectStoreExt as _, PutMode,
    PutOptions,
};

use super::Inner;
use crate::blobs::Put;
use crate::error::Error;
use crate::id::ContentHash;

/// From this size on, asking whether a blob is there costs less than sending it in vain.
const ASK_FIRST: usize = 64 << 10;

impl Inner {
    pub(super) fn put(&self, digest: &ContentHash, bytes: &[u8]) -> Result<Put, Error> {
        let size = bytes.len() as u64;
        let mut mode = PutMode::Create;
        if bytes.len() >= ASK_FIRST {
            match self.find_size(digest)? {
                Some(there) if there == size => return Ok(Put::Present),
                Some(_) => mode = PutMode::Overwrite,
                None => {}
            }
        }
        if bytes.len() > self.options.part_size {
            self.put_parts(digest, bytes)?;
            return Ok(Put::New);
        }
        match self.put_whole(digest, bytes, mode.clone())? {
            Ok(()) => return Ok(Put::New),
            Err(StoreError::AlreadyExists { .. } | StoreError::Precondition { .. }) => {
                if self.find_size(digest)? == Some(size) {
                    return Ok(Put::Present);
                }
            }
            // The service has no such condition. What is there under this name is the same.
            Err(StoreError::NotImplemented { .. } | StoreError::NotSupported { .. })
                if mode == PutMode::Create =>
            {
                if self.find_size(digest)? == Some(size) {
                    return Ok(Put::Present);
                }
            }
            Err(error) => return Err(self.refused("write to", Some(digest), &error)),
        }
        match self.put_whole(digest, bytes, PutMode::Overwrite)? {
            Ok(()) => Ok(Put::New),
            Err(error) => Err(self.refused("write to", Some(digest), &error)),
        }
    }

    fn put_whole(
        &self,
        digest: &ContentHash,
        bytes: &[u8],
        mode: PutMode,
    ) -> Result<Result<(), StoreError>, Error> {
        let (store, path) = (Arc::clone(&self.store), self.path(digest));
        let permit = self.waiting.permit();
        let bytes = Bytes::copy_from_slice(bytes);
        let work = async move {
            let options = PutOptions::from(mode);
            store.put_opts(&path, bytes.into(), options).await.map(drop)
        };
        self.waiting.begin(permit, work).wait()
    }

    /// Sends a blob in parts, several at once; it is there when the last request is answered.
    fn put_parts(&self, digest: &ContentHash, bytes: &[u8]) -> Result<(), Error> {
        let refused = |error| self.refused("write to", Some(digest), &error);
        let (store, path): (_, Path) = (Arc::clone(&self.store), self.path(digest));
        let upload = self
            .waiting
            .wait(async move { store.put_multipart(&path).await })?;
        let mut upload = upload.map_err(refused)?;
        let sent = self.send_parts(&mut *upload, bytes)?;
        // The service keeps the parts of what is neither completed nor given up.
        let result = self.waiting.wait(async move {
            let result = match sent {
                Ok(()) => upload.complete().await.map(drop),
                Err(error) => Err(error),
            };
            if result.is_err() {
                let _ = upload.abort().await;
            }
            result
        })?;
        result.map_err(refused)
    }

    fn send_parts(
        &self,
        upload: &mut dyn MultipartUpload,
        bytes: &[u8],
    ) -> Result<Result<(), StoreError>, Error> {
        let mut pending = VecDeque::new();
        let mut result = Ok(());
        // Ten thousand parts are as many as services take.
        let size = self.options.part_size.max(bytes.len().div_ceil(10_000));
        for part in bytes.chunks(size) {
            // Before the copy is made, so that memory is bounded by the permits.
            let permit = self.waiting.permit();
            let part = upload.put_part(Bytes::copy_from_slice(part).into());
            pending.push_back(self.waiting.begin(permit, part));
            if pending.len() > self.options.concurrency
                && let Some(oldest) = pending.pop_front()
            {
                result = result.and(oldest.wait()?);
                if result.is_err() {
                    break;
                }
            }
        }
        for part in pending {
            result = result.and(part.wait()?);
        }
        Ok(result)
    }
}
