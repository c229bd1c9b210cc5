//! What keeps the blobs of an import while it runs.

use std::sync::{Mutex, PoisonError};

use crate::attributes::PathAttributes;
use crate::content::{BlobFacts, Content, LfsPointer, verdict};
use crate::error::Error;
use crate::id::{ContentHash, ObjectId};
use crate::import::content::{ContentSource, wrong_kind};
use crate::local::missing;
use crate::pack::{Found as Object, Kind};

/// Takes the content of an import while it runs: each distinct blob once, in no order, from the
/// threads that read it.
///
/// The manifest, which says what stands where, follows when the import ends. What a sink took before
/// an error is the host's to forget.
///
/// ```
/// use std::sync::atomic::{AtomicU64, Ordering};
/// use gitlade::{BlobInfo, BlobSink, Control, Error, Options, Source, import_into};
///
/// #[derive(Default)]
/// struct Sum(AtomicU64);
///
/// impl BlobSink for Sum {
///     fn put(&self, blob: &BlobInfo, bytes: &[u8]) -> Result<(), Error> {
///         assert_eq!(blob.size, bytes.len() as u64);
///         self.0.fetch_add(blob.size, Ordering::Relaxed);
///         Ok(())
///     }
/// }
///
/// # fn main() -> Result<(), Error> {
/// # let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/..");
/// # if !std::path::Path::new(folder).join(".git").exists() { return Ok(()); }
/// let sum = Sum::default();
/// let import = import_into(&Source::parse(folder)?, &Options::default(), &Control::new(), &sum)?;
/// // Two files with the same content are one blob.
/// assert!(sum.0.into_inner() <= import.manifest().totals().bytes);
/// # Ok(())
/// # }
/// ```
pub trait BlobSink: Send + Sync {
    /// Takes one blob. Content that does not fit into memory comes as a mapped temporary file.
    ///
    /// A server may send a blob more than once, and blobs that no file has; what is received is handed
    /// on as it comes, so a sink has to bear both. A blob of a path is handed on before the import
    /// ends, which is what counts.
    ///
    /// # Errors
    ///
    /// An error ends the import, which returns it; [`Error::host`] makes one of the host's own.
    fn put(&self, blob: &BlobInfo, bytes: &[u8]) -> Result<(), Error>;
}

/// What is known of a blob by its bytes alone.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BlobInfo {
    /// The name that Git has for it. See [`Options::verify`](crate::Options#structfield.verify) for
    /// what a local import checks it by.
    pub id: ObjectId,
    /// BLAKE3 of the bytes.
    pub digest: ContentHash,
    /// Bytes.
    pub size: u64,
    /// Text or binary. Attributes may say otherwise for some of the paths, which the manifest tells.
    pub content: Content,
    /// Set if the bytes have the form of a Git LFS pointer.
    pub lfs: Option<LfsPointer>,
}

impl BlobInfo {
    pub(crate) fn new(id: ObjectId, facts: &BlobFacts) -> Self {
        BlobInfo {
            id,
            digest: facts.digest,
            size: facts.size,
            content: verdict(&facts.traits, PathAttributes::default()),
            lfs: facts.lfs.as_deref().copied(),
        }
    }
}

/// What an import leads to, before anything below it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// The full name of the ref, if the revision is one.
    pub(crate) reference: Option<Vec<u8>>,
    /// What the revision names: a commit, a tag or a tree.
    pub(crate) id: ObjectId,
    /// What is at its end, where that is known: the commit, if there is one, and its tree.
    pub(crate) peeled: Option<Peeled>,
}

/// The end of a chain of tags and commits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Peeled {
    /// `None` if the revision names a tree.
    pub(crate) commit: Option<ObjectId>,
    /// The whole tree, whichever folder of it is imported.
    pub(crate) tree: ObjectId,
}

/// Keeps the blobs of an import while it runs, and may remember those of earlier ones.
pub(crate) trait Keeper: Sync {
    /// Whether what is kept is found again by object ids, so that all of them have to be checked.
    fn remembers(&self) -> bool;

    /// Whether the import of `found` is here as a whole, so that nothing needs to be read.
    fn has_import(&self, found: &Found) -> Result<bool, Error>;

    /// Hears what a revision leads to, once that is read and checked.
    fn learn(&self, found: &Found) -> Result<(), Error>;

    /// What is known of blobs from earlier imports; the content of those is here.
    fn recall(&self, ids: &[ObjectId]) -> Result<Vec<Option<BlobFacts>>, Error>;

    /// The bytes of a tree from an earlier import.
    fn recall_tree(&self, id: ObjectId) -> Result<Option<Vec<u8>>, Error>;

    /// Takes a tree that was read and checked by its id.
    fn keep_tree(&self, id: ObjectId, bytes: &[u8]) -> Result<(), Error>;

    /// Takes a blob that was read, checked by its id if the keeper [remembers](Self::remembers), and
    /// classified.
    fn keep(&self, id: ObjectId, facts: &BlobFacts, bytes: &[u8]) -> Result<(), Error>;
}

/// Hands everything to a sink of the host and remembers nothing.
pub(super) struct ToSink<'a>(pub(super) &'a dyn BlobSink);

impl Keeper for ToSink<'_> {
    fn remembers(&self) -> bool {
        false
    }

    fn has_import(&self, _: &Found) -> Result<bool, Error> {
        Ok(false)
    }

    fn learn(&self, _: &Found) -> Result<(), Error> {
        Ok(())
    }

    fn recall(&self, ids: &[ObjectId]) -> Result<Vec<Option<BlobFacts>>, Error> {
        Ok(vec![None; ids.len()])
    }

    fn recall_tree(&self, _: ObjectId) -> Result<Option<Vec<u8>>, Error> {
        Ok(None)
    }

    fn keep_tree(&self, _: ObjectId, _: &[u8]) -> Result<(), Error> {
        Ok(())
    }

    fn keep(&self, id: ObjectId, facts: &BlobFacts, bytes: &[u8]) -> Result<(), Error> {
        self.0.put(&BlobInfo::new(id, facts), bytes)
    }
}

/// Keeps those of `ids` that could not be kept when they were classified: they were too large to be
/// at hand, or not yet known to be wanted.
pub(super) fn keep_later(
    keeper: &dyn Keeper,
    content: &ContentSource,
    later: &[(ObjectId, &BlobFacts)],
) -> Result<(), Error> {
    let ids: Vec<ObjectId> = later.iter().map(|(id, _)| *id).collect();
    let large = Mutex::new(Vec::new());
    let keep = |number: usize, found: Object<'_>| {
        let (id, facts) = later[number];
        match found {
            Object::Whole(Kind::Blob, bytes) => keeper.keep(id, facts, bytes),
            Object::Stream(Kind::Blob, _) => {
                let mut large = large.lock().unwrap_or_else(PoisonError::into_inner);
                large.push(number);
                Ok(())
            }
            Object::Whole(..) | Object::Stream(..) => Err(wrong_kind(id)),
            // The manifest says so of them.
            Object::TooLarge(_) => Ok(()),
            Object::Missing => Err(missing(id)),
        }
    };
    content.read(&ids, content.limits.max_blob, &keep)?;
    for number in large.into_inner().unwrap_or_else(PoisonError::into_inner) {
        content.work.cancel.check()?;
        let (id, facts) = later[number];
        keeper.keep(id, facts, &content.read_blob(id)?)?;
    }
    Ok(())
}
