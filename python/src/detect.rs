//! What is at a URL.

use gitlade::{Control, Error};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::control::Cancel;
use crate::options;
use crate::task;
use crate::text::to_bytes;

/// Says what is at a URL or a path, as JSON; `keywords` are those of an import.
#[pyfunction]
pub(crate) fn detect(
    py: Python<'_>,
    source: &Bound<'_, PyAny>,
    keywords: &Bound<'_, PyDict>,
    cancel: Option<&Bound<'_, Cancel>>,
) -> PyResult<String> {
    let source = to_bytes(source)?;
    let options = options::read(keywords)?;
    let mut control = Control::new();
    if let Some(given) = cancel {
        control.cancel = given.get().switch.clone();
    }
    let cancel = control.cancel.clone();
    task::run(py, &cancel, move || {
        let found = gitlade::detect(source, &options, &control)?;
        serde_json::to_string(&found).map_err(Error::host)
    })
}
