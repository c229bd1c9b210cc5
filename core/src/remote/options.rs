//! How remotes are reached, as the host wishes it.

use std::sync::Arc;

use crate::remote::client_certificate::ClientCertificate;
use crate::remote::credentials::{CredentialProvider, Credentials, SharedProvider};
use crate::remote::fetch::SshOptions;
use crate::remote::policy::Policy;
use crate::remote::proxy::Proxy;
use crate::remote::watch::Timeouts;

/// How a remote is reached: where to connect, as whom, and how long to wait.
///
/// The defaults suit a service that imports what strangers name: public addresses, no proxy, no
/// credentials.
///
/// ```
/// use gitlade::{Credentials, Policy, RemoteOptions};
/// let options = RemoteOptions::default()
///     .policy(Policy::private())
///     .credentials(Credentials::token("ghp_secret"));
/// assert!(!format!("{options:?}").contains("secret"));
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct RemoteOptions {
    /// How long to wait for what.
    pub timeouts: Timeouts,
    /// Attempts after the first one, for failures that may pass (refused, reset, overloaded), as
    /// long as no part of the pack has been taken in. Default 3.
    pub retries: u32,
    /// Where to connect. Default [`Policy::public`].
    pub policy: Policy,
    /// The way out. Default `None`: directly, whatever the environment says.
    pub proxy: Option<Proxy>,
    /// Whose certificates are believed, of servers and of a proxy. Default [`Roots::Bundled`].
    pub roots: Roots,
    /// Certificates of further authorities to believe, each a text in PEM form that may hold several.
    pub ca_certificates: Vec<Vec<u8>>,
    /// How to introduce oneself over HTTP; visible ASCII. Default `None`: `git/gitlade-VERSION`,
    /// because hosts tell Git clients from browsers by what stands before the slash.
    pub user_agent: Option<String>,
    /// The certificate that the URL's own host is shown if it asks for one. Default `None`.
    pub client_certificate: Option<ClientCertificate>,
    /// Credentials for the URL's own host. Default `None`.
    pub credentials: Option<Credentials>,
    /// Whether credentials may go over plain `http`, where everyone on the way can read them.
    /// Default `false`.
    pub plain_http_credentials: bool,
    /// Whether an `ssh` or `user@host:path` URL is reached by `https` on the same host if there are
    /// credentials. Default `false`.
    pub https_for_ssh: bool,
    /// How OpenSSH is called, for `ssh` and `user@host:path` URLs.
    pub ssh: SshOptions,
    /// How many generations of commits to ask for: 1 is the wanted commit alone, 2 its parents as
    /// well. Default 1; from 1 to 2,147,483,647, as Git has it.
    ///
    /// The result is the same at any depth. More than 1 lets
    /// [`revision`](crate::Options#structfield.revision) go back from what servers know by name:
    /// `main~2` takes a depth of 3. All that arrives is received, checked and classified, because
    /// nothing says which blobs are wanted until the last tree is there, and all of it counts towards
    /// the limits (`max_pack_bytes`, `max_objects`, `max_tree_bytes`, `max_total_bytes`).
    pub depth: u32,
    /// Redirects to follow, for the first request only, as Git does. Default 5.
    pub max_redirects: u32,
    pub(crate) provider: Option<SharedProvider>,
}

/// Whose certificates are believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Roots {
    /// Mozilla's list, as it was when this library was built.
    #[default]
    Bundled,
    /// The operating system's list. Finding it looks at `SSL_CERT_FILE` and `SSL_CERT_DIR`, the only
    /// variables of the environment that change how `https` is spoken.
    System,
    /// None but [`RemoteOptions::ca_certificates`].
    None,
}

impl Default for RemoteOptions {
    fn default() -> Self {
        RemoteOptions {
            timeouts: Timeouts::default(),
            retries: 3,
            policy: Policy::default(),
            proxy: None,
            roots: Roots::default(),
            ca_certificates: Vec::new(),
            user_agent: None,
            client_certificate: None,
            credentials: None,
            plain_http_credentials: false,
            https_for_ssh: false,
            ssh: SshOptions::default(),
            depth: 1,
            max_redirects: 5,
            provider: None,
        }
    }
}

impl RemoteOptions {
    /// Sets [`timeouts`](RemoteOptions#structfield.timeouts).
    pub fn timeouts(mut self, value: Timeouts) -> Self {
        self.timeouts = value;
        self
    }

    /// Sets [`retries`](RemoteOptions#structfield.retries).
    pub fn retries(mut self, value: u32) -> Self {
        self.retries = value;
        self
    }

    /// Sets [`policy`](RemoteOptions#structfield.policy).
    pub fn policy(mut self, value: Policy) -> Self {
        self.policy = value;
        self
    }

    /// Sets [`proxy`](RemoteOptions#structfield.proxy).
    pub fn proxy(mut self, value: impl Into<Option<Proxy>>) -> Self {
        self.proxy = value.into();
        self
    }

    /// Sets [`roots`](RemoteOptions#structfield.roots).
    pub fn roots(mut self, value: Roots) -> Self {
        self.roots = value;
        self
    }

    /// Adds to [`ca_certificates`](RemoteOptions#structfield.ca_certificates).
    pub fn ca_certificate(mut self, pem: impl Into<Vec<u8>>) -> Self {
        self.ca_certificates.push(pem.into());
        self
    }

    /// Sets [`user_agent`](RemoteOptions#structfield.user_agent).
    pub fn user_agent(mut self, value: impl Into<String>) -> Self {
        self.user_agent = Some(value.into());
        self
    }

    /// Sets [`client_certificate`](RemoteOptions#structfield.client_certificate).
    pub fn client_certificate(mut self, value: impl Into<Option<ClientCertificate>>) -> Self {
        self.client_certificate = value.into();
        self
    }

    /// Sets [`credentials`](RemoteOptions#structfield.credentials).
    pub fn credentials(mut self, value: impl Into<Option<Credentials>>) -> Self {
        self.credentials = value.into();
        self
    }

    /// Asks `provider` for credentials when a server does, and tells it whether they worked. It is
    /// asked three times at most, and after [`credentials`](RemoteOptions#structfield.credentials)
    /// were refused.
    pub fn credential_provider(mut self, provider: impl CredentialProvider + 'static) -> Self {
        self.provider = Some(SharedProvider(Arc::new(provider)));
        self
    }

    /// Sets [`plain_http_credentials`](RemoteOptions#structfield.plain_http_credentials).
    pub fn plain_http_credentials(mut self, value: bool) -> Self {
        self.plain_http_credentials = value;
        self
    }

    /// Sets [`https_for_ssh`](RemoteOptions#structfield.https_for_ssh).
    pub fn https_for_ssh(mut self, value: bool) -> Self {
        self.https_for_ssh = value;
        self
    }

    /// Sets [`ssh`](RemoteOptions#structfield.ssh).
    pub fn ssh(mut self, value: SshOptions) -> Self {
        self.ssh = value;
        self
    }

    /// Sets [`depth`](RemoteOptions#structfield.depth).
    pub fn depth(mut self, value: u32) -> Self {
        self.depth = value;
        self
    }

    /// Sets [`max_redirects`](RemoteOptions#structfield.max_redirects).
    pub fn max_redirects(mut self, value: u32) -> Self {
        self.max_redirects = value;
        self
    }
}
