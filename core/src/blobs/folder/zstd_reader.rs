//! Compressed blobs: one zstd frame that states the size of its content.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;

use zstd::stream::read::Decoder;
use zstd::stream::write::Encoder;
use zstd::zstd_safe;

use crate::blobs::error::{BlobError, Damage};
use crate::blobs::read::{into_io, seek_target};
use crate::id::ContentHash;

/// The longest header of a frame (RFC 8878, section 3.1.1.1: magic number, descriptor, window,
/// dictionary id, content size).
const MAX_HEADER: u64 = 4 + 1 + 1 + 4 + 8;

/// Writes `bytes` compressed; `false` if that makes them hardly smaller, and the file is to be
/// written anew.
pub(super) fn compress(file: &mut File, bytes: &[u8], level: i32) -> io::Result<bool> {
    let mut encoder = Encoder::new(&mut *file, level)?;
    encoder.set_pledged_src_size(Some(bytes.len() as u64))?;
    encoder.include_contentsize(true)?;
    encoder.include_checksum(true)?;
    encoder.write_all(bytes)?;
    encoder.finish()?;
    let written = file.stream_position()?;
    Ok(written <= bytes.len() as u64 / 16 * 15)
}

/// What the frame at the file's start says of its content's size; `None` if it says nothing or is no
/// frame. The file is at its start again.
pub(super) fn content_size(file: &mut File) -> io::Result<Option<u64>> {
    let mut header = Vec::with_capacity(MAX_HEADER as usize);
    (&mut *file).take(MAX_HEADER).read_to_end(&mut header)?;
    file.rewind()?;
    // Skippable frames have content of no bytes to this function.
    let is_frame = header.starts_with(&zstd_safe::MAGICNUMBER.to_le_bytes());
    let size = zstd_safe::get_frame_content_size(&header);
    Ok(size.ok().flatten().filter(|_| is_frame))
}

/// Reads the content of a compressed blob, never more than the size that its frame states.
pub(super) struct ZstdReader {
    /// `None` only while it is made anew.
    decoder: Option<Decoder<'static, BufReader<File>>>,
    size: u64,
    /// Where the decoder is.
    decoded: u64,
    /// Where the caller is.
    position: u64,
    digest: ContentHash,
    path: PathBuf,
}

impl ZstdReader {
    /// Reads `file`, which is at its start, as content of `size` bytes.
    pub(super) fn new(
        file: File,
        size: u64,
        digest: ContentHash,
        path: PathBuf,
    ) -> Result<Self, BlobError> {
        let decoder = Decoder::new(file)
            .map_err(|error| BlobError::file("read", &path, Some(digest), error))?;
        Ok(ZstdReader {
            decoder: Some(decoder),
            size,
            decoded: 0,
            position: 0,
            digest,
            path,
        })
    }

    fn corrupt(&self, damage: Damage) -> io::Error {
        into_io(BlobError::corrupt(self.path.clone(), self.digest, damage))
    }

    fn decode(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = match &mut self.decoder {
            Some(decoder) => decoder.read(buffer),
            None => Err(io::ErrorKind::InvalidData.into()),
        };
        match result {
            Ok(count) => {
                self.decoded += count as u64;
                Ok(count)
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => Err(error),
            // An error of the file has a number; one of zstd has none.
            Err(error) if error.raw_os_error().is_some() => {
                let error = BlobError::file("read", &self.path, Some(self.digest), error);
                Err(into_io(error))
            }
            Err(_) => Err(self.corrupt(Damage::Undecodable)),
        }
    }

    /// Brings the decoder to where the caller is.
    fn catch_up(&mut self) -> io::Result<()> {
        if self.decoded > self.position {
            let decoder = self.decoder.take();
            let mut file = decoder
                .ok_or(io::ErrorKind::InvalidData)?
                .finish()
                .into_inner();
            file.rewind()?;
            self.decoder = Some(Decoder::new(file)?);
            self.decoded = 0;
        }
        let mut scratch = [0; 8 << 10];
        while self.decoded < self.position {
            let want = (self.position - self.decoded).min(scratch.len() as u64);
            if self.decode(&mut scratch[..want as usize])? == 0 {
                return Err(self.corrupt(Damage::OtherSize(self.size)));
            }
        }
        Ok(())
    }
}

impl Read for ZstdReader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.position > self.size || buffer.is_empty() {
            return Ok(0);
        }
        self.catch_up()?;
        let rest = self.size - self.position;
        if rest == 0 {
            // The end has to be one: a frame that is cut off fails here, one that lies has more.
            if self.decode(&mut [0])? != 0 {
                return Err(self.corrupt(Damage::OtherSize(self.size)));
            }
            return Ok(0);
        }
        let want = rest.min(buffer.len() as u64) as usize;
        let count = self.decode(&mut buffer[..want])?;
        if count == 0 {
            return Err(self.corrupt(Damage::OtherSize(self.size)));
        }
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for ZstdReader {
    fn seek(&mut self, target: SeekFrom) -> io::Result<u64> {
        self.position = seek_target(target, self.position, self.size)?;
        Ok(self.position)
    }
}
