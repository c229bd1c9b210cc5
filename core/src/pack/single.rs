//! One entry of a pack by itself, for whoever looks for a sound copy of an object.

use crate::error::Error;
use crate::pack::data::PackData;
use crate::pack::entry::Stored;
use crate::pack::error::EntryProblem;
use crate::pack::reader::{EntryReader, SLACK, Span};
use crate::pack::work::Work;
use crate::spill::Buffer;

/// An inflated entry: an object, or a delta.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) stored: Stored,
    bytes: Buffer,
    len: usize,
}

impl Entry {
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

/// Inflates the entry at `offset`. Nothing but zlib's own checksum and the size vouches for it.
pub(crate) fn read_entry(data: &PackData, offset: u64, work: &Work) -> Result<Entry, Error> {
    let mut reader = EntryReader::new();
    let span = Span {
        offset,
        end: data.len(),
        ahead: offset,
    };
    let header = reader.header(data, span)?;
    let len = usize::try_from(header.size)
        .ok()
        .filter(|&len| len < isize::MAX as usize - SLACK)
        .ok_or_else(|| data.problem(offset, None, EntryProblem::SizeMismatch))?;
    let mut bytes = work.buffers.zeroed(len + SLACK)?;
    let extent = reader.inflate(data, span, &header, &mut bytes)?;
    work.meter.add(header.size, extent.len)?;
    Ok(Entry {
        stored: header.stored,
        bytes,
        len,
    })
}
