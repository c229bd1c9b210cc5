//! Reading a blob piece by piece.

use std::io::{self, Read, Seek, SeekFrom};

use crate::error::Error;

/// Reads the content of one blob from any position. Everything that reads, seeks and can be sent to
/// another thread is one.
pub trait BlobRead: Read + Seek + Send {}

impl<T: Read + Seek + Send> BlobRead for T {}

impl Error {
    /// Takes the error out that a reader of gitlade put into an [`io::Error`].
    ///
    /// # Errors
    ///
    /// Gives the error back if it holds none.
    pub fn from_io(error: io::Error) -> Result<Error, io::Error> {
        error.downcast()
    }
}

/// Puts an error into the one that readers may return.
pub(super) fn into_io(error: impl Into<Error>) -> io::Error {
    io::Error::other(error.into())
}

/// Where a seek leads in content of `size` bytes, coming from `position`.
///
/// As for files, it may lead behind the end, where there is nothing to read.
pub(super) fn seek_target(target: SeekFrom, position: u64, size: u64) -> io::Result<u64> {
    let (base, offset) = match target {
        SeekFrom::Start(position) => (position, 0),
        SeekFrom::End(offset) => (size, offset),
        SeekFrom::Current(offset) => (position, offset),
    };
    base.checked_add_signed(offset).ok_or_else(|| {
        io::Error::new(
            io::ErrorKind::InvalidInput,
            "the position is before the content's start",
        )
    })
}
