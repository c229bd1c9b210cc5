//! How a store is opened.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::blobs::Durability;

/// How a store is opened, and what it does with large contents.
///
/// ```
/// let options = gitlade::StoreOptions::default().read_only(true);
/// assert_eq!(options.large_file, 100_000_000);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
#[non_exhaustive]
pub struct StoreOptions {
    /// Whether nothing may be written, and nothing is made. Default false.
    pub read_only: bool,
    /// Bytes of the largest text that is kept decoded in the database; a larger one is kept as a
    /// blob, and decoded when it is read. Default 24 MiB.
    pub max_text: u64,
    /// Bytes from which on a file is listed among an import's large ones. Default 100 MB.
    pub large_file: u64,
    /// Whether a complete import survives a crash of the machine, [`Full`](Durability::Full) and
    /// [`Deferred`](Durability::Deferred) alike: it waits for the disk once, at its end. Default:
    /// deferred.
    pub durability: Durability,
    /// The zstd level, 1 to 22, that blobs are compressed with where that makes them smaller.
    /// Default: none.
    pub compress: Option<i32>,
    /// How long a call waits while others write, in this process or another one. A running import
    /// waits until it is cancelled. Default 30 seconds.
    pub busy_timeout: Duration,
}

impl Default for StoreOptions {
    fn default() -> Self {
        StoreOptions {
            read_only: false,
            max_text: 24 << 20,
            large_file: 100_000_000,
            durability: Durability::default(),
            compress: None,
            busy_timeout: Duration::from_secs(30),
        }
    }
}

impl StoreOptions {
    /// Sets [`read_only`](Self#structfield.read_only).
    pub fn read_only(mut self, read_only: bool) -> Self {
        self.read_only = read_only;
        self
    }

    /// Sets [`max_text`](Self#structfield.max_text).
    pub fn max_text(mut self, bytes: u64) -> Self {
        self.max_text = bytes;
        self
    }

    /// Sets [`large_file`](Self#structfield.large_file).
    pub fn large_file(mut self, bytes: u64) -> Self {
        self.large_file = bytes;
        self
    }

    /// Sets [`durability`](Self#structfield.durability).
    pub fn durability(mut self, durability: Durability) -> Self {
        self.durability = durability;
        self
    }

    /// Sets [`compress`](Self#structfield.compress).
    pub fn compress(mut self, level: impl Into<Option<i32>>) -> Self {
        self.compress = level.into();
        self
    }

    /// Sets [`busy_timeout`](Self#structfield.busy_timeout).
    pub fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }
}
