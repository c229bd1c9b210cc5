//! Stores of content that is named by its BLAKE3 digest.
//!
//! [`BlobStore`] is what they have in common. A store holds bytes and nothing else: what stands
//! where, and what is text, is in the manifest or in a database above the store.

mod durability;
mod error;
mod folder;
mod memory;
#[cfg(feature = "object-store")]
mod object;
mod read;
mod sink;
mod split;
mod sqlite;
mod verified;

use std::path::PathBuf;
use std::sync::Arc;

use crate::content::Content;
use crate::error::Error;
use crate::id::ContentHash;

pub use durability::Durability;
pub use folder::{FolderBlobs, FolderOptions};
pub use memory::MemoryBlobs;
#[cfg(feature = "object-store")]
pub use object::{ObjectBlobs, ObjectOptions};
pub use read::BlobRead;
pub use sink::StoreSink;
pub use split::SplitBlobs;
pub use sqlite::{SqliteBlobs, SqliteOptions};
pub use verified::Verified;

/// Keeps contents by their BLAKE3 digests.
///
/// All methods may be called from many threads at once. One call to [`put`](Self::put) is one blob:
/// it is there as a whole or not at all, whatever happens meanwhile, and putting it again changes
/// nothing. Where calls for the same digest race, the result is that of some order of them.
///
/// A store trusts the digest that comes with the bytes, and the medium that it reads from;
/// [`Verified`] trusts neither.
///
/// ```
/// use gitlade::{BlobStore, ContentHash, MemoryBlobs, Put};
///
/// # fn main() -> Result<(), gitlade::Error> {
/// let store = MemoryBlobs::new();
/// let digest = ContentHash::of(b"hello");
/// assert_eq!(store.put(&digest, b"hello")?, Put::New);
/// assert_eq!(store.put(&digest, b"hello")?, Put::Present);
/// assert_eq!(store.get(&digest)?.as_deref(), Some(&b"hello"[..]));
/// assert_eq!(store.get(&ContentHash::of(b"other"))?, None);
/// # Ok(())
/// # }
/// ```
pub trait BlobStore: Send + Sync {
    /// Whether the blob is there.
    ///
    /// # Errors
    ///
    /// These and those of all methods: what the medium refuses, and
    /// [`CorruptStore`](crate::ErrorKind::CorruptStore) for what stands in the place of a blob and is
    /// none. [`Error::digest`] names the blob and [`Error::file`] the file.
    fn contains(&self, digest: &ContentHash) -> Result<bool, Error> {
        Ok(self.size(digest)?.is_some())
    }

    /// Keeps `bytes` under their digest. A blob that is there with another length is replaced.
    ///
    /// The answer is a hint: of two that put the same blob at the same time, both may hear that it
    /// was new.
    ///
    /// # Errors
    ///
    /// After an error the store is as it was before.
    fn put(&self, digest: &ContentHash, bytes: &[u8]) -> Result<Put, Error>;

    /// Like [`put`](Self::put), for a store that treats text and binary differently, such as
    /// [`SplitBlobs`]. `content` is the verdict by the bytes alone.
    ///
    /// # Errors
    ///
    /// As for [`put`](Self::put).
    fn put_as(&self, digest: &ContentHash, bytes: &[u8], content: Content) -> Result<Put, Error> {
        let _ = content;
        self.put(digest, bytes)
    }

    /// The whole content in memory; `None` if it is not there. [`size`](Self::size) says beforehand
    /// how much that is.
    ///
    /// # Errors
    ///
    /// As for [`contains`](Self::contains).
    fn get(&self, digest: &ContentHash) -> Result<Option<Vec<u8>>, Error>;

    /// Reads the content piece by piece, with memory that does not depend on its size; `None` if it
    /// is not there.
    ///
    /// Its [`io::Error`](std::io::Error)s hold an [`Error`], which [`Error::from_io`] takes out. What
    /// is removed while it is read may end in an error, never in other bytes.
    ///
    /// # Errors
    ///
    /// As for [`contains`](Self::contains).
    fn reader(&self, digest: &ContentHash) -> Result<Option<Box<dyn BlobRead>>, Error>;

    /// The length of the content in bytes; `None` if it is not there.
    ///
    /// # Errors
    ///
    /// As for [`contains`](Self::contains).
    fn size(&self, digest: &ContentHash) -> Result<Option<u64>, Error>;

    /// Removes the blob, and says whether it was there.
    ///
    /// # Errors
    ///
    /// As for [`contains`](Self::contains).
    fn remove(&self, digest: &ContentHash) -> Result<bool, Error>;

    /// All blobs, each once, in no order. One that comes or goes meanwhile may or may not be among
    /// them. An error is about one blob or one place; what follows it is still there.
    ///
    /// # Errors
    ///
    /// As for [`contains`](Self::contains).
    fn iter(&self) -> Result<BlobIter<'_>, Error>;

    /// Makes all durable that was put before, as far as the store's [`Durability`] promises it.
    ///
    /// # Errors
    ///
    /// What the medium refuses: then nothing is known of what was put since the last success.
    fn sync(&self) -> Result<(), Error>;

    /// The file that holds the blob, or would, where there is one: to name it in a message.
    fn file(&self, digest: &ContentHash) -> Option<PathBuf> {
        let _ = digest;
        None
    }
}

/// What [`BlobStore::iter`] gives.
pub type BlobIter<'a> = Box<dyn Iterator<Item = Result<StoredBlob, Error>> + Send + 'a>;

/// What became of a blob that was put.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Put {
    /// It was not there before.
    New,
    /// It was there already.
    Present,
}

/// A blob in a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub struct StoredBlob {
    /// BLAKE3 of its bytes.
    pub digest: ContentHash,
    /// Bytes.
    pub size: u64,
}

impl StoredBlob {
    /// Makes one, for a store of the host's own.
    pub fn new(digest: ContentHash, size: u64) -> Self {
        StoredBlob { digest, size }
    }
}

macro_rules! through_pointer {
    ($($pointer:ty),*) => {$(
        impl<S: BlobStore + ?Sized> BlobStore for $pointer {
            fn contains(&self, digest: &ContentHash) -> Result<bool, Error> {
                (**self).contains(digest)
            }

            fn put(&self, digest: &ContentHash, bytes: &[u8]) -> Result<Put, Error> {
                (**self).put(digest, bytes)
            }

            fn put_as(
                &self,
                digest: &ContentHash,
                bytes: &[u8],
                content: Content,
            ) -> Result<Put, Error> {
                (**self).put_as(digest, bytes, content)
            }

            fn get(&self, digest: &ContentHash) -> Result<Option<Vec<u8>>, Error> {
                (**self).get(digest)
            }

            fn reader(&self, digest: &ContentHash) -> Result<Option<Box<dyn BlobRead>>, Error> {
                (**self).reader(digest)
            }

            fn size(&self, digest: &ContentHash) -> Result<Option<u64>, Error> {
                (**self).size(digest)
            }

            fn remove(&self, digest: &ContentHash) -> Result<bool, Error> {
                (**self).remove(digest)
            }

            fn iter(&self) -> Result<BlobIter<'_>, Error> {
                (**self).iter()
            }

            fn sync(&self) -> Result<(), Error> {
                (**self).sync()
            }

            fn file(&self, digest: &ContentHash) -> Option<PathBuf> {
                (**self).file(digest)
            }
        }
    )*};
}

through_pointer!(&S, Box<S>, Arc<S>);
