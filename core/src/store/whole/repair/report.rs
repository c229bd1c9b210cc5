//! What a repair is asked for, and what it says.

use serde::Serialize;

use crate::id::ContentHash;
use crate::import::Options;
use crate::store::ImportId;
use crate::store::whole::report::{CheckOptions, shown};

/// How a store is repaired.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RepairOptions {
    /// How it is checked before.
    pub check: CheckOptions,
    /// With which means (threads, memory, [`remote`](Options#structfield.remote) with credentials)
    /// what is damaged is read again from the sources of its imports. What is read is theirs to say.
    /// Default `None`: nothing is read again.
    pub fetch: Option<Options>,
    /// Losses that are listed; all are counted. Default 10,000.
    pub max_listed: usize,
}

impl Default for RepairOptions {
    fn default() -> Self {
        RepairOptions {
            check: CheckOptions::default(),
            fetch: None,
            max_listed: 10_000,
        }
    }
}

impl RepairOptions {
    /// Sets [`check`](Self#structfield.check).
    pub fn check(mut self, options: CheckOptions) -> Self {
        self.check = options;
        self
    }

    /// Sets [`fetch`](Self#structfield.fetch).
    pub fn fetch(mut self, options: impl Into<Option<Options>>) -> Self {
        self.fetch = options.into();
        self
    }

    /// Sets [`max_listed`](Self#structfield.max_listed).
    pub fn max_listed(mut self, losses: usize) -> Self {
        self.max_listed = losses;
        self
    }
}

/// A file whose content is lost, or an import that is lost as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Loss {
    /// The import.
    pub import: ImportId,
    /// The path from its root; empty for the whole import. As data it is fit to be shown.
    #[serde(serialize_with = "shown")]
    pub path: Vec<u8>,
    /// The content; `None` for the whole import.
    pub digest: Option<ContentHash>,
    /// Its bytes; 0 for the whole import.
    pub size: u64,
}

/// An import whose source did not give again what was damaged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct FailedFetch {
    /// The import.
    pub import: ImportId,
    /// The name of the error's kind.
    pub kind: String,
    /// The error and what caused it, without control characters and secrets.
    pub message: String,
}

/// What [`Store::repair`](crate::Store::repair) did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct RepairReport {
    /// Problems that the check found.
    pub problems: u64,
    /// Contents that were made again from another form of theirs in the store.
    pub healed: u64,
    /// Contents that were read again from the source of an import.
    pub fetched: u64,
    /// What was remembered of blobs, trees and commits, was wrong, and is forgotten.
    pub forgotten: u64,
    /// Imports that were read again as a whole.
    pub reimported: u64,
    /// Blobs that cannot be read although they are there, and were left alone.
    pub unreadable: u64,
    /// Files whose content is lost, and imports that are lost as a whole.
    pub losses: u64,
    /// The first of them.
    pub listed: Vec<Loss>,
    /// Sources that were asked in vain.
    pub failed: Vec<FailedFetch>,
}
