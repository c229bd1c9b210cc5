//! Why a text is not a source.

use std::borrow::Cow;

use crate::error::{ErrorKind, StageError};
use crate::source::OtherSystem;

/// Why a text names neither a path nor a remote. Never holds the text itself, which may hold a
/// password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum SourceError {
    #[error("the source is empty")]
    Empty,
    #[error("the source is longer than {0} bytes")]
    TooLong(usize),
    #[error("the source holds a control character")]
    ControlCharacter,
    #[error("the URL holds a space")]
    Space,
    #[error("the URL holds a backslash")]
    Backslash,
    #[error("the URL is not valid UTF-8")]
    NotUtf8,
    #[error("the {what} begins with a hyphen, as an option does")]
    OptionLike { what: &'static str },
    #[error("the source calls a remote helper (\"helper::address\")")]
    Helper,
    #[error("a file:// URL is not allowed here")]
    FileUrl,
    #[error("a file:// URL names another host")]
    FileHost,
    #[error("the scheme \"{0}\" is not supported")]
    UnknownScheme(String),
    #[error("this is a {0} repository")]
    OtherSystem(OtherSystem),
    #[error("after \"{0}:\" two slashes are missing")]
    MissingSlashes(&'static str),
    #[error("the URL names no host")]
    NoHost,
    #[error("the host is not valid: {reason}")]
    InvalidHost { reason: &'static str },
    #[error("the host is an IPv4 address in an unusual form")]
    OddAddress,
    #[error("the port is not a number from 1 to 65535")]
    InvalidPort,
    #[error("the URL names no repository")]
    NoPath,
    #[error("the URL has a query or a fragment")]
    QueryOrFragment,
    #[error("the path has a \".\" or \"..\" segment")]
    DotSegment,
    #[error("a percent sign is not followed by two hexadecimal digits")]
    InvalidPercent,
    #[error("the URL holds a password or token")]
    CredentialsInUrl,
    #[error("an ssh URL holds a password")]
    PasswordInSsh,
    #[error("a git:// URL has a user name")]
    UserInGit,
    #[error("the user name is not valid")]
    InvalidUser,
}

impl StageError for SourceError {
    fn kind(&self) -> ErrorKind {
        match self {
            SourceError::OtherSystem(_) => ErrorKind::OtherSystem,
            _ => ErrorKind::InvalidSource,
        }
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        Some(Cow::Borrowed(match self {
            SourceError::Empty => "give a path, or a URL such as https://github.com/owner/name",
            SourceError::TooLong(_) => "check what was pasted",
            SourceError::ControlCharacter => "remove line breaks and other control characters",
            SourceError::Space => "remove the space, or write it as %20",
            SourceError::Backslash => "use / in URLs",
            SourceError::NotUtf8 => "write other bytes as %NN",
            SourceError::OptionLike { .. } => "for a path that begins so, write ./ before it",
            SourceError::Helper => "use an https, http, ssh or git URL: helpers run programs",
            SourceError::FileUrl => "give the path without file://",
            SourceError::FileHost => "use file:///path, or the path alone",
            SourceError::UnknownScheme(_) => "use an https, http, ssh or git URL",
            SourceError::OtherSystem(system) => system.advice(),
            SourceError::MissingSlashes(_) => "write scheme://host/path",
            SourceError::NoHost => "write scheme://host/path",
            SourceError::InvalidHost { .. } => "check the host's spelling",
            SourceError::OddAddress => "write the address as four decimal numbers",
            SourceError::InvalidPort => "check the number after the host",
            SourceError::NoPath => "add the repository, as in https://github.com/owner/name",
            SourceError::QueryOrFragment => {
                "use the URL that the host shows for cloning, not that of a page"
            }
            SourceError::DotSegment => "write the path without such segments",
            SourceError::InvalidPercent => "write a percent sign itself as %25",
            SourceError::CredentialsInUrl => {
                "remove it from the URL and pass it as credentials; if the URL went through a log, \
                 revoke it"
            }
            SourceError::PasswordInSsh => "remove the password; ssh takes a key",
            SourceError::UserInGit => "remove the user name; git:// has no login",
            SourceError::InvalidUser => "check what stands before the @",
        }))
    }
}
