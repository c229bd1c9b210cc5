//! The short form of an ssh remote: `user@host:path`.

use crate::printable::must_escape;
use crate::source::authority::{host_and_port, login_name};
use crate::source::error::SourceError;
use crate::source::{Host, RemoteUrl, Scheme, percent};

/// `host:path`, `[address]:path`, `[host:port]:path`, with `user@` before any of them, or inside of
/// the brackets.
pub(super) fn scp(text: &str) -> Result<RemoteUrl, SourceError> {
    let (user, host, port, path) = match opening_bracket(text.as_bytes()) {
        Some(open) => {
            let (inner, path) = text[open + 1..]
                .split_once("]:")
                .ok_or(SourceError::NoHost)?;
            let outer_user = text[..open].strip_suffix('@');
            let (user, inner) = match inner.split_once('@') {
                Some((user, inner)) if outer_user.is_none() => (Some(user), inner),
                _ => (outer_user, inner),
            };
            if inner.matches(':').count() > 1 {
                (user, Host::parse_v6(inner)?, None, path)
            } else {
                let (host, port) = host_and_port(inner)?;
                (user, host, port, path)
            }
        }
        None => {
            let (before, path) = text.split_once(':').ok_or(SourceError::NoHost)?;
            let (user, host) = match before.rsplit_once('@') {
                Some((user, host)) => (Some(user), host),
                None => (None, before),
            };
            (user, Host::parse(host)?, None, path)
        }
    };
    if let (None, None, Host::Name(name)) = (user, port, &host)
        && let Some(scheme) = ["https", "http", "ssh", "git", "file"]
            .into_iter()
            .find(|scheme| name == scheme)
    {
        return Err(SourceError::MissingSlashes(scheme));
    }
    if path.starts_with('-') {
        return Err(SourceError::OptionLike { what: "path" });
    }
    let path = path.trim_end_matches('/');
    if path.trim() != path {
        return Err(SourceError::Space);
    }
    if path.starts_with(':') {
        return Err(SourceError::Helper);
    }
    if path.contains('\\') {
        return Err(SourceError::Backslash);
    }
    // Such a path has no form with percent signs, and what must not be shown as it is could not be
    // read again from what is shown.
    if !path.starts_with('/') && path.chars().any(must_escape) {
        return Err(SourceError::ControlCharacter);
    }
    let login = user.map(|user| login_name(user.to_owned())).transpose()?;
    let path = percent::encode(path.as_bytes());
    RemoteUrl::new(Scheme::Ssh, host, port, login, &path)
}

/// Where the bracket of `[…]:path` or `user@[…]:path` opens; colons inside belong to the host.
pub(super) fn opening_bracket(text: &[u8]) -> Option<usize> {
    let open = memchr::memchr(b'[', text)?;
    let before = &text[..open];
    let is_host = before.is_empty() || before.ends_with(b"@");
    (is_host && !before.contains(&b':') && !before.contains(&b'/')).then_some(open)
}
