//! Who asks: tokens, passwords, and the callback that finds them.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::remote::error::RemoteError;
use crate::source::{Host, Scheme};

/// A text that is never shown: `Debug` prints `***`, there is no `Display`, and the memory is wiped
/// when it is dropped.
///
/// What was handed to the operating system or to TLS is copied there, and beyond reach.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a secret.
    pub fn new(text: impl Into<String>) -> Self {
        Secret(Zeroizing::new(text.into()))
    }

    pub(crate) fn expose(&self) -> &str {
        &self.0
    }
}

impl<T: Into<String>> From<T> for Secret {
    fn from(text: T) -> Self {
        Secret::new(text)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

/// What an `https` server is shown to let an import in.
///
/// Credentials go to one authority only: the scheme, host and port of the URL that they were given
/// for. They are not carried over a redirect that leaves it, and go over plain `http` only if that
/// was allowed. Unless [`when_asked`](Credentials::when_asked), they are sent with the first request,
/// which saves a round trip and makes servers that hide private repositories tell the truth.
///
/// Basic and Bearer are the schemes that there are; servers that accept only Digest, NTLM or Negotiate
/// (Kerberos) are not supported: give a token, or use ssh or a
/// [client certificate](crate::ClientCertificate) there.
///
/// ```
/// let credentials = gitlade::Credentials::token("ghp_secret");
/// assert!(!format!("{credentials:?}").contains("secret"));
/// ```
#[derive(Clone, Debug)]
pub struct Credentials {
    kind: Kind,
    when_asked: bool,
}

#[derive(Clone, Debug)]
enum Kind {
    /// The user name is a secret too, because some hosts take a token there.
    Basic {
        user: Secret,
        password: Secret,
    },
    Bearer(Secret),
}

impl Credentials {
    /// A token, sent as the password of the user `x-access-token`, which GitHub asks for and others
    /// accept. White space around it, such as a file's final line break, is not part of it.
    pub fn token(token: impl Into<Secret>) -> Self {
        Self::token_as("x-access-token", token)
    }

    /// A token, sent as the password of `user`: `oauth2` for GitLab, `x-token-auth` for Bitbucket.
    pub fn token_as(user: impl Into<Secret>, token: impl Into<Secret>) -> Self {
        Self::password(user, trimmed(token.into()))
    }

    /// A token, sent as `Authorization: Bearer`.
    pub fn bearer(token: impl Into<Secret>) -> Self {
        Credentials {
            kind: Kind::Bearer(trimmed(token.into())),
            when_asked: false,
        }
    }

    /// A user and a password, sent as they are.
    pub fn password(user: impl Into<Secret>, password: impl Into<Secret>) -> Self {
        Credentials {
            kind: Kind::Basic {
                user: user.into(),
                password: password.into(),
            },
            when_asked: false,
        }
    }

    /// Holds them back until the server asks, as Git does.
    pub fn when_asked(mut self) -> Self {
        self.when_asked = true;
        self
    }

    pub(crate) fn is_sent_unasked(&self) -> bool {
        !self.when_asked
    }

    /// The value of the `Authorization` header (RFC 7617, RFC 6750).
    pub(crate) fn authorization(&self) -> Result<Zeroizing<String>, RemoteError> {
        let invalid = |reason| Err(RemoteError::InvalidCredentials { reason });
        let has_controls = |secret: &Secret| secret.expose().chars().any(char::is_control);
        match &self.kind {
            Kind::Basic { user, .. } if user.expose().contains(':') => {
                invalid("the user name holds a colon")
            }
            Kind::Basic { user, password } if has_controls(user) || has_controls(password) => {
                invalid("they hold a control character")
            }
            Kind::Basic { user, password } => {
                let pair = Zeroizing::new(format!("{}:{}", user.expose(), password.expose()));
                let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
                Ok(Zeroizing::new(format!("Basic {}", *encoded)))
            }
            Kind::Bearer(token) => {
                let token = token.expose();
                if token.is_empty() || !token.bytes().all(|b| b.is_ascii_graphic()) {
                    return invalid("a bearer token is made of visible ASCII characters");
                }
                Ok(Zeroizing::new(format!("Bearer {token}")))
            }
        }
    }

    /// The secrets alone, to be taken out of what a server says.
    pub(crate) fn secrets(&self) -> Vec<Zeroizing<String>> {
        let mut secrets = Vec::new();
        let mut add = |secret: &str| secrets.push(Zeroizing::new(secret.to_owned()));
        match &self.kind {
            Kind::Basic { user, password } => {
                add(password.expose());
                // A user name with a password beside it is a name; alone it may be a token.
                if password.expose().is_empty() {
                    add(user.expose());
                }
            }
            Kind::Bearer(token) => add(token.expose()),
        }
        if let Ok(header) = self.authorization() {
            add(header.split_once(' ').map_or("", |(_, value)| value));
        }
        secrets
    }
}

fn trimmed(secret: Secret) -> Secret {
    let text = secret.expose().trim();
    if text.len() == secret.expose().len() {
        return secret;
    }
    Secret::new(text)
}

/// What a server asks credentials for.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct CredentialRequest {
    /// The repository's URL, without credentials. After a redirect it is the target's.
    pub url: String,
    /// The scheme of the server that asks.
    pub scheme: Scheme,
    /// The host that asks.
    pub host: Host,
    /// The port that asks.
    pub port: u16,
    /// What the server calls the area that it guards, without control characters.
    pub realm: Option<String>,
    /// 1 for the first time; 2 and 3 if the server refused the earlier answers.
    pub attempt: u32,
}

/// Finds credentials when a server asks for them.
///
/// A closure from a [`CredentialRequest`] to `Option<Credentials>` is one. It may be called from
/// another thread than the one that started the import, and blocks it: an import that waits here is
/// not cancelled until the answer is there.
pub trait CredentialProvider: Send + Sync {
    /// Answers a request; `None` gives up. Credentials may go to the server that asks and no other.
    fn find(&self, request: &CredentialRequest) -> Option<Credentials>;

    /// Learns that the answer worked, so that it can be kept.
    fn approve(&self, _request: &CredentialRequest) {}

    /// Learns that the server refused the answer, so that it can be forgotten.
    fn reject(&self, _request: &CredentialRequest) {}
}

impl<F> CredentialProvider for F
where
    F: Fn(&CredentialRequest) -> Option<Credentials> + Send + Sync,
{
    fn find(&self, request: &CredentialRequest) -> Option<Credentials> {
        self(request)
    }
}

/// A shared provider that can stand in options.
#[derive(Clone)]
pub(crate) struct SharedProvider(pub(crate) Arc<dyn CredentialProvider>);

impl fmt::Debug for SharedProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CredentialProvider")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_those_of_the_rfcs() {
        // RFC 7617, sections 2 and 2.1.
        for (user, password, header) in [
            (
                "Aladdin",
                "open sesame",
                "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==",
            ),
            ("test", "123\u{a3}", "Basic dGVzdDoxMjPCow=="),
        ] {
            let value = Credentials::password(user, password).authorization();
            assert_eq!(value.expect("because they can be sent").as_str(), header);
        }
        // RFC 6750, section 2.1.
        let value = Credentials::bearer("mF_9.B5f-4.1JqM\n").authorization();
        assert_eq!(
            value.expect("because it can be sent").as_str(),
            "Bearer mF_9.B5f-4.1JqM"
        );
        // printf 'x-access-token:abc' | base64
        let value = Credentials::token("abc\r\n").authorization();
        assert_eq!(
            value.expect("because it can be sent").as_str(),
            "Basic eC1hY2Nlc3MtdG9rZW46YWJj"
        );
    }

    #[test]
    fn what_would_break_a_header_is_refused() {
        for credentials in [
            Credentials::token("a\r\nX-Evil: 1"),
            Credentials::bearer("a b"),
            Credentials::bearer(""),
            Credentials::bearer("é"),
            Credentials::password("a:b", "c"),
            Credentials::password("a", "b\0"),
        ] {
            let error = credentials
                .authorization()
                .expect_err("because it cannot be sent");
            assert!(matches!(error, RemoteError::InvalidCredentials { .. }));
        }
    }

    #[test]
    fn nothing_secret_is_shown() {
        let canary = "c4nary-s3cret";
        for credentials in [
            Credentials::token(canary),
            Credentials::bearer(canary),
            Credentials::password(canary, canary).when_asked(),
        ] {
            let shown = format!("{credentials:?} {credentials:#?} {:?}", Secret::new(canary));
            assert!(!shown.contains(canary), "{shown}");
            assert!(
                credentials
                    .secrets()
                    .iter()
                    .any(|secret| secret.as_str() == canary)
            );
        }
    }
}
