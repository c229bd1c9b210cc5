//! The content of an import into a store.

use super::BlobStore;
use crate::error::Error;
use crate::import::{BlobInfo, BlobSink};

/// Puts the content of an import into a store while it runs.
///
/// ```
/// use gitlade::{BlobStore, Control, FolderBlobs, Options, Source, StoreSink, import_into};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let source = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// # if !std::path::Path::new(source).join(".git").exists() { return Ok(()); }
/// # let folder = tempfile::tempdir()?;
/// let store = FolderBlobs::open(folder.path().join("blobs"))?;
/// let (source, options) = (Source::parse(source)?, Options::default());
/// let import = import_into(&source, &options, &Control::new(), &StoreSink::new(&store))?;
/// store.sync()?;
///
/// // From now on the manifest and the store suffice.
/// let manifest = import.into_manifest();
/// let file = manifest.get(b"core/src/lib.rs").expect("this project has it");
/// let digest = file.digest().expect("it was not skipped");
/// let bytes = store.get(&digest)?.expect("the import put it there");
/// assert!(bytes.starts_with(b"//! Imports Git repositories"));
/// # Ok(())
/// # }
/// ```
pub struct StoreSink<'a> {
    store: &'a dyn BlobStore,
}

impl<'a> StoreSink<'a> {
    /// Makes a sink that puts everything into `store`. When the import has ended,
    /// [`BlobStore::sync`] makes it durable.
    pub fn new(store: &'a dyn BlobStore) -> Self {
        StoreSink { store }
    }
}

impl BlobSink for StoreSink<'_> {
    fn put(&self, blob: &BlobInfo, bytes: &[u8]) -> Result<(), Error> {
        self.store
            .put_as(&blob.digest, bytes, blob.content)
            .map(drop)
    }
}
