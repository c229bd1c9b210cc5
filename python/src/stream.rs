//! Content as a file.

use gitlade::Blob;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// The content of one file, in memory or in a temporary file, to be read from any place.
#[pyclass(frozen, module = "gitlade._gitlade")]
pub(crate) struct BlobReader {
    blob: Blob,
}

impl BlobReader {
    pub(crate) fn new(blob: Blob) -> Self {
        BlobReader { blob }
    }
}

#[pymethods]
impl BlobReader {
    fn __len__(&self) -> usize {
        self.blob.len()
    }

    /// The bytes from `start` on, `count` at most.
    fn read_at<'py>(&self, py: Python<'py>, start: usize, count: usize) -> Bound<'py, PyBytes> {
        let rest = self.blob.get(start..).unwrap_or_default();
        PyBytes::new(py, &rest[..count.min(rest.len())])
    }
}
