//! Reading a manifest from NDJSON, record by record.

use std::io::BufRead;

use super::error::{Fault, ManifestError};
use super::header::Header;
use super::line::{LineReader, Next};
use super::parse;
use super::parse_header;
use super::record::Record;
use super::totals::Trailer;
use super::verify::Verifier;
use crate::error::Error;
use crate::limits::Limits;

/// Reads a manifest from NDJSON and checks it on the way, in memory that does not grow with it.
///
/// It is an iterator over the records. Each is checked as far as can be when it is handed out: form,
/// order, the folder that it lies in. What a folder's record says is confirmed when the folder's
/// last entry was read, and the whole when the iterator has ended without an error: totals, the
/// root's digest, the checksum, and that nothing is cut off or follows. After an error it is at its
/// end.
///
/// ```
/// # fn main() -> Result<(), gitlade::Error> {
/// use gitlade::{ErrorKind, Limits, Reader};
/// let error = Reader::new(&b"no manifest"[..], &Limits::default()).unwrap_err();
/// assert_eq!(error.kind(), ErrorKind::CorruptManifest);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Reader<R> {
    lines: LineReader<R>,
    header: Header,
    has_text: bool,
    checksum: Box<blake3::Hasher>,
    verifier: Option<Verifier>,
    trailer: Option<Trailer>,
}

impl<R: BufRead> Reader<R> {
    /// Reads and checks the header.
    ///
    /// Of the limits it keeps to `max_record`, and later to `max_entries`, `max_depth`, `max_path`
    /// and `max_path_bytes`.
    ///
    /// # Errors
    ///
    /// [`CorruptManifest`](crate::ErrorKind::CorruptManifest) if it is no manifest, of a version
    /// that is not known, or damaged; [`LimitExceeded`](crate::ErrorKind::LimitExceeded); those of
    /// the stream.
    pub fn new(input: R, limits: &Limits) -> Result<Self, Error> {
        let mut lines = LineReader::new(input, limits.max_record);
        let next = lines.advance()?;
        let header = match next {
            Next::End => Err(Fault::Empty),
            Next::CutOff if parse_header::is_header(lines.line()) => Err(Fault::CutOff),
            Next::CutOff => Err(Fault::NotAManifest),
            Next::Line => parse_header::header(lines.line()),
        };
        let (header, has_text) = header.map_err(|fault| ManifestError {
            line: 1,
            path: None,
            fault,
        })?;
        let verifier = Verifier::new(header.object_format(), limits.clone());
        Ok(Reader {
            lines,
            header,
            has_text,
            checksum: Box::default(),
            verifier: Some(verifier),
            trailer: None,
        })
    }

    /// What was imported, and with which options.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Whether the records of text files have the decoded texts.
    pub fn has_text(&self) -> bool {
        self.has_text
    }

    /// The trailer, once the whole was read and found right.
    pub fn trailer(&self) -> Option<&Trailer> {
        self.trailer.as_ref()
    }

    /// Reads and checks what is left, and returns the trailer.
    ///
    /// # Errors
    ///
    /// Those of the iterator, as described at [`Reader`].
    pub fn verify(mut self) -> Result<Trailer, Error> {
        let failed = self.by_ref().find_map(Result::err);
        match (failed, self.trailer) {
            (None, Some(trailer)) => Ok(trailer),
            (Some(error), _) => Err(error),
            (None, None) => Err(self.fault(Fault::CutOff, None)),
        }
    }

    /// The number of the line that was read last, from 1.
    pub(super) fn line(&self) -> u64 {
        self.lines.number()
    }

    fn fault(&self, fault: Fault, path: Option<Vec<u8>>) -> Error {
        ManifestError {
            line: self.lines.number(),
            path,
            fault,
        }
        .into()
    }

    fn advance(&mut self, verifier: &mut Verifier) -> Result<Option<Record>, Error> {
        match self.lines.advance()? {
            Next::End | Next::CutOff => return Err(self.fault(Fault::CutOff, None)),
            Next::Line => {}
        }
        let line = self.lines.line();
        if parse_header::is_trailer(line) {
            return Ok(None);
        }
        self.checksum.update(line);
        let record = parse::record(line).map_err(|(fault, path)| self.fault(fault, path))?;
        if record.text.is_some() && !self.has_text {
            return Err(self.fault(Fault::Unexpected { key: "text" }, Some(record.path)));
        }
        verifier.record(&record, self.lines.number())?;
        Ok(Some(record))
    }

    fn end(&mut self, verifier: Verifier) -> Result<(), Error> {
        let line = self.lines.line();
        let trailer = parse_header::trailer(line).map_err(|fault| self.fault(fault, None))?;
        // What does not add up tells more than a wrong checksum does, so that comes last.
        verifier.trailer(&trailer, self.lines.number())?;
        parse_header::check(line, &self.checksum).map_err(|fault| self.fault(fault, None))?;
        if self.lines.advance()? != Next::End {
            return Err(self.fault(Fault::AfterEnd, None));
        }
        self.trailer = Some(trailer);
        Ok(())
    }
}

impl<R: BufRead> Iterator for Reader<R> {
    type Item = Result<Record, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        // It is put back only if all is well, so an error is the end.
        let mut verifier = self.verifier.take()?;
        match self.advance(&mut verifier) {
            Ok(Some(record)) => {
                self.verifier = Some(verifier);
                Some(Ok(record))
            }
            Ok(None) => self.end(verifier).err().map(Err),
            Err(error) => Some(Err(error)),
        }
    }
}

impl<R: BufRead> std::iter::FusedIterator for Reader<R> {}
