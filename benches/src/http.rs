//! As much of HTTP/1.1 as Git clients need from a server that knows what they will ask.

use std::io::{self, BufRead, Read, Write};
use std::net::TcpStream;

/// Requests are small; Git compresses larger ones, which no client needs here.
const MAX_BODY: u64 = 64 << 10;

/// What is read of a request's head at most.
const MAX_HEAD: u64 = 64 << 10;

/// A request with its body.
#[derive(Debug, Default)]
pub(crate) struct Request {
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// The header `Git-Protocol`.
    pub(crate) git_protocol: Option<String>,
    body: Vec<u8>,
}

impl Request {
    /// Reads the next request; `None` if the client is gone.
    pub(crate) fn read(
        input: &mut impl BufRead,
        mut output: impl Write,
    ) -> io::Result<Option<Self>> {
        let mut head = input.take(MAX_HEAD);
        let mut line = String::new();
        if head.read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let mut words = line.split_ascii_whitespace().map(str::to_owned);
        let mut request = Request {
            method: words.next().unwrap_or_default(),
            target: words.next().unwrap_or_default(),
            ..Request::default()
        };
        let (mut length, mut is_chunked) = (0, false);
        loop {
            line.clear();
            if head.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let line = line.trim_end();
            if line.is_empty() {
                break;
            }
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.trim();
            match name.to_ascii_lowercase().as_str() {
                "content-length" => length = value.parse().map_err(io::Error::other)?,
                "transfer-encoding" => is_chunked = value.eq_ignore_ascii_case("chunked"),
                "git-protocol" => request.git_protocol = Some(value.to_owned()),
                "expect" => output.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?,
                _ => {}
            }
        }
        if is_chunked {
            read_chunks(input, &mut request.body)?;
        } else if length > MAX_BODY {
            return Err(io::Error::other("the request is too long"));
        } else {
            input.take(length).read_to_end(&mut request.body)?;
        }
        Ok(Some(request))
    }

    /// Whether the body has `line` as one of its pkt-lines.
    pub(crate) fn has(&self, line: &str) -> bool {
        let mut rest = &self.body[..];
        while let Some((length, after)) = rest.split_at_checked(4) {
            let length = std::str::from_utf8(length)
                .ok()
                .and_then(|length| usize::from_str_radix(length, 16).ok());
            // Lengths below 4 are marks between sections.
            let Some((text, after)) =
                length.and_then(|length| after.split_at_checked(length.saturating_sub(4)))
            else {
                return false;
            };
            if text.strip_suffix(b"\n").unwrap_or(text) == line.as_bytes() {
                return true;
            }
            rest = after;
        }
        false
    }
}

fn read_chunks(input: &mut impl BufRead, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let mut size = String::new();
        input.take(MAX_HEAD).read_line(&mut size)?;
        let size = u64::from_str_radix(size.trim_end(), 16).map_err(io::Error::other)?;
        if size > MAX_BODY || body.len() as u64 > MAX_BODY {
            return Err(io::Error::other("the request is too long"));
        }
        input.take(size).read_to_end(body)?;
        let mut end = String::new();
        input.take(MAX_HEAD).read_line(&mut end)?;
        if size == 0 {
            return Ok(());
        }
    }
}

/// Sends the head of an answer whose body has `len` bytes.
pub(crate) fn begin(
    mut stream: impl Write,
    status: u16,
    content_type: &str,
    len: u64,
) -> io::Result<()> {
    let head = format!(
        "HTTP/1.1 {status} Replay\r\nContent-Type: {content_type}\r\nContent-Length: {len}\r\n\
         Cache-Control: no-cache\r\n\r\n"
    );
    stream.write_all(head.as_bytes())
}

/// Sends an error that says why.
pub(crate) fn refuse(mut stream: &TcpStream, status: u16, why: &str) -> io::Result<()> {
    begin(stream, status, "text/plain", why.len() as u64)?;
    stream.write_all(why.as_bytes())
}
