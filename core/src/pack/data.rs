//! The bytes of a pack, readable at any offset from many threads.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::error::{Error, FileError};
use crate::id::{ObjectFormat, ObjectId};
use crate::pack::error::{EntryProblem, PackError};
use crate::spill::SpoolSpace;

/// A pack file, or a pack that was small enough to be kept in memory.
///
/// A file is read and not mapped: another process may shorten it at any time, which a mapping turns
/// into a signal and a read into an error.
#[derive(Debug)]
pub(crate) struct PackData {
    storage: Storage,
    len: u64,
    format: ObjectFormat,
    /// The file's name for errors; `None` for a pack that was received.
    name: Option<PathBuf>,
    /// Tells it from all other packs, also from those that are gone.
    identity: Arc<()>,
}

#[derive(Debug)]
enum Storage {
    File(File),
    /// A temporary file, with the disk space that it was granted.
    Spool {
        file: File,
        _space: Vec<SpoolSpace>,
    },
    Memory(Vec<u8>),
}

/// Bytes before the first entry: signature, version, number of entries.
pub(crate) const PACK_HEADER: u64 = 12;

impl PackData {
    /// Opens the pack file `path` and checks its signature, version and length.
    pub(crate) fn open(path: &Path, format: ObjectFormat) -> Result<Self, Error> {
        let fail = |action, error| Error::from(FileError::new(action, path, error));
        let file = File::open(path).map_err(|error| fail("open", error))?;
        let len = file
            .metadata()
            .map_err(|error| fail("examine", error))?
            .len();
        let data = PackData {
            storage: Storage::File(file),
            len: len.saturating_sub(format.id_len() as u64),
            format,
            name: Some(path.to_owned()),
            identity: Arc::default(),
        };
        let mut header = [0; PACK_HEADER as usize];
        if data.len < PACK_HEADER {
            return Err(data.problem(0, None, EntryProblem::CutOff));
        }
        data.read_at(0, &mut header)
            .map_err(|error| fail("read from", error))?;
        if &header[..4] != b"PACK" || !matches!(header[4..8], [0, 0, 0, 2 | 3]) {
            return Err(data.problem(0, None, EntryProblem::Header));
        }
        Ok(data)
    }

    /// Takes a received pack that was spooled to `file`; its entries end at `len`.
    pub(crate) fn from_spool(
        file: File,
        len: u64,
        format: ObjectFormat,
        space: Vec<SpoolSpace>,
    ) -> Self {
        PackData {
            storage: Storage::Spool {
                file,
                _space: space,
            },
            len,
            format,
            name: None,
            identity: Arc::default(),
        }
    }

    /// Takes a received pack that is in memory; `bytes` end with its last entry.
    pub(crate) fn from_memory(bytes: Vec<u8>, format: ObjectFormat) -> Self {
        PackData {
            len: bytes.len() as u64,
            storage: Storage::Memory(bytes),
            format,
            name: None,
            identity: Arc::default(),
        }
    }

    /// Where the entries end, in bytes from the beginning of the pack.
    pub(crate) fn len(&self) -> u64 {
        self.len
    }

    /// A value that is this pack's alone for as long as anyone holds it.
    pub(crate) fn identity(&self) -> &Arc<()> {
        &self.identity
    }

    pub(crate) fn format(&self) -> ObjectFormat {
        self.format
    }

    /// Fills `buf` from `offset` on; both lie inside of the pack.
    pub(crate) fn read_at(&self, offset: u64, buf: &mut [u8]) -> io::Result<()> {
        match &self.storage {
            Storage::File(file) | Storage::Spool { file, .. } => read_exact_at(file, buf, offset),
            Storage::Memory(bytes) => {
                let start = usize::try_from(offset).map_err(io::Error::other)?;
                let source = bytes
                    .get(start..)
                    .and_then(|rest| rest.get(..buf.len()))
                    .ok_or(io::ErrorKind::UnexpectedEof)?;
                buf.copy_from_slice(source);
                Ok(())
            }
        }
    }

    /// The checksum that a pack file ends with, as it stands there.
    pub(crate) fn trailer(&self) -> Result<Vec<u8>, Error> {
        let mut checksum = vec![0; self.format.id_len()];
        self.read_at(self.len, &mut checksum)
            .map_err(|error| self.io_error(error))?;
        Ok(checksum)
    }

    /// The error for something that is wrong with the entry at `offset`.
    pub(crate) fn problem(
        &self,
        offset: u64,
        object: Option<ObjectId>,
        problem: EntryProblem,
    ) -> Error {
        PackError {
            file: self.name.clone(),
            offset,
            object,
            problem,
        }
        .into()
    }

    /// The error for a read that failed.
    pub(crate) fn io_error(&self, error: io::Error) -> Error {
        let name = self
            .name
            .clone()
            .unwrap_or_else(|| "the spooled pack".into());
        FileError::new("read from", name, error).into()
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buf: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buf, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buf: &mut [u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !buf.is_empty() {
        match file.seek_read(buf, offset) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(read) => {
                buf = &mut buf[read..];
                offset += read as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
