//! Short ways between the library and Python.

use gitlade::Error;
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;

use crate::errors;

/// What an object is pickled as: a function, and the arguments that make it again.
pub(crate) type Reduced<'py, A> = (Bound<'py, PyAny>, A);

/// A result of the library as one of Python.
pub(crate) trait ToPy<T> {
    /// The value, or the exception for the error.
    fn py(self, py: Python<'_>) -> PyResult<T>;
}

impl<T> ToPy<T> for Result<T, Error> {
    fn py(self, py: Python<'_>) -> PyResult<T> {
        self.map_err(|error| errors::to_py(py, &error))
    }
}

/// The word that the manifest has for a value of a small enum.
pub(crate) fn word(value: impl serde::Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => unreachable!("because these enums are words in the manifest"),
    }
}

/// A record of the library as JSON.
pub(crate) fn json(value: &impl serde::Serialize) -> PyResult<String> {
    serde_json::to_string(value).map_err(|error| PyRuntimeError::new_err(error.to_string()))
}
