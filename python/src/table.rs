//! Entries as a table, through the Arrow PyCapsule interface.

use gitlade::{ArrowStream, TableOptions};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::bridge::ToPy;
use crate::manifest::Manifest;

/// The entries of a manifest as a table, for whatever reads Arrow streams.
#[pyclass(frozen, module = "gitlade")]
pub(crate) struct ArrowTable {
    manifest: Py<Manifest>,
    options: TableOptions,
}

impl ArrowTable {
    pub(crate) fn new(manifest: Py<Manifest>, options: TableOptions) -> Self {
        ArrowTable { manifest, options }
    }
}

#[pymethods]
impl ArrowTable {
    /// A stream of batches, each made when it is asked for. `requested_schema` is not followed,
    /// which the interface allows.
    #[pyo3(signature = (requested_schema = None))]
    fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        capsule(py, self.manifest.get().arrow(&self.options).py(py)?)
    }

    fn __repr__(&self) -> String {
        let rows = self.manifest.get().list().len();
        format!("<gitlade.ArrowTable {rows} rows>")
    }
}

/// Wraps a stream as the interface wants it: under this name, released when nobody took it.
///
/// The capsule points to an [`ArrowStream`], which has the layout of `struct ArrowArrayStream`. Who
/// takes the stream moves it out and leaves one without `release`, whose drop does nothing.
pub(crate) fn capsule(py: Python<'_>, stream: ArrowStream) -> PyResult<Bound<'_, PyCapsule>> {
    PyCapsule::new_with_value(py, stream, c"arrow_array_stream")
}
