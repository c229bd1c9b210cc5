//! How remotes are reached.

use std::time::Duration;

use gitlade::{ClientCertificate, HostKeys, Proxy, RemoteOptions, Roots, SshOptions, Timeouts};

use crate::boundary::Failure;
use crate::credentials::{Provider, gitlade_credential_provider, gitlade_credentials};
use crate::policy::gitlade_policy;
use crate::structs::{self, Versioned};
use crate::text::{self, gitlade_str, null};

/// How a remote is reached: where to connect, as whom, and how long to wait.
///
/// 0 and NULL are the defaults of all fields. Where 0 would be a choice of its own, `GITLADE_NONE` is
/// that choice.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct gitlade_remote_options {
    /// `sizeof(gitlade_remote_options)`.
    pub struct_size: usize,
    /// Where to connect. Default: the public internet.
    pub policy: *const gitlade_policy,
    /// Credentials for the URL's own host. Default: none.
    pub credentials: *const gitlade_credentials,
    /// Finds credentials when the server asks. Default: none.
    pub credential_provider: *const gitlade_credential_provider,
    /// The way out: `http://[user:password@]host[:port]`, `socks5://…` or `socks5h://…`. Default:
    /// directly, whatever the environment says.
    pub proxy: gitlade_str,
    /// How to introduce oneself over HTTP. Default: `git/gitlade-VERSION`.
    pub user_agent: gitlade_str,
    /// Certificates of further authorities to believe, each a text in PEM form.
    pub ca_certificates: *const gitlade_str,
    /// How many of those there are.
    pub ca_certificate_count: usize,
    /// The chain and the private key with which this side introduces itself over TLS, in PEM form; one
    /// text may hold both. Default: none.
    pub client_certificate: gitlade_str,
    /// The private key of `client_certificate`, if it is not in the same text.
    pub client_key: gitlade_str,
    /// The OpenSSH client. Default: `ssh`, which the operating system finds in its search path.
    pub ssh_program: gitlade_str,
    /// A private key. Default: those of the user that the process runs as.
    pub ssh_key: gitlade_str,
    /// The servers' keys. Default: the user's and the system's `known_hosts`.
    pub ssh_known_hosts: gitlade_str,
    /// Milliseconds for looking up a host's name. Default: 20,000.
    pub lookup_timeout_ms: u64,
    /// Milliseconds for connecting, to all of the host's addresses together. Default: 30,000.
    pub connect_timeout_ms: u64,
    /// Milliseconds in which not a byte moves. Default: 60,000.
    pub stall_timeout_ms: u64,
    /// Milliseconds for the whole import. Default: no end.
    pub total_timeout_ms: u64,
    /// Bytes per second that must come at least, on average over `min_rate_window_ms`. Default: 64;
    /// `UINT64_MAX` is no minimum.
    pub min_rate: u64,
    /// Milliseconds over which that rate is measured. Default: 300,000.
    pub min_rate_window_ms: u64,
    /// Attempts after the first one, for failures that may pass. Default: 3; or `GITLADE_NONE`.
    pub retries: u32,
    /// Redirects to follow. Default: 5; or `GITLADE_NONE`.
    pub max_redirects: u32,
    /// Commits of the history that the server sends, for revisions such as `main~2`. Default: 1.
    pub depth: u32,
    /// Whose certificates are believed: a `gitlade_roots`.
    pub roots: u32,
    /// Not 0: credentials may go over plain `http`, where everyone on the way can read them.
    pub plain_http_credentials: u8,
    /// Not 0: an `ssh` URL is reached by `https` on the same host if there are credentials.
    pub https_for_ssh: u8,
    /// Not 0: this side looks the target's name up, and not the proxy.
    pub proxy_resolve_here: u8,
    /// Not 0: the key of an unknown `ssh` server is believed and remembered. A key that differs from
    /// the known one is always an error.
    pub ssh_accept_new_hosts: u8,
    /// Not 0: the configuration files of OpenSSH count, which may call programs.
    pub ssh_use_config: u8,
}

// SAFETY: it is `repr(C)`, begins with its size, and all bits are values of its fields.
unsafe impl Versioned for gitlade_remote_options {
    const NAME: &'static str = "gitlade_remote_options";
}

/// Whose certificates are believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum gitlade_roots {
    /// Mozilla's list, as it was when the library was built. The default.
    Bundled = 0,
    /// The operating system's list.
    System = 1,
    /// None but `ca_certificates`.
    None = 2,
}

/// Longer than anybody waits, and short enough to be added to any time.
pub(crate) const LONGEST: Duration = Duration::from_secs(10 * 365 * 24 * 3600);

/// The engine's options for what the host handed in; NULL is the defaults.
pub(crate) fn options(data: *const gitlade_remote_options) -> Result<RemoteOptions, Failure> {
    let Some(given) = structs::read(data)? else {
        return Ok(RemoteOptions::default());
    };
    let mut options = RemoteOptions::default()
        .timeouts(timeouts(&given))
        .ssh(ssh(&given)?)
        .plain_http_credentials(given.plain_http_credentials != 0)
        .https_for_ssh(given.https_for_ssh != 0)
        .roots(match given.roots {
            0 => Roots::Bundled,
            1 => Roots::System,
            2 => Roots::None,
            _ => return Err(Failure::argument("roots is no gitlade_roots")),
        });
    // SAFETY: the header asks for NULL or a policy that lives during the call.
    if let Some(policy) = unsafe { given.policy.as_ref() } {
        options = options.policy(policy.0.clone());
    }
    // SAFETY: the header asks for NULL or credentials that live during the call.
    if let Some(credentials) = unsafe { given.credentials.as_ref() } {
        options = options.credentials(credentials.0.clone());
    }
    if let Some(provider) = structs::read(given.credential_provider)? {
        if provider.find.is_none() {
            return Err(null("find of gitlade_credential_provider"));
        }
        options = options.credential_provider(Provider(provider));
    }
    if let Some(proxy) = given.proxy.text("proxy")? {
        let proxy = Proxy::parse(proxy)?;
        options = options.proxy(match given.proxy_resolve_here {
            0 => proxy,
            _ => proxy.resolve_here(true),
        });
    }
    if let Some(user_agent) = given.user_agent.text("user_agent")? {
        options = options.user_agent(user_agent);
    }
    for pem in texts(
        "ca_certificates",
        given.ca_certificates,
        given.ca_certificate_count,
    )? {
        let pem = pem.bytes("ca_certificates")?;
        options = options.ca_certificate(pem.ok_or_else(|| null("one of ca_certificates"))?);
    }
    if let Some(chain) = given.client_certificate.bytes("client_certificate")? {
        let key = given.client_key.bytes("client_key")?.unwrap_or(chain);
        options = options.client_certificate(ClientCertificate::from_pem(chain, key)?);
    }
    if given.depth != 0 {
        options = options.depth(given.depth);
    }
    structs::set_number(&mut options.retries, given.retries);
    structs::set_number(&mut options.max_redirects, given.max_redirects);
    Ok(options)
}

fn timeouts(given: &gitlade_remote_options) -> Timeouts {
    let duration = |milliseconds| Duration::from_millis(milliseconds).min(LONGEST);
    let mut timeouts = Timeouts::default();
    for (field, milliseconds) in [
        (&mut timeouts.lookup, given.lookup_timeout_ms),
        (&mut timeouts.connect, given.connect_timeout_ms),
        (&mut timeouts.stall, given.stall_timeout_ms),
        (&mut timeouts.min_rate_window, given.min_rate_window_ms),
    ] {
        if milliseconds != 0 {
            *field = duration(milliseconds);
        }
    }
    match given.min_rate {
        0 => {}
        u64::MAX => timeouts.min_rate = 0,
        rate => timeouts.min_rate = rate,
    }
    if given.total_timeout_ms != 0 {
        timeouts.total = Some(duration(given.total_timeout_ms));
    }
    timeouts
}

fn ssh(given: &gitlade_remote_options) -> Result<SshOptions, Failure> {
    let mut ssh = SshOptions::default();
    if let Some(program) = given.ssh_program.bytes("ssh_program")? {
        ssh.program = text::path(program)?;
    }
    if let Some(key) = given.ssh_key.bytes("ssh_key")? {
        ssh.key = Some(text::path(key)?);
    }
    if let Some(known_hosts) = given.ssh_known_hosts.bytes("ssh_known_hosts")? {
        ssh.known_hosts = Some(text::path(known_hosts)?);
    }
    if given.ssh_accept_new_hosts != 0 {
        ssh.host_keys = HostKeys::AcceptNew;
    }
    ssh.use_config = given.ssh_use_config != 0;
    Ok(ssh)
}

/// A list of texts of the host.
pub(crate) fn texts<'a>(
    name: &str,
    data: *const gitlade_str,
    count: usize,
) -> Result<&'a [gitlade_str], Failure> {
    if count == 0 {
        return Ok(&[]);
    }
    if data.is_null() {
        return Err(null(name));
    }
    if isize::try_from(count.saturating_mul(size_of::<gitlade_str>())).is_err() {
        return Err(Failure::argument(format!(
            "the count of {name} is no count"
        )));
    }
    // SAFETY: it is not NULL, and the header asks for as many elements as the count says, which live
    // during the call.
    Ok(unsafe { std::slice::from_raw_parts(data, count) })
}
