//! A store whose content is hashed again whenever it passes.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::error::{BlobError, Damage};
use super::read::into_io;
use super::{BlobIter, BlobRead, BlobStore, Put};
use crate::content::Content;
use crate::error::Error;
use crate::id::ContentHash;

/// Checks all content that goes into a store or comes out of it by its digest.
///
/// What comes out altered is a [`CorruptStore`](crate::ErrorKind::CorruptStore) error that names the
/// digest, and the file where there is one. A reader finds it at the end; one that is told to seek
/// elsewhere than where it is reads all of the content first, and then has no need to check it again.
///
/// ```
/// use gitlade::{BlobStore, ContentHash, ErrorKind, MemoryBlobs, Verified};
///
/// # fn main() -> Result<(), gitlade::Error> {
/// let store = MemoryBlobs::new();
/// let digest = ContentHash::of(b"what was meant");
/// store.put(&digest, b"what it became")?;
/// let error = Verified::new(store).get(&digest).expect_err("it is not what its name says");
/// assert_eq!(error.kind(), ErrorKind::CorruptStore);
/// assert_eq!(error.digest(), Some(digest));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct Verified<S>(S);

impl<S: BlobStore> Verified<S> {
    /// Checks what passes into and out of `store`.
    pub fn new(store: S) -> Self {
        Verified(store)
    }

    /// The store itself.
    pub fn into_inner(self) -> S {
        self.0
    }

    fn check_put(digest: &ContentHash, bytes: &[u8]) -> Result<(), BlobError> {
        let actual = ContentHash::of(bytes);
        if actual == *digest {
            return Ok(());
        }
        Err(BlobError::WrongDigest {
            digest: *digest,
            actual,
        })
    }
}

impl<S: BlobStore> BlobStore for Verified<S> {
    fn contains(&self, digest: &ContentHash) -> Result<bool, Error> {
        self.0.contains(digest)
    }

    fn put(&self, digest: &ContentHash, bytes: &[u8]) -> Result<Put, Error> {
        Self::check_put(digest, bytes)?;
        self.0.put(digest, bytes)
    }

    fn put_as(&self, digest: &ContentHash, bytes: &[u8], content: Content) -> Result<Put, Error> {
        Self::check_put(digest, bytes)?;
        self.0.put_as(digest, bytes, content)
    }

    fn get(&self, digest: &ContentHash) -> Result<Option<Vec<u8>>, Error> {
        let Some(bytes) = self.0.get(digest)? else {
            return Ok(None);
        };
        let actual = ContentHash::of(&bytes);
        if actual != *digest {
            let damage = Damage::Altered(actual);
            return Err(BlobError::corrupt(self.0.file(digest), *digest, damage).into());
        }
        Ok(Some(bytes))
    }

    fn reader(&self, digest: &ContentHash) -> Result<Option<Box<dyn BlobRead>>, Error> {
        let reader = self.0.reader(digest)?;
        Ok(reader.map(|inner| {
            Box::new(VerifiedReader {
                inner,
                state: State::Hashing(Box::default()),
                position: 0,
                digest: *digest,
                file: self.0.file(digest),
            }) as Box<dyn BlobRead>
        }))
    }

    fn size(&self, digest: &ContentHash) -> Result<Option<u64>, Error> {
        self.0.size(digest)
    }

    fn remove(&self, digest: &ContentHash) -> Result<bool, Error> {
        self.0.remove(digest)
    }

    fn iter(&self) -> Result<BlobIter<'_>, Error> {
        self.0.iter()
    }

    fn sync(&self) -> Result<(), Error> {
        self.0.sync()
    }

    fn file(&self, digest: &ContentHash) -> Option<PathBuf> {
        self.0.file(digest)
    }
}

/// Hashes what it reads until that was all.
struct VerifiedReader {
    inner: Box<dyn BlobRead>,
    state: State,
    /// How much was read, until it is verified.
    position: u64,
    digest: ContentHash,
    file: Option<PathBuf>,
}

enum State {
    /// Everything before the position is in the hash.
    Hashing(Box<blake3::Hasher>),
    Verified,
    Altered(ContentHash),
}

impl VerifiedReader {
    /// Checks the hash at the end of the content.
    fn finish(&mut self) -> io::Result<()> {
        if let State::Hashing(hasher) = &self.state {
            let actual = ContentHash(*hasher.finalize().as_bytes());
            self.state = if actual == self.digest {
                State::Verified
            } else {
                State::Altered(actual)
            };
        }
        match self.state {
            State::Altered(actual) => {
                let damage = Damage::Altered(actual);
                Err(into_io(BlobError::corrupt(
                    self.file.clone(),
                    self.digest,
                    damage,
                )))
            }
            _ => Ok(()),
        }
    }
}

impl Read for VerifiedReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let hasher = match &mut self.state {
            State::Hashing(hasher) => hasher,
            State::Verified => return self.inner.read(buffer),
            State::Altered(_) => return self.finish().map(|()| 0),
        };
        let count = self.inner.read(buffer)?;
        if count == 0 && !buffer.is_empty() {
            self.finish()?;
        } else {
            hasher.update(&buffer[..count]);
            self.position += count as u64;
        }
        Ok(count)
    }
}

impl Seek for VerifiedReader {
    fn seek(&mut self, target: SeekFrom) -> io::Result<u64> {
        if let State::Hashing(_) = self.state {
            let before = self.position;
            if matches!(target, SeekFrom::Current(0)) || target == SeekFrom::Start(before) {
                return Ok(before);
            }
            io::copy(self, &mut io::sink())?;
            self.inner.seek(SeekFrom::Start(before))?;
        }
        self.finish()?;
        self.inner.seek(target)
    }
}
