//! The way into ssh's standard input.

use std::io;
use std::process::{Child, Stdio};

/// Our end of the standard input of a child.
///
/// On Unix it is a socket rather than a pipe: to write to a pipe that nobody reads raises
/// `SIGPIPE`, which would end a host that has not chosen to ignore it.
pub(super) struct Input {
    #[cfg(unix)]
    socket: std::os::unix::net::UnixStream,
    #[cfg(not(unix))]
    pipe: Option<std::process::ChildStdin>,
}

#[cfg(unix)]
impl Input {
    /// Makes both ends.
    pub(super) fn new() -> io::Result<(Self, Stdio)> {
        let (ours, theirs) = std::os::unix::net::UnixStream::pair()?;
        #[cfg(target_vendor = "apple")]
        rustix::net::sockopt::set_socket_nosigpipe(&ours, true)?;
        let theirs = std::os::fd::OwnedFd::from(theirs);
        Ok((Input { socket: ours }, Stdio::from(theirs)))
    }

    pub(super) fn attach(self, _child: &mut Child) -> Self {
        self
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        #[cfg(target_vendor = "apple")]
        let flags = rustix::net::SendFlags::empty();
        #[cfg(not(target_vendor = "apple"))]
        let flags = rustix::net::SendFlags::NOSIGNAL;
        Ok(rustix::net::send(&self.socket, bytes, flags)?)
    }
}

#[cfg(not(unix))]
impl Input {
    /// Makes what the child is given; our end comes with [`attach`](Self::attach).
    pub(super) fn new() -> io::Result<(Self, Stdio)> {
        Ok((Input { pipe: None }, Stdio::piped()))
    }

    pub(super) fn attach(self, child: &mut Child) -> Self {
        Input {
            pipe: child.stdin.take(),
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.pipe {
            Some(pipe) => io::Write::write(pipe, bytes),
            None => Err(io::ErrorKind::BrokenPipe.into()),
        }
    }
}
