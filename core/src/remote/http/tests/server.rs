//! A small server that does what a test tells it to.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// A request that came in.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub(super) method: String,
    pub(super) target: String,
    headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Request {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut headers = self.headers.iter();
        headers
            .find(|(n, _)| n == name)
            .map(|(_, value)| value.as_str())
    }
}

/// What a server does with a request.
pub(super) enum Reply {
    /// Answers, and keeps the connection.
    Answer(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// Sends these bytes and closes.
    Raw(Vec<u8>),
    /// Sends these bytes, then nothing more.
    Silence(Vec<u8>),
    /// Sends these bytes, then a byte from time to time.
    Drip(Vec<u8>),
}

impl Reply {
    pub(super) fn status(status: u16) -> Self {
        Reply::Answer(status, vec![], vec![])
    }

    pub(super) fn redirect(status: u16, location: impl Into<String>) -> Self {
        Reply::Answer(status, vec![("Location", location.into())], vec![])
    }

    pub(super) fn typed(content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        let headers = vec![("Content-Type", content_type.to_owned())];
        Reply::Answer(200, headers, body.into())
    }

    /// What `git http-backend` says to a client of protocol version 2.
    pub(super) fn refs() -> Self {
        Self::typed("application/x-git-upload-pack-advertisement", REFS)
    }
}

pub(super) const REFS: &[u8] = b"001e# service=git-upload-pack\n0000000eversion 2\n\
    0013ls-refs=unborn\n0012fetch=shallow\n0017object-format=sha1\n0000";

type Handler = dyn Fn(&Request) -> Reply + Send + Sync;

/// A server on loopback that ends when it is dropped.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    requests: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub(super) fn start(handler: impl Fn(&Request) -> Reply + Send + Sync + 'static) -> Self {
        Self::spawn(None, Arc::new(handler))
    }

    pub(super) fn start_tls(
        config: Arc<ServerConfig>,
        handler: impl Fn(&Request) -> Reply + Send + Sync + 'static,
    ) -> Self {
        Self::spawn(Some(config), Arc::new(handler))
    }

    fn spawn(tls: Option<Arc<ServerConfig>>, handler: Arc<Handler>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("because a port is free");
        let address = listener.local_addr().expect("because it is bound");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(AtomicUsize::new(0));
        let stop = Arc::new(AtomicBool::new(false));
        let shared = (
            Arc::clone(&requests),
            Arc::clone(&connections),
            Arc::clone(&stop),
        );
        let thread = thread::spawn(move || {
            let (requests, connections, stop) = shared;
            let mut peers = Vec::new();
            while let Ok((peer, _)) = listener.accept() {
                if stop.load(Ordering::Acquire) {
                    break;
                }
                connections.fetch_add(1, Ordering::Relaxed);
                let (tls, handler) = (tls.clone(), Arc::clone(&handler));
                let (requests, stop) = (Arc::clone(&requests), Arc::clone(&stop));
                peers.push(thread::spawn(move || {
                    // A client that goes away is part of many tests.
                    let _ = match tls {
                        Some(config) => {
                            let tls =
                                ServerConnection::new(config).expect("because it is complete");
                            serve(StreamOwned::new(tls, peer), &*handler, &requests, &stop)
                        }
                        None => serve(peer, &*handler, &requests, &stop),
                    };
                }));
            }
            for peer in peers {
                peer.join().expect("because the server does not panic");
            }
        });
        Server {
            address,
            requests,
            connections,
            stop,
            thread: Some(thread),
        }
    }

    /// `http://127.0.0.1:PORT` with `path` after it.
    pub(super) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(super) fn requests(&self) -> Vec<Request> {
        self.requests.lock().expect("because nobody panics").clone()
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(self.address);
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || thread::panicking());
        }
    }
}

/// A stream that can be told not to block for ever.
trait Peer: Read + Write {
    fn socket(&self) -> &TcpStream;
}

impl Peer for TcpStream {
    fn socket(&self) -> &TcpStream {
        self
    }
}

impl Peer for StreamOwned<ServerConnection, TcpStream> {
    fn socket(&self) -> &TcpStream {
        &self.sock
    }
}

/// Reads through timeouts until the test is over.
struct Patient<'a, P> {
    peer: P,
    stop: &'a AtomicBool,
}

impl<P: Peer> Read for Patient<'_, P> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            match self.peer.read(buf) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    if self.stop.load(Ordering::Acquire) {
                        return Ok(0);
                    }
                }
                result => return result,
            }
        }
    }
}

fn serve<P: Peer>(
    peer: P,
    handler: &Handler,
    requests: &Mutex<Vec<Request>>,
    stop: &AtomicBool,
) -> io::Result<()> {
    peer.socket()
        .set_read_timeout(Some(Duration::from_millis(20)))?;
    let mut reader = BufReader::new(Patient { peer, stop });
    while let Some(request) = read_request(&mut reader)? {
        requests
            .lock()
            .expect("because nobody panics")
            .push(request.clone());
        let reply = handler(&request);
        let peer = &mut reader.get_mut().peer;
        match reply {
            Reply::Answer(status, headers, body) => {
                let mut answer = format!(
                    "HTTP/1.1 {status} Said\r\nContent-Length: {}\r\n",
                    body.len()
                );
                for (name, value) in headers {
                    answer += &format!("{name}: {value}\r\n");
                }
                answer += "\r\n";
                peer.write_all(answer.as_bytes())?;
                peer.write_all(&body)?;
                peer.flush()?;
            }
            Reply::Raw(bytes) => {
                peer.write_all(&bytes)?;
                return peer.flush();
            }
            Reply::Silence(bytes) => {
                peer.write_all(&bytes)?;
                peer.flush()?;
                while !stop.load(Ordering::Acquire) {
                    thread::sleep(Duration::from_millis(20));
                }
                return Ok(());
            }
            Reply::Drip(bytes) => {
                peer.write_all(&bytes)?;
                while !stop.load(Ordering::Acquire) {
                    peer.write_all(b"a")?;
                    peer.flush()?;
                    thread::sleep(Duration::from_millis(20));
                }
                return Ok(());
            }
        }
    }
    Ok(())
}

fn read_request(reader: &mut impl BufRead) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if reader.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Ok(None);
    };
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        match line.trim_end().split_once(':') {
            Some((name, value)) => headers.push((name.to_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    let request = Request {
        method,
        target,
        headers,
        body: Vec::new(),
    };
    let len = request
        .header("content-length")
        .and_then(|len| len.parse().ok());
    let mut body = vec![0; len.unwrap_or(0)];
    reader.read_exact(&mut body)?;
    Ok(Some(Request { body, ..request }))
}
