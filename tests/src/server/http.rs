//! As much of HTTP/1.1 as Git clients speak.

use std::io::{self, BufRead, BufReader, Read, Write};

/// What a server reads and writes: a socket, with or without TLS.
pub trait Channel: Read + Write + Send {}

impl<T: Read + Write + Send> Channel for T {}

/// A request, taken in whole.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// `GET`, `POST` or `CONNECT`.
    pub method: String,
    /// The path without the query, as it was sent.
    pub path: String,
    /// What stands behind the question mark.
    pub query: String,
    /// Names in lowercase.
    pub headers: Vec<(String, String)>,
    /// The body, with its chunks joined.
    pub body: Vec<u8>,
}

impl Request {
    /// The value of the header called `name`, in lowercase.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// Reads the next request of a connection; `None` at its end.
    pub fn read(stream: &mut BufReader<impl Read>) -> io::Result<Option<Self>> {
        let mut request = Request::default();
        let first = read_line(stream)?;
        let mut words = first.split(' ');
        let (Some(method), Some(target)) = (words.next(), words.next()) else {
            return Ok(None);
        };
        method.clone_into(&mut request.method);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        path.clone_into(&mut request.path);
        query.clone_into(&mut request.query);
        loop {
            let line = read_line(stream)?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            let header = (name.to_ascii_lowercase(), value.trim().to_owned());
            request.headers.push(header);
        }
        let chunked = request.header("transfer-encoding") == Some("chunked");
        let length = request
            .header("content-length")
            .and_then(|it| it.parse().ok());
        if request.header("expect").is_some() {
            return Err(io::Error::other("this server does not say 100 Continue"));
        }
        if chunked {
            read_chunks(stream, &mut request.body)?;
        } else {
            let length: u64 = length.unwrap_or(0);
            stream
                .by_ref()
                .take(length)
                .read_to_end(&mut request.body)?;
        }
        Ok(Some(request))
    }
}

fn read_line(stream: &mut BufReader<impl Read>) -> io::Result<String> {
    let mut line = String::new();
    stream.by_ref().take(64 << 10).read_line(&mut line)?;
    Ok(line.trim_end().to_owned())
}

fn read_chunks(stream: &mut BufReader<impl Read>, body: &mut Vec<u8>) -> io::Result<()> {
    loop {
        let line = read_line(stream)?;
        let length = u64::from_str_radix(&line, 16).map_err(io::Error::other)?;
        stream.by_ref().take(length).read_to_end(body)?;
        read_line(stream)?;
        if length == 0 {
            return Ok(());
        }
    }
}

/// An answer that is made in one piece.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// All headers but `Content-Length` and `Connection`.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer without a body.
    pub fn status(status: u16) -> Self {
        Response {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// Adds a header.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// Sets the body and its type.
    pub fn body(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("Content-Type", content_type)
    }

    /// Sends all of it; the connection can carry another request.
    pub fn send(&self, stream: &mut (impl Write + ?Sized)) -> io::Result<()> {
        let length = self.body.len().to_string();
        let mut headers = self.headers.clone();
        headers.push(("Content-Length".to_owned(), length));
        send_head(stream, self.status, &headers)?;
        stream.write_all(&self.body)?;
        stream.flush()
    }
}

/// Sends the status line and the headers.
pub fn send_head(
    stream: &mut (impl Write + ?Sized),
    status: u16,
    headers: &[(String, String)],
) -> io::Result<()> {
    let mut head = format!("HTTP/1.1 {status} {}\r\n", reason(status));
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    head.push_str("\r\n");
    stream.write_all(head.as_bytes())
}

/// Sends one chunk of a body with `Transfer-Encoding: chunked`; an empty one ends it.
pub fn send_chunk(stream: &mut (impl Write + ?Sized), bytes: &[u8]) -> io::Result<()> {
    stream.write_all(format!("{:x}\r\n", bytes.len()).as_bytes())?;
    stream.write_all(bytes)?;
    stream.write_all(b"\r\n")?;
    stream.flush()
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        301 | 302 | 303 | 307 | 308 => "Redirect",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "Not Found",
        407 => "Proxy Authentication Required",
        429 => "Too Many Requests",
        500..=599 => "Server Error",
        _ => "Whatever",
    }
}
