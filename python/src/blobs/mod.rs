//! Stores of content that is named by its digest.

mod kinds;
mod list;

use std::sync::Arc;

use gitlade::{BlobStore as _, Cancel, ContentHash, Error, ErrorKind, Put, Verified};
use pyo3::exceptions::PyKeyError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use pyo3::types::{PyBytes, PyString};

use crate::bridge::ToPy;
use crate::errors;
use crate::process::{Home, Own};
use crate::stream::BlobReader;
use crate::task;
use list::BlobIterator;

pub(crate) use kinds::{
    FolderBlobs, MemoryBlobs, ObjectBlobs, SplitBlobs, SqliteBlobs, VerifiedBlobs,
};

/// The store of any kind.
pub(crate) type AnyBlobs = Arc<dyn gitlade::BlobStore>;

/// Keeps contents by their BLAKE3 digests, in one of several media: what its subclasses have in
/// common.
///
/// It can be the `sink` of an import. All methods may be called from many threads at once; a content
/// is there as a whole or not at all, and putting it again changes nothing.
#[pyclass(frozen, subclass, weakref, module = "gitlade")]
pub(crate) struct BlobStore {
    store: Own<AnyBlobs>,
    /// Whether calls may take long, so that signals have to be heard meanwhile.
    is_far: bool,
    /// Where it is, as it may be shown.
    place: Option<String>,
    home: Home,
}

impl BlobStore {
    fn new(store: AnyBlobs, is_far: bool, place: Option<String>) -> Self {
        BlobStore {
            store: Own::new(store),
            is_far,
            place,
            home: Home::here(),
        }
    }

    pub(crate) fn get(&self) -> PyResult<&AnyBlobs> {
        self.home.check("the store")?;
        Ok(&self.store)
    }

    /// Asks the store while the interpreter goes on.
    fn ask<T: Send + 'static>(
        &self,
        py: Python<'_>,
        ask: impl FnOnce(&dyn gitlade::BlobStore) -> Result<T, Error> + Send + 'static,
    ) -> PyResult<T> {
        let store = Arc::clone(self.get()?);
        if self.is_far {
            // Nothing stops a request; who interrupts it does not wait for its end.
            return task::run(py, &Cancel::new(), move || ask(&*store));
        }
        py.detach(|| ask(&*store)).py(py)
    }

    fn find(&self, py: Python<'_>, digest: ContentHash) -> PyResult<Option<Vec<u8>>> {
        self.ask(py, move |store| store.get(&digest))
    }
}

#[pymethods]
impl BlobStore {
    /// Keeps content under its digest, and says whether it was not there before. The digest is
    /// checked. `blob` is what a sink is told, and is not needed.
    #[pyo3(signature = (digest, data, blob = None))]
    fn put(
        &self,
        py: Python<'_>,
        digest: &Bound<'_, PyAny>,
        data: &Bound<'_, PyAny>,
        blob: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<bool> {
        let _ = blob;
        let (digest, data) = (to_digest(digest)?, to_data(data)?);
        let put = self.ask(py, move |store| Verified::new(store).put(&digest, &data))?;
        Ok(put == Put::New)
    }

    /// Keeps content, and gives its digest.
    fn add(&self, py: Python<'_>, data: &Bound<'_, PyAny>) -> PyResult<String> {
        let data = to_data(data)?;
        let digest = self.ask(py, move |store| {
            let digest = ContentHash::of(&data);
            store.put(&digest, &data).map(|_| digest)
        })?;
        Ok(digest.to_string())
    }

    /// The content with this digest, or `default`.
    #[pyo3(name = "get", signature = (digest, default = None))]
    fn get_or<'py>(
        &self,
        py: Python<'py>,
        digest: &Bound<'py, PyAny>,
        default: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Option<Bound<'py, PyAny>>> {
        let found = self.find(py, to_digest(digest)?)?;
        Ok(match found {
            Some(bytes) => Some(PyBytes::new(py, &bytes).into_any()),
            None => default,
        })
    }

    /// The content with this digest.
    fn __getitem__<'py>(
        &self,
        py: Python<'py>,
        digest: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        match self.find(py, to_digest(digest)?)? {
            Some(bytes) => Ok(PyBytes::new(py, &bytes)),
            None => Err(PyKeyError::new_err(digest.clone().unbind())),
        }
    }

    /// Whether there is content with this digest.
    fn __contains__(&self, py: Python<'_>, digest: &Bound<'_, PyAny>) -> PyResult<bool> {
        match to_digest(digest) {
            Ok(digest) => self.ask(py, move |store| store.contains(&digest)),
            Err(_) => Ok(false),
        }
    }

    /// Bytes of the content with this digest; None if it is not there.
    fn size(&self, py: Python<'_>, digest: &Bound<'_, PyAny>) -> PyResult<Option<u64>> {
        let digest = to_digest(digest)?;
        self.ask(py, move |store| store.size(&digest))
    }

    /// A binary file over the content with this digest, which is read piece by piece.
    fn open<'py>(
        &self,
        py: Python<'py>,
        digest: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let wanted = to_digest(digest)?;
        let found = self.ask(py, move |store| {
            let Some(size) = store.size(&wanted)? else {
                return Ok(None);
            };
            Ok(store.reader(&wanted)?.map(|reader| (reader, size)))
        })?;
        let Some((reader, size)) = found else {
            return Err(PyKeyError::new_err(digest.clone().unbind()));
        };
        let reader = BlobReader::of_pieces(reader, size);
        let files = py.import(intern!(py, "gitlade._files"))?;
        files.call_method1(intern!(py, "open_reader"), (reader, wanted.to_string()))
    }

    /// Removes the content with this digest, and says whether it was there.
    fn remove(&self, py: Python<'_>, digest: &Bound<'_, PyAny>) -> PyResult<bool> {
        let digest = to_digest(digest)?;
        self.ask(py, move |store| store.remove(&digest))
    }

    /// Makes all durable that was put before, as far as the durability of the store goes.
    fn sync(&self, py: Python<'_>) -> PyResult<()> {
        self.ask(py, |store| store.sync())
    }

    /// The digests of all contents, each once, in no order.
    fn __iter__(&self) -> PyResult<BlobIterator> {
        BlobIterator::new(Arc::clone(self.get()?), false)
    }

    /// The digests of all contents with their sizes, each once, in no order.
    fn sizes(&self) -> PyResult<BlobIterator> {
        BlobIterator::new(Arc::clone(self.get()?), true)
    }

    fn __repr__(slf: &Bound<'_, Self>) -> PyResult<String> {
        let name = slf.get_type().name()?;
        Ok(match &slf.get().place {
            Some(place) => format!("<gitlade.{name} {place:?}>"),
            None => format!("<gitlade.{name}>"),
        })
    }
}

/// A digest in hex.
fn to_digest(value: &Bound<'_, PyAny>) -> PyResult<ContentHash> {
    let text = value.cast::<PyString>()?.to_cow()?;
    ContentHash::from_hex(text.to_ascii_lowercase().as_bytes()).ok_or_else(|| {
        let message = format!("{text:?} is no digest, which has 64 hexadecimal digits");
        errors::raise(value.py(), ErrorKind::InvalidOptions, &message, None)
    })
}

/// Bytes without a copy; those of any other buffer with one.
fn to_data(value: &Bound<'_, PyAny>) -> PyResult<PyBackedBytes> {
    if let Ok(bytes) = value.extract() {
        return Ok(bytes);
    }
    let py = value.py();
    let view = py
        .import(intern!(py, "builtins"))?
        .call_method1(intern!(py, "memoryview"), (value,))?;
    let bytes = view.call_method0(intern!(py, "tobytes"))?;
    Ok(bytes.cast_into::<PyBytes>()?.into())
}
