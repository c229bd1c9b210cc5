//! The facts of a blob, from its bytes at once or in pieces.

use super::classify::{Classifier, plain_utf8};
use super::facts::{BlobFacts, LfsPointer, Traits};
use super::lfs::MAX_POINTER;
use crate::id::ContentHash;

/// Finds the facts of a whole blob.
///
/// Most blobs are UTF-8: for them one pass counts, a second validates what is not ASCII, and the
/// third is BLAKE3. All others go the way of the [`Examiner`].
pub(crate) fn examine(content: &[u8]) -> BlobFacts {
    let traits = plain_utf8(content).unwrap_or_else(|| {
        let mut classifier = Classifier::new();
        classifier.update(content);
        classifier.finish()
    });
    BlobFacts {
        digest: ContentHash::of(content),
        size: content.len() as u64,
        traits,
        lfs: lfs_pointer(content, &traits),
    }
}

/// Finds the facts of a blob that comes in pieces; they are the same however it is cut.
///
/// Memory stays below 64 KiB: the head, and the sample from which an encoding is guessed.
#[derive(Debug)]
pub(crate) struct Examiner {
    hasher: blake3::Hasher,
    size: u64,
    classifier: Classifier,
}

impl Examiner {
    pub(crate) fn new() -> Self {
        Examiner {
            hasher: blake3::Hasher::new(),
            size: 0,
            classifier: Classifier::new(),
        }
    }

    /// Takes the next piece of the content.
    pub(crate) fn update(&mut self, piece: &[u8]) {
        self.hasher.update(piece);
        self.size += piece.len() as u64;
        self.classifier.update(piece);
    }

    /// Tells the facts of all that came.
    pub(crate) fn finish(self) -> BlobFacts {
        // A pointer is smaller than the head, which is all of such content.
        let small = self.size < MAX_POINTER as u64;
        let content = small.then(|| self.classifier.head().to_vec());
        let traits = self.classifier.finish();
        BlobFacts {
            digest: ContentHash(*self.hasher.finalize().as_bytes()),
            size: self.size,
            traits,
            lfs: content.and_then(|content| lfs_pointer(&content, &traits)),
        }
    }
}

fn lfs_pointer(content: &[u8], traits: &Traits) -> Option<Box<LfsPointer>> {
    traits.encoding?;
    LfsPointer::parse(content).map(Box::new)
}
