//! How OpenSSH is called.

use std::path::PathBuf;

/// Which program speaks ssh, with which key, and which servers it believes.
///
/// gitlade never lets it ask anybody: a key with a passphrase has to be in an agent. It does not go
/// through [`Proxy`](crate::Proxy); with one, an `ssh` URL is an error unless
/// [`use_config`](SshOptions::use_config) leaves the way to OpenSSH.
///
/// ```
/// let ssh = gitlade::SshOptions::default()
///     .key("/etc/deploy/key")
///     .known_hosts("/etc/deploy/known_hosts");
/// assert!(!ssh.use_config);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SshOptions {
    /// The OpenSSH client. Default `ssh`, which the operating system finds in its search path.
    pub program: PathBuf,
    /// A private key. With one, neither an agent nor another key is tried. Default `None`: those of
    /// the user that the process runs as.
    pub key: Option<PathBuf>,
    /// The servers' keys, in place of the user's and the system's `known_hosts`. Default `None`.
    pub known_hosts: Option<PathBuf>,
    /// What is done about a server that is not among the known ones. Default [`HostKeys::Strict`].
    pub host_keys: HostKeys,
    /// Whether the configuration files of OpenSSH count, such as `~/.ssh/config`. They may call
    /// programs and lead elsewhere than the URL says, so that the policy on addresses is worth
    /// nothing with them. Default `false`.
    pub use_config: bool,
}

/// What is done about a server whose key is not known yet. A key that *differs* from the known one
/// is always an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum HostKeys {
    /// An unknown server is an error.
    #[default]
    Strict,
    /// The key of an unknown server is believed, and written to the file of known hosts.
    AcceptNew,
}

impl Default for SshOptions {
    fn default() -> Self {
        SshOptions {
            program: PathBuf::from("ssh"),
            key: None,
            known_hosts: None,
            host_keys: HostKeys::Strict,
            use_config: false,
        }
    }
}

impl SshOptions {
    /// Sets [`program`](SshOptions#structfield.program).
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = program.into();
        self
    }

    /// Sets [`key`](SshOptions#structfield.key).
    pub fn key(mut self, key: impl Into<PathBuf>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Sets [`known_hosts`](SshOptions#structfield.known_hosts).
    pub fn known_hosts(mut self, file: impl Into<PathBuf>) -> Self {
        self.known_hosts = Some(file.into());
        self
    }

    /// Sets [`host_keys`](SshOptions#structfield.host_keys).
    pub fn host_keys(mut self, host_keys: HostKeys) -> Self {
        self.host_keys = host_keys;
        self
    }

    /// Sets [`use_config`](SshOptions#structfield.use_config).
    pub fn use_config(mut self, use_config: bool) -> Self {
        self.use_config = use_config;
        self
    }
}
