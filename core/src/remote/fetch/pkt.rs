//! Pkt-lines: the frames of Git's protocol.
//!
//! Each begins with its own length as four hex digits; the lengths 0, 1 and 2 are signs of their
//! own (gitprotocol-common, "pkt-line Format", and gitprotocol-v2, "Packet-Line Framing").

use std::io::{BufRead, BufReader, ErrorKind, Read};

use super::error::FetchError;
use crate::remote::ServerText;

/// Bytes that one pkt-line may have, its length included: Git's `LARGE_PACKET_MAX`.
const MAX_PKT: usize = 65_520;
const HEADER: usize = 4;

/// Bytes that are read at once where lines are looked for. Payload that is longer goes past the
/// buffer to whoever takes it, so that most of a pack is not copied here.
const BUFFER: usize = 4 << 10;

/// What the header of a pkt-line announces.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// This many bytes follow.
    Data(usize),
    /// `0000`: the end of a message.
    Flush,
    /// `0001`: the end of a section.
    Delimiter,
    /// `0002`: the end of a response of a stateless connection.
    ResponseEnd,
    /// No frame: the stream has ended, and between two frames.
    End,
}

/// One pkt-line, taken in whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    /// The payload, without the line feed that ends text lines.
    Text(&'a [u8]),
    Flush,
    Delimiter,
    /// The stream has ended, or the response of a stateless connection.
    End,
}

/// Takes pkt-lines from a stream.
pub(super) struct Pkts<R> {
    stream: BufReader<R>,
    line: Vec<u8>,
    /// What the peer is doing, for errors.
    stage: &'static str,
    /// Bytes of all frames so far.
    bytes: u64,
}

impl<R: Read> Pkts<R> {
    /// `stage` completes "the server … ": "while it announced its refs".
    pub(super) fn new(stream: R, stage: &'static str) -> Self {
        Pkts {
            stream: BufReader::with_capacity(BUFFER, stream),
            line: Vec::new(),
            stage,
            bytes: 0,
        }
    }

    pub(super) fn stage(&self) -> &'static str {
        self.stage
    }

    pub(super) fn set_stage(&mut self, stage: &'static str) {
        self.stage = stage;
    }

    /// Takes the next header; the payload is then read with [`read_payload`](Self::read_payload).
    pub(super) fn frame(&mut self) -> Result<Frame, FetchError> {
        let mut header = [0; HEADER];
        let mut have = 0;
        while have < HEADER {
            match self.stream.read(&mut header[have..]) {
                Ok(0) if have == 0 => return Ok(Frame::End),
                Ok(0) => return Err(self.ended()),
                Ok(count) => have += count,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(FetchError::from_io(error)),
            }
        }
        let first = self.bytes == 0;
        self.bytes += HEADER as u64;
        let Some(length) = parse_length(header) else {
            return Err(self.no_pkt_line(header, first));
        };
        match length {
            0 => Ok(Frame::Flush),
            1 => Ok(Frame::Delimiter),
            2 => Ok(Frame::ResponseEnd),
            HEADER..=MAX_PKT => Ok(Frame::Data(length - HEADER)),
            _ => Err(FetchError::malformed(
                self.stage,
                "a packet that is too long",
                &header,
            )),
        }
    }

    /// Reads payload that a [`Frame::Data`] announced; never more than `out` holds.
    pub(super) fn read_payload(&mut self, out: &mut [u8]) -> Result<usize, FetchError> {
        loop {
            match self.stream.read(out) {
                Ok(0) if !out.is_empty() => return Err(self.ended()),
                Ok(count) => {
                    self.bytes += count as u64;
                    return Ok(count);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(FetchError::from_io(error)),
            }
        }
    }

    /// Reads a whole payload of `length` bytes.
    pub(super) fn payload(&mut self, length: usize) -> Result<&[u8], FetchError> {
        let mut line = std::mem::take(&mut self.line);
        line.resize(length, 0);
        let mut have = 0;
        while have < length {
            have += self.read_payload(&mut line[have..])?;
        }
        self.line = line;
        Ok(&self.line)
    }

    /// Takes one line of text.
    ///
    /// # Errors
    ///
    /// [`FetchError::Refused`] if the line is the server's `ERR`, which may stand in place of any
    /// other (gitprotocol-pack, "pkt-line Format").
    pub(super) fn line(&mut self) -> Result<Line<'_>, FetchError> {
        let length = match self.frame()? {
            Frame::Data(length) => length,
            Frame::Flush => return Ok(Line::Flush),
            Frame::Delimiter => return Ok(Line::Delimiter),
            Frame::ResponseEnd | Frame::End => return Ok(Line::End),
        };
        let text = strip_line_feed(self.payload(length)?);
        if let Some(message) = text.strip_prefix(b"ERR ") {
            return Err(FetchError::refused(message));
        }
        Ok(Line::Text(text))
    }

    /// The stream has ended where it may not.
    pub(super) fn ended(&self) -> FetchError {
        FetchError::Ended { stage: self.stage }
    }

    /// Makes an error of what stands where a length should; what follows is shown in part.
    fn no_pkt_line(&mut self, header: [u8; HEADER], first: bool) -> FetchError {
        const SHOWN: usize = 1_024;
        let mut begin = header.to_vec();
        // Only what has come already is shown: waiting for more would help nobody.
        let more = self.stream.buffer();
        begin.extend_from_slice(&more[..more.len().min(SHOWN)]);
        if first {
            FetchError::NotGit {
                begin: ServerText::from_body("text/plain", &begin),
            }
        } else {
            FetchError::malformed(self.stage, "no packet", &begin)
        }
    }

    /// Whether the stream ends here, which waits for its end or its next byte.
    pub(super) fn at_end(&mut self) -> Result<bool, FetchError> {
        Ok(self
            .stream
            .fill_buf()
            .map_err(FetchError::from_io)?
            .is_empty())
    }

    /// Takes raw bytes, from where the frames have ended.
    pub(super) fn read_raw(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let count = self.stream.read(out)?;
        self.bytes += count as u64;
        Ok(count)
    }
}

/// Appends `payload` as one pkt-line.
///
/// # Panics
///
/// If it is longer than a pkt-line may be; what we send is made of checked parts.
pub(super) fn push_line(out: &mut Vec<u8>, payload: &[u8]) {
    let length = payload.len() + HEADER;
    assert!(
        length <= MAX_PKT,
        "because requests are made of bounded parts"
    );
    out.extend_from_slice(format!("{length:04x}").as_bytes());
    out.extend_from_slice(payload);
}

pub(super) fn push_flush(out: &mut Vec<u8>) {
    out.extend_from_slice(b"0000");
}

pub(super) fn push_delimiter(out: &mut Vec<u8>) {
    out.extend_from_slice(b"0001");
}

fn strip_line_feed(payload: &[u8]) -> &[u8] {
    payload.strip_suffix(b"\n").unwrap_or(payload)
}

fn parse_length(header: [u8; HEADER]) -> Option<usize> {
    header.iter().try_fold(0, |length, &digit| {
        let digit = char::from(digit).to_digit(16)?;
        Some(length << 4 | digit as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(bytes: &[u8]) -> Result<Vec<String>, FetchError> {
        let mut pkts = Pkts::new(bytes, "while it was tested");
        let mut all = Vec::new();
        loop {
            match pkts.line()? {
                Line::End => return Ok(all),
                line => all.push(format!("{line:?}")),
            }
        }
    }

    /// The examples of gitprotocol-common, "Examples (as C-style strings)".
    #[test]
    fn the_documents_examples_are_understood() {
        for (bytes, payload) in [
            (&b"0006a\n"[..], &b"a"[..]),
            (b"0005a", b"a"),
            (b"000bfoobar\n", b"foobar"),
            (b"0004", b""),
        ] {
            let mut pkts = Pkts::new(bytes, "now");
            assert_eq!(pkts.line().expect("valid"), Line::Text(payload));
            assert_eq!(pkts.line().expect("the end"), Line::End);
            assert_eq!(pkts.bytes, bytes.len() as u64);
        }
    }

    #[test]
    fn lengths_are_checked_at_their_bounds() {
        let longest = [b"fff0".to_vec(), vec![b'x'; 65_516]].concat();
        assert_eq!(frames(&longest).expect("the longest is allowed").len(), 1);
        let longer = [b"fff1".to_vec(), vec![b'x'; 65_517]].concat();
        assert!(matches!(frames(&longer), Err(FetchError::Malformed { .. })));
        assert!(matches!(frames(b"0003"), Err(FetchError::Malformed { .. })));
        assert!(matches!(frames(b"+005a"), Err(FetchError::NotGit { .. })));
        assert!(matches!(
            frames(b"0005a00g5a"),
            Err(FetchError::Malformed { .. })
        ));
    }

    #[test]
    fn every_cut_is_noticed_except_between_frames() {
        let whole = b"0006a\n00000009hello0001";
        let ends = [0, 6, 10, 19, 23];
        for cut in 0..=whole.len() {
            let result = frames(&whole[..cut]);
            assert_eq!(
                result.is_ok(),
                ends.contains(&cut),
                "cut at {cut}: {result:?}"
            );
        }
    }

    #[test]
    fn what_is_no_git_server_is_shown_in_part() {
        let error = frames(b"<!DOCTYPE html>\x1b[2J").expect_err("HTML is no pkt-line");
        assert!(matches!(error, FetchError::NotGit { .. }), "{error:?}");
        assert!(!error.to_string().contains('\x1b'));
        let error = frames(b"Welcome\x1b[2J to example").expect_err("a greeting is no pkt-line");
        assert!(
            error.to_string().ends_with(": Welcome[2J to example"),
            "{error}"
        );
    }

    #[test]
    fn an_err_line_stands_for_any_line() {
        let error = frames(b"0006a\n000eERR broken").expect_err("the server said ERR");
        assert!(matches!(error, FetchError::Refused { .. }), "{error:?}");
        assert!(error.to_string().contains("broken"));
    }

    #[test]
    fn written_lines_read_back() {
        let mut out = Vec::new();
        push_line(&mut out, b"command=ls-refs\n");
        push_delimiter(&mut out);
        push_flush(&mut out);
        assert_eq!(out, b"0014command=ls-refs\n00010000");
    }
}
