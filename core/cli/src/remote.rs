//! How a server is reached: options, and what they mean to the library.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum, ValueHint};
use gitlade::{
    ClientCertificate, Credentials, ErrorKind, HostKeys, Policy, Proxy, RemoteOptions, Roots,
    Secret, SshOptions,
};

use crate::duration::parse_duration;
use crate::failure::{Failure, quoted};
use crate::size::parse_bytes;

/// Bytes of a file with a token, which is a line, or with certificates.
const MAX_TOKEN: u64 = 64 << 10;
const MAX_CERTIFICATES: u64 = 16 << 20;

/// How a server is reached and asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Remote repositories")]
pub(crate) struct RemoteArgs {
    /// Take the token or password from the environment variable NAME
    #[arg(long, value_name = "NAME", group = "token")]
    token_env: Option<String>,

    /// Take the token or password from FILE; "-" is standard input
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, group = "token")]
    token_file: Option<PathBuf>,

    /// The user name that goes with it: oauth2 for GitLab, x-token-auth for Bitbucket [default:
    /// x-access-token]
    #[arg(long, value_name = "NAME", requires = "token")]
    user: Option<String>,

    /// Send the token as "Authorization: Bearer"
    #[arg(
        long,
        requires = "token",
        conflicts_with = "user",
        hide_short_help = true
    )]
    bearer: bool,

    /// Allow credentials over plain http, where everyone on the way can read them
    #[arg(long, hide_short_help = true)]
    plain_http_credentials: bool,

    /// With a token, reach ssh and user@host:path URLs by https on the same host
    #[arg(long, requires = "token", hide_short_help = true)]
    https_for_ssh: bool,

    /// The private key for ssh; without one, those of the agent and of ~/.ssh
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    ssh_key: Option<PathBuf>,

    /// The file of known ssh hosts, in place of the user's
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, hide_short_help = true)]
    known_hosts: Option<PathBuf>,

    /// Believe ssh hosts that are not known yet, and keep their keys
    #[arg(long, hide_short_help = true)]
    accept_new_hosts: bool,

    /// Believe these authorities too: a file of PEM certificates; may be given several times
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    ca: Vec<PathBuf>,

    /// Whose certificates are believed, besides --ca
    #[arg(
        long,
        value_name = "WHOSE",
        value_enum,
        default_value_t,
        hide_short_help = true
    )]
    roots: RootsArg,

    /// The certificate to show a server that asks for one: a file in PEM form, with its chain
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath, hide_short_help = true)]
    client_cert: Option<PathBuf>,

    /// The private key of that certificate, in PEM form, not encrypted [default: in the same file]
    #[arg(
        long,
        value_name = "FILE",
        value_hint = ValueHint::FilePath,
        requires = "client_cert",
        hide_short_help = true
    )]
    client_key: Option<PathBuf>,

    /// Go through a proxy: http://HOST:PORT, https://…, socks5://… or socks5h://…
    ///
    /// Of the ways to log in to a proxy, Basic is the one that is known (with --proxy-env); Digest and
    /// NTLM are not. The same holds for servers, where Bearer tokens come on top.
    #[arg(long, value_name = "URL", conflicts_with = "proxy_env")]
    proxy: Option<String>,

    /// Take the proxy's URL, which may hold a password, from the environment variable NAME
    #[arg(long, value_name = "NAME", hide_short_help = true)]
    proxy_env: Option<String>,

    /// Where to connect
    #[arg(long, value_name = "POLICY", value_enum, default_value_t)]
    policy: PolicyArg,

    /// Give up after this time, whatever moves: 90, 30s, 5m, 1h [default: never]
    #[arg(long, value_name = "TIME", value_parser = parse_duration)]
    timeout: Option<Duration>,

    /// Give up looking for the host's addresses after this time [default: 20s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration, hide_short_help = true)]
    timeout_lookup: Option<Duration>,

    /// Give up connecting after this time [default: 30s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration, hide_short_help = true)]
    timeout_connect: Option<Duration>,

    /// Give up when nothing has moved for this time [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = parse_duration, hide_short_help = true)]
    timeout_stall: Option<Duration>,

    /// Give up when fewer bytes a second come, over five minutes [default: 64]
    #[arg(long, value_name = "SIZE", value_parser = parse_bytes, hide_short_help = true)]
    min_rate: Option<u64>,

    /// Attempts after the first one, for failures that may pass [default: 3]
    #[arg(long, value_name = "N", hide_short_help = true)]
    retries: Option<u32>,
}

/// Where the program may connect.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum PolicyArg {
    /// Wherever the URL says; the person at the keyboard decides
    #[default]
    Person,
    /// By http and https, to public and private networks, not to this machine
    Private,
    /// By http and https, to public addresses: what a service does with the URLs of strangers
    Public,
}

/// Whose certificates are believed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum RootsArg {
    /// Mozilla's list, as it was when the program was built
    #[default]
    Bundled,
    /// The operating system's list
    System,
    /// Nobody's
    None,
}

impl RemoteArgs {
    pub(crate) fn options(&self) -> Result<RemoteOptions, Failure> {
        let mut options = RemoteOptions::default()
            .policy(match self.policy {
                PolicyArg::Person => Policy::person(),
                PolicyArg::Private => Policy::private(),
                PolicyArg::Public => Policy::public(),
            })
            .roots(match self.roots {
                RootsArg::Bundled => Roots::Bundled,
                RootsArg::System => Roots::System,
                RootsArg::None => Roots::None,
            })
            .credentials(self.credentials()?)
            .plain_http_credentials(self.plain_http_credentials)
            .https_for_ssh(self.https_for_ssh)
            .proxy(self.proxy()?);
        for file in &self.ca {
            options = options.ca_certificate(read(file, MAX_CERTIFICATES)?);
        }
        options.client_certificate = self.client_certificate()?;
        if let Some(retries) = self.retries {
            options = options.retries(retries);
        }
        options.ssh = self.ssh();
        self.set_timeouts(&mut options);
        Ok(options)
    }

    fn set_timeouts(&self, options: &mut RemoteOptions) {
        let timeouts = &mut options.timeouts;
        timeouts.total = self.timeout;
        for (given, slot) in [
            (self.timeout_lookup, &mut timeouts.lookup),
            (self.timeout_connect, &mut timeouts.connect),
            (self.timeout_stall, &mut timeouts.stall),
        ] {
            *slot = given.unwrap_or(*slot);
        }
        timeouts.min_rate = self.min_rate.unwrap_or(timeouts.min_rate);
    }

    fn ssh(&self) -> SshOptions {
        let mut ssh = SshOptions::default()
            // Who decides where to connect may do so in ~/.ssh/config, too.
            .use_config(self.policy == PolicyArg::Person);
        if self.accept_new_hosts {
            ssh = ssh.host_keys(HostKeys::AcceptNew);
        }
        ssh.key = self.ssh_key.clone();
        ssh.known_hosts = self.known_hosts.clone();
        ssh
    }

    fn credentials(&self) -> Result<Option<Credentials>, Failure> {
        let token = match (&self.token_env, &self.token_file) {
            (Some(name), _) => Secret::new(variable(name, "--token-env")?),
            (None, Some(file)) => {
                let bytes = read(file, MAX_TOKEN)?;
                Secret::new(String::from_utf8(bytes).map_err(|_| {
                    let text = format!("the token in {} is not UTF-8", quoted(file));
                    Failure::new(ErrorKind::InvalidOptions, text)
                })?)
            }
            (None, None) => return Ok(None),
        };
        Ok(Some(match &self.user {
            _ if self.bearer => Credentials::bearer(token),
            Some(user) => Credentials::token_as(user.as_str(), token),
            None => Credentials::token(token),
        }))
    }

    fn client_certificate(&self) -> Result<Option<ClientCertificate>, Failure> {
        let Some(file) = &self.client_cert else {
            return Ok(None);
        };
        let chain = read(file, MAX_CERTIFICATES)?;
        let key = match &self.client_key {
            Some(file) => read(file, MAX_CERTIFICATES)?,
            None => chain.clone(),
        };
        Ok(Some(ClientCertificate::from_pem(chain, key)?))
    }

    fn proxy(&self) -> Result<Option<Proxy>, Failure> {
        let text = match (&self.proxy, &self.proxy_env) {
            (Some(text), _) if text.contains('@') => {
                let text =
                    "--proxy holds a user or a password, which others on this machine can see";
                return Err(Failure::new(ErrorKind::InvalidOptions, text).hint(
                    "put the URL into an environment variable, and name that with --proxy-env",
                ));
            }
            (Some(text), _) => text.clone(),
            (None, Some(name)) => variable(name, "--proxy-env")?,
            (None, None) => return Ok(None),
        };
        Ok(Some(Proxy::parse(&text)?))
    }
}

/// The value of an environment variable, which no error may hold.
#[expect(
    clippy::disallowed_methods,
    reason = "the user names the one variable that is read"
)]
fn variable(name: &str, option: &str) -> Result<String, Failure> {
    std::env::var(name).map_err(|error| {
        let what = match error {
            std::env::VarError::NotPresent => "is not set",
            std::env::VarError::NotUnicode(_) => "is not UTF-8",
        };
        Failure::new(
            ErrorKind::InvalidOptions,
            format!("the environment variable {name:?} of {option} {what}"),
        )
        .hint("name a variable, not the secret itself")
    })
}

/// The content of a small file.
fn read(file: &Path, limit: u64) -> Result<Vec<u8>, Failure> {
    let failed = |error| Failure::of_file("read", file, &error);
    let input: Box<dyn Read> = if file == Path::new("-") {
        Box::new(io::stdin().lock())
    } else {
        Box::new(File::open(file).map_err(failed)?)
    };
    let mut bytes = Vec::new();
    input
        .take(limit + 1)
        .read_to_end(&mut bytes)
        .map_err(failed)?;
    if bytes.len() as u64 > limit {
        let text = format!("{} has more than {limit} bytes", quoted(file));
        return Err(Failure::new(ErrorKind::InvalidOptions, text));
    }
    Ok(bytes)
}
