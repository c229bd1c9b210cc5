//! Content as a file.

use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::manifest::Data;

/// The content of one file, in memory or in a temporary file, to be read from any place.
#[pyclass(frozen, module = "gitlade._gitlade")]
pub(crate) struct BlobReader {
    data: Data,
}

impl BlobReader {
    pub(crate) fn new(data: Data) -> Self {
        BlobReader { data }
    }
}

#[pymethods]
impl BlobReader {
    fn __len__(&self) -> usize {
        self.data.len()
    }

    /// The bytes from `start` on, `count` at most.
    fn read_at<'py>(&self, py: Python<'py>, start: usize, count: usize) -> Bound<'py, PyBytes> {
        let rest = self.data.get(start..).unwrap_or_default();
        PyBytes::new(py, &rest[..count.min(rest.len())])
    }
}
