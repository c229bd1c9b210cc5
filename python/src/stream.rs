//! Content as a file.

use std::io::{Read, Seek, SeekFrom};
use std::sync::{Mutex, PoisonError};

use gitlade::{BlobRead, Error};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::bridge::ToPy;
use crate::content::Data;
use crate::process::{Home, Own};

/// The content of one file, to be read from any place.
#[pyclass(frozen, module = "gitlade._gitlade")]
pub(crate) struct BlobReader {
    content: Content,
}

enum Content {
    /// In memory, or in a temporary file that is mapped.
    Whole(Data),
    /// In a store, from where it comes when it is asked for; with its size.
    Pieces(Own<Mutex<Box<dyn BlobRead>>>, u64, Home),
}

impl BlobReader {
    pub(crate) fn of_data(data: Data) -> Self {
        let content = Content::Whole(data);
        BlobReader { content }
    }

    pub(crate) fn of_pieces(reader: Box<dyn BlobRead>, size: u64) -> Self {
        let content = Content::Pieces(Own::new(Mutex::new(reader)), size, Home::here());
        BlobReader { content }
    }
}

#[pymethods]
impl BlobReader {
    fn __len__(&self) -> usize {
        match &self.content {
            Content::Whole(data) => data.len(),
            Content::Pieces(_, size, _) => usize::try_from(*size).unwrap_or(usize::MAX),
        }
    }

    /// The bytes from `start` on, `count` at most.
    fn read_at<'py>(
        &self,
        py: Python<'py>,
        start: u64,
        count: usize,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let (reader, size) = match &self.content {
            Content::Whole(data) => {
                let start = usize::try_from(start).unwrap_or(usize::MAX);
                let rest = data.get(start..).unwrap_or_default();
                return Ok(PyBytes::new(py, &rest[..count.min(rest.len())]));
            }
            Content::Pieces(reader, size, home) => {
                home.check("the content")?;
                (reader, *size)
            }
        };
        let left = usize::try_from(size.saturating_sub(start)).unwrap_or(usize::MAX);
        let mut piece = vec![0; count.min(left)];
        let read = py.detach(|| {
            let mut reader = reader.lock().unwrap_or_else(PoisonError::into_inner);
            reader.seek(SeekFrom::Start(start))?;
            reader.read_exact(&mut piece)?;
            // A reader that verifies says at the very end what it found.
            reader.read(&mut [0; 1][..usize::from(piece.len() == left)])
        });
        match read.map_err(Error::from_io) {
            Ok(_) => Ok(PyBytes::new(py, &piece)),
            Err(Ok(error)) => Err(error).py(py),
            Err(Err(error)) => Err(error.into()),
        }
    }
}
