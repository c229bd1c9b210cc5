//! HTTP for Git, on ureq and our own connections.
//!
//! ureq has the messages of HTTP/1.1, the pool and gzip. What decides, bounds or waits is ours:
//! lookup, policy, proxies, TLS, timeouts, cancel, redirects and credentials.

mod auth;
mod body;
mod connector;
mod exchange;
mod probe;
mod status;
#[cfg(test)]
mod tests;
mod url;

use std::any::Any;
use std::io::{BufRead, Cursor};
use std::sync::{Arc, Mutex};

use gix_transport::client::blocking_io::http::{GetResponse, Http, PostBodyDataKind, PostResponse};
use ureq::Body;
use ureq::http::header::{LOCATION, PRAGMA};
use ureq::http::{HeaderValue, Method, Response};

use crate::error::Error;
use crate::limits::Limits;
use crate::remote::error::{NotGit, RemoteError};
use crate::remote::http::body::{
    Answer, AnswerReader, Headers, PostBody, PostState, Posting, ResponseBody,
};
use crate::remote::http::exchange::{Session, content_type, header_map, is_redirect};
pub(crate) use crate::remote::http::probe::Probe;
use crate::remote::http::url::HttpUrl;
use crate::remote::message::{ServerText, looks_like_html};
use crate::remote::options::RemoteOptions;
use crate::remote::watch::Watch;
use crate::source::{RemoteUrl, Scheme};

/// An HTTP client for `gix_transport`, for one repository.
///
/// Its errors are [`RemoteError`]s; the first is in the watch's failure too. Credentials are its own
/// affair: `gix_transport`'s identity must stay unset.
pub(crate) struct HttpClient {
    session: Arc<Session>,
    max_redirects: u32,
    redirected_base: Option<String>,
}

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
            redirected_base: None,
        })
    }

    /// Asks for the refs, and follows redirects, as `http.followRedirects=initial` does: the base
    /// URL moves along, for the requests to come.
    fn get_following(
        &mut self,
        url: &str,
        base_url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Answer, RemoteError> {
        let tail = url.strip_prefix(base_url).unwrap_or_default();
        let mut headers = header_map(headers)?;
        headers.insert(PRAGMA, HeaderValue::from_static("no-cache"));
        let mut url = parse(url)?;
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
            url = self.target(&url, &answer, tail)?;
        };
        let answer = accept(
            answer,
            &self.session,
            &url,
            "application/x-git-upload-pack-advertisement",
        )?;
        if redirects > 0 {
            let full = url.to_full_string();
            let base = full.strip_suffix(tail);
            self.redirected_base = Some(base.expect("because target() has checked it").to_owned());
        }
        Ok(answer)
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
) -> Result<Answer, RemoteError> {
    if is_redirect(answer.status()) {
        return Err(RemoteError::Protocol {
            reason: "it redirects in the middle of a conversation".to_owned(),
        });
    }
    let found = content_type(answer.headers());
    let (_, body) = answer.into_parts();
    let mut body = AnswerReader::buffered(body, Arc::clone(session), url.clone());
    if found.as_deref() == Some(expected) {
        return Ok(Answer {
            headers: format!("content-type: {expected}\n").into_bytes(),
            body,
        });
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

impl Http for HttpClient {
    type Headers = Headers;
    type ResponseBody = ResponseBody;
    type PostBody = PostBody;

    fn get(
        &mut self,
        url: &str,
        base_url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> gix::Result<GetResponse<Headers, ResponseBody>> {
        match self.get_following(url, base_url, headers) {
            Ok(answer) => Ok(GetResponse {
                headers: Headers::Ready(Cursor::new(answer.headers)),
                body: ResponseBody::Ready(Box::new(answer.body)),
            }),
            Err(error) => {
                self.session.watch().failure().set(&error);
                Err(gix::Error::from_error(error))
            }
        }
    }

    fn post(
        &mut self,
        url: &str,
        _base_url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
        _kind: PostBodyDataKind,
    ) -> gix::Result<PostResponse<Headers, ResponseBody, PostBody>> {
        let prepared = parse(url).and_then(|url| Ok((url, header_map(headers)?)));
        let (url, headers) = prepared.map_err(gix::Error::from_error)?;
        let posting = Arc::new(Mutex::new(Posting {
            session: Arc::clone(&self.session),
            url,
            headers,
            body: Vec::new(),
            state: PostState::Waiting,
        }));
        Ok(PostResponse {
            post_body: PostBody(Arc::clone(&posting)),
            headers: Headers::Waiting(Arc::clone(&posting)),
            body: ResponseBody::Waiting(posting),
        })
    }

    fn configure(&mut self, _config: &dyn Any) -> gix::Result {
        Ok(())
    }

    fn redirected_base_url(&self) -> Option<String> {
        self.redirected_base.clone()
    }
}
