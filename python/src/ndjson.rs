//! Manifests as NDJSON, from and to what Python calls a file.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Write};

use gitlade::{Error, Limits};
use pyo3::exceptions::PyTypeError;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyBytes, PyString};

use crate::errors;
use crate::text::host_path;

/// Bytes that are handed over at once.
const PIECE: usize = 256 << 10;

/// Writes to a path or a binary file, or gives the bytes.
pub(crate) fn write<'py>(
    py: Python<'py>,
    target: Option<&Bound<'py, PyAny>>,
    write: impl FnOnce(&mut (dyn Write + Send)) -> Result<(), Error> + Send,
) -> PyResult<Option<Bound<'py, PyBytes>>> {
    let Some(target) = target else {
        let mut bytes = Vec::new();
        finish(py, py.detach(|| write(&mut bytes)))?;
        return Ok(Some(PyBytes::new(py, &bytes)));
    };
    let out: Box<dyn Write + Send> = if target.hasattr(intern!(py, "write"))? {
        Box::new(PyFile(target.clone().unbind()))
    } else {
        Box::new(File::create(host_path(target)?)?)
    };
    let mut out = BufWriter::with_capacity(PIECE, out);
    let written = py.detach(|| write(&mut out));
    let flushed = match &written {
        Ok(()) => py.detach(|| out.flush()),
        Err(_) => Ok(()),
    };
    // A buffer that goes would write once more what the file did not take.
    let _ = out.into_parts();
    finish(py, written)?;
    flushed?;
    Ok(None)
}

/// Reads bytes, a path, or a binary file.
pub(crate) fn read(py: Python<'_>, source: &Bound<'_, PyAny>) -> PyResult<gitlade::Manifest> {
    if let Ok(bytes) = source.cast::<PyBytes>() {
        let bytes = bytes.as_bytes();
        return finish(py, py.detach(|| parse(bytes)));
    }
    let limits = Limits::default();
    if source.hasattr(intern!(py, "read"))? {
        let file = PyFile(source.clone().unbind());
        let input = BufReader::with_capacity(PIECE, file);
        return finish(
            py,
            py.detach(|| gitlade::Manifest::read_ndjson(input, &limits)),
        );
    }
    let input = BufReader::with_capacity(PIECE, File::open(host_path(source)?)?);
    finish(
        py,
        py.detach(|| gitlade::Manifest::read_ndjson(input, &limits)),
    )
}

pub(crate) fn parse(bytes: &[u8]) -> Result<gitlade::Manifest, Error> {
    gitlade::Manifest::read_ndjson(bytes, &Limits::default())
}

/// What the file of Python raised is raised as it was.
fn finish<T>(py: Python<'_>, result: Result<T, Error>) -> PyResult<T> {
    result.map_err(|error| match errors::original(py, &error) {
        Some(raised) => raised,
        None => errors::to_py(py, &error),
    })
}

/// A binary file object of Python.
struct PyFile(Py<PyAny>);

impl PyFile {
    fn attached<T>(&self, work: impl FnOnce(&Bound<'_, PyAny>) -> PyResult<T>) -> io::Result<T> {
        Python::try_attach(|py| work(self.0.bind(py)))
            .unwrap_or_else(|| Err(PyTypeError::new_err("the interpreter is going away")))
            .map_err(io::Error::other)
    }
}

impl Write for PyFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.attached(|file| {
            let py = file.py();
            let count = file.call_method1(intern!(py, "write"), (PyBytes::new(py, bytes),))?;
            // What counts nothing has taken all, as objects do that only look like files.
            match count.extract::<usize>() {
                Ok(count) => Ok(count.min(bytes.len())),
                Err(_) => Ok(bytes.len()),
            }
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for PyFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.attached(|file| {
            let py = file.py();
            let piece = file.call_method1(intern!(py, "read"), (buffer.len(),))?;
            if piece.is_instance_of::<PyString>() {
                return Err(PyTypeError::new_err(
                    "the file has to be opened in binary mode",
                ));
            }
            let piece = piece.cast_into::<PyBytes>()?;
            let bytes = piece.as_bytes();
            if bytes.len() > buffer.len() {
                return Err(PyTypeError::new_err(
                    "the file gave more than it was asked for",
                ));
            }
            buffer[..bytes.len()].copy_from_slice(bytes);
            Ok(bytes.len())
        })
    }
}
