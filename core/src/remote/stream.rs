//! A connection whose reads and writes end when they should.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::remote::error::{RemoteError, Waited};
use crate::remote::watch::{Pace, SLICE, Watch};

/// A TCP connection that looks at the [`Watch`] while it blocks.
///
/// A read or write returns within [`SLICE`] after the host cancelled or the deadline passed, and
/// after the stall timeout. Its errors carry a [`RemoteError`], which [`RemoteError::from_io`] takes
/// out. It never fails with `WouldBlock`, `TimedOut` from the socket, or `Interrupted`.
#[derive(Debug)]
pub(crate) struct Stream {
    socket: TcpStream,
    watch: Watch,
    pace: Pace,
}

impl Stream {
    /// Takes a connected, blocking socket.
    pub(crate) fn new(socket: TcpStream, watch: Watch) -> io::Result<Self> {
        socket.set_nodelay(true)?;
        socket.set_read_timeout(Some(SLICE))?;
        socket.set_write_timeout(Some(SLICE))?;
        Ok(Stream {
            socket,
            watch,
            pace: Pace::default(),
        })
    }

    /// Whether the connection can carry another request: open, and without bytes that nobody asked
    /// for.
    pub(crate) fn is_idle(&self) -> bool {
        if self.socket.set_nonblocking(true).is_err() {
            return false;
        }
        let idle = matches!(
            self.socket.peek(&mut [0]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock
        );
        self.socket.set_nonblocking(false).is_ok() && idle
    }

    /// Repeats `operation` until it succeeds, fails or takes too long.
    fn patiently(
        &self,
        mut operation: impl FnMut(&TcpStream) -> io::Result<usize>,
    ) -> Result<(usize, Duration), RemoteError> {
        let begun = Instant::now();
        let stall = self.watch.timeouts().stall;
        loop {
            self.watch.check()?;
            match operation(&self.socket) {
                Ok(count) => return Ok((count, begun.elapsed())),
                Err(error) => match error.kind() {
                    io::ErrorKind::Interrupted => {}
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => {
                        if begun.elapsed() >= stall {
                            return Err(RemoteError::Timeout(Waited::Stall(stall)));
                        }
                    }
                    _ => {
                        return Err(RemoteError::ConnectionLost {
                            source: Arc::new(error),
                        });
                    }
                },
            }
        }
    }

    fn read_some(&mut self, buf: &mut [u8]) -> Result<usize, RemoteError> {
        let (count, waited) = self.patiently(|mut socket| socket.read(buf))?;
        self.watch.progress().received(count as u64);
        self.pace
            .note(waited, count as u64, self.watch.timeouts())?;
        Ok(count)
    }
}

impl Read for Stream {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        self.read_some(buf).map_err(RemoteError::into_io)
    }
}

impl Write for Stream {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.patiently(|mut socket| socket.write(buf))
            .map(|(count, _)| count)
            .map_err(RemoteError::into_io)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::net::{Ipv4Addr, TcpListener};

    use super::*;
    use crate::cancel::Cancel;
    use crate::progress::Progress;
    use crate::remote::watch::Timeouts;

    /// Both ends of a connection, ours with `timeouts`.
    fn pair(timeouts: Timeouts, cancel: &Cancel, progress: &Progress) -> (Stream, TcpStream) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("because a port is free");
        let address = listener.local_addr().expect("because it is bound");
        let ours = TcpStream::connect(address).expect("because it listens");
        let (theirs, _) = listener.accept().expect("because we dialled");
        let watch = Watch::start(timeouts, cancel, progress);
        (
            Stream::new(ours, watch).expect("because it is connected"),
            theirs,
        )
    }

    fn failure(stream: &mut Stream) -> RemoteError {
        let error = stream
            .read(&mut [0; 16])
            .expect_err("because nothing comes");
        RemoteError::from_io(error)
    }

    #[test]
    fn silence_ends_in_a_stall() {
        let timeouts = Timeouts::default().stall(Duration::from_millis(200));
        let (mut ours, _theirs) = pair(timeouts, &Cancel::new(), &Progress::new());
        let error = failure(&mut ours);
        assert!(
            matches!(error, RemoteError::Timeout(Waited::Stall(_))),
            "{error:?}"
        );
    }

    #[test]
    fn a_blocked_read_ends_with_the_deadline() {
        let timeouts = Timeouts::default().total(Duration::from_millis(300));
        let (mut ours, _theirs) = pair(timeouts, &Cancel::new(), &Progress::new());
        let error = failure(&mut ours);
        assert!(
            matches!(error, RemoteError::Timeout(Waited::Deadline(_))),
            "{error:?}"
        );
    }

    #[test]
    fn a_blocked_read_ends_with_cancel() {
        let cancel = Cancel::new();
        let (mut ours, _theirs) = pair(Timeouts::default(), &cancel, &Progress::new());
        let switch = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(150));
            cancel.cancel();
        });
        let begun = Instant::now();
        let error = failure(&mut ours);
        assert!(matches!(error, RemoteError::Cancelled), "{error:?}");
        assert!(
            begun.elapsed() < Duration::from_secs(30),
            "the stall timeout is 60 s"
        );
        switch.join().expect("because it does not panic");
    }

    #[test]
    fn dripping_ends_in_slow() {
        let timeouts = Timeouts::default().min_rate(1000, Duration::from_millis(200));
        let (mut ours, mut theirs) = pair(timeouts, &Cancel::new(), &Progress::new());
        let server = std::thread::spawn(move || {
            while theirs.write_all(b".").is_ok() {
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let error = loop {
            if let Err(error) = ours.read(&mut [0; 16]) {
                break RemoteError::from_io(error);
            }
        };
        assert!(
            matches!(error, RemoteError::Timeout(Waited::Slow { .. })),
            "{error:?}"
        );
        drop(ours);
        server.join().expect("because it does not panic");
    }

    #[test]
    fn a_blocked_write_ends_in_a_stall() {
        let timeouts = Timeouts::default().stall(Duration::from_millis(200));
        let (mut ours, _theirs) = pair(timeouts, &Cancel::new(), &Progress::new());
        let block = vec![0; 1 << 20];
        let error = loop {
            if let Err(error) = ours.write(&block) {
                break RemoteError::from_io(error);
            }
        };
        assert!(
            matches!(error, RemoteError::Timeout(Waited::Stall(_))),
            "{error:?}"
        );
    }

    #[test]
    fn bytes_are_counted_and_ends_are_ends() {
        let progress = Progress::new();
        let (mut ours, mut theirs) = pair(Timeouts::default(), &Cancel::new(), &progress);
        theirs.write_all(b"12345").expect("because we are there");
        drop(theirs);
        let mut seen = Vec::new();
        ours.read_to_end(&mut seen)
            .expect("because the end is no error");
        assert_eq!(seen, b"12345");
        assert_eq!(progress.snapshot().received_bytes, 5);
    }

    #[test]
    fn idle_means_open_and_quiet() {
        let (mut ours, mut theirs) = pair(Timeouts::default(), &Cancel::new(), &Progress::new());
        assert!(ours.is_idle());
        theirs.write_all(b"!").expect("because we are there");
        ours.socket.peek(&mut [0]).expect("because a byte comes");
        assert!(!ours.is_idle());
        ours.read_exact(&mut [0]).expect("because a byte came");
        assert!(ours.is_idle());
        drop(theirs);
        assert_eq!(ours.read(&mut [0]).expect("because the end is no error"), 0);
        assert!(!ours.is_idle());
    }
}
