//! What an object store says when it fails, without secrets.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::io;

use object_store::client::{HttpError, HttpErrorKind};
use url::Url;

use crate::error::{ErrorKind, StageError, io_kind};
use crate::id::ContentHash;
use crate::printable::Printable;

/// The most that is told of what a service said.
const MAX_TEXT: usize = 1_000;

/// An object store refused, or could not be reached.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} the object store {url}")]
pub(crate) struct ObjectError {
    /// Completes "cannot … the object store URL".
    action: &'static str,
    url: String,
    digest: Option<ContentHash>,
    kind: ErrorKind,
    source: Said,
}

/// What the service, or the way to it, said.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Said(String);

/// Makes errors of one store: knows its URL, and what must not be in a text.
#[derive(Debug)]
pub(super) struct Explain {
    url: String,
    secrets: Secrets,
}

/// Values that the host configured. Any of them may be a secret.
struct Secrets(Vec<String>);

impl std::fmt::Debug for Secrets {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("…")
    }
}

impl Explain {
    pub(super) fn new(url: &Url, settings: &[(&str, &str)]) -> Self {
        let mut shown = url.clone();
        // Both fail for URLs that have no such part.
        let _ = shown.set_password(None);
        shown.set_query(None);
        shown.set_fragment(None);
        let encoded = |value: &str| {
            let bytes = value.as_bytes();
            url::form_urlencoded::byte_serialize(bytes).collect::<String>()
        };
        let secrets = settings
            .iter()
            .map(|(_, value)| *value)
            .chain(url.password())
            .chain(url.query())
            .filter(|value| value.len() >= 8 && !value.starts_with("http"))
            .flat_map(|value| [value.to_owned(), encoded(value)]);
        Explain {
            secrets: Secrets(secrets.collect()),
            url: Printable(shown.as_str().as_bytes()).to_string(),
        }
    }

    /// `action` completes "cannot … the object store URL".
    pub(super) fn error(
        &self,
        action: &'static str,
        digest: Option<&ContentHash>,
        error: &object_store::Error,
    ) -> ObjectError {
        let mut text = error.to_string();
        for secret in &self.secrets.0 {
            text = text.replace(secret, "(redacted)");
        }
        let end = MAX_TEXT.min(text.len());
        ObjectError {
            action,
            url: self.url.clone(),
            digest: digest.copied(),
            kind: kind(error, &text),
            source: Said(Printable(&text.as_bytes()[..end]).to_string()),
        }
    }
}

fn kind(error: &object_store::Error, text: &str) -> ErrorKind {
    use object_store::Error as E;
    match error {
        E::PermissionDenied { .. } => return ErrorKind::AccessDenied,
        E::Unauthenticated { .. } => return ErrorKind::AuthenticationFailed,
        E::UnknownConfigurationKey { .. } => return ErrorKind::InvalidOptions,
        _ => {}
    }
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(error) = error.downcast_ref::<HttpError>() {
            return match error.kind() {
                HttpErrorKind::Timeout => ErrorKind::Timeout,
                HttpErrorKind::Connect => ErrorKind::ConnectionFailed,
                HttpErrorKind::Decode => ErrorKind::Protocol,
                _ => ErrorKind::Server,
            };
        }
        if let Some(error) = error.downcast_ref::<io::Error>() {
            return io_kind(error);
        }
        cause = error.source();
    }
    // The status is not told otherwise.
    match text
        .split_once("status code: ")
        .map(|(_, status)| status.get(..3))
    {
        Some(Some("429" | "503")) => ErrorKind::RateLimited,
        Some(_) => ErrorKind::Server,
        None => ErrorKind::Io,
    }
}

impl StageError for ObjectError {
    fn kind(&self) -> ErrorKind {
        self.kind
    }

    fn advice(&self) -> Option<Cow<'static, str>> {
        let advice = match self.kind {
            ErrorKind::AccessDenied => {
                "check that these credentials may read, write, list and delete in the bucket"
            }
            ErrorKind::AuthenticationFailed => "check the credentials and the region",
            ErrorKind::ConnectionFailed => "check the endpoint, and that it can be reached",
            ErrorKind::Timeout | ErrorKind::RateLimited => {
                "try again later, with fewer requests at once"
            }
            ErrorKind::StorageFull => "make room on the disk",
            ErrorKind::Server | ErrorKind::Io => {
                "check that the bucket exists and that its name, endpoint and region are right"
            }
            _ => return None,
        };
        Some(Cow::Borrowed(advice))
    }

    fn url(&self) -> Option<&str> {
        Some(&self.url)
    }

    fn digest(&self) -> Option<ContentHash> {
        self.digest
    }
}
