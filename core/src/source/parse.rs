//! From a text to a source.

use std::path::PathBuf;

use crate::error::Error;
use crate::remote::Credentials;
use crate::source::authority::{decode_user, host_and_port, login_name};
use crate::source::error::SourceError;
use crate::source::scp::{opening_bracket, scp};
use crate::source::{OtherSystem, RemoteUrl, Scheme, Source, percent};

/// Bytes of a source's text. Longer ones are no URLs, and no paths on any system.
const MAX_LEN: usize = 8192;

/// Which texts are sources.
///
/// ```
/// let parsed = gitlade::SourceOptions::default()
///     .allow_file_urls(true)
///     .parse("file:///srv/git/repo.git")?;
/// assert!(matches!(parsed.source, gitlade::Source::Local(_)));
/// # Ok::<(), gitlade::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct SourceOptions {
    /// Whether `file://` URLs are paths. Off by default: a service that takes URLs from strangers
    /// must not read its own disk.
    pub allow_file_urls: bool,
}

/// A source, and the credentials that stood in its URL.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ParsedSource {
    /// The source, without the credentials.
    pub source: Source,
    /// What stood before the `@` of an `https` or `http` URL, to be sent when the server asks.
    pub credentials: Option<Credentials>,
    pub(crate) has_password: bool,
}

impl SourceOptions {
    /// Sets [`allow_file_urls`](SourceOptions#structfield.allow_file_urls).
    pub fn allow_file_urls(mut self, allowed: bool) -> Self {
        self.allow_file_urls = allowed;
        self
    }

    /// Reads a path or a URL like [`Source::parse`], and hands over the credentials that stand in a
    /// URL. They are not kept in the source.
    ///
    /// # Errors
    ///
    /// As for [`Source::parse`].
    pub fn parse(&self, text: impl AsRef<[u8]>) -> Result<ParsedSource, Error> {
        Ok(parse(text.as_ref(), self)?)
    }
}

pub(crate) fn parse(text: &[u8], options: &SourceOptions) -> Result<ParsedSource, SourceError> {
    if text.is_empty() {
        return Err(SourceError::Empty);
    }
    if text.len() > MAX_LEN {
        return Err(SourceError::TooLong(MAX_LEN));
    }
    if text.contains(&0) {
        return Err(SourceError::ControlCharacter);
    }
    let trimmed = text.trim_ascii();
    match shape(trimmed) {
        Shape::Path if trimmed.starts_with(b"-") => Err(SourceError::OptionLike { what: "source" }),
        Shape::Path => local(text),
        _ if trimmed.iter().any(u8::is_ascii_control) || text.iter().any(u8::is_ascii_control) => {
            Err(SourceError::ControlCharacter)
        }
        _ if trimmed.len() != text.len() => Err(SourceError::Space),
        Shape::Helper => Err(SourceError::Helper),
        shape => {
            let text = std::str::from_utf8(text).map_err(|_| SourceError::NotUtf8)?;
            if text.chars().any(char::is_control) {
                return Err(SourceError::ControlCharacter);
            }
            match shape {
                Shape::Url { colon } => url(&text[..colon], &text[colon + 3..], options),
                _ => Ok(without_credentials(Source::Remote(scp(text)?))),
            }
        }
    }
}

/// What a text looks like, before anything in it is checked.
enum Shape {
    Path,
    Helper,
    Url { colon: usize },
    Scp,
}

/// Decides as Git's `url_is_local_not_ssh` and `is_url` do.
fn shape(text: &[u8]) -> Shape {
    let is_drive = matches!(text, [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic());
    if is_drive || text.starts_with(b"\\\\") {
        return Shape::Path;
    }
    let word = text
        .iter()
        .take_while(|b| !matches!(b, b':' | b'/' | b'@' | b'['))
        .count();
    let after = &text[word..];
    if word > 0 && after.starts_with(b"::") {
        return Shape::Helper;
    }
    let is_scheme = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'.' | b'-');
    if after.starts_with(b"://") && word > 0 && text[..word].iter().all(is_scheme) {
        return Shape::Url { colon: word };
    }
    let colon = match opening_bracket(text) {
        Some(open) => memchr::memmem::find(&text[open..], b"]:").map(|end| open + end),
        None => memchr::memchr(b':', text),
    };
    match (colon, memchr::memchr(b'/', text)) {
        (Some(colon), Some(slash)) if slash < colon => Shape::Path,
        (Some(_), _) => Shape::Scp,
        (None, _) => Shape::Path,
    }
}

#[cfg(unix)]
fn to_path(bytes: &[u8]) -> Result<PathBuf, SourceError> {
    use std::os::unix::ffi::OsStrExt;
    Ok(std::ffi::OsStr::from_bytes(bytes).into())
}

#[cfg(not(unix))]
fn to_path(bytes: &[u8]) -> Result<PathBuf, SourceError> {
    let text = std::str::from_utf8(bytes).map_err(|_| SourceError::NotUtf8)?;
    Ok(text.into())
}

fn local(path: &[u8]) -> Result<ParsedSource, SourceError> {
    Ok(without_credentials(Source::Local(to_path(path)?)))
}

fn without_credentials(source: Source) -> ParsedSource {
    ParsedSource {
        source,
        credentials: None,
        has_password: false,
    }
}

fn url(scheme: &str, rest: &str, options: &SourceOptions) -> Result<ParsedSource, SourceError> {
    if scheme.eq_ignore_ascii_case("file") {
        return file(rest, options);
    }
    if let Some(system) = OtherSystem::of_scheme(scheme) {
        return Err(SourceError::OtherSystem(system));
    }
    let Some(scheme) = Scheme::from_name(scheme) else {
        return Err(SourceError::UnknownScheme(scheme.to_ascii_lowercase()));
    };
    if rest.contains(' ') {
        return Err(SourceError::Space);
    }
    // Git knows no queries and fragments but in http.
    let ends: &[char] = if scheme.is_http() {
        &['/', '?', '#']
    } else {
        &['/']
    };
    let end = rest.find(ends).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.contains('\\') || (scheme.is_http() && path.contains('\\')) {
        return Err(SourceError::Backslash);
    }
    let (user_info, host_port) = match authority.split_once('@') {
        Some((user_info, host_port)) => (Some(user_info), host_port),
        None => (None, authority),
    };
    if host_port.contains('@') {
        return Err(SourceError::InvalidUser);
    }
    let (host, port) = host_and_port(host_port)?;
    let path = if scheme.is_http() {
        if let Some(end) = path.find(['?', '#']) {
            return Err(match OtherSystem::of_page(&host, &path[..end]) {
                Some(system) => SourceError::OtherSystem(system),
                None => SourceError::QueryOrFragment,
            });
        }
        percent::normalize(path)?
    } else {
        percent::encode(&percent::decode(path)?)
    };
    let (mut login, mut credentials, mut has_password) = (None, None, false);
    if let Some(user_info) = user_info {
        let (name, password) = match user_info.split_once(':') {
            Some((name, password)) => (name, Some(password)),
            None => (user_info, None),
        };
        let name = decode_user(name)?;
        match scheme {
            Scheme::Git => return Err(SourceError::UserInGit),
            Scheme::Ssh if password.is_some() => return Err(SourceError::PasswordInSsh),
            Scheme::Ssh => login = Some(login_name(name)?),
            Scheme::Https | Scheme::Http => {
                let password = password.map(decode_user).transpose()?.unwrap_or_default();
                has_password = !password.is_empty();
                if !name.is_empty() || !password.is_empty() {
                    credentials = Some(Credentials::password(name, password).when_asked());
                }
            }
        }
    }
    Ok(ParsedSource {
        source: Source::Remote(RemoteUrl::new(scheme, host, port, login, &path)?),
        credentials,
        has_password,
    })
}

fn file(rest: &str, options: &SourceOptions) -> Result<ParsedSource, SourceError> {
    if !options.allow_file_urls {
        return Err(SourceError::FileUrl);
    }
    let (host, path) = rest.split_at(rest.find('/').ok_or(SourceError::NoPath)?);
    if !host.is_empty() && !host.eq_ignore_ascii_case("localhost") {
        return Err(SourceError::FileHost);
    }
    let path = percent::decode(path)?;
    if path.contains(&0) {
        return Err(SourceError::ControlCharacter);
    }
    // file:///C:/x
    let path = match path.as_slice() {
        [b'/', drive @ ..] if matches!(drive, [a, b':', b'/', ..] if a.is_ascii_alphabetic()) => {
            drive
        }
        path => path,
    };
    local(path)
}
