//! What stands between the slashes and the path: user, host, port.

use crate::source::error::SourceError;
use crate::source::{Host, percent};

/// Reads `host`, `host:port`, `[address]` or `[address]:port`.
pub(crate) fn host_and_port(text: &str) -> Result<(Host, Option<u16>), SourceError> {
    let (host, port) = split_port(text)?;
    Ok((Host::parse(host)?, port))
}

/// Splits `host:port`; an empty port is the default one, as in RFC 3986.
fn split_port(text: &str) -> Result<(&str, Option<u16>), SourceError> {
    let (host, port) = match text.rfind(']') {
        Some(end) => match text[end + 1..].strip_prefix(':') {
            Some(port) => (&text[..=end], port),
            None if end + 1 == text.len() => (text, ""),
            None => {
                return Err(SourceError::InvalidHost {
                    reason: "something stands between the bracket and the port",
                });
            }
        },
        None if text.starts_with('[') => {
            return Err(SourceError::InvalidHost {
                reason: "a bracket is not closed",
            });
        }
        None => text.split_once(':').unwrap_or((text, "")),
    };
    if port.is_empty() {
        return Ok((host, None));
    }
    if port.contains(':') {
        return Err(SourceError::InvalidHost {
            reason: "an IPv6 address stands in brackets",
        });
    }
    let is_number = port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
    match port.parse() {
        Ok(port) if is_number && port > 0 => Ok((host, Some(port))),
        _ => Err(SourceError::InvalidPort),
    }
}

/// Decodes a user name or a password.
pub(super) fn decode_user(text: &str) -> Result<String, SourceError> {
    let text = String::from_utf8(percent::decode(text)?).map_err(|_| SourceError::NotUtf8)?;
    if text.chars().any(char::is_control) {
        return Err(SourceError::ControlCharacter);
    }
    Ok(text)
}

/// Checks whom ssh logs in as, by what OpenSSH itself refuses.
pub(super) fn login_name(name: String) -> Result<String, SourceError> {
    if name.starts_with('-') {
        return Err(SourceError::OptionLike { what: "user name" });
    }
    let is_bad =
        |c: char| c.is_whitespace() || c.is_control() || "'`\"$\\;&<>|(){}[]:/".contains(c);
    if name.is_empty() || name.contains(is_bad) {
        return Err(SourceError::InvalidUser);
    }
    Ok(name)
}
