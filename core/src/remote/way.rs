//! The way out: directly, or through the proxy.

use std::sync::Arc;

use rustls::ClientConfig;

use crate::error::Error;
use crate::remote::connect::dial;
use crate::remote::error::RemoteError;
use crate::remote::link::Link;
use crate::remote::lookup::Endpoint;
use crate::remote::options::RemoteOptions;
use crate::remote::policy::Policy;
use crate::remote::proxy::Proxy;
use crate::remote::tls;
use crate::remote::watch::Watch;

/// What connections of one import are made by.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    policy: Policy,
    proxy: Option<(Proxy, Option<Arc<ClientConfig>>)>,
}

impl Way {
    /// # Errors
    ///
    /// [`ErrorKind::InvalidOptions`](crate::ErrorKind::InvalidOptions) for certificates of
    /// authorities that cannot be used, if a proxy needs them.
    pub(crate) fn new(options: &RemoteOptions) -> Result<Self, Error> {
        let proxy = match &options.proxy {
            Some(proxy) if proxy.speaks_tls() => {
                Some((proxy.clone(), Some(tls::client_config(options, None)?)))
            }
            proxy => proxy.clone().map(|proxy| (proxy, None)),
        };
        Ok(Way {
            policy: options.policy.clone(),
            proxy,
        })
    }

    /// Connects to `endpoint`, as far as the policy allows it.
    pub(crate) fn reach(&self, endpoint: &Endpoint, watch: &Watch) -> Result<Link, RemoteError> {
        match &self.proxy {
            Some((proxy, tls)) => proxy.dial(endpoint, &self.policy, tls.as_ref(), watch),
            None => dial(endpoint, &self.policy, watch).map(Link::Plain),
        }
    }
}
