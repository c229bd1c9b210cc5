//! x
mod advertisement;
mod connection;
mod daemon;
mod error;
mod near;
mod pkt;
mod refs;
mod request;
mod response;
mod revision;
mod server_message;
mod sideband;
mod ssh;

pub use refs::RemoteRef;
pub use ssh::{HostKeys, SshOptions};
