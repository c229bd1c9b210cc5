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
use crate::progress::Step;
use crate::remote::{Endpoint, Watch};
use process::Process;

/// Starts `git-upload-pack` for `path` on the other side.
///
/// `address` is the one of the host's that the policy allows and that is tried; `None` leaves the
/// choice to ssh and its configuration. Returns when the other side has begun to speak.
pub(super) fn connect(
    options: &SshOptions,
    endpoint: &Endpoint,
    address: Option<IpAddr>,
    user: Option<&str>,
    path: &[u8],
    watch: &Watch,
) -> Result<Box<dyn Connection>, FetchError> {
    watch.check()?;
    watch.progress().enter(Step::Connecting, 0, 0);
    let timeout = watch.timeouts().connect;
    let command = command::command(options, endpoint, address, user, path, timeout)?;
    let mut process = Process::start(command, endpoint, watch)?;
    // Whether a connection came about shows when the server says something.
    process.wait()?;
    Ok(Box::new(Duplex::new(process)))
}
