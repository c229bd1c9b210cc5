//! Proxies: a way out that the host names.

mod tunnel;

use std::fmt;
use std::sync::Arc;

use rustls::ClientConfig;

use crate::error::{Error, ErrorKind};
use crate::remote::connect::dial;
use crate::remote::credentials::Secret;
use crate::remote::error::RemoteError;
use crate::remote::link::Link;
use crate::remote::lookup::{Endpoint, resolve};
use crate::remote::policy::Policy;
use crate::remote::proxy::tunnel::Refusal;
use crate::remote::tls::{self, handshake, tls_error};
use crate::remote::watch::Watch;
use crate::source::{Host, Scheme, percent};

/// A proxy that `https`, `http` and `git` connections go through.
///
/// An `http://` proxy is spoken to in the clear, an `https://` proxy over TLS of its own, inside of
/// which the server's is; its certificate has to be one that
/// [`roots`](crate::RemoteOptions#structfield.roots) and
/// [`ca_certificates`](crate::RemoteOptions#structfield.ca_certificates) believe.
///
/// Only a proxy that is set is used; `HTTP_PROXY` and its kin are not looked at. The policy does not
/// apply to the proxy's own address. It applies to the target as follows: with `socks5://` the name
/// is looked up here, the policy decides on the address, and that address is what the proxy is given;
/// with `http://`, `https://` and `socks5h://` the proxy looks the name up, so that the policy decides on scheme,
/// port and literal addresses, and the proxy on the rest. [`Proxy::resolve_here`] changes that.
///
/// An HTTP proxy is always asked for a tunnel (`CONNECT`), for `http` targets too. Its user and
/// password are sent at once, by the scheme Basic; proxies that accept only Digest, NTLM or Negotiate
/// are not supported: use a local one that logs in to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    protocol: Protocol,
    host: Host,
    port: u16,
    login: Option<Login>,
    resolve_here: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Protocol {
    Http,
    Https,
    Socks5,
}

#[derive(Clone, Debug)]
struct Login {
    user: Secret,
    password: Secret,
}

impl PartialEq for Login {
    fn eq(&self, other: &Self) -> bool {
        self.user.expose() == other.user.expose()
            && self.password.expose() == other.password.expose()
    }
}

impl Eq for Login {}

impl Proxy {
    /// Reads `http://[user:password@]host[:port]`, `https://…`, `socks5://…` or `socks5h://…`. The
    /// default ports are 80, 443 and 1080.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidOptions`]; the message does not hold the text, which may hold a password.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text).map_err(|what| {
            Error::advised(
                ErrorKind::InvalidOptions,
                format!("the proxy is not valid: {what}"),
                "write http://host:port, https://host:port or socks5://host:port",
            )
        })
    }

    fn read(text: &str) -> Result<Self, String> {
        if text
            .chars()
            .any(|c| c.is_control() || c == ' ' || c == '\\')
        {
            return Err("it holds a character that no URL has".into());
        }
        let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
        let (protocol, resolve_here, default_port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (Protocol::Http, false, 80),
            "https" => (Protocol::Https, false, 443),
            "socks5" => (Protocol::Socks5, true, 1080),
            "socks5h" => (Protocol::Socks5, false, 1080),
            _ => return Err("its scheme is none of http, https, socks5 and socks5h".into()),
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#']) {
            return Err("it has a path".into());
        }
        let (login, host_port) = match authority.rsplit_once('@') {
            Some((login, host_port)) => (Some(Login::read(login)?), host_port),
            None => (None, authority),
        };
        let (host, port) =
            crate::source::host_and_port(host_port).map_err(|error| error.to_string())?;
        Ok(Proxy {
            protocol,
            host,
            port: port.unwrap_or(default_port),
            login,
            resolve_here,
        })
    }

    /// Sets who looks up the target's name: this side, with the policy deciding on the address, or
    /// the proxy.
    pub fn resolve_here(mut self, here: bool) -> Self {
        self.resolve_here = here;
        self
    }

    /// Whether it is spoken to over TLS.
    pub(crate) fn speaks_tls(&self) -> bool {
        self.protocol == Protocol::Https
    }

    /// Connects to `target` through the proxy; `tls` is for a proxy that [speaks
    /// it](Self::speaks_tls).
    pub(crate) fn dial(
        &self,
        target: &Endpoint,
        policy: &Policy,
        tls: Option<&Arc<ClientConfig>>,
        watch: &Watch,
    ) -> Result<Link, RemoteError> {
        if !self.resolve_here {
            policy
                .check_unresolved(target.scheme, &target.host, target.port)
                .map_err(RemoteError::NotAllowed)?;
            return self.open(&target.host, target.port, tls, watch);
        }
        let mut last = None;
        for address in resolve(target, policy, watch)? {
            match self.open(&Host::Address(address.ip()), target.port, tls, watch) {
                Err(error @ RemoteError::Proxy { .. }) => last = Some(error),
                result => return result,
            }
        }
        Err(last.expect("because resolve() found an address"))
    }

    fn open(
        &self,
        host: &Host,
        port: u16,
        tls: Option<&Arc<ClientConfig>>,
        watch: &Watch,
    ) -> Result<Link, RemoteError> {
        let endpoint = Endpoint {
            scheme: Scheme::Http,
            host: self.host.clone(),
            port: self.port,
        };
        let stream =
            dial(&endpoint, &Policy::unrestricted(), watch).map_err(|error| self.failed(error))?;
        let mut link = match tls {
            Some(config) => handshake(config, &self.host, stream)
                .map(|tls| Link::Secure(Box::new(tls)))
                .map_err(|error| self.failed(error))?,
            None => Link::Plain(stream),
        };
        let asked = match self.protocol {
            Protocol::Http | Protocol::Https => self.connect(&mut link, host, port),
            Protocol::Socks5 => self.socks5(&mut link, host, port),
        };
        asked.map_err(|error| match error {
            Refusal::Io(error) => self.failed(match tls_error(&error) {
                Some(error) => tls::explain(error, &self.host, false),
                None => RemoteError::from_io(error),
            }),
            Refusal::Reason(reason) => self.error(reason),
        })?;
        Ok(link)
    }

    fn error(&self, reason: impl Into<String>) -> RemoteError {
        RemoteError::Proxy {
            proxy: self.to_string(),
            reason: reason.into(),
        }
    }

    /// Says of a failure that it was on the way to the proxy, unless it is the import's own.
    fn failed(&self, error: RemoteError) -> RemoteError {
        match error {
            RemoteError::Cancelled | RemoteError::Timeout(_) => error,
            error => self.error(error.to_string()),
        }
    }
}

/// The proxy's scheme, host and port, without credentials.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match (self.protocol, self.resolve_here) {
            (Protocol::Http, _) => "http",
            (Protocol::Https, _) => "https",
            (Protocol::Socks5, true) => "socks5",
            (Protocol::Socks5, false) => "socks5h",
        };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

impl Login {
    fn read(text: &str) -> Result<Self, String> {
        let (user, password) = text.split_once(':').unwrap_or((text, ""));
        let decode = |text: &str| -> Result<String, String> {
            let bytes = percent::decode(text).map_err(|error| error.to_string())?;
            String::from_utf8(bytes).map_err(|_| "its login is not UTF-8".to_owned())
        };
        let (user, password) = (decode(user)?, decode(password)?);
        if user.contains(':') || user.len() > 255 || password.len() > 255 {
            return Err("its login cannot be sent".into());
        }
        Ok(Login {
            user: user.into(),
            password: password.into(),
        })
    }
}
