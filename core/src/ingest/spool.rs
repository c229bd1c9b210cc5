//! Keeping the received bytes, so that some of them can be read again.

use std::fs::File;
use std::io;

use crate::error::{Error, FileError};
use crate::id::ObjectFormat;
use crate::pack::PackData;
use crate::spill::{Buffers, SpoolSpace};

/// Packs up to this many bytes stay in memory.
const IN_MEMORY: usize = 4 << 20;

/// The received bytes: in memory while they are few, then in a file without a name.
pub(super) struct Spool {
    buffers: Buffers,
    memory: Vec<u8>,
    file: Option<File>,
    /// Bytes in the file.
    len: u64,
    space: Vec<SpoolSpace>,
}

impl Spool {
    pub(super) fn new(buffers: Buffers) -> Self {
        Spool {
            buffers,
            memory: Vec::new(),
            file: None,
            len: 0,
            space: Vec::new(),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        if self.file.is_none() {
            if self.memory.len() + bytes.len() <= IN_MEMORY {
                self.memory.extend_from_slice(bytes);
                return Ok(());
            }
            self.file = Some(self.buffers.temporary_file()?);
            let memory = std::mem::take(&mut self.memory);
            self.write_file(&memory)?;
        }
        self.write_file(bytes)
    }

    fn write_file(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.space
            .push(self.buffers.take_spool(bytes.len() as u64)?);
        if let Some(file) = self.file.as_ref() {
            write_all_at(file, bytes, self.len)
                .map_err(|error| self.failure("write to a temporary file in", error))?;
            self.len += bytes.len() as u64;
        }
        Ok(())
    }

    /// Makes what is in the file so far readable, while more is added; `None` if there is no file.
    pub(super) fn so_far(&self, format: ObjectFormat) -> Result<Option<PackData>, Error> {
        let Some(file) = self.file.as_ref() else {
            return Ok(None);
        };
        let file = file
            .try_clone()
            .map_err(|error| self.failure("open once more a temporary file in", error))?;
        Ok(Some(PackData::from_spool(
            file,
            self.len,
            format,
            Vec::new(),
        )))
    }

    fn failure(&self, action: &'static str, error: io::Error) -> Error {
        FileError::new(action, self.buffers.spool_dir(), error).into()
    }

    /// Makes the bytes readable; entries of the pack end at `end`.
    pub(super) fn finish(self, end: u64, format: ObjectFormat) -> PackData {
        match self.file {
            Some(file) => PackData::from_spool(file, end, format, self.space),
            None => {
                let mut bytes = self.memory;
                bytes.truncate(end as usize);
                PackData::from_memory(bytes, format)
            }
        }
    }
}

/// Writes at a place of its own, since reads elsewhere in the file go on meanwhile, and on Windows
/// move the place where the next write would go.
#[cfg(unix)]
fn write_all_at(file: &File, bytes: &[u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::write_all_at(file, bytes, offset)
}

#[cfg(windows)]
fn write_all_at(file: &File, mut bytes: &[u8], mut offset: u64) -> io::Result<()> {
    use std::os::windows::fs::FileExt;
    while !bytes.is_empty() {
        match file.seek_write(bytes, offset) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => {
                bytes = &bytes[written..];
                offset += written as u64;
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}
