//! What OpenSSH says on standard error, understood.

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use crate::error::{ErrorKind, StageError};
use crate::remote::fetch::error::FetchError;
use crate::remote::fetch::server_message::clean;
use crate::remote::{Endpoint, RemoteError, ServerText, Timeouts, Waited};

/// Why no connection came about through OpenSSH.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SshError {
    /// Something that cannot be written on its command line.
    #[error("ssh cannot be told {what}")]
    Invalid {
        /// What it is.
        what: &'static str,
    },
    /// There is a proxy, which ssh would go past.
    #[error("an ssh URL cannot be reached through the proxy")]
    Proxy,
    /// The program did not start.
    #[error("the program \"{program}\" cannot be started")]
    Program {
        /// What was to be started.
        program: String,
        /// What the operating system said.
        source: io::Error,
    },
    /// Nobody knows the server's key.
    #[error("the key of {host} is not known")]
    HostKeyUnknown {
        /// Whose key.
        host: String,
    },
    /// The server's key is another than the known one.
    #[error("the key of {host} is not the known one: somebody may be listening in")]
    HostKeyChanged {
        /// Whose key.
        host: String,
    },
    /// Client and server have no method in common.
    #[error("no secure connection to {host}{message}")]
    NoCommonMethod {
        /// With whom.
        host: String,
        /// What ssh said.
        message: ServerText,
    },
    /// The server accepts none of the keys.
    #[error("{host} refused the ssh key{message}")]
    KeyRefused {
        /// Who refused.
        host: String,
        /// What ssh said.
        message: ServerText,
    },
    /// The other side has no Git.
    #[error("not a Git server{message}")]
    NoGit {
        /// What its shell said.
        message: ServerText,
    },
}

impl StageError for SshError {
    fn kind(&self) -> ErrorKind {
        match self {
            SshError::Invalid { .. } | SshError::Proxy | SshError::Program { .. } => {
                ErrorKind::InvalidOptions
            }
            SshError::HostKeyUnknown { .. }
            | SshError::HostKeyChanged { .. }
            | SshError::NoCommonMethod { .. } => ErrorKind::Tls,
            SshError::KeyRefused { .. } => ErrorKind::AuthenticationFailed,
            SshError::NoGit { .. } => ErrorKind::NotAGitServer,
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self {
            SshError::Invalid { .. } => return None,
            SshError::Proxy => {
                "use the https URL of the repository, or let OpenSSH use its own configuration, in \
                 which a proxy can be named"
            }
            SshError::Program { .. } => "install OpenSSH, name its program, or import over https",
            SshError::HostKeyUnknown { .. } => {
                "compare the server's key with the one that its owner publishes, and add it to the \
                 known hosts, or accept the keys of new servers"
            }
            SshError::HostKeyChanged { .. } => {
                "ask the server's owner whether its key was changed, before the known one is removed"
            }
            SshError::NoCommonMethod { .. } => "use a newer OpenSSH on the older side",
            SshError::KeyRefused { .. } => {
                "check that the key is the right one, is readable, needs no passphrase (or is in an \
                 agent), and is registered with the server"
            }
            SshError::NoGit { .. } => "check the URL, and that Git is installed on the server",
        }))
    }
}

/// Tells from what stood on standard error why there is no connection, or no answer. `None` if
/// nothing did.
///
/// ssh itself fails with status 255; any other is that of the command on the other side.
pub(super) fn explain(
    endpoint: &Endpoint,
    timeouts: &Timeouts,
    status: Option<i32>,
    text: &[u8],
) -> Option<FetchError> {
    let text = &without_tags(text);
    let host = || endpoint.host.to_bare_string();
    let lower = text.to_ascii_lowercase();
    let says = |words: &str| memchr::memmem::find(&lower, words.as_bytes()).is_some();
    let message = clean(text);

    if says("remote host identification has changed") {
        return Some(SshError::HostKeyChanged { host: host() }.into());
    }
    if says("host key verification failed") {
        return Some(SshError::HostKeyUnknown { host: host() }.into());
    }
    if status == Some(255) {
        if says("permission denied") || says("too many authentication failures") {
            return Some(
                SshError::KeyRefused {
                    host: host(),
                    message,
                }
                .into(),
            );
        }
        if says("no matching") || says("protocol major versions differ") {
            return Some(
                SshError::NoCommonMethod {
                    host: host(),
                    message,
                }
                .into(),
            );
        }
        let (host, port) = (host(), endpoint.port);
        if says("could not resolve hostname") {
            return Some(RemoteError::HostNotFound { host, source: None }.into());
        }
        if says("connection refused") {
            return Some(RemoteError::ConnectionRefused { host, port }.into());
        }
        let source = Arc::new(io::Error::other(message.to_text()));
        if says("timed out") {
            return Some(RemoteError::Timeout(Waited::Connect(timeouts.connect)).into());
        }
        if says("not responding") {
            return Some(RemoteError::Timeout(Waited::Stall(timeouts.stall)).into());
        }
        if says("connection closed") || says("connection reset") || says("broken pipe") {
            return Some(RemoteError::ConnectionLost { source }.into());
        }
        return Some(RemoteError::ConnectionFailed { host, port, source }.into());
    }
    if status == Some(127) || says("command not found") || says("git-upload-pack: not found") {
        return Some(SshError::NoGit { message }.into());
    }
    if message.to_text().is_empty() {
        return None;
    }
    Some(FetchError::refused(text))
}

/// Takes off what stands before a message that was asked for by where it is in OpenSSH's source:
/// `packet.c:sshpkt_vfatal():1931 (pid=7): Connection closed`.
fn without_tags(text: &[u8]) -> Vec<u8> {
    let lines = text.split_inclusive(|&byte| byte == b'\n').map(|line| {
        let end = memchr::memmem::find(line, b"): ").map(|at| at + b"): ".len());
        match end {
            Some(end) if line.starts_with(b"packet.c:") => &line[end..],
            _ => line,
        }
    });
    lines.collect::<Vec<_>>().concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{Host, Scheme};

    /// Messages of OpenSSH 9 and of hosts, each with the exit status that came with it.
    #[test]
    fn messages_of_openssh_and_of_hosts_are_understood() {
        let endpoint = Endpoint {
            scheme: Scheme::Ssh,
            host: Host::parse("example.com").expect("because it is valid"),
            port: 22,
        };
        for (status, text, kind) in [
            (
                255,
                "No ED25519 host key is known for example.com and you have requested strict checking.\r\nHost key verification failed.\r\n",
                ErrorKind::Tls,
            ),
            (
                255,
                "@@@@@@@@@\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\r\nHost key verification failed.\r\n",
                ErrorKind::Tls,
            ),
            (
                255,
                "git@example.com: Permission denied (publickey).\r\n",
                ErrorKind::AuthenticationFailed,
            ),
            (
                255,
                "Received disconnect from 192.0.2.1 port 22:2: Too many authentication failures\r\n",
                ErrorKind::AuthenticationFailed,
            ),
            (
                255,
                "ssh: connect to host example.com port 22: Connection refused\r\n",
                ErrorKind::ConnectionFailed,
            ),
            (
                255,
                "ssh: Could not resolve hostname example.com: Name or service not known\r\n",
                ErrorKind::HostNotFound,
            ),
            (
                255,
                "Connection closed by 192.0.2.1 port 22\r\n",
                ErrorKind::ConnectionFailed,
            ),
            (
                255,
                "Unable to negotiate with 192.0.2.1 port 22: no matching host key type found. Their offer: ssh-rsa\r\n",
                ErrorKind::Tls,
            ),
            (
                255,
                "Connection timed out during banner exchange\r\nConnection to 192.0.2.1 port 22 timed out\r\n",
                ErrorKind::Timeout,
            ),
            (
                255,
                "Timeout, server example.com not responding.\r\n",
                ErrorKind::Timeout,
            ),
            (
                255,
                "packet.c:sshpkt_vfatal():1931 (pid=7): Unable to negotiate with 192.0.2.1 port 22: no matching cipher found. Their offer: aes128-cbc\r\n",
                ErrorKind::Tls,
            ),
            (
                255,
                "Protocol major versions differ: 2 vs. 1\r\n",
                ErrorKind::Tls,
            ),
            (
                1,
                "ERROR: Repository not found.\n",
                ErrorKind::RepositoryNotFound,
            ),
            (
                128,
                "fatal: '/x.git' does not appear to be a git repository\n",
                ErrorKind::RepositoryNotFound,
            ),
            (
                127,
                "sh: 1: git-upload-pack: not found\n",
                ErrorKind::NotAGitServer,
            ),
            (
                1,
                "This account is currently not available.\n",
                ErrorKind::Server,
            ),
        ] {
            let timeouts = Timeouts::default();
            let error = explain(&endpoint, &timeouts, Some(status), text.as_bytes()).expect(text);
            assert_eq!(error.kind(), kind, "{text}");
            assert!(!error.to_string().contains("packet.c"), "{error}");
        }
        assert!(explain(&endpoint, &Timeouts::default(), Some(0), b"").is_none());
    }
}
