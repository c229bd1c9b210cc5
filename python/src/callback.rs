//! Functions of Python that the library calls, from threads of its own.

use pyo3::prelude::*;

/// Calls `function` and looks at what it returns. What it raises is shown as Python shows what
/// nobody can catch, and counts as no answer; so does an interpreter that is going away.
pub(crate) fn ask<T>(
    function: &Py<PyAny>,
    ask: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>,
) -> Option<T> {
    Python::try_attach(|py| {
        let function = function.bind(py);
        ask(function)
            .inspect_err(|raised| raised.clone_ref(py).write_unraisable(py, Some(function)))
            .ok()
    })
    .flatten()
}
