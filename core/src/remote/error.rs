//! What can go wrong between here and a server.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::remote::message::ServerText;
use crate::remote::policy::Denied;

/// A failure on the way to a server, or one that HTTP tells of, without the URL that it is about.
///
/// It is cheap to clone, because it travels through foreign readers inside of an [`io::Error`].
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum RemoteError {
    /// The policy does not allow it.
    #[error("the policy does not allow {0}")]
    NotAllowed(Denied),

    /// The name has no address.
    #[error("the host {host} was not found")]
    HostNotFound {
        /// The name that was looked up.
        host: String,
        /// What the operating system said.
        source: Option<Arc<io::Error>>,
    },

    /// The host answers, and nothing listens on the port.
    #[error("{host} port {port} refuses connections")]
    ConnectionRefused {
        /// The host's name or address.
        host: String,
        /// The port.
        port: u16,
    },

    /// No connection came about, for another reason.
    #[error("no connection to {host} port {port}")]
    ConnectionFailed {
        /// The host's name or address.
        host: String,
        /// The port.
        port: u16,
        /// What the operating system said.
        source: Arc<io::Error>,
    },

    /// The connection broke.
    #[error("the connection broke")]
    ConnectionLost {
        /// What the operating system said.
        source: Arc<io::Error>,
    },

    /// The server ended the connection too early.
    #[error("the server closed the connection before its answer was complete")]
    ConnectionClosed,

    /// No secure connection came about.
    #[error("no secure connection to {host}: {reason}")]
    Tls {
        /// The host's name or address.
        host: String,
        /// Why, in words for people.
        reason: String,
    },

    /// The server wants a certificate of the client.
    #[error("{host} {}", if *given { "refused the client certificate" } else { "asks for a client certificate" })]
    ClientCertificate {
        /// Who asks.
        host: String,
        /// Whether it was shown one.
        given: bool,
    },

    /// The other side, or the operation as a whole, took too long.
    #[error("{0}")]
    Timeout(Waited),

    /// The server wants credentials and there are none.
    #[error("{host} asks for credentials")]
    AuthenticationRequired {
        /// Who asks.
        host: String,
        /// Whether credentials were held back because a redirect led to another authority.
        after_redirect: bool,
    },

    /// The server refused the credentials.
    #[error("{host} refused the credentials{message}")]
    AuthenticationFailed {
        /// Who refused.
        host: String,
        /// What the server said.
        message: ServerText,
    },

    /// The credentials would have gone over the network in the clear.
    #[error("credentials are not sent to {host} over plain http")]
    CredentialsInClear {
        /// To whom.
        host: String,
    },

    /// A user name, password or token that cannot stand in an HTTP header.
    #[error("the credentials cannot be sent: {reason}")]
    InvalidCredentials {
        /// What is wrong, without the value.
        reason: &'static str,
    },

    /// The credentials are right and do not suffice.
    #[error("access is denied{message}")]
    AccessDenied {
        /// What the server said.
        message: ServerText,
    },

    /// The server has no such repository, or hides it from whoever asked.
    #[error("the repository was not found{message}")]
    RepositoryNotFound {
        /// Whether credentials had been sent.
        authenticated: bool,
        /// What the server said.
        message: ServerText,
    },

    /// What answers does not speak Git's protocol.
    #[error("not a Git server: {0}")]
    NotAGitServer(NotGit),

    /// The server failed.
    #[error("the server answered with status {status}{message}")]
    Server {
        /// The HTTP status.
        status: u16,
        /// What the server said.
        message: ServerText,
        /// When it asks to come back.
        retry_after: Option<Duration>,
    },

    /// The server asks to come back later.
    #[error("the server limits the rate of requests{message}")]
    RateLimited {
        /// When it asks to come back.
        retry_after: Option<Duration>,
        /// What the server said.
        message: ServerText,
    },

    /// The server broke the protocol.
    #[error("the server broke the protocol: {reason}")]
    Protocol {
        /// In which way.
        reason: String,
    },

    /// The server redirects in a way that is not followed.
    #[error("the redirect to {to} is not followed: {reason}")]
    Redirect {
        /// The redacted target.
        to: String,
        /// Why not.
        reason: &'static str,
    },

    /// The server redirects again and again.
    #[error("the server redirects more than {0} times")]
    TooManyRedirects(u32),

    /// The proxy refused or failed.
    #[error("the proxy {proxy} failed: {reason}")]
    Proxy {
        /// Its host and port.
        proxy: String,
        /// In which way.
        reason: String,
    },

    /// A cap was reached.
    #[error("the limit {name} of {limit} is exceeded")]
    Limit {
        /// The cap's name, as in `Limits::NAMES`.
        name: &'static str,
        /// Its value.
        limit: u64,
    },

    /// The host cancelled the work.
    #[error("the import was cancelled")]
    Cancelled,
}

/// What took too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Waited {
    /// Looking up the host's name.
    #[error("looking up the host's name took longer than {} s", .0.as_secs_f32())]
    Lookup(Duration),
    /// Connecting, to all addresses together.
    #[error("connecting took longer than {} s", .0.as_secs_f32())]
    Connect(Duration),
    /// Not a byte moved.
    #[error("the server was silent for {} s", .0.as_secs_f32())]
    Stall(Duration),
    /// Too few bytes moved.
    #[error("the server sent less than {rate} bytes per second over {} s", .window.as_secs_f32())]
    Slow {
        /// Bytes per second that were expected.
        rate: u64,
        /// The time over which it was measured.
        window: Duration,
    },
    /// The operation's own deadline.
    #[error("the import took longer than {} s", .0.as_secs_f32())]
    Deadline(Duration),
}

/// How it showed that no Git server is there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum NotGit {
    /// A web page.
    #[error("it answers with a web page")]
    WebPage,
    /// A static copy of a repository (Git's "dumb" protocol), which has no depth and no protocol.
    #[error("it serves the repository as static files only (the \"dumb\" protocol)")]
    DumbHttp,
    /// Another content type.
    #[error("it answers with the content type {0}")]
    ContentType(String),
    /// No content type.
    #[error("it answers without a content type")]
    NoContentType,
    /// A redirect to somewhere else.
    #[error("it redirects to {0}, which is no repository")]
    Elsewhere(String),
    /// A status that no Git server sends here.
    #[error("it answers with status {0}")]
    Status(u16),
}

impl RemoteError {
    /// Whether the same request may succeed a little later: refused, broken, overloaded.
    ///
    /// Only for failures before the pack begins; who has consumed a part of it must not try again.
    pub(crate) fn is_transient(&self) -> bool {
        match self {
            RemoteError::ConnectionRefused { .. }
            | RemoteError::ConnectionFailed { .. }
            | RemoteError::ConnectionLost { .. }
            | RemoteError::ConnectionClosed
            | RemoteError::RateLimited { .. }
            | RemoteError::Timeout(Waited::Connect(_) | Waited::Lookup(_)) => true,
            RemoteError::Server { status, .. } => {
                matches!(status, 502 | 503 | 504 | 520..=524)
            }
            _ => false,
        }
    }

    /// How long the server asks to wait before the next attempt.
    pub(crate) fn retry_after(&self) -> Option<Duration> {
        match self {
            RemoteError::RateLimited { retry_after, .. }
            | RemoteError::Server { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    /// Makes it an [`io::Error`], to pass through a reader.
    pub(crate) fn into_io(self) -> io::Error {
        let kind = match &self {
            RemoteError::Timeout(_) => io::ErrorKind::TimedOut,
            RemoteError::ConnectionClosed => io::ErrorKind::UnexpectedEof,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, self)
    }

    /// Finds the failure inside of `error`, however often it was wrapped.
    pub(crate) fn find(error: &(dyn std::error::Error + 'static)) -> Option<RemoteError> {
        // Bounded, because what wraps what is not ours to say.
        let mut waiting = vec![error];
        for _ in 0..64 {
            let error = waiting.pop()?;
            if let Some(found) = error.downcast_ref::<RemoteError>() {
                return Some(found.clone());
            }
            if let Some(inner) = error.downcast_ref().and_then(io::Error::get_ref) {
                waiting.push(inner);
            } else if let Some(cause) = error.source() {
                waiting.push(cause);
            }
        }
        None
    }

    /// Takes the failure out of an error that a connection ended in.
    pub(crate) fn from_io(error: io::Error) -> RemoteError {
        if let Some(found) = Self::find(&error) {
            return found;
        }
        match error.kind() {
            io::ErrorKind::UnexpectedEof => RemoteError::ConnectionClosed,
            _ => RemoteError::ConnectionLost {
                source: Arc::new(error),
            },
        }
    }
}
