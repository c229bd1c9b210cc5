//! One request and its answer.

use std::io::Read;

use ureq::Body;
use ureq::http::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use ureq::http::{HeaderMap, Method, Request, Response, StatusCode};

use crate::error::Error;
use crate::limits::Limits;
use crate::remote::error::RemoteError;
use crate::remote::http::auth::Auth;
use crate::remote::http::connector::{Dialer, NoResolver};
use crate::remote::http::status;
use crate::remote::http::url::HttpUrl;
use crate::remote::lookup::Endpoint;
use crate::remote::message::ServerText;
use crate::remote::options::RemoteOptions;
use crate::remote::tls;
use crate::remote::watch::Watch;
use crate::remote::way::Way;
use crate::source::RemoteUrl;

/// Bytes of an error's body that are read.
const MAX_TEXT: u64 = 4096;
/// The most that `max_header_bytes` may be.
const MAX_HEADER_BYTES: u64 = 1 << 20;
/// Bytes that are read from a connection at once, at least.
const MIN_BUFFER: u64 = 128 << 10;

/// What all requests of one client share.
#[derive(Debug)]
pub(super) struct Session {
    agent: ureq::Agent,
    auth: Auth,
    watch: Watch,
    max_header_bytes: u64,
    home: Endpoint,
    /// Whether the home is shown a client certificate.
    shows_certificate: bool,
}

impl Session {
    pub(super) fn new(
        url: &RemoteUrl,
        options: &RemoteOptions,
        limits: &Limits,
        watch: &Watch,
    ) -> Result<Self, Error> {
        let own = options.client_certificate.as_ref();
        let own = own.map(|own| tls::client_config(options, Some(own)));
        let dialer = Dialer {
            way: Way::new(options)?,
            home: Endpoint::from(url),
            tls: tls::client_config(options, None)?,
            home_tls: own.transpose()?,
            watch: watch.clone(),
        };
        // ureq keeps the headers in the buffer that it reads into, and sees that they are too long
        // once more than the cap is there.
        let max_header_bytes = limits.max_header_bytes.min(MAX_HEADER_BYTES);
        let buffer = (2 * max_header_bytes).max(MIN_BUFFER) as usize;
        let config = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .proxy(None)
            .user_agent(user_agent(options)?)
            .max_response_header_size(max_header_bytes as usize)
            .input_buffer_size(buffer)
            .build();
        Ok(Session {
            agent: ureq::Agent::with_parts(config, dialer, NoResolver),
            auth: Auth::new(
                Endpoint::from(url),
                options.credentials.clone(),
                options.provider.clone(),
                options.plain_http_credentials,
                watch.redactor().clone(),
            ),
            watch: watch.clone(),
            max_header_bytes,
            home: Endpoint::from(url),
            shows_certificate: options.client_certificate.is_some(),
        })
    }

    pub(super) fn watch(&self) -> &Watch {
        &self.watch
    }

    /// Sends a request, with credentials where they belong, and again where the server asks for
    /// them. Returns an answer with status 200 or one of the redirects.
    pub(super) fn exchange(
        &self,
        method: &Method,
        url: &HttpUrl,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<Response<Body>, RemoteError> {
        loop {
            let (answer, authenticated) = self.send_authorized(method, url, headers, body)?;
            let code = answer.status();
            if code == StatusCode::OK || is_redirect(code) {
                if code == StatusCode::OK {
                    self.auth.accepted();
                }
                return Ok(answer);
            }
            let realm = self.realm(answer.headers());
            let (parts, body) = answer.into_parts();
            let message = self.text(&parts.headers, body)?;
            if code != StatusCode::UNAUTHORIZED {
                return Err(status::to_error(
                    code,
                    &parts.headers,
                    message,
                    authenticated,
                ));
            }
            self.auth.refused(url, authenticated, realm, message)?;
        }
    }

    /// Sends a request once, with credentials where they belong, and says whether there were any.
    pub(super) fn send_authorized(
        &self,
        method: &Method,
        url: &HttpUrl,
        headers: &HeaderMap,
        body: &[u8],
    ) -> Result<(Response<Body>, bool), RemoteError> {
        let credentials = self.auth.to_send(&url.endpoint)?;
        let mut headers = headers.clone();
        if let Some(credentials) = &credentials {
            let text = credentials.authorization()?;
            let mut value =
                HeaderValue::from_str(&text).map_err(|_| RemoteError::InvalidCredentials {
                    reason: "they hold a character that no header has",
                })?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        let answer = self.send(method, url, headers, body)?;
        Ok((answer, credentials.is_some()))
    }

    pub(super) fn auth(&self) -> &Auth {
        &self.auth
    }

    fn send(
        &self,
        method: &Method,
        url: &HttpUrl,
        headers: HeaderMap,
        body: &[u8],
    ) -> Result<Response<Body>, RemoteError> {
        self.watch.check()?;
        let request = Request::builder().method(method).uri(url.to_full_string());
        let result = if method == Method::POST {
            request.body(body).map(|mut request| {
                *request.headers_mut() = headers;
                self.agent.run(request)
            })
        } else {
            request.body(()).map(|mut request| {
                *request.headers_mut() = headers;
                self.agent.run(request)
            })
        };
        match result {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => Err(self.explain(error, url)),
            Err(_) => Err(RemoteError::Protocol {
                reason: "it redirects to what is not a URL".to_owned(),
            }),
        }
    }

    /// Reads what a server says about its refusal.
    fn text(&self, headers: &HeaderMap, body: Body) -> Result<ServerText, RemoteError> {
        let mut bytes = Vec::new();
        if body
            .into_reader()
            .take(MAX_TEXT)
            .read_to_end(&mut bytes)
            .is_err()
        {
            // The status says more than the loss of its explanation.
            self.watch.check()?;
        }
        let content_type = content_type(headers).unwrap_or_default();
        Ok(ServerText::from_body(&content_type, &bytes).redacted(self.watch.redactor()))
    }

    /// The first realm of the server's challenges (RFC 9110, section 11.5).
    pub(super) fn realm(&self, headers: &HeaderMap) -> Option<String> {
        headers.get_all(WWW_AUTHENTICATE).iter().find_map(|value| {
            let text = value.to_str().ok()?;
            let start = text.to_ascii_lowercase().find("realm=\"")? + "realm=\"".len();
            let (realm, _) = text[start..].split_once('"')?;
            let realm = ServerText::new(realm.as_bytes());
            Some(realm.redacted(self.watch.redactor()).to_text())
        })
    }

    /// Makes a failure of ureq one of ours.
    pub(super) fn explain(&self, error: ureq::Error, url: &HttpUrl) -> RemoteError {
        let protocol = |text: &str| RemoteError::Protocol {
            reason: ServerText::new(text.as_bytes())
                .redacted(self.watch.redactor())
                .to_text(),
        };
        match error {
            ureq::Error::Io(error) => match tls::tls_error(&error) {
                Some(error) => {
                    let given = self.shows_certificate && url.endpoint == self.home;
                    tls::explain(error, &url.endpoint.host, given)
                }
                None if error.kind() == std::io::ErrorKind::InvalidData
                    && RemoteError::find(&error).is_none() =>
                {
                    protocol(&error.to_string())
                }
                None => RemoteError::from_io(error),
            },
            ureq::Error::Decompress(_, error) => RemoteError::find(&error)
                .unwrap_or_else(|| protocol("its answer's compression is damaged")),
            ureq::Error::LargeResponseHeader(..) => RemoteError::Limit {
                name: "max_header_bytes",
                limit: self.max_header_bytes,
            },
            error => protocol(&error.to_string()),
        }
    }
}

/// Whether it is one of the redirects that carry a new address.
pub(super) fn is_redirect(status: StatusCode) -> bool {
    matches!(status.as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// The content type without parameters, in lowercase.
pub(super) fn content_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let kind = value.split(';').next().unwrap_or_default();
    Some(kind.trim().to_ascii_lowercase())
}

fn user_agent(options: &RemoteOptions) -> Result<String, Error> {
    let own = || concat!("git/gitlade-", env!("CARGO_PKG_VERSION")).to_owned();
    let text = options.user_agent.clone().unwrap_or_else(own);
    if !text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') || text.trim().is_empty() {
        return Err(Error::message(
            crate::error::ErrorKind::InvalidOptions,
            "the user agent is not made of visible ASCII characters",
        ));
    }
    Ok(text)
}
