//! Keeping the received bytes, so that some of them can be read again.

use std::fs::File;
use std::io::Write;

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
    space: Vec<SpoolSpace>,
}

impl Spool {
    pub(super) fn new(buffers: Buffers) -> Self {
        Spool {
            buffers,
            memory: Vec::new(),
            file: None,
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
        if let Some(mut file) = self.file.as_ref() {
            file.write_all(bytes).map_err(|error| {
                FileError::new(
                    "write to a temporary file in",
                    self.buffers.spool_dir(),
                    error,
                )
            })?;
        }
        Ok(())
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
