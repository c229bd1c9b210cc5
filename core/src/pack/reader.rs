//! Inflating single entries of a pack.

use std::io;

use sirocco::Format;
use sirocco::inflate::{Decoder, Error as InflateError};

use crate::error::Error;
use crate::pack::data::PackData;
use crate::pack::entry::{EntryHeader, MAX_HEADER, compressed_bound};
use crate::pack::error::EntryProblem;

/// Room that an output buffer has behind the expected bytes: the decoder is fastest with it, and an
/// entry that inflates to more than its header says is noticed in it.
pub(crate) const SLACK: usize = 64;

/// The most bytes read ahead.
const READ_AHEAD: usize = 256 << 10;

/// The most bytes of compressed data that are read at once.
const MAX_READ: usize = 1 << 20;

/// Bytes of output that are handed on at once when an entry is streamed.
const STREAM_BUFFER: usize = 256 << 10;

/// The most bytes that one [`EntryReader`] keeps.
pub(crate) const THREAD_BUFFERS: usize = MAX_READ + READ_AHEAD + STREAM_BUFFER;

/// A decoder and a window into the pack, to be reused for entry after entry by one thread.
#[derive(Debug)]
pub(crate) struct EntryReader {
    decoder: Box<Decoder>,
    window: Window,
}

/// Where an entry lies, as far as that is known before it is read.
///
/// Both ends say how much is worth reading at once. They may be wrong: what they leave out is read
/// when it is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) offset: u64,
    /// Where the entry ends at the latest, since another one begins there.
    pub(crate) end: u64,
    /// Up to here bytes are wanted soon, by this reader.
    pub(crate) ahead: u64,
}

/// How many bytes of the pack an entry occupies, and their CRC-32.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Extent {
    pub(crate) len: u64,
    pub(crate) crc32: u32,
}

impl EntryReader {
    pub(crate) fn new() -> Self {
        EntryReader {
            decoder: Box::new(Decoder::new(Format::Zlib)),
            window: Window::default(),
        }
    }

    /// Forgets the bytes read ahead. Must be called before another pack is read.
    pub(crate) fn change_pack(&mut self) {
        self.window.len = 0;
    }

    /// Reads the header of the entry at `span`.
    pub(crate) fn header(&mut self, data: &PackData, span: Span) -> Result<EntryHeader, Error> {
        let bytes = self
            .window
            .at(data, span.offset, MAX_HEADER, span.ahead)
            .map_err(|error| data.io_error(error))?;
        EntryHeader::parse(bytes, data.format())
            .map_err(|problem| data.problem(span.offset, None, problem))
    }

    /// Inflates the entry at `span` into `out`, which has [`SLACK`] bytes more than the header's
    /// size.
    ///
    /// # Errors
    ///
    /// If the data is damaged, or is not exactly as long as the header says.
    pub(crate) fn inflate(
        &mut self,
        data: &PackData,
        span: Span,
        header: &EntryHeader,
        out: &mut [u8],
    ) -> Result<Extent, Error> {
        let size = header.size as usize;
        debug_assert_eq!(out.len(), size + SLACK);
        let offset = span.offset;
        let bound = header.len as u64 + compressed_bound(header.size).min(MAX_READ as u64);
        let bound = bound.min(span.end.saturating_sub(offset)) as usize;
        let bytes = self
            .window
            .at(data, offset, bound, span.ahead)
            .map_err(|error| data.io_error(error))?;
        let compressed = bytes.get(header.len..).unwrap_or_default();
        match self.decoder.decompress(compressed, out, true) {
            Ok(progress) if progress.done && progress.output.len() == size => {
                let len = header.len + progress.consumed;
                return Ok(Extent {
                    len: len as u64,
                    crc32: crc32fast::hash(&bytes[..len]),
                });
            }
            // Not all of the entry was there; a stream takes it in pieces.
            Err(InflateError::Truncated) => {}
            Ok(_) => return Err(data.problem(offset, None, EntryProblem::SizeMismatch)),
            Err(_) => return Err(data.problem(offset, None, EntryProblem::Deflate)),
        }
        let mut filled = 0;
        let mut stream = self.stream(data, offset, header)?;
        while let Some(chunk) = stream.next_chunk()? {
            out[filled..filled + chunk.len()].copy_from_slice(chunk);
            filled += chunk.len();
        }
        Ok(stream.extent())
    }

    /// Begins to inflate the entry at `offset` piece by piece.
    pub(crate) fn stream<'a>(
        &'a mut self,
        data: &'a PackData,
        offset: u64,
        header: &EntryHeader,
    ) -> Result<EntryStream<'a>, Error> {
        self.decoder.reset();
        let head = self
            .window
            .at(data, offset, header.len, offset)
            .map_err(|error| data.io_error(error))?;
        let mut crc32 = crc32fast::Hasher::new();
        crc32.update(head.get(..header.len).unwrap_or_default());
        Ok(EntryStream {
            reader: self,
            data,
            offset,
            at: offset + header.len as u64,
            size: header.size,
            produced: 0,
            buffer: vec![0; STREAM_BUFFER],
            crc32,
            filled: 0,
            full: false,
            done: false,
        })
    }
}

/// An entry that is inflated piece by piece, in memory that does not depend on its size.
#[derive(Debug)]
pub(crate) struct EntryStream<'a> {
    reader: &'a mut EntryReader,
    data: &'a PackData,
    offset: u64,
    at: u64,
    size: u64,
    produced: u64,
    buffer: Vec<u8>,
    crc32: crc32fast::Hasher,
    /// Where in the buffer the next output goes; what precedes it is history that it may refer to.
    filled: usize,
    full: bool,
    done: bool,
}

impl EntryStream<'_> {
    /// Bytes that the whole entry inflates to, as its header says; a stream that yields `None` has
    /// kept that promise.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The next bytes; `None` after the last.
    ///
    /// # Errors
    ///
    /// If the data is damaged, or is not exactly as long as the header says.
    pub(crate) fn next_chunk(&mut self) -> Result<Option<&[u8]>, Error> {
        let fail = |problem| self.data.problem(self.offset, None, problem);
        while !self.done {
            if self.full {
                self.filled -= self.reader.decoder.make_room(&mut self.buffer);
            }
            let bytes = self
                .reader
                .window
                .at(self.data, self.at, READ_AHEAD, self.at)
                .map_err(|error| self.data.io_error(error))?;
            let at_end = self.at + bytes.len() as u64 >= self.data.len();
            let progress = self
                .reader
                .decoder
                .decompress(bytes, &mut self.buffer, at_end)
                .map_err(|error| {
                    fail(match error {
                        InflateError::Truncated => EntryProblem::CutOff,
                        _ => EntryProblem::Deflate,
                    })
                })?;
            self.crc32.update(&bytes[..progress.consumed]);
            self.at += progress.consumed as u64;
            self.done = progress.done;
            self.full = progress.full;
            self.produced += progress.output.len() as u64;
            if self.produced > self.size || self.done && self.produced != self.size {
                return Err(fail(EntryProblem::SizeMismatch));
            }
            if !progress.output.is_empty() {
                let start = self.filled;
                self.filled += progress.output.len();
                return Ok(Some(&self.buffer[start..self.filled]));
            }
        }
        Ok(None)
    }

    /// What the entry occupies in the pack; known once [`next_chunk`](Self::next_chunk) gave `None`.
    pub(crate) fn extent(&self) -> Extent {
        Extent {
            len: self.at - self.offset,
            crc32: self.crc32.clone().finalize(),
        }
    }
}

/// The bytes of the pack around the last read.
#[derive(Debug, Default)]
struct Window {
    buffer: Vec<u8>,
    start: u64,
    len: usize,
}

impl Window {
    /// Bytes from `offset` on: `want` of them, or as many as the pack has; more may come along.
    ///
    /// If it has to read, it does so up to `ahead`.
    fn at(&mut self, data: &PackData, offset: u64, want: usize, ahead: u64) -> io::Result<&[u8]> {
        let left = data.len().saturating_sub(offset);
        let want = (want as u64).min(left) as usize;
        let end = self.start + self.len as u64;
        let covered = offset >= self.start && offset + want as u64 <= end;
        if !covered {
            let ahead = ahead.saturating_sub(offset).min(READ_AHEAD as u64);
            let len = ahead.max(want as u64).min(left) as usize;
            if self.buffer.len() < len {
                self.buffer.resize(len, 0);
            }
            self.len = 0;
            data.read_at(offset, &mut self.buffer[..len])?;
            self.start = offset;
            self.len = len;
        }
        Ok(&self.buffer[(offset - self.start) as usize..self.len])
    }
}
