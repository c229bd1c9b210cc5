//! What the protocol needs of a connection, whichever way it was made.

use std::io::{self, Read, Write};

use super::error::FetchError;
use crate::remote::RemoteError;

/// An answer of the server, read while it arrives.
pub(super) type Answer<'a> = Box<dyn Read + Send + 'a>;

/// A way to ask `git-upload-pack` of one repository.
///
/// Reads and writes end in a typed error when the host cancels, when the server is silent for too
/// long and when the deadline passes.
pub(super) trait Connection: Send {
    /// What the server says first.
    fn advertisement(&mut self) -> Result<Answer<'_>, FetchError>;

    /// Sends a request, and gives the answer to be read.
    fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>, FetchError>;

    /// Whether an answer ends with its stream. If so, a reader that goes on to the end lets the next
    /// request have the same connection; otherwise it would wait for ever.
    fn answers_end(&self) -> bool;

    /// Sends the last request; the answer keeps the connection until it is dropped.
    fn ask_last(self: Box<Self>, request: &[u8]) -> Result<Answer<'static>, FetchError>;

    /// Takes leave without another request, as far as that is possible.
    fn leave(self: Box<Self>);
}

/// A connection that stays open in both directions, as `git://` and ssh have it.
pub(super) struct Duplex<S> {
    stream: S,
}

impl<S: Read + Write + Send + 'static> Duplex<S> {
    pub(super) fn new(stream: S) -> Self {
        Duplex { stream }
    }

    fn send(&mut self, request: &[u8]) -> Result<(), FetchError> {
        self.stream
            .write_all(request)
            .and_then(|()| self.stream.flush())
            .map_err(FetchError::from_io)
    }
}

impl<S: Read + Write + Send + 'static> Connection for Duplex<S> {
    fn advertisement(&mut self) -> Result<Answer<'_>, FetchError> {
        Ok(Box::new(&mut self.stream))
    }

    fn ask(&mut self, request: &[u8]) -> Result<Answer<'_>, FetchError> {
        // A server that has ended may have said why, and that is worth more than a broken pipe.
        let sent = self.send(request);
        Ok(Box::new(AfterSending {
            stream: &mut self.stream,
            sent: sent.err(),
        }))
    }

    fn answers_end(&self) -> bool {
        false
    }

    fn ask_last(mut self: Box<Self>, request: &[u8]) -> Result<Answer<'static>, FetchError> {
        let sent = self.send(request);
        Ok(Box::new(AfterSending {
            stream: self.stream,
            sent: sent.err(),
        }))
    }

    fn leave(mut self: Box<Self>) {
        // A flush in place of a request is how clients say that they want nothing. Whether it
        // arrives matters to the server's log only.
        let _ = self.send(b"0000");
    }
}

/// An answer whose request may not have been sent: if nothing is to be read, that is why.
struct AfterSending<S> {
    stream: S,
    sent: Option<FetchError>,
}

impl<S: Read> Read for AfterSending<S> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let Some(failure) = self.sent.take() else {
            return self.stream.read(out);
        };
        match failure {
            FetchError::Remote(RemoteError::ConnectionLost { .. }) => match self.stream.read(out) {
                Ok(count) if count > 0 => {
                    self.sent = Some(failure);
                    Ok(count)
                }
                Err(error) if !is_loss(&error) => Err(error),
                _ => Err(failure.into_io()),
            },
            failure => Err(failure.into_io()),
        }
    }
}

fn is_loss(error: &io::Error) -> bool {
    matches!(
        RemoteError::find(error),
        None | Some(RemoteError::ConnectionLost { .. })
    )
}
