//! What can go wrong while Git's protocol is spoken.

use std::borrow::Cow;
use std::io;
use std::time::Duration;

use super::server_message::{Refusal, classify, clean};
use super::ssh::SshError;
use crate::error::{Error, ErrorKind, LimitError, StageError};
use crate::remote::error::NotGit;
use crate::remote::redact::Redactor;
use crate::remote::{RemoteError, ServerText};
use crate::source::OtherSystem;

/// A failure of the protocol, without the URL; [`FetchError::at`] adds it.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// The connection, or what HTTP says about it.
    #[error(transparent)]
    Remote(#[from] RemoteError),

    /// A cap was reached.
    #[error(transparent)]
    Limit(#[from] LimitError),

    /// Options that cannot be used.
    #[error("{0}")]
    Options(Error),

    /// OpenSSH, or what it met.
    #[error(transparent)]
    Ssh(#[from] SshError),

    /// The connection ended where an answer may not end.
    #[error("the server closed the connection {stage}")]
    Ended {
        /// What the server was doing: "while it announced its refs".
        stage: &'static str,
    },

    /// The server shows that it is alive, and nothing comes of it.
    #[error("the server sent messages and no part of the pack for {} s", .0.as_secs_f32())]
    NoPack(Duration),

    /// The first bytes are no pkt-line.
    #[error("not a Git server: it answers with something else{begin}")]
    NotGit {
        /// What came instead.
        begin: ServerText,
    },

    /// Another version control system answers.
    #[error("this is a {} repository", .0.name())]
    OtherSystem(OtherSystem),

    /// The server's bytes do not follow the protocol.
    #[error("the server broke the protocol {stage}: {what}{found}")]
    Malformed {
        /// What the server was doing.
        stage: &'static str,
        /// What is wrong.
        what: &'static str,
        /// The bytes that are wrong.
        found: ServerText,
    },

    /// The server said in words that it will not.
    #[error("the server refused{message}")]
    Refused {
        /// What it is about, as far as the words tell.
        refusal: Refusal,
        /// The server's words.
        message: ServerText,
    },

    /// The server names its objects in a way that is not supported.
    #[error("the server uses an object format that is not supported{format}")]
    ObjectFormat {
        /// The name that it gave.
        format: ServerText,
    },

    /// The text cannot be a revision of a remote repository.
    #[error("\"{revision}\" {reason}")]
    InvalidRevision {
        /// The text, cleaned.
        revision: String,
        /// Why not.
        reason: &'static str,
    },

    /// The revision goes back further than what is asked for.
    #[error(
        "\"{revision}\" is an expression, which servers do not resolve, and a depth of {depth} does \
         not reach it"
    )]
    BeyondDepth {
        /// The text, cleaned.
        revision: String,
        /// Generations of commits that are asked for.
        depth: u32,
        /// Generations that would reach it.
        needed: u32,
    },

    /// No branch, tag or other ref has the name.
    #[error("the repository has no branch, tag or ref called \"{revision}\"")]
    RefNotFound {
        /// The name, cleaned.
        revision: String,
        /// Names that look similar.
        near: Vec<String>,
        /// The branch that `HEAD` names.
        default_branch: Option<String>,
        /// Whether it could be the beginning of a commit id.
        abbreviation: bool,
    },

    /// The server does not hand out the object.
    #[error("the server does not hand out the object {id}")]
    IdNotFound {
        /// The full id.
        id: String,
        /// Whether only what refs point to is handed out.
        tips_only: bool,
    },

    /// `HEAD` names a branch without commits while the repository has others.
    #[error("HEAD names a branch that has no commit yet")]
    UnbornHead {
        /// Some of the branches that there are.
        branches: Vec<String>,
    },
}

impl FetchError {
    /// Makes an error of the words that a server refused with.
    pub(super) fn refused(words: &[u8]) -> Self {
        let message = clean(words);
        match classify(words) {
            // Whether credentials were sent is not known here; the advice for both is to check them.
            Refusal::RepositoryNotFound => RemoteError::RepositoryNotFound {
                authenticated: true,
                message,
            }
            .into(),
            Refusal::AccessDenied => RemoteError::AccessDenied { message }.into(),
            Refusal::RateLimited => RemoteError::RateLimited {
                retry_after: None,
                message,
            }
            .into(),
            refusal => FetchError::Refused { refusal, message },
        }
    }

    /// Makes an error of bytes that do not follow the protocol.
    pub(super) fn malformed(stage: &'static str, what: &'static str, found: &[u8]) -> Self {
        FetchError::Malformed {
            stage,
            what,
            found: ServerText::new(found),
        }
    }

    /// Takes the failure out of an error that a connection ended in.
    pub(super) fn from_io(error: io::Error) -> Self {
        match error.downcast::<FetchError>() {
            Ok(failure) => failure,
            Err(error) => RemoteError::from_io(error).into(),
        }
    }

    /// Makes it an [`io::Error`], to pass through a reader.
    pub(super) fn into_io(self) -> io::Error {
        io::Error::other(self)
    }

    /// Whether the same request may succeed a little later.
    pub(super) fn is_transient(&self) -> bool {
        match self {
            FetchError::Remote(error) => error.is_transient(),
            FetchError::Ended { .. } => true,
            FetchError::Refused { refusal, .. } => *refusal == Refusal::Unavailable,
            _ => false,
        }
    }

    /// Whether another version control system may be what answers so: Subversion says 404 to the
    /// question for refs, Mercurial 400, and others send a page.
    pub(crate) fn may_be_other_system(&self) -> bool {
        match self {
            FetchError::Remote(RemoteError::NotAGitServer(reason)) => *reason != NotGit::DumbHttp,
            FetchError::Remote(RemoteError::Server { status, .. }) => {
                !matches!(status, 502..=504 | 520..=524)
            }
            FetchError::Remote(RemoteError::RepositoryNotFound { .. }) => true,
            _ => false,
        }
    }

    /// How long the server asks to wait before the next attempt.
    pub(super) fn retry_after(&self) -> Option<Duration> {
        match self {
            FetchError::Remote(error) => error.retry_after(),
            _ => None,
        }
    }

    /// Names the remote that it is about, and takes out what a server has said back of the secrets
    /// that it was sent. `url` must be redacted already.
    pub(super) fn at(self, url: &str, redactor: &Redactor) -> Error {
        let error = match self {
            // It is about no remote.
            FetchError::Options(error) => return error,
            error => error.redacted(redactor),
        };
        Located {
            url: url.to_owned(),
            text: redactor.clean(&error.to_string()),
            advice: error.advice().map(|advice| redactor.clean(&advice).into()),
            kind: error.kind(),
            limit: error.limit(),
            source: error.into_source(),
        }
        .into()
    }

    /// Takes secrets out of the server's texts while they are whole: once they are cut to be shown,
    /// a part of a secret would not be found.
    fn redacted(mut self, redactor: &Redactor) -> Self {
        let text = match &mut self {
            FetchError::NotGit { begin: text }
            | FetchError::Malformed { found: text, .. }
            | FetchError::ObjectFormat { format: text }
            | FetchError::Refused { message: text, .. }
            | FetchError::Ssh(
                SshError::KeyRefused { message: text, .. }
                | SshError::NoCommonMethod { message: text, .. }
                | SshError::NoGit { message: text },
            )
            | FetchError::Remote(
                RemoteError::RepositoryNotFound { message: text, .. }
                | RemoteError::AccessDenied { message: text }
                | RemoteError::RateLimited { message: text, .. },
            ) => text,
            _ => return self,
        };
        *text = std::mem::take(text).redacted(redactor);
        self
    }

    /// The operating system's error beneath it, which holds nothing that a server has said.
    fn into_source(self) -> Option<io::Error> {
        match self {
            FetchError::Ssh(SshError::Program { source, .. }) => Some(source),
            FetchError::Remote(
                RemoteError::ConnectionFailed { source, .. }
                | RemoteError::ConnectionLost { source },
            ) => source.raw_os_error().map(io::Error::from_raw_os_error),
            _ => None,
        }
    }
}

/// A [`FetchError`] as it leaves the library: words, since what it holds may not be shown as it is.
#[derive(Debug, thiserror::Error)]
#[error("{text}")]
struct Located {
    kind: ErrorKind,
    text: String,
    advice: Option<Cow<'static, str>>,
    url: String,
    limit: Option<&'static str>,
    source: Option<io::Error>,
}

impl StageError for Located {
    fn kind(&self) -> ErrorKind {
        self.kind
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        self.advice.clone()
    }

    fn url(&self) -> Option<&str> {
        Some(&self.url)
    }

    fn limit(&self) -> Option<&'static str> {
        self.limit
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::Credentials;

    /// A server that repeats what it was sent, at a place where the message is cut when it is shown.
    #[test]
    fn secrets_that_a_server_repeats_do_not_leave() {
        const SECRET: &str = "ghp_canary0123456789";
        let redactor = Redactor::default();
        redactor.remember(&Credentials::token(SECRET));
        let echo = |before: usize| format!("{}{SECRET} {SECRET}", "x".repeat(before));
        for before in [0, 190, 195] {
            let text = echo(before);
            let bytes = text.as_bytes();
            for failure in [
                FetchError::refused(bytes),
                FetchError::refused(&[b"repository not found ", bytes].concat()),
                FetchError::refused(&[b"access denied ", bytes].concat()),
                FetchError::refused(&[b"rate limit ", bytes].concat()),
                FetchError::malformed("now", "no ref", bytes),
                FetchError::NotGit {
                    begin: ServerText::new(bytes),
                },
                FetchError::ObjectFormat {
                    format: ServerText::new(bytes),
                },
                FetchError::RefNotFound {
                    revision: "x".to_owned(),
                    near: vec![text.clone()],
                    default_branch: Some(text.clone()),
                    abbreviation: true,
                },
                FetchError::UnbornHead {
                    branches: vec![text.clone()],
                },
            ] {
                let error = failure.at("https://example.com/a", &redactor);
                let shown = format!("{error} {error:?} {:?}", error.advice());
                assert!(!shown.contains("ghp_"), "{shown}");
            }
        }
    }
}
