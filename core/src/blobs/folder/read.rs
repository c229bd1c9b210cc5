//! Reading a blob from the folder.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::PathBuf;

use super::FolderBlobs;
use super::place::{Form, Place};
use super::zstd_reader::{self, ZstdReader};
use crate::blobs::BlobRead;
use crate::blobs::error::{BlobError, Damage};
use crate::blobs::read::into_io;
use crate::error::Error;
use crate::id::ContentHash;

impl FolderBlobs {
    pub(super) fn read(&self, digest: &ContentHash) -> Result<Option<Vec<u8>>, Error> {
        let Some((file, form, size)) = self.open_any(digest)? else {
            return Ok(None);
        };
        let mut bytes = Vec::new();
        if bytes
            .try_reserve_exact(usize::try_from(size).unwrap_or(usize::MAX))
            .is_err()
        {
            return Err(BlobError::TooLarge {
                digest: *digest,
                size,
            }
            .into());
        }
        let result = match form {
            // It does not grow, but if somebody makes it grow, memory does not grow with it.
            Form::Plain => file.take(size).read_to_end(&mut bytes),
            Form::Compressed => {
                let path = self.path_of(digest, form);
                ZstdReader::new(file, size, *digest, path)?.read_to_end(&mut bytes)
            }
        };
        match result.map_err(Error::from_io) {
            Ok(_) => Ok(Some(bytes)),
            Err(Ok(error)) => Err(error),
            Err(Err(error)) => Err(self.refused("read", digest, form, error).into()),
        }
    }

    pub(super) fn open_reader(
        &self,
        digest: &ContentHash,
    ) -> Result<Option<Box<dyn BlobRead>>, Error> {
        let Some((file, form, size)) = self.open_any(digest)? else {
            return Ok(None);
        };
        let path = self.path_of(digest, form);
        Ok(Some(match form {
            Form::Plain => Box::new(FileReader {
                file,
                digest: *digest,
                path,
            }),
            Form::Compressed => Box::new(ZstdReader::new(file, size, *digest, path)?),
        }))
    }

    /// The length of the content, if it is there in this form.
    pub(super) fn size_of(
        &self,
        place: &Place,
        digest: &ContentHash,
        form: Form,
    ) -> Result<Option<u64>, BlobError> {
        match form {
            Form::Plain => {
                let stat = self.look(place, digest, form)?;
                Ok(stat.map(|stat| stat.st_size as u64))
            }
            Form::Compressed => {
                let Some((mut file, _)) = self.open_file(place, digest, form)? else {
                    return Ok(None);
                };
                self.frame_size(&mut file, digest).map(Some)
            }
        }
    }

    /// Opens the blob in whichever form it has, at its start; gives the length of the content.
    fn open_any(&self, digest: &ContentHash) -> Result<Option<(File, Form, u64)>, Error> {
        let Some(place) = self.place(digest)? else {
            return Ok(None);
        };
        if let Some((file, size)) = self.open_file(&place, digest, Form::Plain)? {
            return Ok(Some((file, Form::Plain, size)));
        }
        let Some((mut file, _)) = self.open_file(&place, digest, Form::Compressed)? else {
            return Ok(None);
        };
        let size = self.frame_size(&mut file, digest)?;
        Ok(Some((file, Form::Compressed, size)))
    }

    fn frame_size(&self, file: &mut File, digest: &ContentHash) -> Result<u64, BlobError> {
        let form = Form::Compressed;
        let size = zstd_reader::content_size(file);
        let size = size.map_err(|error| self.refused("read", digest, form, error))?;
        size.ok_or_else(|| BlobError::corrupt(self.path_of(digest, form), *digest, Damage::NoFrame))
    }
}

/// Reads a plain blob, with errors that name it.
struct FileReader {
    file: File,
    digest: ContentHash,
    path: PathBuf,
}

impl FileReader {
    fn explain(&self, error: io::Error) -> io::Error {
        if error.kind() == io::ErrorKind::Interrupted {
            return error;
        }
        into_io(BlobError::file(
            "read",
            &self.path,
            Some(self.digest),
            error,
        ))
    }
}

impl Read for FileReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer).map_err(|error| self.explain(error))
    }
}

impl Seek for FileReader {
    fn seek(&mut self, target: SeekFrom) -> io::Result<u64> {
        self.file.seek(target)
    }
}
