//! Other machines: how they are reached, asked and believed.
//!
//! `policy` says what may be dialled, `connect` dials it, `http` speaks HTTP over what was dialled.

mod address;
mod connect;
mod credentials;
mod error;
mod explain;
mod fetch;
mod http;
mod lookup;
mod message;
mod options;
mod policy;
mod proxy;
mod redact;
mod stream;
mod tls;
mod watch;

pub use address::AddressClass;
pub use credentials::{CredentialProvider, CredentialRequest, Credentials, Secret};
pub use fetch::{HostKeys, RemoteRef, SshOptions, ls_remote};
pub use options::{RemoteOptions, Roots};
pub use policy::{Destination, Policy};
pub use proxy::Proxy;
pub use watch::Timeouts;

pub(crate) use credentials::SharedProvider;
pub(crate) use error::{RemoteError, Waited};
pub(crate) use fetch::{Fetched, FetchedRef, Remote, Revision, fetch};
pub(crate) use http::HttpClient;
pub(crate) use lookup::{Endpoint, resolve};
pub(crate) use message::ServerText;
pub(crate) use proxy::reach;
pub(crate) use watch::Watch;
