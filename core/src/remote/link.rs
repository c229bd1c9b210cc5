//! A way to a server, as far as its own TLS does not matter.

use std::fmt;
use std::io::{self, Read, Write};

use rustls::{ClientConnection, StreamOwned};

use crate::remote::stream::Stream;

/// A connection, or a tunnel inside of the TLS that a proxy speaks.
pub(crate) enum Link {
    Plain(Stream),
    Secure(Box<StreamOwned<ClientConnection, Stream>>),
}

impl Link {
    /// Whether it can carry another request: open, and without bytes that nobody asked for.
    pub(crate) fn is_idle(&self) -> bool {
        match self {
            Link::Plain(stream) => stream.is_idle(),
            Link::Secure(tls) => tls.sock.is_idle(),
        }
    }
}

impl Read for Link {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        match self {
            Link::Plain(stream) => stream.read(buf),
            Link::Secure(tls) => tls.read(buf),
        }
    }
}

impl Write for Link {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Link::Plain(stream) => stream.write(buf),
            Link::Secure(tls) => tls.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Link::Plain(stream) => stream.flush(),
            Link::Secure(tls) => tls.flush(),
        }
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Link::Plain(_) => "Plain",
            Link::Secure(_) => "Secure",
        })
    }
}
