//! Manifests as tables, for whatever reads Arrow.

mod columns;
mod stream;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::import::Import;
use crate::manifest::Manifest;

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
    /// Bytes of paths and content after which a batch ends; one file may exceed them. Default 32 MiB.
    pub max_bytes: u64,
}

impl Default for TableOptions {
    fn default() -> Self {
        TableOptions {
            data: false,
            text: false,
            max_rows: 65_536,
            max_bytes: 32 << 20,
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
}

/// What a table is made of, kept for as long as its stream.
#[derive(Clone)]
enum Origin {
    Manifest(Arc<Manifest>),
    Import(Arc<Import>),
}

impl Origin {
    fn manifest(&self) -> &Manifest {
        match self {
            Origin::Manifest(manifest) => manifest,
            Origin::Import(import) => import.manifest(),
        }
    }
}
