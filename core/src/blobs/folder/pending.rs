//! Making durable at once what was put one by one.

use super::FolderBlobs;
#[cfg(any(not(target_os = "linux"), test))]
use super::place::Form;
use crate::blobs::error::BlobError;
use crate::error::Error;
use crate::id::ContentHash;

/// What was put and may not be durable yet. Linux knows that itself.
#[cfg(any(not(target_os = "linux"), test))]
#[derive(Default)]
pub(super) struct Pending {
    digests: std::sync::Mutex<Vec<ContentHash>>,
}

/// More than that are made durable before the host asks, so that the list stays small.
#[cfg(any(not(target_os = "linux"), test))]
const MAX_PENDING: usize = 1 << 16;

impl FolderBlobs {
    #[cfg(target_os = "linux")]
    pub(super) fn note_pending(&self, _: &ContentHash) -> Result<(), Error> {
        Ok(())
    }

    /// Makes the whole file system durable: one call, however many blobs there are.
    #[cfg(target_os = "linux")]
    pub(super) fn sync_pending(&self) -> Result<(), Error> {
        rustix::fs::syncfs(&self.root)
            .map_err(|errno| BlobError::file("write", &self.path, None, errno).into())
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn note_pending(&self, digest: &ContentHash) -> Result<(), Error> {
        self.note(digest)
    }

    #[cfg(not(target_os = "linux"))]
    pub(super) fn sync_pending(&self) -> Result<(), Error> {
        self.sync_each()
    }

    #[cfg(any(not(target_os = "linux"), test))]
    fn note(&self, digest: &ContentHash) -> Result<(), Error> {
        let mut digests = self.lock();
        digests.push(*digest);
        let is_full = digests.len() >= MAX_PENDING;
        drop(digests);
        if is_full { self.sync_each() } else { Ok(()) }
    }

    /// Makes each file durable that was put since the last time, and the folders they are in.
    #[cfg(any(not(target_os = "linux"), test))]
    fn sync_each(&self) -> Result<(), Error> {
        let mut digests = std::mem::take(&mut *self.lock());
        digests.sort_unstable();
        digests.dedup();
        let result = self.sync_all_of(&digests);
        if result.is_err() {
            // The next call has to try them again.
            self.lock().append(&mut digests);
        }
        result
    }

    #[cfg(any(not(target_os = "linux"), test))]
    fn sync_all_of(&self, digests: &[ContentHash]) -> Result<(), Error> {
        for same_folder in digests.chunk_by(|a, b| a.0[0] == b.0[0]) {
            let mut folder = None;
            for digest in same_folder {
                let Some(place) = self.place(digest)? else {
                    continue;
                };
                for form in Form::ALL {
                    if let Some((file, _)) = self.open_file(&place, digest, form)? {
                        file.sync_all()
                            .map_err(|error| self.refused("write", digest, form, error))?;
                    }
                }
                folder = Some((place, digest));
            }
            if let Some((place, digest)) = folder {
                self.sync_fan(&place, digest)?;
            }
        }
        self.root
            .sync_all()
            .map_err(|error| BlobError::file("write", &self.path, None, error).into())
    }

    #[cfg(any(not(target_os = "linux"), test))]
    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<ContentHash>> {
        let digests = self.pending.digests.lock();
        digests.unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use crate::blobs::{BlobStore, FolderBlobs};
    use crate::id::ContentHash;

    #[test]
    fn each_blob_is_synced_once_and_those_that_went_are_no_error() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderBlobs::open(folder.path()).unwrap();
        for number in 0..300_u32 {
            let bytes = number.to_le_bytes();
            let digest = ContentHash::of(&bytes);
            store.put(&digest, &bytes).unwrap();
            store.note(&digest).unwrap();
            store.note(&digest).unwrap();
            if number % 7 == 0 {
                assert!(store.remove(&digest).unwrap());
            }
        }
        assert_eq!(store.lock().len(), 600);
        store.sync_each().unwrap();
        assert_eq!(store.lock().len(), 0);
    }
}
