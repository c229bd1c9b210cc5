//! The HTTP client of object stores: our TLS, and nothing of the environment.

use std::sync::Arc;
use std::time::Duration;

use object_store::client::{ClientConfigKey, HttpClient, HttpConnector};
use object_store::{ClientOptions, Error};
use rustls::ClientConfig;

use super::ObjectOptions;

/// Makes clients that believe the same authorities as a remote import, and use a proxy only if the
/// settings name one.
#[derive(Clone, Debug)]
pub(super) struct Connector {
    pub(super) tls: Arc<ClientConfig>,
    pub(super) connect_timeout: Duration,
    pub(super) stall_timeout: Duration,
}

impl Connector {
    pub(super) fn new(options: &ObjectOptions) -> Result<Self, crate::error::Error> {
        let mut remote = crate::remote::RemoteOptions::default();
        remote.ca_certificates.clone_from(&options.ca_certificates);
        Ok(Connector {
            tls: crate::remote::tls_config(&remote, None)?,
            connect_timeout: options.connect_timeout,
            stall_timeout: options.stall_timeout,
        })
    }
}

impl HttpConnector for Connector {
    fn connect(&self, options: &ClientOptions) -> object_store::Result<HttpClient> {
        let failed = |error: reqwest::Error| Error::Generic {
            store: "HTTP",
            source: Box::new(error),
        };
        let is_set = |key| options.get_config_value(&key).as_deref() == Some("true");
        let mut builder = reqwest::Client::builder()
            .user_agent(concat!("gitlade/", env!("CARGO_PKG_VERSION")))
            .tls_backend_preconfigured((*self.tls).clone())
            .https_only(!is_set(ClientConfigKey::AllowHttp))
            .connect_timeout(self.connect_timeout)
            .read_timeout(self.stall_timeout)
            .no_proxy();
        if let Some(proxy) = options.get_config_value(&ClientConfigKey::ProxyUrl) {
            builder = builder.proxy(reqwest::Proxy::all(proxy).map_err(failed)?);
        }
        Ok(HttpClient::new(builder.build().map_err(failed)?))
    }
}
