//! Other machines: how they are reached, asked and believed.
//!
//! `policy` says what may be dialled, `connect` dials it, `http` speaks HTTP over what was dialled.

mod address;
mod connect;
mod error;
mod fetch;
mod lookup;
mod message;
mod policy;
mod stream;
mod watch;

pub use address::AddressClass;
pub use policy::{Destination, Policy};
pub use watch::Timeouts;

pub(crate) use connect::dial;
pub(crate) use error::{NotGit, RemoteError, Waited};
pub(crate) use lookup::{Endpoint, resolve};
pub(crate) use message::ServerText;
pub(crate) use stream::Stream;
pub(crate) use watch::{Failure, Watch};
