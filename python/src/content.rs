//! What a manifest holds: the list, and where the content is.

use std::io::Write;
use std::ops::Deref;
use std::sync::Arc;

use gitlade::{ArrowStream, Entry, Error, ErrorKind, Import, ImportId, TableOptions};
use pyo3::prelude::*;

use crate::bridge::ToPy;
use crate::errors;
use crate::stream::BlobReader;

/// The list of an import, with the content where that is at hand.
#[derive(Clone)]
pub(crate) enum Held {
    Import(Arc<Import>),
    List(Arc<gitlade::Manifest>),
    Store(gitlade::Store, ImportId, Arc<gitlade::Manifest>),
}

/// The content of a file.
pub(crate) enum Data {
    Blob(gitlade::Blob),
    Bytes(Vec<u8>),
}

impl Deref for Data {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Data::Blob(blob) => blob,
            Data::Bytes(bytes) => bytes,
        }
    }
}

impl Held {
    pub(crate) fn list(&self) -> &gitlade::Manifest {
        match self {
            Held::Import(import) => import.manifest(),
            Held::List(list) | Held::Store(_, _, list) => list,
        }
    }

    pub(crate) fn data(&self, py: Python<'_>, entry: Entry<'_>) -> PyResult<Data> {
        match self {
            Held::Import(import) => py.detach(|| import.blob(entry)).map(Data::Blob).py(py),
            Held::Store(store, id, _) => py
                .detach(|| store.bytes(*id, entry.path()))
                .map(Data::Bytes)
                .py(py),
            Held::List(_) => Err(no_content(py)),
        }
    }

    /// The content, to be read from any place.
    pub(crate) fn reader(&self, py: Python<'_>, entry: Entry<'_>) -> PyResult<BlobReader> {
        let Held::Store(store, id, _) = self else {
            return self.data(py, entry).map(BlobReader::of_data);
        };
        let reader = py.detach(|| store.reader(*id, entry.path())).py(py)?;
        let size = entry.size().unwrap_or_default();
        Ok(BlobReader::of_pieces(reader, size))
    }

    /// The decoded text; unless `is_strict`, that of any file, with U+FFFD for what is malformed.
    pub(crate) fn text(
        &self,
        py: Python<'_>,
        entry: Entry<'_>,
        is_strict: bool,
    ) -> PyResult<String> {
        let text = match self {
            Held::Import(import) if is_strict => py.detach(|| import.text(entry)),
            Held::Import(import) => py.detach(|| import.text_lossy(entry).map(|(text, _)| text)),
            Held::Store(store, id, _) => py.detach(|| match store.text(*id, entry.path()) {
                Err(error) if !is_strict && error.kind() == ErrorKind::NotText => {
                    let bytes = store.bytes(*id, entry.path())?;
                    Ok(String::from_utf8_lossy(&bytes).into_owned())
                }
                text => text,
            }),
            Held::List(_) => return Err(no_content(py)),
        };
        text.py(py)
    }

    /// Writes the manifest as NDJSON. An import does so on its threads, unless it is `lonely`: in a
    /// process that has none of them.
    pub(crate) fn write(&self, out: &mut dyn Write, lonely: bool) -> Result<(), Error> {
        match self {
            Held::Import(import) if !lonely => import.write_ndjson(out),
            _ => self.list().write_ndjson(out),
        }
    }

    /// The same, with the texts of text files in their records.
    pub(crate) fn write_with_text(&self, out: &mut dyn Write) -> Result<(), Error> {
        match self {
            Held::Import(import) => import.write_ndjson_with_text(out),
            Held::Store(store, id, list) => list.write_ndjson_with_text(out, |entry, sink| {
                sink.push(&store.text(*id, entry.path())?)
            }),
            // Who calls this has asked whether there is any.
            Held::List(list) => list.write_ndjson(out),
        }
    }

    pub(crate) fn arrow(&self, options: &TableOptions) -> Result<ArrowStream, Error> {
        match self {
            Held::Import(import) => ArrowStream::of_import(Arc::clone(import), options),
            Held::List(list) => ArrowStream::of_manifest(Arc::clone(list), options),
            Held::Store(store, id, list) => {
                ArrowStream::of_stored(store.clone(), *id, Arc::clone(list), options)
            }
        }
    }
}

pub(crate) fn no_content(py: Python<'_>) -> PyErr {
    errors::raise(
        py,
        ErrorKind::ContentSkipped,
        "this manifest has no content: it was read from NDJSON, or unpickled",
        Some("import the source again"),
    )
}
