//! Other machines: how they are reached, asked and believed.
//!
//! `policy` says what may be dialled, `connect` dials it, `http` speaks HTTP over what was dialled.

mod address;
mod client_certificate;
mod connect;
mod credentials;
mod error;
mod explain;
mod fetch;
mod http;
mod link;
mod lookup;
mod message;
mod options;
mod policy;
mod probe;
mod proxy;
mod redact;
mod stream;
mod tls;
mod watch;
mod way;

pub use address::AddressClass;
pub use client_certificate::ClientCertificate;
pub use credentials::{CredentialProvider, CredentialRequest, Credentials, Secret};
pub use fetch::{HostKeys, RemoteRef, SshOptions, ls_remote};
pub use options::{RemoteOptions, Roots};
pub use policy::{Destination, Policy};
pub use proxy::Proxy;
#[cfg(feature = "object-store")]
pub(crate) use tls::client_config as tls_config;
pub use watch::Timeouts;

pub(crate) use credentials::SharedProvider;
pub(crate) use error::{NotGit, RemoteError, Waited};
#[cfg(feature = "internals")]
pub(crate) use fetch::read_everything;
pub(crate) use fetch::{
    FetchError, Fetched, FetchedRef, Greeting, Remote, Revision, Wanted, fetch, greet,
};
pub(crate) use http::{HttpClient, Probe};
pub(crate) use lookup::{Endpoint, resolve};
pub(crate) use message::ServerText;
pub(crate) use probe::Prober;
pub(crate) use watch::Watch;
pub(crate) use way::Way;
