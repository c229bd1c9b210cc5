//! The remote that is talked to, and the way there.

use super::connection::Connection;
use super::error::FetchError;
use super::sideband::Rules;
use super::smart_http::SmartHttp;
use super::ssh::{self, SshError};
use super::{daemon, retry};
use crate::cancel::Cancel;
use crate::error::Error;
use crate::limits::Limits;
use crate::progress::Progress;
use crate::remote::{
    Endpoint, HttpClient, Prober, RemoteError, RemoteOptions, Waited, Watch, Way, resolve,
};
use crate::source::{RemoteUrl, Scheme};

/// A remote repository, with everything that a conversation with its server needs.
pub(crate) struct Remote<'a> {
    url: &'a RemoteUrl,
    options: &'a RemoteOptions,
    pub(super) limits: &'a Limits,
    pub(super) watch: Watch,
}

impl<'a> Remote<'a> {
    /// Starts the clock; nothing is dialled yet.
    pub(crate) fn new(
        url: &'a RemoteUrl,
        options: &'a RemoteOptions,
        limits: &'a Limits,
        cancel: &Cancel,
        progress: &Progress,
    ) -> Self {
        let watch = Watch::start(options.timeouts, cancel, progress);
        Self::watched(url, options, limits, &watch)
    }

    /// Goes by a clock that runs already.
    pub(crate) fn watched(
        url: &'a RemoteUrl,
        options: &'a RemoteOptions,
        limits: &'a Limits,
        watch: &Watch,
    ) -> Self {
        Remote {
            url,
            options,
            limits,
            watch: watch.clone(),
        }
    }

    /// Generations of commits to ask for.
    pub(super) fn depth(&self) -> u32 {
        self.options.depth
    }

    /// Connects by the URL's scheme.
    pub(super) fn connect(&self) -> Result<Box<dyn Connection>, FetchError> {
        let url = route(self.url, self.options);
        if url.scheme().is_http() {
            let client = HttpClient::new(&url, self.options, self.limits, &self.watch)
                .map_err(FetchError::Options)?;
            return Ok(Box::new(SmartHttp::new(client)));
        }
        let endpoint = Endpoint {
            scheme: url.scheme(),
            host: url.host().clone(),
            port: url.port(),
        };
        if endpoint.scheme == Scheme::Ssh {
            return self.connect_by_ssh(&endpoint);
        }
        let way = Way::new(self.options).map_err(FetchError::Options)?;
        daemon::connect(&endpoint, &url.server_path(), &way, &self.watch)
    }

    /// Tries the host's addresses one after the other, as ssh itself would.
    fn connect_by_ssh(&self, endpoint: &Endpoint) -> Result<Box<dyn Connection>, FetchError> {
        let path = self.url.server_path();
        let connect = |address| {
            let user = self.url.user();
            ssh::connect(
                &self.options.ssh,
                endpoint,
                address,
                user,
                &path,
                &self.watch,
            )
        };
        if self.options.ssh.use_config {
            // Where ssh goes is decided by files that are not read here: the scheme and the port
            // are all that can be judged.
            self.options
                .policy
                .check_scheme_and_port(endpoint.scheme, endpoint.port)
                .map_err(RemoteError::NotAllowed)?;
            return connect(None);
        }
        // Who set a proxy may rely on nothing going past it.
        if self.options.proxy.is_some() {
            return Err(SshError::Proxy.into());
        }
        let mut failure = None;
        for address in resolve(endpoint, &self.options.policy, &self.watch)? {
            match connect(Some(address.ip())) {
                Err(FetchError::Remote(
                    error @ (RemoteError::ConnectionRefused { .. }
                    | RemoteError::ConnectionFailed { .. }
                    | RemoteError::Timeout(Waited::Connect(_))),
                )) => failure = Some(error),
                result => return result,
            }
        }
        Err(failure
            .expect("because a host that resolves has an address")
            .into())
    }

    /// Repeats what may work a moment later, and says what remote it is about if it does not.
    pub(super) fn retrying<T>(
        &self,
        attempt: impl FnMut() -> Result<T, FetchError>,
    ) -> Result<T, Error> {
        self.attempting(attempt)
            .map_err(|failure| self.locate(self.named(failure)))
    }

    /// Repeats what may work a moment later.
    pub(super) fn attempting<T>(
        &self,
        attempt: impl FnMut() -> Result<T, FetchError>,
    ) -> Result<T, FetchError> {
        retry::retry(self.options.retries, &self.watch, attempt)
    }

    /// Looks once, where no Git server answers, whether another version control system does.
    fn named(&self, failure: FetchError) -> FetchError {
        if !failure.may_be_other_system() {
            return failure;
        }
        // Nobody is asked for credentials only to name what is of no use.
        let mut options = self.options.clone();
        options.provider = None;
        match self
            .prober_with(&options)
            .and_then(|mut prober| prober.other_system())
        {
            Ok(Some(system)) => FetchError::OtherSystem(system),
            // What ends the import ends it here, too.
            Err(error @ (RemoteError::Cancelled | RemoteError::Timeout(Waited::Deadline(_)))) => {
                error.into()
            }
            Ok(None) | Err(_) => failure,
        }
    }

    /// Makes ready to find out what else than Git is there.
    pub(crate) fn prober(&self) -> Result<Prober, RemoteError> {
        self.prober_with(self.options)
    }

    fn prober_with(&self, options: &RemoteOptions) -> Result<Prober, RemoteError> {
        let url = route(self.url, self.options);
        Prober::new(&url, options, self.limits, &self.watch)
    }

    pub(crate) fn locate(&self, failure: FetchError) -> Error {
        failure.at(&self.url.to_string(), self.watch.redactor())
    }

    /// What holds for a pack of this remote; the server may send as many stall timeouts long
    /// everything but the pack as `patience` says.
    pub(super) fn pack_rules(&self, patience: u32) -> Rules<'_> {
        Rules {
            limits: self.limits,
            patience: self.watch.timeouts().stall.saturating_mul(patience),
            progress: self.watch.progress(),
            redactor: self.watch.redactor(),
        }
    }
}

/// The URL that is dialled for `url`: the same, or the one by `https` in place of one by ssh where
/// [`https_for_ssh`](RemoteOptions#structfield.https_for_ssh) asks for it.
fn route(url: &RemoteUrl, options: &RemoteOptions) -> RemoteUrl {
    let has_credentials = options.credentials.is_some() || options.provider.is_some();
    if options.https_for_ssh && has_credentials && url.scheme() == Scheme::Ssh {
        return url.to_https().unwrap_or_else(|| url.clone());
    }
    url.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::remote::Credentials;
    use crate::source::Source;

    #[test]
    fn ssh_goes_by_https_only_when_asked_to_and_with_credentials() {
        let Ok(Source::Remote(url)) = Source::parse("git@github.com:vercel/next.js.git") else {
            panic!("it is a remote");
        };
        let options = RemoteOptions::default();
        assert_eq!(route(&url, &options), url);
        let options = options.https_for_ssh(true);
        assert_eq!(route(&url, &options), url);
        let options = options.credentials(Credentials::token("t0ken"));
        let https = "https://github.com/vercel/next.js.git";
        assert_eq!(route(&url, &options).to_string(), https);
        assert_eq!(route(&url, &options.https_for_ssh(false)), url);
    }
}
