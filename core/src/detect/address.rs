//! The URL of a page, taken apart.

use crate::printable::must_escape;
use crate::source::{Host, RemoteUrl, Scheme, host_and_port, percent};

/// Bytes of a URL.
const MAX_LEN: usize = 8192;

/// One part of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    /// Percent-encoded, in one spelling.
    encoded: String,
    /// Decoded. An encoded slash is a slash here: forges encode those of branches.
    pub(super) text: String,
}

/// An `https` or `http` URL with what clone URLs have not: a query and a fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) scheme: Scheme,
    pub(super) host: Host,
    port: Option<u16>,
    pub(super) segments: Vec<Segment>,
    /// Whether the path ends in a slash.
    pub(super) is_folder: bool,
    query: Vec<(String, String)>,
}

impl Address {
    /// Takes a URL apart; `None` for what is none, or is not safe to be read in more than one way:
    /// control characters, spaces, backslashes, `..`, empty parts, passwords, bytes that are not
    /// UTF-8.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let parts = Parts::split(text)?;
        let path = parts.path.strip_prefix('/')?;
        let trimmed = path.trim_end_matches('/');
        let segments: Option<Vec<Segment>> = trimmed.split('/').map(Segment::parse).collect();
        let Parts {
            scheme, host, port, ..
        } = parts;
        Some(Address {
            scheme,
            host,
            port: port.filter(|&port| port != scheme.default_port()),
            segments: segments?,
            is_folder: trimmed.len() < path.len(),
            query: pairs(parts.query)?,
        })
    }

    /// The host's name, if the port is the usual one: no forge of the public listens on another.
    pub(super) fn public_name(&self) -> Option<&str> {
        match &self.host {
            Host::Name(name) if self.port.is_none() => Some(name),
            _ => None,
        }
    }

    /// The first value of the query called `name`, if it is not empty.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        let mut pairs = self.query.iter();
        let (_, value) = pairs.find(|(key, _)| key == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// The parts of the path, decoded.
    pub(super) fn texts(&self) -> Vec<&str> {
        self.segments
            .iter()
            .map(|segment| segment.text.as_str())
            .collect()
    }

    /// The repository on the same host at the path of `segments`.
    pub(super) fn repository(&self, segments: &[Segment]) -> Option<RemoteUrl> {
        let parts = segments.iter().map(|segment| segment.encoded.as_str());
        self.repository_at(&self.host, parts)
    }

    /// The repository on `host` at the path of `parts`, which are percent-encoded.
    pub(super) fn repository_at<'a>(
        &self,
        host: &Host,
        parts: impl IntoIterator<Item = &'a str>,
    ) -> Option<RemoteUrl> {
        let mut path = String::new();
        for part in parts {
            path.push('/');
            path.push_str(part);
        }
        let port = self.port.filter(|_| *host == self.host);
        RemoteUrl::new(self.scheme, host.clone(), port, None, &path).ok()
    }
}

/// The root of the web server that the URL names, if it names no more.
pub(super) fn root(text: &[u8]) -> Option<RemoteUrl> {
    let parts = Parts::split(text)?;
    let is_root = parts.path.bytes().all(|byte| byte == b'/');
    is_root.then(|| RemoteUrl::root(parts.scheme, parts.host, parts.port))
}

/// A URL in pieces, before its path is read.
struct Parts<'a> {
    scheme: Scheme,
    host: Host,
    port: Option<u16>,
    path: &'a str,
    query: &'a str,
}

impl<'a> Parts<'a> {
    fn split(text: &'a [u8]) -> Option<Self> {
        if text.len() > MAX_LEN {
            return None;
        }
        let text = std::str::from_utf8(text).ok()?;
        if text
            .chars()
            .any(|c| must_escape(c) || c.is_whitespace() || c == '\\')
        {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let scheme = Scheme::from_name(scheme).filter(|scheme| scheme.is_http())?;
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let authority = match authority.split_once('@') {
            Some((user, _)) if user.contains(':') => return None,
            Some((_, authority)) => authority,
            None => authority,
        };
        let (host, port) = host_and_port(authority).ok()?;
        Some(Parts {
            scheme,
            host,
            port,
            path,
            query,
        })
    }
}

impl Segment {
    fn parse(part: &str) -> Option<Self> {
        let text = decode(part)?;
        if part.is_empty() || matches!(text.as_str(), "." | "..") {
            return None;
        }
        Some(Segment {
            encoded: percent::normalize(part).ok()?,
            text,
        })
    }

    /// The part as it stands in a clone URL.
    pub(super) fn encoded(&self) -> &str {
        &self.encoded
    }
}

/// Texts of segments with slashes between them.
pub(super) fn joined(segments: &[Segment]) -> String {
    let texts: Vec<&str> = segments.iter().map(|it| it.text.as_str()).collect();
    texts.join("/")
}

/// Decodes text that has to be UTF-8 without control characters, and without the marks that reorder
/// what is on a screen: what is offered is shown as it is.
fn decode(text: &str) -> Option<String> {
    let text = String::from_utf8(percent::decode(text).ok()?).ok()?;
    (!text.chars().any(must_escape)).then_some(text)
}

/// The pairs of a query; a plus stays one, since names of branches have them.
fn pairs(query: &str) -> Option<Vec<(String, String)>> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(name)?, decode(value)?))
        })
        .collect()
}
