//! The arriving bytes: buffered, spooled and summed.

use std::io::Read;

use crate::cancel::Cancel;
use crate::error::{Error, LimitError};
use crate::id::ObjectFormat;
use crate::ingest::error::StreamError;
use crate::ingest::spool::Spool;
use crate::pack::PackData;

/// Bytes that are read at once.
const BUFFER: usize = 512 << 10;

/// Bytes that the spool is given at once: few calls, and bytes that the processor still has at hand.
const WRITE: usize = 128 << 10;

/// The stream of a pack, with as much of it in view as its reader asks for.
pub(super) struct Input<'a> {
    source: &'a mut dyn Read,
    buffer: Vec<u8>,
    /// What is in view is `buffer[at..end]`.
    at: usize,
    end: usize,
    /// Begin of what was consumed and is not summed yet.
    summed: usize,
    /// Begin of what is not in the spool yet.
    unspooled: usize,
    /// Offset in the stream of `buffer[0]`.
    base: u64,
    ended: bool,
    checksum: gix::hash::Hasher,
    spool: Spool,
    max_bytes: u64,
    cancel: &'a Cancel,
}

impl<'a> Input<'a> {
    pub(super) fn new(
        source: &'a mut dyn Read,
        format: ObjectFormat,
        spool: Spool,
        max_bytes: u64,
        cancel: &'a Cancel,
    ) -> Self {
        Input {
            source,
            buffer: vec![0; BUFFER],
            at: 0,
            end: 0,
            summed: 0,
            unspooled: 0,
            base: 0,
            ended: false,
            checksum: gix::hash::hasher(format.to_gix()),
            spool,
            max_bytes,
            cancel,
        }
    }

    /// Offset in the stream of the first byte in view.
    pub(super) fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// The bytes in view.
    pub(super) fn view(&self) -> &[u8] {
        &self.buffer[self.at..self.end]
    }

    /// Whether nothing follows what is in view.
    pub(super) fn is_last(&self) -> bool {
        self.ended
    }

    /// Goes on by `len` bytes, all of them in view.
    pub(super) fn consume(&mut self, len: usize) {
        debug_assert!(len <= self.end - self.at);
        self.at += len;
    }

    /// Brings at least `len` bytes into view, unless the stream ends before. `len` is at most half
    /// of the buffer.
    pub(super) fn fill(&mut self, len: usize) -> Result<(), Error> {
        debug_assert!(len <= BUFFER / 2);
        while self.end - self.at < len && !self.ended {
            self.read_more()?;
        }
        Ok(())
    }

    /// Brings more bytes into view, at least one unless the stream ends.
    pub(super) fn read_more(&mut self) -> Result<(), Error> {
        self.cancel.check()?;
        if self.end == self.buffer.len() {
            self.sum();
            self.spool()?;
            self.buffer.copy_within(self.at..self.end, 0);
            self.base += self.at as u64;
            self.end -= self.at;
            self.at = 0;
            self.summed = 0;
            self.unspooled = self.end;
        }
        let read = loop {
            match self.source.read(&mut self.buffer[self.end..]) {
                Ok(read) => break read,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {
                    self.cancel.check()?;
                }
                Err(error) => return Err(read_error(error)),
            }
        };
        let fresh = self.end..self.end + read;
        let total = self.base + fresh.end as u64;
        if total > self.max_bytes {
            return Err(LimitError::new("max_pack_bytes", self.max_bytes)
                .actual(total)
                .into());
        }
        self.ended = read == 0;
        self.end = fresh.end;
        if self.end - self.unspooled >= WRITE {
            self.spool()?;
        }
        Ok(())
    }

    /// What of the stream can be read again by now, if that is in a file.
    pub(super) fn spooled(&mut self, format: ObjectFormat) -> Result<Option<PackData>, Error> {
        self.spool()?;
        self.spool.so_far(format)
    }

    /// Brings the spool up to date.
    fn spool(&mut self) -> Result<(), Error> {
        self.spool.write(&self.buffer[self.unspooled..self.end])?;
        self.unspooled = self.end;
        Ok(())
    }

    fn sum(&mut self) {
        self.checksum.update(&self.buffer[self.summed..self.at]);
        self.summed = self.at;
    }

    /// Checks what follows the last entry: the checksum of all before it, and nothing more.
    pub(super) fn finish(
        mut self,
        format: ObjectFormat,
        objects: u64,
    ) -> Result<(Spool, u64), Error> {
        let end = self.offset();
        self.sum();
        let len = format.id_len();
        self.fill(len + 1)?;
        self.spool()?;
        let sum = std::mem::replace(&mut self.checksum, gix::hash::hasher(format.to_gix()))
            .try_finalize()
            .map_err(|_| StreamError::Collision)?;
        match self.view().len() {
            view if view < len => Err(StreamError::CutOff {
                objects,
                total: objects,
            }
            .into()),
            view if view > len => Err(StreamError::Trailing.into()),
            _ if self.view() != sum.as_bytes() => Err(StreamError::Checksum.into()),
            _ => Ok((self.spool, end)),
        }
    }
}

/// The error for a read that failed. A reader of this crate hides its own error in it.
fn read_error(error: std::io::Error) -> Error {
    match error.downcast::<Error>() {
        Ok(error) => error,
        Err(error) => StreamError::Read(error).into(),
    }
}
