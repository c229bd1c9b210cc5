//! Git's bytes as Python's text, and back, without loss.
//!
//! What is not UTF-8 becomes lone surrogates (`surrogateescape`, PEP 383), whatever the locale is.

use std::path::PathBuf;

use gitlade::Printable;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

/// The text for bytes of a repository.
pub(crate) fn to_str<'py>(py: Python<'py>, bytes: &[u8]) -> PyResult<Bound<'py, PyString>> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(PyString::new(py, text)),
        Err(_) => PyString::from_encoded_object(
            &PyBytes::new(py, bytes),
            Some(c"utf-8"),
            Some(c"surrogateescape"),
        ),
    }
}

/// The bytes for a `str`, as [`to_str`] made it, for `bytes`, or for an `os.PathLike` of either.
pub(crate) fn to_bytes(value: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
    let py = value.py();
    if let Ok(bytes) = value.cast::<PyBytes>() {
        return Ok(bytes.as_bytes().to_vec());
    }
    if let Ok(text) = value.cast::<PyString>() {
        if let Ok(text) = text.to_str() {
            return Ok(text.as_bytes().to_vec());
        }
        let encode = intern!(py, "encode");
        let bytes = text.call_method1(encode, ("utf-8", "surrogateescape"))?;
        return Ok(bytes.cast_into::<PyBytes>()?.as_bytes().to_vec());
    }
    let path = py
        .import(intern!(py, "os"))?
        .call_method1(intern!(py, "fspath"), (value,))?;
    to_bytes(&path)
}

/// A path of the host, from `str`, `bytes` or an `os.PathLike`.
pub(crate) fn host_path(value: &Bound<'_, PyAny>) -> PyResult<PathBuf> {
    if let Ok(path) = value.extract::<PathBuf>() {
        return Ok(path);
    }
    let py = value.py();
    py.import(intern!(py, "os"))?
        .call_method1(intern!(py, "fsdecode"), (value,))?
        .extract()
}

/// A URL as it may be shown: without user, password, query and control characters.
pub(crate) fn shown_url(url: &str) -> String {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let shown = match url.split_once("://") {
        Some((scheme, rest)) => {
            let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
            let host = authority.rsplit('@').next().unwrap_or_default();
            format!("{scheme}://{host}{path}")
        }
        None => url.to_owned(),
    };
    Printable(shown.as_bytes()).to_string()
}
