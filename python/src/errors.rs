//! Errors of the library as exceptions of `gitlade.errors`.

use std::error::Error as StdError;

use gitlade::{Error, ErrorKind};
use pyo3::exceptions::{PyOSError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

use crate::text::to_str;

/// Causes after which a chain is cut off.
const MAX_CAUSES: usize = 32;

/// All kinds of error, as pairs of number and name.
#[pyfunction]
pub(crate) fn error_kinds() -> Vec<(u8, &'static str)> {
    let pair = |kind: &ErrorKind| (kind.code(), kind.name());
    ErrorKind::ALL.iter().map(pair).collect()
}

/// The exception for an error. One that Python code raised, in a sink or a callback of an import,
/// comes back as the cause.
pub(crate) fn to_py(py: Python<'_>, error: &Error) -> PyErr {
    build(py, error).unwrap_or_else(|failure| failure)
}

/// The exception of this kind with this message, for what the binding itself finds wrong.
pub(crate) fn raise(py: Python<'_>, kind: ErrorKind, message: &str, advice: Option<&str>) -> PyErr {
    class(py, kind)
        .and_then(|class| {
            let raised = class.call1((message,))?;
            annotate(&raised, advice)?;
            Ok(PyErr::from_value(raised))
        })
        .unwrap_or_else(|failure| failure)
}

/// The exception that Python code raised, if that is what ended the work.
pub(crate) fn original(py: Python<'_>, error: &Error) -> Option<PyErr> {
    causes(error).find_map(|cause| Some(raised_by(cause)?.clone_ref(py)))
}

fn class(py: Python<'_>, kind: ErrorKind) -> PyResult<Bound<'_, PyType>> {
    static CLASS_OF: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
    let class_of = CLASS_OF.import(py, "gitlade.errors", "_class_of")?;
    Ok(class_of.call1((kind.name(),))?.cast_into()?)
}

fn build(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let raised = class(py, error.kind())?.call1((error.to_string(),))?;
    annotate(&raised, error.advice().as_deref())?;
    if let Some(url) = error.url() {
        raised.setattr("url", url)?;
    }
    if let Some(path) = error.path() {
        raised.setattr("path", to_str(py, path)?)?;
    }
    if let Some(id) = error.object() {
        raised.setattr("oid", id.to_string())?;
    }
    if let Some(digest) = error.digest() {
        raised.setattr("digest", digest.to_string())?;
    }
    if let Some(file) = error.file() {
        raised.setattr("file", file.as_os_str())?;
    }
    if let Some(limit) = error.limit() {
        raised.setattr("limit", limit)?;
    }
    let raised = PyErr::from_value(raised);
    raised.set_cause(py, chain(py, error));
    Ok(raised)
}

fn annotate(raised: &Bound<'_, PyAny>, advice: Option<&str>) -> PyResult<()> {
    match advice {
        Some(advice) => raised.call_method1("_advise", (advice,)).map(drop),
        None => Ok(()),
    }
}

/// The causes of an error as exceptions, each the cause of the one before.
fn chain(py: Python<'_>, error: &Error) -> Option<PyErr> {
    let mut causes: Vec<PyErr> = Vec::new();
    for cause in self::causes(error) {
        causes.push(one(py, cause));
        // It has its own causes below it.
        if raised_by(cause).is_some() {
            break;
        }
    }
    let mut last = None;
    while let Some(cause) = causes.pop() {
        if last.is_some() {
            cause.set_cause(py, last);
        }
        last = Some(cause);
    }
    last
}

fn one(py: Python<'_>, cause: &(dyn StdError + 'static)) -> PyErr {
    if let Some(raised) = raised_by(cause) {
        return raised.clone_ref(py);
    }
    match cause.downcast_ref::<std::io::Error>() {
        Some(error) => match error.raw_os_error() {
            // Python chooses the class by the number.
            Some(number) => PyOSError::new_err((number, error.to_string())),
            None => PyOSError::new_err(error.to_string()),
        },
        None => PyRuntimeError::new_err(cause.to_string()),
    }
}

fn causes<'a>(error: &'a Error) -> impl Iterator<Item = &'a (dyn StdError + 'static)> {
    std::iter::successors(error.source(), |cause: &&'a (dyn StdError + 'static)| {
        (*cause).source()
    })
    .take(MAX_CAUSES)
}

/// The exception that a cause is, or that an operation on a file of Python's ended in.
fn raised_by<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a PyErr> {
    cause.downcast_ref::<PyErr>().or_else(|| {
        let error = cause.downcast_ref::<std::io::Error>()?;
        error.get_ref()?.downcast_ref()
    })
}
