//! Requests that only find out who answers.

use std::io::Read;

use ureq::http::header::{HeaderValue, LOCATION, WWW_AUTHENTICATE};
use ureq::http::{HeaderMap, Method, StatusCode};

use super::exchange::{content_type, is_redirect};
use super::{HttpClient, is_login, parse};
use crate::remote::error::RemoteError;
use crate::remote::message::{ServerText, looks_like_html};
use crate::source::Scheme;

/// Bytes of an answer that are read.
const MAX_START: u64 = 16 << 10;
/// Challenges of one answer that are told, and bytes of a scheme's name.
const MAX_CHALLENGES: usize = 8;
const MAX_SCHEME: usize = 32;

/// An answer, whatever its status, as far as it tells who gave it.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) status: u16,
    headers: HeaderMap,
    /// The beginning of the body.
    pub(crate) start: Vec<u8>,
    /// The realm of the first challenge, cleaned.
    pub(crate) realm: Option<String>,
    /// Whether it leads to a form where people log in.
    pub(crate) is_login: bool,
}

impl Probe {
    /// The content type without parameters, in lowercase.
    pub(crate) fn content_type(&self) -> Option<String> {
        content_type(&self.headers)
    }

    /// Whether any header called `name`, in lowercase, has `text` in its value.
    pub(crate) fn says(&self, name: &str, text: &str) -> bool {
        self.headers
            .get_all(name)
            .iter()
            .any(|value| value.to_str().is_ok_and(|value| value.contains(text)))
    }

    /// Whether a header has a name that begins with `prefix`, in lowercase.
    pub(crate) fn has_header(&self, prefix: &str) -> bool {
        self.headers
            .keys()
            .any(|name| name.as_str().starts_with(prefix))
    }

    /// Whether the body is a web page.
    pub(crate) fn is_page(&self) -> bool {
        self.content_type().is_some_and(|it| it.contains("html")) || looks_like_html(&self.start)
    }

    /// The names of the authentication schemes that the server offers (RFC 9110, section 11.3).
    pub(crate) fn schemes(&self) -> Vec<String> {
        let is_token = |text: &str| {
            !text.is_empty()
                && text.len() <= MAX_SCHEME
                && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        };
        let mut schemes: Vec<String> = Vec::new();
        for value in self.headers.get_all(WWW_AUTHENTICATE) {
            let scheme = value.to_str().unwrap_or_default();
            let scheme = scheme.split([' ', ',']).next().unwrap_or_default();
            if is_token(scheme) && !schemes.iter().any(|known| known == scheme) {
                schemes.push(scheme.to_owned());
            }
        }
        schemes.truncate(MAX_CHALLENGES);
        schemes
    }
}

impl HttpClient {
    /// Sends a request to `url` and follows redirects, by the same rules as for a fetch but that
    /// they may lead to any page. Each request takes one of `left`; without any left, `max_probes`
    /// of `limit` is exceeded.
    pub(crate) fn probe(
        &self,
        method: &Method,
        url: &str,
        left: &mut u64,
        limit: u64,
    ) -> Result<Probe, RemoteError> {
        let session = &self.session;
        let mut url = parse(url)?;
        let mut redirects = 0;
        loop {
            *left = left.checked_sub(1).ok_or(RemoteError::Limit {
                name: "max_probes",
                limit,
            })?;
            let headers = HeaderMap::new();
            let (answer, sent) = session.send_authorized(method, &url, &headers, &[])?;
            let status = answer.status();
            if status == StatusCode::OK {
                session.auth().accepted();
            }
            let (parts, body) = answer.into_parts();
            let realm = session.realm(&parts.headers);
            let mut probe = Probe {
                status: status.as_u16(),
                headers: parts.headers,
                start: Vec::new(),
                realm,
                is_login: false,
            };
            if is_redirect(status) {
                redirects += 1;
                if redirects > self.max_redirects {
                    return Err(RemoteError::TooManyRedirects(self.max_redirects));
                }
                let location = probe.headers.get(LOCATION).map(HeaderValue::to_str);
                let to = match location {
                    Some(Ok(location)) => url.join(location).ok(),
                    _ => None,
                };
                let leads_on = to.filter(|to| {
                    url.endpoint.scheme == to.endpoint.scheme || to.endpoint.scheme == Scheme::Https
                });
                match leads_on {
                    Some(to) if is_login(&to) => probe.is_login = true,
                    Some(to) => {
                        url = to;
                        continue;
                    }
                    None => {}
                }
                return Ok(probe);
            }
            if let Err(error) = body
                .into_reader()
                .take(MAX_START)
                .read_to_end(&mut probe.start)
            {
                return Err(session.explain(error.into(), &url));
            }
            if status == StatusCode::UNAUTHORIZED {
                let message = ServerText::default();
                let realm = probe.realm.clone();
                // Where nobody has credentials, or none that are let in, the answer stands.
                if session.auth().refused(&url, sent, realm, message).is_ok() {
                    continue;
                }
            }
            return Ok(probe);
        }
    }

    /// A text of the server's, cleaned and without secrets; `None` if nothing is left.
    pub(crate) fn title(&self, probe: &Probe) -> Option<String> {
        let content_type = match probe.is_page() {
            true => "text/html",
            false => "",
        };
        let text = ServerText::from_body(content_type, &probe.start)
            .redacted(self.session.watch().redactor())
            .to_text();
        (!text.is_empty()).then_some(text)
    }
}
