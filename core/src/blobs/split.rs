//! Two stores as one: text in the one, binary in the other.

use std::path::PathBuf;

use super::{BlobIter, BlobRead, BlobStore, Put};
use crate::attributes::PathAttributes;
use crate::content::{Content, examine, verdict};
use crate::error::{Error, ErrorKind};
use crate::id::ContentHash;

/// Keeps text in one store and binary in another, such as a database and a folder.
///
/// An import says which is which. Who puts by [`put`](BlobStore::put) lets the bytes decide, by the
/// same rules, and pays for looking at them. A blob is looked for in the text store first and then
/// in the other one, so nobody has to remember where it went, and what one of them has is not put
/// into the other one when rules or verdicts change.
///
/// ```
/// use gitlade::{BlobStore, ContentHash, MemoryBlobs, SplitBlobs};
///
/// # fn main() -> Result<(), gitlade::Error> {
/// let store = SplitBlobs::new(MemoryBlobs::new(), MemoryBlobs::new());
/// let (text, binary) = (&b"fn main() {}\n"[..], &b"\x7fELF\0\0"[..]);
/// for bytes in [text, binary] {
///     store.put(&ContentHash::of(bytes), bytes)?;
/// }
/// assert!(store.text().contains(&ContentHash::of(text))?);
/// assert!(store.binary().contains(&ContentHash::of(binary))?);
/// assert_eq!(store.get(&ContentHash::of(binary))?.as_deref(), Some(binary));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, Default)]
pub struct SplitBlobs<T, B> {
    text: T,
    binary: B,
}

impl<T: BlobStore, B: BlobStore> SplitBlobs<T, B> {
    /// Makes one store of two.
    pub fn new(text: T, binary: B) -> Self {
        SplitBlobs { text, binary }
    }

    /// The store of what is text.
    pub fn text(&self) -> &T {
        &self.text
    }

    /// The store of what is not.
    pub fn binary(&self) -> &B {
        &self.binary
    }

    /// Takes the two apart.
    pub fn into_parts(self) -> (T, B) {
        (self.text, self.binary)
    }

    /// The answer of the first store that has one.
    fn either<A>(
        &self,
        ask: impl Fn(&dyn BlobStore) -> Result<Option<A>, Error>,
    ) -> Result<Option<A>, Error> {
        match ask(&self.text)? {
            None => ask(&self.binary),
            found => Ok(found),
        }
    }
}

impl<T: BlobStore, B: BlobStore> BlobStore for SplitBlobs<T, B> {
    fn contains(&self, digest: &ContentHash) -> Result<bool, Error> {
        Ok(self.text.contains(digest)? || self.binary.contains(digest)?)
    }

    fn put(&self, digest: &ContentHash, bytes: &[u8]) -> Result<Put, Error> {
        let traits = examine(bytes).traits;
        self.put_as(digest, bytes, verdict(&traits, PathAttributes::default()))
    }

    fn put_as(&self, digest: &ContentHash, bytes: &[u8], content: Content) -> Result<Put, Error> {
        let stores: [&dyn BlobStore; 2] = match content {
            Content::Text { .. } => [&self.text, &self.binary],
            _ => [&self.binary, &self.text],
        };
        match stores[1].size(digest) {
            Ok(None) => stores[0].put_as(digest, bytes, content),
            // There it is made as durable as that store promises, or repaired.
            Ok(Some(_)) => stores[1].put_as(digest, bytes, content),
            Err(error) if error.kind() == ErrorKind::CorruptStore => {
                stores[1].put_as(digest, bytes, content)
            }
            Err(error) => Err(error),
        }
    }

    fn get(&self, digest: &ContentHash) -> Result<Option<Vec<u8>>, Error> {
        self.either(|store| store.get(digest))
    }

    fn reader(&self, digest: &ContentHash) -> Result<Option<Box<dyn BlobRead>>, Error> {
        self.either(|store| store.reader(digest))
    }

    fn size(&self, digest: &ContentHash) -> Result<Option<u64>, Error> {
        self.either(|store| store.size(digest))
    }

    fn remove(&self, digest: &ContentHash) -> Result<bool, Error> {
        // Both, for it may have been put into either at the same time.
        let (text, binary) = (self.text.remove(digest)?, self.binary.remove(digest)?);
        Ok(text || binary)
    }

    fn iter(&self) -> Result<BlobIter<'_>, Error> {
        let only_binary = self.binary.iter()?.filter_map(|blob| match blob {
            Ok(blob) => match self.text.contains(&blob.digest) {
                Ok(true) => None,
                Ok(false) => Some(Ok(blob)),
                Err(error) => Some(Err(error)),
            },
            Err(error) => Some(Err(error)),
        });
        Ok(Box::new(self.text.iter()?.chain(only_binary)))
    }

    fn sync(&self) -> Result<(), Error> {
        self.text.sync()?;
        self.binary.sync()
    }

    fn file(&self, digest: &ContentHash) -> Option<PathBuf> {
        // Only one of them has it, and the other one would name where it is not.
        match self.text.contains(digest) {
            Ok(true) => self.text.file(digest),
            _ => self.binary.file(digest),
        }
    }
}
