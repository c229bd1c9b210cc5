//! URLs of requests and redirects.

use std::fmt;

use crate::remote::lookup::Endpoint;
use crate::source::{Scheme, host_and_port};

/// The URL of one request. `Display` leaves out the query, where servers put secrets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct HttpUrl {
    pub(crate) endpoint: Endpoint,
    /// Path and query.
    target: String,
}

impl HttpUrl {
    /// Reads an absolute URL, as strictly as a source; the error says why not.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (scheme, rest) = text.split_once("://").ok_or("it is not a URL")?;
        let scheme = Scheme::from_name(scheme)
            .filter(|scheme| scheme.is_http())
            .ok_or("it leads to another scheme")?;
        Self::with_scheme(scheme, rest)
    }

    fn with_scheme(scheme: Scheme, rest: &str) -> Result<Self, &'static str> {
        if !rest.bytes().all(|b| b.is_ascii_graphic()) || rest.contains('\\') {
            return Err("it holds a character that no URL has");
        }
        let rest = rest.split_once('#').map_or(rest, |(before, _)| before);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        if authority.contains('@') {
            return Err("it holds credentials");
        }
        let (host, port) = host_and_port(authority).map_err(|_| "its host is not valid")?;
        let path = target.split_once('?').map_or(target, |(path, _)| path);
        if path.split('/').any(is_dots) {
            return Err("its path has a \".\" or \"..\" segment");
        }
        Ok(HttpUrl {
            endpoint: Endpoint {
                scheme,
                host,
                port: port.unwrap_or(scheme.default_port()),
            },
            target: match target.starts_with('/') {
                true => target.to_owned(),
                false => format!("/{target}"),
            },
        })
    }

    /// Reads the `Location` of an answer to this request (RFC 9110, section 10.2.2).
    pub(crate) fn join(&self, location: &str) -> Result<Self, &'static str> {
        if let Some(rest) = location.strip_prefix("//") {
            return Self::with_scheme(self.endpoint.scheme, rest);
        }
        let before_path = &location[..location.find(['/', '?', '#']).unwrap_or(location.len())];
        if before_path.contains(':') {
            return Self::parse(location);
        }
        let path = match location.starts_with('/') {
            true => location.to_owned(),
            false => {
                let own = self.path();
                let folder = &own[..own.rfind('/').map_or(0, |slash| slash + 1)];
                format!("{folder}{location}")
            }
        };
        Self::with_scheme(
            self.endpoint.scheme,
            &format!("{}{path}", self.endpoint.authority()),
        )
    }

    /// The whole URL, as it is sent.
    pub(crate) fn to_full_string(&self) -> String {
        let Endpoint { scheme, .. } = self.endpoint;
        format!("{scheme}://{}{}", self.endpoint.authority(), self.target)
    }

    pub(crate) fn path(&self) -> &str {
        let target = &self.target;
        target.split_once('?').map_or(target, |(path, _)| path)
    }
}

impl fmt::Display for HttpUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Endpoint { scheme, .. } = self.endpoint;
        write!(f, "{scheme}://{}{}", self.endpoint.authority(), self.path())
    }
}

fn is_dots(segment: &str) -> bool {
    let segment = segment.to_ascii_lowercase().replace("%2e", ".");
    matches!(segment.as_str(), "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_resolved_as_in_rfc_3986() {
        let base =
            HttpUrl::parse("https://host/a/b/info/refs?service=x").expect("because it is one");
        for (location, url) in [
            ("https://other/c?d", Ok("https://other/c?d")),
            ("HTTPS://Other:443/c", Ok("https://other/c")),
            ("http://other:8080/c", Ok("http://other:8080/c")),
            ("//other/c", Ok("https://other/c")),
            ("/c?d#e", Ok("https://host/c?d")),
            ("c", Ok("https://host/a/b/info/c")),
            ("/c:d", Ok("https://host/c:d")),
            ("https://other", Ok("https://other/")),
            ("https://other?a", Ok("https://other/?a")),
            ("ftp://other/c", Err("it leads to another scheme")),
            ("file:///etc/passwd", Err("it leads to another scheme")),
            ("javascript:alert(1)", Err("it is not a URL")),
            ("https://me:secret@other/c", Err("it holds credentials")),
            ("https://0x7f.1/c", Err("its host is not valid")),
            ("https://2130706433/c", Err("its host is not valid")),
            ("https:///c", Err("its host is not valid")),
            ("../c", Err("its path has a \".\" or \"..\" segment")),
            ("/%2e%2E/c", Err("its path has a \".\" or \"..\" segment")),
            (
                "https://other/a b",
                Err("it holds a character that no URL has"),
            ),
            (
                "https://good\\@evil/c",
                Err("it holds a character that no URL has"),
            ),
            ("/a\r\nb", Err("it holds a character that no URL has")),
        ] {
            let found = base.join(location).map(|url| url.to_full_string());
            assert_eq!(found.as_deref(), url.as_deref(), "{location:?}");
        }
    }

    #[test]
    fn queries_are_not_shown() {
        let url = HttpUrl::parse("https://host/a?token=secret").expect("because it is one");
        assert_eq!(url.to_string(), "https://host/a");
    }
}
