//! Handing the content of an import to stores and Python objects while it runs.

use std::sync::{Arc, Mutex, PoisonError};

use gitlade::{BlobInfo, BlobSink, BlobStore as _, Error};
use pyo3::exceptions::{PyRuntimeError, PyTypeError};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyList, PyTuple};

use crate::blobs::{AnyBlobs, BlobStore};
use crate::facts::Blob;

/// What takes the content of an import: one after the other, each takes all.
pub(crate) struct Sinks(Vec<Sink>);

enum Sink {
    /// A store of gitlade's own, which Python is not needed for.
    Blobs(AnyBlobs),
    Python(PySink),
}

impl Sinks {
    /// Reads a store, an object with `put`, or several in a list or tuple.
    pub(crate) fn read(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
            let sinks = value.try_iter()?.map(|item| Sink::read(&item?));
            return Ok(Sinks(sinks.collect::<PyResult<_>>()?));
        }
        Ok(Sinks(vec![Sink::read(value)?]))
    }

    /// Hands over what was gathered, and makes durable what was put.
    pub(crate) fn finish(&self) -> Result<(), Error> {
        self.0.iter().try_for_each(|sink| match sink {
            Sink::Blobs(store) => store.sync(),
            Sink::Python(sink) => sink.flush(),
        })
    }
}

impl Sink {
    fn read(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        if let Ok(store) = value.cast::<BlobStore>() {
            return Ok(Sink::Blobs(Arc::clone(store.get().get()?)));
        }
        if !value.hasattr(intern!(value.py(), "put"))? {
            let name = value.get_type().qualname()?;
            let message = format!("sink: {name:?} objects have no method put(digest, data, blob)");
            return Err(PyTypeError::new_err(message));
        }
        Ok(Sink::Python(PySink::new(value.clone().unbind())))
    }
}

impl BlobSink for Sinks {
    fn put(&self, blob: &BlobInfo, bytes: &[u8]) -> Result<(), Error> {
        self.0.iter().try_for_each(|sink| match sink {
            Sink::Blobs(store) => store.put_as(&blob.digest, bytes, blob.content).map(drop),
            Sink::Python(sink) => sink.put(blob, bytes),
        })
    }
}

/// Bytes and blobs after which a batch is handed over.
const BATCH_BYTES: usize = 4 << 20;
const BATCH_BLOBS: usize = 1_024;

/// A Python object with `put(digest, data, blob)`.
///
/// The threads that read gather blobs, and the one that fills a batch hands it over: the lock of the
/// interpreter is taken once for many blobs.
struct PySink {
    object: Py<PyAny>,
    batch: Mutex<Batch>,
}

#[derive(Default)]
struct Batch {
    blobs: Vec<(BlobInfo, Vec<u8>)>,
    bytes: usize,
}

impl PySink {
    fn new(object: Py<PyAny>) -> Self {
        PySink {
            object,
            batch: Mutex::default(),
        }
    }

    /// Hands over what is left.
    fn flush(&self) -> Result<(), Error> {
        let batch = std::mem::take(&mut *self.lock());
        self.hand_over(&batch.blobs)
    }

    fn hand_over(&self, blobs: &[(BlobInfo, Vec<u8>)]) -> Result<(), Error> {
        if blobs.is_empty() {
            return Ok(());
        }
        self.attached(|put| {
            blobs
                .iter()
                .try_for_each(|(info, bytes)| call(put, info, bytes))
        })
    }

    fn attached(&self, work: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<()>) -> Result<(), Error> {
        let gone = || PyRuntimeError::new_err("the interpreter is going away");
        Python::try_attach(|py| work(&self.object.bind(py).getattr(intern!(py, "put"))?))
            .unwrap_or_else(|| Err(gone()))
            .map_err(Error::host)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Batch> {
        self.batch.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn call(put: &Bound<'_, PyAny>, info: &BlobInfo, bytes: &[u8]) -> PyResult<()> {
    let blob = Blob::new(info);
    let digest = info.digest.to_string();
    put.call1((digest, PyBytes::new(put.py(), bytes), blob))?;
    Ok(())
}

impl BlobSink for PySink {
    fn put(&self, blob: &BlobInfo, bytes: &[u8]) -> Result<(), Error> {
        if bytes.len() >= BATCH_BYTES {
            return self.attached(|put| call(put, blob, bytes));
        }
        let full = {
            let mut batch = self.lock();
            batch.bytes += bytes.len();
            batch.blobs.push((blob.clone(), bytes.to_vec()));
            if batch.bytes < BATCH_BYTES && batch.blobs.len() < BATCH_BLOBS {
                return Ok(());
            }
            std::mem::take(&mut *batch)
        };
        self.hand_over(&full.blobs)
    }
}
