//! Entries as a table, through the Arrow PyCapsule interface.

use gitlade::{ArrowStream, TableOptions};
use pyo3::prelude::*;
use pyo3::types::PyCapsule;

use crate::bridge::ToPy;
use crate::manifest::Manifest;

/// Entries of a manifest as a table, for whatever reads Arrow streams.
#[pyclass(frozen, module = "gitlade")]
pub(crate) struct ArrowTable {
    manifest: Py<Manifest>,
    options: TableOptions,
}

impl ArrowTable {
    /// `places` are those of the rows, or all; then whether there are columns for data and text, and
    /// the rows and bytes of a batch.
    pub(crate) fn new(
        py: Python<'_>,
        manifest: Py<Manifest>,
        places: Option<&[u32]>,
        (data, text): (bool, bool),
        (max_rows, max_bytes): (usize, u64),
    ) -> PyResult<Self> {
        if data || text {
            manifest.get().check_content(py)?;
        }
        let mut options = TableOptions::default()
            .data(data)
            .text(text)
            .max_rows(max_rows)
            .max_bytes(max_bytes);
        if let Some(places) = places {
            options = options.entries(places.iter().map(|place| *place as usize));
        }
        Ok(ArrowTable { manifest, options })
    }
}

#[pymethods]
impl ArrowTable {
    /// A stream of batches, each made when it is asked for. `requested_schema` is not followed,
    /// which the interface allows.
    #[pyo3(signature = (requested_schema = None))]
    pub(crate) fn __arrow_c_stream__<'py>(
        &self,
        py: Python<'py>,
        requested_schema: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyCapsule>> {
        let _ = requested_schema;
        capsule(py, self.manifest.get().arrow(&self.options).py(py)?)
    }

    fn __repr__(&self) -> String {
        let all = || self.manifest.get().list().len();
        let rows = self
            .options
            .entries
            .as_ref()
            .map_or_else(all, |some| some.len());
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
