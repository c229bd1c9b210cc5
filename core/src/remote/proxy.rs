//! Proxies: a way out that the host names.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};
use crate::remote::connect::dial;
use crate::remote::credentials::Secret;
use crate::remote::error::RemoteError;
use crate::remote::lookup::{Endpoint, resolve};
use crate::remote::policy::Policy;
use crate::remote::stream::Stream;
use crate::remote::watch::Watch;
use crate::source::{Host, Scheme, percent};

/// Bytes of a proxy's answer to `CONNECT`.
const MAX_ANSWER: usize = 16 << 10;

/// A proxy that `https`, `http` and `git` connections go through.
///
/// Only a proxy that is set is used; `HTTP_PROXY` and its kin are not looked at. The policy does not
/// apply to the proxy's own address. It applies to the target as follows: with `socks5://` the name
/// is looked up here, the policy decides on the address, and that address is what the proxy is given;
/// with `http://` and `socks5h://` the proxy looks the name up, so that the policy decides on scheme,
/// port and literal addresses, and the proxy on the rest. [`Proxy::resolve_here`] changes that.
///
/// An HTTP proxy is always asked for a tunnel (`CONNECT`), for `http` targets too.
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
    /// Reads `http://[user:password@]host[:port]`, `socks5://…` or `socks5h://…`. The default ports
    /// are 80 and 1080.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::InvalidOptions`]; the message does not hold the text, which may hold a password.
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::read(text).map_err(|what| {
            Error::advised(
                ErrorKind::InvalidOptions,
                format!("the proxy is not valid: {what}"),
                "write http://host:port or socks5://host:port",
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
            "socks5" => (Protocol::Socks5, true, 1080),
            "socks5h" => (Protocol::Socks5, false, 1080),
            _ => return Err("its scheme is neither http nor socks5 nor socks5h".into()),
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

    /// Connects to `target` through the proxy.
    fn dial(
        &self,
        target: &Endpoint,
        policy: &Policy,
        watch: &Watch,
    ) -> Result<Stream, RemoteError> {
        if !self.resolve_here {
            policy
                .check_unresolved(target.scheme, &target.host, target.port)
                .map_err(RemoteError::NotAllowed)?;
            return self.open(&target.host, target.port, watch);
        }
        let mut last = None;
        for address in resolve(target, policy, watch)? {
            match self.open(&Host::Address(address.ip()), target.port, watch) {
                Err(error @ RemoteError::Proxy { .. }) => last = Some(error),
                result => return result,
            }
        }
        Err(last.expect("because resolve() found an address"))
    }

    fn open(&self, host: &Host, port: u16, watch: &Watch) -> Result<Stream, RemoteError> {
        let endpoint = Endpoint {
            scheme: Scheme::Http,
            host: self.host.clone(),
            port: self.port,
        };
        let mut stream =
            dial(&endpoint, &Policy::unrestricted(), watch).map_err(|error| self.failed(error))?;
        let asked = match self.protocol {
            Protocol::Http => self.connect(&mut stream, host, port),
            Protocol::Socks5 => self.socks5(&mut stream, host, port),
        };
        asked.map_err(|error| match error {
            Refusal::Io(error) => self.failed(RemoteError::from_io(error)),
            Refusal::Reason(reason) => self.error(reason),
        })?;
        Ok(stream)
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

    /// RFC 9110, section 9.3.6.
    fn connect(&self, stream: &mut Stream, host: &Host, port: u16) -> Result<(), Refusal> {
        let mut request = Zeroizing::new(format!(
            "CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n"
        ));
        if let Some(Login { user, password }) = &self.login {
            let pair = Zeroizing::new(format!("{}:{}", user.expose(), password.expose()));
            let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
            request.push_str("Proxy-Authorization: Basic ");
            request.push_str(&encoded);
            request.push_str("\r\n");
        }
        request.push_str("\r\n");
        stream.write_all(request.as_bytes())?;
        // Byte by byte, because what follows the blank line belongs to the target.
        let mut answer = Vec::new();
        while !answer.ends_with(b"\r\n\r\n") && !answer.ends_with(b"\n\n") {
            if answer.len() >= MAX_ANSWER {
                return Err("its answer is too long".into());
            }
            let mut byte = [0];
            stream.read_exact(&mut byte)?;
            answer.push(byte[0]);
        }
        match status_of(&answer) {
            Some(200..=299) => Ok(()),
            Some(407) if self.login.is_some() => Err("it refused the credentials".into()),
            Some(407) => Err("it asks for credentials".into()),
            Some(status) => Err(format!("it answered with status {status}").into()),
            None => Err("it does not speak HTTP".into()),
        }
    }

    /// RFC 1928, and RFC 1929 for the login.
    fn socks5(&self, stream: &mut Stream, host: &Host, port: u16) -> Result<(), Refusal> {
        const NO_LOGIN: u8 = 0;
        const PASSWORD: u8 = 2;
        match &self.login {
            None => stream.write_all(&[5, 1, NO_LOGIN])?,
            Some(_) => stream.write_all(&[5, 2, NO_LOGIN, PASSWORD])?,
        }
        let [version, method] = read_array(stream)?;
        if version != 5 {
            return Err("it does not speak SOCKS 5".into());
        }
        match (method, &self.login) {
            (NO_LOGIN, _) => {}
            (PASSWORD, Some(login)) => login.send(stream)?,
            _ => return Err("it asks for credentials".into()),
        }
        let mut request = vec![5, 1, 0];
        match host {
            Host::Address(IpAddr::V4(address)) => {
                request.push(1);
                request.extend(address.octets());
            }
            Host::Address(IpAddr::V6(address)) => {
                request.push(4);
                request.extend(address.octets());
            }
            Host::Name(name) => {
                let len = u8::try_from(name.len()).expect("because Host allows 253 bytes");
                request.extend([3, len]);
                request.extend(name.as_bytes());
            }
        }
        request.extend(port.to_be_bytes());
        stream.write_all(&request)?;
        let [version, reply, _, kind] = read_array(stream)?;
        if version != 5 {
            return Err("it does not speak SOCKS 5".into());
        }
        if reply != 0 {
            return Err(socks_reason(reply).into());
        }
        // The address that it connects from, which nobody needs.
        let bound = match kind {
            1 => 4,
            3 => usize::from(read_array::<1>(stream)?[0]),
            4 => 16,
            _ => return Err("it does not speak SOCKS 5".into()),
        };
        let mut rest = [0; 257];
        stream.read_exact(&mut rest[..bound + 2])?;
        Ok(())
    }
}

/// The proxy's scheme, host and port, without credentials.
impl fmt::Display for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match (self.protocol, self.resolve_here) {
            (Protocol::Http, _) => "http",
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

    fn send(&self, stream: &mut Stream) -> Result<(), Refusal> {
        let mut request = Zeroizing::new(vec![1]);
        for part in [self.user.expose(), self.password.expose()] {
            request.push(u8::try_from(part.len()).expect("because read() allows 255 bytes"));
            request.extend(part.as_bytes());
        }
        stream.write_all(&request)?;
        match read_array(stream)? {
            [_, 0] => Ok(()),
            [_, _] => Err("it refused the credentials".into()),
        }
    }
}

/// Connects to `endpoint`, through `proxy` if there is one.
pub(crate) fn reach(
    endpoint: &Endpoint,
    policy: &Policy,
    proxy: Option<&Proxy>,
    watch: &Watch,
) -> Result<Stream, RemoteError> {
    match proxy {
        Some(proxy) => proxy.dial(endpoint, policy, watch),
        None => dial(endpoint, policy, watch),
    }
}

/// Why a tunnel did not come about.
enum Refusal {
    Io(io::Error),
    Reason(String),
}

impl From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        Refusal::Io(error)
    }
}

impl From<String> for Refusal {
    fn from(reason: String) -> Self {
        Refusal::Reason(reason)
    }
}

impl From<&str> for Refusal {
    fn from(reason: &str) -> Self {
        Refusal::Reason(reason.to_owned())
    }
}

fn read_array<const N: usize>(stream: &mut Stream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// The status of an HTTP/1 answer.
fn status_of(answer: &[u8]) -> Option<u16> {
    let rest = answer.strip_prefix(b"HTTP/1.")?;
    let (digits, _) = rest.get(2..)?.split_at_checked(3)?;
    let is_line = rest[0].is_ascii_digit() && rest[1] == b' ';
    is_line.then_some(std::str::from_utf8(digits).ok()?.parse().ok()?)
}

fn socks_reason(reply: u8) -> &'static str {
    match reply {
        1 => "it failed",
        2 => "its rules do not allow the connection",
        3 => "it cannot reach the network",
        4 => "it cannot reach the host",
        5 => "the host refuses connections",
        6 => "the connection took too long",
        7 | 8 => "it cannot do what was asked",
        _ => "it answered with an unknown code",
    }
}
