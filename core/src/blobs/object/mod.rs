//! A store in a service for objects: S3, Google Cloud Storage, Azure, or what speaks like them.
//!
//! ```text
//! PREFIX/ab/cdef…    the content whose digest is abcdef…
//! ```

mod connector;
mod error;
mod open;
mod options;
mod read;
mod runtime;
mod upload;

use std::fmt;
use std::sync::Arc;

use object_store::path::Path;
use object_store::{Error as StoreError, ObjectStore, ObjectStoreExt as _};
use url::Url;

use super::{BlobIter, BlobRead, BlobStore, Put};
use crate::error::{Error, ErrorKind};
use crate::id::ContentHash;
use error::Explain;
use read::{List, ObjectReader};
use runtime::Waiting;

pub use options::ObjectOptions;

/// Keeps each blob as an object, in a bucket or a container.
///
/// A blob is sent on condition that it is not there, in one request, or in parts that become an
/// object at the end; a service that knows no such condition is asked before. What is put is durable
/// when the call returns. The store has a small runtime of its own, so it may be called from any
/// thread, one of another runtime included, which it then blocks.
///
/// ```
/// use gitlade::{BlobStore, ContentHash, ObjectBlobs};
///
/// # fn main() -> Result<(), gitlade::Error> {
/// let settings = [("aws_access_key_id", "…"), ("aws_secret_access_key", "…")];
/// let in_s3 = ObjectBlobs::open("s3://bucket/blobs", &settings)?;
///
/// // Of no use but to try it: objects in memory.
/// let store = ObjectBlobs::open("memory:///", &[])?;
/// let digest = ContentHash::of(b"hello");
/// store.put(&digest, b"hello")?;
/// assert_eq!(store.size(&digest)?, Some(5));
/// # Ok(())
/// # }
/// ```
pub struct ObjectBlobs(Arc<Inner>);

struct Inner {
    store: Arc<dyn ObjectStore>,
    prefix: Path,
    options: ObjectOptions,
    waiting: Waiting,
    explain: Explain,
}

impl ObjectBlobs {
    /// Opens the store at `url`, below the path in it: `s3://BUCKET/PATH`, `gs://BUCKET/PATH`,
    /// `az://CONTAINER/PATH`, `abfss://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH`, the `https` URLs
    /// of these services, or `file:///FOLDER`.
    ///
    /// The settings are those of the crate [`object_store`], by name: for S3 `aws_access_key_id`,
    /// `aws_secret_access_key`, `aws_session_token`, `aws_region`, and for services that speak like it
    /// `aws_endpoint` and, unless that is https, `allow_http`; for Google `google_service_account` (a
    /// file) or `google_service_account_key` (its content); for Azure `azure_storage_account_name` and
    /// `azure_storage_account_key`. The environment is not read. S3 and Azure without credentials ask
    /// the metadata service of the machine.
    ///
    /// Nothing is asked of the service yet.
    ///
    /// [`object_store`]: https://docs.rs/object_store/0.14
    ///
    /// # Errors
    ///
    /// [`InvalidSource`](ErrorKind::InvalidSource) for a URL of another kind and
    /// [`InvalidOptions`](ErrorKind::InvalidOptions) for settings that are unknown or do not suffice.
    pub fn open(url: &str, settings: &[(&str, &str)]) -> Result<Self, Error> {
        Self::open_with(url, settings, &ObjectOptions::default())
    }

    /// Opens the store at `url` as `options` say.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open).
    pub fn open_with(
        url: &str,
        settings: &[(&str, &str)],
        options: &ObjectOptions,
    ) -> Result<Self, Error> {
        let parsed = Url::parse(url).map_err(|error| {
            // The URL is not repeated: it may hold a secret.
            let text = format!("the URL of the object store cannot be understood: {error}");
            Error::message(ErrorKind::InvalidSource, text)
        })?;
        if options.part_size == 0 || options.concurrency == 0 {
            let text = "part_size and concurrency are at least 1";
            return Err(Error::message(ErrorKind::InvalidOptions, text));
        }
        let explain = Explain::new(&parsed, settings);
        let waiting = Waiting::new(options.concurrency)?;
        let (store, prefix) = open::open(&parsed, settings, options, &explain)?;
        Ok(ObjectBlobs(Arc::new(Inner {
            store,
            prefix,
            options: options.clone(),
            waiting,
            explain,
        })))
    }
}

impl Inner {
    fn path(&self, digest: &ContentHash) -> Path {
        let hex = digest.to_string();
        let (fan, rest) = hex.split_at(2);
        self.prefix.clone().join(fan).join(rest)
    }

    /// What blob stands at this place; `None` if it is none.
    fn digest_of(&self, path: &Path) -> Option<ContentHash> {
        let mut parts = path.prefix_match(&self.prefix)?;
        let (fan, rest) = (parts.next()?, parts.next()?);
        let hex = format!("{}{}", fan.as_ref(), rest.as_ref());
        let digest = ContentHash::from_hex(hex.as_bytes())?;
        // Only as it is written here: two digits before the slash, all in lower case.
        (self.path(&digest) == *path).then_some(digest)
    }

    fn refused(
        &self,
        action: &'static str,
        digest: Option<&ContentHash>,
        error: &StoreError,
    ) -> Error {
        self.explain.error(action, digest, error).into()
    }
}

impl BlobStore for ObjectBlobs {
    fn put(&self, digest: &ContentHash, bytes: &[u8]) -> Result<Put, Error> {
        self.0.put(digest, bytes)
    }

    fn get(&self, digest: &ContentHash) -> Result<Option<Vec<u8>>, Error> {
        self.0.get(digest)
    }

    fn reader(&self, digest: &ContentHash) -> Result<Option<Box<dyn BlobRead>>, Error> {
        let size = self.0.find_size(digest)?;
        let reader = |size| ObjectReader::new(Arc::clone(&self.0), *digest, size);
        Ok(size.map(|size| Box::new(reader(size)) as Box<dyn BlobRead>))
    }

    fn size(&self, digest: &ContentHash) -> Result<Option<u64>, Error> {
        self.0.find_size(digest)
    }

    fn remove(&self, digest: &ContentHash) -> Result<bool, Error> {
        // Services answer the same whether there was one or not.
        if self.0.find_size(digest)?.is_none() {
            return Ok(false);
        }
        let (store, path) = (Arc::clone(&self.0.store), self.0.path(digest));
        match self
            .0
            .waiting
            .wait(async move { store.delete(&path).await })?
        {
            Ok(()) => Ok(true),
            Err(StoreError::NotFound { .. }) => Ok(false),
            Err(error) => Err(self.0.refused("remove from", Some(digest), &error)),
        }
    }

    fn iter(&self) -> Result<BlobIter<'_>, Error> {
        Ok(Box::new(List::new(&self.0)))
    }

    fn sync(&self) -> Result<(), Error> {
        Ok(())
    }
}

impl fmt::Debug for ObjectBlobs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectBlobs")
            .field("store", &self.0.explain)
            .field("options", &self.0.options)
            .finish_non_exhaustive()
    }
}
