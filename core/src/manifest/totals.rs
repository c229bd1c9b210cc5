//! What the whole manifest adds up to.

use serde::{Deserialize, Serialize};

use super::skip::{SkipReason, Skipped};
use crate::id::ContentHash;

/// Counts over all entries.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Totals {
    /// Folders, without the root.
    pub folders: u64,
    /// Files, the skipped ones included.
    pub files: u64,
    /// Symlinks, the skipped ones included.
    pub symlinks: u64,
    /// Submodules.
    pub submodules: u64,
    /// Bytes of the files and symlinks that were read, each counted as often as a path names it.
    pub bytes: u64,
    /// Files that are text.
    pub text: u64,
    /// Files that are binary.
    pub binary: u64,
}

/// The last record of a manifest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[non_exhaustive]
pub struct Trailer {
    /// Counts over all entries.
    pub totals: Totals,
    /// What was not read, or left out.
    pub skipped: Skipped,
    /// The digest of the root folder: one name for the whole import.
    pub root: ContentHash,
}

/// Counts entries as they come.
///
/// Sizes come from outside, so their sum may be nonsense; it stays at [`u64::MAX`] then.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) totals: Totals,
    pub(super) skipped: Skipped,
}

impl Tally {
    pub(super) fn folder(&mut self) {
        self.totals.folders += 1;
    }

    pub(super) fn file(&mut self, size: u64, is_text: bool) {
        self.totals.files += 1;
        self.totals.bytes = self.totals.bytes.saturating_add(size);
        if is_text {
            self.totals.text += 1;
        } else {
            self.totals.binary += 1;
        }
    }

    pub(super) fn symlink(&mut self, size: u64) {
        self.totals.symlinks += 1;
        self.totals.bytes = self.totals.bytes.saturating_add(size);
    }

    pub(super) fn submodule(&mut self) {
        self.totals.submodules += 1;
    }

    pub(super) fn skipped(&mut self, is_symlink: bool, reason: SkipReason) {
        if is_symlink {
            self.totals.symlinks += 1;
        } else {
            self.totals.files += 1;
        }
        self.skipped.count(reason);
    }

    /// Counts entries that a filter left out.
    pub(super) fn excluded(&mut self, count: u64) {
        self.skipped.excluded = self.skipped.excluded.saturating_add(count);
    }

    pub(super) fn trailer(&self, root: ContentHash) -> Trailer {
        Trailer {
            totals: self.totals,
            skipped: self.skipped,
            root,
        }
    }
}
