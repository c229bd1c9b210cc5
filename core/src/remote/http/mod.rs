//! HTTP for Git, on ureq and our own connections.
//!
//! ureq has the messages of HTTP/1.1, the pool and gzip. What decides, bounds or waits is ours:
//! lookup, policy, proxies, TLS, timeouts, cancel, redirects and credentials.
//!
//! `gix_transport` has a trait for HTTP clients, which is not implemented here: it hands out a request's
//! body to be written after its answer, so that an answer has to be a promise behind a lock, and it
//! passes errors on in a type of its own. Of what it gives in return nothing is used, because the
//! conversation is [ours](mod@super::fetch) too. Git's protocol takes two requests, one method each.

mod auth;
mod body;
mod connector;
mod exchange;
mod probe;
mod status;
#[cfg(test)]
mod tests;
mod url;

use std::io::{BufRead, BufReader};
use std::sync::Arc;

use ureq::Body;
use ureq::http::header::{ACCEPT, CONTENT_TYPE, LOCATION, PRAGMA};
use ureq::http::{HeaderMap, HeaderName, HeaderValue, Method, Response};

use crate::error::Error;
use crate::limits::Limits;
use crate::remote::error::{NotGit, RemoteError};
use crate::remote::http::body::AnswerReader;
use crate::remote::http::exchange::{Session, content_type, is_redirect};
pub(crate) use crate::remote::http::probe::Probe;
use crate::remote::http::url::HttpUrl;
use crate::remote::message::{ServerText, looks_like_html};
use crate::remote::options::RemoteOptions;
use crate::remote::watch::Watch;
use crate::source::{RemoteUrl, Scheme};

/// The path of the refs below that of a repository, and of the requests for everything else
/// (gitprotocol-http).
const REFS: &str = "/info/refs?service=git-upload-pack";
const SERVICE: &str = "/git-upload-pack";

const REFS_TYPE: &str = "application/x-git-upload-pack-advertisement";
const REQUEST_TYPE: &str = "application/x-git-upload-pack-request";
const RESULT_TYPE: &str = "application/x-git-upload-pack-result";

/// The wish for protocol version 2; a server that does not know it answers in an older one.
const VERSION: (HeaderName, HeaderValue) = (
    HeaderName::from_static("git-protocol"),
    HeaderValue::from_static("version=2"),
);

/// An HTTP client for one repository.
pub(crate) struct HttpClient {
    session: Arc<Session>,
    max_redirects: u32,
    /// The repository's URL, where redirects have led to.
    base: String,
}

/// The body of an answer. Its errors hold a [`RemoteError`].
pub(crate) type HttpAnswer = BufReader<AnswerReader>;

impl HttpClient {
    /// Makes a client for the repository at `url`; nothing is dialled yet.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidOptions`](crate::ErrorKind::InvalidOptions) for certificates and user
    /// agents that cannot be used.
    pub(crate) fn new(
        url: &RemoteUrl,
        options: &RemoteOptions,
        limits: &Limits,
        watch: &Watch,
    ) -> Result<Self, Error> {
        Ok(HttpClient {
            session: Arc::new(Session::new(url, options, limits, watch)?),
            max_redirects: options.max_redirects,
            base: url.to_string(),
        })
    }

    /// Asks for the refs, and follows redirects, as `http.followRedirects=initial` does: the base
    /// URL moves along, for the requests to come.
    pub(crate) fn refs(&mut self) -> Result<HttpAnswer, RemoteError> {
        let no_cache = (PRAGMA, HeaderValue::from_static("no-cache"));
        let headers = HeaderMap::from_iter([VERSION, no_cache]);
        let mut url = parse(&format!("{}{REFS}", self.base))?;
        let mut redirects = 0;
        let answer = loop {
            let answer = self.session.exchange(&Method::GET, &url, &headers, &[])?;
            if !is_redirect(answer.status()) {
                break answer;
            }
            redirects += 1;
            if redirects > self.max_redirects {
                return Err(RemoteError::TooManyRedirects(self.max_redirects));
            }
            url = self.target(&url, &answer, REFS)?;
        };
        let answer = accept(answer, &self.session, &url, REFS_TYPE)?;
        if redirects > 0 {
            let full = url.to_full_string();
            let base = full.strip_suffix(REFS);
            self.base = base.expect("because target() has checked it").to_owned();
        }
        Ok(answer)
    }

    /// Sends a request of Git's protocol.
    pub(crate) fn ask(&self, request: &[u8]) -> Result<HttpAnswer, RemoteError> {
        let url = parse(&format!("{}{SERVICE}", self.base))?;
        let headers = HeaderMap::from_iter([
            VERSION,
            (CONTENT_TYPE, HeaderValue::from_static(REQUEST_TYPE)),
            (ACCEPT, HeaderValue::from_static(RESULT_TYPE)),
        ]);
        let answer = self
            .session
            .exchange(&Method::POST, &url, &headers, request)?;
        accept(answer, &self.session, &url, RESULT_TYPE)
    }

    /// The repository's URL, where redirects have led to.
    #[cfg(test)]
    fn base(&self) -> &str {
        &self.base
    }

    /// Where a redirect leads, if it may be followed.
    fn target(
        &self,
        from: &HttpUrl,
        answer: &Response<Body>,
        tail: &str,
    ) -> Result<HttpUrl, RemoteError> {
        let redactor = self.session.watch().redactor();
        let shown = |text: &str| {
            let text = text.split(['?', '#']).next().unwrap_or_default();
            ServerText::new(text.as_bytes())
                .redacted(redactor)
                .to_text()
        };
        let location = answer.headers().get(LOCATION).map(HeaderValue::to_str);
        let Some(Ok(location)) = location else {
            return Err(RemoteError::Protocol {
                reason: "it redirects without saying where to".to_owned(),
            });
        };
        let to = from
            .join(location)
            .map_err(|reason| RemoteError::Redirect {
                // It may hold credentials, in a place that could not be found.
                to: if reason == "it holds credentials" {
                    "a URL".into()
                } else {
                    shown(location)
                },
                reason,
            })?;
        if from.endpoint.scheme == Scheme::Https && to.endpoint.scheme == Scheme::Http {
            return Err(RemoteError::Redirect {
                to: shown(&to.to_string()),
                reason: "it leads from https to plain http",
            });
        }
        if !to.to_full_string().ends_with(tail) {
            if is_login(&to) {
                return Err(RemoteError::AuthenticationRequired {
                    host: from.endpoint.host.to_bare_string(),
                    after_redirect: false,
                });
            }
            return Err(RemoteError::NotAGitServer(NotGit::Elsewhere(shown(
                &to.to_string(),
            ))));
        }
        Ok(to)
    }
}

/// Whether it is a form: hosts without a 401 of their own send those whom they do not know there.
fn is_login(url: &HttpUrl) -> bool {
    let path = url.path().to_ascii_lowercase();
    ["login", "signin", "sign_in", "sign-in", "oauth", "saml"]
        .iter()
        .any(|word| path.contains(word))
}

fn parse(url: &str) -> Result<HttpUrl, RemoteError> {
    HttpUrl::parse(url).map_err(|reason| RemoteError::Protocol {
        reason: reason.to_owned(),
    })
}

/// Takes an answer if it has status 200 and is of the `expected` type.
fn accept(
    answer: Response<Body>,
    session: &Arc<Session>,
    url: &HttpUrl,
    expected: &str,
) -> Result<HttpAnswer, RemoteError> {
    if is_redirect(answer.status()) {
        return Err(RemoteError::Protocol {
            reason: "it redirects in the middle of a conversation".to_owned(),
        });
    }
    let found = content_type(answer.headers());
    let (_, body) = answer.into_parts();
    let mut body = AnswerReader::buffered(body, Arc::clone(session), url.clone());
    if found.as_deref() == Some(expected) {
        return Ok(body);
    }
    let start = match body.fill_buf() {
        Ok(start) => start,
        Err(error) => return Err(RemoteError::from_io(error)),
    };
    let is_html = found.as_deref().is_some_and(|found| found.contains("html"));
    Err(RemoteError::NotAGitServer(
        if is_html || looks_like_html(start) {
            NotGit::WebPage
        } else if is_dumb(start) {
            NotGit::DumbHttp
        } else {
            match found {
                None => NotGit::NoContentType,
                Some(found) => NotGit::ContentType(
                    ServerText::new(found.as_bytes())
                        .redacted(session.watch().redactor())
                        .to_text(),
                ),
            }
        },
    ))
}

/// Whether it looks like the file `info/refs` of `git update-server-info`: an id, a tab, a name.
fn is_dumb(start: &[u8]) -> bool {
    [40, 64].into_iter().any(|len| {
        start.split_at_checked(len).is_some_and(|(id, rest)| {
            id.iter().all(u8::is_ascii_hexdigit) && rest.starts_with(b"\t")
        })
    })
}
