//! What a server says in words, cleaned and understood.
//!
//! Git's protocol has no error codes: a server that refuses sends an `ERR` line, text in side-band
//! 3, or, over ssh, lines on standard error. What they mean is told from their words, as the large
//! hosts and Git itself write them.

use crate::remote::ServerText;

/// Bytes of a message that are looked at; what is said in more is not an error message.
const MAX_BYTES: usize = 4_096;

/// What a server's refusal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    RepositoryNotFound,
    AccessDenied,
    AuthenticationFailed,
    RevisionNotFound,
    RateLimited,
    /// The server is not able to right now.
    Unavailable,
    /// Anything else.
    Failure,
}

/// Words that only appear in messages of one meaning, the more specific ones first: a message
/// such as "access denied or repository not exported" has to be taken for what its author meant.
const WORDS: &[(&str, Refusal)] = &[
    ("not our ref", Refusal::RevisionNotFound),
    ("unadvertised object", Refusal::RevisionNotFound),
    ("unknown ref", Refusal::RevisionNotFound),
    ("no such ref", Refusal::RevisionNotFound),
    ("rate limit", Refusal::RateLimited),
    ("rate-limit", Refusal::RateLimited),
    ("too many requests", Refusal::RateLimited),
    ("repository not exported", Refusal::RepositoryNotFound),
    (
        "does not appear to be a git repo",
        Refusal::RepositoryNotFound,
    ),
    ("not a git repository", Refusal::RepositoryNotFound),
    ("no such repository", Refusal::RepositoryNotFound),
    ("repository not found", Refusal::RepositoryNotFound),
    ("repository does not exist", Refusal::RepositoryNotFound),
    (
        "project you were looking for could not be found",
        Refusal::RepositoryNotFound,
    ),
    (
        "could not be found or you don't have permission",
        Refusal::RepositoryNotFound,
    ),
    ("project not found", Refusal::RepositoryNotFound),
    ("no such file or directory", Refusal::RepositoryNotFound),
    ("authentication failed", Refusal::AuthenticationFailed),
    ("authentication required", Refusal::AuthenticationFailed),
    ("invalid credentials", Refusal::AuthenticationFailed),
    ("invalid username or", Refusal::AuthenticationFailed),
    ("bad credentials", Refusal::AuthenticationFailed),
    ("token is invalid", Refusal::AuthenticationFailed),
    ("token has expired", Refusal::AuthenticationFailed),
    ("permission denied", Refusal::AccessDenied),
    ("permission to", Refusal::AccessDenied),
    ("access denied", Refusal::AccessDenied),
    ("access forbidden", Refusal::AccessDenied),
    ("not allowed to", Refusal::AccessDenied),
    ("not authorized", Refusal::AccessDenied),
    ("not permitted", Refusal::AccessDenied),
    ("saml sso", Refusal::AccessDenied),
    ("try again", Refusal::Unavailable),
    ("temporarily", Refusal::Unavailable),
    ("service unavailable", Refusal::Unavailable),
    ("overloaded", Refusal::Unavailable),
];

/// Tells what a refusal is about.
pub(super) fn classify(message: &[u8]) -> Refusal {
    let message = &message[..message.len().min(MAX_BYTES)];
    let message = String::from_utf8_lossy(message).to_ascii_lowercase();
    WORDS
        .iter()
        .find(|(words, _)| message.contains(words))
        .map_or(Refusal::Failure, |&(_, refusal)| refusal)
}

/// Makes a server's text fit to be shown, without the prefixes that programs put before errors.
pub(super) fn clean(message: &[u8]) -> ServerText {
    let message = &message[..message.len().min(MAX_BYTES)];
    let mut words = Vec::new();
    for line in message.split(|&byte| matches!(byte, b'\n' | b'\r')) {
        let line = strip_prefixes(line.trim_ascii());
        if line.iter().all(|byte| b"=-* ".contains(byte)) {
            continue;
        }
        words.extend_from_slice(line);
        words.push(b' ');
    }
    ServerText::new(&words)
}

fn strip_prefixes(mut line: &[u8]) -> &[u8] {
    const PREFIXES: &[&[u8]] = &[
        b"remote:",
        b"fatal:",
        b"error:",
        b"ERROR:",
        b"FATAL:",
        b"upload-pack:",
        b"git-upload-pack:",
    ];
    while let Some(rest) = PREFIXES
        .iter()
        .find_map(|prefix| line.strip_prefix(*prefix))
    {
        line = rest.trim_ascii_start();
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Messages as these servers send them.
    #[test]
    fn refusals_of_known_servers_are_understood() {
        for (message, expected) in [
            ("upload-pack: not our ref 1234", Refusal::RevisionNotFound),
            (
                "Server does not allow request for unadvertised object 12",
                Refusal::RevisionNotFound,
            ),
            (
                "access denied or repository not exported: /x.git",
                Refusal::RepositoryNotFound,
            ),
            (
                "ERROR: Repository not found.\n",
                Refusal::RepositoryNotFound,
            ),
            (
                "remote: The project you were looking for could not be found or you don't have permission to view it.",
                Refusal::RepositoryNotFound,
            ),
            (
                "fatal: '/srv/x' does not appear to be a git repository",
                Refusal::RepositoryNotFound,
            ),
            (
                "ERROR: Permission to a/b.git denied to c.",
                Refusal::AccessDenied,
            ),
            (
                "You are not allowed to download code from this project.",
                Refusal::AccessDenied,
            ),
            (
                "You have exceeded a secondary rate limit",
                Refusal::RateLimited,
            ),
            (
                "Invalid username or token. Password authentication is not supported",
                Refusal::AuthenticationFailed,
            ),
            (
                "upload-pack: git-pack-objects died with error",
                Refusal::Failure,
            ),
            ("", Refusal::Failure),
        ] {
            assert_eq!(classify(message.as_bytes()), expected, "{message}");
        }
    }

    #[test]
    fn prefixes_and_rulers_are_left_out() {
        let message = b"remote: \nremote: ========\nremote: ERROR: a\x1b[31m b\tc\r\nremote: d\n";
        assert_eq!(clean(message).to_text(), "a[31m b c d");
        assert_eq!(clean(b"fatal:").to_text(), "");
    }
}
