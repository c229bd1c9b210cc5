//! Manifests as tables, for whatever reads Arrow.

mod columns;
mod stream;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::error::Error;
use crate::import::{Blob, Import};
use crate::manifest::{Entry, Manifest};
use crate::store::{ImportId, Store};

pub use stream::ArrowStream;

/// What a table has, and how large its pieces are.
///
/// ```
/// let options = gitlade::TableOptions::default().text(true).max_rows(1_000);
/// assert!(!options.data);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TableOptions {
    /// Whether there is a column `data` with the content of files and symlinks. Default false.
    pub data: bool,
    /// Whether there is a column `text` with the decoded texts of text files. Default false.
    pub text: bool,
    /// Rows of one batch at most, at least 1. Default 65,536.
    pub max_rows: usize,
    /// Bytes of paths, targets and content after which a batch ends; one file may exceed them.
    /// Default 32 MiB, and 1 GiB at most.
    pub max_bytes: u64,
    /// The places ([`Entry::index`]) of the entries that are its rows, in that order. Default: all.
    pub entries: Option<Arc<[usize]>>,
}

impl Default for TableOptions {
    fn default() -> Self {
        TableOptions {
            data: false,
            text: false,
            max_rows: 65_536,
            max_bytes: 32 << 20,
            entries: None,
        }
    }
}

impl TableOptions {
    /// Sets [`data`](TableOptions#structfield.data).
    pub fn data(mut self, value: bool) -> Self {
        self.data = value;
        self
    }

    /// Sets [`text`](TableOptions#structfield.text).
    pub fn text(mut self, value: bool) -> Self {
        self.text = value;
        self
    }

    /// Sets [`max_rows`](TableOptions#structfield.max_rows).
    pub fn max_rows(mut self, rows: usize) -> Self {
        self.max_rows = rows;
        self
    }

    /// Sets [`max_bytes`](TableOptions#structfield.max_bytes).
    pub fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = bytes;
        self
    }

    /// Sets [`entries`](TableOptions#structfield.entries).
    pub fn entries(mut self, places: impl IntoIterator<Item = usize>) -> Self {
        self.entries = Some(places.into_iter().collect());
        self
    }
}

/// What a table is made of, kept for as long as its stream.
#[derive(Clone)]
enum Origin {
    Manifest(Arc<Manifest>),
    Import(Arc<Import>),
    Stored(Store, ImportId, Arc<Manifest>),
}

impl Origin {
    fn manifest(&self) -> &Manifest {
        match self {
            Origin::Manifest(manifest) | Origin::Stored(_, _, manifest) => manifest,
            Origin::Import(import) => import.manifest(),
        }
    }

    /// The content of a file or symlink that was read; `None` where there is none at hand.
    fn data(&self, entry: Entry<'_>) -> Result<Option<Data>, Error> {
        Ok(match self {
            Origin::Manifest(_) => None,
            Origin::Import(import) => Some(Data::Blob(import.blob(entry)?)),
            Origin::Stored(store, id, _) => Some(Data::Bytes(store.bytes(*id, entry.path())?)),
        })
    }

    /// The text of a text file; `None` where there is none at hand.
    fn text(&self, entry: Entry<'_>) -> Result<Option<String>, Error> {
        Ok(match self {
            Origin::Manifest(_) => None,
            Origin::Import(import) => Some(import.text(entry)?),
            Origin::Stored(store, id, _) => Some(store.text(*id, entry.path())?),
        })
    }
}

/// The content of a file.
enum Data {
    Blob(Blob),
    Bytes(Vec<u8>),
}

impl std::ops::Deref for Data {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Data::Blob(blob) => blob,
            Data::Bytes(bytes) => bytes,
        }
    }
}
