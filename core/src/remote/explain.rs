//! What a failure means to the host, and what to do about it.

use std::borrow::Cow;

use crate::error::{ErrorKind, StageError};
use crate::remote::error::{NotGit, RemoteError, Waited};

impl StageError for RemoteError {
    fn kind(&self) -> ErrorKind {
        match self {
            RemoteError::NotAllowed(_)
            | RemoteError::CredentialsInClear { .. }
            | RemoteError::Redirect { .. } => ErrorKind::NotAllowed,
            RemoteError::HostNotFound { .. } => ErrorKind::HostNotFound,
            RemoteError::ConnectionRefused { .. }
            | RemoteError::ConnectionFailed { .. }
            | RemoteError::ConnectionLost { .. }
            | RemoteError::ConnectionClosed => ErrorKind::ConnectionFailed,
            RemoteError::Tls { .. } => ErrorKind::Tls,
            RemoteError::Timeout(_) => ErrorKind::Timeout,
            RemoteError::AuthenticationRequired { .. }
            | RemoteError::ClientCertificate { given: false, .. } => {
                ErrorKind::AuthenticationRequired
            }
            RemoteError::AuthenticationFailed { .. }
            | RemoteError::ClientCertificate { given: true, .. } => ErrorKind::AuthenticationFailed,
            RemoteError::InvalidCredentials { .. } => ErrorKind::InvalidOptions,
            RemoteError::AccessDenied { .. } => ErrorKind::AccessDenied,
            RemoteError::RepositoryNotFound { .. } => ErrorKind::RepositoryNotFound,
            RemoteError::NotAGitServer(_) => ErrorKind::NotAGitServer,
            RemoteError::Server { .. } => ErrorKind::Server,
            RemoteError::RateLimited { .. } => ErrorKind::RateLimited,
            RemoteError::Protocol { .. } | RemoteError::TooManyRedirects(_) => ErrorKind::Protocol,
            RemoteError::Proxy { .. } => ErrorKind::Proxy,
            RemoteError::Limit { .. } => ErrorKind::LimitExceeded,
            RemoteError::Cancelled => ErrorKind::Cancelled,
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        let advice = match self {
            RemoteError::NotAllowed(denied) => denied.advice(),
            RemoteError::HostNotFound { .. } => "check the spelling of the host and the network",
            RemoteError::ConnectionRefused { .. } => {
                "check the host and the port, and whether the server runs"
            }
            RemoteError::ConnectionFailed { .. } => "check the network, or set a proxy",
            RemoteError::ConnectionLost { .. } | RemoteError::ConnectionClosed => {
                "try again; if it happens again, ask who runs the server or the proxy on the way"
            }
            RemoteError::Tls { .. } => {
                "check the clock and the host; for a server with a certificate of its own \
                 authority, add that authority's certificate"
            }
            RemoteError::Timeout(Waited::Deadline(_)) => "give the import more time",
            RemoteError::Timeout(_) => "try again, or raise the timeout",
            RemoteError::AuthenticationRequired {
                after_redirect: true,
                ..
            } => {
                "credentials are not sent along to another host; \
                 import from the URL that the server redirects to"
            }
            RemoteError::AuthenticationRequired { .. } => {
                "give a token that may read the repository; if it is a public one, check the URL"
            }
            RemoteError::AuthenticationFailed { .. } => {
                "check that the token or password is complete, has not expired and is for this host"
            }
            RemoteError::ClientCertificate { given: false, .. } => {
                "give the certificate and the key that this host has issued to you"
            }
            RemoteError::ClientCertificate { given: true, .. } => {
                "check that the certificate is for this host, complete with its chain, and has not \
                 expired"
            }
            RemoteError::CredentialsInClear { .. } => {
                "use https, or allow credentials over plain http if the network is trusted"
            }
            RemoteError::InvalidCredentials { .. } => "check the token, user name and password",
            RemoteError::AccessDenied { .. } => {
                "give a token that may read this repository, and authorise it for the \
                 organisation's single sign-on if there is one"
            }
            RemoteError::RepositoryNotFound {
                authenticated: false,
                ..
            } => {
                "check the URL; if the repository is private, give credentials: \
                 servers hide private repositories"
            }
            RemoteError::RepositoryNotFound { .. } => {
                "check the URL, and that these credentials have access: \
                 servers hide repositories from those who have none"
            }
            RemoteError::NotAGitServer(NotGit::DumbHttp) => {
                "clone the repository with git and import the clone"
            }
            RemoteError::NotAGitServer(_) => {
                "use the URL that the host shows for cloning, not that of a page"
            }
            RemoteError::Server { .. } => "try again later, or ask who runs the server",
            RemoteError::RateLimited {
                retry_after: Some(after),
                ..
            } => {
                return Some(Cow::Owned(format!(
                    "try again in {} s; with credentials the limit is usually higher",
                    after.as_secs()
                )));
            }
            RemoteError::RateLimited { .. } => {
                "try again later; with credentials the limit is usually higher"
            }
            RemoteError::Redirect { .. } | RemoteError::TooManyRedirects(_) => {
                "use the URL that the server redirects to, if it is trusted"
            }
            RemoteError::Proxy { .. } => "check the proxy's address and credentials",
            RemoteError::Limit { name, .. } => {
                return Some(Cow::Owned(format!(
                    "if the server is trusted, raise the limit {name}"
                )));
            }
            RemoteError::Protocol { .. } | RemoteError::Cancelled => return None,
        };
        Some(Cow::Borrowed(advice))
    }

    fn limit(&self) -> Option<&'static str> {
        match self {
            RemoteError::Limit { name, .. } => Some(name),
            _ => None,
        }
    }
}
