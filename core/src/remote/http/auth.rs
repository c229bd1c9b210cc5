//! Which credentials go with a request.

use std::sync::{Mutex, PoisonError};

use crate::remote::credentials::{CredentialRequest, Credentials, SharedProvider};
use crate::remote::error::RemoteError;
use crate::remote::http::url::HttpUrl;
use crate::remote::lookup::Endpoint;
use crate::remote::message::ServerText;
use crate::remote::redact::Redactor;
use crate::source::Scheme;

/// How often a provider is asked.
const MAX_ASKED: u32 = 3;

/// The credentials of one client: which, for whom, and what became of them.
#[derive(Debug)]
pub(super) struct Auth {
    /// Whom the URL names, and the given credentials are for.
    home: Endpoint,
    plain_allowed: bool,
    provider: Option<SharedProvider>,
    redactor: Redactor,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    held: Option<Held>,
    /// Whether the server has asked.
    challenged: bool,
    /// Whether credentials were sent and refused.
    refused: bool,
    /// Whether there were credentials for the home.
    had_some: bool,
    asked: u32,
}

#[derive(Debug)]
struct Held {
    endpoint: Endpoint,
    credentials: Credentials,
    /// What the provider was asked, until it has learnt how its answer did.
    request: Option<CredentialRequest>,
}

impl Auth {
    pub(super) fn new(
        home: Endpoint,
        credentials: Option<Credentials>,
        provider: Option<SharedProvider>,
        plain_allowed: bool,
        redactor: Redactor,
    ) -> Self {
        if let Some(credentials) = &credentials {
            redactor.remember(credentials);
        }
        let held = credentials.map(|credentials| Held {
            endpoint: home.clone(),
            credentials,
            request: None,
        });
        Auth {
            state: Mutex::new(State {
                had_some: held.is_some(),
                held,
                ..State::default()
            }),
            home,
            plain_allowed,
            provider,
            redactor,
        }
    }

    /// The credentials to send to `endpoint`, which are for it and no other.
    pub(super) fn to_send(&self, endpoint: &Endpoint) -> Result<Option<Credentials>, RemoteError> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(held) = &state.held else {
            return Ok(None);
        };
        let is_due = held.credentials.is_sent_unasked() || state.challenged;
        if held.endpoint != *endpoint || !is_due {
            return Ok(None);
        }
        self.check_plain(endpoint)?;
        Ok(Some(held.credentials.clone()))
    }

    fn check_plain(&self, endpoint: &Endpoint) -> Result<(), RemoteError> {
        if endpoint.scheme == Scheme::Http && !self.plain_allowed {
            return Err(RemoteError::CredentialsInClear {
                host: endpoint.host.to_bare_string(),
            });
        }
        Ok(())
    }

    /// Learns that a request was let in.
    pub(super) fn accepted(&self) {
        let request = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.held.as_mut().and_then(|held| held.request.take())
        };
        if let (Some(request), Some(provider)) = (request, &self.provider) {
            provider.0.approve(&request);
        }
    }

    /// Learns that a request was answered with 401; `sent` says whether credentials went with it.
    /// Returns if there is something new to try.
    pub(super) fn refused(
        &self,
        url: &HttpUrl,
        sent: bool,
        realm: Option<String>,
        message: ServerText,
    ) -> Result<(), RemoteError> {
        let endpoint = &url.endpoint;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if sent {
            state.refused = true;
            let held = state.held.take();
            if let (Some(request), Some(provider)) =
                (held.and_then(|held| held.request), &self.provider)
            {
                provider.0.reject(&request);
            }
        } else if !state.challenged {
            state.challenged = true;
            if state
                .held
                .as_ref()
                .is_some_and(|held| held.endpoint == *endpoint)
            {
                return Ok(());
            }
        }
        if let Some(provider) = &self.provider
            && state.asked < MAX_ASKED
        {
            self.check_plain(endpoint)?;
            state.asked += 1;
            let request = CredentialRequest {
                url: base_of(url),
                scheme: endpoint.scheme,
                host: endpoint.host.clone(),
                port: endpoint.port,
                realm,
                attempt: state.asked,
            };
            if let Some(credentials) = provider.0.find(&request) {
                self.redactor.remember(&credentials);
                state.challenged = true;
                state.held = Some(Held {
                    endpoint: endpoint.clone(),
                    credentials,
                    request: Some(request),
                });
                return Ok(());
            }
        }
        let host = endpoint.host.to_bare_string();
        Err(if state.refused {
            RemoteError::AuthenticationFailed { host, message }
        } else {
            RemoteError::AuthenticationRequired {
                host,
                after_redirect: state.had_some && *endpoint != self.home,
            }
        })
    }
}

/// The repository's URL, of one of its requests.
fn base_of(url: &HttpUrl) -> String {
    let shown = url.to_string();
    ["/info/refs", "/git-upload-pack"]
        .iter()
        .find_map(|tail| shown.strip_suffix(tail))
        .map_or_else(|| shown.clone(), str::to_owned)
}
