//! What a feeder hands over: the contract between local and remote imports.

use crate::content::BlobFacts;
use crate::id::ObjectId;
use crate::import::content::ContentSource;
use crate::manifest::{Header, SkipReason};
use crate::tree::{Outline, TreePath};

/// Everything that is needed to put the manifest together, wherever it came from.
pub(super) struct Feed {
    pub(super) header: Header,
    pub(super) outline: Outline,
    /// What is known of each blob, by its position in [`Outline::blobs`].
    pub(super) blobs: Vec<BlobState>,
    pub(super) rules: Rules,
    pub(super) content: ContentSource,
}

/// What became of a blob.
#[derive(Debug)]
pub(super) enum BlobState {
    Read(BlobFacts),
    Skipped {
        size: Option<u64>,
        reason: SkipReason,
    },
}

/// The files of the imported tree that have a say in how the others are understood.
#[derive(Debug, Default)]
pub(super) struct Rules {
    /// The imported folder, seen from the root of the repository.
    pub(super) subdir: TreePath,
    /// The `.gitattributes` of the repository's root and of each folder down to the imported one,
    /// which is the last.
    pub(super) above: Vec<Option<ObjectId>>,
    /// The `.gitmodules` of the repository's root.
    pub(super) modules: Option<ObjectId>,
}
