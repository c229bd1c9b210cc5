//! A Git server that says what it was told once, to every client alike.
//!
//! Making a pack takes a real server longer than taking it in takes the client, and never takes it
//! equally long. Here the answer is a file: what differs between clients is the clients' doing.

mod pace;
mod record;
#[cfg(test)]
mod tests;

use std::fs::File;
use std::io::{self, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use crate::git::Result;

use crate::http::{self, Request};
use pace::Pace;

pub use pace::parse_rate;
pub use record::Recording;

/// Bytes that are sent at once where there is a rate: 0.6 ms of 100 MB/s.
const PIECE: u64 = 64 << 10;

/// A server on 127.0.0.1 that replays one recording until it is dropped.
#[derive(Debug)]
pub struct Replay {
    address: SocketAddr,
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    recording: Recording,
    /// Bytes a second of the pack; as fast as can be if there is none.
    rate: Option<u64>,
    /// How long after its request each answer begins.
    latency: Duration,
    stop: AtomicBool,
    /// When the last byte of the latest pack was handed to the system.
    last_byte: Mutex<Option<Instant>>,
}

impl Replay {
    /// Starts a server on a free port. With a `rate`, it sends the pack at so many bytes a second; each
    /// answer begins `latency` after its request.
    ///
    /// # Errors
    ///
    /// If there is no port, or no thread to be had.
    pub fn start(recording: Recording, rate: Option<u64>, latency: Duration) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            recording,
            rate,
            latency,
            stop: AtomicBool::new(false),
            last_byte: Mutex::new(None),
        });
        let thread = {
            let shared = Arc::clone(&shared);
            thread::Builder::new().spawn(move || shared.accept(&listener))?
        };
        Ok(Replay {
            address,
            shared,
            thread: Some(thread),
        })
    }

    /// Where clients find the repository.
    pub fn url(&self) -> String {
        format!("http://{}/bench/replay.git", self.address)
    }

    /// When the last byte of the latest pack was sent; `None` if none was since this was asked last.
    pub fn take_last_byte(&self) -> Option<Instant> {
        self.shared.last_byte().take()
    }
}

impl Drop for Replay {
    fn drop(&mut self) {
        self.shared.stop.store(true, Ordering::Release);
        // Wakes the thread up.
        let woken = TcpStream::connect(self.address).is_ok();
        if let Some(thread) = self.thread.take()
            && woken
        {
            // It has told of a failure, if there was one.
            let _ = thread.join();
        }
    }
}

impl Shared {
    fn last_byte(&self) -> std::sync::MutexGuard<'_, Option<Instant>> {
        self.last_byte
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: &Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            if self.stop.load(Ordering::Acquire) {
                return;
            }
            let Ok(stream) = stream else { continue };
            let shared = Arc::clone(self);
            thread::spawn(move || {
                if let Err(error) = shared.serve(&stream) {
                    eprintln!("  replay server: {error}");
                }
            });
        }
    }

    /// Answers the requests of one connection.
    fn serve(&self, stream: &TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut input = BufReader::new(stream);
        while let Some(request) = Request::read(&mut input, stream)? {
            thread::sleep(self.latency);
            self.answer(&request, stream)?;
        }
        Ok(())
    }

    fn answer(&self, request: &Request, stream: &TcpStream) -> io::Result<()> {
        let recording = &self.recording;
        let advertisement = "/info/refs?service=git-upload-pack";
        if request.method == "GET" && request.target.ends_with(advertisement) {
            if request.git_protocol.as_deref() != Some("version=2") {
                return http::refuse(stream, 400, "only protocol version 2 was recorded");
            }
            return self.send(stream, "advertisement", recording.advertisement()?, false);
        }
        if request.method != "POST" || !request.target.ends_with("/git-upload-pack") {
            return http::refuse(stream, 404, "there is nothing here");
        }
        if request.has("command=ls-refs") {
            return self.send(stream, "result", recording.ls_refs()?, false);
        }
        // Whoever wants something else must not get this.
        let is_recorded = request.has("command=fetch")
            && request.has(&format!("want {}", recording.commit))
            && request.has("deepen 1")
            && request.has("done");
        if !is_recorded {
            return http::refuse(stream, 409, "this is not what was recorded");
        }
        self.send(stream, "result", recording.fetch()?, true)
    }

    fn send(
        &self,
        stream: &TcpStream,
        kind: &str,
        mut body: File,
        is_pack: bool,
    ) -> io::Result<()> {
        let len = body.metadata()?.len();
        let content_type = format!("application/x-git-upload-pack-{kind}");
        http::begin(stream, 200, &content_type, len)?;
        match self.rate.filter(|_| is_pack) {
            Some(rate) => send_paced(stream, &mut body, rate)?,
            // From a file to a socket the kernel copies by itself.
            None => drop(io::copy(&mut body, &mut &*stream)?),
        }
        if is_pack {
            *self.last_byte() = Some(Instant::now());
        }
        Ok(())
    }
}

fn send_paced(mut stream: &TcpStream, body: &mut File, rate: u64) -> io::Result<()> {
    let mut pace = Pace::new(rate, Instant::now());
    let mut piece = Vec::with_capacity(PIECE as usize);
    loop {
        piece.clear();
        if body.take(PIECE).read_to_end(&mut piece)? == 0 {
            return Ok(());
        }
        thread::sleep(pace.wait(Instant::now(), piece.len() as u64));
        stream.write_all(&piece)?;
    }
}
