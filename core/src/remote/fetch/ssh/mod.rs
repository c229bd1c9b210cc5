//! `ssh://` and `user@host:path`, through the OpenSSH program.

mod command;
mod error;
mod input;
mod options;
mod process;

pub use options::{HostKeys, SshOptions};

pub(crate) use error::SshError;

use std::net::IpAddr;

use super::connection::{Connection, Duplex};
use super::error::FetchError;
use crate::remote::{Endpoint, Watch};
use process::Process;

/// Starts `git-upload-pack` for `path` on the other side.
///
/// `address` is the one of the host's that the policy allows and that is tried; `None` leaves the
/// choice to ssh and its configuration.
pub(super) fn connect(
    options: &SshOptions,
    endpoint: &Endpoint,
    address: Option<IpAddr>,
    user: Option<&str>,
    path: &[u8],
    watch: &Watch,
) -> Result<Box<dyn Connection>, FetchError> {
    watch.check()?;
    let timeout = watch.timeouts().connect;
    let command = command::command(options, endpoint, address, user, path, timeout)?;
    Ok(Box::new(Duplex::new(Process::start(command, endpoint, watch)?)))
}
