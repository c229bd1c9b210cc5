//! Batches of rows, behind the Arrow C stream interface.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use arrow_array::ffi_stream::FFI_ArrowArrayStream;
use arrow_array::{RecordBatch, RecordBatchReader};
use arrow_schema::{ArrowError, SchemaRef};

use super::columns::{Columns, schema};
use super::{Origin, TableOptions};
use crate::error::{Error, ErrorKind};
use crate::import::Import;
use crate::manifest::{Body, Entry, EntryKind, Manifest};
use crate::store::{ImportId, Store};

/// Rows and bytes of a batch, whatever the options say: columns of texts count their bytes in 31
/// bits, and digests have 64 in each row.
const MAX_ROWS: usize = 1 << 24;
const MAX_BYTES: u64 = 1 << 30;

/// A table of a manifest's entries, in batches that are made when they are asked for.
///
/// It has the layout of `struct ArrowArrayStream` of the
/// [Arrow C stream interface](https://arrow.apache.org/docs/format/CStreamInterface.html), by which
/// pyarrow, polars, duckdb and others take it without a copy: whoever gets it moves it to where they
/// want it and calls its `release` in the end. Dropping it releases it.
#[repr(transparent)]
pub struct ArrowStream(FFI_ArrowArrayStream);

impl ArrowStream {
    /// Makes the table of a manifest, without content.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidOptions`] if the options ask for content, for batches without rows, or for
    /// entries that the manifest does not have.
    pub fn of_manifest(manifest: Arc<Manifest>, options: &TableOptions) -> Result<Self, Error> {
        if options.data || options.text {
            return Err(Error::advised(
                ErrorKind::InvalidOptions,
                "a manifest by itself has no content",
                "make the table of the import",
            ));
        }
        Self::new(Origin::Manifest(manifest), options)
    }

    /// Makes the table of an import, with content if the options say so.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidOptions`] if the options ask for batches without rows, or for entries that
    /// the manifest does not have.
    pub fn of_import(import: Arc<Import>, options: &TableOptions) -> Result<Self, Error> {
        Self::new(Origin::Import(import), options)
    }

    /// Makes the table of an import that a store keeps, with content out of it if the options say so.
    ///
    /// # Errors
    ///
    /// As for [`of_import`](Self::of_import). Content that is not in the store any more ends the
    /// stream in an error.
    pub fn of_stored(
        store: Store,
        id: ImportId,
        manifest: Arc<Manifest>,
        options: &TableOptions,
    ) -> Result<Self, Error> {
        Self::new(Origin::Stored(store, id, manifest), options)
    }

    fn new(origin: Origin, options: &TableOptions) -> Result<Self, Error> {
        Ok(ArrowStream(FFI_ArrowArrayStream::new(Box::new(
            Batches::new(origin, options)?,
        ))))
    }
}

impl std::fmt::Debug for ArrowStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("ArrowStream")
    }
}

/// Makes batches one after the other.
pub(super) struct Batches {
    origin: Origin,
    options: TableOptions,
    schema: SchemaRef,
    columns: Columns,
    next: usize,
}

impl Batches {
    pub(super) fn new(origin: Origin, options: &TableOptions) -> Result<Self, Error> {
        if options.max_rows == 0 {
            return Err(Error::message(
                ErrorKind::InvalidOptions,
                "a batch has at least one row",
            ));
        }
        let count = origin.manifest().len();
        let places = options.entries.as_deref().unwrap_or_default();
        if let Some(place) = places.iter().find(|place| **place >= count) {
            return Err(Error::message(
                ErrorKind::InvalidOptions,
                format!("there is no entry {place}: the manifest has {count}"),
            ));
        }
        let options = options.clone();
        Ok(Batches {
            schema: schema(origin.manifest(), &options),
            options: TableOptions {
                max_rows: options.max_rows.min(MAX_ROWS),
                max_bytes: options.max_bytes.min(MAX_BYTES),
                ..options
            },
            columns: Columns::default(),
            next: 0,
            origin,
        })
    }

    fn batch(&mut self) -> Result<Option<RecordBatch>, ArrowError> {
        let origin = self.origin.clone();
        let mut bytes = 0;
        while self.columns.rows() < self.options.max_rows
            && bytes < self.options.max_bytes
            && let Some(entry) = self.entry(&origin)
        {
            self.next += 1;
            bytes += self
                .push(&origin, entry)
                .map_err(|error| ArrowError::ExternalError(Box::new(error)))?;
        }
        if self.columns.rows() == 0 {
            return Ok(None);
        }
        self.columns.finish(&self.schema).map(Some)
    }

    /// The entry of the next row.
    fn entry<'a>(&self, origin: &'a Origin) -> Option<Entry<'a>> {
        let place = match &self.options.entries {
            Some(places) => *places.get(self.next)?,
            None => self.next,
        };
        origin.manifest().entry(place)
    }

    /// Adds the row of an entry; says how many bytes of path, target and content it has.
    fn push(&mut self, origin: &Origin, entry: Entry<'_>) -> Result<u64, Error> {
        let (mut data, mut text) = (None, None);
        if self.options.data && has_content(entry) {
            data = origin.data(entry)?;
        }
        if self.options.text && is_text(entry) {
            text = origin.text(entry)?;
        }
        let bytes = entry.path().len()
            + target(entry).map_or(0, <[u8]>::len)
            + data.as_deref().map_or(0, <[u8]>::len)
            + text.as_deref().map_or(0, str::len);
        self.columns.push(entry, data.as_deref(), text.as_deref());
        Ok(bytes as u64)
    }
}

/// What a symlink or submodule leads to.
fn target(entry: Entry<'_>) -> Option<&[u8]> {
    match entry.kind() {
        EntryKind::Symlink(symlink) => symlink.body.read()?.target,
        EntryKind::Submodule(submodule) => submodule.url,
        EntryKind::Folder(_) | EntryKind::File(_) => None,
    }
}

fn has_content(entry: Entry<'_>) -> bool {
    match entry.kind() {
        EntryKind::File(file) => matches!(file.body, Body::Read(_)),
        EntryKind::Symlink(symlink) => matches!(symlink.body, Body::Read(_)),
        EntryKind::Folder(_) | EntryKind::Submodule(_) => false,
    }
}

fn is_text(entry: Entry<'_>) -> bool {
    match entry.kind() {
        EntryKind::File(file) => file
            .body
            .read()
            .is_some_and(|facts| matches!(facts.content, crate::content::Content::Text { .. })),
        _ => false,
    }
}

impl Iterator for Batches {
    type Item = Result<RecordBatch, ArrowError>;

    /// A panic would abort the process in the callbacks of the C interface, so it becomes an error.
    fn next(&mut self) -> Option<Self::Item> {
        let batch = catch_unwind(AssertUnwindSafe(|| self.batch()));
        match batch {
            Ok(batch) => {
                if batch.is_err() {
                    self.next = usize::MAX;
                    self.columns = Columns::default();
                }
                batch.transpose()
            }
            Err(_) => {
                self.next = usize::MAX;
                self.columns = Columns::default();
                Some(Err(ArrowError::ComputeError(
                    "a defect in gitlade: the table could not be made".to_owned(),
                )))
            }
        }
    }
}

impl RecordBatchReader for Batches {
    fn schema(&self) -> SchemaRef {
        Arc::clone(&self.schema)
    }
}
