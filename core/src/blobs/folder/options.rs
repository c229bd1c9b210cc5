//! What the caller of a folder store can choose.

use serde::{Deserialize, Serialize};

use crate::blobs::Durability;

/// How a [`FolderBlobs`](crate::FolderBlobs) writes.
///
/// ```
/// use gitlade::{Durability, FolderOptions};
///
/// let options = FolderOptions::default().durability(Durability::Full).compress(3);
/// assert_eq!(options.compress, Some(3));
/// ```
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct FolderOptions {
    /// When a blob survives a crash of the machine. Default: at the next `sync`.
    pub durability: Durability,
    /// The zstd level, 1 to 22, that blobs are compressed with where that makes them smaller. Every
    /// store reads both forms, whatever its own options say. Default: none.
    pub compress: Option<i32>,
    /// Whether nothing is made, written or removed, and the folder must be there. Default false.
    pub read_only: bool,
}

impl FolderOptions {
    /// Sets [`durability`](FolderOptions#structfield.durability).
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets [`compress`](FolderOptions#structfield.compress).
    pub fn compress(mut self, level: impl Into<Option<i32>>) -> Self {
        self.compress = level.into();
        self
    }

    /// Sets [`read_only`](FolderOptions#structfield.read_only).
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }
}
