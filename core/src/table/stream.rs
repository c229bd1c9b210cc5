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
    /// [`ErrorKind::InvalidOptions`] if the options ask for content, or for batches without rows.
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
    /// [`ErrorKind::InvalidOptions`] if the options ask for batches without rows.
    pub fn of_import(import: Arc<Import>, options: &TableOptions) -> Result<Self, Error> {
        Self::new(Origin::Import(import), options)
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
        Ok(Batches {
            schema: schema(origin.manifest(), options),
            options: options.clone(),
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
            && let Some(entry) = origin.manifest().entry(self.next)
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

    /// Adds the row of an entry; says how many bytes of path and content it has.
    fn push(&mut self, origin: &Origin, entry: Entry<'_>) -> Result<u64, Error> {
        let mut bytes = entry.path().len() as u64;
        let (mut data, mut text) = (None, None);
        if let Origin::Import(import) = origin {
            if self.options.data && has_content(entry) {
                let found = import.blob(entry)?;
                bytes += found.len() as u64;
                data = Some(found);
            }
            if self.options.text && is_text(entry) {
                let found = import.text(entry)?;
                bytes += found.len() as u64;
                text = Some(found);
            }
        }
        self.columns.push(entry, data.as_deref(), text.as_deref());
        Ok(bytes)
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
