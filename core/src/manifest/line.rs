//! Reading lines of bounded length.

use std::io::BufRead;

use super::error::StreamError;
use crate::error::{Error, LimitError};

/// Reads a stream line by line, each with its LF.
#[derive(Debug)]
pub(super) struct LineReader<R> {
    input: R,
    line: Vec<u8>,
    number: u64,
    max_len: u64,
}

/// What a stream has next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Line,
    /// The stream ends within a line.
    CutOff,
    End,
}

impl<R: BufRead> LineReader<R> {
    pub(super) fn new(input: R, max_len: u64) -> Self {
        LineReader {
            input,
            line: Vec::new(),
            number: 0,
            max_len,
        }
    }

    /// The number of the line that was read last, from 1.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The line that was read last, with its LF.
    pub(super) fn line(&self) -> &[u8] {
        &self.line
    }

    /// Reads the next line.
    ///
    /// # Errors
    ///
    /// Those of the stream, and [`LimitExceeded`](crate::ErrorKind::LimitExceeded) if the line has
    /// more bytes than `max_record` allows.
    pub(super) fn advance(&mut self) -> Result<Next, Error> {
        self.line.clear();
        self.number += 1;
        loop {
            let available = match self.input.fill_buf() {
                Ok(available) => available,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(StreamError::read(error).into()),
            };
            if available.is_empty() {
                return Ok(if self.line.is_empty() {
                    Next::End
                } else {
                    Next::CutOff
                });
            }
            let end = memchr::memchr(b'\n', available);
            let taken = end.map_or(available.len(), |end| end + 1);
            if (self.line.len() + taken) as u64 > self.max_len {
                return Err(LimitError::new("max_record", self.max_len).into());
            }
            self.line.extend_from_slice(&available[..taken]);
            self.input.consume(taken);
            if end.is_some() {
                return Ok(Next::Line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::BufReader;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn lines_come_whole_through_small_buffers() {
        let mut lines = LineReader::new(BufReader::with_capacity(2, &b"abc\n\nde"[..]), 4);
        assert_eq!(lines.advance().unwrap(), Next::Line);
        assert_eq!(lines.line(), b"abc\n");
        assert_eq!(lines.advance().unwrap(), Next::Line);
        assert_eq!((lines.line(), lines.number()), (&b"\n"[..], 2));
        assert_eq!(lines.advance().unwrap(), Next::CutOff);
        assert_eq!(lines.advance().unwrap(), Next::End);
    }

    #[test]
    fn a_line_over_the_limit_is_not_read_to_its_end() {
        for endless in [&b"abcd\n"[..], &[b'x'; 100]] {
            let mut lines = LineReader::new(BufReader::with_capacity(3, endless), 4);
            let error = lines.advance().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::LimitExceeded);
            assert_eq!(error.limit(), Some("max_record"));
            assert!(lines.line().len() <= 4);
        }
    }
}
