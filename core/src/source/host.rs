//! The host part of a URL.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::source::error::SourceError;

/// The host of a remote: a name or an address.
///
/// A name is in its ASCII form (`xn--…` for an international one), in lowercase, without a final
/// dot. An IPv4 address has four decimal numbers; the forms `0x7f.1`, `017700000001`, `2130706433`
/// and `127.1`, which some resolvers take for `127.0.0.1`, are refused, so that what is written is
/// what is dialled.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Host {
    /// A name, to be looked up.
    Name(String),
    /// An address.
    Address(IpAddr),
}

impl Host {
    /// Reads the host of a URL; `[…]` means an IPv6 address.
    pub(crate) fn parse(text: &str) -> Result<Self, SourceError> {
        if let Some(rest) = text.strip_prefix('[') {
            let inner = rest.strip_suffix(']').ok_or(SourceError::InvalidHost {
                reason: "a bracket is not closed",
            })?;
            return Self::parse_v6(inner);
        }
        if text.is_empty() {
            return Err(SourceError::NoHost);
        }
        if text.starts_with('-') {
            return Err(SourceError::OptionLike { what: "host" });
        }
        if text.contains('%') {
            return Err(SourceError::InvalidHost {
                reason: "it holds a percent sign",
            });
        }
        if text.contains(':') {
            return Err(SourceError::InvalidHost {
                reason: "an IPv6 address stands in brackets",
            });
        }
        let name = to_ascii(text)?;
        let name = name.strip_suffix('.').unwrap_or(&name);
        if let Ok(address) = name.parse::<Ipv4Addr>() {
            return Ok(Host::Address(address.into()));
        }
        check_name(name)?;
        Ok(Host::Name(name.to_owned()))
    }

    /// Reads what stands between the brackets.
    pub(crate) fn parse_v6(inner: &str) -> Result<Self, SourceError> {
        if inner.contains('%') {
            return Err(SourceError::InvalidHost {
                reason: "an IPv6 address with a zone means something on one machine only",
            });
        }
        match inner.parse::<Ipv6Addr>() {
            Ok(address) => Ok(Host::Address(address.into())),
            Err(_) => Err(SourceError::InvalidHost {
                reason: "what stands in brackets is not an IPv6 address",
            }),
        }
    }

    /// The name, or the address without brackets.
    pub fn to_bare_string(&self) -> String {
        match self {
            Host::Name(name) => name.clone(),
            Host::Address(address) => address.to_string(),
        }
    }
}

/// As in a URL, with brackets around an IPv6 address.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name),
            Host::Address(IpAddr::V4(address)) => address.fmt(f),
            Host::Address(IpAddr::V6(address)) => write!(f, "[{address}]"),
        }
    }
}

/// Maps an international name as browsers do (UTS 46, without transitional processing).
fn to_ascii(text: &str) -> Result<String, SourceError> {
    if text.is_ascii() {
        return Ok(text.to_ascii_lowercase());
    }
    idna::domain_to_ascii_cow(text.as_bytes(), idna::AsciiDenyList::URL)
        .map(std::borrow::Cow::into_owned)
        .map_err(|_| SourceError::InvalidHost {
            reason: "it is not a valid international name",
        })
}

/// Letters, digits, hyphens and underscores (which DNS has, if not for hosts), in labels of 1 to 63
/// bytes, 253 together (RFC 1035).
fn check_name(name: &str) -> Result<(), SourceError> {
    let invalid = |reason| Err(SourceError::InvalidHost { reason });
    if name.len() > 253 {
        return invalid("it is longer than 253 bytes");
    }
    for label in name.split('.') {
        if label.is_empty() {
            return invalid("a label is empty");
        }
        if label.len() > 63 {
            return invalid("a label is longer than 63 bytes");
        }
        if label.starts_with('-') || label.ends_with('-') {
            return invalid("a label begins or ends with a hyphen");
        }
        if !label
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
        {
            return invalid("it holds a character that no host has");
        }
    }
    // The rule of WHATWG's URL standard, "ends in a number": what follows is an IPv4 address to
    // many a resolver.
    let last = name.rsplit('.').next().unwrap_or_default();
    let is_hex = last
        .strip_prefix("0x")
        .is_some_and(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_hex || last.bytes().all(|b| b.is_ascii_digit()) {
        return Err(SourceError::OddAddress);
    }
    Ok(())
}
