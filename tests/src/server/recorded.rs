//! Servers of other systems: what they were heard to say, and what nobody should.
//!
//! The answers in `recorded/` are those of Subversion 1.14.2 in Apache 2.4.71 and of Mercurial 6.3.2,
//! byte for byte, to the requests that are named beside them.

use std::io::{self, BufReader, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use super::http::Request;
use super::tcp::{TcpServer, lock};

/// What a request is answered with.
#[derive(Clone, Debug)]
pub enum Say {
    /// These bytes: status, headers and body.
    Bytes(Vec<u8>),
    /// These bytes, and nothing more for ever.
    AndSilence(Vec<u8>),
    /// The first bytes, and then the second ones again and again.
    AndEndlessly(Vec<u8>, Vec<u8>),
    /// These bytes, ten each second.
    Slowly(Vec<u8>),
    /// Nothing; the connection is closed.
    Nothing,
}

/// An HTTP server on `127.0.0.1` that says what it is told to.
pub struct RawHttp {
    tcp: TcpServer,
    log: Arc<Mutex<Vec<Request>>>,
}

impl RawHttp {
    /// Answers each request with what `answer` makes of it.
    pub fn start(answer: impl Fn(&Request) -> Say + Send + Sync + 'static) -> Self {
        let log = Arc::new(Mutex::new(Vec::new()));
        let heard = Arc::clone(&log);
        let tcp = TcpServer::start(move |stream, _| {
            // Clients go away.
            let _ = converse(&stream, &heard, &answer);
        });
        RawHttp { tcp, log }
    }

    /// `mod_dav_svn`, with a repository at `/svn` and one at `/closed` that asks for a password.
    pub fn subversion() -> Self {
        Self::start(|request| {
            let answer: &[u8] = match (request.method.as_str(), request.path.as_str()) {
                (_, path) if path.starts_with("/closed") => {
                    include_bytes!("recorded/svn-closed.http")
                }
                ("OPTIONS", _) => include_bytes!("recorded/svn-options.http"),
                (_, "/svn/info/refs") => include_bytes!("recorded/svn-refs.http"),
                _ => include_bytes!("recorded/apache-missing.http"),
            };
            Say::Bytes(answer.to_vec())
        })
    }

    /// `hg serve`, with a repository at `/a`.
    pub fn mercurial() -> Self {
        Self::start(|request| {
            let answer: &[u8] = match (request.method.as_str(), request.query.as_str()) {
                ("OPTIONS", _) => include_bytes!("recorded/hg-options.http"),
                (_, "cmd=capabilities") => include_bytes!("recorded/hg-capabilities.http"),
                _ => include_bytes!("recorded/hg-refs.http"),
            };
            Say::Bytes(answer.to_vec())
        })
    }

    /// Apache with a web page at `/page`, and nothing else.
    pub fn pages() -> Self {
        Self::start(|request| {
            let answer: &[u8] = match (request.method.as_str(), request.path.as_str()) {
                ("OPTIONS", _) => include_bytes!("recorded/apache-options.http"),
                (_, "/page") => include_bytes!("recorded/apache-page.http"),
                _ => include_bytes!("recorded/apache-missing.http"),
            };
            Say::Bytes(answer.to_vec())
        })
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.tcp.port())
    }

    /// The requests so far, as `METHOD PATH?QUERY`.
    pub fn requests(&self) -> Vec<String> {
        let log = lock(&self.log);
        log.iter()
            .map(|request| {
                let mark = if request.query.is_empty() { "" } else { "?" };
                format!("{} {}{mark}{}", request.method, request.path, request.query)
            })
            .collect()
    }
}

fn converse(
    stream: &TcpStream,
    log: &Mutex<Vec<Request>>,
    answer: &impl Fn(&Request) -> Say,
) -> io::Result<()> {
    let mut reader = BufReader::new(stream);
    let mut writer = stream;
    while let Some(request) = Request::read(&mut reader)? {
        lock(log).push(request.clone());
        match answer(&request) {
            Say::Bytes(bytes) => {
                writer.write_all(&bytes)?;
                let head = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
                if head.contains("\r\nconnection: close\r\n") {
                    return Ok(());
                }
            }
            Say::AndSilence(bytes) => {
                writer.write_all(&bytes)?;
                // Until the other side gives up.
                Request::read(&mut reader)?;
            }
            Say::AndEndlessly(first, again) => {
                writer.write_all(&first)?;
                loop {
                    writer.write_all(&again)?;
                }
            }
            Say::Slowly(bytes) => {
                for byte in bytes {
                    writer.write_all(&[byte])?;
                    thread::sleep(Duration::from_millis(100));
                }
            }
            Say::Nothing => return Ok(()),
        }
    }
    Ok(())
}
