//! What the host of an engine can choose, for all imports and for each.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::import::Options;
use crate::limits::Limits;
use crate::remote::{CredentialProvider, Credentials, RemoteOptions, SharedProvider};

use super::error::EngineError;

/// Bytes of the host's own text about an import.
const MAX_METADATA: usize = 16 << 10;
/// Bytes of a tenant's key.
const MAX_TENANT: usize = 1 << 10;
/// The shortest time between two looks at an import.
pub(super) const MIN_INTERVAL: Duration = Duration::from_millis(100);

/// What an engine may take, and what imports may do in it.
///
/// The defaults suit a service that imports what strangers name: public addresses, two imports at a
/// time.
///
/// ```
/// use gitlade::{EngineOptions, Limits, Policy, RemoteOptions};
/// let options = EngineOptions::default()
///     .running(4)
///     .limits(Limits::default().max_total_bytes(1 << 30))
///     .remote(RemoteOptions::default().policy(Policy::private()));
/// assert_eq!(options.running, 4);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct EngineOptions {
    /// Imports that run at once; at least 1. Default 2.
    pub running: usize,
    /// Imports that wait for their turn, beyond those that run. Default 1,000.
    pub queued: usize,
    /// Threads that the running imports share; 0 means as many as the machine has cores. An import
    /// that begins gets this number divided by those that run then, and at least one; so there may
    /// be more for a while, if it was not the first. Default 0.
    pub threads: usize,
    /// Bytes of buffers in memory that the running imports share, each as much as if
    /// [`running`](EngineOptions#structfield.running) of them ran. Default 512 MiB.
    pub memory: u64,
    /// Caps that no import may go beyond; those of its own options hold where they are lower.
    pub limits: Limits,
    /// How servers are reached: policy, timeouts, proxy, certificates. It may hold a provider of
    /// credentials, but no credentials, since those would be shown to every server.
    pub remote: RemoteOptions,
    /// Whether repositories on this machine may be imported. Default true.
    pub local: bool,
    /// How often progress is told to [subscriptions](crate::Subscription); at least 100 ms.
    /// Default 100 ms.
    pub progress_interval: Duration,
}

impl Default for EngineOptions {
    fn default() -> Self {
        EngineOptions {
            running: 2,
            queued: 1000,
            threads: 0,
            memory: 512 << 20,
            limits: Limits::default(),
            remote: RemoteOptions::default(),
            local: true,
            progress_interval: MIN_INTERVAL,
        }
    }
}

impl EngineOptions {
    /// Sets [`running`](EngineOptions#structfield.running).
    pub fn running(mut self, imports: usize) -> Self {
        self.running = imports;
        self
    }

    /// Sets [`queued`](EngineOptions#structfield.queued).
    pub fn queued(mut self, imports: usize) -> Self {
        self.queued = imports;
        self
    }

    /// Sets [`threads`](EngineOptions#structfield.threads).
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Sets [`memory`](EngineOptions#structfield.memory).
    pub fn memory(mut self, bytes: u64) -> Self {
        self.memory = bytes;
        self
    }

    /// Sets [`limits`](EngineOptions#structfield.limits).
    pub fn limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// Sets [`remote`](EngineOptions#structfield.remote).
    pub fn remote(mut self, options: RemoteOptions) -> Self {
        self.remote = options;
        self
    }

    /// Sets [`local`](EngineOptions#structfield.local).
    pub fn local(mut self, allow: bool) -> Self {
        self.local = allow;
        self
    }

    /// Sets [`progress_interval`](EngineOptions#structfield.progress_interval).
    pub fn progress_interval(mut self, interval: Duration) -> Self {
        self.progress_interval = interval;
        self
    }

    pub(super) fn check(&self) -> Result<(), EngineError> {
        if self.running == 0 {
            return Err(EngineError::NothingMayRun);
        }
        if self.remote.credentials.is_some() {
            return Err(EngineError::CredentialsForAll);
        }
        Ok(())
    }
}

/// What is imported, and for whom.
///
/// ```
/// use gitlade::{Credentials, Options, Request};
/// let request = Request::default()
///     .options(Options::default().revision("main"))
///     .credentials(Credentials::token("ghp_secret"))
///     .tenant("installation 4711")
///     .metadata(r#"{"requested_by": "mona"}"#);
/// assert!(!format!("{request:?}").contains("secret"));
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Request {
    /// What is imported, and with which means. The engine's limits, policy and shares of threads and
    /// memory hold as well; of [`Options::remote`] nothing is taken but credentials, their provider
    /// and the depth.
    pub options: Options,
    /// Credentials for the URL's own host. They are kept in memory and nowhere else. Default: those
    /// of [`Options::remote`].
    pub credentials: Option<Credentials>,
    /// For whom the import is, in the host's own terms, such as an installation's id: at most 1 KiB
    /// of text without control characters. Tenants get their turns fairly. Default: empty.
    pub tenant: String,
    /// What the host likes to know about the import: at most 16 KiB of JSON. Default: empty, which
    /// is no metadata.
    pub metadata: String,
}

impl Request {
    /// Sets [`options`](Request#structfield.options).
    pub fn options(mut self, options: Options) -> Self {
        self.options = options;
        self
    }

    /// Sets [`credentials`](Request#structfield.credentials).
    pub fn credentials(mut self, credentials: impl Into<Option<Credentials>>) -> Self {
        self.credentials = credentials.into();
        self
    }

    /// Sets [`tenant`](Request#structfield.tenant).
    pub fn tenant(mut self, tenant: impl Into<String>) -> Self {
        self.tenant = tenant.into();
        self
    }

    /// Sets [`metadata`](Request#structfield.metadata).
    pub fn metadata(mut self, json: impl Into<String>) -> Self {
        self.metadata = json.into();
        self
    }

    /// Fails if tenant or metadata are not what they have to be.
    pub(super) fn check(&self) -> Result<(), EngineError> {
        if self.tenant.len() > MAX_TENANT || self.tenant.contains(char::is_control) {
            return Err(EngineError::Tenant { most: MAX_TENANT });
        }
        if self.metadata.len() > MAX_METADATA {
            return Err(EngineError::LargeMetadata { most: MAX_METADATA });
        }
        if !self.metadata.is_empty() {
            serde_json::from_str::<serde_json::Value>(&self.metadata)
                .map_err(|source| EngineError::Metadata { source })?;
        }
        Ok(())
    }
}

/// What is different when an import is started again.
///
/// By default nothing is, and the credentials are those that it had: they are remembered in memory
/// until the import is complete or removed, and as long as the engine lives. An engine remembers
/// those of the thousand imports that ended last.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Restart {
    /// Other credentials. Default: the same.
    pub credentials: Option<Credentials>,
    /// Whether to forget the credentials that it had. Default false.
    pub forget_credentials: bool,
    /// Another revision. Default: the same.
    pub revision: Option<String>,
    /// Other options: folder, filters, limits, depth and all else that [`Request::options`] has, the
    /// revision too. Default: the same. For changing some of them, take those of before from
    /// [`Store::import_options`](crate::Store::import_options).
    pub options: Option<Options>,
    pub(super) provider: Option<SharedProvider>,
}

impl Restart {
    /// Sets [`credentials`](Restart#structfield.credentials).
    pub fn credentials(mut self, credentials: impl Into<Option<Credentials>>) -> Self {
        self.credentials = credentials.into();
        self
    }

    /// Asks `provider` for credentials when a server does. Default: the one that it had, if any.
    pub fn credential_provider(mut self, provider: impl CredentialProvider + 'static) -> Self {
        self.provider = Some(SharedProvider(Arc::new(provider)));
        self
    }

    /// Sets [`forget_credentials`](Restart#structfield.forget_credentials).
    pub fn forget_credentials(mut self, forget: bool) -> Self {
        self.forget_credentials = forget;
        self
    }

    /// Sets [`revision`](Restart#structfield.revision).
    pub fn revision(mut self, revision: impl Into<String>) -> Self {
        self.revision = Some(revision.into());
        self
    }

    /// Sets [`options`](Restart#structfield.options).
    pub fn options(mut self, options: Options) -> Self {
        self.options = Some(options);
        self
    }
}

/// The lower of each cap.
pub(super) fn lower(limits: &Limits, ceiling: &Limits) -> Result<Limits, Error> {
    let mut lower = limits.clone();
    for name in Limits::NAMES {
        let most = ceiling.get(name).unwrap_or(u64::MAX);
        let value = limits.get(name).unwrap_or(u64::MAX);
        lower.set(name, value.min(most))?;
    }
    Ok(lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metadata(text: &str) -> Result<(), EngineError> {
        Request::default().metadata(text).check()
    }

    #[test]
    fn metadata_is_json_of_some_kilobytes() {
        for good in ["", "{}", "null", "[1, \"a\"]", r#"{"a": "\u0000"}"#] {
            assert!(metadata(good).is_ok(), "{good}");
        }
        for bad in ["{", "a", "{} {}", "{'a': 1}", "\u{feff}{}", "\0"] {
            let error = metadata(bad).expect_err("it is no JSON");
            assert!(matches!(error, EngineError::Metadata { .. }), "{bad}");
        }
        let text = |bytes: usize| format!("\"{}\"", "x".repeat(bytes - 2));
        assert!(metadata(&text(16 << 10)).is_ok());
        let error = metadata(&text((16 << 10) + 1)).expect_err("it is one byte too long");
        assert!(matches!(error, EngineError::LargeMetadata { .. }));
        assert!(metadata(&"[".repeat(16 << 10)).is_err(), "deep as it is");
    }

    #[test]
    fn tenants_are_lines_of_text() {
        let check = |tenant: &str| Request::default().tenant(tenant).check();
        assert!(check("installation 4711, größer").is_ok());
        assert!(check(&"x".repeat(1 << 10)).is_ok());
        for bad in ["a\nb", "\0", "\u{1b}[2J", &"x".repeat((1 << 10) + 1)] {
            assert!(check(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn an_engine_has_no_credentials_of_its_own() {
        let remote = RemoteOptions::default().credentials(Credentials::token("x"));
        let options = EngineOptions::default().remote(remote);
        assert!(matches!(
            options.check(),
            Err(EngineError::CredentialsForAll)
        ));
        assert!(EngineOptions::default().running(0).check().is_err());
    }

    #[test]
    fn of_two_caps_the_lower_one_holds() {
        let own = Limits::default().max_blob(10).max_entries(u64::MAX);
        let ceiling = Limits::default().max_blob(20).max_entries(30);
        let lower = lower(&own, &ceiling).expect("all names are known");
        assert_eq!((lower.max_blob, lower.max_entries), (10, 30));
        assert_eq!(lower.max_depth, Limits::default().max_depth);
    }
}
