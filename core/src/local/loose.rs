//! Loose objects: a file each, deflated, with the type and size in front.
//!
//! See "Loose objects" in Git's `gitformat-loose` document.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use sirocco::Format;
use sirocco::inflate::{Decoder, Error as InflateError};

use crate::error::{Error, FileError};
use crate::id::ObjectId;
use crate::local::error::LocalError;
use crate::pack::Kind;

const INPUT: usize = 64 << 10;
const OUTPUT: usize = 256 << 10;

/// `"commit "`, twenty digits and a NUL are shorter than this.
const MAX_HEADER: usize = 32;

/// A loose object that is inflated piece by piece.
#[derive(Debug)]
pub(crate) struct LooseObject {
    path: PathBuf,
    id: ObjectId,
    file: File,
    decoder: Box<Decoder>,
    input: Vec<u8>,
    pending: std::ops::Range<usize>,
    file_ended: bool,
    output: Vec<u8>,
    /// End of what was inflated into `output`.
    filled: usize,
    /// Begin of what was not handed out yet.
    handed: usize,
    kind: Kind,
    size: u64,
    produced: u64,
    full: bool,
    done: bool,
}

impl LooseObject {
    /// Opens the file `path` and reads the object's header.
    pub(crate) fn open(path: &Path, id: ObjectId) -> Result<Self, Error> {
        let file = File::open(path).map_err(|error| FileError::new("open", path, error))?;
        let mut object = LooseObject {
            path: path.to_owned(),
            id,
            file,
            decoder: Box::new(Decoder::new(Format::Zlib)),
            input: vec![0; INPUT],
            pending: 0..0,
            file_ended: false,
            output: vec![0; OUTPUT],
            filled: 0,
            handed: 0,
            kind: Kind::Blob,
            size: 0,
            produced: 0,
            full: false,
            done: false,
        };
        object.read_header()?;
        Ok(object)
    }

    pub(crate) fn kind(&self) -> Kind {
        self.kind
    }

    /// Bytes of the object, as its header says.
    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The next bytes; `None` after the last, and only if there were as many as the header says.
    pub(crate) fn next_chunk(&mut self) -> Result<Option<&[u8]>, Error> {
        while self.handed == self.filled {
            if self.done {
                if self.produced != self.size {
                    return Err(self.problem("it is shorter than its header says"));
                }
                return Ok(None);
            }
            self.inflate_more()?;
        }
        let range = self.handed..self.filled;
        self.handed = self.filled;
        self.produced += range.len() as u64;
        if self.produced > self.size {
            return Err(self.problem("it is longer than its header says"));
        }
        Ok(Some(&self.output[range]))
    }

    fn read_header(&mut self) -> Result<(), Error> {
        while !self.done && self.filled < MAX_HEADER {
            self.inflate_more()?;
        }
        let head = &self.output[..self.filled.min(MAX_HEADER)];
        let parsed = head.iter().position(|&byte| byte == 0).and_then(|end| {
            let header = &head[..end];
            let space = header.iter().position(|&byte| byte == b' ')?;
            let kind = Kind::from_name(&header[..space])?;
            let digits = std::str::from_utf8(&header[space + 1..]).ok()?;
            let canonical = !digits.starts_with('+') && (digits == "0" || !digits.starts_with('0'));
            let size = digits.parse().ok().filter(|_| canonical)?;
            Some((kind, size, end + 1))
        });
        let Some((kind, size, end)) = parsed else {
            return Err(self.problem("its header is malformed"));
        };
        (self.kind, self.size, self.handed) = (kind, size, end);
        Ok(())
    }

    fn inflate_more(&mut self) -> Result<(), Error> {
        if self.full {
            let moved = self.decoder.make_room(&mut self.output);
            self.filled -= moved;
            self.handed = self.filled;
        }
        if self.pending.is_empty() && !self.file_ended {
            let read = loop {
                match self.file.read(&mut self.input) {
                    Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                    read => break read,
                }
            };
            let read = read.map_err(|error| FileError::new("read from", &self.path, error))?;
            self.pending = 0..read;
            self.file_ended = read == 0;
        }
        let input = &self.input[self.pending.clone()];
        let result = self
            .decoder
            .decompress(input, &mut self.output, self.file_ended);
        match result {
            Ok(progress) => {
                let (consumed, made) = (progress.consumed, progress.output.len());
                self.done = progress.done;
                self.full = progress.full;
                self.pending.start += consumed;
                self.filled += made;
                if self.done && !self.pending.is_empty() {
                    return Err(self.problem("there is garbage behind it"));
                }
                Ok(())
            }
            Err(InflateError::Truncated) => Err(self.problem("the file ends in the middle of it")),
            Err(_) => Err(self.problem("its compressed data is damaged")),
        }
    }

    pub(crate) fn problem(&self, problem: &'static str) -> Error {
        LocalError::Loose {
            file: self.path.clone(),
            id: self.id,
            problem,
        }
        .into()
    }
}
